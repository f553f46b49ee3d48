//! When requests are meant to start: arithmetic on a rate that changes over time, and nothing else.
//!
//! Let Λ(t) be the number of arrivals that a shape wants by time t. Even arrivals lie at Λ⁻¹(1), Λ⁻¹(2), …; a Poisson process
//! is one of rate 1 on the axis of Λ, carried over by Λ⁻¹ (time change). Rates are straight lines between corners, so Λ⁻¹ is a
//! root of a quadratic and every start is worked out from the start of its own piece: nothing drifts.
//!
//! Times are nanoseconds after the start of the warm-up, in which the first rate of the shape holds. The shape itself covers the
//! measured time; its last rate goes on after it.

use crate::base::random::{Purpose, RunKey, Stream};
use crate::scenario::{Arrivals, LoadPlan, Shape};

/// Rates at the start and at the end of a piece, a second.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Rates {
    first: f64,
    last: f64,
}

impl Rates {
    const fn flat(rate: f64) -> Rates {
        Rates { first: rate, last: rate }
    }
}

/// A piece of the rate: a straight line.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Piece {
    /// Start, seconds.
    from_s: f64,
    /// Length, seconds; the last piece never ends.
    length_s: f64,
    rates: Rates,
    /// Arrivals before it.
    before: f64,
}

impl Piece {
    /// Arrivals of the whole piece.
    fn count(&self) -> f64 {
        self.length_s * (self.rates.first + self.rates.last) / 2.0
    }

    /// Seconds after its start at which `count` of its arrivals have come.
    fn after_s(&self, count: f64) -> f64 {
        let Rates { first, last } = self.rates;
        if first == last || !self.length_s.is_finite() {
            return count / first;
        }
        let slope = (last - first) / self.length_s;
        // The form without cancellation: slope may be tiny or negative.
        2.0 * count / (first + libm::sqrt((first * first + 2.0 * slope * count).max(0.0)))
    }

    /// Arrivals by `t_s` seconds after its start.
    fn by_s(&self, t_s: f64) -> f64 {
        let Rates { first, last } = self.rates;
        let slope = if self.length_s.is_finite() { (last - first) / self.length_s } else { 0.0 };
        t_s * (first + slope * t_s / 2.0)
    }
}

/// Intended starts of one generator, one after the other.
#[derive(Clone, Debug)]
pub(crate) struct Pacer {
    pieces: Vec<Piece>,
    piece: usize,
    /// Arrivals so far on the axis of Λ.
    reached: f64,
    how: Spacing,
}

#[derive(Clone, Debug)]
enum Spacing {
    /// The n-th start of this generator is at Λ = first + n × step: generators interleave.
    Even { first: f64, step: f64, n: u64 },
    /// Exponential gaps of mean `step` on the axis of Λ.
    Poisson { step: f64, draws: Stream },
}

impl Pacer {
    /// The pacer of generator `number` of `generators`, which share the rate equally.
    ///
    /// # Panics
    /// When the plan leaves the times to the users: there is nothing to pace then.
    pub(crate) fn new(plan: &LoadPlan, generators: u32, number: u32, seed: u64) -> Pacer {
        let step = f64::from(generators.max(1));
        let how = match plan.arrivals {
            Arrivals::Even => Spacing::Even { first: f64::from(number) + 1.0, step, n: 0 },
            Arrivals::Poisson => {
                Spacing::Poisson { step, draws: RunKey::new(seed, number).stream(0, Purpose::Service) }
            }
        };
        Pacer { pieces: pieces(plan), piece: 0, reached: 0.0, how }
    }

    /// The next intended start, nanoseconds after the start of the warm-up; never before the one before.
    #[inline]
    pub(crate) fn next_ns(&mut self) -> u64 {
        self.reached = match &mut self.how {
            Spacing::Even { first, step, n } => {
                let reached = *first + *n as f64 * *step;
                *n += 1;
                reached
            }
            Spacing::Poisson { step, draws } => self.reached - *step * libm::log(1.0 - draws.unit()),
        };
        let mut piece = self.pieces[self.piece];
        while self.piece + 1 < self.pieces.len() && self.reached > piece.before + piece.count() {
            self.piece += 1;
            piece = self.pieces[self.piece];
        }
        ((piece.from_s + piece.after_s(self.reached - piece.before)) * 1e9) as u64
    }

    /// Arrivals of all generators that the shape wants by a time.
    pub(crate) fn expected_by(&self, t_ns: u64) -> f64 {
        let t_s = t_ns as f64 / 1e9;
        let at = self.pieces.partition_point(|piece| piece.from_s <= t_s).max(1) - 1;
        let piece = &self.pieces[at];
        piece.before + piece.by_s(t_s - piece.from_s)
    }
}

