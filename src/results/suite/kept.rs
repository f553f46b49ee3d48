//! A finished world of a suite: what is kept of it, and the small file that it is kept in.

use super::views;
use crate::measure::words::{Decline, ECL_SCENARIOS, PEOPLE_BANDS, Posting, STAGES};
use crate::measure::{
    MonthObservations, WRITTEN_OFF_BORNE, WRITTEN_OFF_COVERED, WorldObservations, kept_definitions, kept_sums,
};
use crate::results::manifest::walk;
use crate::results::scratch::{MARK, is_marked, mark};
use crate::results::{ResultsError, target};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Names of the series that are kept by month, in the order of [`Series`].
pub(crate) const SERIES: [&str; 58] = [
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
    // What the lender, its partners and the labour market show: candidates for early warning, ECL, capital, funding.
    "overdue_90_fen",
    "labour_force",
    "jobless",
    "jobs_lost",
    "users",
    "savings_fen",
    "wishes",
    "accounts",
    "limits_fen",
    "d1_base_fen",
    "d1_entry_fen",
    "statements",
    "debits_failed",
    "due_fen",
    "due_minimum_fen",
    "due_instalment_fen",
    "over_limit_declines",
    "complaints",
    "contacts_tried",
    "contacts_queued",
    "young_balance_fen",
    "young_overdue_fen",
    "income_fen",
    "service_fen",
    "overborrowed",
    "reaged_fen",
    "recovered_fen",
    "writeoff_own_fen",
    "writeoff_covered_fen",
    "writeoff_borne_fen",
    "ecl_upside_fen",
    "ecl_base_fen",
    "ecl_downside_fen",
    "ecl_booked_fen",
    "allowance_fen",
    "net_assets_fen",
    "balance_own_fen",
    "balance_partner_1_fen",
    "balance_partner_2_fen",
    "balance_partner_3_fen",
    "capacity_own_fen",
    "capacity_partner_1_fen",
    "capacity_partner_2_fen",
    "capacity_partner_3_fen",
    "partners_lending",
    "cashout_stopped_fen",
];

/// One month of the series, as long as [`SERIES`].
pub(crate) type Series = Vec<i64>;

/// A finished world.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KeptWorld {
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
    /// Numerators and denominators of the cells of the risk views, in the order of `views::layout`; only worlds of the suite
    /// itself have them in a record.
    pub views: Vec<(i64, i64)>,
}

impl KeptWorld {
    /// Takes over from observations what is kept of them.
    pub(crate) fn observe(&mut self, world: &WorldObservations) {
        self.state_hash.clone_from(&world.state_hash);
        self.measures = kept_sums(world);
        let net_assets_fen = world.net_assets_fen();
        let months = world.months.iter().zip(&net_assets_fen[1..]);
        self.months = months.map(|(month, net_assets_fen)| series(month, *net_assets_fen)).collect();
        self.views = views::cells(world).into_iter().map(|cell| (cell.numerator, cell.denominator)).collect();
    }

    /// The value of a measure; `None` when it has none or there is no such measure.
    pub(crate) fn value(&self, measure: &str) -> Option<f64> {
        let (position, definition) = kept_definitions().enumerate().find(|(_, d)| d.key == measure)?;
        let (numerator, denominator) = *self.measures.get(position)?;
        definition.value(numerator, denominator)
    }
}

fn series(month: &MonthObservations, net_assets_fen: i64) -> Series {
    let mut values = plain_series(month).to_vec();
    values.extend(risk_series(month, net_assets_fen));
    assert_eq!(values.len(), SERIES.len(), "every series has its name");
    values
}

/// Over all groups of one kind, age bands, which everybody stands in once.
fn by_age(groups: &[i64]) -> i64 {
    groups[..PEOPLE_BANDS].iter().sum()
}

fn risk_series(month: &MonthObservations, net_assets_fen: i64) -> Vec<i64> {
    let (flows, stocks, people, end, risk) =
        (&month.flows, &month.stocks, &month.people, &month.people_end, &month.risk);
    let ecl = |scenario: usize| risk.ecl_fen[scenario * STAGES..(scenario + 1) * STAGES].iter().sum::<i64>();
    let over_limit = flows.drawings_declined[Decline::OverLimit as usize];
    let mut values = vec![
        month.balance_from_bucket_fen(4),
        end.labour_force,
        end.jobless,
        people.jobs_lost,
        end.users,
        end.savings_fen,
        people.wishes,
        stocks.accounts,
        stocks.limits_fen,
        flows.d1_base_fen,
        flows.d1_entry_fen,
        flows.statements,
        flows.debits_failed,
        flows.due_fen,
        flows.due_by_outcome_fen[2],
        flows.due_by_outcome_fen[1],
        over_limit,
        flows.complaints.iter().sum(),
        flows.contacts_tried.iter().sum(),
        flows.contacts_queued,
        risk.balance_fen[1],
        risk.overdue_fen[1],
        by_age(&risk.income_fen),
        by_age(&risk.service_fen),
        by_age(&risk.overborrowed),
        stocks.reaged_fen,
        flows.recovered_fen + flows.sold_fen,
        month.posted_fen(&[Posting::WriteOffPlatform]),
        month.posted_fen(&WRITTEN_OFF_COVERED),
        month.posted_fen(&WRITTEN_OFF_BORNE),
    ];
    values.extend((0..ECL_SCENARIOS).map(ecl));
    values.extend([stocks.allowance_fen, net_assets_fen]);
    values.extend(stocks.balance_by_funder_fen);
    values.extend(stocks.capacity_by_funder_fen);
    values.push(stocks.funder_open[1..].iter().sum());
    values.push(flows.cashout_stopped_fen);
    values
}

