//! The price cap: whether what a borrower pays costs at most so much a year, and what holds where it does not.
//!
//! The measure is nominal, 12 × the monthly internal rate of return of all payments. On *real due dates* a month is 365 / 12 days:
//! a payment after so many days is worth `(1 + cap / 12)^(−12 × days / 365)` of itself. Over *whole months* the k-th payment is
//! worth `(1 + cap / 12)⁻ᵏ`; flat-fee price lists are held against that first. A loan is within the cap if the payments are worth at
//! most the principal. There is no tolerance: discount factors are rounded so that nothing above the cap is let through.

use crate::base::money::div_floor;
use crate::credit::pricing::natural::Natural;
use crate::credit::pricing::parts::Remaining;
use crate::credit::pricing::{LevelTable, MONTHLY, MONTHS_MAX};
use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, MathematicalOps};

/// Fraction bits of a discount factor.
const DISCOUNT_BITS: u32 = 62;

/// The latest due date that is priced, in days from the loan: a first period of two cycles, 59 more parts, 27 days to pay.
pub(crate) const DAYS_MAX: u16 = 1_920;

/// The price cap with its discount factors: decides in integers whether what a borrower pays costs at most the cap.
#[derive(Clone, Debug)]
pub struct CapTable {
    cap_bp: i32,
    /// `(1 + i)⁻ᵏ` with [`DISCOUNT_BITS`] fraction bits, rounded down, for k = 0 …
    by_month: [u64; MONTHS_MAX as usize + 1],
    /// `(1 + i)^(−12 d / 365)` likewise, rounded up, for d = 0 … [`DAYS_MAX`].
    by_day: Vec<u64>,
}

/// A loan with a rate, before it is made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Offer {
    /// What is lent.
    pub principal_fen: i64,
    /// The rate that is asked for, nominal annual basis points.
    pub annual_bp: i32,
    /// Number of parts.
    pub parts: u8,
    /// Equal principal; else equal payments.
    pub equal_principal: bool,
    /// The first part bears interest by days; else that of a period.
    pub first_by_days: bool,
}

impl Offer {
    /// The loan at this rate.
    ///
    /// # Panics
    /// As [`LevelTable::level_payment`].
    pub(crate) fn at(&self, level: &LevelTable, annual_bp: i32) -> Remaining {
        if self.equal_principal {
            Remaining::equal_principal(self.principal_fen, annual_bp, self.parts)
        } else {
            Remaining::level(level, self.principal_fen, annual_bp, self.parts)
        }
    }
}

impl CapTable {
    /// The table of a nominal annual cap in basis points.
    ///
    /// # Panics
    /// When the cap is negative or above 1,000 %.
    pub fn new(cap_bp: i32) -> CapTable {
        assert!((0..=100_000).contains(&cap_bp), "a cap of {cap_bp} basis points");
        // 48 guard bits: sixty roundings down cannot reach the bits that are kept.
        let mut exact: u128 = 1 << (DISCOUNT_BITS + 48);
        let mut by_month = [0; MONTHS_MAX as usize + 1];
        for factor in &mut by_month {
            *factor = (exact >> 48) as u64;
            exact = exact * MONTHLY as u128 / (MONTHLY as u128 + cap_bp as u128);
        }
        CapTable { cap_bp, by_month, by_day: by_day(cap_bp) }
    }

    /// The cap in basis points a year.
    pub const fn cap_bp(&self) -> i32 {
        self.cap_bp
    }

    /// True when the payments, one month apart, have an IRR of at most the cap: `Σ payment × (1 + i)⁻ᵏ ≤ principal`, exactly.
    ///
    /// # Panics
    /// When there are more than [`MONTHS_MAX`] payments or one is negative.
    pub fn allows(&self, principal_fen: i64, payments_fen: impl Iterator<Item = i64> + Clone) -> bool {
        let (mut worth, mut total) = (0_i128, 0_i128);
        for (k, payment) in payments_fen.clone().enumerate() {
            assert!(payment >= 0, "a payment of {payment} fen");
            worth += i128::from(payment) * i128::from(self.by_month[k + 1]);
            total += i128::from(payment);
        }
        // The table is rounded down by less than one unit, so the true worth lies in [worth, worth + total).
        let lent = i128::from(principal_fen) << DISCOUNT_BITS;
        if worth + total <= lent {
            true
        } else if worth > lent {
            false
        } else {
            self.exactly_within(principal_fen, payments_fen)
        }
    }

