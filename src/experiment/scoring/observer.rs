//! Watches every account of a run through the eyes of its lender: what an applicant handed in, what the account showed, when it
//! was first late, what it brought. It reads the requests and the accounts at the close of each day; people's hidden traits (who
//! means to cheat, who may stop paying) are not in there.

use crate::base::ids::{Lender, Reference, Slot};
use crate::base::time::Day;
use crate::credit::command::{Application, Command, LoggedRequest, Reply, Scene, Status};
use crate::credit::rows::AccountRow;
use crate::credit::targeting::{FEATURES, features};
use crate::credit::terms::Terms;
use crate::runtime::{into_inner, lock};
use crate::sim::{AuditedDay, Auditor};
use crate::world::{Cell, DayContext, Log};
use std::sync::Mutex;

/// Months of the counted window that are observed before anything is predicted: simulated months 1 to 6.
pub(crate) const OBSERVED_MONTHS: u16 = 6;

/// Through whose eyes: a lender sees its own accounts and requests, and nothing of what people have with others.
const WATCHING: Lender = Lender::FIRST;

/// Days over which what comes of an account is counted: twelve months.
pub(crate) const OUTCOME_DAYS: i32 = 365;

/// An account must be this old at its observation.
const SEASONED_DAYS: i32 = 90;

/// A month of running cost, days.
const MONTH_DAYS: i64 = 30;

/// What is known of one user's account; no day is "never".
#[derive(Clone, Debug, Default)]
pub(crate) struct Trace {
    /// The last application, as it was handed in.
    pub application: Option<Application>,
    /// Opening of the account.
    pub opened: Option<Day>,
    /// First day 31 days past due.
    pub first_31: Option<Day>,
    /// First day 91 days past due.
    pub first_91: Option<Day>,
    /// Day of write-off.
    pub written_off: Option<Day>,
    /// What the account showed on the evening of its observation, if it was open, seasoned and not in default then.
    pub features: Option<[i32; FEATURES]>,
    /// That evening.
    pub observed: Option<Day>,
    /// What it brought in the twelve months after, fen × 10,000 × 365.
    pub(super) value: i128,
    pub(super) principal_fen: i64,
    /// Scenes of the purchases that are not captured yet.
    pub(super) holds: Vec<(Reference, Scene)>,
}

/// Fen in the unit of [`Trace::value`].
const UNIT: i128 = 10_000 * 365;

impl Trace {
    /// What the account brought in the twelve months after its observation, fen: interest on what bears it while not in default,
    /// commission, the platform's share of tips; less the price of money, service and principal written off.
    pub(crate) fn value_fen(&self) -> i64 {
        (self.value / UNIT) as i64
    }

    fn counts_on(&self, day: Day) -> bool {
        self.observed.is_some_and(|observed| within_a_year(observed, day))
    }
}

/// `day` lies within twelve months after `from`.
pub(crate) fn within_a_year(from: Day, day: Day) -> bool {
    (1..=OUTCOME_DAYS).contains(&day.since(from))
}

/// The traces of every cell and world.
pub(crate) struct Observer {
    start: Day,
    /// By bill group: the evening before the first statement after the observed months.
    evenings: Vec<Day>,
    warm: Vec<Mutex<Vec<Trace>>>,
    worlds: Vec<Vec<Mutex<Option<Vec<Trace>>>>>,
}

impl Observer {
    /// For so many worlds and cells. `first_day_after` is the first day after the observed months.
    pub(crate) fn new(start: Day, first_day_after: Day, bill_days: &[u8], worlds: usize, cells: usize) -> Observer {
        let evening = |bill_day: &u8| first_day_after.plus(u16::from(*bill_day)).minus(2);
        Observer {
            start,
            evenings: bill_days.iter().map(evening).collect(),
            warm: (0..cells).map(|_| Mutex::default()).collect(),
            worlds: (0..worlds).map(|_| (0..cells).map(|_| Mutex::new(None)).collect()).collect(),
        }
    }

    /// Takes the traces of a world out, by user, in order.
    pub(crate) fn take_world(&mut self, world: usize) -> Vec<Trace> {
        let cells = std::mem::take(&mut self.worlds[world]);
        cells.into_iter().flat_map(|cell| into_inner(cell).unwrap_or_default()).collect()
    }

