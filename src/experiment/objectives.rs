//! Objectives of a load run, judged while it goes: windows need the histograms of their seconds, and those are forgotten.
//!
//! A window is a whole number of seconds, side by side from the start of the measured time; a last window that the run cuts short
//! is not judged. When few samples are there, an objective is not called held for want of evidence against it:
//!
//! | metric | holds needs | broken needs |
//! |---|---|---|
//! | latency at q | n (1 − q) ≥ 10 samples beyond the quantile | the same, or 10 samples over the bound that are more than (1 − q) n |
//! | error rate below b | n b ≥ 10, the errors that the bound allows | the same, or 10 errors that are b n or more |
//! | throughput | – | – |

use crate::measure::latency::quantile::{SAMPLES_BEYOND, carries, count_above};
use crate::measure::latency::{
    IntervalRecord, ObjectiveOutcome, Observed, Operation, OperationCounts, Standing, histogram_ns,
};
use crate::scenario::{Objective, ObjectiveMetric};
use hdrhistogram::Histogram;

/// Watches the objectives of one run.
#[derive(Debug)]
pub(crate) struct ObjectiveJudge {
    judged: Vec<Judged>,
}

#[derive(Debug)]
struct Judged {
    objective: Objective,
    operation: Option<Operation>,
    /// Whole seconds of a window; `None` for the whole run.
    window_seconds: Option<u64>,
    sum: Part,
    judged: u64,
    broken: u64,
    unknown: u64,
    first_broken_at_ms: Option<u64>,
    worst: Option<Observed>,
}

/// Seconds added: those of a window, or of the run.
#[derive(Debug)]
struct Part {
    from_ms: u64,
    seconds: u64,
    counts: OperationCounts,
    latency_ns: Option<Histogram<u64>>,
}

/// A breach that has just been seen, for runs that end at the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Breach {
    /// The objective's words.
    pub text: String,
    /// Start of the window, milliseconds after the start of the measured time.
    pub at_ms: u64,
}

impl ObjectiveJudge {
    /// Watches these. An operation that nobody knows counts as all of them (the scenario's checks refuse it before).
    pub(crate) fn new(objectives: &[Objective]) -> ObjectiveJudge {
        let judged = objectives.iter().map(|objective| {
            let needs_latency = matches!(objective.metric, ObjectiveMetric::Latency { .. });
            Judged {
                operation: objective.operation.as_deref().and_then(Operation::from_name),
                window_seconds: objective.window_ms.map(|ms| ms.div_ceil(1_000).max(1)),
                sum: Part {
                    from_ms: 0,
                    seconds: 0,
                    counts: OperationCounts::default(),
                    latency_ns: needs_latency.then(histogram_ns),
                },
                judged: 0,
                broken: 0,
                unknown: 0,
                first_broken_at_ms: None,
                worst: None,
                objective: objective.clone(),
            }
        });
        ObjectiveJudge { judged: judged.collect() }
    }

    /// Takes the sum of all threads for the second that began at `at_ms`. Returns the breaches of windows that end with it.
    pub(crate) fn second(&mut self, at_ms: u64, record: &IntervalRecord) -> Vec<Breach> {
        let mut breaches = Vec::new();
        for judged in self.judged.iter_mut() {
            let Some(window) = judged.window_seconds else { continue };
            judged.sum.add(at_ms, judged.operation, record);
            if judged.sum.seconds == window {
                if judged.judge(window as f64) == Standing::Broken {
                    breaches.push(Breach { text: judged.objective.text.clone(), at_ms: judged.sum.from_ms });
                }
                judged.sum.clear();
            }
        }
        breaches
    }

    /// How all of them stand at the end: `total` is the whole measured time of `seconds` wall seconds.
    pub(crate) fn finish(mut self, total: &IntervalRecord, seconds: f64) -> Vec<ObjectiveOutcome> {
        for judged in self.judged.iter_mut().filter(|w| w.window_seconds.is_none()) {
            judged.sum.add(0, judged.operation, total);
            judged.judge(seconds);
        }
        self.judged.into_iter().map(Judged::outcome).collect()
    }
}

