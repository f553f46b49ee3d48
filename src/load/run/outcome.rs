//! What a run has shown, put together from its threads, and whether it is a measurement of the service at all.

use crate::base::time::{Day, SimTime};
use crate::credit::Engines;
use crate::load::actors::cell_link::CellLink;
use crate::load::actors::coordinator::CoordinatorReport;
use crate::load::core::time::{MILLI_NS, SECOND_NS, Window};
use crate::load::run::load_run::LoadSetup;
use crate::load::run::sampler::{RunShared, Sampled};
use crate::measure::latency::{
    CreditOutcome, IntervalRecord, Invalid, JournalRecord, LAG_NS_P99_MAX, Lateness, LoadObservations, LostBusiness,
    Mark, ThreadUse,
};
use crate::scenario::{Placement, Shape};
use std::sync::Arc;

/// Share of intended starts that may go unsent before a run is no measurement.
const UNSENT_SHARE_MAX: f64 = 0.01;

/// What is left when the actors are gone.
pub(super) struct RunEnd {
    /// By cell.
    pub(super) engines: Vec<Engines>,
    pub(super) coordinator: CoordinatorReport,
    pub(super) links: Vec<Arc<CellLink>>,
    pub(super) cells: u64,
    pub(super) counterparty_actors: u64,
    pub(super) rss_before_bytes: u64,
    pub(super) rss_actors_bytes: u64,
    pub(super) idle_ns: Vec<u64>,
    /// Arrivals that were not sent since they waited for the service: nothing against the generator.
    pub(super) unsent_starved: u64,
    pub(super) out_of_days: bool,
    pub(super) tips_agree: bool,
    pub(super) lost: LostBusiness,
    pub(super) state_hash: String,
    pub(super) journal: Option<JournalRecord>,
    pub(super) window: Window,
    /// Start of the measured time, milliseconds since 1970.
    pub(super) started_unix_ms: u64,
}

/// Puts the observations of a run together.
pub(super) fn observations(
    setup: &LoadSetup<'_>,
    shared: &RunShared,
    sampled: Sampled,
    ended: RunEnd,
) -> LoadObservations {
    let Sampled { total, seconds, cpu_ns } = sampled;
    let measured_seconds = (ended.window.until_ns - ended.window.from_ns) as f64 / SECOND_NS as f64;
    let balanced = ended.engines.iter().all(|engines| engines.books_differ().is_none());
    LoadObservations {
        invalid: invalid(setup, &total, &ended),
        world: setup.from.world.name.clone(),
        from: setup.plan.at,
        until: SimTime::at(ended.coordinator.day.calendar.day, 0),
        users: u64::from(setup.from.frame.users),
        cells: ended.cells,
        counterparty_actors: ended.counterparty_actors,
        started_unix_ms: ended.started_unix_ms,
        measured_seconds,
        warmup_seconds: setup.plan.warmup_ms as f64 / 1e3,
        marks: marks(setup, &ended),
        closes: ended.coordinator.closes.clone(),
        threads: threads(shared, &cpu_ns, &ended.idle_ns, measured_seconds),
        queue_limit: setup.plan.queue_limit,
        queue_max: ended.links.iter().map(|link| link.admission.most_taken()).max().unwrap_or(0),
        lost: lost(&total, &ended, measured_seconds),
        journal: ended.journal.clone(),
        rss_before_bytes: ended.rss_before_bytes,
        rss_actors_bytes: ended.rss_actors_bytes,
        credit: credit(setup, &total, &ended),
        ledger_balanced: balanced && ended.tips_agree,
        state_hash: ended.state_hash.clone(),
        total,
        seconds,
    }
}

fn invalid(setup: &LoadSetup<'_>, total: &IntervalRecord, ended: &RunEnd) -> Vec<Invalid> {
    let mut reasons: Vec<Invalid> = Vec::new();
    let counts = total.all_counts();
    if matches!(setup.plan.placement, Placement::Separate { .. }) {
        reasons.extend(lateness(total));
    }
    let unsent = counts.unsent.saturating_sub(ended.unsent_starved) as f64 / (counts.offered as f64).max(1.0);
    if unsent > UNSENT_SHARE_MAX {
        reasons.push(format!("the generator could not send {:.1} % of what was due", unsent * 100.0).into());
    }
    if ended.out_of_days {
        reasons.push(
            "the calendar of the scenario ran out of days during the run: give it more months".to_string().into(),
        );
    }
    if !ended.tips_agree {
        reasons.push("hosts and their tippers disagree about tips: a message was lost".to_string().into());
    }
    reasons
}

