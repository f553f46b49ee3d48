//! The resolved terms of a product: all that the engine knows of it. A product is data; the engine has no branch
//! for one. Amounts in fen, rates exact. `scenario::resolve` makes these from `models/products/*.toml` and policies.

use crate::base::ids::MAX_PARTNERS;
use crate::base::money::{BasisPoints, Ppm, div_floor, div_half_even};
use crate::credit::command::{CHANNELS, SCENES};

pub(crate) use crate::credit::targeting::{DECILES as TARGET_DECILES, FEATURES as TARGET_FEATURES, Targeting};

/// Risk tiers, 0 the safest.
pub(crate) const TIERS: usize = 5;

/// Instalment terms that a product may offer, in months.
pub(crate) const TERM_MONTHS: [u8; 4] = [3, 6, 9, 12];

/// Delinquency buckets: current, M1 … M6.
pub(crate) const BUCKETS: usize = 7;

/// All terms of a product.
#[derive(Clone, Debug, PartialEq)]
pub struct Terms {
    /// Who gets in.
    pub origination: Origination,
    /// How limits move.
    pub limits: Limits,
    /// What a purchase must pass.
    pub authorisation: Authorisation,
    /// What it costs.
    pub pricing: Pricing,
    /// Shopping cards.
    pub cards: Cards,
    /// Tips.
    pub tips: Tips,
    /// Statements and due dates.
    pub billing: Billing,
    /// Late accounts.
    pub collections: Collections,
    /// Who lends.
    pub funding: Funding,
    /// Expected losses.
    pub provisioning: Provisioning,
    /// Running costs and commissions.
    pub economics: Economics,
}

/// Who gets in (docs/rules.md §10).
#[derive(Clone, Debug, PartialEq)]
pub struct Origination {
    /// Youngest age.
    pub age_min: u8,
    /// Oldest age.
    pub age_max: u8,
    /// University students are refused.
    pub students_barred: bool,
    /// Share of applications that a person decides.
    pub review_share: Ppm,
    /// Share of reviewed applications that the reviewer approves.
    pub review_approval: Ppm,
    /// Working days a review takes at least.
    pub review_days: u8,
    /// Further working days that a review may take, drawn evenly from none to this many.
    pub review_extra_days: u8,
    /// Applications that reviewers decide on a working day, for 1,000 users; the others wait their turn. 0: no bound.
    pub review_capacity_per_mille: u32,
    /// Highest estimated 12-month PD that is accepted (before risk appetite moves it).
    pub pd_cutoff: Ppm,
    /// Log-odds of default in thousandths at bureau score 600 and behaviour 128.
    pub score_intercept_milli: i32,
    /// Change of the log-odds per bureau point, in thousandths (negative).
    pub score_bureau_milli: i32,
    /// Change per behaviour point, in thousandths (negative).
    pub score_behaviour_milli: i32,
    /// Change per 10 % of annual income owed elsewhere, in thousandths.
    pub score_debt_milli: i32,
    /// Smallest monthly income.
    pub income_min_yuan: u32,
    /// Legal total of consumer debt, new limit included.
    pub total_debt_max_yuan: u32,
    /// Upper PD bound of each tier.
    pub tier_pd: [Ppm; TIERS],
    /// New limit by tier.
    pub tier_new_limit_fen: [i32; TIERS],
}

/// How limits move (docs/rules.md §11).
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    /// Days after opening before the first monthly review.
    pub first_review_days: u16,
    /// A raise multiplies the limit by this (parts per million, above 1,000,000).
    pub raise_factor: Ppm,
    /// A raise needs at least this utilisation (debt / limit) in the month.
    pub raise_utilisation_min: Ppm,
    /// Limit to which each tier grows.
    pub tier_ceiling_fen: [i32; TIERS],
    /// Ceiling in months of verified income.
    pub income_multiple: Ppm,
    /// A month with lateness multiplies the limit by this (below 1,000,000).
    pub cut_factor: Ppm,
    /// Days past due at which the account is frozen until cured.
    pub freeze_dpd: u16,
    /// Hard ceiling of any limit.
    pub ceiling_fen: i32,
    /// Extra limit in parts per million of the limit that a campaign may add for a time.
    pub campaign_raise: Ppm,
    /// Days after which a temporary raise ends.
    pub campaign_raise_days: u16,
    /// Limit raise for each yuan of monthly tips, parts per million of a yuan (a policy lever; 0 is off).
    pub tip_link: Ppm,
    /// Task of a bill cycle: so many purchases and no lateness raise the limit (a policy lever; 0 is off).
    pub task_purchases: u8,
    /// The raise of a task that is done, parts per million of the limit.
    pub task_raise: Ppm,
    /// For whom raises of the limit are scaled (a policy lever; [`Targeting::OFF`] treats all alike).
    pub targeting: Targeting,
    /// Share of open accounts that get a temporary raise with each statement, as in a campaign without an end (a policy
    /// lever; 0 is off).
    pub campaign_share: Ppm,
    /// Round of lowering limits that is in force (a policy lever; 0 is off, one more lowers once more).
    pub lower_round: u8,
    /// Part of the limit that a round takes away.
    pub lower_share: Ppm,
    /// A round lowers no limit below this.
    pub lower_floor_fen: i32,
    /// A round lowers accounts of this tier and worse.
    pub lower_from_tier: u8,
}

