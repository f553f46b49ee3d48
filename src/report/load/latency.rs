//! Charts of latency: percentile curves, and percentiles over time. Drawn from a load run's directory alone.

use super::timeline::{self, with_events};
use super::view::LoadView;
use crate::measure::latency::Operation;
use crate::measure::latency::quantile::carries;
use crate::report::axis::Axis;
use crate::report::charts::Chart;
use crate::report::numbers::fixed;
use crate::report::palette::{GREY, INK, LOSS, RGBColor, SERIES, series};
use crate::report::plot::{Key, Line, Mark, Plot, panels, sheet};
use crate::results::load::Percentiles;
use hdrhistogram::Histogram;

/// Colour of the median in every chart of latency.
pub(super) const P50: RGBColor = SERIES[2];
/// Colour of p99, and of what stands for it in a search.
pub(super) const P99: RGBColor = SERIES[0];

/// Nanoseconds as people read them.
pub(super) fn time(ns: f64) -> String {
    let (value, unit) = match ns {
        ns if ns >= 999.5e6 => (ns / 1e9, "s"),
        ns if ns >= 999.5e3 => (ns / 1e6, "ms"),
        ns if ns >= 999.5 => (ns / 1e3, "µs"),
        ns => (ns, "ns"),
    };
    let decimals = match value {
        v if v >= 100.0 || unit == "ns" || (v.fract() == 0.0) => 0,
        v if v >= 10.0 => 1,
        _ => 2,
    };
    format!("{} {unit}", fixed(value, decimals))
}

/// A time, or that it is not known.
pub(super) fn time_or_unknown(ns: Option<u64>) -> String {
    ns.map_or_else(|| "not known".to_string(), |ns| time(ns as f64))
}

/// A logarithmic axis of nanoseconds: whole decades, or steps of 1, 2, 5 when the range is small.
pub(super) fn log_axis(low_ns: f64, high_ns: f64, title: &str) -> Axis {
    let low = low_ns.max(10.0).log10();
    let high = high_ns.max(low_ns * 2.0).max(20.0).log10();
    let steps: &[f64] = if high - low > 2.2 { &[1.0] } else { &[1.0, 2.0, 5.0] };
    let decades = low.floor() as i32 - 1..=high.ceil() as i32 + 1;
    let marks: Vec<f64> = decades.flat_map(|d| steps.iter().map(move |s| f64::from(d) + s.log10())).collect();
    let first = marks.iter().copied().filter(|m| *m <= low + 1e-9).fold(f64::MIN, f64::max);
    let last = marks.iter().copied().filter(|m| *m >= high - 1e-9).fold(f64::MAX, f64::min);
    let shown = marks.into_iter().filter(|m| *m >= first && *m <= last).map(|m| (m, time(10_f64.powf(m).round())));
    Axis::with(first, last, shown.collect(), title)
}

/// Points of a percentile curve by log₁₀ of 1 / (1 − p): first those that enough samples carry, then the rest to the maximum.
fn curve(h: &Histogram<u64>) -> [Line; 2] {
    let (mut known, mut thin) = (Vec::new(), Vec::new());
    let end = (h.len().max(1) as f64).log10();
    let steps = (end / 0.04).ceil().max(1.0) as usize;
    for i in 0..=steps {
        let x = end * i as f64 / steps as f64;
        let q = 1.0 - 10_f64.powf(-x);
        let point = (x, Some((h.value_at_quantile(q).max(1) as f64).log10()));
        if q <= 0.5 || carries(h.len(), q) {
            known.push(point);
        } else {
            thin.push(point);
        }
    }
    if let Some(last) = known.last().filter(|_| !thin.is_empty()) {
        thin.insert(0, *last);
    }
    [known, thin]
}

