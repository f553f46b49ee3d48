//! An engine with the auditor beside it: every request is logged, every close is checked by the engine's own books and
//! by the auditor.

use crate::audit::{CellAuditor, Findings};
use crate::base::ids::{FUNDERS, Lender, Slot};
use crate::base::time::{Day, SimTime};
use crate::credit::command::{Command, LoggedRequest, Reply, Request};
use crate::credit::terms::Terms;
use crate::credit::totals::{CreditFlows, CreditStocks, History, Tally};
use crate::credit::{Ctx, Engine, Guard};
use crate::experiment::audited::{Published, day_facts, rules};
use crate::testing::days::Days;

/// Room that is never used up.
pub(crate) const AMPLE: [i64; FUNDERS] = [1_000_000_000_000; FUNDERS];

/// One cell under audit. Day by day: requests, then [`Audited::close`].
#[derive(Clone)]
pub(crate) struct Audited {
    /// Terms and controls.
    pub days: Days,
    /// Quota of the next day.
    pub quota: [i64; FUNDERS],
    /// The engine.
    pub engine: Engine,
    /// What the auditor found so far.
    pub findings: Findings,
    /// Last sequence number of each user.
    pub sequences: Vec<u32>,
    quota_today: [i64; FUNDERS],
    auditor: CellAuditor,
    tally: Tally,
    log: Vec<LoggedRequest>,
    seconds: u32,
    /// The engine's own check of its books runs; with a guard off the auditor alone is to see what breaks.
    checks_books: bool,
}

impl Audited {
    /// A cell of `users` users of the first lender, whose first day is 2027-01-01, already open.
    pub(crate) fn new(
        terms: Terms,
        users: u32,
        months: u16,
        quota: [i64; FUNDERS],
        guard_off: Option<Guard>,
    ) -> Audited {
        Audited::of(Lender::FIRST, terms, users, months, quota, guard_off)
    }

    /// The same of any lender.
    pub(crate) fn of(
        lender: Lender,
        terms: Terms,
        users: u32,
        months: u16,
        quota: [i64; FUNDERS],
        guard_off: Option<Guard>,
    ) -> Audited {
        let mut cell = Audited {
            quota,
            quota_today: quota,
            engine: Engine::new(lender, 0, users, terms.billing.bill_days.len() as u32),
            auditor: CellAuditor::new(0, lender, users as usize),
            findings: Findings::default(),
            sequences: vec![0; users as usize],
            tally: Tally { flows: CreditFlows::default(), history: History::new(months) },
            log: Vec::new(),
            seconds: 0,
            checks_books: guard_off.is_none(),
            days: Days::new(terms, months, guard_off),
        };
        cell.with_today(|engine, ctx| engine.open_day(ctx, quota));
        cell
    }

    /// The date.
    pub(crate) fn day(&self) -> Day {
        self.days.calendar_day().day
    }

    /// Days of the calendar that are not closed yet.
    pub(crate) fn days_left(&self) -> usize {
        self.days.left()
    }

    fn with_today<R>(&mut self, act: impl FnOnce(&mut Engine, &mut Ctx<'_>) -> R) -> R {
        act(&mut self.engine, &mut Ctx { today: &self.days.today(), tally: &mut self.tally })
    }

    /// A request under the user's next number.
    pub(crate) fn ask(&mut self, slot: u32, command: Command) -> Reply {
        let sequence = self.sequences[slot as usize] + 1;
        self.ask_as(slot, sequence, command)
    }

    /// A request under any number.
    pub(crate) fn ask_as(&mut self, slot: u32, sequence: u32, command: Command) -> Reply {
        let last = &mut self.sequences[slot as usize];
        *last = sequence.max(*last);
        self.seconds = (self.seconds + 1).min(86_399);
        let at = SimTime::at(self.day(), self.seconds);
        let request = Request { lender: self.engine.lender(), slot: Slot(slot), sequence, command };
        let reply = self.with_today(|engine, ctx| engine.apply(ctx, at, request));
        self.log.push(LoggedRequest { at, request, reply, funder: self.engine.last_funder() });
        reply
    }

    /// Closes the day as a cell does, checks the books, audits the day and opens the next one.
    pub(crate) fn close(&mut self) {
        let mut stocks = CreditStocks::default();
        self.with_today(|engine, ctx| {
            engine.close_day(ctx, &mut stocks);
        });
        self.engine.take_account_events(&mut Vec::new());
        if self.checks_books {
            self.engine.check_books();
        }
        let today = self.days.today();
        let published = Published::of(&self.engine, &today);
        let facts = day_facts(&today, self.quota_today, &self.engine, &published);
        let rules = rules(self.days.terms(), self.engine.len() as u32);
        self.auditor.day(&rules, &facts, &self.log, &mut self.findings);
        self.log.clear();
        self.seconds = 0;
        self.days.next();
        if self.days_left() > 0 {
            let quota = self.quota;
            self.quota_today = quota;
            self.with_today(|engine, ctx| engine.open_day(ctx, quota));
        }
    }

    /// Closes days until `day` is open.
    pub(crate) fn go_to(&mut self, day: Day) {
        while self.day() < day {
            self.close();
        }
    }
}