/// What a purchase must pass (docs/rules.md §12).
#[derive(Clone, Debug, PartialEq)]
pub struct Authorisation {
    /// Scenes in which the product may be used.
    pub scene_allowed: [bool; SCENES],
    /// Most drawings of an account in a day.
    pub velocity_count_max: u8,
    /// Most drawn by an account in a day.
    pub velocity_amount_fen: i32,
    /// Share of true cash-out attempts that the pattern rules stop at once.
    pub pattern_stop: Ppm,
    /// Share of captured cash-out that monitoring confirms later.
    pub monitoring_detection: Ppm,
    /// Share of honest purchases that the rules stop wrongly.
    pub false_alarm: Ppm,
    /// Days a hold lives.
    pub hold_days: u8,
    /// Days within which a purchase can be refunded.
    pub refund_days: u8,
}

/// How instalments are priced.
#[derive(Clone, Debug, PartialEq)]
pub enum InstalmentPricing {
    /// Level payments whose IRR is the account's annual rate.
    Irr,
    /// A flat fee, in basis points of the principal for the whole term, by [`TERM_MONTHS`] (0: not offered).
    FlatFee([BasisPoints; 4]),
    /// Equal principal, and interest at the account's annual rate on what remains.
    EqualPrincipal,
}

/// What late principal bears instead of contract interest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LateInterest {
    /// The product's own published rate ([`Pricing::penalty_daily`]).
    Published,
    /// The contract rate and this share of it.
    Surcharge(Ppm),
}

/// When the first part of an instalment loan comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstPeriod {
    /// With the next statement; it bears the interest of its days.
    Days,
    /// With the statement after the next one; it bears the interest of one period.
    NextCycle,
}

impl Pricing {
    /// The flat fee at an index of [`TERM_MONTHS`] for a tier, ties to even.
    pub const fn flat_fee(&self, fees: &[BasisPoints; 4], term: usize, tier: usize) -> BasisPoints {
        let scaled = fees[term].0 as i64 * self.flat_fee_by_tier[tier].0 as i64;
        BasisPoints(div_half_even(scaled, 1_000_000) as i32)
    }

    /// Late interest a day, in parts per million, of a loan whose contract rate is `annual_bp` (docs/rules.md §14.7): published, or
    /// the contract rate with its surcharge over 365 days, rounded down; at most the cap over 365 days.
    pub fn late_ppm(&self, annual_bp: i32) -> i32 {
        let daily = match self.late_interest {
            LateInterest::Published => i64::from(self.penalty_daily.0),
            LateInterest::Surcharge(share) => {
                div_floor(i64::from(annual_bp) * 100 * i64::from(Ppm::ONE.0 + share.0), 365 * i64::from(Ppm::ONE.0))
            }
        };
        daily.min(i64::from(self.late_ppm_max())) as i32
    }

    /// The highest late interest a day that the cap allows, in parts per million. Nominal: 365 days of it may not exceed the annual cap.
    pub const fn late_ppm_max(&self) -> i32 {
        div_floor(self.cap_annual.0 as i64 * 100, 365) as i32
    }

    /// Tiers whose contract rate is above the published late interest, by more than its rounding to a part per million a day: there who
    /// is late pays less than who revolves.
    pub(crate) fn tiers_above_late(&self) -> impl Iterator<Item = usize> {
        let published = self.late_interest == LateInterest::Published;
        let a_year = (i64::from(self.late_ppm(0)) + 1) * 365;
        let above = move |rate: BasisPoints| published && i64::from(rate.0) * 100 > a_year;
        self.tier_annual.into_iter().enumerate().filter(move |(_, rate)| above(*rate)).map(|(tier, _)| tier)
    }
}

