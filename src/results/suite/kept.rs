//! A finished world of a suite: what is kept of it.

use super::views;
use crate::measure::words::{Decline, ECL_SCENARIOS, PEOPLE_BANDS, Posting, STAGES};
use crate::measure::{
    MonthObservations, WRITTEN_OFF_BORNE, WRITTEN_OFF_COVERED, WorldObservations, kept_definitions, kept_sums,
};
use crate::results::Kept;
use serde::{Deserialize, Serialize};

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

impl Kept for KeptWorld {
    fn key(&self) -> &str {
        &self.key
    }

    fn is_whole(&self) -> bool {
        self.measures.len() == kept_definitions().count()
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
