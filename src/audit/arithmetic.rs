//! Arithmetic of the auditor's own. Money is whole fen; only schedules at a cap are weighed in floating point.

/// `n / d` to the nearest, ties to even, and never below 0: a remainder that was rounded up before owes nothing.
pub(super) fn half_even(n: i64, d: i64) -> i64 {
    let (n, d) = (i128::from(n.max(0)), i128::from(d));
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
    let months = f64::from(n);
    let monthly = annual_bp as f64 / 120_000.0;
    let exact = if annual_bp == 0 {
        principal as f64 / months
    } else {
        principal as f64 * monthly / (1.0 - libm::pow(1.0 + monthly, -months))
    };
    // Far above the error of the computation, far below a fen.
    (exact + 1e-8).floor() as i64
}

/// Present value at a nominal annual rate of payments at times in months.
pub(super) fn present_value(annual_bp: i64, payments: impl Iterator<Item = (f64, i64)>) -> f64 {
    let growth = 1.0 + annual_bp as f64 / 120_000.0;
    payments.map(|(months, fen)| fen as f64 / libm::pow(growth, months)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roundings_and_level_payments_by_hand() {
        assert_eq!([half_even(5, 2), half_even(7, 2), half_even(6, 4), half_even(1, 3)], [2, 4, 2, 0]);
        assert_eq!((ceil(10, 10), ceil(11, 10)), (1, 2));
        // 12,000 yuan at 24 % over 12 months: 1,134.7151… yuan a month.
        assert_eq!(level_payment(1_200_000, 2_400, 12), 113_471);
        assert_eq!(level_payment(100, 0, 3), 33);
        let worth = present_value(2_400, (1..=12).map(|k| (f64::from(k), 113_471)));
        assert!((1_199_990.0..1_200_000.0).contains(&worth), "{worth}");
    }
}
