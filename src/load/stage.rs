//! Builds a load run out of a world that was handed over, lets it run, and takes it down again.

use crate::credit::Engine;
use crate::journal::disk::Disk;
use crate::journal::{Journal, JournalError, state_hash};
use crate::load::arbiters::{self, Arbiters, Desk, Maker, Market, Threads};
use crate::load::cell::CellActor;
use crate::load::crowd::Stamp;
use crate::load::desk::LetGo;
use crate::load::gate::Door;
use crate::load::generator_actor::HandIn;
use crate::load::market::TipsSoFar;
use crate::load::messages::{EndNow, Go, Stall, Surrender, Wire};
use crate::load::outcome;
use crate::load::people::PeopleOf;
use crate::load::registrar::{Begin, Beginning, News, Registrar, Report, Seen};
use crate::load::system;
use crate::load::time::{Clock, MILLI_NS, Window};
use crate::load::watch::{self, OnSecond, Shared};
use crate::measure::latency::{Exchange, JournalRecord, LoadObservations, LostBusiness};
use crate::runtime;
use crate::scenario::{Durability, LoadPlan, Scenario};
use crate::sim::HandOver;
use crate::world::{CellParts, WorkTally};
use actix::{Actor, Addr, System};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::mpsc::UnboundedSender;

/// A load run to be made.
pub(crate) struct LoadSetup<'a> {
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
    /// From when latency counts.
    pub stamp: Stamp,
}

/// Why a load run came to no result.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LoadError {
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

