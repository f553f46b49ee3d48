//! Rates of return, for reports: nothing here decides.

use crate::credit::pricing::parts::InstalmentParts;

/// Months in a day: a month is a twelfth of 365 days.
const MONTHS_PER_DAY: f64 = 12.0 / 365.0;

/// A payment and when it comes, in months after the loan.
pub(crate) type Dated = (f64, i64);

/// Payments one month apart, the first a month after the loan.
pub(crate) fn monthly(payments_fen: impl IntoIterator<Item = i64>) -> Vec<Dated> {
    payments_fen.into_iter().enumerate().map(|(k, fen)| ((k + 1) as f64, fen)).collect()
}

/// Payments so many days after the loan.
pub(crate) fn on_days(payments: impl IntoIterator<Item = (u16, i64)>) -> Vec<Dated> {
    payments.into_iter().map(|(days, fen)| (f64::from(days) * MONTHS_PER_DAY, fen)).collect()
}

/// The monthly internal rate of return of payments: the `i` at which they are worth the principal. Solved to the precision of `f64` by
/// Newton steps inside a shrinking bracket; negative when less comes back than was lent. `None` when nothing was lent, nothing comes
/// back, or the rate is beyond 1,000 % a month.
pub(crate) fn irr_monthly(principal_fen: i64, payments: &[Dated]) -> Option<f64> {
    let total: i64 = payments.iter().map(|(_, fen)| fen).sum();
    if principal_fen <= 0 || total <= 0 || payments.iter().any(|(_, fen)| *fen < 0) {
        return None;
    }
    // The present value falls as the rate rises: worth[i] − principal changes its sign once in the bracket.
    let excess = |i: f64| {
        let growth = 1.0 + i;
        let (mut worth, mut slope) = (0.0, 0.0);
        for &(months, fen) in payments {
            let value = fen as f64 * libm::pow(growth, -months);
            worth += value;
            slope -= months * value / growth;
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

/// The effective annual rate of a monthly one: (1 + i)¹² − 1. Of payments on days it is what spreadsheets call XIRR.
pub(crate) fn effective_annual(monthly: f64) -> f64 {
    (0..12).fold(1.0, |growth, _| growth * (1.0 + monthly)) - 1.0
}

/// The simple annual rate: all charges over the principal that was used, for as long as it was (announcement no. 3 of 2021 of the
/// People's Bank, which asks for it or the internal rate of return beside every price). `due` says when each part is paid, in months.
pub(crate) fn simple_annual(principal_fen: i64, parts: &[InstalmentParts], due: impl IntoIterator<Item = f64>) -> f64 {
    let (mut left, mut before, mut used) = (principal_fen as f64, 0.0, 0.0);
    for (part, months) in parts.iter().zip(due) {
        used += left * (months - before) / 12.0;
        left -= part.principal_fen as f64;
        before = months;
    }
    parts.iter().map(|part| part.charge_fen() as f64).sum::<f64>() / used
}
