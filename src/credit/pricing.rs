//! What a loan costs: level payments, flat-fee instalments, their internal rate of return and the price cap.
//!
//! Every rounding favours the borrower, so that the IRR of a schedule never exceeds the rate it was made from:
//!
//! | amount | rule |
//! |---|---|
//! | level payment | rounded down to the fen |
//! | interest of a period | `floor(remaining × annual_bp / 120 000)` |
//! | last payment | what remains, with its interest |
//! | flat fee | `principal × fee_bp / 10 000`, ties to even; odd fen in the first instalment |
//! | principal of a flat-fee loan | rounded down; odd fen in the last instalment |
//!
//! Why the first three rows suffice: with balances `B₀ … Bₙ = 0` each payment is at most `Bₖ₋₁ (1 + i) − Bₖ`, so the payments
//! discounted at `i` telescope to at most `B₀`. The cap itself is tested in integers ([`CapTable`]); floating point appears
//! only in [`irr_monthly`], which reports and never decides.
//!
//! The annual rate is nominal throughout: 12 × the monthly rate.

use crate::base::money::{div_floor, div_half_even};
use crate::credit::terms::{Pricing, TERM_MONTHS};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// A nominal annual rate of so many basis points is one over this a month: 12 months × 10,000.
const MONTHLY: i64 = 120_000;

/// The most instalments of a schedule.
pub(crate) const MONTHS_MAX: u8 = 60;

/// The largest principal that is priced, in fen (10 billion yuan): products of it with a rate stay far inside 64 bits.
pub(crate) const PRINCIPAL_MAX_FEN: i64 = 1_000_000_000_000;

/// Fraction bits of a level-payment factor.
const FACTOR_BITS: u32 = 60;

/// Fraction bits of a discount factor.
const DISCOUNT_BITS: u32 = 62;

/// Days of a period where a part of one counts.
const PERIOD_DAYS: i64 = 30;

/// One instalment of a schedule. Amounts in fen, none negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Instalment {
    /// 1 for the first.
    pub number: u8,
    /// Principal paid back.
    pub principal_fen: i64,
    /// Interest.
    pub interest_fen: i64,
    /// Part of the flat fee.
    pub fee_fen: i64,
}

/// What an instalment is made of. Amounts in fen, none negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct InstalmentParts {
    /// Principal paid back.
    pub principal_fen: i64,
    /// Interest.
    pub interest_fen: i64,
    /// Part of the flat fee.
    pub fee_fen: i64,
}

impl Instalment {
    const fn of(number: u8, parts: InstalmentParts) -> Instalment {
        let InstalmentParts { principal_fen, interest_fen, fee_fen } = parts;
        Instalment { number, principal_fen, interest_fen, fee_fen }
    }

    /// What the borrower pays.
    pub(crate) const fn payment_fen(&self) -> i64 {
        self.principal_fen + self.interest_fen + self.fee_fen
    }
}

/// Level-payment factors `i / (1 − (1 + i)⁻ⁿ)`, worked out once in decimal arithmetic and kept as integers. A rate that was not
/// put in is worked out when asked for and gives the same fen, so the table is about speed alone.
#[derive(Clone, Debug, Default)]
pub struct LevelTable {
    /// (annual_bp, n, factor) in order of (annual_bp, n).
    factors: Vec<(i32, u8, i64)>,
}

impl LevelTable {
    /// The factors of a product: its rates by tier at each of [`TERM_MONTHS`].
    pub fn new(pricing: &Pricing) -> LevelTable {
        let mut table = LevelTable::default();
        for rate in pricing.tier_annual {
            for n in TERM_MONTHS {
                table.add(rate.0, n);
            }
        }
        table
    }

    /// Adds one more rate and term, such as those of hardship plans.
    pub fn add(&mut self, annual_bp: i32, n: u8) {
        if let Err(index) = self.find(annual_bp, n) {
            self.factors.insert(index, (annual_bp, n, level_factor(annual_bp, n)));
        }
    }

    fn find(&self, annual_bp: i32, n: u8) -> Result<usize, usize> {
        self.factors.binary_search_by_key(&(annual_bp, n), |&(bp, months, _)| (bp, months))
    }

