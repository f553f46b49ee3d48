//! Integer money and exact rates. 1 yuan = 100 fen.
//!
//! There is no bare division of money anywhere: each rounding has a name.
//!
//! | function | rounds | used for |
//! |---|---|---|
//! | [`div_half_even`] | to the nearest, ties to even | interest, commission, shares |
//! | [`div_floor`] | down | whatever the borrower pays where the price cap must hold to the fen |
//! | [`div_ceil`] | up | minimum payment, the platform's share of a joint loan |

use std::fmt;

amount! {
    /// An amount of money in fen (1/100 yuan). Signed; the sign's meaning stands where it is used.
    pub(crate) struct Fen(pub i64);
}

impl Fen {
    /// The amount in yuan, for reports only.
    pub(crate) fn to_yuan_f64(self) -> f64 {
        self.0 as f64 / 100.0
    }
}

impl fmt::Display for Fen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let magnitude = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", magnitude / 100, magnitude % 100)
    }
}

amount! {
    /// One amount of one account, in fen, as a row and a command hold it. Sums of accounts are [`Fen`] or 64 bits.
    pub struct Fen32(pub i32);
}

impl Fen32 {
    /// More than nothing.
    #[inline]
    pub(crate) const fn is_positive(self) -> bool {
        self.0 > 0
    }
}

impl From<Fen32> for i64 {
    #[inline]
    fn from(amount: Fen32) -> i64 {
        i64::from(amount.0)
    }
}

newtype! {
    /// A rate in hundredths of a percent over the period its name says: `annual_bp`, `monthly_bp`, `daily_bp`.
    #[derive(Default)]
    pub struct BasisPoints(pub i32);
}

impl BasisPoints {
    /// As a plain ratio (1 % is 0.01), for reports and for solving, never for posting.
    pub fn to_ratio_f64(self) -> f64 {
        f64::from(self.0) / 10_000.0
    }
}

newtype! {
    /// A share or a probability in parts per million.
    #[derive(Default)]
    pub struct Ppm(pub i32);
}

impl Ppm {
    /// The whole.
    pub const ONE: Ppm = Ppm(1_000_000);

    /// The nearest part per million to a ratio. Used where models are resolved, not in the sweep.
    pub fn from_ratio(ratio: f64) -> Ppm {
        Ppm((ratio * 1e6).round() as i32)
    }

    /// As a plain ratio.
    pub fn to_ratio_f64(self) -> f64 {
        f64::from(self.0) / 1e6
    }
}

/// `numerator / denominator`, rounded down (towards minus infinity). `denominator > 0`.
#[inline] // With the denominator known, which it is almost everywhere, there is no division left.
pub(crate) const fn div_floor(numerator: i64, denominator: i64) -> i64 {
    numerator.div_euclid(denominator)
}

/// `numerator / denominator`, rounded up. `denominator > 0`.
#[inline]
pub(crate) const fn div_ceil(numerator: i64, denominator: i64) -> i64 {
    -((-numerator).div_euclid(denominator))
}

macro_rules! half_even {
    ($name:ident, $integer:ty) => {
        /// `numerator / denominator`, rounded to the nearest, ties to even. `denominator > 0`.
        #[inline]
        pub(crate) const fn $name(numerator: $integer, denominator: $integer) -> $integer {
            let quotient = numerator.div_euclid(denominator);
            let remainder = numerator.rem_euclid(denominator);
            let twice = 2 * remainder;
            if twice > denominator || (twice == denominator && quotient % 2 != 0) { quotient + 1 } else { quotient }
        }
    };
}

half_even!(div_half_even, i64);
half_even!(div_half_even_wide, i128);

/// Narrows an amount to the 32 bits a row stores.
///
/// # Panics
/// When the amount is beyond ±21 million yuan: no account of a consumer comes near it, so that is a bug.
#[inline]
pub(crate) fn fen32(amount: i64) -> i32 {
    match i32::try_from(amount) {
        Ok(narrow) => narrow,
        Err(_) => panic!("an account amount of {amount} fen does not fit its row"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn roundings_are_what_their_names_say() {
        for (n, floor, even, ceil) in
            [(5, 2, 2, 3), (7, 3, 4, 4), (-5, -3, -2, -2), (-7, -4, -4, -3), (4, 2, 2, 2), (0, 0, 0, 0)]
        {
            assert_eq!((div_floor(n, 2), div_half_even(n, 2), div_ceil(n, 2)), (floor, even, ceil), "{n}/2");
        }
        assert_eq!(Fen(-5).to_string(), "-0.05");
        assert_eq!(Fen(1_200).to_string(), "12.00");
    }

    proptest! {
        #[test]
        fn half_even_is_never_further_than_half(n in -1_000_000_000_i64..1_000_000_000, d in 1_i64..1_000_000) {
            let rounded = div_half_even(n, d);
            prop_assert!((2 * (n - rounded * d)).abs() <= d);
            prop_assert!(div_floor(n, d) <= rounded && rounded <= div_ceil(n, d));
        }
    }
}
