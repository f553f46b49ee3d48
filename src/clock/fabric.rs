//! One superstep: all jobs of a day, on however many workers there are, and nobody goes on before all are done. The rest
//! of the program knows no threads; another fabric (processes, machines) would stand behind the same trait.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

pub use std::thread::JoinHandle;

/// Starts a thread that lives beside the supersteps, under a name that tools of the operating system show.
///
/// # Errors
/// When the operating system has no thread left to give.
pub fn spawn<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> std::io::Result<JoinHandle<T>> {
    std::thread::Builder::new().name(name.to_string()).spawn(work)
}

/// Runs the jobs of a superstep.
pub trait Fabric: Sync {
    /// Number of workers; `work` is called with worker numbers below it.
    fn workers(&self) -> usize;

    /// Calls `work(worker, job)` once for each job in `0..jobs` and returns when all are done. The order and the worker
    /// of a job are not defined, so `work` must not depend on them.
    fn superstep(&self, jobs: usize, work: &(dyn Fn(usize, usize) + Sync));
}

/// Threads of this process. They take jobs from an atomic counter, so a slow job holds nobody up but its worker.
#[derive(Clone, Copy, Debug)]
pub struct Threads {
    workers: usize,
}

impl Threads {
    /// A fabric of `workers` threads, at least one.
    pub fn new(workers: usize) -> Threads {
        Threads { workers: workers.max(1) }
    }
}

impl Fabric for Threads {
    fn workers(&self) -> usize {
        self.workers
    }

    fn superstep(&self, jobs: usize, work: &(dyn Fn(usize, usize) + Sync)) {
        let next = AtomicUsize::new(0);
        let run = |worker: usize| {
            loop {
                let job = next.fetch_add(1, Ordering::Relaxed);
                if job >= jobs {
                    return;
                }
                work(worker, job);
            }
        };
        std::thread::scope(|scope| {
            for worker in 1..self.workers.min(jobs.max(1)) {
                let run = &run;
                scope.spawn(move || run(worker));
            }
            run(0);
        });
    }
}

/// Runs `aside` on a thread of its own while `main` runs on this one; returns when both are done.
pub fn beside<A: Send, B>(aside: impl FnOnce() -> A + Send, main: impl FnOnce() -> B) -> (A, B) {
    std::thread::scope(|scope| {
        let aside = scope.spawn(aside);
        let main = main();
        match aside.join() {
            Ok(aside) => (aside, main),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

/// The calling thread does nothing for a while. Linux adds some 50 µs to it.
pub fn sleep(time: Duration) {
    std::thread::sleep(time);
}

/// A thread that may be napping.
#[derive(Clone, Debug)]
pub struct Napper(std::thread::Thread);

impl Napper {
    /// The calling thread.
    pub fn here() -> Napper {
        Napper(std::thread::current())
    }

    /// Ends its nap, or the next one when it has none now.
    pub fn wake(&self) {
        self.0.unpark();
    }
}

/// The calling thread does nothing for a while, or until it is woken as a [`Napper`]; it may wake up by itself.
pub fn nap(time: Duration) {
    std::thread::park_timeout(time);
}

/// The calling thread lets another run on its core, if one waits for it.
pub fn yield_core() {
    std::thread::yield_now();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_job_runs_once() {
        for workers in [1, 2, 7] {
            let done: Vec<AtomicUsize> = (0..100).map(|_| AtomicUsize::new(0)).collect();
            Threads::new(workers).superstep(100, &|worker, job| {
                assert!(worker < workers);
                done[job].fetch_add(1, Ordering::Relaxed);
            });
            assert!(done.iter().all(|count| count.load(Ordering::Relaxed) == 1));
        }
    }
}
