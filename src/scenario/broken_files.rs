//! What is shipped loads and goes there and back; and a table of broken files with what must be said about each.

use std::path::{Path, PathBuf};

use super::{EventKind, Located, Overrides, from_resolved_toml, load};

fn shipped(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(name)
}

#[test]
fn every_shipped_scenario_goes_there_and_back() {
    for name in ["baseline.toml", "downturn.toml", "mild-downturn.toml", "quick.toml"] {
        let scenario = load(&shipped(name), &Overrides::default()).unwrap_or_else(|errors| panic!("{errors}"));
        let again = from_resolved_toml(&scenario.resolved_toml).unwrap_or_else(|errors| panic!("{errors}"));
        assert_eq!(format!("{scenario:?}"), format!("{again:?}"), "{name}");
    }
}
