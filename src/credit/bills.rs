//! Bills (docs/rules.md §15.4, §16.2): what each statement demanded and is unpaid, charges by kind and principal, with its own due
//! date. Payments go to the oldest first; lateness counts from the first bill at which what is unpaid passes the tolerance.

use crate::base::ids::Slot;
use crate::base::time::Day;
use crate::credit::rows::{AccountRow, BillRow, NEVER, NIL};
use crate::credit::terms::{AllocationBy, Owed};
use crate::credit::{Engine, Guard, Today};

/// How a payment is split.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Allocated {
    /// Late interest.
    pub penalty: i32,
    /// Contract interest.
    pub interest: i32,
    /// Fees.
    pub fees: i32,
    /// Principal that bills demand.
    pub principal: i32,
}

impl Allocated {
    fn of(&mut self, owed: Owed) -> &mut i32 {
        match owed {
            Owed::Penalty => &mut self.penalty,
            Owed::Interest => &mut self.interest,
            Owed::Fees => &mut self.fees,
            Owed::Principal => &mut self.principal,
        }
    }

    const fn total(&self) -> i32 {
        self.penalty + self.interest + self.fees + self.principal
    }
}

impl BillRow {
    fn owed(&mut self, owed: Owed) -> &mut i32 {
        match owed {
            Owed::Penalty => &mut self.penalty,
            Owed::Interest => &mut self.interest,
            Owed::Fees => &mut self.fees,
            Owed::Principal => &mut self.principal,
        }
    }
}

impl Engine {
    /// The unpaid bills of an account, oldest first.
    pub(crate) fn bills_of(&self, row: &AccountRow) -> impl Iterator<Item = &BillRow> {
        self.bills.list(row.first_bill)
    }

    /// What is unpaid and past its due date; nothing while the account is within its tolerance.
    pub(super) fn past_due(&self, row: &AccountRow, today: Day) -> i32 {
        if row.days_past_due(today) == 0 {
            return 0;
        }
        self.bills_of(row).take_while(|bill| bill.due < today.0).map(BillRow::unpaid).sum()
    }

    /// The grace of the bill from which a late account is late is over: inside grace nothing is lost.
    pub(super) fn grace_is_over(&self, slot: Slot, tomorrow: Day) -> bool {
        let row = &self.accounts[slot.index()];
        self.bills_of(row).find(|bill| bill.due == row.late_date).is_some_and(|bill| bill.grace_until < tomorrow.0)
    }

    /// Principal that is demanded.
    pub(super) fn demanded_principal(&self, row: &AccountRow) -> i32 {
        self.bills_of(row).map(|bill| bill.principal).sum()
    }

    /// Puts a bill at the end of the list of an account.
    pub(super) fn add_bill(&mut self, today: &Today, bill: BillRow) {
        if bill.unpaid() > 0 {
            let slot = bill.slot;
            let link = self.bills.insert(BillRow { next: NIL, ..bill });
            let mut last = self.accounts[slot.index()].first_bill;
            if last == NIL {
                self.accounts[slot.index()].first_bill = link;
            } else {
                while self.bills.row(last).next != NIL {
                    last = self.bills.row(last).next;
                }
                self.bills.row_mut(last).next = link;
            }
        }
        self.sum_bills(today, bill.slot);
    }

    /// Pays up to `offered` on the bills of an account, in the order of the terms; says how it was split.
    pub(super) fn pay_bills(&mut self, today: &Today, slot: Slot, offered: i32) -> Allocated {
        let billing = &today.terms.billing;
        let mut order = billing.allocation;
        if !today.guards(Guard::AllocationOrder) {
            order.reverse();
        }
        let by_bill = billing.allocation_by == AllocationBy::Bill && today.guards(Guard::ChargesByBill);
        let mut paid = Allocated::default();
        // By bill: one round over the bills with all kinds. By kind: a round for each.
        let rounds: &[&[Owed]] =
            if by_bill { &[&order] } else { &[&order[..1], &order[1..2], &order[2..3], &order[3..]] };
        for kinds in rounds {
            let mut link = self.accounts[slot.index()].first_bill;
            while link != NIL {
                let bill = self.bills.row_mut(link);
                for owed in *kinds {
                    let part = (offered - paid.total()).min(*bill.owed(*owed));
                    *bill.owed(*owed) -= part;
                    *paid.of(*owed) += part;
                }
                link = bill.next;
            }
        }
        self.drop_paid_bills(slot);
        self.sum_bills(today, slot);
        paid
    }

