//! The table of terms that change has every key, the page of the policies prints it, and a policy that names a refused key is told so.
//! What the engine makes of it is tested in `testing::changes`. `UPDATE_EXPECT=1` renews the page.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use expect_test::expect_file;

use crate::scenario::Overrides;
use crate::scenario::catalogue;
use crate::scenario::document::changes::{self, Change, When};
use crate::scenario::document::overlay::POLICY;
use crate::scenario::tests::fixture::{Home, head};

const BEGIN: &str = "<!-- changes: begin -->\n";
const END: &str = "<!-- changes: end -->\n";

/// Every key of what a policy changes, and of the scenario itself, as `yuefu list keys` has it.
fn keys() -> Vec<String> {
    let of_a_policy = |key: &String| !key.contains('.') || POLICY.contains(&key.split('.').next().unwrap_or_default());
    catalogue::keys().into_iter().map(|row| row[0].clone()).filter(of_a_policy).collect()
}

/// A row of the table as the page has it: a section with what is below it.
fn shown(change: &Change, keys: &[String]) -> String {
    if keys.iter().any(|key| key == change.key) { format!("`{}`", change.key) } else { format!("`{}.…`", change.key) }
}

/// The table as the page has it; rows of one rule that follow each other are one.
fn table() -> String {
    let keys = keys();
    let mut text = String::from("| key | reaches what is open | how |\n|---|---|---|\n");
    let all: Vec<&Change> = changes::all().collect();
    for alike in all.chunk_by(|a, b| (a.when, a.says) == (b.when, b.says)) {
        let names: Vec<String> = alike.iter().map(|change| shown(change, &keys)).collect();
        writeln!(text, "| {} | {} | {} |", names.join(", "), alike[0].when.words(), alike[0].says).expect("written");
    }
    text
}

#[test]
fn every_key_stands_in_the_table() {
    let keys = keys();
    assert!(keys.len() > 200, "{} keys", keys.len());
    for key in &keys {
        let change = changes::of(key).unwrap_or_else(|| panic!("`{key}` is not in the table of terms that change"));
        // A section speaks for its keys only where they are habits, one scorecard, or the words of the profile.
        let of_one = ["product.limits.targeting", "product.profile"].contains(&change.key);
        assert!(change.key == key || key.starts_with("behaviour.") || of_one, "`{key}` has no row of its own");
    }
    for change in changes::all() {
        let below = format!("{}.", change.key);
        let known = keys.iter().any(|key| key == change.key || key.starts_with(&below));
        assert!(known, "there is no key `{}`", change.key);
        let others = changes::all().filter(|other| other.key == change.key).count();
        assert_eq!(others, 1, "`{}` stands twice", change.key);
    }
}

#[test]
fn the_page_of_the_policies_has_the_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/policies.md");
    let page = fs::read_to_string(&path).expect("the page");
    let (before, rest) = page.split_once(BEGIN).expect("the first mark");
    let (_, after) = rest.split_once(END).expect("the second mark");
    expect_file![PathBuf::from(&path)].assert_eq(&format!("{before}{BEGIN}{}{END}{after}", table()));
}

#[test]
fn a_policy_that_names_a_refused_key_is_told_where_and_what_to_do() {
    let refused: Vec<&Change> = changes::all().filter(|change| change.when == When::Refused).collect();
    assert!(refused.len() >= 12, "{refused:?}");
    for change in refused {
        let key = keys().into_iter().find(|key| changes::of(key) == Some(change)).expect("a key of the row");
        let key = key.replace("partners.NAME.", "partners.bank.");
        let world = "\n[[worlds]]\nname = \"baseline\"\neconomy = \"base\"\n";
        let policy = format!("[[worlds.policies]]\nfrom = 2027-03-01\nset = {{ \"{key}\" = 0.5 }}\n");
        let home = Home::of(&(head(6) + world + &policy));
        let errors = home.read(&Overrides::default()).expect_err("refused").located();
        assert_eq!(errors.len(), 1, "{key}: {errors:?}");
        let lines = fs::read_to_string(home.scenario()).expect("the scenario").lines().count();
        assert_eq!((errors[0].line, errors[0].text.as_str()), (lines, format!("\"{key}\"").as_str()), "{errors:?}");
        assert_eq!(errors[0].message, format!("a policy cannot change `{key}`"));
        assert_eq!(errors[0].hint, change.says);
    }
}
