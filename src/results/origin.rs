//! Where a result comes from: every document of a results directory says so, so that it can be made again.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What the virtual clock is called in documents.
pub(crate) const VIRTUAL_CLOCK: &str = "virtual";

/// Clock, seed, input, program and command of a result.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Origin {
    /// The clock that made it: `virtual`, or `wall`.
    pub clock: String,
    /// Seed of all luck.
    pub seed: u64,
    /// Where the scenario was read from.
    pub scenario: String,
    /// Where its models were read from.
    pub models: String,
    /// The command that makes it again; where it is written and how many threads work makes no difference.
    pub command: String,
    /// The program, what it was built from and for.
    pub versions: BTreeMap<String, String>,
}

impl Origin {
    /// Its parts in words, in order, without those that nobody stated.
    pub(crate) fn in_words(&self) -> Vec<(&'static str, String)> {
        let versions: Vec<String> = self.versions.iter().map(|(name, value)| format!("{name} {value}")).collect();
        let all = [
            ("Clock", self.clock.clone()),
            ("Seed", if self.clock.is_empty() { String::new() } else { self.seed.to_string() }),
            ("Scenario read from", self.scenario.clone()),
            ("Models read from", self.models.clone()),
            ("Program", versions.join(", ")),
            ("Made again by", self.command.clone()),
        ];
        all.into_iter().filter(|(_, said)| !said.is_empty()).collect()
    }
}

/// A JSON document with its origin beside its content.
#[derive(Serialize)]
pub(super) struct Named<'a, T: Serialize> {
    origin: &'a Origin,
    #[serde(flatten)]
    content: &'a T,
}

impl<'a, T: Serialize> Named<'a, T> {
    /// A content and where it comes from.
    pub(super) fn new(origin: &'a Origin, content: &'a T) -> Named<'a, T> {
        Named { origin, content }
    }
}
