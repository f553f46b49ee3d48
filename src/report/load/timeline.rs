//! Charts over the measured time, with the closes of days and the marked moments behind them.

use super::view::LoadView;
use crate::measure::latency::{OperationCounts, SecondRecord};
use crate::report::charts::Chart;
use crate::report::drawing::{Align, Drawing};
use crate::report::numbers::{fixed, grouped, percent_of, ticks};
use crate::report::palette::{GREY, LOSS, RGBColor, SERIES, series};
use crate::report::plot::{Axis, Key, LABEL, Mark, Plot, panels, sheet};

/// Colour of the bands and lines of events.
const EVENT: RGBColor = SERIES[4];
/// Points that a line over time has at most; more cannot be seen.
const POINTS_MAX: usize = 400;

/// Points of a line; gaps where nothing was counted.
type Line = Vec<(f64, Option<f64>)>;

/// The measured time in seconds or minutes.
pub(super) fn time_axis(view: &LoadView<'_>) -> Axis {
    let seconds = (view.record.observations.seconds.len().max(2)) as f64;
    let (unit, title) =
        if seconds > 600.0 { (60.0, "minutes of measured time") } else { (1.0, "seconds of measured time") };
    let marks = ticks(0.0, seconds / unit, 8).into_iter().filter(|t| t * unit <= seconds * 1.001);
    let marks = marks.map(|t| (t * unit, fixed(t, usize::from(t.fract() != 0.0)))).collect();
    Axis::with(0.0, seconds, marks, title)
}

/// Bands and labels of events, drawn before the lines.
pub(super) fn events(view: &LoadView<'_>, sheet: &mut Drawing, plot: &Plot) {
    let o = &view.record.observations;
    let closes = o.closes.iter().map(|c| (c.at_ms, c.total_ns / 1_000_000, format!("close of {}", c.day)));
    let marks = o.marks.iter().map(|m| (m.at_ms, m.for_ms, m.what.clone()));
    let mut all: Vec<_> = closes.chain(marks).collect();
    all.sort();
    // A run with a close every few seconds names none of them; the bands are seen all the same.
    let named = all.len() <= 8;
    let mut rows = [f64::MIN; 3];
    for (at_ms, for_ms, words) in all {
        let (from, to) = (at_ms as f64 / 1e3, (at_ms + for_ms) as f64 / 1e3);
        let (left, right) = (plot.at(from, 0.0).0, plot.at(to, 0.0).0);
        let (top, bottom) = (plot.panel.top, plot.panel.bottom);
        let right = right.max(left + 3.0);
        sheet.area(vec![(left, top), (right, top), (right, bottom), (left, bottom)], EVENT, 0.22);
        let width = LABEL.width(&words);
        let ends = left + width > plot.panel.right;
        let (start, align) = if ends { (right - width, Align::End) } else { (left, Align::Start) };
        if let Some(row) = rows.iter().position(|&taken| taken < start).filter(|_| named) {
            rows[row] = start + width + 10.0;
            let x = if ends { right } else { left };
            sheet.text((x, top + 8.0 + 14.0 * row as f64), words, LABEL.align(align));
        }
    }
}

/// Key of the bands.
pub(super) fn event_key() -> Key {
    Key::new("close of day, spike, stall", EVENT, Mark::Square)
}

/// Means over as many seconds as make a line of at most [`POINTS_MAX`] points.
pub(super) fn line(seconds: &[SecondRecord], of: impl Fn(&SecondRecord) -> f64) -> Vec<(f64, Option<f64>)> {
    let width = seconds.len().div_ceil(POINTS_MAX).max(1);
    let mean = |chunk: &[SecondRecord]| chunk.iter().map(&of).sum::<f64>() / chunk.len() as f64;
    let position = |i: usize, chunk: &[SecondRecord]| (i * width) as f64 + chunk.len() as f64 / 2.0;
    seconds.chunks(width).enumerate().map(|(i, c)| (position(i, c), Some(mean(c)))).collect()
}

/// The highest value of some lines.
pub(super) fn highest(lines: &[Vec<(f64, Option<f64>)>], least: f64) -> f64 {
    lines.iter().flatten().filter_map(|(_, v)| *v).fold(least, f64::max)
}

/// A rate or count on an axis: 850, 1.5k, 150k, 1.2m.
pub(super) fn short(value: f64) -> String {
    let (scaled, unit) = if value >= 1e6 {
        (value / 1e6, "m")
    } else if value >= 1e3 {
        (value / 1e3, "k")
    } else {
        (value, "")
    };
    let text = fixed(scaled, if scaled.fract().abs() < 1e-9 || scaled >= 100.0 { 0 } else { 1 });
    format!("{text}{unit}")
}

