//! A cell: some thousands of users and, for each lender, the partition of its credit engine that holds their accounts. Its day is one
//! pass over the users in memory order, then the close. Users meet each other only across midnight, so cells may be swept in any order
//! by any number of workers.

use crate::agents::environment::Environment;
use crate::agents::orders::{NO_ORDER, OrderBook, OrderRow, Waiting};
use crate::agents::step::{Step, UserCtx};
use crate::agents::traits::{CAUSES, UserRow, segment};
use crate::agents::user;
use crate::base::bytes::Reader;
use crate::base::ids::{FUNDERS, Lender, Slot};
use crate::base::random::DayKey;
use crate::base::time::Day;
use crate::credit::account_event::AccountEvent;
use crate::credit::command::{LoggedRequest, Reply, Request};
use crate::credit::{Ctx, Engines, LoansAhead, SnapshotError, Today};
use crate::population::CellPopulation;
use crate::world::day_context::DayContext;
use crate::world::month_end;
use crate::world::protocol::{self, DEBIT_ROUNDS, DebitAnswer, DebitRequest, FIRST_DEBIT_ROUND};
use crate::world::seen_event::SeenEvent;
use crate::world::segments;
use crate::world::totals::{CellDay, WorkTally};
use zerocopy::IntoBytes;

/// Users between one and the one whose rows are fetched from memory meanwhile.
const ROWS_AHEAD: usize = 8;

/// The same for the first open order and the rest of the account, which are found through those rows.
const ORDERS_AHEAD: usize = 4;

/// The same for the purchase or card of that order.
const PURCHASES_AHEAD: usize = 2;

/// Buffers that a worker reuses from cell to cell.
#[derive(Debug, Default)]
pub struct Scratch {
    steps: Vec<Step>,
    account_events: Vec<AccountEvent>,
}

/// Where the requests of a cell are written, when somebody wants to audit them.
pub(crate) type Log = Vec<LoggedRequest>;

/// A cell.
#[derive(Clone, Debug)]
pub struct Cell {
    /// World-wide number of the first user.
    first_user: u32,
    users: Vec<UserRow>,
    orders: OrderBook,
    engines: Engines,
}

/// The parts of a cell.
#[derive(Clone, Debug)]
pub struct CellParts {
    /// World-wide number of the first user.
    pub first_user: u32,
    /// The people.
    pub users: Vec<UserRow>,
    /// Their open orders.
    pub orders: OrderBook,
    /// Their accounts, by lender.
    pub engines: Engines,
}

/// What every step of a cell's day needs.
struct Sweep<'a> {
    today: Today<'a>,
    env: Environment<'a>,
    tally: &'a mut WorkTally,
    log: Option<&'a mut Log>,
}

impl Cell {
    /// A cell of sampled users, with an engine for each of the first `lenders` lenders.
    pub fn new(population: CellPopulation, lenders: u8, bill_groups: u32) -> Cell {
        let mut users = population.users;
        for user in &mut users {
            // Savings at the start are the buffer that the user keeps up; a quarter of a month's wage at least.
            user.target_savings_fen = user.savings_fen.max(user.income_fen / 4);
        }
        users.shrink_to_fit();
        let first_user = population.first.0;
        let engines = Engines::new(lenders, first_user, users.len() as u32, bill_groups);
        Cell { first_user, users, orders: OrderBook::default(), engines }
    }

    /// One more lender comes, with whom nobody has an account.
    #[cfg(test)]
    pub(crate) fn add_lender(&mut self, bill_groups: u32) {
        self.engines.add(bill_groups);
    }

    /// Takes the cell apart, for a driver that keeps users and engines apart.
    pub fn into_parts(self) -> CellParts {
        CellParts { first_user: self.first_user, users: self.users, orders: self.orders, engines: self.engines }
    }

    /// Users of the cell.
    pub fn len(&self) -> usize {
        self.users.len()
    }

    /// The cell has no users.
    pub fn is_empty(&self) -> bool {
        self.users.is_empty()
    }

    /// World-wide number of the first user.
    pub(crate) fn first_user(&self) -> u32 {
        self.first_user
    }

    /// The cell's partition of each lender's credit engine.
    pub fn engines(&self) -> &Engines {
        &self.engines
    }

    /// Pays in the capital of each lender on the first day.
    pub fn pay_in_capital(&mut self, tally: &mut WorkTally, fen_per_user: i64) {
        let amount = fen_per_user * self.users.len() as i64;
        self.engines.iter_mut().for_each(|engine| engine.pay_in_capital(&mut tally.credit, amount));
    }

