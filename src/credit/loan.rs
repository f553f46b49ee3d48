//! A loan (docs/rules.md §12.8): what it is, what it owes, whose money it is.

use crate::base::accrual::{Accrual, Act365};
use crate::base::ids::{FUNDERS, Funder, MAX_PARTNERS, Slot};
use crate::base::money::{div_ceil, fen32};

/// How the principal of a loan comes onto statements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Schedule {
    /// All of it on the next statement.
    Billed = 0,
    /// Tips of a cycle: billed, too.
    Tips = 1,
    /// Equal payments.
    Level = 2,
    /// Equal principal.
    EqualPrincipal = 3,
    /// Equal principal and a flat fee.
    FlatFee = 4,
    /// Equal payments of a hardship plan.
    Hardship = 5,
}

/// Codes of [`Schedule`].
pub(crate) const SCHEDULES: u8 = 6;

/// Bits of [`Loan::flags`].
pub(crate) mod loan_flag {
    /// Bears interest from the day of drawing.
    pub(crate) const DAY_ONE: u8 = 1;
    /// The first period counts its days.
    pub(crate) const FIRST_BY_DAYS: u8 = 1 << 1;
    /// The next statement goes by before the first part.
    pub(crate) const LATER: u8 = 1 << 2;
}

/// A loan: a drawing, a bill that was converted, or a hardship plan. Its price is that of the day on which it was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Loan {
    /// Owner's slot.
    pub slot: Slot,
    /// Principal not on a statement yet.
    pub coming: i32,
    /// Principal on statements and unpaid.
    pub billed: i32,
    /// Part of `billed` that bears interest.
    pub bearing: i32,
    /// Level payment; of tips: those that were not taken back.
    pub payment: i32,
    /// Flat fee not billed yet; of tips: the platform's share of those that were not taken back.
    pub fee: i32,
    /// Principal lent by each partner; the platform lends the rest.
    pub by_partner: [i32; MAX_PARTNERS],
    /// Contract interest accrued and not posted, of a loan that bears interest from its day; that of others stands with the account.
    pub accrued: Accrual<Act365>,
    /// Nominal annual rate, 0 under flat-fee terms.
    pub annual_bp: u16,
    /// Late interest a day, parts per million.
    pub late_ppm: u16,
    /// Day of the loan.
    pub made: u16,
    /// Day up to which its billed parts bear interest: the due date of the last one, the day of the loan before the first.
    pub billed_to: u16,
    /// [`Schedule`].
    pub schedule: u8,
    /// Parts in all.
    pub parts: u8,
    /// Parts to come.
    pub parts_left: u8,
    /// Percent of its charges that a coupon waives.
    pub waived_percent: u8,
    /// [`loan_flag`] bits.
    pub flags: u8,
    /// Funder of the partner's part of a drawing.
    pub funder: Funder,
    /// Whose product it is: that of its engine.
    pub lender: u8,
}

impl Loan {
    /// Nobody's loan of nothing.
    pub(crate) const EMPTY: Loan = Loan {
        slot: Slot(0),
        coming: 0,
        billed: 0,
        bearing: 0,
        payment: 0,
        fee: 0,
        by_partner: [0; MAX_PARTNERS],
        accrued: Accrual::ZERO,
        annual_bp: 0,
        late_ppm: 0,
        made: 0,
        billed_to: 0,
        schedule: Schedule::Billed as u8,
        parts: 1,
        parts_left: 1,
        waived_percent: 0,
        flags: 0,
        funder: Funder::PLATFORM,
        lender: 0,
    };

    /// It is paid back in parts.
    #[inline]
    pub(crate) const fn is_instalment(&self) -> bool {
        self.schedule >= Schedule::Level as u8
    }

    /// A flag is set.
    #[inline]
    pub(crate) const fn has(&self, bit: u8) -> bool {
        self.flags & bit != 0
    }

    /// All principal.
    #[inline]
    pub(crate) const fn principal(&self) -> i32 {
        self.coming + self.billed
    }

    /// Nothing more will come of it.
    #[inline]
    pub(crate) const fn is_over(&self) -> bool {
        self.principal() == 0 && (self.schedule != Schedule::Tips as u8 || self.payment == 0)
    }

    /// Principal by funder.
    #[inline]
    pub(crate) fn by_funder(&self) -> [i32; FUNDERS] {
        let [first, second, third] = self.by_partner;
        [self.principal() - first - second - third, first, second, third]
    }

    /// Splits `amount` of its principal over its funders in proportion to what each has lent, partners rounded up, so that the
    /// platform's share of what remains never falls (docs/rules.md §19.4).
    #[inline]
    pub(crate) fn split(&self, amount: i32) -> [i32; FUNDERS] {
        let total = i64::from(self.principal());
        let mut left = amount;
        let mut part = |lent: i32| {
            if lent == 0 {
                return 0;
            }
            let share = fen32(div_ceil(i64::from(amount) * i64::from(lent), total));
            let part = share.min(lent).min(left);
            left -= part;
            part
        };
        let [first, second, third] = self.by_partner;
        let (first, second, third) = (part(first), part(second), part(third));
        [left, first, second, third]
    }

    /// Adds what is lent by these parts to its partners'.
    #[inline]
    pub(crate) fn add_to_partners(&mut self, parts: &[i32; FUNDERS]) {
        let [_, first, second, third] = *parts;
        self.by_partner[0] += first;
        self.by_partner[1] += second;
        self.by_partner[2] += third;
    }

    /// Takes what the parts of [`Loan::split`] say off the partners.
    #[inline]
    pub(crate) fn take_from_partners(&mut self, parts: &[i32; FUNDERS]) {
        let [_, first, second, third] = *parts;
        self.by_partner[0] -= first;
        self.by_partner[1] -= second;
        self.by_partner[2] -= third;
    }
}

/// Adds the parts of a loan to the sums of its funders.
#[inline]
pub(super) fn add_parts(sums: &mut [i32; FUNDERS], parts: &[i32; FUNDERS]) {
    let ([own, first, second, third], parts) = (sums, parts);
    *own += parts[0];
    *first += parts[1];
    *second += parts[2];
    *third += parts[3];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loan_is_paid_back_to_those_who_lent_it() {
        let mut loan = Loan { coming: 1_000, by_partner: [0, 650, 0], ..Loan::EMPTY };
        assert_eq!(loan.split(333), [116, 0, 217, 0], "partner rounded up: 216.45");
        let parts = loan.split(333);
        loan.take_from_partners(&parts);
        loan.coming -= 333;
        assert_eq!(loan.by_funder(), [234, 0, 433, 0]);
        assert_eq!(loan.split(667), [234, 0, 433, 0], "the last payment takes all that each has lent");
    }
}
