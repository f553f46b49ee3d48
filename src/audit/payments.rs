//! What the borrower pays or agrees on: repayments by bill and loan, early settlement, conversion of the bill, hardship plans.

use crate::audit::account::Account;
use crate::audit::bill::DEBTS;
use crate::audit::pricing::{due_dates, hardship, in_parts};
use crate::audit::rules::Debt;
use crate::audit::{CellAuditor, Evidence};
use crate::base::ids::Slot;
use crate::credit::chart::Account as Book;
use crate::credit::command::Status;

/// The account to which a kind of charge is receivable.
const fn receivable(charge: Debt) -> Option<Book> {
    match charge {
        Debt::Penalty => Some(Book::PenaltyReceivable),
        Debt::Interest => Some(Book::InterestReceivable),
        Debt::Fees => Some(Book::FeeReceivable),
        Debt::Principal => None,
    }
}

/// The place of the `number`-th oldest loan with parts to come; 0 is the oldest, too.
pub(super) fn nth_in_parts(account: &Account, number: u8) -> Option<usize> {
    let mut to_come = (0..account.loans.len()).filter(|place| {
        let loan = &account.loans[*place];
        loan.in_parts() && loan.coming > 0
    });
    to_come.nth(usize::from(number.saturating_sub(1)))
}

impl CellAuditor {
    /// What settling `amount` of the loan at a place costs beside principal.
    pub(super) fn settlement_charge(&self, evidence: Evidence<'_>, slot: Slot, place: usize, amount: i64) -> i64 {
        let loan = &self.accounts[slot.index()].loans[place];
        let group = usize::from(evidence.facts.accounts[slot.index()].group);
        let (wait, parts) = (usize::from(loan.wait), usize::from(loan.parts_left));
        let dates = due_dates(evidence.rules, group, evidence.day(), wait + parts).split_off(wait);
        loan.prepayment_charge(amount, &dates, evidence.rules.cap_bp, evidence.day())
    }

    pub(super) fn repay(&mut self, evidence: Evidence<'_>, slot: Slot, paid: i64) {
        let account = &mut self.accounts[slot.index()];
        if account.status == Status::WrittenOff {
            account.claim -= paid;
            self.books.enter(Book::Cash, Book::RecoveryIncome, paid);
            return;
        }
        account.repaid_today = true;
        let by_kind: [i64; DEBTS] = account.pay_bills(evidence.rules, paid);
        let mut principal = paid;
        for charge in [Debt::Penalty, Debt::Interest, Debt::Fees] {
            let part = by_kind[charge as usize];
            principal -= part;
            if let Some(receivable) = receivable(charge) {
                self.books.enter(Book::Cash, receivable, part);
            }
        }
        self.pay_principal(slot, principal);
    }

    /// Billed principal of loans in parts, other billed principal, principal since the last statement; the oldest loan first.
    fn pay_principal(&mut self, slot: Slot, mut left: i64) {
        for place in self.accounts[slot.index()].order_of_payment() {
            let part = left.min(self.accounts[slot.index()].loans[place].billed);
            if part > 0 {
                self.unlend(slot, place, part, Book::Cash);
                self.accounts[slot.index()].loans[place].pay_billed(part);
                left -= part;
            }
        }
        for place in 0..self.accounts[slot.index()].loans.len() {
            let loan = &self.accounts[slot.index()].loans[place];
            let part = if loan.in_parts() { 0 } else { left.min(loan.coming) };
            if part > 0 {
                self.unlend(slot, place, part, Book::Cash);
                self.accounts[slot.index()].loans[place].coming -= part;
                left -= part;
            }
        }
        self.accounts[slot.index()].end_loans();
    }

    /// The bill becomes a loan in parts, over what was billed of drawings.
    pub(super) fn convert(&mut self, evidence: Evidence<'_>, slot: Slot, months: u8) {
        let account = &mut self.accounts[slot.index()];
        account.converted = true;
        let lent = account.take_over(|loan| !loan.in_parts() && loan.billed > 0);
        if let Some(loan) = in_parts(evidence, slot, account, lent, months) {
            account.add_loan(loan);
        }
        let beyond = account.owed(Debt::Principal) - account.billed();
        account.drop_demands(beyond.max(0));
    }

    pub(super) fn settle_early(&mut self, slot: Slot, number: u8, amount: i64, paid: i64) {
        let account = &self.accounts[slot.index()];
        let Some(place) = nth_in_parts(account, number) else { return };
        let loan = &account.loans[place];
        let prepaid = if amount == 0 { loan.coming } else { amount.min(loan.coming) };
        let charge = paid - prepaid;
        self.unlend(slot, place, prepaid, Book::Cash);
        let account = &mut self.accounts[slot.index()];
        account.loans[place].shrink(prepaid);
        account.end_loans();
        self.books.enter(Book::FeeReceivable, Book::FeeIncome, charge);
        self.books.enter(Book::Cash, Book::FeeReceivable, charge);
    }

    pub(super) fn start_hardship(&mut self, evidence: Evidence<'_>, slot: Slot) {
        let account = &mut self.accounts[slot.index()];
        let lent = account.take_over(|_| true);
        let plan = hardship(evidence, account, lent);
        account.add_loan(plan);
        account.merge_charges();
        account.reaged = true;
        account.probation_until = evidence.day().plus(30 * evidence.rules.probation_months);
        account.status.0 = Status::Frozen;
    }
}
