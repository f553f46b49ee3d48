//! How much load a service carries: a search over rates that judges each probe jointly and trusts none alone.
//!
//! ```text
//! grow:      ×growth from the start rate until a probe is not carried (÷growth when the first one is not)
//! bisect:    halve the bracket until it is no wider than the precision
//! boundary:  probe both ends again, longer where probes disagree; an end that is outvoted moves the bracket
//! confirm:   a longer run at the rate found; when it fails, back by growing steps, then half-way up again
//! ```
//! Whoever probes lets backlog drain in between. Seconds in which the generator was late are left out of a probe; one whose generator
//! was late in most is no evidence about the service: it ends the search from above, and the answer is "at least".

mod demand;
mod on_time;
mod verdict;
mod world;

pub(crate) use on_time::OnTime;
pub(crate) use verdict::{Probe, Verdict, objective_words};
pub(crate) use world::{Searched, plans, search_world};

use crate::experiment::scalability::Throughput;
use crate::results::load::{CapacityRecord, ProbeRecord, ProbeVerdict, ScalabilityLaw, WorldFigures};
use crate::scenario::CapacityPlan;

/// Growing (or shrinking) probes after which the search takes the service for one that never (or always) fails.
const GROWING_MAX: usize = 40;
/// Shrinking ones among them.
const SHRINKING_MAX: usize = 12;
/// Probes of all kinds. Bisecting ends long before; this is for a service without any boundary to find.
const PROBES_MAX: usize = 160;
/// Longer runs, at most.
const LONGER_MAX: u32 = 12;
/// Longer runs at one rate that measured their own generator, after which it is taken for one that did not hold.
const UNMEASURED_MAX: u32 = 3;
/// A longer run that held and one that failed are close enough at this many precision steps.
const CLOSE: f64 = 1.25;

/// What a probe was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Looking for a rate that is not carried (or, downwards, for one that is).
    Growing,
    /// Halving the bracket.
    Bisecting,
    /// Asking again at an end of the bracket.
    Repeat,
    /// The longer run.
    Confirm,
}

impl Purpose {
    /// As records name it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Purpose::Growing => "grow",
            Purpose::Bisecting => "bisect",
            Purpose::Repeat => "boundary",
            Purpose::Confirm => "confirm",
        }
    }
}

/// A probe that was made.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tried {
    /// What it was for.
    pub purpose: Purpose,
    /// Wall time that was asked for.
    pub wall_ms: u64,
    /// What it measured.
    pub probe: Probe,
    /// What that means.
    pub verdict: Verdict,
}

/// What a search found.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Capacity {
    /// Highest rate below all that were not carried, by a majority of the probes at it, after the confirming run has moved
    /// it; requests a second. `None` when nothing was carried.
    pub rate: Option<f64>,
    /// Lowest rate above it at which the service failed; `None` when none did.
    pub broken_rate: Option<f64>,
    /// The search was ended from above by something other than the service: `rate` is a lower bound of the capacity.
    pub at_least: bool,
    /// The longer run held at `rate`. `Some(false)`: nor did it a few steps lower, and `rate` is what short probes carried.
    /// `None`: none was made, or none that says anything about the service.
    pub confirmed: Option<bool>,
    /// Customers whose behaviour makes `rate`, with all that follows from it.
    pub active_customers: Option<f64>,
    /// Of the probe that stands for the answer: the longer run that held, else the last carried one at `rate`.
    pub figures: Option<WorldFigures>,
    /// What gave way first, in words.
    pub limited_by: String,
    /// All probes in their order.
    pub probes: Vec<Tried>,
}

/// A probe and the run that it was read from.
#[derive(Debug)]
pub(crate) struct Probed<R> {
    /// What was measured, for the verdict.
    pub probe: Probe,
    /// All of the run.
    pub run: R,
}

/// What a search found, and the run that shows it.
#[derive(Debug)]
pub(crate) struct Found<R> {
    /// The answer.
    pub capacity: Capacity,
    /// The run of the probe that stands for the answer; of the last probe when nothing was carried.
    pub run: Option<R>,
}

/// Searches the capacity of what `probe` loads: it is called with a rate in requests a second and a wall time in
/// milliseconds, and measures after backlog has drained. `active_rate` is what one active customer asks for at the scenario's
/// hour, in requests a second with all that follows from them.
///
/// # Errors
/// The first error of `probe`, unchanged.
pub(crate) fn search<R, E>(
    plan: &CapacityPlan,
    active_rate: f64,
    probe: &mut dyn FnMut(f64, u64) -> Result<Probed<R>, E>,
) -> Result<Found<R>, E> {
    let mut searching = Searching {
        plan,
        probe,
        tried: Vec::new(),
        runs: Vec::new(),
        points: Vec::new(),
        first_rate: plan.start_rate,
        growing: 0,
        shrinking: 0,
    };
    while let Some((purpose, rate)) = searching.next() {
        searching.vote(purpose, rate)?;
    }
    let found = searching.confirm()?;
    Ok(searching.conclude(found, active_rate))
}

