//! The macro-economy as the simulation sees it: a path of months with unemployment, incomes, rates and job flows, and
//! the seasons of demand. It knows no users and no credit.

pub(crate) mod labour;
pub(crate) mod path;
pub(crate) mod season;

/// Age bands with their own unemployment: 16–24, 25–29, 30–59.
pub(crate) const LABOUR_BANDS: usize = 3;

/// One month of the economy. Rates in parts per million unless the name says otherwise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MacroMonth {
    /// Urban surveyed unemployment, headline.
    pub unemployment_ppm: i32,
    /// Unemployment by age band.
    pub band_unemployment_ppm: [i32; LABOUR_BANDS],
    /// Chance that an employed person loses the job in this month, by age band.
    pub separation_ppm: [i32; LABOUR_BANDS],
    /// Chance that an unemployed person finds one in this month.
    pub finding_ppm: i32,
    /// Income of those in work, 1,000,000 at the start of the run.
    pub income_index_ppm: i32,
    /// E-commerce sales per head, 1,000,000 at the start of the run.
    pub spending_index_ppm: i32,
    /// Consumer confidence, 1,000,000 is normal.
    pub confidence_ppm: i32,
    /// Real GDP growth on the year.
    pub gdp_growth_ppm: i32,
    /// Consumer prices on the year.
    pub cpi_ppm: i32,
    /// One-year loan prime rate in basis points.
    pub lpr_bp: i32,
    /// Change of unemployment over four quarters, parts per million (drives the residual channel).
    pub unemployment_change_ppm: i32,
    /// Systematic noise on the default logit, thousandths (AR(1), docs/rules.md §4.6).
    pub noise_logit_milli: i32,
}

/// A path: one entry a month of the run, warm-up months first.
#[derive(Clone, Debug, PartialEq)]
pub struct EconomyPath {
    /// Name in reports.
    pub name: String,
    /// The months.
    pub months: Vec<MacroMonth>,
}
