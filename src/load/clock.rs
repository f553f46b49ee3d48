//! The clock of a load run. All its times are nanoseconds since the clock was made.

use std::time::{Instant, SystemTime};

/// A clock that counts from its making. Copies count from the same moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    start: Instant,
    /// The same moment by the calendar, milliseconds since 1970.
    start_unix_ms: u64,
}

impl Clock {
    /// Starts to count.
    #[expect(clippy::disallowed_methods, reason = "the clock of a load run")]
    pub(crate) fn start() -> Clock {
        Clock::from(Instant::now())
    }

    /// Nanoseconds since the start.
    #[inline]
    #[expect(clippy::disallowed_methods, reason = "the clock of a load run")]
    pub(crate) fn now_ns(self) -> u64 {
        Instant::now().duration_since(self.start).as_nanos() as u64
    }

    /// A moment on this clock; 0 for all that lies before its start.
    pub(crate) fn at_ns(self, moment: Instant) -> u64 {
        moment.saturating_duration_since(self.start).as_nanos() as u64
    }

    /// What the calendar says at a moment of this clock, milliseconds since 1970.
    pub(crate) const fn unix_ms(self, at_ns: u64) -> u64 {
        self.start_unix_ms + at_ns / 1_000_000
    }
}

impl From<Instant> for Clock {
    #[expect(clippy::disallowed_methods, reason = "a log of the wall clock says when it was made")]
    fn from(start: Instant) -> Clock {
        let now = SystemTime::now().checked_sub(start.elapsed()).unwrap_or(SystemTime::UNIX_EPOCH);
        let since_1970 = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Clock { start, start_unix_ms: since_1970.as_millis() as u64 }
    }
}
