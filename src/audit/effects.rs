//! What an answered request does to the auditor's own account and books.

use crate::audit::account::{Card, Loan, LoanPricing, Purchase};
use crate::audit::arithmetic::{level_payment, present_value, share};
use crate::audit::drawings::{priced_loan, within_cap};
use crate::audit::rules::Debt;
use crate::audit::{CellAuditor, Evidence, Findings};
use crate::base::ids::{Funder, Reference, Slot};
use crate::credit::chart::{Account as Book, loans_of};
use crate::credit::command::{Application, Command, Reply, Scene, Status};

/// Days of a period of a loan.
const PERIOD_DAYS: f64 = 30.0;

impl CellAuditor {
    pub(super) fn perform(
        &mut self,
        evidence: Evidence<'_>,
        slot: Slot,
        command: &Command,
        number: u32,
        funder: Funder,
        findings: &mut Findings,
    ) {
        let done = i64::from(number);
        match *command {
            Command::Authorise { .. } | Command::BuyCard { .. } | Command::Tip { .. } => {
                self.draw(evidence, slot, command, number, funder, findings);
            }
            Command::Capture { purchase, .. } => self.capture(evidence, slot, purchase, done, findings),
            Command::Void { purchase } => {
                let account = &mut self.accounts[slot.index()];
                if let Some(index) = account.purchases.iter().position(|p| p.reference == purchase && !p.captured) {
                    let hold = account.purchases.swap_remove(index);
                    account.held -= hold.amount;
                    self.unreserve(&hold);
                }
            }
            Command::Refund { purchase, .. } => self.refund(evidence, slot, purchase, done),
            Command::RefundTip { .. } => {
                self.accounts[slot.index()].tipped_in_cycle -= done;
                let platform = done - share(done, evidence.rules.host_share_ppm);
                self.books.enter(Book::TipIncome, Book::HostPayable, platform);
                self.give_back(slot, done, Book::HostPayable);
            }
            Command::RedeemCard { card, .. } => self.redeem(evidence, slot, card, done),
            Command::RefundCard { card } => {
                self.accounts[slot.index()].cards.retain(|c| c.reference != card);
                self.give_back(slot, done, Book::CardFloat);
            }
            Command::Repay { .. } => self.repay(evidence, slot, done),
            Command::ConvertBill { instalments } => {
                let account = &mut self.accounts[slot.index()];
                account.billed -= done;
                account.revolving = account.revolving.min(account.billed);
                account.converted = true;
                let beyond = account.demanded() - account.on_statement();
                account.pay_demands(beyond.max(0));
                if let Some(loan) = priced_loan(evidence, &self.accounts[slot.index()], done, instalments) {
                    self.accounts[slot.index()].loans.push(loan);
                }
            }
            Command::SettleEarly { .. } => self.settle_early(evidence, slot, done, findings),
            Command::RequestHardship => self.start_hardship(evidence, slot, done),
            Command::Complain { .. } => {
                self.books.enter(Book::ServiceCost, Book::Cash, evidence.rules.complaint_cost);
            }
            Command::Close => {
                let account = &mut self.accounts[slot.index()];
                account.status.0 = Status::Closed;
                (account.limit, account.raise) = (0, 0);
            }
            Command::Apply(_) => {}
        }
    }

    pub(super) fn originate(
        &mut self,
        evidence: Evidence<'_>,
        slot: Slot,
        application: &Application,
        reply: Reply,
        screened: bool,
    ) {
        self.books.enter(Book::OriginationCost, Book::Cash, evidence.rules.application_cost);
        if !matches!(reply, Reply::Done(_) | Reply::InReview) {
            return;
        }
        let account = &mut self.accounts[slot.index()];
        account.reset();
        account.income_yuan = i64::from(application.monthly_income_yuan);
        account.screened = screened;
        account.opened = evidence.day();
        account.status.0 = Status::InReview;
        if let Reply::Done(limit) = reply {
            // Rate and tier of a new account are published at the close of its first day.
            let facts = &evidence.facts.accounts[slot.index()];
            account.status.0 = Status::Open;
            account.limit = i64::from(limit);
            account.annual_bp = i64::from(facts.annual_bp);
            account.tier = facts.tier;
        }
    }

    fn unreserve(&mut self, hold: &Purchase) {
        let (own, part) = hold.parts;
        self.room[0] += own;
        self.reserved[0] -= own;
        self.room[hold.funder.index()] += part;
        self.reserved[hold.funder.index()] -= part;
    }

