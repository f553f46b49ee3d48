//! The six shipped products side by side, small: every row has a value or a reason, on any number of workers.

use super::facts::FACTS;
use super::*;
use crate::measure::Unit;
use crate::results::products::{COUNTS, Verdict, products_hash};
use crate::scenario::{Overrides, read_comparison};
use crate::sim::options::Silent;
use crate::testing::fixture;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/products.toml")
}

fn small(workers: usize) -> ProductsRecord {
    let warmup = ("warmup_months".to_string(), "2".to_string());
    let overrides = Overrides { users: Some(300), months: Some(3), set: vec![warmup], ..Overrides::default() };
    let comparison = read_comparison(&shipped(), &overrides, Some(2), &known_facts());
    let comparison = comparison.unwrap_or_else(|errors| panic!("{errors}")).expect("it has a comparison");
    let cancel = AtomicBool::new(false);
    let manner = Manner { workers, progress: &Silent, cancel: &cancel, auditor: None, warm: None };
    run(&comparison, &manner, &area().1).expect("not interrupted")
}

fn area() -> (tempfile::TempDir, WorkArea) {
    let home = tempfile::tempdir().expect("a directory");
    let area = WorkArea::beside(&home.path().join("products"), "test").expect("made");
    (home, area)
}

#[test]
fn all_six_have_every_row_and_say_why_where_there_is_no_answer() {
    let record = small(2);
    assert_eq!(record.products.len(), 6);
    let card = record.products.iter().find(|product| product.key == "bank-credit-card").expect("shipped");
    assert!(card.rows.iter().any(|row| row.key == "new_limit_yuan" && row.shown == "12,000–36,000 yuan"));
    for product in &record.products {
        assert_eq!(product.worlds.len(), 2 * (2 + record.about.questions.len()), "{}", product.key);
        assert!(product.counts.iter().all(|counts| counts.len() == COUNTS.len()));
        for fact in FACTS {
            let row = product.rows.iter().find(|row| row.key == fact.key).expect("every product has every row");
            let answered = matches!(row.verdict, Verdict::Within | Verdict::InWords);
            assert!(answered || !row.reason.is_empty(), "{} {}", product.key, row.key);
        }
        assert!(product.rows.iter().filter(|row| !row.published.is_empty()).all(|row| !row.grade.is_empty()));
        assert!(product.assumptions.len() > 50, "{} lists {}", product.key, product.assumptions.len());
        assert!(product.stress.iter().any(|row| row.measure == "overdue_rate"), "{}", product.key);
    }
    let of = |key: &str| record.products.iter().find(|product| product.key == key).expect("it was compared");
    let above: Vec<(usize, u8)> =
        of("baitiao").prices.iter().filter(|price| !price.within_cap).map(|price| (price.tier, price.months)).collect();
    assert_eq!(above, [(4, 6), (4, 9), (4, 12)], "1.2 % a month breaks the cap at 6, 9 and 12 months");
    assert!(record.products.iter().filter(|p| p.key != "baitiao").all(|p| p.prices.iter().all(|x| x.within_cap)));
    assert!(!of("bank-credit-card").legal_risks.is_empty());
    let instant = |key: &str| of(key).rows.iter().find(|row| row.key == "instant_decision_share").and_then(|r| r.value);
    assert_eq!(instant("huabei"), Some(1.0));
    assert_eq!(instant("bank-credit-card").unwrap_or(0.0), 0.0);
}

#[test]
fn workers_make_no_difference() {
    let (one, three) = (small(1), small(3));
    assert_eq!(products_hash(&one.about, &one.products), products_hash(&three.about, &three.products));
    assert_eq!(one.products, three.products);
}

#[test]
fn a_question_that_changes_nothing_shows_no_difference() {
    // Only Fenfu has referral: without it everything else stays as it is, to the fen.
    let record = small(2);
    for product in record.products.iter().filter(|product| product.key != "fenfu") {
        for row in product.questions.iter().filter(|row| row.question == "no-referral") {
            assert_eq!(row.base, row.asked, "{} {}", product.key, row.measure);
            assert!(row.difference.is_none_or(|d| (d.value, d.low, d.high) == (0.0, 0.0, 0.0)));
        }
    }
}

/// Accounts at the end of a world in which friends show the product to each other, or do not.
fn accounts(referral_ppm: i32) -> i64 {
    let mut scenario = fixture::scenario(600);
    (scenario.warmup_months, scenario.months) = (2, 6);
    scenario.warmup_economy.months.truncate(2);
    scenario.worlds.truncate(1);
    let funnel = &mut scenario.base.levers.funnel;
    (funnel.impression_ppm, funnel.click_ppm, funnel.referral_ppm) = (30_000, 60_000, referral_ppm);
    let cancel = AtomicBool::new(false);
    let manner = Manner { workers: 2, progress: &Silent, cancel: &cancel, auditor: None, warm: None };
    let record = crate::experiment::run(&scenario, &manner).expect("not interrupted");
    record.worlds[0].months.last().map_or(0, |month| month.stocks.accounts)
}

#[test]
fn referral_spreads_a_product_and_feeds_on_itself() {
    let (alone, some, strong) = (accounts(0), accounts(20_000_000), accounts(200_000_000));
    assert!(alone < some && some < strong, "{alone} {some} {strong}");
}

#[test]
fn a_stopped_comparison_leaves_nothing() {
    let overrides = Overrides { users: Some(300), months: Some(1), ..Overrides::default() };
    let comparison = read_comparison(&shipped(), &overrides, Some(1), &known_facts());
    let comparison = comparison.unwrap_or_else(|errors| panic!("{errors}")).expect("it has a comparison");
    let cancel = AtomicBool::new(true);
    let manner = Manner { workers: 2, progress: &Silent, cancel: &cancel, auditor: None, warm: None };
    assert!(matches!(run(&comparison, &manner, &area().1), Err(SuiteError::Interrupted)));
}

#[test]
fn amounts_are_written_with_their_thousands_apart() {
    assert_eq!(rows::shown(Unit::Yuan, Some(12_963.4)), "12,963 yuan");
    assert_eq!(rows::shown(Unit::Share, Some(0.6720)), "67.20 %");
}
