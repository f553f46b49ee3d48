//! Drawings: the documented order of the checks (docs/rules.md §12.2), repeated by the auditor without the engine's code.

use crate::audit::account::{Account, Loan, LoanPricing};
use crate::audit::arithmetic::{half_even, level_payment, present_value};
use crate::audit::verdict::Verdict;
use crate::audit::{CellAuditor, Evidence, Rules};
use crate::base::ids::Funder;
use crate::credit::command::{Command, Decline, Status};

/// More than this many fen above the principal at the cap is a breach; schedules are compared in floating point.
const CAP_TOLERANCE_FEN: f64 = 1e-6;

/// The loan that a drawing or a bill of `amount` becomes under the rules of the day.
pub(super) fn priced_loan(evidence: Evidence<'_>, account: &Account, amount: i64, months: u8) -> Option<Loan> {
    let (_, index) = *evidence.rules.terms_offered.iter().find(|(term, _)| *term == months)?;
    let pricing = match &evidence.rules.flat_fees {
        Some(fees) => {
            let tier = usize::from(account.tier);
            LoanPricing::Flat { fee: half_even(amount * fees[tier][index], 10_000) }
        }
        None => {
            let annual_bp = account.annual_bp;
            LoanPricing::Level { payment: level_payment(amount, annual_bp, months), annual_bp }
        }
    };
    Some(Loan {
        lent: amount,
        left: amount,
        made: evidence.day(),
        periods: months,
        billed: Vec::new(),
        pricing,
        waived_percent: i64::from(evidence.facts.coupon_percent),
    })
}

/// Everything the borrower pays is worth at most the principal at the cap, so its IRR is at most the cap.
pub(super) fn within_cap(rules: &Rules, loan: &Loan) -> bool {
    let payments = loan.payments();
    let times = payments.iter().enumerate().map(|(k, fen)| (k as f64 + 1.0, *fen));
    present_value(rules.cap_bp, times) <= loan.lent as f64 + CAP_TOLERANCE_FEN
}

/// An instalment loan of this amount and term is on offer and within the cap today.
pub(super) fn priced_within_cap(evidence: Evidence<'_>, account: &Account, amount: i64, months: u8) -> bool {
    priced_loan(evidence, account, amount, months).is_some_and(|loan| within_cap(evidence.rules, &loan))
}

impl CellAuditor {
    /// What the checks say of a drawing, in their order. Pattern stops are luck: they may stand instead of whatever
    /// comes after them.
    pub(super) fn expect_drawing(&self, evidence: Evidence<'_>, account: &Account, command: &Command) -> Verdict {
        if let Err(reason) = self.before_patterns(evidence, account, command) {
            return Verdict::declined(reason);
        }
        let (Command::Authorise { amount_fen, .. } | Command::BuyCard { amount_fen, .. }) = *command else {
            return Verdict::from(self.after_patterns(evidence, account, command));
        };
        let amount = i64::from(amount_fen);
        let rules = evidence.rules;
        let fast = account.drawings_today >= rules.velocity_count || account.drawn_today + amount > rules.velocity_fen;
        let verdict = match fast {
            true => Verdict::declined(Decline::Velocity),
            false => Verdict::from(self.after_patterns(evidence, account, command)),
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
        if account.status != Status::Open || account.days_past_due(evidence.day()) > 0 {
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

    fn after_patterns(
        &self,
        evidence: Evidence<'_>,
        account: &Account,
        command: &Command,
    ) -> Result<Option<u32>, Decline> {
        let (amount, months) = match *command {
            Command::Authorise { amount_fen, instalments, .. } => (i64::from(amount_fen), instalments),
            Command::BuyCard { amount_fen, .. } | Command::Tip { amount_fen, .. } => (i64::from(amount_fen), 0),
            _ => (0, 0),
        };
        let funders = 0..=evidence.rules.partners.len() as u8;
        if !funders.into_iter().any(|funder| self.has_room(evidence, amount, Funder(funder))) {
            return Err(Decline::NoFunds);
        }
        if amount > account.available(evidence.day()) {
            return Err(Decline::OverLimit);
        }
        if months != 0 && !priced_within_cap(evidence, account, amount, months) {
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
