//! Refunds: docs/rules.md §12.10, §13.4, §13.5. A refund belongs to its loan.

use super::account::{Account, TipRecord};
use super::book::{Answer, Book, Outcome, no, none_of};
use super::exact::Fraction;
use crate::credit::chart::Posting;
use crate::credit::command::Decline;

impl Account {
    /// A refund of at most `fen` is taken off a loan: by funder. What is beyond the loan's principal goes to the bank.
    fn take_off(&mut self, id: u32, fen: i64, today: i64, free_before_first_bill: bool) -> [i64; 4] {
        if !self.is_live() {
            return [0; 4];
        }
        let Some(loan) = self.loan(id) else { return [0; 4] };
        let all = fen.min(loan.principal());
        let coming = all.min(loan.coming);
        let billed = all - coming;
        let free = !loan.was_billed() && free_before_first_bill;
        let mut moved = 0;
        if coming > 0 {
            if loan.revolves() {
                if free {
                    loan.interest -= nearest_part(loan.interest, coming, loan.coming);
                }
            } else if !free {
                moved = i128::from(coming * loan.annual_bp * (today - loan.accrual_point).max(0));
            }
            loan.come_less(coming);
        }
        loan.billed -= billed;
        loan.bearing = loan.bearing.min(loan.billed);
        let parts = loan.reduce_funders(all);
        self.interest += moved;
        self.demand_less(billed);
        parts
    }
}

/// `accrued × part / whole`, ties to even, in parts of a fen.
fn nearest_part(accrued: i128, part: i64, whole: i64) -> i128 {
    let (above, below) = (accrued * i128::from(part), i128::from(whole));
    let low = above.div_euclid(below);
    match (2 * above.rem_euclid(below)).cmp(&below) {
        std::cmp::Ordering::Less => low,
        std::cmp::Ordering::Greater => low + 1,
        std::cmp::Ordering::Equal => low + low.rem_euclid(2),
    }
}

impl Book {
    /// Takes `fen` off a loan and posts it; the rest goes to the bank.
    fn give_back(&mut self, user: usize, loan: u32, fen: i64, off: Posting, bank: Posting) {
        let (day, free) = (self.told.day, self.rules.refund_free);
        let parts = self.accounts[user].take_off(loan, fen, day, free);
        self.books.post_by_funder(off, parts);
        self.books.post(bank, fen - parts.iter().sum::<i64>());
    }

    pub(super) fn refund(&mut self, user: usize, reference: u32, fen: i64) -> Outcome {
        let (day, refund_days) = (self.told.day, self.rules.refund_days);
        let purchases = &mut self.accounts[user].purchases;
        let found = purchases.iter_mut().find(|purchase| purchase.reference == reference);
        let Some(purchase) = found else { return no(Decline::UnknownReference) };
        let Some(captured) = purchase.captured else { return no(Decline::UnknownReference) };
        none_of(&[
            (day > captured + refund_days, Decline::TooLate),
            // When what is over is forgotten, no paragraph says to the day.
            (day > captured + refund_days || purchase.refundable == 0, Decline::UnknownReference),
            (fen <= 0, Decline::AmountNotPositive),
            (fen > purchase.refundable, Decline::AmountTooLarge),
        ])?;
        let back = Fraction::product(purchase.commission, fen, purchase.refundable).nearest();
        purchase.commission -= back;
        purchase.refundable -= fen;
        let loan = purchase.loan;
        self.books.post(Posting::CommissionBack, back);
        self.give_back(user, loan, fen, Posting::RefundPlatform, Posting::RefundToBank);
        Ok(Answer::Amount(fen))
    }

    pub(super) fn give_back_card(&mut self, user: usize, reference: u32) -> Outcome {
        let found = self.accounts[user].cards.iter().position(|card| card.reference == reference);
        let Some(index) = found else { return no(Decline::UnknownReference) };
        if self.told.day > self.accounts[user].cards[index].bought + self.rules.card_refund_days {
            return no(Decline::TooLate);
        }
        let card = self.accounts[user].cards.remove(index);
        self.give_back(user, card.loan, card.left, Posting::CardRefundPlatform, Posting::CardRefundToBank);
        Ok(Answer::Amount(card.left))
    }

    pub(super) fn take_back_tip(&mut self, user: usize, fen: i64) -> Outcome {
        let account = &self.accounts[user];
        let given: i64 = account.tips.iter().map(|tip| tip.left).sum();
        none_of(&[
            (fen <= 0, Decline::AmountNotPositive),
            (fen > given, Decline::TooLate),
            (!account.is_live(), Decline::NoAccount),
        ])?;
        let mut left = fen;
        for index in (0..account.tips.len()).rev() {
            let tip: &mut TipRecord = &mut self.accounts[user].tips[index];
            let part = left.min(tip.left);
            if part == 0 {
                continue;
            }
            let back = Fraction::product(tip.platform_share, part, tip.left).nearest();
            tip.platform_share -= back;
            tip.left -= part;
            left -= part;
            let loan = tip.loan;
            self.books.post(Posting::TipShareBack, back);
            self.give_back(user, loan, part, Posting::TipRefundPlatform, Posting::TipRefundToBank);
        }
        Ok(Answer::Amount(fen))
    }
}