    /// The level payment in fen, rounded down; the last instalment is whatever then remains ([`nth_instalment`]).
    ///
    /// # Panics
    /// When `n` is not in `1..=MONTHS_MAX`, or the rate or the principal is negative.
    pub fn level_payment(&self, principal_fen: i64, annual_bp: i32, n: u8) -> i64 {
        assert!(principal_fen >= 0, "a loan of {principal_fen} fen");
        let factor = match self.find(annual_bp, n) {
            Ok(index) => self.factors[index].2,
            Err(_) => level_factor(annual_bp, n),
        };
        // A factor is at most 1 + i and a payment therefore fits where the principal did.
        ((i128::from(principal_fen) * i128::from(factor)) >> FACTOR_BITS) as i64
    }
}

/// The level-payment factor as a plain ratio.
fn level_ratio(annual_bp: i32, n: u8) -> Decimal {
    assert!((1..=MONTHS_MAX).contains(&n), "a schedule of {n} months");
    assert!((0..=100_000).contains(&annual_bp), "an annual rate of {annual_bp} basis points");
    if annual_bp == 0 {
        return Decimal::ONE / Decimal::from(n);
    }
    let monthly = Decimal::from(annual_bp) / Decimal::from(MONTHLY);
    let mut discount = Decimal::ONE;
    for _ in 0..n {
        discount /= Decimal::ONE + monthly;
    }
    monthly / (Decimal::ONE - discount)
}

/// The level-payment factor with [`FACTOR_BITS`] fraction bits, rounded down.
fn level_factor(annual_bp: i32, n: u8) -> i64 {
    let scaled = level_ratio(annual_bp, n) * Decimal::from(1_i64 << FACTOR_BITS);
    // Rates are at most 1,000 % a year, so the factor is below 2 and its scaled value below 2⁶¹.
    scaled.floor().to_i64().unwrap_or_else(|| unreachable!("a level factor below two"))
}

/// Interest of one period on `remaining_fen`, rounded down to the fen.
#[inline]
pub(crate) const fn period_interest(remaining_fen: i64, annual_bp: i32) -> i64 {
    div_floor(remaining_fen * annual_bp as i64, MONTHLY)
}

/// The next instalment of a level loan, from what remains of it. In constant time and without a
/// schedule. The last period takes all that remains.
#[inline]
pub(crate) const fn nth_instalment(
    remaining_fen: i64,
    payment_fen: i64,
    annual_bp: i32,
    periods_left: u8,
) -> InstalmentParts {
    let interest = period_interest(remaining_fen, annual_bp);
    let level = payment_fen - interest;
    let principal = if periods_left <= 1 || level > remaining_fen {
        remaining_fen
    } else if level < 0 {
        0
    } else {
        level
    };
    InstalmentParts { principal_fen: principal, interest_fen: interest, fee_fen: 0 }
}

/// The whole fee of a flat-fee loan in fen, ties to even.
#[inline]
pub(crate) const fn flat_fee(principal_fen: i64, fee_bp_total: i32) -> i64 {
    div_half_even(principal_fen * fee_bp_total as i64, 10_000)
}

/// Instalment `number` (from 1) of `n` of a flat-fee loan, in constant time. Odd fen of the principal are in
/// the last instalment, those of the fee in the first.
#[inline]
pub(crate) const fn nth_flat_instalment(principal_fen: i64, fee_total_fen: i64, n: u8, number: u8) -> InstalmentParts {
    let (months, part) = (n as i64, div_floor(principal_fen, n as i64));
    let fee = div_floor(fee_total_fen, months);
    let odd_principal = if number == n { principal_fen - part * months } else { 0 };
    let odd_fee = if number == 1 { fee_total_fen - fee * months } else { 0 };
    InstalmentParts { principal_fen: part + odd_principal, interest_fen: 0, fee_fen: fee + odd_fee }
}

/// The schedule of a level loan: `n` payments at a nominal annual rate.
///
/// # Panics
/// As [`LevelTable::level_payment`].
pub(crate) fn schedule(principal_fen: i64, annual_bp: i32, n: u8) -> Vec<Instalment> {
    let payment = LevelTable::default().level_payment(principal_fen, annual_bp, n);
    let mut remaining = principal_fen;
    (1..=n)
        .map(|number| {
            let parts = nth_instalment(remaining, payment, annual_bp, n + 1 - number);
            remaining -= parts.principal_fen;
            Instalment::of(number, parts)
        })
        .collect()
}

