//! `models/products/*.toml`: the terms of a product as a person writes them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::base::ids::MAX_PARTNERS;
use crate::base::money::BasisPoints;
use crate::credit::terms::{self, BUCKETS, TIERS};
use crate::scenario::document::units::{
    Channels, Clock, Factor, Number, Rate, Resolve, SCENES, Share, Whole, Yuan, section,
};
use crate::scenario::plan::scenario::ProductProfile;
use crate::scenario::raw::law::LenderType;
use crate::scenario::raw::pricing::Pricing;

/// A product.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct ProductFile {
    /// File stem of the product; filled in by the reader.
    #[serde(default)]
    pub(in crate::scenario) key: String,
    /// Name in words.
    pub(in crate::scenario) title: String,
    /// Who lends, for the law (`models/laws.toml`).
    #[allow(dead_code, reason = "read from the document, with the laws")]
    lender_type: LenderType,
    /// What it says of itself in words.
    #[serde(default)]
    #[schemars(with = "Profile")]
    pub(in crate::scenario) profile: Option<Profile>,
    /// Who gets in.
    pub(in crate::scenario) origination: Origination,
    /// How limits move.
    pub(in crate::scenario) limits: Limits,
    /// What a purchase must pass.
    pub(in crate::scenario) authorisation: Authorisation,
    /// What it costs.
    pub(in crate::scenario) pricing: Pricing,
    /// Shopping cards.
    pub(in crate::scenario) cards: Cards,
    /// Tips.
    pub(in crate::scenario) tips: Tips,
    /// Statements and due dates.
    pub(in crate::scenario) billing: Billing,
    /// Late accounts.
    pub(in crate::scenario) collections: Collections,
    /// Who lends.
    pub(in crate::scenario) funding: Funding,
    /// Expected losses.
    pub(in crate::scenario) provisioning: Provisioning,
    /// Running costs and commissions.
    pub(in crate::scenario) economics: Economics,
}

impl ProductFile {
    /// The terms, with the partners that the product names.
    pub(in crate::scenario) fn terms(&self, partners: &BTreeMap<String, PartnerFile>) -> terms::Terms {
        terms::Terms {
            origination: self.origination.resolve(),
            limits: self.limits.resolve(),
            authorisation: self.authorisation.resolve(),
            pricing: self.pricing.resolve(),
            cards: self.cards.resolve(),
            tips: self.tips.resolve(),
            billing: self.billing.resolve(),
            collections: self.collections.resolve(),
            funding: self.funding.resolve_with(partners),
            provisioning: self.provisioning.resolve(),
            economics: self.economics.resolve(),
        }
    }
}

/// What a product says of itself in words.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct Profile {
    /// What the four scenes are in this product.
    #[schemars(length(min = 4, max = 4))]
    scenes: Vec<String>,
    /// Where its users come from.
    traffic: String,
    /// What the law has against parts of it.
    #[serde(default)]
    legal_risks: Vec<String>,
}

impl Profile {
    /// Without serde.
    pub(in crate::scenario) fn plain(self) -> ProductProfile {
        ProductProfile { scenes: self.scenes, traffic: self.traffic, legal_risks: self.legal_risks }
    }
}

section! {
    /// Who gets in.
    Origination => terms::Origination {
        /// Youngest age; lending to minors is barred by law.
        #[schemars(range(min = 18, max = 100))]
        age_min: u8,
        /// Oldest age.
        #[schemars(range(min = 18, max = 100))]
        age_max: u8,
        /// University students are refused.
        students_barred: bool,
        /// Share of applications that a person decides.
        review_share: Share,
        /// Share of reviewed applications that are approved.
        review_approval: Share,
        /// Working days a review takes at least.
        #[schemars(range(min = 1, max = 30))]
        review_days: u8,
        /// Further working days that a review may take, drawn evenly.
        #[schemars(range(max = 30))]
        review_extra_days: u8,
        /// Applications that reviewers decide on a working day, for 1,000 users (0: no bound).
        review_capacity_per_mille: Whole,
        /// Highest 12-month PD that is accepted.
        pd_cutoff: Share,
        /// Log-odds of default at bureau score 600 and behaviour 128.
        score_intercept_milli as "score_intercept": Number,
        /// Change of the log-odds per bureau point.
        #[schemars(range(max = 0))]
        score_bureau_milli as "score_bureau": Number,
        /// Change of the log-odds per behaviour point.
        #[schemars(range(max = 0))]
        score_behaviour_milli as "score_behaviour": Number,
        /// Change of the log-odds per 10 % of annual income owed elsewhere.
        #[schemars(range(min = 0))]
        score_debt_milli as "score_debt": Number,
        /// Smallest monthly income in yuan.
        income_min_yuan: Whole,
        /// Legal total of consumer debt in yuan.
        total_debt_max_yuan: Whole,
        /// Upper PD bound of each of the five tiers.
        tier_pd: [Share; TIERS],
        /// New limit by tier.
        tier_new_limit_fen as "tier_new_limit_yuan": [Yuan; TIERS],
    }
}

