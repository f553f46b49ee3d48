//! What is given back: refunds of purchases, tips and cards. A refund belongs to the loan of its purchase and to that loan's funders; only
//! what the customer had paid goes to the bank.

use crate::audit::arithmetic::{part, share};
use crate::audit::{CellAuditor, Evidence};
use crate::base::ids::{Reference, Slot};
use crate::credit::chart::{Account as Book, loans_of};
use crate::credit::command::Scene;

impl CellAuditor {
    /// Takes principal of a loan, by place, off its funders against `counter`.
    pub(super) fn unlend(&mut self, slot: Slot, place: usize, amount: i64, counter: Book) {
        let loan = &mut self.accounts[slot.index()].loans[place];
        for (funder, part) in loan.split(amount).into_iter().enumerate() {
            loan.by_funder[funder] -= part;
            self.books.enter(counter, loans_of(funder), part);
        }
    }

    pub(super) fn refund(&mut self, evidence: Evidence<'_>, slot: Slot, reference: Reference, amount: i64) {
        let account = &mut self.accounts[slot.index()];
        let Some(sale) = account.purchases.iter_mut().find(|p| p.reference == reference && p.captured) else { return };
        let commission = part(sale.commission, amount, sale.amount);
        sale.commission -= commission;
        sale.amount -= amount;
        let loan = sale.loan;
        self.books.enter(Book::CommissionIncome, Book::MerchantPayable, commission);
        self.give_back(evidence, slot, loan, amount, Book::MerchantPayable);
    }

    pub(super) fn refund_card(&mut self, evidence: Evidence<'_>, slot: Slot, reference: Reference, amount: i64) {
        let account = &mut self.accounts[slot.index()];
        let Some(index) = account.cards.iter().position(|card| card.reference == reference) else { return };
        let card = account.cards.swap_remove(index);
        self.give_back(evidence, slot, card.loan, amount, Book::CardFloat);
    }

    /// Tips of the cycle, the newest loan first, each with its part of the platform's share.
    pub(super) fn take_tips_back(&mut self, evidence: Evidence<'_>, slot: Slot, amount: i64) {
        let account = &mut self.accounts[slot.index()];
        account.tipped_in_cycle -= amount;
        let mut left = amount;
        let mut parts = Vec::new();
        for loan in account.loans.iter_mut().rev().filter(|loan| loan.tips_left > 0) {
            let taken = left.min(loan.tips_left);
            if taken == 0 {
                break;
            }
            let platform = part(loan.share_left, taken, loan.tips_left);
            loan.share_left -= platform;
            loan.tips_left -= taken;
            left -= taken;
            parts.push((loan.number, taken, platform));
        }
        for (loan, taken, platform) in parts {
            self.books.enter(Book::TipIncome, Book::HostPayable, platform);
            self.give_back(evidence, slot, loan, taken, Book::HostPayable);
        }
    }

    /// Lowers a loan by what is given back: what is to come first, then what is billed; the rest goes to the customer's bank.
    fn give_back(&mut self, evidence: Evidence<'_>, slot: Slot, number: u32, amount: i64, payer: Book) {
        let account = &self.accounts[slot.index()];
        let place = account.loans.iter().position(|loan| loan.number == number).filter(|_| account.is_live());
        let Some(place) = place else {
            self.books.enter(payer, Book::Cash, amount);
            return;
        };
        let taken = amount.min(account.loans[place].principal());
        if taken > 0 {
            self.unlend(slot, place, taken, payer);
        }
        let account = &mut self.accounts[slot.index()];
        let loan = &mut account.loans[place];
        let from_coming = taken.min(loan.coming);
        let from_billed = taken - from_coming;
        let free = evidence.rules.refund_free && !loan.was_billed;
        if loan.in_parts() && !free {
            let days = i64::from(evidence.day().since(loan.point).max(0));
            account.interest_rest += from_coming * loan.annual_bp * days;
        } else if !loan.in_parts() && free && from_coming > 0 {
            loan.accrued -= part(loan.accrued, from_coming, loan.coming);
        }
        loan.shrink(from_coming);
        loan.billed -= from_billed;
        loan.bearing = loan.bearing.min(loan.billed);
        account.drop_demands(from_billed);
        account.end_loans();
        self.books.enter(payer, Book::Cash, amount - taken);
    }

    pub(super) fn redeem(&mut self, evidence: Evidence<'_>, slot: Slot, reference: Reference, amount: i64) {
        let account = &mut self.accounts[slot.index()];
        if let Some(card) = account.cards.iter_mut().find(|c| c.reference == reference) {
            card.left -= amount;
        }
        account.cards.retain(|card| card.left > 0);
        self.books.enter(Book::CardFloat, Book::MerchantPayable, amount);
        let commission = share(amount, evidence.rules.commission_ppm[Scene::LocalServices as usize]);
        self.books.enter(Book::MerchantPayable, Book::CommissionIncome, commission);
        self.books.enter(Book::SubsidyCost, Book::Cash, share(amount, evidence.rules.redeem_rebate_ppm));
    }
}
