//! Columns of a comparison of products.

use super::entry::File;
use crate::measure::DEFINITIONS;
use crate::results::manifest::Kind;

/// Name, unit and meaning of a column.
type Said = (&'static str, &'static str, &'static str);

const PRODUCT: Said = ("product", "name", "Product.");
const MEASURE: Said = ("measure", "name", "Measure, `profit_share_annual` or `holders_share`.");
const LOW: Said = ("low_95", "as the value", "Lower end of the 95 % interval over replications.");
const HIGH: Said = ("high_95", "as the value", "Upper end.");

/// Counts of a world beside its measures, in the order of `products::COUNTS`: flows over the counted months, stocks as sums over
/// month-ends.
const COUNTS: [Said; 24] = [
    ("captured_0_fen", "fen", "Captured in the product's first scene."),
    ("captured_1_fen", "fen", "… second scene."),
    ("captured_2_fen", "fen", "… third scene."),
    ("captured_3_fen", "fen", "… fourth scene."),
    ("captured_count", "number", "Purchases captured and cards bought."),
    ("cards_fen", "fen", "Cards bought."),
    ("tips_fen", "fen", "Tips on credit."),
    ("limits_fen", "fen-months", "Limits of open accounts at month-ends."),
    ("accounts", "account-months", "Open or frozen accounts at month-ends."),
    ("accounts_with_balance", "account-months", "Accounts with a balance at month-ends."),
    ("balance_fen", "fen-months", "Principal at month-ends."),
    ("balance_151_fen", "fen-months", "… of accounts 151 or more days past due."),
    ("limits_from_9500", "account-months", "Accounts with a limit of 9,500 yuan and more at month-ends."),
    ("wishes", "number", "Wishes to buy."),
    ("wishes_dropped", "number", "Wishes given up because of price, burden, lost job or the prompt."),
    ("declined_limit", "number", "Drawings declined since the limit did not carry them."),
    ("declined_cap", "number", "Requests declined by the price cap."),
    ("interest_fen", "fen", "Income from interest."),
    ("fees_fen", "fen", "Income from fees."),
    ("penalty_fen", "fen", "Income from late interest."),
    ("commission_fen", "fen", "Income from merchant commission."),
    ("tip_income_fen", "fen", "Income from the share of tips."),
    ("holders_end", "number", "Accounts at the last month-end."),
    ("users_end", "number", "Users in the app at the last month-end."),
];

fn of(file: &'static str) -> File {
    File::new(Kind::Comparison, file)
}

/// A measure of each product under two conditions, and the difference.
fn compared(file: &'static str, under: &[Said], first: Said, second: Said) -> File {
    let difference = (
        "difference",
        "as the measure",
        "The second less the first; a ratio's is plain (0.01 is one percentage point).",
    );
    of(file).plain(&[PRODUCT]).plain(under).plain(&[MEASURE, first, second, difference, LOW, HIGH])
}

/// All files.
pub(super) fn files() -> Vec<File> {
    let loan = [("tier", "number", "Risk tier, 0 the safest."), ("months", "months", "Term of the loan.")];
    let irr = ("irr_annual", "ratio", "IRR a year, nominal.");
    let cap = ("cap_annual", "ratio", "Price cap of the product a year.");
    vec![
        rows(),
        compared(
            "stress.csv",
            &[],
            ("normal", "as the measure", "In normal times, ratio of sums over all replications."),
            ("stress", "as the measure", "Under stress."),
        ),
        compared(
            "questions.csv",
            &[("question", "name", "Question: the same values are changed in all products.")],
            ("as_it_is", "as the measure", "As things are, ratio of sums over all replications."),
            ("asked", "as the measure", "Under the question."),
        ),
        of("prices.csv").plain(&[
            PRODUCT,
            loan[0],
            loan[1],
            ("flat_fee", "ratio", "Flat fee of the whole term over the principal; empty where a rate prices the loan."),
            irr,
            cap,
            ("within_cap", "1 or 0", "The price keeps the cap, so that it is lent."),
        ]),
        of("refused_loans.csv").plain(&[
            PRODUCT,
            ("world", "name", "World of the scenario."),
            loan[0],
            loan[1],
            ("where", "`checkout` or `bill`", "Where the loan was asked for."),
            ("count", "number", "Loans that the cap refused, all replications together."),
            ("amount_yuan", "yuan", "Amount asked for."),
            irr,
            cap,
        ]),
        worlds(),
        of("assumptions.csv").plain(&[
            PRODUCT,
            ("key", "key", "Number of grade L that fills a gap."),
            ("value", "as the key", "Value in force, calibrated ones included."),
            ("source", "text", "What the file says of it."),
        ]),
    ]
}

fn rows() -> File {
    of("rows.csv").plain(&[
        PRODUCT,
        ("table", "`profile` or `measures`", "The products' table, or targets of calibration."),
        ("group", "name", "`users`, `operations`, `competition` or `risk`."),
        ("key", "key", "Fact or measure."),
        ("title", "text", "What it is."),
        ("published", "text", "As it is published; empty when it is not."),
        ("low", "as the value", "Accepted from."),
        ("high", "as the value", "Accepted to."),
        ("grade", "letter", "Grade of the source: S, H, M or L."),
        ("source", "text", "Where it comes from."),
        ("simulated", "as the fact or measure", "Simulated in normal times, ratio of sums over all replications."),
        LOW,
        HIGH,
        ("shown", "text", "The value, or the terms in words, as people read it."),
        ("verdict", "name", "`within`, `OUTSIDE`, `in words` or `no figure`."),
        ("reason", "text", "Why nothing is published, or why it is not reached."),
    ])
}

fn worlds() -> File {
    of("worlds.csv")
        .plain(&[
            PRODUCT,
            ("part", "name", "`main`, or a question."),
            ("world", "name", "World of the scenario."),
            ("replication", "number", "Replication, from 0."),
            ("state_hash", "hex", "BLAKE3 of the world's last state."),
        ])
        .sums(DEFINITIONS.iter())
        .plain(&COUNTS)
}
