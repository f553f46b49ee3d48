//! Statements, due dates, interest and instalments (docs/rules.md §14, §15).
//!
//! ```text
//! bill day      unbilled → billed, instalments of the month → billed, charges posted, minimum demanded
//! due day       opening: who has a payment due; rounds of auto-debit; close: paid in full, instalment, minimum or late
//! due + grace   what is still unpaid of the statement starts to bear interest (nothing before: grace)
//! ```
//!
//! Interest accrues exactly ([`Accrual`](crate::base::accrual::Accrual)) and rounds once, when it is posted on a statement (ties to
//! even). On the overdue part late interest *replaces* contract interest.

use crate::base::accrual::Rate;
use crate::base::ids::Slot;
use crate::base::money::{BasisPoints, Ppm, div_ceil, div_half_even, fen32};
use crate::base::time::Day;
use crate::credit::account_event::{AccountEvent, AccountEventKind};
use crate::credit::chart::Posting;
use crate::credit::command::Decline;
use crate::credit::pricing::{InstalmentParts, flat_fee, nth_flat_instalment, nth_instalment};
use crate::credit::rows::{AccountRow, LoanRow, NIL, flag};
use crate::credit::terms::InstalmentPricing;
use crate::credit::totals::Tally;
use crate::credit::{Ctx, Engine, Guard, Today};

/// Smallest bill that can be turned into instalments: 100 yuan.
const CONVERTIBLE_MIN_FEN: i32 = 10_000;

/// Brings the accrual of an account up to `today`. Must run before anything changes its revolving or overdue part.
#[inline]
pub(super) fn accrue(row: &mut AccountRow, today: &Today) {
    let day = today.day();
    let days = i64::from(day.0) - i64::from(row.accrued_to);
    row.accrued_to = day.0;
    let pricing = &today.terms.pricing;
    let bearing = if pricing.interest_from_day_one { row.unbilled + row.billed } else { row.revolving };
    if days <= 0 || bearing == 0 {
        return;
    }
    let overdue = overdue_principal(row, day, u16::from(today.terms.billing.grace_days));
    let penalty =
        if today.guards(Guard::PriceCap) { Ppm(today.prices.penalty_daily_ppm) } else { pricing.penalty_daily };
    row.accrued_interest += Rate::annual(BasisPoints(i32::from(row.annual_bp))).on(i64::from(bearing - overdue), days);
    row.accrued_penalty += Rate::daily(penalty).on(i64::from(overdue), days);
}

/// The revolving principal that is overdue and whose grace is over. Demands hold charges too, which bear nothing: those that
/// cannot belong to the demands in grace or not due yet are taken off.
fn overdue_principal(row: &AccountRow, day: Day, grace: u16) -> i32 {
    let past = row.past_due(day.minus(grace));
    if past == 0 {
        return 0;
    }
    let charges = (row.charges() - (row.demanded() - past)).max(0);
    (past - charges).clamp(0, row.revolving)
}

/// Interest and late interest that have accrued and would be posted now, in fen.
#[inline]
pub(super) fn accrued_fen(row: &AccountRow) -> i64 {
    row.accrued_interest.half_even().max(0) + row.accrued_penalty.half_even().max(0)
}

/// A loan to be made.
pub(super) struct NewLoan {
    /// Principal.
    pub amount: i32,
    /// Level payment; 0 under flat-fee terms.
    pub payment: i64,
    /// Flat fee of the whole term; 0 under IRR terms.
    pub fee: i64,
    /// Nominal annual rate in basis points; 0 under flat-fee terms.
    pub annual_bp: u16,
    /// Number of instalments.
    pub months: u8,
    /// Comes from a hardship plan.
    pub hardship: bool,
}

/// What the instalments of a month put on a statement.
struct BilledInstalments {
    principal: i32,
    /// Interest less what is waived, and fees.
    charges: i32,
}

impl Engine {
    /// The part of the bill that can be turned into instalments: its principal less this month's instalments, while the
    /// account is current.
    pub(super) fn convertible(&self, row: &AccountRow, today: Day) -> i32 {
        let fit = row.is_live() && !row.has(flag::CONVERTED | flag::REAGED) && row.days_past_due(today) == 0;
        let part = row.billed - row.billed_instalments.min(row.billed);
        if fit && part >= CONVERTIBLE_MIN_FEN { part } else { 0 }
    }

