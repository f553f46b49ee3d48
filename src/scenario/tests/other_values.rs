//! For every key of a product and of a partner that a policy may change: another value, under terms in which it matters.

use crate::testing::swarm::Favourite;

/// Who goes by a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::scenario) enum Reader {
    /// The engine.
    Engine,
    /// The world, and not the engine: the key reaches it through the controls of a day or a quota, which this test draws by itself, or
    /// not at all.
    World,
}

/// Another value for a key.
#[derive(Clone, Copy, Debug)]
pub(in crate::scenario) struct Other {
    /// The key.
    pub(in crate::scenario) key: &'static str,
    /// Its other value, in TOML.
    pub(in crate::scenario) value: &'static str,
    /// Further terms, without which the key would do nothing.
    pub(in crate::scenario) beside: &'static [(&'static str, &'static str)],
    /// These hold from the first day on; else they come with the change, for both.
    pub(in crate::scenario) from_the_start: bool,
    /// What users ask for, so that the key acts.
    pub(in crate::scenario) favourite: Favourite,
    /// Who goes by it.
    pub(in crate::scenario) reader: Reader,
    /// Requests are judged or booked by it, and else nothing is.
    pub(in crate::scenario) judges: bool,
}

impl Other {
    const fn beside(self, beside: &'static [(&'static str, &'static str)]) -> Other {
        Other { beside, ..self }
    }

    const fn at_change(self, beside: &'static [(&'static str, &'static str)]) -> Other {
        Other { beside, from_the_start: false, ..self }
    }

    const fn to_whom_wants(self, favourite: Favourite) -> Other {
        Other { favourite, ..self }
    }
}

const fn other(key: &'static str, value: &'static str) -> Other {
    let (favourite, reader) = (Favourite::Anything, Reader::Engine);
    Other { key, value, beside: &[], from_the_start: true, favourite, reader, judges: false }
}

const fn judges(key: &'static str, value: &'static str) -> Other {
    Other { judges: true, ..other(key, value) }
}

const fn of_world(key: &'static str, value: &'static str) -> Other {
    Other { reader: Reader::World, ..other(key, value) }
}

/// Terms in which much happens in few months: high limits, reviews from the first statement on, early write-offs and sales.
pub(in crate::scenario) const BASE: &[(&str, &str)] = &[
    ("product.origination.tier_new_limit_yuan", "[3000, 2700, 2400, 2000, 1500]"),
    ("product.origination.review_share", "0.3"),
    ("product.origination.review_extra_days", "2"),
    ("product.limits.first_review_days", "20"),
    ("product.limits.freeze_dpd", "4"),
    ("product.limits.tip_link", "0.5"),
    ("product.limits.task_purchases", "1"),
    ("product.limits.task_raise", "0.1"),
    ("product.limits.targeting.weights", "[0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]"),
    ("product.limits.targeting.cuts", "[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]"),
    ("product.limits.targeting.raise", "[0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4]"),
    ("product.limits.lower_share", "0.3"),
    ("product.authorisation.false_alarm", "0.05"),
    ("product.collections.writeoff_dpd", "91"),
    ("product.collections.hardship_dpd", "[5, 90]"),
    ("product.collections.sale_after_days", "10"),
    ("product.cards.redeem_rebate", "0.01"),
];

/// Flat fees in the place of a rate.
const FLAT: &[(&str, &str)] =
    &[("product.pricing.instalments", "\"flat_fee\""), ("product.pricing.flat_fee", "[0.035, 0.06, 0.09, 0.134]")];

/// Late interest as a surcharge.
const SURCHARGE: &[(&str, &str)] = &[
    ("product.pricing.late_interest", "\"surcharge\""),
    ("product.pricing.late_surcharge", "0.3"),
    ("product.pricing.tier_annual", "[0.15, 0.15, 0.15, 0.15, 0.15]"),
    ("product.pricing.annual_range", "[0.1, 0.24]"),
];

/// A cap that comes with the change, below what open loans bear.
const LOWER_CAP: &[(&str, &str)] = &[
    ("product.pricing.cap_annual", "0.12"),
    ("product.pricing.tier_annual", "[0.09, 0.1, 0.11, 0.115, 0.12]"),
    ("product.pricing.annual_range", "[0.09, 0.12]"),
    ("product.pricing.penalty_daily", "0.0003"),
];

