//! Schedules, flat fees and the cap, by hand and against decimal arithmetic.

mod days;

use super::early::Prepaid;
use super::level::level_ratio;
use super::parts::{Plan, Remaining, day_interest, flat_schedule, period_interest, schedule};
use super::returns::{effective_annual, irr_monthly, monthly, nominal_annual, on_days, simple_annual};
use super::*;
use crate::credit::terms::{TERM_MONTHS, TIERS};
use crate::testing::fixture;
use proptest::prelude::*;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

fn payments(plan: &[InstalmentParts]) -> Vec<i64> {
    plan.iter().map(InstalmentParts::payment_fen).collect()
}

fn within_cap(cap: &CapTable, principal_fen: i64, payments_fen: &[i64]) -> bool {
    cap.allows(principal_fen, payments_fen.iter().copied())
}

fn irr(principal_fen: i64, payments_fen: &[i64]) -> Option<f64> {
    irr_monthly(principal_fen, &monthly(payments_fen.iter().copied()))
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
    // 1,000.00 in 6: 166.66 each leaves odd fen, which come one by one; 7.50 a part.
    let plan = flat_schedule(100_000, 450, 6);
    let rows: Vec<_> = plan.iter().map(|i| (i.principal_fen, i.fee_fen)).collect();
    let (small, large) = ((16_666, 750), (16_667, 750));
    assert_eq!(rows, [small, small, large, large, large, large]);
    // A fee of 3.33 on 100.01 in 4: the odd fen first.
    let odd = flat_schedule(10_001, 333, 4);
    assert_eq!(odd.iter().map(|i| i.fee_fen).collect::<Vec<_>>(), [84, 83, 83, 83]);
}

#[test]
fn even_divisions_come_out_even() {
    // 1,200.00 in 3 at no interest: 400.00 each, of whatever kind.
    assert_eq!(payments(&schedule(120_000, 0, 3)), [40_000; 3]);
    assert_eq!(payments(&flat_schedule(120_000, 0, 3)), [40_000; 3]);
    let equal: Vec<_> = Remaining::equal_principal(120_000, 0, 3).parts(None).collect();
    assert_eq!(payments(&equal), [40_000; 3]);
    // 2 % a month, 3 payments: the factor is 132,651 / 382,550, so of 3,825.50 a payment is 1,326.51 to the last digit.
    assert_eq!(LevelTable::default().level_payment(382_550, 2_400, 3), 132_651);
    assert_eq!(LevelTable::default().level_payment(382_549, 2_400, 3), 132_650);
}

#[test]
fn equal_principal_by_hand() {
    // 1,200.00 in 3 at 24 %: 400.00 each and 2 % of 1,200, 800 and 400.
    let plan: Vec<_> = Remaining::equal_principal(120_000, 2_400, 3).parts(None).collect();
    let rows: Vec<_> = plan.iter().map(|i| (i.principal_fen, i.interest_fen)).collect();
    assert_eq!(rows, [(40_000, 2_400), (40_000, 1_600), (40_000, 800)]);
    // 100.00 in 3: 33.33, then 33.33 of 66.67, then the rest.
    let plan: Vec<_> = Remaining::equal_principal(10_000, 0, 3).parts(None).collect();
    assert_eq!(payments(&plan), [3_333, 3_333, 3_334]);
}

#[test]
fn a_first_period_counts_its_days() {
    // Case D1: 1,200.00 at 0.06 % a day: 0.72 in one day, 4.32 in six.
    assert_eq!((day_interest(120_000, 2_190, 1), day_interest(120_000, 2_190, 6)), (72, 432));
    assert_eq!(period_interest(120_000, 2_190), 2_190, "a whole month");
    let loan = Remaining::level(&LevelTable::default(), 120_000, 2_190, 3);
    let rows: Vec<_> = loan.parts(Some(6)).map(|i| (i.principal_fen, i.interest_fen)).collect();
    // Payment 414.68. First 410.36 and 4.32; 1.825 % of 789.64 is 14.41, of 389.37 it is 7.10.
    assert_eq!(rows, [(41_036, 432), (40_027, 1_441), (38_937, 710)]);
}

#[test]
fn a_long_first_period_may_be_all_interest() {
    // 1,000.00 in 60 at 24 %: a payment of 28.76, and 58 days bear 38.13. All of it is paid, and no principal.
    let loan = Remaining::level(&LevelTable::default(), 100_000, 2_400, 60);
    let first = loan.next_part_after(58);
    assert_eq!((first.principal_fen, first.interest_fen), (0, 3_813));
    assert_eq!(loan.parts(Some(58)).map(|part| part.principal_fen).sum::<i64>(), 100_000);
}