fn plain_series(month: &MonthObservations) -> [i64; 12] {
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
/// damaged one counts as not there and its world runs again. The directory carries our mark and a list of the files that were written
/// to it; nothing else in it is ever removed.
#[derive(Clone, Debug)]
pub(crate) struct WorkArea {
    directory: PathBuf,
    /// Files written so far: each is written under a name of its own, so that two writers of one world do not meet.
    written: Arc<AtomicU64>,
}

/// The list of files in a work area, a name a line.
const LIST: &str = "written.txt";

impl WorkArea {
    /// The work area beside a results directory.
    ///
    /// # Errors
    /// [`ResultsError::Target`] when something else of this name is there; when it cannot be made.
    pub(crate) fn beside(target: &Path) -> Result<WorkArea, ResultsError> {
        let directory = target::beside(target, "work");
        let refused = |why: String| ResultsError::Target { path: directory.clone(), why };
        if fs::symlink_metadata(&directory).is_ok_and(|found| !found.is_dir()) {
            return Err(refused("a file of this name is in the way: move it, or choose another --out".to_string()));
        }
        fs::create_dir_all(&directory).map_err(|e| ResultsError::io(&directory, e))?;
        let area = WorkArea { directory: directory.clone(), written: Arc::default() };
        if !is_marked(&directory) {
            // Earlier versions left no mark; their files are known by their names.
            let there = walk(&directory)?;
            if let Some(foreign) = there.iter().find(|name| !is_kept_name(name)) {
                let why = format!("it holds what Yuefu did not write, {foreign}: move it, or choose another --out");
                return Err(refused(why));
            }
            there.iter().try_for_each(|name| area.list(name))?;
            mark(&directory)?;
        }
        Ok(area)
    }

    fn list(&self, name: &str) -> Result<(), ResultsError> {
        let path = self.directory.join(LIST);
        let file = fs::OpenOptions::new().append(true).create(true).open(&path);
        // One write: lines of two threads do not mix.
        file.and_then(|mut file| file.write_all(format!("{name}\n").as_bytes())).map_err(|e| ResultsError::io(&path, e))
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.directory
    }

    fn file(&self, key: &str) -> PathBuf {
        self.directory.join(format!("{key}.json"))
    }

    /// The world under a key, if it is finished. What cannot be read or is not that world counts as unfinished.
    pub(crate) fn get(&self, key: &str) -> Option<KeptWorld> {
        let text = fs::read_to_string(self.file(key)).ok()?;
        let (sum, body) = text.split_once('\n')?;
        let whole = blake3::hash(body.as_bytes()).to_hex().as_str() == sum;
        let world: KeptWorld = super::super::json::from_text(body).ok().filter(|_| whole)?;
        (world.key == key && world.measures.len() == kept_definitions().count()).then_some(world)
    }

    /// Keeps a finished world.
    ///
    /// # Errors
    /// From the file system.
    pub(crate) fn put(&self, world: &KeptWorld) -> Result<(), ResultsError> {
        let body = super::super::json::text(world);
        let path = self.file(&world.key);
        let partial = path.with_extension(format!("{}.partial", self.written.fetch_add(1, Ordering::Relaxed)));
        for file in [&partial, &path] {
            self.list(&file.file_name().unwrap_or_default().to_string_lossy())?;
        }
        let io = |e| ResultsError::io(&path, e);
        fs::write(&partial, format!("{}\n{body}", blake3::hash(body.as_bytes()).to_hex())).map_err(io)?;
        fs::rename(&partial, &path).map_err(io)
    }

    /// Removes what was written; the suite is whole. What somebody else put there stays, and the directory with it.
    ///
    /// # Errors
    /// From the file system.
    pub(crate) fn remove(self) -> Result<(), ResultsError> {
        let list = fs::read_to_string(self.directory.join(LIST)).unwrap_or_default();
        for name in list.lines().filter(|name| is_kept_name(name)).chain([LIST, MARK]) {
            let path = self.directory.join(name);
            match fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(ResultsError::io(&path, error));
                }
                _ => {}
            }
        }
        // Not empty when somebody put something there.
        let _ = fs::remove_dir(&self.directory);
        Ok(())
    }
}

/// `KEY.json` or `KEY.NUMBER.partial`.
fn is_kept_name(name: &str) -> bool {
    let Some((key, ending)) = name.split_once('.') else { return false };
    let number = ending.strip_suffix(".partial");
    !key.is_empty()
        && key.bytes().all(|digit| digit.is_ascii_hexdigit())
        && (ending == "json" || number.is_some_and(|number| number.parse::<u64>().is_ok()))
}
