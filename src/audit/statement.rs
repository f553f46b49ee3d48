//! A statement: accrued interest is posted, drawings and the next parts of loans come onto it, small arrears are carried over, and one
//! bill says what is demanded and when.

use crate::audit::account::{Account, INTEREST_UNIT, PENALTY_UNIT};
use crate::audit::arithmetic::{ceil, half_even};
use crate::audit::bill::GroupDates;
use crate::audit::bill::{Bill, DEBTS};
use crate::audit::rules::Debt;
use crate::audit::{CellAuditor, Evidence};
use crate::base::ids::Slot;
use crate::base::time::Day;
use crate::credit::chart::Account as Book;

/// A purchase that can no longer be refunded is kept so many days more.
const KEPT_DAYS: i32 = 62;

/// When a statement of today is due for a group, and when its grace ends.
pub(super) fn dates_of_statement(evidence: Evidence<'_>, group: usize) -> GroupDates {
    let rules = evidence.rules;
    let due = evidence.day().plus(rules.due_after_days.get(group).copied().unwrap_or(0));
    GroupDates { due, grace_until: due.plus(rules.grace_days) }
}

/// What the month's parts of all loans put on a statement.
#[derive(Default)]
struct BilledParts {
    principal: i64,
    interest: i64,
    waived_interest: i64,
    fees: i64,
    waived_fees: i64,
}

/// Brings drawings and the next parts onto a statement that is due on `due`.
fn bill_loans(account: &mut Account, due: Day) -> BilledParts {
    let mut sum = BilledParts::default();
    for loan in &mut account.loans {
        if !loan.in_parts() {
            loan.billed += std::mem::take(&mut loan.coming);
            loan.was_billed = true;
            // Tips of an earlier cycle stay.
            (loan.tips_left, loan.share_left) = (0, 0);
        } else if loan.wait > 0 {
            loan.wait -= 1;
        } else if loan.parts_left > 0 {
            let part = loan.bill_part(due);
            sum.principal += part.principal;
            sum.interest += part.interest;
            sum.fees += part.fee;
            sum.waived_interest += part.interest - loan.after_coupon(part.interest);
            sum.waived_fees += part.fee - loan.after_coupon(part.fee);
        }
    }
    sum
}

impl CellAuditor {
    /// Posts what has accrued of one account: interest and late interest, each rounded once; remainders stay.
    fn post_accrued(&mut self, slot: Slot) -> (i64, i64) {
        let account = &mut self.accounts[slot.index()];
        let total = account.interest_accrued();
        account.loans.iter_mut().for_each(|loan| loan.accrued = 0);
        let interest = half_even(total, INTEREST_UNIT);
        account.interest_rest = total - interest * INTEREST_UNIT;
        let penalty = half_even(account.penalty_accrued, PENALTY_UNIT);
        account.penalty_accrued -= penalty * PENALTY_UNIT;
        self.books.enter(Book::InterestReceivable, Book::InterestIncome, interest);
        self.books.enter(Book::PenaltyReceivable, Book::PenaltyIncome, penalty);
        (interest, penalty)
    }

    pub(super) fn statement(&mut self, evidence: Evidence<'_>, slot: Slot) {
        let rules = evidence.rules;
        let group = usize::from(evidence.facts.accounts[slot.index()].group);
        let GroupDates { due, grace_until } = dates_of_statement(evidence, group);
        let (interest, penalty) = self.post_accrued(slot);
        let account = &mut self.accounts[slot.index()];
        account.converted = false;
        let carried: [i64; DEBTS] = account.carry(rules);
        let parts = bill_loans(account, due);
        let demanded = account.owed(Debt::Principal) + carried[Debt::Principal as usize] + parts.principal;
        let other = (account.billed() - demanded).max(0);
        let minimum = ceil(other * rules.minimum_ppm, 1_000_000).max(rules.minimum_floor.min(other));
        let mut owed = carried;
        owed[Debt::Penalty as usize] += penalty;
        owed[Debt::Interest as usize] += interest + parts.interest - parts.waived_interest;
        owed[Debt::Fees as usize] += parts.fees - parts.waived_fees;
        owed[Debt::Principal as usize] += parts.principal + minimum;
        let bill = Bill { due: Some(due), grace_until, owed };
        if bill.unpaid() > 0 {
            account.bills.push(bill);
        }
        account.end_loans();
        let kept = i32::from(rules.refund_days) + KEPT_DAYS;
        account.purchases.retain(|sale| !sale.captured || evidence.day().since(sale.day) <= kept);
        self.books.enter(Book::InterestReceivable, Book::InterestIncome, parts.interest);
        self.books.enter(Book::SubsidyCost, Book::InterestReceivable, parts.waived_interest);
        self.books.enter(Book::FeeReceivable, Book::FeeIncome, parts.fees);
        self.books.enter(Book::SubsidyCost, Book::FeeReceivable, parts.waived_fees);
    }
}
