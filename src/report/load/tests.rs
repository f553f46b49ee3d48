//! The report of made-up load runs: offline, the same twice, the answer first.

use super::*;
use crate::results::load::tests::{Made, made, searches, write_made};
use crate::results::load::{Estimate, ServiceDemand, read};
use std::fs;

fn page_of(dir: &Path) -> String {
    fs::read_to_string(crate::report::render(dir).expect("drawn")).expect("a page")
}

#[test]
fn a_load_report_is_drawn_from_the_directory_alone_and_twice_the_same() {
    let home = tempfile::tempdir().expect("a directory");
    let dir = home.path().join("run");
    let (mut record, seconds) = made(Made { rate: 800, ..Made::default() });
    record.capacity = searches();
    write_made(&dir, &record, &seconds);
    let page = page_of(&dir);
    assert_eq!(page, page_of(&dir));
    let links = page.replace("http://www.w3.org/2000/svg", "");
    assert!(!links.contains("http") && !links.contains("<script") && !links.contains("url("));
    assert!(!page.contains("NaN") && !page.contains("inf"), "numbers are numbers");
    assert!(page.contains("The evening of Double 11 &lt;live&gt;") && !page.contains("<live>"));
    assert_eq!(page.matches("<svg").count(), 10);
    for entry in fs::read_dir(dir.join("charts")).expect("charts") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|e| e == "svg") {
            let svg = fs::read_to_string(&path).expect("a chart");
            assert!(svg.contains("wall clock: measured, not reproducible"), "{}", path.display());
        }
    }
    assert!(read(&dir).is_ok(), "the report leaves the run as it was");
}

#[test]
fn every_chart_of_a_load_run_is_without_fault() {
    fonts::register_fonts();
    let home = tempfile::tempdir().expect("a directory");
    for (what, seconds, eventful) in
        [("eventful", 120, true), ("short", 3, false), ("one second", 1, false), ("none", 0, false)]
    {
        let dir = home.path().join(what);
        let (mut record, log) = made(Made { seconds, rate: 400, eventful, ..Made::default() });
        record.capacity = searches();
        record.observations.world = "一个平常的晚上".to_string();
        write_made(&dir, &record, &log);
        let view = LoadView {
            record: &record,
            windows: Windows::read(&dir, &record).expect("a log"),
            subtitle: view::subtitle(&record),
        };
        crate::report::tests::geometry::check(what, &charts(&view), &[]);
    }
}

#[test]
fn the_answer_comes_first_and_an_invalid_run_says_so_in_red() {
    let home = tempfile::tempdir().expect("a directory");
    let dir = home.path().join("run");
    let (mut record, seconds) = made(Made { seconds: 30, rate: 500, eventful: false, ..Made::default() });
    record.observations.invalid = vec!["generator & lag".to_string().into()];
    write_made(&dir, &record, &seconds);
    let page = page_of(&dir);
    assert!(page.contains("<section class=invalid>") && page.contains("generator &amp; lag"));
    let at = |what: &str| page.find(what).unwrap_or_else(|| panic!("{what} is on the page"));
    assert!(at("INVALID") < at("Does it hold?") && at("Does it hold?") < at("<svg"));
}

#[test]
fn runs_with_nothing_in_them_are_drawn_too() {
    let home = tempfile::tempdir().expect("a directory");
    for (name, seconds) in [("none", 0), ("one", 1)] {
        let dir = home.path().join(name);
        let (mut record, log) = made(Made { seconds, rate: 10, eventful: false, ..Made::default() });
        record.objectives.clear();
        record.observations.threads.clear();
        record.observations.seconds.iter_mut().for_each(|s| s.cpu_share.clear());
        record.observations.journal = None;
        write_made(&dir, &record, &log);
        assert!(!page_of(&dir).contains("NaN"), "{name}");
    }
}

