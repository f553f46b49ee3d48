//! Payments, early settlement, bills and principal turned into loans: docs/rules.md §16, §17.6.

use super::account::{Account, Bill, Loan};
use super::book::{Answer, Book, Outcome, no, none_of};
use super::exact::{Fraction, worth_at_cap};
use super::rules::{Due, Rules};
use super::schedule::{coming_dues, fee_is_within_cap, hardship, instalments};
use crate::credit::chart::Posting;
use crate::credit::command::{Decline, Status};

/// What a payment went to.
#[derive(Default)]
struct Paid {
    interest: i64,
    fees: i64,
    penalty: i64,
    principal: i64,
}

impl Paid {
    /// Pays one kind of a bill.
    fn pay(&mut self, bill: &mut Bill, kind: Due, left: &mut i64) {
        let (owed, paid) = match kind {
            Due::Interest => (&mut bill.interest, &mut self.interest),
            Due::Fees => (&mut bill.fees, &mut self.fees),
            Due::Penalty => (&mut bill.penalty, &mut self.penalty),
            Due::Principal => (&mut bill.principal, &mut self.principal),
        };
        let part = (*left).min(*owed);
        *owed -= part;
        *paid += part;
        *left -= part;
    }
}

impl Account {
    fn allocate(&mut self, rules: &Rules, fen: i64) -> Paid {
        let (mut paid, mut left) = (Paid::default(), fen);
        if rules.bill_by_bill {
            for bill in &mut self.bills {
                rules.order.into_iter().for_each(|kind| paid.pay(bill, kind, &mut left));
            }
        } else {
            for kind in rules.order {
                self.bills.iter_mut().for_each(|bill| paid.pay(bill, kind, &mut left));
            }
        }
        paid.principal += left;
        paid
    }

    /// Principal paid, by funder: billed of instalment loans, billed of others, then what is not billed; older loans first.
    fn pay_principal(&mut self, fen: i64) -> [i64; 4] {
        let mut left = fen;
        let mut by_loan = vec![0; self.loans.len()];
        for pass in 0..3 {
            for (loan, paid) in self.loans.iter_mut().zip(&mut by_loan) {
                let owed = match (pass, loan.revolves()) {
                    (0, false) | (1, true) => &mut loan.billed,
                    (2, true) => &mut loan.coming,
                    _ => continue,
                };
                let part = left.min(*owed);
                *owed -= part;
                *paid += part;
                left -= part;
            }
        }
        assert_eq!(left, 0, "paid more than is owed");
        let mut parts = [0; 4];
        for (loan, paid) in self.loans.iter_mut().zip(by_loan) {
            loan.bearing = (loan.bearing - paid).max(0);
            let of_loan = loan.reduce_funders(paid);
            parts.iter_mut().zip(of_loan).for_each(|(sum, part)| *sum += part);
        }
        parts
    }
}

/// Sums of loans that become one.
fn by_funder(loans: &[Loan]) -> [i64; 4] {
    std::array::from_fn(|funder| loans.iter().map(|loan| loan.by_funder[funder]).sum())
}

impl Book {
    pub(super) fn repay(&mut self, user: usize, fen: i64) -> Outcome {
        let account = &mut self.accounts[user];
        let claims = account.status == Status::WrittenOff;
        none_of(&[(fen <= 0, Decline::AmountNotPositive), (!account.is_live() && !claims, Decline::NoAccount)])?;
        let owed = if claims { account.claim } else { account.billed() + account.charges() + account.unbilled() };
        let paid = fen.min(owed);
        if paid == 0 {
            return no(Decline::NothingToDo);
        }
        if claims {
            account.claim -= paid;
            self.books.post(Posting::Recovery, paid);
            return Ok(Answer::Amount(paid));
        }
        let went = account.allocate(&self.rules, paid);
        let parts = account.pay_principal(went.principal);
        account.forget_what_is_over();
        self.books.post(Posting::PayInterest, went.interest);
        self.books.post(Posting::PayFee, went.fees);
        self.books.post(Posting::PayPenalty, went.penalty);
        self.books.post_by_funder(Posting::RepayPlatform, parts);
        Ok(Answer::Amount(paid))
    }

    /// §16.8.
    pub(super) fn convert(&mut self, user: usize, months: i64) -> Outcome {
        let (day, tolerance) = (self.told.day, self.rules.tolerance);
        let fen = self.accounts[user].convertible(day, tolerance);
        none_of(&[
            (self.rules.term(months).is_none(), Decline::TermNotOffered),
            (!self.accounts[user].is_live(), Decline::NoAccount),
        ])?;
        if fen == 0 {
            return no(Decline::NothingToDo);
        }
        let whose = self.borrower(user);
        if !fee_is_within_cap(&self.rules, whose.tier, months, fen) {
            return no(Decline::PriceCap);
        }
        let loan = instalments(&self.rules, whose, months, fen);
        self.replace(user, loan, |loan| loan.revolves() && loan.billed > 0);
        let account = &mut self.accounts[user];
        account.converted = true;
        let above = account.demanded_principal() - account.billed();
        account.demand_less(above.max(0));
        Ok(Answer::Amount(fen))
    }

