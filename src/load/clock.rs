//! The clock of a load run. All its times are nanoseconds since the clock was made.

use std::time::Instant;

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

    /// A moment on this clock; 0 for all that lies before its start.
    pub(crate) fn at_ns(self, moment: Instant) -> u64 {
        moment.saturating_duration_since(self.0).as_nanos() as u64
    }
}

#[cfg(test)]
impl From<Instant> for Clock {
    fn from(start: Instant) -> Clock {
        Clock(start)
    }
}
