//! An engine with the auditor beside it: every request is logged, every close is checked by the engine's own books and
//! by the auditor.

use crate::audit::{CellAuditor, Findings};
use crate::base::ids::{FUNDERS, Slot};
use crate::base::random::RunKey;
use crate::base::time::{Calendar, Day, SimTime};
use crate::credit::command::{Command, LoggedRequest, Reply, Request};
use crate::credit::terms::Terms;
use crate::credit::totals::{CreditFlows, CreditStocks, History, Tally};
use crate::credit::{Controls, Ctx, Engine, Guard, Prices, Today};
use crate::experiment::audited::{account_facts, day_facts, rules};

/// Room that is never used up.
pub(crate) const AMPLE: [i64; FUNDERS] = [1_000_000_000_000; FUNDERS];

/// One cell under audit. Day by day: requests, then [`Audited::close`].
pub(crate) struct Audited {
    /// Terms; to be changed before the first day only.
    pub terms: Terms,
    /// Controls of the day.
    pub controls: Controls,
    /// Quota of the next day.
    pub quota: [i64; FUNDERS],
    /// The engine.
    pub engine: Engine,
    /// What the auditor found so far.
    pub findings: Findings,
    /// Last sequence number of each user.
    pub sequences: Vec<u32>,
    prices: Prices,
    calendar: Calendar,
    day_index: usize,
    quota_today: [i64; FUNDERS],
    guard_off: Option<Guard>,
    auditor: CellAuditor,
    tally: Tally,
    log: Vec<LoggedRequest>,
    seconds: u32,
    key: RunKey,
}

impl Audited {
    /// A cell of `users` users whose first day is 2027-01-01, already open.
    pub(crate) fn new(
        terms: Terms,
        users: u32,
        months: u16,
        quota: [i64; FUNDERS],
        guard_off: Option<Guard>,
    ) -> Audited {
        let start = Day::from_ymd(2027, 1, 1).expect("a date");
        let mut cell = Audited {
            prices: Prices::new(&terms),
            controls: Controls::default(),
            quota,
            quota_today: quota,
            engine: Engine::new(0, users, terms.billing.bill_days.len() as u32),
            auditor: CellAuditor::new(0, users as usize),
            findings: Findings::default(),
            sequences: vec![0; users as usize],
            calendar: Calendar::new(start, months),
            day_index: 0,
            guard_off,
            tally: Tally { flows: CreditFlows::default(), history: History::new(months) },
            log: Vec::new(),
            seconds: 0,
            key: RunKey::new(7, 0),
            terms,
        };
        cell.with_today(|engine, ctx| engine.open_day(ctx, quota));
        cell
    }

    /// The date.
    pub(crate) fn day(&self) -> Day {
        self.calendar.days()[self.day_index].day
    }

    /// Days of the calendar that are not closed yet.
    pub(crate) fn days_left(&self) -> usize {
        self.calendar.days().len() - self.day_index
    }

    fn with_today<R>(&mut self, act: impl FnOnce(&mut Engine, &mut Ctx<'_>) -> R) -> R {
        let today = Today {
            calendar: &self.calendar.days()[self.day_index],
            run: &self.calendar,
            terms: &self.terms,
            prices: &self.prices,
            controls: &self.controls,
            key: self.key,
            guard_off: self.guard_off,
        };
        act(&mut self.engine, &mut Ctx { today: &today, tally: &mut self.tally })
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
        let request = Request { slot: Slot(slot), sequence, command };
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
        self.engine.check_books();
        let today = Today {
            calendar: &self.calendar.days()[self.day_index],
            run: &self.calendar,
            terms: &self.terms,
            prices: &self.prices,
            controls: &self.controls,
            key: self.key,
            guard_off: self.guard_off,
        };
        let accounts = account_facts(&self.engine, &today);
        let facts = day_facts(&today, self.quota_today, &self.engine, &accounts);
        let rules = rules(&self.terms, self.engine.len() as u32);
        self.auditor.day(&rules, &facts, &self.log, &mut self.findings);
        self.log.clear();
        self.seconds = 0;
        self.day_index += 1;
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
