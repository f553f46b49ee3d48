//! Whole journals: written, recovered, gone on with, over one epoch and several.

use super::*;
use crate::clock::journal::recovery::{Missing, Start, recover, recover_from_start, recover_watched};

#[test]
fn a_journal_gives_back_the_state() {
    let home = written(100);
    let recovered = recover(&service(&home)).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(recovered.state_hash, course().hash_after(course().days.len()));
    assert_eq!(recovered.sequence, course().records() as u64);
    assert_eq!(recovered.replayed, recovered.sequence);
    assert_eq!((recovered.missing, recovered.beyond_mark, recovered.cuts.len()), (Missing::Nothing, 0, 0));
    assert!(!recovered.mark_damaged && recovered.damaged_snapshots.is_empty());
}
