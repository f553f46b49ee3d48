//! Reverse stress: the mildest depth k in [0, 3] of x(t, k) = base + k (severe − base) that breaks a limit.
//!
//! Seven depths come first, since a response need not be monotone (profit, a partner's trigger); the first bracket in which
//! the mean over the replications crosses the limit is then halved until it is narrow, and the depth is read off the straight
//! line through its ends. All depths meet the same people, luck and shocks, so the response is one curve a replication and the
//! crossing is far sharper than the level. Its interval resamples replications and finds the first crossing of each resampled
//! curve anew.

use super::statistics::{RESAMPLES, mean};
use crate::base::random::{Purpose, RunKey};
use crate::results::suite::{Crossing, ReversePoint};
use crate::scenario::Breaks;

/// The depths that come first, thousandths.
pub(crate) const GRID_MILLI: [i32; 7] = [0, 500, 1_000, 1_500, 2_000, 2_500, 3_000];

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Question {
    /// On which side of the limit it is broken.
    pub breaks: Breaks,
    /// The limit.
    pub limit: f64,
    /// Width of the last bracket.
    pub precision: f64,
    /// Seed of the resamples.
    pub seed: u64,
}

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Found {
    /// Everything that was run, by depth.
    pub points: Vec<ReversePoint>,
    /// The first crossing.
    pub crossing: Option<Crossing>,
    /// The mean response is monotone over the first depths.
    pub monotone: bool,
    /// Share of resamples without a crossing.
    pub never_share: f64,
}

/// The first crossing over resamples.
struct Spread {
    /// Lower end of the middle 95 %.
    low: f64,
    /// Upper end; `None` when it lies beyond the depths.
    high: Option<f64>,
    /// Share of resamples without a crossing.
    never_share: f64,
}

/// A measure by replication at one depth.
type Responses = Vec<Option<f64>>;

/// Searches. `evaluate` gives the responses at some depths (thousandths), by replication, always in the same order.
///
/// # Errors
/// What `evaluate` says.
pub(crate) fn search<E>(
    question: &Question,
    mut evaluate: impl FnMut(&[i32]) -> Result<Vec<Responses>, E>,
) -> Result<Found, E> {
    let mut curve: Vec<(i32, Responses)> = GRID_MILLI.into_iter().zip(evaluate(&GRID_MILLI)?).collect();
    let monotone = is_monotone(&curve);
    while let Some(middle) = question.between(&curve) {
        let position = curve.partition_point(|(depth, _)| *depth < middle);
        let responses = evaluate(&[middle])?.into_iter().next().unwrap_or_default();
        curve.insert(position, (middle, responses));
    }
    let once = |responses: &Responses| vec![1; responses.len()];
    let crossing = question.first_crossing(&curve, &once(&curve[0].1));
    let spread = question.resampled(&curve);
    let points = curve.iter().filter_map(|(depth, responses)| {
        let response = mean(&responses.iter().copied().flatten().collect::<Vec<f64>>())?;
        Some(ReversePoint { depth: f64::from(*depth) / 1e3, response, broken: question.broken(response.value) })
    });
    Ok(Found {
        points: points.collect(),
        crossing: crossing.map(|depth| Crossing {
            depth,
            low: spread.low.min(depth),
            high: spread.high.map(|high| high.max(depth)),
        }),
        monotone,
        never_share: spread.never_share,
    })
}

impl Question {
    fn broken(&self, value: f64) -> bool {
        match self.breaks {
            Breaks::Above => value > self.limit,
            Breaks::Below => value < self.limit,
        }
    }

    /// The middle of the first bracket that crosses, when it is still wider than the precision.
    fn between(&self, curve: &[(i32, Responses)]) -> Option<i32> {
        let counts = vec![1; curve[0].1.len()];
        let broken: Vec<Option<bool>> =
            curve.iter().map(|(_, r)| weighted(r, &counts).map(|value| self.broken(value))).collect();
        let position = broken.windows(2).position(|pair| pair == [Some(false), Some(true)])?;
        // Broken before any crossing: there is nothing milder to find.
        if broken[..position].contains(&Some(true)) {
            return None;
        }
        let (low, high) = (curve[position].0, curve[position + 1].0);
        (f64::from(high - low) / 1e3 > self.precision && high - low > 1).then_some((low + high) / 2)
    }

    /// First depth at which the mean response, each replication taken `counts` times, breaks the limit.
    fn first_crossing(&self, curve: &[(i32, Responses)], counts: &[u32]) -> Option<f64> {
        let mut last: Option<(f64, f64)> = None;
        for (depth, responses) in curve {
            let (depth, Some(value)) = (f64::from(*depth) / 1e3, weighted(responses, counts)) else { continue };
            if self.broken(value) {
                return Some(match last {
                    None => depth,
                    Some((x, y)) => x + (depth - x) * (self.limit - y) / (value - y),
                });
            }
            last = Some((depth, value));
        }
        None
    }

    fn resampled(&self, curve: &[(i32, Responses)]) -> Spread {
        let key = RunKey::new(self.seed, 1);
        let mut counts = vec![0; curve[0].1.len()];
        let mut depths: Vec<f64> = (0..RESAMPLES)
            .map(|number| {
                super::statistics::resample(&mut key.stream(number, Purpose::Service), &mut counts);
                self.first_crossing(curve, &counts).unwrap_or(f64::INFINITY)
            })
            .collect();
        depths.sort_by(f64::total_cmp);
        let never_share = depths.iter().filter(|depth| depth.is_infinite()).count() as f64 / f64::from(RESAMPLES);
        let at = |share: f64| depths[(share * f64::from(RESAMPLES)) as usize];
        Spread { low: at(0.025), high: Some(at(0.975)).filter(|depth| depth.is_finite()), never_share }
    }
}

