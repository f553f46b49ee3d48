//! Authorisation (docs/rules.md §12). The checks stand in one documented order and the first failure is the answer:
//!
//! 1. the request itself: unknown or repeated (`Engine::apply`), amount positive, term offered
//! 2. account status
//! 3. scene allowed
//! 4. merchant cooperating
//! 5. for cards: function open, face value
//! 6. cash-out and transfer patterns, then velocity
//! 7. partner funds available
//! 8. limit available
//! 9. for a purchase in instalments: the loan within the price cap
//!
//! Then hold → capture (all or a part) or void; captured purchases can be refunded, also in parts, for some days.

use crate::base::ids::{Funder, MerchantId, Reference, Slot};
use crate::base::money::{Fen32, div_half_even, fen32};
use crate::base::time::Day;
use crate::credit::chart::Posting;
use crate::credit::command::{Command, Decline, Status};
use crate::credit::funding::Drawing;
use crate::credit::holds::Holds;
use crate::credit::rows::{AccountRow, NEVER, NIL, NO_LOAN, PurchaseRow, flag};
use crate::credit::terms::Terms;
use crate::credit::totals::{CreditFlows, Tally};
use crate::credit::{Ctx, Engine, Guard, Today};

/// States of a purchase.
pub(super) const HELD: u8 = 0;
const CAPTURED: u8 = 1;
pub(super) const FREE: u8 = 2;

/// Band of account age for the report of purchases: under 3 months, 3–6, 6–12, over 12.
pub(super) fn age_band(opened: u16, today: Day) -> usize {
    match today.since(Day(opened)) {
        ..=91 => 0,
        92..=182 => 1,
        183..=365 => 2,
        _ => 3,
    }
}

/// The merchant's commission on an amount sold in a scene, ties to even.
#[inline]
pub(super) fn commission(today: &Today, scene: usize, amount: i32) -> i64 {
    let rate = today.terms.economics.commission[scene];
    div_half_even(i64::from(amount) * i64::from(rate.0), 1_000_000)
}

/// Counts a captured purchase or a card: ticket band, account age, first and repeat use, the task of the cycle.
#[inline]
pub(super) fn count_purchase(row: &mut AccountRow, flows: &mut CreditFlows, rules: &Terms, today: Day, amount: i32) {
    if rules.limits.task_purchases > 0 {
        row.cycle_purchases = row.cycle_purchases.saturating_add(1);
    }
    if (30_000..=150_000).contains(&amount) {
        flows.tickets_300_1500 += 1;
    }
    flows.purchases_by_age[age_band(row.opened, today)] += 1;
    row.last_purchase = today.0;
    match row.uses {
        0 => flows.first_uses += 1,
        1 => flows.repeat_uses += 1,
        _ => {}
    }
    row.uses = (row.uses + 1).min(2);
    row.flags &= !flag::UNUSED;
}

/// An amount must be above zero.
#[inline]
pub(super) const fn check_positive(amount: i32) -> Result<(), Decline> {
    if amount > 0 { Ok(()) } else { Err(Decline::AmountNotPositive) }
}

/// A part of `whole` must be above zero and no more than it.
#[inline]
pub(super) fn check_part(whole: i32, amount: i32) -> Result<(), Decline> {
    check_positive(amount)?;
    if amount > whole { Err(Decline::AmountTooLarge) } else { Ok(()) }
}

/// What happened on a day can be followed up for so many days.
#[inline]
pub(super) fn check_in_time(today: &Today, day: u16, days: u8) -> Result<(), Decline> {
    if today.day().since(Day(day)) > i32::from(days) { Err(Decline::TooLate) } else { Ok(()) }
}

impl Engine {
    /// Checks 2: the account may draw today.
    pub(super) fn check_account(&self, today: &Today, slot: Slot) -> Result<(), Decline> {
        let row = &self.accounts[slot.index()];
        if !row.is_live() {
            return Err(Decline::NoAccount);
        }
        if row.status != Status::Open as u8 || row.days_past_due(today.day()) > 0 {
            return Err(Decline::AccountBlocked);
        }
        Ok(())
    }

