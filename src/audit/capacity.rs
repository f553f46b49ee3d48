//! What all cells of a world together may lend: quotas are shared out at midnight and may never add up to more than the
//! funders have room for.

use crate::audit::{DayFacts, Findings, Rules};
use crate::base::ids::{FUNDERS, Lender};
use crate::base::time::Day;

/// Where findings stand that concern all cells and lenders.
const ALL: (u32, Lender) = (u32::MAX, Lender::FIRST);

/// Folds the days of all cells and lenders of one world.
#[derive(Clone, Debug, Default)]
pub(crate) struct Capacity {
    day: Day,
    quota: [i64; FUNDERS],
    committed: [i64; FUNDERS],
    committed_yesterday: [i64; FUNDERS],
    capacity: [i64; FUNDERS],
    begun: bool,
}

impl Capacity {
    /// Takes the day of one lender in one cell. Those of a day may come in any order, days in theirs.
    pub(crate) fn cell_day(&mut self, rules: &Rules, facts: &DayFacts<'_>, findings: &mut Findings) {
        if self.day != facts.day {
            self.finish_day(findings);
            self.committed_yesterday = self.committed;
            self.day = facts.day;
            self.quota = [0; FUNDERS];
            self.committed = [0; FUNDERS];
            self.capacity = rules.capacity;
            self.begun = true;
        }
        for funder in 0..FUNDERS {
            self.quota[funder] += facts.quota[funder];
            self.committed[funder] += facts.committed[funder];
        }
    }

    /// Judges the day that is over; also to be called after the last one.
    pub(crate) fn finish_day(&mut self, findings: &mut Findings) {
        if !std::mem::take(&mut self.begun) {
            return;
        }
        for funder in 0..FUNDERS {
            let room = (self.capacity[funder] - self.committed_yesterday[funder]).max(0);
            let (quota, day) = (self.quota[funder], self.day);
            if quota > room {
                findings.add("capacity", day, ALL, None, || {
                    format!("all cells: funder {funder} has room for {room} fen, quotas add up to {quota}")
                });
            }
            let most = self.capacity[funder].max(self.committed_yesterday[funder]);
            let committed = self.committed[funder];
            if committed > most {
                findings.add("capacity", day, ALL, None, || {
                    format!("all cells: funder {funder} has committed {committed} fen of at most {most}")
                });
            }
        }
    }
}
