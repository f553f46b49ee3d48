//! Charts of CPU by thread and of memory over the measured time. Drawn from a load run's directory alone.

use super::timeline::{highest, line, over_time, with_events};
use super::view::LoadView;
use crate::measure::latency::ThreadUse;
use crate::report::axis::Axis;
use crate::report::charts::Chart;
use crate::report::numbers::{fixed, grouped, percent};
use crate::report::palette::series;
use crate::report::plot::{Key, Mark, panels, sheet};

/// CPU by thread.
pub(super) fn cpu(view: &LoadView<'_>) -> Chart {
    let o = &view.record.observations;
    let lines: Vec<_> =
        (0..o.threads.len()).map(|i| line(&o.seconds, move |s| s.cpu_share.get(i).copied().unwrap_or(0.0))).collect();
    let key = |(i, t): (usize, &ThreadUse)| Key::new(t.name.as_str(), series(i), Mark::Line);
    let keys = Key::numbered(o.threads.iter().enumerate().map(key).collect());
    let mut sheet = sheet(380.0, "CPU by thread", &view.subtitle, &with_events(view, &keys));
    let panel = panels(&sheet, 1)[0].beside_numbers(keys.len());
    // What two clocks say of a busy second may exceed a core by a little.
    let most = highest(&lines, 0.5);
    let most = if (1.0..1.1).contains(&most) { 1.0 } else { most };
    let plot = over_time(view, &mut sheet, panel, Axis::percent(0.0, most, "of one core, %"));
    plot.lines(&mut sheet, lines.into_iter().zip(&keys));
    let busiest = o.threads.iter().max_by(|a, b| a.cpu_seconds.total_cmp(&b.cpu_seconds));
    let share = |seconds: f64| percent(seconds / o.measured_seconds.max(1e-9), 0);
    let spin: f64 = o.threads.iter().map(|t| t.idle_spin_share).fold(0.0, f64::max);
    Chart {
        slug: "cpu",
        section: "Machine",
        takeaway: busiest.map_or_else(String::new, |t| {
            format!(
                "{} is the busiest thread: {} of a core on average. A generator spends up to {} of a core looking at the clock with nothing due.",
                t.name,
                share(t.cpu_seconds),
                percent(spin, 0)
            )
        }),
        definition: "CPU time of each thread over wall time, second by second. A pacer that waits for the next event by looking at the clock uses CPU without being loaded.",
        drawing: sheet,
    }
}

/// Resident memory.
pub(super) fn memory(view: &LoadView<'_>) -> Chart {
    let o = &view.record.observations;
    let mb = |bytes: u64| bytes as f64 / 1e6;
    let lines = [line(&o.seconds, |s| mb(s.rss_bytes))];
    let keys = [Key::new("resident", series(0), Mark::Line)];
    let mut sheet = sheet(320.0, "Memory", &view.subtitle, &with_events(view, &keys));
    let panel = panels(&sheet, 1)[0];
    let y = Axis::number(0.0, highest(&lines, 1.0), "resident memory, MB");
    let plot = over_time(view, &mut sheet, panel, y);
    plot.lines(&mut sheet, lines.into_iter().zip(&keys));
    let (first, last) = (o.seconds.first().map_or(0, |s| s.rss_bytes), o.seconds.last().map_or(0, |s| s.rss_bytes));
    let actors = o.users + o.counterparty_actors;
    let made = match o.bytes_per_actor() {
        Some(each) => format!(
            "; {} actors took {} bytes each when they were made",
            grouped(actors.into()),
            grouped(each.round() as i128)
        ),
        None => format!("; what {} actors took lay in memory that was free before", grouped(actors.into())),
    };
    Chart {
        slug: "memory",
        section: "Machine",
        takeaway: format!("Memory: {} → {} MB over the measured time{made}.", fixed(mb(first), 0), fixed(mb(last), 0)),
        definition: "Resident memory of the whole process at the end of each second: world, service, generator and the histograms themselves.",
        drawing: sheet,
    }
}
