//! `yuefu capacity`: two worlds side by side.

use crate::program::yuefu;
use serde_json::Value;
use std::path::Path;

/// A capacity search with few and short probes.
pub(crate) fn rough_search<'a>(command: &[&'a str]) -> Vec<&'a str> {
    let set = [
        // Where generator and service take turns on a thread, a machine with other things to do does not spoil a probe.
        "load.placement=side-by-side",
        "load.threads=1",
        "load.capacity.objective=p99 < 250ms",
        "load.capacity.start_rate=1000",
        "load.capacity.growth=10",
        "load.capacity.precision=0.5",
        "load.capacity.probe=1s",
        "load.capacity.repeats=1",
        "load.capacity.confirm=1s",
    ];
    command.iter().copied().chain(set.into_iter().flat_map(|set| ["--set", set])).collect()
}

/// A search is rough here, and what it finds is a matter of the machine; that it ends, answers for both worlds and explains
/// their difference is not.
#[test]
fn a_capacity_search_answers_for_every_world_and_says_why_they_differ() {
    let home = tempfile::tempdir().expect("a directory");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let quick = std::fs::read_to_string(root.join("scenarios/load-quick.toml")).expect("a scenario");
    let two = quick.replacen("[load]", "[[worlds]]\nname = \"severe\"\neconomy = \"severe\"\n\n[load]", 1);
    let models = format!("models = {:?}\n", root.join("models"));
    let scenario = home.path().join("two.toml");
    std::fs::write(&scenario, models + &two).expect("written");
    let out = home.path().join("found");
    let (scenario, to) = (scenario.to_str().expect("a text"), out.to_str().expect("a text"));
    let said = yuefu(&rough_search(&["capacity", scenario, "--out", to]));
    assert!([0, 1].contains(&said.code), "{} {}", said.out, said.err);
    assert!(said.out.contains("severe against baseline: "), "{}", said.out);
    let summary: Value =
        serde_json::from_slice(&std::fs::read(out.join("summary.json")).expect("a file")).expect("JSON");
    let searches = summary["capacity"].as_array().expect("searches");
    assert_eq!(
        searches.iter().map(|search| search["world"].as_str()).collect::<Vec<_>>(),
        [Some("baseline"), Some("severe")]
    );
    for search in searches {
        assert!(search["probes"].as_array().is_some_and(|probes| probes.len() > 1), "{search}");
        let Some(rate) = search["carried_rate"].as_f64() else { continue };
        let (figures, customers) = (&search["figures"], search["active_customers"].as_f64().expect("people ask"));
        assert!(rate > 0.0 && customers > 0.0, "{search}");
        assert!(figures["cpu_ns_per_decision"].as_f64() > figures["service_ns_mean"].as_f64(), "{figures}");
        let shares = figures["operations"].as_array().expect("a mix").iter().filter_map(|of| of["share"].as_f64());
        assert!((shares.sum::<f64>() - 1.0).abs() < 1e-9, "{figures}");
        assert!(figures["statements_per_thousand"].is_f64() && figures["approval_rate"].is_f64(), "{figures}");
    }
    let difference = &summary["worlds"][0];
    assert_eq!((&difference["world"], &difference["against"]), (&"severe".into(), &"baseline".into()));
    assert!(difference["reason"].as_str().is_some_and(|reason| said.out.contains(reason)), "{difference}");
    let page = std::fs::read_to_string(out.join("report.html")).expect("a page");
    assert!(page.contains("Worlds side by side") && page.contains("CPU of the service for a decision"));
}
