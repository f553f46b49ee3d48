//! The threads of a run, and what is placed on which: generators with their users, services with their cells, or both together.

use crate::journal::Producer;
use crate::load::actors::cell::{CellActor, CellSetup};
use crate::load::actors::coordinator::Coordinator;
use crate::load::actors::counterparties::{Counterparties, HostActor, MerchantActor};
use crate::load::actors::mailbox;
use crate::load::actors::worker::{MakeCells, Work, WorkerActor};
use crate::load::clock::Clock;
use crate::load::run::ack_log::AckLog;
use crate::load::run::load_run::{LoadError, gone};
use crate::load::run::sampler::RunShared;
use crate::load::run::shard_setup::{ShardFrame, ShardHandle, ShardSetup};
use crate::load::run::system::ThreadId;
use crate::runtime::{self, ParkedThread, ThreadGroup};
use crate::scenario::Placement;
use crate::world::{CellParts, DayContext, Frame, WorkTally};
use actix::{Actor, Addr, Arbiter};
use std::path::Path;
use std::sync::{Arc, mpsc};

/// Threads of a placement: which generator and which service thread a cell belongs to.
#[derive(Clone, Copy, Debug)]
pub(super) struct ThreadCounts {
    pub(super) generators: usize,
    pub(super) services: usize,
    side_by_side: bool,
}

