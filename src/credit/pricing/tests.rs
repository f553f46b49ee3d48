//! Schedules, flat fees and the cap, by hand and against decimal arithmetic.

use super::*;
use crate::base::money::{BasisPoints, Ppm};
use crate::credit::terms::{InstalmentPricing, TIERS};
use proptest::prelude::*;

fn payments(plan: &[Instalment]) -> Vec<i64> {
    plan.iter().map(Instalment::payment_fen).collect()
}

/// The IRR by plain bisection on the balance in decimal arithmetic: nothing shared with `irr_monthly`.
fn irr_by_balance(principal_fen: i64, payments_fen: &[i64]) -> Decimal {
    let (mut low, mut high) = (Decimal::ZERO, Decimal::ONE);
    for _ in 0..60 {
        let middle = (low + high) / Decimal::TWO;
        let left = payments_fen
            .iter()
            .fold(Decimal::from(principal_fen), |b, &p| b * (Decimal::ONE + middle) - Decimal::from(p));
        // Money left over means that the rate tried is above the true one.
        if left > Decimal::ZERO { high = middle } else { low = middle }
    }
    low
}

fn worth_at_cap_by_decimal(cap_bp: i32, payments_fen: &[i64]) -> Decimal {
    let growth = Decimal::ONE + Decimal::from(cap_bp) / Decimal::from(120_000);
    let mut discount = Decimal::ONE;
    payments_fen.iter().fold(Decimal::ZERO, |sum, &p| {
        discount /= growth;
        sum + Decimal::from(p) * discount
    })
}

#[test]
fn a_level_loan_by_hand() {
    // 1,000.00 yuan, 24 % a year, 3 months: factor 0.346754…, 2 % a month.
    let plan = schedule(100_000, 2_400, 3);
    let rows: Vec<_> = plan.iter().map(|i| (i.principal_fen, i.interest_fen)).collect();
    assert_eq!(rows, [(32_675, 2_000), (33_329, 1_346), (33_996, 679)]);
    assert_eq!(payments(&plan), [34_675, 34_675, 34_675]);
}

#[test]
fn a_flat_fee_loan_by_hand() {
    let plan = flat_schedule(100_000, 450, 6);
    let rows: Vec<_> = plan.iter().map(|i| (i.principal_fen, i.fee_fen)).collect();
    let (odd_last, even) = ((16_670, 750), (16_666, 750));
    assert_eq!(rows, [even, even, even, even, even, odd_last]);
    let odd = flat_schedule(10_001, 333, 4);
    assert_eq!(odd.iter().map(|i| i.fee_fen).collect::<Vec<_>>(), [84, 83, 83, 83]);
}

