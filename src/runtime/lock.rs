//! A lock that is only ever held by threads of ours.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks a mutex. A poisoned one means that a thread panicked while it held the lock: its panic ends the run where threads are
/// joined, and what is locked here are plain values that it left whole.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes the value out of a mutex that nobody shares any more; of a poisoned one as [`lock`] does.
pub(crate) fn into_inner<T>(mutex: Mutex<T>) -> T {
    mutex.into_inner().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_of_another_thread_leaves_the_value() {
        let mutex = Mutex::new(7);
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let mut held = lock(&mutex);
            *held += 1;
            panic!("while it holds the lock");
        }));
        assert!(panicked.is_err() && mutex.is_poisoned());
        assert_eq!(*lock(&mutex), 8);
        assert_eq!(into_inner(mutex), 8);
    }
}
