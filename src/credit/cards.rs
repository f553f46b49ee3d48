//! Shopping cards (docs/rules.md §13): bought on credit, redeemed in parts at cooperating merchants, unspent part given back
//! within some days, no cash-out. Named cards never expire; unnamed ones live three years, longer than any run.

use crate::base::money::div_half_even;
use crate::base::time::Day;
use crate::credit::authorisation::{GENERATIONS, PLACE_BITS, commission, count_purchase, place_of};
use crate::credit::chart::Posting;
use crate::credit::command::{Command, Decline, Scene};
use crate::credit::funding::Drawing;
use crate::credit::rows::{CardRow, NIL, flag};
use crate::credit::totals::Tally;
use crate::credit::{Engine, Guard, Today};

impl Engine {
    pub(super) fn buy_card(
        &mut self,
        today: &Today,
        tally: &mut Tally,
        slot: u32,
        command: Command,
    ) -> Result<u32, Decline> {
        let Command::BuyCard { amount_fen: amount, named, suspicious } = command else {
            unreachable!("only card purchases come here")
        };
        if amount <= 0 {
            return Err(Decline::AmountNotPositive);
        }
        self.check_account(today, slot)?;
        let cards = &today.terms.cards;
        if !cards.enabled || self.accounts[slot as usize].has(flag::CARDS_CLOSED) {
            return Err(Decline::CardClosed);
        }
        let largest = if named { cards.face_max_fen } else { cards.unnamed_max_fen };
        if amount > largest && today.guards(Guard::CardCap) {
            return Err(Decline::CardTooLarge);
        }
        self.check_pattern(today, tally, slot, amount, suspicious)?;
        let funder = self.check_drawing(today, slot, amount)?;
        self.count_drawing(today, tally, slot, amount);
        self.lend(today, tally, slot, Drawing::Card, amount, funder);
        let generation = self.cards.recycled().map_or(0, |old| (old.generation + 1) % GENERATIONS);
        let row = &mut self.accounts[slot as usize];
        super::billing::accrue(row, today);
        row.unbilled += amount;
        count_purchase(row, &mut tally.flows, today.terms, today.day(), amount);
        let card = CardRow {
            next: row.first_card,
            slot,
            left: amount,
            day: today.day().0,
            named: u8::from(named),
            generation,
        };
        let place = self.cards.insert(card);
        assert!(place < 1 << PLACE_BITS, "a cell holds at most 16 million cards");
        row.first_card = place;
        tally.flows.cards_sold += 1;
        tally.flows.cards_sold_fen += i64::from(amount);
        if suspicious {
            self.monitor_cashout(today, tally, slot, amount);
        }
        Ok(u32::from(generation) << PLACE_BITS | place)
    }

    fn card(&self, slot: u32, reference: u32) -> Result<CardRow, Decline> {
        match self.cards.get(place_of(reference)) {
            Some(card)
                if card.slot == slot && card.left > 0 && u32::from(card.generation) == reference >> PLACE_BITS =>
            {
                Ok(*card)
            }
            _ => Err(Decline::UnknownReference),
        }
    }

    pub(super) fn redeem_card(
        &mut self,
        today: &Today,
        tally: &mut Tally,
        slot: u32,
        reference: u32,
        merchant: u16,
        amount: i32,
    ) -> Result<u32, Decline> {
        let card = self.card(slot, reference)?;
        if merchant >= today.controls.cooperating_merchants {
            return Err(Decline::MerchantBarred);
        }
        if amount <= 0 {
            return Err(Decline::AmountNotPositive);
        }
        if amount > card.left {
            return Err(Decline::AmountTooLarge);
        }
        self.ledger.post(&mut tally.flows, Posting::RedeemCard, i64::from(amount));
        let commission = commission(today, Scene::LocalServices as usize, amount);
        self.ledger.post(&mut tally.flows, Posting::Commission, commission);
        let rebate = div_half_even(i64::from(amount) * i64::from(today.terms.cards.redeem_rebate.0), 1_000_000);
        self.ledger.post(&mut tally.flows, Posting::Rebate, rebate);
        tally.flows.cards_redeemed_fen += i64::from(amount);
        self.spend_card(slot, reference, amount);
        Ok(amount as u32)
    }

    pub(super) fn refund_card(
        &mut self,
        today: &Today,
        tally: &mut Tally,
        slot: u32,
        reference: u32,
    ) -> Result<u32, Decline> {
        let card = self.card(slot, reference)?;
        if today.day().since(Day(card.day)) > i32::from(today.terms.cards.refund_days) {
            return Err(Decline::TooLate);
        }
        tally.flows.cards_refunded_fen += i64::from(card.left);
        let beyond = self.give_back(today, tally, slot, card.left, Drawing::Card);
        self.ledger.post(&mut tally.flows, Posting::CardRefundToBank, i64::from(beyond));
        self.spend_card(slot, reference, card.left);
        Ok(card.left as u32)
    }

    /// Takes an amount off a card; an empty card is forgotten.
    fn spend_card(&mut self, slot: u32, reference: u32, amount: i32) {
        let place = place_of(reference);
        let card = self.cards.row_mut(place);
        card.left -= amount;
        if card.left > 0 {
            return;
        }
        let next = card.next;
        let mut before = self.accounts[slot as usize].first_card;
        if before == place {
            self.accounts[slot as usize].first_card = next;
        } else {
            while self.cards.row(before).next != place {
                before = self.cards.row(before).next;
            }
            self.cards.row_mut(before).next = next;
        }
        self.cards.remove(place);
    }

    /// Unspent balance of an account's cards (for the check of the books).
    pub(super) fn card_balance_of(&self, slot: u32) -> i64 {
        let mut place = self.accounts[slot as usize].first_card;
        let mut sum = 0;
        while place != NIL {
            sum += i64::from(self.cards.row(place).left);
            place = self.cards.row(place).next;
        }
        sum
    }
}
