//! What an answered request does to the auditor's own account and books: applications, drawings, captures. What gives money back stands
//! in `returns`, what the borrower pays in `payments`.

use crate::audit::account::{Account, Card, Purchase};
use crate::audit::arithmetic::share;
use crate::audit::loan::{Kind, Loan};
use crate::audit::pricing::{drawing, in_parts, lent_by};
use crate::audit::{CellAuditor, Evidence, Findings};
use crate::base::ids::{FUNDERS, Funder, Reference, Slot};
use crate::credit::chart::{Account as Book, loans_of};
use crate::credit::command::{Application, Command, Reply, Status};

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
            Command::RefundTip { .. } => self.take_tips_back(evidence, slot, done),
            Command::RedeemCard { card, .. } => self.redeem(evidence, slot, card, done),
            Command::RefundCard { card } => self.refund_card(evidence, slot, card, done),
            Command::Repay { .. } => self.repay(evidence, slot, done),
            Command::ConvertBill { instalments } => self.convert(evidence, slot, instalments),
            Command::SettleEarly { loan, amount_fen } => {
                self.settle_early(slot, loan, i64::from(amount_fen), done);
            }
            Command::RequestHardship => self.start_hardship(evidence, slot),
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
            account.opened_round = evidence.rules.lower_round;
            account.annual_bp = i64::from(facts.annual_bp);
            account.tier = facts.tier;
        }
    }

    pub(super) fn unreserve(&mut self, hold: &Purchase) {
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
                let hold = Purchase {
                    reference: Reference(number),
                    amount,
                    captured: false,
                    day: evidence.day(),
                    until: evidence.day().plus(evidence.rules.hold_days),
                    scene: scene as usize,
                    instalments,
                    funder,
                    suspicious,
                    parts: (0, 0),
                    commission: 0,
                    loan: 0,
                    lapsed: false,
                };
                self.hold(evidence, slot, hold);
            }
            Command::BuyCard { suspicious, .. } => {
                account.bought_in_cycle += 1;
                account.monitored |= suspicious;
                let lent = self.lend(evidence, amount, funder, Book::CardFloat);
                let account = &mut self.accounts[slot.index()];
                let loan = drawing(evidence, account, Kind::Drawing, lent);
                let loan = account.add_loan(loan);
                account.cards.push(Card { reference: Reference(number), left: amount, day: evidence.day(), loan });
            }
            _ => {
                account.tipped_in_cycle += amount;
                let lent = self.lend(evidence, amount, funder, Book::HostPayable);
                let platform = amount - share(amount, evidence.rules.host_share_ppm);
                self.books.enter(Book::HostPayable, Book::TipIncome, platform);
                let account = &mut self.accounts[slot.index()];
                let tip = drawing(evidence, account, Kind::Tips(funder), lent);
                add_tip(account, Loan { tips_left: amount, share_left: platform, ..tip });
            }
        }
    }

    fn hold(&mut self, evidence: Evidence<'_>, slot: Slot, hold: Purchase) {
        let account = &mut self.accounts[slot.index()];
        // A reference is used again when its purchase is forgotten.
        account.purchases.retain(|p| p.reference != hold.reference || !p.captured);
        let part = evidence.rules.partner_part(hold.amount, hold.funder);
        let own = hold.amount - part;
        account.held += hold.amount;
        account.purchases.push(Purchase { parts: (own, part), ..hold });
        self.room[0] -= own;
        self.reserved[0] += own;
        self.room[hold.funder.index()] -= part;
        self.reserved[hold.funder.index()] += part;
    }

    /// Lends to `payee`: what each funder gives.
    fn lend(&mut self, evidence: Evidence<'_>, amount: i64, funder: Funder, payee: Book) -> [i64; FUNDERS] {
        let lent = lent_by(evidence.rules, amount, funder);
        for (index, part) in lent.into_iter().enumerate() {
            self.room[index] -= part;
            self.books.enter(loans_of(index), payee, part);
        }
        if let Some(partner) = funder.partner() {
            self.lent_ever[partner] += lent[funder.index()];
        }
        lent
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
        account.held -= hold.amount;
        account.bought_in_cycle += 1;
        account.monitored |= hold.suspicious;
        self.unreserve(&hold);
        let lent = self.lend(evidence, amount, hold.funder, Book::MerchantPayable);
        let commission = share(amount, evidence.rules.commission_ppm[hold.scene]);
        self.books.enter(Book::MerchantPayable, Book::CommissionIncome, commission);
        let account = &mut self.accounts[slot.index()];
        let priced = match hold.instalments {
            0 => Some(drawing(evidence, account, Kind::Drawing, lent)),
            months => in_parts(evidence, slot, account, lent, months),
        };
        let fair = priced.is_some();
        let loan = account.add_loan(priced.unwrap_or_else(|| drawing(evidence, account, Kind::Drawing, lent)));
        account.purchases[index] = Purchase { captured: true, amount, day: evidence.day(), commission, loan, ..hold };
        if !fair {
            self.report(findings, "price_cap", evidence, Some(slot), || {
                format!("a purchase of {amount} fen in {} instalments costs more than the cap", hold.instalments)
            });
        }
    }
}

/// A tip joins the tips of the cycle that were lent with the same partner at the same price, or is a loan of its own.
fn add_tip(account: &mut Account, tip: Loan) {
    let price = |loan: &Loan| (loan.kind, loan.annual_bp, loan.late_ppm, loan.day_one);
    match account.loans.iter_mut().find(|loan| !loan.was_billed && price(loan) == price(&tip)) {
        Some(pool) => {
            pool.coming += tip.coming;
            pool.tips_left += tip.tips_left;
            pool.share_left += tip.share_left;
            pool.by_funder.iter_mut().zip(tip.by_funder).for_each(|(sum, part)| *sum += part);
        }
        None => {
            account.add_loan(tip);
        }
    }
}
