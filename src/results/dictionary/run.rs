//! Columns of a run of the virtual clock.

use super::entry::{File, Names};
use crate::measure::words::{AgentFlows, AgentStocks, CreditFlows, CreditStocks, Posting};
use crate::results::columns::{ELSEWHERE, JOURNAL, journal_column, label};
use crate::results::manifest::Kind;

const WORLD: (&str, &str, &str) = ("world", "name", "World of the scenario.");
const MONTH: (&str, &str, &str) = ("month", "yyyy-mm", "Counted month.");
const RUN_MONTH: &str = "Month of the run, 0 is the first of the warm-up";

fn of(file: &'static str) -> File {
    File::new(Kind::Run, file)
}

/// All files.
pub(super) fn files() -> Vec<File> {
    vec![
        monthly(),
        declines(),
        transitions(),
        postings(),
        funnel(),
        vintages(),
        cohorts(),
        hosts(),
        balances(),
        journal(),
    ]
    .into_iter()
    .chain([groups(), expected_loss()])
    .collect()
}

/// The unit of a counter, which its name says.
fn unit(field: &str) -> &'static str {
    match field {
        "bearing_times_bp" => "fen × basis points",
        "minutes" => "minutes",
        "contacts_queued" => "account-days",
        "user_days" | "active_days" => "user-days",
        "funder_open" => "1 or 0",
        _ if field.ends_with("_fen") || field.contains("_fen_") => "fen",
        _ => "number",
    }
}

fn monthly() -> File {
    let mut file = of("monthly.csv").plain(&[
        WORLD,
        MONTH,
        ("first_day", "yyyy-mm-dd", "Its first day."),
        ("days", "days", "Its days."),
        ("balance_days_fen", "fen-days", "Sum of the daily balances of managed principal."),
        ("unemployment_ppm", "millionths", "Urban surveyed unemployment, share of the labour force."),
        ("income_index_ppm", "millionths", "Income of those in work; 1,000,000 is the start of the run."),
        ("appetite_ppm", "millionths", "Risk appetite at the month-end: factor on the highest accepted PD."),
    ]);
    let parts = [
        (CreditFlows::FIELDS, CreditFlows::MEANINGS, "", "over the month"),
        (CreditStocks::FIELDS, CreditStocks::MEANINGS, "end_", "at the month-end"),
        (AgentFlows::FIELDS, AgentFlows::MEANINGS, "", "over the month"),
        (AgentStocks::FIELDS, AgentStocks::MEANINGS, "end_", "at the month-end"),
    ];
    for (fields, meanings, prefix, when) in parts {
        for ((field, count), meaning) in fields.iter().zip(meanings) {
            if ELSEWHERE.contains(field) {
                continue;
            }
            let says = format!("{} ({when})", clean(meaning));
            if *count == 1 {
                file.put(&format!("{prefix}{field}"), unit(field), &format!("{says}."), Names::One);
            } else {
                let values = (0..*count).map(|i| label(field, i)).collect();
                file = file.each(&format!("{prefix}{field}_PART"), unit(field), &format!("{says}."), ("PART", values));
            }
        }
    }
    file
}

/// A doc comment as plain words.
fn clean(meaning: &str) -> String {
    let plain = meaning.replace("([`COMMAND_NAMES`])", "").replace(['`', '[', ']'], "");
    let words: Vec<&str> = plain.split_whitespace().collect();
    words.join(" ").replace(" ,", ",").trim_end_matches('.').to_string()
}

fn declines() -> File {
    of("declines.csv").plain(&[
        WORLD,
        MONTH,
        ("kind", "name", "`application`, `drawing` (purchase, tip, card) or `other` request."),
        ("reason", "name", "Why it was refused or declined; reasons that did not occur have no row."),
        ("count", "number", "Requests over the month."),
    ])
}

fn transitions() -> File {
    of("transitions.csv").plain(&[
        WORLD,
        MONTH,
        (
            "from",
            "bucket",
            "Bucket at the previous month-end: C is current, M1 to M6 are 30 days each, `none` is no balance.",
        ),
        ("to", "bucket", "Bucket at this month-end, or `written_off`."),
        ("balance_fen", "fen", "Balance of the previous month-end (of this one, where there was none) that moved so."),
        ("accounts", "number", "Accounts that moved so."),
    ])
}