/// Percentile curves on a log axis.
pub(super) fn curves(view: &LoadView<'_>) -> Chart {
    let o = &view.record.observations;
    let all = o.total.all_latency_ns();
    let mut lines: Vec<(String, Histogram<u64>, RGBColor)> = vec![
        ("all requests".to_string(), all.clone(), INK),
        ("service time".to_string(), o.total.all_service_ns(), series(1)),
        ("lag of the generator".to_string(), o.total.lag_ns.clone(), GREY),
    ];
    let shown = [Operation::Apply, Operation::Authorise, Operation::Tip, Operation::Repay, Operation::Capture];
    for (i, operation) in shown.into_iter().enumerate() {
        let latency = &o.total.of(operation).latency_ns;
        if !latency.is_empty() {
            lines.push((operation.name().to_string(), latency.clone(), series([3, 0, 2, 4, 5][i])));
        }
    }
    lines.retain(|line| !line.1.is_empty());
    let legend = lines.iter().map(|(name, _, c)| Key::new(name.as_str(), *c, Mark::Line));
    let legend = Key::numbered(legend.collect());
    let mut sheet = sheet(520.0, "Latency by percentile", &view.subtitle, &legend);
    let panel = panels(&sheet, 1)[0].beside_numbers(lines.len());
    let end = lines.iter().map(|l| (l.1.len().max(10) as f64).log10()).fold(1.0, f64::max);
    let named = [
        (0.0, "0 %"),
        (std::f64::consts::LOG10_2, "50 %"),
        (1.0, "90 %"),
        (2.0, "99 %"),
        (3.0, "99.9 %"),
        (4.0, "99.99 %"),
    ];
    let named = named.into_iter().chain([(5.0, "99.999 %"), (6.0, "99.9999 %"), (7.0, "99.99999 %")]);
    let marks = named.filter(|(x, _)| *x <= end).map(|(x, l)| (x, l.to_string())).collect();
    let low = lines.iter().map(|l| l.1.min_nz() as f64).fold(f64::MAX, f64::min).clamp(100.0, 1e9);
    let high = lines.iter().map(|l| l.1.max() as f64).fold(1_000.0, f64::max);
    let x = Axis::with(0.0, end, marks, "percentile, on a scale of 1 / (1 − p)");
    let plot = Plot::new(&mut sheet, panel, "", x, log_axis(low, high, "time (log scale)"));
    // The line of all lies above the others.
    let curves: Vec<[Line; 2]> = lines.iter().map(|(_, histogram, _)| curve(histogram)).collect();
    for ([known, _], (_, _, colour)) in curves.iter().zip(&lines).rev() {
        plot.series(&mut sheet, known, *colour, false);
    }
    let thin: Vec<Key> = legend.into_iter().map(|key| Key { mark: Mark::Dashes, ..key }).collect();
    plot.lines(
        &mut sheet,
        curves.into_iter().zip(&thin).rev().map(|([known, thin], key)| {
            (if thin.is_empty() { known.into_iter().rev().take(1).collect() } else { thin }, key)
        }),
    );
    let p = Percentiles::of(&all);
    let [p50, _, p99, p99_9, _] = p.stated_ns.map(time_or_unknown);
    Chart {
        slug: "latency-percentiles",
        section: "Latency",
        takeaway: format!(
            "Half of the requests were answered within {p50} of their intended start, p99 is {p99}, p99.9 {p99_9}, the longest took {}.",
            time_or_unknown(p.max_ns)
        ),
        definition: "Decided requests, from the intended start to the answer; both scales logarithmic. Solid as far as 10 samples lie beyond the percentile, dashed from there to the maximum, where a few samples decide. Service time is what the service itself worked; the generator's lag is part of latency.",
        drawing: sheet,
    }
}

