//! A snapshot of an engine: its whole state as bytes, and the engine of such bytes.
//!
//! ```text
//! u32  version, first user, accounts, loans, purchases, cards, group bounds, late, in review (counts)
//! u32  first free loan, purchase, card
//! i64  live accounts, contact room by channel, balances of the chart, words of the funds
//!      account rows, kept replies, loan rows, purchase rows, card rows, group bounds, late, in review
//! ```
//!
//! Rows are in the byte order of the machine, as in the state hash; all machines that this runs on are little-endian.
//! Account events are no part of it: the driver takes them when the last stage of the close is done.
//!
//! Reading checks every count, code and link before anything uses them, so that no bytes can make an engine that panics or
//! runs in a circle over its lists. Whether the balances are right is for [`Engine::books_differ`] and the writer's hash.

use crate::base::ids::{FUNDERS, Slot};
use crate::base::slab::{Slab, SlabRow};
use crate::credit::chart::ACCOUNTS;
use crate::credit::command::{CHANNELS, SCENES, Status};
use crate::credit::funds::{FUNDS_WORDS, Funds};
use crate::credit::ledger::Ledger;
use crate::credit::rows::{AccountRow, CardRow, LoanRow, NIL, PurchaseRow};
use crate::credit::terms::TIERS;
use crate::credit::{Engine, wire};
use zerocopy::{FromBytes, IntoBytes};

/// Goes up when the layout or the meaning of a row changes.
const VERSION: u32 = 2;

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
    /// Something in it cannot be.
    #[error("an engine's snapshot holds an impossible {0}")]
    Impossible(&'static str),
}

/// Takes values off the front of some bytes.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], SnapshotError> {
        let (head, tail) = self.0.split_at_checked(length).ok_or(SnapshotError::Length)?;
        self.0 = tail;
        Ok(head)
    }

    fn value<T: FromBytes>(&mut self) -> Result<T, SnapshotError> {
        T::read_from_bytes(self.take(size_of::<T>())?).map_err(|_| SnapshotError::Length)
    }

    fn rows<T: FromBytes>(&mut self, count: u32) -> Result<Vec<T>, SnapshotError> {
        let bytes = (count as usize).checked_mul(size_of::<T>()).ok_or(SnapshotError::Length)?;
        let rows = self.take(bytes)?.chunks_exact(size_of::<T>());
        rows.map(|row| T::read_from_bytes(row).map_err(|_| SnapshotError::Length)).collect()
    }
}

impl Engine {
    /// Feeds the snapshot to `sink`, piece by piece.
    pub fn write_snapshot(&self, sink: &mut dyn FnMut(&[u8])) {
        let (loans, free_loan) = self.loans.bytes();
        let (purchases, free_purchase) = self.purchases.bytes();
        let (cards, free_card) = self.cards.bytes();
        let head = [
            VERSION,
            self.first_user,
            self.accounts.len() as u32,
            (loans.len() / size_of::<LoanRow>()) as u32,
            (purchases.len() / size_of::<PurchaseRow>()) as u32,
            (cards.len() / size_of::<CardRow>()) as u32,
            self.group_bounds.len() as u32,
            self.late.len() as u32,
            self.in_review.len() as u32,
            free_loan,
            free_purchase,
            free_card,
        ];
        sink(head.as_bytes());
        sink(self.live_accounts.as_bytes());
        sink(self.contact_room.as_bytes());
        sink(self.ledger.balances().as_bytes());
        sink(self.funds.words().as_bytes());
        sink(self.accounts.as_slice().as_bytes());
        sink(self.replies.as_slice().as_bytes());
        sink(loans);
        sink(purchases);
        sink(cards);
        sink(self.group_bounds.as_slice().as_bytes());
        sink(self.late.as_slice().as_bytes());
        sink(self.in_review.as_slice().as_bytes());
    }

    /// The engine of a snapshot. All bytes must be its.
    ///
    /// # Errors
    /// [`SnapshotError`] when they are none.
    pub fn read_snapshot(bytes: &[u8]) -> Result<Engine, SnapshotError> {
        let mut reader = Reader(bytes);
        let found = reader.value()?;
        if found != VERSION {
            return Err(SnapshotError::Version { found });
        }
        let [first_user, accounts, loans, purchases, cards, bounds, late, in_review] = reader.value::<[u32; 8]>()?;
        let [free_loan, free_purchase, free_card] = reader.value::<[u32; 3]>()?;
        let live_accounts = reader.value()?;
        let contact_room = reader.value::<[i64; CHANNELS]>()?;
        let ledger = Ledger::of(reader.value::<[i64; ACCOUNTS]>()?);
        let funds = Funds::from_words(&reader.value::<[i64; FUNDS_WORDS]>()?);
        let engine = Engine {
            first_user,
            accounts: reader.rows(accounts)?,
            replies: reader.rows(accounts)?,
            loans: Slab::of(reader.rows(loans)?, free_loan),
            purchases: Slab::of(reader.rows(purchases)?, free_purchase),
            cards: Slab::of(reader.rows(cards)?, free_card),
            group_bounds: reader.rows(bounds)?,
            late: reader.rows(late)?,
            in_review: reader.rows(in_review)?,
            live_accounts,
            ledger,
            funds: funds.ok_or(SnapshotError::Impossible("funder"))?,
            contact_room,
            account_events: Vec::new(),
        };
        if !reader.0.is_empty() {
            return Err(SnapshotError::Length);
        }
        engine.check_shape().map_err(SnapshotError::Impossible)?;
        Ok(engine)
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
        check_lists(&self.loans, self.accounts.iter().map(|row: &AccountRow| row.first_loan), |row| row.slot)?;
        check_lists(&self.purchases, self.accounts.iter().map(|row| row.first_purchase), |row| row.slot)?;
        check_lists(&self.cards, self.accounts.iter().map(|row| row.first_card), |row| row.slot)?;
        for row in (0..).map_while(|row| self.purchases.get(row)) {
            if row.state > 2 || usize::from(row.scene) >= SCENES || row.funder.index() >= FUNDERS {
                return Err("purchase");
            }
        }
        Ok(())
    }
}

/// Every row stands on at most one list, every list ends, and what stands on an account's list is the account's.
fn check_lists<R: SlabRow>(
    slab: &Slab<R>,
    firsts: impl Iterator<Item = u32>,
    owner: impl Fn(&R) -> Slot,
) -> Result<(), &'static str> {
    let (bytes, free) = slab.bytes();
    let mut seen = vec![false; bytes.len() / size_of::<R>()];
    let mut walk = |first: u32, slot: Option<Slot>| {
        let mut link = first;
        while link != NIL {
            let row = slab.get(link).ok_or("link beyond a table")?;
            if std::mem::replace(&mut seen[link as usize], true) {
                return Err("row on two lists");
            }
            if slot.is_some_and(|slot| owner(row) != slot) {
                return Err("owner of a row");
            }
            link = row.next();
        }
        Ok(())
    };
    walk(free, None)?;
    for (slot, first) in (0..).map(Slot).zip(firsts) {
        walk(first, Some(slot))?;
    }
    Ok(())
}
