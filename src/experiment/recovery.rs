//! A durable service's state, recovered and judged: is all there that was acknowledged, does the replay of everything reach the same
//! state, and do the answers that reached users stand in the journal? What can be recovered `journal` decides.

use crate::journal::{AcksCheck, AcksError, AcksReport, Recovered, RecoveryError, Start, read_acks};
use crate::load;
use std::path::Path;

/// Why nothing can be said.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CheckError {
    /// No state can be vouched for.
    #[error(transparent)]
    Recovery(#[from] RecoveryError),
    /// The answers cannot be read.
    #[error(transparent)]
    Acks(#[from] AcksError),
}

/// A recovery and what it was compared with.
#[derive(Debug)]
pub(crate) struct Recovery {
    /// From the newest whole snapshot.
    pub recovered: Recovered,
    /// From the first snapshot, when that was asked for or needed.
    pub replayed: Option<Recovered>,
    /// The answers that reached users against the replay, when there are any.
    pub acks: Option<AcksReport>,
}

impl Recovery {
    /// The replay of everything ends where the recovery does; true without a replay.
    pub(crate) fn states_agree(&self) -> bool {
        let end = |recovered: &Recovered| (recovered.state_hash, recovered.sequence);
        self.replayed.as_ref().is_none_or(|replayed| end(replayed) == end(&self.recovered))
    }

    /// Nothing is missing or differs.
    pub(crate) fn is_sound(&self) -> bool {
        self.recovered.is_complete() && self.states_agree() && self.acks.as_ref().is_none_or(AcksReport::is_clean)
    }
}

/// What is found in a directory.
#[derive(Debug)]
pub(crate) enum Found {
    /// A service.
    Service(Box<Recovery>),
    /// One that was stopped before its journal was there. It has answered nobody: whoever says otherwise has lost all of it.
    NotBegun {
        /// The answers that reached users, none of which can be there.
        acks: Option<AcksReport>,
    },
}

impl Found {
    /// Nothing is missing or differs.
    pub(crate) fn is_sound(&self) -> bool {
        match self {
            Found::Service(recovery) => recovery.is_sound(),
            Found::NotBegun { acks } => acks.as_ref().is_none_or(AcksReport::is_clean),
        }
    }
}

/// Recovers the service of a directory; with `from_start` or `acks` everything is replayed from the first snapshot, too.
///
/// # Errors
/// [`CheckError`].
pub(crate) fn check(dir: &Path, from_start: bool, acks: Option<&Path>) -> Result<Found, CheckError> {
    let recovered = match load::recover(dir, Start::Latest) {
        Err(RecoveryError::NotBegun { .. }) => {
            let answers = acks.map(read_acks).transpose()?;
            return Ok(Found::NotBegun { acks: answers.map(|answers| AcksCheck::default().compare(&answers)) });
        }
        recovered => recovered?,
    };
    let Some(acks) = acks else {
        let replayed = if from_start { Some(load::recover(dir, Start::First)?) } else { None };
        return Ok(Found::Service(Box::new(Recovery { recovered, replayed, acks: None })));
    };
    let mut check = AcksCheck::default();
    let replayed = load::recover_observed(dir, Start::First, &mut |request| check.observe(&request))?;
    let acks = check.compare(&read_acks(acks)?);
    Ok(Found::Service(Box::new(Recovery { recovered, replayed: Some(replayed), acks: Some(acks) })))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::Missing;

    fn recovered(hash: u8, sequence: u64, missing: Missing) -> Recovered {
        Recovered {
            dir: "service".into(),
            cells: Vec::new(),
            state_hash: [hash; 32],
            snapshot_epoch: 0,
            last_epoch: 0,
            sequence,
            replayed: sequence,
            mark: None,
            mark_damaged: false,
            missing,
            beyond_mark: 0,
            cuts: Vec::new(),
            unusable_snapshots: Vec::new(),
            nobody_answered: false,
            strays: Vec::new(),
        }
    }

    #[test]
    fn what_is_missing_or_differs_is_not_sound() {
        let sound = |replayed: Option<Recovered>, missing, lost: u64| {
            let acks = Some(AcksReport { answers: 3, lost, ..AcksReport::default() });
            let recovery = Recovery { recovered: recovered(1, 9, missing), replayed, acks };
            (recovery.states_agree(), recovery.is_sound())
        };
        let nothing = Missing::Nothing;
        assert_eq!(sound(None, nothing, 0), (true, true));
        assert_eq!(sound(Some(recovered(1, 9, nothing)), nothing, 0), (true, true));
        assert_eq!(sound(Some(recovered(2, 9, nothing)), nothing, 0), (false, false));
        assert_eq!(sound(Some(recovered(1, 8, nothing)), nothing, 0), (false, false));
        assert_eq!(sound(None, Missing::Records(1), 0), (true, false));
        assert_eq!(sound(None, Missing::Unknown, 0), (true, false));
        assert_eq!(sound(None, nothing, 1), (true, false));
    }
}
