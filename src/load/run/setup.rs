//! Builds a load run out of a world that was handed over, lets it run, and takes it down again.

use crate::journal::state_hash;
use crate::load::actors::cell::CellActor;
use crate::load::actors::coordinator::{Begin, Coordinator, CoordinatorSetup, Milestone, Report};
use crate::load::actors::counterparties::{Counterparties, TipsSoFar};
use crate::load::actors::generator_actor::HandIn;
use crate::load::actors::messages::{Connect, EndNow, Go, HandInEngines, Stall};
use crate::load::actors::worker::ReleaseJournal;
use crate::load::clock::Clock;
use crate::load::core::rebalancer::Backlogs;
use crate::load::core::time::{MILLI_NS, Window};
use crate::load::run::journal::{self, RunningJournal};
use crate::load::run::load_run::{LoadError, LoadSetup, gone};
use crate::load::run::outcome::{self, RunEnd};
use crate::load::run::placement::{RunThreads, ServiceSetup, ThreadCounts, WorkerHandle};
use crate::load::run::sampler::{self, OnSecond, RunShared};
use crate::load::run::shard_setup::{ShardFrame, ShardHandle};
use crate::load::run::system;
use crate::measure::latency::{Exchange, LoadObservations, LostBusiness};
use crate::runtime::{self, ThreadGroup};
use crate::scenario::{Durability, LoadPlan};
use crate::world::{CellParts, WorkTally};
use actix::{Actor, Addr, System};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::mpsc::UnboundedSender;

/// Wall time between the moment at which everything is ready and the start of the warm-up.
const START_NS: u64 = 20 * MILLI_NS;

/// Runs a load run. `on_second` sees each second of the measured time from a thread of its own.
///
/// # Errors
/// [`LoadError`]; nothing is left running.
pub(crate) fn run(setup: &LoadSetup<'_>, on_second: &mut OnSecond<'_>) -> Result<LoadObservations, LoadError> {
    let group = ThreadGroup::new();
    let _entered = group.enter("set-up and coordinator");
    let ran = std::panic::catch_unwind(AssertUnwindSafe(|| in_group(setup, &group, on_second)));
    // What the run shows after a panic is nothing to go by, wherever that was caught.
    match (group.first_panic(), ran) {
        (Some(said), _) => Err(LoadError::Panicked(said)),
        (None, Ok(ran)) => ran,
        (None, Err(panic)) => std::panic::resume_unwind(panic),
    }
}

fn in_group(
    setup: &LoadSetup<'_>,
    group: &ThreadGroup,
    on_second: &mut OnSecond<'_>,
) -> Result<LoadObservations, LoadError> {
    let clock = Clock::start();
    let threads = ThreadCounts::of(setup.plan.placement);
    let exchange = Exchange::new(2 * threads.generators);
    let shared = RunShared::default();
    let (sampled, ended) = runtime::beside(
        || sampler::sample(clock, &shared, &exchange, threads.generators, on_second),
        || {
            let _over = Over(&shared);
            let frame = RunFrame { setup, group, clock, threads, exchange: &exchange, shared: &shared };
            System::new().block_on(carry_out(frame))
        },
    );
    let ended = ended?;
    let started_unix_ms = clock.unix_ms(ended.window.from_ns);
    Ok(outcome::observations(setup, &shared, sampled, RunEnd { started_unix_ms, ..ended }))
}

/// Tells the sampler that the run is over, however it ended: it would wait for ever.
struct Over<'a>(&'a RunShared);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.over.store(true, Ordering::Release);
    }
}

/// All actors of a run.
struct RunActors {
    coordinator: Addr<Coordinator>,
    run_threads: RunThreads,
    /// By generator.
    counterparties: Vec<Counterparties>,
    shards: Vec<ShardHandle>,
    workers: Vec<WorkerHandle>,
    cells: Vec<Addr<CellActor>>,
    journal: Option<RunningJournal>,
}

impl RunActors {
    /// Whoever is gone, or has stopped, would be waited for until the end of the run and beyond it.
    ///
    /// # Errors
    /// [`LoadError`] with whoever has panicked, the journal that has stopped, or who is gone.
    fn all_live(&self, group: &ThreadGroup) -> Result<(), LoadError> {
        if let Some(said) = group.first_panic() {
            return Err(LoadError::Panicked(said));
        }
        if let Some(error) = self.journal.as_ref().and_then(RunningJournal::failure) {
            return Err(LoadError::JournalStopped(error));
        }
        let gone = |who: String| Err(LoadError::Thread(format!("{who} has ended before its time")));
        if let Some(dead) = self.shards.iter().position(|of| !of.addr.connected()) {
            return gone(format!("generator {dead}"));
        }
        if let Some(dead) = self.cells.iter().position(|cell| !cell.connected()) {
            return gone(format!("the service of cell {dead}"));
        }
        if !self.coordinator.connected() {
            return gone("the coordinator".to_string());
        }
        Ok(())
    }
}

