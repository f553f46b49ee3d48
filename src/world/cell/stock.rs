//! Month-end of a cell: the book by groups of the people who hold it. What engine and people each know stands apart elsewhere;
//! here both are seen together, for risk views outside the hash.

use super::Cell;
use crate::agents::environment::Environment;
use crate::agents::paying;
use crate::agents::totals::{INCOME_BANDS, PEOPLE_BANDS};
use crate::base::ids::Slot;
use crate::credit::totals::{GROUPS, RiskStocks};

/// Upper ends of all bands of the monthly wage but the last.
const INCOME_TO_FEN: [i32; INCOME_BANDS - 1] = [300_000, 500_000, 800_000, 1_200_000];

const _: () = assert!(GROUPS == PEOPLE_BANDS + INCOME_BANDS);

/// Who owes more a month than this share of income is over-borrowed: 55 %, the most that Chinese banks may let all debts of a
/// borrower take (CBRC 2004, guidelines on real-estate loans, article 36). Parts per million.
const PRUDENT_SERVICE_PPM: i64 = 550_000;

/// Age band of the tables.
pub(super) const fn age_band(age: u8) -> usize {
    match age {
        ..18 => 0,
        18..=24 => 1,
        25..=29 => 2,
        30..=35 => 3,
        36..=45 => 4,
        _ => 5,
    }
}

impl Cell {
    /// Adds the live accounts of the cell to the groups of their holders.
    pub(super) fn count_groups(&self, env: &Environment<'_>, stocks: &mut RiskStocks) {
        for (slot, user) in self.users.iter().enumerate() {
            let row = self.engine.account(Slot(slot as u32));
            if !row.is_live() {
                continue;
            }
            let band = INCOME_TO_FEN.iter().position(|to| user.income_fen < *to).unwrap_or(INCOME_BANDS - 1);
            let (balance, dpd) = (i64::from(row.principal()), row.days_past_due(env.calendar.day));
            let income = paying::monthly_income(user, env);
            let service = i64::from(user.other_service_fen) + i64::from(row.statement);
            for group in [age_band(user.age), PEOPLE_BANDS + band] {
                stocks.accounts[group] += 1;
                stocks.balance_fen[group] += balance;
                stocks.overdue_fen[group] += if dpd > 0 { balance } else { 0 };
                stocks.overdue_30_fen[group] += if dpd > 30 { balance } else { 0 };
                stocks.income_fen[group] += income;
                stocks.service_fen[group] += service;
                stocks.overborrowed[group] += i64::from(service * 1_000_000 > income * PRUDENT_SERVICE_PPM);
            }
        }
    }
}
