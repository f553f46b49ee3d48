//! The files about everything but the product: people, hosts, merchants, economy paths, seasons, appetite, targets.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::base::money::Ppm;
use crate::economy::path::{PathSpec, PublishedQuarter};
use crate::scenario::document::units::{Factor, MonthDay, Number, Rate, Resolve, SCENES, Share, Signed, Yuan, section};
use crate::scenario::{Appetite, HostModel, MerchantModel, Persona, Season, Target};

section! {
    /// `models/population.toml`.
    PopulationFile => PopulationNumbers {
        /// Shape of the gamma of purchase wishes across users.
        #[schemars(range(min = 0.05, max = 20))]
        demand_shape_milli as "demand_shape": Number,
        /// Exponent with which wishes and tickets follow income.
        #[schemars(range(min = 0, max = 2))]
        demand_income_exponent_milli as "demand_income_exponent": Number,
        /// σ of a user's ticket scale (log-normal); the total σ of tickets includes it.
        #[schemars(range(min = 0, max = 3))]
        ticket_user_sigma_milli as "ticket_user_sigma": Number,
        /// σ of tips across tippers (log-normal).
        #[schemars(range(min = 0, max = 4))]
        tip_sigma_milli as "tip_sigma": Number,
        /// σ of monthly income within an age band.
        #[schemars(range(min = 0, max = 3))]
        income_sigma_milli as "income_sigma": Number,
        /// Median annual income of earners aged 18–24, 25–29, 30–35, 36–45, over 45.
        income_median_fen as "income_median_yuan": [Yuan; 5],
        /// Median savings in monthly incomes.
        #[schemars(range(min = 0, max = 100))]
        savings_median_milli as "savings_median": Number,
        /// σ of savings (log-normal).
        #[schemars(range(min = 0, max = 4))]
        savings_sigma_milli as "savings_sigma": Number,
        /// Share of users with debt elsewhere.
        other_debt_ppm as "other_debt": Share,
        /// Median debt elsewhere, in annual incomes.
        #[schemars(range(min = 0, max = 10))]
        other_debt_median_milli as "other_debt_median": Number,
        /// Monthly service of that debt, share of it.
        other_service_ppm as "other_service": Share,
        /// Living cost outside the product, share of income, at the median.
        living_share_ppm as "living_share": Share,
        /// Share of users in the app from the first day.
        present_at_start_ppm as "present_at_start": Share,
        /// Share of paydays in the first ten days of the month.
        payday_early_ppm as "payday_early": Share,
        /// σ of forgetfulness across users (log-normal).
        #[schemars(range(min = 0, max = 3))]
        forgetfulness_sigma_milli as "forgetfulness_sigma": Number,
        /// Share of the variance of the bureau score that savings and income explain.
        bureau_signal_ppm as "bureau_signal": Share,
        /// Households in which a child uses the phone.
        minor_at_home_ppm as "minor_at_home": Share,
    }
}

/// The numbers of the population without its personas.
pub(in crate::scenario) struct PopulationNumbers {
    demand_shape_milli: i32,
    demand_income_exponent_milli: i32,
    ticket_user_sigma_milli: i32,
    tip_sigma_milli: i32,
    income_sigma_milli: i32,
    income_median_fen: [i64; 5],
    savings_median_milli: i32,
    savings_sigma_milli: i32,
    other_debt_ppm: i32,
    other_debt_median_milli: i32,
    other_service_ppm: i32,
    living_share_ppm: i32,
    present_at_start_ppm: i32,
    payday_early_ppm: i32,
    forgetfulness_sigma_milli: i32,
    bureau_signal_ppm: i32,
    minor_at_home_ppm: i32,
}

impl PopulationNumbers {
    /// The model with its personas.
    pub(in crate::scenario) fn with(self, personas: Vec<Persona>) -> crate::scenario::PopulationModel {
        crate::scenario::PopulationModel {
            personas,
            demand_shape_milli: self.demand_shape_milli,
            demand_income_exponent_milli: self.demand_income_exponent_milli,
            ticket_user_sigma_milli: self.ticket_user_sigma_milli,
            tip_sigma_milli: self.tip_sigma_milli,
            income_sigma_milli: self.income_sigma_milli,
            income_median_fen: self.income_median_fen,
            savings_median_milli: self.savings_median_milli,
            savings_sigma_milli: self.savings_sigma_milli,
            other_debt_ppm: self.other_debt_ppm,
            other_debt_median_milli: self.other_debt_median_milli,
            other_service_ppm: self.other_service_ppm,
            living_share_ppm: self.living_share_ppm,
            present_at_start_ppm: self.present_at_start_ppm,
            payday_early_ppm: self.payday_early_ppm,
            forgetfulness_sigma_milli: self.forgetfulness_sigma_milli,
            bureau_signal_ppm: self.bureau_signal_ppm,
            minor_at_home_ppm: self.minor_at_home_ppm,
        }
    }
}

