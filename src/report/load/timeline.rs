//! Charts over the measured time, with the closes of days and the marked moments behind them.

use super::view::LoadView;
use crate::measure::latency::{OperationCounts, SecondRecord};
use crate::report::axis::Axis;
use crate::report::charts::Chart;
use crate::report::drawing::Drawing;
use crate::report::numbers::{grouped, percent_of};
use crate::report::palette::{GREY, LOSS, RGBColor, SERIES, series};
use crate::report::plot::{Key, LABEL, Line, Mark, Panel, Plot, panels, sheet};

/// Colour of the bands and lines of events.
const EVENT: RGBColor = SERIES[4];
/// Points that a line over time has at most; more cannot be seen.
const POINTS_MAX: usize = 400;

/// The measured time in seconds or minutes.
fn time_axis(view: &LoadView<'_>) -> Axis {
    let seconds = view.record.observations.seconds.len().max(1) as f64;
    let (unit, title) =
        if seconds > 600.0 { (60.0, "minutes of measured time") } else { (1.0, "seconds of measured time") };
    let axis = Axis::up_to(seconds / unit, title);
    let ticks = axis.ticks.into_iter().map(|(at, label)| (at * unit, label)).collect();
    Axis::with(0.0, seconds, ticks, title)
}

/// A run with more of them names none; their bands are seen all the same.
const NAMED_EVENTS: usize = 8;

/// From one row of names of events to the next.
const EVENT_LINE: f64 = 14.0;

/// Closes of days and marked moments: when, for how long, and in words; milliseconds.
fn happened(view: &LoadView<'_>) -> Vec<(u64, u64, String)> {
    let o = &view.record.observations;
    let closes = o.closes.iter().map(|c| (c.at_ms, c.total_ns / 1_000_000, format!("close of {}", c.day)));
    let marks = o.marks.iter().map(|m| (m.at_ms, m.for_ms, m.what.clone()));
    let mut all: Vec<_> = closes.chain(marks).collect();
    all.sort();
    all
}

/// A plot over the measured time: bands of events behind the lines, and their names in rows above the panel.
pub(super) fn over_time(view: &LoadView<'_>, sheet: &mut Drawing, panel: Panel, y: Axis) -> Plot {
    let all = happened(view);
    let named = all.len() <= NAMED_EVENTS;
    let rows = if named { all.len().min(3) } else { 0 };
    let inner = Panel { top: panel.top + EVENT_LINE * rows as f64, ..panel };
    let plot = Plot::new(sheet, inner, "", time_axis(view), y);
    let mut taken = vec![f64::MIN; rows];
    for (at_ms, for_ms, words) in all {
        let (from, to) = (at_ms as f64 / 1e3, (at_ms + for_ms) as f64 / 1e3);
        let (left, right) = (plot.at(from, 0.0).0, plot.at(to, 0.0).0);
        let (top, bottom) = (plot.panel.top, plot.panel.bottom);
        let right = right.max(left + 3.0);
        sheet.area(vec![(left, top), (right, top), (right, bottom), (left, bottom)], EVENT, 0.22);
        let width = LABEL.width(&words);
        let start = left.min(plot.panel.right + 10.0 - width).max(plot.panel.left);
        // A name that fits in no row is left out; its band is there.
        if let Some(row) = taken.iter().position(|&taken| taken < start) {
            taken[row] = start + width + 10.0;
            sheet.text((start, top - 8.0 - EVENT_LINE * row as f64), words, LABEL);
        }
    }
    plot
}

/// The keys, and that of the bands where there are some.
pub(super) fn with_events(view: &LoadView<'_>, keys: &[Key]) -> Vec<Key> {
    let some = !happened(view).is_empty();
    let bands = some.then(|| Key::new("close of day, spike, stall", EVENT, Mark::Square));
    keys.iter().cloned().chain(bands).collect()
}

/// Means over as many seconds as make a line of at most [`POINTS_MAX`] points.
pub(super) fn line(seconds: &[SecondRecord], of: impl Fn(&SecondRecord) -> f64) -> Line {
    let width = seconds.len().div_ceil(POINTS_MAX).max(1);
    let mean = |chunk: &[SecondRecord]| chunk.iter().map(&of).sum::<f64>() / chunk.len() as f64;
    let position = |i: usize, chunk: &[SecondRecord]| (i * width) as f64 + chunk.len() as f64 / 2.0;
    seconds.chunks(width).enumerate().map(|(i, c)| (position(i, c), Some(mean(c)))).collect()
}

/// The highest value of some lines.
pub(super) fn highest(lines: &[Line], least: f64) -> f64 {
    lines.iter().flatten().filter_map(|(_, v)| *v).fold(least, f64::max)
}

/// A sheet of lines over the measured time from 0 up.
fn lines_chart(view: &LoadView<'_>, title: &str, unit: &str, height: f64, drawn: Vec<(Line, Key)>) -> Drawing {
    let (lines, keys): (Vec<Line>, Vec<Key>) = drawn.into_iter().unzip();
    let keys = Key::numbered(keys);
    let mut sheet = sheet(height, title, &view.subtitle, &with_events(view, &keys));
    let panel = panels(&sheet, 1)[0].beside_numbers(keys.len());
    let plot = over_time(view, &mut sheet, panel, Axis::number(0.0, highest(&lines, 1.0), unit));
    plot.lines(&mut sheet, lines.into_iter().zip(&keys));
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
        drawing: lines_chart(view, "Throughput over the measured time", "requests a second", 400.0, drawn.into()),
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
        drawing: lines_chart(view, "Backlog over the measured time", "requests", 340.0, drawn.into()),
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
        drawing: lines_chart(view, "Requests without a decision", "requests a second", 360.0, drawn.into()),
    }
}
