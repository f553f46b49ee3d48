//! The loans of an account (docs/rules.md §12.8): one for every drawing, conversion and plan, oldest first. Here is how they come and
//! go, how principal is taken off them and its funders, and what a refund does to the loan of its purchase.

use crate::base::accrual::Rate;
use crate::base::ids::{FUNDERS, Funder, Reference, Slot};
use crate::base::money::{BasisPoints, fen32};
use crate::base::time::Day;
use crate::credit::funding::Drawing;
use crate::credit::loan::{Loan, add_parts, loan_flag};
use crate::credit::loan_table::LoanTable;
use crate::credit::rows::{AccountRow, NIL};
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

/// All of them, in order.
const TRANCHES: [Tranche; 3] = [Tranche::BilledParts, Tranche::Billed, Tranche::Unbilled];

impl Tranche {
    /// Principal of a loan that belongs to it.
    pub(super) const fn of(self, loan: &Loan) -> i32 {
        match (self, loan.is_instalment()) {
            (Tranche::BilledParts, true) | (Tranche::Billed, false) => loan.billed,
            (Tranche::Unbilled, false) => loan.coming,
            _ => 0,
        }
    }

    /// Principal of all loans of an account that belongs to it.
    const fn of_account(self, row: &AccountRow) -> i32 {
        match self {
            Tranche::BilledParts => row.billed_parts,
            Tranche::Billed => row.billed - row.billed_parts,
            Tranche::Unbilled => row.unbilled,
        }
    }
}

/// Principal that leaves a loan.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Reduction {
    /// Of what is to come.
    pub coming: i32,
    /// Of what is on statements.
    pub billed: i32,
    /// Of the latter, what bore interest.
    pub bearing: i32,
    /// By funder.
    pub parts: [i32; FUNDERS],
}

/// Takes principal off a loan, its funders and the sums of its account; what the account owes by funder is for
/// [`Engine::unlend`].
pub(super) fn reduce(row: &mut AccountRow, loan: &mut Loan, gone: &Reduction) {
    loan.coming -= gone.coming;
    loan.billed -= gone.billed;
    loan.bearing -= gone.bearing;
    loan.take_from_partners(&gone.parts);
    if loan.is_instalment() {
        row.installed -= gone.coming;
        row.billed_parts -= gone.billed;
    } else {
        row.unbilled -= gone.coming;
    }
    row.billed -= gone.billed;
    row.revolving -= gone.bearing;
}

/// Pays up to `open` of what of a loan belongs to a tranche; says how much, and whose it was. Loans of another tranche are not looked
/// into: that may take a fetch from memory.
#[inline]
fn pay_loan(
    loans: &mut LoanTable,
    row: &mut AccountRow,
    link: u32,
    tranche: Tranche,
    open: i32,
) -> Option<(i32, [i32; FUNDERS])> {
    if loans.is_instalment(link) != (tranche == Tranche::BilledParts) {
        return None;
    }
    let mut loan = loans.load(link);
    let part = open.min(tranche.of(&loan));
    if part == 0 {
        return None;
    }
    let parts = loan.split(part);
    let gone = match tranche {
        Tranche::Unbilled => Reduction { coming: part, parts, ..Reduction::default() },
        _ => Reduction { billed: part, bearing: part.min(loan.bearing), parts, ..Reduction::default() },
    };
    reduce(row, &mut loan, &gone);
    loans.store(link, &loan);
    Some((part, parts))
}

impl Engine {
    /// The loans of an account, oldest first.
    pub(crate) fn loans_of(&self, row: &AccountRow) -> impl Iterator<Item = Loan> {
        self.loan_links(row).filter_map(|link| self.loans.get(link))
    }

    /// The links to them, and to those that are over and still on the list.
    pub(super) fn loan_links(&self, row: &AccountRow) -> impl Iterator<Item = u32> {
        let first = (row.first_loan != NIL).then_some(row.first_loan);
        std::iter::successors(first, |link| Some(self.loans.next(*link)).filter(|next| *next != NIL))
    }

