//! The wall clock itself, and where a request stands on it. All times of a load run are nanoseconds since the clock was made.

use std::time::Instant;

/// Nanoseconds in a second.
pub(crate) const SECOND_NS: u64 = 1_000_000_000;

/// Nanoseconds in a millisecond.
pub(crate) const MILLI_NS: u64 = 1_000_000;

/// A clock that counts from its making. Copies count from the same moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock(Instant);

impl Clock {
    /// Starts to count.
    #[expect(clippy::disallowed_methods, reason = "the clock of a load run")]
    pub(crate) fn start() -> Clock {
        Clock(Instant::now())
    }

    /// Nanoseconds since the start.
    #[inline]
    #[expect(clippy::disallowed_methods, reason = "the clock of a load run")]
    pub(crate) fn now_ns(self) -> u64 {
        Instant::now().duration_since(self.0).as_nanos() as u64
    }
}

/// The times of a run, known when everything is wired up. Warm-up begins at `zero_ns`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    /// Start of the warm-up.
    pub zero_ns: u64,
    /// Start of what is measured.
    pub from_ns: u64,
    /// End of what is measured; nothing starts after it.
    pub until_ns: u64,
}

impl Window {
    /// No run yet: nothing is measured.
    pub(crate) const NEVER: Window = Window { zero_ns: u64::MAX, from_ns: u64::MAX, until_ns: u64::MAX };

    /// A request that was meant to start then is measured.
    #[inline]
    pub(crate) const fn measures(&self, intended_ns: u64) -> bool {
        intended_ns >= self.from_ns && intended_ns < self.until_ns
    }
}
