//! Builds a load run out of a world that was handed over, lets it run, and takes it down again.

use crate::base::time::Day;
use crate::clock::fabric;
use crate::clock::journal::disk::Disk;
use crate::clock::journal::{CellImage, Journal, JournalError, Notify, Producer, Settings, state_hash};
use crate::clock::virtual_time::HandOver;
use crate::clock::wall::acks::AckLog;
use crate::clock::wall::cell::{CellActor, CellLinks};
use crate::clock::wall::desk::{Committed, DeskActor, LetGo, MakeCells, Work};
use crate::clock::wall::gate::Gate;
use crate::clock::wall::market::{HostActor, MerchantActor, TipsSoFar};
use crate::clock::wall::messages::{EndNow, Go, Stall, Surrender, Wire};
use crate::clock::wall::outcome;
use crate::clock::wall::people::{People, PeopleOf};
use crate::clock::wall::registrar::{Begin, Beginning, News, Registrar, Report, Seen};
use crate::clock::wall::system::{self, ThreadId};
use crate::clock::wall::time::{Clock, MILLI_NS, Window};
use crate::clock::wall::watch::{self, OnSecond, Shared};
use crate::credit::{CloseStage, Engine};
use crate::measure::latency::{Exchange, JournalRecord, LoadObservations, LostBusiness};
use crate::scenario::{Durability, LoadPlan, Placement, Scenario};
use crate::world::{Frame, PublishedDay, WorkTally};
use actix::{Actor, Addr, Arbiter, System};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::Duration;

/// A load run to be made.
pub struct LoadSetup<'a> {
    /// The world; it is copied, so that several runs can start from the same moment.
    pub from: &'a HandOver,
    /// The scenario that the world came from.
    pub scenario: &'a Scenario,
    /// How it is loaded.
    pub plan: &'a LoadPlan,
    /// Seed of arrivals.
    pub seed: u64,
    /// Answer without deciding: what everything but the engine costs.
    pub null_service: bool,
    /// Directory of the journal and its disk, when the plan asks for durability.
    pub journal: Option<(PathBuf, Arc<dyn Disk>)>,
    /// Where the answers that reached users are put down, one file a generator.
    pub acks: Option<PathBuf>,
    /// Set to give the run up.
    pub cancel: &'a AtomicBool,
    /// Set to end the measured time early.
    pub enough: &'a AtomicBool,
    /// A fault put in by a test: latency counts from when a request was sent.
    #[cfg(test)]
    pub stamps_at_send: bool,
}

/// Why a load run came to no result.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The run was interrupted.
    #[error("interrupted")]
    Interrupted,
    /// A thread could not be had, or died.
    #[error("a thread of the run is gone: {0}")]
    Thread(String),
    /// The journal could not be begun.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The file system said no.
    #[error("{}: {source}", path.display())]
    Io {
        /// Where.
        path: PathBuf,
        /// What it said.
        source: std::io::Error,
    },
}

/// Wall time between the moment at which everything is ready and the start of the warm-up.
const START_NS: u64 = 20 * MILLI_NS;

/// Threads of a placement: which generator and which service thread a cell belongs to.
#[derive(Clone, Copy, Debug)]
struct Threads {
    generators: usize,
    services: usize,
    side_by_side: bool,
}

