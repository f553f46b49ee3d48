//! The report of made-up runs: offline, the same twice, every chart naming its clock.

pub(in crate::report) mod geometry;

use super::*;
use crate::measure::{WorldObservations, fixture};
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
    assert_eq!(first.iter().filter(|(name, _)| name.ends_with(".svg")).count(), 15);
    assert_eq!(first.iter().filter(|(name, _)| name.ends_with(".png")).count(), 15);
}

/// A zip archive names each part where it lies and once more in its directory.
#[test]
fn the_workbook_of_a_run_is_the_same_twice_and_holds_every_sheet() {
    let home = tempfile::tempdir().expect("a directory");
    let record = two_worlds();
    let path = run_workbook::write_workbook(&view::View::new(&record), home.path()).expect("written");
    let first = fs::read(&path).expect("a workbook");
    run_workbook::write_workbook(&view::View::new(&record), home.path()).expect("written again");
    assert_eq!(first, fs::read(&path).expect("a workbook"), "no moment of writing in it");
    assert!(path.ends_with("run.xlsx") && first.starts_with(b"PK"));
    let sheets = first.windows(24).filter(|w| w.starts_with(b"xl/worksheets/sheet")).count();
    assert_eq!(sheets, 2 * 7, "seven sheets, each in its place and in the directory of the archive");
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
    assert_eq!(page.matches("<svg").count(), 15);
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
    let three = ["baseline", "mild", "severe"].iter().zip([0.0, 0.4, 1.0]).map(|(n, d)| fixture::world(n, d)).collect();
    for (name, worlds) in [("one", vec![fixture::world("baseline", 0.0)]), ("three", three), ("bare", vec![bare()])] {
        let dir = home.path().join(name);
        write(&dir, &record(worlds)).expect("written");
        let page = fs::read_to_string(render(&dir).expect("drawn")).expect("a page");
        assert!(!page.contains("NaN"), "{name}");
    }
}

/// A world without a single event.
fn bare() -> WorldObservations {
    let mut bare = fixture::world("bare", 0.0);
    for m in &mut bare.months {
        m.flows = Default::default();
        m.stocks = Default::default();
        m.people = Default::default();
        m.people_end = Default::default();
        m.balance_days_fen = 0;
    }
    bare.vintages.iter_mut().for_each(|v| v.opened = 0);
    bare.tips_by_host_fen.fill(0);
    bare
}

#[test]
fn every_chart_of_a_run_is_without_fault() {
    fonts::register_fonts();
    let worlds = |names: &[&str]| -> Vec<WorldObservations> {
        names.iter().enumerate().map(|(i, name)| fixture::world(name, 0.25 * i as f64)).collect()
    };
    let eight = ["base", "mild", "moderate", "severe", "stagnation", "v-shape", "fed-2025", "rate-cap-law"];
    let long = [
        "在正常时期的世界",
        "a world whose name is so long that it has no room above its panel in a row of three",
        "c",
    ];
    let mut short = worlds(&eight[..2]);
    short.iter_mut().for_each(|w| w.months.truncate(1));
    let cases = [
        ("one", worlds(&eight[..1])),
        ("two", worlds(&eight[..2])),
        ("three", worlds(&long)),
        ("five", worlds(&eight[..5])),
        ("eight", worlds(&eight)),
        ("one month", short),
        ("none", vec![bare()]),
    ];
    for (what, worlds) in cases {
        let mut record = record(worlds);
        record.provenance.funders[1] = "某某消费金融有限责任公司".to_string();
        geometry::check(what, &charts::all(&view::View::new(&record)), &["profit", "funding"]);
    }
}

#[test]
fn what_was_not_counted_is_no_zero() {
    fonts::register_fonts();
    let record = record(vec![bare()]);
    let charts = charts::all(&view::View::new(&record));
    let texts = |slug: &str| -> Vec<String> {
        let chart = charts.iter().find(|c| c.slug == slug).expect(slug);
        let text = |shape: &drawing::Shape| match shape {
            drawing::Shape::Text(_, text, _) => Some(text.clone()),
            _ => None,
        };
        chart.drawing.shapes.iter().filter_map(text).collect()
    };
    for slug in ["approvals", "overdue", "buckets", "vintages", "limits", "losses", "funding", "tips"] {
        assert!(
            charts.iter().any(|c| c.slug == slug && geometry::says_nothing(&c.drawing)),
            "{slug}: {:?}",
            texts(slug)
        );
    }
    for slug in ["causes", "repayment", "funnel", "roll-rates"] {
        assert!(texts(slug).iter().any(|t| t == "–"), "{slug}: {:?}", texts(slug));
        assert!(!texts(slug).iter().any(|t| t == "0.0 %"), "{slug}: {:?}", texts(slug));
    }
}

#[test]
fn worlds_are_told_apart_without_their_colours() {
    fonts::register_fonts();
    let worlds = (0..8).map(|i| fixture::world(&format!("world-{i}"), 0.2 * f64::from(i))).collect();
    let record = record(worlds);
    let view = view::View::new(&record);
    for chart in charts::all(&view) {
        let numbered = |n: usize| {
            let is = |shape: &&drawing::Shape| matches!(shape, drawing::Shape::Text(_, t, _) if *t == n.to_string());
            chart.drawing.shapes.iter().filter(is).count()
        };
        // Small multiples carry the names of their worlds.
        let named = chart
            .drawing
            .shapes
            .iter()
            .any(|s| matches!(s, drawing::Shape::Text(_, t, style) if t == "world-7" && style.bold));
        assert!(
            named || (1..=8).all(|n| numbered(n) >= 2),
            "{}: a number in the legend and one in the chart",
            chart.slug
        );
    }
}

#[test]
fn every_table_scrolls_in_its_own_column() {
    let page = page::with_wide_tables("<p>a</p><table class=facts><tbody></tbody></table><p>b</p>");
    assert_eq!(page, "<p>a</p><div class=scroll><table class=facts><tbody></tbody></table></div><p>b</p>");
    let home = tempfile::tempdir().expect("a directory");
    let dir = home.path().join("run");
    write(&dir, &two_worlds()).expect("written");
    let page = fs::read_to_string(render(&dir).expect("drawn")).expect("a page");
    assert!(page.matches("<table").count() > 3);
    assert_eq!(page.matches("<table").count(), page.matches("<div class=scroll><table").count());
    assert_eq!(page.matches("<svg").count(), page.matches("<div class=picture><svg").count());
    assert!(page::STYLE.contains(".picture,.scroll{overflow-x:auto}"));
}

#[test]
fn a_coverage_experiment_has_no_page_and_says_where_its_numbers_are() {
    let home = tempfile::tempdir().expect("a directory");
    crate::results::suite::tests::made_coverage().write_into(home.path(), "name = \"coverage\"\n").expect("written");
    let refused = render(home.path()).expect_err("it has no page").to_string();
    assert!(refused.contains("no page: coverage.json and coverage.csv"), "{refused}");
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
