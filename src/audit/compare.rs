//! The auditor's own account and books against the published ones, after each close. An account that differs is reported once.

use crate::audit::account::Account;
use crate::audit::bill::Bill;
use crate::audit::loan::{Kind, Loan};
use crate::audit::rules::Debt;
use crate::audit::sub_ledgers::sub_ledger;
use crate::audit::{AccountFacts, BillFacts, CellAuditor, Evidence, Findings, LoanFacts};
use crate::base::ids::{FUNDERS, Lender, Slot};
use crate::credit::chart::{Account as Book, loans_of};
use crate::credit::command::Status;

/// Days between two bill days, at most.
const CYCLE_DAYS: i32 = 31;

impl CellAuditor {
    /// Everything at the close.
    pub(super) fn compare(&mut self, evidence: Evidence<'_>, findings: &mut Findings) {
        let (mut loans, mut bills) = (evidence.facts.loans, evidence.facts.bills);
        for slot in (0..self.accounts.len() as u32).map(Slot) {
            let facts = &evidence.facts.accounts[slot.index()];
            let loans = take_first(&mut loans, |loan| loan.slot == slot);
            let bills = take_first(&mut bills, |bill| bill.slot == slot);
            if let Some(detail) = sub_ledger(facts, loans, bills) {
                self.report(findings, "sub_ledger", evidence, Some(slot), || detail);
            }
            let account = &mut self.accounts[slot.index()];
            if account.lost || (account.status == Status::None && facts.status == Status::None) {
                continue;
            }
            account.cards_closed = Some(facts.cards_closed);
            account.tier = facts.tier;
            let wrong = disagreement(account, evidence, facts)
                .or_else(|| loans_differ(account, self.lender, loans))
                .or_else(|| bills_differ(account, bills));
            if let Some(invariant) = wrong {
                account.lost = true;
                self.blind = true;
                let detail = describe(&self.accounts[slot.index()], facts, loans, bills);
                self.report(findings, invariant, evidence, Some(slot), || detail);
            }
        }
        self.compare_funds(evidence, findings);
        self.compare_books(evidence, findings);
    }

    fn compare_funds(&mut self, evidence: Evidence<'_>, findings: &mut Findings) {
        for (funder, committed) in evidence.facts.committed.into_iter().enumerate() {
            let quota = evidence.facts.quota[funder].max(0);
            let grown = committed - self.committed_before[funder];
            if grown > quota {
                self.report(findings, "capacity", evidence, None, || {
                    format!("funder {funder} had room for {quota} fen today and committed {grown} more")
                });
            }
            let own = self.books.balance(loans_of(funder)) + self.reserved[funder];
            if own != committed && !self.blind {
                self.report(findings, "reservations", evidence, None, || {
                    format!("funder {funder}: {own} fen lent and reserved by own account, {committed} published")
                });
                self.blind = true;
            }
        }
        self.committed_before = evidence.facts.committed;
    }

    fn compare_books(&mut self, evidence: Evidence<'_>, findings: &mut Findings) {
        let published = evidence.facts.balances;
        let sum: i64 = published.iter().sum();
        if sum != 0 {
            self.report(findings, "trial_balance", evidence, None, || format!("the ledger is off by {sum} fen"));
        }
        let mut by_funder = [0; FUNDERS];
        for facts in evidence.facts.accounts {
            by_funder.iter_mut().zip(facts.by_funder).for_each(|(sum, fen)| *sum += i64::from(fen));
        }
        for (funder, lent) in by_funder.into_iter().enumerate() {
            let control = published[loans_of(funder) as usize];
            if lent != control {
                self.report(findings, "sub_ledger", evidence, None, || {
                    format!("accounts owe funder {funder} {lent} fen, its control account says {control}")
                });
            }
        }
        if self.blind {
            self.books.adopt(published);
            return;
        }
        self.take_judgements(evidence, findings);
        let cards: i64 = self.accounts.iter().flat_map(|account| &account.cards).map(|card| card.left).sum();
        if cards != -published[Book::CardFloat as usize] {
            let float = -published[Book::CardFloat as usize];
            self.report(findings, "card_float", evidence, None, || {
                format!("{cards} fen unspent on cards, the float is {float}")
            });
        }
        for book in Book::ALL {
            let (own, theirs) = (self.books.balance(*book), published[*book as usize]);
            if own != theirs {
                self.report(findings, "trial_balance", evidence, None, || {
                    format!("{}: {own} fen by own double entry, {theirs} in the ledger", book.path())
                });
            }
        }
        self.books.adopt(published);
    }

