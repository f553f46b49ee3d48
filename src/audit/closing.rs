//! The close of a day as the auditor works it out: lateness, freezes, write-offs, statements, reviews, settlement. What luck
//! decides is taken from the published facts and held against the rules.

use crate::audit::account::{Account, Due, INTEREST_UNIT, PENALTY_UNIT};
use crate::audit::arithmetic::{ceil, half_even, share};
use crate::audit::{AccountFacts, CellAuditor, Evidence, Findings};
use crate::base::ids::Slot;
use crate::base::time::Day;
use crate::credit::chart::{Account as Book, funding_of, loans_of};
use crate::credit::command::Status;

/// What a bill group has its turn for today.
#[derive(Clone, Copy, Default)]
struct Turn {
    billed: bool,
    due: bool,
    grace_over: bool,
}

impl Turn {
    fn of(evidence: Evidence<'_>, bill_day: u8, due_after_days: u16) -> Turn {
        let billed = |ago: u16| Day(evidence.day().0.saturating_sub(ago)).ymd().2 as u8 == bill_day;
        let grace = evidence.rules.grace_days;
        Turn { billed: billed(0), due: billed(due_after_days), grace_over: billed(due_after_days + grace) }
    }
}

impl CellAuditor {
    pub(super) fn close(&mut self, evidence: Evidence<'_>, findings: &mut Findings) {
        let groups = evidence.rules.bill_days.iter().zip(&evidence.rules.due_after_days);
        let turns: Vec<Turn> = groups.map(|(bill_day, after)| Turn::of(evidence, *bill_day, *after)).collect();
        for slot in (0..self.accounts.len() as u32).map(Slot) {
            let facts = &evidence.facts.accounts[slot.index()];
            let account = &mut self.accounts[slot.index()];
            if account.status == Status::None || account.lost {
                continue;
            }
            let turn = turns.get(usize::from(facts.group)).copied().unwrap_or_default();
            release_expired(account, evidence, facts, &mut self.reserved);
            if account.monitored && facts.misuse && account.is_live() {
                account.misuse = true;
                account.status.0 = Status::Frozen;
            }
            if turn.grace_over && account.is_live() {
                account.revolving = account.billed;
            }
            if turn.due && account.is_live() && account.days_past_due(evidence.day().plus(1)) > 0 {
                account.late_in_cycle = true;
            }
            self.age(evidence, slot);
            if turn.billed {
                self.bill(evidence, slot, findings);
            }
            if self.accounts[slot.index()].status == Status::InReview && facts.status != Status::InReview {
                self.finish_review(evidence, slot, findings);
            }
        }
        self.settle(evidence);
        if evidence.facts.is_month_end {
            let live = self.accounts.iter().filter(|account| account.is_live()).count() as i64;
            self.books.enter(Book::ServiceCost, Book::Cash, live * evidence.rules.service_cost_month);
        }
    }

    fn age(&mut self, evidence: Evidence<'_>, slot: Slot) {
        let account = &mut self.accounts[slot.index()];
        if !account.is_live() {
            return;
        }
        let late = account.days_past_due(evidence.day().plus(1));
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
        let (principal, charges) = (account.principal(), account.charges());
        self.books.enter(Book::ReceivableWriteOff, Book::InterestReceivable, account.interest);
        self.books.enter(Book::ReceivableWriteOff, Book::FeeReceivable, account.fees);
        self.books.enter(Book::ReceivableWriteOff, Book::PenaltyReceivable, account.penalty);
        self.books.enter(Book::LossAllowance, Book::LoansPlatform, account.by_funder[0]);
        for (partner, terms) in evidence.rules.partners.iter().enumerate() {
            let loss = account.by_funder[partner + 1];
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
            && account.loans.is_empty()
            && account.days_past_due(day) == 0
        {
            account.reaged = false;
            if account.status == Status::Frozen && !account.misuse {
                account.status.0 = Status::Open;
            }
        }
        self.statement(evidence, slot);
    }

    fn statement(&mut self, evidence: Evidence<'_>, slot: Slot) {
        let rules = evidence.rules;
        let account = &mut self.accounts[slot.index()];
        let interest = half_even(account.interest_accrued, INTEREST_UNIT);
        account.interest_accrued -= interest * INTEREST_UNIT;
        let penalty = half_even(account.penalty_accrued, PENALTY_UNIT);
        account.penalty_accrued -= penalty * PENALTY_UNIT;
        account.interest += interest;
        account.penalty += penalty;
        self.books.enter(Book::InterestReceivable, Book::InterestIncome, interest);
        self.books.enter(Book::PenaltyReceivable, Book::PenaltyIncome, penalty);
        account.converted = false;
        account.billed += std::mem::take(&mut account.unbilled);
        let mut in_full = interest + penalty;
        account.billed_instalments = 0;
        for loan in &mut account.loans {
            let Due { principal, interest, fee } = loan.next();
            let waived = half_even(interest * loan.waived_percent, 100);
            loan.left -= principal;
            loan.billed.push(principal + interest - waived + fee);
            account.billed += principal;
            account.billed_instalments += principal;
            account.interest += interest - waived;
            account.fees += fee;
            in_full += principal + interest - waived + fee;
            self.books.enter(Book::InterestReceivable, Book::InterestIncome, interest);
            self.books.enter(Book::SubsidyCost, Book::InterestReceivable, waived);
            self.books.enter(Book::FeeReceivable, Book::FeeIncome, fee);
        }
        account.loans.retain(|loan| loan.billed.len() < usize::from(loan.periods));
        let rest = (account.on_statement() - account.demanded() - in_full).max(0);
        let minimum = ceil(rest * rules.minimum_ppm, 1_000_000).max(rules.minimum_floor.min(rest));
        if in_full + minimum > 0 {
            let group = usize::from(evidence.facts.accounts[slot.index()].group);
            let due = evidence.day().plus(rules.due_after_days.get(group).copied().unwrap_or(0));
            account.demands.push_back((due, in_full + minimum));
        }
        let kept = rules.refund_days.max(rules.hold_days);
        account.purchases.retain(|p| !p.captured || evidence.day().since(p.day) <= i32::from(kept) + 31);
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

/// Expired holds are released some days after their last one; the published sum of holds says when.
fn release_expired(account: &mut Account, evidence: Evidence<'_>, facts: &AccountFacts, reserved: &mut [i64]) {
    if account.held == i64::from(facts.held) {
        return;
    }
    let (rules, day) = (evidence.rules, evidence.day());
    account.purchases.retain(|hold| {
        let expired = !hold.captured && day.since(hold.day) > i32::from(rules.hold_days);
        if expired {
            account.held -= hold.amount;
            reserved[0] -= hold.parts.0;
            reserved[hold.funder.index()] -= hold.parts.1;
        }
        !expired
    });
}
