//! The engine's state: plain rows in per-cell tables. A snapshot, the state hash and a fork are these bytes.
//!
//! ```text
//! account (one a user, same slot as the user's row)
//!   ├─ loans      instalment loans, principal not yet billed       ─┐
//!   ├─ purchases  holds, and captured purchases that may be refunded ├─ slabs of the cell, linked by u32
//!   └─ cards      shopping cards with something left on them        ─┘
//! principal of an account = unbilled + billed + installed = sum of `by_funder`
//! demands = unpaid minimum payments by due date, oldest first; their sum never exceeds billed + charges
//! ```

use crate::base::accrual::{Accrual, Act365, ActDays};
use crate::base::ids::{FUNDERS, Funder, Slot};
use crate::base::money::fen32;
use crate::base::slab::slab_rows;
use crate::base::time::Day;
use crate::credit::command::{Channel, Status};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// Due dates that a row can hold unpaid. A later one is added to the last.
pub(crate) const DEMANDS: usize = 7;

pub(crate) use crate::base::slab::NIL;

/// Bits of [`AccountRow::flags`].
pub(crate) mod flag {
    /// The card function is closed to this account.
    pub(crate) const CARDS_CLOSED: u8 = 1;
    /// The bill of this cycle was turned into instalments.
    pub(crate) const CONVERTED: u8 = 1 << 1;
    /// A hardship plan is running or on probation.
    pub(crate) const REAGED: u8 = 1 << 2;
    /// Stands on the list of late accounts.
    pub(crate) const ON_LATE_LIST: u8 = 1 << 3;
    /// Misuse was confirmed.
    pub(crate) const MISUSE: u8 = 1 << 4;
    /// Was late in this cycle.
    pub(crate) const LATE_IN_CYCLE: u8 = 1 << 5;
    /// Was not overdue at the opening of its due day.
    pub(crate) const CLEAN_AT_DUE: u8 = 1 << 6;
    /// Never drew anything yet.
    pub(crate) const UNUSED: u8 = 1 << 7;
    /// While in review: the automatic checks had refused the application.
    pub(crate) const SCREENED_OUT: u8 = 1;
}

/// An account: three cache lines. What the user looks at every day stands in the first, what a drawing changes in the first
/// two. Amounts in fen; days are `Day` numbers, 0 is "never".
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C, align(64))]
pub struct AccountRow {
    /// Permanent limit.
    pub limit: i32,
    /// Temporary raise in force.
    pub raise: i32,
    /// Open holds.
    pub held: i32,
    /// Principal captured since the last statement.
    pub unbilled: i32,
    /// Principal on statements and unpaid.
    pub billed: i32,
    /// Principal of instalment loans that is not on a statement yet.
    pub installed: i32,
    /// First of its purchases.
    pub first_purchase: u32,
    /// Highest sequence number answered.
    pub sequence: u32,
    /// Drawn today.
    pub drawn_today: i32,
    /// Due dates of `demand`.
    pub demand_due: [u16; DEMANDS],
    /// Nominal annual contract rate in basis points.
    pub annual_bp: u16,
    /// Day on which the temporary raise ends.
    pub raise_until: u16,
    /// Day of the first of the drawings counted in `drawings_today`.
    pub drawing_day: u16,
    /// [`Status`].
    pub status: u8,
    /// Who reached the debtor at the last close ([`Channel`]).
    pub contact: u8,
    /// Drawings today.
    pub drawings_today: u8,
    /// [`flag`] bits.
    pub flags: u8,
    /// Unpaid minimum payments, oldest first.
    pub demand: [i32; DEMANDS],
    /// Contract interest accrued and not posted.
    pub accrued_interest: Accrual<Act365>,
    /// Late interest accrued and not posted.
    pub accrued_penalty: Accrual<ActDays>,
    /// Part of `billed` that was carried over a due date and bears interest.
    pub revolving: i32,
    /// Principal by funder.
    pub by_funder: [i32; FUNDERS],
    /// Day up to which interest has accrued.
    pub accrued_to: u16,
    /// Day of the last drawing of a purchase or card.
    pub last_purchase: u16,
    /// Contract interest posted and unpaid.
    pub interest: i32,
    /// Fees posted and unpaid.
    pub fees: i32,
    /// Late interest posted and unpaid.
    pub penalty: i32,
    /// Statement total of this cycle (the amount due).
    pub statement: i32,
    /// Principal at the opening of the due day.
    pub due_opening: i32,
    /// First loan of the account.
    pub first_loan: u32,
    /// First of its cards.
    pub first_card: u32,
    /// Written-off claim: principal and charges.
    pub claim: i32,
    /// Tips of this cycle less those taken back (for the tip-linked limit, and the most that can be taken back).
    pub tips: i32,
    /// Principal at the last month-end, the weight of the transition to the next.
    pub last_principal: i32,
    /// Instalment principal on the last statement, which cannot be turned into instalments again.
    pub billed_instalments: i32,
    /// Day of opening (or of the application, while in review).
    pub opened: u16,
    /// Day on which the present threshold of lateness was first reached.
    pub threshold_day: u16,
    /// Day of write-off.
    pub writeoff_day: u16,
    /// Day on which probation ends.
    pub probation_until: u16,
    /// Monthly income as stated, in hundreds of yuan (for the limit review).
    pub income_hundreds: u16,
    /// Risk tier.
    pub tier: u8,
    /// Bill group.
    pub group: u8,
    /// Furthest threshold of this spell of lateness: 0 none, 1 DPD 1, 2 DPD 8, 3 DPD 31, 4 DPD 61, 5 DPD 91.
    pub threshold: u8,
    /// Months in a row without lateness, capped.
    pub good_months: u8,
    /// Bucket at the last month-end (0–6 C … M6, 7 written off, 8 no balance).
    pub last_bucket: u8,
    /// Number of drawings so far, capped at 2 (first and repeat use).
    pub uses: u8,
    /// Purchases of this bill cycle, counted only while a task is on offer.
    pub cycle_purchases: u8,
    /// Fills the row.
    pub spare: [u8; 3],
}