    /// Runs one day: sweep, auto-debit, close, account events. `quota` is what the funders have for the whole cell.
    pub fn run_day(
        &mut self,
        context: &DayContext,
        quota: [i64; FUNDERS],
        tally: &mut WorkTally,
        scratch: &mut Scratch,
        log: Option<&mut Log>,
    ) -> CellDay {
        let mut sweep = Sweep { today: context.today(), env: context.environment(), tally, log };
        let day = context.calendar.day;
        let quota = self.engines.part_of_quota(quota);
        for engine in self.engines.iter_mut() {
            engine.open_day(&mut Ctx { today: &sweep.today, tally: &mut sweep.tally.credit }, quota);
        }
        self.debit_round(&mut sweep, FIRST_DEBIT_ROUND);
        let users = self.users.len();
        let due = self.engines.due_span(&sweep.today);
        let mut loans_ahead: Vec<LoansAhead> = self.engines.iter().map(|_| LoansAhead::default()).collect();
        let start = protocol::sweep_start(self.first_user, day, users as u32) as usize;
        for slots in [start..users, 0..start] {
            for slot in slots {
                self.fetch_ahead(slot, day);
                if due.contains(&slot) {
                    for (engine, ahead) in self.engines.iter().zip(&mut loans_ahead) {
                        engine.fetch_loans_ahead(ahead, Slot(slot as u32));
                    }
                }
                let key = context.key_of(self.first_user + slot as u32);
                self.user_day(&mut sweep, scratch, slot, key);
            }
        }
        sweep.tally.agents.flows.user_days += users as i64;
        for round in FIRST_DEBIT_ROUND + 1..DEBIT_ROUNDS {
            self.debit_round(&mut sweep, round);
        }
        for engine in self.engines.iter_mut() {
            let mut ctx = Ctx { today: &sweep.today, tally: &mut sweep.tally.credit };
            engine.close_day(&mut ctx, &mut sweep.tally.stocks);
        }
        self.tell_users(context, &mut sweep, scratch);
        if context.calendar.is_month_end {
            month_end::count(&self.users, &self.engines, &sweep.today, &sweep.env, sweep.tally);
        }
        protocol::close_report(&self.engines, day)
    }

    /// Has what the next users need fetched from memory while this one's day is worked out: a row takes longer to come than a
    /// user's day.
    #[inline]
    fn fetch_ahead(&self, slot: usize, day: Day) {
        UserRow::fetch_ahead(&self.users, slot + ROWS_AHEAD);
        for engine in self.engines.iter() {
            engine.fetch_ahead(slot + ROWS_AHEAD);
            engine.fetch_rest_ahead(slot + ORDERS_AHEAD);
        }
        let due = |user: &&UserRow| user.next_order_day != 0 && user.next_order_day <= day.0;
        if let Some(soon) = self.users.get(slot + ORDERS_AHEAD).filter(due) {
            self.orders.fetch_ahead(soon.first_order);
        }
        if let Some(next) = self.users.get(slot + PURCHASES_AHEAD).filter(due) {
            self.fetch_order_ahead(next.first_order);
        }
        if let Some(next) = self.users.get(slot + 1).filter(due)
            && let Some(order) = self.orders.get(next.first_order)
        {
            self.fetch_order_ahead(order.next);
        }
    }

    /// Has fetched what an order is about, and the order behind it.
    #[inline]
    fn fetch_order_ahead(&self, row: u32) {
        let Some(order) = self.orders.get(row) else { return };
        self.orders.fetch_ahead(order.next);
        let engine = &self.engines[order.lender()];
        match order.waiting() {
            Waiting::CardToSpend | Waiting::CardToReturn => engine.fetch_card_ahead(order.reference),
            _ => engine.fetch_purchase_ahead(order.reference),
        }
    }

    #[inline]
    fn user_day(&mut self, sweep: &mut Sweep<'_>, scratch: &mut Scratch, slot: usize, key: DayKey) {
        let account = Slot(slot as u32);
        let day = sweep.env.calendar.day;
        scratch.steps.clear();
        let engines = &self.engines;
        let glance = |lender: Lender| engines[lender].glance(account, day);
        let view = |lender: Lender| engines[lender].view(account, day);
        let mut ctx =
            UserCtx { user: &mut self.users[slot], orders: &mut self.orders, tally: &mut sweep.tally.agents, key };
        user::plan(&mut ctx, &sweep.env, glance, view, &mut scratch.steps);
        let mut next = 0;
        while next < scratch.steps.len() {
            let step = scratch.steps[next];
            next += 1;
            let mut follow_up = self.take_step(sweep, slot, key, step);
            while let Some(step) = follow_up {
                follow_up = self.take_step(sweep, slot, key, step);
            }
        }
    }

    /// Asks the engine for one step and shows the user the answer.
    #[inline]
    fn take_step(&mut self, sweep: &mut Sweep<'_>, slot: usize, key: DayKey, step: Step) -> Option<Step> {
        let reply = self.ask(sweep, slot, &step);
        let mut ctx =
            UserCtx { user: &mut self.users[slot], orders: &mut self.orders, tally: &mut sweep.tally.agents, key };
        user::observe(&mut ctx, &sweep.env, &step, reply)
    }

