//! Charts of CPU by thread and of memory over the measured time. Drawn from a load run's directory alone.

use super::timeline::{event_key, events, highest, line, time_axis};
use super::view::LoadView;
use crate::report::charts::Chart;
use crate::report::numbers::{fixed, grouped, percent};
use crate::report::palette::series;
use crate::report::plot::{Axis, Key, Mark, Plot, panels, sheet};

/// CPU by thread.
pub(super) fn cpu(view: &LoadView<'_>) -> Chart {
    let o = &view.record.observations;
    let lines: Vec<_> =
        (0..o.threads.len()).map(|i| line(&o.seconds, move |s| s.cpu_share.get(i).copied().unwrap_or(0.0))).collect();
    let mut legend: Vec<Key> =
        o.threads.iter().enumerate().map(|(i, t)| Key::new(t.name.as_str(), series(i), Mark::Line)).collect();
    legend.push(event_key());
    let mut sheet = sheet(380.0, "CPU by thread", &view.subtitle, &legend);
    let panel = panels(&sheet, 1)[0];
    let y = Axis::percent((highest(&lines, 0.9) * 1.12).min(1.2), "share of one core");
    let plot = Plot::new(&mut sheet, panel, "", time_axis(view), y);
    events(view, &mut sheet, &plot);
    for (i, line) in lines.iter().enumerate() {
        plot.series(&mut sheet, line, series(i), false);
    }
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
    let legend = [Key::new("resident", series(0), Mark::Line), event_key()];
    let mut sheet = sheet(320.0, "Memory", &view.subtitle, &legend);
    let panel = panels(&sheet, 1)[0];
    let y = Axis::round(0.0, highest(&lines, 1.0) * 1.2, 4, "resident memory, MB", |v| grouped(v.round() as i128));
    let plot = Plot::new(&mut sheet, panel, "", time_axis(view), y);
    events(view, &mut sheet, &plot);
    plot.series(&mut sheet, &lines[0], series(0), false);
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
        takeaway: format!(
            "Memory goes from {} to {} MB over the measured time{made}.",
            fixed(mb(first), 0),
            fixed(mb(last), 0)
        ),
        definition: "Resident memory of the whole process at the end of each second: world, service, generator and the histograms themselves.",
        drawing: sheet,
    }
}
