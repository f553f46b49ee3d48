//! What was observed of worlds, as integers.

use crate::agents::totals::{AgentFlows, AgentStocks, SegmentTotals};
use crate::base::time::Day;
use crate::credit::totals::{CreditFlows, CreditStocks, RiskStocks};

/// Everything observed of one world over the counted months.
#[derive(Clone, Debug)]
pub(crate) struct WorldObservations {
    /// Name of the world.
    pub name: String,
    /// One entry a counted month.
    pub months: Vec<MonthObservations>,
    /// Vintages by month of opening (run months, warm-up included).
    pub vintages: Vec<Vintage>,
    /// Cohorts of lateness by run month in which the lateness before was reached (warm-up included).
    pub cohorts: Vec<Cohort>,
    /// The journal by day: amount posted by kind (`credit::chart::Posting` order), counted months only.
    pub journal: Vec<(Day, Vec<i64>)>,
    /// Balance of each account (`credit::chart::Account` order, debit positive) at the start of the counted months.
    pub opening_balances_fen: Vec<i64>,
    /// … and at their end.
    pub closing_balances_fen: Vec<i64>,
    /// Tips by host over the counted months, credit and wallet, host order.
    pub tips_by_host_fen: Vec<i64>,
    /// Minutes watched by host.
    pub minutes_by_host: Vec<i64>,
    /// By segment over the counted months, in the order of [`crate::measure::words::SEGMENTS`]; empty when nobody counted by segment.
    pub segments: Vec<SegmentTotals>,
    /// blake3 of the final state of the world, hex.
    pub state_hash: String,
}

/// One month of a world.
#[derive(Clone, Debug, Default)]
pub struct MonthObservations {
    /// First day of the month.
    pub first_day: Day,
    /// Number of days.
    pub days: u16,
    /// Engine, flows.
    pub flows: CreditFlows,
    /// Engine, month-end.
    pub stocks: CreditStocks,
    /// Agents, flows.
    pub people: AgentFlows,
    /// Agents, month-end.
    pub people_end: AgentStocks,
    /// The book as the risk views look at it, month-end. Outside the hash of a run.
    pub risk: RiskStocks,
    /// Sum over the days of the month of the principal at close of day (for means).
    pub balance_days_fen: i64,
    /// Headline unemployment of the month.
    pub unemployment_ppm: i32,
    /// Income index of the month.
    pub income_index_ppm: i32,
    /// Factor on the PD cutoff at the month-end (risk appetite), parts per million.
    pub appetite_ppm: i32,
}

/// Accounts opened in one run month, followed by months on book.
#[derive(Clone, Debug, Default)]
pub(crate) struct Vintage {
    /// Run month of opening (0 is the first warm-up month).
    pub run_month: u16,
    /// Accounts opened.
    pub opened: i64,
    /// By months on book: accounts that first reached 31 days past due then.
    pub first_30_plus: Vec<i64>,
    /// By months on book: principal written off then.
    pub writeoff_fen: Vec<i64>,
    /// By months on book: principal drawn then.
    pub drawn_fen: Vec<i64>,
}

/// Principal of accounts that reached so many days past due (DPD 1, 8, 31, 61, 91, write-off) for the first time in their spell
/// of lateness, put down under the run month in which they had reached the days that the rate starts from.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cohort {
    /// Run month.
    pub run_month: u16,
    /// Reached DPD 1 in this month.
    pub dpd_1_fen: i64,
    /// … of that cohort: reached DPD 8.
    pub dpd_1_to_8_fen: i64,
    /// … of that cohort: reached DPD 31.
    pub dpd_1_to_31_fen: i64,
    /// Reached DPD 31 in this month.
    pub dpd_31_fen: i64,
    /// … of that cohort: reached DPD 61.
    pub dpd_31_to_61_fen: i64,
    /// Reached DPD 61 in this month.
    pub dpd_61_fen: i64,
    /// … of that cohort: reached DPD 91.
    pub dpd_61_to_91_fen: i64,
    /// Reached DPD 91 in this month.
    pub dpd_91_fen: i64,
    /// … of that cohort: written off.
    pub dpd_91_to_writeoff_fen: i64,
}
