//! `[[worlds]]` of a scenario: an economy, policies from their dates on, dated events.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::scenario::document::units::{Date, Factor, Resolve, Share, factor_or_one};
use crate::scenario::plan::world::{Event, EventKind};

/// A world.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct WorldFile {
    /// Name in results: lower-case letters, digits, hyphens.
    #[schemars(regex(pattern = "^[a-z0-9][a-z0-9-]*$"))]
    pub(in crate::scenario) name: String,
    /// Economy path: the stem of a file under `models/economy/`.
    pub(in crate::scenario) economy: String,
    /// Policies with the date from which they hold.
    #[serde(default)]
    #[allow(dead_code, reason = "read from the document")]
    policies: Vec<PolicyFile>,
    /// Laws of `models/laws.toml` that do not come in this world.
    #[serde(default)]
    #[allow(dead_code, reason = "read from the document")]
    without_laws: Vec<String>,
    /// Dated events.
    #[serde(default)]
    pub(in crate::scenario) events: Vec<EventFile>,
}

/// A policy from a date on: a file under `models/policies/`, values of its own, or both.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct PolicyFile {
    /// Stem of a file under `models/policies/`.
    #[serde(default)]
    #[allow(dead_code, reason = "a label; the reader has taken the file's values over")]
    name: Option<String>,
    /// First day on which it holds.
    #[allow(dead_code, reason = "read from the tree")]
    from: Date,
    /// Values that it changes (keys of product, behaviour and partners).
    #[serde(default)]
    #[allow(dead_code, reason = "read from the tree")]
    set: BTreeMap<String, Value>,
}

/// What an event does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::scenario) enum EventKindFile {
    /// Demand and watching are multiplied (`demand`, `watch`).
    Festival,
    /// Raises and interest-free coupons are on offer (`raise_share`, `coupon`).
    Campaign,
    /// Wages are multiplied (`income`).
    IncomeShock,
    /// A partner lends nothing (`partner`).
    PartnerWithdrawal,
}

/// A dated event.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct EventFile {
    /// What it does.
    pub(in crate::scenario) kind: EventKindFile,
    /// First day.
    pub(in crate::scenario) from: Date,
    /// First day on which it is over.
    pub(in crate::scenario) until: Date,
    /// Festival: factor on purchases.
    #[serde(default)]
    #[schemars(range(max = 10))]
    pub(in crate::scenario) demand: Option<Factor>,
    /// Festival: factor on watching.
    #[serde(default)]
    #[schemars(range(max = 10))]
    pub(in crate::scenario) watch: Option<Factor>,
    /// Campaign: share of open accounts that get the raise.
    #[serde(default)]
    pub(in crate::scenario) raise_share: Option<Share>,
    /// Campaign: share of instalment interest that coupons waive.
    #[serde(default)]
    pub(in crate::scenario) coupon: Option<Share>,
    /// Income shock: factor on wages.
    #[serde(default)]
    #[schemars(range(max = 2))]
    pub(in crate::scenario) income: Option<Factor>,
    /// Withdrawal: name of the partner.
    #[serde(default)]
    pub(in crate::scenario) partner: Option<String>,
}

impl WorldFile {
    /// Its events in order of their days. `partners` are those of the product.
    pub(in crate::scenario) fn events(&self, partners: &[String]) -> Vec<Event> {
        let mut events: Vec<Event> = self.events.iter().filter_map(|event| event.event(partners)).collect();
        events.sort_by_key(|event| (event.from, event.until));
        events
    }
}

impl EventFile {
    /// `None` only for what the cross-field rules refuse: dates that are none, partners that are unknown.
    fn event(&self, partners: &[String]) -> Option<Event> {
        let what = match self.kind {
            EventKindFile::Festival => {
                EventKind::Festival { demand: factor_or_one(self.demand), watch: factor_or_one(self.watch) }
            }
            EventKindFile::Campaign => EventKind::Campaign {
                raise_share: self.raise_share.map(|share| share.resolve()).unwrap_or_default(),
                coupon: self.coupon.map(|share| share.resolve()).unwrap_or_default(),
            },
            EventKindFile::IncomeShock => EventKind::IncomeShock { income: factor_or_one(self.income) },
            EventKindFile::PartnerWithdrawal => EventKind::PartnerWithdrawal {
                partner: partners.iter().position(|name| Some(name) == self.partner.as_ref())?,
            },
        };
        Some(Event { from: Date::day(&self.from.0)?, until: Date::day(&self.until.0)?, what })
    }
}
