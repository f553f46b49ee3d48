//! Makes the users of one generator thread: an actor each, their shard, their generator.

use crate::agents::totals::AgentTally;
use crate::base::ids::Slot;
use crate::credit::Engines;
use crate::load::actors::cell_link::CellLink;
use crate::load::actors::coordinator::Coordinator;
use crate::load::actors::counterparties::Counterparties;
use crate::load::actors::day_phase::DayPhase;
use crate::load::actors::generator::{Generator, GeneratorSetup};
use crate::load::actors::generator_actor::GeneratorActor;
use crate::load::actors::generator_actor::{PARK, SHORT_PARK};
use crate::load::actors::mailbox;
use crate::load::actors::user::{NewUser, UserActor, merchants_of_orders};
use crate::load::actors::user_shard::{CellSide, CellSlot, Thinking, UserShard};
use crate::load::actors::wakers::Wakers;
use crate::load::clock::Clock;
use crate::load::core::auto_debit::Debits;
use crate::load::core::blocked::Blocked;
use crate::load::core::pacer::Pacer;
use crate::load::core::rebalancer::{Backlogs, Rebalancer};
use crate::load::core::time::{LatencyFrom, TimeMapping};
use crate::load::core::time::{MILLI_NS, Window};
use crate::load::core::timers::TimerQueue;
use crate::load::run::ack_log::AckLog;
use crate::measure::latency::{Exchange, LostBusiness, Recorder};
use crate::scenario::{Durability, LoadPlan, Placement, Shape, UserLoop};
use crate::world::{CellParts, DayContext};
use actix::{Actor, Addr};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

/// What one generator thread gives back when its users are there.
pub(super) struct ShardHandle {
    pub(super) addr: Addr<GeneratorActor>,
    /// Its cells, in its own order.
    pub(super) cells: Vec<ShardCell>,
}

/// A cell of a shard, whose accounts are to go to a service thread.
pub(super) struct ShardCell {
    /// World-wide number.
    pub(super) number: usize,
    pub(super) link: Arc<CellLink>,
    pub(super) accounts: Engines,
}

/// What all shards of a run have in common.
#[derive(Clone)]
pub(super) struct ShardFrame {
    pub(super) generators: usize,
    pub(super) plan: LoadPlan,
    pub(super) seed: u64,
    pub(super) latency_from: LatencyFrom,
    pub(super) clock: Clock,
    pub(super) day: Arc<DayContext>,
    pub(super) exchange: Arc<Exchange>,
    pub(super) backlogs: Backlogs,
    pub(super) coordinator: Addr<Coordinator>,
    /// Where the simulated moment is shown, as seconds since 2000.
    pub(super) simulated: Arc<AtomicU64>,
}

/// Everything that is needed to make the users of one thread; made elsewhere, sent there.
pub(super) struct ShardSetup {
    pub(super) frame: ShardFrame,
    /// Number of the generator.
    pub(super) number: usize,
    /// Its cells, with their world-wide numbers.
    pub(super) cells: Vec<(usize, CellParts)>,
    pub(super) counterparties: Counterparties,
    pub(super) acks: Option<AckLog>,
}

impl ShardSetup {
    fn mapping(&self) -> TimeMapping {
        match (self.frame.plan.shape, self.frame.plan.users) {
            (Shape::Behaviour, UserLoop::PartlyOpen) => {
                TimeMapping::Simulated { speed_milli: self.frame.plan.speed_milli }
            }
            _ => TimeMapping::Rate,
        }
    }

    fn pacer(&self) -> Option<Pacer> {
        let open = self.frame.plan.users == UserLoop::PartlyOpen && self.frame.plan.shape != Shape::Behaviour;
        open.then(|| Pacer::new(&self.frame.plan, self.frame.generators as u32, self.number as u32, self.frame.seed))
    }

    fn thinking(&self) -> Option<Thinking> {
        match self.frame.plan.users {
            UserLoop::PartlyOpen => None,
            UserLoop::Closed { users: all, think_ms } => {
                let users = (self.number as u32..all).step_by(self.frame.generators).count() as u32;
                Some(Thinking { users, think_ns: think_ms * MILLI_NS, at_work: 0 })
            }
        }
    }

