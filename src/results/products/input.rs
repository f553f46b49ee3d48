//! The input of a comparison as one document, so that it can be run elsewhere, or again, without the models.

use super::ProductsRecord;
use crate::results::ResultsError;
use crate::results::json;
use crate::scenario::{PublishedFact, WeakNumber};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// A product's input.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ProductInput {
    /// Resolved scenario.
    pub resolved: String,
    /// … and under each question.
    pub questioned: Vec<String>,
    /// What is published of it beside the targets.
    pub facts: Vec<PublishedFact>,
    /// What fills the gaps.
    pub assumptions: Vec<WeakNumber>,
}

/// Everything that determines a comparison.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ComparisonInput {
    /// Replications of every world.
    pub replications: u32,
    /// World of the stress.
    pub stress: String,
    /// Questions: name and words.
    pub questions: Vec<(String, String)>,
    /// Products in order.
    pub products: Vec<ProductInput>,
}

impl ComparisonInput {
    /// The input of a comparison that was made.
    pub(crate) fn of(record: &ProductsRecord) -> ComparisonInput {
        let inputs = record.products.iter().zip(&record.resolved).zip(&record.questioned);
        let products = inputs.map(|((product, resolved), questioned)| ProductInput {
            resolved: resolved.clone(),
            questioned: questioned.clone(),
            facts: product.facts.clone(),
            assumptions: product.assumptions.clone(),
        });
        ComparisonInput {
            replications: record.about.replications,
            stress: record.about.stress.clone(),
            questions: record.about.questions.clone(),
            products: products.collect(),
        }
    }

    /// The text of `comparison.json`.
    pub(crate) fn json(&self) -> String {
        json::text(self)
    }

    /// Reads that text; `path` is the file that it stands in.
    ///
    /// # Errors
    /// When it is something else.
    pub(crate) fn from_json(text: &str, path: &Path) -> Result<ComparisonInput, ResultsError> {
        json::from_text(text).map_err(|e| ResultsError::Json { path: path.to_path_buf(), what: e.to_string() })
    }
}
