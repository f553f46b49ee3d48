//! Cells of several lenders, beside a cell of one.

use super::*;
use crate::agents::step::StepKind;
use crate::agents::totals::AgentTally;
use crate::base::ids::{MerchantId, Reference};
use crate::base::money::Fen32;
use crate::credit::NoLender;
use crate::credit::command::{AccountView, Application, Channel, Command, Glance, Scene, Source, Status};
use crate::population::{PopulationTables, sample_cell};
use crate::scenario::Scenario;
use crate::testing::fixture;
use crate::world::{Frame, World};
use std::sync::Arc;

const USERS: u32 = 300;
const SECOND: Lender = Lender(1);

/// A cell and the world around it, day after day.
struct Course {
    scenario: Scenario,
    frame: Arc<Frame>,
    world: World,
    cell: Cell,
    tally: WorkTally,
    scratch: Scratch,
    days: usize,
}

impl Course {
    fn new(lenders: u8) -> Course {
        let mut scenario = fixture::scenario(USERS);
        scenario.base.terms.origination.review_share = crate::base::money::Ppm(0);
        let frame = Arc::new(Frame::new(&scenario));
        let world = World::warm_up(&scenario, &frame);
        let groups = scenario.base.terms.billing.bill_days.len() as u32;
        let cell = Cell::new(sample_cell(&scenario, &PopulationTables::new(&scenario), 0), lenders, groups);
        let tally = WorkTally::new(frame.run_months, world.hosts());
        Course { scenario, frame, world, cell, tally, scratch: Scratch::default(), days: 0 }
    }

    /// The context of the next day, which is opened.
    fn midnight(&mut self) -> DayContext {
        let calendar = self.frame.calendar.days()[self.days];
        self.world.midnight(&self.frame, &calendar);
        self.world.day_context(&self.frame, &calendar)
    }

    /// A day with so much room for each lender of the cell.
    fn day(&mut self, context: &DayContext) -> CellDay {
        const EACH: i64 = 10_000_000_000;
        let quota = [EACH * self.cell.engines.lenders() as i64; FUNDERS];
        self.days += 1;
        self.cell.run_day(context, quota, &mut self.tally, &mut self.scratch, None)
    }

    /// Somebody asks a lender between two users' turns.
    fn asks(&mut self, context: &DayContext, slot: usize, lender: Lender, command: Command) -> Reply {
        let mut sweep = Sweep { today: context.today(), env: context.environment(), tally: &mut self.tally, log: None };
        let key = context.key_of(slot as u32);
        let kind = if matches!(command, Command::Authorise { .. }) {
            StepKind::Purchase { cheaper: false }
        } else {
            StepKind::Plain
        };
        let step = Step { second: 40_000 + slot as u32, lender, command, kind };
        let reply = self.cell.ask(&mut sweep, slot, &step);
        let Cell { users, orders, .. } = &mut self.cell;
        let mut ctx = UserCtx { user: &mut users[slot], orders, tally: &mut sweep.tally.agents, key };
        user::observe(&mut ctx, &sweep.env, &step, reply);
        reply
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.cell.write_snapshot(&mut |piece| bytes.extend_from_slice(piece));
        bytes
    }
}

fn application() -> Command {
    Command::Apply(Application {
        age: 30,
        student: false,
        identity_matches: true,
        fraud_signal: false,
        bureau_score: 760,
        behaviour: 200,
        monthly_income_yuan: 15_000,
        other_debt_yuan: 0,
    })
}

fn purchase(fen: i32) -> Command {
    Command::Authorise {
        merchant: MerchantId(1),
        scene: Scene::LiveShopping,
        amount_fen: Fen32(fen),
        instalments: 0,
        suspicious: false,
    }
}

fn state(engines: &Engines, lender: Lender) -> Vec<u8> {
    let mut state = Vec::new();
    engines[lender].write_state(&mut |piece| state.extend_from_slice(piece));
    state
}

#[test]
fn a_lender_with_whom_nobody_deals_changes_nothing() {
    let (mut one, mut two) = (Course::new(1), Course::new(2));
    for _ in 0..100 {
        let (alone, beside) = (one.midnight(), two.midnight());
        assert_eq!(one.day(&alone), two.day(&beside), "day {}", one.days);
    }
    assert!(one.cell.engines.holders() > 20, "{}", one.cell.engines.holders());
    assert_eq!(two.cell.engines[SECOND].live_accounts(), 0);
    assert_eq!(state(&one.cell.engines, Lender::FIRST), state(&two.cell.engines, Lender::FIRST));
    assert_eq!(one.cell.users, two.cell.users);
    assert_eq!(one.tally.credit.flows, two.tally.credit.flows);
}

/// A course in which the first users have an account with the second lender, too, and purchases there that are on their way.
fn with_second_accounts() -> (Course, DayContext) {
    let mut course = Course::new(2);
    let first_day = course.midnight();
    course.day(&first_day);
    let context = course.midnight();
    for slot in 0..40 {
        course.asks(&context, slot, SECOND, application());
        course.asks(&context, slot, SECOND, purchase(30_000 + 100 * slot as i32));
    }
    (course, context)
}

