//! What the engine has fetched from memory before it is needed. A cell's tables are larger than the caches next to a core, and
//! a row that is not there when its turn comes costs as much as a third of a user's day. None of this can change a result.

use crate::base::ids::{Reference, Slot};
use crate::credit::rows::{AccountRow, NIL};
use crate::credit::{Engine, Today};
use prefetch_index::prefetch_index;
use zerocopy::IntoBytes;

/// Bytes of a cache line.
const LINE_BYTES: usize = 64;

/// Turns of a walk before it comes to an account, from which on rows of the account's list of purchases are fetched.
const PURCHASES_AHEAD: usize = 10;

/// The same of loans: an account that is used has more of them.
const LOANS_AHEAD: usize = 12;

/// Turns of a walk that a row of a list gets to come, before the next one is fetched.
const TURNS_A_ROW: usize = 2;

impl Engine {
    /// Has fetched what every user's day looks at: the first line of the account. Any number is allowed.
    #[inline]
    pub fn fetch_ahead(&self, slot: usize) {
        prefetch_index(&self.accounts, slot);
    }

    /// Has fetched what commands read and change besides, for accounts that can be used. Comes after [`Engine::fetch_ahead`] of
    /// the same slot. Any number is allowed.
    #[inline]
    pub fn fetch_rest_ahead(&self, slot: usize) {
        if self.accounts.get(slot).is_some_and(AccountRow::is_live) {
            let bytes = self.accounts.as_bytes();
            prefetch_index(bytes, slot * size_of::<AccountRow>() + LINE_BYTES);
            prefetch_index(bytes, slot * size_of::<AccountRow>() + 2 * LINE_BYTES);
            prefetch_index(&self.replies, slot);
            // A tip finds its loan, a purchase or a card the one that stands before its own.
            self.loans.fetch_ahead(self.accounts[slot].last_tips);
            self.loans.fetch_ahead(self.accounts[slot].last_loan);
        }
    }

    /// Has the purchase of a reference fetched. Any number is allowed.
    #[inline]
    pub fn fetch_purchase_ahead(&self, reference: Reference) {
        self.purchases.fetch_ahead(reference.row());
    }

    /// Has the card of a reference fetched. Any number is allowed.
    #[inline]
    pub fn fetch_card_ahead(&self, reference: Reference) {
        self.cards.fetch_ahead(reference.row());
    }

    /// For a walk over the purchases of every `step`-th account that has some to drop, which has come to `slot`.
    #[inline]
    pub(super) fn fetch_purchases_ahead(&self, today: &Today, known: &mut PurchasesAhead, slot: Slot, step: usize) {
        prefetch_index(&self.accounts, slot.index() + (PURCHASES_AHEAD + 2) * step);
        let within_reach = self.accounts.get(slot.index() + PURCHASES_AHEAD * step);
        let first =
            within_reach.filter(|row| self.has_purchases_over(today, row)).map_or(NIL, |row| row.first_purchase);
        let next = |link| self.purchases.get(link).map_or(NIL, |purchase| purchase.next);
        known.turn(first, next, |link| self.purchases.fetch_ahead(link));
    }

    /// For a walk over the loans and bills of every account, which has come to `slot`. Any number is allowed.
    #[inline]
    pub(crate) fn fetch_loans_ahead(&self, known: &mut LoansAhead, slot: Slot) {
        if let Some(account) = self.accounts.get(slot.index() + 1) {
            self.bills.fetch_ahead(account.first_bill);
        }
        let first = self.accounts.get(slot.index() + LOANS_AHEAD).map_or(NIL, |row| row.first_loan);
        known.turn(first, |link| self.loans.next_after_details(link), |link| self.loans.fetch_ahead(link));
    }
}

/// The lists of the next accounts of a walk. Rows of a list hang on each other, so it takes one turn for each: the first of the
/// farthest account, the second of the one before it, and so on.
pub(crate) struct ListsAhead<const AHEAD: usize>([u32; AHEAD]);

/// Lists of purchases.
pub(super) type PurchasesAhead = ListsAhead<PURCHASES_AHEAD>;

/// Lists of loans.
pub(crate) type LoansAhead = ListsAhead<LOANS_AHEAD>;

impl<const AHEAD: usize> Default for ListsAhead<AHEAD> {
    fn default() -> Self {
        ListsAhead([NIL; AHEAD])
    }
}

impl<const AHEAD: usize> ListsAhead<AHEAD> {
    /// Has one more row of each list fetched; `first` is the head of the list of the account that came within reach.
    #[inline(always)]
    fn turn(&mut self, first: u32, next: impl Fn(u32) -> u32, fetch: impl Fn(u32)) {
        for known in (1..AHEAD).rev() {
            self.0[known] = self.0[known - 1];
            if known % TURNS_A_ROW == 0 && self.0[known] != NIL {
                self.0[known] = next(self.0[known]);
                fetch(self.0[known]);
            }
        }
        self.0[0] = first;
        fetch(first);
    }
}
