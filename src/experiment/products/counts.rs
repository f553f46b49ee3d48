//! What is kept of a world beside its measures: sums that the products' table needs.

use crate::credit::chart::Account;
use crate::credit::command::Decline;
use crate::measure::{MonthObservations, WorldObservations};
use crate::results::products::COUNTS;

/// Counts of a world in the order of [`COUNTS`]: flows over the counted months, stocks as sums over month-ends, `_end` at the
/// last month-end.
pub(super) fn of(world: &WorldObservations) -> Vec<i128> {
    let mut counts = vec![0; COUNTS.len()];
    for month in &world.months {
        counts.iter_mut().zip(month_counts(month)).for_each(|(sum, value)| *sum += i128::from(value));
    }
    if let Some(last) = world.months.last() {
        counts[COUNTS.len() - 2] = i128::from(last.stocks.accounts);
        counts[COUNTS.len() - 1] = i128::from(last.people_end.users);
    }
    counts
}

fn month_counts(month: &MonthObservations) -> [i64; COUNTS.len()] {
    let (f, s, people) = (&month.flows, &month.stocks, &month.people);
    let income = |account: Account| month.movement_fen(account);
    [
        f.captured_fen[0],
        f.captured_fen[1],
        f.captured_fen[2],
        f.captured_fen[3],
        f.captured_count.iter().sum::<i64>() + f.cards_sold,
        f.cards_sold_fen,
        f.tips_fen,
        s.limits_fen,
        s.accounts,
        s.accounts_by_bucket.iter().sum(),
        month.balance_fen(),
        month.balance_from_bucket_fen(6),
        s.limit_bins[s.limit_bins.len() - 1],
        people.wishes,
        people.wishes_dropped,
        f.drawings_declined[Decline::OverLimit as usize],
        f.drawings_declined[Decline::PriceCap as usize] + f.others_declined[Decline::PriceCap as usize],
        income(Account::InterestIncome),
        income(Account::FeeIncome),
        income(Account::PenaltyIncome),
        income(Account::CommissionIncome),
        income(Account::TipIncome),
        0,
        0,
    ]
}

/// A count by its name.
///
/// # Panics
/// When no count has the name: names are written in this module's neighbours alone.
pub(super) fn named(counts: &[i128], name: &str) -> i128 {
    let position = COUNTS.iter().position(|n| *n == name);
    counts[position.unwrap_or_else(|| panic!("no count `{name}`"))]
}

/// Postings that a product's income is read off must exist as income of the chart.
#[cfg(test)]
#[test]
fn income_is_credited_by_some_posting() {
    use crate::credit::chart::Posting;
    for account in [Account::InterestIncome, Account::FeeIncome, Account::CommissionIncome, Account::TipIncome] {
        assert!(Posting::ALL.iter().any(|posting| posting.sides().1 == account), "{account:?}");
    }
}