section! {
    /// How limits move.
    Limits => terms::Limits {
        /// Days after opening before the first monthly review.
        #[schemars(range(max = 730))]
        first_review_days: u16,
        /// A raise multiplies the limit by this.
        #[schemars(range(min = 1, max = 10))]
        raise_factor: Factor,
        /// A raise needs at least this utilisation in the month.
        raise_utilisation_min: Share,
        /// Limit to which raises of each tier go; it stops raises and lowers nothing (`lower_round` does).
        tier_ceiling_fen as "tier_ceiling_yuan": [Yuan; TIERS],
        /// Months of verified income to which raises go; it stops raises and lowers nothing.
        income_multiple: Factor,
        /// A month with lateness multiplies the limit by this.
        cut_factor: Share,
        /// Days past due at which the account is frozen until cured.
        #[schemars(range(min = 1, max = 180))]
        freeze_dpd: u16,
        /// Ceiling of new limits and of raises, campaigns included; it stops raises and lowers nothing.
        ceiling_fen as "ceiling_yuan": Yuan,
        /// Extra limit that a campaign may add for a time, as a share of the limit.
        campaign_raise: Share,
        /// Days after which a temporary raise ends.
        #[schemars(range(min = 1, max = 365))]
        campaign_raise_days: u16,
        /// Limit raise for each yuan of monthly tips (0 is off).
        #[schemars(range(max = 100))]
        tip_link: Factor,
        /// Task of a bill cycle: so many purchases and no lateness raise the limit (0 is off).
        task_purchases: u8,
        /// The raise of a task that is done, as a share of the limit.
        task_raise: Share,
        /// Share of open accounts that get a temporary raise with each statement (0 is off).
        campaign_share: Share,
        /// Round of lowering the limits of accounts that are open already (0 is off; a policy that raises it by one lowers once
        /// more).
        #[schemars(range(max = 100))]
        lower_round: u8,
        /// Part of the limit that a round of lowering takes away.
        lower_share: Share,
        /// A round of lowering goes no lower than this limit.
        lower_floor_fen as "lower_floor_yuan": Yuan,
        /// A round of lowering takes accounts of this tier and worse (0 takes all).
        #[schemars(range(max = 4))]
        lower_from_tier: u8,
        /// For whom raises are scaled.
        targeting: Targeting,
    }
}

section! {
    /// For whom raises are scaled: points of what the account shows at its review (`credit::targeting`).
    Targeting => terms::Targeting {
        /// Points of a unit of each feature.
        weights_milli as "weights": [Number; terms::TARGET_FEATURES],
        /// Scores at which the second to the tenth decile begin.
        cuts_milli as "cuts": [Number; terms::TARGET_DECILES - 1],
        /// Factor on raises by decile, the lowest scores first.
        raise: [Factor; terms::TARGET_DECILES],
    }
}

section! {
    /// What a purchase must pass.
    Authorisation => terms::Authorisation {
        /// Where the product may be used: live shopping, local services, virtual top-ups, content.
        scene_allowed: [bool; SCENES],
        /// Most drawings of an account in a day.
        #[schemars(range(min = 1))]
        velocity_count_max: u8,
        /// Most drawn by an account in a day.
        velocity_amount_fen as "velocity_amount_yuan": Yuan,
        /// Share of true cash-out attempts that the rules stop at once.
        pattern_stop: Share,
        /// Share of captured cash-out that monitoring confirms later.
        monitoring_detection: Share,
        /// Share of honest purchases that the rules stop wrongly.
        false_alarm: Share,
        /// Days a hold lives.
        #[schemars(range(min = 1, max = 30))]
        hold_days: u8,
        /// Days within which a purchase can be refunded.
        #[schemars(range(max = 120))]
        refund_days: u8,
    }
}