/// What a run is built from.
#[derive(Clone, Copy)]
struct RunFrame<'a> {
    setup: &'a LoadSetup<'a>,
    group: &'a ThreadGroup,
    clock: Clock,
    threads: ThreadCounts,
    exchange: &'a Arc<Exchange>,
    shared: &'a RunShared,
}

async fn carry_out(frame: RunFrame<'_>) -> Result<RunEnd, LoadError> {
    let RunFrame { setup, group, clock, threads, shared, .. } = frame;
    // The run works on a copy of the world. It is made first, so that the difference of memory is what the actors take.
    let copy = setup.from.cells.iter().map(|cell| cell.clone().into_parts()).collect();
    let rss_before_bytes = system::rss_bytes();
    let (milestones_to, mut milestones) = tokio::sync::mpsc::unbounded_channel();
    let actors = build(frame, copy, milestones_to).await?;
    runtime::fault_point("set-up");
    let watched = Watched { cancel: setup.cancel, group, actors: &actors };
    let mut out_of_days = wait(&mut milestones, watched, None).await?;
    let rss_actors_bytes = system::rss_bytes();
    let mut window = window(clock, setup.plan);
    // Set once: a run starts once.
    let _ = shared.window.set(window);
    if let Some(journal) = &actors.journal {
        journal.figures.measure(window);
    }
    actors.coordinator.do_send(Go(window));
    stalls(setup.plan, clock, window, &actors.cells, threads);
    let end = EarlyEnd { enough: setup.enough, clock, until_ns: &mut window.until_ns };
    out_of_days |= wait(&mut milestones, watched, Some(end)).await?;
    let _ = shared.cpu_at_end.set(shared.cpu_now());
    Ok(RunEnd { rss_before_bytes, rss_actors_bytes, out_of_days, window, ..take_down(actors).await? })
}

/// Makes everybody and opens the first day.
async fn build(
    run: RunFrame<'_>,
    copy: Vec<CellParts>,
    milestones: UnboundedSender<Milestone>,
) -> Result<RunActors, LoadError> {
    let RunFrame { setup, group, clock, threads, exchange, shared } = run;
    let frame = Arc::clone(&setup.from.frame);
    let empty = WorkTally::new(frame.run_months, setup.from.world.hosts());
    let coordinator = Coordinator::new(CoordinatorSetup {
        clock,
        frame: Arc::clone(&frame),
        world: setup.from.world.clone(),
        next: setup.from.next,
        services: threads.services,
        snapshot_days: if setup.journal.is_some() { setup.plan.snapshot_days } else { 0 },
        empty: empty.clone(),
        milestones,
    })
    .start();
    let day = Arc::new(setup.from.world.day_context(&frame, &setup.from.next));
    let run_threads = RunThreads::start(threads, setup.plan.durability != Durability::None, group, shared)?;
    let counterparties = run_threads.counterparties(&frame, setup.from.world.hosts())?;
    let shard_frame = ShardFrame {
        generators: threads.generators,
        plan: setup.plan.clone(),
        seed: setup.seed,
        latency_from: setup.latency_from,
        clock,
        day: Arc::clone(&day),
        exchange: Arc::clone(exchange),
        backlogs: Backlogs::new(threads.generators),
        coordinator: coordinator.clone(),
        simulated: Arc::clone(&shared.simulated),
    };
    let shards = run_threads.shards(copy, &shard_frame, &counterparties, setup.acks.as_deref())?;
    let workers = run_threads.workers()?;
    let (journal, producers) = journal::begin(setup, &day, &workers, clock)?;
    let service =
        ServiceSetup { threads, clock, day, empty, coordinator: coordinator.clone(), null: setup.null_service };
    let cells = service.cells(&shards, &workers, producers).await?;
    let generators: Vec<_> = shards.iter().map(|shard| shard.addr.clone()).collect();
    for shard in &shards {
        let own = shard.cells.iter().map(|cell| cells[cell.number].clone());
        shard.addr.do_send(Connect { cells: own.collect(), generators: generators.clone() });
    }
    coordinator.do_send(Begin { cells: cells.clone(), generators });
    Ok(RunActors { coordinator, run_threads, counterparties, shards, workers, cells, journal })
}

