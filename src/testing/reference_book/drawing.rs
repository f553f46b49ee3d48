//! Drawings and what merchants and hosts do with them: docs/rules.md §12, §13.

use super::account::{Card, Loan, Purchase, TipRecord};
use super::book::{Answer, Book, Outcome, no, none_of};
use super::exact::Fraction;
use super::lending::drawing;
use super::schedule::{fee_is_within_cap, instalments, revolving};
use crate::credit::chart::Posting;
use crate::credit::command::{Command, Decline, Scene, Status};

/// `fen × ppm / 1,000,000`, ties to even.
fn share(fen: i64, ppm: i64) -> i64 {
    Fraction::product(fen, ppm, 1_000_000).nearest()
}

impl Book {
    /// Check 2: the account is live, open, and nothing is past due.
    fn may_draw(&self, user: usize) -> Result<(), Vec<Decline>> {
        let account = &self.accounts[user];
        if !account.is_live() {
            return no(Decline::NoAccount);
        }
        if account.status != Status::Open || self.days_past_due(user) > 0 {
            return no(Decline::AccountBlocked);
        }
        Ok(())
    }

    /// Check 6.
    fn passes_the_pattern(&self, user: usize, suspicious: bool, fen: i64) -> Result<(), Vec<Decline>> {
        let (account, rules) = (&self.accounts[user], &self.rules);
        if suspicious && rules.stops_cash_out {
            return no(Decline::CashOutPattern);
        }
        let same_day = account.drawing_day == self.told.day;
        let (drawings, drawn) = if same_day { (account.drawings, account.drawn) } else { (0, 0) };
        if drawings + 1 > rules.velocity_count || drawn + fen > rules.velocity_fen {
            return no(Decline::Velocity);
        }
        Ok(())
    }

    /// Checks 7 and 8.
    fn has_room(&self, user: usize, turn: i64, fen: i64) -> Result<usize, Vec<Decline>> {
        let Some(funder) = self.books.search(&self.rules, &self.told, turn, fen) else { return no(Decline::NoFunds) };
        if fen > self.accounts[user].free_limit() {
            return no(Decline::OverLimit);
        }
        Ok(funder)
    }

    fn count_drawing(&mut self, user: usize, fen: i64) {
        let (account, day) = (&mut self.accounts[user], self.told.day);
        if account.drawing_day != day {
            (account.drawing_day, account.drawings, account.drawn) = (day, 0, 0);
        }
        account.drawings += 1;
        account.drawn += fen;
    }

    fn turn(&self, user: usize) -> i64 {
        self.accounts[user].slot + self.accounts[user].drawings
    }

    pub(super) fn authorise(&mut self, user: usize, command: Command, named: u32) -> Outcome {
        let Command::Authorise { merchant, scene, amount_fen, instalments, suspicious } = command else {
            unreachable!()
        };
        let (fen, months) = (i64::from(amount_fen.0), i64::from(instalments));
        if fen <= 0 {
            return no(Decline::AmountNotPositive);
        }
        if months != 0 && self.rules.term(months).is_none() {
            return no(Decline::TermNotOffered);
        }
        self.may_draw(user)?;
        if !self.rules.scenes[scene as usize] {
            return no(Decline::SceneBarred);
        }
        if i64::from(merchant.0) >= self.told.merchants {
            return no(Decline::MerchantBarred);
        }
        self.passes_the_pattern(user, suspicious, fen)?;
        let funder = self.has_room(user, self.turn(user), fen)?;
        if months > 0 && !fee_is_within_cap(&self.rules, self.accounts[user].tier, months, fen) {
            return no(Decline::PriceCap);
        }
        self.count_drawing(user, fen);
        let reserved = drawing(&self.rules, fen, funder);
        self.books.take_room(reserved);
        self.accounts[user].purchases.push(Purchase {
            reference: named,
            scene: scene as usize,
            months,
            suspicious,
            funder,
            held: fen,
            reserved,
            last_day: self.told.day + self.rules.hold_days,
            captured: None,
            loan: 0,
            refundable: 0,
            commission: 0,
        });
        Ok(Answer::Reference)
    }

    fn hold(&mut self, user: usize, reference: u32) -> Result<usize, Vec<Decline>> {
        let is_it = |purchase: &Purchase| purchase.reference == reference && purchase.captured.is_none();
        self.accounts[user].purchases.iter().position(is_it).ok_or(vec![Decline::UnknownReference])
    }