    /// Checks 6 (second part) to 8, common to every drawing. Returns the funder.
    pub(super) fn check_drawing(&self, today: &Today, slot: Slot, amount: i32) -> Result<Funder, Decline> {
        let row = &self.accounts[slot.index()];
        let rules = &today.terms.authorisation;
        // The first drawing of a day counts too: it alone may be above the day's amount.
        let (count, drawn) =
            if row.drawing_day == today.day().0 { (row.drawings_today, row.drawn_today) } else { (0, 0) };
        if count >= rules.velocity_count_max
            || i64::from(drawn) + i64::from(amount) > i64::from(rules.velocity_amount_fen)
        {
            return Err(Decline::Velocity);
        }
        let funder = self.find_funder(today, amount, slot.0 + u32::from(row.drawings_today))?;
        if amount > row.available_on(today.day()) && today.guards(Guard::Limit) {
            return Err(Decline::OverLimit);
        }
        Ok(funder)
    }

    /// Counts an approved drawing for the velocity rules.
    pub(super) fn count_drawing(&mut self, ctx: &mut Ctx, slot: Slot, amount: i32) {
        let row = &mut self.accounts[slot.index()];
        if row.drawing_day != ctx.today.day().0 {
            row.drawing_day = ctx.today.day().0;
            row.drawings_today = 0;
            row.drawn_today = 0;
        }
        row.drawings_today = row.drawings_today.saturating_add(1);
        row.drawn_today = row.drawn_today.saturating_add(amount);
        ctx.tally.flows.drawings_approved += 1;
    }

    pub(super) fn authorise(&mut self, ctx: &mut Ctx, slot: Slot, command: Command) -> Result<u32, Decline> {
        let Command::Authorise { merchant, scene, amount_fen: Fen32(amount), instalments, suspicious } = command else {
            unreachable!("only authorisations come here")
        };
        check_positive(amount)?;
        if instalments != 0 && ctx.today.offered_term(instalments).is_none() {
            return Err(Decline::TermNotOffered);
        }
        self.check_account(ctx.today, slot)?;
        if !ctx.today.terms.authorisation.scene_allowed[scene as usize] {
            return Err(Decline::SceneBarred);
        }
        if merchant.0 >= ctx.today.controls.cooperating_merchants {
            return Err(Decline::MerchantBarred);
        }
        self.check_pattern(ctx, slot, amount, suspicious)?;
        let funder = self.check_drawing(ctx.today, slot, amount)?;
        if instalments != 0 {
            self.price_instalments(ctx, slot, amount, instalments)?;
        }
        self.count_drawing(ctx, slot, amount);
        let part = self.reserve(ctx.today, amount, funder);
        let generation = self.purchases.recycled().map_or(0, |old| Reference::next_generation(old.generation));
        let row = &mut self.accounts[slot.index()];
        row.held += amount;
        let last_day = ctx.today.day().plus(u16::from(ctx.today.terms.authorisation.hold_days));
        let link = self.purchases.insert(PurchaseRow {
            next: row.first_purchase,
            slot,
            amount,
            part,
            loan: NO_LOAN,
            day: last_day.0,
            merchant: merchant.0,
            state: HELD,
            scene: scene as u8,
            instalments,
            funder,
            cashout: u8::from(suspicious),
            generation,
            spare: 0,
        });
        row.first_purchase = link;
        self.holds.note(last_day.0, link);
        Ok(Reference::new(link, generation).0)
    }

    /// The purchase of a reference, if it is this account's and in the wanted state.
    fn purchase(&self, slot: Slot, reference: Reference, state: u8) -> Result<PurchaseRow, Decline> {
        let link = reference.row();
        match self.purchases.get(link) {
            Some(row) if row.slot == slot && row.state == state && reference.is_of(row.generation) => Ok(*row),
            _ => Err(Decline::UnknownReference),
        }
    }