/// p50, p99 and p99.9 over time.
pub(super) fn over_time(view: &LoadView<'_>) -> Chart {
    let rows = &view.windows.rows;
    let width = view.windows.width_seconds;
    let names = [("p50", P50), ("p99", P99), ("p99.9", series(3))];
    let keys = Key::numbered(names.iter().map(|(n, c)| Key::new(*n, *c, Mark::Line)).collect());
    let bound = latency_bound(view);
    let limit = bound.iter().map(|(_, words)| Key::new(words.clone(), LOSS, Mark::Dashes));
    let legend: Vec<Key> = keys.iter().cloned().chain(limit).collect();
    let mut sheet = sheet(430.0, "Latency over the measured time", &view.subtitle, &with_events(view, &legend));
    let panel = panels(&sheet, 1)[0].beside_numbers(keys.len());
    let values = rows.iter().flat_map(|r| r.1).flatten().map(|n| n as f64).chain(bound.iter().map(|b| b.0));
    let (low, high) = values.fold((f64::MAX, 0.0), |(l, h): (f64, f64), v| (l.min(v), h.max(v)));
    let (low, high) = if low > high { (1e5, 1e7) } else { (low, high) };
    let y = log_axis(low.min(high / 4.0), high, "time from the intended start (log scale)");
    let plot = timeline::over_time(view, &mut sheet, panel, y);
    if let Some((ns, _)) = bound {
        let end = view.record.observations.seconds.len() as f64;
        plot.series(&mut sheet, &[(0.0, Some(ns.log10())), (end, Some(ns.log10()))], LOSS, true);
    }
    let middle = width as f64 / 2.0;
    let line = |i: usize| -> Line {
        rows.iter().map(|(at, q)| (at + middle, q[i].map(|n| (n.max(1) as f64).log10()))).collect()
    };
    plot.lines(&mut sheet, (0..names.len()).map(line).zip(&keys));
    let worst = rows.iter().filter_map(|(at, q)| q[1].map(|n| (n, *at))).max_by_key(|w| w.0);
    let takeaway = worst.map_or_else(
        || "Too few requests in a window for percentiles over time.".to_string(),
        |(ns, at)| format!("The worst window of {width} s began at {} s: p99 {}.", fixed(at, 0), time(ns as f64)),
    );
    Chart {
        slug: "latency-over-time",
        section: "Latency",
        takeaway: takeaway + &close_words(view),
        definition: "Percentiles of the requests answered in each window; windows are as wide as p99.9 asks for where the run is long enough, and a percentile that too few samples carry leaves a gap.",
        drawing: sheet,
    }
}

/// The tightest latency bound on all requests, if an objective states one.
fn latency_bound(view: &LoadView<'_>) -> Option<(f64, String)> {
    let bounds = view.record.objectives.iter().filter(|o| o.unit == "ns" && o.text.contains("(all requests"));
    let tightest = bounds.min_by(|a, b| a.bound.total_cmp(&b.bound))?;
    let words = tightest.text.split(" (").next().unwrap_or_default();
    Some((tightest.bound, format!("objective: {words}")))
}

/// What the closes of days did to p99: seconds in which one ran, against the others.
fn close_words(view: &LoadView<'_>) -> String {
    let o = &view.record.observations;
    let during = |at_ms: u64| {
        o.closes.iter().any(|c| at_ms + 1_000 > c.at_ms && at_ms < c.at_ms + c.total_ns.div_ceil(1_000_000))
    };
    let median = |inside: bool| {
        let seconds = o.seconds.iter().filter(|s| during(s.at_ms) == inside);
        let mut p99: Vec<u64> = seconds.filter_map(|s| s.all_latency_ns[2]).collect();
        p99.sort_unstable();
        p99.get(p99.len() / 2).copied()
    };
    match (median(true), median(false)) {
        (Some(inside), Some(outside)) => format!(
            " In seconds with a close of day the median p99 is {} against {} in the others ({} times as long).",
            time(inside as f64),
            time(outside as f64),
            fixed(inside as f64 / outside.max(1) as f64, 1)
        ),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::time;

    #[test]
    fn times_are_in_the_unit_that_reads_best() {
        let shown = [64.0, 1_500.0, 46_000.0, 999_700.0, 4_560_000.0, 200e6, 1.5e9, 120e9].map(time);
        assert_eq!(shown, ["64 ns", "1.50 µs", "46 µs", "1.00 ms", "4.56 ms", "200 ms", "1.50 s", "120 s"]);
    }
}
