//! Level payments.

use crate::base::money::div_floor;
use crate::credit::pricing::{MONTHLY, MONTHS_MAX, PRINCIPAL_MAX_FEN};
use crate::credit::terms::{Pricing, TERM_MONTHS};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// Fraction bits of a level-payment factor: the largest principal times the largest factor stay inside 127 bits.
const FACTOR_BITS: u32 = 85;

/// What is added to a factor in its last bits. It is more than the decimal arithmetic can have lost, so that a payment that is a
/// whole number of fen is not rounded down to the one before.
const FACTOR_GUARD: i128 = 1 << 12;

/// Level-payment factors `i / (1 − (1 + i)⁻ⁿ)`, worked out once in decimal arithmetic and kept as integers. A rate that was not
/// put in is worked out when asked for and gives the same fen, so the table is about speed alone.
#[derive(Clone, Debug, Default)]
pub struct LevelTable {
    /// (annual_bp, n, factor) in order of (annual_bp, n).
    factors: Vec<(i32, u8, i128)>,
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

    /// The level payment in fen, rounded down; the last part is whatever then remains.
    ///
    /// # Panics
    /// When `n` is not in `1..=MONTHS_MAX`, the rate is negative, or the principal is negative or above `PRINCIPAL_MAX_FEN`.
    pub fn level_payment(&self, principal_fen: i64, annual_bp: i32, n: u8) -> i64 {
        assert!((0..=PRINCIPAL_MAX_FEN).contains(&principal_fen), "a loan of {principal_fen} fen");
        assert!((1..=MONTHS_MAX).contains(&n), "a schedule of {n} months");
        if annual_bp == 0 {
            return div_floor(principal_fen, i64::from(n));
        }
        let factor = match self.find(annual_bp, n) {
            Ok(index) => self.factors[index].2,
            Err(_) => level_factor(annual_bp, n),
        };
        // A factor is below two and a payment therefore fits where the principal did.
        ((i128::from(principal_fen) * factor) >> FACTOR_BITS) as i64
    }

    #[cfg(test)]
    pub(super) const fn entries(&self) -> usize {
        self.factors.len()
    }
}

/// The level-payment factor as a plain ratio.
pub(super) fn level_ratio(annual_bp: i32, n: u8) -> Decimal {
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

/// The level-payment factor with [`FACTOR_BITS`] fraction bits, a hair above the truth.
fn level_factor(annual_bp: i32, n: u8) -> i128 {
    let scaled = level_ratio(annual_bp, n) * Decimal::from(1_i128 << FACTOR_BITS);
    // Rates are at most 1,000 % a year, so the factor is below two and its scaled value below 2⁸⁶.
    let factor = scaled.floor().to_i128().unwrap_or_else(|| unreachable!("a level factor below two"));
    factor + FACTOR_GUARD
}
