use super::*;
use crate::base::time::CalendarDay;
use crate::measure::WorldObservations;
use crate::runtime::{Fabric, Threads};
use crate::sim::options::{Options, Progress, Silent};
use crate::sim::{KeptStates, run};
use crate::testing::fixture;
use crate::testing::members::{members, on_all};
use crate::world::Frame;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

/// States in memory, by days done; several members write into one.
#[derive(Default)]
struct Memory {
    /// Keeps every day; else none.
    every_day: bool,
    /// The day that is gone on from.
    from: Option<usize>,
    states: Mutex<BTreeMap<usize, (Vec<u8>, Images)>>,
    /// What was said of states that cannot be used.
    problems: Mutex<Vec<String>>,
}

/// By world and number.
type Images = BTreeMap<(usize, usize), Vec<u8>>;

impl Memory {
    fn keeping() -> Memory {
        Memory { every_day: true, ..Memory::default() }
    }

    fn days(&self) -> Vec<usize> {
        lock(&self.states).keys().copied().collect()
    }

    fn state(&self, day: usize) -> (Vec<u8>, Images) {
        lock(&self.states)[&day].clone()
    }
}

impl Checkpoints for Memory {
    fn is_due(&self, _day: &CalendarDay) -> bool {
        self.every_day
    }

    fn keep(&self, state: &RunState<'_>, _fabric: &dyn Fabric) -> Result<Option<u64>, Stopped> {
        let mut images = Images::new();
        for world in 0..state.worlds {
            for cell in state.own.clone() {
                (state.image)(world, cell, images.entry((world, cell)).or_default());
            }
        }
        let mut states = lock(&self.states);
        let (front, all) = states.entry(state.days_done).or_default();
        *front = state.front.to_vec();
        all.extend(images);
        Ok(Some(state.front.len() as u64))
    }

    fn kept(&self) -> Vec<usize> {
        self.from.into_iter().collect()
    }

    fn front(&self, _state: usize) -> Result<Vec<u8>, String> {
        Ok(self.state(self.from.expect("a day")).0)
    }

    fn parts(&self, _state: usize) -> Vec<PartRange> {
        let (_, images) = self.state(self.from.expect("a day"));
        images.keys().map(|&(world, cell)| PartRange { world, cells: cell..cell + 1 }).collect()
    }

    fn read_part(
        &self,
        _state: usize,
        part: usize,
        each: &mut dyn FnMut(usize, &[u8]) -> Result<(), String>,
    ) -> Result<(), String> {
        let (_, images) = self.state(self.from.expect("a day"));
        let ((_, cell), image) = images.iter().nth(part).expect("a part");
        each(*cell, image)
    }

    fn tried(&self, _state: usize, problem: Option<&str>) {
        lock(&self.problems).extend(problem.map(str::to_string));
    }

    fn begins_anew(&self) -> bool {
        false
    }
}

/// A month of warm-up and two that are counted, in two cells and two worlds.
fn scenario() -> Scenario {
    let mut scenario = fixture::scenario(130);
    (scenario.warmup_months, scenario.months, scenario.cell_users) = (1, 2, 100);
    scenario.warmup_economy.months.truncate(1);
    scenario
}

fn observed(
    scenario: &Scenario,
    fabric: &dyn Fabric,
    checkpoints: Option<&dyn Checkpoints>,
    progress: &dyn Progress,
    cancel: &AtomicBool,
) -> Result<Vec<WorldObservations>, Stopped> {
    let options = Options { progress, cancel, auditor: None };
    run(scenario, fabric, &options, KeptStates { checkpoints, warm: None }).map(|outcome| outcome.worlds)
}

fn whole(scenario: &Scenario, fabric: &dyn Fabric, checkpoints: Option<&dyn Checkpoints>) -> String {
    let cancel = AtomicBool::new(false);
    format!("{:?}", observed(scenario, fabric, checkpoints, &Silent, &cancel).expect("not stopped"))
}

/// Asks to stop after so many days.
struct StopsAfter<'a>(usize, &'a AtomicBool);

impl Progress for StopsAfter<'_> {
    fn day(&self, done: usize, _total: usize) {
        if done >= self.0 {
            self.1.store(true, Ordering::Relaxed);
        }
    }
}