    fn draw(
        &mut self,
        evidence: Evidence<'_>,
        slot: Slot,
        command: &Command,
        number: u32,
        funder: Funder,
        findings: &mut Findings,
    ) {
        let (Command::Authorise { amount_fen, .. }
        | Command::BuyCard { amount_fen, .. }
        | Command::Tip { amount_fen, .. }) = *command
        else {
            return;
        };
        let amount = i64::from(amount_fen);
        if !self.has_room(evidence, amount, funder) {
            self.report(findings, "capacity", evidence, Some(slot), || {
                format!("{amount} fen on funder {}, which is closed or has no room: {:?}", funder.0, self.room)
            });
        }
        let account = &mut self.accounts[slot.index()];
        if !matches!(command, Command::Tip { .. }) {
            account.drawings_today += 1;
            account.drawn_today += amount;
        }
        match *command {
            Command::Authorise { scene, instalments, suspicious, .. } => {
                if account.purchases.iter().any(|p| p.reference == Reference(number)) {
                    account.purchases.retain(|p| p.reference != Reference(number) || !p.captured);
                }
                let part = evidence.rules.partner_part(amount, funder);
                account.held += amount;
                account.purchases.push(Purchase {
                    reference: Reference(number),
                    amount,
                    captured: false,
                    day: evidence.day(),
                    scene: scene as usize,
                    instalments,
                    funder,
                    suspicious,
                    parts: (amount - part, part),
                });
                self.room[0] -= amount - part;
                self.reserved[0] += amount - part;
                self.room[funder.index()] -= part;
                self.reserved[funder.index()] += part;
            }
            Command::BuyCard { suspicious, .. } => {
                account.cards.push(Card { reference: Reference(number), left: amount, day: evidence.day() });
                account.unbilled += amount;
                account.bought_in_cycle += 1;
                account.monitored |= suspicious;
                self.lend(evidence, slot, amount, funder, Book::CardFloat);
            }
            _ => {
                account.unbilled += amount;
                account.tipped_in_cycle += amount;
                self.lend(evidence, slot, amount, funder, Book::HostPayable);
                let platform = amount - share(amount, evidence.rules.host_share_ppm);
                self.books.enter(Book::HostPayable, Book::TipIncome, platform);
            }
        }
    }

    fn lend(&mut self, evidence: Evidence<'_>, slot: Slot, amount: i64, funder: Funder, payee: Book) {
        let part = evidence.rules.partner_part(amount, funder);
        let account = &mut self.accounts[slot.index()];
        account.by_funder[0] += amount - part;
        self.room[0] -= amount - part;
        self.books.enter(Book::LoansPlatform, payee, amount - part);
        if let Some(partner) = funder.partner() {
            account.by_funder[funder.index()] += part;
            self.room[funder.index()] -= part;
            self.lent_ever[partner] += part;
            self.books.enter(loans_of(funder.index()), payee, part);
        }
    }

    /// Takes principal off the funders of an account against `counter`.
    fn unlend(&mut self, slot: Slot, amount: i64, counter: Book) {
        let account = &mut self.accounts[slot.index()];
        let parts = account.split(amount);
        for (funder, part) in parts.into_iter().enumerate() {
            account.by_funder[funder] -= part;
            self.books.enter(counter, loans_of(funder), part);
        }
    }

    fn capture(
        &mut self,
        evidence: Evidence<'_>,
        slot: Slot,
        reference: Reference,
        amount: i64,
        findings: &mut Findings,
    ) {
        let account = &mut self.accounts[slot.index()];
        let Some(index) = account.purchases.iter().position(|p| p.reference == reference && !p.captured) else {
            return;
        };
        let hold = account.purchases[index];
        account.purchases[index] = Purchase { captured: true, amount, day: evidence.day(), ..hold };
        account.held -= hold.amount;
        account.bought_in_cycle += 1;
        account.monitored |= hold.suspicious;
        self.unreserve(&hold);
        self.lend(evidence, slot, amount, hold.funder, Book::MerchantPayable);
        let commission = share(amount, evidence.rules.commission_ppm[hold.scene]);
        self.books.enter(Book::MerchantPayable, Book::CommissionIncome, commission);
        let account = &mut self.accounts[slot.index()];
        if hold.instalments == 0 {
            account.unbilled += amount;
            return;
        }
        let Some(loan) = priced_loan(evidence, account, amount, hold.instalments) else { return };
        let fair = within_cap(evidence.rules, &loan);
        account.loans.push(loan);
        if !fair {
            self.report(findings, "price_cap", evidence, Some(slot), || {
                format!("a purchase of {amount} fen in {} instalments costs more than the cap", hold.instalments)
            });
        }
    }

    fn refund(&mut self, evidence: Evidence<'_>, slot: Slot, reference: Reference, amount: i64) {
        let account = &mut self.accounts[slot.index()];
        let Some(sale) = account.purchases.iter_mut().find(|p| p.reference == reference && p.captured) else { return };
        sale.amount -= amount;
        let commission = share(amount, evidence.rules.commission_ppm[sale.scene]);
        self.books.enter(Book::CommissionIncome, Book::MerchantPayable, commission);
        self.give_back(slot, amount, Book::MerchantPayable);
    }

