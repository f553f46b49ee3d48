//! Loans above a price cap that was lowered after they were made (docs/rules.md §22.7): how many there are, and how a law that binds open
//! loans brings them down.

use crate::base::ids::Slot;
use crate::base::money::fen32;
use crate::credit::loan::{Loan, Schedule};
use crate::credit::pricing::cap::CapTable;
use crate::credit::pricing::parts::{Plan, Remaining};
use crate::credit::rows::NIL;
use crate::credit::{Engine, Today};

/// The contract is dearer than the cap: by its rate, or by its flat fee over its whole term. What parts are left does not matter, since
/// fee over principal is what the contract says.
fn is_above(loan: &Loan, cap: &CapTable) -> bool {
    if loan.schedule != Schedule::FlatFee as u8 {
        return i32::from(loan.annual_bp) > cap.cap_bp();
    }
    let (coming, fee) = (i64::from(loan.coming), i64::from(loan.fee));
    // The fee over the mean balance is more than the IRR: what is within the cap by it needs no table.
    let surely_within = 240_000 * fee <= i64::from(cap.cap_bp()) * coming * (i64::from(loan.parts) + 1);
    !surely_within && coming > 0 && !cap.allows_flat(coming, fee, loan.parts)
}

/// The largest fee, at most the one that is left, at which a flat-fee loan is within the cap.
fn fee_within(loan: &Loan, cap: &CapTable) -> i32 {
    let allowed = |fee: i32| cap.allows_flat(i64::from(loan.coming), i64::from(fee), loan.parts);
    let (mut low, mut high) = (0, loan.fee);
    while low < high {
        let middle = high - (high - low) / 2;
        if allowed(middle) { low = middle } else { high = middle - 1 }
    }
    low
}

/// Rate, parts and fees to come of a loan above the cap are those of the cap.
fn bring_down(loan: &mut Loan, today: &Today) {
    let cap = &today.prices.cap;
    if loan.schedule == Schedule::FlatFee as u8 {
        loan.fee = fee_within(loan, cap);
        return;
    }
    loan.annual_bp = cap.cap_bp() as u16;
    let level = [Schedule::Level, Schedule::Hardship].map(|schedule| schedule as u8).contains(&loan.schedule);
    if level && loan.parts_left > 0 {
        let left = Remaining::level(&today.prices.level, i64::from(loan.coming), cap.cap_bp(), loan.parts_left);
        if let Plan::Level { payment_fen, .. } = left.plan {
            loan.payment = fen32(payment_fen);
        }
    }
}

impl Engine {
    /// Loans whose price is above the cap in force. All rows of the table are looked at, in the order in which they lie.
    pub(super) fn loans_above_cap(&self, today: &Today) -> i64 {
        let cap = &today.prices.cap;
        let rated = self.loans.rated_above(cap.cap_bp()) as i64;
        rated + self.loans.flat_fee().filter(|loan| is_above(loan, cap)).count() as i64
    }

    /// Under a law that binds open loans, in the review of the statement day: what has accrued stays as it is; from now on the rate, the
    /// late rate, and the parts and fees to come are those of the cap.
    pub(super) fn bind_to_cap(&mut self, today: &Today, slot: Slot) {
        if !today.terms.pricing.cap_binds_open {
            return;
        }
        self.accrue(today, slot);
        let (cap, late_max) = (&today.prices.cap, today.terms.pricing.late_ppm_max() as u16);
        let mut link = self.accounts[slot.index()].first_loan;
        while link != NIL {
            self.loans.change(link, |loan| {
                loan.late_ppm = loan.late_ppm.min(late_max);
                if is_above(loan, cap) {
                    bring_down(loan, today);
                }
            });
            link = self.loans.next(link);
        }
    }
}