    /// Loans become one, and everything that hung on them hangs on it.
    fn replace(&mut self, user: usize, new: Loan, is_replaced: impl Fn(&Loan) -> bool) {
        let account = &mut self.accounts[user];
        let (replaced, stay): (Vec<Loan>, Vec<Loan>) = account.loans.drain(..).partition(|loan| is_replaced(loan));
        account.loans = stay;
        account.interest += replaced.iter().map(|loan| loan.interest).sum::<i128>();
        let id = self.add_loan(user, new, by_funder(&replaced));
        let account = &mut self.accounts[user];
        let of = |old: &mut u32| {
            if replaced.iter().any(|loan| loan.id == *old) {
                *old = id;
            }
        };
        account.purchases.iter_mut().for_each(|purchase| of(&mut purchase.loan));
        account.cards.iter_mut().for_each(|card| of(&mut card.loan));
        // Tips that are taken over cannot be taken back any more.
        account.tips.retain(|tip| replaced.iter().all(|loan| loan.id != tip.loan));
    }

    /// §16.7. Loans are counted from 1, 0 is the oldest, too; `fen` 0: all that is to come.
    pub(super) fn settle(&mut self, user: usize, index: usize, fen: i64) -> Outcome {
        let late = self.days_past_due(user) > 0;
        let account = &self.accounts[user];
        let to_come = |loan: &&Loan| !loan.revolves() && loan.coming > 0;
        if !account.is_live() {
            return Err(vec![Decline::NoAccount, Decline::AccountBlocked]);
        }
        let found = account.loans.iter().filter(to_come).nth(index.saturating_sub(1)).cloned();
        none_of(&[
            (late, Decline::AccountBlocked),
            (found.is_none(), Decline::NothingToDo),
            (fen < 0, Decline::AmountNotPositive),
            (found.as_ref().is_some_and(|loan| fen > loan.coming), Decline::AmountTooLarge),
        ])?;
        let Some(loan) = found else { return no(Decline::NothingToDo) };
        let fen = if fen == 0 { loan.coming } else { fen };
        let charge = self.charge_for_settling(&loan, account.group, fen);
        let account = &mut self.accounts[user];
        let Some(loan) = account.loan(loan.id) else { unreachable!() };
        loan.come_less(fen);
        let parts = loan.reduce_funders(fen);
        account.forget_what_is_over();
        self.books.post(Posting::ChargeFee, charge);
        self.books.post(Posting::PayFee, charge);
        self.books.post_by_funder(Posting::RepayPlatform, parts);
        Ok(Answer::Amount(fen + charge))
    }

    fn charge_for_settling(&self, loan: &Loan, group: usize, fen: i64) -> i64 {
        let period = if loan.annual_bp > 0 {
            Fraction::product(fen, loan.annual_bp, 120_000).down()
        } else {
            Fraction::product(Fraction::of(loan.fee_left, loan.parts_left).up(), fen, loan.coming).down()
        };
        let period = Fraction::product(period, 100 - loan.waived_percent, 100).nearest();
        let dues = coming_dues(&self.rules, group, self.told.day);
        let running_on: i64 = loan
            .parts_to_come(dues)
            .into_iter()
            .map(|(_, part)| {
                let (interest, fee) = part.waived(loan.waived_percent);
                part.interest - interest + part.fee - fee
            })
            .sum();
        let running_on = Fraction::product(running_on, fen, loan.coming).down();
        let days = (self.told.day - loan.accrual_point).max(0);
        // Today's principal grown by so many days is what it was worth that long ago, at the cap, upside down.
        let left_by_cap = (worth_at_cap(&[(-days, fen)], self.rules.cap_bp) - fen as f64).floor() as i64;
        period.min(running_on).min(left_by_cap).max(0)
    }

    /// §17.6.
    pub(super) fn hardship_plan(&mut self, user: usize) -> Outcome {
        let dpd = self.days_past_due(user);
        let account = &self.accounts[user];
        if !account.is_live() {
            return Err(vec![Decline::NoAccount, Decline::NothingToDo]);
        }
        let (from, to) = self.rules.hardship_dpd;
        let fen = account.principal();
        if account.reaged || dpd < from || dpd > to || fen == 0 {
            return no(Decline::NothingToDo);
        }
        let loan = hardship(&self.rules, self.borrower(user), fen);
        self.replace(user, loan, |_| true);
        let probation = self.told.day + 30 * self.rules.probation_months;
        let account = &mut self.accounts[user];
        let carried = Bill {
            interest: account.of_bills(|bill| bill.interest),
            fees: account.of_bills(|bill| bill.fees),
            penalty: account.of_bills(|bill| bill.penalty),
            ..Bill::default()
        };
        account.bills = vec![carried];
        account.forget_what_is_over();
        account.reaged = true;
        account.statement = 0;
        account.status = Status::Frozen;
        account.probation_until = probation;
        Ok(Answer::Amount(fen))
    }
}
