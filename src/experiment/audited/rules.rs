//! The terms of a product in the plain numbers that the auditor reads.

use crate::audit::{Debt, FirstPart, Late, PartnerRules, Plan, Rules};
use crate::base::ids::FUNDERS;
use crate::base::money::Ppm;
use crate::credit::terms::{
    AllocationBy, FirstPeriod, InstalmentPricing, LateInterest, Owed, TERM_MONTHS, TIERS, Terms,
};

/// The terms of a product in plain numbers, for a world of `users` users.
pub(crate) fn rules(terms: &Terms, users: u32) -> Rules {
    let (limits, authorisation, pricing) = (&terms.limits, &terms.authorisation, &terms.pricing);
    Rules {
        ages: (terms.origination.age_min, terms.origination.age_max),
        students_barred: terms.origination.students_barred,
        income_min_yuan: terms.origination.income_min_yuan,
        total_debt_max_yuan: terms.origination.total_debt_max_yuan,
        new_limits: fen_all(&terms.origination.tier_new_limit_fen),
        review_days: u32::from(terms.origination.review_days),
        limit_ceiling: i64::from(limits.ceiling_fen),
        tier_ceilings: fen_all(&limits.tier_ceiling_fen),
        income_multiple_ppm: i64::from(limits.income_multiple.0),
        raise_factor_ppm: i64::from(limits.raise_factor.0),
        cut_factor_ppm: i64::from(limits.cut_factor.0),
        tip_link_ppm: i64::from(limits.tip_link.0),
        targeted_growth_max_ppm: limits.targeting.raise.iter().map(|ppm| i64::from(ppm.0)).max().unwrap_or(1_000_000),
        task_purchases: u32::from(limits.task_purchases),
        task_raise_ppm: i64::from(limits.task_raise.0),
        lower_round: limits.lower_round,
        lower_share_ppm: i64::from(limits.lower_share.0),
        lower_floor: i64::from(limits.lower_floor_fen),
        lower_from_tier: limits.lower_from_tier,
        campaign_raise_ppm: i64::from(limits.campaign_raise.0),
        campaign_raise_days: limits.campaign_raise_days,
        freeze_dpd: limits.freeze_dpd,
        scene_allowed: authorisation.scene_allowed,
        velocity_count: u32::from(authorisation.velocity_count_max),
        velocity_fen: i64::from(authorisation.velocity_amount_fen),
        hold_days: u16::from(authorisation.hold_days),
        refund_days: u16::from(authorisation.refund_days),
        tier_rates: pricing.tier_annual.iter().map(|rate| i64::from(rate.0)).collect(),
        plan: match &pricing.instalments {
            InstalmentPricing::Irr => Plan::Level,
            InstalmentPricing::EqualPrincipal => Plan::EqualPrincipal,
            InstalmentPricing::FlatFee(fees) => {
                let of_tier = |tier| std::array::from_fn(|term| i64::from(pricing.flat_fee(fees, term, tier).0));
                Plan::Flat((0..TIERS).map(of_tier).collect())
            }
        },
        first_part: match pricing.first_period {
            FirstPeriod::Days => FirstPart::Days,
            FirstPeriod::NextCycle => FirstPart::NextCycle,
        },
        terms_offered: (0..TERM_MONTHS.len())
            .filter(|position| pricing.terms_offered[*position])
            .map(|position| (TERM_MONTHS[position], position))
            .collect(),
        late: match pricing.late_interest {
            LateInterest::Published => Late::Published(i64::from(pricing.penalty_daily.0)),
            LateInterest::Surcharge(share) => Late::Surcharge(i64::from(share.0)),
        },
        refund_free: pricing.refund_free_before_first_bill,
        interest_from_day_one: pricing.interest_from_day_one,
        cap_bp: i64::from(pricing.cap_annual.0),
        cap_binds_open: pricing.cap_binds_open,
        cards_enabled: terms.cards.enabled,
        card_face_max: i64::from(terms.cards.face_max_fen),
        card_unnamed_max: i64::from(terms.cards.unnamed_max_fen),
        card_refund_days: u16::from(terms.cards.refund_days),
        redeem_rebate_ppm: i64::from(terms.cards.redeem_rebate.0),
        tips_enabled: terms.tips.enabled,
        host_share_ppm: i64::from(terms.tips.host_share.0),
        ..later_rules(terms, users)
    }
}

/// Billing, lateness, funding and costs.
fn later_rules(terms: &Terms, users: u32) -> Rules {
    let (billing, collections, funding) = (&terms.billing, &terms.collections, &terms.funding);
    Rules {
        bill_days: billing.bill_days.clone(),
        due_after_days: (0..billing.bill_days.len()).map(|group| billing.due_after(group)).collect(),
        grace_days: u16::from(billing.grace_days),
        minimum_ppm: i64::from(billing.minimum.0),
        minimum_floor: i64::from(billing.minimum_floor_fen),
        allocation: billing.allocation.map(|owed| match owed {
            Owed::Penalty => Debt::Penalty,
            Owed::Interest => Debt::Interest,
            Owed::Fees => Debt::Fees,
            Owed::Principal => Debt::Principal,
        }),
        allocation_by_kind: billing.allocation_by == AllocationBy::Kind,
        tolerance: i64::from(billing.tolerance_fen),
        writeoff_dpd: collections.writeoff_dpd,
        contacts_per_mille: collections.capacity_per_mille.map(i64::from),
        contact_costs: collections.cost_fen.map(i64::from),
        hardship_dpd: collections.hardship_dpd,
        hardship_months: collections.hardship_months,
        hardship_bp: i64::from(collections.hardship_annual.0),
        probation_months: u16::from(collections.probation_months),
        sale_after_days: collections.sale_after_days,
        sale_price_ppm: i64::from(collections.sale_price.0),
        partners: funding
            .partners
            .iter()
            .map(|partner| PartnerRules {
                share_ppm: i64::from(partner.share.0),
                price_bp: i64::from(partner.price_annual.0),
                first_loss_ppm: i64::from(partner.first_loss.0),
            })
            .collect(),
        platform_share_min_ppm: i64::from(funding.platform_share_min.0),
        treasury_bp: i64::from(funding.treasury_annual.0),
        capacity: capacity(terms, users),
        commission_ppm: ppm_all(terms.economics.commission),
        application_cost: i64::from(terms.economics.application_cost_fen),
        service_cost_month: i64::from(terms.economics.service_cost_fen_per_month),
        complaint_cost: i64::from(terms.economics.complaint_cost_fen),
        ..Rules::default()
    }
}

fn ppm_all<const N: usize>(all: [Ppm; N]) -> [i64; N] {
    all.map(|ppm| i64::from(ppm.0))
}

fn fen_all(all: &[i32]) -> Vec<i64> {
    all.iter().map(|fen| i64::from(*fen)).collect()
}

/// What each funder may have lent and reserved in a world of `users` users.
fn capacity(terms: &Terms, users: u32) -> [i64; FUNDERS] {
    let funding = &terms.funding;
    let mut capacity = [0; FUNDERS];
    capacity[0] = funding.net_assets_fen_per_user * funding.leverage * i64::from(users);
    for (room, partner) in capacity.iter_mut().skip(1).zip(&funding.partners) {
        *room = partner.capacity_fen_per_user * i64::from(users);
    }
    capacity
}
