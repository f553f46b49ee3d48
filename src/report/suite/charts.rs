//! Charts of a suite: the loss of every replication, and the response to the depth of a downturn.

use super::view::{SuiteView, policy_keys};
use crate::report::axis::Axis;
use crate::report::charts::Chart;
use crate::report::drawing::{Align, Type};
use crate::report::numbers::{shown, within};
use crate::report::palette::{AXIS, INK, LOSS, series};
use crate::report::plot::{Key, LABEL, Mark, Panel, Plot, TOP, panels, sheet};

/// A row a world: a dot a replication, the mean with its interval, the quantiles that the sample carries.
pub(super) fn losses(view: &SuiteView<'_>) -> Chart {
    let measure = view.loss().to_string();
    let rows: Vec<(&str, &str)> = view.pairs().collect();
    let height = TOP + 70.0 + 34.0 * rows.len() as f64;
    let mut sheet = sheet(height, &format!("{measure} of every replication"), &view.subtitle, &policy_keys(view));
    let panel = panels(&sheet, 1)[0];
    let values = |path: &str, policy: &str| -> Vec<f64> {
        view.worlds(path, policy).filter_map(|world| world.value(&measure)).collect()
    };
    let all: Vec<f64> = rows.iter().flat_map(|(path, policy)| values(path, policy)).collect();
    let (low, high) = (all.iter().copied().fold(f64::INFINITY, f64::min), all.iter().copied().fold(0.0, f64::max));
    let means = rows.iter().filter_map(|(path, policy)| view.distribution(path, policy, &measure));
    let high = means.map(|d| d.mean.high).fold(high, f64::max);
    let low = if low.is_finite() && (low < 0.0 || low > 0.4 * high) { low } else { 0.0 };
    let title = format!(
        "{measure}; ● mean with its 95 % interval, | P50, P80, P90, P95, P99 as far as the sample carries them"
    );
    let x = Axis::of(&measure, low, high, &title);
    let room = rows.iter().map(|(path, policy)| LABEL.width(&format!("{path}, {policy}"))).fold(0.0, f64::max) + 12.0;
    let inner = Panel { left: panel.left + room, ..panel };
    let plot = Plot::new(&mut sheet, inner, "", x, Axis::rows(rows.len()));
    for (row, (path, policy)) in rows.iter().enumerate() {
        let middle = rows.len() as f64 - row as f64 - 0.5;
        let colour = series(view.record.policies.iter().position(|p| p == policy).unwrap_or(0));
        let y = plot.at(low, middle).1;
        sheet.text((plot.panel.left - 8.0, y), format!("{path}, {policy}"), Type::new(12.5, INK).align(Align::End));
        for (number, value) in values(path, policy).into_iter().enumerate() {
            // Spread over five lines, so that dots of like values can be told apart.
            let (x, _) = plot.at(value, middle);
            sheet.dot((x, y - 8.0 + 4.0 * (number * 3 % 5) as f64), 1.8, colour);
        }
        let Some(d) = view.distribution(path, policy, &measure) else { continue };
        for estimate in d.quantiles.iter().filter_map(|q| q.estimate) {
            let (x, _) = plot.at(estimate.value, middle);
            sheet.line((x, y - 13.0), (x, y + 13.0), AXIS, 1.4);
        }
        let end = |value: f64| (plot.at(value, middle).0, y);
        sheet.line(end(d.mean.low), end(d.mean.high), INK, 2.4);
        sheet.dot(end(d.mean.value), 4.5, INK);
    }
    let takeaway = super::sentences::answer(view.record).into_iter().find(|s| s.topic == "Loss").map(|s| s.text);
    Chart {
        slug: "loss-distribution",
        section: "How bad it can get",
        takeaway: takeaway.unwrap_or_default(),
        definition: "Each dot is one replication: other people, other luck, other common shocks. The same replication has the same of all three on every path and under every policy.",
        drawing: sheet,
    }
}

/// The mean of a measure by the depth of the downturn, the limit and where it is crossed.
pub(super) fn reverse(view: &SuiteView<'_>) -> Option<Chart> {
    let all = &view.record.reverse;
    if all.is_empty() {
        return None;
    }
    let keys = [
        Key::new("mean, with its 95 % interval", series(0), Mark::Line),
        Key::new("limit", LOSS, Mark::Dashes),
        Key::new("first crossing, with its interval", LOSS, Mark::Dot),
    ];
    let rows = crate::report::plot::columns_and_rows(all.len()).1;
    let mut sheet =
        sheet(TOP + 20.0 + 290.0 * rows as f64, "How deep a downturn breaks a limit", &view.subtitle, &keys);
    for (r, panel) in all.iter().zip(panels(&sheet, all.len())) {
        let ends = r.points.iter().flat_map(|p| [p.response.low, p.response.high]).chain([r.limit]);
        let (low, high) = ends.fold((f64::INFINITY, f64::NEG_INFINITY), |e, v| (e.0.min(v), e.1.max(v)));
        let deepest = r.points.last().map_or(3.0, |p| p.depth);
        let x = Axis::up_to(deepest, &format!("depth k: {} at 0, {} at 1", r.base, r.severe));
        let y = Axis::of(&r.measure, low, high, "");
        let plot = Plot::new(&mut sheet, panel, &format!("{}: {}", r.name, r.measure), x, y);
        let mut band: Vec<(f64, f64)> = r.points.iter().map(|p| plot.at(p.depth, p.response.high)).collect();
        band.extend(r.points.iter().rev().map(|p| plot.at(p.depth, p.response.low)));
        sheet.area(band, series(0), 0.2);
        let line: Vec<(f64, Option<f64>)> = r.points.iter().map(|p| (p.depth, Some(p.response.value))).collect();
        plot.series(&mut sheet, &line, series(0), false);
        sheet.path(&[plot.at(0.0, r.limit), plot.at(deepest, r.limit)], LOSS, 1.6, true);
        if let Some(c) = r.crossing {
            let at = |depth: f64| plot.at(depth, r.limit);
            sheet.line(at(c.low), at(c.high.unwrap_or(deepest)), LOSS, 4.0);
            sheet.dot(at(c.depth), 5.0, LOSS);
        }
    }
    let words = |r: &crate::results::suite::ReverseStress| {
        format!("{} ({} {} {})", r.says, r.measure, r.breaks, shown(&r.measure, r.limit))
    };
    let responses: Vec<String> = all
        .iter()
        .filter_map(|r| r.points.first().map(|p| (r, p)))
        .map(|(r, p)| {
            let (value, n) = (within(&r.measure, p.response), r.replications);
            format!("at depth 0 {} is {value} over the {n} replications of this search", r.measure)
        })
        .collect();
    Some(Chart {
        slug: "reverse-stress",
        section: "What breaks",
        takeaway: format!("{}; {}.", all.iter().map(words).collect::<Vec<_>>().join("; "), responses.join("; ")),
        definition: "x(t, k) = base + k (severe − base) for every variable of the economy, clipped where it would leave its bounds. Line and band: mean over replications with its 95 % interval. The interval of the first crossing is by bootstrap over replications.",
        drawing: sheet,
    })
}
