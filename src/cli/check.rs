//! `yuefu check`: reads scenarios with all their models and shows every error with its place, or "ok".

use std::path::PathBuf;

use crate::report::fonts;
use crate::scenario::{Overrides, Scenario, read_scenario};

/// Checks each scenario file and prints "ok" for it on standard output, or all its errors on standard error. Returns
/// whether every one is valid.
pub(crate) fn run(paths: &[PathBuf]) -> bool {
    let mut valid = true;
    for path in paths {
        match read_scenario(path, &Overrides::default()) {
            Ok(scenario) => {
                for (what, missing) in names_without_glyphs(&scenario) {
                    eprintln!("warning: {}: {what}: charts cannot show {missing}", path.display());
                }
                println!("{}: ok", path.display());
            }
            Err(errors) => {
                eprintln!("{errors} in {}", path.display());
                valid = false;
            }
        }
    }
    valid
}

/// The names of a scenario that charts write, each with those of its characters that the embedded fonts lack.
fn names_without_glyphs(scenario: &Scenario) -> Vec<(String, String)> {
    let worlds = scenario.worlds.iter().map(|world| ("the name of a world", &world.name));
    let partners = scenario.base.terms.funding.partners.iter().map(|partner| ("the name of a partner", &partner.name));
    let titles = [("`title`", &scenario.title), ("the product's title", &scenario.product_title)];
    let named = titles.into_iter().chain(worlds).chain(partners);
    named
        .map(|(what, text)| (format!("{what} \"{text}\""), fonts::missing(text)))
        .filter(|(_, missing)| !missing.is_empty())
        .map(|(what, missing)| {
            (what, missing.iter().map(|c| format!("{c} (U+{:04X})", u32::from(*c))).collect::<Vec<_>>().join(", "))
        })
        .collect()
}