section! {
    /// Shopping cards.
    Cards => terms::Cards {
        /// The product has them.
        enabled: bool,
        /// Largest face value.
        face_max_fen as "face_max_yuan": Yuan,
        /// Largest face value of an unnamed card.
        unnamed_max_fen as "unnamed_max_yuan": Yuan,
        /// Days within which the unspent part can be given back.
        refund_days: u8,
        /// Tiers from this one on (0 to 4; 5 closes none) cannot buy cards.
        #[schemars(range(max = 5))]
        closed_from_tier: u8,
        /// Rebate on offline redemption (0 is off).
        redeem_rebate: Share,
    }
}

section! {
    /// Tips.
    Tips => terms::Tips {
        /// Tips on credit are allowed.
        enabled: bool,
        /// The host's share.
        host_share: Share,
    }
}

/// A kind of debt, for the order of allocation.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::scenario) enum Owed {
    /// Late interest.
    Penalty,
    /// Contract interest.
    Interest,
    /// Fees.
    Fees,
    /// Principal.
    Principal,
}

impl Resolve<terms::Owed> for Owed {
    fn resolve(&self) -> terms::Owed {
        match self {
            Owed::Penalty => terms::Owed::Penalty,
            Owed::Interest => terms::Owed::Interest,
            Owed::Fees => terms::Owed::Fees,
            Owed::Principal => terms::Owed::Principal,
        }
    }
}

/// What comes first when a payment is allocated.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::scenario) enum AllocationBy {
    /// Bill by bill, the oldest first; inside a bill by kind.
    Bill,
    /// Kind by kind, each over all bills.
    Kind,
}

impl Resolve<terms::AllocationBy> for AllocationBy {
    fn resolve(&self) -> terms::AllocationBy {
        match self {
            AllocationBy::Bill => terms::AllocationBy::Bill,
            AllocationBy::Kind => terms::AllocationBy::Kind,
        }
    }
}

section! {
    /// Statements and due dates.
    Billing => terms::Billing {
        /// Statement days, one a bill group (1–28).
        #[schemars(length(min = 1, max = 8), inner(range(min = 1, max = 28)))]
        bill_days: Vec<u8>,
        /// Days from statement to due date.
        #[schemars(range(min = 1, max = 27))]
        due_after_days: u8,
        /// Further days from statement to due date by bill group (none beyond the end of the list).
        #[schemars(length(max = 8), inner(range(max = 26)))]
        due_extra_days: Vec<u8>,
        /// Days after the due date in which lateness costs nothing and is not reported.
        #[schemars(range(max = 30))]
        grace_days: u8,
        /// Minimum payment of the revolving principal.
        minimum: Share,
        /// Least minimum payment.
        minimum_floor_fen as "minimum_floor_yuan": Yuan,
        /// Order of allocation.
        allocation: [Owed; 4],
        /// Whether bills or kinds come first.
        allocation_by: AllocationBy,
        /// Residue of past bills that is carried to the next one and never makes an account late.
        #[schemars(range(max = 100))]
        tolerance_fen as "tolerance_yuan": Yuan,
        /// Times of the auto-debit rounds on the due day.
        debit_rounds: [Clock; 3],
    }
}

section! {
    /// Late accounts.
    Collections => terms::Collections {
        /// Days past due at which the principal is written off.
        #[schemars(range(min = 91, max = 720))]
        writeoff_dpd: u16,
        /// First day past due at which app, SMS, call, field and legal are used.
        channel_from_dpd: Channels<u16>,
        /// Contacts a day and 1,000 open accounts, by channel.
        capacity_per_mille: Channels<Whole>,
        /// Share of tried contacts that reach the debtor, by channel.
        reach: Channels<Share>,
        /// Cost of a tried contact, by channel.
        cost_fen as "cost_yuan": Channels<Yuan>,
        /// Most calls a day to one debtor.
        #[schemars(range(max = 3))]
        calls_a_day_max: u8,
        /// Hardship plans are offered between these days past due.
        hardship_dpd: [u16; 2],
        /// Months of a hardship plan.
        #[schemars(range(min = 1, max = 60))]
        hardship_months: u8,
        /// Nominal annual rate of a hardship plan.
        hardship_annual: Rate,
        /// Months of probation after re-ageing.
        #[schemars(range(max = 24))]
        probation_months: u8,
        /// Days after write-off at which the claim is sold.
        sale_after_days: u16,
        /// Price of a sold claim, share of the claim.
        sale_price: Share,
    }
}