    fn day(&self, traces: &mut Vec<Trace>, context: &DayContext, log: &Log, cell: &Cell) {
        traces.resize(cell.len(), Trace::default());
        let terms = context.terms();
        let day = context.calendar.day;
        for request in log.iter().filter(|logged| logged.request.lender == WATCHING) {
            heard(&mut traces[request.request.slot.0 as usize], terms, day, request);
        }
        let engine = &cell.engines()[WATCHING];
        for (slot, trace) in traces.iter_mut().enumerate() {
            let row = engine.account(Slot(slot as u32));
            if row.status() != Status::None {
                self.look(trace, row, terms, day);
            }
        }
    }

    /// An account at the close of a day.
    fn look(&self, trace: &mut Trace, row: &AccountRow, terms: &Terms, day: Day) {
        let dpd = row.days_past_due(day);
        if row.is_live() {
            trace.opened.get_or_insert(Day(row.opened));
        }
        for (first, from) in [(&mut trace.first_31, 31), (&mut trace.first_91, 91)] {
            if dpd >= from {
                first.get_or_insert(day);
            }
        }
        if trace.counts_on(day) && row.is_live() {
            trace.value += daily_margin(row, terms, dpd);
        }
        if trace.written_off.is_none() && matches!(row.status(), Status::WrittenOff | Status::Sold) {
            trace.written_off = Some(day);
            trace.first_91.get_or_insert(day);
            if trace.counts_on(day) {
                trace.value -= i128::from(trace.principal_fen) * UNIT;
            }
        }
        trace.principal_fen = i64::from(row.principal());
        let seasoned = trace.opened.is_some_and(|opened| day.since(opened) >= SEASONED_DAYS);
        if self.evenings[usize::from(row.group)] == day && row.is_live() && seasoned && dpd <= 30 {
            trace.features = Some(features(row, day));
            trace.observed = Some(day);
        }
    }
}

/// What a day of an account brings, in parts of [`UNIT`] of a fen.
fn daily_margin(row: &AccountRow, terms: &Terms, days_past_due: u16) -> i128 {
    let bearing = if days_past_due <= 30 { i128::from(row.installed + row.revolving) } else { 0 };
    let prices =
        std::iter::once(terms.funding.treasury_annual).chain(terms.funding.partners.iter().map(|p| p.price_annual));
    let money: i128 = row.by_funder.iter().zip(prices).map(|(fen, bp)| i128::from(*fen) * i128::from(bp.0)).sum();
    let service = i128::from(terms.economics.service_cost_fen_per_month) * UNIT / i128::from(MONTH_DAYS);
    bearing * i128::from(row.annual_bp) - money - service
}

/// A request and its answer.
fn heard(trace: &mut Trace, terms: &Terms, day: Day, logged: &LoggedRequest) {
    let Reply::Done(answer) = logged.reply else {
        if let (Command::Apply(application), Reply::InReview) = (logged.request.command, logged.reply) {
            trace.application = Some(application);
        }
        return;
    };
    let brought = match logged.request.command {
        Command::Apply(application) => {
            trace.application = Some(application);
            0
        }
        Command::Authorise { scene, .. } => {
            trace.holds.push((Reference(answer), scene));
            0
        }
        Command::Capture { purchase, .. } => {
            let position = trace.holds.iter().position(|(hold, _)| *hold == purchase);
            let scene = position.map(|position| trace.holds.swap_remove(position).1);
            scene.map_or(0, |scene| i128::from(answer) * i128::from(terms.economics.commission[scene as usize].0))
        }
        Command::Void { purchase } => {
            trace.holds.retain(|(hold, _)| *hold != purchase);
            0
        }
        Command::RedeemCard { .. } => {
            i128::from(answer) * i128::from(terms.economics.commission[Scene::LocalServices as usize].0)
        }
        Command::Tip { amount_fen, .. } => i128::from(amount_fen.0) * i128::from(1_000_000 - terms.tips.host_share.0),
        _ => 0,
    };
    if trace.counts_on(day) {
        trace.value += brought * UNIT / 1_000_000;
    }
}

impl Auditor for Observer {
    fn cell_day(&self, day: &AuditedDay<'_>) {
        let AuditedDay { world, number, context, log, cell, .. } = *day;
        if context.calendar.day < self.start {
            return self.day(&mut lock(&self.warm[number]), context, log, cell);
        }
        let mut traces = lock(&self.worlds[world][number]);
        // All worlds go on from the same past.
        let traces = traces.get_or_insert_with(|| lock(&self.warm[number]).clone());
        self.day(traces, context, log, cell);
    }
}
