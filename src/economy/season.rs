//! The rhythm of the calendar: seasons of demand, festivals and weekends, worked out once for every day of a run.

use crate::base::money::{Ppm, div_half_even};
use crate::base::time::CalendarDay;

/// A season that returns every year between two dates (month, day), both inclusive; it may wrap the year's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct YearlySeason {
    /// First month and day.
    pub from: (u8, u8),
    /// Last month and day.
    pub to: (u8, u8),
    /// Factor on purchases.
    pub demand: Ppm,
    /// Factor on watching.
    pub watch: Ppm,
}

impl YearlySeason {
    /// Whether the season covers this month and day.
    pub fn covers(&self, month: u8, day_of_month: u8) -> bool {
        let date = (month, day_of_month);
        if self.from <= self.to { self.from <= date && date <= self.to } else { date >= self.from || date <= self.to }
    }
}

/// Factors of one day, parts per million.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayFactors {
    /// On purchases.
    pub demand_ppm: i32,
    /// On watching.
    pub watch_ppm: i32,
}

/// Factors by day of the run.
#[derive(Clone, Debug)]
pub struct SeasonTable(Vec<DayFactors>);

impl SeasonTable {
    /// One entry for each of `days`. Overlapping seasons multiply. `weekend` is watching on Saturdays and Sundays
    /// relative to working days; the two are scaled so that a week's mean stays 1, because levels are stated as means.
    pub fn new(days: &[CalendarDay], seasons: &[YearlySeason], weekend: Ppm) -> SeasonTable {
        let ordinary_ppm = div_half_even(7_000_000 * 1_000_000, 5_000_000 + 2 * i64::from(weekend.0));
        let weekend_ppm = times(ordinary_ppm, weekend);
        let factors = |day: &CalendarDay| {
            let start = (1_000_000, if day.weekday >= 5 { weekend_ppm } else { ordinary_ppm });
            let (demand, watch) = seasons
                .iter()
                .filter(|season| season.covers(day.month, day.day_of_month))
                .fold(start, |(demand, watch), season| (times(demand, season.demand), times(watch, season.watch)));
            DayFactors { demand_ppm: demand as i32, watch_ppm: watch as i32 }
        };
        SeasonTable(days.iter().map(factors).collect())
    }

    /// Factors of the day at `index` of the calendar's days.
    ///
    /// # Panics
    /// When the calendar has no such day.
    pub fn at(&self, index: usize) -> DayFactors {
        self.0[index]
    }

    /// All days in order.
    pub fn days(&self) -> &[DayFactors] {
        &self.0
    }
}

fn times(value_ppm: i64, factor: Ppm) -> i64 {
    div_half_even(value_ppm * i64::from(factor.0), 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::{Calendar, Day};

    const PLAIN: YearlySeason = YearlySeason { from: (1, 1), to: (12, 31), demand: Ppm::ONE, watch: Ppm::ONE };

    #[test]
    fn a_season_may_wrap_the_year() {
        let winter = YearlySeason { from: (12, 20), to: (1, 10), ..PLAIN };
        for (date, inside) in [((12, 19), false), ((12, 20), true), ((1, 1), true), ((1, 10), true), ((1, 11), false)] {
            assert_eq!(winter.covers(date.0, date.1), inside, "{date:?}");
        }
        assert!(YearlySeason { from: (11, 11), to: (11, 11), ..PLAIN }.covers(11, 11));
    }

    #[test]
    fn seasons_multiply_and_weekends_keep_the_weekly_mean() {
        let calendar = Calendar::new(Day::from_ymd(2026, 11, 1).expect("a date"), 1);
        let seasons = [
            YearlySeason { from: (11, 1), to: (11, 11), demand: Ppm(1_500_000), ..PLAIN },
            YearlySeason { from: (11, 11), to: (11, 11), demand: Ppm(2_000_000), watch: Ppm(1_200_000) },
        ];
        let table = SeasonTable::new(calendar.days(), &seasons, Ppm(1_300_000));
        assert_eq!(
            [table.at(9).demand_ppm, table.at(10).demand_ppm, table.at(11).demand_ppm],
            [1_500_000, 3_000_000, 1_000_000]
        );
        let week: i32 = table.days()[15..22].iter().map(|d| d.watch_ppm).sum();
        assert!((week - 7_000_000).abs() < 10, "{week}");
        let (saturday, friday) = (table.at(20).watch_ppm, table.at(19).watch_ppm);
        assert_eq!(calendar.days()[20].weekday, 5);
        assert!((i64::from(saturday) * 1_000_000 / i64::from(friday) - 1_300_000).abs() < 5);
    }
}
