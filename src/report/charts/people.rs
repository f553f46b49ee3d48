//! Charts of the world outside the lender: the economy, and whom the money reaches. Drawn from the record alone.

use super::chart::Chart;
use crate::measure::{MonthObservations, WorldObservations};
use crate::report::axis::Axis;
use crate::report::numbers::{fixed, percent, short_yuan};
use crate::report::palette::{GREY, series};
use crate::report::plot::{Key, Line, Mark, Plot, grid, panels, sheet};
use crate::report::view::{View, in_month, moves, peak, unemployment};

fn index_of(ppm: i32) -> Option<f64> {
    Some(f64::from(ppm) / 1e4)
}

pub(super) fn economy(view: &View<'_>) -> Chart {
    let keys = view.world_keys(Mark::Line);
    let mut sheet = sheet(380.0, "The economy that the worlds live in", &view.subtitle, &keys);
    let thirds = grid(&sheet, 3, 1);
    type Value = fn(&MonthObservations) -> Option<f64>;
    let parts: [(&str, &str, Value); 3] = [
        ("Unemployment", "urban, %", unemployment),
        ("Income of those in work", "start of the run = 100", |m| index_of(m.income_index_ppm)),
        ("The lender's risk appetite", "PD cutoff, stated = 100", |m| index_of(m.appetite_ppm)),
    ];
    for ((heading, unit, of), panel) in parts.into_iter().zip(thirds) {
        let values = || view.worlds().iter().flat_map(|w| &w.months).filter_map(of);
        let (low, high) = values().fold((f64::MAX, f64::MIN), |(l, h), v| (l.min(v), h.max(v)));
        let (low, high) = if low > high { (0.0, 1.0) } else { (low, high) };
        let y = if unit.ends_with('%') { Axis::percent(low, high, unit) } else { Axis::number(low, high, unit) };
        let plot = Plot::new(&mut sheet, panel.beside_numbers(keys.len()), heading, Axis::months(&view.months()), y);
        plot.lines(&mut sheet, view.lines(&keys, of));
    }
    let shown = view.compared().unwrap_or(0);
    let takeaway = view.worlds().get(shown).and_then(|w| peak(w, unemployment)).map_or_else(String::new, |p| {
        let world = &view.worlds()[shown];
        let jobs = if moves(world, unemployment) {
            format!("peaks at {} {}", percent(p.value, 1), in_month(&p))
        } else {
            format!("stays at {}", percent(p.value, 1))
        };
        let lowest = world.months.iter().map(|m| m.income_index_ppm).min().unwrap_or(0);
        let least = fixed(f64::from(lowest) / 1e4, 1);
        let word = if lowest < 1_000_000 { "fall to" } else { "are" };
        format!(
            "In {} unemployment {jobs}; incomes of those in work {word} {least} at the lowest (start of the run = 100).",
            world.name
        )
    });
    Chart {
        slug: "economy",
        section: "The economy",
        takeaway,
        definition: "Urban surveyed unemployment and the income index as the scenario's path sets them; risk appetite is the factor on the highest accepted PD at the month-end, which the lender moves by what it sees. The axes do not start at zero.",
        drawing: sheet,
    }
}

/// Tips by rank, highest first, yuan; hosts without tips are left out.
fn ranked(world: &WorldObservations) -> Vec<f64> {
    let mut tips: Vec<i64> = world.tips_by_host_fen.iter().copied().filter(|t| *t > 0).collect();
    tips.sort_unstable_by(|a, b| b.cmp(a));
    tips.into_iter().map(|t| t as f64 / 100.0).collect()
}

fn decade(power: i32) -> String {
    match power {
        6.. => format!("{}m", 10_i64.pow(power as u32 - 6)),
        3..=5 => format!("{}k", 10_i64.pow(power as u32 - 3)),
        0..=2 => 10_i64.pow(power as u32).to_string(),
        _ => fixed(10_f64.powi(power), power.unsigned_abs() as usize),
    }
}

fn decades(low: f64, high: f64, title: &str) -> Axis {
    let (from, to) = (low.log10().floor() as i32, high.log10().ceil() as i32);
    let to = to.max(from + 1);
    Axis::with(from.into(), to.into(), (from..=to).map(|p| (p.into(), decade(p))).collect(), title)
}

pub(super) fn tips(view: &View<'_>) -> Chart {
    let keys = view.world_keys(Mark::Line);
    let mut legend = keys.clone();
    legend.push(Key::new("slope −1 (Zipf)", GREY, Mark::Dashes));
    let mut sheet = sheet(470.0, "Tips by host, highest first", &view.subtitle, &legend);
    let worlds: Vec<Vec<f64>> = view.worlds().iter().map(ranked).collect();
    let all = || worlds.iter().flatten().copied();
    let (low, high) = (all().fold(f64::MAX, f64::min), all().fold(1.0, f64::max));
    let hosts = worlds.iter().map(Vec::len).max().unwrap_or(0).max(10);
    let panel = panels(&sheet, 1)[0].beside_numbers(keys.len());
    let y = decades(low.clamp(1.0, high), high, "tips over the counted months, yuan (log scale)");
    let plot = Plot::new(&mut sheet, panel, "", decades(1.0, hosts as f64, "rank of the host (log scale)"), y);
    if let Some(first) = worlds.first().and_then(|w| w.first()) {
        let reference =
            [(0.0, Some(first.log10())), ((hosts as f64).log10(), Some((first / hosts as f64).max(low).log10()))];
        plot.series(&mut sheet, &reference, GREY, true);
    }
    let mut lines: Vec<Line> = Vec::new();
    for (w, tips) in worlds.iter().enumerate() {
        let mut last = f64::MIN;
        let mut line = Vec::new();
        for (i, yuan) in tips.iter().enumerate() {
            let x = ((i + 1) as f64).log10();
            // One point each half pixel is all that can be seen.
            if x - last > 0.002 {
                line.push((x, Some(yuan.max(1.0).log10())));
                last = x;
            }
        }
        line.iter().take(12).for_each(|(x, y)| sheet.dot(plot.at(*x, y.unwrap_or(0.0)), 3.5, series(w)));
        lines.push(line);
    }
    plot.lines(&mut sheet, lines.into_iter().zip(&keys));
    let top = |w: usize| {
        let (total, tips) = (worlds[w].iter().sum::<f64>(), &worlds[w]);
        let few = view.worlds()[w].tips_by_host_fen.len().div_ceil(100);
        (percent(tips.iter().take(few).sum::<f64>() / total.max(1.0), 0), short_yuan(total))
    };
    let takeaway = match view.compared() {
        Some(w) => format!(
            "The top 1 % of hosts receive {} of all tips; hosts receive {} yuan against {} in {}.",
            top(w).0,
            top(w).1,
            top(0).1,
            view.worlds()[0].name
        ),
        None => format!("The top 1 % of hosts receive {} of the {} yuan of tips.", top(0).0, top(0).1),
    };
    Chart {
        slug: "tips",
        section: "Hosts",
        takeaway,
        definition: "Tips on credit and from the wallet by host over the counted months, hosts in order of what they received; both scales logarithmic. Hosts without tips are left out.",
        drawing: sheet,
    }
}
