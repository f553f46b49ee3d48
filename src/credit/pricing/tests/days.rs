//! The cap on real due dates: by an independent rate of return over every purchase day, and the search for what holds.

use super::super::cap::Offer;
use super::super::dates::DueDays;
use super::super::level::LevelTable;
use super::super::parts::{Remaining, flat_fee};
use super::super::{CapTable, InstalmentParts};
use crate::base::time::Day;
use crate::credit::terms::{FirstPeriod, TERM_MONTHS};
use proptest::prelude::*;

const RULES: [FirstPeriod; 2] = [FirstPeriod::Days, FirstPeriod::NextCycle];

/// A loan as its borrower sees it, by arithmetic of its own: dates by counting days, payments by plain division.
mod apart {
    /// Days of a month of a year.
    fn month_days(year: i64, month: i64) -> i64 {
        match month {
            2 if year % 4 == 0 => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        }
    }

    /// Days from the purchase to each due date.
    pub(super) fn due(mut date: (i64, i64, i64), bill_day: i64, after: i64, skip: i64, parts: i64) -> Vec<i64> {
        let (mut passed, mut statements, mut due) = (0, 0, Vec::new());
        while due.len() < parts as usize {
            if date.2 == bill_day {
                statements += 1;
                if statements > skip {
                    due.push(passed + after);
                }
            }
            passed += 1;
            date.2 += 1;
            if date.2 > month_days(date.0, date.1) {
                (date.1, date.2) = (date.1 % 12 + 1, 1);
                date.0 += i64::from(date.1 == 1);
            }
        }
        due
    }

    /// Payments of equal size at a rate; the first interest by `first_days`, if any.
    pub(super) fn level(lent: i64, bp: i64, parts: i64, first_days: Option<i64>) -> Vec<i64> {
        let i = bp as f64 / 120_000.0;
        let payment = (lent as f64 * i / (1.0 - libm::pow(1.0 + i, -parts as f64)) + 1e-7) as i64;
        let mut left = lent;
        (1..=parts)
            .map(|k| {
                let interest = match first_days {
                    Some(days) if k == 1 => left * bp * days / 3_650_000,
                    _ => left * bp / 120_000,
                };
                let principal = if k == parts { left } else { (payment - interest).clamp(0, left) };
                left -= principal;
                principal + interest
            })
            .collect()
    }

    /// Equal principal from what remains, with interest at a rate or with a fee whose odd fen come first.
    pub(super) fn equal(lent: i64, bp: i64, fee: i64, parts: i64, first_days: Option<i64>) -> Vec<i64> {
        let (mut left, mut fee) = (lent, fee);
        (1..=parts)
            .map(|k| {
                let (principal, of_fee) = (left / (parts - k + 1), (fee + parts - k) / (parts - k + 1));
                let interest = match first_days {
                    Some(days) if k == 1 => left * bp * days / 3_650_000,
                    _ => left * bp / 120_000,
                };
                left -= principal;
                fee -= of_fee;
                principal + of_fee + interest
            })
            .collect()
    }

    /// The effective annual rate by halving: what spreadsheets call XIRR.
    pub(super) fn xirr(lent: i64, payments: &[i64], due: &[i64]) -> f64 {
        let (mut low, mut high) = (-0.5, 2.0);
        for _ in 0..45 {
            let middle = 0.5 * (low + high);
            let worth: f64 = payments
                .iter()
                .zip(due)
                .map(|(fen, days)| *fen as f64 * libm::pow(1.0 + middle, -(*days as f64) / 365.0))
                .sum();
            if worth > lent as f64 { low = middle } else { high = middle }
        }
        0.5 * (low + high)
    }

    /// Twelve times the monthly rate that makes this effective one.
    pub(super) fn nominal(xirr: f64) -> f64 {
        12.0 * (libm::pow(1.0 + xirr, 1.0 / 12.0) - 1.0)
    }
}

/// A purchase of 1,234.57 and its due dates, by arithmetic of its own.
struct Bought {
    made: Day,
    months: u8,
    bill_day: u8,
    due_after: u16,
    first: FirstPeriod,
    due: Vec<i64>,
}

const LENT: i64 = 123_457;