/// What the probes at a rate say together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Carried,
    Broken,
    Unmeasured,
}

/// The probes at one rate.
#[derive(Clone, Copy, Debug)]
struct Point {
    rate: f64,
    /// One that failed while growing is asked again at once: a stray failure would waste the whole bisection below it.
    grown: bool,
    carried: u32,
    broken: u32,
    unmeasured: u32,
    /// Among those that measured nothing was one with too few samples.
    too_few: bool,
}

impl Point {
    fn votes(&self) -> u32 {
        self.carried + self.broken + self.unmeasured
    }

    /// A probe that measured its own generator is no evidence against the service: the others decide, if they are a quarter of all.
    fn standing(&self) -> Standing {
        if self.carried > self.broken && 4 * self.carried >= self.votes() {
            Standing::Carried
        } else if self.broken > 0 && self.broken >= self.unmeasured {
            Standing::Broken
        } else {
            Standing::Unmeasured
        }
    }

    /// `repeats` probes measured something and say one thing; otherwise they go on until nothing can change among twice as many and
    /// one. On a machine where one probe in twelve is spoiled, two bad ones of three at some rate are to be expected in a search.
    fn settled(&self, repeats: u32) -> bool {
        let longer = 2 * repeats + 1;
        let most = self.carried.max(self.broken);
        let unanimous = most >= repeats && self.carried.min(self.broken) == 0;
        unanimous || 2 * most > longer || 4 * self.unmeasured > 3 * longer || self.votes() >= longer
    }
}

/// Result of the confirming runs.
struct Confirmed {
    rate: Option<f64>,
    held: Option<bool>,
    /// Lowest rate at which longer runs did not hold, and whether that was the service's fault or their own generator's.
    not_held: Option<(f64, Standing)>,
}

/// The run of a probe that may yet stand for the answer.
struct KeptRun<R> {
    rate: f64,
    carried: bool,
    run: R,
}

/// Where the answer lies.
struct Bracket {
    /// The highest point carried below all that were not.
    low: Option<Point>,
    /// The lowest that was not.
    high: Option<Point>,
}

struct Searching<'a, R, E> {
    plan: &'a CapacityPlan,
    probe: &'a mut dyn FnMut(f64, u64) -> Result<Probed<R>, E>,
    tried: Vec<Tried>,
    /// The last carried run at each rate, and the last of all.
    runs: Vec<KeptRun<R>>,
    /// By rate. The bracket is never stored: it is what the points say, so a vote that overrules another moves it by itself.
    points: Vec<Point>,
    /// Where growing begins, or goes on when a probe was too small to say anything.
    first_rate: f64,
    growing: usize,
    shrinking: usize,
}