impl Threads {
    fn of(placement: Placement) -> Threads {
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

/// Runs a load run. `on_second` sees each second of the measured time from a thread of its own.
///
/// # Errors
/// [`LoadError`]; nothing is left running.
pub fn run(setup: &LoadSetup<'_>, on_second: &mut OnSecond<'_>) -> Result<LoadObservations, LoadError> {
    let clock = Clock::start();
    let threads = Threads::of(setup.plan.placement);
    let exchange = Exchange::new(2 * threads.generators);
    let shared = Shared::default();
    let (watched, ended) = fabric::beside(
        || watch::watch(clock, &shared, &exchange, threads.generators, on_second),
        || {
            let run = System::new().block_on(stage(setup, clock, threads, &exchange, &shared));
            shared.over.store(true, Ordering::Release);
            run
        },
    );
    Ok(outcome::observations(setup, &shared, watched, ended?))
}

/// What is left when the actors are gone.
pub(super) struct Ended {
    pub(super) engines: Vec<Engine>,
    pub(super) seen: Seen,
    pub(super) gates: Vec<Arc<Gate>>,
    pub(super) cells: u64,
    pub(super) market_actors: u64,
    pub(super) rss_before_bytes: u64,
    pub(super) rss_actors_bytes: u64,
    pub(super) idle_ns: Vec<u64>,
    pub(super) out_of_days: bool,
    pub(super) tips_agree: bool,
    pub(super) lost: LostBusiness,
    pub(super) failures: Vec<String>,
    pub(super) state_hash: String,
    pub(super) journal: Option<JournalRecord>,
    pub(super) window: Window,
}

async fn stage(
    setup: &LoadSetup<'_>,
    clock: Clock,
    threads: Threads,
    exchange: &Arc<Exchange>,
    shared: &Shared,
) -> Result<Ended, LoadError> {
    let rss_before_bytes = system::rss_bytes();
    let frame = Arc::new(setup.from.frame.clone());
    let empty = WorkTally::new(frame.run_months, setup.from.world.hosts());
    let (news_to, mut news) = tokio::sync::mpsc::unbounded_channel();
    let beginning = Beginning {
        clock,
        frame: Arc::clone(&frame),
        world: setup.from.world.clone(),
        next: setup.from.next,
        services: threads.services,
        snapshot_days: if setup.journal.is_some() { setup.plan.snapshot_days } else { 0 },
        empty: empty.clone(),
        news: news_to,
    };
    let registrar = Registrar::new(beginning).start();
    let first_day = Arc::new(setup.from.world.publish(&frame, &setup.from.next));
    let arbiters = Arbiters::start(threads, shared)?;
    let market = arbiters.market(&frame, setup.from.world.hosts())?;
    let people = arbiters.people(setup, clock, &first_day, &market, exchange, &registrar)?;
    let gates: Vec<Arc<Gate>> = people.iter().flat_map(|p| p.gates.iter().map(|(_, gate)| Arc::clone(gate))).collect();
    let desks = arbiters.desks()?;
    let (journal, producers) = journal(setup, &first_day, &desks)?;
    let maker = Maker { threads, clock, day: first_day, empty, registrar: registrar.clone(), null: setup.null_service };
    let cells = maker.cells(&people, &desks, producers).await?;
    for generator in &people {
        let own = generator.gates.iter().map(|(cell, _)| cells[*cell].clone());
        generator.addr.do_send(Wire(own.collect()));
    }
    let generators = people.iter().map(|p| p.addr.clone()).collect();
    registrar.do_send(Begin { cells: cells.clone(), generators });
    let mut out_of_days = wait(&mut news, setup.cancel, None).await?;
    let rss_actors_bytes = system::rss_bytes();
    let mut window = window(clock, setup.plan);
    // Set once: a run starts once.
    let _ = shared.window.set(window);
    registrar.do_send(Go(window));
    stalls(setup.plan, clock, window, &cells, threads);
    let end = End { enough: setup.enough, clock, people: &people, until_ns: &mut window.until_ns };
    out_of_days |= wait(&mut news, setup.cancel, Some(end)).await?;
    let seen = registrar.send(Report).await.map_err(gone)?;
    let (mut engines, mut images) = (Vec::with_capacity(cells.len()), Vec::with_capacity(cells.len()));
    for cell in &cells {
        let (engine, image) = cell.send(Surrender).await.map_err(gone)?;
        engines.push(engine);
        images.push(image);
    }
    let mut failures = Vec::new();
    for desk in &desks {
        failures.extend(desk.send(LetGo).await.map_err(gone)?);
    }
    let mut lost = LostBusiness::default();
    let mut idle_ns = Vec::new();
    let mut tips_said = vec![0_i64; market.hosts.len()];
    for generator in &people {
        let done = generator.addr.send(super::generator::HandIn).await.map_err(gone)?;
        lost.drawings += done.lost.drawings;
        lost.amount_fen += done.lost.amount_fen;
        idle_ns.push(done.idle_ns);
        failures.extend(done.failure);
        tips_said.iter_mut().zip(done.tips_fen).for_each(|(sum, fen)| *sum += fen);
    }
    let mut tips_agree = true;
    for (host, said) in market.hosts.iter().zip(&tips_said) {
        tips_agree &= host.send(TipsSoFar).await.map_err(gone)? == *said;
    }
    let market_actors = (market.hosts.len() + market.merchants.len()) as u64;
    arbiters.stop()?;
    let journal = match journal.map(Journal::close) {
        Some(Ok(record)) => Some(record),
        Some(Err(error)) => {
            failures.push(error.to_string());
            None
        }
        None => None,
    };
    Ok(Ended {
        state_hash: blake3::Hash::from_bytes(state_hash(&images)).to_hex().to_string(),
        journal,
        cells: cells.len() as u64,
        engines,
        seen: *seen,
        gates,
        market_actors,
        rss_before_bytes,
        rss_actors_bytes,
        idle_ns,
        out_of_days,
        tips_agree,
        lost,
        failures,
        window,
    })
}

fn gone(error: actix::MailboxError) -> LoadError {
    LoadError::Thread(error.to_string())
}

/// How the measured time is ended early.
struct End<'a> {
    enough: &'a AtomicBool,
    clock: Clock,
    people: &'a [PeopleOf],
    until_ns: &'a mut u64,
}

/// Waits for good news, looking now and then whether the run is to be given up or ended. True when the calendar ran out.
async fn wait(
    news: &mut tokio::sync::mpsc::UnboundedReceiver<News>,
    cancel: &AtomicBool,
    mut end: Option<End<'_>>,
) -> Result<bool, LoadError> {
    let mut out_of_days = false;
    loop {
        if cancel.load(Ordering::Relaxed) {
            return Err(LoadError::Interrupted);
        }
        let enough = end.as_ref().is_some_and(|end| out_of_days || end.enough.load(Ordering::Relaxed));
        if enough && let Some(end) = end.take() {
            *end.until_ns = (*end.until_ns).min(end.clock.now_ns());
            end.people.iter().for_each(|generator| generator.addr.do_send(EndNow(*end.until_ns)));
        }
        match actix_rt::time::timeout(Duration::from_millis(100), news.recv()).await {
            Ok(Some(News::Ready | News::Finished)) => return Ok(out_of_days),
            Ok(Some(News::OutOfDays)) => out_of_days = true,
            Ok(None) => return Err(LoadError::Thread("the registrar has gone".to_string())),
            Err(_) => {}
        }
    }
}

fn window(clock: Clock, plan: &LoadPlan) -> Window {
    let zero_ns = clock.now_ns() + START_NS;
    let from_ns = zero_ns + plan.warmup_ms * MILLI_NS;
    Window { zero_ns, from_ns, until_ns: from_ns + plan.duration_ms * MILLI_NS }
}

/// Sends stalls to one cell of each service thread at their times; a stalled cell stalls its thread.
fn stalls(plan: &LoadPlan, clock: Clock, window: Window, cells: &[Addr<CellActor>], threads: Threads) {
    for stall in &plan.stalls {
        let cells: Vec<_> = cells.iter().take(threads.services).cloned().collect();
        let at_ns = window.from_ns + stall.at_ms * MILLI_NS;
        let for_ms = stall.for_ms;
        actix::spawn(async move {
            let wait_ns = at_ns.saturating_sub(clock.now_ns());
            actix_rt::time::sleep(Duration::from_nanos(wait_ns)).await;
            cells.iter().for_each(|cell| cell.do_send(Stall(for_ms)));
        });
    }
}

/// All hosts and merchants, by number.
struct Market {
    hosts: Vec<Addr<HostActor>>,
    merchants: Vec<Addr<MerchantActor>>,
}

/// The threads of a run.
struct Arbiters {
    threads: Threads,
    generators: Vec<Arbiter>,
    /// Empty when services share the generators' threads.
    services: Vec<Arbiter>,
}

impl Arbiters {
    fn start(threads: Threads, shared: &Shared) -> Result<Arbiters, LoadError> {
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
                ids.push(on(arbiter, move || ThreadId::current(name))?);
            }
        }
        ids.push(ThreadId::current("registrar".to_string()));
        let _ = shared.threads.set(ids);
        Ok(arbiters)
    }

    fn service(&self, number: usize) -> &Arbiter {
        if self.threads.side_by_side { &self.generators[number] } else { &self.services[number] }
    }

    fn market(&self, frame: &Frame, hosts: usize) -> Result<Market, LoadError> {
        let share = |count: usize, number: usize| (number..count).step_by(self.threads.generators).count();
        let merchants = frame.merchants.count();
        let mut parts = Vec::new();
        for (number, arbiter) in self.generators.iter().enumerate() {
            let (h, m) = (share(hosts, number), share(merchants, number));
            let part: (Vec<Addr<HostActor>>, Vec<Addr<MerchantActor>>) = on(arbiter, move || {
                (
                    (0..h).map(|_| HostActor::default().start()).collect(),
                    (0..m).map(|_| MerchantActor.start()).collect(),
                )
            })?;
            parts.push(part);
        }
        let generators = self.threads.generators;
        Ok(Market {
            hosts: (0..hosts).map(|i| parts[i % generators].0[i / generators].clone()).collect(),
            merchants: (0..merchants).map(|i| parts[i % generators].1[i / generators].clone()).collect(),
        })
    }

    fn people(
        &self,
        setup: &LoadSetup<'_>,
        clock: Clock,
        day: &Arc<PublishedDay>,
        market: &Market,
        exchange: &Arc<Exchange>,
        registrar: &Addr<Registrar>,
    ) -> Result<Vec<PeopleOf>, LoadError> {
        let mut people = Vec::new();
        for (number, arbiter) in self.generators.iter().enumerate() {
            let cells = setup.from.cells.iter().enumerate();
            let own = cells.filter(|(cell, _)| self.threads.generator_of(*cell) == number);
            let build = People {
                number,
                generators: self.threads.generators,
                cells: own.map(|(cell, parts)| (cell, parts.clone().into_parts())).collect(),
                plan: setup.plan.clone(),
                seed: setup.seed,
                #[cfg(test)]
                stamps_at_send: setup.stamps_at_send,
                clock,
                day: Arc::clone(day),
                hosts: market.hosts.clone(),
                merchants: market.merchants.clone(),
                exchange: Arc::clone(exchange),
                registrar: registrar.clone(),
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
    fn desks(&self) -> Result<Vec<Addr<DeskActor>>, LoadError> {
        (0..self.threads.services).map(|number| on(self.service(number), || DeskActor::vacant().start())).collect()
    }

    fn stop(self) -> Result<(), LoadError> {
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
fn journal(
    setup: &LoadSetup<'_>,
    day: &PublishedDay,
    desks: &[Addr<DeskActor>],
) -> Result<(Option<Journal>, Vec<Producer>), LoadError> {
    let Some((dir, disk)) = &setup.journal else { return Ok((None, Vec::new())) };
    if setup.plan.durability == Durability::None || setup.null_service {
        return Ok((None, Vec::new()));
    }
    let closed = Day(day.calendar.day.0 - 1);
    let images: Vec<CellImage> = (setup.from.cells.iter().enumerate())
        .map(|(number, cell)| {
            let stages = CloseStage::ALL.len() as u8;
            CellImage::new(number as u32, cell.engine(), closed, stages, day.controls())
        })
        .collect();
    let notify = desks.iter().map(|desk| -> Notify {
        let desk = desk.clone();
        Box::new(move |commit| desk.do_send(Committed(commit)))
    });
    let settings = Settings::new(setup.plan.durability);
    let world = &setup.from.world.name;
    let begun = Journal::create(Arc::clone(disk), dir, setup.scenario, world, &images, settings, notify.collect())?;
    Ok((Some(begun.0), begun.1))
}

/// What all service threads get.
struct Maker {
    threads: Threads,
    clock: Clock,
    day: Arc<PublishedDay>,
    empty: WorkTally,
    registrar: Addr<Registrar>,
    null: bool,
}

impl Maker {
    /// Makes the cells on their threads; returns their addresses in the order of their numbers.
    async fn cells(
        &self,
        people: &[PeopleOf],
        desks: &[Addr<DeskActor>],
        producers: Vec<Producer>,
    ) -> Result<Vec<Addr<CellActor>>, LoadError> {
        let mut of_thread: Vec<Vec<(usize, Engine, CellLinks)>> = desks.iter().map(|_| Vec::new()).collect();
        for generator in people {
            for ((cell, gate), (users, engine)) in generator.gates.iter().zip(&generator.users) {
                let links =
                    CellLinks { users: users.clone(), generator: generator.addr.clone(), gate: Arc::clone(gate) };
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
            addrs.extend(desk.send(make).await.map_err(gone)?);
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
