//! Small suites on the engine: the same on any number of workers, interrupted or not, and the same as plain runs.

mod oracle;
mod policies;
mod sensitivity;
mod shards;

use super::*;
use crate::base::money::Ppm;
use crate::base::time::Day;
use crate::experiment;
use crate::results::suite::suite_hash;
use crate::runtime::{Fabric, Threads};
use crate::scenario::{SuitePath, VariancePlan, WorldSpec};
use crate::sim::Progress;
use crate::sim::options::Silent;
use crate::testing::fixture;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Two paths × three policies × three replications of 300 people over two months: as it is, nothing changed, and half the
/// new limits from the second month.
pub(super) fn small() -> Scenario {
    let mut scenario = fixture::scenario(300);
    (scenario.warmup_months, scenario.months, scenario.cell_users) = (1, 2, 100);
    scenario.warmup_economy.months.truncate(1);
    let mut tighter = scenario.base.clone();
    tighter.terms.origination.tier_new_limit_fen = tighter.terms.origination.tier_new_limit_fen.map(|fen| fen / 2);
    tighter.terms.origination.pd_cutoff = Ppm(tighter.terms.origination.pd_cutoff.0 / 2);
    let from = Day::from_ymd(2026, 1, 1).expect("a date");
    let rules = [Vec::new(), vec![(from, scenario.base.clone())], vec![(from, tighter)]];
    let mut worlds = Vec::new();
    let mut paths = Vec::new();
    for (name, peak_ppm) in [("base", 52_000), ("severe", 90_000)] {
        let mut economy = fixture::path_spec(name, peak_ppm);
        (economy.start_month, economy.rise_months) = (1, 2);
        for (policy, rule_changes) in ["present", "nothing", "tighter"].iter().zip(&rules) {
            worlds.push(WorldSpec {
                name: format!("{name}-{policy}"),
                economy: crate::economy::path::build(&economy, 2, 1, 0),
                rule_changes: rule_changes.clone(),
                events: Vec::new(),
                appetite: None,
            });
        }
        paths.push(SuitePath { name: name.to_string(), economy, weight: 1 });
    }
    scenario.worlds = worlds;
    scenario.suite = Some(SuitePlan {
        replications: 3,
        paths,
        policies: ["present", "nothing", "tighter"].map(str::to_string).to_vec(),
        outcomes: ["captured_yuan", "overdue_rate", "application_approval_rate"].map(str::to_string).to_vec(),
        variance: Some(VariancePlan { path: 1, lucks: 2 }),
        reverse: Vec::new(),
        sensitivity: None,
        attribution: None,
    });
    scenario
}

struct Area {
    home: tempfile::TempDir,
    area: WorkArea,
}

fn area() -> Area {
    let home = tempfile::tempdir().expect("a directory");
    let area = WorkArea::beside(&home.path().join("suite"), "test").expect("made");
    Area { home, area }
}

impl Area {
    fn kept(&self) -> usize {
        let entries = std::fs::read_dir(self.home.path().join("suite.work")).expect("there");
        entries.filter(|entry| entry.as_ref().is_ok_and(|e| e.path().extension().is_some_and(|e| e == "json"))).count()
    }
}

fn manner<'a>(workers: usize, progress: &'a dyn Progress, cancel: &'a AtomicBool) -> Manner<'a> {
    Manner { workers, progress, cancel, auditor: None, warm: None }
}

fn whole(scenario: &Scenario, workers: usize, area: &WorkArea) -> SuiteRecord {
    let cancel = AtomicBool::new(false);
    run(scenario, &manner(workers, &Silent, &cancel), area).expect("not interrupted")
}

/// Pulls the plug after some days.
struct Plug<'a> {
    days: AtomicUsize,
    most: usize,
    cancel: &'a AtomicBool,
}

impl Progress for Plug<'_> {
    fn day(&self, done: usize, total: usize) {
        assert!(done <= total);
        if self.days.fetch_add(1, Ordering::Relaxed) + 1 >= self.most {
            self.cancel.store(true, Ordering::Relaxed);
        }
    }
}

