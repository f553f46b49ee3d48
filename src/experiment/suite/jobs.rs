//! Worlds as jobs: each runs on one worker from a warm-up that the worlds of the same luck share, and is kept as soon as it
//! is finished. What is kept already does not run again.
//!
//! Warm-ups are jobs too, and stand in the list before their worlds, as many ahead as there are workers:
//!
//! ```text
//! warm 0 · warm 1 · worlds of 0 · warm 2 · worlds of 1 · warm 3 · …
//! ```
//!
//! so nobody waits for a warm-up for long, and only that many of them are in memory. A shard takes whole warm-ups with their worlds.

use super::error::SuiteError;
use crate::experiment::Manner;
use crate::experiment::states::WarmUps;
use crate::population::run_calendar;
use crate::results::WorkArea;
use crate::results::part::Shard;
use crate::results::suite::KeptWorld;
use crate::runtime::{Fabric, Threads, into_inner, lock};
use crate::scenario::{Scenario, WorldSpec};
use crate::sim::{Checkpoints, Options, Progress, Warm, warm_up};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

/// A world that is wanted.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    /// Part, path, policy, luck, shock and depth; what is observed is still missing.
    pub label: KeptWorld,
    /// Its economy, rules and events.
    pub spec: WorldSpec,
}

/// Where worlds are run and kept.
pub(crate) struct Shop<'a> {
    /// The scenario of the suite.
    pub scenario: &'a Scenario,
    /// Workers, progress, the wish to stop.
    pub manner: &'a Manner<'a>,
    /// Where finished worlds are kept.
    pub area: &'a WorkArea,
}

/// What a shard has done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ShardDone {
    /// Keys of its worlds, each once, in order.
    pub keys: Vec<String>,
    /// Its warm-ups.
    pub warm_ups: usize,
}

/// An order with the scenario that it is of. Orders that name the same `Arc` share their warm-ups.
pub(crate) type Ordered = (Arc<Scenario>, Order);

/// The worlds of one scenario and luck that have to run, and their warm-up.
struct Group {
    basis: Arc<Scenario>,
    scenario: Scenario,
    /// Positions in the list of orders.
    orders: Vec<usize>,
    left: AtomicUsize,
    warm: Mutex<Arc<OnceLock<Option<Warm>>>>,
}

enum Job {
    WarmUp(usize),
    World(usize, usize),
}

/// Counts the days of all jobs together.
pub(crate) struct Days<'a> {
    progress: &'a dyn Progress,
    done: AtomicUsize,
    total: usize,
}

impl<'a> Days<'a> {
    /// Reports `total` days to `progress`, one after the other, whoever did them.
    pub(crate) fn new(progress: &'a dyn Progress, total: usize) -> Days<'a> {
        Days { progress, done: AtomicUsize::new(0), total }
    }
}

impl Progress for Days<'_> {
    fn day(&self, _done: usize, _total: usize) {
        self.progress.day(self.done.fetch_add(1, Ordering::Relaxed) + 1, self.total);
    }
}

/// The key of a world: a hash of everything that determines it. Names, titles, targets and what else a world does not depend
/// on are left out, so that two parts of a suite that want the same world share it.
pub(crate) fn key(program: &str, scenario: &Scenario, spec: &WorldSpec) -> String {
    let bare = bare(scenario);
    let mut spec = WorldSpec { name: String::new(), ..spec.clone() };
    spec.economy.name.clear();
    // The debug form of these types is every number in them; they hold no float and no address.
    let text = format!("yuefu-world-1\n{program}\n{bare:?}\n{spec:?}");
    blake3::hash(text.as_bytes()).to_hex().to_string()
}

/// A scenario without what no world depends on.
fn bare(scenario: &Scenario) -> Scenario {
    Scenario {
        name: String::new(),
        title: String::new(),
        product_title: String::new(),
        worlds: Vec::new(),
        targets: Vec::new(),
        load: None,
        suite: None,
        resolved_toml: String::new(),
        ..scenario.clone()
    }
}

/// The orders of a shard: warm-ups are dealt in turn, and worlds that share one stay together.
fn dealt(orders: Vec<Ordered>, shard: Shard) -> Vec<Ordered> {
    // Two scenarios may be the same in all numbers, so that the numbers count and not the `Arc`; that is only a short cut.
    let mut known: BTreeMap<(usize, u32), usize> = BTreeMap::new();
    let mut warm_ups: BTreeMap<[u8; blake3::OUT_LEN], usize> = BTreeMap::new();
    let mut number = |(basis, order): &Ordered| {
        let luck = order.label.luck;
        *known.entry((Arc::as_ptr(basis).addr(), luck)).or_insert_with(|| {
            let text = format!("{:?}", bare(&basis.with_luck(luck)));
            let next = warm_ups.len();
            *warm_ups.entry(blake3::hash(text.as_bytes()).into()).or_insert(next)
        })
    };
    orders.into_iter().filter(|order| shard.holds(number(order))).collect()
}

