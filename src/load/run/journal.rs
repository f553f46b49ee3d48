//! The journal of a run, and what it did in the measured time.

use crate::credit::ClosePhase;
use crate::journal::{
    CellImage, Done, Journal, JournalError, JournalSetup, Notify, Observer, Policy, Producer, Service, Settings,
    StandingEngine,
};
use crate::load::actors::worker::Committed;
use crate::load::clock::Clock;
use crate::load::core::pacer::Pacer;
use crate::load::core::time::{MILLI_NS, Window};
use crate::load::run::load_run::{LoadError, LoadSetup};
use crate::load::run::placement::WorkerHandle;
use crate::measure::latency::{JournalRecord, histogram_ns};
use crate::runtime::lock;
use crate::scenario::{Durability, LoadPlan, Shape, UserLoop};
use crate::world::DayContext;
use std::sync::{Arc, Mutex};

/// A running journal and its figures.
pub(super) struct RunningJournal {
    journal: Journal,
    pub(super) figures: Figures,
}

impl RunningJournal {
    /// Why the journal has stopped, if it has.
    pub(super) fn failure(&self) -> Option<Arc<JournalError>> {
        self.journal.failure()
    }

    /// Ends the journal; what it did in the measured time.
    pub(super) fn close(self) -> Result<JournalRecord, Arc<JournalError>> {
        self.journal.close()?;
        let record = lock(&self.figures.counted).record.clone();
        Ok(record)
    }
}

/// What the journal did in the measured time: commits and snapshots that began in it.
#[derive(Clone)]
pub(super) struct Figures {
    clock: Clock,
    counted: Arc<Mutex<Counted>>,
}

struct Counted {
    window: Window,
    record: JournalRecord,
}

impl Figures {
    fn new(policy: Policy, clock: Clock) -> Figures {
        let record = JournalRecord {
            policy: in_words(policy),
            records: 0,
            commits: 0,
            bytes: 0,
            commit_ns: histogram_ns(),
            snapshots: 0,
        };
        Figures { clock, counted: Arc::new(Mutex::new(Counted { window: Window::NEVER, record })) }
    }

    /// The measured time is known; it lies ahead.
    pub(super) fn measure(&self, window: Window) {
        lock(&self.counted).window = window;
    }

    /// The measured time ends now, if it has not ended before. Returns when it ends: no commit that is counted began later.
    pub(super) fn end_now(&self) -> u64 {
        let counted = &mut *lock(&self.counted);
        counted.window.until_ns = counted.window.until_ns.min(self.clock.now_ns());
        counted.window.until_ns
    }

    fn observer(&self) -> Observer {
        let figures = self.clone();
        Box::new(move |done| figures.count(done))
    }

    fn count(&self, done: Done) {
        crate::runtime::fault_point("journal");
        let (Done::Commit { began, .. } | Done::Snapshot { began }) = done;
        let Counted { window, record } = &mut *lock(&self.counted);
        if !window.measures(self.clock.at_ns(began)) {
            return;
        }
        match done {
            Done::Commit { took, records, bytes, .. } => {
                record.records += u64::from(records);
                record.commits += 1;
                record.bytes += bytes;
                record.commit_ns.saturating_record(took.as_nanos() as u64);
            }
            Done::Snapshot { .. } => record.snapshots += 1,
        }
    }
}

/// The policy in words.
fn in_words(policy: Policy) -> String {
    match policy {
        Policy::Buffered => "buffered".to_string(),
        Policy::Group { linger_us, records_max } => {
            format!("group(max_us = {linger_us}, max_records = {records_max})")
        }
    }
}

/// Begins the journal that the plan asks for, with one producer a service thread.
pub(super) fn begin(
    setup: &LoadSetup<'_>,
    day: &DayContext,
    workers: &[WorkerHandle],
    clock: Clock,
) -> Result<(Option<RunningJournal>, Vec<Producer>), LoadError> {
    let policy = match setup.plan.durability {
        Durability::None => return Ok((None, Vec::new())),
        Durability::Buffered => Policy::Buffered,
        Durability::Group { max_us, max_records } => Policy::Group { linger_us: max_us, records_max: max_records },
    };
    let Some((dir, disk)) = setup.journal.as_ref().filter(|_| !setup.null_service) else {
        return Ok((None, Vec::new()));
    };
    let closed = day.calendar.day.minus(1);
    let images: Vec<CellImage> = (setup.from.cells.iter().enumerate())
        .map(|(number, cell)| {
            let stages = ClosePhase::ALL.len() as u8;
            let standing =
                |engine| StandingEngine { engine, day: closed, stages_done: stages, controls: &day.controls };
            CellImage::new(number as u32, cell.engines().iter().map(standing))
        })
        .collect();
    let notify = workers.iter().map(|worker| -> Notify {
        let WorkerHandle { addr, thread } = worker.clone();
        Box::new(move |commit| {
            addr.do_send(Committed(commit));
            thread.wake();
        })
    });
    let service = Service { scenario: setup.scenario.resolved_toml.clone(), world: setup.from.world.name.clone() };
    let figures = Figures::new(policy, clock);
    let (journal, producers) = Journal::create(
        dir,
        &service,
        &images,
        JournalSetup {
            disk: Arc::clone(disk),
            settings: Settings::for_records(policy, expected_requests(setup.plan)),
            notify: notify.collect(),
            observer: Some(figures.observer()),
        },
    )?;
    Ok((Some(RunningJournal { journal, figures }), producers))
}

/// About how many requests a run will make, where a rate sets them: arrivals and a tenth more for what follows on them.
fn expected_requests(plan: &LoadPlan) -> u64 {
    if plan.shape == Shape::Behaviour || plan.users != UserLoop::PartlyOpen {
        return 0;
    }
    let whole_ns = (plan.warmup_ms + plan.duration_ms) * MILLI_NS;
    (Pacer::new(plan, 1, 0, 0).expected_by(whole_ns) * 1.1) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    #[test]
    #[expect(clippy::disallowed_methods, reason = "moments to count")]
    fn the_figures_hold_what_began_in_the_measured_time_and_nothing_else() {
        let start = Instant::now();
        let figures = Figures::new(Policy::Buffered, Clock::from(start));
        let mut observe = figures.observer();
        let mut commit_at = |ms: u64| {
            let (began, took) = (start + Duration::from_millis(ms), Duration::from_micros(80));
            observe(Done::Commit { began, took, records: 10, bytes: 1_000 });
            observe(Done::Snapshot { began });
        };
        commit_at(1); // nobody knows yet when measuring begins
        let window = Window { zero_ns: 0, from_ns: 2_000 * MILLI_NS, until_ns: 3_000 * MILLI_NS };
        figures.measure(window);
        (1_998..2_002).chain(2_999..3_002).for_each(commit_at);
        let record = lock(&figures.counted).record.clone();
        let counts = (record.records, record.commits, record.bytes, record.commit_ns.len(), record.snapshots);
        assert_eq!(counts, (30, 3, 3_000, 3, 3), "at 2,000, 2,001 and 2,999 ms");
        assert!(figures.end_now() < window.from_ns, "ended by hand long before");
    }
}
