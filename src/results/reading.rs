//! Reads a run directory back into the record that was written, for reports, `verify` and exports. What no longer gives the hash is
//! refused with its place.

use super::columns::{BUCKET_NAMES, COHORT_HEADER, JOURNAL, Part, cohort_of, columns, journal_header};
use super::json::{ProvenanceFile, StatedHash, checksum, from_text};
use super::table::{Row, TableFile};
use super::{ResultsError, RunRecord, record_hash, risk, writing};
use crate::measure::words::{
    Account, AgentFlows, AgentStocks, CreditFlows, CreditStocks, Decline, Posting, Refusal, RiskStocks,
};
use crate::measure::{MonthObservations, Vintage, WorldObservations};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Reads a run directory back and checks its hash.
///
/// # Errors
/// Says which file, and which line of it, is missing or wrong.
pub(crate) fn read(dir: &Path) -> Result<RunRecord, ResultsError> {
    let stated: StatedHash = json(dir, "result.json")?;
    let file: ProvenanceFile = json(dir, "provenance.json")?;
    let toml = text(dir, "scenario.toml")?;
    if checksum(&toml) != file.scenario_blake3 {
        return Err(ResultsError::Scenario { path: dir.join("scenario.toml") });
    }
    let mut worlds: Vec<WorldObservations> =
        file.worlds.iter().map(|w| empty(w.name.clone(), w.state_hash.clone())).collect();
    let names: Vec<String> = worlds.iter().map(|w| w.name.clone()).collect();
    monthly(dir, &names, &mut worlds)?;
    long_counters(dir, &names, &mut worlds)?;
    risk::read(dir, &names, &mut worlds)?;
    vintages(dir, &names, &mut worlds)?;
    cohorts_and_hosts(dir, &names, &mut worlds)?;
    books(dir, &names, &mut worlds)?;
    let plain = file.into_plain(toml);
    let provenance = plain.map_err(|what| ResultsError::Json { path: dir.join("provenance.json"), what })?;
    let record = RunRecord { provenance, worlds, timing: json(dir, "timing.json")? };
    let found = record_hash(&record);
    if found != stated.hash {
        return Err(ResultsError::Hash { path: dir.to_path_buf(), stated: stated.hash, found });
    }
    Ok(record)
}

/// The resolved input of a directory whose kind keeps no sum of it.
///
/// # Errors
/// When it cannot be read.
pub(crate) fn input(dir: &Path) -> Result<String, ResultsError> {
    text(dir, "scenario.toml")
}

/// The text of a file of a run directory.
pub(super) fn text(dir: &Path, name: &str) -> Result<String, ResultsError> {
    let path = dir.join(name);
    fs::read_to_string(&path).map_err(|e| ResultsError::io(&path, e))
}

/// The content of a JSON file of a run directory.
pub(super) fn json<T: DeserializeOwned>(dir: &Path, name: &str) -> Result<T, ResultsError> {
    let text = text(dir, name)?;
    from_text(&text).map_err(|e| ResultsError::Json { path: dir.join(name), what: e.to_string() })
}

fn empty(name: String, state_hash: String) -> WorldObservations {
    WorldObservations { name, state_hash, ..WorldObservations::empty(0, 0) }
}

fn monthly(dir: &Path, names: &[String], worlds: &mut [WorldObservations]) -> Result<(), ResultsError> {
    let columns = columns();
    let header: Vec<&str> = writing::MONTHLY.iter().copied().chain(columns.iter().map(|c| c.name.as_str())).collect();
    let file = TableFile::open(dir, "monthly.csv", &header)?;
    let zero = [
        CreditFlows::default().counters().to_vec(),
        CreditStocks::default().counters().to_vec(),
        AgentFlows::default().counters().to_vec(),
        AgentStocks::default().counters().to_vec(),
    ];
    for row in file.rows() {
        let row = row?;
        let mut parts = zero.clone();
        for (i, c) in columns.iter().enumerate() {
            parts[c.part as usize][c.index] = row.int(writing::MONTHLY.len() + i)?;
        }
        let part = |p: Part| parts[p as usize].as_slice();
        let wrong = || row.error("the counters do not fit".to_string());
        worlds[row.position(0, names)?].months.push(MonthObservations {
            first_day: row.day(2)?,
            days: row.int(3)?,
            balance_days_fen: row.int(4)?,
            unemployment_ppm: row.int(5)?,
            income_index_ppm: row.int(6)?,
            appetite_ppm: row.int(7)?,
            flows: CreditFlows::from_counters(part(Part::Flows)).ok_or_else(wrong)?,
            stocks: CreditStocks::from_counters(part(Part::Stocks)).ok_or_else(wrong)?,
            people: AgentFlows::from_counters(part(Part::People)).ok_or_else(wrong)?,
            people_end: AgentStocks::from_counters(part(Part::PeopleEnd)).ok_or_else(wrong)?,
            risk: RiskStocks::default(),
        });
    }
    Ok(())
}

