//! What the threads of a member know together: who was lost, and what the exchange has brought.

use crate::runtime::{Lost, ThreadGroup, lock};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How often a member says that it lives.
pub(super) const HEARTBEAT: Duration = Duration::from_secs(1);

/// So long nothing is heard of a member before it counts as stopped.
pub(super) const SILENCE: Duration = Duration::from_secs(if cfg!(test) { 3 } else { 6 });

/// What the threads of a member know together.
#[derive(Debug)]
pub(super) struct Watch {
    own: usize,
    group: ThreadGroup,
    known: Mutex<Known>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Known {
    lost: Option<Lost>,
    brought: Option<Vec<Vec<u8>>>,
    ending: bool,
    over: bool,
}

/// The moment. It enters no result.
#[expect(clippy::disallowed_methods, reason = "how long nothing was heard of a member is measured on the wall")]
pub(super) fn now() -> Instant {
    Instant::now()
}

impl Watch {
    /// Of member `own`, whose threads are in the group.
    pub(super) fn new(own: usize, group: ThreadGroup) -> Watch {
        Watch { own, group, known: Mutex::default(), changed: Condvar::new() }
    }

    /// This member.
    pub(super) fn own(&self) -> usize {
        self.own
    }

    /// Somebody is lost. The first that is known counts: it is the cause of the others.
    pub(super) fn lose(&self, member: usize, why: impl Into<String>) -> Lost {
        let mut known = lock(&self.known);
        let lost = known.lost.get_or_insert_with(|| Lost { member, why: why.into() }).clone();
        self.changed.notify_all();
        lost
    }

    /// This member ends before its time: by a panic, or because the command ends.
    pub(super) fn lose_by_own_fault(&self) {
        let panic = self.group.first_panic();
        self.lose(self.own, panic.map_or_else(|| "ended before the run was done".to_owned(), bug));
    }

    /// The first panic of this member's threads, if there was one.
    pub(super) fn panic(&self) -> Option<String> {
        self.group.first_panic()
    }

    /// Who was lost, if anybody.
    pub(super) fn lost(&self) -> Option<Lost> {
        lock(&self.known).lost.clone()
    }

    /// An exchange has brought what all have said.
    pub(super) fn bring(&self, all: Vec<Vec<u8>>) {
        lock(&self.known).brought = Some(all);
        self.changed.notify_all();
    }

    /// Waits for what the exchange brings.
    ///
    /// # Errors
    /// Who was lost.
    pub(super) fn brought(&self) -> Result<Vec<Vec<u8>>, Lost> {
        let mut known = lock(&self.known);
        loop {
            if let Some(all) = known.brought.take() {
                return Ok(all);
            }
            if let Some(lost) = &known.lost {
                return Err(lost.clone());
            }
            known = self.changed.wait(known).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// This member has come to its end: from now on others may have, too.
    pub(super) fn begin_to_end(&self) {
        lock(&self.known).ending = true;
    }

    /// True when others may end.
    pub(super) fn is_ending(&self) -> bool {
        lock(&self.known).ending
    }

    /// Nothing is to be watched any more.
    pub(super) fn end(&self) {
        lock(&self.known).over = true;
        self.changed.notify_all();
    }

    /// Waits for a while for something to do. A panic of this member's threads is a loss, too.
    pub(super) fn wait(&self, time: Duration) -> Next {
        let known = lock(&self.known);
        let idle = |known: &mut Known| known.lost.is_none() && !known.over;
        let (known, _) = self.changed.wait_timeout_while(known, time, idle).unwrap_or_else(PoisonError::into_inner);
        match &known.lost {
            Some(lost) => Next::Lost(lost.clone()),
            None if known.over => Next::Over,
            None => {
                drop(known);
                match self.group.first_panic() {
                    Some(panic) => Next::Lost(self.lose(self.own, bug(panic))),
                    None => Next::Goes,
                }
            }
        }
    }
}

fn bug(panic: String) -> String {
    format!("has a bug: {panic}")
}

/// What there is to do.
pub(super) enum Next {
    /// Nothing yet.
    Goes,
    /// All is over.
    Over,
    /// Somebody is lost.
    Lost(Lost),
}
