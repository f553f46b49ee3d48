//! Published paths: the shipped file by hand, and what is wrong with a file at its line.

use std::fs;

use crate::scenario::problem::Located;
use crate::scenario::tests::fixture::{Home, head, models, right};
use crate::scenario::{Overrides, Scenario, from_resolved_toml};

/// A scenario of so many months on the published path.
fn scenario(months: u16) -> String {
    head(months) + "\n[[worlds]]\nname = \"published\"\neconomy = \"fed-2025\"\n"
}

/// The scenario of 48 months beside a copy of the models in which `from` is `to` in a file.
fn with(file: &str, from: &str, to: &str) -> Result<Scenario, Vec<Located>> {
    let home = Home::with_models(&scenario(48));
    let changed = home.model("economy").join(file);
    let text = fs::read_to_string(&changed).expect("a model");
    assert!(text.contains(from), "{from}");
    fs::write(&changed, text.replacen(from, to, 1)).expect("changed");
    home.read(&Overrides::default()).map_err(|errors| errors.located())
}

const CSV: &str = "published/fed_2025_severely_adverse_domestic.csv";

#[test]
fn the_shipped_path_is_the_published_one_in_our_variables() {
    let scenario = with(CSV, "Date", "Date").unwrap_or_else(|errors| panic!("{errors:?}"));
    let month = |number: usize| scenario.worlds[0].economy.months[number - 1];
    // 5.2 + 0.64 × (theirs − 4.1): 5.6 → 6.16, 10.0 → 8.976, 7.5 → 7.376.
    assert_eq!([3, 21, 39].map(|m| month(m).unemployment_ppm), [61_600, 89_760, 73_760]);
    assert_eq!(month(1).unemployment_ppm, 52_000 + 3_200, "a third of the way to the first quarter's end");
    assert_eq!(month(48).unemployment_ppm, 52_000 + (73_760 - 52_000) / 2, "half is left after the half-life");
    assert_eq!(month(15).unemployment_change_ppm, month(15).unemployment_ppm - month(3).unemployment_ppm);
    // Real income −6.0 % a year against 2.4 % normal in the first quarter; the trend is 5 % a year.
    let income = 1e6 * libm::pow(1.0 - 0.084, 0.25) * libm::pow(1.05, 0.25);
    assert!((f64::from(month(3).income_index_ppm) - income).abs() < 2.0, "{:?}", month(3));
    // Output: (−8.9 − 6.7 − 8.0 − 5.9) / 4 = −7.375 %, against 2.4 % normal; ours is 5 % normal.
    assert_eq!(month(12).gdp_growth_ppm, 50_000 - 73_750 - 24_000);
    // Rate: 0.1 % against 4.4 %, a fifth of it.
    assert_eq!(month(6).lpr_bp, 300 - 86);
    let again = right(from_resolved_toml(&scenario.resolved_toml));
    assert_eq!(again.worlds[0].economy, scenario.worlds[0].economy);
    assert!(!scenario.resolved_toml.contains(".csv"), "the resolved scenario needs no other file");
}

#[test]
fn columns_are_found_by_their_names_and_line_ends_may_be_of_either_kind() {
    let expected = with(CSV, "Date", "Date").expect("as shipped");
    let path = models().join("economy").join(CSV);
    let text = fs::read_to_string(path).expect("the table");
    let turned: String =
        text.lines().map(|line| line.split(',').rev().collect::<Vec<_>>().join(",") + "\r\n").collect();
    let found = with(CSV, &text, &format!("\u{feff}{turned}\r\n"));
    let found = found.unwrap_or_else(|errors| panic!("{errors:?}"));
    assert_eq!(found.worlds[0].economy, expected.worlds[0].economy);
}

#[track_caller]
fn refused(file: &str, from: &str, to: &str, line: usize, message: &str) {
    let errors = with(file, from, to).expect_err("it is broken");
    let fits = |e: &&Located| e.file.ends_with(file) && e.line == line && e.message.contains(message);
    assert!(errors.iter().any(|e| fits(&e)), "{from} → {to}: {errors:#?}");
}

