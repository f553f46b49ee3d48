//! The engine and the book side by side: one step at a time to both, then everything compared.

use super::book::{Answer, Book};
use super::plan::{self, Plan};
use super::rules::Told;
use super::words::rules_of;
use crate::base::ids::{FUNDERS, Lender, Reference, Slot};
use crate::base::random::{Purpose, RunKey};
use crate::base::time::{Day, SimTime};
use crate::credit::chart::{Account as Ledger, Posting};
use crate::credit::command::{Command, Reply, Request, Status};
use crate::credit::totals::{CreditFlows, CreditStocks, History, Tally};
use crate::credit::{Controls, Ctx, Engine, Guard};
use crate::testing::days::Days;
use std::collections::BTreeMap;
use std::fmt;

/// One thing that happens.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    /// Its number in the stream, by which later steps refer to what it made.
    pub number: u32,
    /// Day of the stream, from 0.
    pub day: u16,
    pub what: What,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum What {
    /// A user asks; the reference in the command is that of what an earlier step made.
    Ask { user: u32, command: Command, of: Option<u32> },
    /// A kind of change of the terms, drawn by the word.
    Change { kind: u32, word: u64 },
}

/// Where engine and book part ways.
#[derive(Clone, Debug)]
pub(super) struct Difference {
    pub day: Day,
    pub at: String,
    pub what: Vec<String>,
}

impl Difference {
    /// What differs first, without the numbers.
    pub(super) fn kind(&self) -> String {
        let first = self.what.first().map_or("", String::as_str);
        first.chars().filter(|c| !c.is_ascii_digit() && *c != '-').collect()
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.day, self.at, self.what.join(", "))
    }
}

/// Engine and book on an open day.
pub(super) struct Pair {
    pub plan: Plan,
    pub engine: Engine,
    pub book: Book,
    /// Day of the stream.
    pub day: u16,
    /// How the engine calls what a step made.
    pub references: BTreeMap<u32, u32>,
    /// By kind of command: how often which answer was given.
    pub answers: BTreeMap<(usize, &'static str), u64>,
    days: Days,
    room: [i64; FUNDERS],
    tally: Tally,
    sequences: Vec<u32>,
    second: u32,
}

impl Pair {
    pub(super) fn new(plan: Plan, guard_off: Option<Guard>) -> Pair {
        let days = Days::new(plan.terms.clone(), plan.months, guard_off);
        let told = told(&days, [0; FUNDERS]);
        let rules = rules_of(&plan.terms, plan.tier);
        let mut pair = Pair {
            engine: Engine::new(Lender::FIRST, 0, plan.users, plan.terms.billing.bill_days.len() as u32),
            book: Book::new(rules, told, plan.users.into()),
            day: 0,
            references: BTreeMap::new(),
            answers: BTreeMap::new(),
            room: [0; FUNDERS],
            tally: Tally { flows: CreditFlows::default(), history: History::new(plan.months) },
            sequences: vec![0; plan.users as usize],
            second: 0,
            days,
            plan,
        };
        pair.open();
        pair
    }

    pub(super) fn today(&self) -> Day {
        self.days.calendar_day().day
    }

    pub(super) fn is_over(&self) -> bool {
        self.days.left() == 0
    }

