//! The words of a user's day: what is asked at a second of it, what a reply belongs to, what a part of the day works on. They stand
//! apart from `user`, which hands a day to `watching`, `buying` and `paying`, so that these need nothing of it.

use crate::agents::orders::OrderBook;
use crate::agents::totals::AgentTally;
use crate::agents::traits::UserRow;
use crate::base::ids::Lender;
use crate::base::random::{DayKey, Purpose, Stream};
use crate::credit::command::Command;

/// How far down the funnel a user came, as stored in [`UserRow::funnel`].
pub(crate) mod funnel {
    /// Saw the entry.
    pub(crate) const SEEN: u8 = 1;
    /// Clicked it.
    pub(crate) const CLICKED: u8 = 2;
    /// Applied.
    pub(crate) const APPLIED: u8 = 3;
    /// Has or had an account.
    pub(crate) const ACCOUNT: u8 = 4;
    /// Used it.
    pub(crate) const USED: u8 = 5;
    /// Used it again.
    pub(crate) const REPEATED: u8 = 6;
}

/// What a command belongs to, so that its reply can be understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StepKind {
    /// Nothing follows.
    Plain,
    /// A purchase; `cheaper` when it is the second try.
    Purchase {
        /// The second, cheaper try.
        cheaper: bool,
    },
    /// A step of an open order.
    Order {
        /// Slot in the order book.
        link: u32,
    },
    /// A payment out of savings (a scraped one comes from elsewhere).
    Payment {
        /// Found outside the savings.
        scraped: bool,
    },
}

/// A command at a second of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// Second of the day.
    pub second: u32,
    /// Who is asked.
    pub lender: Lender,
    /// What is asked.
    pub command: Command,
    /// What it belongs to.
    pub kind: StepKind,
}

impl Step {
    /// A tip on credit: nothing follows on it, and no date waits for it.
    pub(crate) const fn is_tip(&self) -> bool {
        matches!(self.command, Command::Tip { .. })
    }
}

/// The parts of a cell that belong to one user's day.
pub(crate) struct UserCtx<'a> {
    /// The user.
    pub user: &'a mut UserRow,
    /// Orders of the cell.
    pub orders: &'a mut OrderBook,
    /// Where to count.
    pub tally: &'a mut AgentTally,
    /// Draws of this user and day.
    pub key: DayKey,
}

impl UserCtx<'_> {
    /// The stream of one purpose.
    #[inline]
    pub(crate) fn draws(&self, purpose: Purpose) -> Stream {
        self.key.stream(purpose)
    }
}

/// Is this trait set?
#[inline]
pub(crate) const fn has(user: &UserRow, bit: u16) -> bool {
    user.traits & bit != 0
}
