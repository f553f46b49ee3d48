//! The files about the economy: its paths, the seasons of the year, the risk appetite of the lender.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::economy::path::{PathSpec, PublishedQuarter};
use crate::scenario::document::units::{Factor, MonthDay, Number, Rate, Resolve, Share, Signed, section};
use crate::scenario::plan::world::{Appetite, Season};

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
