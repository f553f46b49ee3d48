//! A snapshot of an engine: its whole state as bytes, and the engine of such bytes.
//!
//! ```text
//! u32  version, lender, first user, accounts, loans, details of loans, bills, purchases, cards, group bounds, late, in review (counts)
//! u32  first free loan, detail, bill, purchase, card
//! i64  live accounts, contact room by channel, balances of the chart, words of the funds
//!      account rows, kept replies, loan rows, their details, bill rows, purchase rows, card rows, group bounds, dates of groups, late,
//!      in review
//! ```
//!
//! Rows are in the byte order of the machine, as in the state hash; all machines that this runs on are little-endian.
//! Account events are no part of it: the driver takes them when the last stage of the close is done.
//!
//! Reading checks every count, code and link before anything uses them, so that no bytes can make an engine that panics or
//! runs in a circle over its lists. Whether the balances are right is for [`Engine::books_differ`] and the writer's hash.

use crate::base::bytes::Reader;
use crate::base::ids::{FUNDERS, Lender};
use crate::base::slab::Slab;
use crate::credit::authorisation::{FREE, HELD};
use crate::credit::chart::ACCOUNTS;
use crate::credit::command::{CHANNELS, SCENES, Status};
use crate::credit::funds::{FUNDS_WORDS, Funds};
use crate::credit::holds::Holds;
use crate::credit::ledger::Ledger;
use crate::credit::loan_table::{DetailRow, LoanRow, LoanTable};
use crate::credit::pricing::MONTHS_MAX;
use crate::credit::rows::{AccountRow, BillRow, CardRow, GroupDates, NIL, PurchaseRow};
use crate::credit::terms::TIERS;
use crate::credit::{Engine, NoLender, Replies, wire};
use std::fmt::Debug;
use zerocopy::{FromZeros, IntoBytes};

/// Goes up when the layout or the meaning of a row changes.
const VERSION: u32 = 5;

