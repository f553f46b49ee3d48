//! Statements, due dates and interest (docs/rules.md §15).
//!
//! ```text
//! bill day      unbilled → billed, parts of the month → billed, charges posted, a bill for what is demanded
//! due day       opening: who has a payment due; rounds of auto-debit; close: paid in full, instalment, minimum or late
//! end of grace  what is still unpaid of the statement starts to bear interest (nothing before: grace)
//! ```
//!
//! Due date and end of grace are fixed when billed and kept for each bill and for its group; terms that change reach the next
//! statement. Interest accrues exactly ([`Accrual`]) by loan, at the loan's own rate, and rounds once,
//! when a statement posts it (ties to even). On the overdue part late interest *replaces* contract interest.

use crate::base::accrual::{Accrual, Rate};
use crate::base::ids::{FUNDERS, Slot};
use crate::base::money::{BasisPoints, Ppm, div_ceil, fen32};
use crate::base::time::Day;
use crate::credit::account_event::AccountEventKind;
use crate::credit::chart::Posting;
use crate::credit::command::Decline;
use crate::credit::loan::{Loan, add_parts, loan_flag};
use crate::credit::loans::{Reduction, Tranche, reduce};
use crate::credit::rows::{AccountRow, BillRow, GroupDates, NIL, flag};
use crate::credit::terms::LateInterest;
use crate::credit::{Ctx, Engine, Guard, Today};

/// Smallest bill that can be turned into instalments: 100 yuan.
const CONVERTIBLE_MIN_FEN: i32 = 10_000;

/// What the parts of a month put on a statement.
#[derive(Clone, Copy, Debug, Default)]
struct BilledParts {
    principal: i32,
    /// Interest less what is waived.
    interest: i32,
    /// Fees less what is waived.
    fees: i32,
}

/// Due date and end of grace of a statement that a group gets today.
pub(super) fn dates_of_statement(today: &Today, group: usize) -> GroupDates {
    let billing = &today.terms.billing;
    let due = today.day().plus(billing.due_after(group));
    GroupDates { due: due.0, grace_until: due.plus(u16::from(billing.grace_days)).0 }
}

impl Engine {
    /// Brings the interest of an account up to `today`. Must run before anything changes its bearing or overdue part.
    #[inline]
    pub(super) fn accrue(&mut self, today: &Today, slot: Slot) {
        let row = &mut self.accounts[slot.index()];
        let days = i64::from(today.day().0) - i64::from(row.accrued_to);
        row.accrued_to = today.day().0;
        if days > 0 && (row.revolving > 0 || row.day_one != 0) {
            self.accrue_loans(today, slot, days);
        }
    }

    /// A new drawing bears nothing at first, so what bore interest before goes on as it was; but one that bears interest from its day.
    #[inline]
    pub(super) fn accrue_before_drawing(&mut self, today: &Today, slot: Slot) {
        let row = &mut self.accounts[slot.index()];
        if row.revolving == 0 && row.day_one == 0 {
            row.accrued_to = today.day().0;
        } else if row.day_one != 0 || today.terms.pricing.interest_from_day_one {
            self.accrue(today, slot);
        }
    }

    fn accrue_loans(&mut self, today: &Today, slot: Slot, days: i64) {
        let overdue = self.overdue_principal(&self.accounts[slot.index()], today.day());
        let row = &mut self.accounts[slot.index()];
        let mut overdue = overdue;
        // Late interest lies on what a payment would reach first.
        let rounds: &[Option<Tranche>] =
            if overdue > 0 { &[Some(Tranche::BilledParts), Some(Tranche::Billed)] } else { &[None] };
        // What bears interest is old, what is young bears it only where it does from its day.
        let mut bearing_left = row.revolving;
        for tranche in rounds {
            let mut link = row.first_loan;
            while link != NIL && (bearing_left > 0 || row.day_one != 0) {
                let parts = self.loans.is_instalment(link);
                if self.loans.bears(link) && tranche.is_none_or(|tranche| parts == (tranche == Tranche::BilledParts)) {
                    let loan = self.loans.load(link);
                    bearing_left -= loan.bearing;
                    let day_one = loan.has(loan_flag::DAY_ONE);
                    let bearing = if day_one { loan.principal() } else { loan.bearing };
                    let late = overdue.min(loan.bearing);
                    overdue -= late;
                    let rate = Rate::annual(BasisPoints(i32::from(loan.annual_bp)));
                    let accrued = rate.on(i64::from(bearing - late), days);
                    if day_one {
                        self.loans.change(link, |loan| loan.accrued += accrued);
                    } else {
                        row.accrued_interest += accrued;
                    }
                    row.accrued_penalty += Rate::daily(Ppm(i32::from(loan.late_ppm))).on(i64::from(late), days);
                }
                link = self.loans.next(link);
            }
        }
    }

