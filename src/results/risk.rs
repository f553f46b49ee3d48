//! `groups.csv` and `ecl.csv` of a run: the book by groups of people and expected loss by scenario and stage, month-ends. They
//! stand outside the hash of a run; running it again makes the same.

use super::ResultsError;
use super::table::{TableFile, field, month_name};
use crate::measure::WorldObservations;
use crate::measure::words::{ECL_SCENARIOS, GROUP_NAMES, GROUPS, PEOPLE_BANDS, RiskStocks, STAGES};
use std::fmt::Write;
use std::path::Path;

/// Header of `groups.csv`.
const GROUP_HEADER: [&str; 11] = [
    "world",
    "month",
    "by",
    "group",
    "accounts",
    "balance_fen",
    "overdue_fen",
    "overdue_30_fen",
    "income_fen",
    "service_fen",
    "overborrowed",
];

/// Header of `ecl.csv`.
const ECL_HEADER: [&str; 5] = ["world", "month", "scenario", "stage", "ecl_fen"];

/// Columns of expected loss.
pub(crate) const ECL_NAMES: [&str; ECL_SCENARIOS] = ["upside", "base", "downside", "booked"];

/// By what a group is one: its index decides.
pub(crate) const fn group_kind(group: usize) -> &'static str {
    if group < PEOPLE_BANDS { "age" } else { "income" }
}

fn group_columns(stocks: &RiskStocks) -> [&[i64; GROUPS]; 7] {
    let s = stocks;
    [&s.accounts, &s.balance_fen, &s.overdue_fen, &s.overdue_30_fen, &s.income_fen, &s.service_fen, &s.overborrowed]
}

fn each_month(header: &[&str], worlds: &[WorldObservations], body: fn(&mut String, &str, &RiskStocks)) -> String {
    let mut out = header.join(",") + "\n";
    for world in worlds {
        for month in &world.months {
            let key = format!("{},{}", field(&world.name), month_name(month.first_day));
            body(&mut out, &key, &month.risk);
        }
    }
    out
}

/// The text of `groups.csv`.
pub(crate) fn groups(worlds: &[WorldObservations]) -> String {
    each_month(&GROUP_HEADER, worlds, |out, key, stocks| {
        let columns = group_columns(stocks);
        for (group, name) in GROUP_NAMES.iter().enumerate() {
            let values: String = columns.iter().map(|column| format!(",{}", column[group])).collect();
            // Writing to a `String` cannot fail.
            let _ = writeln!(out, "{key},{},{name}{values}", group_kind(group));
        }
    })
}

/// The text of `ecl.csv`.
pub(crate) fn ecl(worlds: &[WorldObservations]) -> String {
    each_month(&ECL_HEADER, worlds, |out, key, stocks| {
        for (position, fen) in stocks.ecl_fen.iter().enumerate() {
            let _ = writeln!(out, "{key},{},{},{fen}", ECL_NAMES[position / STAGES], position % STAGES + 1);
        }
    })
}

/// Reads both tables back. Exposures by bucket are not kept.
///
/// # Errors
/// Says which file, and which line of it, is missing or wrong.
pub(crate) fn read(dir: &Path, names: &[String], worlds: &mut [WorldObservations]) -> Result<(), ResultsError> {
    for row in TableFile::open(dir, "groups.csv", &GROUP_HEADER)?.rows() {
        let row = row?;
        let group = row.position(3, &GROUP_NAMES)?;
        let s = &mut row.month(names, worlds)?.risk;
        let columns = [
            &mut s.accounts,
            &mut s.balance_fen,
            &mut s.overdue_fen,
            &mut s.overdue_30_fen,
            &mut s.income_fen,
            &mut s.service_fen,
            &mut s.overborrowed,
        ];
        for (i, column) in columns.into_iter().enumerate() {
            column[group] = row.int(4 + i)?;
        }
    }
    for row in TableFile::open(dir, "ecl.csv", &ECL_HEADER)?.rows() {
        let row = row?;
        let (scenario, stage): (usize, usize) = (row.position(2, &ECL_NAMES)?, row.int(3)?);
        if !(1..=STAGES).contains(&stage) {
            return Err(row.error(format!("there is no stage {stage}")));
        }
        row.month(names, worlds)?.risk.ecl_fen[scenario * STAGES + stage - 1] = row.int(4)?;
    }
    Ok(())
}