    /// Demands `fen` less of principal, oldest bill first.
    pub(super) fn demand_less(&mut self, today: &Today, slot: Slot, fen: i32) {
        let mut left = fen;
        let mut link = self.accounts[slot.index()].first_bill;
        while link != NIL && left > 0 {
            let bill = self.bills.row_mut(link);
            let part = left.min(bill.principal);
            bill.principal -= part;
            left -= part;
            link = bill.next;
        }
        self.drop_paid_bills(slot);
        self.sum_bills(today, slot);
    }

    /// Takes the bills that the next statement carries over: the oldest ones that stay within the tolerance together, and one
    /// that waits for a statement. Returns their sum.
    pub(super) fn carry_bills(&mut self, today: &Today, slot: Slot) -> BillRow {
        let tolerance = i64::from(today.terms.billing.tolerance_fen);
        let mut carried =
            BillRow { next: NIL, slot, interest: 0, fees: 0, penalty: 0, principal: 0, due: 0, grace_until: 0 };
        let mut unpaid = 0;
        let mut link = self.accounts[slot.index()].first_bill;
        while link != NIL {
            let bill = self.bills.row_mut(link);
            unpaid += if bill.due == NEVER { 0 } else { i64::from(bill.unpaid()) };
            if unpaid <= tolerance {
                carried.interest += std::mem::take(&mut bill.interest);
                carried.fees += std::mem::take(&mut bill.fees);
                carried.penalty += std::mem::take(&mut bill.penalty);
                carried.principal += std::mem::take(&mut bill.principal);
            }
            link = bill.next;
        }
        self.drop_paid_bills(slot);
        carried
    }

    /// A plan takes the principal off all bills: their charges wait together for the next statement.
    pub(super) fn suspend_bills(&mut self, today: &Today, slot: Slot) {
        let row = &self.accounts[slot.index()];
        let bill = BillRow {
            next: NIL,
            slot,
            interest: row.interest,
            fees: row.fees,
            penalty: row.penalty,
            principal: 0,
            due: NEVER,
            grace_until: NEVER,
        };
        self.drop_bills(slot);
        self.add_bill(today, bill);
    }

    /// Forgets all bills (write-off).
    pub(super) fn drop_bills(&mut self, slot: Slot) {
        let row = &mut self.accounts[slot.index()];
        let first = std::mem::replace(&mut row.first_bill, NIL);
        (row.demanded, row.late_date, row.last_due) = (0, 0, 0);
        (row.interest, row.fees, row.penalty) = (0, 0, 0);
        self.bills.remove_all(first, |_| {});
    }

    fn drop_paid_bills(&mut self, slot: Slot) {
        let row = &mut self.accounts[slot.index()];
        row.first_bill = self.bills.remove_over(row.first_bill, NIL, |bill| bill.unpaid() == 0).0;
    }

    /// Works out what an account keeps of its bills: sums, and the date from which it is late.
    fn sum_bills(&mut self, today: &Today, slot: Slot) {
        let tolerance = i64::from(today.terms.billing.tolerance_fen);
        let row = &mut self.accounts[slot.index()];
        (row.interest, row.fees, row.penalty, row.demanded) = (0, 0, 0, 0);
        (row.late_date, row.last_due) = (0, 0);
        let mut unpaid = 0;
        for bill in self.bills.list(row.first_bill) {
            row.interest += bill.interest;
            row.fees += bill.fees;
            row.penalty += bill.penalty;
            row.demanded += bill.unpaid();
            if bill.due != NEVER {
                row.last_due = bill.due;
                unpaid += i64::from(bill.unpaid());
                if row.late_date == 0 && unpaid > tolerance {
                    row.late_date = bill.due;
                }
            }
        }
    }

    /// The sums that an account keeps of its bills are those of its bills (for the check of the books).
    pub(super) fn bills_agree(&self, row: &AccountRow) -> bool {
        let mut sums = [0_i64; 4];
        let mut dates = (0, true);
        for bill in self.bills_of(row) {
            let parts = [bill.interest, bill.fees, bill.penalty, bill.unpaid()];
            sums.iter_mut().zip(parts).for_each(|(sum, part)| *sum += i64::from(part));
            dates = (bill.due, dates.1 && (dates.0 <= bill.due || dates.0 == NEVER) && bill.unpaid() > 0);
        }
        dates.1 && sums == [row.interest, row.fees, row.penalty, row.demanded].map(i64::from)
    }
}