    /// The bearing principal that is overdue and whose grace is over; none while the account is within its tolerance.
    fn overdue_principal(&self, row: &AccountRow, day: Day) -> i32 {
        if row.days_past_due(day) == 0 {
            return 0;
        }
        let over = self.bills_of(row).take_while(|bill| bill.grace_until < day.0);
        over.map(|bill| bill.principal).sum::<i32>().min(row.revolving)
    }

    /// Interest and late interest that have accrued and would be posted now, in fen.
    pub(super) fn accrued_fen(&self, row: &AccountRow) -> i64 {
        let mut interest = row.accrued_interest;
        // Also of those that are over and still on the list.
        self.loan_links(row).for_each(|link| interest += self.loans.load(link).accrued);
        interest.half_even().max(0) + row.accrued_penalty.half_even().max(0)
    }

    /// The part of the bill that can be turned into instalments: what is billed and does not run in parts already, while the
    /// account is current.
    pub(super) fn convertible(&self, row: &AccountRow, today: Day) -> i32 {
        let fit = row.is_live() && !row.has(flag::CONVERTED | flag::REAGED) && row.days_past_due(today) == 0;
        if !fit || row.billed < CONVERTIBLE_MIN_FEN {
            return 0;
        }
        let part = row.billed - row.billed_parts;
        if part >= CONVERTIBLE_MIN_FEN { part } else { 0 }
    }

    /// Turns the billed balance into instalments: one loan takes over those that were billed, with their funders and what hangs
    /// on them.
    pub(super) fn convert_bill(&mut self, ctx: &mut Ctx, slot: Slot, months: u8) -> Result<u32, Decline> {
        if ctx.today.offered_term(months).is_none() {
            return Err(Decline::TermNotOffered);
        }
        if !self.accounts[slot.index()].is_live() {
            return Err(Decline::NoAccount);
        }
        let amount = self.convertible(&self.accounts[slot.index()], ctx.today.day());
        if amount == 0 {
            return Err(Decline::NothingToDo);
        }
        let priced = self.price_instalments(ctx, slot, amount, months)?;
        self.accrue(ctx.today, slot);
        let parts = self.take_over(slot, |loan| Tranche::Billed.of(loan) > 0);
        let loan = self.instalment_loan(ctx.today, slot, amount, &parts, &priced);
        let link = self.insert_loan(&loan);
        self.hand_over(slot, link);
        self.end_loans(slot);
        let row = &mut self.accounts[slot.index()];
        row.flags |= flag::CONVERTED;
        // What the minimum demanded of the converted principal is no longer due.
        let row = self.accounts[slot.index()];
        self.demand_less(ctx.today, slot, (self.demanded_principal(&row) - row.billed).max(0));
        ctx.tally.flows.bill_loans += 1;
        ctx.tally.flows.bill_loans_fen += i64::from(amount);
        ctx.tally.flows.priced_down += i64::from(priced.lowered);
        Ok(amount as u32)
    }

    /// Empties the loans that `taken` names and says how much of them was whose. The caller puts a loan of the same principal in
    /// their place and then ends them.
    pub(super) fn take_over(&mut self, slot: Slot, taken: impl Fn(&Loan) -> bool) -> [i32; FUNDERS] {
        self.end_loans(slot);
        let mut by_funder = [0; FUNDERS];
        let row = &mut self.accounts[slot.index()];
        let mut link = row.first_loan;
        while link != NIL {
            let mut loan = self.loans.load(link);
            if taken(&loan) {
                let parts = loan.by_funder();
                add_parts(&mut by_funder, &parts);
                let gone = Reduction { coming: loan.coming, billed: loan.billed, bearing: loan.bearing, parts };
                reduce(row, &mut loan, &gone);
                loan.payment = 0;
                self.loans.store(link, &loan);
            }
            link = self.loans.next(link);
        }
        row.by_funder.iter_mut().zip(by_funder).for_each(|(sum, part)| *sum -= part);
        by_funder
    }