/// Price cap and interest (docs/rules.md §14, §15.6).
#[derive(Clone, Debug, PartialEq)]
pub struct Pricing {
    /// Nominal annual rate by tier.
    pub tier_annual: [BasisPoints; TIERS],
    /// Instalments.
    pub instalments: InstalmentPricing,
    /// Factor on the flat fee by tier (one million: as stated).
    pub flat_fee_by_tier: [Ppm; TIERS],
    /// Which of [`TERM_MONTHS`] are offered.
    pub terms_offered: [bool; 4],
    /// What overdue principal bears instead of contract interest.
    pub late_interest: LateInterest,
    /// The published late interest a day, in parts per million (0.05 % is 500).
    pub penalty_daily: Ppm,
    /// When the first part of an instalment loan comes.
    pub first_period: FirstPeriod,
    /// What is given back before its first bill bears no interest.
    pub refund_free_before_first_bill: bool,
    /// Interest runs from the day of drawing (no free period).
    pub interest_from_day_one: bool,
    /// Highest nominal annual rate, all charges included (12 × monthly IRR).
    pub cap_annual: BasisPoints,
    /// The cap binds loans that are open, too, from their next statement on (what a law may say; a policy lever).
    pub cap_binds_open: bool,
    /// The monthly review moves the tier by behaviour (risk-based pricing).
    pub risk_based: bool,
    /// Share of instalment interest that coupons waive on new loans (a policy lever; 0 is off).
    pub coupon: Ppm,
}

/// Shopping cards (docs/rules.md §13).
#[derive(Clone, Debug, PartialEq)]
pub struct Cards {
    /// The product has them.
    pub enabled: bool,
    /// Largest face value.
    pub face_max_fen: i32,
    /// Largest face value of an unnamed card.
    pub unnamed_max_fen: i32,
    /// Days within which the unspent part can be given back.
    pub refund_days: u8,
    /// Tiers from this one on cannot buy cards (high-risk users).
    pub closed_from_tier: u8,
    /// Rebate on offline redemption (a policy lever; 0 is off).
    pub redeem_rebate: Ppm,
}

/// Tips on credit (docs/rules.md §13.5).
#[derive(Clone, Debug, PartialEq)]
pub struct Tips {
    /// Tips on credit are allowed.
    pub enabled: bool,
    /// The host's share.
    pub host_share: Ppm,
}

/// The order in which a payment is allocated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owed {
    /// Late interest.
    Penalty,
    /// Contract interest.
    Interest,
    /// Fees.
    Fees,
    /// Principal, oldest due first.
    Principal,
}

/// In what a payment is allocated first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AllocationBy {
    /// Bill by bill, the oldest first; inside a bill by kind.
    Bill,
    /// Kind by kind, each over all bills.
    Kind,
}

/// Statements and due dates (docs/rules.md §15).
#[derive(Clone, Debug, PartialEq)]
pub struct Billing {
    /// Statement days, one a bill group.
    pub bill_days: Vec<u8>,
    /// Days from statement to due date.
    pub due_after_days: u8,
    /// Further days from statement to due date by bill group; none beyond the end of the list.
    pub due_extra_days: Vec<u8>,
    /// Days after the due date in which lateness costs nothing and is not reported.
    pub grace_days: u8,
    /// Minimum payment of the revolving principal.
    pub minimum: Ppm,
    /// Least minimum payment.
    pub minimum_floor_fen: i32,
    /// Order of allocation.
    pub allocation: [Owed; 4],
    /// Whether bills or kinds come first.
    pub allocation_by: AllocationBy,
    /// Residue of past bills that is carried to the next one and never makes an account late, in fen.
    pub tolerance_fen: i32,
    /// Seconds of the day of the auto-debit rounds.
    pub debit_rounds: [u32; 3],
}

impl Billing {
    /// Days from statement to due date of a bill group.
    pub fn due_after(&self, group: usize) -> u16 {
        u16::from(self.due_after_days) + u16::from(self.due_extra_days.get(group).copied().unwrap_or(0))
    }
}

/// Late accounts (docs/rules.md §17, §18).
#[derive(Clone, Debug, PartialEq)]
pub struct Collections {
    /// Days past due at which the principal is written off.
    pub writeoff_dpd: u16,
    /// First day past due at which each channel is used (index by `Channel`).
    pub channel_from_dpd: [u16; CHANNELS],
    /// Contacts a day and 1,000 open accounts by channel (the collectors' capacity).
    pub capacity_per_mille: [u32; CHANNELS],
    /// Share of tried contacts that reach the debtor, by channel.
    pub reach: [Ppm; CHANNELS],
    /// Cost of a tried contact by channel.
    pub cost_fen: [i32; CHANNELS],
    /// Most calls a day to one debtor.
    pub calls_a_day_max: u8,
    /// Hardship plans are offered between these days past due.
    pub hardship_dpd: (u16, u16),
    /// Months of a hardship plan.
    pub hardship_months: u8,
    /// Nominal annual rate of a hardship plan.
    pub hardship_annual: BasisPoints,
    /// Months of probation after re-ageing.
    pub probation_months: u8,
    /// Days after write-off at which the claim is sold.
    pub sale_after_days: u16,
    /// Price of a sold claim.
    pub sale_price: Ppm,
}

