//! The `[load]` part of a scenario as it is written, its rules, and what it resolves to.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::scenario::document::units::{Resolve, Share};
use crate::scenario::plan::load::{
    Arrivals, CapacityPlan, Durability, LoadPlan, Objective, Placement, Retry, Shape, Stall, UserLoop,
};
use crate::scenario::raw::time::{Moment, WallTime};
use crate::scenario::raw::{lengths, objective};

/// How the load goes over time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(in crate::scenario) enum ShapeFile {
    /// Whenever people act, at `speed`.
    #[default]
    Behaviour,
    /// `rate`.
    Constant,
    /// `from` → `to` in a straight line.
    Ramp,
    /// `from` → `to` in `steps`.
    Stairs,
    /// `base`, and `peak` from `spike_at` for `spike_for`.
    Spike,
    /// `rate`, for long.
    Soak,
}

/// How arrivals lie inside the shape.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum ArrivalsFile {
    /// Independent of each other.
    #[default]
    Poisson,
    /// Evenly spaced.
    Even,
}

/// What users do while an answer is outstanding.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum UsersFile {
    /// Visits come as they come; the steps of one wait for each other.
    #[default]
    PartlyOpen,
    /// `closed_users` ask, wait, `think`, ask again.
    Closed,
}

/// Where generator and service run.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum PlacementFile {
    /// `generators` and `services` on threads of their own.
    #[default]
    Separate,
    /// Users and their cells together on `threads`.
    SideBySide,
}

/// When an answer counts as safe.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum DurabilityFile {
    /// Nothing is written.
    #[default]
    None,
    /// Written to the operating system before the answer.
    Buffered,
    /// On the disk before the answer, many at a time.
    Group,
}

/// A stall put into the service.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct StallFile {
    /// After the start of the measured time.
    at: WallTime,
    /// How long nothing is answered.
    r#for: WallTime,
}

/// A load run on the wall clock.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct LoadFile {
    /// Simulated moment at which the wall clock takes over, inside the run, warm-up included.
    pub(in crate::scenario) at: Moment,
    /// World that is taken over (the first when absent).
    #[serde(default)]
    world: Option<String>,
    /// Simulated seconds in a wall second, where behaviour makes the load (60 when absent).
    #[serde(default)]
    #[schemars(range(min = 0.001, max = 1_000_000))]
    speed: Option<f64>,
    /// Wall time that is measured (60s when absent).
    #[serde(default)]
    #[schemars(with = "WallTime")]
    duration: Option<WallTime>,
    /// Wall time before it (5s when absent).
    #[serde(default)]
    #[schemars(with = "WallTime")]
    warmup: Option<WallTime>,
    /// How the load goes over time (behaviour when absent).
    #[serde(default)]
    #[schemars(with = "ShapeFile")]
    pub(in crate::scenario) shape: Option<ShapeFile>,
    /// Constant and soak: requests a second.
    #[serde(default)]
    #[schemars(range(min = 1, max = 10_000_000))]
    rate: Option<f64>,
    /// Ramp and stairs: first rate.
    #[serde(default)]
    #[schemars(range(min = 1, max = 10_000_000))]
    from: Option<f64>,
    /// Ramp and stairs: last rate.
    #[serde(default)]
    #[schemars(range(min = 1, max = 10_000_000))]
    to: Option<f64>,
    /// Stairs: number of steps.
    #[serde(default)]
    #[schemars(range(min = 2, max = 1_000))]
    steps: Option<u32>,
    /// Spike: rate outside the burst.
    #[serde(default)]
    #[schemars(range(min = 1, max = 10_000_000))]
    base: Option<f64>,
    /// Spike: rate inside it.
    #[serde(default)]
    #[schemars(range(min = 1, max = 10_000_000))]
    peak: Option<f64>,
    /// Spike: start after the start of the measured time.
    #[serde(default)]
    #[schemars(with = "WallTime")]
    spike_at: Option<WallTime>,
    /// Spike: length.
    #[serde(default)]
    #[schemars(with = "WallTime")]
    spike_for: Option<WallTime>,
    /// How arrivals lie inside the shape (poisson when absent).
    #[serde(default)]
    #[schemars(with = "ArrivalsFile")]
    arrivals: Option<ArrivalsFile>,
    /// What users do while an answer is outstanding (partly-open when absent).
    #[serde(default)]
    #[schemars(with = "UsersFile")]
    users: Option<UsersFile>,
    /// Closed: users at work at once (100 when absent).
    #[serde(default)]
    #[schemars(range(min = 1, max = 10_000_000))]
    closed_users: Option<u32>,
    /// Closed: time between an answer and the next request (0ms when absent).
    #[serde(default)]
    #[schemars(with = "WallTime")]
    think: Option<WallTime>,
    /// Where generator and service run (separate when absent).
    #[serde(default)]
    #[schemars(with = "PlacementFile")]
    placement: Option<PlacementFile>,
    /// Separate: threads of users (1 when absent).
    #[serde(default)]
    #[schemars(range(min = 1, max = 64))]
    generators: Option<u8>,
    /// Separate: threads of cells (1 when absent).
    #[serde(default)]
    #[schemars(range(min = 1, max = 64))]
    services: Option<u8>,
    /// Side by side: threads (2 when absent).
    #[serde(default)]
    #[schemars(range(min = 1, max = 64))]
    threads: Option<u8>,
    /// Requests that a cell may hold at once; the next one is shed (4096 when absent).
    #[serde(default)]
    #[schemars(range(min = 1, max = 1_000_000))]
    queue_limit: Option<u32>,
    /// A request older than this is answered "too late" instead of being done (1s when absent).
    #[serde(default)]
    #[schemars(with = "WallTime")]
    pub(in crate::scenario) deadline: Option<WallTime>,
    /// Times that a request is asked again (2 when absent).
    #[serde(default)]
    #[schemars(range(max = 10))]
    retries: Option<u8>,
    /// Wait before the first retry; doubles with each (50ms when absent).
    #[serde(default)]
    #[schemars(with = "WallTime")]
    backoff: Option<WallTime>,
    /// A user of median patience waits this long (3s when absent).
    #[serde(default)]
    #[schemars(with = "WallTime")]
    pub(in crate::scenario) patience: Option<WallTime>,
    /// When an answer counts as safe (none when absent).
    #[serde(default)]
    #[schemars(with = "DurabilityFile")]
    durability: Option<DurabilityFile>,
    /// Group: longest wait for others (200us when absent).
    #[serde(default)]
    #[schemars(with = "WallTime")]
    group_max_wait: Option<WallTime>,
    /// Group: most records in one go (4096 when absent).
    #[serde(default)]
    #[schemars(range(min = 1, max = 100_000))]
    group_max_records: Option<u32>,
    /// Simulated days between snapshots of a durable service; 0 is one at the start and no other (0 when absent).
    #[serde(default)]
    #[schemars(range(max = 1_000))]
    snapshot_days: Option<u16>,
    /// What must hold: `p99 < 5ms`, `authorise p99.9 < 20ms over 10s`, `error_rate < 0.1%`, `throughput > 1000/s`.
    #[serde(default)]
    objectives: Vec<String>,
    /// End the run at the first window that breaks an objective.
    #[serde(default)]
    abort_on_breach: bool,
    /// Stalls put into the service on purpose.
    #[serde(default)]
    stalls: Vec<StallFile>,
    /// The capacity search.
    #[serde(default)]
    #[schemars(with = "CapacityFile")]
    capacity: Option<CapacityFile>,
}

