//! Drawings: the documented order of the checks (docs/rules.md §12.2), repeated by the auditor without the engine's code.

use crate::audit::account::Account;
use crate::audit::pricing::is_refused;
use crate::audit::verdict::Verdict;
use crate::audit::{CellAuditor, Evidence};
use crate::base::ids::{Funder, Slot};
use crate::credit::command::{Command, Decline, Status};

impl CellAuditor {
    /// What the checks say of a drawing, in their order. Pattern stops are luck: they may stand instead of whatever
    /// comes after them.
    pub(super) fn expect_drawing(&self, evidence: Evidence<'_>, slot: Slot, command: &Command) -> Verdict {
        let account = &self.accounts[slot.index()];
        if let Err(reason) = self.before_patterns(evidence, account, command) {
            return Verdict::declined(reason);
        }
        let (Command::Authorise { amount_fen, .. } | Command::BuyCard { amount_fen, .. }) = *command else {
            return Verdict::from(self.after_patterns(evidence, slot, command));
        };
        let amount = i64::from(amount_fen);
        let rules = evidence.rules;
        let fast = account.drawings_today >= rules.velocity_count || account.drawn_today + amount > rules.velocity_fen;
        let verdict = match fast {
            true => Verdict::declined(Decline::Velocity),
            false => Verdict::from(self.after_patterns(evidence, slot, command)),
        };
        // On its first day it is not published yet whether an account has the card function.
        match command {
            Command::BuyCard { .. } if account.cards_closed.is_none() => {
                verdict.or(Decline::CashOutPattern).or(Decline::CardClosed)
            }
            _ => verdict.or(Decline::CashOutPattern),
        }
    }

    fn before_patterns(&self, evidence: Evidence<'_>, account: &Account, command: &Command) -> Result<(), Decline> {
        let (Command::Authorise { amount_fen, .. }
        | Command::BuyCard { amount_fen, .. }
        | Command::Tip { amount_fen, .. }) = *command
        else {
            return Ok(());
        };
        if !amount_fen.is_positive() {
            return Err(Decline::AmountNotPositive);
        }
        let rules = evidence.rules;
        if let Command::Authorise { instalments, .. } = *command
            && instalments != 0
            && !rules.terms_offered.iter().any(|(term, _)| *term == instalments)
        {
            return Err(Decline::TermNotOffered);
        }
        if !account.is_live() {
            return Err(Decline::NoAccount);
        }
        if account.status != Status::Open || account.days_past_due(rules, evidence.day()) > 0 {
            return Err(Decline::AccountBlocked);
        }
        match *command {
            Command::Authorise { scene, .. } if !rules.scene_allowed[scene as usize] => Err(Decline::SceneBarred),
            Command::Authorise { merchant, .. } if merchant.0 >= evidence.facts.cooperating_merchants => {
                Err(Decline::MerchantBarred)
            }
            Command::Tip { .. } if !rules.tips_enabled => Err(Decline::SceneBarred),
            Command::BuyCard { .. } if !rules.cards_enabled || account.cards_closed == Some(true) => {
                Err(Decline::CardClosed)
            }
            Command::BuyCard { named, .. } => {
                let largest = if named { rules.card_face_max } else { rules.card_unnamed_max };
                if i64::from(amount_fen) > largest { Err(Decline::CardTooLarge) } else { Ok(()) }
            }
            _ => Ok(()),
        }
    }

    fn after_patterns(&self, evidence: Evidence<'_>, slot: Slot, command: &Command) -> Result<Option<u32>, Decline> {
        let account = &self.accounts[slot.index()];
        let (amount, months) = match *command {
            Command::Authorise { amount_fen, instalments, .. } => (i64::from(amount_fen), instalments),
            Command::BuyCard { amount_fen, .. } | Command::Tip { amount_fen, .. } => (i64::from(amount_fen), 0),
            _ => (0, 0),
        };
        let rules = evidence.rules;
        let funders = 0..=rules.partners.len() as u8;
        if !funders.into_iter().any(|funder| self.has_room(evidence, amount, Funder(funder))) {
            return Err(Decline::NoFunds);
        }
        if amount > account.available(evidence.day()) {
            return Err(Decline::OverLimit);
        }
        if months != 0 && is_refused(evidence, slot, account, amount, months) {
            return Err(Decline::PriceCap);
        }
        let taken = matches!(command, Command::Tip { .. }).then_some(amount as u32);
        Ok(taken)
    }

    /// A funder is open and has room for its part, and the platform for the rest.
    pub(super) fn has_room(&self, evidence: Evidence<'_>, amount: i64, funder: Funder) -> bool {
        let lends = |partner| partner < evidence.rules.partners.len() && evidence.facts.partner_open[partner];
        if !funder.partner().is_none_or(lends) {
            return false;
        }
        let part = evidence.rules.partner_part(amount, funder);
        self.room[0] >= amount - part && (funder == Funder::PLATFORM || self.room[funder.index()] >= part)
    }
}
