//! Every request is judged again: the answer in the log must be the one that the rules give. What it then does to balances stands in
//! `effects`.

use crate::audit::account::{Account, KEPT};
use crate::audit::payments::nth_in_parts;
use crate::audit::pricing::is_refused;
use crate::audit::verdict::Verdict;
use crate::audit::{CellAuditor, Evidence, Findings, Rules};
use crate::base::ids::{Reference, Slot};
use crate::base::money::Fen32;
use crate::credit::command::{Application, Command, Decline, LoggedRequest, Refusal, Reply, Status};

/// Smallest bill that can be turned into instalments.
const CONVERTIBLE_MIN_FEN: i64 = 10_000;

impl CellAuditor {
    /// Judges one request and takes over what it does.
    pub(super) fn judge(&mut self, evidence: Evidence<'_>, logged: &LoggedRequest, findings: &mut Findings) {
        let (request, reply) = (logged.request, logged.reply);
        let slot = request.slot;
        let account = &mut self.accounts[slot.index()];
        account.touched = true;
        if request.sequence <= account.sequence {
            if let Some(expected) = repeated(account, logged) {
                self.report(findings, "idempotency", evidence, Some(slot), || {
                    format!("request {} again: {expected:?} expected, {reply:?} answered", request.sequence)
                });
            }
            return;
        }
        account.sequence = request.sequence;
        account.answered[(request.sequence % KEPT) as usize] = Some((request.sequence, request.command, reply));
        if account.lost {
            return;
        }
        if let Command::Apply(application) = request.command {
            self.judge_application(evidence, slot, &application, reply, findings);
            return;
        }
        // Monitoring froze the account within the day: the only reason to block one that is open and current.
        let late = account.days_past_due(evidence.rules, evidence.day()) > 0;
        let current = account.status == Status::Open && !late;
        if reply == Reply::Declined(Decline::AccountBlocked) && account.monitored && current {
            account.misuse = true;
            account.status.0 = Status::Frozen;
        }
        let verdict = self.expect(evidence, slot, &request.command);
        if let Some(invariant) = verdict.broken_by(reply) {
            self.report(findings, invariant, evidence, Some(slot), || {
                format!("{:?}: {:?} expected, {reply:?} answered", request.command, verdict.expected)
            });
        }
        if let Reply::Done(number) = reply {
            self.perform(evidence, slot, &request.command, number, logged.funder, findings);
        }
    }

    fn expect(&self, evidence: Evidence<'_>, slot: Slot, command: &Command) -> Verdict {
        let account = &self.accounts[slot.index()];
        match *command {
            Command::Authorise { .. } | Command::BuyCard { .. } | Command::Tip { .. } => {
                self.expect_drawing(evidence, slot, command)
            }
            Command::Capture { purchase, amount_fen } => expect_capture(evidence, slot, account, purchase, amount_fen),
            Command::Void { purchase } => {
                match account.purchases.iter().find(|p| p.reference == purchase && !p.captured) {
                    None => Verdict::declined(Decline::UnknownReference),
                    Some(hold) => Verdict::done(hold.amount),
                }
            }
            Command::Refund { purchase, amount_fen } => {
                expect_refund(evidence, account, purchase, i64::from(amount_fen))
            }
            Command::RefundTip { amount_fen, .. } => match i64::from(amount_fen) {
                ..=0 => Verdict::declined(Decline::AmountNotPositive),
                _ if !account.is_live() => Verdict::declined(Decline::NoAccount),
                amount if amount > tips_left(account) => Verdict::declined(Decline::TooLate),
                amount => Verdict::done(amount),
            },
            Command::RedeemCard { card, merchant, amount_fen } => {
                let found = account.cards.iter().find(|c| c.reference == card);
                let amount = i64::from(amount_fen);
                match found {
                    None => Verdict::declined(Decline::UnknownReference),
                    Some(_) if merchant.0 >= evidence.facts.cooperating_merchants => {
                        Verdict::declined(Decline::MerchantBarred)
                    }
                    Some(_) if amount <= 0 => Verdict::declined(Decline::AmountNotPositive),
                    Some(c) if amount > c.left => Verdict::declined(Decline::AmountTooLarge),
                    Some(_) => Verdict::done(amount),
                }
            }
            Command::RefundCard { card } => match account.cards.iter().find(|c| c.reference == card) {
                None => Verdict::declined(Decline::UnknownReference),
                Some(c) if evidence.day().since(c.day) > i32::from(evidence.rules.card_refund_days) => {
                    Verdict::declined(Decline::TooLate)
                }
                Some(c) => Verdict::done(c.left),
            },
            Command::Repay { amount_fen, .. } => expect_repayment(account, i64::from(amount_fen)),
            Command::ConvertBill { instalments } => expect_conversion(evidence, slot, account, instalments),
            Command::SettleEarly { loan, amount_fen } => {
                self.expect_settlement(evidence, slot, loan, i64::from(amount_fen))
            }
            Command::RequestHardship => expect_hardship(evidence, account),
            Command::Complain { .. } => Verdict::done(0),
            Command::Close => expect_closing(account),
            // Applications are judged apart.
            Command::Apply(_) => Verdict::from(Ok(None)),
        }
    }