#[test]
fn a_suite_is_the_same_on_any_number_of_workers_and_after_an_interruption() {
    let scenario = small();
    let (one, three) = (area(), area());
    let expected = suite_hash(&whole(&scenario, 1, &one.area));
    assert_eq!(suite_hash(&whole(&scenario, 3, &three.area)), expected);
    assert_eq!(three.kept(), 3 * 6 + 3, "three further lucks on the severe path");

    // A world has 59 days, and 31 of warm-up if it has to make its own; two workers leave at most two of them unfinished, so at least
    // three are done after 450 days, however the workers took turns. Then the plug is pulled, and once more.
    let stopped = area();
    for (most, least_kept) in [(450, 3), (250, 3)] {
        let cancel = AtomicBool::new(false);
        let plug = Plug { days: AtomicUsize::new(0), most, cancel: &cancel };
        let outcome = run(&scenario, &manner(2, &plug, &cancel), &stopped.area);
        assert!(matches!(outcome, Err(SuiteError::Interrupted)));
        assert!(stopped.kept() >= least_kept && stopped.kept() < 21, "{} kept", stopped.kept());
    }
    let left = 21 - stopped.kept();
    let cancel = AtomicBool::new(false);
    let counter = Plug { days: AtomicUsize::new(0), most: usize::MAX, cancel: &cancel };
    let resumed = run(&scenario, &manner(2, &counter, &cancel), &stopped.area).expect("not interrupted");
    assert_eq!(suite_hash(&resumed), expected);
    let days = counter.days.load(Ordering::Relaxed);
    assert!(days < left * (59 + 31) + 1, "{days} days for {left} worlds");

    // What is kept belongs to the program and to the numbers that made it.
    let bare = scenario.with_luck(0);
    let of = |program: &str, scenario: &Scenario, world: usize| jobs::key(program, scenario, &scenario.worlds[world]);
    assert_ne!(of("test", &bare, 0), of("other", &bare, 0));
    assert_ne!(of("test", &bare, 0), of("test", &bare, 2));
    assert_ne!(of("test", &bare, 0), of("test", &scenario.with_luck(1), 0));
    let titled = Scenario { title: "another".to_string(), ..bare.clone() };
    assert_eq!(of("test", &bare, 0), of("test", &titled, 0));
}

#[test]
fn a_replication_is_the_plain_run_of_that_number() {
    let scenario = small();
    let kept = area();
    let record = whole(&scenario, 2, &kept.area);
    let mut plain = scenario.with_luck(2);
    let plan = scenario.suite.as_ref().expect("a suite");
    for (position, world) in plain.worlds.iter_mut().enumerate() {
        let economy = &plan.paths[position / 3].economy;
        world.economy = crate::economy::path::build(economy, 2, scenario.seed, 2);
    }
    let cancel = AtomicBool::new(false);
    let run = experiment::run(&plain, &manner(2, &Silent, &cancel)).expect("not interrupted");
    for (kept, world) in record.worlds[12..18].iter().zip(&run.worlds) {
        assert_eq!((kept.luck, kept.shock, &kept.state_hash), (2, 2, &world.state_hash), "{}", world.name);
        let measures = crate::measure::measures(world);
        assert_eq!(kept.value("captured_yuan"), measures.value("captured_yuan"));
    }
    let luck: Vec<(u32, u32)> = record.worlds[18..].iter().map(|w| (w.luck, w.shock)).collect();
    assert_eq!(luck, [(3, 0), (4, 1), (5, 2)], "other luck at the same shocks");
}

#[test]
fn what_changes_nothing_differs_by_nothing_and_what_tightens_lends_less() {
    let kept = area();
    let record = whole(&small(), 2, &kept.area);
    let of = |policy: &str, measure: &str| {
        let found =
            record.differences.iter().find(|d| (&*d.path, &*d.policy, &*d.measure) == ("base", policy, measure));
        found.and_then(|d| d.paired.clone()).expect("three pairs")
    };
    let nothing = of("nothing", "captured_yuan");
    assert_eq!((nothing.difference.low, nothing.difference.high), (0.0, 0.0));
    let tighter = of("tighter", "application_approval_rate");
    assert!(tighter.difference.high < 0.0, "{tighter:?}");
    assert!(tighter.base > 0.0 && tighter.unpaired_half > 0.0, "{tighter:?}");
    assert_eq!(record.distributions.len(), 2 * 3 * 3);
    assert!(record.distributions.iter().all(|d| d.distribution.as_ref().is_some_and(|d| d.replications == 3)));
    assert_eq!(record.variances.len(), 3);
}

