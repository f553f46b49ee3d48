use crate::runtime::{Fabric, Member, Threads};
use crate::scenario::Scenario;
use crate::sim::options::{Options, Progress, Silent, Stopped};
use crate::sim::{KeptStates, run};
use crate::testing::fixture;
use crate::testing::members::{members, on_all};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Seven cells, a warm-up and two worlds.
fn scenario() -> Scenario {
    let mut scenario = fixture::scenario(700);
    (scenario.warmup_months, scenario.months, scenario.cell_users) = (1, 2, 100);
    scenario.warmup_economy.months.truncate(1);
    scenario
}

/// Everything that was observed, as text.
fn observed(scenario: &Scenario, fabric: &dyn Fabric) -> Result<String, Stopped> {
    let cancel = AtomicBool::new(false);
    let options = Options { progress: &Silent, cancel: &cancel, auditor: None };
    let outcome = run(scenario, fabric, &options, KeptStates::default())?;
    Ok(format!("{:?} {:?}", outcome.worlds, outcome.work))
}

#[test]
fn members_that_share_the_worlds_observe_what_one_observes() {
    let scenario = scenario();
    let alone = observed(&scenario, &Threads::new(2)).expect("not stopped");
    // With nine members two have no cell.
    for (of, threads) in [(2, 1), (3, 2), (9, 1)] {
        for found in on_all(members(of, threads), |member| observed(&scenario, member)) {
            assert!(found.expect("not stopped") == alone, "{of} members of {threads} threads");
        }
    }
}

/// Counts days; sets a flag on one of them.
struct Until<'a>(&'a AtomicBool, usize, AtomicUsize);

impl Progress for Until<'_> {
    fn day(&self, done: usize, _total: usize) {
        self.2.store(done, Ordering::Relaxed);
        if done == self.1 {
            self.0.store(true, Ordering::Relaxed);
        }
    }
}

#[test]
fn when_one_is_asked_to_stop_all_stop_after_the_same_day() {
    let scenario = scenario();
    let days = on_all(members(3, 1), |member| {
        let cancel = AtomicBool::new(false);
        let asked = if member.member().number == 1 { 10 } else { usize::MAX };
        let progress = Until(&cancel, asked, AtomicUsize::new(0));
        let stopped = run(
            &scenario,
            member,
            &Options { progress: &progress, cancel: &cancel, auditor: None },
            KeptStates::default(),
        );
        assert!(matches!(stopped, Err(Stopped::Interrupted)));
        progress.2.into_inner()
    });
    // Asked after its tenth day; the others hear of it with the sums of the eleventh.
    assert_eq!(days, [11; 3]);
}

#[test]
fn a_member_whose_worlds_differ_is_named_on_its_day() {
    let scenario = scenario();
    let mut all = members(3, 1);
    all[2] = all[2].clone().saying(|moment, bytes| {
        if moment.ends_with("the close of 2026-01-09") {
            bytes[5] ^= 1;
        }
    });
    let found = on_all(all, |member| observed(&scenario, member).expect_err("differs").to_string());
    for here in [0, 1] {
        assert!(found[here].starts_with("member 2 has other worlds on 2026-01-09: "), "{}", found[here]);
    }
}

#[test]
fn a_message_of_another_length_is_refused() {
    let scenario = scenario();
    for moment in ["the close of ", "the sum of balances at "] {
        let mut all = members(2, 1);
        all[1] = match moment {
            "the close of " => all[1].clone().saying(|at, bytes| {
                if at.starts_with("the close of") {
                    bytes.pop();
                }
            }),
            _ => all[1].clone().saying(|at, bytes| {
                if at.starts_with("the sum of balances at ") {
                    bytes.pop();
                }
            }),
        };
        let found = on_all(all, |member| observed(&scenario, member).expect_err("refused").to_string());
        assert!(found[0].starts_with("member 1 sent "), "{moment}: {}", found[0]);
    }
}

#[test]
fn one_process_is_all_of_them() {
    assert_eq!(Threads::new(2).member(), Member::ALONE);
    assert!(Threads::new(1).exchange(&"a test", vec![7]).expect("nobody else") == [[7]]);
}
