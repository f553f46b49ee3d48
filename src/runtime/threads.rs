//! One superstep on the threads of this process: all jobs of a day, and nobody goes on before all are done. The rest of the program
//! knows no threads.

use super::fabric::Fabric;
use super::group::ThreadGroup;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

pub(crate) use std::thread::JoinHandle;

/// Starts a thread that runs beside the supersteps, under a name that tools of the operating system show. It belongs to the group of
/// the calling thread.
///
/// # Errors
/// When the operating system has no thread left to give.
pub(crate) fn spawn<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> std::io::Result<JoinHandle<T>> {
    let (group, called) = (ThreadGroup::current(), name.to_string());
    std::thread::Builder::new().name(name.to_string()).spawn(move || {
        let _entered = group.map(|group| group.enter(&called));
        work()
    })
}

/// Threads of this process. They take jobs from an atomic counter, so a slow job holds nobody up but its worker.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Threads {
    workers: usize,
}

impl Threads {
    /// A fabric of `workers` threads, at least one.
    pub(crate) fn new(workers: usize) -> Threads {
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
        let group = ThreadGroup::current();
        std::thread::scope(|scope| {
            for worker in 1..self.workers.min(jobs.max(1)) {
                let (run, group) = (&run, group.clone());
                scope.spawn(move || {
                    let _entered = group.map(|group| group.enter("a worker"));
                    run(worker);
                });
            }
            run(0);
        });
    }
}

/// Runs `aside` on a thread of its own, of the group of this one, while `main` runs on this one; returns when both are done.
///
/// # Panics
/// When either has panicked.
pub(crate) fn beside<A: Send, B>(aside: impl FnOnce() -> A + Send, main: impl FnOnce() -> B) -> (A, B) {
    let group = ThreadGroup::current();
    std::thread::scope(|scope| {
        let aside = scope.spawn(move || {
            let _entered = group.map(|group| group.enter("the thread beside"));
            aside()
        });
        let main = main();
        match aside.join() {
            Ok(aside) => (aside, main),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

/// The calling thread does nothing for a while. Linux adds some 50 µs to it.
pub(crate) fn sleep(time: Duration) {
    std::thread::sleep(time);
}

/// A thread that may be parked.
#[derive(Clone, Debug)]
pub(crate) struct ParkedThread(std::thread::Thread);

impl ParkedThread {
    /// The calling thread.
    pub(crate) fn here() -> ParkedThread {
        ParkedThread(std::thread::current())
    }

    /// Ends its parking, or the next one when it is not parked now.
    pub(crate) fn wake(&self) {
        self.0.unpark();
    }
}

/// The calling thread does nothing for a while, or until it is woken as a [`ParkedThread`]; it may wake up by itself.
pub(crate) fn park(time: Duration) {
    std::thread::park_timeout(time);
}

/// Keeps the calling thread to core `number` of those that it may use, when there are at least `cores`: two threads that park
/// now and then are else woken on the same core, and one waits for the other's time slice to end. Does nothing where the operating
/// system cannot.
pub(crate) fn keep_to_core(number: usize, cores: usize) {
    #[cfg(target_os = "linux")]
    {
        use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
        let Ok(allowed) = sched_getaffinity(None) else { return };
        let usable: Vec<usize> = (0..CpuSet::MAX_CPU).filter(|core| allowed.is_set(*core)).collect();
        if let Some(core) = usable.get(number)
            && usable.len() >= cores
        {
            let mut own = CpuSet::new();
            own.set(*core);
            // A refusal leaves the thread where it may run.
            let _ = sched_setaffinity(None, &own);
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (number, cores);
}

/// The calling thread lets another run on its core, if one waits for it.
pub(crate) fn yield_core() {
    std::thread::yield_now();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn a_thread_is_kept_to_one_core_if_there_are_enough() {
        use rustix::thread::sched_getaffinity;
        let cores_after = |number: usize, cores: usize| {
            let kept = move || {
                keep_to_core(number, cores);
                sched_getaffinity(None).unwrap().count()
            };
            spawn("kept", kept).unwrap().join().unwrap()
        };
        let all = sched_getaffinity(None).unwrap().count();
        assert_eq!(cores_after(0, 1), 1);
        assert_eq!(cores_after(0, 100_000), all);
        assert_eq!(cores_after(100_000, 1), all);
    }

    #[test]
    fn parking_ends_when_the_thread_is_woken() {
        let parked = ParkedThread::here();
        let waker = spawn("wakes", move || parked.wake()).unwrap();
        // It may also wake up by itself; that it ends at all within the test is what counts.
        park(Duration::from_secs(600));
        waker.join().unwrap();
    }

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
