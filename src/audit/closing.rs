//! The close of a day as the auditor works it out: ends of holds and of grace, lateness, freezes, write-offs, bill days, reviews,
//! settlement. What luck decides is taken from the published facts and held against the rules.

use crate::audit::account::{Account, INTEREST_UNIT};
use crate::audit::arithmetic::{half_even, share};
use crate::audit::bill::GroupDates;
use crate::audit::loan::Kind;
use crate::audit::rules::Debt;
use crate::audit::statement::dates_of_statement;
use crate::audit::{CellAuditor, Evidence, Findings};
use crate::base::ids::Slot;
use crate::base::time::Day;
use crate::credit::chart::{Account as Book, funding_of, loans_of};
use crate::credit::command::Status;

impl CellAuditor {
    pub(super) fn close(&mut self, evidence: Evidence<'_>, findings: &mut Findings) {
        let (rules, day) = (evidence.rules, evidence.day());
        self.groups.resize(rules.bill_days.len(), GroupDates::default());
        for slot in (0..self.accounts.len() as u32).map(Slot) {
            let facts = &evidence.facts.accounts[slot.index()];
            let account = &mut self.accounts[slot.index()];
            if account.status == Status::None || account.lost {
                continue;
            }
            end_holds(account, evidence, &mut self.reserved);
            if account.monitored && facts.misuse && account.is_live() {
                account.misuse = true;
                account.status.0 = Status::Frozen;
            }
            let group = usize::from(facts.group);
            if self.groups[group].grace_until == day && account.is_live() {
                account.loans.iter_mut().for_each(|loan| loan.bearing = loan.billed);
            }
            self.age(evidence, slot);
            if day.ymd().2 as u8 == rules.bill_days[group] {
                self.bill(evidence, slot, findings);
            }
            if self.accounts[slot.index()].status == Status::InReview && facts.status != Status::InReview {
                self.finish_review(evidence, slot, findings);
            }
        }
        for group in 0..self.groups.len() {
            if day.ymd().2 as u8 == rules.bill_days[group] {
                self.groups[group] = dates_of_statement(evidence, group);
            }
        }
        self.settle(evidence);
        if evidence.facts.is_month_end {
            let live = self.accounts.iter().filter(|account| account.is_live()).count() as i64;
            self.books.enter(Book::ServiceCost, Book::Cash, live * rules.service_cost_month);
        }
    }

    fn age(&mut self, evidence: Evidence<'_>, slot: Slot) {
        let account = &mut self.accounts[slot.index()];
        if !account.is_live() {
            return;
        }
        let tomorrow = evidence.day().plus(1);
        let late = account.days_past_due(evidence.rules, tomorrow);
        // Inside grace nothing is lost.
        account.late_in_cycle |= account.grace_is_over(evidence.rules, tomorrow);
        if late == 0 {
            if account.status == Status::Frozen && !account.misuse && !account.reaged {
                account.status.0 = Status::Open;
            }
            return;
        }
        if late >= evidence.rules.writeoff_dpd {
            self.write_off(evidence, slot);
        } else if late >= evidence.rules.freeze_dpd {
            account.status.0 = Status::Frozen;
        }
    }

    fn write_off(&mut self, evidence: Evidence<'_>, slot: Slot) {
        let account = &mut self.accounts[slot.index()];
        for hold in account.purchases.iter().filter(|p| !p.captured) {
            self.reserved[0] -= hold.parts.0;
            self.reserved[hold.funder.index()] -= hold.parts.1;
        }
        let (principal, charges, by_funder) = (account.principal(), account.charges(), account.by_funder());
        self.books.enter(Book::ReceivableWriteOff, Book::InterestReceivable, account.owed(Debt::Interest));
        self.books.enter(Book::ReceivableWriteOff, Book::FeeReceivable, account.owed(Debt::Fees));
        self.books.enter(Book::ReceivableWriteOff, Book::PenaltyReceivable, account.owed(Debt::Penalty));
        self.books.enter(Book::LossAllowance, Book::LoansPlatform, by_funder[0]);
        for (partner, terms) in evidence.rules.partners.iter().enumerate() {
            let loss = by_funder[partner + 1];
            let promised = self.lent_ever[partner] * terms.first_loss_ppm / 1_000_000;
            let covered = loss.min((promised - self.covered_ever[partner]).max(0));
            self.covered_ever[partner] += covered;
            self.books.enter(Book::FirstLossExpense, loans_of(partner + 1), covered);
            self.books.enter(funding_of(partner), loans_of(partner + 1), loss - covered);
        }
        let gone = std::mem::take(account);
        *account = Account {
            status: gone.status,
            claim: principal + charges,
            written_off_on: evidence.day(),
            cards: gone.cards,
            loans_made: gone.loans_made,
            sequence: gone.sequence,
            answered: gone.answered,
            annual_bp: gone.annual_bp,
            tier: gone.tier,
            cards_closed: gone.cards_closed,
            misuse: gone.misuse,
            opened: gone.opened,
            touched: true,
            ..Account::default()
        };
        account.status.0 = Status::WrittenOff;
    }