    fn expect_settlement(&self, evidence: Evidence<'_>, slot: Slot, number: u8, amount: i64) -> Verdict {
        let account = &self.accounts[slot.index()];
        if !account.is_live() || account.days_past_due(evidence.rules, evidence.day()) > 0 {
            return Verdict::declined(Decline::AccountBlocked);
        }
        if amount < 0 {
            return Verdict::declined(Decline::AmountNotPositive);
        }
        let Some(place) = nth_in_parts(account, number) else { return Verdict::declined(Decline::NothingToDo) };
        let coming = account.loans[place].coming;
        if amount > coming {
            return Verdict::declined(Decline::AmountTooLarge);
        }
        let prepaid = if amount == 0 { coming } else { amount };
        Verdict::done(prepaid + self.settlement_charge(evidence, slot, place, prepaid))
    }

    fn judge_application(
        &mut self,
        evidence: Evidence<'_>,
        slot: Slot,
        application: &Application,
        reply: Reply,
        findings: &mut Findings,
    ) {
        let account = &self.accounts[slot.index()];
        let first = screen(evidence.rules, account, application);
        let fair = match (first, reply) {
            (Some(refusal), Reply::Refused(given)) => refusal == given,
            // Debt, income, score and funds come after what can be repeated here.
            (None, Reply::Refused(given)) => given >= Refusal::TotalDebt && given != Refusal::Review,
            (first, Reply::InReview) => first != Some(Refusal::HasAccount),
            (first, Reply::Done(limit)) => {
                let limit = i64::from(limit);
                let debt = i64::from(application.other_debt_yuan) + limit / 100;
                first.is_none()
                    && application.monthly_income_yuan >= evidence.rules.income_min_yuan
                    && debt <= i64::from(evidence.rules.total_debt_max_yuan)
                    && evidence.rules.new_limits.contains(&limit)
            }
            (_, Reply::Declined(_)) => false,
        };
        if !fair {
            self.report(findings, "origination", evidence, Some(slot), || {
                format!("{application:?}: {first:?} by the checks that can be repeated, {reply:?} answered")
            });
        }
        self.originate(evidence, slot, application, reply, first.is_none());
    }
}

/// The answer that a repeated request should have got, when it got another.
fn repeated(account: &Account, logged: &LoggedRequest) -> Option<Reply> {
    let sequence = logged.request.sequence;
    let stale = sequence == 0 || account.sequence - sequence >= KEPT;
    let expected = match account.answered[(sequence % KEPT) as usize] {
        _ if stale => Reply::Declined(Decline::StaleRequest),
        Some((kept, command, reply)) if kept == sequence && command == logged.request.command => reply,
        _ => Reply::Declined(Decline::IdReused),
    };
    (expected != logged.reply).then_some(expected)
}

/// The first check of an application that fails, of those that need nothing but the application.
fn screen(rules: &Rules, account: &Account, application: &Application) -> Option<Refusal> {
    if !matches!(account.status.0, Status::None | Status::Closed) {
        Some(Refusal::HasAccount)
    } else if !application.identity_matches {
        Some(Refusal::Identity)
    } else if !(rules.ages.0..=rules.ages.1).contains(&application.age) {
        Some(Refusal::Age)
    } else if application.student && rules.students_barred {
        Some(Refusal::Student)
    } else if application.fraud_signal {
        Some(Refusal::Fraud)
    } else {
        None
    }
}