impl Found {
    /// What was found, in a sentence.
    pub(crate) fn says(&self) -> String {
        let deepest = self.points.last().map_or(0.0, |point| point.depth);
        let Some(crossing) = self.crossing else {
            return match self.never_share {
                1.0 => format!("no depth up to {deepest:.1} breaks it"),
                share => format!(
                    "no depth up to {deepest:.1} breaks it, but in {:.0}% of resamples one does",
                    100.0 * (1.0 - share)
                ),
            };
        };
        if crossing.depth == 0.0 {
            return "broken already at depth 0: it needs no downturn".to_string();
        }
        let high = crossing.high.map_or_else(|| format!("beyond {deepest:.1}"), |high| format!("{high:.2}"));
        let first = if self.monotone { "" } else { "; the response is not monotone, this is the first crossing" };
        format!("broken from k = {:.2} on (95 %: {:.2} to {high}){first}", crossing.depth, crossing.low)
    }
}

/// The mean of the responses that there are, each taken `counts` times.
fn weighted(responses: &Responses, counts: &[u32]) -> Option<f64> {
    let (mut sum, mut n) = (0.0, 0);
    for (value, &count) in responses.iter().zip(counts).filter_map(|(value, count)| value.map(|v| (v, count))) {
        sum += value * f64::from(count);
        n += count;
    }
    (n > 0).then(|| sum / f64::from(n))
}

fn is_monotone(curve: &[(i32, Responses)]) -> bool {
    let counts = vec![1; curve[0].1.len()];
    let means: Vec<f64> = curve.iter().filter_map(|(_, responses)| weighted(responses, &counts)).collect();
    means.windows(2).all(|pair| pair[0] <= pair[1]) || means.windows(2).all(|pair| pair[0] >= pair[1])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::random::{Purpose, RunKey};
    use rand_distr::{Distribution, StandardNormal};
    use std::convert::Infallible;

    fn question(breaks: Breaks, limit: f64) -> Question {
        Question { breaks, limit, precision: 0.02, seed: 5 }
    }

    /// 40 replications of a curve: levels differ by a lot, slopes by a little, and each point has a noise of its own.
    fn planted(response: impl Fn(f64) -> f64) -> impl FnMut(&[i32]) -> Result<Vec<Responses>, Infallible> {
        move |depths: &[i32]| {
            let at = |depth: i32| {
                let one = |number: u32| {
                    let mut luck = RunKey::new(11, number).stream(0, Purpose::World);
                    let mut normal = || -> f64 { StandardNormal.sample(&mut luck) };
                    let (level, slope) = (0.004 * normal(), 1.0 + 0.05 * normal());
                    let own: f64 =
                        StandardNormal.sample(&mut RunKey::new(11, number).stream(depth as u16, Purpose::Buy));
                    Some(level + slope * response(f64::from(depth) / 1e3) + 0.0005 * own)
                };
                (0..40).map(one).collect()
            };
            Ok(depths.iter().map(|&depth| at(depth)).collect())
        }
    }

    #[test]
    fn a_planted_crossing_is_found_within_two_percent() {
        // Loss of 4 % that grows a little faster than the depth; the limit is where k is 1.3.
        let loss = |k: f64| 0.04 + 0.05 * k + 0.01 * k * k;
        let mut runs = 0;
        let mut evaluate = planted(loss);
        let found = search(&question(Breaks::Above, loss(1.3)), |depths| {
            runs += depths.len();
            evaluate(depths)
        });
        let found = found.unwrap_or_else(|never| match never {});
        let crossing = found.crossing.expect("it is broken");
        assert!((crossing.depth / 1.3 - 1.0).abs() < 0.02, "{crossing:?}");
        assert!(crossing.low < 1.3 && crossing.high.is_some_and(|high| 1.3 < high && high < 1.4), "{crossing:?}");
        assert!(found.monotone && found.never_share == 0.0, "{found:?}");
        assert_eq!(runs, 7 + 5, "0.5 is halved five times down to 0.02");
        assert!(found.says().starts_with("broken from k = 1."), "{}", found.says());
    }

    #[test]
    fn of_several_crossings_the_first_is_told() {
        // Profit rises, falls below zero at 1.75, recovers at 2.25.
        let profit = |k: f64| 0.3 * (k - 1.75) * (k - 2.25);
        let found = search(&question(Breaks::Below, 0.0), planted(profit)).unwrap_or_else(|never| match never {});
        let crossing = found.crossing.expect("it is broken");
        assert!((crossing.depth / 1.75 - 1.0).abs() < 0.02, "{crossing:?}");
        assert!(!found.monotone && found.says().contains("not monotone"), "{}", found.says());
    }

    #[test]
    fn what_never_breaks_and_what_is_broken_from_the_start_are_told() {
        let mild = |k: f64| 0.02 + 0.01 * k;
        let never = search(&question(Breaks::Above, 0.2), planted(mild)).unwrap_or_else(|never| match never {});
        assert_eq!((never.crossing, never.never_share, never.points.len()), (None, 1.0, 7));
        assert_eq!(never.says(), "no depth up to 3.0 breaks it");
        let always = search(&question(Breaks::Above, 0.01), planted(mild)).unwrap_or_else(|never| match never {});
        assert_eq!(always.crossing.map(|c| c.depth), Some(0.0));
        assert!(always.says().contains("already"), "{}", always.says());
        // At the border of the range some resamples cross and some do not: the upper end is open.
        let border = search(&question(Breaks::Above, mild(2.99)), planted(mild)).unwrap_or_else(|never| match never {});
        assert!(border.never_share > 0.1 && border.crossing.is_none_or(|c| c.high.is_none()), "{border:?}");
    }
}
