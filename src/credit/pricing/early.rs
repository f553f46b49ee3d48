//! What is charged for principal of an instalment loan that is paid before its time.

use crate::base::money::{div_floor, div_half_even};
use crate::credit::pricing::CapTable;
use crate::credit::pricing::parts::{Plan, Remaining, period_interest};

/// Principal of an instalment loan that its borrower wants to pay before its time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Prepaid {
    /// What remains of the loan, before it is paid.
    pub loan: Remaining,
    /// Principal that is paid, at most all that is coming.
    pub amount_fen: i64,
    /// Percent of the loan's charges that a coupon waives.
    pub waived_percent: u8,
    /// Days since the due date of the last part on a statement, or since the loan was made if there was none; 0 while that date
    /// is still to come.
    pub days: u16,
}

impl Prepaid {
    /// What is charged, in fen: one period's interest, or a part's fee, on what is paid; less what a coupon waives (ties to even); at
    /// most what running on would cost, in proportion; at most what the cap leaves for the days since the last due date. Each period
    /// stands alone: what earlier ones left below the cap gives no room.
    ///
    /// `first_days` as in [`Remaining::parts`], for a loan of which nothing is on a statement yet.
    pub(crate) fn charge_fen(&self, cap: &CapTable, first_days: Option<u16>) -> i64 {
        let Prepaid { loan, amount_fen, waived_percent, days } = *self;
        if loan.coming_fen == 0 {
            return 0;
        }
        let share = |fen: i64| div_floor(fen * amount_fen, loan.coming_fen);
        let waived = |fen: i64| div_half_even(fen * i64::from(waived_percent), 100);
        let period = match loan.plan {
            Plan::Flat { .. } => share(loan.next_part().fee_fen),
            Plan::Level { annual_bp, .. } | Plan::EqualPrincipal { annual_bp } => {
                period_interest(amount_fen, annual_bp)
            }
        };
        let charge = div_half_even(period * i64::from(100 - waived_percent), 100);
        let run_on = loan.parts(first_days).map(|part| part.charge_fen() - waived(part.charge_fen())).sum();
        charge.min(share(run_on)).min(cap.growth_on(amount_fen, days))
    }
}
