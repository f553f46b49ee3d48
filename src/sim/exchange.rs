//! What processes that share the worlds of a run tell each other: the summed totals of a day, and in the end balances and the hashes
//! of cells. Each keeps a replica of the worlds and does what is done at midnight by itself, so nothing else crosses.

use crate::base::time::Day;
use crate::runtime::{Fabric, Lost};
use crate::world::{CellDay, WorkTally, World};
use std::fmt;

/// Bytes of a hash of a replica.
const HASH_BYTES: usize = 32;

/// A day's sums of one world: this process's before the exchange, everybody's after it.
pub(super) struct DaySums<'a> {
    pub(super) total: &'a mut WorkTally,
    pub(super) cells: CellDay,
}

impl DaySums<'_> {
    fn each_slice(&mut self, visit: &mut dyn FnMut(&mut [i64])) {
        self.total.each_slice(visit);
        self.cells.each_slice(visit);
    }
}

/// A moment of a run, for messages.
pub(super) struct Moment(pub(super) &'static str, pub(super) Day);

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.0, self.1)
    }
}

/// Adds the sums of all members of a day. Returns whether any of them was asked to stop: all stop after the same day.
///
/// # Errors
/// [`Lost`] when a member is gone, or when its worlds are no longer those of this one.
pub(super) fn day(
    fabric: &dyn Fabric,
    day: Day,
    worlds: &[World],
    sums: &mut [DaySums<'_>],
    stop: bool,
) -> Result<bool, Lost> {
    let mut own = vec![u8::from(stop)];
    own.extend_from_slice(&replica_hash(worlds));
    sums.iter_mut().for_each(|sums| sums.each_slice(&mut |slice| put(&mut own, slice)));
    let here = fabric.member().number;
    let all = fabric.exchange(&Moment("the close of", day), own.clone())?;
    for (member, theirs) in all.iter().enumerate().filter(|(member, _)| *member != here) {
        check(member, theirs, &own, day)?;
        let mut words = theirs[1 + HASH_BYTES..].chunks_exact(size_of::<i64>()).map(word);
        let mut add = |slice: &mut [i64]| slice.iter_mut().zip(&mut words).for_each(|(sum, more)| *sum += more);
        sums.iter_mut().for_each(|sums| sums.each_slice(&mut add));
    }
    Ok(all.iter().any(|bytes| bytes.first() == Some(&1)))
}

/// The other's message has the form of this one's, and its worlds are the same.
fn check(member: usize, theirs: &[u8], own: &[u8], day: Day) -> Result<(), Lost> {
    let lost = |why: String| Err(Lost { member, why });
    if theirs.len() != own.len() {
        return lost(format!("sent {} bytes at the close of {day}, {} were expected", theirs.len(), own.len()));
    }
    if theirs[1..=HASH_BYTES] != own[1..=HASH_BYTES] {
        return lost(format!(
            "has other worlds on {day}: its program, its processor or its memory computes otherwise. Run all members with the same \
             program on the same kind of processor"
        ));
    }
    Ok(())
}

/// BLAKE3 of what the worlds go on from.
fn replica_hash(worlds: &[World]) -> [u8; HASH_BYTES] {
    let mut bytes = Vec::new();
    worlds.iter().for_each(|world| world.write_present(&mut bytes));
    *blake3::hash(&bytes).as_bytes()
}

/// Adds up numbers over all members.
///
/// # Errors
/// [`Lost`] when a member is gone or sends another number of them.
pub(super) fn sum(fabric: &dyn Fabric, day: Day, own: &mut [i64]) -> Result<(), Lost> {
    let mut bytes = Vec::new();
    put(&mut bytes, own);
    let all = fabric.exchange(&Moment("the sum of balances at the close of", day), bytes)?;
    let here = fabric.member().number;
    for (member, theirs) in all.iter().enumerate().filter(|(member, _)| *member != here) {
        if theirs.len() != size_of_val(own) {
            return Err(Lost { member, why: format!("sent {} bytes of balances", theirs.len()) });
        }
        own.iter_mut().zip(theirs.chunks_exact(size_of::<i64>()).map(word)).for_each(|(sum, more)| *sum += more);
    }
    Ok(())
}

/// Puts what the members have of a row in one, in the order of the members.
///
/// # Errors
/// [`Lost`] when a member is gone.
pub(super) fn row(fabric: &dyn Fabric, day: Day, own: Vec<u8>) -> Result<Vec<u8>, Lost> {
    Ok(fabric.exchange(&Moment("the hashes of cells at the close of", day), own)?.concat())
}

fn put(bytes: &mut Vec<u8>, slice: &[i64]) {
    bytes.extend(slice.iter().flat_map(|number| number.to_le_bytes()));
}

fn word(bytes: &[u8]) -> i64 {
    i64::from_le_bytes(std::array::from_fn(|i| bytes[i]))
}

#[cfg(test)]
mod tests;