#[test]
fn a_loan_shrinks_with_a_refund() {
    let table = LevelTable::default();
    let loan = Remaining::level(&table, 120_000, 2_400, 3);
    let half = loan.less(&table, 60_000);
    assert_eq!(half, Remaining::level(&table, 60_000, 2_400, 3));
    // A fee of 30.00 in 3, one part billed: 20.00 left on 800.00; 100.00 of it goes, and 2.50 with it.
    let flat = Remaining::flat(120_000, 3_000, 3);
    let flat = flat.after(&flat.next_part());
    assert_eq!((flat.coming_fen, flat.plan), (80_000, Plan::Flat { fee_left_fen: 2_000 }));
    let less = flat.less(&table, 10_000);
    assert_eq!((less.coming_fen, less.plan), (70_000, Plan::Flat { fee_left_fen: 1_750 }));
    let gone = flat.less(&table, 80_000);
    assert_eq!((gone.coming_fen, gone.plan), (0, Plan::Flat { fee_left_fen: 0 }));
    assert_eq!(gone.less(&table, 0), gone, "nothing of nothing");
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
    let breaks = |fee_bp: i32, n: u8| !within_cap(&cap, 1_000_000, &payments(&flat_schedule(1_000_000, fee_bp, n)));
    let baitiao: Vec<bool> = TERM_MONTHS.iter().map(|&n| breaks(120 * i32::from(n), n)).collect();
    assert_eq!(baitiao, [false, true, true, true], "1.2 % a month, flat");
    let huabei: Vec<bool> = TERM_MONTHS.iter().zip([250, 450, 650, 880]).map(|(&n, bp)| breaks(bp, n)).collect();
    assert_eq!(huabei, [false; 4]);
}

#[test]
fn the_cap_is_exact_at_equality() {
    let cap = CapTable::new(2_400);
    // 2 % a month twice: 5,000 left after the first payment of 5,200, then 5,100: the IRR is 24 % to the last digit.
    assert!(within_cap(&cap, 10_000, &[5_200, 5_100]));
    assert!(!within_cap(&cap, 10_000, &[5_200, 5_101]));
    assert!(!within_cap(&cap, 10_000, &[5_201, 5_100]));
    // Interest only, then all: no fraction anywhere, 12 months.
    let mut bullet = [20_000; 12];
    bullet[11] += 1_000_000;
    assert!(within_cap(&cap, 1_000_000, &bullet));
    bullet[11] += 1;
    assert!(!within_cap(&cap, 1_000_000, &bullet));
}

#[test]
fn the_cap_is_exact_beyond_128_bits() {
    // Case D4: 1.00 in 60 at 24 %. A level payment of 2 fen is all interest, so the principal comes at the end: 24 % to the last digit.
    let paid = payments(&schedule(100, 2_400, 60));
    assert_eq!((paid[0], paid[58], paid[59]), (2, 2, 102));
    let cap = CapTable::new(2_400);
    assert!(within_cap(&cap, 100, &paid));
    let mut dearer = paid.clone();
    dearer[59] += 1;
    assert!(!within_cap(&cap, 100, &dearer));
    // The same kind at rates without short fractions, and far from 60 months: interest only at each rate is within a cap of it.
    for annual_bp in [1, 1_837, 2_399, 3_600, 100_000] {
        let interest_only: Vec<i64> = (1..=60)
            .map(|k| if k == 60 { 12_000_000 + 100 * i64::from(annual_bp) } else { 100 * i64::from(annual_bp) })
            .collect();
        assert!(within_cap(&CapTable::new(annual_bp), 12_000_000, &interest_only), "{annual_bp}");
        assert!(!within_cap(&CapTable::new(annual_bp - 1), 12_000_000, &interest_only), "{annual_bp}");
    }
}

#[test]
fn the_table_and_the_bare_formula_agree() {
    let pricing = fixture::terms().pricing;
    let table = LevelTable::new(&pricing);
    assert_eq!(table.entries(), TIERS * TERM_MONTHS.len());
    for rate in pricing.tier_annual {
        for n in TERM_MONTHS {
            assert_eq!(
                table.level_payment(123_456, rate.0, n),
                LevelTable::default().level_payment(123_456, rate.0, n)
            );
        }
    }
}