fn expect_capture(
    evidence: Evidence<'_>,
    slot: Slot,
    account: &Account,
    reference: Reference,
    amount: Fen32,
) -> Verdict {
    let found = account.purchases.iter().find(|p| p.reference == reference && !p.captured);
    let Some(hold) = found else { return Verdict::declined(Decline::UnknownReference) };
    let amount = i64::from(amount);
    let offered = |months| evidence.rules.terms_offered.iter().any(|(term, _)| *term == months);
    match amount {
        ..=0 => Verdict::declined(Decline::AmountNotPositive),
        _ if amount > hold.amount => Verdict::declined(Decline::AmountTooLarge),
        _ if hold.instalments != 0 && !offered(hold.instalments) => Verdict::declined(Decline::TermNotOffered),
        _ if hold.instalments != 0 && is_refused(evidence, slot, account, amount, hold.instalments) => {
            Verdict::declined(Decline::PriceCap)
        }
        _ => Verdict::done(amount),
    }
}

fn expect_refund(evidence: Evidence<'_>, account: &Account, reference: Reference, amount: i64) -> Verdict {
    let found = account.purchases.iter().find(|p| p.reference == reference && p.captured);
    let Some(sale) = found else { return Verdict::declined(Decline::UnknownReference) };
    let over = evidence.day().since(sale.day) > i32::from(evidence.rules.refund_days);
    let verdict = match amount {
        ..=0 => Verdict::declined(Decline::AmountNotPositive),
        _ if amount > sale.amount => Verdict::declined(Decline::AmountTooLarge),
        _ if over => Verdict::declined(Decline::TooLate),
        _ => Verdict::done(amount),
    };
    if over || sale.lapsed { verdict.or(Decline::UnknownReference) } else { verdict }
}

/// Tips of the cycle that can be taken back.
fn tips_left(account: &Account) -> i64 {
    account.loans.iter().map(|loan| loan.tips_left).sum()
}

fn expect_repayment(account: &Account, offered: i64) -> Verdict {
    let owed = match account.status.0 {
        Status::WrittenOff => account.claim,
        _ => account.on_statement() + account.unbilled(),
    };
    if offered <= 0 {
        Verdict::declined(Decline::AmountNotPositive)
    } else if account.status != Status::WrittenOff && !account.is_live() {
        Verdict::declined(Decline::NoAccount)
    } else if owed == 0 {
        Verdict::declined(Decline::NothingToDo)
    } else {
        Verdict::done(offered.min(owed))
    }
}

fn expect_conversion(evidence: Evidence<'_>, slot: Slot, account: &Account, months: u8) -> Verdict {
    let rules = evidence.rules;
    if !rules.terms_offered.iter().any(|(term, _)| *term == months) {
        return Verdict::declined(Decline::TermNotOffered);
    }
    if !account.is_live() {
        return Verdict::declined(Decline::NoAccount);
    }
    let amount = account.convertible();
    let barred = account.converted || account.reaged || account.days_past_due(rules, evidence.day()) > 0;
    if barred || amount < CONVERTIBLE_MIN_FEN {
        return Verdict::declined(Decline::NothingToDo);
    }
    match is_refused(evidence, slot, account, amount, months) {
        false => Verdict::done(amount),
        true => Verdict::declined(Decline::PriceCap),
    }
}

fn expect_hardship(evidence: Evidence<'_>, account: &Account) -> Verdict {
    let (from, to) = evidence.rules.hardship_dpd;
    let late = account.days_past_due(evidence.rules, evidence.day());
    let principal = account.principal();
    if !account.is_live() || account.reaged || !(from..=to).contains(&late) || principal == 0 {
        return Verdict::declined(Decline::NothingToDo);
    }
    Verdict::done(principal)
}

fn expect_closing(account: &Account) -> Verdict {
    if !account.is_live() {
        return Verdict::declined(Decline::NoAccount);
    }
    let owed = account.principal() + account.charges() + account.held;
    if owed > 0 || account.accrued() > 0 || !account.cards.is_empty() {
        return Verdict::declined(Decline::StillOwing);
    }
    Verdict::done(0)
}
