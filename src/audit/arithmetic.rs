//! Arithmetic of the auditor's own. Money is whole fen; only schedules at a cap are weighed in floating point.

/// `n / d` to the nearest, ties to even, and never below 0: a remainder that was rounded up before owes nothing.
pub(super) fn half_even(n: i64, d: i64) -> i64 {
    part(n, 1, d)
}

/// `n × m / d` to the nearest, ties to even, and never below 0.
pub(super) fn part(n: i64, m: i64, d: i64) -> i64 {
    let (n, d) = ((i128::from(n) * i128::from(m)).max(0), i128::from(d));
    let (q, r) = (n / d, n % d);
    let up = match (2 * r).cmp(&d) {
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Greater => true,
        std::cmp::Ordering::Equal => q % 2 == 1,
    };
    (q + i128::from(up)) as i64
}

/// A share of an amount in parts per million, ties to even.
pub(super) fn share(amount: i64, ppm: i64) -> i64 {
    half_even(amount * ppm, 1_000_000)
}

/// `n / d` rounded up; both not negative.
pub(super) fn ceil(n: i64, d: i64) -> i64 {
    (n + d - 1) / d
}

/// Level payment of `n` months at a nominal annual rate, rounded down to the fen.
pub(super) fn level_payment(principal: i64, annual_bp: i64, n: u8) -> i64 {
    if annual_bp == 0 {
        return principal / i64::from(n);
    }
    let monthly = annual_bp as f64 / 120_000.0;
    let discounted = -libm::expm1(-f64::from(n) * libm::log1p(monthly));
    let exact = principal as f64 * monthly / discounted;
    // The factor itself is rounded down in binary, so a payment that comes out even is a fen less; what is taken off is far above
    // the error of the computation and far below a fen.
    ((exact - 1e-8).floor() as i64).max(0)
}

/// Present value of payments at times in months, at a nominal annual rate.
pub(super) fn present_value(annual_bp: i64, payments: impl Iterator<Item = (f64, i64)>) -> f64 {
    let growth = libm::log1p(annual_bp as f64 / 120_000.0);
    payments.map(|(months, fen)| fen as f64 * libm::exp(-growth * months)).sum()
}

/// What a fen grows by in so many months at a nominal annual rate.
pub(super) fn growth(annual_bp: i64, months: f64) -> f64 {
    libm::expm1(months * libm::log1p(annual_bp as f64 / 120_000.0))
}

/// Days as months of the cap: a twelfth of 365 days each.
pub(super) fn months_of(days: i32) -> f64 {
    f64::from(days) * 12.0 / 365.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roundings_and_level_payments_by_hand() {
        assert_eq!([half_even(5, 2), half_even(7, 2), half_even(6, 4), half_even(1, 3)], [2, 4, 2, 0]);
        assert_eq!([part(7, 3, 2), part(-7, 3, 2), part(1 << 40, 1 << 40, 1 << 41)], [10, 0, 1 << 39]);
        assert_eq!((ceil(10, 10), ceil(11, 10)), (1, 2));
        // 12,000 yuan at 24 % over 12 months: 1,134.7151… yuan a month.
        assert_eq!(level_payment(1_200_000, 2_400, 12), 113_471);
        // 50.50 yuan at 24 % over 2 months is 26.01 yuan a month without a remainder.
        assert_eq!(level_payment(5_050, 2_400, 2), 2_600);
        assert_eq!(level_payment(100, 0, 3), 33);
        let worth = present_value(2_400, (1..=12).map(|k| (f64::from(k), 113_471)));
        assert!((1_199_990.0..1_200_000.0).contains(&worth), "{worth}");
        assert!((present_value(1_200, [(months_of(365), 112_682)].into_iter()) - 100_000.0).abs() < 1.0);
    }
}
