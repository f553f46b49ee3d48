//! How long a run took, and on what machine.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How long a run took and on what: `timing.json`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Timing {
    /// Users of the world.
    pub users: u64,
    /// Events of all worlds and warm-up: commands applied by the engine and stream sessions.
    pub events: u64,
    /// Events by kind.
    pub events_by_kind: BTreeMap<String, u64>,
    /// Seconds from start to the end of the computation; files and report are written after it.
    pub wall_seconds: f64,
    /// Events over the seconds of the simulation.
    pub events_per_second: f64,
    /// Commands that move or reserve money, over the same seconds.
    pub money_commands_per_second: f64,
    /// User-days swept, over the same seconds.
    pub user_days_per_second: f64,
    /// Wall time of one cell's day, nanoseconds: half of them took no longer than this …
    #[serde(default)]
    pub cell_day_ns_p50: u64,
    /// … 99 in 100 no longer than this …
    #[serde(default)]
    pub cell_day_ns_p99: u64,
    /// … and none longer than this.
    #[serde(default)]
    pub cell_day_ns_max: u64,
    /// Highest resident memory of the process, bytes.
    pub peak_rss_bytes: u64,
    /// Worker threads, of each process.
    pub workers: u32,
    /// Processes that shared the worlds.
    #[serde(default)]
    pub processes: u32,
    /// Seconds in which this process waited for the others, what crosses between them included.
    #[serde(default)]
    pub waiting_seconds: f64,
    /// The same as a share of the seconds in which days were swept.
    #[serde(default)]
    pub waiting_share: f64,
    /// Checkpoints that were written since this process began.
    #[serde(default)]
    pub checkpoints: u32,
    /// Their bytes, of all processes.
    #[serde(default)]
    pub checkpoint_bytes: u64,
    /// Seconds in which they were written, in which no day was swept.
    #[serde(default)]
    pub checkpoint_seconds: f64,
    /// Where the time went, in order.
    pub phases: Vec<Phase>,
    /// On what.
    pub machine: Machine,
    /// Versions of the program and what built it.
    pub versions: BTreeMap<String, String>,
}

impl Timing {
    /// The threads that did the work, in words.
    pub(crate) fn workers_in_words(&self) -> String {
        match self.processes {
            0 | 1 => format!("{} workers", self.workers),
            processes => format!("{processes} processes of {} workers", self.workers),
        }
    }

    /// The checkpoints that were written, in words; `None` when there was none.
    pub(crate) fn checkpoints_in_words(&self) -> Option<String> {
        let (count, mb, seconds) = (self.checkpoints, self.checkpoint_bytes as f64 / 1e6, self.checkpoint_seconds);
        let s = if count == 1 { "" } else { "s" };
        (count > 0).then(|| format!("{count} checkpoint{s}, {mb:.1} MB written in {seconds:.1} s"))
    }

    /// Highest resident memory in millions of bytes, as terminal and pages state it.
    pub(crate) const fn peak_mb(&self) -> u64 {
        self.peak_rss_bytes / 1_000_000
    }
}

/// A part of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Phase {
    /// Name.
    pub name: String,
    /// Wall seconds.
    pub seconds: f64,
}

/// The machine of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Machine {
    /// Model of the processor.
    pub cpu: String,
    /// Logical cores.
    pub cores: u32,
    /// Memory, bytes.
    pub memory_bytes: u64,
    /// Operating system with its version.
    pub os: String,
}
