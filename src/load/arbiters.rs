//! The threads of a run, and who lives on which: generators with their people, services with their cells, or both together.

use crate::base::time::Day;
use crate::credit::{ClosePhase, Engine};
use crate::journal::{CellImage, Journal, Notify, Producer, Settings};
use crate::load::acks::AckLog;
use crate::load::cell::{CellActor, CellLinks};
use crate::load::desk::{Committed, DeskActor, MakeCells, Work};
use crate::load::mail;
use crate::load::market::{HostActor, MerchantActor};
use crate::load::pacer::Pacer;
use crate::load::people::{People, PeopleOf};
use crate::load::registrar::Registrar;
use crate::load::share::Signs;
use crate::load::stage::{LoadError, LoadSetup, gone};
use crate::load::system::ThreadId;
use crate::load::time::{Clock, MILLI_NS};
use crate::load::watch::Shared;
use crate::measure::latency::Exchange;
use crate::runtime::{self, Napper};
use crate::scenario::{Durability, LoadPlan, Placement, Shape, UserLoop};
use crate::world::{CellParts, DayContext, Frame, WorkTally};
use actix::{Actor, Addr, Arbiter};
use std::path::Path;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, mpsc};

/// Threads of a placement: which generator and which service thread a cell belongs to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Threads {
    pub(super) generators: usize,
    pub(super) services: usize,
    side_by_side: bool,
}

impl Threads {
    pub(super) fn of(placement: Placement) -> Threads {
        match placement {
            Placement::Separate { generators, services } => Threads {
                generators: usize::from(generators.max(1)),
                services: usize::from(services.max(1)),
                side_by_side: false,
            },
            Placement::SideBySide { threads } => {
                let threads = usize::from(threads.max(1));
                Threads { generators: threads, services: threads, side_by_side: true }
            }
        }
    }

    fn generator_of(self, cell: usize) -> usize {
        cell % self.generators
    }

    fn service_of(self, cell: usize) -> usize {
        cell % self.services
    }
}

/// All hosts and merchants, by number, as the people of one generator thread meet them.
#[derive(Clone)]
pub(super) struct Market {
    pub(super) hosts: Vec<Addr<HostActor>>,
    pub(super) merchants: Vec<Addr<MerchantActor>>,
}

/// The desk of a service thread.
#[derive(Clone)]
pub(super) struct Desk {
    pub(super) addr: Addr<DeskActor>,
    /// Its thread: where people live on it too, it naps while all wait for the journal.
    thread: Napper,
}

/// The threads of a run.
pub(super) struct Arbiters {
    threads: Threads,
    generators: Vec<Arbiter>,
    /// Empty when services share the generators' threads.
    services: Vec<Arbiter>,
}

impl Arbiters {
    /// Starts the threads. With `rests`, they rest now and then, and each is kept to a core of its own if there are enough.
    pub(super) fn start(threads: Threads, rests: bool, shared: &Shared) -> Result<Arbiters, LoadError> {
        let start = |count: usize| -> Result<Vec<Arbiter>, LoadError> {
            (0..count).map(|_| Arbiter::try_new().map_err(|e| LoadError::Thread(e.to_string()))).collect()
        };
        let generators = start(threads.generators)?;
        let services = if threads.side_by_side { Vec::new() } else { start(threads.services)? };
        let arbiters = Arbiters { threads, generators, services };
        let generator = if threads.side_by_side { "users-and-cells" } else { "generator" };
        let mut ids = Vec::new();
        for (kind, list) in [(generator, &arbiters.generators), ("service", &arbiters.services)] {
            for (number, arbiter) in list.iter().enumerate() {
                let name = format!("{kind}-{number}");
                ids.push(on(arbiter, move || {
                    if rests && threads.side_by_side {
                        runtime::keep_to_core(number, threads.generators);
                    }
                    ThreadId::current(name)
                })?);
            }
        }
        ids.push(ThreadId::current("registrar".to_string()));
        let _ = shared.threads.set(ids);
        Ok(arbiters)
    }

    fn service(&self, number: usize) -> &Arbiter {
        if self.threads.side_by_side { &self.generators[number] } else { &self.services[number] }
    }

    /// A market for each generator thread.
    pub(super) fn markets(&self, frame: &Frame, hosts: usize) -> Result<Vec<Market>, LoadError> {
        let merchants = frame.merchants.count();
        let make = |arbiter: &Arbiter| {
            on(arbiter, move || Market {
                hosts: (0..hosts).map(|_| mail::start(HostActor::default())).collect(),
                merchants: (0..merchants).map(|_| mail::start(MerchantActor)).collect(),
            })
        };
        self.generators.iter().map(make).collect()
    }