    /// Puts a loan at the end of the list of its account and adds its principal to the account's sums.
    pub(super) fn insert_loan(&mut self, loan: &Loan) -> u32 {
        let link = self.loans.insert(loan);
        let row = &mut self.accounts[loan.slot.index()];
        row.day_one |= loan.flags & loan_flag::DAY_ONE;
        if loan.is_instalment() {
            row.installed += loan.coming;
        } else {
            row.unbilled += loan.coming;
        }
        add_parts(&mut row.by_funder, &loan.by_funder());
        match std::mem::replace(&mut row.last_loan, link) {
            NIL => row.first_loan = link,
            last => self.loans.append(last, link),
        }
        link
    }

    /// Takes the loans that are over off the list of an account. What they have accrued stays with the account.
    pub(super) fn end_loans(&mut self, slot: Slot) {
        self.end_loans_until(slot, NIL);
    }

    /// The same of the loans up to a link.
    pub(super) fn end_loans_until(&mut self, slot: Slot, until: u32) {
        let row = &mut self.accounts[slot.index()];
        let (first, last) = self.loans.remove_over(row.first_loan, until, &mut row.accrued_interest);
        row.first_loan = first;
        row.last_loan = last.unwrap_or(row.last_loan);
    }

    /// What hangs on loans of an account that were just emptied, and no others are over, hangs on `heir` from now on.
    pub(super) fn hand_over(&mut self, slot: Slot, heir: u32) {
        let row = &self.accounts[slot.index()];
        let (mut purchase, mut card) = (row.first_purchase, row.first_card);
        let heir = self.loans.reference(heir);
        let loans = &self.loans;
        let emptied = |loan| loans.find(slot, loan).is_some_and(|link| loans.is_over(link));
        while purchase != NIL {
            let held = self.purchases.row_mut(purchase);
            if emptied(held.loan) {
                held.loan = heir;
            }
            purchase = held.next;
        }
        while card != NIL {
            let held = self.cards.row_mut(card);
            if emptied(held.loan) {
                held.loan = heir;
            }
            card = held.next;
        }
    }

    /// A payment of principal: takes it off the loans in the order of [`TRANCHES`], oldest loan first, each loan's part off its own
    /// funders.
    pub(super) fn pay_principal(&mut self, flows: &mut CreditFlows, slot: Slot, paid: i32) {
        let mut left = paid;
        let mut by_funder = [0; FUNDERS];
        // The loan that stands farthest from the oldest of those that were paid, and its place.
        let mut farthest = (0_usize, NIL);
        let row = &mut self.accounts[slot.index()];
        for tranche in TRANCHES {
            let mut open = left.min(tranche.of_account(row));
            left -= open;
            let (mut place, mut link) = (0, row.first_loan);
            while open > 0 && link != NIL {
                if let Some((part, parts)) = pay_loan(&mut self.loans, row, link, tranche, open) {
                    open -= part;
                    add_parts(&mut by_funder, &parts);
                    if place >= farthest.0 {
                        farthest = (place, link);
                    }
                }
                place += 1;
                link = self.loans.next(link);
            }
            assert_eq!(open, 0, "a payment of {paid} fen goes beyond the loans");
        }
        assert_eq!(left, 0, "a payment of {paid} fen goes beyond the account");
        self.unlend(flows, slot, by_funder, None);
        if farthest.1 != NIL {
            self.end_loans_until(slot, farthest.1);
        }
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
        let open = |link: &u32| self.accounts[slot.index()].is_live() && !self.loans.is_over(*link);
        let Some(link) = self.loans.find(slot, loan).filter(open) else {
            return amount;
        };
        self.accrue(ctx.today, slot);
        let mut loan = self.loans.load(link);
        let taken = amount.min(loan.principal());
        let coming = taken.min(loan.coming);
        let billed = taken - coming;
        let mut parts = loan.split(taken);
        if !ctx.today.guards(Guard::RefundFunder) {
            parts = split_by_account(&self.accounts[slot.index()], &loan, taken);
        }
        self.cancel_charges(ctx.today, &mut loan, coming);
        loan.shrink(ctx.today, coming);
        let bearing = (loan.bearing - (loan.billed - billed)).max(0);
        let row = &mut self.accounts[slot.index()];
        reduce(row, &mut loan, &Reduction { coming, billed, bearing, parts });
        // When it is over it leaves the list with the next payment or statement: the loans before it need not be looked at for it alone.
        self.loans.store(link, &loan);
        self.demand_less(ctx.today, slot, billed);
        self.unlend(&mut ctx.tally.flows, slot, parts, Some(drawing));
        amount - taken
    }