    /// Posts what has accrued; the remainder below a fen stays in the numerator.
    fn post_accrued(&mut self, ctx: &mut Ctx, slot: Slot) -> BillRow {
        let row = &mut self.accounts[slot.index()];
        if row.day_one != 0 {
            let mut link = row.first_loan;
            while link != NIL {
                let accrued = self.loans.change(link, |loan| std::mem::replace(&mut loan.accrued, Accrual::ZERO));
                row.accrued_interest += accrued;
                link = self.loans.next(link);
            }
        }
        let interest = row.accrued_interest.take_half_even();
        let penalty = row.accrued_penalty.take_half_even();
        let pricing = &ctx.today.terms.pricing;
        let published = pricing.late_interest == LateInterest::Published;
        if penalty > 0 && published && pricing.late_ppm(0) < pricing.penalty_daily.0 {
            ctx.tally.flows.capped += 1;
        }
        self.ledger.post(&mut ctx.tally.flows, Posting::ChargeInterest, interest);
        self.ledger.post(&mut ctx.tally.flows, Posting::ChargePenalty, penalty);
        let (interest, penalty) = (fen32(interest), fen32(penalty));
        BillRow { next: NIL, slot, interest, fees: 0, penalty, principal: 0, due: 0, grace_until: 0 }
    }

    /// Puts the month's parts of all instalment loans and all that is unbilled on the statement.
    fn bill_loans(&mut self, ctx: &mut Ctx, slot: Slot, due: Day) -> BilledParts {
        let mut sum = BilledParts::default();
        let mut over = false;
        let mut link = self.accounts[slot.index()].first_loan;
        while link != NIL {
            if !self.loans.is_billed_drawing(link) {
                let mut loan = self.loans.load(link);
                if !loan.is_instalment() {
                    loan.billed += std::mem::take(&mut loan.coming);
                    loan.parts_left = 0;
                    // Of tips: they can no longer be taken back.
                    (loan.payment, loan.fee) = (0, 0);
                } else if loan.has(loan_flag::LATER) {
                    loan.flags &= !loan_flag::LATER;
                } else if loan.parts_left > 0 {
                    self.bill_part(ctx, &mut loan, due, &mut sum);
                }
                self.loans.store(link, &loan);
            }
            over |= self.loans.is_over(link);
            link = self.loans.next(link);
        }
        let row = &mut self.accounts[slot.index()];
        row.billed += std::mem::take(&mut row.unbilled);
        if over {
            self.end_loans(slot);
        }
        sum
    }

    fn bill_part(&mut self, ctx: &mut Ctx, loan: &mut Loan, due: Day, sum: &mut BilledParts) {
        let by_days = ctx.today.guards(Guard::DaysOfFirstPeriod);
        let parts = loan.next_part(due, by_days);
        let mut principal = fen32(parts.principal_fen);
        if !ctx.today.guards(Guard::SplitToTheFen) && loan.parts_left > 1 && principal > 0 {
            principal -= 1;
        }
        loan.coming -= principal;
        loan.billed += principal;
        loan.fee -= fen32(parts.fee_fen);
        loan.parts_left -= 1;
        loan.billed_to = due.0;
        assert!(loan.parts_left > 0 || loan.coming == 0, "a loan ends with {} fen unbilled", loan.coming);
        let (interest, fee) = (parts.interest_fen, parts.fee_fen);
        let waives = ctx.today.guards(Guard::CouponOnEveryPart) || loan.parts_left > 0;
        let [waived_interest, waived_fee] = [interest, fee].map(|charge| if waives { loan.waived(charge) } else { 0 });
        let row = &mut self.accounts[loan.slot.index()];
        row.installed -= principal;
        row.billed += principal;
        row.billed_parts += principal;
        for (kind, fen) in [
            (Posting::ChargeInterest, interest),
            (Posting::WaiveInterest, waived_interest),
            (Posting::ChargeFee, fee),
            (Posting::WaiveFee, waived_fee),
        ] {
            self.ledger.post(&mut ctx.tally.flows, kind, fen);
        }
        sum.principal += principal;
        sum.interest += fen32(interest - waived_interest);
        sum.fees += fen32(fee - waived_fee);
    }