/// Bytes that are no snapshot of an engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// Written by another version of the program.
    #[error("version {found} of an engine's snapshot; this program reads version {VERSION}")]
    Version {
        /// As stated.
        found: u32,
    },
    /// Shorter or longer than its counts say.
    #[error("an engine's snapshot does not have the length that it states")]
    Length,
    /// The engines of a cell are not those of its lenders in the order of their numbers.
    #[error("an engine of lender {} stands where that of lender {position} belongs", lender.0)]
    Lender {
        /// Whose engine it is.
        lender: Lender,
        /// Its place among the engines of the cell.
        position: usize,
    },
    /// Something in it is of a lender that there is not.
    #[error(transparent)]
    NoLender(#[from] NoLender),
    /// Something in it cannot be.
    #[error("an engine's snapshot holds an impossible {0}")]
    Impossible(&'static str),
}

impl Engine {
    /// Bytes of the snapshot.
    pub(crate) fn snapshot_bytes(&self) -> u64 {
        let mut bytes = 0;
        self.write_snapshot(&mut |piece| bytes += piece.len() as u64);
        bytes
    }

    /// Feeds the snapshot to `sink`, piece by piece.
    pub fn write_snapshot(&self, sink: &mut dyn FnMut(&[u8])) {
        let (loans, details) = self.loans.rows();
        let head = [
            VERSION,
            u32::from(self.lender.0),
            self.first_user,
            self.accounts.len() as u32,
            loans.len() as u32,
            details.len() as u32,
            self.bills.len() as u32,
            self.purchases.len() as u32,
            self.cards.len() as u32,
            self.group_bounds.len() as u32,
            self.late.len() as u32,
            self.in_review.len() as u32,
            loans.free(),
            details.free(),
            self.bills.free(),
            self.purchases.free(),
            self.cards.free(),
        ];
        sink(head.as_bytes());
        sink(self.live_accounts.as_bytes());
        sink(self.contact_room.as_bytes());
        sink(self.ledger.balances().as_bytes());
        sink(self.funds.words().as_bytes());
        sink(self.accounts.as_slice().as_bytes());
        sink(self.replies.as_slice().as_bytes());
        loans.write(sink);
        details.write(sink);
        self.bills.write(sink);
        self.purchases.write(sink);
        self.cards.write(sink);
        sink(self.group_bounds.as_slice().as_bytes());
        sink(self.group_dates.as_slice().as_bytes());
        sink(self.late.as_slice().as_bytes());
        sink(self.in_review.as_slice().as_bytes());
    }

    /// The engine of a snapshot. All bytes must be its.
    ///
    /// # Errors
    /// [`SnapshotError`] when they are none.
    pub fn read_snapshot(bytes: &[u8]) -> Result<Engine, SnapshotError> {
        let mut reader = Reader::new(bytes);
        let found = reader.value().ok_or(SnapshotError::Length)?;
        if found != VERSION {
            return Err(SnapshotError::Version { found });
        }
        let engine = Engine::read_parts(&mut reader).ok_or(SnapshotError::Length)?;
        let mut engine = engine.map_err(SnapshotError::Impossible)?;
        if !reader.rest().is_empty() {
            return Err(SnapshotError::Length);
        }
        engine.check_shape().map_err(SnapshotError::Impossible)?;
        engine.list_holds();
        Ok(engine)
    }

    /// What follows the version; `None` when it is too short, an error when it names no lender or no funder.
    fn read_parts(reader: &mut Reader<'_>) -> Option<Result<Engine, &'static str>> {
        let [lender, first_user, counts @ .., bounds, late, in_review] = reader.value::<[u32; 11]>()?;
        let Ok(lender) = u8::try_from(lender).map(Lender) else { return Some(Err("lender")) };
        let [accounts, loans, details, bills, purchases, cards] = counts.map(|count| count as usize);
        let [free_loan, free_detail, free_bill, free_purchase, free_card] = reader.value::<[u32; 5]>()?;
        let live_accounts = reader.value()?;
        let contact_room = reader.value::<[i64; CHANNELS]>()?;
        let ledger = Ledger::of(reader.value::<[i64; ACCOUNTS]>()?);
        let Some(funds) = Funds::from_words(&reader.value::<[i64; FUNDS_WORDS]>()?) else { return Some(Err("funder")) };
        Some(Ok(Engine {
            lender,
            first_user,
            accounts: reader.rows(accounts)?,
            replies: reader.rows(accounts)?,
            loans: LoanTable::of(&reader.rows(loans)?, &reader.rows(details)?, [free_loan, free_detail]),
            bills: Slab::of(&reader.rows(bills)?, free_bill),
            purchases: Slab::of(&reader.rows(purchases)?, free_purchase),
            cards: Slab::of(&reader.rows(cards)?, free_card),
            group_bounds: reader.rows(bounds as usize)?,
            group_dates: reader.rows((bounds as usize).saturating_sub(1))?,
            late: reader.rows(late as usize)?,
            in_review: reader.rows(in_review as usize)?,
            live_accounts,
            ledger,
            funds,
            contact_room,
            holds: Holds::default(),
            account_events: Vec::new(),
        }))
    }

    /// Everything that a slot, a code or a list is relied on for.
    fn check_shape(&self) -> Result<(), &'static str> {
        let users = self.accounts.len() as u32;
        let bounds = &self.group_bounds;
        let ordered = bounds.first() == Some(&0) && bounds.last() == Some(&users) && bounds.is_sorted();
        if !ordered || self.first_user.checked_add(users).is_none() {
            return Err("division into bill groups");
        }
        if self.late.iter().chain(&self.in_review).any(|slot| slot.0 >= users) {
            return Err("slot on a list of accounts");
        }
        for row in &self.accounts {
            let possible = row.status <= Status::Closed as u8
                && usize::from(row.tier) < TIERS
                && usize::from(row.group) + 1 < bounds.len()
                && row.last_bucket <= 8
                && row.threshold <= 5;
            if !possible {
                return Err("state of an account");
            }
        }
        if self.replies.iter().flat_map(|replies| replies.0).any(|kept| wire::reply_of(kept as u32).is_none()) {
            return Err("kept reply");
        }
        self.loans.check(self.accounts.iter().map(|row| row.first_loan), MONTHS_MAX)?;
        self.bills.check_lists(self.accounts.iter().map(|row| row.first_bill), |row| Some(row.slot))?;
        self.purchases.check_lists(self.accounts.iter().map(|row| row.first_purchase), |row| Some(row.slot))?;
        self.cards.check_lists(self.accounts.iter().map(|row| row.first_card), |row| Some(row.slot))?;
        if self.accounts.iter().flat_map(|account| self.loans_of(account)).any(|loan| loan.lender != self.lender.0) {
            return Err("lender of a loan");
        }
        self.check_links()?;
        self.check_used()?;
        for row in self.purchases.rows() {
            if row.state > FREE || usize::from(row.scene) >= SCENES || row.funder.index() >= FUNDERS {
                return Err("purchase");
            }
        }
        Ok(())
    }
}

impl Engine {
    /// The youngest loan is the last of its list.
    fn check_links(&self) -> Result<(), &'static str> {
        let last = |account: &AccountRow| self.loan_links(account).last().unwrap_or(NIL);
        if self.accounts.iter().any(|account| last(account) != account.last_loan) {
            return Err("youngest loan");
        }
        Ok(())
    }

    /// Holds and cards with something on them stand on the list of an account: they end there, whoever finds them.
    fn check_used(&self) -> Result<(), &'static str> {
        let held = |row: &&PurchaseRow| row.state == HELD;
        let purchases = self.accounts.iter().flat_map(|account| self.purchases.list(account.first_purchase));
        if purchases.filter(held).count() != self.purchases.rows().filter(held).count() {
            return Err("hold of nobody");
        }
        let filled = |row: &&CardRow| row.left > 0;
        let cards = self.accounts.iter().flat_map(|account| self.cards.list(account.first_card));
        if cards.filter(filled).count() != self.cards.rows().filter(filled).count() {
            return Err("card of nobody");
        }
        Ok(())
    }
}

/// What the rows of a snapshot are, in words: another text means that other programs cannot read it. Rows are `repr(C)`, and what
/// prints them names their fields in order.
pub(crate) fn layout() -> String {
    let parts: [(usize, &dyn Debug); 8] = [
        (size_of::<AccountRow>(), &AccountRow::new_zeroed()),
        (size_of::<Replies>(), &Replies::new_zeroed()),
        (size_of::<LoanRow>(), &LoanRow::new_zeroed()),
        (size_of::<DetailRow>(), &DetailRow::new_zeroed()),
        (size_of::<BillRow>(), &BillRow::new_zeroed()),
        (size_of::<GroupDates>(), &GroupDates::new_zeroed()),
        (size_of::<PurchaseRow>(), &PurchaseRow::new_zeroed()),
        (size_of::<CardRow>(), &CardRow::new_zeroed()),
    ];
    format!("engine {VERSION} {ACCOUNTS} {FUNDS_WORDS} {CHANNELS} {parts:?}")
}
