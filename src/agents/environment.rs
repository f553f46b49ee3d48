//! What a day looks like to people: the date, the season, the economy, the hosts and merchants, and the draws prepared
//! as tables.

use crate::agents::host::HostTable;
use crate::agents::levers::Levers;
use crate::agents::merchant::MerchantTable;
use crate::base::random::QuantileTable;
use crate::base::time::CalendarDay;
use crate::economy::MacroMonth;

/// Quantile tables of a set of levers.
#[derive(Clone, Debug)]
pub struct DrawTables {
    /// Unit exponential, in parts per million.
    pub exponential_ppm: QuantileTable<2048>,
    /// Hour of the day of a session.
    pub hour: QuantileTable<512>,
    /// Minutes of a session of a mean user.
    pub minutes: QuantileTable<1024>,
    /// Sessions on an active day, at least 1.
    pub sessions: QuantileTable<256>,
    /// Ticket of a user with scale 1, fen.
    pub ticket_fen: QuantileTable<2048>,
    /// Tips in a session of a tipper.
    pub tips: QuantileTable<512>,
    /// Size of a tip relative to the user's usual one, per mille.
    pub tip_per_mille: QuantileTable<1024>,
}

/// σ of tips around a tipper's usual size (log-normal); most of the spread is between tippers.
const TIP_WITHIN_SIGMA: f64 = 0.8;

impl DrawTables {
    /// Tabulates the distributions of docs/rules.md §6 to §8.
    pub fn new(levers: &Levers) -> DrawTables {
        let watch = &levers.watch;
        let sessions_mean = f64::from(watch.sessions_mean_milli) / 1e3;
        let sigma = f64::from(watch.minutes_sigma_milli) / 1e3;
        // The mean of a log-normal is its median × exp(σ²/2).
        let minutes_median = f64::from(watch.minutes_mean) / sessions_mean / libm::exp(sigma * sigma / 2.0);
        let ticket_sigma = f64::from(levers.buy.ticket_sigma_milli) / 1e3;
        DrawTables {
            exponential_ppm: QuantileTable::new(|p| -1e6 * libm::log(1.0 - p)),
            hour: QuantileTable::new(|p| hour_quantile(&watch.hour_weights, p)),
            minutes: QuantileTable::new(|p| (minutes_median * libm::exp(sigma * normal_quantile(p))).max(1.0)),
            sessions: QuantileTable::new(|p| 1.0 + poisson_quantile(sessions_mean - 1.0, p)),
            ticket_fen: QuantileTable::new(|p| {
                f64::from(levers.buy.ticket_median_fen) * libm::exp(ticket_sigma * normal_quantile(p))
            }),
            tips: QuantileTable::new(|p| poisson_quantile(f64::from(levers.tip.per_session_milli) / 1e3, p)),
            tip_per_mille: QuantileTable::new(|p| 1e3 * libm::exp(TIP_WITHIN_SIGMA * normal_quantile(p))),
        }
    }
}

fn hour_quantile(weights: &[u32; 24], p: f64) -> f64 {
    let total = f64::from(weights.iter().sum::<u32>());
    let mut below = 0.0;
    for (hour, weight) in weights.iter().enumerate() {
        below += f64::from(*weight);
        if p * total < below {
            return hour as f64;
        }
    }
    23.0
}

fn poisson_quantile(mean: f64, p: f64) -> f64 {
    let (mut k, mut term) = (0.0, libm::exp(-mean));
    let mut below = term;
    while below < p && k < 100.0 {
        k += 1.0;
        term *= mean / k;
        below += term;
    }
    k
}