impl ThreadCounts {
    pub(super) fn of(placement: Placement) -> ThreadCounts {
        match placement {
            Placement::Separate { generators, services } => ThreadCounts {
                generators: usize::from(generators.max(1)),
                services: usize::from(services.max(1)),
                side_by_side: false,
            },
            Placement::SideBySide { threads } => {
                let threads = usize::from(threads.max(1));
                ThreadCounts { generators: threads, services: threads, side_by_side: true }
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

/// The worker of a service thread.
#[derive(Clone)]
pub(super) struct WorkerHandle {
    pub(super) addr: Addr<WorkerActor>,
    /// Its thread: where users are on it too, it parks while all wait for the journal.
    pub(super) thread: ParkedThread,
}

/// The threads of a run.
pub(super) struct RunThreads {
    threads: ThreadCounts,
    generators: Vec<Arbiter>,
    /// Empty when services share the generators' threads.
    services: Vec<Arbiter>,
}

impl RunThreads {
    /// Starts the threads, all of a group. With `parks`, they park now and then, and each is kept to a core of its own if there are
    /// enough.
    pub(super) fn start(
        threads: ThreadCounts,
        parks: bool,
        group: &ThreadGroup,
        shared: &RunShared,
    ) -> Result<RunThreads, LoadError> {
        let start = |count: usize| -> Result<Vec<Arbiter>, LoadError> {
            (0..count).map(|_| Arbiter::try_new().map_err(|e| LoadError::Thread(e.to_string()))).collect()
        };
        let generators = start(threads.generators)?;
        let services = if threads.side_by_side { Vec::new() } else { start(threads.services)? };
        let run_threads = RunThreads { threads, generators, services };
        let generator = if threads.side_by_side { "users-and-cells" } else { "generator" };
        let mut ids = Vec::new();
        for (kind, list) in [(generator, &run_threads.generators), ("service", &run_threads.services)] {
            for (number, arbiter) in list.iter().enumerate() {
                let name = format!("{kind}-{number}");
                let group = group.clone();
                ids.push(on(arbiter, move || {
                    group.join(&name);
                    if parks && threads.side_by_side {
                        runtime::keep_to_core(number, threads.generators);
                    }
                    ThreadId::current(name)
                })?);
            }
        }
        // The coordinator's thread has this name in the tables of every run so far.
        ids.push(ThreadId::current("coordinator".to_string()));
        let _ = shared.threads.set(ids);
        Ok(run_threads)
    }

    fn service(&self, number: usize) -> &Arbiter {
        if self.threads.side_by_side { &self.generators[number] } else { &self.services[number] }
    }

    /// Hosts and merchants for each generator thread.
    pub(super) fn counterparties(&self, frame: &Frame, hosts: usize) -> Result<Vec<Counterparties>, LoadError> {
        let merchants = frame.merchants.count();
        let make = |arbiter: &Arbiter| {
            on(arbiter, move || Counterparties {
                hosts: (0..hosts).map(|_| mailbox::start(HostActor::default())).collect(),
                merchants: (0..merchants).map(|_| mailbox::start(MerchantActor)).collect(),
            })
        };
        self.generators.iter().map(make).collect()
    }

    /// The users of `copy`'s cells, on their generator threads. Answers are put down at `acks`, one file a generator.
    pub(super) fn shards(
        &self,
        copy: Vec<CellParts>,
        frame: &ShardFrame,
        counterparties: &[Counterparties],
        acks: Option<&Path>,
    ) -> Result<Vec<ShardHandle>, LoadError> {
        let mut shards = Vec::new();
        let mut of_thread: Vec<Vec<(usize, CellParts)>> = (0..self.threads.generators).map(|_| Vec::new()).collect();
        for (cell, parts) in copy.into_iter().enumerate() {
            of_thread[self.threads.generator_of(cell)].push((cell, parts));
        }
        for (((number, arbiter), cells), counterparties) in
            self.generators.iter().enumerate().zip(of_thread).zip(counterparties)
        {
            let build = ShardSetup {
                frame: frame.clone(),
                number,
                cells,
                counterparties: counterparties.clone(),
                acks: match acks {
                    Some(path) => Some(ack_log(path, number, self.threads.generators)?),
                    None => None,
                },
            };
            shards.push(on(arbiter, move || build.start())?);
        }
        Ok(shards)
    }

    /// One worker a service thread, without cells yet.
    pub(super) fn workers(&self) -> Result<Vec<WorkerHandle>, LoadError> {
        let worker = || WorkerHandle { addr: WorkerActor::without_cells().start(), thread: ParkedThread::here() };
        (0..self.threads.services).map(|number| on(self.service(number), worker)).collect()
    }

    /// Ends the threads and waits for them.
    pub(super) fn stop(mut self) -> Result<(), LoadError> {
        let arbiters: Vec<Arbiter> = self.generators.drain(..).chain(self.services.drain(..)).collect();
        for arbiter in &arbiters {
            arbiter.stop();
        }
        for arbiter in arbiters {
            arbiter.join().map_err(|_| LoadError::Thread("it panicked".to_string()))?;
        }
        Ok(())
    }
}

/// Threads of a run that is given up are told to end, too: a generator would look at the clock for ever. Nobody waits for one that
/// does not.
impl Drop for RunThreads {
    fn drop(&mut self) {
        for arbiter in self.generators.iter().chain(&self.services) {
            arbiter.stop();
        }
    }
}

/// What all service threads get.
pub(super) struct ServiceSetup {
    pub(super) threads: ThreadCounts,
    pub(super) clock: Clock,
    pub(super) day: Arc<DayContext>,
    pub(super) empty: WorkTally,
    pub(super) coordinator: Addr<Coordinator>,
    pub(super) null: bool,
}

impl ServiceSetup {
    /// Makes the cells on their threads; returns their addresses in the order of their numbers.
    pub(super) async fn cells(
        &self,
        shards: &[ShardHandle],
        workers: &[WorkerHandle],
        producers: Vec<Producer>,
    ) -> Result<Vec<Addr<CellActor>>, LoadError> {
        let mut of_thread: Vec<Vec<CellSetup>> = workers.iter().map(|_| Vec::new()).collect();
        for shard in shards {
            for cell in &shard.cells {
                of_thread[self.threads.service_of(cell.number)].push(CellSetup {
                    cell: cell.number as u32,
                    engines: cell.accounts.clone(),
                    link: Arc::clone(&cell.link),
                    generator: shard.addr.clone(),
                });
            }
        }
        let mut producers = producers.into_iter();
        let mut addrs = Vec::new();
        for (worker, cells) in workers.iter().zip(of_thread) {
            let make = MakeCells {
                clock: self.clock,
                work: if self.null { Work::Null } else { Work::Real },
                empty: self.empty.clone(),
                day: Arc::clone(&self.day),
                coordinator: self.coordinator.clone(),
                producer: producers.next(),
                cells,
            };
            addrs.extend(worker.addr.send(make).await.map_err(gone)?);
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