    fn with<T>(&mut self, act: impl FnOnce(&mut Engine, &mut Ctx<'_>) -> T) -> T {
        act(&mut self.engine, &mut Ctx { today: &self.days.today(), tally: &mut self.tally })
    }

    fn open(&mut self) {
        let mut controls = Controls::default();
        self.room = self.plan.day(self.day, &mut controls);
        self.days.controls = controls;
        let room = self.room;
        self.with(|engine, ctx| engine.open_day(ctx, room));
        let rules = rules_of(self.days.terms(), self.plan.tier);
        self.book.open_day(rules, told(&self.days, room));
        self.second = 8 * 3_600;
    }

    /// A step happens to both.
    pub(super) fn take(&mut self, step: Step) -> Result<(), Difference> {
        match step.what {
            What::Change { kind, word } => {
                let mut terms = self.days.terms().clone();
                plan::change(&mut RunKey::new(word, 0).user(0).stream(Purpose::World), kind, &mut terms);
                self.days.set_terms(terms);
                self.book.rules = rules_of(self.days.terms(), self.plan.tier);
                Ok(())
            }
            What::Ask { user, command, of } => {
                let reference = of.map_or(Some(u32::MAX), |number| self.references.get(&number).copied());
                // What made it was left out, or was declined.
                let Some(reference) = reference else { return Ok(()) };
                self.ask(step.number, user, with_reference(command, Reference(reference)))
            }
        }
    }

    fn ask(&mut self, number: u32, user: u32, command: Command) -> Result<(), Difference> {
        self.sequences[user as usize] += 1;
        self.second += 1;
        let at = SimTime::at(self.today(), self.second);
        let request =
            Request { lender: Lender::FIRST, slot: Slot(user), sequence: self.sequences[user as usize], command };
        let reply = self.with(|engine, ctx| engine.apply(ctx, at, request));
        let named = if let Reply::Done(done) = reply { done } else { u32::MAX };
        let answer = self.book.apply(user as usize, command, named);
        let is_right = match (&answer, reply) {
            (Answer::Amount(fen), Reply::Done(done)) => *fen == i64::from(done),
            (Answer::Reference, Reply::Done(reference)) => {
                self.references.insert(number, reference);
                true
            }
            (Answer::Done, Reply::Done(_)) => true,
            (Answer::Refused(why), Reply::Refused(reason)) => *why == reason,
            (Answer::Declined(why), Reply::Declined(reason)) => why.contains(&reason),
            _ => false,
        };
        let name = if let Reply::Declined(why) = reply { why.name() } else { "done" };
        *self.answers.entry((command.kind(), name)).or_default() += 1;
        let mut what = Vec::new();
        if !is_right {
            what.push(format!("the engine answers {reply:?}, the book {answer:?}"));
        }
        self.compare_account(user as usize, &mut what);
        self.compare_posted(&mut what);
        self.result(format!("user {user} {command:?}"), what)
    }

    fn result(&self, at: String, what: Vec<String>) -> Result<(), Difference> {
        if what.is_empty() { Ok(()) } else { Err(Difference { day: self.today(), at, what }) }
    }

    /// The day closes and the next one opens.
    pub(super) fn close(&mut self) -> Result<(), Difference> {
        let mut stocks = CreditStocks::default();
        self.with(|engine, ctx| {
            engine.close_day(ctx, &mut stocks);
            engine.check_books();
        });
        self.engine.take_account_events(&mut Vec::new());
        self.book.close_day();
        let mut what = Vec::new();
        self.compare_posted(&mut what);
        self.compare_ledger(&mut what);
        let closed = self.today();
        self.days.next();
        self.day += 1;
        if !self.is_over() {
            self.open();
            (0..self.book.accounts.len()).for_each(|user| self.compare_account(user, &mut what));
        }
        if what.is_empty() { Ok(()) } else { Err(Difference { day: closed, at: "close".to_string(), what }) }
    }

    fn compare_account(&self, user: usize, what: &mut Vec<String>) {
        let (account, day) = (&self.book.accounts[user], self.book.today());
        let slot = Slot(user as u32);
        let (row, view) = (self.engine.account(slot), self.engine.view(slot, Day(day as u16)));
        if view.status != account.status {
            what.push(format!("user {user}: status is {:?}, the book says {:?}", view.status, account.status));
        }
        if matches!(account.status, Status::None | Status::Closed) {
            return;
        }
        let tolerance = self.book.rules.tolerance;
        let live = account.is_live();
        let or_zero = |fen: i64| if live { fen } else { 0 };
        let values = [
            ("unbilled", i64::from(row.unbilled), account.unbilled()),
            ("billed", row.billed.into(), account.billed()),
            ("installed", row.installed.into(), account.installed()),
            ("revolving", row.revolving.into(), account.bearing()),
            ("held", row.held.into(), account.held()),
            ("interest", row.interest.into(), account.of_bills(|bill| bill.interest)),
            ("fees", row.fees.into(), account.of_bills(|bill| bill.fees)),
            ("penalty", row.penalty.into(), account.of_bills(|bill| bill.penalty)),
            ("statement", or_zero(row.statement.into()), account.statement),
            ("minimum", view.minimum_fen.0.into(), account.of_bills(|bill| bill.unpaid())),
            ("owed", view.statement_fen.0.into(), account.billed() + account.charges()),
            ("past due", view.past_due_fen.0.into(), account.past_due(day, tolerance)),
            ("days past due", view.days_past_due.into(), account.days_past_due(day, tolerance)),
            ("convertible", view.convertible_fen.0.into(), account.convertible(day, tolerance)),
            ("limit", view.limit_fen.0.into(), account.limit),
            ("available", view.available_fen.0.into(), account.free_limit()),
            ("tier", row.tier.into(), account.tier as i64),
            ("good months", or_zero(row.good_months.into()), account.good_months),
            ("contact", (view.contact as i64), account.contact as i64),
            ("rate", view.annual_bp.into(), account.rate_bp),
            ("claim", view.claim_fen.0.into(), account.claim),
            ("of platform", row.by_funder[0].into(), account.by_funder(0)),
            ("of partner 1", row.by_funder[1].into(), account.by_funder(1)),
            ("of partner 2", row.by_funder[2].into(), account.by_funder(2)),
            ("of partner 3", row.by_funder[3].into(), account.by_funder(3)),
        ];
        for (name, engine, book) in values {
            if engine != book {
                what.push(format!("user {user}: {name} is {engine}, the book says {book}"));
            }
        }
        self.compare_rows(user, what);
        if view.cards_open == account.cards_closed {
            what.push(format!("user {user}: cards open is {}", view.cards_open));
        }
    }

    /// Loans and bills, one by one, oldest first.
    fn compare_rows(&self, user: usize, what: &mut Vec<String>) {
        let (account, row) = (&self.book.accounts[user], self.engine.account(Slot(user as u32)));
        let loans = self.engine.loans_of(row).map(|loan| {
            let price = (i64::from(loan.annual_bp), i64::from(loan.late_ppm), i64::from(loan.waived_percent));
            let principal = (i64::from(loan.coming), i64::from(loan.billed), i64::from(loan.bearing));
            let parts = i64::from(if loan.is_instalment() && loan.coming > 0 { loan.parts_left } else { 0 });
            (i64::from(loan.made), price, principal, loan.by_funder().map(i64::from), parts)
        });
        // What is nothing in parts has none.
        let expected = account.loans.iter().map(|loan| {
            let price = (loan.annual_bp, loan.late_ppm, loan.waived_percent);
            (
                loan.made,
                price,
                (loan.coming, loan.billed, loan.bearing),
                loan.by_funder,
                if loan.coming > 0 { loan.parts_left } else { 0 },
            )
        });
        same(loans.collect(), expected.collect(), user, "loans", what);
        let bills = self.engine.bills_of(row).map(|bill| {
            let carried = bill.due == crate::credit::rows::NEVER;
            let dates = if carried { (0, 0) } else { (i64::from(bill.due), i64::from(bill.grace_until)) };
            (dates, [bill.interest, bill.fees, bill.penalty, bill.principal].map(i64::from))
        });
        let expected = account
            .bills
            .iter()
            .map(|bill| ((bill.due, bill.grace_until), [bill.interest, bill.fees, bill.penalty, bill.principal]));
        same(bills.collect(), expected.collect(), user, "bills", what);
    }

    fn compare_posted(&self, what: &mut Vec<String>) {
        for (kind, (engine, book)) in
            Posting::ALL.iter().zip(self.tally.flows.posted_fen.iter().zip(&self.book.books.posted))
        {
            if engine != book {
                what.push(format!("{kind:?} of {engine}, the book says {book}"));
            }
        }
    }

    fn compare_ledger(&self, what: &mut Vec<String>) {
        for (account, book) in Ledger::ALL.iter().zip(self.book.books.balances()) {
            let engine = self.engine.ledger().balance(*account);
            if engine != book {
                what.push(format!("ledger {account:?} of {engine}, the book says {book}"));
            }
        }
    }
}

/// Says so when two lists differ.
fn same<T: PartialEq + fmt::Debug>(engine: Vec<T>, book: Vec<T>, user: usize, name: &str, what: &mut Vec<String>) {
    if engine != book {
        what.push(format!("user {user}: {name} are {engine:?}, the book says {book:?}"));
    }
}

fn told(days: &Days, room: [i64; FUNDERS]) -> Told {
    Told {
        day: days.calendar_day().day.0.into(),
        lends: days.controls.partner_open,
        room,
        merchants: days.controls.cooperating_merchants.into(),
        coupon_percent: days.controls.coupon_percent.into(),
    }
}

/// The command with a reference put in.
fn with_reference(command: Command, reference: Reference) -> Command {
    match command {
        Command::Capture { amount_fen, .. } => Command::Capture { purchase: reference, amount_fen },
        Command::Void { .. } => Command::Void { purchase: reference },
        Command::Refund { amount_fen, .. } => Command::Refund { purchase: reference, amount_fen },
        Command::RedeemCard { merchant, amount_fen, .. } => {
            Command::RedeemCard { card: reference, merchant, amount_fen }
        }
        Command::RefundCard { .. } => Command::RefundCard { card: reference },
        other => other,
    }
}
