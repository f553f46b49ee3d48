//! The Universal Scalability Law (Gunther 1993) through measured throughput: X(N) = λN / (1 + σ(N − 1) + κN(N − 1)).
//!
//! λ is what a unit of load would bring alone, σ the part that waits for others (contention), κ the price of agreeing with all
//! others (coherence). With κ above zero throughput has a peak, beyond which more load brings less. The law describes points;
//! it knows nothing of why, and nothing beyond the largest load that was measured: what lies there is flagged.

use crate::base::random::{Purpose, RunKey};
use crate::experiment::fit::least_squares::solve;
use crate::results::load::{Estimate, LawPoint, ScalabilityLaw};

/// Fewest points and different loads through which a law of three parameters is put.
pub(crate) const POINTS_MIN: usize = 6;
/// See [`POINTS_MIN`].
pub(crate) const LOADS_MIN: usize = 4;

/// Samples of the points from which intervals come.
const RESAMPLES: u32 = 999;
/// Half of what the interval leaves out.
const TAIL: f64 = 0.025;
const ITERATIONS: usize = 60;
const PARAMETERS: usize = 3;

/// Points of the curve in a record, and how far it goes beyond the largest measured load.
const CURVE_POINTS: u32 = 48;
const CURVE_BEYOND: f64 = 1.5;

/// Why no law was put through the points.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub(crate) enum NoLaw {
    /// Three parameters need more than this.
    #[error(
        "{points} points at {loads} different loads are too few for a scalability law; it takes {POINTS_MIN} at {LOADS_MIN}"
    )]
    TooFew {
        /// Points with a load and a throughput above zero.
        points: usize,
        /// Different loads among them.
        loads: usize,
    },
}

/// One law.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Law {
    /// λ: throughput of a unit of load alone.
    pub lambda: f64,
    /// σ ≥ 0: contention.
    pub sigma: f64,
    /// κ ≥ 0: coherence.
    pub kappa: f64,
}

impl Law {
    /// Throughput at load `n`.
    pub(crate) fn throughput(&self, n: f64) -> f64 {
        self.lambda * n / (1.0 + self.sigma * (n - 1.0) + self.kappa * n * (n - 1.0))
    }

    /// N* = √((1 − σ) / κ), the load of most throughput; infinite without coherence, 0 where throughput only falls.
    pub(crate) fn peak(&self) -> f64 {
        let rising = 1.0 - self.sigma;
        if rising <= 0.0 {
            0.0
        } else if self.kappa == 0.0 {
            f64::INFINITY
        } else {
            (rising / self.kappa).sqrt()
        }
    }
}

/// A value of the law at a load.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Prediction {
    /// Throughput with its 95% interval.
    pub throughput: Estimate,
    /// The load lies beyond the largest one that was measured.
    pub extrapolated: bool,
}

/// The peak of the law.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Peak {
    /// N* with its 95% interval, whose upper end is infinite where the points do not exclude that there is no peak.
    pub load: Estimate,
    /// Throughput there.
    pub throughput: f64,
    /// The peak lies beyond the largest load that was measured: nobody has seen it.
    pub extrapolated: bool,
}

/// A law that was put through points.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fitted {
    /// The law of least squares.
    pub law: Law,
    /// λ with its 95% interval.
    pub lambda: Estimate,
    /// σ with its 95% interval.
    pub sigma: Estimate,
    /// κ with its 95% interval.
    pub kappa: Estimate,
    /// The peak; `None` when the law has no coherence and rises for ever.
    pub peak: Option<Peak>,
    /// Points that were used.
    pub points: usize,
    /// Largest load among them.
    pub load_max: f64,
    /// Laws of the resampled points.
    resampled: Vec<Law>,
    /// By how much intervals are wider than the spread of the resampled laws.
    widening: f64,
}

/// A measured point.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Throughput {
    /// Load, in the unit that the law is to have.
    pub load: f64,
    /// Throughput, a second.
    pub throughput: f64,
}