section! {
    /// A funding partner.
    PartnerTerms => PartnerNumbers {
        /// Its part of each joint loan.
        share: Share,
        /// Most it lends, for each user of the world.
        capacity_fen_per_user as "capacity_yuan_per_user": Yuan,
        /// Its price a year.
        price_annual: Rate,
        /// First loss that the platform covers, as a share of what the partner ever lent.
        first_loss: Share,
        /// The partner stops while the 30+ DPD share is above this.
        trigger_30: Share,
        /// It starts again below this share of the trigger.
        resume: Share,
    }
}

/// The numbers of a partner, without its name.
pub(in crate::scenario) struct PartnerNumbers {
    share: crate::base::money::Ppm,
    capacity_fen_per_user: i64,
    price_annual: BasisPoints,
    first_loss: crate::base::money::Ppm,
    trigger_30: crate::base::money::Ppm,
    resume: crate::base::money::Ppm,
}

/// A funding partner of `models/partners.toml`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct PartnerFile {
    /// Name in reports.
    name: String,
    /// What it offers.
    terms: PartnerTerms,
}

/// Who lends.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct Funding {
    /// Names of partners in `models/partners.toml`, in order of preference.
    #[schemars(length(min = 0, max = MAX_PARTNERS))]
    pub(in crate::scenario) partners: Vec<String>,
    /// The platform's least part of each joint loan.
    platform_share_min: Share,
    /// The platform's own net assets for each user of the world.
    net_assets_yuan_per_user: Yuan,
    /// Most lent on own book, in multiples of net assets ("1+4" is 5).
    #[schemars(range(min = 1, max = 20))]
    leverage: Whole,
    /// Treasury price of the platform's own money a year.
    treasury_annual: Rate,
}

impl Funding {
    fn resolve_with(&self, partners: &BTreeMap<String, PartnerFile>) -> terms::Funding {
        let partner = |file: &PartnerFile| {
            let numbers: PartnerNumbers = file.terms.resolve();
            terms::Partner {
                name: file.name.clone(),
                share: numbers.share,
                capacity_fen_per_user: numbers.capacity_fen_per_user,
                price_annual: numbers.price_annual,
                first_loss: numbers.first_loss,
                trigger_30: numbers.trigger_30,
                resume: numbers.resume,
            }
        };
        terms::Funding {
            partners: self.partners.iter().filter_map(|name| partners.get(name)).map(partner).collect(),
            platform_share_min: self.platform_share_min.resolve(),
            net_assets_fen_per_user: self.net_assets_yuan_per_user.resolve(),
            leverage: self.leverage.resolve(),
            treasury_annual: self.treasury_annual.resolve(),
        }
    }
}

section! {
    /// Expected losses (IFRS 9).
    Provisioning => terms::Provisioning {
        /// 12-month PD by bucket C, M1 … M6.
        pd_by_bucket: [Share; BUCKETS],
        /// Conversion factor of undrawn limits.
        ccf: Share,
        /// Weights of the macro scenarios upside, base, downside.
        #[schemars(extend("x-relative" = true))]
        macro_weights: [Share; 3],
        /// Multiplier of PD in each.
        macro_multipliers: [Factor; 3],
        /// Lifetime PD of stage 2 over 12-month PD.
        lifetime_factor: Factor,
        /// Recoveries assumed before the run has seen its own.
        recovery_prior: Share,
    }
}

section! {
    /// Commissions and costs.
    Economics => terms::Economics {
        /// Merchant commission: live shopping, local services, virtual top-ups, content.
        commission: [Share; SCENES],
        /// Cost of an application.
        application_cost_fen as "application_cost_yuan": Yuan,
        /// Cost of serving an open account a month.
        service_cost_fen_per_month as "service_cost_yuan_per_month": Yuan,
        /// Cost of a complaint.
        complaint_cost_fen as "complaint_cost_yuan": Yuan,
    }
}
