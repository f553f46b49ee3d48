//! Open orders: what a user waits for (a delivery), may give back, or still has to spend (a shopping card). A slab of the
//! cell beside the credit engine's, since the engine knows amounts and the agents know plans.

use crate::base::ids::{LENDERS_MAX, Lender, Reference};
use crate::base::money::Fen32;
use crate::base::slab::{Slab, slab_rows};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

pub(crate) use crate::base::slab::NIL as NO_ORDER;

/// What an order waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Waiting {
    /// The merchant delivers: capture.
    Delivery = 0,
    /// The merchant cannot deliver: void.
    Cancellation = 1,
    /// The user gives back all of it: refund.
    Return = 2,
    /// The user gives back a part of it: refund.
    PartReturn = 3,
    /// A card to spend, a part at a time.
    CardToSpend = 4,
    /// A card to give back.
    CardToReturn = 5,
}

/// An open order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct OrderRow {
    /// Next order of the user, or next free row.
    pub next: u32,
    /// The engine's reference of the purchase or card.
    pub reference: Reference,
    /// Amount in fen that is left to capture, refund or spend.
    pub amount_fen: Fen32,
    /// Day on which it needs something.
    pub day: u16,
    /// Code of [`Waiting`] in the lower half, number of the lender in the upper.
    waiting_and_lender: u8,
    /// Code of the scene.
    pub scene: u8,
}

/// Bits of the code of [`Waiting`].
const WAITING_BITS: u32 = 4;

const _: () = assert!(LENDERS_MAX <= 1 << (u8::BITS - WAITING_BITS));

impl OrderRow {
    /// An order that a lender has given credit for, not linked yet.
    pub const fn new(
        lender: Lender,
        reference: Reference,
        amount_fen: Fen32,
        day: u16,
        waiting: Waiting,
        scene: u8,
    ) -> OrderRow {
        let waiting_and_lender = waiting as u8 | lender.0 << WAITING_BITS;
        OrderRow { next: NO_ORDER, reference, amount_fen, day, waiting_and_lender, scene }
    }

    /// Who has given the credit: the reference is one of theirs.
    pub const fn lender(&self) -> Lender {
        Lender(self.waiting_and_lender >> WAITING_BITS)
    }

    /// What it waits for.
    pub const fn waiting(&self) -> Waiting {
        match self.waiting_and_lender & ((1 << WAITING_BITS) - 1) {
            0 => Waiting::Delivery,
            1 => Waiting::Cancellation,
            2 => Waiting::Return,
            3 => Waiting::PartReturn,
            4 => Waiting::CardToSpend,
            _ => Waiting::CardToReturn,
        }
    }

    /// Changes what it waits for.
    pub const fn wait_for(&mut self, waiting: Waiting) {
        self.waiting_and_lender = waiting as u8 | self.lender().0 << WAITING_BITS;
    }
}

slab_rows!(OrderRow);

/// The orders of a cell.
#[derive(Clone, Debug, Default)]
pub struct OrderBook(Slab<OrderRow>);

impl OrderBook {
    /// Puts an order in front of a user's list, whose head is `first`, and returns the new head.
    pub fn push(&mut self, mut order: OrderRow, first: u32) -> u32 {
        order.next = first;
        self.0.insert(order)
    }

    /// The order of a link.
    ///
    /// # Panics
    /// When there is none.
    pub fn row_mut(&mut self, link: u32) -> &mut OrderRow {
        self.0.row_mut(link)
    }

    /// Has the order of a link fetched from memory. Any number is allowed.
    #[inline]
    pub fn fetch_ahead(&self, link: u32) {
        self.0.fetch_ahead(link);
    }

    /// The order of a link, if there is one.
    #[inline]
    pub fn get(&self, link: u32) -> Option<&OrderRow> {
        self.0.get(link)
    }

    /// Removes `link` from the list whose head is `first`; returns the new head.
    pub fn remove(&mut self, link: u32, first: u32) -> u32 {
        self.0.remove_from(first, link)
    }

    /// The orders of these rows, whose first free one is `free`; `firsts` are the heads of the users' lists.
    ///
    /// # Errors
    /// When a list leaves the table, runs in a circle or meets another.
    pub(crate) fn of(
        rows: &[OrderRow],
        free: u32,
        firsts: impl Iterator<Item = u32>,
    ) -> Result<OrderBook, &'static str> {
        let slab = Slab::of(rows, free);
        slab.check_lists(firsts, |_| None)?;
        Ok(OrderBook(slab))
    }

    /// The rows, for whom they concern only as bytes.
    pub(crate) const fn rows(&self) -> &Slab<OrderRow> {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_leave_the_list_from_anywhere() {
        let mut book = OrderBook::default();
        let order = |n| OrderRow::new(Lender::FIRST, Reference(n), Fen32(100), 1, Waiting::Delivery, 0);
        let a = book.push(order(1), NO_ORDER);
        let b = book.push(order(2), a);
        let c = book.push(order(3), b);
        assert_eq!(book.remove(b, c), c);
        assert_eq!(book.row_mut(c).next, a);
        assert_eq!(book.remove(c, c), a);
        assert_eq!(book.push(order(4), a), c, "rows are used again");
    }

    #[test]
    fn an_order_keeps_its_lender_whatever_it_waits_for() {
        let all = [
            Waiting::Delivery,
            Waiting::Cancellation,
            Waiting::Return,
            Waiting::PartReturn,
            Waiting::CardToSpend,
            Waiting::CardToReturn,
        ];
        for lender in (0..LENDERS_MAX as u8).map(Lender) {
            let mut order = OrderRow::new(lender, Reference(1), Fen32(100), 1, Waiting::Return, 0);
            assert_eq!((order.lender(), order.waiting()), (lender, Waiting::Return));
            for waiting in all {
                order.wait_for(waiting);
                assert_eq!((order.lender(), order.waiting()), (lender, waiting));
            }
        }
    }
}
