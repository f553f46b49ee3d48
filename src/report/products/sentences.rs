//! The answer first: who loses approvals, who loses money, what is outside its published band, what the cap refuses.

use crate::report::numbers::{change, from_to, grouped, percent, short_yuan, shown, signed};
use crate::report::sentences::Sentence;
use crate::results::products::{ProductRecord, ProductsRecord, StressRow, Verdict};

fn say(topic: &'static str, text: String) -> Sentence {
    Sentence { topic, text }
}

/// The sentences, for a page and a terminal.
pub(crate) fn answer(record: &ProductsRecord) -> Vec<Sentence> {
    let losers = [
        (
            "Approvals",
            "application_approval_rate",
            "of the applications that it would approve in normal times, the stress costs",
        ),
        ("Money", "profit_share_annual", "profit a year over the balance"),
        ("Lateness", "overdue_30_rate", "balance more than 30 days past due"),
    ];
    let mut sentences: Vec<Sentence> =
        losers.into_iter().filter_map(|(topic, measure, what)| ranked(record, topic, measure, what)).collect();
    sentences.push(red(record));
    sentences.push(published(record));
    sentences.extend(refused(record));
    sentences
}

fn row<'a>(product: &'a ProductRecord, measure: &str) -> Option<&'a StressRow> {
    product.stress.iter().find(|row| row.measure == measure)
}

/// The products by how much a measure worsens, worst first.
fn ranked(record: &ProductsRecord, topic: &'static str, measure: &str, what: &str) -> Option<Sentence> {
    let approvals = measure == "application_approval_rate";
    // Approvals are compared as a share of what they were: products approve very different shares to begin with.
    let cost = |row: &StressRow| {
        let change = row.stress - row.base;
        match measure {
            "overdue_30_rate" => -change,
            _ if approvals => change / row.base.abs().max(f64::MIN_POSITIVE),
            _ => change,
        }
    };
    let mut all: Vec<(&ProductRecord, &StressRow)> =
        record.products.iter().filter_map(|product| Some((product, row(product, measure)?))).collect();
    all.sort_by(|a, b| cost(a.1).total_cmp(&cost(b.1)));
    let each = |(product, row): &(&ProductRecord, &StressRow)| {
        let ends = from_to(&shown(measure, row.base), &shown(measure, row.stress));
        if approvals {
            format!("{} {} ({ends})", product.key, signed(percent(cost(row), 0)))
        } else {
            let difference = row.difference.map_or_else(String::new, |d| format!(", {}", change(measure, d)));
            format!("{} {ends}{difference}", product.key)
        }
    };
    (!all.is_empty())
        .then(|| say(topic, format!("{what}, worst first: {}.", all.iter().map(each).collect::<Vec<_>>().join("; "))))
}

/// Who earns and who does not.
fn red(record: &ProductsRecord) -> Sentence {
    let of = |stressed: bool| -> Vec<String> {
        let loses = |product: &&ProductRecord| {
            row(product, "profit_yuan").is_some_and(|row| (if stressed { row.stress } else { row.base }) < 0.0)
        };
        record.products.iter().filter(loses).map(|product| product.key.clone()).collect()
    };
    let list = |names: Vec<String>| if names.is_empty() { "none".to_string() } else { names.join(", ") };
    say("In the red", format!("in normal times {}; under the stress {}.", list(of(false)), list(of(true))))
}

fn published(record: &ProductsRecord) -> Sentence {
    let rows = || record.products.iter().flat_map(|product| product.rows.iter().map(move |row| (product, row)));
    let count = |verdict| rows().filter(|(_, row)| row.verdict == verdict).count();
    let outside: Vec<String> = rows()
        .filter(|(_, row)| row.verdict == Verdict::Outside)
        .map(|(product, row)| format!("{} {} {}", product.key, row.key, row.shown))
        .collect();
    let misses = if outside.is_empty() { String::new() } else { format!(": {}", outside.join(", ")) };
    say(
        "Published figures",
        format!(
            "{} rows within their band, {} outside{misses}; {} published in words, {} without any figure.",
            count(Verdict::Within),
            outside.len(),
            count(Verdict::InWords),
            count(Verdict::NoFigure)
        ),
    )
}

fn refused(record: &ProductsRecord) -> Vec<Sentence> {
    let mut sentences = Vec::new();
    for product in &record.products {
        let above: Vec<_> = product.prices.iter().filter(|price| !price.within_cap).collect();
        if above.is_empty() {
            continue;
        }
        let mut months: Vec<String> = above.iter().map(|price| price.months.to_string()).collect();
        months.dedup();
        let highest = above.iter().map(|price| price.irr_annual).fold(0.0, f64::max);
        let base = product.refused_loans.iter().filter(|loans| loans.world == record.about.base);
        let (count, yuan) = base.fold((0, 0.0), |sum, loans| (sum.0 + loans.count, sum.1 + loans.amount_yuan));
        sentences.push(say(
            "Price cap",
            format!(
                "{} has prices above {} a year at {} months (up to {}): {} loans of {} yuan were refused in normal times, \
                 all replications together.",
                product.key,
                percent(product.cap_annual, 0),
                months.join(", "),
                percent(highest, 2),
                grouped(i128::from(count)),
                short_yuan(yuan)
            ),
        ));
    }
    sentences
}