    /// Would an instalment loan of this amount and term stay within the price cap?
    pub(super) fn loan_within_cap(&self, today: &Today, slot: Slot, amount: i32, months: u8) -> bool {
        let principal = i64::from(amount);
        match &today.terms.pricing.instalments {
            InstalmentPricing::FlatFee(fees) => {
                let Some(term) = today.offered_term(months) else { return false };
                let tier = usize::from(self.accounts[slot.index()].tier);
                let fee = today.terms.pricing.flat_fee(fees, term, tier);
                today.prices.cap.allows_flat(principal, flat_fee(principal, fee.0), months)
            }
            InstalmentPricing::Irr | InstalmentPricing::EqualPrincipal => {
                // A level schedule rounds in the borrower's favour, so a rate within the cap is a loan within the cap;
                // the schedule itself is tested only when the rate is not.
                let rate = i32::from(self.accounts[slot.index()].annual_bp);
                rate <= today.prices.cap.cap_bp() || {
                    let payment = today.prices.level.level_payment(principal, rate, months);
                    today.prices.cap.allows(principal, (0..months).map(|_| payment))
                }
            }
        }
    }

    /// Makes an instalment loan of principal that the funders have lent already; the first part comes on the next
    /// statement.
    pub(super) fn make_loan(&mut self, today: &Today, slot: Slot, amount: i32, months: u8) {
        let principal = i64::from(amount);
        let rate = i32::from(self.accounts[slot.index()].annual_bp);
        let loan = match &today.terms.pricing.instalments {
            InstalmentPricing::FlatFee(fees) => {
                let tier = usize::from(self.accounts[slot.index()].tier);
                let fee = |term| flat_fee(principal, today.terms.pricing.flat_fee(fees, term, tier).0);
                let fee = today.offered_term(months).map_or(0, fee);
                NewLoan { amount, payment: 0, fee, annual_bp: 0, months, hardship: false }
            }
            InstalmentPricing::Irr | InstalmentPricing::EqualPrincipal => {
                let payment = today.prices.level.level_payment(principal, rate, months);
                NewLoan { amount, payment, fee: 0, annual_bp: rate as u16, months, hardship: false }
            }
        };
        self.insert_loan(today, slot, &loan);
    }

    /// Puts a loan on the list of an account.
    pub(super) fn insert_loan(&mut self, today: &Today, slot: Slot, loan: &NewLoan) {
        let row = &mut self.accounts[slot.index()];
        row.installed += loan.amount;
        row.first_loan = self.loans.insert(LoanRow {
            next: row.first_loan,
            slot,
            lent: loan.amount,
            left: loan.amount,
            payment: fen32(loan.payment),
            fee: fen32(loan.fee),
            annual_bp: loan.annual_bp,
            made: today.day().0,
            periods_left: loan.months,
            periods: loan.months,
            waived_percent: if loan.hardship { 0 } else { today.controls.coupon_percent },
            hardship: u8::from(loan.hardship),
        });
    }

    /// Turns the billed balance into instalments.
    pub(super) fn convert_bill(&mut self, ctx: &mut Ctx, slot: Slot, months: u8) -> Result<u32, Decline> {
        if ctx.today.offered_term(months).is_none() {
            return Err(Decline::TermNotOffered);
        }
        let row = self.accounts[slot.index()];
        if !row.is_live() {
            return Err(Decline::NoAccount);
        }
        let amount = self.convertible(&row, ctx.today.day());
        if amount == 0 {
            return Err(Decline::NothingToDo);
        }
        self.check_price(ctx, slot, amount, months)?;
        let row = &mut self.accounts[slot.index()];
        accrue(row, ctx.today);
        row.billed -= amount;
        row.revolving = row.revolving.min(row.billed);
        row.flags |= flag::CONVERTED;
        // What the minimum demanded of the converted principal is no longer due.
        let beyond = row.demanded() - row.owed_on_statement();
        row.pay_demands(beyond.max(0));
        ctx.tally.flows.bill_loans += 1;
        ctx.tally.flows.bill_loans_fen += i64::from(amount);
        self.make_loan(ctx.today, slot, amount, months);
        Ok(amount as u32)
    }

    /// Posts what has accrued; the remainder below a fen stays in the numerator.
    fn post_accrued(&mut self, ctx: &mut Ctx, slot: Slot) -> i32 {
        let row = &mut self.accounts[slot.index()];
        let interest = row.accrued_interest.take_half_even();
        row.interest += fen32(interest);
        let penalty = row.accrued_penalty.take_half_even();
        row.penalty += fen32(penalty);
        if penalty > 0 && ctx.today.prices.penalty_daily_ppm < ctx.today.terms.pricing.penalty_daily.0 {
            ctx.tally.flows.capped += 1;
        }
        self.ledger.post(&mut ctx.tally.flows, Posting::ChargeInterest, interest);
        self.ledger.post(&mut ctx.tally.flows, Posting::ChargePenalty, penalty);
        fen32(interest + penalty)
    }