    fn shard(&mut self) -> UserShard {
        let hosts = self.counterparties.hosts.len();
        let journaled = self.frame.plan.durability != Durability::None;
        let side_by_side = matches!(self.frame.plan.placement, Placement::SideBySide { .. });
        UserShard {
            clock: self.frame.clock,
            window: Window::NEVER,
            day: Arc::clone(&self.frame.day),
            days_since: 0,
            from_second: self.frame.plan.at.second_of_day(),
            mapping: TimeMapping::CatchUp,
            tally: AgentTally::new(hosts),
            cells: Vec::new(),
            wakers: Wakers::default(),
            cell_of: Vec::new(),
            under_way: Vec::new(),
            merchants: std::mem::take(&mut self.counterparties.merchants),
            hosts: std::mem::take(&mut self.counterparties.hosts),
            timers: TimerQueue::default(),
            queue: VecDeque::new(),
            spaced: TimerQueue::default(),
            deferrable: TimerQueue::default(),
            carried_over: Vec::new(),
            blocked: Blocked::default(),
            phase: DayPhase::Main,
            taken: 0,
            deferred: Vec::new(),
            steps: Vec::new(),
            recorder: Recorder::new(&self.frame.exchange),
            in_flight: 0,
            to_ask_again: 0,
            deadline_ns: self.frame.plan.deadline_ms * MILLI_NS,
            retry: self.frame.plan.retry,
            thinking: self.thinking(),
            tips_fen: vec![0; hosts],
            lost: LostBusiness::default(),
            park: journaled.then_some(if side_by_side { PARK } else { SHORT_PARK }),
            received: 0,
            resting: None,
            self_contained: side_by_side && !journaled,
            acks: self.acks.take(),
            latency_from: self.frame.latency_from,
        }
    }

    /// Makes them, on the thread on which they are to run.
    pub(super) fn start(mut self) -> ShardHandle {
        let (mapping, pacer) = (self.mapping(), self.pacer());
        let shard = Rc::new(RefCell::new(self.shard()));
        let mut cells = Vec::new();
        for (position, (cell, mut parts)) in std::mem::take(&mut self.cells).into_iter().enumerate() {
            let first_index = shard.borrow().cell_of.len() as u32;
            let engines = &parts.engines;
            let mut users = Vec::with_capacity(parts.users.len());
            for (slot, row) in parts.users.iter().enumerate() {
                let merchant_of = |lender, reference| engines[lender].merchant_of(reference);
                let orders = merchants_of_orders(row, &mut parts.orders, merchant_of);
                let slot = slot as u32;
                let user = NewUser {
                    index: first_index + slot,
                    at: CellSlot { cell: position as u32, slot: Slot(slot) },
                    patience: row.patience,
                    orders,
                };
                users.push(mailbox::start(UserActor::new(user, &shard)));
            }
            let all = &mut *shard.borrow_mut();
            all.wakers.add(users.len());
            all.cell_of.resize(all.cell_of.len() + users.len(), position as u32);
            all.under_way.resize(all.cell_of.len(), 0);
            let link = Arc::new(CellLink::new(self.frame.plan.queue_limit, users));
            let side = CellSide {
                cell: cell as u32,
                first_user: parts.first_user,
                first_index,
                users: parts.users.len() as u32,
                rows: parts.users,
                orders: parts.orders,
                views: None,
                views_ns: 0,
                addr: None,
                link: Arc::clone(&link),
                unplanned: 0,
                chains: 0,
                debits: Debits::default(),
                closing: false,
            };
            all.cells.push(side);
            cells.push(ShardCell { number: cell, link, accounts: parts.engines });
        }
        let generator = Generator::new(GeneratorSetup {
            shard,
            mapping,
            pacer,
            rebalancer: Rebalancer::new(self.number, self.frame.backlogs),
            coordinator: self.frame.coordinator,
            simulated: self.frame.simulated,
        });
        let addr = GeneratorActor::new(Rc::new(RefCell::new(generator))).start();
        ShardHandle { addr, cells }
    }
}
