//! The threads of one piece of work, and the first panic on any of them.
//!
//! A panic ends its thread, or no more than a task of it, and whoever waits for that thread or task waits for ever. So the threads of
//! a piece of work form a group: what is spawned by a thread of the group belongs to it, and whoever watches over the work learns
//! of a panic from [`ThreadGroup::first_panic`], whichever thread it was on and whoever has caught it. The message still goes to
//! standard error as before.

use super::lock::lock;
use std::cell::RefCell;
use std::panic::PanicHookInfo;
use std::sync::{Arc, Mutex, Once};

/// The threads of one piece of work.
#[derive(Clone, Debug)]
pub(crate) struct ThreadGroup(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    first_panic: Mutex<Option<String>>,
    #[cfg(test)]
    fault: Option<&'static str>,
}

/// A group and the name of a thread in it.
#[derive(Clone)]
struct Membership {
    group: ThreadGroup,
    name: String,
}

thread_local! {
    static MEMBERSHIP: RefCell<Option<Membership>> = const { RefCell::new(None) };
}

#[cfg(test)]
thread_local! {
    static FAULT_OF_NEXT: std::cell::Cell<Option<&'static str>> = const { std::cell::Cell::new(None) };
}

impl ThreadGroup {
    /// A group without threads.
    pub(crate) fn new() -> ThreadGroup {
        static HOOK: Once = Once::new();
        HOOK.call_once(|| {
            let former = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |panic| {
                record(panic);
                former(panic);
            }));
        });
        ThreadGroup(Arc::new(Shared {
            #[cfg(test)]
            fault: FAULT_OF_NEXT.take(),
            ..Shared::default()
        }))
    }

    /// The calling thread belongs to the group, under this name, until what is returned is dropped.
    pub(crate) fn enter(&self, name: &str) -> Entered {
        let membership = Membership { group: self.clone(), name: name.to_string() };
        Entered(MEMBERSHIP.replace(Some(membership)))
    }

    /// The calling thread belongs to the group, under this name, for as long as it lives.
    pub(crate) fn join(&self, name: &str) {
        MEMBERSHIP.set(Some(Membership { group: self.clone(), name: name.to_string() }));
    }

    /// What the first panic on a thread of the group said, with the thread and the line, if there was any.
    pub(crate) fn first_panic(&self) -> Option<String> {
        // A text is whole whoever panicked.
        lock(&self.0.first_panic).clone()
    }

    /// The group of the calling thread.
    pub(super) fn current() -> Option<ThreadGroup> {
        MEMBERSHIP.with_borrow(|membership| membership.as_ref().map(|membership| membership.group.clone()))
    }
}

/// Keeps a thread in its group; ends that when it is dropped.
pub(crate) struct Entered(Option<Membership>);

impl Drop for Entered {
    fn drop(&mut self) {
        MEMBERSHIP.set(self.0.take());
    }
}

fn record(panic: &PanicHookInfo<'_>) {
    // A thread whose locals are gone belongs to nothing any more.
    let membership = MEMBERSHIP.try_with(|membership| membership.try_borrow().ok().and_then(|m| m.clone()));
    let Ok(Some(Membership { group, name })) = membership else { return };
    let text = panic.payload().downcast_ref::<&str>().copied();
    let said = text.or_else(|| panic.payload().downcast_ref::<String>().map(String::as_str)).unwrap_or("no message");
    let line = panic.location().map_or_else(String::new, |at| format!(" at {}:{}", at.file(), at.line()));
    let mut first = lock(&group.0.first_panic);
    first.get_or_insert_with(|| format!("{name} panicked{line}: {said}"));
}

/// A test may have a group panic here (`with_fault`); in the program it does nothing.
#[inline(always)]
pub(crate) fn fault_point(_name: &'static str) {
    #[cfg(test)]
    if ThreadGroup::current().is_some_and(|group| group.0.fault == Some(_name)) {
        panic!("a fault that a test has put into {_name}");
    }
}

/// Runs something; the first group that the calling thread makes in it panics at the fault point of this name.
#[cfg(test)]
pub(crate) fn with_fault<T>(name: &'static str, work: impl FnOnce() -> T) -> T {
    FAULT_OF_NEXT.set(Some(name));
    let done = work();
    FAULT_OF_NEXT.set(None);
    done
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::{beside, spawn};

    #[test]
    fn a_group_knows_the_first_panic_of_its_threads_and_of_theirs() {
        let (group, other) = (ThreadGroup::new(), ThreadGroup::new());
        let entered = group.enter("main");
        let child =
            spawn("child", || spawn("grandchild", || panic!("no {}", "way")).expect("a thread").join().is_err());
        assert!(child.expect("a thread").join().expect("it did not panic"));
        let said = group.first_panic().expect("it is known");
        assert!(
            said.starts_with("grandchild panicked at src/runtime/group.rs:") && said.ends_with(": no way"),
            "{said}"
        );
        let again = std::panic::catch_unwind(|| beside(|| panic!("later"), || ()));
        assert!(again.is_err() && group.first_panic() == Some(said), "the first one counts");
        drop(entered);
        assert!(spawn("stranger", || panic!("not theirs")).expect("a thread").join().is_err());
        assert_eq!(other.first_panic(), None);
    }

    #[test]
    fn a_fault_is_met_by_its_group_at_its_point_alone() {
        fault_point("anywhere");
        let panics = |point: &'static str| {
            let group = with_fault("there", ThreadGroup::new);
            let _entered = group.enter("main");
            std::panic::catch_unwind(|| fault_point(point)).is_err()
        };
        assert!(panics("there") && !panics("elsewhere"));
    }
}