const _: () = assert!(size_of::<AccountRow>() == 192 && std::mem::offset_of!(AccountRow, demand) == 60);

impl AccountRow {
    /// A slot without an account.
    pub fn vacant(group: u8) -> AccountRow {
        let mut row: AccountRow = zerocopy::FromZeros::new_zeroed();
        row.group = group;
        row.first_loan = NIL;
        row.first_purchase = NIL;
        row.first_card = NIL;
        row.last_bucket = 8;
        row
    }

    /// State of the account.
    ///
    /// # Panics
    /// When the stored code names no state.
    #[inline]
    pub fn status(&self) -> Status {
        match self.status {
            0 => Status::None,
            1 => Status::InReview,
            2 => Status::Open,
            3 => Status::Frozen,
            4 => Status::WrittenOff,
            5 => Status::Sold,
            6 => Status::Closed,
            code => panic!("{code} is no account status"),
        }
    }

    /// Open or frozen: on the books.
    #[inline]
    pub const fn is_live(&self) -> bool {
        self.status == Status::Open as u8 || self.status == Status::Frozen as u8
    }

    /// A flag is set.
    #[inline]
    pub const fn has(&self, bit: u8) -> bool {
        self.flags & bit != 0
    }

    /// All principal.
    #[inline]
    pub const fn principal(&self) -> i32 {
        self.unbilled + self.billed + self.installed
    }

    /// Charges posted and unpaid.
    #[inline]
    pub const fn charges(&self) -> i32 {
        self.interest + self.fees + self.penalty
    }

    /// What the statement asks for in full and is unpaid.
    #[inline]
    pub const fn owed_on_statement(&self) -> i32 {
        self.billed + self.charges()
    }

    /// Unpaid minimum payments, due or not.
    #[inline]
    pub fn demanded(&self) -> i32 {
        self.demand.iter().sum()
    }

    /// Unpaid minimum payments whose due date is before `today`.
    pub fn past_due(&self, today: Day) -> i32 {
        // The oldest comes first, and nearly nobody is late.
        if self.days_past_due(today) == 0 {
            return 0;
        }
        let late = self.demand.iter().zip(self.demand_due).filter(|(_, due)| *due < today.0);
        late.map(|(fen, _)| fen).sum()
    }

    /// Days past due of the oldest unpaid due date, computed, never counted up (docs/rules.md §17.1).
    #[inline]
    pub const fn days_past_due(&self, today: Day) -> u16 {
        if self.demand[0] > 0 && self.demand_due[0] < today.0 { today.0 - self.demand_due[0] } else { 0 }
    }

    /// Limit in force on a day: a temporary raise counts until the day on which it ends.
    #[inline]
    pub const fn limit_on(&self, today: Day) -> i32 {
        if today.0 < self.raise_until { self.limit + self.raise } else { self.limit }
    }

    /// Free part of the limit; negative when a cut left the account above it.
    #[inline]
    pub const fn available_on(&self, today: Day) -> i32 {
        self.limit_on(today) - self.held - self.principal()
    }

