//! Writes the files of a run directory: tables, `result.json`, provenance, timing. It gets a finished record and works nothing out but
//! the hash.

use super::columns::{BUCKET_NAMES, COHORT_HEADER, cohort_counters, columns, counters, journal_header};
use super::json::{self, ProvenanceFile, WorldFile};
use super::origin::Named;
use super::table::{field, line, month_name};
use super::{ResultsError, RunRecord, record_hash, risk};
use crate::base::money::Fen;
use crate::measure::words::{Account, Decline, Posting, Refusal};
use crate::measure::{MonthObservations, WorldObservations, measures};
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// Headers of the long tables.
pub(super) const DECLINES: [&str; 5] = ["world", "month", "kind", "reason", "count"];
/// …
pub(super) const TRANSITIONS: [&str; 6] = ["world", "month", "from", "to", "balance_fen", "accounts"];
/// …
pub(super) const POSTINGS: [&str; 4] = ["world", "month", "posting", "amount_yuan"];
/// …
pub(super) const VINTAGES: [&str; 8] =
    ["world", "run_month", "opened_month", "opened", "months_on_book", "first_30_plus", "writeoff_fen", "drawn_fen"];
/// …
pub(super) const HOSTS: [&str; 4] = ["world", "host", "tips_fen", "minutes"];
/// …
pub(super) const TRIAL_BALANCE: [&str; 6] =
    ["world", "account", "opening_yuan", "debits_yuan", "credits_yuan", "closing_yuan"];
/// First columns of `monthly.csv`; the counters follow.
pub(super) const MONTHLY: [&str; 8] =
    ["world", "month", "first_day", "days", "balance_days_fen", "unemployment_ppm", "income_index_ppm", "appetite_ppm"];
/// Kinds of decline in `declines.csv`.
pub(super) const DECLINE_KINDS: [&str; 3] = ["application", "drawing", "other"];

/// Writes every file into a directory that exists.
pub(crate) fn write_all(dir: &Path, record: &RunRecord) -> Result<(), ResultsError> {
    let worlds = &record.worlds;
    let states = worlds.iter().map(|w| WorldFile { name: w.name.clone(), state_hash: w.state_hash.clone() }).collect();
    let files: [(&str, String); 15] = [
        ("scenario.toml", record.provenance.resolved_toml.clone()),
        ("provenance.json", json::text(&ProvenanceFile::of(&record.provenance, states))),
        ("timing.json", json::text(&Named::new(&record.provenance.origin, &record.timing))),
        ("monthly.csv", monthly(worlds)),
        ("declines.csv", by_month(&DECLINES, worlds, declines)),
        ("transitions.csv", by_month(&TRANSITIONS, worlds, transitions)),
        ("postings.csv", by_month(&POSTINGS, worlds, postings)),
        ("funnel.csv", by_month(&["world", "month", "stage", "count"], worlds, funnel)),
        ("vintages.csv", by_world(&VINTAGES, worlds, vintages)),
        ("cohorts.csv", by_world(&COHORT_HEADER, worlds, cohorts)),
        ("hosts.csv", by_world(&HOSTS, worlds, hosts)),
        ("trial_balance.csv", by_world(&TRIAL_BALANCE, worlds, trial_balance)),
        ("journal.csv", journal(worlds)),
        ("groups.csv", risk::groups(worlds)),
        ("ecl.csv", risk::ecl(worlds)),
    ];
    for (name, text) in files {
        put(dir, name, &text)?;
    }
    // Last, since a directory with a result counts as whole.
    put(dir, "result.json", &result_json(record))
}

/// The text of `result.json`: the hash and each world's measures.
pub(crate) fn result_json(record: &RunRecord) -> String {
    let all: Vec<_> = record.worlds.iter().map(|w| (w.name.as_str(), measures(w))).collect();
    json::result_text(&record_hash(record), &record.provenance.origin, &all)
}

fn put(dir: &Path, name: &str, text: &str) -> Result<(), ResultsError> {
    let path = dir.join(name);
    fs::write(&path, text).map_err(|source| ResultsError::Io { path, source })
}

fn by_world(header: &[&str], worlds: &[WorldObservations], body: fn(&mut String, &str, &WorldObservations)) -> String {
    let mut out = header.join(",") + "\n";
    worlds.iter().for_each(|world| body(&mut out, &field(&world.name), world));
    out
}

/// `body` gets the first two fields of each row ready-made.
fn by_month(header: &[&str], worlds: &[WorldObservations], body: fn(&mut String, &str, &MonthObservations)) -> String {
    let mut out = header.join(",") + "\n";
    for world in worlds {
        for month in &world.months {
            body(&mut out, &format!("{},{}", field(&world.name), month_name(month.first_day)), month);
        }
    }
    out
}

fn monthly(worlds: &[WorldObservations]) -> String {
    let columns = columns();
    let mut out = MONTHLY.join(",");
    columns.iter().for_each(|c| out.push_str(&format!(",{}", c.name)));
    out.push('\n');
    for world in worlds {
        for m in &world.months {
            let _ = write!(
                out,
                "{},{},{},{},{},{},{},{}",
                field(&world.name),
                month_name(m.first_day),
                m.first_day,
                m.days,
                m.balance_days_fen,
                m.unemployment_ppm,
                m.income_index_ppm,
                m.appetite_ppm
            );
            let parts = counters(m);
            for c in &columns {
                let _ = write!(out, ",{}", parts[c.part as usize][c.index]);
            }
            out.push('\n');
        }
    }
    out
}

