//! The files about people, hosts and merchants.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::agents::traits::HostTraits;
use crate::scenario::document::units::{Factor, Number, Resolve, SCENES, Share, Yuan, factor_or_one, section};
use crate::scenario::plan::people::{MerchantModel, Persona, PopulationModel};

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
    pub(in crate::scenario) fn with(self, personas: Vec<Persona>) -> PopulationModel {
        PopulationModel {
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
    HostsFile => HostTraits {
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