#[test]
fn paying_ahead_costs_a_period_less_the_coupon_and_at_most_what_the_days_allow() {
    let (cap, table) = (CapTable::new(2_400), LevelTable::default());
    let charge = |loan, amount_fen, waived_percent, days| {
        Prepaid { loan, amount_fen, waived_percent, days }.charge_fen(&cap, None)
    };
    // 800.00 of a level loan at 18 %: a period is 12.00; at 24 % a year 30 days leave 800 × (1.02^(360/365) − 1) = 15.77, 10 days 5.22.
    let loan = Remaining { coming_fen: 80_000, parts_left: 2, ..Remaining::level(&table, 120_000, 1_800, 3) };
    assert_eq!([0, 10, 30].map(|days| charge(loan, 80_000, 0, days)), [0, 522, 1_200]);
    // Half of it, half waived.
    assert_eq!((charge(loan, 40_000, 0, 30), charge(loan, 40_000, 50, 30)), (600, 300));
    // Case C1: a coupon of 100 % leaves no charge.
    assert_eq!(charge(loan, 80_000, 100, 30), 0);
    // A fee of 50.00 in 5, 40.00 left in 4: a part is 10.00, of half the principal 5.00.
    let flat = Remaining { parts_left: 4, ..Remaining::flat(80_000, 4_000, 5) };
    assert_eq!((charge(flat, 80_000, 0, 30), charge(flat, 40_000, 0, 30)), (1_000, 500));
    // Nothing to come costs nothing. (Of a loan that is gone a fee cannot be left.)
    assert_eq!(charge(Remaining::flat(0, 0, 3), 0, 0, 30), 0);
    // The last part of a loan that began six days ago costs what running on would: six days, 800 × 0.18 × 6 / 365 = 2.36.
    let last = Remaining { parts_left: 1, ..loan };
    assert_eq!(Prepaid { loan: last, amount_fen: 80_000, waived_percent: 0, days: 30 }.charge_fen(&cap, Some(6)), 236);
}

#[test]
fn rates_of_return_beside_each_other() {
    // 1,000.00 lent for 73 days (a fifth of a year), 1,040.00 back: simple 20 %; effective 1.04⁵ − 1 = 21.665 %; nominal
    // 12 × (1.04^(5/12) − 1) = 19.771 %.
    let parts = [InstalmentParts { principal_fen: 100_000, interest_fen: 4_000, fee_fen: 0 }];
    let i = irr_monthly(100_000, &on_days([(73, 104_000)])).expect("a rate");
    assert!((simple_annual(100_000, &parts, [73.0 * 12.0 / 365.0]) - 0.20).abs() < 1e-12);
    // 40.00 on 1,000.00 for 73 days and 500.00 for as long again: on 300.00 for a year.
    let half = InstalmentParts { principal_fen: 50_000, interest_fen: 2_000, fee_fen: 0 };
    let months = [73.0, 146.0].map(|days| days * 12.0 / 365.0);
    assert!((simple_annual(100_000, &[half, half], months) - 40.0 / 300.0).abs() < 1e-12);
    assert!((effective_annual(i) - 0.216_652_902_4).abs() < 1e-10, "{}", effective_annual(i));
    assert!((nominal_annual(i) - 0.197_714_7).abs() < 1e-7, "{}", nominal_annual(i));
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
        prop_assert!(within_cap(&CapTable::new(annual_bp), principal, &paid), "dearer than its own rate");
        // Two roundings a period, a fen each at most, grow with the rate until the last payment evens them out.
        let odd: f64 = (0..n).fold(0.0, |sum, _| sum * (1.0 + f64::from(annual_bp) / 120_000.0) + 1.0);
        let spread = (paid[paid.len() - 1] - paid[0]) as f64;
        prop_assert!(spread.abs() <= odd + 1.0, "last payment off by {}", spread);
    }

    #[test]
    fn level_irr_is_close_to_the_rate(principal in 1_000_000_i64..500_000_000, annual_bp in 100_i32..=3_600, n in 1_u8..=60) {
        let monthly = irr(principal, &payments(&schedule(principal, annual_bp, n)));
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
        let solved = irr(principal, &paid).unwrap_or(f64::NAN);
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
        prop_assert_eq!(within_cap(&CapTable::new(cap_bp), principal, &paid), slack > Decimal::ZERO);
    }
}