/// A funding partner.
#[derive(Clone, Debug, PartialEq)]
pub struct Partner {
    /// Name in reports.
    pub name: String,
    /// Its part of each joint loan (at most 1 − the platform's least part).
    pub share: Ppm,
    /// Most it lends, for each user of the world.
    pub capacity_fen_per_user: i64,
    /// Its price a year.
    pub price_annual: BasisPoints,
    /// First loss that the platform covers, as a share of what the partner ever lent.
    pub first_loss: Ppm,
    /// The partner stops while the 30+ DPD share is above this.
    pub trigger_30: Ppm,
    /// The partner starts again when it is below this share of the trigger.
    pub resume: Ppm,
}

/// Who lends (docs/rules.md §19).
#[derive(Clone, Debug, PartialEq)]
pub struct Funding {
    /// Partners, at most [`MAX_PARTNERS`], in order of preference.
    pub partners: Vec<Partner>,
    /// The platform's least part of each joint loan.
    pub platform_share_min: Ppm,
    /// The platform's own net assets for each user of the world.
    pub net_assets_fen_per_user: i64,
    /// Most lent on own book, in multiples of net assets ("1+4" is 5).
    pub leverage: i64,
    /// Treasury price of the platform's own money a year.
    pub treasury_annual: BasisPoints,
}

impl Funding {
    /// The partners' number.
    ///
    /// # Panics
    /// When there are more than a row can hold; `scenario::resolve` refuses that first.
    #[inline]
    pub fn partner_count(&self) -> usize {
        assert!(self.partners.len() <= MAX_PARTNERS);
        self.partners.len()
    }
}

/// Expected losses (docs/rules.md §21).
#[derive(Clone, Debug, PartialEq)]
pub struct Provisioning {
    /// 12-month PD by bucket before macro weighting (C … M6).
    pub pd_by_bucket: [Ppm; BUCKETS],
    /// Conversion factor of undrawn limits.
    pub ccf: Ppm,
    /// Weights of the macro scenarios upside / base / downside, summing to one million.
    pub macro_weights: [Ppm; 3],
    /// Multiplier of PD in each macro scenario, parts per million.
    pub macro_multipliers: [Ppm; 3],
    /// Lifetime PD of stage 2 current accounts over 12-month PD, parts per million.
    pub lifetime_factor: Ppm,
    /// Recoveries assumed before the run has seen its own, share of the write-off.
    pub recovery_prior: Ppm,
}

/// Commissions and costs.
#[derive(Clone, Debug, PartialEq)]
pub struct Economics {
    /// Merchant commission by scene.
    pub commission: [Ppm; SCENES],
    /// Cost of an application.
    pub application_cost_fen: i32,
    /// Cost of serving an open account a month.
    pub service_cost_fen_per_month: i32,
    /// Cost of a complaint.
    pub complaint_cost_fen: i32,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::fixture;

    #[test]
    fn late_interest_is_published_or_the_contract_rate_with_a_surcharge_within_the_cap() {
        let mut pricing = fixture::terms().pricing;
        pricing.penalty_daily = Ppm(500);
        pricing.cap_annual = BasisPoints(2_400);
        assert_eq!([1_200, 1_800].map(|bp| pricing.late_ppm(bp)), [500, 500], "whatever the contract says");
        // 12 % × 1.5 = 18 % a year: 0.18 / 365 = 493.15 ppm. 18 % × 1.5 = 27 %, cut to 24 %: 657.53 ppm.
        pricing.late_interest = LateInterest::Surcharge(Ppm(500_000));
        assert_eq!([1_200, 1_800].map(|bp| pricing.late_ppm(bp)), [493, 657]);
        pricing.late_interest = LateInterest::Published;
        pricing.cap_annual = BasisPoints(1_200);
        assert_eq!(pricing.late_ppm(1_800), 328, "0.12 / 365 is 328.77 ppm");
    }

    #[test]
    fn tiers_dearer_than_late_interest_are_named() {
        let mut pricing = fixture::terms().pricing;
        pricing.tier_annual = [1_800, 1_825, 1_829, 2_000, 2_400].map(BasisPoints);
        let above = |pricing: &Pricing| pricing.tiers_above_late().collect::<Vec<_>>();
        // 0.05 % a day is 18.25 % a year; a part per million more a day would be 18.29 %.
        assert_eq!(above(&pricing), [2, 3, 4]);
        pricing.late_interest = LateInterest::Surcharge(Ppm(500_000));
        assert_eq!(above(&pricing), [0_usize; 0], "cut to the cap, never below the contract");
    }
}