/// Puts the law through points by least squares in throughput, with σ and κ not below zero. Points
/// without load or throughput are left out. Intervals: points are drawn again with replacement (case bootstrap, keyed by
/// `seed`), and the 2.5% and 97.5% quantiles of the laws are stretched by √(n / (n − 3)), since resampled residuals are those
/// of a fit and too small by that.
///
/// # Errors
/// [`NoLaw`] when there are too few points.
pub(crate) fn fit(points: &[Throughput], seed: u64) -> Result<Fitted, NoLaw> {
    let says = |value: f64| value.is_finite() && value > 0.0;
    let points: Vec<Throughput> = points.iter().copied().filter(|p| says(p.load) && says(p.throughput)).collect();
    let loads = loads(&points);
    if points.len() < POINTS_MIN || loads < LOADS_MIN {
        return Err(NoLaw::TooFew { points: points.len(), loads });
    }
    let law = least_squares(&points);
    let key = RunKey::new(seed, 0);
    let mut resampled = Vec::with_capacity(RESAMPLES as usize);
    for number in 0..RESAMPLES {
        let mut draws = key.user(number).stream(Purpose::Resample);
        // A sample of fewer loads says nothing of three parameters; another is drawn. There is one, as the points have as many.
        let sample = loop {
            let draw = |_| points[draws.below(points.len() as u32) as usize];
            let sample: Vec<_> = (0..points.len()).map(draw).collect();
            if self::loads(&sample) >= LOADS_MIN {
                break sample;
            }
        };
        resampled.push(least_squares(&sample));
    }
    let n = points.len() as f64;
    let load_max = points.iter().fold(0.0, |most: f64, point| most.max(point.load));
    let none = Estimate::default();
    let mut fitted = Fitted {
        law,
        lambda: none,
        sigma: none,
        kappa: none,
        peak: None,
        points: points.len(),
        load_max,
        resampled,
        widening: (n / (n - PARAMETERS as f64)).sqrt(),
    };
    fitted.lambda = fitted.interval(&|law| law.lambda);
    fitted.sigma = fitted.interval(&|law| law.sigma);
    fitted.kappa = fitted.interval(&|law| law.kappa);
    fitted.peak = fitted.peak();
    Ok(fitted)
}

fn loads(points: &[Throughput]) -> usize {
    let mut loads: Vec<f64> = points.iter().map(|point| point.load).collect();
    loads.sort_by(f64::total_cmp);
    loads.dedup();
    loads.len()
}

impl Fitted {
    fn interval(&self, of: &dyn Fn(&Law) -> f64) -> Estimate {
        let value = of(&self.law);
        let mut all: Vec<f64> = self.resampled.iter().map(of).collect();
        all.sort_by(f64::total_cmp);
        let end = |q: f64| {
            let quantile = all[(q * (all.len() - 1) as f64).round() as usize];
            if quantile.is_finite() { (value + (quantile - value) * self.widening).max(0.0) } else { quantile }
        };
        // An estimate at the edge of what is allowed may lie outside the spread of the resampled ones.
        Estimate { value, low: end(TAIL).min(value), high: end(1.0 - TAIL).max(value) }
    }

    fn peak(&self) -> Option<Peak> {
        let at = self.law.peak();
        at.is_finite().then(|| Peak {
            // An infinite resampled peak is a finite value of its inverse, so the interval is made there.
            load: inverted(self.interval(&|law| 1.0 / law.peak())),
            throughput: self.law.throughput(at),
            extrapolated: at > self.load_max,
        })
    }

    /// Throughput at load `n`.
    pub(crate) fn predict(&self, n: f64) -> Prediction {
        Prediction { throughput: self.interval(&|law| law.throughput(n)), extrapolated: n > self.load_max }
    }

    /// As a record: the curve goes half as far again as the measured loads, and says where they end.
    pub(crate) fn record(&self) -> ScalabilityLaw {
        let point = |i: u32| {
            let offered_rate = self.load_max * CURVE_BEYOND * f64::from(i) / f64::from(CURVE_POINTS);
            LawPoint { offered_rate, decided_rate: self.predict(offered_rate).throughput }
        };
        ScalabilityLaw {
            lambda: self.lambda,
            sigma: self.sigma,
            kappa: self.kappa,
            curve: (1..=CURVE_POINTS).map(point).collect(),
            extrapolated_from: self.load_max,
        }
    }
}

fn inverted(of: Estimate) -> Estimate {
    Estimate { value: 1.0 / of.value, low: 1.0 / of.high, high: 1.0 / of.low }
}

