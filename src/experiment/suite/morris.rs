//! Elementary effects: which of many parameters matter when all of them are uncertain at once.
//!
//! Each parameter is scaled to [0, 1] over its range and stands on one of four levels. A trajectory starts at a random point and
//! moves every parameter once, in random order, by Δ = 2/3; what a move changes, over its signed length, is the elementary effect
//! of that parameter at that point: the change over the whole range (Morris 1991, "Factorial sampling plans for preliminary
//! computational experiments"). Over the trajectories
//!
//! ```text
//! μ*  mean of |effect|     how much the parameter matters (Campolongo, Cariboni, Saltelli 2007)
//! μ   mean of the effect   in which direction
//! σ   its deviation        how much that depends on the other parameters, and on chance
//! ```
//!
//! All points of a trajectory meet the same luck and shocks. Intervals resample whole trajectories.

use super::statistics::{bootstrap, resample, variance};
use crate::base::random::{Purpose, RunKey, Stream};
use crate::results::suite::ElementaryEffect;

/// Levels of a parameter.
pub(crate) const LEVELS: u32 = 4;

/// Length of a move, p / 2(p − 1) on p levels.
pub(crate) const STEP: f64 = 2.0 / 3.0;

/// How many parameters are named as those that matter most.
pub(crate) const NAMED: usize = 3;

/// A way through the space of the parameters.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Trajectory {
    /// Where it starts, a level of each parameter.
    pub start: Vec<f64>,
    /// The order in which the parameters move.
    pub order: Vec<usize>,
}

impl Trajectory {
    /// Trajectory `number` of a design; another `attempt` is another trajectory.
    pub(crate) fn draw(seed: u64, number: u32, attempt: u16, parameters: usize) -> Trajectory {
        let mut stream = RunKey::new(seed, number).stream(attempt, Purpose::Resample);
        let start = (0..parameters).map(|_| f64::from(stream.below(LEVELS)) / f64::from(LEVELS - 1)).collect();
        Trajectory { start, order: permutation(&mut stream, parameters) }
    }

    /// The points in order, one more than there are parameters.
    pub(crate) fn points(&self) -> Vec<Vec<f64>> {
        let mut point = self.start.clone();
        let mut points = vec![point.clone()];
        for &parameter in &self.order {
            point[parameter] += self.direction(parameter) * STEP;
            // Thirds do not add up in binary; levels are compared nowhere, but bounds are.
            point[parameter] = point[parameter].clamp(0.0, 1.0);
            points.push(point.clone());
        }
        points
    }

    /// Up from the lower two levels, down from the upper two: each move stays inside and every level is as likely.
    fn direction(&self, parameter: usize) -> f64 {
        if self.start[parameter] < 0.5 { 1.0 } else { -1.0 }
    }

    /// The elementary effect of every parameter, from the responses at the points.
    ///
    /// # Panics
    /// When there is not one response a point.
    pub(crate) fn effects(&self, responses: &[Option<f64>]) -> Vec<Option<f64>> {
        assert_eq!(responses.len(), self.order.len() + 1, "a response for each point");
        let mut effects = vec![None; self.order.len()];
        for (pair, &parameter) in responses.windows(2).zip(&self.order) {
            let change = pair[0].zip(pair[1]).map(|(before, after)| after - before);
            effects[parameter] = change.map(|change| change / (self.direction(parameter) * STEP));
        }
        effects
    }
}

/// A random order of `n` things (Fisher and Yates).
fn permutation(stream: &mut Stream, n: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).collect();
    for last in (1..n).rev() {
        order.swap(last, stream.below(last as u32 + 1) as usize);
    }
    order
}

/// What is said of each parameter: its effects over the trajectories, and in which share of resamples it is among the first
/// [`NAMED`].
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Screening {
    /// By parameter; `None` when a parameter has fewer than two effects.
    pub effects: Vec<Option<ElementaryEffect>>,
    /// By parameter.
    pub named_share: Vec<f64>,
}

/// The screening of `effects`, a row a trajectory.
pub(crate) fn screen(effects: &[Vec<Option<f64>>], seed: u64) -> Screening {
    let parameters = effects.first().map_or(0, Vec::len);
    let mut counts = vec![0; effects.len()];
    let (mut named, mut resamples) = (vec![0_u32; parameters], 0);
    // One run of the bootstrap for the ranks of all parameters together.
    bootstrap(seed, |stream| {
        resample(stream, &mut counts);
        let size = |parameter: usize| mean_size(effects, parameter, &counts).unwrap_or(0.0);
        let mut order: Vec<(f64, usize)> = (0..parameters).map(|parameter| (size(parameter), parameter)).collect();
        order.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        order.iter().take(NAMED).filter(|(size, _)| *size > 0.0).for_each(|(_, parameter)| named[*parameter] += 1);
        resamples += 1;
        Some(0.0)
    });
    Screening {
        effects: (0..parameters).map(|parameter| one(effects, parameter, seed)).collect(),
        named_share: named.into_iter().map(|count| f64::from(count) / f64::from(resamples.max(1))).collect(),
    }
}

