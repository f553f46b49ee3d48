//! What sampling needs and a scenario implies.

use crate::agents::host::{AliasTable, zipf_weights};
use crate::base::random::RunKey;
use crate::economy::LABOUR_BANDS;
use crate::population::calendar::run_calendar;
use crate::population::income::IncomeModel;
use crate::scenario::Scenario;

/// What sampling needs and a scenario implies; worked out once a run.
#[derive(Clone, Debug)]
pub struct PopulationTables {
    pub(super) key: RunKey,
    pub(super) personas: AliasTable,
    pub(super) favourites: AliasTable,
    pub(super) income: IncomeModel,
    pub(super) run_days: u16,
    pub(super) jobless_ppm: [i32; LABOUR_BANDS],
    pub(super) finding_ppm: i32,
    /// Monthly spending on the product of a user with relative demand and ticket 1, before limits bind, fen.
    pub(super) mean_spending_fen: f64,
    /// Highest such spending that a line of the middle tier carries, fen a month.
    pub(super) line_spending_fen: f64,
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
            run_days: run_calendar(scenario).days().len() as u16,
            jobless_ppm: start.map_or([0; LABOUR_BANDS], |month| month.band_unemployment_ppm),
            finding_ppm: start.map_or(0, |month| month.finding_ppm),
            mean_spending_fen: f64::from(buy.demand_per_month_milli) / 1e3 * mean_ticket,
            line_spending_fen: f64::from(scenario.base.terms.limits.tier_ceiling_fen[2]),
        }
    }
}
