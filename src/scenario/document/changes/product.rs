//! Keys of a product.

use super::entry::{Change, at_once, never, next_statement, refused};

/// What applications under review have and keep.
const DECIDED: &str =
    "an open account was let in by what held then; an application under review keeps the judgement of its day";

/// What a review of the limit does.
const REVIEW: &str =
    "the review of the statement day goes by it; a limit that stands is not touched by the change itself";

/// What a round of lowering goes by.
const LOWERING: &str =
    "accounts that have not gone through the round yet go through it by this; a limit that was lowered stays";

/// What late accounts meet.
const LATE: &str = "late accounts are judged and approached by it at the close of that day";

/// What the allowance is worked out by.
const ALLOWANCE: &str = "the allowance of the next month-end follows";

/// Why the order of payments is refused.
const BILLS: &str = "bills that are open are kept by it: set it for the whole scenario";

/// What requests are judged by.
const ON_ITS_DAY: &str = "every request is judged by what holds on its day";

/// Who gets in, and what a product is.
pub(super) const ORIGINATION: &[Change] = &[
    refused("product.key", "a product does not change its name in a run"),
    refused("product.title", "a product does not change its name in a run"),
    refused("product.lender_type", "who lends does not change in a run: set it for the whole scenario"),
    refused("product.profile", "it says what the product is: set it for the whole scenario"),
    never("product.origination.age_min", DECIDED),
    never("product.origination.age_max", DECIDED),
    never("product.origination.students_barred", DECIDED),
    never("product.origination.review_share", DECIDED),
    at_once("product.origination.review_approval", "reviewers decide what lies before them by it"),
    at_once("product.origination.review_days", "reviewers decide what lies before them by it"),
    at_once("product.origination.review_extra_days", "reviewers decide what lies before them by it"),
    at_once("product.origination.review_capacity_per_mille", "reviewers decide what lies before them by it"),
    never("product.origination.pd_cutoff", DECIDED),
    never("product.origination.score_intercept", DECIDED),
    never("product.origination.score_bureau", DECIDED),
    never("product.origination.score_behaviour", DECIDED),
    never("product.origination.score_debt", DECIDED),
    never("product.origination.income_min_yuan", DECIDED),
    never("product.origination.total_debt_max_yuan", DECIDED),
    never(
        "product.origination.tier_pd",
        "an account keeps its tier until a review moves it, an application that of its day",
    ),
    never(
        "product.origination.tier_new_limit_yuan",
        "an open account keeps its limit; an application gets that of the day of opening",
    ),
];

/// How limits move.
pub(super) const LIMITS: &[Change] = &[
    next_statement("product.limits.first_review_days", REVIEW),
    next_statement("product.limits.raise_factor", REVIEW),
    next_statement("product.limits.raise_utilisation_min", REVIEW),
    next_statement(
        "product.limits.tier_ceiling_yuan",
        "it stops raises from the next review on; a limit above it stays",
    ),
    next_statement("product.limits.income_multiple", "it stops raises from the next review on; a limit above it stays"),
    next_statement("product.limits.cut_factor", REVIEW),
    at_once("product.limits.freeze_dpd", LATE),
    next_statement("product.limits.ceiling_yuan", "it stops raises from the next review on; a limit above it stays"),
    next_statement("product.limits.campaign_raise", "offered with a statement; a raise in force stays what it is"),
    next_statement("product.limits.campaign_raise_days", "offered with a statement; a raise in force ends on its day"),
    next_statement("product.limits.campaign_share", "offered with a statement; clicks rise at once"),
    next_statement("product.limits.tip_link", REVIEW),
    next_statement(
        "product.limits.task_purchases",
        "the review of the statement day goes by it; purchases count from that day",
    ),
    next_statement("product.limits.task_raise", REVIEW),
    next_statement("product.limits.targeting", REVIEW),
    next_statement(
        "product.limits.lower_round",
        "open accounts go through a round with the review of their statement day, each once",
    ),
    next_statement("product.limits.lower_share", LOWERING),
    next_statement("product.limits.lower_floor_yuan", LOWERING),
    next_statement("product.limits.lower_from_tier", LOWERING),
];

/// What a request must pass; cards and tips.
pub(super) const REQUESTS: &[Change] = &[
    at_once("product.authorisation.scene_allowed", ON_ITS_DAY),
    at_once("product.authorisation.velocity_count_max", ON_ITS_DAY),
    at_once("product.authorisation.velocity_amount_yuan", ON_ITS_DAY),
    at_once("product.authorisation.pattern_stop", ON_ITS_DAY),
    at_once("product.authorisation.monitoring_detection", "captures are watched by what holds on their day"),
    at_once("product.authorisation.false_alarm", ON_ITS_DAY),
    never("product.authorisation.hold_days", "a hold keeps the day on which it ends"),
    at_once("product.authorisation.refund_days", "a refund is judged by what holds on its day"),
    at_once("product.cards.enabled", "no more are sold, or are again; those that were bought are kept and redeemed"),
    at_once("product.cards.face_max_yuan", ON_ITS_DAY),
    at_once("product.cards.unnamed_max_yuan", ON_ITS_DAY),
    at_once("product.cards.refund_days", "a card is given back by what holds on that day"),
    next_statement(
        "product.cards.closed_from_tier",
        "the card function follows the tier; those that were bought are kept and redeemed",
    ),
    at_once("product.cards.redeem_rebate", "paid on what is redeemed from that day on"),
    at_once("product.tips.enabled", ON_ITS_DAY),
    at_once("product.tips.host_share", "a tip that is taken back takes back what was given"),
];

