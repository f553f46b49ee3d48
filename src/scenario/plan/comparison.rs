//! What a comparison of products runs, resolved, and what its results are set beside.

use crate::scenario::plan::scenario::Scenario;
use serde::{Deserialize, Serialize};

/// A published fact of a product beside which a simulated value is set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct PublishedFact {
    /// Its key.
    pub key: String,
    /// As it is published; empty when it is not.
    pub published: String,
    /// Accepted band, where it is a number.
    pub band: Option<(f64, f64)>,
    /// Grade S, H, M or L; a blank without a published fact.
    pub grade: char,
    /// Where it comes from.
    pub source: String,
    /// Why there is none, or why it is not reached; empty when nothing needs to be said.
    pub gap: String,
}

/// A number of a product that no source states.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct WeakNumber {
    /// Dotted key.
    pub key: String,
    /// Value in force, calibrated ones included.
    pub value: String,
    /// What the file says of it.
    pub source: String,
}

/// A question of a comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Question {
    /// Name.
    pub name: String,
    /// In words.
    pub title: String,
}

/// A product of a comparison.
#[derive(Clone, Debug)]
pub(crate) struct ComparedProduct {
    /// The scenario with this product.
    pub scenario: Scenario,
    /// The same under each question's changes, with the first world alone.
    pub questioned: Vec<Scenario>,
    /// Published facts, in order of key.
    pub facts: Vec<PublishedFact>,
    /// What fills the gaps, in order of key.
    pub assumptions: Vec<WeakNumber>,
}

/// A whole comparison.
#[derive(Clone, Debug)]
pub(crate) struct Comparison {
    /// Index of the stress among the worlds.
    pub stress: usize,
    /// Replications of every world.
    pub replications: u32,
    /// Questions in order.
    pub questions: Vec<Question>,
    /// Products in order.
    pub products: Vec<ComparedProduct>,
}
