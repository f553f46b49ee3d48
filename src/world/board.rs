//! The board of a day: everything that all cells of a world read and none writes.

use crate::agents::environment::{DayRates, DrawTables, Environment, scale};
use crate::agents::host::HostTable;
use crate::agents::levers::{BuyLevers, FunnelLevers};
use crate::agents::merchant::MerchantTable;
use crate::base::random::{DayKey, RunKey};
use crate::base::time::{Calendar, CalendarDay};
use crate::credit::terms::{TERM_MONTHS, TIERS};
use crate::credit::{Controls, Prices, Today};
use crate::economy::MacroMonth;
use crate::economy::season::DayFactors;
use crate::scenario::Rules;

/// Days of a mean month: 365.25 / 12.
const MONTH_DAYS_MILLI: i64 = 30_438;

/// Rules with the tables prepared from them.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// Terms and levers.
    pub rules: Rules,
    /// Prices of the engine.
    pub prices: Prices,
    /// Draws of the agents.
    pub draws: DrawTables,
}

impl Prepared {
    /// Prepares rules.
    pub fn new(rules: &Rules) -> Prepared {
        Prepared { prices: Prices::new(&rules.terms), draws: DrawTables::new(&rules.levers), rules: rules.clone() }
    }
}

/// What dated events do to a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventFactors {
    /// On purchases, parts per million.
    pub demand_ppm: i64,
    /// On watching.
    pub watch_ppm: i64,
    /// On wages.
    pub income_ppm: i64,
    /// On clicks.
    pub click_ppm: i64,
}

impl Default for EventFactors {
    fn default() -> Self {
        EventFactors { demand_ppm: 1_000_000, watch_ppm: 1_000_000, income_ppm: 1_000_000, click_ppm: 1_000_000 }
    }
}

/// The board of one world and day.
#[derive(Clone, Debug)]
pub struct Board<'a> {
    /// The date.
    pub calendar: &'a CalendarDay,
    /// The run.
    pub run: &'a Calendar,
    /// Rules in force.
    pub prepared: &'a Prepared,
    /// Economy of the month.
    pub economy: &'a MacroMonth,
    /// Hosts of the day.
    pub hosts: &'a HostTable,
    /// Merchants.
    pub merchants: &'a MerchantTable,
    /// Controls of the day.
    pub controls: &'a Controls,
    /// Season of the day.
    pub season: DayFactors,
    /// Events of the day.
    pub events: EventFactors,
    /// Odds of lateness relative to normal, parts per million.
    pub odds_ppm: i64,
    /// Users who held an account at the last close, parts per million of all.
    pub holders_ppm: i64,
    /// Key of the run.
    pub key: RunKey,
}

/// `base` and the part of it that a pull of `pull_ppm` adds at so much of what pulls.
fn more(base: i32, pull_ppm: i64, of_ppm: i64) -> i64 {
    i64::from(base) + scale(i64::from(base), scale(pull_ppm, of_ppm))
}

impl<'a> Board<'a> {
    /// The day as the engine sees it.
    pub fn today(&self) -> Today<'_> {
        Today {
            calendar: self.calendar,
            run: self.run,
            terms: &self.prepared.rules.terms,
            prices: &self.prepared.prices,
            controls: self.controls,
            key: self.key,
            #[cfg(test)]
            guard_off: None,
        }
    }

    /// The key of one of the world's users on this day.
    #[inline]
    pub fn key_of(&self, user: u32) -> DayKey {
        self.key.user(user).day(self.calendar.day.0)
    }

    /// The day as people see it.
    pub fn environment(&self) -> Environment<'a> {
        self.environment_at(self.rates())
    }

    /// The same at rates that were worked out before.
    #[inline]
    pub fn environment_at(&self, rates: DayRates) -> Environment<'a> {
        Environment {
            calendar: self.calendar,
            levers: &self.prepared.rules.levers,
            draws: &self.prepared.draws,
            economy: self.economy,
            hosts: self.hosts,
            merchants: self.merchants,
            rates,
        }
    }

    /// The numbers of the day.
    pub fn rates(&self) -> DayRates {
        let (terms, levers) = (&self.prepared.rules.terms, &self.prepared.rules.levers);
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
            odds_ppm: self.odds_ppm,
            terms_on_offer: std::array::from_fn(|i| if offered[i] { TERM_MONTHS[i] } else { 0 }),
            cards_on_offer: terms.cards.enabled,
            card_ppm: more(buy.card_ppm, i64::from(buy.rebate_pull_ppm), i64::from(terms.cards.redeem_rebate.0) * 100),
            rebate_ppm: i64::from(terms.cards.redeem_rebate.0),
            instalment_ppm: more(
                1_000_000,
                i64::from(buy.coupon_pull_ppm),
                i64::from(self.controls.coupon_percent) * 10_000,
            ),
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

/// Chance of an impression: friends who hold an account show it to those who do not. No graph is stored; everybody's friends
/// are a fair sample of all users, so the share of holders among them is that among all.
fn impression_ppm(funnel: &FunnelLevers, holders_ppm: i64) -> i64 {
    let referred = 1_000_000 + scale(i64::from(funnel.referral_ppm), holders_ppm);
    scale(i64::from(funnel.impression_ppm), referred).min(1_000_000)
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