/// That a generator on threads of its own was late, if it was.
fn lateness(total: &IntervalRecord) -> Option<Invalid> {
    let Lateness { starts, late, lag_ns_p99 } = total.lateness()?;
    let most_ms = LAG_NS_P99_MAX as f64 / 1e6;
    let how = match lag_ns_p99 {
        Some(lag_ns) => format!("its lag has a p99 of {:.2} ms, {most_ms:.0} ms is the most", lag_ns as f64 / 1e6),
        None => format!("{late} of {starts} came more than {most_ms:.0} ms late, one in a hundred may"),
    };
    Some(Invalid::Late(format!("the generator started requests late: {how}")))
}

fn marks(setup: &LoadSetup<'_>, ended: &RunEnd) -> Vec<Mark> {
    let mut marks: Vec<Mark> = setup
        .plan
        .stalls
        .iter()
        .map(|stall| Mark { at_ms: stall.at_ms, for_ms: stall.for_ms, what: "stall put in".to_string() })
        .collect();
    if let Shape::Spike { at_ms, for_ms, .. } = setup.plan.shape {
        marks.push(Mark { at_ms, for_ms, what: "spike".to_string() });
    }
    // A run at a high rate closes many days a second; marks are for those that can be told apart.
    let closes = &ended.coordinator.closes;
    if closes.len() <= 20 {
        marks.extend(closes.iter().map(|close| Mark {
            at_ms: close.at_ms,
            for_ms: close.total_ns / MILLI_NS,
            what: format!("close of {}", close.day),
        }));
    }
    marks.sort_by_key(|mark| mark.at_ms);
    marks
}

fn threads(shared: &RunShared, cpu_ns: &[u64], idle_ns: &[u64], measured_seconds: f64) -> Vec<ThreadUse> {
    let ids = shared.threads.get().into_iter().flatten();
    ids.enumerate()
        .map(|(number, id)| ThreadUse {
            name: id.name.clone(),
            cpu_seconds: cpu_ns.get(number).copied().unwrap_or(0) as f64 / 1e9,
            idle_spin_share: idle_ns.get(number).copied().unwrap_or(0) as f64 / 1e9 / measured_seconds,
        })
        .collect()
}

fn lost(total: &IntervalRecord, ended: &RunEnd, measured_seconds: f64) -> LostBusiness {
    let mut lost = ended.lost;
    let [approved, declined] = ended.coordinator.drawings;
    let margin = share(ended.coordinator.margin_fen, ended.coordinator.drawn_fen);
    let rate = share(approved, approved + declined);
    lost.approvals = rate.map(|rate| lost.drawings as f64 * rate);
    lost.margin_fen = rate.zip(margin).map(|(rate, margin)| lost.amount_fen as f64 * rate * margin);
    let (latency, service) = (total.all_latency_ns(), total.all_service_ns());
    let waiting_ms = Some((latency.mean() - service.mean()) / 1e6).filter(|ms| *ms > 0.0);
    let each_second = |(margin_fen, ms): (f64, f64)| margin_fen / ms / measured_seconds.max(f64::MIN_POSITIVE);
    lost.margin_fen_per_ms = lost.margin_fen.zip(waiting_ms).map(each_second);
    lost
}

/// A part of a whole; `None` of nothing, since 0 of 0 is no share.
fn share(part: i64, whole: i64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

fn credit(setup: &LoadSetup<'_>, total: &IntervalRecord, ended: &RunEnd) -> CreditOutcome {
    let drawings = total.drawing_counts();
    let lateness = setup.from.world.lateness();
    let flows = &setup.from.world.running.flows;
    let virtual_declined: i64 = flows.drawings_declined.iter().sum();
    let day: Day = ended.coordinator.day.calendar.day;
    let end_principal_fen: i64 = ended.engines.iter().map(Engines::principal_fen).sum();
    let end_overdue: i64 = ended.engines.iter().map(|engines| engines.overdue_30_fen(day)).sum();
    CreditOutcome {
        accounts: setup.from.cells.iter().map(|cell| cell.engines().live_accounts()).sum(),
        principal_fen: lateness.principal_fen,
        overdue_30_share: Some(lateness.overdue_30.to_ratio_f64()).filter(|_| lateness.principal_fen > 0),
        virtual_approval_rate: share(flows.drawings_approved, flows.drawings_approved + virtual_declined),
        wall_approval_rate: share(drawings.approved as i64, drawings.decided() as i64),
        end_principal_fen,
        end_overdue_30_share: share(end_overdue, end_principal_fen),
    }
}
