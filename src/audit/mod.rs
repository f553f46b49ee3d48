//! An auditor that shares no code with the engine: it reads what was asked, what was answered and what the books said
//! at each close, works everything out anew with arithmetic of its own, and names what does not agree.
//!
//! ```text
//! requests and replies of a cell's day ─┐
//! published facts of the close ─────────┼─► CellAuditor ─► Findings {invariant, day, cell, user, detail}
//! rules in force (plain numbers) ───────┘
//! ```
//!
//! It keeps an account of its own for each user and lender, with every loan and every bill for itself, and books of its own for each cell
//! and lender. What luck
//! decides (a review, a pattern stop, a confirmed misuse, a campaign) is taken from the facts and held against the rules; everything else
//! is predicted to the fen. Interest is worked out day by day and loan by loan, where the engine works it out when something changes;
//! what a loan costs at the cap is weighed in floating point, where the engine counts in integers.
//!
//! An account that disagrees is reported once and not followed further, so that one mistake is one finding.
//!
//! | file | what it judges |
//! |---|---|
//! | `requests`, `drawings`, `verdict` | every answer: idempotency, order of the checks, limit, caps, velocity, funds |
//! | `effects`, `returns`, `payments` | what an answer does to loans, bills and books |
//! | `loan`, `pricing` | a loan for itself: its parts, its funders, its price within the cap on real dates |
//! | `bill` | what statements demand: lateness, tolerance, allocation |
//! | `closing`, `statement`, `review` | ends of holds and of grace, lateness, freezes, write-off, bill days, limits |
//! | `compare`, `sub_ledgers` | own accounts, loans, bills and trial balance against the published ones, and those against each other |
//! | `capacity` | what all cells together may lend |

mod account;
mod arithmetic;
mod bill;
mod books;
mod capacity;
mod closing;
mod compare;
mod demands;
mod drawings;
mod effects;
mod facts;
mod findings;
mod loan;
mod payments;
mod pricing;
mod requests;
mod returns;
mod review;
mod rules;
mod statement;
mod sub_ledgers;
mod verdict;

pub(crate) use capacity::Capacity;
pub(crate) use facts::{AccountFacts, BillFacts, DayFacts, LoanFacts};
pub(crate) use findings::Findings;
pub(crate) use loan::FirstPart;
pub(crate) use rules::{Debt, Late, PartnerRules, Plan, Rules};

use crate::audit::account::Account;
use crate::audit::bill::GroupDates;
use crate::audit::books::Books;
use crate::base::ids::{FUNDERS, Lender, MAX_PARTNERS, Slot};
use crate::base::time::Day;
use crate::credit::command::{LoggedRequest, Status};

/// The auditor of one lender's accounts in a cell. Days must come in order, from the first day of the cell's life; a fork of a world is a
/// clone.
#[derive(Clone, Debug)]
pub(crate) struct CellAuditor {
    cell: u32,
    lender: Lender,
    accounts: Vec<Account>,
    books: Books,
    /// By bill group.
    groups: Vec<GroupDates>,
    /// What each funder may still lend today.
    room: [i64; FUNDERS],
    /// Reserved by open holds.
    reserved: [i64; FUNDERS],
    lent_ever: [i64; MAX_PARTNERS],
    covered_ever: [i64; MAX_PARTNERS],
    committed_before: [i64; FUNDERS],
    /// Some account is no longer followed, so the own trial balance says nothing any more.
    blind: bool,
}

/// What a day is judged by: the rules in force and what the engine publishes.
#[derive(Clone, Copy)]
struct Evidence<'a> {
    rules: &'a Rules,
    facts: &'a DayFacts<'a>,
}

impl Evidence<'_> {
    fn day(&self) -> Day {
        self.facts.day
    }
}

impl CellAuditor {
    /// An auditor of a lender in a cell of `users` users that nothing has happened to yet.
    pub(crate) fn new(cell: u32, lender: Lender, users: usize) -> CellAuditor {
        CellAuditor {
            cell,
            lender,
            accounts: (0..users).map(|_| Account::default()).collect(),
            books: Books::default(),
            groups: Vec::new(),
            room: [0; FUNDERS],
            reserved: [0; FUNDERS],
            lent_ever: [0; MAX_PARTNERS],
            covered_ever: [0; MAX_PARTNERS],
            committed_before: [0; FUNDERS],
            blind: false,
        }
    }

    /// Audits one day: its requests in order, of which those to other lenders are passed over, then its close. The facts are the
    /// lender's and list every account of the cell in order.
    pub(crate) fn day(&mut self, rules: &Rules, facts: &DayFacts<'_>, log: &[LoggedRequest], findings: &mut Findings) {
        let evidence = Evidence { rules, facts };
        self.room = facts.quota;
        for account in &mut self.accounts {
            account.open_day(rules, facts.day);
        }
        let lender = self.lender;
        for logged in log.iter().filter(|logged| logged.request.lender == lender) {
            self.judge(evidence, logged, findings);
            findings.requests += 1;
        }
        self.close(evidence, findings);
        self.compare(evidence, findings);
        findings.cell_days += 1;
        findings.account_days += self.accounts.iter().filter(|a| a.status != Status::None).count() as u64;
    }

    fn report(
        &self,
        findings: &mut Findings,
        invariant: &'static str,
        evidence: Evidence<'_>,
        slot: Option<Slot>,
        detail: impl FnOnce() -> String,
    ) {
        findings.add(invariant, evidence.day(), (self.cell, self.lender), slot, detail);
    }
}
