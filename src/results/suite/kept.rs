//! A finished world of a suite: what is kept of it, and the small file that it is kept in.

use crate::measure::{MonthObservations, WorldObservations, kept_definitions, kept_sums};
use crate::results::ResultsError;
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Names of the series that are kept by month, in the order of [`Series`].
pub const SERIES: [&str; 12] = [
    "unemployment_ppm",
    "balance_fen",
    "overdue_fen",
    "overdue_30_fen",
    "balance_days_fen",
    "writeoff_fen",
    "applications_approved",
    "applications_decided",
    "drawings_approved",
    "drawings_requested",
    "captured_fen",
    "profit_fen",
];

/// One month of the series.
pub type Series = [i64; SERIES.len()];

/// A finished world.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptWorld {
    /// Hash of everything that determines it, hex; names its file.
    pub key: String,
    /// What it is part of: `suite`, `luck` (further lucks under the same shocks) or the name of a reverse stress.
    pub part: String,
    /// Economy path.
    pub path: String,
    /// Policy.
    pub policy: String,
    /// Number of the luck: people and all that happens to each of them.
    pub luck: u32,
    /// Number of the common shocks.
    pub shock: u32,
    /// Depth of a reverse stress, thousandths; 1,000 elsewhere.
    pub depth_milli: i32,
    /// blake3 of the world's last state, hex.
    pub state_hash: String,
    /// Numerators and denominators of all measures, in the order of `measure::kept_definitions`.
    pub measures: Vec<(i128, i128)>,
    /// By counted month.
    pub months: Vec<Series>,
}

impl KeptWorld {
    /// Takes over from observations what is kept of them.
    pub fn observe(&mut self, world: &WorldObservations) {
        self.state_hash.clone_from(&world.state_hash);
        self.measures = kept_sums(world);
        self.months = world.months.iter().map(series).collect();
    }

    /// The value of a measure; `None` when it has none or there is no such measure.
    pub fn value(&self, measure: &str) -> Option<f64> {
        let (place, definition) = kept_definitions().enumerate().find(|(_, d)| d.key == measure)?;
        let (numerator, denominator) = *self.measures.get(place)?;
        definition.value(numerator, denominator)
    }
}

fn series(month: &MonthObservations) -> Series {
    let flows = &month.flows;
    let refused: i64 = flows.refused.iter().sum();
    let declined: i64 = flows.drawings_declined.iter().sum();
    [
        month.unemployment_ppm.into(),
        month.balance_fen(),
        month.balance_from_bucket_fen(1),
        month.balance_from_bucket_fen(2),
        month.balance_days_fen,
        flows.writeoff_fen,
        flows.approved,
        flows.approved + refused,
        flows.drawings_approved,
        flows.drawings_approved + declined,
        month.captured_fen(),
        month.profit_fen() as i64,
    ]
}

/// `DIR.work/`: a file for each finished world, so that an interrupted suite goes on where it stopped.
///
/// A file is written under another name and renamed, so it is whole or not there; its first line is the sum of the rest, so a
/// damaged one counts as not there and its world runs again.
#[derive(Clone, Debug)]
pub struct WorkArea {
    directory: PathBuf,
    /// Files written so far: each is written under a name of its own, so that two writers of one world do not meet.
    written: Arc<AtomicU64>,
}

impl WorkArea {
    /// The work area beside a results directory.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn beside(target: &Path) -> Result<WorkArea, ResultsError> {
        let mut name = target.as_os_str().to_os_string();
        name.push(".work");
        let directory = PathBuf::from(name);
        fs::create_dir_all(&directory).map_err(|e| ResultsError::io(&directory, e))?;
        Ok(WorkArea { directory, written: Arc::default() })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.directory
    }

    fn file(&self, key: &str) -> PathBuf {
        self.directory.join(format!("{key}.json"))
    }

    /// The world under a key, if it is finished. What cannot be read or is not that world counts as unfinished.
    pub fn get(&self, key: &str) -> Option<KeptWorld> {
        let text = fs::read_to_string(self.file(key)).ok()?;
        let (sum, body) = text.split_once('\n')?;
        let whole = blake3::hash(body.as_bytes()).to_hex().as_str() == sum;
        let world: KeptWorld = serde_json::from_str(body).ok().filter(|_| whole)?;
        (world.key == key && world.measures.len() == kept_definitions().count()).then_some(world)
    }

    /// Keeps a finished world.
    ///
    /// # Errors
    /// From the file system.
    pub fn put(&self, world: &KeptWorld) -> Result<(), ResultsError> {
        let body = super::super::json::text(world);
        let path = self.file(&world.key);
        let partial = path.with_extension(format!("{}.partial", self.written.fetch_add(1, Ordering::Relaxed)));
        let io = |e| ResultsError::io(&path, e);
        fs::write(&partial, format!("{}\n{body}", blake3::hash(body.as_bytes()).to_hex())).map_err(io)?;
        fs::rename(&partial, &path).map_err(io)
    }

    /// Removes the work area; the suite is whole.
    ///
    /// # Errors
    /// From the file system.
    pub fn remove(self) -> Result<(), ResultsError> {
        fs::remove_dir_all(&self.directory).map_err(|e| ResultsError::io(&self.directory, e))
    }
}