impl Part {
    fn add(&mut self, at_ms: u64, operation: Option<Operation>, record: &IntervalRecord) {
        if self.seconds == 0 {
            self.from_ms = at_ms;
        }
        self.seconds += 1;
        let one = operation.as_slice();
        for &operation in if one.is_empty() { Operation::REQUESTS } else { one } {
            let part = record.of(operation);
            self.counts.add(&part.counts);
            if let Some(sum) = &mut self.latency_ns {
                // Histograms of the same bounds always add.
                let _ = sum.add(&part.latency_ns);
            }
        }
    }

    fn clear(&mut self) {
        self.seconds = 0;
        self.counts = OperationCounts::default();
        if let Some(sum) = &mut self.latency_ns {
            sum.reset();
        }
    }

    /// How one metric stands over these seconds.
    fn judge(&self, metric: ObjectiveMetric, seconds: f64) -> (Standing, Observed) {
        let held = |holds: bool| if holds { Standing::Holds } else { Standing::Broken };
        match metric {
            ObjectiveMetric::Latency { quantile, below_ns } => {
                let Some(histogram) = &self.latency_ns else {
                    return (Standing::NotKnown, Observed { value: None, samples: 0 });
                };
                let samples = histogram.len();
                if carries(samples, quantile) {
                    let value = histogram.value_at_quantile(quantile);
                    return (held(value < below_ns), Observed { value: Some(value as f64), samples });
                }
                let over = count_above(histogram, below_ns) as f64;
                let broken = over >= SAMPLES_BEYOND && over > (1.0 - quantile) * samples as f64;
                let standing = if broken { Standing::Broken } else { Standing::NotKnown };
                (standing, Observed { value: None, samples })
            }
            ObjectiveMetric::ErrorRate { below } => {
                let (samples, errors) = (self.counts.offered, self.counts.errors() as f64);
                let bound = below.0 as f64 / 1e6;
                if samples == 0 {
                    return (Standing::NotKnown, Observed { value: None, samples });
                }
                let share = errors / samples as f64;
                let known = samples as f64 * bound >= SAMPLES_BEYOND || (errors >= SAMPLES_BEYOND && share >= bound);
                let standing = if known { held(share < bound) } else { Standing::NotKnown };
                (standing, Observed { value: Some(share), samples })
            }
            ObjectiveMetric::Throughput { above } => {
                let decided = self.counts.decided();
                let rate = decided as f64 / seconds.max(1e-9);
                (held(rate > above), Observed { value: Some(rate), samples: decided })
            }
        }
    }
}

impl Judged {
    fn judge(&mut self, seconds: f64) -> Standing {
        let (standing, observed) = self.sum.judge(self.objective.metric, seconds);
        match standing {
            Standing::NotKnown => self.unknown += 1,
            Standing::Holds => self.judged += 1,
            Standing::Broken => {
                self.judged += 1;
                self.broken += 1;
                self.first_broken_at_ms.get_or_insert(self.sum.from_ms);
            }
        }
        let higher_is_worse = !matches!(self.objective.metric, ObjectiveMetric::Throughput { .. });
        let worse = match self.worst.and_then(|w| w.value) {
            None => true,
            Some(worst) => observed.value.is_some_and(|value| (value > worst) == higher_is_worse),
        };
        // A value that too few samples carry stands only where there is none of a judged window.
        if worse && (standing != Standing::NotKnown || self.judged == 0) {
            self.worst = Some(observed);
        }
        standing
    }

