//! Who the people are: rows for users, tables of hosts and merchants, sampled from a resolved scenario.
//!
//! A user is a pure function of (seed, replication, user number) and the model: never of the cell, the worker or the
//! world, so two policies and two economies meet the same people. This is the only place below the clock that draws
//! from gamma distributions; every draw is rounded to an integer before it enters a row.

mod calendar;
mod income;
mod person;
mod tables;

pub(crate) use calendar::run_calendar;
pub use tables::PopulationTables;

use crate::agents::merchant::MerchantTable;
use crate::agents::traits::UserRow;
use crate::base::ids::UserId;
use crate::base::money::Ppm;
use crate::base::time::CalendarDay;
use crate::economy::season::{SeasonTable, YearlySeason};
use crate::scenario::{MerchantModel, Scenario, Season};
use calendar::run_start;

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

/// The users of cell `cell` on the first day of the run.
pub fn sample_cell(scenario: &Scenario, tables: &PopulationTables, cell: u32) -> CellPopulation {
    let size = scenario.cell_users.max(1);
    let first = cell * size;
    let start = run_start(scenario);
    let users = (first..scenario.users.min(first + size))
        .map(|user| person::sample(scenario, tables, UserId(user), start))
        .collect();
    CellPopulation { first: UserId(first), users }
}

/// All cells, one after the other. A driver with workers calls [`sample_cell`] from each instead.
pub(crate) fn generate(scenario: &Scenario) -> Vec<CellPopulation> {
    let tables = PopulationTables::new(scenario);
    (0..cell_count(scenario)).map(|cell| sample_cell(scenario, &tables, cell)).collect()
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