    pub(super) fn capture(&mut self, user: usize, reference: u32, fen: i64) -> Outcome {
        let index = self.hold(user, reference)?;
        let hold = self.accounts[user].purchases[index].clone();
        none_of(&[(fen <= 0, Decline::AmountNotPositive), (fen > hold.held, Decline::AmountTooLarge)])?;
        let (rules, whose) = (&self.rules, self.borrower(user));
        if hold.months > 0 && rules.term(hold.months).is_none() {
            return no(Decline::TermNotOffered);
        }
        let loan = if hold.months == 0 {
            revolving(rules, whose, fen)
        } else {
            if !fee_is_within_cap(rules, whose.tier, hold.months, fen) {
                return no(Decline::PriceCap);
            }
            instalments(rules, whose, hold.months, fen)
        };
        let parts = drawing(rules, fen, hold.funder);
        let commission = share(fen, rules.commission_ppm[hold.scene]);
        let confirmed = hold.suspicious && rules.confirms_cash_out;
        let loan = self.add_loan(user, loan, parts);
        self.books.give_room(hold.reserved);
        self.books.take_room(parts);
        self.books.lend(Posting::SalePlatform, parts);
        self.books.post(Posting::Commission, commission);
        let day = self.told.day;
        let account = &mut self.accounts[user];
        account.purchases[index] =
            Purchase { held: 0, reserved: [0; 4], captured: Some(day), loan, refundable: fen, commission, ..hold };
        if confirmed {
            account.misuse = true;
            account.status = Status::Frozen;
        }
        Ok(Answer::Amount(fen))
    }

    pub(super) fn void(&mut self, user: usize, reference: u32) -> Outcome {
        let index = self.hold(user, reference)?;
        let hold = self.accounts[user].purchases.remove(index);
        self.books.give_room(hold.reserved);
        Ok(Answer::Amount(hold.held))
    }

    pub(super) fn tip(&mut self, user: usize, fen: i64) -> Outcome {
        if fen <= 0 {
            return no(Decline::AmountNotPositive);
        }
        self.may_draw(user)?;
        if !self.rules.tips {
            return no(Decline::SceneBarred);
        }
        let funder = self.has_room(user, self.accounts[user].slot, fen)?;
        let parts = drawing(&self.rules, fen, funder);
        let platform_share = fen - share(fen, self.rules.host_ppm);
        self.books.take_room(parts);
        self.books.lend(Posting::TipPlatform, parts);
        self.books.post(Posting::TipShare, platform_share);
        let new = revolving(&self.rules, self.borrower(user), fen);
        let price = |loan: &Loan| (loan.annual_bp, loan.late_ppm, loan.day_one);
        // All tips of a cycle with one funder and one price are one loan.
        let account = &mut self.accounts[user];
        for record in account.tips.iter_mut().filter(|record| record.funder == funder) {
            let loan = account.loans.iter_mut().find(|loan| loan.id == record.loan);
            if let Some(loan) = loan.filter(|loan| loan.revolves() && loan.billed == 0 && price(loan) == price(&new)) {
                loan.coming += fen;
                loan.by_funder.iter_mut().zip(parts).for_each(|(lent, part)| *lent += part);
                record.left += fen;
                record.platform_share += platform_share;
                return Ok(Answer::Amount(fen));
            }
        }
        let loan = self.add_loan(user, new, parts);
        self.accounts[user].tips.push(TipRecord { loan, funder, left: fen, platform_share });
        Ok(Answer::Amount(fen))
    }

    pub(super) fn buy_card(&mut self, user: usize, command: Command, named: u32) -> Outcome {
        let Command::BuyCard { amount_fen, named: is_named, suspicious } = command else { unreachable!() };
        let fen = i64::from(amount_fen.0);
        if fen <= 0 {
            return no(Decline::AmountNotPositive);
        }
        self.may_draw(user)?;
        let rules = &self.rules;
        if !rules.cards || self.accounts[user].cards_closed {
            return no(Decline::CardClosed);
        }
        if fen > if is_named { rules.face_max } else { rules.unnamed_max } {
            return no(Decline::CardTooLarge);
        }
        self.passes_the_pattern(user, suspicious, fen)?;
        let funder = self.has_room(user, self.turn(user), fen)?;
        let parts = drawing(rules, fen, funder);
        let confirmed = suspicious && rules.confirms_cash_out;
        let loan = self.add_loan(user, revolving(rules, self.borrower(user), fen), parts);
        self.count_drawing(user, fen);
        self.books.take_room(parts);
        self.books.lend(Posting::CardPlatform, parts);
        let account = &mut self.accounts[user];
        account.cards.push(Card { reference: named, bought: self.told.day, left: fen, loan });
        if confirmed {
            account.misuse = true;
            account.status = Status::Frozen;
        }
        Ok(Answer::Reference)
    }

    pub(super) fn redeem(&mut self, user: usize, reference: u32, merchant: i64, fen: i64) -> Outcome {
        let (rules, merchants) = (&self.rules, self.told.merchants);
        let account = &mut self.accounts[user];
        let card = account.cards.iter_mut().find(|card| card.reference == reference);
        let Some(card) = card else { return no(Decline::UnknownReference) };
        none_of(&[
            (merchant >= merchants, Decline::MerchantBarred),
            (fen <= 0, Decline::AmountNotPositive),
            (fen > card.left, Decline::AmountTooLarge),
        ])?;
        card.left -= fen;
        account.cards.retain(|card| card.left > 0);
        self.books.post(Posting::RedeemCard, fen);
        self.books.post(Posting::Commission, share(fen, rules.commission_ppm[Scene::LocalServices as usize]));
        self.books.post(Posting::Rebate, share(fen, rules.rebate_ppm));
        Ok(Answer::Amount(fen))
    }
}
