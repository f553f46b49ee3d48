//! The numbers that hold all day for everybody, worked out once from rules, season, events and economy.

use crate::agents::environment::{DayRates, scale};
use crate::agents::levers::{BuyLevers, FunnelLevers};
use crate::credit::terms::{TERM_MONTHS, TIERS};
use crate::economy::MacroMonth;
use crate::economy::season::DayFactors;
use crate::scenario::Rules;
use crate::world::dated_events::EventFactors;

/// Days of a mean month: 365.25 / 12.
const MONTH_DAYS_MILLI: i64 = 30_438;

/// What the rates of a day follow from.
pub(super) struct RatesFrom<'a> {
    /// Terms and levers in force.
    pub rules: &'a Rules,
    /// Economy of the month.
    pub economy: &'a MacroMonth,
    /// Season of the day.
    pub season: DayFactors,
    /// Events of the day.
    pub events: EventFactors,
    /// Percent of instalment interest that coupons of a campaign waive.
    pub coupon_percent: u8,
    /// Users who held an account at the last close, parts per million of all.
    pub holders_ppm: i64,
}

impl RatesFrom<'_> {
    /// The numbers of the day.
    pub(super) fn rates(&self) -> DayRates {
        let (terms, levers) = (&self.rules.terms, &self.rules.levers);
        let offered = terms.pricing.terms_offered;
        let buy = &levers.buy;
        // How much dearer the middle of the list is than the rate at which demand is as stated.
        let dearer_bp = i64::from(terms.pricing.tier_annual[TIERS / 2].0) - i64::from(buy.reference_annual_bp);
        DayRates {
            wish_ppm: self.wish_ppm(&levers.buy),
            watch_ppm: scale(i64::from(self.season.watch_ppm), self.events.watch_ppm),
            income_ppm: scale(i64::from(self.economy.income_index_ppm), self.events.income_ppm),
            impression_ppm: impression_ppm(&levers.funnel, self.holders_ppm),
            click_ppm: self.events.click_ppm,
            odds_ppm: odds_ppm(self.economy, levers.repay.residual_logit_milli_per_pp),
            terms_on_offer: std::array::from_fn(|i| if offered[i] { TERM_MONTHS[i] } else { 0 }),
            cards_on_offer: terms.cards.enabled,
            card_ppm: more(buy.card_ppm, i64::from(buy.rebate_pull_ppm), i64::from(terms.cards.redeem_rebate.0) * 100),
            rebate_ppm: i64::from(terms.cards.redeem_rebate.0),
            instalment_ppm: more(1_000_000, i64::from(buy.coupon_pull_ppm), i64::from(self.coupon_percent) * 10_000),
            tips_on_credit: terms.tips.enabled,
            tip_ppm: 1_000_000 + if terms.limits.tip_link.0 > 0 { i64::from(levers.tip.link_pull_ppm) } else { 0 },
            apply_ppm: more(1_000_000, i64::from(levers.funnel.price_elasticity_ppm), dearer_bp * 1_000_000 / 100)
                .max(0),
        }
    }

    /// Wishes of a mean user today: season, event, and the cycle of e-commerce with the strength of the model.
    fn wish_ppm(&self, buy: &BuyLevers) -> i64 {
        let cycle = i64::from(self.economy.spending_index_ppm) - 1_000_000;
        let cycle = 1_000_000 + scale(cycle, i64::from(buy.cycle_ppm));
        let mean_day = i64::from(buy.demand_per_month_milli) * 1_000_000 / MONTH_DAYS_MILLI;
        let demand = scale(i64::from(self.season.demand_ppm), self.events.demand_ppm);
        scale(scale(mean_day, demand), cycle)
    }
}

/// `base` and the part of it that a pull of `pull_ppm` adds at so much of what pulls.
fn more(base: i32, pull_ppm: i64, of_ppm: i64) -> i64 {
    i64::from(base) + scale(i64::from(base), scale(pull_ppm, of_ppm))
}

/// Chance of an impression: friends who hold an account show it to those who do not. No graph is stored; everybody's friends
/// are a fair sample of all users, so the share of holders among them is that among all.
fn impression_ppm(funnel: &FunnelLevers, holders_ppm: i64) -> i64 {
    let referred = 1_000_000 + scale(i64::from(funnel.referral_ppm), holders_ppm);
    scale(i64::from(funnel.impression_ppm), referred).min(1_000_000)
}

/// Odds of lateness relative to normal, parts per million: e^(residual × Δu + noise), docs/rules.md §4.8.
fn odds_ppm(economy: &MacroMonth, residual_logit_milli_per_pp: i32) -> i64 {
    let change_pp = f64::from(economy.unemployment_change_ppm) / 1e4;
    let logit = (f64::from(residual_logit_milli_per_pp) * change_pp + f64::from(economy.noise_logit_milli)) / 1e3;
    libm::round(1e6 * libm::exp(logit)) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn friends_who_hold_an_account_show_it() {
        let mut funnel = crate::testing::fixture::levers().funnel;
        (funnel.impression_ppm, funnel.referral_ppm) = (200_000, 0);
        assert_eq!(impression_ppm(&funnel, 500_000), 200_000, "without referral holders make no difference");
        funnel.referral_ppm = 3_000_000;
        assert_eq!(impression_ppm(&funnel, 0), 200_000);
        assert_eq!(impression_ppm(&funnel, 500_000), 500_000);
        assert_eq!(impression_ppm(&funnel, 1_000_000), 800_000);
        funnel.impression_ppm = 700_000;
        assert_eq!(impression_ppm(&funnel, 1_000_000), 1_000_000, "a chance is at most one");
    }
}