impl Shop<'_> {
    /// All worlds that are ordered, in that order: those that are kept already, and the others after they have run.
    ///
    /// # Errors
    /// When it was interrupted or a world cannot be kept; worlds that are finished by then are kept all the same.
    pub(crate) fn complete(&self, orders: Vec<Order>) -> Result<Vec<KeptWorld>, SuiteError> {
        self.complete_of(self.of_own(orders))
    }

    /// Orders of the shop's own scenario.
    pub(crate) fn of_own(&self, orders: Vec<Order>) -> Vec<Ordered> {
        let own = Arc::new(self.scenario.clone());
        orders.into_iter().map(|order| (Arc::clone(&own), order)).collect()
    }

    /// Says beforehand how many warm-ups these worlds need that are to be kept and are not there yet.
    pub(crate) fn announce(&self, orders: &[Ordered]) {
        let Some(warm) = self.manner.warm else { return };
        let mut seen = BTreeSet::new();
        let first = |(basis, order): &&Ordered| seen.insert((Arc::as_ptr(basis).addr(), order.label.luck));
        warm.announce(orders.iter().filter(first).map(|(basis, order)| basis.with_luck(order.label.luck)));
    }

    /// Completes the worlds of one shard of all that are ordered.
    ///
    /// # Errors
    /// As [`Shop::complete`].
    pub(crate) fn complete_shard(&self, orders: Vec<Ordered>, shard: Shard) -> Result<ShardDone, SuiteError> {
        let own = dealt(orders, shard);
        self.announce(&own);
        let warm_up = |(basis, order): &Ordered| (Arc::as_ptr(basis).addr(), order.label.luck);
        let of_warm_up: Vec<(usize, u32)> = own.iter().map(warm_up).collect();
        let (mut keys, mut warm_ups) = (Vec::new(), BTreeSet::new());
        let mut seen = BTreeSet::new();
        for (world, of) in self.complete_of(own)?.into_iter().zip(of_warm_up) {
            if seen.insert(world.key.clone()) {
                keys.push(world.key);
                warm_ups.insert(of);
            }
        }
        Ok(ShardDone { keys, warm_ups: warm_ups.len() })
    }

    /// The same for worlds of other scenarios than the shop's: other numbers over the same months.
    ///
    /// # Errors
    /// As [`Shop::complete`].
    pub(crate) fn complete_of(&self, orders: Vec<Ordered>) -> Result<Vec<KeptWorld>, SuiteError> {
        let mut worlds: Vec<Option<KeptWorld>> = Vec::with_capacity(orders.len());
        let mut groups: Vec<Group> = Vec::new();
        let mut labels: Vec<KeptWorld> = Vec::with_capacity(orders.len());
        // A world that is ordered twice runs once: by key, the position that has it run; and the positions that take it over from there.
        let mut running: BTreeMap<String, usize> = BTreeMap::new();
        let mut shared: Vec<(usize, usize)> = Vec::new();
        for (position, (basis, order)) in orders.iter().enumerate() {
            let scenario = basis.with_luck(order.label.luck);
            let label = KeptWorld { key: key(self.area.program(), &scenario, &order.spec), ..order.label.clone() };
            let found = self.area.get(&label.key).map(|kept| named(kept, &label));
            if let Some(&first) = running.get(&label.key) {
                shared.push((position, first));
            } else if found.is_none() {
                running.insert(label.key.clone(), position);
                let same = |group: &&mut Group| {
                    group.scenario.replication == scenario.replication && Arc::ptr_eq(&group.basis, basis)
                };
                match groups.iter_mut().rev().find(same) {
                    Some(group) => group.orders.push(position),
                    None => groups.push(Group {
                        basis: Arc::clone(basis),
                        scenario,
                        orders: vec![position],
                        left: AtomicUsize::new(0),
                        warm: Mutex::default(),
                    }),
                }
            }
            worlds.push(found);
            labels.push(label);
        }
        groups.iter().for_each(|group| group.left.store(group.orders.len(), Ordering::Relaxed));
        let finished = self.run(&orders, &labels, &groups)?;
        for (position, world) in finished {
            worlds[position] = Some(world);
        }
        for (position, first) in shared {
            worlds[position] = worlds[first].clone().map(|kept| named(kept, &labels[position]));
        }
        Ok(worlds.into_iter().flatten().collect())
    }

    fn run(
        &self,
        orders: &[Ordered],
        labels: &[KeptWorld],
        groups: &[Group],
    ) -> Result<Vec<(usize, KeptWorld)>, SuiteError> {
        let jobs = in_order(groups, self.manner.workers);
        let days = self.days(groups);
        let options = Options { progress: &days, cancel: self.manner.cancel, auditor: None };
        let finished = Mutex::new(Vec::new());
        let failed: Mutex<Option<SuiteError>> = Mutex::new(None);
        Threads::new(self.manner.workers).superstep(jobs.len(), &|_, job| {
            if lock(&failed).is_some() || self.manner.cancel.load(Ordering::Relaxed) {
                return;
            }
            match jobs[job] {
                Job::WarmUp(group) => {
                    warmed(&groups[group], &options, self.manner.warm);
                }
                Job::World(group, position) => {
                    let world = self.world(&groups[group], &orders[position].1.spec, &labels[position], &options);
                    match world.transpose() {
                        None => {}
                        Some(Ok(world)) => lock(&finished).push((position, world)),
                        Some(Err(error)) => *lock(&failed) = Some(error),
                    }
                }
            }
        });
        let finished = into_inner(finished);
        match into_inner(failed) {
            Some(error) => Err(error),
            None if finished.len() < groups.iter().map(|group| group.orders.len()).sum() => {
                Err(SuiteError::Interrupted)
            }
            None => Ok(finished),
        }
    }

    /// One world; `None` when it was interrupted.
    fn world(
        &self,
        group: &Group,
        spec: &WorldSpec,
        label: &KeptWorld,
        options: &Options<'_>,
    ) -> Result<Option<KeptWorld>, SuiteError> {
        let slot = warmed(group, options, self.manner.warm);
        let Some(warm) = slot.get().and_then(Option::as_ref) else { return Ok(None) };
        let Ok(observed) = warm.run_world(&group.scenario, spec, &Threads::new(1), options) else { return Ok(None) };
        if group.left.fetch_sub(1, Ordering::Relaxed) == 1 {
            // The last of the group lets go of the people at midnight.
            *lock(&group.warm) = Arc::default();
        }
        let mut kept = label.clone();
        kept.observe(&observed);
        self.area.put(&kept)?;
        Ok(Some(kept))
    }

    fn days<'a>(&'a self, groups: &[Group]) -> Days<'a> {
        let calendar = run_calendar(self.scenario);
        let (warm_up, all) = (self.scenario.warmup_months, self.scenario.warmup_months + self.scenario.months);
        let counted = calendar.months(warm_up, all).len();
        let worlds: usize = groups.iter().map(|group| group.orders.len()).sum();
        let total = groups.len() * calendar.months(0, warm_up).len() + worlds * counted;
        Days::new(self.manner.progress, total)
    }
}

