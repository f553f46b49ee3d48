//! Exact arithmetic: fractions, whole numbers of 512 bits, and the few roundings that the rules name. Slow and plain on purpose.

/// A fraction of whole numbers, the lower one above zero.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fraction {
    above: i128,
    below: i128,
}

impl Fraction {
    /// `above / below`.
    pub(super) fn of(above: impl Into<i128>, below: impl Into<i128>) -> Fraction {
        let (above, below) = (above.into(), below.into());
        assert!(below > 0, "a fraction of {above} over {below}");
        Fraction { above, below }
    }

    /// A product of two amounts over a third: `a × b / c`.
    pub(super) fn product(a: impl Into<i128>, b: impl Into<i128>, c: impl Into<i128>) -> Fraction {
        Fraction::of(a.into() * b.into(), c)
    }

    /// The largest whole number that is not above it.
    pub(super) fn down(self) -> i64 {
        let whole = self.above / self.below;
        whole_fen(if whole * self.below > self.above { whole - 1 } else { whole })
    }

    /// The smallest whole number that is not below it.
    pub(super) fn up(self) -> i64 {
        -Fraction { above: -self.above, below: self.below }.down()
    }

    /// The nearest whole number; from the middle of two the even one.
    pub(super) fn nearest(self) -> i64 {
        let low = self.down();
        let over = self.above - i128::from(low) * self.below;
        match (2 * over).cmp(&self.below) {
            std::cmp::Ordering::Less => low,
            std::cmp::Ordering::Greater => low + 1,
            std::cmp::Ordering::Equal => low + low.rem_euclid(2),
        }
    }
}

fn whole_fen(whole: i128) -> i64 {
    i64::try_from(whole).unwrap_or_else(|_| panic!("{whole} is no amount"))
}

/// Limbs of a [`Wide`].
const LIMBS: usize = 8;

/// A whole number of up to 512 bits, lowest limb first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wide([u64; LIMBS]);

impl Wide {
    pub(super) fn of(value: u64) -> Wide {
        let mut limbs = [0; LIMBS];
        limbs[0] = value;
        Wide(limbs)
    }

    pub(super) fn times(self, factor: u64) -> Wide {
        let mut carry = 0_u128;
        let limbs = self.0.map(|limb| {
            let product = u128::from(limb) * u128::from(factor) + carry;
            carry = product >> 64;
            product as u64
        });
        assert_eq!(carry, 0, "beyond 512 bits");
        Wide(limbs)
    }

    pub(super) fn plus(self, other: Wide) -> Wide {
        let mut limbs = [0; LIMBS];
        let mut carry = 0_u128;
        for (limb, (a, b)) in limbs.iter_mut().zip(self.0.into_iter().zip(other.0)) {
            let sum = u128::from(a) + u128::from(b) + carry;
            carry = sum >> 64;
            *limb = sum as u64;
        }
        assert_eq!(carry, 0, "beyond 512 bits");
        Wide(limbs)
    }

    /// `base` to the power of `exponent`.
    pub(super) fn power(base: u64, exponent: u32) -> Wide {
        (0..exponent).fold(Wide::of(1), |power, _| power.times(base))
    }

    pub(super) fn is_above(self, other: Wide) -> bool {
        self.0.iter().rev().cmp(other.0.iter().rev()).is_gt()
    }
}