    pub(super) fn people(
        &self,
        (setup, copy): (&LoadSetup<'_>, Vec<CellParts>),
        clock: Clock,
        day: &Arc<DayContext>,
        markets: &[Market],
        (exchange, simulated): (&Arc<Exchange>, &Arc<AtomicU64>),
        registrar: &Addr<Registrar>,
    ) -> Result<Vec<PeopleOf>, LoadError> {
        let mut people = Vec::new();
        let signs = Signs::new(self.threads.generators);
        let mut shares: Vec<Vec<(usize, CellParts)>> = (0..self.threads.generators).map(|_| Vec::new()).collect();
        for (cell, parts) in copy.into_iter().enumerate() {
            shares[self.threads.generator_of(cell)].push((cell, parts));
        }
        for (((number, arbiter), cells), market) in self.generators.iter().enumerate().zip(shares).zip(markets) {
            let build = People {
                number,
                generators: self.threads.generators,
                cells,
                plan: setup.plan.clone(),
                seed: setup.seed,
                stamp: setup.stamp,
                clock,
                day: Arc::clone(day),
                market: market.clone(),
                exchange: Arc::clone(exchange),
                signs: signs.clone(),
                registrar: registrar.clone(),
                simulated: Arc::clone(simulated),
                acks: match &setup.acks {
                    Some(path) => Some(ack_log(path, number, self.threads.generators)?),
                    None => None,
                },
            };
            people.push(on(arbiter, move || build.start())?);
        }
        Ok(people)
    }

    /// One vacant desk a service thread.
    pub(super) fn desks(&self) -> Result<Vec<Desk>, LoadError> {
        let vacant = || Desk { addr: DeskActor::vacant().start(), thread: Napper::here() };
        (0..self.threads.services).map(|number| on(self.service(number), vacant)).collect()
    }

    pub(super) fn stop(self) -> Result<(), LoadError> {
        for arbiter in self.generators.iter().chain(&self.services) {
            arbiter.stop();
        }
        for arbiter in self.generators.into_iter().chain(self.services) {
            arbiter.join().map_err(|_| LoadError::Thread("it panicked".to_string()))?;
        }
        Ok(())
    }
}

/// Begins the journal that the plan asks for, with one producer a service thread.
pub(super) fn journal(
    setup: &LoadSetup<'_>,
    day: &DayContext,
    desks: &[Desk],
) -> Result<(Option<Journal>, Vec<Producer>), LoadError> {
    let Some((dir, disk)) = &setup.journal else { return Ok((None, Vec::new())) };
    if setup.plan.durability == Durability::None || setup.null_service {
        return Ok((None, Vec::new()));
    }
    let closed = Day(day.calendar.day.0 - 1);
    let images: Vec<CellImage> = (setup.from.cells.iter().enumerate())
        .map(|(number, cell)| {
            let stages = ClosePhase::ALL.len() as u8;
            CellImage::new(number as u32, cell.engine(), closed, stages, &day.controls)
        })
        .collect();
    let notify = desks.iter().map(|desk| -> Notify {
        let Desk { addr, thread } = desk.clone();
        Box::new(move |commit| {
            addr.do_send(Committed(commit));
            thread.wake();
        })
    });
    let settings = Settings::for_records(setup.plan.durability, expected_requests(setup.plan));
    let world = &setup.from.world.name;
    let begun = Journal::create(Arc::clone(disk), dir, setup.scenario, world, &images, settings, notify.collect())?;
    Ok((Some(begun.0), begun.1))
}

/// About how many requests a run will make, where a rate tells: arrivals and a tenth more for what follows on them.
fn expected_requests(plan: &LoadPlan) -> u64 {
    if plan.shape == Shape::Behaviour || plan.users != UserLoop::PartlyOpen {
        return 0;
    }
    let whole_ns = (plan.warmup_ms + plan.duration_ms) * MILLI_NS;
    (Pacer::new(plan, 1, 0, 0).expected_by(whole_ns) * 1.1) as u64
}

/// What all service threads get.
pub(super) struct Maker {
    pub(super) threads: Threads,
    pub(super) clock: Clock,
    pub(super) day: Arc<DayContext>,
    pub(super) empty: WorkTally,
    pub(super) registrar: Addr<Registrar>,
    pub(super) null: bool,
}

impl Maker {
    /// Makes the cells on their threads; returns their addresses in the order of their numbers.
    pub(super) async fn cells(
        &self,
        people: &[PeopleOf],
        desks: &[Desk],
        producers: Vec<Producer>,
    ) -> Result<Vec<Addr<CellActor>>, LoadError> {
        let mut of_thread: Vec<Vec<(usize, Engine, CellLinks)>> = desks.iter().map(|_| Vec::new()).collect();
        for generator in people {
            for (cell, door, engine) in &generator.cells {
                let links = CellLinks { door: Arc::clone(door), generator: generator.addr.clone() };
                of_thread[self.threads.service_of(*cell)].push((*cell, engine.clone(), links));
            }
        }
        let mut producers = producers.into_iter();
        let mut addrs = Vec::new();
        for (desk, cells) in desks.iter().zip(of_thread) {
            let make = MakeCells {
                clock: self.clock,
                work: if self.null { Work::Null } else { Work::Real },
                empty: self.empty.clone(),
                day: Arc::clone(&self.day),
                registrar: self.registrar.clone(),
                producer: producers.next(),
                cells,
            };
            addrs.extend(desk.addr.send(make).await.map_err(gone)?);
        }
        addrs.sort_by_key(|(cell, _)| *cell);
        Ok(addrs.into_iter().map(|(_, addr)| addr).collect())
    }
}

/// Runs something on an arbiter's thread and waits for what it gives back.
fn on<T: Send + 'static>(arbiter: &Arbiter, work: impl FnOnce() -> T + Send + 'static) -> Result<T, LoadError> {
    let (to, from) = mpsc::channel();
    arbiter.spawn_fn(move || {
        // Nobody waits only when the run is being given up.
        let _ = to.send(work());
    });
    from.recv().map_err(|_| LoadError::Thread("it ended while the run was being built".to_string()))
}

fn ack_log(path: &Path, number: usize, generators: usize) -> Result<AckLog, LoadError> {
    let path = if generators == 1 { path.to_path_buf() } else { path.with_extension(format!("{number}")) };
    AckLog::create(&path).map_err(|source| LoadError::Io { path, source })
}
