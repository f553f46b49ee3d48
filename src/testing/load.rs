//! A load plan by hand, for tests of the wall clock.

use crate::base::money::Ppm;
use crate::base::time::SimTime;
use crate::scenario::{Arrivals, CapacityPlan, Durability, LoadPlan, Placement, Retry, Shape, UserLoop};

/// A second of behaviour without surprises; tests change what they are about.
pub(crate) fn plan() -> LoadPlan {
    LoadPlan {
        at: SimTime(0),
        world: "base".to_string(),
        speed_milli: 60_000,
        duration_ms: 1_000,
        warmup_ms: 0,
        shape: Shape::Behaviour,
        arrivals: Arrivals::Even,
        users: UserLoop::PartlyOpen,
        placement: Placement::Separate { generators: 1, services: 1 },
        queue_limit: 10_000,
        deadline_ms: 5_000,
        retry: Retry { times: 2, backoff_ms: 20, patience_ms: 10_000 },
        durability: Durability::None,
        snapshot_days: 0,
        objectives: Vec::new(),
        abort_on_breach: false,
        stalls: Vec::new(),
        capacity: CapacityPlan {
            quantile: 0.99,
            below_ns: 5_000_000,
            error_rate: Ppm(1_000),
            approval_band: Ppm(20_000),
            start_rate: 1_000.0,
            growth: 2.0,
            precision: 0.05,
            probe_ms: 1_000,
            repeats: 3,
            confirm_ms: 2_000,
        },
    }
}