    /// The seller of a purchase that is held or may still be refunded.
    pub fn merchant_of(&self, reference: Reference) -> Option<MerchantId> {
        let row = self.purchases.get(reference.row())?;
        let alive = row.state != FREE && reference.is_of(row.generation);
        alive.then_some(MerchantId(row.merchant))
    }

    pub(super) fn capture(
        &mut self,
        ctx: &mut Ctx,
        slot: Slot,
        reference: Reference,
        Fen32(amount): Fen32,
    ) -> Result<u32, Decline> {
        let hold = self.purchase(slot, reference, HELD)?;
        check_part(hold.amount, amount)?;
        // A part of the hold, or terms that changed since: the loan is not the one that was checked.
        let priced = match hold.instalments {
            0 => None,
            months => Some(self.price_instalments(ctx, slot, amount, months)?),
        };
        self.release_reservation(hold.amount, hold.part, hold.funder);
        let parts = self.lend(ctx, slot, Drawing::Sale, amount, hold.funder);
        self.accrue_before_drawing(ctx.today, slot);
        let loan = match &priced {
            None => self.drawing_loan(ctx.today, slot, amount, &parts),
            Some(priced) => {
                ctx.tally.flows.checkout_loans += 1;
                ctx.tally.flows.checkout_loans_fen += i64::from(amount);
                ctx.tally.flows.priced_down += i64::from(priced.lowered);
                self.instalment_loan(ctx.today, slot, amount, &parts, priced)
            }
        };
        let loan = self.insert_loan(&loan);
        let loan = self.loans.reference(loan);
        let row = &mut self.accounts[slot.index()];
        row.held -= hold.amount;
        row.oldest_purchase = row.oldest_purchase.min(ctx.today.day().0);
        count_purchase(row, &mut ctx.tally.flows, ctx.today.terms, ctx.today.day(), amount);
        let scene = usize::from(hold.scene);
        ctx.tally.flows.captured_count[scene] += 1;
        ctx.tally.flows.captured_fen[scene] += i64::from(amount);
        let commission = commission(ctx.today, scene, amount);
        self.ledger.post(&mut ctx.tally.flows, Posting::Commission, commission);
        let purchase = self.purchases.row_mut(reference.row());
        purchase.state = CAPTURED;
        purchase.amount = amount;
        purchase.part = fen32(commission);
        purchase.loan = loan;
        purchase.day = ctx.today.day().0;
        if hold.cashout != 0 {
            self.monitor_cashout(ctx, slot, amount);
        }
        Ok(amount as u32)
    }

    pub(super) fn void(&mut self, ctx: &mut Ctx, slot: Slot, reference: Reference) -> Result<u32, Decline> {
        let hold = self.purchase(slot, reference, HELD)?;
        self.release_hold(ctx.tally, &hold);
        self.purchases.row_mut(reference.row()).state = FREE;
        self.accounts[slot.index()].oldest_purchase = 0;
        Ok(hold.amount as u32)
    }

    fn release_hold(&mut self, tally: &mut Tally, hold: &PurchaseRow) {
        self.release_reservation(hold.amount, hold.part, hold.funder);
        self.accounts[hold.slot.index()].held -= hold.amount;
        tally.flows.voids += 1;
    }

    /// Releases the holds whose last day is today, in the order of their rows.
    pub(super) fn end_holds(&mut self, ctx: &mut Ctx) {
        let today = ctx.today.day().0;
        for link in self.holds.ending(today) {
            let hold = *self.purchases.row(link);
            // Captured, voided or used again since: then there is nothing to release.
            if hold.state == HELD && hold.day == today {
                self.release_hold(ctx.tally, &hold);
                self.purchases.row_mut(link).state = FREE;
                self.accounts[hold.slot.index()].oldest_purchase = 0;
            }
        }
    }