impl Bought {
    fn new((made, months, first): (Day, u8, FirstPeriod), bill_day: u8, due_after: u16) -> Bought {
        let (year, month, day) = made.ymd();
        let skip = i64::from(first == FirstPeriod::NextCycle);
        let date = (year.into(), month.into(), day.into());
        let due = apart::due(date, bill_day.into(), due_after.into(), skip, months.into());
        Bought { made, months, bill_day, due_after, first, due }
    }

    fn due_days(&self) -> impl Iterator<Item = u16> + Clone {
        DueDays::new(self.made, self.bill_day, self.due_after, self.first).take(usize::from(self.months))
    }

    fn first_days(&self) -> Option<i64> {
        (self.first == FirstPeriod::Days).then(|| self.due[0])
    }

    fn nominal(&self, payments: &[i64]) -> f64 {
        apart::nominal(apart::xirr(LENT, payments, &self.due))
    }
}

/// Every purchase day of two years (one of them a leap year) with every term and rule of the first period.
fn every_purchase() -> impl Iterator<Item = (Day, u8, FirstPeriod)> {
    let start = Day::from_ymd(2027, 1, 1).expect("a date");
    let terms = move |offset| TERM_MONTHS.into_iter().map(move |months| (start.plus(offset), months));
    (0..731).flat_map(terms).flat_map(|(made, months)| RULES.map(|first| (made, months, first)))
}

/// Tier by tier, and above: no loan above the cap by a rate of return that shares nothing with the code, and none that could have been
/// a basis point dearer.
#[test]
fn no_loan_of_any_purchase_day_is_above_the_cap() {
    let (cap, table) = (CapTable::new(2_400), LevelTable::default());
    let mut priced_down = [0; 2];
    for (rate, bill_day, due_after) in
        [(1_800, 1, 5), (1_920, 10, 5), (2_040, 15, 5), (2_160, 1, 9), (2_340, 10, 5), (2_400, 1, 5), (3_000, 28, 20)]
    {
        for purchase in every_purchase() {
            let bought = Bought::new(purchase, bill_day, due_after);
            assert!(bought.due_days().map(i64::from).eq(bought.due.iter().copied()), "{purchase:?} {bill_day}");
            for equal_principal in [false, true] {
                let offer = Offer {
                    principal_fen: LENT,
                    annual_bp: rate,
                    parts: bought.months,
                    equal_principal,
                    first_by_days: bought.first_days().is_some(),
                };
                let priced = cap.highest_rate(&table, &offer, bought.due_days());
                let nominal = |bp: i32| {
                    let (bp, parts, first_days) = (bp.into(), bought.months.into(), bought.first_days());
                    bought.nominal(&match equal_principal {
                        true => apart::equal(LENT, bp, 0, parts, first_days),
                        false => apart::level(LENT, bp, parts, first_days),
                    })
                };
                assert!(nominal(priced) <= 0.24 + 1e-9, "{purchase:?} {priced}: {}", nominal(priced));
                if priced < rate {
                    priced_down[usize::from(equal_principal)] += 1;
                    assert!(nominal(priced + 1) > 0.24 - 1e-9, "{purchase:?}: {priced} could be higher");
                }
            }
        }
    }
    assert!(priced_down.iter().all(|count| *count > 1_000), "{priced_down:?}");
}

/// The largest fees that hold over whole months, on every purchase day: cut to what the real dates leave, to the fen.
#[test]
fn no_flat_fee_of_any_purchase_day_is_above_the_cap() {
    let cap = CapTable::new(2_400);
    let fees = [402, 711, 1_026, 1_347];
    let mut cut = 0;
    for purchase @ (_, months, _) in every_purchase() {
        let bought = Bought::new(purchase, 1, 5);
        let position = TERM_MONTHS.iter().position(|term| *term == months).expect("a term");
        let fee = flat_fee(LENT, fees[position]);
        let holds = cap.largest_fee(LENT, fee, months, bought.due_days());
        let nominal = |fee: i64| bought.nominal(&apart::equal(LENT, 0, fee, months.into(), None));
        assert!(nominal(holds) <= 0.24 + 1e-9, "{purchase:?} {holds}: {}", nominal(holds));
        if holds < fee {
            cut += 1;
            assert!(nominal(holds + 1) > 0.24 - 1e-9, "{purchase:?}: {holds} could be larger");
        }
    }
    assert!(cut > 1_000, "{cut}");
}

