//! Percentiles of a histogram as results state them, and the text format of HdrHistogram's tools. What a quantile needs to be
//! known is `measure`'s; how it is drawn is `report`'s. The directory's files are written by `writing`.

use crate::measure::latency::quantile::{STATED_QUANTILES, maximum, quantile, quantile_interval};
use crate::results::Origin;
use hdrhistogram::Histogram;
use serde::{Serialize, Serializer};
use std::fmt::Write;

/// Percentiles in nanoseconds; `null` where too few samples carry one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Percentiles {
    /// Samples.
    pub samples: u64,
    /// p50, p90, p99, p99.9, p99.99.
    pub stated_ns: [Option<u64>; 5],
    /// The maximum.
    pub max_ns: Option<u64>,
    /// The mean.
    pub mean_ns: Option<f64>,
    /// 95% interval of p99 by order statistics, as if samples were independent.
    pub p99_interval_ns: Option<(u64, u64)>,
}

impl Percentiles {
    /// Of a histogram.
    pub(crate) fn of(histogram: &Histogram<u64>) -> Percentiles {
        Percentiles {
            samples: histogram.len(),
            stated_ns: STATED_QUANTILES.map(|(q, _)| quantile(histogram, q)),
            max_ns: maximum(histogram),
            mean_ns: (!histogram.is_empty()).then(|| histogram.mean()),
            p99_interval_ns: quantile_interval(histogram, 0.99, 0.95),
        }
    }

    /// p99 in nanoseconds.
    pub(crate) const fn p99_ns(&self) -> Option<u64> {
        self.stated_ns[2]
    }
}

impl Serialize for Percentiles {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("samples", &self.samples)?;
        for ((_, name), value) in STATED_QUANTILES.iter().zip(self.stated_ns) {
            map.serialize_entry(&format!("{}_ns", name.replace('.', "_")), &value)?;
        }
        map.serialize_entry("max_ns", &self.max_ns)?;
        map.serialize_entry("mean_ns", &self.mean_ns)?;
        map.serialize_entry("p99_interval_ns", &self.p99_interval_ns)?;
        map.end()
    }
}

/// Nanoseconds in the unit of `.hgrm` files.
const NS_PER_MS: f64 = 1e6;

/// Reporting points for each halving of the distance to 100%.
const TICKS_PER_HALF_DISTANCE: u32 = 5;

/// The percentile distribution in milliseconds, as `outputPercentileDistribution` of HdrHistogram prints it.
pub(super) fn distribution(histogram: &Histogram<u64>, origin: &Origin) -> String {
    let mut out = format!("{:>12} {:>14} {:>10} {:>14}\n\n", "Value", "Percentile", "TotalCount", "1/(1-Percentile)");
    let mut total = 0;
    for step in histogram.iter_quantiles(TICKS_PER_HALF_DISTANCE) {
        total += step.count_since_last_iteration();
        let (value, percentile) = (step.value_iterated_to() as f64 / NS_PER_MS, step.quantile_iterated_to());
        // Writing to a String cannot fail.
        let _ = write!(out, "{value:12.3} {percentile:.12} {total:10}");
        let _ = if percentile < 1.0 { writeln!(out, " {:14.2}", 1.0 / (1.0 - percentile)) } else { writeln!(out) };
    }
    let ms = |ns: f64| ns / NS_PER_MS;
    let _ = writeln!(
        out,
        "#[Mean    = {:12.3}, StdDeviation   = {:12.3}]\n#[Max     = {:12.3}, Total count    = {:12}]",
        ms(histogram.mean()),
        ms(histogram.stdev()),
        ms(histogram.max() as f64),
        histogram.len()
    );
    let sub_buckets = (2 * 10_u64.pow(u32::from(histogram.sigfig()))).next_power_of_two();
    let _ = writeln!(out, "#[Buckets = {:12}, SubBuckets     = {sub_buckets:12}]", histogram.buckets());
    let _ = writeln!(out, "#[Unit    = milliseconds from the intended start]");
    for (name, said) in origin.in_words() {
        let _ = writeln!(out, "#[{name} = {}]", said.replace(['\n', '\r'], " "));
    }
    out
}
