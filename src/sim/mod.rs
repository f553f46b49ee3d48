//! The virtual clock: days as supersteps. Each day every cell of every world is swept once; totals are integer sums, so
//! the result is the same on any number of workers. Warm-up runs once, then the worlds fork from it.

mod course;
mod warm;

pub(crate) use course::Course;
pub(crate) use warm::{Warm, warm_up};

use crate::base::ids::FUNDERS;
use crate::base::time::{CalendarDay, Day};
use crate::credit::chart::ACCOUNTS;
use crate::measure::{Cohort, MonthObservations, Vintage, WorldObservations};
use crate::population::{self, PopulationTables};
use crate::runtime::Fabric;
use crate::scenario::Scenario;
use crate::world::{Board, Cell, CellDay, Frame, Log, Scratch, WorkTally, World};
use hdrhistogram::Histogram;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::Instant;

/// Told about the days of a run; a terminal draws a bar from it.
pub(crate) trait Progress: Sync {
    /// `done` of `total` days are over.
    fn day(&self, done: usize, total: usize);
}

/// Progress for nobody.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Silent;

impl Progress for Silent {
    fn day(&self, _done: usize, _total: usize) {}
}

/// What each funder may lend in a cell on a day, in fen.
pub(crate) type Quota = [i64; FUNDERS];

/// Gets the requests of a cell and day, in order, when a run is audited; the cell is as it stands at the close.
pub(crate) trait Auditor: Sync {
    /// One cell's day: world and cell number, the board and quota of the day, its requests and the cell after the close.
    /// During the warm-up the world is 0.
    fn cell_day(&self, world: usize, cell: usize, board: &Board<'_>, quota: Quota, log: &Log, state: &Cell);
}

/// The run was interrupted; the day that was running is finished, the result is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("interrupted")]
pub(crate) struct Interrupted;

/// How to run.
pub(crate) struct Options<'a> {
    /// Who tells how far it is.
    pub progress: &'a dyn Progress,
    /// Set to end after the day that is running.
    pub cancel: &'a AtomicBool,
    /// Who reads the requests, if anybody.
    pub auditor: Option<&'a dyn Auditor>,
}

/// What a run leaves.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// The worlds in the order of the scenario.
    pub worlds: Vec<WorldObservations>,
    /// Seconds of wall time: sampling, warm-up, counted months, hashing.
    pub phase_seconds: [f64; 4],
    /// Commands applied and sessions watched over all worlds, warm-up once: by command kind, then sessions.
    pub commands: [i64; crate::credit::totals::COMMAND_KINDS],
    /// Stream sessions.
    pub sessions: i64,
    /// User-days swept.
    pub user_days: i64,
    /// Nanoseconds of a cell's day.
    pub cell_day_ns: Histogram<u64>,
}

/// Cells of a world, each behind a lock that nobody contends for: a job locks its own cell.
type Cells = Vec<Mutex<Cell>>;

struct Run<'a> {
    frame: Frame,
    fabric: &'a dyn Fabric,
    options: &'a Options<'a>,
    hosts: usize,
    days_done: usize,
    days_total: usize,
    /// The first day of a history pays in the owners' capital.
    capital_paid: bool,
    commands: [i64; crate::credit::totals::COMMAND_KINDS],
    sessions: i64,
    user_days: i64,
    cell_day_ns: Histogram<u64>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A poisoned lock means that a worker panicked; its panic already ends the run through the scope.
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Wall time is measured here alone and enters no result.
#[expect(clippy::disallowed_methods, reason = "the clock module measures how long a run takes")]
fn now() -> Instant {
    Instant::now()
}

/// Runs a scenario on a fabric.
///
/// # Errors
/// [`Interrupted`] when `options.cancel` was set.
pub(crate) fn run(scenario: &Scenario, fabric: &dyn Fabric, options: &Options<'_>) -> Result<Outcome, Interrupted> {
    let started = now();
    let frame = Frame::new(scenario);
    let mut warm = World::warm_up(scenario, &frame);
    let days_total = frame.calendar.days().len();
    let mut run = Run::new(frame, fabric, options, warm.hosts(), days_total);
    let cells = run.populate(scenario);
    let populated = now();
    let warm_days = run.frame.calendar.months(0, scenario.warmup_months).to_vec();
    run.days(std::slice::from_mut(&mut warm), std::slice::from_ref(&cells), &warm_days, scenario)?;
    let warmed = now();
    let opening = balances(&cells);
    let mut worlds: Vec<World> = scenario.worlds.iter().map(|spec| warm.fork(spec)).collect();
    let mut all_cells: Vec<Cells> =
        (1..worlds.len()).map(|_| cells.iter().map(|cell| Mutex::new(lock(cell).clone())).collect()).collect();
    all_cells.push(cells);
    let days = run.frame.calendar.months(scenario.warmup_months, run.frame.run_months).to_vec();
    run.days(&mut worlds, &all_cells, &days, scenario)?;
    let ran = now();
    let observed =
        worlds.iter().zip(&all_cells).map(|(world, cells)| observe(&run.frame, world, cells, &opening)).collect();
    let seconds = |from: Instant, to: Instant| to.duration_since(from).as_secs_f64();
    Ok(Outcome {
        worlds: observed,
        phase_seconds: [
            seconds(started, populated),
            seconds(populated, warmed),
            seconds(warmed, ran),
            seconds(ran, now()),
        ],
        commands: run.commands,
        sessions: run.sessions,
        user_days: run.user_days,
        cell_day_ns: run.cell_day_ns,
    })
}