/// What the lengths of months can do at most. Due dates are as far apart as statements, so the first due date and the month in which
/// it is billed say everything.
fn worst(rate: i32, mut seen: impl FnMut(Offer, &[u16])) {
    for (month, parts, equal_principal) in
        (0..48).flat_map(|m| TERM_MONTHS.into_iter().flat_map(move |n| [false, true].map(|equal| (m, n, equal))))
    {
        for first in RULES {
            let by_days = first == FirstPeriod::Days;
            for first_due in if by_days { 1..=57_u16 } else { 29..=88 } {
                let statement = Day::from_ymd(2027, 1, 1).expect("a date").month_start(month);
                let later = (0..parts).map(|k| statement.month_start(k.into()).since(statement) as u16 + first_due);
                let due: Vec<u16> = later.collect();
                let offer = Offer {
                    principal_fen: 10_000_000,
                    annual_bp: rate,
                    parts,
                    equal_principal,
                    first_by_days: by_days,
                };
                seen(offer, &due);
            }
        }
    }
}

fn payments<'a>(offer: &Offer, due: &'a [u16]) -> impl Iterator<Item = (u16, i64)> + 'a {
    let parts = offer.at(&LevelTable::default(), offer.annual_bp).parts(offer.first_by_days.then(|| due[0]));
    due.iter().copied().zip(parts.map(|part| part.payment_fen()))
}

/// The quick path: whatever the purchase day, bill day and days to pay, a rate that counts as safe is within the cap; and the margin
/// is not idle.
#[test]
fn a_safe_rate_is_within_the_cap_whatever_the_dates() {
    for cap_bp in [600, 1_200, 1_540, 2_000, 2_400, 3_600] {
        let cap = CapTable::new(cap_bp);
        worst(cap.safe_bp(), |offer, due| {
            assert!(cap.allows_on(offer.principal_fen, payments(&offer, due)), "{offer:?} due {due:?}");
        });
        let mut broken = 0;
        worst(cap_bp - cap_bp / 25, |offer, due| {
            broken += u32::from(!cap.allows_on(offer.principal_fen, payments(&offer, due)));
        });
        assert!(broken > 0, "a margin of 4 % would do at {cap_bp}");
    }
}

#[test]
fn a_flat_fee_is_cut_to_what_the_dates_allow() {
    let cap = CapTable::new(2_400);
    // 4.02 % on 1,000.00 in 3 is within the cap over whole months. Bought on 31 January with a first part on 6 February it is not.
    let fee = flat_fee(100_000, 402);
    assert!(cap.allows_flat(100_000, fee, 3));
    let made = Day::from_ymd(2027, 1, 31).expect("a date");
    let due = DueDays::new(made, 1, 5, FirstPeriod::Days).take(3);
    let days: Vec<i64> = due.clone().map(i64::from).collect();
    assert_eq!(days, [6, 34, 65]);
    let cut = cap.largest_fee(100_000, fee, 3, due);
    let nominal = |fee: i64| {
        let paid: Vec<i64> = Remaining::flat(100_000, fee, 3).parts(None).map(|part| part.payment_fen()).collect();
        apart::nominal(apart::xirr(100_000, &paid, &days))
    };
    assert!(nominal(cut) <= 0.24 && nominal(cut + 1) > 0.24, "{cut}: {} and {}", nominal(cut), nominal(cut + 1));
    assert!((2_200..2_400).contains(&cut), "35 days' worth at 24 % on about 1,000, 667 and 333: {cut}");
    // A long first period takes nothing away.
    let due = DueDays::new(made, 1, 5, FirstPeriod::NextCycle).take(3);
    assert_eq!(cap.largest_fee(100_000, fee, 3, due), fee);
}

