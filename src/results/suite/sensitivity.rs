//! What an answer hangs on: the record of a sensitivity analysis and its files. `experiment::suite` makes it, `report` draws it.

use crate::results::load::Estimate;
use serde::{Deserialize, Serialize};

/// Elementary effects of one parameter on one measure, in the unit of the measure over the whole range of the parameter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ElementaryEffect {
    /// Trajectories with an effect.
    pub trajectories: u32,
    /// μ: mean effect of going from the low to the high end.
    pub mean: f64,
    /// μ*: mean size of the effect, bootstrap interval over trajectories.
    pub size: Estimate,
    /// σ: deviation of the effect, bootstrap interval.
    pub deviation: Estimate,
}

/// What one parameter does to one measure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct MeasureEffect {
    /// Measure.
    pub measure: String,
    /// Change when the parameter alone is at its low end, paired t interval; `None` when it does not go there.
    pub low: Option<Estimate>,
    /// … at its high end.
    pub high: Option<Estimate>,
    /// Elementary effects.
    pub elementary: Option<ElementaryEffect>,
}

impl MeasureEffect {
    /// Length of the bar from the lowest to the highest of: low end, as stated, high end.
    pub(crate) fn swing(&self) -> f64 {
        let ends = [self.low, self.high].into_iter().flatten().map(|e| e.value);
        let (least, most) = ends.fold((0.0, 0.0), |(l, m): (f64, f64), v| (l.min(v), m.max(v)));
        most - least
    }
}

/// A parameter that was moved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ParameterEffect {
    /// Dotted key.
    pub key: String,
    /// Where its number comes from.
    pub source: String,
    /// Its value.
    pub value: String,
    /// Value, factor or exponent at the low end.
    pub low: String,
    /// … at the high end.
    pub high: String,
    /// An end that a rule of the scenario drew in, and the rule.
    pub cut: Option<String>,
    /// Share of resamples of the trajectories in which it is among the three with the largest μ* on the first measure.
    pub named_share: Option<f64>,
    /// By measure.
    pub effects: Vec<MeasureEffect>,
}

/// A parameter that was not moved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct UnmovedParameter {
    /// Dotted key.
    pub key: String,
    /// Where its number comes from.
    pub source: String,
    /// Its value; empty when it is not part of the scenario.
    pub value: String,
    /// Why it stayed.
    pub reason: String,
}

/// A whole analysis.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Sensitivity {
    /// Path.
    pub path: String,
    /// Policy.
    pub policy: String,
    /// Users of its worlds.
    pub users: u32,
    /// Relative step to either side.
    pub span: f64,
    /// Replications of each world when one parameter is moved.
    pub replications: u32,
    /// Trajectories.
    pub trajectories: u32,
    /// Trajectories that were drawn anew, since somewhere on them the parameters together broke a rule.
    pub redrawn: u32,
    /// Trajectories that were given up after many draws.
    pub given_up: u32,
    /// The rules that they broke, each once.
    pub broken_rules: Vec<String>,
    /// Measures; the first puts the parameters in order.
    pub measures: Vec<String>,
    /// By measure: mean with all parameters as stated.
    pub stated: Vec<Option<Estimate>>,
    /// What was moved, the one that matters most first: by μ* on the first measure, or by its bar when there are no trajectories.
    pub parameters: Vec<ParameterEffect>,
    /// What was not.
    pub unmoved: Vec<UnmovedParameter>,
}

impl Sensitivity {
    /// The parameters with the longest bars on a measure, longest first.
    pub(crate) fn by_swing(&self, measure: usize) -> Vec<&ParameterEffect> {
        let mut all: Vec<&ParameterEffect> = self.parameters.iter().collect();
        all.sort_by(|a, b| b.effects[measure].swing().total_cmp(&a.effects[measure].swing()).then(a.key.cmp(&b.key)));
        all
    }
}
