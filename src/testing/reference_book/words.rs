//! The terms of a product in the plain numbers of the book.

use super::rules::{Due, Instalments, Late, Partner, Rules};
use crate::base::money::{BasisPoints, Ppm};
use crate::credit::terms::{AllocationBy, FirstPeriod, InstalmentPricing, LateInterest, Owed, Terms};

fn ppm(share: Ppm) -> i64 {
    share.0.into()
}

fn bp(rate: BasisPoints) -> i64 {
    rate.0.into()
}

/// What the book needs of the terms; everybody is of the same tier.
pub(super) fn rules_of(terms: &Terms, tier: usize) -> Rules {
    let (pricing, billing, cards, collections) = (&terms.pricing, &terms.billing, &terms.cards, &terms.collections);
    let (checks, funding, limits) = (&terms.authorisation, &terms.funding, &terms.limits);
    let extra = |group: usize| billing.due_extra_days.get(group).copied().unwrap_or(0);
    Rules {
        tier,
        new_limit: terms.origination.tier_new_limit_fen[tier].min(limits.ceiling_fen).into(),
        application_cost: terms.economics.application_cost_fen.into(),
        service_cost: terms.economics.service_cost_fen_per_month.into(),
        complaint_cost: terms.economics.complaint_cost_fen.into(),
        first_review_days: limits.first_review_days.into(),
        cut_ppm: ppm(limits.cut_factor),
        raise_ppm: ppm(limits.raise_factor),
        raise_from_use_ppm: ppm(limits.raise_utilisation_min),
        tier_ceiling: limits.tier_ceiling_fen.map(i64::from),
        income_multiple_ppm: ppm(limits.income_multiple),
        ceiling: limits.ceiling_fen.into(),
        lower_round: limits.lower_round.into(),
        lower_share_ppm: ppm(limits.lower_share),
        lower_floor: limits.lower_floor_fen.into(),
        lower_from_tier: limits.lower_from_tier.into(),
        scenes: checks.scene_allowed,
        velocity_count: checks.velocity_count_max.into(),
        velocity_fen: checks.velocity_amount_fen.into(),
        stops_cash_out: checks.pattern_stop.0 > 0,
        confirms_cash_out: checks.monitoring_detection.0 > 0,
        hold_days: checks.hold_days.into(),
        refund_days: checks.refund_days.into(),
        commission_ppm: terms.economics.commission.map(ppm),
        rate_bp: pricing.tier_annual.map(bp),
        risk_based: pricing.risk_based,
        instalments: match &pricing.instalments {
            InstalmentPricing::Irr => Instalments::Level,
            InstalmentPricing::EqualPrincipal => Instalments::EqualPrincipal,
            InstalmentPricing::FlatFee(fees) => Instalments::Flat(fees.map(bp)),
        },
        flat_by_tier_ppm: pricing.flat_fee_by_tier.map(ppm),
        offered: pricing.terms_offered,
        late: match pricing.late_interest {
            LateInterest::Published => Late::Published(ppm(pricing.penalty_daily)),
            LateInterest::Surcharge(share) => Late::Surcharge(ppm(share)),
        },
        day_one: pricing.interest_from_day_one,
        cap_bp: bp(pricing.cap_annual),
        cap_binds_open: pricing.cap_binds_open,
        first_period_by_days: pricing.first_period == FirstPeriod::Days,
        refund_free: pricing.refund_free_before_first_bill,
        cards: cards.enabled,
        face_max: cards.face_max_fen.into(),
        unnamed_max: cards.unnamed_max_fen.into(),
        card_refund_days: cards.refund_days.into(),
        cards_closed_from_tier: cards.closed_from_tier.into(),
        rebate_ppm: ppm(cards.redeem_rebate),
        tips: terms.tips.enabled,
        host_ppm: ppm(terms.tips.host_share),
        bill_days: billing.bill_days.iter().map(|day| i64::from(*day)).collect(),
        due_after: (0..billing.bill_days.len()).map(|group| i64::from(billing.due_after_days + extra(group))).collect(),
        grace_days: billing.grace_days.into(),
        minimum_ppm: ppm(billing.minimum),
        minimum_floor: billing.minimum_floor_fen.into(),
        order: billing.allocation.map(|owed| match owed {
            Owed::Penalty => Due::Penalty,
            Owed::Interest => Due::Interest,
            Owed::Fees => Due::Fees,
            Owed::Principal => Due::Principal,
        }),
        bill_by_bill: billing.allocation_by == AllocationBy::Bill,
        tolerance: billing.tolerance_fen.into(),
        freeze_dpd: limits.freeze_dpd.into(),
        channels: std::array::from_fn(|channel| {
            (collections.channel_from_dpd[channel].into(), collections.cost_fen[channel].into())
        }),
        writeoff_dpd: collections.writeoff_dpd.into(),
        hardship_dpd: (collections.hardship_dpd.0.into(), collections.hardship_dpd.1.into()),
        hardship_months: collections.hardship_months.into(),
        hardship_bp: bp(collections.hardship_annual),
        probation_months: collections.probation_months.into(),
        sale_after: collections.sale_after_days.into(),
        sale_ppm: ppm(collections.sale_price),
        partners: funding
            .partners
            .iter()
            .map(|partner| Partner {
                share_ppm: ppm(partner.share),
                first_loss_ppm: ppm(partner.first_loss),
                price_bp: bp(partner.price_annual),
            })
            .collect(),
        platform_min_ppm: ppm(funding.platform_share_min),
        treasury_bp: bp(funding.treasury_annual),
    }
}
