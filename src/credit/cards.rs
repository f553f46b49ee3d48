//! Shopping cards (docs/rules.md §13): bought on credit, redeemed in parts at cooperating merchants, unspent part given back
//! within some days, no cash-out. Named cards never expire; unnamed ones live three years, longer than any run.

use crate::base::ids::{Reference, Slot};
use crate::base::money::{Fen32, div_half_even};
use crate::credit::authorisation::{check_in_time, check_part, check_positive, commission, count_purchase};
use crate::credit::chart::Posting;
use crate::credit::command::{Command, Decline, Scene};
use crate::credit::funding::Drawing;
use crate::credit::rows::{CardRow, flag};
use crate::credit::{Ctx, Engine, Guard};

impl Engine {
    pub(super) fn buy_card(&mut self, ctx: &mut Ctx, slot: Slot, command: Command) -> Result<u32, Decline> {
        let Command::BuyCard { amount_fen: Fen32(amount), named, suspicious } = command else {
            unreachable!("only card purchases come here")
        };
        check_positive(amount)?;
        self.check_account(ctx.today, slot)?;
        let cards = &ctx.today.terms.cards;
        if !cards.enabled || self.accounts[slot.index()].has(flag::CARDS_CLOSED) {
            return Err(Decline::CardClosed);
        }
        let largest = if named { cards.face_max_fen } else { cards.unnamed_max_fen };
        if amount > largest && ctx.today.guards(Guard::CardCap) {
            return Err(Decline::CardTooLarge);
        }
        self.check_pattern(ctx, slot, amount, suspicious)?;
        let funder = self.check_drawing(ctx.today, slot, amount)?;
        self.count_drawing(ctx, slot, amount);
        let parts = self.lend(ctx, slot, Drawing::Card, amount, funder);
        self.accrue_before_drawing(ctx.today, slot);
        let loan = self.insert_loan(&self.drawing_loan(ctx.today, slot, amount, &parts));
        let loan = self.loans.reference(loan);
        let generation = self.cards.recycled().map_or(0, |old| Reference::next_generation(old.generation));
        let row = &mut self.accounts[slot.index()];
        count_purchase(row, &mut ctx.tally.flows, ctx.today.terms, ctx.today.day(), amount);
        let card = CardRow {
            next: row.first_card,
            slot,
            left: amount,
            loan,
            day: ctx.today.day().0,
            named: u8::from(named),
            generation,
        };
        let link = self.cards.insert(card);
        row.first_card = link;
        ctx.tally.flows.cards_sold += 1;
        ctx.tally.flows.cards_sold_fen += i64::from(amount);
        if suspicious {
            self.monitor_cashout(ctx, slot, amount);
        }
        Ok(Reference::new(link, generation).0)
    }

    fn card(&self, slot: Slot, reference: Reference) -> Result<CardRow, Decline> {
        match self.cards.get(reference.row()) {
            Some(card) if card.slot == slot && card.left > 0 && reference.is_of(card.generation) => Ok(*card),
            _ => Err(Decline::UnknownReference),
        }
    }

    pub(super) fn redeem_card(
        &mut self,
        ctx: &mut Ctx,
        slot: Slot,
        reference: Reference,
        merchant: u16,
        Fen32(amount): Fen32,
    ) -> Result<u32, Decline> {
        let card = self.card(slot, reference)?;
        if merchant >= ctx.today.controls.cooperating_merchants {
            return Err(Decline::MerchantBarred);
        }
        check_part(card.left, amount)?;
        self.ledger.post(&mut ctx.tally.flows, Posting::RedeemCard, i64::from(amount));
        let commission = commission(ctx.today, Scene::LocalServices as usize, amount);
        self.ledger.post(&mut ctx.tally.flows, Posting::Commission, commission);
        let rebate = div_half_even(i64::from(amount) * i64::from(ctx.today.terms.cards.redeem_rebate.0), 1_000_000);
        self.ledger.post(&mut ctx.tally.flows, Posting::Rebate, rebate);
        ctx.tally.flows.cards_redeemed_fen += i64::from(amount);
        self.spend_card(slot, reference, amount);
        Ok(amount as u32)
    }

    pub(super) fn refund_card(&mut self, ctx: &mut Ctx, slot: Slot, reference: Reference) -> Result<u32, Decline> {
        let card = self.card(slot, reference)?;
        check_in_time(ctx.today, card.day, ctx.today.terms.cards.refund_days)?;
        ctx.tally.flows.cards_refunded_fen += i64::from(card.left);
        let beyond = self.refund_loan(ctx, slot, card.loan, card.left, Drawing::Card);
        self.ledger.post(&mut ctx.tally.flows, Posting::CardRefundToBank, i64::from(beyond));
        self.spend_card(slot, reference, card.left);
        Ok(card.left as u32)
    }

    /// Takes an amount off a card; an empty card is forgotten.
    fn spend_card(&mut self, slot: Slot, reference: Reference, amount: i32) {
        let link = reference.row();
        let card = self.cards.row_mut(link);
        card.left -= amount;
        if card.left > 0 {
            return;
        }
        let row = &mut self.accounts[slot.index()];
        row.first_card = self.cards.remove_from(row.first_card, link);
    }

    /// Unspent balance of an account's cards (for the check of the books).
    pub(super) fn card_balance_of(&self, slot: Slot) -> i64 {
        self.cards.list(self.accounts[slot.index()].first_card).map(|card| i64::from(card.left)).sum()
    }
}
