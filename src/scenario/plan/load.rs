//! The `[load]` part of a scenario, resolved: how the wall clock takes the world over, and what is asked of it.

use crate::base::money::Ppm;
use crate::base::time::SimTime;

/// A load run: from when, how fast, how loaded, what must hold.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadPlan {
    /// Simulated moment at which the wall clock takes over.
    pub at: SimTime,
    /// Name of the world that is taken over.
    pub world: String,
    /// Simulated seconds in a wall second, in thousandths, where behaviour makes the load.
    pub speed_milli: u64,
    /// Wall time that is measured, warm-up apart.
    pub duration_ms: u64,
    /// Wall time before anything is measured.
    pub warmup_ms: u64,
    /// How the load goes over time.
    pub shape: Shape,
    /// How arrivals lie inside the shape.
    pub arrivals: Arrivals,
    /// What a user does while an answer is outstanding.
    pub users: UserLoop,
    /// Where generator and service run.
    pub placement: Placement,
    /// Requests that a cell's actor may hold at once; the next one is shed.
    pub queue_limit: u32,
    /// A request that waits longer than this is answered "too late" instead of being done.
    pub deadline_ms: u64,
    /// What users do when they are shed, too late or out of patience.
    pub retry: Retry,
    /// When an answer counts as safe.
    pub durability: Durability,
    /// Simulated days between snapshots of a durable service (0: only at the start).
    pub snapshot_days: u16,
    /// What must hold; empty when the run only measures.
    pub objectives: Vec<Objective>,
    /// End the run at the first window that breaks an objective.
    pub abort_on_breach: bool,
    /// Stalls put into the service on purpose, to test the measurement.
    pub stalls: Vec<Stall>,
    /// The capacity search.
    pub capacity: CapacityPlan,
}

/// How the load goes over time. Rates are requests of users a second, before retries.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    /// Whenever the simulated people act; time runs at `speed`.
    Behaviour,
    /// People act in the order of their days, at this rate.
    Constant {
        /// Requests a second.
        rate: f64,
    },
    /// From one rate to another in a straight line over the measured time.
    Ramp {
        /// At the start.
        from: f64,
        /// At the end.
        to: f64,
    },
    /// `steps` equal steps from one rate to another.
    Stairs {
        /// First step.
        from: f64,
        /// Last step.
        to: f64,
        /// Number of steps, at least 2.
        steps: u32,
    },
    /// A rate with one burst.
    Spike {
        /// Outside the burst.
        base: f64,
        /// Inside it.
        peak: f64,
        /// Start of the burst after the start of the measured time.
        at_ms: u64,
        /// Its length.
        for_ms: u64,
    },
}

/// How arrivals lie inside the shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrivals {
    /// Evenly spaced.
    Even,
    /// A Poisson process: independent of what has been answered.
    Poisson,
}

/// What a user does while an answer is outstanding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserLoop {
    /// Visits arrive as they come; inside a visit a step waits for the answer to the one before (the default).
    PartlyOpen,
    /// Every user waits for the answer, thinks, and asks again: no new request while one is outstanding. The rate follows the
    /// service, so latency is understated under overload; always labelled.
    Closed {
        /// Users at work at once.
        users: u32,
        /// Time between an answer and the next request.
        think_ms: u64,
    },
}

/// Where generator and service run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// On threads of their own: a slow service cannot slow the generator's clock.
    Separate {
        /// Threads of users.
        generators: u8,
        /// Threads of cells.
        services: u8,
    },
    /// Users and their cells on the same thread: the most throughput; the generator competes with the service.
    SideBySide {
        /// Threads.
        threads: u8,
    },
}

/// What users do when no decision came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// Times that a request is asked again, under its number.
    pub times: u8,
    /// Wait before the first retry; it doubles with each.
    pub backoff_ms: u64,
    /// A user of median patience gives up waiting after this long since the intended start.
    pub patience_ms: u64,
}

/// When an answer counts as safe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// Nothing is written.
    None,
    /// Written to the operating system before the answer: survives the process, not the machine.
    Buffered,
    /// On the disk before the answer, many requests in one go.
    Group {
        /// Longest time that a request waits for others.
        max_us: u64,
        /// Most requests that are written in one go.
        max_records: u32,
    },
}

/// A stall put into every cell of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stall {
    /// After the start of the measured time.
    pub at_ms: u64,
    /// How long nothing is answered.
    pub for_ms: u64,
}

/// Something that must hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Objective {
    /// As the scenario writes it, such as `p99 < "5ms"`.
    pub text: String,
    /// Operation name (`measure::latency::Operation::name`); all of them together when absent.
    pub operation: Option<String>,
    /// What is compared.
    pub metric: ObjectiveMetric,
    /// Window in which it must hold; over the whole run when absent.
    pub window_ms: Option<u64>,
}

/// What an objective compares with its bound (exclusive).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ObjectiveMetric {
    /// Latency from intended start at a quantile, below.
    Latency {
        /// 0 < q < 1.
        quantile: f64,
        /// Nanoseconds.
        below_ns: u64,
    },
    /// Shed, too late, unavailable and abandoned requests over offered ones, below.
    ErrorRate {
        /// Share.
        below: Ppm,
    },
    /// Decided requests a second, above.
    Throughput {
        /// A second.
        above: f64,
    },
}

/// The capacity search: what counts as carried, and how it is looked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CapacityPlan {
    /// Quantile of the objective.
    pub quantile: f64,
    /// Latency from intended start that the quantile must stay below.
    pub below_ns: u64,
    /// Share of requests without a decision that is borne.
    pub error_rate: Ppm,
    /// Approval rate of drawings may differ from that of the first carried probe by this many parts per million.
    pub approval_band: Ppm,
    /// First rate, requests a second.
    pub start_rate: f64,
    /// Factor between growing probes, above 1.
    pub growth: f64,
    /// Width of the last bracket relative to its middle.
    pub precision: f64,
    /// Wall time of a probe.
    pub probe_ms: u64,
    /// Probes at a rate that counts for the boundary; where they disagree, up to twice as many and one.
    pub repeats: u8,
    /// Wall time of the confirming run.
    pub confirm_ms: u64,
}
