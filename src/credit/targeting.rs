//! Targeting: a scorecard over what the account itself shows at its review. It says by how much raises of the limit are
//! scaled for the accounts of each decile. The weights are data: they come out of a model that was trained on what
//! accounts brought (`experiment::scoring`) and stand in a policy file.

use crate::base::money::Ppm;
use crate::base::time::Day;
use crate::credit::rows::{AccountRow, flag};

/// What a scorecard looks at.
pub(crate) const FEATURES: usize = 12;

/// Names of the features, in order; the last [`BEHAVIOUR_FEATURES`] come from behaviour in the app and not from the credit file.
pub(crate) const FEATURE_NAMES: [&str; FEATURES] = [
    "utilisation_per_mille",
    "good_months",
    "tier",
    "months_on_book",
    "income_hundreds",
    "limit_hundreds",
    "instalment_per_mille",
    "revolving_per_mille",
    "statement_over_income_per_mille",
    "late_in_cycle",
    "tips_of_cycle_yuan",
    "days_since_purchase",
];

/// Features at the end of the list that come from behaviour in the app.
pub(crate) const BEHAVIOUR_FEATURES: usize = 2;

/// Deciles of the accounts that the scorecard was trained on, the lowest scores first.
pub(crate) const DECILES: usize = 10;

/// Days of a month on book.
const MONTH_DAYS: i32 = 30;

/// A scorecard and what follows from it.
#[derive(Clone, Debug, PartialEq)]
pub struct Targeting {
    /// Points of a unit of each feature, thousandths.
    pub weights_milli: [i32; FEATURES],
    /// Scores at which the second to the tenth decile begin, thousandths, in rising order.
    pub cuts_milli: [i32; DECILES - 1],
    /// Factor on raises by decile.
    pub raise: [Ppm; DECILES],
}

impl Targeting {
    /// Every account is treated alike.
    pub const OFF: Targeting =
        Targeting { weights_milli: [0; FEATURES], cuts_milli: [0; DECILES - 1], raise: [Ppm(1_000_000); DECILES] };
}

/// `part` of `whole` in thousandths, between 0 and `most`.
fn per_mille(part: i32, whole: i32, most: i32) -> i32 {
    (i64::from(part) * 1_000 / i64::from(whole.max(1))).clamp(0, i64::from(most)) as i32
}

/// What the review sees of an account on a day, each feature inside bounds.
pub(crate) fn features(row: &AccountRow, day: Day) -> [i32; FEATURES] {
    let principal = row.principal();
    let since = if row.last_purchase == 0 { 120 } else { day.since(Day(row.last_purchase)).clamp(0, 120) };
    let income_fen = i32::from(row.income_hundreds.min(2_000)) * 10_000;
    [
        per_mille(principal + row.held, row.limit, 1_500),
        i32::from(row.good_months.min(24)),
        i32::from(row.tier),
        (day.since(Day(row.opened)) / MONTH_DAYS).clamp(0, 36),
        i32::from(row.income_hundreds.min(300)),
        (row.limit / 10_000).clamp(0, 300),
        per_mille(row.installed, principal, 1_000),
        per_mille(row.revolving, principal, 1_000),
        per_mille(row.statement, income_fen, 3_000),
        i32::from(row.has(flag::LATE_IN_CYCLE)),
        (row.tips / 100).clamp(0, 1_000),
        since,
    ]
}

impl Targeting {
    /// Points of an account's features.
    pub fn score(&self, features: &[i32; FEATURES]) -> i64 {
        self.weights_milli.iter().zip(features).map(|(weight, feature)| i64::from(*weight) * i64::from(*feature)).sum()
    }

    /// The decile of a score, 0 to 9.
    pub fn decile(&self, score: i64) -> usize {
        self.cuts_milli.partition_point(|cut| i64::from(*cut) <= score)
    }

    /// Factor on raises for an account on a day, parts per million.
    pub fn factor_ppm(&self, row: &AccountRow, day: Day) -> i64 {
        i64::from(self.raise[self.decile(self.score(&features(row, day)))].0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> AccountRow {
        AccountRow {
            limit: 500_000,
            unbilled: 100_000,
            installed: 150_000,
            good_months: 5,
            tier: 2,
            opened: 1_000,
            last_purchase: 1_190,
            income_hundreds: 80,
            statement: 200_000,
            tips: 5_050,
            ..AccountRow::vacant(0)
        }
    }

    #[test]
    fn features_are_what_the_row_shows_and_stay_inside_their_bounds() {
        assert_eq!(features(&row(), Day(1_200)), [500, 5, 2, 6, 80, 50, 600, 0, 250, 0, 50, 10]);
        let odd = AccountRow { limit: 0, unbilled: 90_000, income_hundreds: 0, last_purchase: 0, ..row() };
        let shown = features(&odd, Day(1_200));
        assert_eq!((shown[0], shown[8], shown[11]), (1_500, 3_000, 120));
    }

    #[test]
    fn a_better_score_stands_in_a_higher_decile_and_gets_its_factor() {
        let mut weights_milli = [0; FEATURES];
        weights_milli[1] = 1_000;
        let cuts_milli = std::array::from_fn(|i| 1_000 * (i as i32 + 1));
        let raise = std::array::from_fn(|i| Ppm(200_000 * i as i32));
        let card = Targeting { weights_milli, cuts_milli, raise };
        assert_eq!(card.score(&features(&row(), Day(1_200))), 5_000);
        assert_eq!(card.factor_ppm(&row(), Day(1_200)), 1_000_000);
        assert_eq!((card.decile(-7), card.decile(999), card.decile(9_000)), (0, 0, 9));
        assert_eq!(Targeting::OFF.factor_ppm(&row(), Day(1_200)), 1_000_000);
    }
}
