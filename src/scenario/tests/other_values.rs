//! For every key of a product and of a partner that a policy may change: another value, under terms in which it matters.

/// Another value for a key.
pub(in crate::scenario) struct Other {
    /// The key.
    pub(in crate::scenario) key: &'static str,
    /// Its other value, in TOML.
    pub(in crate::scenario) value: &'static str,
    /// Further terms, without which the key would do nothing.
    pub(in crate::scenario) beside: &'static [(&'static str, &'static str)],
    /// These hold from the first day on; else they come with the change, for both.
    pub(in crate::scenario) from_the_start: bool,
}

const fn other(key: &'static str, value: &'static str) -> Other {
    Other { key, value, beside: &[], from_the_start: true }
}

const fn beside(key: &'static str, value: &'static str, beside: &'static [(&'static str, &'static str)]) -> Other {
    Other { key, value, beside, from_the_start: true }
}

const fn at_change(key: &'static str, value: &'static str, beside: &'static [(&'static str, &'static str)]) -> Other {
    Other { key, value, beside, from_the_start: false }
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

/// A round of lowering.
const ROUND: &[(&str, &str)] = &[("product.limits.lower_round", "1")];

/// Keys that the world reads and the engine does not: they reach it through the controls of a day or a quota, which this test draws
/// by itself, or not at all.
pub(in crate::scenario) const WORLD: &[&str] = &[
    "product.limits.campaign_share",
    "product.pricing.annual_range",
    "product.pricing.coupon",
    "product.billing.debit_rounds",
    "product.funding.leverage",
    "product.provisioning.pd_by_bucket",
    "product.provisioning.macro_weights",
    "product.provisioning.macro_multipliers",
    "product.provisioning.recovery_prior",
    "partners.bank.terms.capacity_yuan_per_user",
    "partners.bank.terms.trigger_30",
    "partners.bank.terms.resume",
];

/// Keys whose effect the cells of this test meet too rarely to be seen. That none of them reaches what is open before its time is tested as
/// for all others.
pub(in crate::scenario) const RARE: &[&str] = &[
    "product.origination.students_barred",
    "product.origination.review_approval",
    "product.origination.review_days",
    "product.origination.review_extra_days",
    "product.origination.review_capacity_per_mille",
    "product.origination.income_min_yuan",
    "product.limits.raise_factor",
    "product.limits.raise_utilisation_min",
    "product.limits.tip_link",
    "product.authorisation.pattern_stop",
    "product.authorisation.monitoring_detection",
    "product.pricing.refund_free_before_first_bill",
    "product.cards.face_max_yuan",
    "product.cards.refund_days",
];

/// All of them.
pub(in crate::scenario) const OTHER: &[Other] = &[
    other("product.origination.age_min", "40"),
    other("product.origination.age_max", "25"),
    other("product.origination.students_barred", "false"),
    other("product.origination.review_share", "1.0"),
    other("product.origination.review_approval", "0.0"),
    other("product.origination.review_days", "6"),
    other("product.origination.review_extra_days", "9"),
    other("product.origination.review_capacity_per_mille", "1"),
    other("product.origination.pd_cutoff", "0.0001"),
    other("product.origination.score_intercept", "-1.0"),
    other("product.origination.score_bureau", "-0.001"),
    other("product.origination.score_behaviour", "-0.05"),
    other("product.origination.score_debt", "2.0"),
    other("product.origination.income_min_yuan", "8000"),
    other("product.origination.total_debt_max_yuan", "3500"),
    other("product.origination.tier_pd", "[0.001, 0.002, 0.003, 0.004, 1.0]"),
    other("product.origination.tier_new_limit_yuan", "[1500, 1400, 1300, 1200, 1100]"),
    other("product.limits.first_review_days", "700"),
    other("product.limits.raise_factor", "1.05"),
    other("product.limits.raise_utilisation_min", "1.0"),
    other("product.limits.tier_ceiling_yuan", "[3000, 2700, 2400, 2000, 1500]"),
    other("product.limits.income_multiple", "0.1"),
    other("product.limits.cut_factor", "0.5"),
    other("product.limits.freeze_dpd", "1"),
    beside(
        "product.limits.ceiling_yuan",
        "10000",
        &[
            ("product.limits.tier_ceiling_yuan", "[10000, 9000, 8000, 6000, 4000]"),
            ("product.limits.income_multiple", "9.0"),
            ("product.origination.tier_new_limit_yuan", "[9800, 8900, 7900, 5900, 3900]"),
        ],
    ),
    other("product.limits.campaign_raise", "0.9"),
    other("product.limits.campaign_raise_days", "7"),
    other("product.limits.campaign_share", "0.5"),
    other("product.limits.tip_link", "5.0"),
    other("product.limits.task_purchases", "9"),
    other("product.limits.task_raise", "0.5"),
    other("product.limits.targeting.weights", "[0.0, 9.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]"),
    other("product.limits.targeting.cuts", "[20.0, 21.0, 22.0, 23.0, 24.0, 25.0, 26.0, 27.0, 28.0]"),
    other("product.limits.targeting.raise", "[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]"),
    other("product.limits.lower_round", "1"),
    at_change("product.limits.lower_share", "0.6", ROUND),
    at_change("product.limits.lower_floor_yuan", "2500", ROUND),
    at_change("product.limits.lower_from_tier", "4", ROUND),
    other("product.authorisation.scene_allowed", "[false, false, false, false]"),
    other("product.authorisation.velocity_count_max", "1"),
    other("product.authorisation.velocity_amount_yuan", "100"),
    other("product.authorisation.pattern_stop", "1.0"),
    other("product.authorisation.monitoring_detection", "1.0"),
    other("product.authorisation.false_alarm", "0.9"),
    other("product.authorisation.hold_days", "30"),
    other("product.authorisation.refund_days", "1"),
    other("product.pricing.annual_range", "[0.17, 0.24]"),
    other("product.pricing.tier_annual", "[0.18, 0.185, 0.19, 0.2, 0.21]"),
    beside("product.pricing.instalments", "\"irr\"", FLAT),
    beside("product.pricing.flat_fee", "[0.02, 0.03, 0.04, 0.05]", FLAT),
    beside("product.pricing.flat_fee_by_tier", "[0.5, 0.5, 0.5, 0.5, 0.5]", FLAT),
    other("product.pricing.terms_offered", "[false, false, true, false]"),
    other("product.pricing.penalty_daily", "0.0002"),
    beside("product.pricing.late_interest", "\"published\"", SURCHARGE),
    beside("product.pricing.late_surcharge", "0.1", SURCHARGE),
    other("product.pricing.first_period", "\"next_cycle\""),
    other("product.pricing.refund_free_before_first_bill", "false"),
    other("product.pricing.interest_from_day_one", "true"),
    beside("product.pricing.cap_annual", "0.235", FLAT),
    at_change("product.pricing.cap_binds_open", "true", LOWER_CAP),
    other("product.pricing.risk_based", "false"),
    other("product.pricing.coupon", "0.5"),
    other("product.cards.enabled", "false"),
    other("product.cards.face_max_yuan", "1000"),
    other("product.cards.unnamed_max_yuan", "100"),
    other("product.cards.refund_days", "0"),
    other("product.cards.closed_from_tier", "0"),
    other("product.cards.redeem_rebate", "0.3"),
    other("product.tips.enabled", "false"),
    other("product.tips.host_share", "0.9"),
    other("product.billing.due_after_days", "7"),
    other("product.billing.due_extra_days", "[0, 3, 8]"),
    other("product.billing.grace_days", "0"),
    other("product.billing.minimum", "0.9"),
    other("product.billing.minimum_floor_yuan", "300"),
    other("product.billing.debit_rounds", "[\"07:00\", \"16:00\", \"19:00\"]"),
    other("product.collections.writeoff_dpd", "93"),
    other("product.collections.channel_from_dpd", "[1, 1, 1, 1, 1]"),
    other("product.collections.capacity_per_mille", "[0, 0, 0, 0, 0]"),
    other("product.collections.reach", "[1.0, 1.0, 1.0, 1.0, 1.0]"),
    other("product.collections.cost_yuan", "[1.0, 1.0, 2.0, 3.0, 4.0]"),
    other("product.collections.calls_a_day_max", "0"),
    other("product.collections.hardship_dpd", "[80, 85]"),
    other("product.collections.hardship_months", "24"),
    other("product.collections.hardship_annual", "0.05"),
    other("product.collections.probation_months", "1"),
    other("product.collections.sale_after_days", "700"),
    other("product.collections.sale_price", "0.5"),
    beside("product.funding.platform_share_min", "0.5", SMALL_PARTNERS),
    other("product.funding.leverage", "3"),
    other("product.funding.treasury_annual", "0.09"),
    other("product.provisioning.pd_by_bucket", "[0.05, 0.2, 0.7, 0.85, 0.95, 0.97, 0.99]"),
    other("product.provisioning.ccf", "0.9"),
    other("product.provisioning.macro_weights", "[0.1, 0.1, 0.8]"),
    other("product.provisioning.macro_multipliers", "[1.0, 1.2, 1.9]"),
    other("product.provisioning.lifetime_factor", "3.0"),
    other("product.provisioning.recovery_prior", "0.2"),
    other("product.economics.commission", "[0.01, 0.01, 0.01, 0.01]"),
    other("product.economics.application_cost_yuan", "9.0"),
    other("product.economics.service_cost_yuan_per_month", "9.0"),
    other("product.economics.complaint_cost_yuan", "99.0"),
    other("partners.bank.terms.share", "0.2"),
    other("partners.bank.terms.capacity_yuan_per_user", "1"),
    other("partners.bank.terms.price_annual", "0.2"),
    other("partners.bank.terms.first_loss", "0.0"),
    other("partners.bank.terms.trigger_30", "0.9"),
    other("partners.bank.terms.resume", "0.1"),
];
