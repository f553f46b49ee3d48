//! What an audit found: violations with their invariant, day, cell and user. Commands print them; nothing here judges.

use crate::base::ids::{Lender, Slot};
use crate::base::time::Day;
use std::collections::BTreeMap;
use std::fmt;

/// Violations of one invariant that are kept with their details; more are only counted.
const KEPT_OF_EACH: u64 = 5;

/// Something that should not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    /// The rule that was broken.
    pub invariant: &'static str,
    /// On which day.
    pub day: Day,
    /// In which cell.
    pub cell: u32,
    /// Whose accounts.
    pub lender: Lender,
    /// Of which user of the cell, if it concerns one.
    pub slot: Option<Slot>,
    /// What was expected and what was found.
    pub detail: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}, cell {}", self.invariant, self.day, self.cell)?;
        if self.lender != Lender::FIRST {
            write!(f, ", lender {}", self.lender.0)?;
        }
        if let Some(slot) = self.slot {
            write!(f, ", user {}", slot.0)?;
        }
        write!(f, ": {}", self.detail)
    }
}

/// The findings of an audit and how much it has read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Findings {
    /// Requests judged.
    pub requests: u64,
    /// Closes of a cell's day judged.
    pub cell_days: u64,
    /// Accounts compared at a close.
    pub account_days: u64,
    counts: BTreeMap<&'static str, u64>,
    first: Vec<Violation>,
}

impl Findings {
    /// Counts a violation and keeps the first few of its kind.
    pub(crate) fn add(
        &mut self,
        invariant: &'static str,
        day: Day,
        (cell, lender): (u32, Lender),
        slot: Option<Slot>,
        detail: impl FnOnce() -> String,
    ) {
        let count = self.counts.entry(invariant).or_default();
        *count += 1;
        if *count <= KEPT_OF_EACH {
            self.first.push(Violation { invariant, day, cell, lender, slot, detail: detail() });
        }
    }

    /// Adds the findings of another cell or world.
    pub(crate) fn merge(&mut self, other: Findings) {
        self.requests += other.requests;
        self.cell_days += other.cell_days;
        self.account_days += other.account_days;
        for violation in other.first {
            let kept = self.first.iter().filter(|mine| mine.invariant == violation.invariant).count() as u64;
            if kept < KEPT_OF_EACH {
                self.first.push(violation);
            }
        }
        for (invariant, count) in other.counts {
            *self.counts.entry(invariant).or_default() += count;
        }
    }

    /// Nothing was found.
    pub(crate) fn is_clean(&self) -> bool {
        self.counts.is_empty()
    }

    /// Violations by invariant, in order of name.
    #[cfg(test)]
    pub(crate) fn counts(&self) -> &BTreeMap<&'static str, u64> {
        &self.counts
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "audited {} requests, {} closes of a cell, {} account-days",
            self.requests, self.cell_days, self.account_days
        )?;
        if self.is_clean() {
            return writeln!(f, "no violations");
        }
        for (invariant, count) in &self.counts {
            writeln!(f, "{invariant}: {count} violations")?;
        }
        for violation in &self.first {
            writeln!(f, "  {violation}")?;
        }
        Ok(())
    }
}
