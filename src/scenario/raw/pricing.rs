//! `[pricing]` of `models/products/*.toml` as people write it; it resolves to `credit::terms::Pricing`.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::base::money::BasisPoints;
use crate::credit::terms::{self, InstalmentPricing, LateInterest, TIERS};
use crate::scenario::document::units::{Factor, Rate, Resolve, Share};

/// How instalments are priced.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::scenario) enum InstalmentKind {
    /// Level payments whose IRR is the account's annual rate.
    Irr,
    /// A flat fee.
    FlatFee,
    /// Equal principal, with interest on what remains.
    EqualPrincipal,
}

/// What late principal bears instead of contract interest.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::scenario) enum LateKind {
    /// The product's own published rate, `penalty_daily`.
    Published,
    /// The contract rate and `late_surcharge` of it.
    Surcharge,
}

/// When the first part of an instalment loan comes.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::scenario) enum FirstPeriod {
    /// With the next statement; it bears the interest of its days.
    Days,
    /// With the statement after the next one; it bears the interest of one period.
    NextCycle,
}

impl Resolve<terms::FirstPeriod> for FirstPeriod {
    fn resolve(&self) -> terms::FirstPeriod {
        match self {
            FirstPeriod::Days => terms::FirstPeriod::Days,
            FirstPeriod::NextCycle => terms::FirstPeriod::NextCycle,
        }
    }
}

/// What it costs.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct Pricing {
    /// Lowest and highest contract rate of the product.
    #[allow(dead_code, reason = "read from the document")]
    annual_range: [Rate; 2],
    /// Nominal annual rate by tier.
    tier_annual: [Rate; TIERS],
    /// How instalments are priced.
    instalments: InstalmentKind,
    /// Flat fee of the whole term for 3, 6, 9, 12 months (used with `instalments = "flat_fee"`).
    flat_fee: [Rate; 4],
    /// Factor on the flat fee by tier.
    #[schemars(inner(range(max = 2)))]
    flat_fee_by_tier: [Factor; TIERS],
    /// Whether 3, 6, 9, 12 months are offered.
    terms_offered: [bool; 4],
    /// What overdue principal bears instead of contract interest.
    late_interest: LateKind,
    /// Surcharge on the contract rate, as a share of it (used with `late_interest = "surcharge"`).
    late_surcharge: Share,
    /// Published late interest a day on overdue principal (used with `late_interest = "published"`).
    #[schemars(range(max = 0.01), extend("x-unit" = "a rate a day as a ratio: 0.05 % a day is 0.0005"))]
    penalty_daily: Share,
    /// When the first part of an instalment loan comes.
    first_period: FirstPeriod,
    /// What is given back before its first bill bears no interest.
    refund_free_before_first_bill: bool,
    /// Interest runs from the day of drawing.
    interest_from_day_one: bool,
    /// Highest nominal annual rate, all charges included.
    #[schemars(range(max = 0.36))]
    cap_annual: Rate,
    /// The cap binds open loans, too, from their next statement on; without it new loans alone.
    cap_binds_open: bool,
    /// The monthly review moves the tier by behaviour.
    risk_based: bool,
    /// Share of instalment interest that coupons waive on new loans (0 is off).
    coupon: Share,
}

impl Resolve<terms::Pricing> for Pricing {
    fn resolve(&self) -> terms::Pricing {
        terms::Pricing {
            tier_annual: self.tier_annual.resolve(),
            instalments: match self.instalments {
                InstalmentKind::Irr => InstalmentPricing::Irr,
                InstalmentKind::FlatFee => {
                    let fees: [BasisPoints; 4] = self.flat_fee.resolve();
                    InstalmentPricing::FlatFee(fees)
                }
                InstalmentKind::EqualPrincipal => InstalmentPricing::EqualPrincipal,
            },
            flat_fee_by_tier: self.flat_fee_by_tier.resolve(),
            terms_offered: self.terms_offered,
            late_interest: match self.late_interest {
                LateKind::Published => LateInterest::Published,
                LateKind::Surcharge => LateInterest::Surcharge(self.late_surcharge.resolve()),
            },
            penalty_daily: self.penalty_daily.resolve(),
            first_period: self.first_period.resolve(),
            refund_free_before_first_bill: self.refund_free_before_first_bill,
            interest_from_day_one: self.interest_from_day_one,
            cap_annual: self.cap_annual.resolve(),
            cap_binds_open: self.cap_binds_open,
            risk_based: self.risk_based,
            coupon: self.coupon.resolve(),
        }
    }
}
