//! Who is in the worlds: users, hosts, merchants.

use crate::base::money::Ppm;

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