    /// Amounts that are judgement and not arithmetic: capital, the loss allowance, what collectors cost. They are taken
    /// over within bounds; that their other side agrees is left to the trial balance.
    fn take_judgements(&mut self, evidence: Evidence<'_>, findings: &mut Findings) {
        let published = |book: Book| evidence.facts.balances[book as usize];
        let paid_in = self.books.balance(Book::Capital) - published(Book::Capital);
        self.books.enter(Book::Cash, Book::Capital, paid_in);
        let spent = published(Book::CollectionCost) - self.books.balance(Book::CollectionCost);
        self.books.enter(Book::CollectionCost, Book::Cash, spent);
        let (live, rules) = (self.accounts.iter().filter(|account| account.is_live()).count() as i64, evidence.rules);
        // Accounts written off today still counted when the collectors' day began.
        let begun = live + self.accounts.iter().filter(|a| a.written_off_on == evidence.day()).count() as i64;
        let channels = rules.contacts_per_mille.iter().zip(rules.contact_costs);
        let most: i64 = channels.map(|(per_mille, cost)| (begun * per_mille / 1_000 + 1) * cost).sum();
        if !(0..=most).contains(&spent) {
            self.report(findings, "collection_cost", evidence, None, || format!("{spent} fen, at most {most}"));
        }
        let moved = published(Book::LossAllowance) - self.books.balance(Book::LossAllowance);
        self.books.enter(Book::LossAllowance, Book::ImpairmentExpense, moved);
        let open: i64 =
            self.accounts.iter().map(|account| account.by_funder()[0] + account.available(evidence.day()).max(0)).sum();
        let allowance = -published(Book::LossAllowance);
        let idle = moved != 0 && !evidence.facts.is_month_end;
        if idle || (evidence.facts.is_month_end && !(0..=open).contains(&allowance)) {
            self.report(findings, "allowance", evidence, None, || {
                format!("moved by {moved} fen to {allowance} against {open} lent and undrawn")
            });
        }
    }
}

/// Cuts the first rows off that belong to somebody.
fn take_first<'a, T>(rows: &mut &'a [T], mine: impl Fn(&T) -> bool) -> &'a [T] {
    let count = rows.iter().take_while(|row| mine(row)).count();
    let (first, rest) = rows.split_at(count);
    *rows = rest;
    first
}