/// A sheet of lines over the measured time from 0 up.
fn lines_chart(view: &LoadView<'_>, title: &str, unit: &str, height: f64, drawn: &[(Line, Key)]) -> Drawing {
    let mut legend: Vec<Key> =
        drawn.iter().map(|(_, k)| Key { label: k.label.clone(), colour: k.colour, mark: k.mark }).collect();
    legend.push(event_key());
    let mut sheet = sheet(height, title, &view.subtitle, &legend);
    let panel = panels(&sheet, 1)[0];
    let lines: Vec<_> = drawn.iter().map(|(l, _)| l.clone()).collect();
    // Room on top for the names of events.
    let y = Axis::round(0.0, highest(&lines, 1.0) * 1.15, 5, unit, short);
    let plot = Plot::new(&mut sheet, panel, "", time_axis(view), y);
    events(view, &mut sheet, &plot);
    for (line, key) in drawn {
        plot.series(&mut sheet, line, key.colour, key.mark == Mark::Dashes);
    }
    sheet
}

/// Offered, admitted, decided.
pub(super) fn throughput(view: &LoadView<'_>) -> Chart {
    let o = &view.record.observations;
    let of = |f: fn(&OperationCounts) -> u64| line(&o.seconds, move |s| f(&s.all_counts()) as f64);
    let drawn = [
        (of(|c| c.offered), Key::new("offered", series(0), Mark::Line)),
        (of(OperationCounts::decided), Key::new("decided", series(2), Mark::Line)),
        (of(|c| c.admitted), Key::new("admitted (with retries)", series(4), Mark::Dashes)),
    ];
    let total = o.total.all_counts();
    let a_second = |n: u64| n as f64 / o.measured_seconds.max(1e-9);
    Chart {
        slug: "throughput",
        section: "Throughput and backlog",
        takeaway: format!(
            "Users offered {} requests a second on average and {} were decided ({} of all).",
            grouped(a_second(total.offered).round() as i128),
            grouped(a_second(total.decided()).round() as i128),
            percent_of(total.decided(), total.offered, 2)
        ),
        definition: "Requests by second of their intended start (offered), messages by second in which they found room in a queue (admitted), answers by second in which they came (decided).",
        drawing: lines_chart(view, "Throughput over the measured time", "requests a second", 400.0, &drawn),
    }
}

/// Requests outstanding.
pub(super) fn backlog(view: &LoadView<'_>) -> Chart {
    let o = &view.record.observations;
    let drawn = [(line(&o.seconds, |s| s.backlog as f64), Key::new("outstanding requests", series(1), Mark::Line))];
    let peak = o.seconds.iter().max_by_key(|s| s.backlog);
    let last = o.seconds.last().map_or(0, |s| s.backlog);
    Chart {
        slug: "backlog",
        section: "Throughput and backlog",
        takeaway: peak.map_or_else(String::new, |p| {
            format!(
                "At most {} requests were outstanding, {} s into the run; {} at its end. The longest queue of a cell held {} of {}.",
                grouped(p.backlog.into()),
                p.at_ms / 1_000,
                grouped(last.into()),
                grouped(o.queue_max.into()),
                grouped(o.queue_limit.into())
            )
        }),
        definition: "Requests offered and neither decided nor ended otherwise, at the end of each second, in all queues and on the way.",
        drawing: lines_chart(view, "Backlog over the measured time", "requests", 340.0, &drawn),
    }
}

/// Requests without a decision by kind.
pub(super) fn errors(view: &LoadView<'_>) -> Chart {
    let o = &view.record.observations;
    type Kind = (&'static str, fn(&OperationCounts) -> u64, RGBColor);
    let kinds: [Kind; 5] = [
        ("shed", |c| c.shed, series(0)),
        ("too late", |c| c.late, series(4)),
        ("abandoned", |c| c.abandoned, series(3)),
        ("unavailable", |c| c.unavailable, LOSS),
        ("unsent", |c| c.unsent, GREY),
    ];
    let drawn = kinds.map(|(name, of, colour)| {
        (line(&o.seconds, move |s| of(&s.all_counts()) as f64), Key::new(name, colour, Mark::Line))
    });
    let total = o.total.all_counts();
    let words: Vec<String> = kinds
        .iter()
        .filter(|(_, of, _)| of(&total) > 0)
        .map(|(name, of, _)| format!("{} {name}", grouped(of(&total).into())))
        .collect();
    let takeaway = if words.is_empty() {
        format!("Each of {} requests was decided or is still outstanding.", grouped(total.offered.into()))
    } else {
        format!(
            "{} of {} requests ended without a decision ({}): {}.",
            grouped(total.errors().into()),
            grouped(total.offered.into()),
            percent_of(total.errors(), total.offered, 3),
            words.join(", ")
        )
    };
    Chart {
        slug: "errors",
        section: "Throughput and backlog",
        takeaway,
        definition: "Requests that ended without a decision, by the second in which they ended. A decline is a decision. Retries that were answered in the end are none of these.",
        drawing: lines_chart(view, "Requests without a decision", "requests a second", 360.0, &drawn),
    }
}