/// Every day of three months, in the warm-up and after it: a run that goes on from there for a day is at the next state, byte for byte,
/// and some of them are run to their end.
#[test]
fn a_run_goes_on_from_every_day_as_if_it_had_never_stopped() {
    let scenario = scenario();
    let straight = whole(&scenario, &Threads::new(1), None);
    let kept = Memory::keeping();
    assert_eq!(whole(&scenario, &Threads::new(1), Some(&kept)), straight, "kept_states changes nothing");
    let calendar = Frame::new(&scenario).calendar;
    let (warm_up, total) = (calendar.months(0, 1).len(), calendar.days().len());
    assert_eq!(kept.days(), (1..total).collect::<Vec<_>>());
    for day in 1..total {
        let again = Memory { from: Some(day), states: Mutex::new(lock(&kept.states).clone()), ..Memory::default() };
        // At the end of the warm-up a run that is stopped has begun its worlds; one that goes on has not.
        if day % 9 == 0 || day + 1 == total || day + 1 == warm_up || day == warm_up {
            assert_eq!(whole(&scenario, &Threads::new(2), Some(&again)), straight, "from day {day}");
            continue;
        }
        lock(&again.states).retain(|of, _| *of == day);
        let cancel = AtomicBool::new(false);
        let progress = StopsAfter(day + 1, &cancel);
        let stopped = observed(&scenario, &Threads::new(2), Some(&again), &progress, &cancel);
        assert_eq!(stopped.err(), Some(Stopped::Interrupted));
        assert_eq!(again.days(), [day, day + 1], "an interrupted run keeps its last day");
        assert!(again.state(day + 1) == kept.state(day + 1), "a day after day {day}");
    }
}

#[test]
fn any_number_of_processes_goes_on_from_what_any_other_number_has_kept() {
    let mut scenario = scenario();
    scenario.users = 450;
    let straight = whole(&scenario, &Threads::new(2), None);
    for (writers, readers) in [(1, 3), (3, 2), (2, 1)] {
        let kept = Memory::keeping();
        let of_all = on_all(members(writers, 1), |member| whole(&scenario, member, Some(&kept)));
        assert!(of_all.iter().all(|observed| *observed == straight));
        for day in [17, 31, 45] {
            let again = Memory { from: Some(day), states: Mutex::new(lock(&kept.states).clone()), ..Memory::default() };
            let of_all = on_all(members(readers, 1), |member| whole(&scenario, member, Some(&again)));
            assert!(of_all.iter().all(|observed| *observed == straight), "{writers} → {readers} at day {day}");
        }
    }
}

/// Each sees what is on its own disk: they go on from the last state that all see, or none of them begins.
#[test]
fn members_that_see_other_states_agree_or_refuse() {
    let scenario = scenario();
    let kept = Memory::keeping();
    let straight = whole(&scenario, &Threads::new(1), Some(&kept));
    let seen =
        |day: Option<usize>| Memory { from: day, states: Mutex::new(lock(&kept.states).clone()), ..Memory::default() };
    for (of_two, why) in [
        ([Some(40), Some(20)], "member 0 that after 2026-01-09, member 1 that after 2025-12-20"),
        ([None, Some(20)], "member 0 none, member 1 that after 2025-12-20"),
    ] {
        let stores = of_two.map(seen);
        let found = on_all(members(2, 1), |member| {
            let cancel = AtomicBool::new(false);
            observed(&scenario, member, Some(&stores[member.member().number]), &Silent, &cancel).expect_err("refused")
        });
        for found in found {
            let Stopped::OtherStates(found) = found else { panic!("{found}") };
            assert!(found.contains(why) && found.contains("file system that all members share"), "{found}");
        }
    }
    let two = [Seen(&[40, 20], seen(Some(20))), Seen(&[20], seen(Some(20)))];
    let found = on_all(members(2, 1), |member| whole(&scenario, member, Some(&two[member.member().number])));
    assert!(found.iter().all(|found| *found == straight));
    assert_eq!(*lock(&two[0].1.problems), ["member 1 does not see it"]);
}

/// Sees states of more days than it has.
struct Seen<'a>(&'a [usize], Memory);

