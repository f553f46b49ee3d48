//! What an account owes on its bills, and from when it is late.

use crate::audit::account::Account;
use crate::audit::bill::{Bill, DEBTS};
use crate::audit::rules::{Debt, Rules};
use crate::base::time::Day;

/// Charges, without principal.
const CHARGES: [Debt; DEBTS - 1] = [Debt::Penalty, Debt::Interest, Debt::Fees];

impl Account {
    /// Unpaid of a kind, over all bills.
    pub(super) fn owed(&self, debt: Debt) -> i64 {
        self.bills.iter().map(|bill| bill.owed[debt as usize]).sum()
    }

    pub(super) fn charges(&self) -> i64 {
        CHARGES.into_iter().map(|debt| self.owed(debt)).sum()
    }

    pub(super) fn demanded(&self) -> i64 {
        self.bills.iter().map(Bill::unpaid).sum()
    }

    /// The first bill, from the oldest on, at which what is unpaid passes the tolerance.
    fn late_bill(&self, rules: &Rules) -> Option<&Bill> {
        let mut unpaid = 0;
        self.bills.iter().filter(|bill| bill.due.is_some()).find(|bill| {
            unpaid += bill.unpaid();
            unpaid > rules.tolerance
        })
    }

    /// Its due date.
    pub(super) fn late_date(&self, rules: &Rules) -> Option<Day> {
        self.late_bill(rules).and_then(|bill| bill.due)
    }

    /// Its days of grace were over before a day.
    pub(super) fn grace_is_over(&self, rules: &Rules, day: Day) -> bool {
        self.late_bill(rules).is_some_and(|bill| bill.grace_until < day)
    }

    /// Days since the late date.
    pub(super) fn days_past_due(&self, rules: &Rules, day: Day) -> u16 {
        self.late_date(rules).map_or(0, |due| day.since(due).max(0) as u16)
    }

    /// Principal demanded by bills whose grace is over, as far as it bears interest; none while the account is within its tolerance.
    pub(super) fn overdue(&self, rules: &Rules, day: Day) -> i64 {
        if self.days_past_due(rules, day) == 0 {
            return 0;
        }
        let over = self.bills.iter().filter(|bill| bill.due.is_some() && bill.grace_until < day);
        over.map(|bill| bill.owed[Debt::Principal as usize]).sum::<i64>().min(self.revolving())
    }

    /// Takes principal off the demands, oldest bill first, as far as they go.
    pub(super) fn drop_demands(&mut self, mut fen: i64) {
        for bill in &mut self.bills {
            let demanded = &mut bill.owed[Debt::Principal as usize];
            let part = fen.min(*demanded);
            *demanded -= part;
            fen -= part;
        }
        self.bills.retain(|bill| bill.unpaid() > 0);
    }

    /// Pays demands with at most `paid`; what was paid by kind.
    pub(super) fn pay_bills(&mut self, rules: &Rules, paid: i64) -> [i64; DEBTS] {
        let (mut left, mut by_kind) = (paid, [0; DEBTS]);
        let mut pay = |bill: &mut Bill, debt: Debt| {
            let part = left.min(bill.owed[debt as usize]);
            bill.owed[debt as usize] -= part;
            by_kind[debt as usize] += part;
            left -= part;
        };
        if rules.allocation_by_kind {
            for debt in rules.allocation {
                self.bills.iter_mut().for_each(|bill| pay(bill, debt));
            }
        } else {
            for bill in &mut self.bills {
                rules.allocation.into_iter().for_each(|debt| pay(bill, debt));
            }
        }
        self.bills.retain(|bill| bill.unpaid() > 0);
        by_kind
    }

    /// Takes out what the next bill takes over: the oldest bills that are within the tolerance together, and those that wait for it.
    pub(super) fn carry(&mut self, rules: &Rules) -> [i64; DEBTS] {
        let (mut unpaid, mut carried) = (0, [0; DEBTS]);
        self.bills.retain(|bill| {
            unpaid += bill.due.map_or(0, |_| bill.unpaid());
            let over = bill.due.is_none() || unpaid <= rules.tolerance;
            if over {
                carried.iter_mut().zip(bill.owed).for_each(|(sum, fen)| *sum += fen);
            }
            !over
        });
        carried
    }

    /// A hardship plan: charges wait for the next statement, principal is no longer demanded.
    pub(super) fn merge_charges(&mut self) {
        let mut owed = [0; DEBTS];
        for debt in CHARGES {
            owed[debt as usize] = self.owed(debt);
        }
        let merged = Bill { due: None, grace_until: Day::NEVER, owed };
        self.bills.clear();
        if merged.unpaid() > 0 {
            self.bills.push(merged);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bill(due: u16, owed: [i64; DEBTS]) -> Bill {
        Bill { due: Some(Day(due)), grace_until: Day(due + 3), owed }
    }

    fn account(bills: &[Bill]) -> Account {
        Account { bills: bills.to_vec(), ..Account::default() }
    }

    #[test]
    fn lateness_counts_from_the_bill_that_passes_the_tolerance() {
        let rules = Rules { tolerance: 100, ..Rules::default() };
        let two = account(&[bill(10, [0, 59, 0, 0]), bill(40, [0, 0, 0, 42])]);
        // 59 and 42 are 101: only together are they more than 100.
        assert_eq!(two.late_date(&rules), Some(Day(40)));
        assert_eq!([two.days_past_due(&rules, Day(40)), two.days_past_due(&rules, Day(45))], [0, 5]);
        let strict = Rules::default();
        assert_eq!(two.late_date(&strict), Some(Day(10)));
        let within = account(&[bill(10, [0, 59, 0, 0]), bill(40, [0, 0, 0, 41])]);
        assert_eq!(within.late_date(&rules), None);
    }

    #[test]
    fn carrying_takes_the_oldest_within_the_tolerance_only() {
        let rules = Rules { tolerance: 100, ..Rules::default() };
        let mut two = account(&[bill(10, [0, 59, 0, 0]), bill(40, [0, 0, 0, 42])]);
        assert_eq!(two.carry(&rules), [0, 59, 0, 0]);
        assert_eq!(two.bills, [bill(40, [0, 0, 0, 42])]);
    }

    #[test]
    fn allocation_goes_by_bill_or_by_kind() {
        let allocation = [Debt::Penalty, Debt::Interest, Debt::Fees, Debt::Principal];
        let bills = [bill(10, [1, 20, 0, 300]), bill(40, [4, 50, 0, 600])];
        // 100: 1 + 20 + 79 of the first bill's principal.
        let by_bill = Rules { allocation, ..Rules::default() };
        assert_eq!(account(&bills).pay_bills(&by_bill, 100), [1, 20, 0, 79]);
        // 100: late interest 1 + 4, interest 20 + 50, the rest of 25 principal of the first bill.
        let by_kind = Rules { allocation_by_kind: true, ..by_bill };
        let mut paid = account(&bills);
        assert_eq!(paid.pay_bills(&by_kind, 100), [5, 70, 0, 25]);
        assert_eq!(paid.bills[0], bill(10, [0, 0, 0, 275]));
    }
}