/// The pieces of a plan's rate.
fn pieces(plan: &LoadPlan) -> Vec<Piece> {
    let whole_s = plan.duration_ms as f64 / 1e3;
    let shape: Vec<(f64, Rates)> = match plan.shape {
        Shape::Behaviour => panic!("users' own times have no pacer"),
        Shape::Constant { rate } => vec![(whole_s, Rates::flat(rate))],
        Shape::Ramp { from, to } => vec![(whole_s, Rates { first: from, last: to })],
        Shape::Stairs { from, to, steps } => (0..steps)
            .map(|step| {
                let rate = from + (to - from) * f64::from(step) / f64::from(steps.max(2) - 1);
                (whole_s / f64::from(steps), Rates::flat(rate))
            })
            .collect(),
        Shape::Spike { base, peak, at_ms, for_ms } => {
            let (at_s, for_s) = (at_ms as f64 / 1e3, for_ms as f64 / 1e3);
            vec![
                (at_s, Rates::flat(base)),
                (for_s, Rates::flat(peak)),
                ((whole_s - at_s - for_s).max(0.0), Rates::flat(base)),
            ]
        }
    };
    let first = shape.first().map_or(1.0, |(_, rates)| rates.first);
    let last = shape.last().map_or(1.0, |(_, rates)| rates.last);
    let warm_up = (plan.warmup_ms as f64 / 1e3, Rates::flat(first));
    let mut pieces = Vec::with_capacity(shape.len() + 2);
    let (mut from_s, mut before) = (0.0, 0.0);
    for (length_s, rates) in [warm_up].into_iter().chain(shape).chain([(f64::INFINITY, Rates::flat(last))]) {
        if length_s > 0.0 {
            let piece = Piece { from_s, length_s, rates, before };
            from_s += length_s;
            before += piece.count();
            pieces.push(piece);
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::load::plan;

    const SHAPES: [Shape; 4] = [
        Shape::Constant { rate: 1_000.0 },
        Shape::Ramp { from: 500.0, to: 2_500.0 },
        Shape::Stairs { from: 200.0, to: 1_000.0, steps: 5 },
        Shape::Spike { base: 300.0, peak: 5_000.0, at_ms: 2_000, for_ms: 1_000 },
    ];

    fn starts(shape: Shape, arrivals: Arrivals, generators: u32, until_ns: u64, seed: u64) -> Vec<u64> {
        let plan = LoadPlan { shape, arrivals, warmup_ms: 1_000, duration_ms: 10_000, ..plan() };
        let mut all: Vec<u64> = (0..generators)
            .flat_map(|number| {
                let mut pacer = Pacer::new(&plan, generators, number, seed);
                std::iter::from_fn(move || Some(pacer.next_ns())).take_while(move |t| *t < until_ns).collect::<Vec<_>>()
            })
            .collect();
        all.sort_unstable();
        all
    }

    #[test]
    fn even_starts_follow_the_integral_of_every_shape() {
        for shape in SHAPES {
            let plan = LoadPlan { shape, arrivals: Arrivals::Even, warmup_ms: 1_000, duration_ms: 10_000, ..plan() };
            let pacer = Pacer::new(&plan, 1, 0, 1);
            for generators in [1, 3] {
                let all = starts(shape, Arrivals::Even, generators, 13_000_000_000, 1);
                for tenth in 1..130_u64 {
                    let t_ns = tenth * 100_000_000;
                    let count = all.partition_point(|start| *start <= t_ns) as f64;
                    let expected = pacer.expected_by(t_ns);
                    assert!((count - expected).abs() <= 1.001, "{shape:?} at {t_ns}: {count} {expected}");
                }
            }
        }
    }

    #[test]
    fn a_constant_rate_is_exact_after_a_hundred_million_starts() {
        let shape = Shape::Constant { rate: 500_000.0 };
        let plan = LoadPlan { shape, arrivals: Arrivals::Even, ..plan() };
        let mut pacer = Pacer::new(&plan, 1, 0, 1);
        if let Spacing::Even { n, .. } = &mut pacer.how {
            *n = 99_999_999;
        }
        assert_eq!(pacer.next_ns(), 200_000_000_000);
    }

    #[test]
    fn starts_never_go_back_and_a_seed_repeats_them() {
        for shape in SHAPES {
            let plan = LoadPlan { shape, arrivals: Arrivals::Poisson, warmup_ms: 500, duration_ms: 10_000, ..plan() };
            let (mut a, mut b) = (Pacer::new(&plan, 2, 1, 9), Pacer::new(&plan, 2, 1, 9));
            let mut last = 0;
            for _ in 0..20_000 {
                let t = a.next_ns();
                assert!(t >= last && t == b.next_ns());
                last = t;
            }
        }
    }

    /// Counts of a Poisson process in disjoint intervals have their mean as variance and do not depend on each other.
    #[test]
    fn poisson_counts_have_poisson_variance() {
        let all = starts(Shape::Constant { rate: 1_000.0 }, Arrivals::Poisson, 2, 200_000_000_000, 3);
        let bins = 4_000_usize;
        let mut counts = vec![0.0; bins];
        all.iter().for_each(|start| counts[(*start / 50_000_000) as usize] += 1.0);
        let mean = counts.iter().sum::<f64>() / bins as f64;
        let variance = counts.iter().map(|c| (c - mean) * (c - mean)).sum::<f64>() / bins as f64;
        let lag = counts.windows(2).map(|pair| (pair[0] - mean) * (pair[1] - mean)).sum::<f64>() / bins as f64;
        assert!((mean - 50.0).abs() < 0.5, "{mean}");
        assert!((variance / mean - 1.0).abs() < 0.08, "{variance}");
        assert!((lag / mean).abs() < 0.06, "{lag}");
    }
}