/// Partners that leave the platform more than its least share.
const SMALL_PARTNERS: &[(&str, &str)] = &[
    ("partners.consumer-finance.terms.share", "0.4"),
    ("partners.bank.terms.share", "0.4"),
    ("partners.trust.terms.share", "0.4"),
];

/// Nobody is let in at once.
const REVIEWED: &[(&str, &str)] =
    &[("product.origination.review_share", "1.0"), ("product.origination.review_extra_days", "2")];

/// Cash is neither stopped nor found, so that there is nobody who may take no more of it.
const UNSEEN: &[(&str, &str)] =
    &[("product.authorisation.pattern_stop", "0.0"), ("product.authorisation.monitoring_detection", "0.0")];

/// A round of lowering.
const ROUND: &[(&str, &str)] = &[("product.limits.lower_round", "1")];

/// All of them.
pub(in crate::scenario) const OTHER: &[Other] = &[
    other("product.origination.age_min", "40"),
    other("product.origination.age_max", "25"),
    other("product.origination.students_barred", "false").to_whom_wants(Favourite::Account),
    other("product.origination.review_share", "1.0"),
    other("product.origination.review_approval", "0.0").beside(REVIEWED).to_whom_wants(Favourite::Account),
    other("product.origination.review_days", "6").beside(REVIEWED).to_whom_wants(Favourite::Account),
    other("product.origination.review_extra_days", "9").beside(REVIEWED).to_whom_wants(Favourite::Account),
    other("product.origination.review_capacity_per_mille", "1").beside(REVIEWED).to_whom_wants(Favourite::Account),
    other("product.origination.pd_cutoff", "0.0001"),
    other("product.origination.score_intercept", "-1.0"),
    other("product.origination.score_bureau", "-0.001"),
    other("product.origination.score_behaviour", "-0.05"),
    other("product.origination.score_debt", "2.0"),
    other("product.origination.income_min_yuan", "8000").to_whom_wants(Favourite::Account),
    other("product.origination.total_debt_max_yuan", "3500"),
    other("product.origination.tier_pd", "[0.001, 0.002, 0.003, 0.004, 1.0]"),
    other("product.origination.tier_new_limit_yuan", "[1500, 1400, 1300, 1200, 1100]"),
    other("product.limits.first_review_days", "700"),
    other("product.limits.raise_factor", "1.05").to_whom_wants(Favourite::Tip),
    other("product.limits.raise_utilisation_min", "1.0").to_whom_wants(Favourite::Tip),
    other("product.limits.tier_ceiling_yuan", "[3000, 2700, 2400, 2000, 1500]"),
    other("product.limits.income_multiple", "0.1"),
    other("product.limits.cut_factor", "0.5"),
    other("product.limits.freeze_dpd", "1"),
    other("product.limits.ceiling_yuan", "10000").beside(&[
        ("product.limits.tier_ceiling_yuan", "[10000, 9000, 8000, 6000, 4000]"),
        ("product.limits.income_multiple", "9.0"),
        ("product.origination.tier_new_limit_yuan", "[9800, 8900, 7900, 5900, 3900]"),
    ]),
    other("product.limits.campaign_raise", "0.9"),
    other("product.limits.campaign_raise_days", "7"),
    of_world("product.limits.campaign_share", "0.5"),
    other("product.limits.tip_link", "5.0").to_whom_wants(Favourite::Tip),
    other("product.limits.task_purchases", "9"),
    other("product.limits.task_raise", "0.5"),
    other("product.limits.targeting.weights", "[0.0, 9.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]"),
    other("product.limits.targeting.cuts", "[20.0, 21.0, 22.0, 23.0, 24.0, 25.0, 26.0, 27.0, 28.0]"),
    other("product.limits.targeting.raise", "[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]"),
    other("product.limits.lower_round", "1"),
    other("product.limits.lower_share", "0.6").at_change(ROUND),
    other("product.limits.lower_floor_yuan", "2500").at_change(ROUND),
    other("product.limits.lower_from_tier", "4").at_change(ROUND),
    judges("product.authorisation.scene_allowed", "[false, false, false, false]"),
    judges("product.authorisation.velocity_count_max", "1"),
    judges("product.authorisation.velocity_amount_yuan", "100"),
    judges("product.authorisation.pattern_stop", "1.0").beside(UNSEEN).to_whom_wants(Favourite::Cash),
    judges("product.authorisation.monitoring_detection", "1.0").beside(UNSEEN).to_whom_wants(Favourite::Cash),
    judges("product.authorisation.false_alarm", "0.9"),
    other("product.authorisation.hold_days", "30"),
    judges("product.authorisation.refund_days", "1"),
    of_world("product.pricing.annual_range", "[0.17, 0.24]"),
    other("product.pricing.tier_annual", "[0.18, 0.185, 0.19, 0.2, 0.21]"),
    other("product.pricing.instalments", "\"irr\"").beside(FLAT),
    other("product.pricing.flat_fee", "[0.02, 0.03, 0.04, 0.05]").beside(FLAT),
    other("product.pricing.flat_fee_by_tier", "[0.5, 0.5, 0.5, 0.5, 0.5]").beside(FLAT),
    other("product.pricing.terms_offered", "[false, false, true, false]"),
    other("product.pricing.penalty_daily", "0.0002"),
    other("product.pricing.late_interest", "\"published\"").beside(SURCHARGE),
    other("product.pricing.late_surcharge", "0.1").beside(SURCHARGE),
    other("product.pricing.first_period", "\"next_cycle\""),
    judges("product.pricing.refund_free_before_first_bill", "false").to_whom_wants(Favourite::Instalments),
    other("product.pricing.interest_from_day_one", "true"),
    other("product.pricing.cap_annual", "0.235").beside(FLAT),
    other("product.pricing.cap_binds_open", "true").at_change(LOWER_CAP),
    other("product.pricing.risk_based", "false"),
    of_world("product.pricing.coupon", "0.5"),
    judges("product.cards.enabled", "false"),
    judges("product.cards.face_max_yuan", "1000").to_whom_wants(Favourite::Card),
    judges("product.cards.unnamed_max_yuan", "100"),
    judges("product.cards.refund_days", "0").to_whom_wants(Favourite::Card),
    other("product.cards.closed_from_tier", "0"),
    judges("product.cards.redeem_rebate", "0.3"),
    judges("product.tips.enabled", "false"),
    judges("product.tips.host_share", "0.9"),
    other("product.billing.due_after_days", "7"),
    other("product.billing.due_extra_days", "[0, 3, 8]"),
    other("product.billing.grace_days", "0"),
    other("product.billing.minimum", "0.9"),
    other("product.billing.minimum_floor_yuan", "300"),
    of_world("product.billing.debit_rounds", "[\"07:00\", \"16:00\", \"19:00\"]"),
    other("product.collections.writeoff_dpd", "93"),
    other("product.collections.channel_from_dpd", "[1, 1, 1, 1, 1]"),
    other("product.collections.capacity_per_mille", "[0, 0, 0, 0, 0]"),
    other("product.collections.reach", "[1.0, 1.0, 1.0, 1.0, 1.0]"),
    other("product.collections.cost_yuan", "[1.0, 1.0, 2.0, 3.0, 4.0]"),
    other("product.collections.calls_a_day_max", "0"),
    judges("product.collections.hardship_dpd", "[80, 85]"),
    other("product.collections.hardship_months", "24"),
    other("product.collections.hardship_annual", "0.05"),
    other("product.collections.probation_months", "1"),
    other("product.collections.sale_after_days", "700"),
    other("product.collections.sale_price", "0.5"),
    other("product.funding.platform_share_min", "0.5").beside(SMALL_PARTNERS),
    of_world("product.funding.leverage", "3"),
    other("product.funding.treasury_annual", "0.09"),
    of_world("product.provisioning.pd_by_bucket", "[0.05, 0.2, 0.7, 0.85, 0.95, 0.97, 0.99]"),
    other("product.provisioning.ccf", "0.9"),
    of_world("product.provisioning.macro_weights", "[0.1, 0.1, 0.8]"),
    of_world("product.provisioning.macro_multipliers", "[1.0, 1.2, 1.9]"),
    other("product.provisioning.lifetime_factor", "3.0"),
    of_world("product.provisioning.recovery_prior", "0.2"),
    judges("product.economics.commission", "[0.01, 0.01, 0.01, 0.01]"),
    judges("product.economics.application_cost_yuan", "9.0"),
    other("product.economics.service_cost_yuan_per_month", "9.0"),
    other("product.economics.complaint_cost_yuan", "99.0"),
    other("partners.bank.terms.share", "0.2"),
    of_world("partners.bank.terms.capacity_yuan_per_user", "1"),
    other("partners.bank.terms.price_annual", "0.2"),
    other("partners.bank.terms.first_loss", "0.0"),
    of_world("partners.bank.terms.trigger_30", "0.9"),
    of_world("partners.bank.terms.resume", "0.1"),
];
