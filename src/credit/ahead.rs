//! What the engine has fetched from memory before it is needed. A cell's tables are larger than the caches next to a core, and
//! a row that is not there when its turn comes costs as much as a third of a user's day. None of this can change a result.

use crate::credit::Engine;
use crate::credit::authorisation::PLACE_BITS;
use crate::credit::rows::{AccountRow, NIL};
use prefetch_index::prefetch_index;
use zerocopy::IntoBytes;

/// Bytes of a cache line.
const LINE_BYTES: usize = 64;

/// Purchases of an account that are fetched before a walk over them comes to it.
const PURCHASES_AHEAD: usize = 4;

impl Engine {
    /// Has fetched what every user's day looks at: the first line of the account, and its last replies. Any number is allowed.
    #[inline]
    pub fn fetch_ahead(&self, slot: usize) {
        prefetch_index(&self.accounts, slot);
        prefetch_index(&self.replies, slot);
    }

    /// Has fetched what commands change besides, for accounts that can be used. Comes after [`Engine::fetch_ahead`] of the same
    /// place. Any number is allowed.
    #[inline]
    pub fn fetch_rest_ahead(&self, slot: usize) {
        if self.accounts.get(slot).is_some_and(AccountRow::is_live) {
            let bytes = self.accounts.as_bytes();
            prefetch_index(bytes, slot * size_of::<AccountRow>() + LINE_BYTES);
            prefetch_index(bytes, slot * size_of::<AccountRow>() + 2 * LINE_BYTES);
        }
    }

    /// Has the purchase of a reference fetched. Any number is allowed.
    #[inline]
    pub fn fetch_purchase_ahead(&self, reference: u32) {
        self.purchases.fetch_ahead(reference & ((1 << PLACE_BITS) - 1));
    }

    /// Has the card of a reference fetched. Any number is allowed.
    #[inline]
    pub fn fetch_card_ahead(&self, reference: u32) {
        self.cards.fetch_ahead(reference & ((1 << PLACE_BITS) - 1));
    }

    /// Has the purchases fetched of the accounts that come `step` and more places after `slot` in a walk over purchases. They hang
    /// on each other, so it takes one turn for each: the first of the farthest account, the second of the one before it, and so on.
    #[inline]
    pub(super) fn fetch_purchases_ahead(&self, slot: u32, step: usize) {
        let slot = slot as usize;
        prefetch_index(&self.accounts, slot + (PURCHASES_AHEAD + 2) * step);
        for known in 0..PURCHASES_AHEAD {
            let Some(account) = self.accounts.get(slot + (PURCHASES_AHEAD - known) * step) else { continue };
            let mut place = account.first_purchase;
            for _ in 0..known {
                place = self.purchases.get(place).map_or(NIL, |purchase| purchase.next);
            }
            self.purchases.fetch_ahead(place);
        }
    }
}
