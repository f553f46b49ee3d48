//! A scenario, resolved: what a run is told, validated, units in types, no serde.

pub(super) mod load;
pub(super) mod sensitivity;
pub(super) mod suite;

use load::LoadPlan;
use suite::SuitePlan;

use crate::agents::levers::Levers;
use crate::base::money::Ppm;
use crate::base::time::Day;
use crate::credit::terms::Terms;
use crate::economy::EconomyPath;

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
    pub hosts: HostModel,
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
    /// Product range of contract rates in basis points, for the measure `rate_out_of_range`.
    pub annual_range_bp: (i32, i32),
    /// Calibration targets.
    pub targets: Vec<Target>,
    /// Risk appetite: how the lender reacts to what it sees.
    pub appetite: Appetite,
    /// What the wall clock does with it, when the scenario has a `[load]` part.
    pub load: Option<LoadPlan>,
    /// What a stress suite runs, when the scenario has a `[suite]` part.
    pub suite: Option<SuitePlan>,
    /// The complete resolved input as TOML (provenance; running it again gives the same result).
    pub resolved_toml: String,
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

/// Terms of the product and knobs of behaviour in force together.
#[derive(Clone, Debug, PartialEq)]
pub struct Rules {
    /// Terms.
    pub terms: Terms,
    /// Knobs.
    pub levers: Levers,
}

/// One world.
#[derive(Clone, Debug)]
pub struct WorldSpec {
    /// Name in results.
    pub name: String,
    /// Economy over the counted months (index 0 is the first of them).
    pub economy: EconomyPath,
    /// Rules that replace the base from a day on, in order of day; each is complete.
    pub rule_changes: Vec<(Day, Rules)>,
    /// Dated events.
    pub events: Vec<Event>,
    /// Risk appetite from the first counted month on, where it is not that of the scenario.
    pub appetite: Option<Appetite>,
}

/// A dated event. `until` is the first day on which it is over.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// First day.
    pub from: Day,
    /// First day after it.
    pub until: Day,
    /// What it does.
    pub what: EventKind,
}

/// What an event does.
#[derive(Clone, Debug, PartialEq)]
pub enum EventKind {
    /// Demand and watching are multiplied.
    Festival {
        /// On purchases.
        demand: Ppm,
        /// On watching.
        watch: Ppm,
    },
    /// Time-limited raises and interest-free coupons are on offer, clicks rise.
    Campaign {
        /// Share of open accounts that get the raise.
        raise_share: Ppm,
        /// Share of instalment interest that coupons waive.
        coupon: Ppm,
    },
    /// An income shock: wages of those in work are multiplied.
    IncomeShock {
        /// Factor on wages.
        income: Ppm,
    },
    /// A partner lends nothing.
    PartnerWithdrawal {
        /// Place of the partner in the product's list.
        partner: usize,
    },
}

/// A season of the calendar: multiplies demand and watching every year between two dates (month, day), inclusive.
#[derive(Clone, Debug, PartialEq)]
pub struct Season {
    /// Name in reports.
    pub name: String,
    /// First month and day.
    pub from: (u8, u8),
    /// Last month and day.
    pub to: (u8, u8),
    /// On purchases.
    pub demand: Ppm,
    /// On watching.
    pub watch: Ppm,
}

/// How the lender tightens when it sees lateness rise (the control of the next day from the folds before).
#[derive(Clone, Debug, PartialEq)]
pub struct Appetite {
    /// 30+ DPD share at which the PD cutoff is as stated.
    pub overdue_30_normal: Ppm,
    /// Factor by which the cutoff falls for each percentage point above it, parts per million (200,000: −20 %).
    pub cutoff_per_pp: Ppm,
    /// Factor by which limit raises shrink for each percentage point above it.
    pub raise_per_pp: Ppm,
    /// Weight of the change of unemployment over four quarters, percentage points of 30+ per point.
    pub unemployment_weight: Ppm,
    /// Least factor.
    pub floor: Ppm,
}

