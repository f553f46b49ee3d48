//! The seconds of a probe in which its generator was on time.
//!
//! A machine that is shared stops a thread for some milliseconds now and then. What a generator starts late after such a stop tells
//! nothing of the service; what it started in the other seconds does. A generator that is too slow for a rate is late in all of them.

use crate::measure::latency::IntervalRecord;

/// A probe counts when at least this part of its seconds, as one in so many, was on time: a second has hundreds of thousands of
/// latencies at the rates at which a generator is late, and a search asks each rate several times.
const ONE_IN: u32 = 4;

/// What was recorded in the seconds of a probe, apart from those in which its generator was late.
#[derive(Debug, Default)]
pub(crate) struct OnTime {
    record: IntervalRecord,
    seconds: u32,
    late: u32,
}

impl OnTime {
    /// Takes in what was recorded in a second. Whether its generator was on time.
    pub(crate) fn second(&mut self, sum: &IntervalRecord) -> bool {
        let on_time = sum.lateness().is_none();
        if on_time {
            self.seconds += 1;
            self.record.add(sum);
        } else {
            self.late += 1;
        }
        on_time
    }

    /// What was recorded, and how many seconds are left out. `None` when too few are left.
    pub(crate) fn enough(self) -> Option<(IntervalRecord, u32)> {
        let enough = self.seconds > 0 && ONE_IN * self.seconds >= self.seconds + self.late;
        enough.then_some((self.record, self.late))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::latency::{LAG_NS_P99_MAX, Operation};

    /// A second with a thousand latencies; the generator is late with so many of them.
    fn second(latency_ns: u64, late: u64) -> IntervalRecord {
        let mut sum = IntervalRecord::default();
        for request in 0..1_000 {
            let lag_ns = if request < late { 3 * LAG_NS_P99_MAX } else { 10 };
            sum.lag_ns.record(lag_ns).expect("within its bounds");
            sum.of_mut(Operation::Tip).latency_ns.record(latency_ns).expect("within its bounds");
        }
        sum
    }

    fn over(seconds: &[IntervalRecord]) -> Option<(IntervalRecord, u32)> {
        let mut on_time = OnTime::default();
        for sum in seconds {
            on_time.second(sum);
        }
        on_time.enough()
    }

    #[test]
    fn late_seconds_are_left_out() {
        let (record, late) = over(&[second(100, 5), second(7_000_000, 20), second(200, 0)]).expect("two of three");
        assert_eq!((late, record.all_latency_ns().len()), (1, 2_000));
        assert!(record.all_latency_ns().max() < 1_000);
    }

    #[test]
    fn a_generator_that_is_late_most_of_the_time_measured_nothing() {
        let late = [second(100, 50), second(100, 50), second(100, 50)];
        assert!(over(&[&late[..], &[second(100, 0)]].concat()).is_some(), "one in four is enough");
        assert!(over(&[&late[..], &[second(100, 50), second(100, 0)]].concat()).is_none());
        assert!(over(&[]).is_none());
    }
}
