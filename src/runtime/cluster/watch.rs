//! What the threads of a member know together: who was lost, and what the exchange has brought. A thread of its own tells the others
//! that this member lives, and why it ends when it ends before its time.

use super::link::Link;
use crate::runtime::{Lost, ThreadGroup, lock};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How often a member says that it lives.
pub(super) const HEARTBEAT: Duration = Duration::from_secs(1);

/// So long nothing is heard of a member before it counts as stopped.
pub(super) const SILENCE: Duration = Duration::from_secs(if cfg!(test) { 3 } else { 6 });

/// How often the watch looks for a panic.
const LOOK: Duration = Duration::from_millis(250);

/// How long the last words may take to arrive.
const FAREWELL: Duration = Duration::from_millis(300);

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

    /// Nothing is to be watched any more.
    pub(super) fn end(&self) {
        lock(&self.known).over = true;
        self.changed.notify_all();
    }

    /// Waits for a while; who was lost by then, or `None` when all is over.
    fn wait(&self, time: Duration) -> Next {
        let known = lock(&self.known);
        let idle = |known: &mut Known| known.lost.is_none() && !known.over;
        let (known, _) = self.changed.wait_timeout_while(known, time, idle).unwrap_or_else(PoisonError::into_inner);
        match &known.lost {
            Some(lost) => Next::Lost(lost.clone()),
            None if known.over => Next::Over,
            None => Next::Goes,
        }
    }

    /// The work of the watch: until all is over or somebody is lost.
    pub(super) fn work(&self, links: &[Arc<Link>]) {
        let mut said = now();
        loop {
            match self.wait(LOOK) {
                Next::Over => return,
                Next::Lost(lost) => return farewell(links, &lost),
                Next::Goes => {}
            }
            if let Some(panic) = self.group.first_panic() {
                self.lose(self.own, bug(panic));
            } else if said.elapsed() >= HEARTBEAT {
                said = now();
                links.iter().for_each(|link| link.beat());
            }
        }
    }
}

fn bug(panic: String) -> String {
    format!("has a bug: {panic}")
}

enum Next {
    Goes,
    Over,
    Lost(Lost),
}

/// Tells all why, and ends the connections. What comes in meanwhile is taken in, or the system would throw away what was said.
fn farewell(links: &[Arc<Link>], lost: &Lost) {
    links.iter().for_each(|link| link.part(lost));
    let until = now() + FAREWELL;
    links.iter().for_each(|link| link.drain(until.saturating_duration_since(now())));
    links.iter().for_each(|link| link.cut());
}