/// What a capacity search looks for, and how.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct CapacityFile {
    /// Latency that must hold (`p99 < 5ms` when absent).
    #[serde(default)]
    objective: Option<String>,
    /// Share of requests without a decision that is borne (0.001 when absent).
    #[serde(default)]
    #[schemars(with = "Share")]
    error_rate: Option<Share>,
    /// How far the approval rate of closed days may be from that on the virtual clock (0.02 when absent).
    #[serde(default)]
    #[schemars(with = "Share")]
    approval_band: Option<Share>,
    /// First rate, requests a second (10,000 when absent).
    #[serde(default)]
    #[schemars(range(min = 1, max = 10_000_000))]
    start_rate: Option<f64>,
    /// Factor between growing probes (1.6 when absent).
    #[serde(default)]
    #[schemars(range(min = 1.05, max = 10))]
    growth: Option<f64>,
    /// Width of the last bracket relative to its middle (0.05 when absent).
    #[serde(default)]
    #[schemars(range(min = 0.005, max = 0.5))]
    precision: Option<f64>,
    /// Wall time of a probe (4s when absent).
    #[serde(default)]
    #[schemars(with = "WallTime")]
    probe: Option<WallTime>,
    /// Probes at a rate that counts for the boundary; up to twice as many and one where they disagree (3 when absent).
    #[serde(default)]
    #[schemars(range(min = 1, max = 15))]
    repeats: Option<u8>,
    /// Wall time of the confirming run (10s when absent).
    #[serde(default)]
    #[schemars(with = "WallTime")]
    confirm: Option<WallTime>,
}

