//! What is kept of a comparison that is not whole yet: the worlds that some people lived through.

use super::{COUNTS, RefusedLoans};
use crate::results::Kept;
use crate::results::suite::KeptWorld;
use serde::{Deserialize, Serialize};

/// A world with what a comparison looks at beside its measures.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct PeopleWorld {
    /// The world.
    pub kept: KeptWorld,
    /// Its counts, in the order of [`COUNTS`].
    pub counts: Vec<i128>,
    /// Loans that the price cap refused.
    pub refused: Vec<RefusedLoans>,
}

/// The people of one product and replication, with or without a question, and the worlds that share their warm-up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct KeptPeople {
    /// Hash of everything that determines them, hex; names their file.
    pub key: String,
    /// Their worlds in order.
    pub worlds: Vec<PeopleWorld>,
}

impl Kept for KeptPeople {
    fn key(&self) -> &str {
        &self.key
    }

    fn is_whole(&self) -> bool {
        self.worlds.iter().all(|world| world.kept.is_whole() && world.counts.len() == COUNTS.len())
    }
}
