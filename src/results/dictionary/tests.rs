//! The dictionary against what is written, and against the page that is printed from it.

use super::*;
use crate::results;
use crate::results::manifest::Kind;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The headers of all CSV files of a directory.
fn headers(dir: &Path) -> Vec<(String, Vec<String>)> {
    let mut all = Vec::new();
    for entry in fs::read_dir(dir).expect("there") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|ending| ending == "csv") {
            let text = fs::read_to_string(&path).expect("a table");
            let header = text.lines().next().expect("a header").split(',').map(str::to_string).collect();
            all.push((path.file_name().expect("a name").to_string_lossy().to_string(), header));
        }
    }
    all
}

/// Every column that was written is in the dictionary once, and everything in the dictionary was written.
fn check(kind: Kind, dir: &Path) {
    let entries: Vec<Column> = columns().into_iter().filter(|column| column.kind == kind).collect();
    let mut used = BTreeSet::new();
    for (file, header) in headers(dir) {
        for column in header {
            let fitting: Vec<usize> =
                (0..entries.len()).filter(|i| entries[*i].file == file && entries[*i].fits(&column)).collect();
            assert_eq!(fitting.len(), 1, "{kind:?} {file}: `{column}` is in the dictionary {} times", fitting.len());
            used.extend(fitting);
        }
    }
    for (position, entry) in entries.iter().enumerate() {
        assert!(used.contains(&position), "{kind:?} {}: nothing writes `{}`", entry.file, entry.name);
        assert!(!entry.unit.is_empty() && entry.says.ends_with('.'), "{} {}: {}", entry.file, entry.name, entry.says);
    }
}

#[test]
fn every_column_that_is_written_is_explained_and_no_other() {
    let home = tempfile::tempdir().expect("a directory");
    let dir = |name: &str| {
        let dir = home.path().join(name);
        fs::create_dir(&dir).expect("made");
        dir
    };
    let run = dir("run");
    results::write_run(&run, &results::tests::two_worlds()).expect("written");
    check(Kind::Run, &run);
    let suite = dir("suite");
    results::suite::write_into(&suite, &results::suite::tests::record()).expect("written");
    check(Kind::Suite, &suite);
    let products = dir("products");
    results::products::write_into(&products, &results::products::tests::record()).expect("written");
    check(Kind::Comparison, &products);
    let coverage = dir("coverage");
    results::suite::tests::made_coverage().write_into(&coverage, "").expect("written");
    check(Kind::Coverage, &coverage);
    let scoring = dir("scoring");
    results::scoring::write_into(&scoring, &results::scoring::tests::record(), "").expect("written");
    check(Kind::Scoring, &scoring);
    let load = home.path().join("load");
    let (record, seconds) = results::load::tests::made(results::load::tests::Made::default());
    results::load::tests::write_made(&load, &record, &seconds);
    check(Kind::Load, &load);
}

#[test]
fn the_docs_list_every_column() {
    expect_test::expect_file!["../../../docs/columns.md"].assert_eq(&document());
}