#[test]
fn nothing_lent_or_no_interest_is_no_special_case() {
    assert_eq!(payments(&schedule(100, 0, 3)), [33, 33, 34]);
    assert_eq!(payments(&schedule(1, 2_400, 12)), [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    assert_eq!(irr_monthly(100, &[33, 33, 34]), Some(0.0));
    assert_eq!(irr_monthly(0, &[1]), None);
    assert!(irr_monthly(100, &[30, 30, 30]).is_some_and(|i| i < 0.0));
}

#[test]
fn the_largest_flat_fees_are_the_published_ones() {
    for (cap, fees) in [(2_400, ["4.03", "7.12", "10.26", "13.47"]), (1_200, ["2.01", "3.53", "5.07", "6.62"])] {
        for (n, fee) in TERM_MONTHS.into_iter().zip(fees) {
            // The fee at which n equal payments have an IRR of the cap.
            let largest = Decimal::from(n) * level_ratio(cap, n) - Decimal::ONE;
            let percent = largest * Decimal::ONE_HUNDRED;
            assert_eq!(percent.round_dp(2).to_string(), fee, "{n} months at {cap}");
            let table = CapTable::new(cap);
            let bp = (percent * Decimal::ONE_HUNDRED).floor().to_i32().expect("a fee below the principal");
            assert!(table.allows_flat(100_000_000, flat_fee(100_000_000, bp), n));
            assert!(!table.allows_flat(100_000_000, flat_fee(100_000_000, bp + 1), n));
        }
    }
}

#[test]
fn known_price_lists_meet_the_cap() {
    let cap = CapTable::new(2_400);
    let breaks = |fee_bp: i32, n: u8| !cap.within_cap(1_000_000, &payments(&flat_schedule(1_000_000, fee_bp, n)));
    let baitiao: Vec<bool> = TERM_MONTHS.iter().map(|&n| breaks(120 * i32::from(n), n)).collect();
    assert_eq!(baitiao, [false, true, true, true], "1.2 % a month, flat");
    let huabei: Vec<bool> = TERM_MONTHS.iter().zip([250, 450, 650, 880]).map(|(&n, bp)| breaks(bp, n)).collect();
    assert_eq!(huabei, [false; 4]);
}

#[test]
fn the_cap_is_exact_at_equality() {
    let cap = CapTable::new(2_400);
    // 2 % a month twice: 5,000 left after the first payment of 5,200, then 5,100: the IRR is 24 % to the last digit.
    assert!(cap.within_cap(10_000, &[5_200, 5_100]));
    assert!(!cap.within_cap(10_000, &[5_200, 5_101]));
    assert!(!cap.within_cap(10_000, &[5_201, 5_100]));
    // Interest only, then all: no fraction anywhere, 12 months.
    let mut bullet = [20_000; 12];
    bullet[11] += 1_000_000;
    assert!(cap.within_cap(1_000_000, &bullet));
    bullet[11] += 1;
    assert!(!cap.within_cap(1_000_000, &bullet));
}

#[test]
fn settling_early_costs_a_period_but_never_breaks_the_cap() {
    let cap = CapTable::new(2_400);
    let settle = |annual_bp: i32, paid: usize, days_into_period: u8| {
        let plan = schedule(1_000_000, annual_bp, 12);
        let paid_fen = &payments(&plan)[..paid];
        let remaining_fen: i64 = plan[paid..].iter().map(|i| i.principal_fen).sum();
        let period_charge_fen = plan[paid].interest_fen;
        let loan =
            Settlement { principal_fen: 1_000_000, paid_fen, remaining_fen, period_charge_fen, days_into_period };
        let fee = cap.early_settlement_fee(&loan);
        let mut all = paid_fen.to_vec();
        match (days_into_period, all.last_mut()) {
            (0, Some(last)) => *last += remaining_fen + fee,
            _ => all.push(remaining_fen + fee),
        }
        assert!(!days_into_period.is_multiple_of(30) || cap.within_cap(1_000_000, &all), "{annual_bp} {paid} {fee}");
        (fee, period_charge_fen)
    };
    for annual_bp in [1_800, 2_100, 2_400] {
        for paid in 1..12 {
            let (whole, charge) = settle(annual_bp, paid, 30);
            assert_eq!(whole, charge, "a whole period earns its whole charge");
            let (mut last, _) = settle(annual_bp, paid, 0);
            for days in 1..=30 {
                let (fee, charge) = settle(annual_bp, paid, days);
                assert!(last <= fee && fee <= charge, "{annual_bp} {paid} {days}");
                last = fee;
            }
        }
    }
    // At the cap itself nothing may be added on a due day; well below it the whole fee fits after some payments.
    assert!(settle(2_400, 6, 0).0 <= 12, "only the odd fen that rounding left");
    assert_eq!(settle(1_800, 8, 0).0, settle(1_800, 8, 0).1);
    assert!(settle(1_800, 1, 0).0 < settle(1_800, 1, 0).1);
}

#[test]
fn part_of_a_period_is_not_overcharged() {
    // After 15 of 30 days: (1.02)^½ − 1 = 0.995 % of 10,000.00 at most.
    let loan = Settlement {
        principal_fen: 1_000_000,
        paid_fen: &[],
        remaining_fen: 1_000_000,
        period_charge_fen: 20_000,
        days_into_period: 15,
    };
    let fee = CapTable::new(2_400).early_settlement_fee(&loan);
    assert!((9_899..=9_950).contains(&fee), "{fee}");
}

#[test]
fn the_table_and_the_bare_formula_agree() {
    let pricing = Pricing {
        tier_annual: [1_800, 1_950, 2_100, 2_250, 2_400].map(BasisPoints),
        instalments: InstalmentPricing::Irr,
        flat_fee_by_tier: [Ppm::ONE; 5],
        terms_offered: [true; 4],
        penalty_daily: Ppm(500),
        interest_from_day_one: false,
        cap_annual: BasisPoints(2_400),
        risk_based: true,
        coupon: Ppm(0),
    };
    let table = LevelTable::new(&pricing);
    assert_eq!(table.factors.len(), TIERS * TERM_MONTHS.len());
    for rate in pricing.tier_annual {
        for n in TERM_MONTHS {
            assert_eq!(
                table.level_payment(123_456, rate.0, n),
                LevelTable::default().level_payment(123_456, rate.0, n)
            );
        }
    }
}

proptest! {
    #[test]
    fn level_schedules_add_up_and_cost_no_more_than_they_say(
        principal in 1_i64..500_000_000, annual_bp in 0_i32..=3_600, n in 1_u8..=60,
    ) {
        let plan = schedule(principal, annual_bp, n);
        prop_assert_eq!(plan.len(), usize::from(n));
        prop_assert_eq!(plan.iter().map(|i| i.principal_fen).sum::<i64>(), principal);
        prop_assert!(plan.iter().all(|i| i.principal_fen >= 0 && i.interest_fen >= 0 && i.fee_fen == 0));
        let paid = payments(&plan);
        prop_assert!(CapTable::new(annual_bp).within_cap(principal, &paid), "dearer than its own rate");
        // Two roundings a period, a fen each at most, grow with the rate until the last payment evens them out.
        let odd: f64 = (0..n).fold(0.0, |sum, _| sum * (1.0 + f64::from(annual_bp) / 120_000.0) + 1.0);
        let spread = (paid[paid.len() - 1] - paid[0]) as f64;
        prop_assert!(spread.abs() <= odd + 1.0, "last payment off by {}", spread);
    }

    #[test]
    fn level_irr_is_close_to_the_rate(principal in 1_000_000_i64..500_000_000, annual_bp in 100_i32..=3_600, n in 1_u8..=60) {
        let monthly = irr_monthly(principal, &payments(&schedule(principal, annual_bp, n)));
        let stated = f64::from(annual_bp) / 10_000.0;
        let nominal = monthly.map_or(f64::NAN, nominal_annual);
        prop_assert!(nominal <= stated + 1e-12 && nominal > stated - 5e-4, "{} for {}", nominal, stated);
    }

    #[test]
    fn irr_agrees_with_an_independent_method(
        principal in 10_000_i64..100_000_000, fee_bp in 0_i32..3_000, n in 1_u8..=24,
    ) {
        let paid = payments(&flat_schedule(principal, fee_bp, n));
        let independent = irr_by_balance(principal, &paid).to_f64().unwrap_or(f64::NAN);
        let solved = irr_monthly(principal, &paid).unwrap_or(f64::NAN);
        prop_assert!((independent - solved).abs() < 1e-9, "{} or {}", independent, solved);
    }

    #[test]
    fn flat_schedules_add_up(principal in 1_i64..500_000_000, fee_bp in 0_i32..3_000, n in 1_u8..=60) {
        let plan = flat_schedule(principal, fee_bp, n);
        prop_assert_eq!(plan.iter().map(|i| i.principal_fen).sum::<i64>(), principal);
        prop_assert_eq!(plan.iter().map(|i| i.fee_fen).sum::<i64>(), flat_fee(principal, fee_bp));
    }

    #[test]
    fn the_cap_test_agrees_with_decimal_arithmetic(
        principal in 1_i64..50_000_000, fee_bp in 0_i32..2_000, n in 1_u8..=12, cap_bp in 100_i32..3_600,
    ) {
        let paid = payments(&flat_schedule(principal, fee_bp, n));
        let slack = Decimal::from(principal) - worth_at_cap_by_decimal(cap_bp, &paid);
        prop_assume!(slack.abs() > Decimal::new(1, 9));
        prop_assert_eq!(CapTable::new(cap_bp).within_cap(principal, &paid), slack > Decimal::ZERO);
    }

    #[test]
    fn one_instalment_at_a_time_is_the_schedule(principal in 1_i64..5_000_000, annual_bp in 0_i32..=2_400, n in 1_u8..=12) {
        let payment = LevelTable::default().level_payment(principal, annual_bp, n);
        let mut remaining = principal;
        for (i, row) in schedule(principal, annual_bp, n).iter().enumerate() {
            let next = nth_instalment(remaining, payment, annual_bp, n - i as u8);
            prop_assert_eq!((next.principal_fen, next.interest_fen), (row.principal_fen, row.interest_fen));
            remaining -= next.principal_fen;
        }
        prop_assert_eq!(remaining, 0);
    }
}