/// A world at a midnight, for the wall clock to take over: all days before `next` are closed.
#[derive(Debug)]
pub(crate) struct HandOver {
    /// What the worlds of the run share.
    pub frame: Frame,
    /// The world after the last close.
    pub world: World,
    /// Its cells.
    pub cells: Vec<Cell>,
    /// The day that opens next.
    pub next: CalendarDay,
    /// Wall seconds that the virtual clock took.
    pub seconds: f64,
}

/// Runs one world of a scenario up to the midnight before `until`.
///
/// # Errors
/// [`Interrupted`] when `options.cancel` was set.
///
/// # Panics
/// When the scenario has no such world or the run no such day; `scenario::resolve` refuses that first.
pub(crate) fn hand_over(
    scenario: &Scenario,
    world: &str,
    until: Day,
    fabric: &dyn Fabric,
    options: &Options<'_>,
) -> Result<HandOver, Interrupted> {
    let started = now();
    let frame = Frame::new(scenario);
    let spec = scenario.worlds.iter().find(|spec| spec.name == world).expect("the scenario was checked for its worlds");
    let days = frame.calendar.days().to_vec();
    let place = days.iter().position(|day| day.day == until).expect("the scenario was checked for the day");
    let warm_days = frame.calendar.months(0, scenario.warmup_months).len().min(place);
    let warm = World::warm_up(scenario, &frame);
    let mut run = Run::new(frame, fabric, options, warm.hosts(), place);
    let cells = run.populate(scenario);
    let mut worlds = [warm];
    run.days(&mut worlds, std::slice::from_ref(&cells), &days[..warm_days], scenario)?;
    // In the warm-up there is no world of its own yet; the fork is made all the same, so that its rules begin in time.
    let mut worlds = worlds.map(|warm| warm.fork(spec));
    run.days(&mut worlds, std::slice::from_ref(&cells), &days[warm_days..place], scenario)?;
    let [world] = worlds;
    let cells = cells.into_iter().map(|cell| cell.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner));
    Ok(HandOver {
        world,
        cells: cells.collect(),
        next: days[place],
        seconds: started.elapsed().as_secs_f64(),
        frame: run.frame,
    })
}