    /// Lists the open holds by their last day, from the purchases (after a snapshot was read).
    pub(super) fn list_holds(&mut self) {
        self.holds = Holds::default();
        for link in 0.. {
            let Some(&PurchaseRow { state, day, .. }) = self.purchases.get(link) else { break };
            if state == HELD {
                self.holds.note(day, link);
            }
        }
    }

    pub(super) fn refund(
        &mut self,
        ctx: &mut Ctx,
        slot: Slot,
        reference: Reference,
        Fen32(amount): Fen32,
    ) -> Result<u32, Decline> {
        let sale = self.purchase(slot, reference, CAPTURED)?;
        check_part(sale.amount, amount)?;
        check_in_time(ctx.today, sale.day, ctx.today.terms.authorisation.refund_days)?;
        // A share of what was not given back yet, so that the last part brings it to nothing.
        let back = div_half_even(i64::from(sale.part) * i64::from(amount), i64::from(sale.amount));
        let purchase = self.purchases.row_mut(reference.row());
        purchase.amount -= amount;
        purchase.part -= fen32(back);
        ctx.tally.flows.refunds_fen += i64::from(amount);
        self.ledger.post(&mut ctx.tally.flows, Posting::CommissionBack, back);
        let beyond = self.refund_loan(ctx, slot, sale.loan, amount, Drawing::Sale);
        self.ledger.post(&mut ctx.tally.flows, Posting::RefundToBank, i64::from(beyond));
        Ok(amount as u32)
    }

    /// A purchase of the account can be dropped: its refund days are over, or its hold has ended.
    #[inline]
    pub(super) fn has_purchases_over(&self, today: &Today, row: &AccountRow) -> bool {
        today.day().since(Day(row.oldest_purchase)) > i32::from(today.terms.authorisation.refund_days)
    }

    /// Drops purchases that are over. Called on statement days and every tenth day of an account, so that rows do not pile up.
    pub(super) fn tidy_purchases(&mut self, today: &Today, slot: Slot) {
        let row = &self.accounts[slot.index()];
        if !self.has_purchases_over(today, row) {
            return;
        }
        let (day, refund_days) = (today.day(), i32::from(today.terms.authorisation.refund_days));
        let mut oldest = NEVER;
        let over = |purchase: &mut PurchaseRow| {
            let captured = purchase.state == CAPTURED;
            if purchase.state == FREE || captured && day.since(Day(purchase.day)) > refund_days {
                purchase.state = FREE;
                return true;
            }
            if captured {
                oldest = oldest.min(purchase.day);
            }
            false
        };
        let first = self.purchases.remove_over(row.first_purchase, NIL, over).0;
        let row = &mut self.accounts[slot.index()];
        (row.first_purchase, row.oldest_purchase) = (first, oldest);
    }

    /// Releases all holds and forgets all purchases of an account (write-off).
    pub(super) fn drop_purchases(&mut self, ctx: &mut Ctx, slot: Slot) {
        let row = &mut self.accounts[slot.index()];
        row.oldest_purchase = NEVER;
        let mut link = std::mem::replace(&mut row.first_purchase, NIL);
        while link != NIL {
            let purchase = *self.purchases.row(link);
            if purchase.state == HELD {
                self.release_hold(ctx.tally, &purchase);
            }
            self.purchases.row_mut(link).state = FREE;
            self.purchases.remove(link);
            link = purchase.next;
        }
    }

    /// Sum of the open holds of an account, from its purchases (for the check of the books).
    pub(super) fn held_of(&self, slot: Slot) -> i32 {
        let purchases = self.purchases.list(self.accounts[slot.index()].first_purchase);
        fen32(purchases.filter(|purchase| purchase.state == HELD).map(|purchase| i64::from(purchase.amount)).sum())
    }
}
