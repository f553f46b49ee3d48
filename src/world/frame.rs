//! What all worlds of a run share and nothing changes.

use crate::agents::merchant::MerchantTable;
use crate::base::money::Ppm;
use crate::base::random::RunKey;
use crate::base::time::{Calendar, Day};
use crate::economy::season::SeasonTable;
use crate::population;
use crate::scenario::Scenario;

/// What all worlds of a run share and nothing changes.
#[derive(Clone, Debug)]
pub struct Frame {
    /// All days, warm-up first.
    pub calendar: Calendar,
    /// Factors of the seasons by day.
    pub seasons: SeasonTable,
    /// Merchants.
    pub merchants: MerchantTable,
    /// Key of the run.
    pub key: RunKey,
    /// Months of warm-up.
    pub warmup_months: u16,
    /// Months of the run, warm-up included.
    pub run_months: u16,
    /// Users.
    pub users: u32,
    /// Users of a cell.
    pub cell_users: u32,
    /// Lenders with whom the users may have accounts, each with an engine in every cell.
    pub lenders: u8,
}

impl Frame {
    /// The frame of a scenario.
    pub fn new(scenario: &Scenario) -> Frame {
        let calendar = population::run_calendar(scenario);
        let weekend = Ppm(scenario.base.levers.watch.weekend_ppm);
        Frame {
            seasons: population::season_table(calendar.days(), &scenario.seasons, weekend),
            calendar,
            merchants: population::merchants(&scenario.merchants),
            key: RunKey::new(scenario.seed, scenario.replication),
            warmup_months: scenario.warmup_months,
            run_months: scenario.warmup_months + scenario.months,
            users: scenario.users,
            cell_users: scenario.cell_users,
            // A scenario describes the product of one.
            lenders: 1,
        }
    }

    /// The last of so many days that are done; before the first one, the eve of the run.
    pub(crate) fn last_of(&self, days_done: usize) -> Day {
        let days = self.calendar.days();
        match days_done.checked_sub(1) {
            Some(last) => days.get(last).or(days.last()).map_or(Day(0), |last| last.day),
            None => days.first().map_or(Day(0), |first| first.day.minus(1)),
        }
    }
}
