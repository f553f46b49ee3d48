//! Samples a run second by second from a thread of its own: adds what the threads have recorded, reads CPU and memory, and
//! reports the second to whoever wants to see it.

use crate::base::time::SimTime;
use crate::load::clock::Clock;
use crate::load::core::time::{SECOND_NS, Window};
use crate::load::run::system::{self, ThreadId};
use crate::measure::latency::{Collector, Exchange, IntervalRecord, SecondFacts, SecondRecord};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// A second of the measured time that is over.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SecondSeen<'a> {
    /// Its row.
    pub row: &'a SecondRecord,
    /// All that was recorded in it, histograms included.
    pub sum: &'a IntervalRecord,
    /// When the measured time began, milliseconds since 1970.
    pub started_unix_ms: u64,
}

/// Gets each second of the measured time.
pub(super) type OnSecond<'a> = dyn FnMut(&SecondSeen<'_>) + Send + 'a;

/// What the sampling thread and the run share.
#[derive(Debug, Default)]
pub(super) struct RunShared {
    /// The window, once the clock has started.
    pub window: OnceLock<Window>,
    /// The threads of the run, once they are there.
    pub threads: OnceLock<Vec<ThreadId>>,
    /// Simulated seconds since 2000, as generators last saw it.
    pub simulated: Arc<AtomicU64>,
    /// The run is over: the last second is in.
    pub over: AtomicBool,
    /// CPU nanoseconds of each thread when the last answer was in. A thread that has ended has no time of its own any more.
    pub cpu_at_end: OnceLock<Vec<u64>>,
}

impl RunShared {
    /// CPU nanoseconds of each thread, until now.
    pub(super) fn cpu_now(&self) -> Vec<u64> {
        self.threads.get().into_iter().flatten().map(ThreadId::cpu_ns).collect()
    }
}

/// How long the sampling thread sleeps between two looks.
const SAMPLE_EVERY: Duration = Duration::from_millis(50);

/// What was sampled until the run was over.
pub(super) struct Sampled {
    pub(super) total: IntervalRecord,
    pub(super) seconds: Vec<SecondRecord>,
    /// CPU nanoseconds by thread over the measured time.
    pub(super) cpu_ns: Vec<u64>,
}

/// Samples until the run is over.
pub(super) fn sample(
    clock: Clock,
    shared: &RunShared,
    exchange: &Arc<Exchange>,
    recorders: usize,
    on_second: &mut OnSecond<'_>,
) -> Sampled {
    let mut collector = Collector::new(exchange, recorders, 0);
    let mut first: Option<Vec<u64>> = None;
    let (mut last_ns, mut last_cpu) = (0, Vec::new());
    let mut at_end = Vec::new();
    loop {
        let over = shared.over.load(Ordering::Acquire);
        if let Some(window) = shared.window.get() {
            let now_ns = clock.now_ns();
            if first.is_none() && now_ns >= window.from_ns {
                let cpu = shared.cpu_now();
                (last_ns, last_cpu) = (now_ns, cpu.clone());
                first = Some(cpu);
            }
            if at_end.is_empty() && now_ns >= window.until_ns {
                let cpu = shared.cpu_now();
                // Asked for afterwards: as long as it is not there the threads are.
                at_end = shared.cpu_at_end.get().cloned().unwrap_or(cpu);
            }
        }
        while let Some(second) = collector.ready() {
            let (now_ns, cpu) = (clock.now_ns(), shared.cpu_now());
            let wall = (now_ns - last_ns).max(SECOND_NS / 20) as f64;
            let share = |(now, before): (&u64, &u64)| now.saturating_sub(*before) as f64 / wall;
            let facts = SecondFacts {
                at_ms: second * 1_000,
                simulated: SimTime(shared.simulated.load(Ordering::Relaxed) as u32),
                cpu_share: cpu.iter().zip(&last_cpu).map(share).collect(),
                rss_bytes: system::rss_bytes(),
            };
            (last_ns, last_cpu) = (now_ns, cpu);
            if let Some((row, sum)) = collector.finish(facts) {
                // Nothing is measured before the window is known.
                let started_unix_ms = shared.window.get().map_or(0, |window| clock.unix_ms(window.from_ns));
                on_second(&SecondSeen { row, sum, started_unix_ms });
            }
        }
        if over {
            break;
        }
        crate::runtime::sleep(SAMPLE_EVERY);
    }
    if at_end.is_empty() {
        at_end = shared.cpu_at_end.get().cloned().unwrap_or_default();
    }
    let (total, seconds) = collector.into_parts();
    let first = first.unwrap_or_default();
    let cpu_ns = at_end.iter().zip(&first).map(|(end, start)| end.saturating_sub(*start)).collect();
    Sampled { total, seconds, cpu_ns }
}