    #[inline]
    fn ask(&mut self, sweep: &mut Sweep<'_>, slot: usize, step: &Step) -> Reply {
        let Step { second, lender, command, .. } = *step;
        let user = &mut self.users[slot];
        user.sequence += 1;
        let request = Request { lender, slot: Slot(slot as u32), sequence: user.sequence, command };
        let at = protocol::moment(sweep.env.calendar.day, second);
        let before = sweep.tally.segments.is_some().then(|| segments::margin_fen(&sweep.tally.credit.flows));
        let engine = &mut self.engines[lender];
        let reply = engine.apply(&mut Ctx { today: &sweep.today, tally: &mut sweep.tally.credit }, at, request);
        if let (Some(before), Some(counted)) = (before, &mut sweep.tally.segments) {
            let margin = segments::margin_fen(&sweep.tally.credit.flows) - before;
            counted.count_reply(segment::mask(&self.users[slot]), command, reply, margin);
        }
        if let Some(log) = sweep.log.as_deref_mut() {
            log.push(LoggedRequest { at, request, reply, funder: engine.last_funder() });
        }
        reply
    }

    /// A round of auto-debit over the accounts that are due today, lender by lender.
    fn debit_round(&mut self, sweep: &mut Sweep<'_>, round: u8) {
        for lender in self.engines.numbers() {
            self.debit_round_of(sweep, round, lender);
        }
    }

    fn debit_round_of(&mut self, sweep: &mut Sweep<'_>, round: u8, lender: Lender) {
        for slot in self.engines[lender].due_today(&sweep.today) {
            let engine = &self.engines[lender];
            let Some(request) = DebitRequest::of(engine, Slot(slot), round, &sweep.today) else { continue };
            let slot = slot as usize;
            match request.answer(&self.users[slot], sweep.today.day()) {
                DebitAnswer::ByHand => {}
                DebitAnswer::Fails => engine.debit_failed(&mut sweep.tally.credit),
                DebitAnswer::Pays(step) => {
                    let reply = self.ask(sweep, slot, &step);
                    protocol::debited(&mut self.users[slot], reply);
                }
            }
        }
    }

    /// Passes on what happened at the close of the day.
    fn tell_users(&mut self, context: &DayContext, sweep: &mut Sweep<'_>, scratch: &mut Scratch) {
        for lender in self.engines.numbers() {
            self.engines[lender].take_account_events(&mut scratch.account_events);
            self.tell_users_of(context, sweep, &scratch.account_events);
        }
    }

    fn tell_users_of(&mut self, context: &DayContext, sweep: &mut Sweep<'_>, account_events: &[AccountEvent]) {
        let day = context.calendar.day;
        for event in account_events {
            let slot = event.slot.0 as usize;
            let key = context.key_of(self.first_user + event.slot.0);
            if let Some(counted) = &mut sweep.tally.segments {
                counted.count_account_event(segment::mask(&self.users[slot]), event.kind);
            }
            let seen = SeenEvent::of(&self.engines[event.lender], event, day);
            let (user, orders) = (&mut self.users[slot], &mut self.orders);
            seen.observe(&mut UserCtx { user, orders, tally: &mut sweep.tally.agents, key }, &sweep.env);
        }
    }

    /// Feeds the whole cell to `sink`, piece by piece, so that [`Cell::read_snapshot`] can make it again:
    ///
    /// ```text
    /// u32 users, orders, first free order · user rows · order rows · snapshots of the engines
    /// ```
    pub(crate) fn write_snapshot(&self, sink: &mut dyn FnMut(&[u8])) {
        let Cell { first_user: _, users, orders, engines } = self;
        let orders = orders.rows();
        sink([users.len() as u32, orders.len() as u32, orders.free()].as_bytes());
        sink(users.as_slice().as_bytes());
        orders.write(sink);
        engines.write_snapshots(sink);
    }

    /// The cell of a snapshot. All bytes must be its.
    ///
    /// # Errors
    /// [`SnapshotError`] when they are none.
    pub(crate) fn read_snapshot(bytes: &[u8]) -> Result<Cell, SnapshotError> {
        let mut reader = Reader::new(bytes);
        let mut front = || {
            let [users, orders, free] = reader.value::<[u32; 3]>()?;
            Some((reader.rows::<UserRow>(users as usize)?, reader.rows::<OrderRow>(orders as usize)?, free))
        };
        let (users, orders, free) = front().ok_or(SnapshotError::Length)?;
        let engines = Engines::read_snapshots(reader.rest())?;
        if users.len() != engines.users() {
            return Err(SnapshotError::Impossible("number of users"));
        }
        if users.iter().any(|user| usize::from(user.cause) >= CAUSES) {
            return Err(SnapshotError::Impossible("user"));
        }
        // Rows that are free now were orders, too.
        for order in &orders {
            engines.get(order.lender())?;
        }
        // Who waits for nothing has no list, whatever stands there.
        let first = |user: &UserRow| if user.next_order_day == 0 { NO_ORDER } else { user.first_order };
        let orders = OrderBook::of(&orders, free, users.iter().map(first)).map_err(SnapshotError::Impossible)?;
        Ok(Cell { first_user: engines.first_user(), users, orders, engines })
    }

    /// Feeds the whole state to `sink` for the state hash.
    pub fn write_state(&self, sink: &mut dyn FnMut(&[u8])) {
        sink(self.users.as_slice().as_bytes());
        self.orders.rows().write_state(sink);
        self.engines.write_state(sink);
    }
}

#[cfg(test)]
mod tests;