/// What is kept under a key, under the names of this order.
fn named(kept: KeptWorld, label: &KeptWorld) -> KeptWorld {
    KeptWorld {
        state_hash: kept.state_hash,
        measures: kept.measures,
        months: kept.months,
        views: kept.views,
        ..label.clone()
    }
}

/// The warm-up of a group; whoever comes first runs it, the others wait. Holds `None` when it was interrupted.
fn warmed(group: &Group, options: &Options<'_>, kept: Option<&WarmUps<'_>>) -> Arc<OnceLock<Option<Warm>>> {
    let slot = Arc::clone(&lock(&group.warm));
    slot.get_or_init(|| {
        let kept = kept.map(|kept| kept.warm_up(&group.scenario));
        let kept = kept.as_ref().map(|kept| kept as &dyn Checkpoints);
        warm_up(&group.scenario, &Threads::new(1), options, kept).ok()
    });
    slot
}

fn in_order(groups: &[Group], ahead: usize) -> Vec<Job> {
    let ahead = ahead.min(groups.len());
    let mut jobs: Vec<Job> = (0..ahead).map(Job::WarmUp).collect();
    for (number, group) in groups.iter().enumerate() {
        jobs.extend(group.orders.iter().map(|&position| Job::World(number, position)));
        if number + ahead < groups.len() {
            jobs.push(Job::WarmUp(number + ahead));
        }
    }
    jobs
}

/// A depth of one, thousandths.
pub(super) const WHOLE: i32 = 1_000;

/// A world of which nothing is observed yet.
pub(super) fn blank(part: impl Into<String>, path: &str, policy: &str, luck: u32, shock: u32) -> KeptWorld {
    KeptWorld {
        key: String::new(),
        part: part.into(),
        path: path.to_string(),
        policy: policy.to_string(),
        luck,
        shock,
        depth_milli: WHOLE,
        state_hash: String::new(),
        measures: Vec::new(),
        months: Vec::new(),
        views: Vec::new(),
    }
}
