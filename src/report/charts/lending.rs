//! Charts of who gets credit: approvals, the funnel, limits and their use. Drawn from the record alone.

use super::chart::{Chart, bars_height, share_bars};
use crate::measure::MonthObservations;
use crate::report::axis::Axis;
use crate::report::numbers::{from_to, grouped, percent_or_dash, short_yuan};
use crate::report::plot::{Line, Mark, Plot, grid, sheet};
use crate::report::view::View;

/// Lowest value of a series and what it is in the first world's same month.
pub(crate) fn lowest(view: &View<'_>, world: usize, of: fn(&MonthObservations) -> Option<f64>) -> Option<(usize, f64)> {
    let values = view.series(world, of).into_iter().enumerate().filter_map(|(i, (_, v))| v.map(|v| (i, v)));
    values.fold(None, |best: Option<(usize, f64)>, p| if best.is_none_or(|b| p.1 < b.1) { Some(p) } else { best })
}

pub(super) fn approvals(view: &View<'_>) -> Chart {
    let legend = view.world_keys(Mark::Line);
    let mut sheet = sheet(400.0, "Approvals by month", &view.subtitle, &legend);
    let halves = grid(&sheet, 2, 1);
    type Ratio = fn(&MonthObservations) -> Option<f64>;
    let sides: [(&str, &str, Ratio); 2] = [
        ("Applications", "approved / decided, %", MonthObservations::application_approval_ratio),
        ("Drawings: purchases, tips, cards", "approved / requested, %", MonthObservations::drawing_approval_ratio),
    ];
    for ((heading, unit, of), panel) in sides.into_iter().zip(halves) {
        let low = (0..view.worlds().len()).filter_map(|w| lowest(view, w, of)).map(|l| l.1).fold(1.0, f64::min);
        let y = Axis::percent(low, view.highest(low, of), unit);
        let panel = panel.beside_numbers(legend.len());
        let plot = Plot::new(&mut sheet, panel, heading, Axis::months(&view.months()), y);
        plot.lines(&mut sheet, view.lines(&legend, of));
    }
    let rates = |key: &str| {
        let of = |w: usize| percent_or_dash(view.measures[w].value(key), 1);
        (of(0), view.compared().map(of))
    };
    let takeaway = match (rates("application_approval_rate"), rates("authorisation_approval_rate")) {
        ((a, Some(b)), (c, Some(d))) => {
            format!("Over all months {b} of applications are approved against {a}, and {d} of drawings against {c}.")
        }
        ((a, _), (c, _)) => {
            format!("Over all months {a} of applications and {c} of drawings are approved.")
        }
    };
    Chart {
        slug: "approvals",
        section: "Lending",
        takeaway,
        definition: "Applications: approved over approved plus refused. Drawings: approved over all requests to buy, tip or buy a card, by number. The axes need not start at zero.",
        drawing: sheet,
    }
}

pub(super) fn funnel(view: &View<'_>) -> Chart {
    let names = ["Saw the entry", "Clicked", "Applied", "Has an account", "Used it", "Used it again"];
    let reached = |w: usize| -> Vec<Option<f64>> {
        let end = view.worlds()[w].months.last().map(|m| &m.people_end).filter(|e| e.users > 0);
        let from = |s: usize| end.map(|e| e.users_by_stage.iter().skip(s).sum::<i64>() as f64 / e.users as f64);
        (1..=6).map(from).collect()
    };
    let worlds: Vec<Vec<Option<f64>>> = (0..view.worlds().len()).map(reached).collect();
    let marks = view.world_keys(Mark::Square);
    let height = bars_height(names.len(), worlds.len());
    let mut sheet = sheet(height, "The funnel at the end of the run", &view.subtitle, &marks);
    share_bars(&mut sheet, &names, &worlds, &marks, "share of users in the app that reached the stage, %");
    let (users, at) = (
        view.worlds().first().and_then(|w| w.months.last()).map_or(0, |m| m.people_end.users),
        |w: usize, i: usize| worlds[w][i],
    );
    let takeaway = match view.compared() {
        Some(w) => format!(
            "{} of {} users hold or held an account in {} and {} in {}; {} against {} used it more than once.",
            percent_or_dash(at(w, 3), 1),
            grouped(users.into()),
            view.worlds()[w].name,
            percent_or_dash(at(0, 3), 1),
            view.worlds()[0].name,
            percent_or_dash(at(w, 5), 1),
            percent_or_dash(at(0, 5), 1)
        ),
        None => format!(
            "Of {} users {} hold or held an account and {} used it more than once.",
            grouped(users.into()),
            percent_or_dash(at(0, 3), 1),
            percent_or_dash(at(0, 5), 1)
        ),
    };
    Chart {
        slug: "funnel",
        section: "Lending",
        takeaway,
        definition: "Users by the furthest stage they ever reached, cumulated, at the last month-end; the base is all users in the app. Monthly counts stand in funnel.csv.",
        drawing: sheet,
    }
}

