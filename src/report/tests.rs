//! The report of made-up runs: offline, the same twice, every chart naming its clock.

use super::*;
use crate::measure::fixture;
use crate::results::tests::{record, two_worlds, write};
use std::fs;

fn files(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = [dir.join("charts"), dir.to_path_buf()]
        .iter()
        .flat_map(|d| fs::read_dir(d).expect("a directory"))
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_file())
        .map(|path| (path.display().to_string(), fs::read(&path).expect("a file")))
        .collect();
    files.sort();
    files
}

#[test]
fn a_report_is_drawn_from_the_directory_alone_and_twice_the_same() {
    let home = tempfile::tempdir().expect("a directory");
    let dir = home.path().join("run");
    write(&dir, &two_worlds()).expect("written");
    render(&dir).expect("drawn");
    let first = files(&dir);
    render(&dir).expect("drawn again");
    assert_eq!(first, files(&dir));
    assert_eq!(first.iter().filter(|(name, _)| name.ends_with(".svg")).count(), 14);
    assert_eq!(first.iter().filter(|(name, _)| name.ends_with(".png")).count(), 14);
}

#[test]
fn the_page_is_offline_and_every_chart_names_its_clock() {
    let home = tempfile::tempdir().expect("a directory");
    let dir = home.path().join("run");
    write(&dir, &two_worlds()).expect("written");
    let page = fs::read_to_string(render(&dir).expect("drawn")).expect("a page");
    let links = page.replace("http://www.w3.org/2000/svg", "");
    assert!(!links.contains("http") && !links.contains("<script") && !links.contains("url("));
    assert!(page.contains("月付") && !page.contains("NaN") && !page.contains("inf %"));
    assert_eq!(page.matches("<svg").count(), 14);
    for (name, svg) in files(&dir).iter().filter(|(name, _)| name.ends_with(".svg")) {
        let svg = String::from_utf8_lossy(svg);
        assert!(svg.contains("virtual clock · 100,000 users · seed 20270101"), "{name}");
        assert!(svg.is_ascii() || svg.chars().all(|c| (c as u32) < 0x2e80), "{name}: Latin script only");
    }
}

#[test]
fn the_answer_has_five_sentences_with_the_lag_computed() {
    let sentences = sentences::answer(&view::View::new(&two_worlds()));
    assert_eq!(sentences.len(), 5);
    expect_test::expect![[r#"
        Approvals: in severe, deep the lender approves 41.2 % of applications in its lowest month (2028-05; 63.3 % in baseline that month), and 91.3 % of drawings over the whole run against 94.9 %.
        Delinquency: unemployment peaks at 9.1 % in 2028-04, and balance more than 30 days overdue 4 months later at 5.08 %, against 2.42 % in baseline.
        Loss: write-offs cost 8.0 % of balance a year against 5.2 % (net of recoveries and sales 7.7 % against 4.8 %); the worst month is 2028-06 at a yearly rate of 11.5 %.
        Profit: 20.2m yuan over 24 months against 36.7m, 45 % less; none of its months make a loss, none in baseline.
        Funding and recovery: partners carry 59 % of balance against 64 %, and the book ends at 155.1m yuan against 177.6m; by the end 73 % of the excess lateness of the peak is left."#]].assert_eq(&sentences.iter().map(|s| format!("{}: {}", s.topic, s.text)).collect::<Vec<_>>().join("\n"));
}

/// Two worlds that hardly differ are not told apart, however extreme the month that is named.
#[test]
fn what_hardly_differs_is_told_without_drama() {
    let alike = record(vec![fixture::world("baseline", 0.0), fixture::world("other", 0.01)]);
    let sentences = sentences::answer(&view::View::new(&alike));
    let of = |topic: &str| sentences.iter().find(|s| s.topic == topic).map(|s| s.text.as_str()).unwrap_or_default();
    assert!(of("Approvals").contains("about as many applications as in baseline"), "{}", of("Approvals"));
    assert!(of("Delinquency").contains("about the same as in baseline"), "{}", of("Delinquency"));
    assert!(of("Profit").contains("about the same"), "{}", of("Profit"));
    assert!(!of("Funding and recovery").contains("excess lateness"), "{}", of("Funding and recovery"));
}

#[test]
fn one_world_and_three_worlds_and_no_events_are_drawn_too() {
    let home = tempfile::tempdir().expect("a directory");
    let mut bare = fixture::world("bare", 0.0);
    for m in &mut bare.months {
        m.flows = Default::default();
        m.stocks = Default::default();
        m.people = Default::default();
        m.people_end = Default::default();
        m.balance_days_fen = 0;
    }
    bare.tips_by_host_fen.fill(0);
    let three = ["baseline", "mild", "severe"].iter().zip([0.0, 0.4, 1.0]).map(|(n, d)| fixture::world(n, d)).collect();
    for (name, worlds) in [("one", vec![fixture::world("baseline", 0.0)]), ("three", three), ("bare", vec![bare])] {
        let dir = home.path().join(name);
        write(&dir, &record(worlds)).expect("written");
        let page = fs::read_to_string(render(&dir).expect("drawn")).expect("a page");
        assert!(!page.contains("NaN"), "{name}");
    }
}

/// Leaves a report of made-up data in `results/fixture`, for looking at: `cargo test --lib -- --ignored fixture`.
#[test]
#[ignore = "writes into the tree, for people's eyes"]
fn leaves_a_fixture_report_to_look_at() {
    let results = Path::new(env!("CARGO_MANIFEST_DIR")).join("results");
    let worlds = |depths: &[f64]| depths.iter().map(|d| fixture::world(&format!("depth {d}"), *d)).collect();
    for (name, made) in [("fixture", two_worlds()), ("fixture-3", record(worlds(&[0.0, 0.4, 1.0, -0.5])))] {
        write(&results.join(name), &made).expect("written");
        let start = std::time::Instant::now();
        render(&results.join(name)).expect("drawn");
        println!("{name} drawn in {:?}", start.elapsed());
    }
}
