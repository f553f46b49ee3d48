//! A cell: some thousands of users and the partition of the credit engine that holds their accounts. Its day is one pass
//! over the users in memory order, then the close. Users meet each other only across midnight, so cells may be swept in
//! any order by any number of workers.

mod stock;

use crate::agents::environment::Environment;
use crate::agents::orders::{OrderBook, Waiting};
use crate::agents::paying;
use crate::agents::traits::{UserRow, segment};
use crate::agents::user::{self, Step, UserCtx};
use crate::base::ids::{FUNDERS, Slot};
use crate::base::random::{DayKey, mix};
use crate::base::time::{Day, SimTime};
use crate::credit::account_event::AccountEvent;
use crate::credit::command::{Command, LoggedRequest, Reply, Request, Source};
use crate::credit::{Ctx, Engine, Today};
use crate::population::CellPopulation;
use crate::world::board::Board;
use crate::world::letters::Letter;
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
    engine: Engine,
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
    /// Their accounts.
    pub engine: Engine,
}

/// What the steps of a day need at hand.
struct Desk<'a> {
    today: Today<'a>,
    env: Environment<'a>,
    tally: &'a mut WorkTally,
    log: Option<&'a mut Log>,
}

impl Cell {
    /// A cell of sampled users, with the capital that its share of the business needs.
    pub fn new(population: CellPopulation, bill_groups: u32) -> Cell {
        let mut users = population.users;
        for user in &mut users {
            // Savings at the start are the buffer that the user keeps up; a quarter of a month's wage at least.
            user.target_savings_fen = user.savings_fen.max(user.income_fen / 4);
        }
        users.shrink_to_fit();
        let first_user = population.first.0;
        let engine = Engine::new(first_user, users.len() as u32, bill_groups);
        Cell { first_user, users, orders: OrderBook::default(), engine }
    }

    /// Takes the cell apart, for a driver that keeps users and engine in different places.
    pub fn into_parts(self) -> CellParts {
        CellParts { first_user: self.first_user, users: self.users, orders: self.orders, engine: self.engine }
    }

    /// Users of the cell.
    pub fn len(&self) -> usize {
        self.users.len()
    }

    /// The cell has no users.
    pub fn is_empty(&self) -> bool {
        self.users.is_empty()
    }

    /// The cell's partition of the credit engine.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Pays in capital on the first day.
    pub fn pay_in_capital(&mut self, tally: &mut WorkTally, fen_per_user: i64) {
        let amount = fen_per_user * self.users.len() as i64;
        self.engine.pay_in_capital(&mut tally.credit, amount);
    }

    /// Runs one day: sweep, auto-debit, close, account events.
    pub fn run_day(
        &mut self,
        board: &Board<'_>,
        quota: [i64; FUNDERS],
        tally: &mut WorkTally,
        scratch: &mut Scratch,
        log: Option<&mut Log>,
    ) -> CellDay {
        let mut desk = Desk { today: board.today(), env: board.environment(), tally, log };
        let day = board.calendar.day;
        self.engine.open_day(&mut Ctx { today: &desk.today, tally: &mut desk.tally.credit }, quota);
        self.debit_round(&mut desk, 0);
        let users = self.users.len();
        // The sweep starts at a place keyed by cell and day, so that nobody always comes last to scarce funds.
        let start = (mix(u64::from(self.first_user) << 16 | u64::from(day.0)) % users as u64) as usize;
        for slots in [start..users, 0..start] {
            for slot in slots {
                self.fetch_ahead(slot, day);
                let key = board.key_of(self.first_user + slot as u32);
                self.user_day(&mut desk, scratch, slot, key);
            }
        }
        desk.tally.agents.flows.user_days += users as i64;
        self.debit_round(&mut desk, 1);
        self.debit_round(&mut desk, 2);
        self.engine.close_day(&mut Ctx { today: &desk.today, tally: &mut desk.tally.credit }, &mut desk.tally.stocks);
        self.tell_users(board, &mut desk, scratch);
        if board.calendar.is_month_end {
            self.count_people(board, desk.tally);
            self.count_groups(&desk.env, &mut desk.tally.risk);
            self.engine.add_exposures(&desk.today, &mut desk.tally.risk);
            if let Some(counted) = &mut desk.tally.segments {
                for (slot, user) in self.users.iter().enumerate() {
                    let row = self.engine.account(Slot(slot as u32));
                    counted.count_account(segment::mask(user), row, &desk.today);
                }
            }
        }
        CellDay {
            committed_fen: self.engine.committed(),
            principal_fen: self.engine.principal_fen(),
            overdue_30_fen: self.engine.overdue_30_fen(day),
            holders: self.engine.live_accounts(),
        }
    }

