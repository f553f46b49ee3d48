//! The columns of `monthly.csv`: every counter of the month by name, except the long ones that have files of their
//! own.

use crate::measure::words::{AgentFlows, AgentStocks, COMMAND_NAMES, Cause, CreditFlows, CreditStocks, Posting, Scene};
use crate::measure::{Cohort, MonthObservations};

/// Fields with files of their own: `postings.csv`, `declines.csv`, `transitions.csv`.
pub(super) const ELSEWHERE: [&str; 6] =
    ["posted_fen", "refused", "drawings_declined", "others_declined", "transitions_fen", "transitions_accounts"];

/// Delinquency buckets as the tables print them; 7 and 8 occur in transitions only.
pub(super) const BUCKET_NAMES: [&str; 9] = ["C", "M1", "M2", "M3", "M4", "M5", "M6", "written_off", "none"];

/// Which counters of a month a column belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Engine, flows.
    Flows = 0,
    /// Engine, month-end.
    Stocks = 1,
    /// Agents, flows.
    People = 2,
    /// Agents, month-end.
    PeopleEnd = 3,
}

/// One counter.
#[derive(Clone, Debug)]
pub(super) struct Column {
    /// Name in the header.
    pub name: String,
    /// Where it is.
    pub part: Part,
    /// Its index among the counters of that part.
    pub index: usize,
}

/// All columns in order.
pub(super) fn columns() -> Vec<Column> {
    let mut columns = Vec::new();
    let parts = [
        (Part::Flows, CreditFlows::FIELDS, ""),
        (Part::Stocks, CreditStocks::FIELDS, "end_"),
        (Part::People, AgentFlows::FIELDS, ""),
        (Part::PeopleEnd, AgentStocks::FIELDS, "end_"),
    ];
    for (part, fields, prefix) in parts {
        let mut index = 0;
        for &(field, len) in fields {
            for i in 0..len {
                if !ELSEWHERE.contains(&field) {
                    let name = if len == 1 { field.to_string() } else { format!("{field}_{}", label(field, i)) };
                    columns.push(Column { name: format!("{prefix}{name}"), part, index: index + i });
                }
            }
            index += len;
        }
    }
    columns
}

/// What the `i`-th counter of an array field is called.
pub(super) fn label(field: &str, i: usize) -> String {
    let names: &[&str] = match field {
        "commands" => &COMMAND_NAMES,
        "due_by_outcome_fen" => &["full", "instalment", "minimum", "late"],
        "repaid_by_source_fen" => &["voluntary", "auto_debit", "collected", "recovery"],
        "contacts_tried" | "contacts_reached" => &["none", "app", "sms", "call", "field", "legal"],
        "complaints" => &["decline", "collection", "charge", "service"],
        "balance_by_bucket_fen" | "accounts_by_bucket" => &BUCKET_NAMES,
        "balance_by_class_fen" => &["normal", "special_mention", "substandard", "doubtful", "loss"],
        "purchases_by_age" | "active_by_age" => &["under_3m", "3_6m", "6_12m", "over_12m"],
        "users_by_age" => &["under_18", "18_24", "25_29", "30_35", "36_45", "over_45"],
        "users_by_stage" => &["none", "seen", "clicked", "applied", "account", "used", "used_again"],
        "captured_count" | "captured_fen" => return Scene::ALL[i].name().to_string(),
        "balance_by_stage_fen" | "accounts_by_tier" => return (i + 1).to_string(),
        _ if field.ends_with("_by_cause") => return Cause::ALL[i].name().to_string(),
        _ => &[],
    };
    names.get(i).map_or_else(|| i.to_string(), ToString::to_string)
}

/// Column of `journal.csv` with the day's sum of a kind of posting. A row a day and a column a kind take a tenth of the room of a row
/// a posting; which accounts are debited and credited follows from the kind.
pub(crate) fn journal_column(posting: Posting) -> String {
    format!("{posting:?}_yuan")
}

/// First columns of `journal.csv`.
pub(super) const JOURNAL: [&str; 2] = ["world", "day"];

/// All columns of `journal.csv`.
pub(super) fn journal_header() -> Vec<String> {
    JOURNAL.iter().map(ToString::to_string).chain(Posting::ALL.iter().copied().map(journal_column)).collect()
}

/// The counters of a month by part.
pub(super) fn counters(month: &MonthObservations) -> [&[i64]; 4] {
    [month.flows.counters(), month.stocks.counters(), month.people.counters(), month.people_end.counters()]
}

/// The sums of a cohort in the order of `cohorts.csv`.
pub(super) fn cohort_counters(c: &Cohort) -> [i64; 9] {
    [
        c.dpd_1_fen,
        c.dpd_1_to_8_fen,
        c.dpd_1_to_31_fen,
        c.dpd_31_fen,
        c.dpd_31_to_61_fen,
        c.dpd_61_fen,
        c.dpd_61_to_91_fen,
        c.dpd_91_fen,
        c.dpd_91_to_writeoff_fen,
    ]
}

/// A cohort from its sums.
pub(super) fn cohort_of(run_month: u16, sums: [i64; 9]) -> Cohort {
    Cohort {
        run_month,
        dpd_1_fen: sums[0],
        dpd_1_to_8_fen: sums[1],
        dpd_1_to_31_fen: sums[2],
        dpd_31_fen: sums[3],
        dpd_31_to_61_fen: sums[4],
        dpd_61_fen: sums[5],
        dpd_61_to_91_fen: sums[6],
        dpd_91_fen: sums[7],
        dpd_91_to_writeoff_fen: sums[8],
    }
}

/// Header of `cohorts.csv`.
pub(super) const COHORT_HEADER: [&str; 11] = [
    "world",
    "run_month",
    "dpd_1_fen",
    "dpd_1_to_8_fen",
    "dpd_1_to_31_fen",
    "dpd_31_fen",
    "dpd_31_to_61_fen",
    "dpd_61_fen",
    "dpd_61_to_91_fen",
    "dpd_91_fen",
    "dpd_91_to_writeoff_fen",
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_unique_and_every_counter_has_one_place() {
        let all = columns();
        let names: BTreeSet<&str> = all.iter().map(|c| c.name.as_str()).collect();
        assert_eq!(names.len(), all.len());
        let positions: BTreeSet<(usize, usize)> = all.iter().map(|c| (c.part as usize, c.index)).collect();
        assert_eq!(positions.len(), all.len());
        let fields = [CreditFlows::FIELDS, CreditStocks::FIELDS, AgentFlows::FIELDS, AgentStocks::FIELDS].concat();
        let elsewhere: usize = fields.iter().filter(|(f, _)| ELSEWHERE.contains(f)).map(|(_, n)| n).sum();
        assert_eq!(all.len() + elsewhere, fields.iter().map(|(_, n)| n).sum::<usize>());
        assert!(names.contains("captured_fen_live_shopping") && names.contains("end_balance_by_bucket_fen_M6"));
    }
}