fn postings() -> File {
    of("postings.csv").plain(&[
        WORLD,
        MONTH,
        ("posting", "name", "Kind of posting; its accounts: columns of `journal.csv`."),
        ("amount_yuan", "yuan", "Posted over the month."),
    ])
}

fn funnel() -> File {
    of("funnel.csv").plain(&[
        WORLD,
        MONTH,
        ("stage", "name", "A step that was taken, or `users_` with the stage that users stand at."),
        ("count", "number", "Times the step was taken over the month; users at the month-end."),
    ])
}

fn vintages() -> File {
    of("vintages.csv").plain(&[
        WORLD,
        ("run_month", "months", &format!("{RUN_MONTH}; the month of opening.")),
        ("opened_month", "yyyy-mm", "The same as a calendar month."),
        ("opened", "number", "Accounts opened in it."),
        ("months_on_book", "months", "Months since the opening."),
        ("first_30_plus", "number", "Of those accounts: reached 31 days past due in that month, once a spell."),
        ("writeoff_fen", "fen", "Principal written off in that month."),
        ("drawn_fen", "fen", "Principal drawn in that month."),
    ])
}

fn cohorts() -> File {
    of("cohorts.csv").plain(&[
        WORLD,
        ("run_month", "months", &format!("{RUN_MONTH}; the month in which the balance reached the first DPD named.")),
        ("dpd_1_fen", "fen", "Balance that reached 1 day past due (DPD)."),
        ("dpd_1_to_8_fen", "fen", "… of it reached DPD 8."),
        ("dpd_1_to_31_fen", "fen", "… of it reached DPD 31."),
        ("dpd_31_fen", "fen", "Balance that reached DPD 31."),
        ("dpd_31_to_61_fen", "fen", "… of it reached DPD 61."),
        ("dpd_61_fen", "fen", "Balance that reached DPD 61."),
        ("dpd_61_to_91_fen", "fen", "… of it reached DPD 91."),
        ("dpd_91_fen", "fen", "Balance that reached DPD 91."),
        ("dpd_91_to_writeoff_fen", "fen", "… of it was written off."),
    ])
}

fn hosts() -> File {
    of("hosts.csv").plain(&[
        WORLD,
        ("host", "number", "The host, from 0."),
        ("tips_fen", "fen", "Tips on credit and from the wallet over the counted months."),
        ("minutes", "minutes", "Minutes that people watched."),
    ])
}

fn balances() -> File {
    of("trial_balance.csv").plain(&[
        WORLD,
        ("account", "name", "Account of the chart, its class first."),
        ("opening_yuan", "yuan", "Balance before the first counted day; debit is positive."),
        ("debits_yuan", "yuan", "Debited over the counted months."),
        ("credits_yuan", "yuan", "Credited over the counted months."),
        ("closing_yuan", "yuan", "Balance after the last day; debit is positive."),
    ])
}

fn journal() -> File {
    let mut file = of("journal.csv").plain(&[WORLD, (JOURNAL[1], "yyyy-mm-dd", "Day on which something was posted.")]);
    for posting in Posting::ALL.iter().copied() {
        let (debit, credit) = posting.sides();
        let says = format!("{}: debit {}, credit {}.", posting.meaning(), debit.path(), credit.path());
        file.put(&journal_column(posting), "yuan", &says, Names::One);
    }
    file
}

fn groups() -> File {
    of("groups.csv").plain(&[
        WORLD,
        MONTH,
        ("by", "name", "`age` or `income` (monthly wage in yuan)."),
        ("group", "name", "Band of the account holder."),
        ("accounts", "number", "Live accounts at the month-end."),
        ("balance_fen", "fen", "Their principal."),
        ("overdue_fen", "fen", "Principal of those 1 or more days past due."),
        ("overdue_30_fen", "fen", "Principal of those 31 or more days past due."),
        ("income_fen", "fen a month", "Income of the holders: wage or benefit."),
        ("service_fen", "fen a month", "What they owe: service of debts elsewhere and the last statement."),
        ("overborrowed", "number", "Accounts whose holders owe more than 55 % of their income a month."),
    ])
}

fn expected_loss() -> File {
    of("ecl.csv").plain(&[
        WORLD,
        MONTH,
        ("scenario", "name", "`upside`, `base` or `downside` alone, or `booked`: under their weights."),
        ("stage", "number", "IFRS 9 stage, 1 to 3."),
        ("ecl_fen", "fen", "Expected loss of the platform's own exposure at the month-end."),
    ])
}
