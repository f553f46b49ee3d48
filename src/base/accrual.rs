//! Interest as it accrues: a rate says its own day count, and what accrues under one day count cannot be added to what accrues
//! under another.
//!
//! | rate | day count | numerators in a fen |
//! |---|---|---|
//! | [`Rate::annual`], basis points | [`Act365`]: actual days over a year of 365 | 10,000 × 365 |
//! | [`Rate::daily`], parts per million | [`ActDays`]: actual days | 1,000,000 |
//!
//! What accrues is an exact numerator, fen × rate × days. It is rounded once, when it is posted: ties to even.

use crate::base::money::{BasisPoints, Ppm, div_half_even, div_half_even_wide};
use std::marker::PhantomData;
use std::ops::AddAssign;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// How a rate counts days.
pub trait DayCount: Copy {
    /// Numerators (fen × rate × days) in a fen.
    const UNIT: i64;
}

/// Annual rates in basis points: actual days over a year of 365.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Act365;

/// Daily rates in parts per million: actual days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActDays;

impl DayCount for Act365 {
    const UNIT: i64 = 10_000 * 365;
}

impl DayCount for ActDays {
    const UNIT: i64 = 1_000_000;
}

/// An interest rate with its day count.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rate<D>(i32, PhantomData<D>);

impl Rate<Act365> {
    /// A nominal annual rate.
    #[inline]
    pub(crate) const fn annual(rate: BasisPoints) -> Rate<Act365> {
        Rate(rate.0, PhantomData)
    }
}

impl Rate<ActDays> {
    /// A daily rate.
    #[inline]
    pub(crate) const fn daily(rate: Ppm) -> Rate<ActDays> {
        Rate(rate.0, PhantomData)
    }
}

impl<D: DayCount> Rate<D> {
    /// What accrues on an amount in so many days, exactly.
    #[inline]
    pub(crate) const fn on(self, amount_fen: i64, days: i64) -> Accrual<D> {
        Accrual(amount_fen * self.0 as i64 * days, PhantomData)
    }
}

/// What has accrued and is not posted, as the numerator of its day count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(transparent)]
pub struct Accrual<D>(i64, PhantomData<D>);

impl<D: DayCount> Accrual<D> {
    /// Nothing.
    pub(crate) const ZERO: Accrual<D> = Accrual(0, PhantomData);

    /// In fen, ties to even.
    #[inline]
    pub(crate) const fn half_even(self) -> i64 {
        div_half_even(self.0, D::UNIT)
    }

    /// Keeps `part` of `whole` of what has accrued, ties to even: the rest falls away.
    #[inline]
    pub(crate) fn keep(&mut self, part: i64, whole: i64) {
        let kept = i128::from(self.0) * i128::from(part);
        self.0 = div_half_even_wide(kept, i128::from(whole)) as i64;
    }

    /// Takes what can be posted, in fen, ties to even and never negative; the remainder stays.
    #[inline]
    pub(crate) fn take_half_even(&mut self) -> i64 {
        let posted = self.half_even().max(0);
        self.0 -= posted * D::UNIT;
        posted
    }
}

impl<D: DayCount> AddAssign for Accrual<D> {
    #[inline]
    fn add_assign(&mut self, other: Accrual<D>) {
        self.0 += other.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_rounded_up_is_owed_back_by_the_remainder() {
        // 1,000 yuan at 18 % a year: 49.315 fen a day.
        let rate = Rate::annual(BasisPoints(1_800));
        let mut accrued = rate.on(100_000, 3);
        assert_eq!(accrued.take_half_even(), 148, "147.945 fen");
        assert_eq!(accrued.take_half_even(), 0, "the remainder is negative and is not posted");
        accrued += rate.on(100_000, 362);
        assert_eq!(accrued.take_half_even() + 148, 18_000, "a year of 365 days is the annual rate");
        assert_eq!(accrued, Accrual::ZERO);
    }

    #[test]
    fn a_daily_rate_counts_days_alone() {
        assert_eq!(Rate::daily(Ppm(500)).on(100_000, 30).half_even(), 1_500);
    }
}
