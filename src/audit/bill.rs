//! What statements demand, bill by bill: charges by kind, principal, and the dates that were fixed when the bill was made.

use crate::base::time::Day;

/// Kinds of debt.
pub(super) const DEBTS: usize = 4;

/// A bill. `due` is `None` while it waits for the next statement to say when it is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bill {
    pub due: Option<Day>,
    pub grace_until: Day,
    /// Unpaid, by `Debt`.
    pub owed: [i64; DEBTS],
}

impl Bill {
    pub(super) fn unpaid(&self) -> i64 {
        self.owed.iter().sum()
    }
}

/// Dates of the last statement of a bill group.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct GroupDates {
    pub due: Day,
    pub grace_until: Day,
}
