//! The loans of an account (docs/rules.md §12.8): one for every drawing, conversion and plan, oldest first. Here is how they come and
//! go, how principal is taken off them and its funders, and what a refund does to the loan of its purchase.

use crate::base::ids::{FUNDERS, Reference, Slot};
use crate::base::money::fen32;
use crate::credit::funding::Drawing;
use crate::credit::rows::{AccountRow, LoanRow, NIL, Schedule, loan_flag};
use crate::credit::totals::CreditFlows;
use crate::credit::{Ctx, Engine, Guard, Today};

/// The parts of principal in the order in which a payment reaches them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tranche {
    /// Instalments on statements.
    BilledParts,
    /// What else is on statements.
    Billed,
    /// What is not on a statement yet.
    Unbilled,
}

/// The owner of a row that is free.
pub(super) const NOBODY: Slot = Slot(NIL);

/// All of them, in order.
const TRANCHES: [Tranche; 3] = [Tranche::BilledParts, Tranche::Billed, Tranche::Unbilled];

impl Tranche {
    /// Principal of a loan that belongs to it.
    pub(super) const fn of(self, loan: &LoanRow) -> i32 {
        match (self, loan.is_instalment()) {
            (Tranche::BilledParts, true) | (Tranche::Billed, false) => loan.billed,
            (Tranche::Unbilled, false) => loan.coming,
            _ => 0,
        }
    }
}

impl Engine {
    /// The loans of an account, oldest first.
    pub(crate) fn loans_of(&self, row: &AccountRow) -> impl Iterator<Item = &LoanRow> {
        self.loan_links(row).map(|link| self.loans.row(link))
    }

    /// The links to them.
    pub(super) fn loan_links(&self, row: &AccountRow) -> impl Iterator<Item = u32> {
        let first = (row.first_loan != NIL).then_some(row.first_loan);
        std::iter::successors(first, |link| Some(self.loans.row(*link).next).filter(|next| *next != NIL))
    }

    /// Puts a loan at the end of the list of its account and adds its principal to the account's sums.
    pub(super) fn insert_loan(&mut self, loan: LoanRow) -> u32 {
        let slot = loan.slot;
        let generation = self.loans.recycled().map_or(0, |old| Reference::next_generation(old.generation));
        let link = self.loans.insert(LoanRow { next: NIL, generation, ..loan });
        let row = &mut self.accounts[slot.index()];
        let last = std::mem::replace(&mut row.last_loan, link);
        row.day_one |= loan.flags & loan_flag::DAY_ONE;
        let (coming, by_funder) = (loan.coming, loan.by_funder());
        if loan.is_instalment() {
            row.installed += coming;
        } else {
            row.unbilled += coming;
        }
        row.by_funder.iter_mut().zip(by_funder).for_each(|(sum, part)| *sum += part);
        match last {
            NIL => row.first_loan = link,
            _ => self.loans.row_mut(last).next = link,
        }
        link
    }

    /// Takes the loans that are over off the list of an account. What they have accrued stays with the account.
    pub(super) fn end_loans(&mut self, slot: Slot) {
        let mut previous = NIL;
        let mut link = self.accounts[slot.index()].first_loan;
        while link != NIL {
            let loan = *self.loans.row(link);
            if loan.is_over() {
                let row = &mut self.accounts[slot.index()];
                row.accrued_interest += loan.accrued;
                if row.last_loan == link {
                    row.last_loan = previous;
                }
                match previous {
                    NIL => row.first_loan = loan.next,
                    _ => self.loans.row_mut(previous).next = loan.next,
                }
                self.loans.row_mut(link).slot = NOBODY;
                self.loans.remove(link);
            } else {
                previous = link;
            }
            link = loan.next;
        }
    }

    /// What hangs on loans of an account that were just emptied hangs on `heir` from now on.
    pub(super) fn hand_over(&mut self, slot: Slot, heir: u32) {
        let row = &self.accounts[slot.index()];
        let (mut purchase, mut card) = (row.first_purchase, row.first_card);
        let heir = self.loan_reference(heir);
        while purchase != NIL {
            if self.loan_of(slot, self.purchases.row(purchase).loan).is_some_and(|link| self.loans.row(link).is_over())
            {
                self.purchases.row_mut(purchase).loan = heir;
            }
            purchase = self.purchases.row(purchase).next;
        }
        while card != NIL {
            if self.loan_of(slot, self.cards.row(card).loan).is_some_and(|link| self.loans.row(link).is_over()) {
                self.cards.row_mut(card).loan = heir;
            }
            card = self.cards.row(card).next;
        }
    }

