//! Where a request stands in the time of a run, and how simulated time lies on the wall clock. All times of a load run are
//! nanoseconds since its clock was made ([`crate::load::clock::Clock`]).

/// Nanoseconds in a second.
pub(crate) const SECOND_NS: u64 = 1_000_000_000;

/// Nanoseconds in a millisecond.
pub(crate) const MILLI_NS: u64 = 1_000_000;

/// The times of a run, known when everything is set up. Warm-up begins at `zero_ns`.
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

/// From when latency counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum LatencyFrom {
    /// The intended start.
    #[default]
    Intended,
    /// When the request was sent: the mistake that a test makes to see that it shows.
    #[cfg(test)]
    Sent,
}

impl LatencyFrom {
    /// The moment from which latency counts.
    pub(crate) const fn counted_from_ns(self, intended_ns: u64, _sent_ns: u64) -> u64 {
        match self {
            LatencyFrom::Intended => intended_ns,
            #[cfg(test)]
            LatencyFrom::Sent => _sent_ns,
        }
    }
}

/// How simulated time lies on the wall clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TimeMapping {
    /// Before the clock starts: the day of the hand-over is caught up with as far as that moment, nothing is measured.
    CatchUp,
    /// The users' own times, `speed_milli` thousandths of a simulated second in a wall second.
    Simulated {
        /// Speed.
        speed_milli: u64,
    },
    /// Times are set by a rate: simulated time is drawn out or pressed together, and a step that depends on another follows
    /// after [`RATE_GAP_NS`].
    Rate,
}

/// A step that depends on an answer follows this long after the step before it was meant to start, where a rate sets the
/// times: what an app needs to show an answer and send the next request.
pub(crate) const RATE_GAP_NS: u64 = 10 * MILLI_NS;