/// Who the users are.
#[derive(Clone, Debug)]
pub struct PopulationModel {
    /// Personas; their shares sum to one million.
    pub personas: Vec<Persona>,
    /// Shape of the gamma of purchase wishes across users, thousandths (docs/rules.md §5.11).
    pub demand_shape_milli: i32,
    /// Exponent with which wishes and tickets follow income, thousandths.
    pub demand_income_exponent_milli: i32,
    /// σ of a user's ticket scale (log-normal), thousandths; the total σ of tickets includes it.
    pub ticket_user_sigma_milli: i32,
    /// σ of tips across tippers (log-normal), thousandths.
    pub tip_sigma_milli: i32,
    /// σ of monthly income within an age band, thousandths.
    pub income_sigma_milli: i32,
    /// Median annual income of earners by age 18–24, 25–29, 30–35, 36–45, over 45, fen.
    pub income_median_fen: [i64; 5],
    /// Median savings in thousandths of monthly income.
    pub savings_median_milli: i32,
    /// σ of savings (log-normal), thousandths.
    pub savings_sigma_milli: i32,
    /// Share of users with debt elsewhere.
    pub other_debt_ppm: i32,
    /// Median debt elsewhere, thousandths of annual income.
    pub other_debt_median_milli: i32,
    /// Monthly service of that debt, parts per million of it.
    pub other_service_ppm: i32,
    /// Living cost outside the product, share of income, at the median.
    pub living_share_ppm: i32,
    /// Share of users in the app from the first day; the others join evenly over warm-up and counted months.
    pub present_at_start_ppm: i32,
    /// Share of payday in the first ten days of the month (the rest spread evenly).
    pub payday_early_ppm: i32,
    /// σ of forgetfulness across users (log-normal), thousandths.
    pub forgetfulness_sigma_milli: i32,
    /// Correlation of bureau score with savings and income against noise, parts per million of the variance.
    pub bureau_signal_ppm: i32,
    /// Households in which a child uses the phone.
    pub minor_at_home_ppm: i32,
}

/// A kind of user.
#[derive(Clone, Debug)]
pub struct Persona {
    /// Name.
    pub name: String,
    /// Share of users.
    pub share: Ppm,
    /// Youngest and oldest age.
    pub ages: (u8, u8),
    /// Share that are university students.
    pub student: Ppm,
    /// Chance of an active day.
    pub active: Ppm,
    /// Watching relative to the mean.
    pub watch: Ppm,
    /// Wishes to buy relative to the mean.
    pub demand: Ppm,
    /// Share that ever tips.
    pub tipper: Ppm,
    /// Income relative to the age band's median.
    pub income: Ppm,
    /// Forgetfulness relative to the median.
    pub forgetfulness: Ppm,
    /// Share with debt elsewhere (other lines among it) relative to all users.
    pub other_debt: Ppm,
}

/// Hosts.
#[derive(Clone, Debug)]
pub struct HostModel {
    /// Number of hosts.
    pub count: u16,
    /// Zipf exponent of popularity, thousandths (docs/rules.md §9.1).
    pub zipf_milli: i32,
    /// Daily persistence of popularity shocks (AR(1)), parts per million.
    pub persistence: Ppm,
    /// sd of the daily popularity shock in log terms, thousandths.
    pub shock_milli: i32,
    /// Strength with which popularity follows yesterday's tips and viewers.
    pub feedback: Ppm,
    /// Share of days on which a host streams.
    pub streams: Ppm,
}

/// Merchants.
#[derive(Clone, Debug)]
pub struct MerchantModel {
    /// Number of honest merchants by scene.
    pub count_by_scene: [u16; 4],
    /// Number of merchants that collude to cash out (at least 15).
    pub colluding: u16,
    /// Days to delivery by scene (least, most).
    pub ship_days: [(u8, u8); 4],
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
}
