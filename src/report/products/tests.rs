//! The report of a made-up comparison of products.

use super::*;
use crate::results::products::tests::record;

#[test]
fn the_answer_names_who_loses_what() {
    let sentences = answer(&record());
    let of = |topic: &str| sentences.iter().find(|s| s.topic == topic).map(|s| s.text.as_str()).unwrap_or_default();
    assert!(of("Approvals").contains("one −33 % (30.00 % → 20.00 %)"), "{}", of("Approvals"));
    assert!(of("Money").contains("4.00 % → −2.00 %"), "{}", of("Money"));
    assert!(of("In the red").contains("in normal times none; under the stress one, two"), "{}", of("In the red"));
    assert!(of("Published figures").contains("2 rows within their band, 2 outside"), "{}", of("Published figures"));
    assert!(of("Price cap").contains("12 months (up to 25.60 %): 7 loans of 4.2k yuan"), "{}", of("Price cap"));
}

#[test]
fn the_page_holds_every_table_and_picture() {
    let home = tempfile::tempdir().expect("a directory");
    let page = render_record(&record(), home.path()).expect("drawn");
    let html = std::fs::read_to_string(page).expect("there");
    for words in [
        "Who loses what",
        "The products' table",
        "A law &lt;may&gt; bar it.",
        "ABOVE the cap: refused",
        "What if a rival is cheaper?",
        "product.limits.raise_factor",
        "a reason",
    ] {
        assert!(html.contains(words), "the page lacks {words}");
    }
    for chart in ["approvals", "money", "lateness", "competition"] {
        assert!(home.path().join(format!("charts/{chart}.svg")).is_file(), "{chart}");
        assert!(home.path().join(format!("charts/{chart}.png")).is_file(), "{chart}");
    }
    assert!(!html.contains("http://") || html.contains("www.w3.org"), "nothing is fetched");
}

#[test]
fn every_chart_is_without_fault_and_what_is_missing_is_a_dash() {
    fonts::register_fonts();
    let mut record = record();
    record.products[1].stress.retain(|row| row.measure != "overdue_30_rate");
    record.products[1].questions.clear();
    let charts = charts::all(&record);
    crate::report::tests::geometry::check("two products", &charts, &["money", "competition"]);
    for slug in ["lateness", "competition"] {
        let chart = charts.iter().find(|c| c.slug == slug).expect(slug);
        let dash =
            |s: &crate::report::drawing::Shape| matches!(s, crate::report::drawing::Shape::Text(_, t, _) if t == "–");
        assert!(chart.drawing.shapes.iter().any(dash), "{slug}");
    }
}