impl<R, E> Searching<'_, R, E> {
    fn bracket(&self) -> Bracket {
        let high = self.points.iter().position(|point| point.standing() != Standing::Carried);
        let below = &self.points[..high.unwrap_or(self.points.len())];
        Bracket { low: below.last().copied(), high: high.map(|position| self.points[position]) }
    }

    /// The next probe; `None` when the bracket is narrow and both of its ends are settled, or the search must give up.
    fn next(&mut self) -> Option<(Purpose, f64)> {
        let (plan, repeats) = (self.plan, u32::from(self.plan.repeats));
        if self.tried.len() >= PROBES_MAX {
            return None;
        }
        let Bracket { low, high } = self.bracket();
        let Some(high) = high else {
            self.growing += 1;
            let rate = low.map_or(self.first_rate, |low| low.rate * plan.growth);
            return (self.growing <= GROWING_MAX).then_some((Purpose::Growing, rate));
        };
        if !high.settled(repeats) && !high.too_few && (high.grown || high.votes() > 1) {
            return Some((Purpose::Repeat, high.rate));
        }
        let Some(low) = low else {
            // Below a rate that makes too few samples there are fewer still.
            if high.too_few {
                return None;
            }
            self.shrinking += 1;
            return (self.shrinking <= SHRINKING_MAX).then_some((Purpose::Growing, high.rate / plan.growth));
        };
        let middle = 0.5 * (low.rate + high.rate);
        // The second condition ends what a precision of zero would not.
        if high.rate - low.rate > plan.precision * middle && low.rate < middle && middle < high.rate {
            return Some((Purpose::Bisecting, middle));
        }
        [low, high].iter().find(|end| !end.settled(repeats)).map(|end| (Purpose::Repeat, end.rate))
    }

    fn try_rate(&mut self, purpose: Purpose, rate: f64, wall_ms: u64) -> Result<Verdict, E> {
        let Probed { probe, run } = (self.probe)(rate, wall_ms)?;
        let probe = Probe { rate, ..probe };
        let verdict = Verdict::of(&probe, self.plan);
        let carried = verdict == Verdict::Carried;
        self.runs.retain(|kept| kept.carried && !(carried && kept.rate == rate));
        self.runs.push(KeptRun { rate, carried, run });
        self.tried.push(Tried { purpose, wall_ms, probe, verdict: verdict.clone() });
        Ok(verdict)
    }

    fn vote(&mut self, purpose: Purpose, rate: f64) -> Result<(), E> {
        let verdict = self.try_rate(purpose, rate, self.plan.probe_ms)?;
        if matches!(verdict, Verdict::TooFew(_)) && self.points.is_empty() {
            // Too little load to judge is no boundary: more of it is.
            self.first_rate = rate * self.plan.growth;
            return Ok(());
        }
        let position = self.points.partition_point(|point| point.rate < rate);
        if self.points.get(position).is_none_or(|point| point.rate > rate) {
            let grown = purpose == Purpose::Growing;
            self.points.insert(position, Point { rate, grown, carried: 0, broken: 0, unmeasured: 0, too_few: false });
        }
        let point = &mut self.points[position];
        match verdict {
            Verdict::Carried => point.carried += 1,
            Verdict::Broken(_) => point.broken += 1,
            Verdict::TooFew(_) | Verdict::Invalid(_) => point.unmeasured += 1,
        }
        point.too_few |= matches!(verdict, Verdict::TooFew(_));
        Ok(())
    }

    /// Longer runs at the rate found. When one fails, the next is lower by a step that doubles each time; from the first that
    /// holds, half-way back up until the two lie within a step of each other. One that measured its own generator is made again, and
    /// then taken for one that did not hold: a rate that is known to hold is worth more than a higher one that is not.
    fn confirm(&mut self) -> Result<Confirmed, E> {
        let found = self.bracket().low.map(|low| low.rate);
        let mut confirmed = Confirmed { rate: found, held: None, not_held: None };
        let Some(mut rate) = found.filter(|_| self.plan.confirm_ms > 0) else { return Ok(confirmed) };
        let mut held: Option<f64> = None;
        let (mut step, mut unmeasured) = (self.plan.precision, 0);
        for _ in 0..LONGER_MAX {
            match self.try_rate(Purpose::Confirm, rate, self.plan.confirm_ms)? {
                Verdict::Carried => held = Some(rate),
                Verdict::Broken(_) => confirmed.not_held = Some((rate, Standing::Broken)),
                Verdict::TooFew(_) | Verdict::Invalid(_) => {
                    unmeasured += 1;
                    if unmeasured < UNMEASURED_MAX {
                        continue;
                    }
                    confirmed.not_held = Some((rate, Standing::Unmeasured));
                }
            }
            unmeasured = 0;
            rate = match (held, confirmed.not_held) {
                (Some(_), None) => break,
                (Some(low), Some((high, _))) if high - low <= CLOSE * self.plan.precision * high => break,
                (Some(low), Some((high, _))) => 0.5 * (low + high),
                (None, _) => {
                    let lower = rate * (1.0 - step);
                    step = (2.0 * step).min(0.5);
                    lower
                }
            };
        }
        confirmed.rate = held.or(found);
        confirmed.held = match (held, confirmed.not_held) {
            (None, Some((_, Standing::Broken))) => Some(false),
            (held, _) => held.map(|_| true),
        };
        Ok(confirmed)
    }

    fn conclude(mut self, found: Confirmed, active_rate: f64) -> Found<R> {
        let Bracket { low, high } = self.bracket();
        let above = |point: &&Point| low.is_none_or(|low| point.rate > low.rate);
        let broken = self.points.iter().filter(above).find(|point| point.standing() == Standing::Broken);
        let not_held_above = found.not_held.filter(|_| found.held == Some(true));
        let failed_rate = not_held_above.filter(|(_, how)| *how == Standing::Broken).map(|(rate, _)| rate);
        let lowered = not_held_above.is_some() && failed_rate.is_none();
        let broken_rate = failed_rate.or(broken.map(|point| point.rate));
        let ended_by_service =
            !lowered && (failed_rate.is_some() || high.is_some_and(|high| high.standing() == Standing::Broken));
        let longer = || self.words_of(|tried| tried.purpose == Purpose::Confirm);
        let limited_by = if found.held == Some(false) {
            format!("in a longer run: {}", longer())
        } else if lowered {
            format!("the longer run says nothing of a higher rate: {}", longer())
        } else if found.held.is_none() && found.not_held.is_some() {
            format!("the longer run says nothing: {}", longer())
        } else if found.rate.is_none() {
            self.words_of(|_| true)
        } else if let Some(rate) = failed_rate.or(high.map(|high| high.rate)) {
            self.words_of(|tried| tried.probe.rate == rate)
        } else {
            "nothing that the probes reached".to_owned()
        };
        let stands = found.rate.and_then(|rate| stands(&self.tried, rate));
        let standing_run = self.runs.iter().position(|kept| kept.carried && Some(kept.rate) == found.rate);
        let run = standing_run.or(self.runs.len().checked_sub(1)).map(|index| self.runs.swap_remove(index).run);
        let capacity = Capacity {
            rate: found.rate,
            broken_rate,
            at_least: found.rate.is_some() && !ended_by_service,
            confirmed: found.held,
            active_customers: stands.filter(|_| active_rate > 0.0).map(|probe| probe.offered_per_s / active_rate),
            figures: stands.map(|probe| probe.figures.clone()),
            limited_by,
            probes: self.tried,
        };
        Found { capacity, run }
    }

    /// Why it was not carried: of the last of these probes at which the service failed, else of the last that could not tell.
    fn words_of(&self, these: impl Fn(&Tried) -> bool) -> String {
        let not_carried = |tried: &&Tried| these(tried) && tried.verdict != Verdict::Carried;
        let mut last = self.tried.iter().rev().filter(not_carried).peekable();
        let first = last.peek().copied();
        let broken = last.find(|tried| matches!(tried.verdict, Verdict::Broken(_)));
        broken.or(first).map_or_else(String::new, |tried| tried.verdict.reasons().join("; "))
    }
}