    /// Interest and fees of `fen` that will not be billed, since they are given back: before the first bill they fall away where the
    /// terms say so; after it the days since the last part are still owed (docs/rules.md §12.10).
    fn cancel_charges(&mut self, today: &Today, loan: &mut Loan, fen: i32) {
        let pricing = &today.terms.pricing;
        if fen == 0 || loan.coming == 0 {
            return;
        }
        let unbilled = loan.parts_left == loan.parts && loan.billed == 0;
        let free = pricing.refund_free_before_first_bill && unbilled;
        if loan.is_instalment() {
            let days = today.day().since(Day(loan.billed_to)).max(0);
            if !free {
                let rate = Rate::annual(BasisPoints(i32::from(loan.annual_bp)));
                let owed = rate.on(i64::from(fen), i64::from(days));
                self.accounts[loan.slot.index()].accrued_interest += owed;
            }
        } else if free {
            loan.accrued.keep(i64::from(loan.coming - fen), i64::from(loan.coming));
        }
    }

    /// The sums of an account are those of its loans; says what is not (for the check of the books).
    pub(super) fn loans_differ(&self, row: &AccountRow) -> Option<&'static str> {
        let mut sums = [0_i64; 5];
        let mut by_funder = [0_i64; FUNDERS];
        let mut sound = true;
        let mut last = NIL;
        for link in self.loan_links(row) {
            let loan = self.loans.load(link);
            let coming = if loan.is_instalment() { 1 } else { 0 };
            sums[coming] += i64::from(loan.coming);
            sums[2] += i64::from(loan.billed);
            sums[3] += i64::from(loan.bearing);
            sums[4] += i64::from(Tranche::BilledParts.of(&loan));
            sound &= loan.coming >= 0 && (0..=loan.billed).contains(&loan.bearing);
            let parts = loan.by_funder();
            sound &= parts.iter().all(|part| *part >= 0);
            by_funder.iter_mut().zip(parts).for_each(|(sum, part)| *sum += i64::from(part));
            last = link;
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
        self.loans.remove_all(std::mem::replace(&mut row.first_loan, NIL));
    }

    /// A loan of a drawing that is billed with the next statement; `parts` says who lent it.
    pub(super) fn drawing_loan(&self, today: &Today, slot: Slot, amount: i32, parts: &[i32; FUNDERS]) -> Loan {
        let row = &self.accounts[slot.index()];
        Loan {
            slot,
            coming: amount,
            by_partner: [parts[1], parts[2], parts[3]],
            // The cap of the day binds every new loan.
            annual_bp: row.annual_bp.min(today.terms.pricing.cap_annual.0 as u16),
            late_ppm: today.late_ppm(row.annual_bp),
            made: today.day().0,
            billed_to: today.day().0,
            flags: if today.terms.pricing.interest_from_day_one { loan_flag::DAY_ONE } else { 0 },
            funder: parts[1..].iter().position(|part| *part > 0).map_or(Funder::PLATFORM, Funder::of_partner),
            lender: self.lender.0,
            ..Loan::EMPTY
        }
    }
}

/// With the guard of refunds off: the parts as if an account had one pot for each funder.
fn split_by_account(row: &AccountRow, loan: &Loan, amount: i32) -> [i32; FUNDERS] {
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
