//! What a seed draws before the first day, and the changes of terms and of the day that it draws later. No luck is left in the terms:
//! nobody is reviewed, no rule stops an honest purchase, monitoring finds all or nothing.

use crate::base::money::{BasisPoints, Ppm};
use crate::base::random::{Purpose, RunKey, Stream};
use crate::credit::Controls;
use crate::credit::terms::{AllocationBy, FirstPeriod, InstalmentPricing, LateInterest, Owed, TIERS, Terms};
use crate::testing::story;

/// What is drawn once.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub seed: u64,
    pub users: u32,
    pub months: u16,
    pub tier: usize,
    pub limit_fen: i32,
    /// Requests a day, mean, in thousandths.
    pub requests_milli: u32,
    /// Chances in a million that a request is a payment, of terms that change on a day, and of scarce funds.
    pub pays_ppm: i32,
    pub changes_ppm: i32,
    pub scarce: bool,
    pub terms: Terms,
}

pub(super) fn pick<T: Copy>(draws: &mut Stream, from: &[T]) -> T {
    from[draws.below(from.len() as u32) as usize]
}

impl Plan {
    pub(super) fn new(seed: u64, months: u16) -> Plan {
        let mut draws = RunKey::new(seed, 0).user(0).stream(Purpose::World);
        let draws = &mut draws;
        let tier = draws.below(TIERS as u32) as usize;
        let limit_fen = pick(draws, &[60_000, 300_000, 1_000_000, 4_999_999]);
        Plan {
            seed,
            users: 1 + draws.below(3),
            months,
            tier,
            limit_fen,
            requests_milli: pick(draws, &[150, 400, 1_000]),
            pays_ppm: pick(draws, &[60_000, 200_000, 400_000]),
            changes_ppm: pick(draws, &[0, 0, 15_000, 40_000]),
            scarce: draws.chance_ppm(150_000),
            terms: draw_terms(draws, tier, limit_fen),
        }
    }

    /// The controls of a day and the room of the funders, whatever happened before.
    pub(super) fn day(&self, day: u16, controls: &mut Controls) -> [i64; 4] {
        let mut draws = RunKey::new(self.seed, 0).user(1).day(day).stream(Purpose::World);
        controls.partner_open = [0; 3].map(|_| draws.chance_ppm(850_000));
        controls.cooperating_merchants = pick(&mut draws, &[10, u16::MAX]);
        controls.coupon_percent = pick(&mut draws, &[0, 0, 0, 7, 33, 50, 100]);
        let most = self.limit_fen as u32;
        let room = [0; 4].map(|_| i64::from(draws.below(most)));
        if self.scarce { room } else { [1_000_000_000_000; 4] }
    }
}

fn draw_terms(draws: &mut Stream, tier: usize, limit_fen: i32) -> Terms {
    let mut terms = story::plain();
    terms.origination.pd_cutoff = Ppm::ONE;
    terms.origination.tier_pd = std::array::from_fn(|t| if t < tier { Ppm(0) } else { Ppm::ONE });
    terms.origination.tier_new_limit_fen = [limit_fen; TIERS];
    terms.origination.total_debt_max_yuan = 1_000_000;
    terms.collections.capacity_per_mille = [0, 100_000, 100_000, 100_000, 100_000, 100_000];
    terms.limits.freeze_dpd = pick(draws, &[1, 4, 30]);
    terms.limits.first_review_days = pick(draws, &[u16::MAX, 31, 60]);
    terms.limits.raise_utilisation_min = pick(draws, &[Ppm(0), Ppm(200_000)]);
    let checks = &mut terms.authorisation;
    checks.pattern_stop = pick(draws, &[Ppm(0), Ppm::ONE, Ppm::ONE]);
    checks.monitoring_detection = pick(draws, &[Ppm(0), Ppm::ONE]);
    checks.velocity_count_max = pick(draws, &[3, 20]);
    checks.velocity_amount_fen = pick(draws, &[limit_fen / 3, 5_000_000]);
    checks.hold_days = pick(draws, &[1, 7, 15, 40]);
    checks.refund_days = pick(draws, &[7, 30, 90]);
    checks.scene_allowed[3] = draws.chance_ppm(700_000);
    terms.cards.refund_days = pick(draws, &[2, 7, 30]);
    terms.cards.face_max_fen = pick(draws, &[limit_fen / 2, 5_000_000]);
    terms.billing.bill_days = pick(draws, &[&[1][..], &[28], &[5, 20], &[1, 10, 15]]).to_vec();
    terms.billing.allocation = pick(
        draws,
        &[
            [Owed::Penalty, Owed::Interest, Owed::Fees, Owed::Principal],
            [Owed::Principal, Owed::Fees, Owed::Interest, Owed::Penalty],
            [Owed::Interest, Owed::Principal, Owed::Penalty, Owed::Fees],
        ],
    );
    terms.billing.allocation_by = pick(draws, &[AllocationBy::Bill, AllocationBy::Bill, AllocationBy::Kind]);
    terms.billing.tolerance_fen = pick(draws, &[0, 10, 100, 1_000, 5_000]);
    terms.collections.hardship_dpd = pick(draws, &[(1, 40), (31, 120)]);
    terms.collections.writeoff_dpd = pick(draws, &[31, 90, 180, 180, 361]);
    terms.collections.sale_after_days = pick(draws, &[30, 180]);
    terms.collections.probation_months = pick(draws, &[1, 3]);
    let partners = pick(draws, &[0, 1, 2, 2, 3]);
    let third = terms.funding.partners[0].clone();
    terms.funding.partners.push(third);
    terms.funding.partners.truncate(partners);
    // Everything that may change later is drawn in the same way at the beginning.
    for kind in 0..CHANGES {
        if draws.chance_ppm(600_000) {
            change(draws, kind, &mut terms);
        }
    }
    terms
}

