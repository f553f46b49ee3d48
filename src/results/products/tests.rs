//! A made-up comparison of products, written and read back; reports borrow it.

use super::*;
use crate::measure::DEFINITIONS;

fn row(key: &str, verdict: Verdict, value: f64) -> Row {
    Row {
        table: "measures".to_string(),
        group: "risk".to_string(),
        key: key.to_string(),
        title: "Balance, past due".to_string(),
        published: "5.80 %".to_string(),
        band: Some((0.056, 0.06)),
        grade: "S".to_string(),
        source: "a \"source\", with a comma".to_string(),
        value: Some(value),
        interval: Some((value - 0.001, value + 0.001)),
        shown: format!("{:.2} %", 100.0 * value),
        verdict,
        reason: if verdict == Verdict::Outside { "a reason".to_string() } else { String::new() },
    }
}

fn world(part: &str, path: &str, luck: u32) -> (KeptWorld, Vec<i128>) {
    let kept = KeptWorld {
        key: String::new(),
        part: part.to_string(),
        path: path.to_string(),
        policy: "p".to_string(),
        luck,
        shock: 0,
        depth_milli: 1_000,
        state_hash: format!("{part}{path}{luck}"),
        measures: (0..DEFINITIONS.len() as i128).map(|i| (i + i128::from(luck), i + 1)).collect(),
        months: Vec::new(),
        views: Vec::new(),
    };
    (kept, (0..COUNTS.len() as i128).collect())
}

fn product(key: &str) -> ProductRecord {
    let worlds = [world("main", "baseline", 0), world("main", "severe", 0), world("rival", "baseline", 0)];
    let estimate = |value: f64| Some(Estimate { value, low: value - 0.01, high: value + 0.01 });
    let stress = |measure: &str, base: f64, stress: f64| StressRow {
        measure: measure.to_string(),
        base,
        stress,
        difference: estimate(stress - base),
    };
    ProductRecord {
        key: key.to_string(),
        title: format!("{key} (产品)"),
        scenario_blake3: crate::results::text_sum("users = 1\n"),
        questioned_blake3: vec![crate::results::text_sum("users = 2\n")],
        facts: vec![PublishedFact {
            key: "overdue_rate".to_string(),
            published: "5.80 %".to_string(),
            band: Some((0.056, 0.06)),
            grade: 'S',
            source: "a source".to_string(),
            gap: String::new(),
        }],
        cap_annual: 0.24,
        legal_risks: vec!["A law <may> bar it.".to_string()],
        rows: vec![row("overdue_rate", Verdict::Within, 0.058), row("d1_entry_rate", Verdict::Outside, 0.07)],
        stress: vec![
            stress("application_approval_rate", 0.3, 0.2),
            stress("authorisation_approval_rate", 0.9, 0.85),
            stress("overdue_rate", 0.058, 0.08),
            stress("overdue_30_rate", 0.02, 0.04),
            stress("gross_loss_rate_annual", 0.05, 0.07),
            stress("profit_share_annual", 0.04, -0.02),
            stress("profit_yuan", 1e6, -5e5),
        ],
        questions: vec![QuestionRow {
            question: "rival".to_string(),
            measure: "captured_yuan".to_string(),
            base: 1e6,
            asked: 9e5,
            difference: estimate(-1e5),
        }],
        prices: vec![Price { tier: 4, months: 12, flat_fee: Some(0.144), irr_annual: 0.256, within_cap: false }],
        refused_loans: vec![RefusedLoans {
            world: "baseline".to_string(),
            tier: 4,
            months: 12,
            checkout: true,
            count: 7,
            amount_yuan: 4_200.0,
            irr_annual: 0.256,
        }],
        assumptions: vec![WeakNumber {
            key: "product.limits.raise_factor".to_string(),
            value: "1.6".to_string(),
            source: "assumption, with a comma".to_string(),
        }],
        worlds: worlds.iter().map(|(kept, _)| kept.clone()).collect(),
        counts: worlds.iter().map(|(_, counts)| counts.clone()).collect(),
    }
}

/// A made-up comparison of two products.
pub(crate) fn record() -> ProductsRecord {
    ProductsRecord {
        about: About {
            name: "products".to_string(),
            title: "Two products".to_string(),
            users: 1_000,
            months: 12,
            warmup_months: 6,
            start: "2027-01-01".to_string(),
            seed: 1,
            replications: 1,
            base: "baseline".to_string(),
            stress: "severe".to_string(),
            questions: vec![("rival".to_string(), "What if a rival is cheaper?".to_string())],
            origin: crate::results::tests::origin("yuefu compare-products"),
        },
        products: vec![product("one"), product("two")],
        resolved: vec!["users = 1\n".to_string(); 2],
        questioned: vec![vec!["users = 2\n".to_string()]; 2],
        timing: Timing::default(),
    }
}

#[test]
fn a_comparison_goes_there_and_back() {
    let home = tempfile::tempdir().expect("a directory");
    let record = record();
    write_into(home.path(), &record).expect("written");
    assert!(is_products(home.path()));
    let again = read(home.path()).expect("read");
    assert_eq!((again.about, again.products), (record.about, record.products));
    assert_eq!((again.resolved, again.questioned), (record.resolved, record.questioned));
    let rows = std::fs::read_to_string(home.path().join("rows.csv")).expect("there");
    assert_eq!(rows.lines().count(), 1 + 4);
    assert!(rows.contains("\"a \"\"source\"\", with a comma\""), "{rows}");
}

#[test]
fn what_was_changed_is_refused() {
    let home = tempfile::tempdir().expect("a directory");
    write_into(home.path(), &record()).expect("written");
    let path = home.path().join("products.json");
    let text = std::fs::read_to_string(&path).expect("there");
    std::fs::write(&path, text.replacen("4200.0", "4300.0", 1)).expect("written");
    assert!(matches!(read(home.path()), Err(crate::results::ResultsError::Changed { .. })));
    std::fs::write(&path, &text).expect("written");
    std::fs::write(home.path().join("scenarios/two.toml"), "users = 2\n").expect("written");
    assert!(matches!(read(home.path()), Err(crate::results::ResultsError::Scenario { .. })));
}

#[test]
fn the_hash_is_of_the_worlds() {
    let record = record();
    let hash = products_hash(&record.about, &record.products);
    let mut other = record.clone();
    other.products[1].counts[2][5] += 1;
    assert_ne!(products_hash(&other.about, &other.products), hash);
    let mut titled = record;
    titled.about.title.push('!');
    assert_eq!(products_hash(&titled.about, &titled.products), hash);
}
