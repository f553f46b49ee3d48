//! Dates, worked out by counting.

/// Days since 2000-01-01.
pub(super) type DayNumber = i64;

fn days_of_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Day of the month, 1–31, and whether it is the last one.
pub(super) fn in_month(day: DayNumber) -> (i64, bool) {
    // 2024-01-01 is day 8,766; runs under test begin later.
    let (mut year, mut month, mut left) = (2024, 1, day - 8_766);
    assert!(left >= 0, "a day before 2024");
    while left >= days_of_month(year, month) {
        left -= days_of_month(year, month);
        month += 1;
        if month == 13 {
            (year, month) = (year + 1, 1);
        }
    }
    (left + 1, left + 1 == days_of_month(year, month))
}

/// The first day from `from` on, that day included, whose day of the month is `day_of_month`.
pub(super) fn next_with(from: DayNumber, day_of_month: i64) -> DayNumber {
    (from..from + 62)
        .find(|day| in_month(*day).0 == day_of_month)
        .unwrap_or_else(|| panic!("no month has a day {day_of_month}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::Day;

    #[test]
    fn dates_are_those_of_the_calendar() {
        for day in 8_766..12_000 {
            assert_eq!(in_month(day).0, i64::from(Day(day as u16).ymd().2), "{day}");
            assert_eq!(in_month(day).1, Day(day as u16 + 1).ymd().2 == 1, "{day}");
        }
    }
}