fn long_counters(dir: &Path, names: &[String], worlds: &mut [WorldObservations]) -> Result<(), ResultsError> {
    let refusals = Refusal::ALL.map(Refusal::name);
    let declines = Decline::ALL.map(Decline::name);
    for row in TableFile::open(dir, "declines.csv", &writing::DECLINES)?.rows() {
        let row = row?;
        let flows = &mut row.month(names, worlds)?.flows;
        let (kind, count) = (row.position(2, &writing::DECLINE_KINDS)?, row.int(4)?);
        match kind {
            0 => flows.refused[row.position(3, &refusals)?] = count,
            1 => flows.drawings_declined[row.position(3, &declines)?] = count,
            _ => flows.others_declined[row.position(3, &declines)?] = count,
        }
    }
    for row in TableFile::open(dir, "transitions.csv", &writing::TRANSITIONS)?.rows() {
        let row = row?;
        let at = row.position(2, &BUCKET_NAMES)? * 9 + row.position(3, &BUCKET_NAMES)?;
        let stocks = &mut row.month(names, worlds)?.stocks;
        stocks.transitions_fen[at] = row.int(4)?;
        stocks.transitions_accounts[at] = row.int(5)?;
    }
    let postings = posting_places();
    for row in TableFile::open(dir, "postings.csv", &writing::POSTINGS)?.rows() {
        let row = row?;
        let posting = posting_at(&row, 2, &postings)?;
        row.month(names, worlds)?.flows.posted_fen[posting] = row.fen(3)?;
    }
    Ok(())
}

fn posting_places() -> BTreeMap<String, usize> {
    Posting::ALL.iter().enumerate().map(|(i, p)| (format!("{p:?}"), i)).collect()
}

fn posting_at(row: &Row<'_>, column: usize, positions: &BTreeMap<String, usize>) -> Result<usize, ResultsError> {
    let found = positions.get(row.text(column)).copied();
    found.ok_or_else(|| row.error(format!("posting `{}` is unknown", row.text(column))))
}

fn vintages(dir: &Path, names: &[String], worlds: &mut [WorldObservations]) -> Result<(), ResultsError> {
    for row in TableFile::open(dir, "vintages.csv", &writing::VINTAGES)?.rows() {
        let row = row?;
        let list = &mut worlds[row.position(0, names)?].vintages;
        let (run_month, opened, age): (u16, i64, usize) = (row.int(1)?, row.int(3)?, row.int(4)?);
        if age == 0 {
            list.push(Vintage { run_month, opened, ..Vintage::default() });
        }
        match list.last_mut() {
            Some(v) if v.run_month == run_month && v.first_30_plus.len() == age => {
                v.first_30_plus.push(row.int(5)?);
                v.writeoff_fen.push(row.int(6)?);
                v.drawn_fen.push(row.int(7)?);
            }
            _ => return Err(row.error(format!("month on book {age} does not follow the row before"))),
        }
    }
    Ok(())
}

fn cohorts_and_hosts(dir: &Path, names: &[String], worlds: &mut [WorldObservations]) -> Result<(), ResultsError> {
    for row in TableFile::open(dir, "cohorts.csv", &COHORT_HEADER)?.rows() {
        let row = row?;
        let mut sums = [0_i64; 9];
        for (i, sum) in sums.iter_mut().enumerate() {
            *sum = row.int(2 + i)?;
        }
        worlds[row.position(0, names)?].cohorts.push(cohort_of(row.int(1)?, sums));
    }
    for row in TableFile::open(dir, "hosts.csv", &writing::HOSTS)?.rows() {
        let row = row?;
        let world = &mut worlds[row.position(0, names)?];
        world.tips_by_host_fen.push(row.int(2)?);
        world.minutes_by_host.push(row.int(3)?);
    }
    Ok(())
}

fn books(dir: &Path, names: &[String], worlds: &mut [WorldObservations]) -> Result<(), ResultsError> {
    for row in TableFile::open(dir, "trial_balance.csv", &writing::TRIAL_BALANCE)?.rows() {
        let row = row?;
        let world = &mut worlds[row.position(0, names)?];
        let account = Account::ALL.get(world.opening_balances_fen.len()).map(|a| a.path());
        if account != Some(row.text(1)) {
            return Err(row.error(format!("account `{}` is out of order", row.text(1))));
        }
        let (opening, debits, credits, closing) = (row.fen(2)?, row.fen(3)?, row.fen(4)?, row.fen(5)?);
        if opening + debits - credits != closing {
            return Err(row.error("opening + debits − credits is not the closing balance".to_string()));
        }
        world.opening_balances_fen.push(opening);
        world.closing_balances_fen.push(closing);
    }
    for row in TableFile::open(dir, "journal.csv", &journal_header())?.rows() {
        let row = row?;
        let journal = &mut worlds[row.position(0, names)?].journal;
        let day = row.day(1)?;
        if journal.last().is_some_and(|(last, _)| *last >= day) {
            return Err(row.error(format!("{day} does not follow the day before it")));
        }
        let column = |kind: usize| JOURNAL.len() + kind;
        let amount = |kind: usize| if row.text(column(kind)).is_empty() { Ok(0) } else { row.fen(column(kind)) };
        journal.push((day, (0..Posting::ALL.len()).map(amount).collect::<Result<Vec<i64>, ResultsError>>()?));
    }
    Ok(())
}
