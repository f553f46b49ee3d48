//! The words of [`super::identifiers`]: what the design's glossary took out of use, and where.

use super::identifiers::Banned;

/// The load driver.
const LOAD: &[&str] = &["load/", "testing/load", "experiment/load"];
/// Where an account event is told.
const ACCOUNT_EVENTS: &[&str] = &["agents/", "credit/", "load/", "world/", "sim/"];

/// The list. A word is added when it goes.
pub(crate) const BANNED: &[Banned] = &[
    Banned { word: "=Watch", within: LOAD, say: "sampler" },
    Banned { word: "company", within: LOAD, say: "linger" },
    Banned { word: "company", within: &["journal/"], say: "linger" },
    Banned { word: "happening", within: ACCOUNT_EVENTS, say: "account event" },
    Banned { word: "notice", within: ACCOUNT_EVENTS, say: "account event" },
];