    /// Makes the statement of a live account on its bill day.
    pub(super) fn make_statement(&mut self, ctx: &mut Ctx, slot: Slot) {
        self.accrue(ctx.today, slot);
        self.accounts[slot.index()].flags &= !flag::CONVERTED;
        let GroupDates { due, grace_until } =
            dates_of_statement(ctx.today, usize::from(self.accounts[slot.index()].group));
        let charges = self.post_accrued(ctx, slot);
        let carried = self.carry_bills(ctx.today, slot);
        let parts = self.bill_loans(ctx, slot, Day(due));
        let billing = &ctx.today.terms.billing;
        let row = self.accounts[slot.index()];
        // The minimum share of whatever is billed, demanded by no bill yet and no part of this month.
        let demanded = self.demanded_principal(&row) + carried.principal + parts.principal;
        let other = (row.billed - demanded).max(0);
        let share = fen32(div_ceil(i64::from(other) * i64::from(billing.minimum.0), 1_000_000));
        let minimum = share.max(billing.minimum_floor_fen.min(other));
        self.add_bill(
            ctx.today,
            BillRow {
                interest: charges.interest + carried.interest + parts.interest,
                fees: carried.fees + parts.fees,
                penalty: charges.penalty + carried.penalty,
                principal: carried.principal + parts.principal + minimum,
                due,
                grace_until,
                ..charges
            },
        );
        let row = &mut self.accounts[slot.index()];
        row.billed_instalments = parts.principal;
        row.statement = row.owed_on_statement();
        if row.statement > 0 {
            ctx.tally.flows.statements += 1;
            self.report(slot, AccountEventKind::Statement);
        }
    }

    /// Opening of the due day of an account: notes who has a payment due and with what balance.
    pub(super) fn open_due_day(&mut self, ctx: &mut Ctx, slot: Slot) {
        let row = &mut self.accounts[slot.index()];
        row.flags &= !flag::CLEAN_AT_DUE;
        if !row.is_live() || row.statement == 0 || row.days_past_due(ctx.today.day()) > 0 {
            return;
        }
        row.flags |= flag::CLEAN_AT_DUE;
        row.due_opening = row.principal();
        ctx.tally.flows.d1_base_fen += i64::from(row.due_opening);
    }

    /// Close of the due day of an account: what became of the amount due, and who is late from tomorrow.
    pub(super) fn close_due_day(&mut self, ctx: &mut Ctx, slot: Slot) {
        let row = &self.accounts[slot.index()];
        if !row.is_live() || row.statement == 0 {
            return;
        }
        // From tomorrow what is unpaid is past due: the days until now bear contract interest.
        self.accrue(ctx.today, slot);
        let row = &mut self.accounts[slot.index()];
        let late = row.days_past_due(ctx.today.day().plus(1)) > 0;
        if row.has(flag::CLEAN_AT_DUE) {
            let outcome = match (late, row.has(flag::CONVERTED), row.owed_on_statement()) {
                (true, _, _) => 3,
                (false, true, _) => 1,
                (false, false, 0) => 0,
                (false, false, _) => 2,
            };
            ctx.tally.flows.due_fen += i64::from(row.statement);
            ctx.tally.flows.due_by_outcome_fen[outcome] += i64::from(row.statement);
            if late {
                ctx.tally.flows.d1_entry_fen += i64::from(row.due_opening);
            }
        }
        if late {
            self.enter_lateness(ctx, slot);
        }
    }

    /// The grace days are over: what is left of the statement bears interest from tomorrow.
    pub(super) fn end_grace(&mut self, today: &Today, slot: Slot) {
        if !self.accounts[slot.index()].is_live() {
            return;
        }
        // Also when nothing more revolves: from tomorrow the unpaid minimum bears late interest instead.
        self.accrue(today, slot);
        let row = &mut self.accounts[slot.index()];
        if row.revolving == row.billed {
            return;
        }
        row.revolving = row.billed;
        let (mut left, mut link) = (row.billed, row.first_loan);
        while left > 0 && link != NIL {
            let loan = self.loans.load(link);
            left -= loan.billed;
            if loan.bearing != loan.billed {
                self.loans.store(link, &Loan { bearing: loan.billed, ..loan });
            }
            link = self.loans.next(link);
        }
    }
}
