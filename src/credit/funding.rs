//! Joint loans (docs/rules.md §19): the platform lends at least its least part of each drawing, a partner the rest.
//!
//! Partners' capacity is shared out to the cells as quotas at midnight, so a cell never asks another for money. A hold
//! reserves the funder's part, so an approved purchase is always funded and a partner's capacity is never exceeded.

use crate::base::accrual::Rate;
use crate::base::ids::{FUNDERS, Funder, Slot};
use crate::base::money::{div_floor, fen32};
use crate::credit::chart::{Account, Posting, funding_of, loans_of};
use crate::credit::command::Decline;
use crate::credit::totals::CreditFlows;
use crate::credit::{Ctx, Engine, Today};

/// The kinds under which a drawing of one sort is posted, by funder.
#[derive(Clone, Copy, Debug)]
pub(super) enum Drawing {
    Sale,
    Card,
    Tip,
}

impl Drawing {
    const fn drawn(self) -> Posting {
        match self {
            Drawing::Sale => Posting::SalePlatform,
            Drawing::Card => Posting::CardPlatform,
            Drawing::Tip => Posting::TipPlatform,
        }
    }

    const fn refunded(self) -> Posting {
        match self {
            Drawing::Sale => Posting::RefundPlatform,
            Drawing::Card => Posting::CardRefundPlatform,
            Drawing::Tip => Posting::TipRefundPlatform,
        }
    }
}

/// The partner's part of a joint loan, rounded down, so that the platform's part is never below its least share.
#[inline]
fn partner_part(today: &Today, amount: i32, funder: usize) -> i32 {
    if funder == 0 {
        return 0;
    }
    let funding = &today.terms.funding;
    let most = 1_000_000 - i64::from(funding.platform_share_min.0);
    let share = i64::from(funding.partners[funder - 1].share.0).min(most);
    fen32(div_floor(i64::from(amount) * share, 1_000_000))
}

impl Engine {
    /// Sets today's quota: what each funder may still lend in this cell beyond its loans and reservations.
    pub fn set_quota(&mut self, quota: [i64; FUNDERS]) {
        self.funds.room = quota;
    }

    /// What each funder has lent and reserved in this cell, for tomorrow's quota.
    pub fn committed(&self) -> [i64; FUNDERS] {
        std::array::from_fn(|f| self.ledger.balance(loans_of(f)) + self.funds.reserved[f])
    }

    /// Who lends the partner's part of the drawing that was approved last (0: the platform lends all). For the event log.
    pub fn last_funder(&self) -> Funder {
        self.funds.last_funder
    }

    /// A funder with room for `amount`: partners in turn by `turn`, then the platform alone.
    pub(super) fn find_funder(&self, today: &Today, amount: i32, turn: u32) -> Result<Funder, Decline> {
        let partners = today.terms.funding.partner_count();
        // One division of 32 bits for the first; the others follow round the ring.
        let mut partner = turn.checked_rem(partners as u32).map_or(0, |first| first as usize);
        for _ in 0..partners {
            if today.controls.partner_open[partner] {
                let part = partner_part(today, amount, partner + 1);
                if self.funds.room[partner + 1] >= i64::from(part) && self.funds.room[0] >= i64::from(amount - part) {
                    return Ok(Funder::of_partner(partner));
                }
            }
            partner = if partner + 1 == partners { 0 } else { partner + 1 };
        }
        if self.funds.room[0] >= i64::from(amount) { Ok(Funder::PLATFORM) } else { Err(Decline::NoFunds) }
    }

    /// Reserves the parts of a hold; returns the partner's.
    pub(super) fn reserve(&mut self, today: &Today, amount: i32, funder: Funder) -> i32 {
        self.funds.last_funder = funder;
        let reserved = partner_part(today, amount, funder.index());
        let part = i64::from(reserved);
        let own = i64::from(amount) - part;
        self.funds.room[0] -= own;
        self.funds.reserved[0] += own;
        self.funds.room[funder.index()] -= part;
        self.funds.reserved[funder.index()] += part;
        reserved
    }

    /// Gives back the reservation of a hold of `amount`, of which `part` is the partner's.
    pub(super) fn release_reservation(&mut self, amount: i32, part: i32, funder: Funder) {
        for (index, fen) in [(0, i64::from(amount - part)), (funder.index(), i64::from(part))] {
            self.funds.reserved[index] -= fen;
            self.funds.room[index] += fen;
        }
    }

