//! Days as supersteps: each day every cell of every world is swept once, by whichever worker is free. Totals are integer sums,
//! so the result is the same on any number of workers.

use crate::base::time::CalendarDay;
use crate::credit::totals::COMMAND_KINDS;
use crate::population::{self, PopulationTables};
use crate::runtime::{Fabric, into_inner, lock};
use crate::scenario::Scenario;
use crate::sim::exchange::{self, DaySums};
use crate::sim::options::{AuditedDay, Options, Stopped};
use crate::sim::states::KeptStates;
use crate::world::{Cell, CellDay, Frame, Log, Scratch, WorkTally, World};
use hdrhistogram::Histogram;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// Cells of a world, each behind a lock that nobody contends for: a job locks its own cell. Where several processes share the worlds,
/// those of this one.
pub(super) type Cells = Vec<Mutex<Cell>>;

/// What was done over all worlds of a run, warm-up once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Work {
    /// Commands applied, by kind.
    pub commands: [i64; COMMAND_KINDS],
    /// Stream sessions watched.
    pub sessions: i64,
    /// User-days swept.
    pub user_days: i64,
}

/// States of a run that were kept on the way.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct KeptTally {
    /// How many.
    pub states: u32,
    /// Their bytes, of all processes.
    pub bytes: u64,
    /// Wall seconds in which they were written: no day was swept meanwhile.
    pub seconds: f64,
}

/// A run in progress.
pub(super) struct Run<'a> {
    pub(super) frame: Arc<Frame>,
    pub(super) fabric: &'a dyn Fabric,
    options: &'a Options<'a>,
    hosts: usize,
    pub(super) days_done: usize,
    days_total: usize,
    /// The first day of a history pays in the owners' capital.
    pub(super) capital_paid: bool,
    /// Number of the first cell.
    pub(super) first_cell: usize,
    /// Another process was asked to stop.
    stop: bool,
    /// Who keeps states of it.
    pub(super) kept_states: KeptStates<'a>,
    /// Days that were done at the last state that was kept.
    pub(super) kept_at: usize,
    /// What was kept since this process began.
    pub(super) kept: KeptTally,
    /// Balance of each account at the start of the counted months, once they have begun.
    pub(super) opening_fen: Option<Vec<i64>>,
    pub(super) work: Work,
    /// Nanoseconds of a cell's day.
    pub(super) cell_day_ns: Histogram<u64>,
}

/// Cells that nobody works on any more.
pub(super) fn unlocked(cells: Cells) -> impl Iterator<Item = Cell> {
    cells.into_iter().map(into_inner)
}

/// Wall time is measured here alone and enters no result.
#[expect(clippy::disallowed_methods, reason = "the clock module measures how long a run takes")]
pub(super) fn now() -> Instant {
    Instant::now()
}