/// The law of least squares. N / X is linear in a = 1/λ, b = σ/λ and c = κ/λ, which are therefore the coordinates. If
/// the best point has a negative one, the edges where some are zero are tried, and the best without a negative one is taken.
fn least_squares(points: &[Throughput]) -> Law {
    let scale = points.iter().fold(0.0, |most: f64, point| most.max(point.load));
    let rows: Vec<Row> = points
        .iter()
        .map(|&Throughput { load: n, throughput: x }| Row {
            n,
            x,
            of: [1.0, (n - 1.0) / scale, n * (n - 1.0) / (scale * scale)],
        })
        .collect();
    let mut best: Option<(f64, [f64; PARAMETERS])> = None;
    for free in [&[0, 1, 2][..], &[0, 1], &[0, 2], &[0]] {
        let at = gauss_newton(&rows, free);
        let cost = cost(&rows, &at);
        if at[0] > 0.0 && at.iter().all(|v| *v >= 0.0) && best.is_none_or(|(least, _)| cost < least) {
            best = Some((cost, at));
            if free.len() == PARAMETERS {
                break;
            }
        }
    }
    let (_, [a, b, c]) = best.expect("a straight line has a slope above zero, as all points have");
    Law { lambda: 1.0 / a, sigma: b / scale / a, kappa: c / (scale * scale) / a }
}

/// A point: load, throughput, and what N / X is a linear function of.
struct Row {
    n: f64,
    x: f64,
    of: [f64; PARAMETERS],
}

impl Row {
    /// The law's throughput, if it has any here.
    fn throughput(&self, at: &[f64; PARAMETERS]) -> Option<f64> {
        let inverse: f64 = self.of.iter().zip(at).map(|(of, at)| of * at).sum();
        (inverse > 0.0).then(|| self.n / inverse)
    }
}

fn cost(rows: &[Row], at: &[f64; PARAMETERS]) -> f64 {
    rows.iter().map(|row| row.throughput(at).map_or(f64::INFINITY, |x| (row.x - x) * (row.x - x))).sum()
}

/// Minimises the squares over the `free` coordinates, the others being zero. The function is cheap and its derivatives are known,
/// so this is no case for the search of the calibration, which estimates them.
fn gauss_newton(rows: &[Row], free: &[usize]) -> [f64; PARAMETERS] {
    let mut at = [0.0; PARAMETERS];
    // The linear problem in N / X, weighted by what an error there does to X, is a good place to begin.
    let weigh = |row: &Row| row.x * row.x / row.n;
    let start = normal(rows, free, 1e-12, &|row| (weigh(row), weigh(row) * row.n / row.x));
    free.iter().zip(start).for_each(|(&i, v)| at[i] = v);
    let mut least = cost(rows, &at);
    if !least.is_finite() {
        // Alone, the mean slope has a throughput everywhere.
        at = [0.0; PARAMETERS];
        at[0] = rows.iter().map(|row| row.n / row.x).sum::<f64>() / rows.len() as f64;
        least = cost(rows, &at);
    }
    let mut damping = 1e-3;
    for _ in 0..ITERATIONS {
        let step = normal(rows, free, damping, &|row| {
            let x = row.throughput(&at).unwrap_or(0.0);
            (-x * x / row.n, row.x - x)
        });
        let mut there = at;
        free.iter().zip(&step).for_each(|(&i, s)| there[i] += s);
        let cost = cost(rows, &there);
        if cost < least {
            let done = least - cost <= 1e-13 * least;
            (at, least, damping) = (there, cost, (damping * 0.2).max(1e-12));
            if done {
                break;
            }
        } else if damping > 1e6 {
            break;
        } else {
            damping *= 5.0;
        }
    }
    at
}

/// Solves (JᵀJ + damping · diag JᵀJ) s = Jᵀr over the free coordinates; `row` gives the factor of a row of J and its r.
fn normal(rows: &[Row], free: &[usize], damping: f64, row: &dyn Fn(&Row) -> (f64, f64)) -> Vec<f64> {
    let mut matrix = vec![vec![0.0; free.len()]; free.len()];
    let mut right = vec![0.0; free.len()];
    for r in rows {
        let (factor, residual) = row(r);
        for (i, &p) in free.iter().enumerate() {
            right[i] += factor * r.of[p] * residual;
            for (j, &q) in free.iter().enumerate() {
                matrix[i][j] += factor * factor * r.of[p] * r.of[q];
            }
        }
    }
    for (i, row) in matrix.iter_mut().enumerate() {
        // Loads of 1 alone leave a coordinate without effect.
        row[i] = row[i] * (1.0 + damping) + f64::MIN_POSITIVE;
    }
    solve(matrix, right)
}

#[cfg(test)]
mod tests;