    /// The loan of a reference, while it is on the list of the account.
    fn loan_of(&self, slot: Slot, reference: Reference) -> Option<u32> {
        let link = reference.row();
        let loan = self.loans.get(link)?;
        (loan.slot == slot && reference.is_of(loan.generation)).then_some(link)
    }

    /// A payment of principal: takes it off the loans in the order of [`TRANCHES`], oldest loan first, each loan's part off its own
    /// funders.
    pub(super) fn pay_principal(&mut self, flows: &mut CreditFlows, slot: Slot, paid: i32) {
        let mut left = paid;
        let mut by_funder = [0; FUNDERS];
        for tranche in TRANCHES {
            let mut link = if left > 0 { self.accounts[slot.index()].first_loan } else { NIL };
            while link != NIL && left > 0 {
                let loan = self.loans.row_mut(link);
                let part = left.min(tranche.of(loan));
                link = loan.next;
                if part > 0 {
                    left -= part;
                    let row = &mut self.accounts[slot.index()];
                    let parts = loan.split(part);
                    loan.take_from_partners(&parts);
                    by_funder.iter_mut().zip(parts).for_each(|(sum, part)| *sum += part);
                    if tranche == Tranche::Unbilled {
                        loan.coming -= part;
                        row.unbilled -= part;
                    } else {
                        let bearing = part.min(loan.bearing);
                        loan.billed -= part;
                        loan.bearing -= bearing;
                        row.billed -= part;
                        row.revolving -= bearing;
                        if tranche == Tranche::BilledParts {
                            row.billed_parts -= part;
                        }
                    }
                }
            }
        }
        assert_eq!(left, 0, "a payment of {paid} fen goes beyond the loans");
        self.unlend(flows, slot, by_funder, None);
        self.end_loans(slot);
    }

    /// A refund of `amount` of what a loan paid for: takes it off the loan, what is to come first. Returns what is left for the
    /// customer's bank account, which the customer had paid (docs/rules.md §12.10).
    pub(super) fn refund_loan(
        &mut self,
        ctx: &mut Ctx,
        slot: Slot,
        loan: Reference,
        amount: i32,
        drawing: Drawing,
    ) -> i32 {
        let Some(link) = self.loan_of(slot, loan).filter(|_| self.accounts[slot.index()].is_live()) else {
            return amount;
        };
        self.accrue(ctx.today, slot);
        let loan = self.loans.row_mut(link);
        let taken = amount.min(loan.principal());
        let from_coming = taken.min(loan.coming);
        let from_billed = taken - from_coming;
        let mut parts = loan.split(taken);
        if !ctx.today.guards(Guard::RefundFunder) {
            parts = split_by_account(&self.accounts[slot.index()], loan, taken);
        }
        loan.take_from_partners(&parts);
        self.cancel_charges(ctx.today, link, from_coming);
        self.shrink(ctx.today, link, from_coming);
        let loan = self.loans.row_mut(link);
        loan.billed -= from_billed;
        let bearing = loan.bearing - loan.bearing.min(loan.billed);
        loan.bearing -= bearing;
        let row = &mut self.accounts[slot.index()];
        if loan.is_instalment() {
            row.installed -= from_coming;
            row.billed_parts -= from_billed;
        } else {
            row.unbilled -= from_coming;
        }
        row.billed -= from_billed;
        row.revolving -= bearing;
        self.demand_less(ctx.today, slot, from_billed);
        self.unlend(&mut ctx.tally.flows, slot, parts, Some(drawing));
        self.end_loans(slot);
        amount - taken
    }

    /// Interest and fees of `fen` that will not be billed, since they are given back: before the first bill they fall away where the
    /// terms say so; after it the days since the last part are still owed (docs/rules.md §12.10).
    fn cancel_charges(&mut self, today: &Today, link: u32, fen: i32) {
        let pricing = &today.terms.pricing;
        let loan = self.loans.row_mut(link);
        if fen == 0 || loan.coming == 0 {
            return;
        }
        let unbilled = loan.parts_left == loan.parts && loan.billed == 0;
        let free = pricing.refund_free_before_first_bill && unbilled;
        if loan.is_instalment() {
            let days = today.day().since(crate::base::time::Day(loan.billed_to)).max(0);
            if !free {
                let rate =
                    crate::base::accrual::Rate::annual(crate::base::money::BasisPoints(i32::from(loan.annual_bp)));
                let slot = loan.slot;
                let owed = rate.on(i64::from(fen), i64::from(days));
                self.accounts[slot.index()].accrued_interest += owed;
            }
        } else if free {
            loan.accrued.keep(i64::from(loan.coming - fen), i64::from(loan.coming));
        }
    }