    /// The same in exact fractions: what is owed if all grows at the cap, and what the payments have grown to, both times the
    /// denominator's powers.
    fn exactly_within(&self, principal_fen: i64, payments_fen: impl Iterator<Item = i64>) -> bool {
        let divisor = gcd(MONTHLY, i64::from(self.cap_bp));
        let whole = (MONTHLY / divisor).unsigned_abs();
        let grown = whole + (i64::from(self.cap_bp) / divisor).unsigned_abs();
        let mut owed = Natural::new(principal_fen.unsigned_abs());
        let (mut paid, mut scale) = (Natural::new(0), Natural::new(1));
        for payment in payments_fen {
            scale = scale.times(whole);
            owed = owed.times(grown);
            paid = paid.times(grown).plus(&scale.clone().times(payment.unsigned_abs()));
        }
        paid.at_most(&owed)
    }

    /// True when a flat-fee loan of this principal, fee and term stays within the cap over whole months, odd fen included.
    pub fn allows_flat(&self, principal_fen: i64, fee_total_fen: i64, n: u8) -> bool {
        let parts = Remaining::flat(principal_fen, fee_total_fen, n).parts(None);
        self.allows(principal_fen, parts.map(|part| part.payment_fen()))
    }

    /// What payments on real due dates (days from the loan, fen) are worth beyond the principal, in units of 2⁻⁶² fen, rounded up.
    pub(super) fn excess_on(&self, principal_fen: i64, payments: impl Iterator<Item = (u16, i64)>) -> i128 {
        let worth: i128 =
            payments.map(|(days, fen)| i128::from(fen) * i128::from(self.by_day[usize::from(days)])).sum();
        worth - (i128::from(principal_fen) << DISCOUNT_BITS)
    }

    /// True when the payments, each so many days after the loan, cost at most the cap. A loan within 10⁻⁹ fen of the cap counts as
    /// above it.
    ///
    /// # Panics
    /// When a payment comes more than [`DAYS_MAX`] days after the loan.
    pub(crate) fn allows_on(&self, principal_fen: i64, payments: impl Iterator<Item = (u16, i64)>) -> bool {
        self.excess_on(principal_fen, payments) <= 0
    }

    /// A rate up to which no loan of three parts or more can break the cap on real due dates, whatever they are: a period of 28 days
    /// that bears the interest of a twelfth of a year makes a loan dearer by less than a twelfth.
    pub(crate) const fn safe_bp(&self) -> i32 {
        self.cap_bp - self.cap_bp / 12
    }