    /// Puts the month's instalments of all loans on the statement.
    fn bill_instalments(&mut self, tally: &mut Tally, slot: Slot) -> BilledInstalments {
        let mut sum = BilledInstalments { principal: 0, charges: 0 };
        let mut previous = NIL;
        let mut link = self.accounts[slot.index()].first_loan;
        while link != NIL {
            let loan = self.loans.row_mut(link);
            let next = loan.next;
            let InstalmentParts { principal_fen: principal, interest_fen: interest, fee_fen: fee } =
                next_instalment(loan);
            let waived = div_half_even(interest * i64::from(loan.waived_percent), 100);
            loan.left -= fen32(principal);
            loan.periods_left -= 1;
            let finished = loan.periods_left == 0;
            assert!(!finished || loan.left == 0, "a loan ends with {} fen unbilled", loan.left);
            if finished {
                match previous {
                    NIL => self.accounts[slot.index()].first_loan = next,
                    _ => self.loans.row_mut(previous).next = next,
                }
                self.loans.remove(link);
            } else {
                previous = link;
            }
            self.ledger.post(&mut tally.flows, Posting::ChargeInterest, interest);
            self.ledger.post(&mut tally.flows, Posting::WaiveInterest, waived);
            self.ledger.post(&mut tally.flows, Posting::ChargeFee, fee);
            let row = &mut self.accounts[slot.index()];
            row.installed -= fen32(principal);
            row.billed += fen32(principal);
            row.interest += fen32(interest - waived);
            row.fees += fen32(fee);
            sum.principal += fen32(principal);
            sum.charges += fen32(interest - waived + fee);
            link = next;
        }
        sum
    }

    /// Makes the statement of a live account on its bill day.
    pub(super) fn make_statement(&mut self, ctx: &mut Ctx, slot: Slot) {
        accrue(&mut self.accounts[slot.index()], ctx.today);
        let charges = self.post_accrued(ctx, slot);
        let row = &mut self.accounts[slot.index()];
        row.flags &= !flag::CONVERTED;
        row.billed += row.unbilled;
        row.unbilled = 0;
        let instalments = self.bill_instalments(ctx.tally, slot);
        let billing = &ctx.today.terms.billing;
        let row = &mut self.accounts[slot.index()];
        row.billed_instalments = instalments.principal;
        // New demand: charges and instalments in full, and the minimum share of whatever else is not demanded yet.
        let fixed = charges + instalments.principal + instalments.charges;
        let other = (row.owed_on_statement() - row.demanded() - fixed).max(0);
        let share = fen32(div_ceil(i64::from(other) * i64::from(billing.minimum.0), 1_000_000));
        let minimum = share.max(billing.minimum_floor_fen.min(other));
        let due_after = billing.due_after(usize::from(row.group));
        row.add_demand(fixed + minimum, ctx.today.day().plus(due_after));
        row.statement = row.owed_on_statement();
        if row.statement > 0 {
            ctx.tally.flows.statements += 1;
            self.account_events.push(AccountEvent { slot, kind: AccountEventKind::Statement });
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
        let day = ctx.today.day();
        let row = &mut self.accounts[slot.index()];
        if !row.is_live() || row.statement == 0 {
            return;
        }
        // From tomorrow what is unpaid is past due: the days until now bear contract interest.
        accrue(row, ctx.today);
        let tomorrow = day.plus(1);
        let late = row.days_past_due(tomorrow) > 0;
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
        let row = &mut self.accounts[slot.index()];
        if row.is_live() {
            // Also when nothing more revolves: from tomorrow the unpaid minimum bears late interest instead.
            accrue(row, today);
            row.revolving = row.billed;
        }
    }
}

/// A loan's next instalment.
fn next_instalment(loan: &LoanRow) -> InstalmentParts {
    if loan.fee > 0 || (loan.annual_bp == 0 && loan.payment == 0) {
        let number = loan.periods - loan.periods_left + 1;
        return nth_flat_instalment(i64::from(loan.lent), i64::from(loan.fee), loan.periods, number);
    }
    nth_instalment(i64::from(loan.left), i64::from(loan.payment), i32::from(loan.annual_bp), loan.periods_left)
}