/// Runs a load run. `on_second` sees each second of the measured time from a thread of its own.
///
/// # Errors
/// [`LoadError`]; nothing is left running.
pub(crate) fn run(setup: &LoadSetup<'_>, on_second: &mut OnSecond<'_>) -> Result<LoadObservations, LoadError> {
    let clock = Clock::start();
    let threads = Threads::of(setup.plan.placement);
    let exchange = Exchange::new(2 * threads.generators);
    let shared = Shared::default();
    let (watched, ended) = runtime::beside(
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
    pub(super) doors: Vec<Arc<Door>>,
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

/// Everybody who lives in a run.
struct Cast {
    registrar: Addr<Registrar>,
    arbiters: Arbiters,
    /// By generator.
    markets: Vec<Market>,
    people: Vec<PeopleOf>,
    desks: Vec<Desk>,
    cells: Vec<Addr<CellActor>>,
    journal: Option<Journal>,
}

impl Cast {
    /// An assertion that fails ends its thread, and with it the actors there; nobody else would tell.
    ///
    /// # Errors
    /// [`LoadError::Thread`] with whoever is gone.
    fn all_live(&self) -> Result<(), LoadError> {
        let gone = |who: String| Err(LoadError::Thread(format!("{who} has ended before its time")));
        if let Some(dead) = self.people.iter().position(|of| !of.addr.connected()) {
            return gone(format!("generator {dead}"));
        }
        if let Some(dead) = self.cells.iter().position(|cell| !cell.connected()) {
            return gone(format!("the service of cell {dead}"));
        }
        if !self.registrar.connected() {
            return gone("the registrar".to_string());
        }
        Ok(())
    }
}

async fn stage(
    setup: &LoadSetup<'_>,
    clock: Clock,
    threads: Threads,
    exchange: &Arc<Exchange>,
    shared: &Shared,
) -> Result<Ended, LoadError> {
    // The run works on a copy of the world. It is made first, so that the difference of memory is what the actors take.
    let copy = setup.from.cells.iter().map(|cell| cell.clone().into_parts()).collect();
    let rss_before_bytes = system::rss_bytes();
    let (news_to, mut news) = tokio::sync::mpsc::unbounded_channel();
    let cast = build((setup, copy), clock, threads, (exchange, shared), news_to).await?;
    let mut out_of_days = wait(&mut news, setup.cancel, &cast, None).await?;
    let rss_actors_bytes = system::rss_bytes();
    let mut window = window(clock, setup.plan);
    // Set once: a run starts once.
    let _ = shared.window.set(window);
    cast.registrar.do_send(Go(window));
    stalls(setup.plan, clock, window, &cast.cells, threads);
    let end = End { enough: setup.enough, clock, until_ns: &mut window.until_ns };
    out_of_days |= wait(&mut news, setup.cancel, &cast, Some(end)).await?;
    let _ = shared.cpu_at_end.set(shared.cpu_now());
    Ok(Ended { rss_before_bytes, rss_actors_bytes, out_of_days, window, ..take_down(cast).await? })
}

/// Makes everybody and opens the first day.
async fn build(
    (setup, copy): (&LoadSetup<'_>, Vec<CellParts>),
    clock: Clock,
    threads: Threads,
    (exchange, shared): (&Arc<Exchange>, &Shared),
    news: UnboundedSender<News>,
) -> Result<Cast, LoadError> {
    let frame = Arc::clone(&setup.from.frame);
    let empty = WorkTally::new(frame.run_months, setup.from.world.hosts());
    let beginning = Beginning {
        clock,
        frame: Arc::clone(&frame),
        world: setup.from.world.clone(),
        next: setup.from.next,
        services: threads.services,
        snapshot_days: if setup.journal.is_some() { setup.plan.snapshot_days } else { 0 },
        empty: empty.clone(),
        news,
    };
    let registrar = Registrar::new(beginning).start();
    let day = Arc::new(setup.from.world.day_context(&frame, &setup.from.next));
    let arbiters = Arbiters::start(threads, setup.plan.durability != Durability::None, shared)?;
    let markets = arbiters.markets(&frame, setup.from.world.hosts())?;
    let people = arbiters.people((setup, copy), clock, &day, &markets, (exchange, &shared.simulated), &registrar)?;
    let desks = arbiters.desks()?;
    let (journal, producers) = arbiters::journal(setup, &day, &desks)?;
    let maker = Maker { threads, clock, day, empty, registrar: registrar.clone(), null: setup.null_service };
    let cells = maker.cells(&people, &desks, producers).await?;
    let generators: Vec<_> = people.iter().map(|p| p.addr.clone()).collect();
    for generator in &people {
        let own = generator.cells.iter().map(|(cell, ..)| cells[*cell].clone());
        generator.addr.do_send(Wire { cells: own.collect(), generators: generators.clone() });
    }
    registrar.do_send(Begin { cells: cells.clone(), generators });
    Ok(Cast { registrar, arbiters, markets, people, desks, cells, journal })
}

/// Takes everybody's last word and ends their threads. What the run itself knows is filled in by the caller.
async fn take_down(cast: Cast) -> Result<Ended, LoadError> {
    let seen = cast.registrar.send(Report).await.map_err(gone)?;
    let (mut engines, mut images) = (Vec::with_capacity(cast.cells.len()), Vec::with_capacity(cast.cells.len()));
    for cell in &cast.cells {
        let (engine, image) = cell.send(Surrender).await.map_err(gone)?;
        engines.push(engine);
        images.push(image);
    }
    let mut failures = Vec::new();
    for desk in &cast.desks {
        failures.extend(desk.addr.send(LetGo).await.map_err(gone)?);
    }
    let mut lost = LostBusiness::default();
    let mut idle_ns = Vec::new();
    let mut tips_agree = true;
    for (generator, market) in cast.people.iter().zip(&cast.markets) {
        let done = generator.addr.send(HandIn).await.map_err(gone)?;
        lost.drawings += done.lost.drawings;
        lost.amount_fen += done.lost.amount_fen;
        idle_ns.push(done.idle_ns);
        failures.extend(done.failure);
        for (host, said) in market.hosts.iter().zip(done.tips_fen) {
            tips_agree &= host.send(TipsSoFar).await.map_err(gone)? == said;
        }
    }
    let doors = cast.people.iter().flat_map(|p| p.cells.iter().map(|(_, door, _)| Arc::clone(door))).collect();
    cast.arbiters.stop()?;
    let journal = match cast.journal.map(Journal::close) {
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
        cells: cast.cells.len() as u64,
        engines,
        seen: *seen,
        doors,
        market_actors: cast.markets.iter().map(|m| (m.hosts.len() + m.merchants.len()) as u64).sum(),
        rss_before_bytes: 0,
        rss_actors_bytes: 0,
        idle_ns,
        out_of_days: false,
        tips_agree,
        lost,
        failures,
        window: Window::NEVER,
    })
}

pub(super) fn gone(error: actix::MailboxError) -> LoadError {
    LoadError::Thread(error.to_string())
}

/// How the measured time is ended early.
struct End<'a> {
    enough: &'a AtomicBool,
    clock: Clock,
    until_ns: &'a mut u64,
}

/// Waits for good news, looking now and then whether the run is to be given up or ended, or cannot end. True when the calendar ran
/// out.
async fn wait(
    news: &mut tokio::sync::mpsc::UnboundedReceiver<News>,
    cancel: &AtomicBool,
    cast: &Cast,
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
            cast.people.iter().for_each(|generator| generator.addr.do_send(EndNow(*end.until_ns)));
        }
        match actix_rt::time::timeout(Duration::from_millis(100), news.recv()).await {
            Ok(Some(News::Ready | News::Finished)) => return Ok(out_of_days),
            Ok(Some(News::OutOfDays)) => out_of_days = true,
            Ok(None) => return Err(LoadError::Thread("the registrar has gone".to_string())),
            Err(_) => cast.all_live()?,
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