#[test]
fn where_the_generator_was_the_limit_the_room_of_the_service_is_told() {
    let mut of = searches().swap_remove(0);
    let estimate = |value: f64| Estimate { value, low: value * 0.9, high: value * 1.1 };
    of.demand = Some(ServiceDemand {
        threads: 1,
        probes: 5,
        cpu_ns_per_decision: estimate(1_250.0),
        busy_share: estimate(0.2),
        full_rate: estimate(780_000.0),
    });
    let known = super::capacity::words(&[of.clone()]);
    assert!(!known.contains("extrapolated"), "the service ended its search: {known}");
    (of.at_least, of.broken_rate) = (true, None);
    let words = super::capacity::words(&[of]);
    assert!(words.contains("at least 156,000 requests/s"), "{words}");
    let room = "1,250 [1,125, 1,375] ns of CPU there; the service's threads are 20 % busy, and would be full at 780,000 [702,000, \
                858,000] requests/s";
    assert!(words.contains(room) && words.contains("extrapolated"), "{words}");
}

#[test]
fn the_answer_in_sentences() {
    let (mut record, _) = made(Made { seconds: 60, rate: 400, ..Made::default() });
    record.capacity = searches();
    let null = null_answer(&record.observations).text;
    assert_eq!(null, "A service that decides nothing answers 544 requests/s here, p99 3.74 ms.");
    let sentences = answer(&record);
    let text = sentences.iter().map(|s| format!("{}: {}", s.topic, s.text)).collect::<Vec<_>>().join("\n");
    expect_test::expect![[r#"
        Verdict: 1 of 3 objectives broken: error_rate < 0.1% (all requests). Too few samples to judge: p99.9 < "20ms" (apply).
        Capacity: baseline carries 156,000 requests/s, the load of 4,100,000 active customers, confirmed by a longer run; 165,000 are not carried. What gives way first: the service thread: 97% of a core. severe downturn carries 122,720 requests/s, the load of 3,600,000 active customers, confirmed by a longer run; 129,800 are not carried. What gives way first: the service thread: 97% of a core.
        Worlds: severe downturn against baseline: −21.3 % in requests/s. Reason: a decision costs the service's threads 3390 ns of CPU, against 2667 ns, which alone makes −21.3 % (mostly +506 ns messages, queues and the close of days, +217 ns the same operations taking another time, +0 ns the mix of operations); of drawings 93.0 % are approved against 93.0 %, of principal 2.5 % is 30 or more days past due against 2.5 %, and a thousand requests bring 21.0 statements against 21.0; in customers −12.2 %; a live account asks for 135.00 requests in that hour, against 135.00.
        Scalability: law of baseline: σ 2.000e-7 (1.600e-7 to 2.400e-7), κ 1.000e-12 (8.000e-13 to 1.200e-12), measured up to 246,000 offered requests/s; law of severe downturn: σ 2.000e-7 (1.600e-7 to 2.400e-7), κ 1.000e-12 (8.000e-13 to 1.200e-12), measured up to 193,520 offered requests/s.
        Rate: 100,000 user actors offered 549 requests/s over 60 s; 544 messages/s were admitted and 544 requests/s decided. Journal: group(max_us = 500, max_records = 1024). separate: 1 generator and 1 service threads.
        Latency: p99 from the intended start is 3.74 ms (95 % interval [3.55 ms, 3.94 ms] if requests were independent), p50 688 µs, p99.9 10.2 ms, of 32,645 requests. p99 < "8ms" (all requests) lies 43 % below its bound of 8 ms. The generator's own lag is 41.7 µs at p99.
        Lost: 305 of 32,955 requests (0.926 %) ended without a decision, among them 1,204 drawings of 144k yuan: about 1,120 approvals and 867 yuan of margin; each millisecond of latency above the service time costs 0.12 yuan a second.
        Close of day: 2 simulated days were closed under live traffic, the slowest in 2.40 s; one cell takes 58.4 ms (median), and no cell did nothing else for longer than 910 µs.
        Credit: 92.75 % of drawings were approved on the wall clock, 93.12 % on the virtual clock in the month before; 2.43 % of principal was 30 or more days past due at the hand-over and 2.47 % at the end. The books balance."#]].assert_eq(&text);
}
