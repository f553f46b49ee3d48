//! From when the lag of a generator counts where a rate sets the times.
//!
//! Lag is the generator's own lateness. An arrival for which there is nobody, since the views of accounts or the answers of those who
//! would make it are still to come from the service, starves: the generator could not have started it earlier. What has waited
//! meanwhile is started one after the other as soon as there is somebody, and none of it is late as long as the generator does
//! nothing else: lag then counts from its last turn, so one that is held up shows it. This catching up may take as long as the
//! starvation did, which a generator that can make twice its rate never needs; after that lag counts from the intended start again.

/// Whether the arrivals of one generator starve, and since when it could have started what it starts.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Starvation {
    since_ns: Option<u64>,
    catch_up_until_ns: u64,
    turn_ns: u64,
    known_ns: u64,
}

impl Starvation {
    /// A turn begins; `waiting` when arrivals wait to be started in it.
    pub(crate) fn turn(&mut self, now_ns: u64, waiting: bool) {
        if !waiting {
            self.catch_up_until_ns = 0;
        } else if now_ns < self.catch_up_until_ns {
            self.known_ns = self.known_ns.max(self.turn_ns);
        }
        self.turn_ns = now_ns;
    }

    /// An arrival waits, no step is known, and nobody is left who could plan one without the service.
    pub(crate) fn starves(&mut self, now_ns: u64) {
        self.since_ns.get_or_insert(now_ns);
    }

    /// What was missing has come.
    pub(crate) fn ends(&mut self, now_ns: u64) {
        if let Some(since_ns) = self.since_ns.take() {
            self.known_ns = now_ns;
            self.catch_up_until_ns = self.catch_up_until_ns.max(now_ns + (now_ns - since_ns));
        }
    }

    /// What the generator starts now it could have started then at the earliest; lag counts from there if the intended start was
    /// earlier.
    pub(crate) const fn known_ns(&self) -> u64 {
        self.known_ns
    }

    /// That an arrival waits now is no fault of the generator.
    pub(crate) const fn excuses(&self, now_ns: u64) -> bool {
        self.since_ns.is_some() || now_ns < self.catch_up_until_ns
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::core::time::{MILLI_NS, SECOND_NS};
    use crate::measure::latency::{IntervalRecord, LAG_NS_P99_MAX};
    use std::collections::VecDeque;

    /// A generator in virtual time: even arrivals, a burst a turn, steps that run out when a stall of the service begins.
    struct Generator {
        arrivals_per_s: u64,
        turn_ns: u64,
        /// The service is stalled from one moment to the other; the generator itself then is held up until a third.
        stall_ns: [u64; 2],
        held_up_until_ns: u64,
    }

    /// Lags and latencies of two seconds, nanoseconds; answers come at once.
    fn two_seconds(of: &Generator) -> (IntervalRecord, Vec<u64>) {
        let (mut record, mut latencies_ns) = (IntervalRecord::default(), Vec::new());
        let (mut starvation, mut waiting) = (Starvation::default(), VecDeque::new());
        let (mut now_ns, mut arrivals) = (0, 0);
        let [from_ns, until_ns] = of.stall_ns;
        while now_ns < 2 * SECOND_NS {
            while arrivals * SECOND_NS / of.arrivals_per_s <= now_ns {
                waiting.push_back(arrivals * SECOND_NS / of.arrivals_per_s);
                arrivals += 1;
            }
            starvation.turn(now_ns, !waiting.is_empty());
            if (from_ns..until_ns).contains(&now_ns) {
                if !waiting.is_empty() {
                    starvation.starves(now_ns);
                }
            } else {
                starvation.ends(now_ns);
                for intended_ns in waiting.drain(..waiting.len().min(24)) {
                    let late_ns = now_ns.saturating_sub(starvation.known_ns().max(intended_ns));
                    record.lag_ns.saturating_record(late_ns);
                    latencies_ns.push(now_ns - intended_ns);
                }
            }
            let held_up = (until_ns..of.held_up_until_ns).contains(&now_ns);
            now_ns += if held_up { of.held_up_until_ns - now_ns } else { of.turn_ns };
        }
        (record, latencies_ns)
    }

    const STALL: [u64; 2] = [500 * MILLI_NS, 800 * MILLI_NS];

    #[test]
    fn a_stall_of_the_service_shows_in_latency_and_in_no_lag() {
        // A burst of 24 in 100 µs is four times what is asked for.
        let quick = Generator { arrivals_per_s: 60_000, turn_ns: 100_000, stall_ns: STALL, held_up_until_ns: 0 };
        let (record, latencies_ns) = two_seconds(&quick);
        assert!(record.lag_ns.max() < LAG_NS_P99_MAX, "{} ns", record.lag_ns.max());
        assert!(record.lateness().is_none());
        let waited = |ms: u64| latencies_ns.iter().filter(|ns| **ns >= ms * MILLI_NS).count();
        let longest_ns = latencies_ns.iter().max().expect("requests");
        assert!(
            longest_ns.abs_diff(300 * MILLI_NS) <= quick.turn_ns,
            "{longest_ns} ns: the first one waits for all of it"
        );
        // At four times the rate, one that came t after the start of the stall waits 300 ms − ¾ t.
        assert!((7_950..8_050).contains(&waited(200)), "{} came in the first 133 ms", waited(200));
    }

    #[test]
    fn a_generator_that_is_too_slow_or_held_up_is_late_with_a_stall_and_without() {
        let slow = Generator { arrivals_per_s: 60_000, turn_ns: 410_000, stall_ns: [0, 0], held_up_until_ns: 0 };
        assert!(two_seconds(&slow).0.lateness().is_some(), "24 in 410 µs are fewer than 60,000 a second");
        let slow = Generator { stall_ns: STALL, ..slow };
        assert!(
            two_seconds(&slow).0.lateness().is_some(),
            "a stall is an excuse for as long as it took, and no longer"
        );
        let held_up = 850 * MILLI_NS;
        let quick = Generator { arrivals_per_s: 60_000, turn_ns: 100_000, stall_ns: STALL, held_up_until_ns: held_up };
        let (record, _) = two_seconds(&quick);
        assert!(record.lag_ns.max() > 49 * MILLI_NS, "{} ns: held up for 50 ms as it caught up", record.lag_ns.max());
    }

    #[test]
    fn waiting_is_excused_while_it_starves_and_catches_up() {
        let mut starvation = Starvation::default();
        starvation.turn(100, true);
        assert!(!starvation.excuses(100));
        starvation.starves(100);
        starvation.starves(150);
        assert!(starvation.excuses(1_000));
        starvation.ends(200);
        assert_eq!((starvation.known_ns(), starvation.excuses(299), starvation.excuses(300)), (200, true, false));
        starvation.turn(250, false);
        assert!(!starvation.excuses(260), "all is started: it has caught up");
        starvation.ends(270);
        assert_eq!(starvation.known_ns(), 200, "nothing starved");
    }
}