    /// What hangs on a loan calls it so.
    pub(super) fn loan_reference(&self, link: u32) -> Reference {
        Reference::new(link, self.loans.row(link).generation)
    }

    /// The sums of an account are those of its loans; says what is not (for the check of the books).
    pub(super) fn loans_differ(&self, row: &AccountRow) -> Option<&'static str> {
        let mut sums = [0_i64; 5];
        let mut by_funder = [0_i64; FUNDERS];
        let mut sound = true;
        let mut last = NIL;
        let mut link = row.first_loan;
        while link != NIL {
            let loan = self.loans.row(link);
            let coming = if loan.is_instalment() { 1 } else { 0 };
            sums[coming] += i64::from(loan.coming);
            sums[2] += i64::from(loan.billed);
            sums[3] += i64::from(loan.bearing);
            sums[4] += i64::from(Tranche::BilledParts.of(loan));
            sound &= loan.coming >= 0 && (0..=loan.billed).contains(&loan.bearing);
            let parts = loan.by_funder();
            sound &= parts.iter().all(|part| *part >= 0);
            by_funder.iter_mut().zip(parts).for_each(|(sum, part)| *sum += i64::from(part));
            last = link;
            link = loan.next;
        }
        let sums_agree =
            sums == [row.unbilled, row.installed, row.billed, row.revolving, row.billed_parts].map(i64::from);
        let agrees = [
            (sums_agree, "loans against principal"),
            (by_funder == row.by_funder.map(i64::from), "loans against funders"),
            (sound, "a loan below nothing"),
            (last == row.last_loan, "the youngest loan"),
        ];
        agrees.into_iter().find(|(agree, _)| !agree).map(|(_, what)| what)
    }

    /// Forgets all loans of an account (write-off).
    pub(super) fn forget_loans(&mut self, slot: Slot) {
        let row = &mut self.accounts[slot.index()];
        row.last_loan = NIL;
        let mut link = std::mem::replace(&mut row.first_loan, NIL);
        while link != NIL {
            let loan = self.loans.row_mut(link);
            let next = loan.next;
            loan.slot = NOBODY;
            self.loans.remove(link);
            link = next;
        }
    }

    /// A loan of a drawing that is billed with the next statement; `parts` says who lent it.
    pub(super) fn drawing_loan(&self, today: &Today, slot: Slot, amount: i32, parts: &[i32; FUNDERS]) -> LoanRow {
        let row = &self.accounts[slot.index()];
        let funder = parts[1..].iter().position(|part| *part > 0).map_or(0, |partner| partner as u8 + 1);
        LoanRow {
            next: NIL,
            slot,
            coming: amount,
            billed: 0,
            bearing: 0,
            payment: 0,
            fee: 0,
            by_partner: [parts[1], parts[2], parts[3]],
            accrued: crate::base::accrual::Accrual::ZERO,
            // The cap of the day binds every new loan.
            annual_bp: row.annual_bp.min(today.terms.pricing.cap_annual.0 as u16),
            late_ppm: today.late_ppm(row.annual_bp),
            made: today.day().0,
            billed_to: today.day().0,
            schedule: Schedule::Billed as u8,
            parts: 1,
            parts_left: 1,
            waived_percent: 0,
            flags: if today.terms.pricing.interest_from_day_one { loan_flag::DAY_ONE } else { 0 },
            generation: 0,
            funder: crate::base::ids::Funder(funder),
            lender: 0,
        }
    }
}

/// With the guard of refunds off: the parts as if an account had one pot for each funder.
fn split_by_account(row: &AccountRow, loan: &LoanRow, amount: i32) -> [i32; FUNDERS] {
    let total = i64::from(row.principal()).max(1);
    let mut parts = [0; FUNDERS];
    let mut left = amount;
    for (funder, part) in parts.iter_mut().enumerate().skip(1) {
        let share = fen32(i64::from(amount) * i64::from(row.by_funder[funder]) / total);
        *part = share.min(loan.by_partner[funder - 1]).min(left);
        left -= *part;
    }
    parts[0] = left;
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use zerocopy::FromZeros;

    #[test]
    fn a_loan_is_paid_back_to_those_who_lent_it() {
        let mut loan = LoanRow { coming: 1_000, by_partner: [0, 650, 0], ..LoanRow::new_zeroed() };
        assert_eq!(loan.split(333), [116, 0, 217, 0], "partner rounded up: 216.45");
        let parts = loan.split(333);
        loan.take_from_partners(&parts);
        loan.coming -= 333;
        assert_eq!(loan.by_funder(), [234, 0, 433, 0]);
        assert_eq!(loan.split(667), [234, 0, 433, 0], "the last payment takes all that each has lent");
    }
}