/// Mean size of a parameter's effects, each trajectory taken `counts` times.
fn mean_size(effects: &[Vec<Option<f64>>], parameter: usize, counts: &[u32]) -> Option<f64> {
    let (mut sum, mut n) = (0.0, 0);
    for (row, count) in effects.iter().zip(counts) {
        if let Some(effect) = row[parameter] {
            sum += effect.abs() * f64::from(*count);
            n += count;
        }
    }
    (n > 0).then(|| sum / f64::from(n))
}

fn one(effects: &[Vec<Option<f64>>], parameter: usize, seed: u64) -> Option<ElementaryEffect> {
    let values: Vec<f64> = effects.iter().filter_map(|row| row[parameter]).collect();
    if values.len() < 2 {
        return None;
    }
    let n = values.len() as f64;
    let sizes: Vec<f64> = values.iter().map(|effect| effect.abs()).collect();
    let mut counts = vec![0; values.len()];
    let weighted = |values: &[f64], counts: &[u32]| {
        values.iter().zip(counts).map(|(value, count)| value * f64::from(*count)).sum::<f64>() / n
    };
    let star = bootstrap(seed, |stream| {
        resample(stream, &mut counts);
        Some(weighted(&sizes, &counts))
    })?;
    let spread = bootstrap(seed, |stream| {
        resample(stream, &mut counts);
        let mean = weighted(&values, &counts);
        let squares: Vec<f64> = values.iter().map(|value| (value - mean) * (value - mean)).collect();
        // As unbiased as the estimate itself: n − 1 below.
        Some((weighted(&squares, &counts) * n / (n - 1.0)).sqrt())
    })?;
    let mean = |values: &[f64]| values.iter().sum::<f64>() / n;
    Some(ElementaryEffect {
        trajectories: values.len() as u32,
        mean: mean(&values),
        size: star.of(mean(&sizes)),
        deviation: spread.of(variance(&values).sqrt()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(trajectories: u32, parameters: usize, model: impl Fn(&[f64]) -> f64) -> Screening {
        let effects: Vec<_> = (0..trajectories)
            .map(|number| {
                let trajectory = Trajectory::draw(7, number, 0, parameters);
                let responses: Vec<_> = trajectory.points().iter().map(|point| Some(model(point))).collect();
                trajectory.effects(&responses)
            })
            .collect();
        screen(&effects, 3)
    }

    #[test]
    fn a_trajectory_moves_every_parameter_once_and_stays_inside() {
        let mut levels = [0; 4];
        for number in 0..50 {
            let trajectory = Trajectory::draw(1, number, 0, 9);
            let points = trajectory.points();
            assert_eq!(points.len(), 10);
            for (pair, moved) in points.windows(2).zip(&trajectory.order) {
                let changed: Vec<usize> = (0..9).filter(|i| pair[0][*i] != pair[1][*i]).collect();
                assert_eq!(changed, [*moved]);
                assert!(((pair[0][*moved] - pair[1][*moved]).abs() - STEP).abs() < 1e-12);
            }
            let mut order = trajectory.order.clone();
            order.sort_unstable();
            assert_eq!(order, (0..9).collect::<Vec<_>>());
            trajectory.start.iter().for_each(|level| levels[(level * 3.0).round() as usize] += 1);
            assert!(points.iter().flatten().all(|x| (0.0..=1.0).contains(x)));
        }
        assert!(levels.iter().all(|count| (80..150).contains(count)), "450 starts on four levels: {levels:?}");
        assert_ne!(Trajectory::draw(1, 0, 0, 9), Trajectory::draw(1, 0, 1, 9));
        assert_ne!(Trajectory::draw(1, 0, 0, 9), Trajectory::draw(2, 0, 0, 9));
    }

    #[test]
    fn a_linear_model_has_its_coefficients_as_effects_and_no_spread() {
        let slopes = [3.0, -5.0, 0.0, 0.25];
        let screening = run(6, 4, |x| 1.0 + x.iter().zip(slopes).map(|(x, b)| x * b).sum::<f64>());
        for (effect, slope) in screening.effects.iter().zip(slopes) {
            let effect = effect.as_ref().expect("six effects");
            assert!((effect.mean - slope).abs() < 1e-9 && (effect.size.value - slope.abs()).abs() < 1e-9, "{effect:?}");
            assert!(effect.deviation.value < 1e-9 && effect.size.high - effect.size.low < 1e-9, "{effect:?}");
        }
        // Three are named; the one without any effect is never among them.
        assert_eq!(screening.named_share, [1.0, 1.0, 0.0, 1.0]);
    }

    /// The test function of Morris (1991): twenty parameters, of which the first ten matter; with his coefficients set to their
    /// stated values and the free ones, which are noise there, to zero. The first three and the fifth and seventh enter through
    /// w = 2 (1.1 x / (x + 0.1) − 0.5), the others through 2 (x − 0.5).
    fn morris_1991(x: &[f64]) -> f64 {
        let w: Vec<f64> = (0..20)
            .map(|i| if [2, 4, 6].contains(&i) { 2.0 * (1.1 * x[i] / (x[i] + 0.1) - 0.5) } else { 2.0 * (x[i] - 0.5) })
            .collect();
        let mut y: f64 = w[..10].iter().map(|w| 20.0 * w).sum();
        for i in 0..6 {
            for j in i + 1..6 {
                y -= 15.0 * w[i] * w[j];
                for l in j + 1..5 {
                    y -= 10.0 * w[i] * w[j] * w[l];
                }
            }
        }
        y + 5.0 * w[0] * w[1] * w[2] * w[3]
    }

    #[test]
    fn the_known_ranking_of_a_published_function_comes_out() {
        let screening = run(40, 20, morris_1991);
        let effect = |i: usize| screening.effects[i].clone().expect("forty effects");
        let size = |i: usize| effect(i).size.value;
        // Parameters 11 to 20 do nothing; 8 to 10 (and 7, curved) act alone; 1 to 6 act together.
        assert!((10..20).all(|i| size(i) == 0.0 && effect(i).deviation.value == 0.0));
        assert!((7..10).all(|i| (size(i) - 40.0).abs() < 1e-9 && effect(i).deviation.value < 1e-9), "linear and alone");
        assert!((0..6).all(|i| effect(i).deviation.value > 20.0), "they depend on each other");
        assert!(effect(6).deviation.value > 5.0 && size(6) > 10.0, "curved: {:?}", effect(6));
        let mut order: Vec<usize> = (0..20).collect();
        order.sort_by(|a, b| size(*b).total_cmp(&size(*a)));
        assert!(order[..4].iter().all(|i| *i < 6), "the strongest are among the interacting ones: {order:?}");
        assert!(screening.named_share[10..].iter().all(|share| *share == 0.0));
        assert!((screening.named_share.iter().sum::<f64>() - 3.0).abs() < 1e-9);
    }

    #[test]
    fn intervals_hold_the_mean_size_as_often_as_they_say() {
        // The effect of the first parameter is 4 + 3 w with w uniform on the levels of the second, −1 to 1.
        let model = |x: &[f64]| x[0] * (4.0 + 3.0 * (2.0 * x[1] - 1.0));
        let (mut held, runs) = (0, 60);
        for run in 0..runs {
            let effects: Vec<_> = (0..25)
                .map(|number| {
                    let trajectory = Trajectory::draw(100 + run, number, 0, 2);
                    let responses: Vec<_> = trajectory.points().iter().map(|point| Some(model(point))).collect();
                    trajectory.effects(&responses)
                })
                .collect();
            let size = screen(&effects, run).effects[0].clone().expect("effects").size;
            held += i32::from(size.low <= 4.0 && 4.0 <= size.high);
        }
        // Binomial (60, 0.95): fewer than 52 with a chance of 0.4 %.
        assert!(held >= 52, "{held} of {runs}");
    }

    #[test]
    fn what_has_no_response_has_no_effect() {
        let trajectory = Trajectory { start: vec![0.0, 1.0], order: vec![1, 0] };
        assert_eq!(trajectory.effects(&[Some(1.0), None, Some(3.0)]), [None, None]);
        let effects = trajectory.effects(&[Some(1.0), Some(0.0), Some(3.0)]);
        assert_eq!(effects, [Some(4.5), Some(1.5)], "parameter 1 went down: (0 − 1) / −2/3");
        assert!(screen(&[effects], 1).effects.iter().all(Option::is_none), "one trajectory has no spread");
    }
}