    /// Lends `amount` on the account: loan accounts, journal. Returns the parts of the funders, for the loan that the caller makes.
    pub(super) fn lend(
        &mut self,
        ctx: &mut Ctx,
        slot: Slot,
        drawing: Drawing,
        amount: i32,
        funder: Funder,
    ) -> [i32; FUNDERS] {
        self.funds.last_funder = funder;
        let part = partner_part(ctx.today, amount, funder.index());
        let mut parts = [0; FUNDERS];
        parts[0] = amount - part;
        parts[funder.index()] += part;
        self.post_lent(ctx, drawing, 0, parts[0]);
        if let Some(partner) = funder.partner() {
            self.post_lent(ctx, drawing, funder.index(), part);
            self.funds.lent_ever[partner] += i64::from(part);
        }
        let opened = ctx.today.run_month(crate::base::time::Day(self.accounts[slot.index()].opened));
        let cell = ctx.tally.history.cell(opened, ctx.today.calendar.run_month);
        ctx.tally.history.drawn_fen[cell] += i64::from(amount);
        parts
    }

    #[inline]
    fn post_lent(&mut self, ctx: &mut Ctx, drawing: Drawing, funder: usize, part: i32) {
        let part = i64::from(part);
        self.funds.room[funder] -= part;
        self.ledger.post(&mut ctx.tally.flows, drawing.drawn().by_funder(funder), part);
        ctx.tally.flows.drawn_by_funder_fen[funder] += part;
    }

    /// Takes principal off the funders of an account; the caller takes it off the loans. `drawing` is the sort of drawing that is
    /// refunded, or `None` for a repayment in cash.
    pub(super) fn unlend(
        &mut self,
        flows: &mut CreditFlows,
        slot: Slot,
        parts: [i32; FUNDERS],
        drawing: Option<Drawing>,
    ) {
        let row = &mut self.accounts[slot.index()];
        let kind = drawing.map_or(Posting::RepayPlatform, Drawing::refunded);
        for (funder, part) in parts.into_iter().enumerate() {
            if part > 0 {
                row.by_funder[funder] -= part;
                self.ledger.post(flows, kind.by_funder(funder), i64::from(part));
            }
        }
    }

    /// Writes an account's principal off its funders. The platform covers partners up to the first-loss promise.
    pub(super) fn write_off_funders(&mut self, ctx: &mut Ctx, slot: Slot) {
        let lent = std::mem::take(&mut self.accounts[slot.index()].by_funder);
        self.ledger.post(&mut ctx.tally.flows, Posting::WriteOffPlatform, i64::from(lent[0]));
        for (partner, terms) in ctx.today.terms.funding.partners.iter().enumerate() {
            let loss = i64::from(lent[partner + 1]);
            if loss == 0 {
                continue;
            }
            let promise = div_floor(self.funds.lent_ever[partner] * i64::from(terms.first_loss.0), 1_000_000);
            let covered = loss.min((promise - self.funds.covered_ever[partner]).max(0));
            self.funds.covered_ever[partner] += covered;
            self.ledger.post(&mut ctx.tally.flows, Posting::WriteOffCovered1.by_partner(partner), covered);
            self.ledger.post(&mut ctx.tally.flows, Posting::WriteOffBorne1.by_partner(partner), loss - covered);
        }
    }

    /// Settles the day with merchants, hosts and partners and pays the price of money, once at the close.
    pub(super) fn settle(&mut self, ctx: &mut Ctx) {
        let flows = &mut ctx.tally.flows;
        for (payable, kind) in
            [(Account::MerchantPayable, Posting::SettleMerchants), (Account::HostPayable, Posting::SettleHosts)]
        {
            // A payable in debit (more refunds than sales) is carried to the next day.
            let owed = -self.ledger.balance(payable);
            if owed > 0 {
                self.ledger.post(flows, kind, owed);
            }
        }
        let funding = &ctx.today.terms.funding;
        for (partner, terms) in funding.partners.iter().enumerate() {
            let lent = self.ledger.balance(loans_of(partner + 1));
            let funded = -self.ledger.balance(funding_of(partner));
            let kind = if lent > funded { Posting::FundPartner1 } else { Posting::ReturnPartner1 };
            self.ledger.post(flows, kind.by_partner(partner), (lent - funded).abs());
            let price = Rate::annual(terms.price_annual).on(lent, 1).half_even();
            self.ledger.post(flows, Posting::PartnerPrice, price);
        }
        let own = self.ledger.balance(Account::LoansPlatform).max(0);
        let price = Rate::annual(funding.treasury_annual).on(own, 1).half_even();
        self.ledger.post(flows, Posting::TreasuryPrice, price);
    }
}