/// The schedule of a flat-fee loan: `fee_bp_total` of the principal for the whole term, spread evenly.
///
/// # Panics
/// When `n` is not in `1..=MONTHS_MAX`.
pub(crate) fn flat_schedule(principal_fen: i64, fee_bp_total: i32, n: u8) -> Vec<Instalment> {
    assert!((1..=MONTHS_MAX).contains(&n), "a schedule of {n} months");
    let fee = flat_fee(principal_fen, fee_bp_total);
    (1..=n).map(|number| Instalment::of(number, nth_flat_instalment(principal_fen, fee, n, number))).collect()
}

/// The monthly internal rate of return of payments one month apart, the first a month after the loan: the `i` at which they
/// are worth the principal. Solved to the precision of `f64` by Newton steps inside a shrinking bracket; negative when less comes
/// back than was lent. `None` when nothing was lent, nothing comes back, or the rate is beyond 1,000 % a month.
pub(crate) fn irr_monthly(principal_fen: i64, payments_fen: &[i64]) -> Option<f64> {
    let total: i64 = payments_fen.iter().sum();
    if principal_fen <= 0 || total <= 0 || payments_fen.iter().any(|&p| p < 0) {
        return None;
    }
    // The present value falls as the rate rises: worth[i] − principal changes its sign once in the bracket.
    let excess = |i: f64| {
        let v = 1.0 / (1.0 + i);
        let (mut discount, mut worth, mut slope) = (1.0, 0.0, 0.0);
        for (k, &payment) in payments_fen.iter().enumerate() {
            discount *= v;
            worth += payment as f64 * discount;
            slope -= (k + 1) as f64 * payment as f64 * discount * v;
        }
        (worth - principal_fen as f64, slope)
    };
    let (mut low, mut high) = (-0.999, 10.0);
    if excess(low).0 < 0.0 || excess(high).0 > 0.0 {
        return None;
    }
    let mut i = if total == principal_fen { 0.0 } else { 0.01 };
    for _ in 0..200 {
        let (value, slope) = excess(i);
        if value == 0.0 {
            break;
        }
        if value > 0.0 {
            low = i
        } else {
            high = i
        }
        let newton = i - value / slope;
        let next = if newton > low && newton < high { newton } else { 0.5 * (low + high) };
        if (next - i).abs() <= 1e-16 {
            i = next;
            break;
        }
        i = next;
    }
    Some(i)
}

/// The nominal annual rate of a monthly one: 12 ×.
pub(crate) fn nominal_annual(monthly: f64) -> f64 {
    12.0 * monthly
}

/// The effective annual rate of a monthly one: (1 + i)¹² − 1.
pub(crate) fn effective_annual(monthly: f64) -> f64 {
    (0..12).fold(1.0, |growth, _| growth * (1.0 + monthly)) - 1.0
}