    /// The highest rate in whole basis points, at most the one that is asked for, at which the loan is within the cap on its real
    /// due dates (days from the loan).
    ///
    /// # Panics
    /// As [`CapTable::allows_on`] and [`LevelTable::level_payment`].
    pub(crate) fn highest_rate(
        &self,
        level: &LevelTable,
        offer: &Offer,
        due: impl Iterator<Item = u16> + Clone,
    ) -> i32 {
        if offer.annual_bp <= self.safe_bp() && offer.parts >= 3 {
            return offer.annual_bp;
        }
        let excess = |annual_bp: i32| {
            let first_days = if offer.first_by_days { due.clone().next() } else { None };
            let parts = offer.at(level, annual_bp).parts(first_days);
            let payments = due.clone().zip(parts.map(|part| part.payment_fen()));
            self.excess_on(offer.principal_fen, payments)
        };
        if excess(offer.annual_bp) <= 0 {
            return offer.annual_bp;
        }
        // Without roundings the worth rises with the rate. Roundings move it by less than `noise`: where the excess is above twice
        // that, every higher rate breaks the cap, and the search goes down one by one from there.
        let noise = i128::from(rounding_noise(offer)) << DISCOUNT_BITS;
        let (mut low, mut high) = (0, offer.annual_bp);
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if excess(middle) > 2 * noise { high = middle } else { low = middle }
        }
        (0..=high).rev().find(|annual_bp| excess(*annual_bp) <= 0).unwrap_or(0)
    }

    /// The largest flat fee, at most `fee_fen`, with which the loan is within the cap on its real due dates (days from the loan).
    ///
    /// # Panics
    /// As [`CapTable::allows_on`].
    pub(crate) fn largest_fee(
        &self,
        principal_fen: i64,
        fee_fen: i64,
        parts: u8,
        due: impl Iterator<Item = u16> + Clone,
    ) -> i64 {
        let holds = |fee: i64| {
            let plan = Remaining::flat(principal_fen, fee, parts).parts(None);
            self.allows_on(principal_fen, due.clone().zip(plan.map(|part| part.payment_fen())))
        };
        if holds(fee_fen) {
            return fee_fen;
        }
        // Each part of a larger fee is at least as large, so there is one turn.
        let (mut low, mut high) = (0, fee_fen);
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if holds(middle) { low = middle } else { high = middle }
        }
        low
    }

    /// What principal may have cost after so many days at the cap, in fen, rounded down.
    pub(crate) fn growth_on(&self, principal_fen: i64, days: u16) -> i64 {
        let factor = i128::from(self.by_day[usize::from(days)]);
        // The factor is rounded up, so the quotient is at most the true one.
        let grown = (i128::from(principal_fen) << DISCOUNT_BITS) / factor;
        i64::try_from(grown).map_or(i64::MAX, |grown| (grown - principal_fen).max(0))
    }
}

/// `(1 + cap / 12)^(−12 d / 365)` with [`DISCOUNT_BITS`] fraction bits, rounded up.
fn by_day(cap_bp: i32) -> Vec<u64> {
    let one = 1_u64 << DISCOUNT_BITS;
    if cap_bp == 0 {
        return vec![one; usize::from(DAYS_MAX) + 1];
    }
    let year =
        (0..12).fold(Decimal::ONE, |v, _| v * Decimal::from(MONTHLY) / Decimal::from(MONTHLY + i64::from(cap_bp)));
    // The 365th root by a Newton step from the nearest double: its error of 10⁻¹⁶ becomes one far below the last digit.
    let near = libm::pow(year.to_f64().unwrap_or(1.0), 1.0 / 365.0);
    let near = Decimal::from_f64_retain(near).unwrap_or(Decimal::ONE);
    let root = near + near * (year / near.powu(365) - Decimal::ONE) / Decimal::from(365);
    let mut factor = Decimal::ONE;
    // Each product is off by at most one in the 28th decimal, all of them together (for caps up to 100 % a year) by less than 10⁻²⁴,
    // which is less than a thousandth of a unit.
    let guard = Decimal::new(1, 3);
    let up = |factor: Decimal| (factor * Decimal::from(one) + guard).ceil().to_u64().map_or(one, |unit| unit.min(one));
    (0..=DAYS_MAX)
        .map(|_| {
            let unit = up(factor);
            factor *= root;
            unit
        })
        .collect()
}

/// More fen than rounding can move the worth of a loan by: each part is rounded twice by less than a fen, which the last part makes
/// up for with interest.
fn rounding_noise(offer: &Offer) -> i64 {
    let growth = (0..offer.parts)
        .fold(1_i64, |grown, _| div_floor(grown.min(1 << 32) * (MONTHLY + i64::from(offer.annual_bp)), MONTHLY) + 1);
    2 * i64::from(offer.parts) * (growth + 1)
}

const fn gcd(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { gcd(b, a % b) }
}
