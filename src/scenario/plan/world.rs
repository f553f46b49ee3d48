//! A world of a scenario, and what all of them share besides people: seasons and the appetite of the lender.

use crate::base::money::Ppm;
use crate::base::time::Day;
use crate::economy::EconomyPath;
use crate::scenario::plan::rules::Rules;

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
        /// Index of the partner in the product's list.
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
