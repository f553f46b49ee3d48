//! What runs the jobs of a superstep, and how the processes that share a world hear of each other. Threads of one process are one
//! way ([`super::Threads`]).

use std::ops::Range;
use std::time::Duration;

/// Runs the jobs of a superstep.
pub(crate) trait Fabric: Sync {
    /// Number of workers; `work` is called with worker numbers below it.
    fn workers(&self) -> usize;

    /// Calls `work(worker, job)` once for each job in `0..jobs` and returns when all are done. The order and the worker
    /// of a job are not defined, so `work` must not depend on them.
    fn superstep(&self, jobs: usize, work: &(dyn Fn(usize, usize) + Sync));

    /// Which of the processes that share the worlds this one is.
    fn member(&self) -> Member {
        Member::ALONE
    }

    /// Gives every member's bytes to every member, in the order of their numbers. Returns when all have come to the same exchange,
    /// so that it is a barrier, too. `moment` names it, such as "the close of 2024-03-01": what one member says at a moment is never taken
    /// for what another says at another one.
    ///
    /// # Errors
    /// [`Lost`] when a member is gone, does not answer in time, or is at another moment.
    fn exchange(&self, moment: &dyn std::fmt::Display, own: Vec<u8>) -> Result<Vec<Vec<u8>>, Lost> {
        let _ = moment;
        Ok(vec![own])
    }

    /// How long this member has waited for the others so far, what they had to carry included.
    fn waited(&self) -> Duration {
        Duration::ZERO
    }
}

/// One of the processes that share the worlds of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    /// Its number, from 0.
    pub number: usize,
    /// How many there are.
    pub of: usize,
}

impl Member {
    /// The only one.
    pub(crate) const ALONE: Member = Member { number: 0, of: 1 };

    /// The only one.
    pub(crate) const fn is_alone(self) -> bool {
        self.of == 1
    }

    /// Its part of `count` things in a row; the parts of all members follow each other and differ by one at most.
    pub(crate) const fn range(self, count: usize) -> Range<usize> {
        count * self.number / self.of..count * (self.number + 1) / self.of
    }
}

/// A member of a run is gone, or went another way; the run of all members ends.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("member {member} {why}")]
pub(crate) struct Lost {
    /// Number of the member.
    pub member: usize,
    /// What is wrong with it, when, and what may be done: the rest of a sentence.
    pub why: String,
}

/// A member that has come to another exchange than this one, if there is one: `own` and `moments`, by member, name them.
pub(crate) fn out_of_step<'a>(own: &str, moments: impl IntoIterator<Item = &'a str>) -> Option<Lost> {
    let (member, moment) = moments.into_iter().enumerate().find(|(_, moment)| *moment != own)?;
    Some(Lost { member, why: format!("is at {moment} when this one is at {own}: they have gone different ways") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_at_other_moments_are_named() {
        assert_eq!(out_of_step("noon", ["noon", "noon"]), None);
        let lost = out_of_step("noon", ["noon", "noon", "tea"]).expect("the last one");
        assert_eq!(lost.to_string(), "member 2 is at tea when this one is at noon: they have gone different ways");
    }

    #[test]
    fn the_parts_of_all_members_are_the_whole() {
        for count in [0, 1, 5, 12, 1_000] {
            for of in 1..=7 {
                let parts: Vec<usize> = (0..of).flat_map(|number| Member { number, of }.range(count)).collect();
                assert_eq!(parts, (0..count).collect::<Vec<_>>(), "{count} by {of}");
            }
        }
    }
}