/// The mean limit by month, and what is drawn of all limits.
pub(super) fn mean_limit(view: &View<'_>) -> Chart {
    let keys = view.world_keys(Mark::Line);
    let mut sheet = sheet(400.0, "Mean limit by month", &view.subtitle, &keys);
    let halves = grid(&sheet, 2, 1);
    let (mean, used) = (MonthObservations::mean_limit_yuan, MonthObservations::used_ratio);
    let axes = [
        Axis::number(0.0, view.highest(1.0, mean), "yuan"),
        Axis::percent(0.0, view.highest(0.01, used), "principal / limits, %"),
    ];
    type Value = fn(&MonthObservations) -> Option<f64>;
    let sides: [(&str, Value); 2] = [("Mean limit of open accounts", mean), ("Drawn of all limits", used)];
    for (((heading, of), y), panel) in sides.into_iter().zip(axes).zip(halves) {
        let panel = panel.beside_numbers(keys.len());
        let plot = Plot::new(&mut sheet, panel, heading, Axis::months(&view.months()), y);
        plot.lines(&mut sheet, view.lines(&keys, of));
    }
    let change = |w: usize| {
        let world = &view.worlds()[w];
        let ends = [world.months.first(), world.months.last()].map(|month| month.and_then(mean));
        let [Some(first), Some(last)] = ends else { return format!("{} has no limits", world.name) };
        format!("{} yuan in {}", from_to(&short_yuan(first), &short_yuan(last)), world.name)
    };
    let takeaway = match view.compared() {
        Some(w) => format!("The mean limit goes {} and {}.", change(w), change(0)),
        None => format!("The mean limit goes {}.", change(0)),
    };
    Chart {
        slug: "mean-limit",
        section: "Lending",
        takeaway,
        definition: "Limits in force, temporary raises included, over open accounts; principal over these limits; month-end.",
        drawing: sheet,
    }
}

pub(super) fn distributions(view: &View<'_>) -> Chart {
    let keys = view.world_keys(Mark::Line);
    let mut sheet = sheet(400.0, "Limits and their use at the end of the run", &view.subtitle, &keys);
    let halves = grid(&sheet, 2, 1);
    let bins = |w: usize, limits: bool| -> Vec<f64> {
        let Some(end) = view.worlds()[w].months.last() else { return Vec::new() };
        let bins = if limits { end.stocks.limit_bins } else { end.stocks.utilisation_bins };
        let total = bins.iter().sum::<i64>();
        if total == 0 { Vec::new() } else { bins.iter().map(|b| *b as f64 / total as f64).collect() }
    };
    for (limits, panel) in [true, false].into_iter().zip(halves) {
        let worlds: Vec<Vec<f64>> = (0..view.worlds().len()).map(|w| bins(w, limits)).collect();
        let high = worlds.iter().flatten().copied().fold(0.01, f64::max);
        let (heading, title) = if limits { ("Limit", "limit, yuan") } else { ("Utilisation", "debt / limit, %") };
        let label = |i: usize| match (limits, i) {
            (true, 20) => "10,000+".to_string(),
            (true, _) => grouped(i as i128 * 500),
            (false, 20) => "100 %+".to_string(),
            (false, _) => format!("{} %", i * 5),
        };
        let x = Axis::with(0.0, 20.0, (0..=20).step_by(4).map(|i| (i as f64, label(i))).collect(), title);
        let y = Axis::percent(0.0, high, "share of accounts, %");
        let plot = Plot::new(&mut sheet, panel.beside_numbers(keys.len()), heading, x, y);
        let steps = |values: &Vec<f64>| -> Line {
            values.iter().enumerate().flat_map(|(i, v)| [(i as f64, Some(*v)), (i as f64 + 1.0, Some(*v))]).collect()
        };
        plot.lines(&mut sheet, worlds.iter().map(steps).zip(&keys));
    }
    let mean = |w: usize| view.worlds()[w].months.last().and_then(MonthObservations::mean_limit_yuan).unwrap_or(0.0);
    let limits =
        |w: usize| if mean(w) > 0.0 { mean(w) } else { view.measures[w].value("mean_limit_yuan").unwrap_or(0.0) };
    let takeaway = match view.compared() {
        Some(w) => format!(
            "The mean limit of open accounts ends at {} yuan against {}.",
            short_yuan(limits(w)),
            short_yuan(limits(0))
        ),
        None => format!("The mean limit of open accounts ends at {} yuan.", short_yuan(limits(0))),
    };
    Chart {
        slug: "limits",
        section: "Lending",
        takeaway,
        definition: "Open accounts by limit (bins of 500 yuan, the last open-ended) and by debt over limit (bins of 5 %, the last holds everything above 95 %), last month-end.",
        drawing: sheet,
    }
}
