//! Student's t distribution, and p-values of several tests taken together.

/// Distribution function of Student's t, by the continued fraction of the incomplete beta function.
pub(super) fn student(t: f64, freedom: f64) -> f64 {
    let tail = 0.5 * incomplete_beta(freedom / (freedom + t * t), freedom / 2.0, 0.5);
    if t >= 0.0 { 1.0 - tail } else { tail }
}

/// The value below which Student's t lies with probability `p`.
pub(super) fn student_quantile(p: f64, freedom: f64) -> f64 {
    let (mut low, mut high) = (-1e3, 1e3);
    for _ in 0..80 {
        let middle = (low + high) / 2.0;
        if student(middle, freedom) < p { low = middle } else { high = middle }
    }
    (low + high) / 2.0
}

/// Regularised incomplete beta function I(x; a, b) (Lentz's method, as in Numerical Recipes, 6.4).
fn incomplete_beta(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return x.clamp(0.0, 1.0);
    }
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - incomplete_beta(1.0 - x, b, a);
    }
    let front =
        libm::exp(libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b) + a * libm::log(x) + b * libm::log1p(-x)) / a;
    let away = |v: f64| if v.abs() < 1e-300 { 1e-300 } else { v };
    let (mut c, mut d) = (1.0, 1.0 / away(1.0 - (a + b) * x / (a + 1.0)));
    let mut product = d;
    for m in 1..300 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        for step in [even, odd] {
            d = 1.0 / away(1.0 + step * d);
            c = away(1.0 + step / c);
            product *= c * d;
        }
        if (c * d - 1.0).abs() < 1e-14 {
            break;
        }
    }
    front * product
}

/// Holm's step-down (Holm 1979, "A simple sequentially rejective multiple test procedure"): the smallest p times the number of
/// tests, the next times one fewer, never falling. What has no p was not tested. Below a level, the chance that any of the tests
/// raises a false alarm is below it, however they depend on each other.
pub(super) fn holm(raw: &[Option<f64>]) -> Vec<Option<f64>> {
    let mut adjusted = raw.to_vec();
    let mut tested: Vec<(usize, f64)> = raw.iter().enumerate().filter_map(|(i, p)| p.map(|p| (i, p))).collect();
    tested.sort_by(|x, y| x.1.total_cmp(&y.1));
    let (count, mut highest) = (tested.len(), 0.0_f64);
    for (rank, (position, p)) in tested.into_iter().enumerate() {
        highest = highest.max((p * (count - rank) as f64).min(1.0));
        adjusted[position] = Some(highest);
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn student_and_holm_are_the_textbook_ones() {
        for (freedom, quantile) in [(1.0, 12.706), (10.0, 2.228), (30.0, 2.042), (1_000.0, 1.962)] {
            let found = student_quantile(0.975, freedom);
            assert!((found - quantile).abs() < 0.001, "{freedom}: {found}");
        }
        let adjusted = holm(&[Some(0.03), None, Some(0.01), Some(0.04), Some(0.9)]);
        let adjusted: Vec<_> = adjusted.iter().map(|p| p.map(|p| (p * 1e4).round() as i64)).collect();
        assert_eq!(adjusted, [Some(900), None, Some(400), Some(900), Some(9_000)]);
    }
}