/// Takes what everybody has to hand in and ends their threads. What the run itself knows is filled in by the caller.
async fn take_down(actors: RunActors) -> Result<RunEnd, LoadError> {
    let coordinator = actors.coordinator.send(Report).await.map_err(gone)?;
    let (mut engines, mut images) = (Vec::with_capacity(actors.cells.len()), Vec::with_capacity(actors.cells.len()));
    for cell in &actors.cells {
        let (of_cell, image) = cell.send(HandInEngines).await.map_err(gone)?;
        engines.push(of_cell);
        images.push(image);
    }
    for worker in &actors.workers {
        worker.addr.send(ReleaseJournal).await.map_err(gone)?;
    }
    let mut lost = LostBusiness::default();
    let mut idle_ns = Vec::new();
    let mut unsent_starved = 0;
    let mut tips_agree = true;
    for (generator, counterparties) in actors.shards.iter().zip(&actors.counterparties) {
        let done = generator.addr.send(HandIn).await.map_err(gone)?;
        lost.drawings += done.lost.drawings;
        lost.amount_fen += done.lost.amount_fen;
        idle_ns.push(done.idle_ns);
        unsent_starved += done.unsent_starved;
        if let Some(why) = done.failure {
            return Err(LoadError::Acks(why));
        }
        for (host, said) in counterparties.hosts.iter().zip(done.tips_fen) {
            tips_agree &= host.send(TipsSoFar).await.map_err(gone)? == said;
        }
    }
    let links = actors.shards.iter().flat_map(|shard| shard.cells.iter().map(|cell| Arc::clone(&cell.link))).collect();
    actors.run_threads.stop()?;
    let journal = actors.journal.map(RunningJournal::close).transpose().map_err(LoadError::JournalStopped)?;
    Ok(RunEnd {
        state_hash: blake3::Hash::from_bytes(state_hash(&images)).to_hex().to_string(),
        journal,
        cells: actors.cells.len() as u64,
        engines,
        coordinator: *coordinator,
        links,
        counterparty_actors: actors.counterparties.iter().map(|m| (m.hosts.len() + m.merchants.len()) as u64).sum(),
        rss_before_bytes: 0,
        rss_actors_bytes: 0,
        idle_ns,
        unsent_starved,
        out_of_days: false,
        tips_agree,
        lost,
        window: Window::NEVER,
        started_unix_ms: 0,
    })
}

/// How the measured time is ended early.
struct EarlyEnd<'a> {
    enough: &'a AtomicBool,
    clock: Clock,
    until_ns: &'a mut u64,
}

/// What may end a run before its time, or keep it from ending.
#[derive(Clone, Copy)]
struct Watched<'a> {
    cancel: &'a AtomicBool,
    group: &'a ThreadGroup,
    actors: &'a RunActors,
}

/// Waits for the next milestone, looking now and then whether the run is to be given up or ended, or cannot end. True when the calendar ran
/// out.
async fn wait(
    milestones: &mut tokio::sync::mpsc::UnboundedReceiver<Milestone>,
    watched: Watched<'_>,
    mut end: Option<EarlyEnd<'_>>,
) -> Result<bool, LoadError> {
    let Watched { cancel, group, actors } = watched;
    let mut out_of_days = false;
    loop {
        if cancel.load(Ordering::Relaxed) {
            return Err(LoadError::Interrupted);
        }
        actors.all_live(group)?;
        let enough = end.as_ref().is_some_and(|end| out_of_days || end.enough.load(Ordering::Relaxed));
        if enough && let Some(end) = end.take() {
            let now_ns =
                actors.journal.as_ref().map_or_else(|| end.clock.now_ns(), |journal| journal.figures.end_now());
            *end.until_ns = (*end.until_ns).min(now_ns);
            actors.shards.iter().for_each(|generator| generator.addr.do_send(EndNow(*end.until_ns)));
        }
        match actix_rt::time::timeout(Duration::from_millis(100), milestones.recv()).await {
            Ok(Some(Milestone::Ready | Milestone::Finished)) => return Ok(out_of_days),
            Ok(Some(Milestone::OutOfDays)) => out_of_days = true,
            Ok(None) => return Err(LoadError::Thread("the coordinator has ended before its time".to_string())),
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
fn stalls(plan: &LoadPlan, clock: Clock, window: Window, cells: &[Addr<CellActor>], threads: ThreadCounts) {
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