    /// The bill day: sale of an old claim, or review of the limit and the statement.
    fn bill(&mut self, evidence: Evidence<'_>, slot: Slot, findings: &mut Findings) {
        let (rules, day) = (evidence.rules, evidence.day());
        let account = &mut self.accounts[slot.index()];
        if account.status == Status::WrittenOff && day.since(account.written_off_on) >= i32::from(rules.sale_after_days)
        {
            account.status.0 = Status::Sold;
            let price = share(std::mem::take(&mut account.claim), rules.sale_price_ppm);
            self.books.enter(Book::Cash, Book::ClaimSaleIncome, price);
        }
        let account = &mut self.accounts[slot.index()];
        if !account.is_live() {
            return;
        }
        self.review(evidence, slot, findings);
        let account = &mut self.accounts[slot.index()];
        account.tipped_in_cycle = 0;
        account.bought_in_cycle = 0;
        account.late_in_cycle &= account.status == Status::Frozen;
        if account.reaged
            && account.probation_until <= day
            && account.loans.iter().all(|loan| loan.kind != Kind::Hardship)
            && account.days_past_due(rules, day) == 0
        {
            account.reaged = false;
            if account.status == Status::Frozen && !account.misuse {
                account.status.0 = Status::Open;
            }
        }
        self.statement(evidence, slot);
    }

    /// What a reviewer decided is luck; when, and whether it might open the account at all, is not.
    fn finish_review(&mut self, evidence: Evidence<'_>, slot: Slot, findings: &mut Findings) {
        let facts = &evidence.facts.accounts[slot.index()];
        let account = &mut self.accounts[slot.index()];
        let waited = (account.opened.0 + 1..=evidence.day().0).filter(|day| weekday(Day(*day)) < 5).count() as u32;
        let fair = match facts.status {
            Status::Open => account.screened && evidence.rules.new_limits.contains(&i64::from(facts.limit)),
            status => status == Status::None,
        } && waited >= evidence.rules.review_days;
        account.status.0 = facts.status;
        account.limit = i64::from(facts.limit);
        account.annual_bp = i64::from(facts.annual_bp);
        account.tier = facts.tier;
        account.opened = evidence.day();
        account.opened_round = evidence.rules.lower_round;
        if !fair {
            self.report(findings, "origination", evidence, Some(slot), || {
                format!("a review ended after {waited} working days with {:?}, limit {}", facts.status, facts.limit)
            });
        }
    }

    /// Merchants, hosts and partners are settled; money costs its price for the day.
    fn settle(&mut self, evidence: Evidence<'_>) {
        for payable in [Book::MerchantPayable, Book::HostPayable] {
            let owed = -self.books.balance(payable);
            self.books.enter(payable, Book::Cash, owed.max(0));
        }
        for (partner, terms) in evidence.rules.partners.iter().enumerate() {
            let lent = self.books.balance(loans_of(partner + 1));
            let funded = -self.books.balance(funding_of(partner));
            self.books.enter(Book::Cash, funding_of(partner), lent - funded);
            let price = half_even(lent.max(0) * terms.price_bp, INTEREST_UNIT);
            self.books.enter(Book::PartnerCost, Book::Cash, price);
        }
        let own = self.books.balance(Book::LoansPlatform).max(0);
        let price = half_even(own * evidence.rules.treasury_bp, INTEREST_UNIT);
        self.books.enter(Book::TreasuryCost, Book::Cash, price);
    }
}

/// 0 is Monday. 2000-01-01, day 0, was a Saturday.
const fn weekday(day: Day) -> u16 {
    (day.0 + 5) % 7
}

/// Holds end at the close of their last day; purchases may be forgotten once their days of refund are over.
fn end_holds(account: &mut Account, evidence: Evidence<'_>, reserved: &mut [i64]) {
    let day = evidence.day();
    let held = &mut account.held;
    account.purchases.retain(|hold| {
        let over = !hold.captured && hold.until <= day;
        if over {
            *held -= hold.amount;
            reserved[0] -= hold.parts.0;
            reserved[hold.funder.index()] -= hold.parts.1;
        }
        !over
    });
    for sale in account.purchases.iter_mut().filter(|purchase| purchase.captured) {
        sale.lapsed |= day.since(sale.day) > i32::from(evidence.rules.refund_days);
    }
}