/// The limit is what the engine itself gives at a depth of 1.3; the search does not know that depth.
#[test]
fn a_depth_planted_in_the_engine_is_found_within_two_percent() {
    let mut scenario = small();
    let mut plan = scenario.suite.take().expect("a suite");
    (plan.replications, plan.variance) = (2, None);
    for path in &mut plan.paths {
        path.economy.spending_drop_ppm *= 3;
    }
    scenario.suite = Some(plan.clone());
    let kept = area();
    let cancel = AtomicBool::new(false);
    let manner = manner(2, &Silent, &cancel);
    let shop = Shop { scenario: &scenario, manner: &manner, area: &kept.area };
    let stress = |limit: f64| ReversePlan {
        name: "sales".to_string(),
        measure: "captured_yuan".to_string(),
        breaks: Breaks::Below,
        limit,
        base: 0,
        severe: 1,
        policy: 0,
        replications: 2,
        precision: 0.05,
    };
    let planted = |number: u32| Order {
        label: label("planted", &plan, SuiteWorld::on(1, 0, number), number),
        spec: scenario.suite_world(SuiteWorld { base: 0, depth_milli: 1_300, ..SuiteWorld::on(1, 0, number) }),
    };
    let ran = shop.complete((0..2).map(planted).collect()).expect("not interrupted");
    let limit = ran.iter().filter_map(|world| world.value("captured_yuan")).sum::<f64>() / 2.0;
    let mut worlds = Vec::new();
    let found = reverse_stress(&shop, &plan, &stress(limit), &mut worlds).expect("not interrupted");
    let crossing = found.crossing.expect("the response falls below its value at 1.3");
    assert!((crossing.depth / 1.3 - 1.0).abs() < 0.02, "{found:?}");
    assert_eq!(worlds.len(), 2 * found.points.len());
    let never = reverse_stress(&shop, &plan, &stress(1.0), &mut worlds).expect("not interrupted");
    assert!(never.crossing.is_none() && never.says.contains("no depth"), "{never:?}");
}

/// What two policies make of a world may be the same: it runs once and is reported under both names.
#[test]
fn a_world_that_is_ordered_twice_runs_once() {
    let scenario = small();
    let plan = scenario.suite.clone().expect("a suite");
    let kept = area();
    let cancel = AtomicBool::new(false);
    let counter = Plug { days: AtomicUsize::new(0), most: usize::MAX, cancel: &cancel };
    let manner = manner(2, &counter, &cancel);
    let shop = Shop { scenario: &scenario, manner: &manner, area: &kept.area };
    let order = |policy: usize| Order {
        label: label(SUITE, &plan, SuiteWorld::on(0, policy, 0), 0),
        spec: scenario.suite_world(SuiteWorld::on(0, 0, 0)),
    };
    let worlds = shop.complete(vec![order(0), order(1), order(2)]).expect("not interrupted");
    assert_eq!(counter.days.load(Ordering::Relaxed), 31 + 59);
    assert_eq!(kept.kept(), 1);
    let names: Vec<&str> = worlds.iter().map(|world| world.policy.as_str()).collect();
    assert_eq!(names, ["present", "nothing", "tighter"]);
    assert!(worlds.iter().all(|world| (&world.key, &world.state_hash) == (&worlds[0].key, &worlds[0].state_hash)));
}

/// Whoever keeps a world second, from another process, say, finds the first one's file and no trouble.
#[test]
fn workers_keep_the_same_world_at_once() {
    let home = tempfile::tempdir().expect("a directory");
    let area = WorkArea::beside(&home.path().join("suite"), "test").expect("made");
    let world = crate::results::suite::tests::record().worlds.remove(0);
    Threads::new(4).superstep(400, &|_, _| area.put(&world).expect("kept"));
    let world_key = world.key.clone();
    assert_eq!(area.get(&world_key), Some(world));
    let entries = std::fs::read_dir(area.path()).expect("there").map(|entry| entry.expect("an entry").file_name());
    let mut names: Vec<String> = entries.map(|name| name.into_string().expect("a text")).collect();
    names.sort();
    // The world once, our mark and the list of what was kept: nothing half-written is left.
    let mut wanted = [".yuefu-mark".to_string(), format!("{world_key}.json"), "written.txt".to_string()];
    wanted.sort();
    assert_eq!(names, wanted);
}

