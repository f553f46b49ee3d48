//! A chart of a suite: approval against loss of each policy, with the profit as size.

use super::view::{SuiteView, policy_keys};
use crate::report::axis::Axis;
use crate::report::charts::Chart;
use crate::report::drawing::{Drawing, Type};
use crate::report::ends::BADGE;
use crate::report::labels::{Area, Marked, place};
use crate::report::numbers::short_yuan;
use crate::report::palette::{GREY, INK, WHITE, series};
use crate::report::plot::{Panel, Plot, TOP, columns_and_rows, panels, sheet};
use crate::results::load::Estimate;

/// How a label is written.
const WORDS: Type = Type::new(11.5, INK);

/// So many policies share a panel.
const TOGETHER: usize = 4;

/// A path under a policy: means over the replications.
struct Dot<'a> {
    path: &'a str,
    policy: usize,
    loss: Estimate,
    approved: Estimate,
    profit: Option<f64>,
}

fn dots<'a>(view: &'a SuiteView<'_>) -> Vec<Dot<'a>> {
    let mean = |path: &str, policy: &str, of: &str| view.distribution(path, policy, of).map(|d| d.mean);
    let dot = |(path, policy): (&'a str, &str)| {
        let position = view.record.policies.iter().position(|p| p == policy)?;
        Some(Dot {
            path,
            policy: position,
            loss: mean(path, policy, view.loss())?,
            approved: mean(path, policy, "application_approval_rate")?,
            profit: mean(path, policy, "profit_yuan").map(|e| e.value),
        })
    };
    view.pairs().filter_map(dot).collect()
}

/// Low and high end of some intervals and a margin around them.
fn range(ends: impl Iterator<Item = Estimate>) -> (f64, f64, f64) {
    let ends = ends.fold((f64::INFINITY, f64::NEG_INFINITY), |r, e| (r.0.min(e.low), r.1.max(e.high)));
    if ends.0.is_finite() { (ends.0, ends.1, 0.14 * (ends.1 - ends.0).max(0.01)) } else { (0.0, 1.0, 0.0) }
}

/// Approval against loss, a dot a world; its area is the profit. `None` when the suite does not tell both.
pub(super) fn frontier(view: &SuiteView<'_>) -> Option<Chart> {
    let dots = dots(view);
    if dots.len() < 2 {
        return None;
    }
    // With many policies each path has a panel and a scale of its own.
    let apart = view.record.policies.len() > TOGETHER && view.record.paths.len() > 1;
    let groups: Vec<Vec<&Dot<'_>>> = match apart {
        true => view.record.paths.iter().map(|path| dots.iter().filter(|dot| dot.path == path).collect()).collect(),
        false => vec![dots.iter().collect()],
    };
    let title = "Approval against loss, profit as size";
    let height = TOP + 10.0 + 390.0 * columns_and_rows(groups.len()).1 as f64;
    let mut sheet = sheet(height, title, &view.subtitle, &policy_keys(view));
    for (group, panel) in groups.iter().zip(panels(&sheet, groups.len())) {
        cloud(&mut sheet, view, group, panel, apart);
    }
    let takeaway = super::sentences::answer(view.record).into_iter().find(|s| s.topic == "Policy").map(|s| s.text);
    Some(Chart {
        slug: "frontier",
        section: "What helps",
        takeaway: takeaway.unwrap_or_else(|| "Approval, loss and profit of every path.".to_string()),
        definition: "Means over replications with 95 % intervals as crosses (left out where policies are many); the area of a dot follows the mean profit over the counted months (beside it, yuan); a ring is a loss. The number is that of the policy. Up and to the left is better: more approved, less lost. Dashed lines join the policies of a path.",
        drawing: sheet,
    })
}

/// Dots with their crosses and labels; all of one path when `apart`.
fn cloud(sheet: &mut Drawing, view: &SuiteView<'_>, dots: &[&Dot<'_>], panel: Panel, apart: bool) {
    // The crosses of many policies would cover each other and all dots.
    let shown = |e: Estimate| if apart { Estimate { low: e.value, high: e.value, ..e } } else { e };
    let (x0, x1, dx) = range(dots.iter().map(|dot| shown(dot.loss)));
    let (y0, y1, dy) = range(dots.iter().map(|dot| shown(dot.approved)));
    let heading = if apart { dots.first().map_or("", |dot| dot.path) } else { "" };
    let x = Axis::percent((x0 - dx).max(0.0), x1 + dx, &format!("{}, mean over replications", view.loss()));
    let y = Axis::percent((y0 - dy).max(0.0), (y1 + dy).min(1.0), "applications approved, %");
    let plot = Plot::new(sheet, panel, heading, x, y);
    let centre = |dot: &Dot<'_>| plot.at(dot.loss.value, dot.approved.value);
    for path in &view.record.paths {
        let line: Vec<(f64, f64)> = dots.iter().filter(|dot| dot.path == path).map(|dot| centre(dot)).collect();
        sheet.path(&line, GREY, 0.8, line.len() > 1);
    }
    let largest = dots.iter().filter_map(|dot| dot.profit).map(f64::abs).fold(1.0, f64::max);
    let mut marks = Vec::new();
    let mut crosses = Vec::new();
    for dot in dots {
        let colour = series(dot.policy);
        let arms = [
            [plot.at(dot.loss.low, dot.approved.value), plot.at(dot.loss.high, dot.approved.value)],
            [plot.at(dot.loss.value, dot.approved.low), plot.at(dot.loss.value, dot.approved.high)],
        ];
        for [from, to] in arms.into_iter().filter(|_| !apart) {
            sheet.line(from, to, colour, 0.9);
            let half = 1.5;
            crosses.push(Area {
                left: from.0.min(to.0) - half,
                top: from.1.min(to.1) - half,
                right: from.0.max(to.0) + half,
                bottom: from.1.max(to.1) + half,
            });
        }
        let made = dot.profit.unwrap_or(0.0);
        let share = (made.abs() / largest).sqrt();
        let radius = if apart { 3.0 + 5.0 * share } else { BADGE + 9.0 * share };
        sheet.dot(centre(dot), radius, colour);
        if made < 0.0 {
            sheet.dot(centre(dot), radius * 0.6, WHITE);
        }
        marks.push(Marked { at: centre(dot), radius, size: (WORDS.width(&words(view, dot, apart)), 12.0) });
    }
    for ((dot, mark), placed) in dots.iter().zip(&marks).zip(place(&marks, &crosses, plot.panel)) {
        if placed.led {
            sheet.line(mark.at, placed.area.nearest(mark.at), GREY, 0.8);
        }
        let middle = (placed.area.top + placed.area.bottom) / 2.0;
        sheet.text((placed.area.left, middle), words(view, dot, apart), WORDS);
    }
}

/// The number of the policy where all are of one path; else the path, that number where there are several, and the profit.
fn words(view: &SuiteView<'_>, dot: &Dot<'_>, apart: bool) -> String {
    let number = if view.record.policies.len() > 1 { (dot.policy + 1).to_string() } else { String::new() };
    let profit = dot.profit.map_or_else(String::new, |profit| format!(": {}", short_yuan(profit)));
    match apart {
        true => number,
        false => format!("{number} {}{profit}", dot.path).trim_start().to_string(),
    }
}