    /// Has what the next users need fetched from memory while this one's day is worked out: a row takes longer to come than a
    /// user's day.
    #[inline]
    fn fetch_ahead(&self, slot: usize, day: Day) {
        UserRow::fetch_ahead(&self.users, slot + ROWS_AHEAD);
        self.engine.fetch_ahead(slot + ROWS_AHEAD);
        self.engine.fetch_rest_ahead(slot + ORDERS_AHEAD);
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
    fn fetch_order_ahead(&self, place: u32) {
        let Some(order) = self.orders.get(place) else { return };
        self.orders.fetch_ahead(order.next);
        match order.waiting() {
            Waiting::CardToSpend | Waiting::CardToReturn => self.engine.fetch_card_ahead(order.reference),
            _ => self.engine.fetch_purchase_ahead(order.reference),
        }
    }

    #[inline]
    fn user_day(&mut self, desk: &mut Desk<'_>, scratch: &mut Scratch, slot: usize, key: DayKey) {
        let place = Slot(slot as u32);
        let day = desk.env.calendar.day;
        scratch.steps.clear();
        let glance = self.engine.glance(place, day);
        let engine = &self.engine;
        let mut ctx =
            UserCtx { user: &mut self.users[slot], orders: &mut self.orders, tally: &mut desk.tally.agents, key };
        user::plan(&mut ctx, &desk.env, glance, || engine.view(place, day), &mut scratch.steps);
        let mut next = 0;
        while next < scratch.steps.len() {
            let step = scratch.steps[next];
            next += 1;
            let mut follow_up = self.take_step(desk, slot, key, step);
            while let Some(step) = follow_up {
                follow_up = self.take_step(desk, slot, key, step);
            }
        }
    }

    /// Asks the engine for one step and shows the user the answer.
    #[inline]
    fn take_step(&mut self, desk: &mut Desk<'_>, slot: usize, key: DayKey, step: Step) -> Option<Step> {
        let reply = self.ask(desk, slot, step.second, step.command);
        let mut ctx =
            UserCtx { user: &mut self.users[slot], orders: &mut self.orders, tally: &mut desk.tally.agents, key };
        user::observe(&mut ctx, &desk.env, &step, reply)
    }

    #[inline]
    fn ask(&mut self, desk: &mut Desk<'_>, slot: usize, second: u32, command: Command) -> Reply {
        let user = &mut self.users[slot];
        user.sequence += 1;
        let request = Request { slot: Slot(slot as u32), sequence: user.sequence, command };
        let at = SimTime::at(desk.env.calendar.day, second.min(86_399));
        let before = desk.tally.segments.is_some().then(|| segments::margin_fen(&desk.tally.credit.flows));
        let reply = self.engine.apply(&mut Ctx { today: &desk.today, tally: &mut desk.tally.credit }, at, request);
        if let (Some(before), Some(counted)) = (before, &mut desk.tally.segments) {
            let margin = segments::margin_fen(&desk.tally.credit.flows) - before;
            counted.count_reply(segment::mask(&self.users[slot]), command, reply, margin);
        }
        if let Some(log) = desk.log.as_deref_mut() {
            log.push(LoggedRequest { at, request, reply, funder: self.engine.last_funder() });
        }
        reply
    }

    /// A round of auto-debit over the accounts that are due today. In the first round, before people wake up, those who
    /// mean to choose by hand today are left alone.
    fn debit_round(&mut self, desk: &mut Desk<'_>, round: usize) {
        let second = desk.today.terms.billing.debit_rounds[round];
        for slot in self.engine.due_today(&desk.today) {
            let place = Slot(slot);
            let by_hand = round == 0 && self.users[slot as usize].act_day == desk.today.day().0;
            if by_hand || !self.engine.awaits_debit(place) {
                continue;
            }
            let view = self.engine.view(place, desk.today.day());
            let amount = paying::debited(&self.users[slot as usize], view.statement_fen, view.minimum_fen);
            if amount == 0 {
                self.engine.debit_failed(&mut desk.tally.credit);
                continue;
            }
            let reply =
                self.ask(desk, slot as usize, second, Command::Repay { amount_fen: amount, source: Source::AutoDebit });
            paying::paid(&mut self.users[slot as usize], reply, false);
            self.users[slot as usize].act_day = 0;
        }
    }

    /// Passes on what happened at the close of the day.
    fn tell_users(&mut self, board: &Board<'_>, desk: &mut Desk<'_>, scratch: &mut Scratch) {
        self.engine.take_account_events(&mut scratch.account_events);
        let day = board.calendar.day;
        for event in &scratch.account_events {
            let slot = event.slot.0 as usize;
            let key = board.key_of(self.first_user + event.slot.0);
            if let Some(counted) = &mut desk.tally.segments {
                counted.count_account_event(segment::mask(&self.users[slot]), event.kind);
            }
            let letter = Letter::of(&self.engine, event, day);
            let (user, orders) = (&mut self.users[slot], &mut self.orders);
            letter.read(&mut UserCtx { user, orders, tally: &mut desk.tally.agents, key }, &desk.env);
        }
    }

    fn count_people(&self, board: &Board<'_>, tally: &mut WorkTally) {
        let stocks = &mut tally.people_end;
        for user in self.users.iter().filter(|user| user.joins_day <= board.calendar.day.0) {
            stocks.users += 1;
            stocks.users_by_age[stock::age_band(user.age)] += 1;
            stocks.users_18_35 += i64::from((18..=35).contains(&user.age));
            stocks.savings_fen += i64::from(user.savings_fen);
            stocks.users_by_stage[usize::from(user.funnel)] += 1;
            if user::in_labour_force(user) {
                stocks.labour_force += 1;
                stocks.jobless += i64::from(user.jobless_since != 0);
            }
        }
    }

    /// Feeds the whole state to `sink` for the state hash.
    pub fn write_state(&self, sink: &mut dyn FnMut(&[u8])) {
        sink(self.users.as_slice().as_bytes());
        let (orders, free) = self.orders.bytes();
        sink(orders);
        sink(&free.to_le_bytes());
        self.engine.write_state(sink);
    }
}