/// A persona of `models/personas/*.toml`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct PersonaFile {
    /// Share of users.
    share: Share,
    /// Youngest and oldest age.
    #[schemars(inner(range(min = 14, max = 90)))]
    ages: [u8; 2],
    /// Share that are university students.
    student: Share,
    /// Chance of an active day.
    active: Share,
    /// Watching relative to the mean.
    watch: Factor,
    /// Wishes to buy relative to the mean.
    demand: Factor,
    /// Share that ever tips.
    tipper: Share,
    /// Income relative to the age band's median.
    income: Factor,
    /// Forgetfulness relative to the median.
    forgetfulness: Factor,
    /// Share with debt elsewhere relative to all users (1 when absent).
    #[serde(default)]
    #[schemars(range(max = 10))]
    other_debt: Option<Factor>,
}

impl PersonaFile {
    /// The persona under its name.
    pub(in crate::scenario) fn persona(&self, name: &str) -> Persona {
        Persona {
            name: name.to_owned(),
            share: self.share.resolve(),
            ages: self.ages.resolve(),
            student: self.student.resolve(),
            active: self.active.resolve(),
            watch: self.watch.resolve(),
            demand: self.demand.resolve(),
            tipper: self.tipper.resolve(),
            income: self.income.resolve(),
            forgetfulness: self.forgetfulness.resolve(),
            other_debt: factor_or_one(self.other_debt),
        }
    }
}

section! {
    /// `models/hosts.toml`.
    HostsFile => HostModel {
        /// Number of hosts.
        #[schemars(range(min = 1, max = 20000))]
        count: u16,
        /// Zipf exponent of popularity.
        #[schemars(range(min = 0, max = 3))]
        zipf_milli as "zipf": Number,
        /// Daily persistence of popularity shocks.
        persistence: Share,
        /// sd of the daily popularity shock in log terms.
        #[schemars(range(min = 0, max = 3))]
        shock_milli as "shock": Number,
        /// Strength with which popularity follows yesterday's tips and viewers.
        feedback: Share,
        /// Share of days on which a host streams.
        streams: Share,
    }
}

section! {
    /// `models/merchants.toml`.
    MerchantsFile => MerchantModel {
        /// Honest merchants: live shopping, local services, virtual top-ups, content.
        #[schemars(inner(range(min = 1, max = 10000)))]
        count_by_scene: [u16; SCENES],
        /// Merchants that collude to cash out.
        #[schemars(range(min = 15, max = 10000))]
        colluding: u16,
        /// Days to delivery (least, most) by scene.
        ship_days: [[u8; 2]; SCENES],
    }
}

section! {
    /// `models/appetite.toml`.
    AppetiteFile => Appetite {
        /// 30+ DPD share at which the PD cutoff is as stated.
        overdue_30_normal: Share,
        /// Fall of the cutoff for each percentage point above it.
        cutoff_per_pp: Share,
        /// Fall of limit raises for each percentage point above it.
        raise_per_pp: Share,
        /// Weight of the four-quarter change of unemployment, points of 30+ per point.
        unemployment_weight: Factor,
        /// Least factor.
        floor: Share,
    }
}

/// A season of `models/seasons.toml`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct SeasonFile {
    /// First month and day.
    from: MonthDay,
    /// Last month and day.
    to: MonthDay,
    /// Factor on purchases.
    #[schemars(range(max = 10))]
    demand: Factor,
    /// Factor on watching.
    #[schemars(range(max = 10))]
    watch: Factor,
}

impl SeasonFile {
    /// The season under its name.
    pub(in crate::scenario) fn season(&self, name: &str) -> Season {
        Season {
            name: name.to_owned(),
            from: self.from.resolve(),
            to: self.to.resolve(),
            demand: self.demand.resolve(),
            watch: self.watch.resolve(),
        }
    }
}