/// Quantile of the standard normal: Acklam's rational approximation (2003), relative error below 1.2e-9.
pub(crate) fn normal_quantile(p: f64) -> f64 {
    const A: [f64; 6] = [
        -3.969683028665376e1,
        2.209460984245205e2,
        -2.759285104469687e2,
        1.38357751867269e2,
        -3.066479806614716e1,
        2.506628277459239,
    ];
    const B: [f64; 5] =
        [-5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1, -1.328068155288572e1];
    const C: [f64; 6] = [
        -7.784894002430293e-3,
        -3.223964580411365e-1,
        -2.400758277161838,
        -2.549732539343734,
        4.374664141464968,
        2.938163982698783,
    ];
    const D: [f64; 4] = [7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416];
    let horner = |c: &[f64], x: f64| c.iter().fold(0.0, |sum, k| sum * x + k);
    let tail = |p: f64| {
        let q = libm::sqrt(-2.0 * libm::log(p));
        horner(&C, q) / (horner(&D, q) * q + 1.0)
    };
    if p < 0.02425 {
        tail(p)
    } else if p > 1.0 - 0.02425 {
        -tail(1.0 - p)
    } else {
        let q = p - 0.5;
        let r = q * q;
        horner(&A, r) * q / (horner(&B, r) * r + 1.0)
    }
}

/// What a day does to everybody, worked out once from season, events, economy and rules.
#[derive(Clone, Copy, Debug)]
pub struct DayRates {
    /// Wishes to buy of a mean user today, parts per million: season, event and cycle included.
    pub wish_ppm: i64,
    /// Factor on watching, parts per million.
    pub watch_ppm: i64,
    /// Factor on incomes of those in work, parts per million (index and events).
    pub income_ppm: i64,
    /// Chance that a session shows the entry to a user without an account: the lever's, and what friends add to it.
    pub impression_ppm: i64,
    /// Factor on clicks (campaigns), parts per million.
    pub click_ppm: i64,
    /// Odds of lateness relative to normal, parts per million (residual channel and systematic noise).
    pub odds_ppm: i64,
    /// Instalment terms on offer, in months, 0 for none.
    pub terms_on_offer: [u8; 4],
    /// Shopping cards are on offer.
    pub cards_on_offer: bool,
    /// Share of wishes that are shopping cards, parts per million: more with a rebate.
    pub card_ppm: i64,
    /// Rebate on redeeming a card, parts per million.
    pub rebate_ppm: i64,
    /// Factor on the wish for instalments, parts per million (coupons).
    pub instalment_ppm: i64,
    /// Tips may be given on credit.
    pub tips_on_credit: bool,
    /// Factor on tips on credit, parts per million.
    pub tip_ppm: i64,
    /// Factor on applications, parts per million (the price list).
    pub apply_ppm: i64,
}

/// A day as people see it.
#[derive(Clone, Copy, Debug)]
pub struct Environment<'a> {
    /// The date.
    pub calendar: &'a CalendarDay,
    /// Knobs in force.
    pub levers: &'a Levers,
    /// Draws prepared from them.
    pub draws: &'a DrawTables,
    /// The economy of the month.
    pub economy: &'a MacroMonth,
    /// Hosts of the day.
    pub hosts: &'a HostTable,
    /// Merchants.
    pub merchants: &'a MerchantTable,
    /// Numbers that hold all day.
    pub rates: DayRates,
}

/// `value` × `factor` parts per million, rounded down.
#[inline]
pub(crate) const fn scale(value: i64, factor_ppm: i64) -> i64 {
    value * factor_ppm / 1_000_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_of_known_distributions() {
        assert!((normal_quantile(0.975) - 1.959963985).abs() < 1e-8);
        assert!((normal_quantile(0.001) + 3.090232306).abs() < 1e-7);
        assert_eq!(poisson_quantile(2.0, 0.13), 0.0);
        assert_eq!(poisson_quantile(2.0, 0.5), 2.0);
        let mut weights = [0; 24];
        weights[20] = 3;
        weights[21] = 1;
        assert_eq!((hour_quantile(&weights, 0.7), hour_quantile(&weights, 0.8)), (20.0, 21.0));
    }
}
