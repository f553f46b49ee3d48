//! The rounds of auto-debit of one cell's day, as its users' side follows them: the next round, and the close of the day, wait until
//! every bank has been asked and every payment has been answered.
//!
//! Where users keep their own times the rounds have theirs, and nobody waits. Where a rate sets the times, the close comes right
//! after the last round; a payment that met a closed cell would be booked on the next day, and its payer would be a day late.

use crate::world::protocol::DEBIT_ROUNDS;

/// How far the rounds of a cell are.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Debits {
    /// Rounds that the cell was sent, and those it has been through.
    begun: u8,
    done: u8,
    /// Users whose banks it has ever asked, and those whose bank has replied.
    asked: u32,
    replied: u32,
    /// Payments that are on their way.
    paying: u32,
}

impl Debits {
    /// A new day begins. Where nobody waits for them, some replies and payments of the day before may still come.
    pub(crate) fn new_day(&mut self) {
        (self.begun, self.done) = (0, 0);
    }

    /// The round that comes next; `None` after the last.
    pub(crate) fn next_round(&self) -> Option<u8> {
        (self.begun < DEBIT_ROUNDS).then_some(self.begun)
    }

    /// The cell is sent a round.
    pub(crate) fn begins(&mut self, round: u8) {
        self.begun = round + 1;
    }

    /// The cell has been through a round, and has asked the banks of so many users.
    pub(crate) fn done(&mut self, asked: u32) {
        self.done += 1;
        self.asked += asked;
    }

    /// One of those banks replies; there may be a payment.
    pub(crate) fn bank_replies(&mut self, pays: bool) {
        self.replied += 1;
        self.paying += u32::from(pays);
    }

    /// A payment was answered, or given up.
    pub(crate) fn paid(&mut self) {
        self.paying -= 1;
    }

    /// Nothing of the rounds that have begun is on its way. Each payment ends, since a user asks only so often.
    pub(crate) fn settled(&self) -> bool {
        self.done >= self.begun && self.replied == self.asked && self.paying == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_is_over_when_all_banks_that_were_asked_have_replied_and_paid_in_whatever_order_it_is_reported() {
        let mut debits = Debits::default();
        assert!(debits.settled());
        for round in 0..3 {
            assert_eq!(debits.next_round(), Some(round));
            debits.begins(round);
            assert!(!debits.settled(), "the cell has not been through it");
            debits.bank_replies(true); // one replies before the cell says how many it has asked
            debits.done(2);
            assert!(!debits.settled(), "one has not replied");
            debits.bank_replies(false);
            assert!(!debits.settled(), "one is paying");
            debits.paid();
            assert!(debits.settled());
        }
        assert_eq!(debits.next_round(), None);
    }

    #[test]
    fn a_payment_may_come_after_midnight_where_nobody_waits() {
        let mut debits = Debits::default();
        debits.begins(2);
        debits.done(2);
        debits.bank_replies(true);
        debits.new_day();
        assert!(!debits.settled() && debits.next_round() == Some(0));
        debits.paid();
        debits.bank_replies(true);
        debits.paid();
        assert!(debits.settled());
    }
}