impl<'a> Run<'a> {
    fn new(frame: Frame, fabric: &'a dyn Fabric, options: &'a Options<'a>, hosts: usize, days_total: usize) -> Run<'a> {
        Run {
            frame,
            fabric,
            options,
            hosts,
            days_done: 0,
            days_total,
            capital_paid: false,
            commands: [0; crate::credit::totals::COMMAND_KINDS],
            sessions: 0,
            user_days: 0,
            // Three digits from 1 ns to an hour: about 100 KB whatever the length of the run.
            cell_day_ns: Histogram::new_with_bounds(1, 3_600_000_000_000, 3)
                .unwrap_or_else(|_| unreachable!("constant bounds of a histogram")),
        }
    }

    fn populate(&self, scenario: &Scenario) -> Cells {
        let tables = PopulationTables::new(scenario);
        let count = population::cell_count(scenario) as usize;
        let groups = scenario.base.terms.billing.bill_days.len() as u32;
        let places: Vec<Mutex<Option<Cell>>> = (0..count).map(|_| Mutex::new(None)).collect();
        self.fabric.superstep(count, &|_, cell| {
            let sampled = population::sample_cell(scenario, &tables, cell as u32);
            *lock(&places[cell]) = Some(Cell::new(sampled, groups));
        });
        places.into_iter().filter_map(|place| place.into_inner().ok().flatten()).map(Mutex::new).collect()
    }

    /// Runs the same days in all worlds.
    fn days(
        &mut self,
        worlds: &mut [World],
        cells: &[Cells],
        days: &[CalendarDay],
        scenario: &Scenario,
    ) -> Result<(), Interrupted> {
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
            if self.options.cancel.load(Ordering::Relaxed) {
                return Err(Interrupted);
            }
            for world in &mut *worlds {
                world.midnight(&self.frame, calendar);
            }
            let capital_of = (!self.capital_paid).then_some(scenario);
            let reports = self.sweep(worlds, cells, calendar, &workers, capital_of);
            self.capital_paid = true;
            self.fold(worlds, calendar, &workers, &reports);
            self.days_done += 1;
            self.options.progress.day(self.days_done, self.days_total);
        }
        for worker in &workers {
            // Adding histograms of the same bounds cannot fail.
            let _ = self.cell_day_ns.add(&lock(worker).cell_day_ns);
        }
        Ok(())
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
        let boards: Vec<_> = worlds.iter().map(|world| world.board(&self.frame, calendar)).collect();
        let count = cells[0].len();
        let reports: Vec<Mutex<CellDay>> = (0..count * worlds.len()).map(|_| Mutex::new(CellDay::default())).collect();
        self.fabric.superstep(reports.len(), &|worker, job| {
            let (world, place) = (job % worlds.len(), job / worlds.len());
            let mut cell = lock(&cells[world][place]);
            let worker = &mut *lock(&workers[worker]);
            let tally = &mut worker.tallies[world];
            let started = now();
            if let Some(scenario) = capital_of {
                cell.pay_in_capital(tally, scenario.base.terms.funding.net_assets_fen_per_user);
            }
            let quota = worlds[world].quota(&self.frame, calendar.day, cell.len());
            worker.log.clear();
            let log = self.options.auditor.map(|_| &mut worker.log);
            let report = cell.run_day(&boards[world], quota, tally, &mut worker.scratch, log);
            if let Some(auditor) = self.options.auditor {
                auditor.cell_day(world, place, &boards[world], quota, &worker.log, &cell);
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
    ) {
        let count = worlds.len();
        for (index, world) in worlds.iter_mut().enumerate() {
            let mut first = lock(&workers[0]);
            let total = &mut first.tallies[index];
            for other in &workers[1..] {
                let other = &mut lock(other).tallies[index];
                total.add(other);
                other.clear_day();
            }
            let mut cells = CellDay::default();
            reports.iter().skip(index).step_by(count).for_each(|report| cells.add(&lock(report)));
            world.close_day(&self.frame, calendar, total, &cells);
            for (sum, n) in self.commands.iter_mut().zip(total.credit.flows.commands) {
                *sum += n;
            }
            self.sessions += total.agents.flows.sessions;
            self.user_days += total.agents.flows.user_days;
            total.clear_day();
        }
    }
}

struct Worker {
    tallies: Vec<WorkTally>,
    scratch: Scratch,
    log: Log,
    cell_day_ns: Histogram<u64>,
}

fn balances(cells: &Cells) -> Vec<i64> {
    let mut sums = vec![0; ACCOUNTS];
    for cell in cells {
        let cell = lock(cell);
        sums.iter_mut().zip(cell.engine().ledger().balances()).for_each(|(sum, balance)| *sum += balance);
    }
    sums
}

fn observe(frame: &Frame, world: &World, cells: &Cells, opening: &[i64]) -> WorldObservations {
    let mut hasher = blake3::Hasher::new();
    for cell in cells {
        lock(cell).write_state(&mut |bytes| {
            hasher.update(bytes);
        });
    }
    let months = world.months.iter().map(|month| MonthObservations {
        first_day: month.first_day,
        days: month.days,
        flows: month.flows.clone(),
        stocks: month.stocks.clone(),
        people: month.people.clone(),
        people_end: month.people_end.clone(),
        risk: month.risk.clone(),
        balance_days_fen: month.balance_days_fen,
        unemployment_ppm: month.unemployment_ppm,
        income_index_ppm: month.income_index_ppm,
        appetite_ppm: month.appetite_ppm,
    });
    WorldObservations {
        name: world.name.clone(),
        months: months.collect(),
        vintages: (0..frame.run_months).map(|month| vintage(frame, world, month)).collect(),
        cohorts: (0..frame.run_months).map(|month| cohort(world, month)).collect(),
        journal: world.journal.clone(),
        opening_balances_fen: opening.to_vec(),
        closing_balances_fen: balances(cells),
        tips_by_host_fen: world.tips_by_host_fen.clone(),
        minutes_by_host: world.minutes_by_host.clone(),
        segments: world.segments.as_ref().map_or_else(Vec::new, |counted| counted.totals().to_vec()),
        state_hash: hasher.finalize().to_hex().to_string(),
    }
}

fn vintage(frame: &Frame, world: &World, opened: u16) -> Vintage {
    let history = &world.history;
    let line = |table: &Vec<i64>| (opened..frame.run_months).map(|now| table[history.cell(opened, now)]).collect();
    Vintage {
        run_month: opened,
        opened: history.opened[usize::from(opened)],
        first_30_plus: line(&history.first_30_plus),
        writeoff_fen: line(&history.writeoff_fen),
        drawn_fen: line(&history.drawn_fen),
    }
}

fn cohort(world: &World, run_month: u16) -> Cohort {
    let c = world.history.cohort_fen[usize::from(run_month)];
    Cohort {
        run_month,
        dpd_1_fen: c[0],
        dpd_1_to_8_fen: c[1],
        dpd_1_to_31_fen: c[2],
        dpd_31_fen: c[3],
        dpd_31_to_61_fen: c[4],
        dpd_61_fen: c[5],
        dpd_61_to_91_fen: c[6],
        dpd_91_fen: c[7],
        dpd_91_to_writeoff_fen: c[8],
    }
}
