//! What became of the objectives of a load run, as plain values. `experiment::objectives` works them out.

/// How an objective stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It held wherever it could be judged.
    Holds,
    /// It was broken.
    Broken,
    /// Too few samples to say.
    NotKnown,
}

impl Standing {
    /// Its name in files and tables.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Standing::Holds => "holds",
            Standing::Broken => "broken",
            Standing::NotKnown => "not known",
        }
    }
}

/// An observed value with the samples behind it. Latency in nanoseconds, error rate as a share, throughput a second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Observed {
    /// The value; for windows that of the worst one. `None` when too few samples carry it.
    pub value: Option<f64>,
    /// Samples: decided requests for latency and throughput, offered ones for the error rate.
    pub samples: u64,
}

/// One objective and how it stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ObjectiveOutcome {
    /// As the scenario writes it, with operation and window.
    pub text: String,
    /// How it stands.
    pub standing: Standing,
    /// What was observed, over the run or in the worst window.
    pub observed: Observed,
    /// The bound, in the unit of the observed value.
    pub bound: f64,
    /// `ns`, `share` or `per second`.
    pub unit: &'static str,
    /// Windows in which it could be judged; 1 for the whole run.
    pub judged: u64,
    /// … of which broken.
    pub broken: u64,
    /// Windows with too few samples.
    pub unknown: u64,
    /// Start of the first window that broke it, milliseconds after the start of the measured time.
    pub first_broken_at_ms: Option<u64>,
}