/// Risk views and attribution on the engine: every cell that is stated has its replications, the parts make the whole, and less
/// spending in the downturn is behaviour.
#[test]
fn views_and_attribution_come_out_of_the_worlds() {
    let mut scenario = small();
    let plan = scenario.suite.as_mut().expect("a suite");
    plan.variance = None;
    plan.attribution = Some(crate::scenario::AttributionPlan { path: 1, policy: 0 });
    for path in &mut plan.paths {
        path.economy.spending_drop_ppm *= 3;
    }
    let kept = area();
    let record = whole(&scenario, 2, &kept.area);
    assert_eq!(record.worlds.len(), 3 * 6 + 3 * 4);
    for world in &record.worlds {
        assert_eq!(world.views.len(), if world.part == SUITE { record.risk.layout.len() } else { 0 }, "{}", world.part);
    }
    let risk = &record.risk;
    let cell = |path: &str, view: &str, row: &str, column: &str| {
        let name = |c: &CellName| (c.view, c.row.as_str(), c.column.as_str()) == (view, row, column);
        let found =
            risk.estimates.iter().find(|e| e.path == path && e.policy == "present" && name(&risk.layout[e.cell]));
        found.cloned().expect("the cell has a value")
    };
    let accounts = cell("base", "concentration", "income", "HHI");
    assert!(accounts.replications == 3 && (0.2..1.0).contains(&accounts.estimate.value), "{accounts:?}");
    let (base, severe) = (cell("base", "ecl", "booked", "all"), cell("severe", "ecl", "booked", "all"));
    let weighted = cell("(weighted)", "ecl", "booked", "all").estimate.value;
    assert!((weighted - (base.estimate.value + severe.estimate.value) / 2.0).abs() < 1e-12);
    let up = cell("severe", "ecl", "upside", "all").estimate.value;
    let down = cell("severe", "ecl", "downside", "all").estimate.value;
    assert!(up < severe.estimate.value && severe.estimate.value < down, "{up} {} {down}", severe.estimate.value);
    let captured = risk.attributions.iter().find(|a| a.measure == "captured_yuan").expect("an attribution");
    let of = |factor: &str| captured.parts.iter().find(|p| p.factor == factor).map(|p| p.effect.value).expect("a part");
    let parts = ["job_loss", "income", "behaviour", "policy", "interaction"].map(of);
    assert!((parts.iter().sum::<f64>() / of("all") - 1.0).abs() < 1e-9, "{:?}", captured.parts);
    assert!(of("all") < 0.0 && of("behaviour") < 0.5 * of("all"), "{:?}", captured.parts);
}

/// Expected loss by stage, from the exposures of all cells, is what the accounts' own sums make the allowance.
#[test]
fn booked_expected_loss_by_stage_is_the_allowance() {
    let scenario = small();
    let cancel = AtomicBool::new(false);
    let run = experiment::run(&scenario, &manner(2, &Silent, &cancel)).expect("not interrupted");
    for month in run.worlds.iter().flat_map(|world| &world.months) {
        let booked: i64 = month.risk.ecl_fen[9..].iter().sum();
        let held = month.stocks.allowance_fen;
        // Each account's loss is rounded to a fen, and thousandths of the exposure are cut.
        assert!(held > 0 && (booked - held).abs() <= month.stocks.accounts + held / 1_000, "{booked} against {held}");
        let by_age: i64 = month.risk.balance_fen[..6].iter().sum();
        let by_income: i64 = month.risk.balance_fen[6..].iter().sum();
        assert_eq!((by_age, by_income), (month.balance_fen(), month.balance_fen()));
        assert_eq!(month.risk.accounts[..6].iter().sum::<i64>(), month.stocks.accounts);
    }
}