#[test]
fn people_follow_up_with_the_lender_of_an_order_and_pay_each_lender_what_it_asks() {
    let (mut course, mut context) = with_second_accounts();
    let opened = course.cell.engines[SECOND].live_accounts();
    assert!(opened >= 20, "{opened}");
    let mut largest = 0;
    for _ in 0..62 {
        let report = course.day(&context);
        context = course.midnight();
        let engines = &course.cell.engines;
        assert_eq!(report.principal_fen, engines.iter().map(crate::credit::Engine::principal_fen).sum::<i64>());
        assert!((opened..=USERS as i64).contains(&report.holders), "{}", report.holders);
        largest = largest.max(engines[SECOND].principal_fen());
    }
    // Each order was delivered by the lender that gave the credit for it, and the bank is asked by both.
    assert!(largest >= opened / 2 * 30_000, "{largest}");
    let left = course.cell.engines[SECOND].principal_fen();
    assert!(left < largest / 2, "{left} of {largest}: statements are paid by auto-debit");
    assert_eq!(course.cell.engines.books_differ(), None);
    let stocks = &course.tally.stocks;
    let live = course.cell.engines.live_accounts();
    assert!(stocks.accounts > 0 && live > course.cell.engines.holders(), "{live} accounts");
}

#[test]
fn a_snapshot_holds_the_accounts_with_all_lenders_and_refuses_orders_of_others() {
    let (mut course, context) = with_second_accounts();
    let bytes = course.bytes();
    let again = Cell::read_snapshot(&bytes).unwrap_or_else(|error| panic!("{error}"));
    let waiting = |cell: &Cell| {
        let first = |user: &UserRow| cell.orders.get(user.first_order).filter(|_| user.next_order_day != 0).copied();
        cell.users.iter().filter_map(first).collect::<Vec<_>>()
    };
    assert!(waiting(&again).len() > 10 && waiting(&again).iter().all(|order| order.lender() == SECOND));
    assert_eq!(waiting(&again), waiting(&course.cell));
    for lender in [Lender::FIRST, SECOND] {
        assert_eq!(state(&again.engines, lender), state(&course.cell.engines, lender));
    }
    let mut read = Course { cell: again, ..Course::new(2) };
    (read.days, read.world) = (course.days, course.world.clone());
    assert_eq!(read.day(&context), course.day(&context));
    assert_eq!(read.bytes(), course.bytes(), "both go on alike");
    // What the first order waits for and its lender share a byte, the last but one of its row.
    let at = 12 + USERS as usize * size_of::<UserRow>() + size_of::<OrderRow>() - 2;
    let mut forged = bytes;
    assert_eq!(forged[at] >> 4, SECOND.0);
    forged[at] |= 0xF0;
    let refused = Cell::read_snapshot(&forged).map(|_| ());
    assert_eq!(refused, Err(SnapshotError::NoLender(NoLender { lender: Lender(15), lenders: 2 })));
    let text = refused.map_err(|error| error.to_string());
    assert_eq!(text, Err("there is no lender 15: the cell has 2, numbered from 0".to_string()));
    let groups = course.scenario.base.terms.billing.bill_days.len() as u32;
    let mut three = course.cell.clone();
    three.add_lender(groups);
    assert_eq!((three.engines().lenders(), three.engines()[Lender(2)].live_accounts()), (3, 0));
}

/// What somebody asks goes to the lender whose account was seen.
#[test]
fn a_plan_asks_the_lender_whose_account_was_seen() {
    const SEEN: Lender = Lender(3);
    let mut course = Course::new(1);
    let context = course.midnight();
    let view = |status, late: u16| AccountView {
        lender: SEEN,
        status,
        cards_open: true,
        annual_bp: 1_800,
        limit_fen: Fen32(1_000_000),
        available_fen: Fen32(900_000),
        principal_fen: Fen32(100_000),
        statement_fen: Fen32(80_000),
        minimum_fen: Fen32(8_000),
        convertible_fen: Fen32(80_000),
        past_due_fen: Fen32(if late > 0 { 8_000 } else { 0 }),
        days_past_due: late,
        due_day: context.calendar.day,
        contact: Channel::Call,
        claim_fen: Fen32(100_000),
    };
    let mut kinds = [0; crate::credit::totals::COMMAND_KINDS];
    let mut tally = AgentTally::new(course.world.hosts());
    for (status, late) in [(Status::None, 0), (Status::Open, 0), (Status::Open, 9), (Status::WrittenOff, 0)] {
        let Cell { users, orders, .. } = &mut course.cell;
        for (slot, user) in users.iter_mut().enumerate() {
            (user.payday, user.act_day) = (context.calendar.day_of_month, context.calendar.day.0);
            let key = context.key_of(slot as u32);
            let mut ctx = UserCtx { user, orders, tally: &mut tally, key };
            let (shown, mut steps) = (view(status, late), Vec::new());
            user::plan(&mut ctx, &context.environment(), |_| Glance::of(&shown), |_| shown, &mut steps);
            for step in &steps {
                assert_eq!(step.lender, SEEN, "{step:?}");
                kinds[step.command.kind()] += 1;
                let next = user::observe(&mut ctx, &context.environment(), step, Reply::Done(1));
                assert!(next.is_none_or(|next| next.lender == SEEN), "{next:?} upon {step:?}");
            }
        }
    }
    for asked in [application(), purchase(1), Command::Repay { amount_fen: Fen32(1), source: Source::Voluntary }] {
        assert!(kinds[asked.kind()] > 0, "{asked:?}: {kinds:?}");
    }
    assert!(kinds.iter().filter(|count| **count > 0).count() >= 6, "{kinds:?}");
    let first = |user: &UserRow| course.cell.orders.get(user.first_order).filter(|_| user.next_order_day != 0);
    let orders: Vec<_> = course.cell.users.iter().filter_map(first).collect();
    assert!(!orders.is_empty() && orders.iter().all(|order| order.lender() == SEEN && order.reference == Reference(1)));
}
