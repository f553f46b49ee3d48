//! Makes the people of one generator thread: a user actor each, their crowd, their generator.

use crate::agents::totals::AgentTally;
use crate::base::ids::Slot;
use crate::credit::Engine;
use crate::load::acks::AckLog;
use crate::load::agenda::Agenda;
use crate::load::arbiters::Market;
use crate::load::bells::Bells;
use crate::load::crowd::{CellSide, Crowd, Stamp, Tempo, Thinking};
use crate::load::debits::Debits;
use crate::load::gate::Door;
use crate::load::generator::Generator;
use crate::load::generator_actor::GeneratorActor;
use crate::load::generator_actor::{NAP, SHORT_NAP};
use crate::load::mail;
use crate::load::pacer::Pacer;
use crate::load::put_off::PutOff;
use crate::load::registrar::Registrar;
use crate::load::share::{Share, Signs};
use crate::load::time::{Clock, MILLI_NS, Window};
use crate::load::user::{UserActor, merchants_of_orders};
use crate::measure::latency::{Exchange, LostBusiness, Recorder};
use crate::scenario::{Durability, LoadPlan, Placement, Shape, UserLoop};
use crate::world::{CellParts, DayContext};
use actix::{Actor, Addr};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

/// What one generator thread gives back when its people are there.
pub(super) struct PeopleOf {
    pub(super) addr: Addr<GeneratorActor>,
    /// World-wide number, door and accounts of its cells, in its own order.
    pub(super) cells: Vec<(usize, Arc<Door>, Engine)>,
}

/// Everything that is needed to make the people of one thread; made elsewhere, sent there.
pub(super) struct People {
    pub(super) number: usize,
    pub(super) generators: usize,
    pub(super) cells: Vec<(usize, CellParts)>,
    pub(super) plan: LoadPlan,
    pub(super) seed: u64,
    pub(super) stamp: Stamp,
    pub(super) clock: Clock,
    pub(super) day: Arc<DayContext>,
    pub(super) market: Market,
    pub(super) exchange: Arc<Exchange>,
    pub(super) signs: Signs,
    pub(super) registrar: Addr<Registrar>,
    pub(super) acks: Option<AckLog>,
    /// Where the simulated moment is shown, as seconds since 2000.
    pub(super) simulated: Arc<AtomicU64>,
}

impl People {
    fn tempo(&self) -> Tempo {
        match (self.plan.shape, self.plan.users) {
            (Shape::Behaviour, UserLoop::PartlyOpen) => Tempo::Simulated { speed_milli: self.plan.speed_milli },
            _ => Tempo::Rate,
        }
    }

    fn pacer(&self) -> Option<Pacer> {
        let open = self.plan.users == UserLoop::PartlyOpen && self.plan.shape != Shape::Behaviour;
        open.then(|| Pacer::new(&self.plan, self.generators as u32, self.number as u32, self.seed))
    }

    fn thinking(&self) -> Option<Thinking> {
        match self.plan.users {
            UserLoop::PartlyOpen => None,
            UserLoop::Closed { users, think_ms } => {
                let share = (self.number as u32..users).step_by(self.generators).count() as u32;
                Some(Thinking { users: share, think_ns: think_ms * MILLI_NS, at_work: 0 })
            }
        }
    }

    fn crowd(&mut self) -> Crowd {
        let hosts = self.market.hosts.len();
        let journaled = self.plan.durability != Durability::None;
        let side_by_side = matches!(self.plan.placement, Placement::SideBySide { .. });
        Crowd {
            clock: self.clock,
            window: Window::NEVER,
            day: Arc::clone(&self.day),
            days_since: 0,
            from_second: self.plan.at.second_of_day(),
            tempo: Tempo::CatchUp,
            tally: AgentTally::new(hosts),
            cells: Vec::new(),
            bells: Bells::default(),
            homes: Vec::new(),
            begun: Vec::new(),
            merchants: std::mem::take(&mut self.market.merchants),
            hosts: std::mem::take(&mut self.market.hosts),
            agenda: Agenda::default(),
            queue: VecDeque::new(),
            later: Agenda::default(),
            unhurried: Agenda::default(),
            overnight: Vec::new(),
            put_off: PutOff::default(),
            evening: false,
            taken: 0,
            deferred: Vec::new(),
            steps: Vec::new(),
            recorder: Recorder::new(&self.exchange),
            in_flight: 0,
            to_ask_again: 0,
            deadline_ns: self.plan.deadline_ms * MILLI_NS,
            retry: self.plan.retry,
            thinking: self.thinking(),
            tips_fen: vec![0; hosts],
            lost: LostBusiness::default(),
            nap: journaled.then_some(if side_by_side { NAP } else { SHORT_NAP }),
            heard: 0,
            self_contained: side_by_side && !journaled,
            acks: self.acks.take(),
            stamp: self.stamp,
        }
    }

    /// Makes them, on the thread on which they are to live.
    pub(super) fn start(mut self) -> PeopleOf {
        let (tempo, pacer) = (self.tempo(), self.pacer());
        let crowd = Rc::new(RefCell::new(self.crowd()));
        let mut cells = Vec::new();
        for (place, (cell, mut parts)) in std::mem::take(&mut self.cells).into_iter().enumerate() {
            let first_place = crowd.borrow().homes.len() as u32;
            let engine = &parts.engine;
            let mut users = Vec::with_capacity(parts.users.len());
            for (slot, row) in parts.users.iter().enumerate() {
                let orders = merchants_of_orders(row, &mut parts.orders, |reference| engine.merchant_of(reference));
                let slot = Slot(slot as u32);
                let actor = UserActor::new(row.patience, first_place + slot.0, place as u32, slot.0, orders, &crowd);
                users.push(mail::start(actor));
            }
            let all = &mut *crowd.borrow_mut();
            all.bells.add(users.len());
            all.homes.resize(all.homes.len() + users.len(), place as u32);
            all.begun.resize(all.homes.len(), 0);
            let door = Arc::new(Door::new(self.plan.queue_limit, users));
            let side = CellSide {
                cell: cell as u32,
                first_user: parts.first_user,
                first_place,
                users: parts.users.len() as u32,
                rows: parts.users,
                orders: parts.orders,
                views: None,
                addr: None,
                door: Arc::clone(&door),
                unplanned: 0,
                chains: 0,
                debits: Debits::default(),
                closing: false,
            };
            all.cells.push(side);
            cells.push((cell, door, parts.engine));
        }
        let share = Share::new(self.number, self.signs);
        let generator = Generator::new(crowd, tempo, pacer, share, self.registrar, self.simulated);
        let addr = GeneratorActor::new(Rc::new(RefCell::new(generator))).start();
        PeopleOf { addr, cells }
    }
}