/// The first thing on which the own account and the published one differ.
fn disagreement(account: &Account, evidence: Evidence<'_>, facts: &AccountFacts) -> Option<&'static str> {
    let same = |own: i64, theirs: i32| own == i64::from(theirs);
    let rules = evidence.rules;
    let owed = |debt| account.owed(debt);
    let billed = account.billed();
    let allocated = same(owed(Debt::Penalty), facts.penalty)
        && same(owed(Debt::Interest), facts.interest)
        && same(owed(Debt::Fees), facts.fees)
        && same(billed, facts.billed);
    let on_statement = i64::from(facts.billed + facts.interest + facts.fees + facts.penalty);
    let platform = i64::from(facts.by_funder[0]);
    let principal: i64 = facts.by_funder.iter().map(|fen| i64::from(*fen)).sum();
    let late = account.days_past_due(rules, evidence.day().plus(1));
    let checks = [
        ("allocation_order", allocated || !account.repaid_today || account.on_statement() != on_statement),
        ("interest", same(owed(Debt::Interest), facts.interest)),
        ("penalty", same(owed(Debt::Penalty), facts.penalty)),
        ("fees", same(owed(Debt::Fees), facts.fees)),
        ("principal", same(account.unbilled(), facts.unbilled) && same(billed, facts.billed)),
        ("instalments", same(account.installed(), facts.installed)),
        ("funders", account.by_funder().iter().zip(facts.by_funder).all(|(own, theirs)| same(*own, theirs))),
        ("platform_share", platform * 1_000_000 >= principal * rules.platform_share_min_ppm),
        ("revolving", same(account.revolving(), facts.revolving)),
        ("demands", same(account.demanded(), facts.demanded)),
        ("days_past_due", late == facts.days_past_due),
        ("write_off", (account.status == Status::WrittenOff) == (facts.status == Status::WrittenOff)),
        ("account_status", account.status == facts.status),
        ("account_status", account.reaged == facts.reaged && account.misuse == facts.misuse),
        ("claim", same(account.claim, facts.claim)),
        ("holds", same(account.held, facts.held)),
        ("limit_change", same(account.limit, facts.limit) && same(account.raise, facts.raise)),
        ("limit_change", account.raise == 0 || !overstayed(account, evidence)),
        ("rate", account.annual_bp == i64::from(facts.annual_bp)),
    ];
    checks.into_iter().find(|(_, agrees)| !agrees).map(|(invariant, _)| invariant)
}

/// A temporary raise is still there more than a bill cycle after its end.
fn overstayed(account: &Account, evidence: Evidence<'_>) -> bool {
    account.is_live() && evidence.day().since(account.raise_until) > CYCLE_DAYS
}

/// The first thing on which loans differ; those of which nothing is owed any more do not count.
fn loans_differ(account: &Account, lender: Lender, facts: &[LoanFacts]) -> Option<&'static str> {
    let own = account.loans.iter().filter(|loan| loan.principal() > 0);
    let theirs: Vec<&LoanFacts> = facts.iter().filter(|loan| loan.coming + loan.billed > 0).collect();
    if own.clone().count() != theirs.len() {
        return Some("loans");
    }
    if theirs.iter().any(|loan| loan.lender != lender) {
        return Some("loan_terms");
    }
    own.zip(theirs).find_map(|(own, theirs)| loan_differs(own, theirs))
}

fn loan_differs(own: &Loan, facts: &LoanFacts) -> Option<&'static str> {
    let same = |own: i64, theirs: i32| own == i64::from(theirs);
    let fee = if own.kind == Kind::Flat { own.fee_left } else { 0 };
    let price = own.annual_bp == i64::from(facts.annual_bp) && same(fee, facts.fee_left);
    let terms = own.late_ppm == i64::from(facts.late_ppm)
        && own.waived_percent == i64::from(facts.waived_percent)
        && own.day_one == facts.day_one;
    let checks = [
        ("loans", own.made == facts.made && own.in_parts() == facts.in_parts),
        ("loan_price", price),
        ("loan_terms", terms),
        ("instalments", same(own.coming, facts.coming) && own.parts_left == facts.parts_left),
        ("principal", same(own.billed, facts.billed)),
        ("revolving", same(own.bearing, facts.bearing)),
        ("funders", own.by_funder.iter().zip(facts.by_funder).all(|(own, theirs)| same(*own, theirs))),
    ];
    checks.into_iter().find(|(_, agrees)| !agrees).map(|(invariant, _)| invariant)
}

/// The first thing on which bills differ.
fn bills_differ(account: &Account, facts: &[BillFacts]) -> Option<&'static str> {
    if account.bills.len() != facts.len() {
        return Some("bills");
    }
    account.bills.iter().zip(facts).find_map(|(own, theirs): (&Bill, &BillFacts)| {
        let dates = own.due.map(|due| (due, own.grace_until));
        let owed = own.owed.iter().zip(theirs.owed).all(|(own, theirs)| *own == i64::from(theirs));
        let how = if account.repaid_today { "allocation_order" } else { "bills" };
        let checks = [("due_dates", dates == theirs.dates), (how, owed)];
        checks.into_iter().find(|(_, agrees)| !agrees).map(|(invariant, _)| invariant)
    })
}

fn describe(account: &Account, facts: &AccountFacts, loans: &[LoanFacts], bills: &[BillFacts]) -> String {
    format!(
        "own: {:?}, limit {} + {}, held {}, claim {}, rate {}, accrued {} {}, loans {:#?}, bills {:?}; published: {facts:?}, loans \
         {loans:#?}, bills {bills:?}",
        account.status.0,
        account.limit,
        account.raise,
        account.held,
        account.claim,
        account.annual_bp,
        account.interest_accrued(),
        account.penalty_accrued,
        account.loans,
        account.bills,
    )
}
