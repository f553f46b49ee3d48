//! Objectives as people write them: `p99 < 5ms`, `authorise p99.9 < 20ms over 10s`, `error_rate < 0.1%`,
//! `throughput > 1000/s`.

use crate::base::money::Ppm;
use crate::scenario::plan::load::{Objective, ObjectiveMetric};
use crate::scenario::raw::time::WallTime;

/// Longest latency that an objective may ask for, microseconds: nothing is measured beyond an hour.
const LATENCY_US_MAX: u64 = 3_600_000_000;

/// Percentiles that an objective may ask for: one request in a million lies beyond them.
const PERCENTILE_MIN: f64 = 0.0001;
const PERCENTILE_MAX: f64 = 99.9999;

/// Operations that an objective may name. (`measure::latency::Operation` has the same names; a test compares.)
pub(crate) const OPERATIONS: [&str; 9] =
    ["apply", "authorise", "capture", "card", "tip", "repay", "refund", "service", "close_of_day"];

/// What is said beside an objective that is none.
pub(in crate::scenario) const FORMS: &str =
    "such as `p99 < 5ms`, `authorise p99.9 < 20ms over 10s`, `error_rate < 0.1%` or `throughput > 1000/s`";

/// The objective of a text.
///
/// # Errors
/// What is wrong, in words.
pub(in crate::scenario) fn parse(text: &str) -> Result<Objective, String> {
    let spaced = text.replace('<', " < ").replace('>', " > ");
    let mut words: Vec<&str> = spaced.split_whitespace().collect();
    let window_ms = match words.iter().position(|word| *word == "over") {
        None => None,
        Some(over) => {
            let [window] = words[over + 1..] else { return Err("`over` wants one length of time".to_owned()) };
            let micros = WallTime::micros(window).ok_or_else(|| format!("`{window}` is no length of time"))?;
            words.truncate(over);
            // Windows are whole seconds: that is how a run is recorded.
            if micros == 0 || micros % 1_000_000 != 0 {
                return Err(format!("a window of `{window}` is not a whole number of seconds"));
            }
            Some(micros / 1_000)
        }
    };
    let operation = match words.first() {
        Some(first) if OPERATIONS.contains(first) => Some((*first).to_owned()),
        _ => None,
    };
    if operation.is_some() {
        words.remove(0);
    }
    let [metric, sign, bound] = words[..] else { return Err("it has not the form of a comparison".to_owned()) };
    let metric = self::metric(metric, sign, bound)?;
    Ok(Objective { text: text.to_owned(), operation, metric, window_ms })
}

fn metric(metric: &str, sign: &str, bound: &str) -> Result<ObjectiveMetric, String> {
    let wants = |wanted: &str| if sign == wanted { Ok(()) } else { Err(format!("`{metric}` wants `{wanted}`")) };
    match metric {
        "error_rate" => {
            wants("<")?;
            let percent: Option<f64> = bound.strip_suffix('%').and_then(|number| number.parse().ok());
            let percent = percent.filter(|p| (0.0..=100.0).contains(p));
            let percent = percent.ok_or_else(|| format!("`{bound}` is no percentage"))?;
            let below = Ppm::from_ratio(percent / 100.0);
            if below == Ppm(0) {
                return Err(format!("no rate is below `{bound}`; shares are counted in steps of 0.0001%"));
            }
            Ok(ObjectiveMetric::ErrorRate { below })
        }
        "throughput" => {
            wants(">")?;
            let above: Option<f64> = bound.strip_suffix("/s").and_then(|number| number.parse().ok());
            let above =
                above.filter(|rate| (0.0..=1e9).contains(rate)).ok_or_else(|| format!("`{bound}` is no rate"))?;
            Ok(ObjectiveMetric::Throughput { above })
        }
        _ => {
            let percentile: Option<f64> = metric.strip_prefix('p').and_then(|number| number.parse().ok());
            let percentile = percentile.filter(|p| *p > 0.0 && *p < 100.0);
            let percentile = percentile.ok_or_else(|| format!("`{metric}` is nothing that is measured"))?;
            if !(PERCENTILE_MIN..=PERCENTILE_MAX).contains(&percentile) {
                return Err(format!(
                    "`{metric}` is about less than one request in a million, which no histogram here carries: percentiles are from \
                     p{PERCENTILE_MIN} to p{PERCENTILE_MAX}"
                ));
            }
            wants("<")?;
            let micros = WallTime::micros(bound).ok_or_else(|| format!("`{bound}` is no length of time"))?;
            if !(1..=LATENCY_US_MAX).contains(&micros) {
                return Err(format!("a latency of `{bound}` is never measured; it is from 1us to 1h"));
            }
            Ok(ObjectiveMetric::Latency { quantile: percentile / 100.0, below_ns: micros * 1_000 })
        }
    }
}

/// Quantile and bound of an objective about the latency of all requests.
pub(in crate::scenario) fn latency(objective: &Objective) -> Option<(f64, u64)> {
    match objective.metric {
        ObjectiveMetric::Latency { quantile, below_ns } if objective.operation.is_none() => Some((quantile, below_ns)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objectives_are_read() {
        let read = |text| parse(text).expect("an objective");
        let plain = read("p99 < 5ms");
        assert_eq!(plain.metric, ObjectiveMetric::Latency { quantile: 0.99, below_ns: 5_000_000 });
        let windowed = read("authorise p99.9<20ms over 10s");
        assert_eq!((windowed.operation.as_deref(), windowed.window_ms), (Some("authorise"), Some(10_000)));
        assert!(parse("p99.9999 < 5ms").is_ok() && parse("p0.0001 < 5ms").is_ok());
        assert_eq!(read("error_rate < 0.1%").metric, ObjectiveMetric::ErrorRate { below: Ppm(1_000) });
        assert_eq!(read("tip throughput > 1000/s").metric, ObjectiveMetric::Throughput { above: 1_000.0 });
    }

    #[test]
    fn others_say_what_is_wrong() {
        for (text, wrong) in [
            ("p99 > 5ms", "`p99` wants `<`"),
            ("p99 < 5", "`5` is no length of time"),
            ("p100 < 5ms", "nothing that is measured"),
            ("p99.99999999 < 5ms", "percentiles are from p0.0001 to p99.9999"),
            ("p0.00001 < 5ms", "less than one request in a million"),
            ("error_rate < 0.1", "no percentage"),
            ("throughput > 5", "no rate"),
            ("buy p99 < 5ms", "not the form"),
            ("p99 < 5ms over 1500ms", "whole number of seconds"),
            ("p99 < -5ms", "`-5ms` is no length of time"),
            ("p99 < 0ms", "a latency of `0ms` is never measured"),
            ("p99 < 99999999999999999999s", "is never measured"),
            ("error_rate < 0%", "no rate is below `0%`"),
            ("error_rate < 0.00001%", "no rate is below `0.00001%`"),
            ("throughput > inf/s", "`inf/s` is no rate"),
            ("throughput > nan/s", "`nan/s` is no rate"),
            ("throughput > 1e300/s", "is no rate"),
        ] {
            let said = parse(text).expect_err(text);
            assert!(said.contains(wrong), "{text}: {said}");
        }
    }

    #[test]
    fn operations_are_those_that_are_measured() {
        let measured: Vec<&str> = crate::measure::latency::Operation::ALL.iter().map(|o| o.name()).collect();
        assert_eq!(measured, OPERATIONS);
    }
}