/// Kinds of [`change`].
pub(super) const CHANGES: u32 = 23;

fn rates(draws: &mut Stream, cap: i32) -> [BasisPoints; TIERS] {
    // Some above the cap: instalments are then priced down.
    let highest = if draws.chance_ppm(250_000) { cap + 100 } else { cap };
    let lowest = pick(draws, &[0, highest / 2, highest - 40]);
    let mut rates = [0; TIERS].map(|_| lowest + draws.below((highest - lowest + 1) as u32) as i32);
    rates.sort_unstable();
    if draws.chance_ppm(300_000) {
        rates = [pick(draws, &[0, 1_800, 2_190]); TIERS];
    }
    rates.map(BasisPoints)
}

/// Changes one thing of the terms, drawn anew.
pub(super) fn change(draws: &mut Stream, kind: u32, terms: &mut Terms) {
    let pricing = &mut terms.pricing;
    let billing = &mut terms.billing;
    let share = |draws: &mut Stream, low: u32, high: u32| Ppm((low + draws.below(high - low + 1)) as i32);
    match kind {
        0 => pricing.cap_annual = BasisPoints(pick(draws, &[1_200, 2_400, 2_400, 3_600])),
        1 => pricing.tier_annual = rates(draws, pricing.cap_annual.0),
        2 => {
            let fee = |draws: &mut Stream, high| BasisPoints(draws.below(high) as i32);
            let fees = [fee(draws, 450), fee(draws, 800), fee(draws, 1_200), fee(draws, 1_600)];
            pricing.instalments = match draws.below(3) {
                0 => InstalmentPricing::Irr,
                1 => InstalmentPricing::EqualPrincipal,
                _ => InstalmentPricing::FlatFee(fees),
            };
        }
        3 => {
            pricing.late_interest = pick(
                draws,
                &[
                    LateInterest::Published,
                    LateInterest::Surcharge(Ppm(500_000)),
                    LateInterest::Surcharge(Ppm(123_456)),
                ],
            );
        }
        4 => pricing.penalty_daily = share(draws, 0, 900),
        5 => pricing.interest_from_day_one = draws.chance_ppm(500_000),
        6 => pricing.first_period = pick(draws, &[FirstPeriod::Days, FirstPeriod::Days, FirstPeriod::NextCycle]),
        7 => pricing.refund_free_before_first_bill = draws.chance_ppm(600_000),
        8 => pricing.risk_based = draws.chance_ppm(500_000),
        9 => pricing.flat_fee_by_tier = [0; TIERS].map(|_| share(draws, 300_000, 1_100_000)),
        10 => pricing.terms_offered[draws.below(4) as usize] = draws.chance_ppm(700_000),
        11 => {
            billing.grace_days = pick(draws, &[0, 0, 1, 3, 7]);
            billing.due_after_days = 1 + draws.below(20 - u32::from(billing.grace_days)) as u8;
            billing.due_extra_days = vec![0, draws.below(4) as u8, draws.below(4) as u8];
        }
        12 => billing.minimum = pick(draws, &[Ppm(50_000), Ppm(100_000), Ppm(333_333), Ppm::ONE]),
        13 => billing.minimum_floor_fen = pick(draws, &[0, 1_000, 10_000]),
        14 => terms.economics.commission = [0; 4].map(|_| share(draws, 0, 60_000)),
        15 => terms.tips.host_share = share(draws, 0, 1_000_000),
        16 => terms.tips.enabled = draws.chance_ppm(900_000),
        17 => {
            terms.cards.closed_from_tier = pick(draws, &[1, 4, 5, 5]);
            terms.cards.enabled = draws.chance_ppm(850_000);
            terms.cards.redeem_rebate = share(draws, 0, 30_000);
        }
        18 => {
            terms.funding.platform_share_min = share(draws, 0, 400_000);
            terms.funding.partners.iter_mut().for_each(|partner| partner.share = share(draws, 100_000, 1_000_000));
        }
        19 => {
            terms.collections.hardship_annual = BasisPoints(pick(draws, &[0, 600, 1_095]));
            terms.collections.hardship_months = pick(draws, &[3, 12, 24]);
        }
        20 => terms.funding.partners.iter_mut().for_each(|partner| partner.first_loss = share(draws, 0, 200_000)),
        21 => pricing.cap_binds_open = draws.chance_ppm(300_000),
        22 => {
            terms.limits.lower_round = pick(draws, &[0, 1, 2]);
            terms.limits.lower_share = share(draws, 0, 900_000);
            terms.limits.lower_floor_fen = pick(draws, &[0, 50_000]);
            terms.limits.lower_from_tier = pick(draws, &[0, 3]);
        }
        other => panic!("there is no change {other}"),
    }
}
