//! Loans in parts (docs/rules.md §14): what they cost on their real due dates, how they are made, what each part holds, how they
//! shrink and end before their time.

use crate::base::ids::{FUNDERS, Slot};
use crate::base::money::{Fen32, div_half_even, fen32};
use crate::base::time::Day;
use crate::credit::chart::Posting;
use crate::credit::command::{Decline, Source};
use crate::credit::loan::{Loan, Schedule, loan_flag};
use crate::credit::loans::{Reduction, reduce};
use crate::credit::pricing::cap::Offer;
use crate::credit::pricing::dates::DueDays;
use crate::credit::pricing::early::Prepaid;
use crate::credit::pricing::parts::{Plan, Remaining};
use crate::credit::pricing::{InstalmentParts, flat_fee};
use crate::credit::terms::{FirstPeriod, InstalmentPricing};
use crate::credit::{Ctx, Engine, Guard, Today};

/// What a loan in parts costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Priced {
    schedule: Schedule,
    months: u8,
    /// Nominal annual rate in basis points; 0 under flat-fee terms.
    annual_bp: i32,
    /// Flat fee of the whole term; 0 for others.
    fee: i64,
    /// Lower than the terms state, to stay within the cap.
    pub lowered: bool,
}

impl Priced {
    /// The plan of a hardship: level payments at the plan's rate, not tested against the cap.
    pub(super) fn hardship(today: &Today) -> Priced {
        let rules = &today.terms.collections;
        Priced {
            schedule: Schedule::Hardship,
            months: rules.hardship_months,
            annual_bp: rules.hardship_annual.0,
            fee: 0,
            lowered: false,
        }
    }
}

impl Loan {
    /// What remains of it, for its parts to come.
    fn remaining(&self) -> Remaining {
        let annual_bp = i32::from(self.annual_bp);
        let plan = match self.schedule {
            code if code == Schedule::EqualPrincipal as u8 => Plan::EqualPrincipal { annual_bp },
            code if code == Schedule::FlatFee as u8 => Plan::Flat { fee_left_fen: i64::from(self.fee) },
            _ => Plan::Level { annual_bp, payment_fen: i64::from(self.payment) },
        };
        Remaining { plan, coming_fen: i64::from(self.coming), parts_left: self.parts_left }
    }

    /// Days of the first period, when it is still to come and counts its days.
    fn first_days(&self, due: Day) -> Option<u16> {
        let first = self.parts_left == self.parts && self.has(loan_flag::FIRST_BY_DAYS);
        first.then(|| due.0 - self.made)
    }

    /// The next part, which falls due on `due`.
    pub(super) fn next_part(&self, due: Day, by_days: bool) -> InstalmentParts {
        match self.first_days(due).filter(|_| by_days) {
            Some(days) => self.remaining().next_part_after(days),
            None => self.remaining().next_part(),
        }
    }

    /// Works the payments out anew over the parts that are left, before `gone` of what was to come leaves it.
    pub(super) fn shrink(&mut self, today: &Today, gone: i32) {
        if !self.is_instalment() {
            return;
        }
        let left = self.remaining().less(&today.prices.level, i64::from(gone));
        match left.plan {
            Plan::Level { payment_fen, .. } => self.payment = fen32(payment_fen),
            Plan::Flat { fee_left_fen } => self.fee = fen32(fee_left_fen),
            Plan::EqualPrincipal { .. } => {}
        }
        if gone == self.coming {
            self.parts_left = 0;
        }
    }

    /// What its coupon waives of a charge, ties to even.
    pub(super) fn waived(&self, charge_fen: i64) -> i64 {
        div_half_even(charge_fen * i64::from(self.waived_percent), 100)
    }
}

impl Engine {
    /// What a loan of this amount and term costs from today on, brought within the price cap where that is possible.
    ///
    /// # Errors
    /// [`Decline::PriceCap`] when it is not.
    pub(super) fn price_instalments(
        &self,
        ctx: &mut Ctx,
        slot: Slot,
        amount: i32,
        months: u8,
    ) -> Result<Priced, Decline> {
        let wished = self.wished_price(ctx.today, slot, amount, months).ok_or(Decline::TermNotOffered)?;
        if !ctx.today.guards(Guard::PriceCap) {
            return Ok(wished);
        }
        let cap = &ctx.today.prices.cap;
        let due = self.due_days(ctx.today, slot);
        let principal_fen = i64::from(amount);
        let priced = if wished.schedule == Schedule::FlatFee {
            if !cap.allows_flat(principal_fen, wished.fee, months) {
                ctx.tally.flows.capped += 1;
                return Err(Decline::PriceCap);
            }
            Priced { fee: cap.largest_fee(principal_fen, wished.fee, months, due), ..wished }
        } else {
            let offer = Offer {
                principal_fen,
                annual_bp: wished.annual_bp,
                parts: months,
                equal_principal: wished.schedule == Schedule::EqualPrincipal,
                first_by_days: ctx.today.terms.pricing.first_period == FirstPeriod::Days,
            };
            Priced { annual_bp: cap.highest_rate(&ctx.today.prices.level, &offer, due), ..wished }
        };
        Ok(Priced { lowered: priced != wished, ..priced })
    }