impl Checkpoints for Seen<'_> {
    fn is_due(&self, day: &CalendarDay) -> bool {
        self.1.is_due(day)
    }

    fn keep(&self, state: &RunState<'_>, fabric: &dyn Fabric) -> Result<Option<u64>, Stopped> {
        self.1.keep(state, fabric)
    }

    fn kept(&self) -> Vec<usize> {
        self.0.to_vec()
    }

    fn front(&self, state: usize) -> Result<Vec<u8>, String> {
        assert_eq!(Some(self.0[state]), self.1.from, "only what all see is read");
        self.1.front(state)
    }

    fn parts(&self, state: usize) -> Vec<PartRange> {
        self.1.parts(state)
    }

    fn read_part(
        &self,
        state: usize,
        part: usize,
        each: &mut dyn FnMut(usize, &[u8]) -> Result<(), String>,
    ) -> Result<(), String> {
        self.1.read_part(state, part, each)
    }

    fn tried(&self, state: usize, problem: Option<&str>) {
        self.1.tried(state, problem);
    }

    fn begins_anew(&self) -> bool {
        false
    }
}

#[test]
fn what_is_no_state_of_the_run_is_refused_with_the_reason() {
    let scenario = scenario();
    let kept = Memory::keeping();
    whole(&scenario, &Threads::new(1), Some(&kept));
    let refused = |scenario: &Scenario, change: &dyn Fn(&mut Vec<u8>, &mut Images)| {
        let (mut front, mut images) = kept.state(40);
        change(&mut front, &mut images);
        let states = Mutex::new(BTreeMap::from([(40, (front, images))]));
        let again = Memory { from: Some(40), states, ..Memory::default() };
        let cancel = AtomicBool::new(false);
        let stopped = observed(scenario, &Threads::new(1), Some(&again), &Silent, &cancel);
        assert_eq!(stopped.err(), Some(Stopped::NoState));
        lock(&again.problems).join("; ")
    };
    let first_image =
        |images: &mut Images, change: &dyn Fn(&mut Vec<u8>)| change(images.get_mut(&(0, 0)).expect("there"));
    assert!(refused(&scenario, &|front, _| front.truncate(100)).contains("cut"));
    assert!(refused(&scenario, &|front, _| front[8] += 1).contains("other worlds"));
    assert!(refused(&scenario, &|_, images| drop(images.remove(&(1, 1)))).contains("missing"));
    assert!(refused(&scenario, &|_, images| first_image(images, &|image| image.truncate(50))).contains("cell 0"));
    let exchanged = |_: &mut Vec<u8>, images: &mut Images| drop(images.insert((0, 0), images[&(0, 1)].clone()));
    assert!(refused(&scenario, &exchanged).contains("other users"));
    let more_lenders = |image: &mut Vec<u8>| {
        let mut cell = Cell::read_snapshot(image).unwrap_or_else(|error| panic!("{error}"));
        cell.add_lender(scenario.base.terms.billing.bill_days.len() as u32);
        image.clear();
        cell.write_snapshot(&mut |piece| image.extend_from_slice(piece));
    };
    assert!(
        refused(&scenario, &|_, images| first_image(images, &more_lenders))
            .contains("cell 0 holds accounts with other lenders")
    );
    let mut fewer = scenario.clone();
    fewer.worlds.truncate(1);
    assert!(refused(&fewer, &|_, _| {}).contains("other worlds"));
}

/// The warm-up of a run is another's, whatever comes after it; people who join in the course of a run know how long it is.
#[test]
fn a_warm_up_that_is_kept_is_taken_over_by_a_run_that_goes_on_otherwise() {
    let scenario = scenario();
    let mut other = scenario.clone();
    other.worlds.remove(0);
    other.worlds[0].name = "another".to_string();
    other.worlds[0].rule_changes.push((other.start, other.base.clone()));
    let warm = Memory::default();
    let with_warm = |scenario: &Scenario, warm: &Memory| {
        let cancel = AtomicBool::new(false);
        let options = Options { progress: &Silent, cancel: &cancel, auditor: None };
        let kept_states = KeptStates { checkpoints: None, warm: Some(warm) };
        format!("{:?}", run(scenario, &Threads::new(1), &options, kept_states).expect("not stopped").worlds)
    };
    assert_eq!(with_warm(&scenario, &warm), whole(&scenario, &Threads::new(1), None));
    let day = warm.days();
    assert_eq!(day.len(), 1, "the end of the warm-up");
    let taken = Memory { from: Some(day[0]), states: warm.states, ..Memory::default() };
    assert_eq!(with_warm(&scenario, &taken), whole(&scenario, &Threads::new(1), None));
    assert_eq!(with_warm(&other, &taken), whole(&other, &Threads::new(1), None));
    assert_eq!(scenario.warm_up_text(), other.warm_up_text());
    other.months += 1;
    assert_ne!(scenario.warm_up_text(), other.warm_up_text());
}