#[test]
fn what_is_wrong_with_a_file_is_reported_at_its_line() {
    let errors = with(CSV, "Unemployment rate", "Unemploymnt rate").expect_err("another header");
    let [error] = &errors[..] else { panic!("{errors:?}") };
    assert!(error.message.contains("no column `Unemployment rate`"), "{error:?}");
    assert!(error.file.ends_with("fed-2025.toml") && error.text.contains("domestic.csv"), "not a word of the table: {error:?}");
    refused(CSV, "2025 Q2", "\"2025 Q2", 3, "a quote that is not closed");
    refused(CSV, "2025 Q3,-8,-7.2", "2025 Q3,x,-7.2", 4, "`x` in column `Real GDP growth` is no such percentage");
    refused(CSV, "2025 Q3,-8,-7.2", "2025 Q3,-8,-720", 4, "`-720` in column");
    refused(CSV, "2025 Q2", "2025 Q9", 3, "`2025 Q9` is no quarter");
    refused(CSV, "2025 Q2", "2026 Q2", 3, "`2026 Q2` does not follow the quarter before it");
    refused(CSV, "2025 Q4,-5.9,", "2025 Q4,", 5, "17 fields, the header has 18");
    let errors = with("fed-2025.toml", "domestic.csv", "domestc.csv").expect_err("no such file");
    assert!(errors.iter().any(|e| e.message.contains("cannot read") && e.line > 25), "{errors:?}");
    for (from, to, message) in [
        ("weight_gdp", "weight_gpd", "unknown key `weight_gpd`"),
        ("weight_gdp", "weight_gpd", "missing key `weight_gdp`"),
        ("value = 0.64", "value = 6.4", "`published.weight_unemployment` is no number between 0 and 3"),
    ] {
        let errors = with("fed-2025.toml", from, to).expect_err(message);
        assert!(errors.iter().any(|e| e.message.contains(message)), "{errors:?}");
    }
}

/// A path that would be cut off at a bound is refused where the published number stands.
#[test]
fn what_is_mapped_beyond_its_bounds_is_refused() {
    // 5.2 + 0.64 × (60 − 4.1) = 40.976 %.
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/economy").join(CSV);
    let table = fs::read_to_string(path).expect("the table");
    let column = table.lines().next().and_then(|l| l.split(',').position(|c| c.trim_matches('"') == "Unemployment rate"));
    let column = column.expect("a column");
    let line = table.lines().nth(4).expect("a quarter").to_owned();
    let mut fields: Vec<&str> = line.split(',').collect();
    fields[column] = "60";
    let errors = with(CSV, &line, &fields.join(","), SCENARIO).expect_err("beyond the bounds");
    let fits = |e: &&Located| e.file.ends_with(CSV) && e.line == 5 && e.message.contains("unemployment 0.4098");
    assert!(errors.iter().any(|e| fits(&e)), "{errors:#?}");
    let errors = with("fed-2025.toml", "confidence_per_point = { value = 0.066", "confidence_per_point = { value = 0.5", SCENARIO)
        .expect_err("beyond the bounds");
    assert!(errors.iter().any(|e| e.message.contains("mapped to confidence")), "{errors:#?}");
}

#[test]
fn a_published_path_is_run_to_its_end() {
    let errors = Home::of(&scenario(36)).read(&Overrides::default()).expect_err("too short").located();
    let [error] = &errors[..] else { panic!("{errors:?}") };
    assert!(
        error.message.contains("a published path over 36 months") && error.hint.contains("at least 39"),
        "{error:?}"
    );
    assert_eq!(error.text, "\"fed-2025\"");
}

#[test]
fn a_table_that_is_too_short_is_no_path() {
    let path = models().join("economy").join(CSV);
    let text = fs::read_to_string(path).expect("the table");
    let short: String = text.split_inclusive('\n').take(13).collect();
    let errors = with(CSV, &text, &short).expect_err("too short");
    assert!(errors.iter().any(|e| e.line == 13 && e.message.contains("12 quarters")), "{errors:?}");
}