    /// The price as the terms state it; none when the term is not offered.
    fn wished_price(&self, today: &Today, slot: Slot, amount: i32, months: u8) -> Option<Priced> {
        let row = &self.accounts[slot.index()];
        let term = today.offered_term(months)?;
        let annual_bp = i32::from(row.annual_bp);
        let rated = |schedule| Priced { schedule, months, annual_bp, fee: 0, lowered: false };
        Some(match &today.terms.pricing.instalments {
            InstalmentPricing::Irr => rated(Schedule::Level),
            InstalmentPricing::EqualPrincipal => rated(Schedule::EqualPrincipal),
            InstalmentPricing::FlatFee(fees) => {
                let rate = today.terms.pricing.flat_fee(fees, term, usize::from(row.tier));
                let fee = flat_fee(i64::from(amount), rate.0);
                Priced { annual_bp: 0, fee, ..rated(Schedule::FlatFee) }
            }
        })
    }

    /// Days from today to each due date of a loan that is made today.
    fn due_days(&self, today: &Today, slot: Slot) -> DueDays {
        let group = usize::from(self.accounts[slot.index()].group);
        let billing = &today.terms.billing;
        DueDays::new(today.day(), billing.bill_days[group], billing.due_after(group), today.terms.pricing.first_period)
    }

    /// Due date of the next statement.
    fn next_due(&self, today: &Today, slot: Slot) -> Day {
        let group = usize::from(self.accounts[slot.index()].group);
        let (billing, day) = (&today.terms.billing, today.day());
        let days = DueDays::new(day, billing.bill_days[group], billing.due_after(group), FirstPeriod::Days).next();
        day.plus(days.unwrap_or_else(|| unreachable!("due dates have no end")))
    }

    /// The row of a loan in parts of principal that its funders have lent already.
    pub(super) fn instalment_loan(
        &self,
        today: &Today,
        slot: Slot,
        amount: i32,
        parts: &[i32; FUNDERS],
        priced: &Priced,
    ) -> Loan {
        let plain = self.drawing_loan(today, slot, amount, parts);
        let payment = match priced.schedule {
            Schedule::Level | Schedule::Hardship => {
                today.prices.level.level_payment(i64::from(amount), priced.annual_bp, priced.months)
            }
            _ => 0,
        };
        let hardship = priced.schedule == Schedule::Hardship;
        let flags = match today.terms.pricing.first_period {
            FirstPeriod::Days => loan_flag::FIRST_BY_DAYS,
            FirstPeriod::NextCycle if hardship => 0,
            FirstPeriod::NextCycle => loan_flag::LATER,
        };
        Loan {
            payment: fen32(payment),
            fee: fen32(priced.fee),
            annual_bp: priced.annual_bp as u16,
            schedule: priced.schedule as u8,
            parts: priced.months,
            parts_left: priced.months,
            waived_percent: if hardship { 0 } else { today.controls.coupon_percent },
            flags,
            ..plain
        }
    }

    /// Pays principal of an instalment loan before its time, `number`-th from the oldest on (0 is the oldest, too): `amount`, or with
    /// 0 all that is to come, and the charge of §16.7. Returns what was paid.
    pub(super) fn settle_early(
        &mut self,
        ctx: &mut Ctx,
        slot: Slot,
        number: u8,
        Fen32(amount): Fen32,
    ) -> Result<u32, Decline> {
        let row = &self.accounts[slot.index()];
        if !row.is_live() || row.days_past_due(ctx.today.day()) > 0 {
            return Err(Decline::AccountBlocked);
        }
        if amount < 0 {
            return Err(Decline::AmountNotPositive);
        }
        let link = self.nth_instalment_loan(slot, usize::from(number.max(1)) - 1).ok_or(Decline::NothingToDo)?;
        if amount > self.loans.load(link).coming {
            return Err(Decline::AmountTooLarge);
        }
        self.accrue(ctx.today, slot);
        let mut loan = self.loans.load(link);
        let prepaid = if amount == 0 { loan.coming } else { amount };
        let (charge, capped) = self.settlement_charge(ctx.today, &loan, prepaid);
        let parts = loan.split(prepaid);
        loan.shrink(ctx.today, prepaid);
        let gone = Reduction { coming: prepaid, parts, ..Reduction::default() };
        reduce(&mut self.accounts[slot.index()], &mut loan, &gone);
        self.loans.store(link, &loan);
        let flows = &mut ctx.tally.flows;
        self.unlend(flows, slot, parts, None);
        self.ledger.post(flows, Posting::ChargeFee, charge);
        self.ledger.post(flows, Posting::PayFee, charge);
        flows.settled_early += 1;
        flows.capped += i64::from(capped);
        let total = fen32(i64::from(prepaid) + charge);
        flows.repaid_by_source_fen[Source::Voluntary as usize] += i64::from(total);
        if loan.is_over() {
            self.end_loans_until(slot, link);
        }
        Ok(total as u32)
    }

    /// The loan in parts with principal to come that stands at a place, the oldest first.
    fn nth_instalment_loan(&self, slot: Slot, place: usize) -> Option<u32> {
        let has_parts = |link: &u32| {
            let loan = self.loans.load(*link);
            loan.is_instalment() && loan.coming > 0
        };
        self.loan_links(&self.accounts[slot.index()]).filter(has_parts).nth(place)
    }

    /// What prepaying costs, and whether the price cap lowered it (docs/rules.md §16.7).
    fn settlement_charge(&self, today: &Today, loan: &Loan, prepaid: i32) -> (i64, bool) {
        let first_days = loan.first_days(self.next_due(today, loan.slot));
        let days = today.day().since(Day(loan.billed_to)).max(0) as u16;
        let paid = Prepaid {
            loan: loan.remaining(),
            amount_fen: i64::from(prepaid),
            waived_percent: loan.waived_percent,
            days,
        };
        let charge = paid.charge_fen(&today.prices.cap, first_days);
        (charge, charge > 0 && charge == today.prices.cap.growth_on(i64::from(prepaid), days))
    }
}
