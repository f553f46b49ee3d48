//! Simulated time. A [`Day`] is a date, a [`SimTime`] a second of it. Nothing here reads a clock.

use std::fmt;

/// Seconds in a day.
pub(crate) const DAY_SECONDS: u32 = 86_400;

newtype! {
    /// A calendar date as days since 2000-01-01. Day 0 therefore also serves as "never" in stored rows.
    #[derive(Default)]
    pub struct Day(pub u16);
}

impl Day {
    /// "Never", in rows that may have no date.
    pub const NEVER: Day = Day(0);

    /// The date of a year, month (1–12) and day of the month, or `None` when there is no such date in 2000–2170.
    pub fn from_ymd(year: i16, month: i8, day: i8) -> Option<Day> {
        let date = jiff::civil::Date::new(year, month, day).ok()?;
        let days = date.since(EPOCH).ok()?.get_days();
        (days < i32::from(u16::MAX)).then(|| u16::try_from(days).ok().map(Day)).flatten()
    }

    /// The date as year, month (1–12) and day of the month.
    pub fn ymd(self) -> (i16, i8, i8) {
        let date = civil(self);
        (date.year(), date.month(), date.day())
    }

    /// First day of the month so many months after this one's.
    pub(crate) fn month_start(self, months: i32) -> Day {
        let (year, month, _) = self.ymd();
        // Months differ in length.
        let months = i32::from(year) * 12 + i32::from(month) - 1 + months;
        Day::from_ymd(months.div_euclid(12) as i16, months.rem_euclid(12) as i8 + 1, 1).unwrap_or(Day(1))
    }

    /// The day `days` later.
    pub const fn plus(self, days: u16) -> Day {
        Day(self.0 + days)
    }

    /// The day `days` earlier.
    pub const fn minus(self, days: u16) -> Day {
        Day(self.0 - days)
    }

    /// Days from `earlier` to this day; negative when this day is the earlier one.
    pub const fn since(self, earlier: Day) -> i32 {
        self.0 as i32 - earlier.0 as i32
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.ymd();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

const EPOCH: jiff::civil::Date = jiff::civil::date(2000, 1, 1);

fn civil(day: Day) -> jiff::civil::Date {
    EPOCH.saturating_add(jiff::Span::new().days(i64::from(day.0)))
}

newtype! {
    /// A second of simulated time, counted from 2000-01-01 00:00.
    #[derive(Default)]
    pub struct SimTime(pub u32);
}

impl SimTime {
    /// The moment `second` seconds after midnight of `day`.
    #[inline]
    pub const fn at(day: Day, second: u32) -> SimTime {
        SimTime(day.0 as u32 * DAY_SECONDS + second)
    }

    /// The date of this moment.
    #[inline]
    pub const fn day(self) -> Day {
        Day((self.0 / DAY_SECONDS) as u16)
    }

    /// Seconds after midnight.
    #[inline]
    pub const fn second_of_day(self) -> u32 {
        self.0 % DAY_SECONDS
    }
}

impl fmt::Display for SimTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let s = self.second_of_day();
        write!(f, "{}T{:02}:{:02}:{:02}", self.day(), s / 3600, s / 60 % 60, s % 60)
    }
}

/// What the sweep needs to know of a date, worked out once for a whole run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CalendarDay {
    /// The date.
    pub day: Day,
    /// Calendar year.
    pub year: i16,
    /// Month of the year, 1–12.
    pub month: u8,
    /// Day of the month, 1–31.
    pub day_of_month: u8,
    /// 0 is Monday, 6 is Sunday.
    pub weekday: u8,
    /// Months since the first month of the run (warm-up included).
    pub run_month: u16,
    /// The last day of its calendar month.
    pub is_month_end: bool,
}

/// The dates of a run: whole calendar months from the first day of the first one.
#[derive(Clone, Debug)]
pub struct Calendar {
    days: Vec<CalendarDay>,
}

impl Calendar {
    /// `months` calendar months from the first of the month in which `start` lies.
    pub fn new(start: Day, months: u16) -> Calendar {
        let mut date = civil(start).first_of_month();
        let first = date;
        let mut days = Vec::with_capacity(usize::from(months) * 31);
        for run_month in 0..months {
            let month = date.month();
            while date.month() == month {
                let index = date.since(EPOCH).map_or(0, |span| span.get_days());
                days.push(CalendarDay {
                    day: Day(index as u16),
                    year: date.year(),
                    month: month as u8,
                    day_of_month: date.day() as u8,
                    weekday: date.weekday().to_monday_zero_offset() as u8,
                    run_month,
                    is_month_end: date == date.last_of_month(),
                });
                date = date.tomorrow().unwrap_or(first);
            }
        }
        Calendar { days }
    }

    /// All days in order.
    pub fn days(&self) -> &[CalendarDay] {
        &self.days
    }

    /// The days of run months `from..to`.
    pub fn months(&self, from: u16, to: u16) -> &[CalendarDay] {
        let start = self.days.partition_point(|d| d.run_month < from);
        let end = self.days.partition_point(|d| d.run_month < to);
        &self.days[start..end]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_go_there_and_back() {
        let day = Day::from_ymd(2026, 11, 11).expect("a date");
        assert_eq!(day.to_string(), "2026-11-11");
        assert_eq!(SimTime::at(day, 72_000).to_string(), "2026-11-11T20:00:00");
        assert_eq!(SimTime::at(day, 72_000).day(), day);
        assert_eq!(Day::from_ymd(2026, 2, 29), None);
        assert_eq!(Day::from_ymd(1999, 12, 31), None);
    }

    #[test]
    fn a_calendar_has_whole_months() {
        let start = Day::from_ymd(2026, 1, 17).expect("a date");
        let calendar = Calendar::new(start, 26);
        assert_eq!(calendar.days()[0].day.to_string(), "2026-01-01");
        assert_eq!(calendar.days().last().map(|d| d.day.to_string()), Some("2028-02-29".to_string()));
        assert_eq!(calendar.days().iter().filter(|d| d.is_month_end).count(), 26);
        assert_eq!(calendar.months(1, 2).len(), 28);
        assert_eq!(calendar.days()[0].weekday, 3, "2026-01-01 is a Thursday");
    }
}
