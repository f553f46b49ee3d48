//! Who the people are: rows for users, tables of hosts and merchants, sampled from a resolved scenario.
//!
//! A user is a pure function of (seed, replication, user number) and the model: never of the cell, the worker or the
//! world, so two policies and two economies meet the same people. This is the only place below the clock that draws
//! from gamma distributions; every draw is rounded to an integer before it enters a row.

mod income;
mod person;

use crate::agents::host::{AliasTable, HostTable, HostTraits, zipf_weights};
use crate::agents::merchant::MerchantTable;
use crate::agents::traits::UserRow;
use crate::base::ids::UserId;
use crate::base::money::Ppm;
use crate::base::random::RunKey;
use crate::base::time::{Calendar, CalendarDay, Day};
use crate::economy::LABOUR_BANDS;
use crate::economy::season::{SeasonTable, YearlySeason};
use crate::scenario::{HostModel, MerchantModel, Scenario, Season};
use income::IncomeModel;

/// What sampling needs and a scenario implies; worked out once a run.
#[derive(Clone, Debug)]
pub struct PopulationTables {
    key: RunKey,
    personas: AliasTable,
    favourites: AliasTable,
    income: IncomeModel,
    run_days: u16,
    jobless_ppm: [i32; LABOUR_BANDS],
    finding_ppm: i32,
    /// Monthly spending on the product of a user with relative demand and ticket 1, before limits bind, fen.
    mean_spending_fen: f64,
    /// Highest such spending that a line of the middle tier carries, fen a month.
    line_spending_fen: f64,
}

impl PopulationTables {
    /// The tables of a scenario.
    ///
    /// # Panics
    /// When the model has no persona or no host; `scenario::resolve` refuses that first.
    pub fn new(scenario: &Scenario) -> PopulationTables {
        let model = &scenario.population;
        let buy = &scenario.base.levers.buy;
        let shares: Vec<f64> = model.personas.iter().map(|p| f64::from(p.share.0)).collect();
        let sigma_milli = f64::from(buy.ticket_sigma_milli);
        let mean_ticket = f64::from(buy.ticket_median_fen) * libm::exp(sigma_milli * sigma_milli / 2e6);
        let start = scenario.warmup_economy.months.first().or_else(|| {
            // Without warm-up the run starts in the first counted month, which all worlds share.
            scenario.worlds.first().and_then(|world| world.economy.months.first())
        });
        PopulationTables {
            key: RunKey::new(scenario.seed, scenario.replication),
            personas: AliasTable::new(&shares),
            favourites: AliasTable::new(&zipf_weights(scenario.hosts.count, scenario.hosts.zipf_milli)),
            income: IncomeModel::new(model),
            run_days: run_days(scenario),
            jobless_ppm: start.map_or([0; LABOUR_BANDS], |month| month.band_unemployment_ppm),
            finding_ppm: start.map_or(0, |month| month.finding_ppm),
            mean_spending_fen: f64::from(buy.demand_per_month_milli) / 1e3 * mean_ticket,
            line_spending_fen: f64::from(scenario.base.terms.limits.tier_ceiling_fen[2]),
        }
    }
}

/// Users of one cell, in the order of their numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct CellPopulation {
    /// Number of the first.
    pub first: UserId,
    /// The users.
    pub users: Vec<UserRow>,
}

/// Number of cells of a scenario. It follows from the scenario alone, never from the machine.
pub(crate) fn cell_count(scenario: &Scenario) -> u32 {
    scenario.users.div_ceil(scenario.cell_users.max(1))
}

/// The users of cell `cell` on the first day of the run (see `run_start`).
pub fn sample_cell(scenario: &Scenario, tables: &PopulationTables, cell: u32) -> CellPopulation {
    let size = scenario.cell_users.max(1);
    let first = cell * size;
    let start = run_start(scenario);
    let users = (first..scenario.users.min(first + size))
        .map(|user| sample_user(scenario, tables, UserId(user), start))
        .collect();
    CellPopulation { first: UserId(first), users }
}

/// All cells, one after the other. A driver with workers calls [`sample_cell`] from each instead.
pub(crate) fn generate(scenario: &Scenario) -> Vec<CellPopulation> {
    let tables = PopulationTables::new(scenario);
    (0..cell_count(scenario)).map(|cell| sample_cell(scenario, &tables, cell)).collect()
}

/// One user as they are on the first day of the run.
pub(crate) fn sample_user(scenario: &Scenario, tables: &PopulationTables, user: UserId, run_start: Day) -> UserRow {
    person::sample(scenario, tables, user, run_start)
}

/// First day of the run: the first day of the first month of warm-up.
pub(crate) fn run_start(scenario: &Scenario) -> Day {
    // From the counted start, back month by month: months differ in length.
    let (year, month, _) = scenario.start.ymd();
    let months = i32::from(year) * 12 + i32::from(month) - 1 - i32::from(scenario.warmup_months);
    let (year, month) = (months.div_euclid(12) as i16, months.rem_euclid(12) as i8 + 1);
    Day::from_ymd(year, month, 1).unwrap_or(Day(1))
}

/// All days of the run, warm-up first.
pub(crate) fn run_calendar(scenario: &Scenario) -> Calendar {
    Calendar::new(run_start(scenario), scenario.warmup_months + scenario.months)
}

fn run_days(scenario: &Scenario) -> u16 {
    run_calendar(scenario).days().len() as u16
}

/// The hosts of a model, at their initial popularity.
pub(crate) fn hosts(model: &HostModel) -> HostTable {
    HostTable::new(HostTraits {
        count: model.count,
        zipf_milli: model.zipf_milli,
        persistence: model.persistence,
        shock_milli: model.shock_milli,
        feedback: model.feedback,
        streams: model.streams,
    })
}

/// The merchants of a model.
pub(crate) fn merchants(model: &MerchantModel) -> MerchantTable {
    MerchantTable::new(model.count_by_scene, model.colluding, model.ship_days)
}

/// Factors of the seasons for `days`; `weekend` is watching on weekends relative to working days.
pub(crate) fn season_table(days: &[CalendarDay], seasons: &[Season], weekend: Ppm) -> SeasonTable {
    let yearly: Vec<YearlySeason> =
        seasons.iter().map(|s| YearlySeason { from: s.from, to: s.to, demand: s.demand, watch: s.watch }).collect();
    SeasonTable::new(days, &yearly, weekend)
}

#[cfg(test)]
mod tests;