impl<'a> Run<'a> {
    /// Before its first day; `days_total` is what it will have done in the end.
    pub(super) fn new(
        frame: Arc<Frame>,
        fabric: &'a dyn Fabric,
        options: &'a Options<'a>,
        hosts: usize,
        days_total: usize,
    ) -> Run<'a> {
        Run {
            frame,
            fabric,
            options,
            hosts,
            days_done: 0,
            days_total,
            capital_paid: false,
            first_cell: 0,
            stop: false,
            kept_states: KeptStates::default(),
            kept_at: 0,
            kept: KeptTally::default(),
            opening_fen: None,
            work: Work::default(),
            // Three digits from 1 ns to an hour: about 100 KB whatever the length of the run.
            cell_day_ns: Histogram::new_with_bounds(1, 3_600_000_000_000, 3)
                .unwrap_or_else(|_| unreachable!("constant bounds of a histogram")),
        }
    }

    /// Samples the people of a scenario: of all its cells, or of this process's.
    pub(super) fn populate(&mut self, scenario: &Scenario) -> Cells {
        let tables = PopulationTables::new(scenario);
        let own = self.fabric.member().range(population::cell_count(scenario) as usize);
        self.first_cell = own.start;
        let count = own.len();
        let groups = scenario.base.terms.billing.bill_days.len() as u32;
        let sampled: Vec<Mutex<Option<Cell>>> = (0..count).map(|_| Mutex::new(None)).collect();
        self.fabric.superstep(count, &|_, cell| {
            let people = population::sample_cell(scenario, &tables, (own.start + cell) as u32);
            *lock(&sampled[cell]) = Some(Cell::new(people, self.frame.lenders, groups));
        });
        sampled.into_iter().filter_map(|cell| cell.into_inner().ok().flatten()).map(Mutex::new).collect()
    }

    /// Runs the same days in all worlds.
    pub(super) fn days(
        &mut self,
        worlds: &mut [World],
        cells: &[Cells],
        days: &[CalendarDay],
        scenario: &Scenario,
    ) -> Result<(), Stopped> {
        let new_tally = || {
            let tally = WorkTally::new(self.frame.run_months, self.hosts);
            if scenario.suite.is_some() { tally.by_segment() } else { tally }
        };
        let new_tallies = || (0..worlds.len()).map(|_| new_tally()).collect();
        let workers: Vec<Mutex<Worker>> = (0..self.fabric.workers())
            .map(|_| {
                Mutex::new(Worker {
                    tallies: new_tallies(),
                    scratch: Scratch::default(),
                    log: Log::new(),
                    cell_day_ns: self.cell_day_ns.clone(),
                })
            })
            .collect();
        for calendar in days {
            if self.stops() {
                self.checkpoint(worlds, cells)?;
                return Err(Stopped::Interrupted);
            }
            for world in &mut *worlds {
                world.midnight(&self.frame, calendar);
            }
            let capital_of = (!self.capital_paid).then_some(scenario);
            let reports = self.sweep(worlds, cells, calendar, &workers, capital_of);
            self.capital_paid = true;
            self.fold(worlds, calendar, &workers, &reports)?;
            self.days_done += 1;
            self.options.progress.day(self.days_done, self.days_total);
            if self.kept_states.checkpoints.is_some_and(|store| store.is_due(calendar))
                && self.days_done < self.days_total
            {
                self.checkpoint(worlds, cells)?;
            }
        }
        for worker in &workers {
            // Adding histograms of the same bounds cannot fail.
            let _ = self.cell_day_ns.add(&lock(worker).cell_day_ns);
        }
        Ok(())
    }

    /// Has the state kept, when somebody keeps checkpoints and does not have this one.
    fn checkpoint(&mut self, worlds: &[World], cells: &[Cells]) -> Result<(), Stopped> {
        if let Some(store) = self.kept_states.checkpoints
            && self.days_done > self.kept_at
        {
            let begun = now();
            if let Some(bytes) = self.keep(store, worlds, cells)? {
                self.kept.states += 1;
                self.kept.bytes += bytes;
                self.kept.seconds += begun.elapsed().as_secs_f64();
            }
            self.kept_at = self.days_done;
        }
        Ok(())
    }

    /// Several processes stop after the same day: each hears of it when they exchange the day's sums.
    fn stops(&self) -> bool {
        if self.fabric.member().is_alone() { self.options.cancel.load(Ordering::Relaxed) } else { self.stop }
    }

    /// One superstep: every cell of every world, in no particular order.
    fn sweep(
        &self,
        worlds: &[World],
        cells: &[Cells],
        calendar: &CalendarDay,
        workers: &[Mutex<Worker>],
        capital_of: Option<&Scenario>,
    ) -> Vec<Mutex<CellDay>> {
        let contexts: Vec<_> = worlds.iter().map(|world| world.day_context(&self.frame, calendar)).collect();
        let count = cells[0].len();
        let reports: Vec<Mutex<CellDay>> = (0..count * worlds.len()).map(|_| Mutex::new(CellDay::default())).collect();
        self.fabric.superstep(reports.len(), &|worker, job| {
            let (world, number) = (job % worlds.len(), job / worlds.len());
            let (context, mut cell) = (&contexts[world], lock(&cells[world][number]));
            let worker = &mut *lock(&workers[worker]);
            let tally = &mut worker.tallies[world];
            let started = now();
            if let Some(scenario) = capital_of {
                cell.pay_in_capital(tally, scenario.base.terms.funding.net_assets_fen_per_user);
            }
            let quota = context.quota(cell.len());
            worker.log.clear();
            let log = self.options.auditor.map(|_| &mut worker.log);
            let report = cell.run_day(context, quota, tally, &mut worker.scratch, log);
            if let Some(auditor) = self.options.auditor {
                let number = self.first_cell + number;
                auditor.cell_day(&AuditedDay { world, number, context, quota, log: &worker.log, cell: &cell });
            }
            *lock(&reports[job]) = report;
            worker.cell_day_ns.saturating_record(started.elapsed().as_nanos() as u64);
        });
        reports
    }

    fn fold(
        &mut self,
        worlds: &mut [World],
        calendar: &CalendarDay,
        workers: &[Mutex<Worker>],
        reports: &[Mutex<CellDay>],
    ) -> Result<(), Stopped> {
        let count = worlds.len();
        let mut first = lock(&workers[0]);
        for other in &workers[1..] {
            for (total, other) in first.tallies.iter_mut().zip(&mut lock(other).tallies) {
                total.add(other);
                other.clear_day();
            }
        }
        let cells_of = |index: usize| {
            let mut cells = CellDay::default();
            reports.iter().skip(index).step_by(count).for_each(|report| cells.add(&lock(report)));
            cells
        };
        let mut sums: Vec<DaySums<'_>> =
            first.tallies.iter_mut().enumerate().map(|(i, total)| DaySums { total, cells: cells_of(i) }).collect();
        if !self.fabric.member().is_alone() {
            let stop = self.options.cancel.load(Ordering::Relaxed);
            self.stop = exchange::day(self.fabric, calendar.day, worlds, &mut sums, stop)?;
        }
        for (world, DaySums { total, cells }) in worlds.iter_mut().zip(sums) {
            world.close_day(&self.frame, calendar, total, &cells);
            for (sum, n) in self.work.commands.iter_mut().zip(total.credit.flows.commands) {
                *sum += n;
            }
            self.work.sessions += total.agents.flows.sessions;
            self.work.user_days += total.agents.flows.user_days;
            total.clear_day();
        }
        Ok(())
    }
}

struct Worker {
    tallies: Vec<WorkTally>,
    scratch: Scratch,
    log: Log,
    cell_day_ns: Histogram<u64>,
}