fn declines(out: &mut String, key: &str, m: &MonthObservations) {
    let f = &m.flows;
    let refused = Refusal::ALL.iter().map(|r| r.name()).zip(&f.refused).map(|(r, n)| (0, r, n));
    let reasons = || Decline::ALL.iter().map(|d| d.name());
    let drawings = reasons().zip(&f.drawings_declined).map(|(r, n)| (1, r, n));
    let others = reasons().zip(&f.others_declined).map(|(r, n)| (2, r, n));
    for (kind, reason, count) in refused.chain(drawings).chain(others).filter(|(_, _, n)| **n != 0) {
        line!(out, "{key},{},{reason},{count}", DECLINE_KINDS[kind]);
    }
}

fn transitions(out: &mut String, key: &str, m: &MonthObservations) {
    let s = &m.stocks;
    for (i, (fen, accounts)) in s.transitions_fen.iter().zip(&s.transitions_accounts).enumerate() {
        if (*fen, *accounts) != (0, 0) {
            line!(out, "{key},{},{},{fen},{accounts}", BUCKET_NAMES[i / 9], BUCKET_NAMES[i % 9]);
        }
    }
}

fn postings(out: &mut String, key: &str, m: &MonthObservations) {
    for (posting, &amount) in Posting::ALL.iter().zip(&m.flows.posted_fen).filter(|(_, a)| **a != 0) {
        line!(out, "{key},{posting:?},{}", Fen(amount));
    }
}

/// A view for people: what happened in the month, and where the users stood at its end (`users_…`).
fn funnel(out: &mut String, key: &str, m: &MonthObservations) {
    let (p, f) = (&m.people, &m.flows);
    let steps = [
        ("impressions", p.impressions),
        ("clicks", p.clicks),
        ("applications", p.applications),
        ("approved", f.approved),
        ("first_uses", f.first_uses),
        ("repeat_uses", f.repeat_uses),
    ];
    let stages = ["none", "seen", "clicked", "applied", "account", "used", "used_again"];
    for (step, count) in steps {
        line!(out, "{key},{step},{count}");
    }
    for (reached, count) in stages.iter().zip(&m.people_end.users_by_stage) {
        line!(out, "{key},users_{reached},{count}");
    }
}

fn vintages(out: &mut String, world: &str, w: &WorldObservations) {
    for v in &w.vintages {
        let (year, month) = w.calendar_month(v.run_month);
        let life = v.first_30_plus.len().max(v.writeoff_fen.len()).max(v.drawn_fen.len());
        let at = |series: &[i64], age: usize| series.get(age).copied().unwrap_or(0);
        for age in 0..life {
            line!(
                out,
                "{world},{},{year:04}-{month:02},{},{age},{},{},{}",
                v.run_month,
                v.opened,
                at(&v.first_30_plus, age),
                at(&v.writeoff_fen, age),
                at(&v.drawn_fen, age)
            );
        }
    }
}

fn cohorts(out: &mut String, world: &str, w: &WorldObservations) {
    for c in &w.cohorts {
        let sums = cohort_counters(c).map(|s| s.to_string()).join(",");
        line!(out, "{world},{},{sums}", c.run_month);
    }
}

fn hosts(out: &mut String, world: &str, w: &WorldObservations) {
    for (host, (tips, minutes)) in w.tips_by_host_fen.iter().zip(&w.minutes_by_host).enumerate() {
        line!(out, "{world},{host},{tips},{minutes}");
    }
}

fn trial_balance(out: &mut String, world: &str, w: &WorldObservations) {
    let mut debits = vec![0_i64; Account::ALL.len()];
    let mut credits = vec![0_i64; Account::ALL.len()];
    for (_, posted) in &w.journal {
        for (posting, amount) in Posting::ALL.iter().zip(posted) {
            let (debit, credit) = posting.sides();
            debits[debit as usize] += amount;
            credits[credit as usize] += amount;
        }
    }
    for (i, account) in Account::ALL.iter().enumerate() {
        let amounts = [w.opening_balances_fen[i], debits[i], credits[i], w.closing_balances_fen[i]];
        let amounts = amounts.map(|a| Fen(a).to_string()).join(",");
        line!(out, "{world},{},{amounts}", account.path());
    }
}

/// A row a day and a column a kind of posting; nothing stands where nothing was posted.
fn journal(worlds: &[WorldObservations]) -> String {
    let mut out = journal_header().join(",") + "\n";
    for w in worlds {
        for (day, posted) in w.journal.iter().filter(|(_, posted)| posted.iter().any(|amount| *amount != 0)) {
            let _ = write!(out, "{},{day}", field(&w.name));
            for amount in posted {
                out.push(',');
                if *amount != 0 {
                    let _ = write!(out, "{}", Fen(*amount));
                }
            }
            out.push('\n');
        }
    }
    out
}
