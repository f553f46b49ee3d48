//! Shards of a suite in the process: every world once, people together with all their worlds, and the whole is made of them.

use super::*;
use crate::results::KeptFiles;
use std::collections::BTreeSet;

#[test]
fn shards_hold_every_world_once_and_make_the_same_suite() {
    let mut scenario = small();
    let plan = scenario.suite.as_mut().expect("a suite");
    plan.reverse.push(ReversePlan {
        name: "sales".to_string(),
        measure: "captured_yuan".to_string(),
        breaks: Breaks::Below,
        limit: 1.0,
        base: 0,
        severe: 1,
        policy: 0,
        replications: 2,
        precision: 0.5,
    });
    let cancel = AtomicBool::new(false);
    let manner = manner(2, &Silent, &cancel);
    let one = area();
    let expected = suite_hash(&whole(&scenario, 2, &one.area));
    let (mut all, mut files, mut areas) = (BTreeSet::new(), KeptFiles::new(), Vec::new());
    let mut lucks: Vec<BTreeSet<u32>> = Vec::new();
    for number in 1..=4 {
        let own = area();
        let done = run_shard(&scenario, &manner, &own.area, Shard { number, of: 4 }).expect("not interrupted");
        assert_eq!((own.kept(), own.area.taken_and_made()), (done.keys.len(), (0, done.keys.len())));
        let kept = done.keys.iter().map(|key| own.area.get::<KeptWorld>(key).expect("it ran").luck);
        lucks.push(kept.collect());
        for key in done.keys {
            let file = own.area.path().join(format!("{key}.json"));
            assert!(file.is_file() && all.insert(key.clone()), "{key} once");
            files.insert(key, file);
        }
        areas.push(own);
    }
    // Three replications and three further lucks: six warm-ups, dealt in turn.
    assert_eq!(lucks, [vec![0, 4], vec![1, 5], vec![2], vec![3]].map(BTreeSet::from_iter));
    let merged = area();
    let reading = merged.area.clone().reading(files);
    assert_eq!(suite_hash(&whole(&scenario, 2, &reading)), expected);
    assert_eq!((reading.taken_and_made(), merged.kept()), ((one.kept(), 0), 0), "nothing is left to run");
}
