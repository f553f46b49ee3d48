//! What the dated events of a world do to a day: festivals, campaigns, shocks to income, partners who withdraw.

use crate::base::ids::MAX_PARTNERS;
use crate::base::money::Ppm;
use crate::base::time::Day;
use crate::scenario::{Event, EventKind, Rules};

/// A factor that changes nothing, parts per million.
const NO_CHANGE: i64 = 1_000_000;

/// What dated events do to what people do on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct EventFactors {
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
        EventFactors { demand_ppm: NO_CHANGE, watch_ppm: NO_CHANGE, income_ppm: NO_CHANGE, click_ppm: NO_CHANGE }
    }
}

/// A campaign of the lender; all zero is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Campaign {
    /// Share of accounts that get a temporary raise, parts per million.
    pub raise_share_ppm: i32,
    /// Percent of instalment interest that coupons waive.
    pub coupon_percent: u8,
}

/// What dated events do to a day.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct DatedEvents {
    /// To what people do.
    pub factors: EventFactors,
    /// To what the lender offers.
    pub campaign: Campaign,
    /// Partners who have withdrawn.
    pub withdrawn: [bool; MAX_PARTNERS],
}

impl DatedEvents {
    /// The events of a day under the rules of that day.
    pub(super) fn on(day: Day, events: &[Event], rules: &Rules) -> DatedEvents {
        let mut factors = EventFactors::default();
        // A campaign of the terms runs on its own; an event of the same day adds nothing to it but what is larger.
        let coupon_percent = |coupon: Ppm| (coupon.0 / 10_000) as u8;
        let mut campaign = Campaign {
            raise_share_ppm: rules.terms.limits.campaign_share.0,
            coupon_percent: coupon_percent(rules.terms.pricing.coupon),
        };
        let mut runs = campaign != Campaign::default();
        let mut withdrawn = [false; MAX_PARTNERS];
        let by = |factor: &mut i64, times: Ppm| *factor = *factor * i64::from(times.0) / NO_CHANGE;
        for event in events.iter().filter(|event| event.from <= day && day < event.until) {
            match &event.what {
                EventKind::Festival { demand, watch } => {
                    by(&mut factors.demand_ppm, *demand);
                    by(&mut factors.watch_ppm, *watch);
                }
                EventKind::Campaign { raise_share, coupon } => {
                    campaign.raise_share_ppm = campaign.raise_share_ppm.max(raise_share.0);
                    campaign.coupon_percent = campaign.coupon_percent.max(coupon_percent(*coupon));
                    runs = true;
                }
                EventKind::IncomeShock { income } => by(&mut factors.income_ppm, *income),
                EventKind::PartnerWithdrawal { partner } => withdrawn[*partner] = true,
            }
        }
        if runs {
            by(&mut factors.click_ppm, Ppm(rules.levers.funnel.campaign_click_ppm));
        }
        DatedEvents { factors, campaign, withdrawn }
    }
}
