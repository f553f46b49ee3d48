//! What is charged for principal of an instalment loan that is paid before its time.

use crate::base::money::{div_floor, div_half_even};
use crate::credit::pricing::parts::{Plan, Remaining, period_interest};
use crate::credit::pricing::{CapTable, MONTHLY};

/// Days of a period where a part of one counts.
const PERIOD_DAYS: i64 = 30;

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

/// A loan that its borrower wants to settle before its time, over whole months.
#[derive(Clone, Copy, Debug)]
pub struct Settlement<'a> {
    /// What was lent.
    pub principal_fen: i64,
    /// Payments made so far, one a period, charges included.
    pub paid_fen: &'a [i64],
    /// Principal still owed; paid now.
    pub remaining_fen: i64,
    /// Interest or fee of the running period: the most that is charged.
    pub period_charge_fen: i64,
    /// Days since the last due date (or since the loan); 30 or more is a whole period.
    pub days_into_period: u8,
}

impl CapTable {
    /// What may be charged for settling a loan early: one period's interest or fee (docs/rules.md §16.7), reduced so that
    /// the IRR of all that the borrower paid stays at or below the cap. In fen, never negative.
    pub fn early_settlement_fee(&self, loan: &Settlement<'_>) -> i64 {
        const BITS: u32 = 40;
        let (monthly, cap) = (i128::from(MONTHLY), i128::from(self.cap_bp()));
        // What would still be owed if the loan had run at the cap, rounded down: room for charges is the rest over the principal.
        let mut owed = i128::from(loan.principal_fen) << BITS;
        for &payment in loan.paid_fen {
            owed = (owed * (monthly + cap)).div_euclid(monthly) - (i128::from(payment) << BITS);
        }
        let days = i128::from(i64::from(loan.days_into_period).min(PERIOD_DAYS));
        let growth = if days == i128::from(PERIOD_DAYS) {
            owed * cap / monthly
        } else {
            // (1 + i)ˣ ≥ 1 + x (i − i²/2): a bound from below, so that a part of a period is never overcharged.
            owed / (2 * monthly * i128::from(PERIOD_DAYS)) * (days * cap) / monthly * (2 * monthly - cap).max(0)
        };
        let room = (owed + growth - (i128::from(loan.remaining_fen) << BITS)).max(0) >> BITS;
        (room as i64).min(loan.period_charge_fen).max(0)
    }
}
