//! A scenario, resolved: validated, units in types, no serde.

use crate::agents::traits::HostTraits;
use crate::base::time::Day;
use crate::economy::EconomyPath;
use crate::scenario::plan::load::LoadPlan;
use crate::scenario::plan::people::{MerchantModel, PopulationModel};
use crate::scenario::plan::rules::Rules;
use crate::scenario::plan::suite::SuitePlan;
use crate::scenario::plan::world::{Appetite, Event, Season, WorldSpec};

/// A whole run: some worlds over the same people.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Short name, used for the run directory.
    pub name: String,
    /// One line for reports.
    pub title: String,
    /// Product name (file stem under `models/products/`).
    pub product: String,
    /// Product name in words, may hold Chinese.
    pub product_title: String,
    /// What the product says of itself in words.
    pub profile: ProductProfile,
    /// Users of the world.
    pub users: u32,
    /// Users of a cell (the last one may have fewer).
    pub cell_users: u32,
    /// Months before anything is counted; run once, then forked.
    pub warmup_months: u16,
    /// Months that are counted.
    pub months: u16,
    /// First day of the first counted month; warm-up lies before it.
    pub start: Day,
    /// Seed.
    pub seed: u64,
    /// Replication under the seed.
    pub replication: u32,
    /// Who the users are.
    pub population: PopulationModel,
    /// Hosts.
    pub hosts: HostTraits,
    /// Merchants.
    pub merchants: MerchantModel,
    /// Terms and levers during warm-up and wherever no policy applies.
    pub base: Rules,
    /// Economy of the warm-up (base path).
    pub warmup_economy: EconomyPath,
    /// The worlds, in the order of the file; the first is the one that others are compared with.
    pub worlds: Vec<WorldSpec>,
    /// Festivals and seasons of demand that all worlds share.
    pub seasons: Vec<Season>,
    /// Calibration targets.
    pub targets: Vec<Target>,
    /// Risk appetite: how the lender reacts to what it sees.
    pub appetite: Appetite,
    /// What the wall clock does with it, when the scenario has a `[load]` part.
    pub load: Option<LoadPlan>,
    /// What a stress suite runs, when the scenario has a `[suite]` part.
    pub suite: Option<SuitePlan>,
    /// What is odd about it and no error: laws that reach its prices.
    pub remarks: Vec<String>,
    /// The complete resolved input as TOML (provenance; running it again gives the same result).
    pub resolved_toml: String,
}

impl Scenario {
    /// Everything that the people and the warm-up follow from, in words: two scenarios that say the same here have the same warm-up.
    /// Taken apart field by field, so that a new one does not compile until it is known whether it belongs here.
    pub(crate) fn warm_up_text(&self) -> String {
        let Scenario {
            name: _,
            title: _,
            product: _,
            product_title: _,
            profile: _,
            users,
            cell_users,
            warmup_months,
            // People join over the whole run.
            months,
            start,
            seed,
            replication,
            population,
            hosts,
            merchants,
            base,
            warmup_economy,
            worlds: _,
            seasons,
            targets: _,
            appetite,
            load: _,
            suite: _,
            remarks: _,
            resolved_toml: _,
        } = self;
        let sizes = (users, cell_users, warmup_months, months, start, seed, replication);
        format!(
            "{sizes:?} {population:?} {hosts:?} {merchants:?} {base:?} {:?} {seasons:?} {appetite:?}",
            warmup_economy.months
        )
    }

    /// Everything that the days before `day` follow from, in words: two scenarios that say the same here are the same until then.
    pub(crate) fn text_before(&self, day: Day) -> String {
        let months = (0..self.months).take_while(|month| self.start.month_start((*month).into()) < day).count();
        let world = |world: &WorldSpec| {
            let WorldSpec { name, economy, rule_changes, events, appetite } = world;
            let economy = &economy.months[..economy.months.len().min(months)];
            let rules: Vec<_> = rule_changes.iter().filter(|(from, _)| *from < day).collect();
            let events = events.iter().filter(|event| event.from < day);
            // An event that goes on may end at another day from then on.
            let events: Vec<_> = events.map(|event| Event { until: event.until.min(day), ..event.clone() }).collect();
            format!("{name} {economy:?} {rules:?} {events:?} {appetite:?}")
        };
        let worlds: Vec<String> = self.worlds.iter().map(world).collect();
        format!("{} {worlds:?}", self.warm_up_text())
    }
}

/// What a product says of itself in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProductProfile {
    /// What the four scenes are in this product; empty where they are those of a video app.
    pub scenes: Vec<String>,
    /// Where its users come from.
    pub traffic: String,
    /// What the law has against parts of it.
    pub legal_risks: Vec<String>,
}

/// A calibration target.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// Key of the measure in `result.json`.
    pub measure: String,
    /// Middle of the accepted band (in the unit of the measure).
    pub target: f64,
    /// Lower end, accepted.
    pub low: f64,
    /// Upper end, accepted.
    pub high: f64,
    /// Grade S, H, M or L.
    pub grade: char,
    /// Where it comes from.
    pub source: String,
    /// File and line in which it stands; empty when it comes out of a result.
    pub place: String,
}