impl LoadFile {
    /// The plan. The rules have passed, so what a shape needs is there; `first_world` is taken when none is named.
    pub(in crate::scenario) fn plan(&self, first_world: &str) -> Option<LoadPlan> {
        let capacity = self.capacity.clone().unwrap_or_default();
        Some(LoadPlan {
            at: Moment::at(&self.at.0)?,
            world: self.world.clone().unwrap_or_else(|| first_world.to_owned()),
            speed_milli: (self.speed.unwrap_or(60.0) * 1e3).round() as u64,
            duration_ms: lengths::DURATION.ms(self.duration.as_ref()),
            warmup_ms: lengths::WARMUP.ms(self.warmup.as_ref()),
            shape: self.resolved_shape(),
            arrivals: match self.arrivals.unwrap_or_default() {
                ArrivalsFile::Poisson => Arrivals::Poisson,
                ArrivalsFile::Even => Arrivals::Even,
            },
            users: match self.users.unwrap_or_default() {
                UsersFile::PartlyOpen => UserLoop::PartlyOpen,
                UsersFile::Closed => UserLoop::Closed {
                    users: self.closed_users.unwrap_or(100),
                    think_ms: lengths::THINK.ms(self.think.as_ref()),
                },
            },
            placement: match self.placement.unwrap_or_default() {
                PlacementFile::Separate => Placement::Separate {
                    generators: self.generators.unwrap_or(1),
                    services: self.services.unwrap_or(1),
                },
                PlacementFile::SideBySide => Placement::SideBySide { threads: self.threads.unwrap_or(2) },
            },
            queue_limit: self.queue_limit.unwrap_or(4_096),
            deadline_ms: lengths::DEADLINE.ms(self.deadline.as_ref()),
            retry: Retry {
                times: self.retries.unwrap_or(2),
                backoff_ms: lengths::BACKOFF.ms(self.backoff.as_ref()),
                patience_ms: lengths::PATIENCE.ms(self.patience.as_ref()),
            },
            durability: match self.durability.unwrap_or_default() {
                DurabilityFile::None => Durability::None,
                DurabilityFile::Buffered => Durability::Buffered,
                DurabilityFile::Group => Durability::Group {
                    max_us: lengths::GROUP_MAX_WAIT.us(self.group_max_wait.as_ref()),
                    max_records: self.group_max_records.unwrap_or(4_096),
                },
            },
            snapshot_days: self.snapshot_days.unwrap_or(0),
            objectives: self.objectives.iter().filter_map(|text| objective::parse(text).ok()).collect(),
            abort_on_breach: self.abort_on_breach,
            stalls: self
                .stalls
                .iter()
                .map(|stall| Stall {
                    at_ms: lengths::STALL_AT.ms(Some(&stall.at)),
                    for_ms: lengths::STALL_FOR.ms(Some(&stall.r#for)),
                })
                .collect(),
            capacity: capacity.plan(),
        })
    }

    fn resolved_shape(&self) -> Shape {
        let rate = |option: Option<f64>| option.unwrap_or(1.0);
        match self.shape.unwrap_or_default() {
            ShapeFile::Behaviour => Shape::Behaviour,
            ShapeFile::Constant | ShapeFile::Soak => Shape::Constant { rate: rate(self.rate) },
            ShapeFile::Ramp => Shape::Ramp { from: rate(self.from), to: rate(self.to) },
            ShapeFile::Stairs => {
                Shape::Stairs { from: rate(self.from), to: rate(self.to), steps: self.steps.unwrap_or(2) }
            }
            ShapeFile::Spike => Shape::Spike {
                base: rate(self.base),
                peak: rate(self.peak),
                at_ms: lengths::SPIKE_AT.ms(self.spike_at.as_ref()),
                for_ms: lengths::SPIKE_FOR.ms(self.spike_for.as_ref()),
            },
        }
    }
}

impl CapacityFile {
    fn plan(&self) -> CapacityPlan {
        let objective: Option<Objective> = self.objective.as_deref().and_then(|text| objective::parse(text).ok());
        let (quantile, below_ns) =
            objective.and_then(|objective| objective::latency(&objective)).unwrap_or((0.99, 5_000_000));
        CapacityPlan {
            quantile,
            below_ns,
            error_rate: self.error_rate.unwrap_or(Share(0.001)).resolve(),
            approval_band: self.approval_band.unwrap_or(Share(0.02)).resolve(),
            start_rate: self.start_rate.unwrap_or(10_000.0),
            growth: self.growth.unwrap_or(1.6),
            precision: self.precision.unwrap_or(0.05),
            probe_ms: lengths::PROBE.ms(self.probe.as_ref()),
            repeats: self.repeats.unwrap_or(3),
            confirm_ms: lengths::CONFIRM.ms(self.confirm.as_ref()),
        }
    }
}

/// Keys that a shape needs; keys of other shapes are refused beside it.
pub(in crate::scenario) const SHAPE_KEYS: [(&str, &[&str]); 6] = [
    ("behaviour", &[]),
    ("constant", &["rate"]),
    ("ramp", &["from", "to"]),
    ("stairs", &["from", "to", "steps"]),
    ("spike", &["base", "peak", "spike_at", "spike_for"]),
    ("soak", &["rate"]),
];
