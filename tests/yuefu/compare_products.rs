//! `yuefu compare-products`: six small products, the directory, the report drawn again, and what is refused.

use crate::program::yuefu;
use serde_json::Value;
use std::path::Path;

const SMALL: [&str; 8] = ["--users", "300", "--months", "2", "--replications", "1", "--set", "warmup_months=2"];

fn text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

#[test]
fn six_products_leave_a_whole_directory_and_its_report_is_drawn_again() {
    let home = tempfile::tempdir().expect("a directory");
    let out = home.path().join("products");
    let said = yuefu(&[&["compare-products", "--out", text(&out)], &SMALL[..]].concat()).well();
    for words in [
        "6 products × 1 replications",
        "bank-credit-card",
        "ABOVE the cap of 24 %: refused",
        "legal risk",
        "What if (cheapest-rival)",
        "assumptions",
        "virtual clock",
        "hash",
    ] {
        assert!(said.contains(words), "{said}\nlacks {words}");
    }
    for file in ["products.json", "rows.csv", "stress.csv", "prices.csv", "assumptions.csv", "report.html"] {
        assert!(out.join(file).is_file(), "{file}");
    }
    assert_eq!(std::fs::read_dir(home.path()).expect("there").count(), 1, "nothing beside it");
    let page = yuefu(&["report", text(&out)]).well();
    assert!(Path::new(page.trim()).is_file(), "{page}");
    // Each product's input is a scenario of its own.
    yuefu(&["check", text(&out.join("scenarios/baitiao.toml"))]).well();
    let again = home.path().join("again");
    let all = [&["compare-products", "--json", "--workers", "1", "--out", text(&again)], &SMALL[..]].concat();
    let json: Value = serde_json::from_str(&yuefu(&all).well()).expect("--json prints JSON and nothing else");
    assert!(said.contains(json["hash"].as_str().expect("a hash")), "any number of workers: the same worlds");
    let products = std::fs::read_to_string(out.join("products.json")).expect("there");
    std::fs::write(out.join("products.json"), products.replacen("0.24", "0.25", 1)).expect("written");
    yuefu(&["report", text(&out)]).refused(2, "products.json");
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let home = tempfile::tempdir().expect("a directory");
    let out = home.path().join("products");
    yuefu(&["compare-products", "scenarios/quick.toml", "--out", text(&out)]).refused(2, "no part `[comparison]`");
    std::fs::create_dir(&out).expect("made");
    std::fs::write(out.join("letter.txt"), "keep me").expect("written");
    yuefu(&[&["compare-products", "--out", text(&out)], &SMALL[..]].concat())
        .refused(2, "it is not a results directory");
    assert!(out.join("letter.txt").exists());
}