    fn outcome(self) -> ObjectiveOutcome {
        let standing = match (self.broken, self.judged) {
            (0, 0) => Standing::NotKnown,
            (0, _) => Standing::Holds,
            _ => Standing::Broken,
        };
        let (bound, unit) = match self.objective.metric {
            ObjectiveMetric::Latency { below_ns, .. } => (below_ns as f64, "ns"),
            ObjectiveMetric::ErrorRate { below } => (below.0 as f64 / 1e6, "share"),
            ObjectiveMetric::Throughput { above } => (above, "per second"),
        };
        let whose = self.operation.map_or("all requests", Operation::name);
        let window = self.window_seconds.map_or_else(String::new, |s| format!(", in every window of {s} s"));
        ObjectiveOutcome {
            text: format!("{} ({whose}{window})", self.objective.text),
            standing,
            observed: self.worst.unwrap_or(Observed { value: None, samples: 0 }),
            bound,
            unit,
            judged: self.judged,
            broken: self.broken,
            unknown: self.unknown,
            first_broken_at_ms: self.first_broken_at_ms,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::money::Ppm;

    fn objective(metric: ObjectiveMetric, operation: Option<&str>, window_ms: Option<u64>) -> Objective {
        Objective { text: "words".to_string(), operation: operation.map(str::to_string), metric, window_ms }
    }

    /// `slow` in a thousand requests take 9 ms instead of 1 ms; `errors` end without a decision.
    fn second(requests: u64, slow: u64, errors: u64) -> IntervalRecord {
        let mut record = IntervalRecord::default();
        let tips = record.of_mut(Operation::Tip);
        tips.counts =
            OperationCounts { offered: requests + errors, approved: requests, shed: errors, ..Default::default() };
        for i in 0..requests {
            tips.latency_ns.saturating_record(if i % 1_000 < slow { 9_000_000 } else { 1_000_000 });
        }
        record
    }

    fn p99(below_ns: u64) -> ObjectiveMetric {
        ObjectiveMetric::Latency { quantile: 0.99, below_ns }
    }

    fn total(seconds: &[IntervalRecord]) -> IntervalRecord {
        let mut sum = IntervalRecord::default();
        seconds.iter().for_each(|s| sum.add(s));
        sum
    }

    #[test]
    fn the_first_window_that_breaks_is_named_though_the_whole_run_holds() {
        let wanted = [objective(p99(5_000_000), None, Some(2_000)), objective(p99(5_000_000), Some("tip"), None)];
        let mut judge = ObjectiveJudge::new(&wanted);
        let mut seconds: Vec<_> = (0..9).map(|_| second(1_000, 2, 0)).collect();
        seconds[5] = second(1_000, 50, 0);
        let breaches: Vec<_> = seconds.iter().zip(0..).flat_map(|(s, i)| judge.second(i * 1_000, s)).collect();
        assert_eq!(breaches, [Breach { text: "words".to_string(), at_ms: 4_000 }]);
        let outcomes = judge.finish(&total(&seconds), 9.0);
        let windows = &outcomes[0];
        assert_eq!((windows.standing, windows.judged, windows.broken), (Standing::Broken, 4, 1));
        assert_eq!((windows.first_broken_at_ms, windows.observed.samples), (Some(4_000), 2_000));
        assert!(windows.observed.value.is_some_and(|ns| ns > 8_900_000.0), "{windows:?}");
        assert_eq!((outcomes[1].standing, outcomes[1].judged), (Standing::Holds, 1));
        assert_eq!(outcomes[1].text, "words (tip)");
    }

    #[test]
    fn few_samples_prove_nothing_good_but_many_slow_ones_prove_the_bad() {
        let judge = |requests, slow| {
            let judge = ObjectiveJudge::new(&[objective(p99(5_000_000), None, None)]);
            judge.finish(&second(requests, slow, 0), 1.0)[0].standing
        };
        assert_eq!(judge(1_000, 2), Standing::Holds);
        assert_eq!(judge(999, 2), Standing::NotKnown);
        assert_eq!(judge(999, 9), Standing::NotKnown, "9 slow ones may be luck");
        assert_eq!(judge(500, 400), Standing::Broken);
    }

    #[test]
    fn error_rates_and_throughput_are_judged() {
        let rate = |ppm| ObjectiveMetric::ErrorRate { below: Ppm(ppm) };
        let judge = |metric, record: &IntervalRecord| {
            let outcome = ObjectiveJudge::new(&[objective(metric, None, None)]).finish(record, 2.0).remove(0);
            (outcome.standing, outcome.observed.value)
        };
        assert_eq!(judge(rate(1_000), &second(99_990, 0, 10)), (Standing::Holds, Some(0.0001)));
        assert_eq!(judge(rate(1_000), &second(9_900, 0, 100)), (Standing::Broken, Some(0.01)));
        assert_eq!(judge(rate(1_000), &second(100, 0, 0)).0, Standing::NotKnown, "0 of 100 says nothing of 0.1%");
        assert_eq!(judge(rate(1_000), &second(50, 0, 50)).0, Standing::Broken);
        assert_eq!(judge(rate(1_000), &second(0, 0, 0)), (Standing::NotKnown, None));
        let above = |above| ObjectiveMetric::Throughput { above };
        assert_eq!(judge(above(499.0), &second(1_000, 0, 0)), (Standing::Holds, Some(500.0)));
        assert_eq!(judge(above(500.0), &second(1_000, 0, 0)).0, Standing::Broken, "bounds are exclusive");
    }
}