/// A path of the economy, `models/economy/*.toml`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct EconomyFile {
    /// Unemployment in normal times.
    #[schemars(range(max = 0.5))]
    base: Share,
    /// Unemployment at the peak (the base: a flat path).
    #[schemars(range(max = 0.5))]
    peak: Share,
    /// Counted month in which the rise starts.
    #[schemars(range(max = 600))]
    start_month: u16,
    /// Months from base to peak.
    #[schemars(range(min = 1, max = 600))]
    rise_months: u16,
    /// Months at the peak.
    #[schemars(range(max = 600))]
    hold_months: u16,
    /// Months in which half of the excess goes away.
    #[schemars(range(min = 1, max = 600))]
    half_life_months: u16,
    /// Fall of the income of those in work at the peak.
    income_drop: Share,
    /// Fall of e-commerce sales per head at the peak.
    spending_drop: Share,
    /// One-year loan prime rate.
    #[schemars(range(max = 0.3))]
    lpr: Rate,
    /// Cut of it at the peak.
    #[schemars(range(max = 0.3))]
    lpr_cut: Rate,
    /// Real GDP growth on the year in normal times.
    gdp_growth: Signed,
    /// Fall of that growth at the peak.
    gdp_drop: Share,
    /// Consumer prices on the year.
    cpi: Signed,
    /// Growth of incomes a year in normal times.
    income_growth_annual: Signed,
    /// Chance a month that an unemployed person finds work in normal times.
    finding: Share,
    /// Fall of consumer confidence at the peak.
    confidence_drop: Share,
    /// Innovation sd of the systematic noise on the default logit, a quarter.
    #[schemars(range(min = 0, max = 2))]
    noise_sd: Number,
    /// Its persistence a quarter.
    noise_phi: Share,
    /// Quarters of a published path in place of the rise and fall; the first is the first counted one.
    #[serde(default)]
    #[schemars(length(max = 200))]
    quarters: Vec<QuarterFile>,
}

/// A quarter of a published path, at its end.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct QuarterFile {
    /// Unemployment.
    #[schemars(range(max = 0.5))]
    unemployment: Share,
    /// Income of those in work over its trend.
    income: Factor,
    /// E-commerce sales per head over their trend.
    spending: Factor,
    /// Real GDP growth on the year.
    gdp_growth: Signed,
    /// Consumer prices on the year.
    cpi: Signed,
    /// One-year loan prime rate.
    #[schemars(range(max = 0.3))]
    lpr: Rate,
    /// Consumer confidence, 1 is normal.
    confidence: Factor,
}

impl QuarterFile {
    fn quarter(&self) -> PublishedQuarter {
        PublishedQuarter {
            unemployment_ppm: self.unemployment.resolve(),
            income_ppm: self.income.resolve(),
            spending_ppm: self.spending.resolve(),
            gdp_growth_ppm: self.gdp_growth.resolve(),
            cpi_ppm: self.cpi.resolve(),
            lpr_bp: self.lpr.resolve(),
            confidence_ppm: self.confidence.resolve(),
        }
    }
}

impl EconomyFile {
    /// The parameters of the path under its name.
    pub(in crate::scenario) fn spec(&self, name: &str) -> PathSpec {
        PathSpec {
            name: name.to_owned(),
            base_ppm: self.base.resolve(),
            peak_ppm: self.peak.resolve(),
            start_month: self.start_month,
            rise_months: self.rise_months,
            hold_months: self.hold_months,
            half_life_months: self.half_life_months,
            income_drop_ppm: self.income_drop.resolve(),
            spending_drop_ppm: self.spending_drop.resolve(),
            lpr_bp: self.lpr.resolve(),
            lpr_cut_bp: self.lpr_cut.resolve(),
            gdp_growth_ppm: self.gdp_growth.resolve(),
            gdp_drop_ppm: self.gdp_drop.resolve(),
            cpi_ppm: self.cpi.resolve(),
            income_growth_annual_ppm: self.income_growth_annual.resolve(),
            finding_ppm: self.finding.resolve(),
            confidence_drop_ppm: self.confidence_drop.resolve(),
            noise_sd_milli: self.noise_sd.resolve(),
            noise_phi_ppm: self.noise_phi.resolve(),
            quarters: self.quarters.iter().map(QuarterFile::quarter).collect(),
        }
    }
}

/// The grade of a number: the product's own profile, official, secondary, weak.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
pub(in crate::scenario) enum Grade {
    /// The product's own published profile.
    S,
    /// Official or computed.
    H,
    /// A secondary source.
    M,
    /// Weak, or an assumption.
    L,
}

impl Grade {
    /// Its letter.
    pub(in crate::scenario) fn letter(self) -> char {
        match self {
            Grade::S => 'S',
            Grade::H => 'H',
            Grade::M => 'M',
            Grade::L => 'L',
        }
    }
}

/// A row of `models/targets/*.toml`, under the key of its measure.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct TargetFile {
    /// Middle of the accepted band, in the unit of the measure.
    target: f64,
    /// Lower end.
    low: f64,
    /// Upper end.
    high: f64,
    /// Grade.
    grade: Grade,
    /// Where it comes from.
    #[schemars(length(min = 3))]
    source: String,
}

impl TargetFile {
    /// The target for `measure`.
    pub(in crate::scenario) fn target(&self, measure: &str) -> Target {
        Target {
            measure: measure.to_owned(),
            target: self.target,
            low: self.low,
            high: self.high,
            grade: self.grade.letter(),
            source: self.source.clone(),
        }
    }
}

/// A factor of an event; one when it is not given.
pub(in crate::scenario) fn factor_or_one(factor: Option<Factor>) -> Ppm {
    factor.map_or(Ppm::ONE, |f| f.resolve())
}