    /// A refund lowers what is unbilled, then the bill; the rest goes to the customer's bank.
    fn give_back(&mut self, slot: Slot, amount: i64, payer: Book) {
        let account = &mut self.accounts[slot.index()];
        let mut taken = 0;
        if account.is_live() {
            let from_unbilled = amount.min(account.unbilled);
            let from_billed = (amount - from_unbilled).min(account.billed);
            account.unbilled -= from_unbilled;
            account.billed -= from_billed;
            account.revolving = account.revolving.min(account.billed);
            account.pay_demands(from_billed);
            taken = from_unbilled + from_billed;
        }
        if taken > 0 {
            self.unlend(slot, taken, payer);
        }
        self.books.enter(payer, Book::Cash, amount - taken);
    }

    fn redeem(&mut self, evidence: Evidence<'_>, slot: Slot, reference: Reference, amount: i64) {
        let account = &mut self.accounts[slot.index()];
        if let Some(card) = account.cards.iter_mut().find(|c| c.reference == reference) {
            card.left -= amount;
        }
        account.cards.retain(|card| card.left > 0);
        self.books.enter(Book::CardFloat, Book::MerchantPayable, amount);
        let commission = share(amount, evidence.rules.commission_ppm[Scene::LocalServices as usize]);
        self.books.enter(Book::MerchantPayable, Book::CommissionIncome, commission);
        self.books.enter(Book::SubsidyCost, Book::Cash, share(amount, evidence.rules.redeem_rebate_ppm));
    }

    fn repay(&mut self, evidence: Evidence<'_>, slot: Slot, paid: i64) {
        let account = &mut self.accounts[slot.index()];
        if account.status == Status::WrittenOff {
            account.claim -= paid;
            self.books.enter(Book::Cash, Book::RecoveryIncome, paid);
            return;
        }
        account.repaid_today = true;
        let mut left = paid;
        for debt in evidence.rules.allocation {
            let account = &mut self.accounts[slot.index()];
            let (balance, receivable) = match debt {
                Debt::Penalty => (&mut account.penalty, Book::PenaltyReceivable),
                Debt::Interest => (&mut account.interest, Book::InterestReceivable),
                Debt::Fees => (&mut account.fees, Book::FeeReceivable),
                Debt::Principal => {
                    let from_billed = left.min(account.billed);
                    let from_unbilled = (left - from_billed).min(account.unbilled);
                    account.billed -= from_billed;
                    account.unbilled -= from_unbilled;
                    account.revolving = (account.revolving - from_billed).max(0);
                    left -= from_billed + from_unbilled;
                    if from_billed + from_unbilled > 0 {
                        self.unlend(slot, from_billed + from_unbilled, Book::Cash);
                    }
                    continue;
                }
            };
            let part = left.min(*balance);
            *balance -= part;
            left -= part;
            self.books.enter(Book::Cash, receivable, part);
        }
        self.accounts[slot.index()].pay_demands(paid);
    }

    fn settle_early(&mut self, evidence: Evidence<'_>, slot: Slot, paid: i64, findings: &mut Findings) {
        let account = &mut self.accounts[slot.index()];
        if account.loans.is_empty() {
            return;
        }
        let loan = account.loans.remove(0);
        let charge = paid - loan.left;
        let period = match loan.pricing {
            LoanPricing::Level { annual_bp, .. } => loan.left * annual_bp / 120_000,
            LoanPricing::Flat { fee } => fee / i64::from(loan.periods),
        };
        let months = (f64::from(evidence.day().since(loan.made)) / PERIOD_DAYS).max(loan.billed.len() as f64);
        let billed = loan.billed.iter().enumerate().map(|(k, fen)| (k as f64 + 1.0, *fen));
        let worth = present_value(evidence.rules.cap_bp, billed.chain([(months, paid)]));
        self.unlend(slot, loan.left, Book::Cash);
        self.books.enter(Book::FeeReceivable, Book::FeeIncome, charge);
        self.books.enter(Book::Cash, Book::FeeReceivable, charge);
        if !(0..=period).contains(&charge) {
            self.report(findings, "early_settlement", evidence, Some(slot), || {
                format!("a charge of {charge} fen where a period costs {period}")
            });
        }
        // A fen of room: what was billed is known, the days between bills only in whole periods.
        if charge > 0 && worth > loan.lent as f64 + 1.0 {
            self.report(findings, "price_cap", evidence, Some(slot), || {
                format!(
                    "settled after {months:.2} months with {charge} fen: worth {worth:.2} of {} at the cap",
                    loan.lent
                )
            });
        }
    }

    fn start_hardship(&mut self, evidence: Evidence<'_>, slot: Slot, principal: i64) {
        let rules = evidence.rules;
        let account = &mut self.accounts[slot.index()];
        (account.unbilled, account.billed, account.revolving) = (0, 0, 0);
        account.demands.clear();
        account.loans = vec![Loan {
            lent: principal,
            left: principal,
            made: evidence.day(),
            periods: rules.hardship_months,
            billed: Vec::new(),
            pricing: LoanPricing::Level {
                payment: level_payment(principal, rules.hardship_bp, rules.hardship_months),
                annual_bp: rules.hardship_bp,
            },
            waived_percent: 0,
        }];
        account.reaged = true;
        account.probation_until = evidence.day().plus(30 * rules.probation_months);
        account.status.0 = Status::Frozen;
    }
}
