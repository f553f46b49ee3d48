//! The real due dates of a loan's parts.

use crate::base::time::Day;
use crate::credit::terms::FirstPeriod;

/// The days from the making of a loan to the due date of each of its parts, without an end.
///
/// The first part comes with the first statement from the day of the loan on, or with the one after that
/// ([`FirstPeriod::NextCycle`]); each falls due `due_after` days after its statement. Statements are made at the close of the bill day: a
/// loan of that day is on it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DueDays {
    made: Day,
    bill_day: u8,
    due_after: u16,
    /// Months from that of the making to that of the next statement.
    months: i32,
}

impl DueDays {
    /// Of a loan made on `made`, with statements on `bill_day` (1–28) of each month.
    pub(crate) fn new(made: Day, bill_day: u8, due_after: u16, first: FirstPeriod) -> DueDays {
        let (_, _, day_of_month) = made.ymd();
        let this_month = bill_day >= day_of_month.unsigned_abs();
        let months = i32::from(!this_month) + i32::from(first == FirstPeriod::NextCycle);
        DueDays { made, bill_day, due_after, months }
    }
}

impl Iterator for DueDays {
    type Item = u16;

    fn next(&mut self) -> Option<u16> {
        let statement = self.made.month_start(self.months).plus(u16::from(self.bill_day) - 1);
        self.months += 1;
        u16::try_from(statement.plus(self.due_after).since(self.made)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(made: (i16, i8, i8), bill_day: u8, first: FirstPeriod) -> Vec<u16> {
        let made = Day::from_ymd(made.0, made.1, made.2).expect("a date");
        DueDays::new(made, bill_day, 5, first).take(3).collect()
    }

    #[test]
    fn due_days_count_from_the_making_over_months_of_their_own_length() {
        // 31 January, bill day 1, due five days later: 6 February, 6 March, 6 April.
        assert_eq!(due((2027, 1, 31), 1, FirstPeriod::Days), [6, 34, 65]);
        assert_eq!(due((2027, 1, 31), 1, FirstPeriod::NextCycle), [34, 65, 95]);
        // Made on the bill day: on the statement of that evening. The day after, a cycle later.
        assert_eq!(due((2027, 1, 10), 10, FirstPeriod::Days), [5, 36, 64]);
        assert_eq!(due((2027, 1, 11), 10, FirstPeriod::Days), [35, 63, 94]);
        // 29 February counts.
        assert_eq!(due((2028, 1, 31), 1, FirstPeriod::Days), [6, 35, 66]);
        // Over the new year.
        assert_eq!(due((2027, 12, 31), 15, FirstPeriod::Days), [20, 51, 80]);
    }
}