/// The price cap with its discount factors: decides in integers whether what a borrower pays has an IRR of at most the cap.
#[derive(Clone, Debug)]
pub struct CapTable {
    cap_bp: i32,
    /// `(1 + i)⁻ᵏ` with [`DISCOUNT_BITS`] fraction bits, rounded down, for k = 0 …
    discount: [u64; MONTHS_MAX as usize + 1],
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
        let mut discount = [0; MONTHS_MAX as usize + 1];
        for factor in &mut discount {
            *factor = (exact >> 48) as u64;
            exact = exact * MONTHLY as u128 / (MONTHLY as u128 + cap_bp as u128);
        }
        CapTable { cap_bp, discount }
    }

    /// The cap in basis points a year.
    pub const fn cap_bp(&self) -> i32 {
        self.cap_bp
    }

    /// True when the payments, one month apart, have an IRR of at most the cap: `Σ payment × (1 + i)⁻ᵏ ≤ principal`.
    /// Exact whenever the cap as a fraction is simple enough for 128 bits (24 % and 12 % are, up to 12 months and 10 million
    /// yuan); otherwise a difference below 10⁻⁹ fen counts as a breach.
    ///
    /// # Panics
    /// When there are more than [`MONTHS_MAX`] payments or one is negative.
    pub fn within_cap(&self, principal_fen: i64, payments_fen: &[i64]) -> bool {
        self.allows(principal_fen, payments_fen.iter().copied())
    }

    /// [`CapTable::within_cap`] for payments that are computed as they are needed; allocates nothing.
    pub fn allows(&self, principal_fen: i64, payments_fen: impl Iterator<Item = i64> + Clone) -> bool {
        let (mut worth, mut total) = (0_i128, 0_i128);
        for (k, payment) in payments_fen.clone().enumerate() {
            assert!(payment >= 0, "a payment of {payment} fen");
            worth += i128::from(payment) * i128::from(self.discount[k + 1]);
            total += i128::from(payment);
        }
        // The table is rounded down by less than one unit, so the true worth lies in [worth, worth + total).
        let lent = i128::from(principal_fen) << DISCOUNT_BITS;
        if worth + total <= lent {
            true
        } else if worth > lent {
            false
        } else {
            self.exactly_within(principal_fen, payments_fen).unwrap_or(false)
        }
    }

    /// The same in exact fractions: the balance at the cap after each payment, times the denominator's powers. `None` when
    /// that leaves 128 bits.
    fn exactly_within(&self, principal_fen: i64, payments_fen: impl Iterator<Item = i64>) -> Option<bool> {
        let divisor = gcd(MONTHLY, i64::from(self.cap_bp));
        let whole = i128::from(MONTHLY / divisor);
        let grown = whole + i128::from(i64::from(self.cap_bp) / divisor);
        let (mut balance, mut scale) = (i128::from(principal_fen), 1_i128);
        for payment in payments_fen {
            scale = scale.checked_mul(whole)?;
            balance = balance.checked_mul(grown)?.checked_sub(i128::from(payment).checked_mul(scale)?)?;
        }
        Some(balance >= 0)
    }

    /// True when a flat-fee loan of this principal, fee and term stays within the cap, odd fen included.
    pub fn allows_flat(&self, principal_fen: i64, fee_total_fen: i64, n: u8) -> bool {
        self.allows(
            principal_fen,
            (1..=n).map(|number| {
                let parts = nth_flat_instalment(principal_fen, fee_total_fen, n, number);
                parts.principal_fen + parts.fee_fen
            }),
        )
    }

    /// What may be charged for settling a loan early: one period's interest or fee (docs/rules.md §16.7), reduced so that
    /// the IRR of all that the borrower paid stays at or below the cap. In fen, never negative.
    pub fn early_settlement_fee(&self, loan: &Settlement<'_>) -> i64 {
        const BITS: u32 = 40;
        let (monthly, cap) = (i128::from(MONTHLY), i128::from(self.cap_bp));
        // What would still be owed if the loan had run at the cap, rounded down: room for charges is the rest over the principal.
        let mut owed = i128::from(loan.principal_fen) << BITS;
        for &payment in loan.paid_fen {
            owed = (owed * (monthly + cap)).div_euclid(monthly) - (i128::from(payment) << BITS);
        }
        let days = i128::from(i64::from(loan.days_into_period).min(PERIOD_DAYS));
        let growth = if days == i128::from(PERIOD_DAYS) {
            owed * cap / monthly
        } else {
            // (1 + i)ˣ ≥ 1 + x (i − i²/2): a bound from below, so that a part of a period is never overcharged.
            owed / (2 * monthly * i128::from(PERIOD_DAYS)) * (days * cap) / monthly * (2 * monthly - cap).max(0)
        };
        let room = (owed + growth - (i128::from(loan.remaining_fen) << BITS)).max(0) >> BITS;
        (room as i64).min(loan.period_charge_fen).max(0)
    }
}

/// A loan that its borrower wants to settle before its time.
#[derive(Clone, Copy, Debug)]
pub struct Settlement<'a> {
    /// What was lent.
    pub principal_fen: i64,
    /// Payments made so far, one a period, charges included.
    pub paid_fen: &'a [i64],
    /// Principal still owed; paid now.
    pub remaining_fen: i64,
    /// Interest or fee of the running period: the most that is charged.
    pub period_charge_fen: i64,
    /// Days since the last due date (or since the loan); 30 or more is a whole period.
    pub days_into_period: u8,
}

const fn gcd(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests;