    /// Takes `paid` off the demands, oldest first.
    pub fn pay_demands(&mut self, paid: i32) {
        let mut left = paid;
        for fen in &mut self.demand {
            let part = left.min(*fen);
            *fen -= part;
            left -= part;
        }
        while self.demand[0] == 0 && self.demand_due[0] != 0 {
            self.demand.copy_within(1.., 0);
            self.demand_due.copy_within(1.., 0);
            self.demand[DEMANDS - 1] = 0;
            self.demand_due[DEMANDS - 1] = 0;
        }
    }

    /// Adds the minimum payment of a new statement.
    pub fn add_demand(&mut self, fen: i32, due: Day) {
        if fen <= 0 {
            return;
        }
        match self.demand_due.iter().position(|d| *d == 0) {
            Some(free) => {
                self.demand[free] = fen;
                self.demand_due[free] = due.0;
            }
            None => self.demand[DEMANDS - 1] = fen32(i64::from(self.demand[DEMANDS - 1]) + i64::from(fen)),
        }
    }

    /// Forgets all demands (write-off, re-ageing).
    pub fn clear_demands(&mut self) {
        self.demand = [0; DEMANDS];
        self.demand_due = [0; DEMANDS];
    }

    /// Who reached the debtor at the last close of day.
    pub const fn contact(&self) -> Channel {
        match self.contact {
            1 => Channel::App,
            2 => Channel::Sms,
            3 => Channel::Call,
            4 => Channel::Field,
            5 => Channel::Legal,
            _ => Channel::None,
        }
    }
}

/// An instalment loan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub(crate) struct LoanRow {
    /// Next loan of the account, or next free row.
    pub next: u32,
    /// Owner's slot.
    pub slot: Slot,
    /// Principal at the start.
    pub lent: i32,
    /// Principal not on a statement yet.
    pub left: i32,
    /// Level payment; 0 under flat-fee terms.
    pub payment: i32,
    /// Flat fee of the whole term; 0 under IRR terms.
    pub fee: i32,
    /// Nominal annual rate, 0 under flat-fee terms.
    pub annual_bp: u16,
    /// Day of the loan.
    pub made: u16,
    /// Periods to go.
    pub periods_left: u8,
    /// Periods in all.
    pub periods: u8,
    /// Percent of interest that a coupon waives.
    pub waived_percent: u8,
    /// Came from a hardship plan.
    pub hardship: u8,
}

/// A hold, or a captured purchase within its refund days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub(crate) struct PurchaseRow {
    /// Next purchase of the account, or next free row.
    pub next: u32,
    /// Owner's slot.
    pub slot: Slot,
    /// Held amount, or the captured amount that can still be refunded.
    pub amount: i32,
    /// Day of the hold, or of the capture.
    pub day: u16,
    /// Seller.
    pub merchant: u16,
    /// 0 held, 1 captured, 2 free.
    pub state: u8,
    /// `Scene`.
    pub scene: u8,
    /// Instalments chosen at checkout.
    pub instalments: u8,
    /// Funder of the partner's part, 0 when the platform lends all.
    pub funder: Funder,
    /// It is a true cash-out.
    pub cashout: u8,
    /// Generation of the row: a reference names it, so that an old reference meets no new purchase.
    pub generation: u8,
    /// Fills the row.
    pub spare: u16,
}

/// A shopping card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub(crate) struct CardRow {
    /// Next card of the account, or next free row.
    pub next: u32,
    /// Owner's slot.
    pub slot: Slot,
    /// Unspent part.
    pub left: i32,
    /// Day of purchase.
    pub day: u16,
    /// Registered to a name: never expires.
    pub named: u8,
    /// Generation of the row.
    pub generation: u8,
}

slab_rows!(LoanRow, PurchaseRow, CardRow);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn demands_are_paid_oldest_first_and_shift() {
        let mut row = AccountRow::vacant(0);
        row.add_demand(100, Day(10));
        row.add_demand(200, Day(40));
        assert_eq!(row.days_past_due(Day(41)), 31);
        row.pay_demands(150);
        assert_eq!((row.demand[0], row.demand_due[0]), (150, 40));
        assert_eq!(row.days_past_due(Day(41)), 1, "the oldest unpaid due date is now the second");
        row.pay_demands(150);
        assert_eq!((row.demanded(), row.days_past_due(Day(99))), (0, 0));
    }

    #[test]
    fn a_full_row_adds_to_its_last_demand() {
        let mut row = AccountRow::vacant(0);
        for month in 0..9_u16 {
            row.add_demand(10, Day(30 * (month + 1)));
        }
        assert_eq!(row.demanded(), 90);
        assert_eq!(row.demand[DEMANDS - 1], 30);
    }
}