/// The payment of a level loan (docs/rules.md §14.1): principal × factor, rounded down, where the factor `i / (1 − (1 + i)⁻ⁿ)` has
/// 60 fraction bits and is itself rounded down; without interest the principal in equal parts, rounded down.
pub(super) fn level_payment(principal: i64, annual_bp: i64, parts: i64) -> i64 {
    if annual_bp == 0 {
        return Fraction::of(principal, parts).down();
    }
    // With b = 120,000 and r = b + bp, the factor is bp × rⁿ / (b × (rⁿ − bⁿ)); largest q with q × b × rⁿ ≤ 2⁶⁰ × bp × rⁿ + q × b × bⁿ.
    let (r, b, n) = (120_000 + annual_bp as u64, 120_000, parts as u32);
    let (grown, still) = (Wide::power(r, n), Wide::power(b, n));
    let wanted = grown.times(annual_bp as u64).times(1 << 60);
    // Above the factor of one part at 100 % a month; bits from the top.
    let mut factor = 0_u64;
    for bit in (0..62).rev() {
        let tried = factor | 1 << bit;
        let (left, right) = (grown.times(tried).times(b), still.times(tried).times(b).plus(wanted));
        if !left.is_above(right) {
            factor = tried;
        }
    }
    Fraction::product(principal, factor, 1_i128 << 60).down()
}

/// Payments a month apart, the first after a month, cost at most `cap_bp` a year (docs/rules.md §14.5), without any rounding.
pub(super) fn within_cap_by_months(principal: i64, payments: &[i64], cap_bp: i64) -> bool {
    let (r, b, n) = (120_000 + cap_bp as u64, 120_000, payments.len() as u32);
    let mut worth = Wide::of(0);
    for (k, payment) in (1..).zip(payments) {
        // payment × bᵏ × rⁿ⁻ᵏ
        let mut term = Wide::power(r, n - k).times(*payment as u64);
        for _ in 0..k {
            term = term.times(b);
        }
        worth = worth.plus(term);
    }
    !worth.is_above(Wide::power(r, n).times(principal as u64))
}

/// The same on real due dates: payments with their days after the loan, discounted at the monthly rate of the cap with a month of
/// 365 / 12 days. The one place with floating point: the exponent is no whole number.
pub(super) fn within_cap_by_days(principal: i64, payments: &[(i64, i64)], cap_bp: i64) -> bool {
    worth_at_cap(payments, cap_bp) <= principal as f64
}

/// What payments are worth on day 0 at the cap.
pub(super) fn worth_at_cap(payments: &[(i64, i64)], cap_bp: i64) -> f64 {
    let month = libm::log(1.0 + cap_bp as f64 / 120_000.0);
    payments.iter().map(|(days, fen)| *fen as f64 * libm::exp(-month * 12.0 * *days as f64 / 365.0)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roundings() {
        for (above, below, down, nearest, up) in [
            (5, 2, 2, 2, 3),
            (7, 2, 3, 4, 4),
            (-5, 2, -3, -2, -2),
            (8, 3, 2, 3, 3),
            (-7, 3, -3, -2, -2),
            (6, 3, 2, 2, 2),
        ] {
            let fraction = Fraction::of(above, below);
            assert_eq!((fraction.down(), fraction.nearest(), fraction.up()), (down, nearest, up), "{above}/{below}");
        }
    }

    #[test]
    fn level_payments_of_the_table_in_the_stories() {
        // 1,200 × 0.01825 / (1 − 1.01825⁻³) = 414.687; 1,000 at 0.5 % a month in 12: 86.066.
        assert_eq!(level_payment(120_000, 2_190, 3), 41_468);
        assert_eq!(level_payment(100_000, 600, 12), 8_606);
        assert_eq!(level_payment(120_000, 0, 3), 40_000);
        // One part is principal and interest; the factor is rounded down, so an even amount loses a fen (1.02 has no end in bits).
        assert_eq!(level_payment(100_000, 2_400, 1), 101_999);
    }

    #[test]
    fn the_cap_by_months_knows_the_largest_flat_fees() {
        // 7.115 % on six months at 24 %: 711 basis points hold, 712 do not.
        for (fee, holds) in [(7_110, true), (7_120, false)] {
            let part = 100_000 / 6;
            let mut payments = vec![part + fee / 6; 6];
            payments[0] += fee % 6;
            payments[5] += 100_000 % 6;
            assert_eq!(within_cap_by_months(100_000, &payments, 2_400), holds, "{fee}");
        }
    }
}