#[test]
fn at_a_cap_of_nothing_a_free_loan_holds() {
    let cap = CapTable::new(0);
    assert!(cap.allows_on(120_000, [(6, 40_000), (34, 40_000), (65, 40_000)].into_iter()));
    assert!(!cap.allows_on(120_000, [(6, 40_000), (34, 40_000), (65, 40_001)].into_iter()));
    let offer =
        Offer { principal_fen: 120_000, annual_bp: 1_800, parts: 3, equal_principal: false, first_by_days: true };
    // At one basis point six days, and a month of 800.00, bear less than a fen; at two a month bears one.
    assert_eq!(cap.highest_rate(&LevelTable::default(), &offer, [6, 34, 65].into_iter()), 1);
    assert_eq!(cap.growth_on(120_000, 365), 0);
}

#[test]
fn growth_at_the_cap_by_hand() {
    let cap = CapTable::new(2_400);
    // A year: 1.02¹² − 1 = 26.824 179 456 %. Half a year (182.5 days) is not a day; 73 days: 1.02^2.4 − 1 = 4.867 33 %.
    assert_eq!(cap.growth_on(1_000_000, 365), 268_241);
    assert_eq!(cap.growth_on(1_000_000, 73), 48_673);
    assert_eq!((cap.growth_on(1_000_000, 0), cap.growth_on(0, 73)), (0, 0));
}

/// Nothing above the cap is let through: factors are at or above the truth, by two units of 2⁻⁶² at most. At 50 % a month a year
/// is (2/3)¹², which integers can say.
#[test]
fn discount_factors_of_days_are_rounded_up() {
    let cap = CapTable::new(60_000);
    let worth = |days: u16| cap.excess_on(0, [(days, 1)].into_iter()) as u128;
    let (kept, whole) = ((4_096_u128) << 62, 531_441);
    assert!(worth(365) * whole >= kept && (worth(365) - 2) * whole < kept, "{}", worth(365));
    assert_eq!((worth(0), worth(1_920) > 0), (1 << 62, true));
    assert!((1..=1_920).all(|days| worth(days) < worth(days - 1)));
}

proptest! {
    /// The search finds what going down one by one finds, also where roundings make the worth no steady function of the rate.
    #[test]
    fn the_highest_rate_is_that_of_going_down_one_by_one(
        principal_fen in prop_oneof![1_i64..2_000, 1_000_i64..5_000_000],
        annual_bp in 0_i32..=3_600,
        cap_bp in 0_i32..=3_000,
        parts in 1_u8..=12,
        equal_principal: bool,
        first_by_days: bool,
        offset in 0_u16..1_461,
        bill_day in 1_u8..=28,
        due_after in 1_u16..=27,
    ) {
        let (cap, table) = (CapTable::new(cap_bp), LevelTable::default());
        let made = Day::from_ymd(2027, 1, 1).expect("a date").plus(offset);
        let first = if first_by_days { FirstPeriod::Days } else { FirstPeriod::NextCycle };
        let due: Vec<u16> = DueDays::new(made, bill_day, due_after, first).take(parts.into()).collect();
        let offer = Offer { principal_fen, annual_bp, parts, equal_principal, first_by_days };
        let holds = |annual_bp: i32| cap.allows_on(principal_fen, payments(&Offer { annual_bp, ..offer }, &due));
        let plain = (0..=annual_bp).rev().find(|bp| holds(*bp)).unwrap_or(0);
        prop_assert_eq!(cap.highest_rate(&table, &offer, due.iter().copied()), plain);
    }

    #[test]
    fn a_largest_fee_is_the_largest(
        principal_fen in 1_i64..5_000_000, fee_bp in 0_i32..2_000, parts in 1_u8..=12, first_due in 1_u16..60,
    ) {
        let cap = CapTable::new(2_400);
        let due = (0..u16::from(parts)).map(|k| first_due + 30 * k);
        let fee = flat_fee(principal_fen, fee_bp);
        let holds = |fee: i64| {
            let plan = Remaining::flat(principal_fen, fee, parts).parts(None).map(|part: InstalmentParts| part.payment_fen());
            cap.allows_on(principal_fen, due.clone().zip(plan))
        };
        let largest = cap.largest_fee(principal_fen, fee, parts, due.clone());
        prop_assert!(holds(largest) && (largest == fee || !holds(largest + 1)));
    }
}