/// What it costs.
pub(super) const PRICING: &[Change] = &[
    at_once("product.pricing.annual_range", "it moves no rate: `check` holds the price list against it"),
    next_statement("product.pricing.tier_annual", "accounts take it for what they draw then; a loan keeps its rate"),
    never("product.pricing.instalments", "a loan keeps its schedule"),
    never("product.pricing.flat_fee", "a loan keeps its fee"),
    never("product.pricing.flat_fee_by_tier", "a loan keeps its fee"),
    never("product.pricing.terms_offered", "a loan keeps its schedule"),
    never("product.pricing.penalty_daily", "a loan keeps its late rate"),
    never("product.pricing.late_interest", "a loan keeps its late rate"),
    never("product.pricing.late_surcharge", "a loan keeps its late rate"),
    never("product.pricing.first_period", "a loan keeps its schedule"),
    at_once("product.pricing.refund_free_before_first_bill", "a refund is judged by what holds on its day"),
    never("product.pricing.interest_from_day_one", "a loan keeps its rule"),
    never("product.pricing.cap_annual", "a loan keeps its price; loans above the cap are counted"),
    next_statement(
        "product.pricing.cap_binds_open",
        "open loans above the cap come down to it, and to any later one while it is set",
    ),
    next_statement(
        "product.pricing.risk_based",
        "reviews move the price with the tier, or no longer; a loan keeps its rate",
    ),
    never("product.pricing.coupon", "a loan keeps its coupon"),
];

/// Bills, late accounts, funders, allowance, costs.
pub(super) const BOOK: &[Change] = &[
    refused("product.billing.bill_days", "accounts lie in the cells by it: set it for the whole scenario"),
    next_statement("product.billing.due_after_days", "a bill keeps its due date"),
    next_statement("product.billing.due_extra_days", "a bill keeps its due date"),
    next_statement("product.billing.grace_days", "a bill keeps the end of its grace"),
    next_statement("product.billing.minimum", "a bill keeps its minimum payment"),
    next_statement("product.billing.minimum_floor_yuan", "a bill keeps its minimum payment"),
    refused("product.billing.allocation", BILLS),
    refused("product.billing.allocation_by", BILLS),
    refused("product.billing.tolerance_yuan", BILLS),
    at_once("product.billing.debit_rounds", "the bank is asked at these times from that day on"),
    at_once("product.collections.writeoff_dpd", LATE),
    at_once("product.collections.channel_from_dpd", LATE),
    at_once("product.collections.capacity_per_mille", LATE),
    at_once("product.collections.reach", LATE),
    at_once("product.collections.cost_yuan", LATE),
    at_once("product.collections.calls_a_day_max", LATE),
    at_once("product.collections.hardship_dpd", ON_ITS_DAY),
    never("product.collections.hardship_months", "a plan keeps its months"),
    never("product.collections.hardship_annual", "a plan keeps its rate"),
    never("product.collections.probation_months", "a plan keeps the day on which probation ends"),
    next_statement("product.collections.sale_after_days", "claims are looked at on their statement day"),
    next_statement("product.collections.sale_price", "claims are looked at on their statement day"),
    refused(
        "product.funding.partners",
        "loans name their funders by place in this list: set it for the whole scenario",
    ),
    at_once(
        "product.funding.platform_share_min",
        "the allowance of undrawn limits follows; a loan keeps the parts of its funders, a hold those that it reserved",
    ),
    refused(
        "product.funding.net_assets_yuan_per_user",
        "capital is paid in on the first day: set it for the whole scenario",
    ),
    at_once(
        "product.funding.leverage",
        "the platform's room of the day follows; what is lent above it is paid back as it falls due",
    ),
    at_once("product.funding.treasury_annual", "the money of all loans costs it from that day"),
    at_once("product.provisioning.pd_by_bucket", ALLOWANCE),
    at_once("product.provisioning.ccf", ALLOWANCE),
    at_once("product.provisioning.macro_weights", ALLOWANCE),
    at_once("product.provisioning.macro_multipliers", ALLOWANCE),
    at_once("product.provisioning.lifetime_factor", ALLOWANCE),
    at_once("product.provisioning.recovery_prior", ALLOWANCE),
    at_once(
        "product.economics.commission",
        "captures and redemptions of that day; what is given back takes back what was taken",
    ),
    at_once("product.economics.application_cost_yuan", "applications of that day"),
    at_once("product.economics.service_cost_yuan_per_month", "every account, at the end of that month"),
    at_once("product.economics.complaint_cost_yuan", "complaints of that day"),
];