/// The probe that stands for an answer: the last one that was carried at its rate.
fn stands(tried: &[Tried], rate: f64) -> Option<&Probe> {
    let carried = |tried: &&Tried| tried.probe.rate == rate && tried.verdict == Verdict::Carried;
    tried.iter().rev().find(carried).map(|tried| &tried.probe)
}

impl Capacity {
    /// As a record of world `world`, with the law of throughput where there is one.
    pub(crate) fn record(&self, world: &str, plan: &CapacityPlan, law: Option<ScalabilityLaw>) -> CapacityRecord {
        CapacityRecord {
            world: world.to_owned(),
            objective: objective_words(plan),
            quantile: plan.quantile,
            below_ns: plan.below_ns,
            probes: self.probes.iter().map(Tried::record).collect(),
            carried_rate: self.rate,
            broken_rate: self.broken_rate,
            at_least: self.at_least,
            active_customers: self.active_customers,
            confirmed: self.confirmed,
            figures: self.figures.clone(),
            demand: self.demand(),
            law,
            limited_by: self.limited_by.clone(),
        }
    }

    /// Offered and decided rates of the probes that measured the service, for [`crate::experiment::scalability::fit`].
    pub(crate) fn throughput(&self) -> Vec<Throughput> {
        let measured = |tried: &&Tried| !matches!(tried.verdict, Verdict::Invalid(_));
        let point = |t: &Tried| Throughput { load: t.probe.offered_per_s, throughput: t.probe.decided_per_s };
        self.probes.iter().filter(measured).map(point).collect()
    }
}

impl Tried {
    fn record(&self) -> ProbeRecord {
        let probe = &self.probe;
        ProbeRecord {
            phase: self.purpose.name().to_owned(),
            rate: probe.rate,
            offered_rate: probe.offered_per_s,
            decided_rate: probe.decided_per_s,
            p50_ns: probe.p50_ns,
            quantile_ns: probe.latency_ns,
            error_share: probe.error_share,
            approval_rate: probe.approval_rate,
            approval_of_days: probe.approval_of_days,
            virtual_approval_of_days: probe.virtual_approval_of_days,
            seconds: self.wall_ms as f64 / 1e3,
            late_seconds: probe.late_seconds,
            verdict: match self.verdict {
                Verdict::Carried => ProbeVerdict::Carried,
                Verdict::Broken(_) => ProbeVerdict::Broken,
                Verdict::TooFew(_) => ProbeVerdict::TooFew,
                Verdict::Invalid(_) => ProbeVerdict::Invalid,
            },
            reasons: self.verdict.reasons().to_vec(),
        }
    }
}

#[cfg(test)]
mod tests;
