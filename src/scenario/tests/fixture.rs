//! A small scenario in a directory of its own, beside the shipped models or a copy of them that a test may change.

use std::fs;
use std::path::{Path, PathBuf};

use crate::scenario::{Overrides, Scenario, ScenarioErrors, read_scenario};

/// The first lines of a small scenario of so many months.
pub(in crate::scenario) fn head(months: u16) -> String {
    format!(
        r#"name = "small"
title = "A small scenario"
product = "douyin-monthly-pay"
users = 1000
warmup_months = 2
months = {months}
start = 2027-01-01
seed = 1
"#
    )
}

/// The shipped models.
pub(in crate::scenario) fn models() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("models")
}

/// A shipped scenario.
pub(in crate::scenario) fn shipped(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(name)
}

/// The directory; it goes with the value.
pub(in crate::scenario) struct Home(tempfile::TempDir);

impl Home {
    /// A scenario that reads the shipped models.
    pub(in crate::scenario) fn of(text: &str) -> Home {
        Home::with(&format!("models = {:?}\n{text}", models().display().to_string()))
    }

    /// A scenario with a copy of the shipped models.
    pub(in crate::scenario) fn with_models(text: &str) -> Home {
        let home = Home::with(text);
        copy(&models(), &home.path().join("models"));
        home
    }

    fn with(text: &str) -> Home {
        let home = Home(tempfile::tempdir().expect("a directory"));
        fs::create_dir(home.path().join("scenarios")).expect("a directory");
        fs::write(home.scenario(), text).expect("the scenario");
        home
    }

    /// The directory.
    pub(in crate::scenario) fn path(&self) -> &Path {
        self.0.path()
    }

    /// The file of the scenario.
    pub(in crate::scenario) fn scenario(&self) -> PathBuf {
        self.path().join("scenarios/small.toml")
    }

    /// A file of the copied models, by its path in them.
    pub(in crate::scenario) fn model(&self, file: &str) -> PathBuf {
        self.path().join("models").join(file)
    }

    /// Reads the scenario.
    pub(in crate::scenario) fn read(&self, overrides: &Overrides) -> Result<Scenario, ScenarioErrors> {
        read_scenario(&self.scenario(), overrides)
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a directory");
    for entry in fs::read_dir(from).expect("models").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a copy");
        }
    }
}

/// A scenario in words, but for the files in which its targets stand.
pub(in crate::scenario) fn words(mut scenario: Scenario) -> String {
    scenario.targets.iter_mut().for_each(|target| target.place.clear());
    format!("{scenario:?}")
}

/// A scenario that is right, read.
pub(in crate::scenario) fn right(read: Result<Scenario, ScenarioErrors>) -> Scenario {
    read.unwrap_or_else(|errors| panic!("{errors}"))
}
