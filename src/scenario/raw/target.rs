//! Targets of calibration, and the grades of numbers.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::scenario::plan::scenario::Target;

/// The grade of a number: the product's own profile, official, secondary, weak.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
pub(in crate::scenario) enum Grade {
    /// The product's own published profile.
    S,
    /// Official or computed.
    H,
    /// A secondary source.
    M,
    /// Weak, or an assumption.
    L,
}

impl Grade {
    /// Its letter.
    pub(in crate::scenario) fn letter(self) -> char {
        match self {
            Grade::S => 'S',
            Grade::H => 'H',
            Grade::M => 'M',
            Grade::L => 'L',
        }
    }
}

/// A row of `models/targets/*.toml`, under the key of its measure.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct TargetFile {
    /// Middle of the accepted band, in the unit of the measure.
    target: f64,
    /// Lower end.
    low: f64,
    /// Upper end.
    high: f64,
    /// Grade.
    grade: Grade,
    /// Where it comes from.
    #[schemars(length(min = 3))]
    source: String,
}

impl TargetFile {
    /// The target for `measure`; the reader fills in its place.
    pub(in crate::scenario) fn target(&self, measure: &str) -> Target {
        Target {
            measure: measure.to_owned(),
            target: self.target,
            low: self.low,
            high: self.high,
            grade: self.grade.letter(),
            source: self.source.clone(),
            place: String::new(),
        }
    }
}
