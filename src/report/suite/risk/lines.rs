//! Risk views along an axis of months: vintages, headroom of the funders, capital.

use super::super::view::SuiteView;
use super::dots::ratio;
use super::section::SECTION;
use crate::base::time::{Calendar, Day};
use crate::report::axis::Axis;
use crate::report::charts::Chart;
use crate::report::numbers::{fixed, percent};
use crate::report::palette::{LOSS, funder, series};
use crate::report::plot::{Key, Line, Mark, Plot, TOP, columns_and_rows, panels, sheet};
use crate::results::load::Estimate;
use crate::results::suite::{KeptWorld, SERIES};

/// Share of opened accounts that reached 31 days past due, by month on book and half-year of opening; a panel a path.
pub(super) fn vintages(view: &SuiteView<'_>) -> Option<Chart> {
    let (groups, ages) = view.shape("vintages_30");
    let keys: Vec<Key> = groups
        .iter()
        .enumerate()
        .map(|(i, g)| Key::new(g.trim_start_matches("opened in "), series(i), Mark::Line))
        .collect();
    let keys = Key::numbered(keys);
    let paths = &view.record.paths;
    let rows = columns_and_rows(paths.len()).1;
    let mut sheet = sheet(
        TOP + 20.0 + 270.0 * rows as f64,
        "Vintages: accounts that reached 31 days past due",
        &view.subtitle,
        &keys,
    );
    let line = |path: &str, group: &str| -> Vec<(f64, Estimate)> {
        let at = |age: &&str| Some((age.parse().ok()?, view.cell(path, "vintages_30", group, age)?));
        ages.iter().filter_map(at).collect()
    };
    let all: Vec<Vec<Vec<_>>> =
        paths.iter().map(|path| groups.iter().map(|group| line(path, group)).collect()).collect();
    let highest = all.iter().flatten().flatten().map(|(_, e)| e.high).fold(0.0, f64::max);
    if highest == 0.0 {
        return None;
    }
    let last = ages.len().saturating_sub(1) as f64;
    for ((path, panel), lines) in paths.iter().zip(panels(&sheet, paths.len())).zip(&all) {
        let months = (0..=ages.len()).step_by(6).map(|m| (m as f64, m.to_string())).collect();
        let x = Axis::with(0.0, last, months, "months on book");
        let y = Axis::percent(0.0, highest, "of accounts opened, %");
        let plot = Plot::new(&mut sheet, panel.beside_numbers(keys.len()), path, x, y);
        for (i, line) in lines.iter().enumerate() {
            let mut band: Vec<(f64, f64)> = line.iter().map(|(age, e)| plot.at(*age, e.high)).collect();
            band.extend(line.iter().rev().map(|(age, e)| plot.at(*age, e.low)));
            sheet.area(band, series(i), 0.15);
        }
        let middle = |line: &Vec<(f64, Estimate)>| line.iter().map(|(age, e)| (*age, Some(e.value))).collect();
        plot.lines(&mut sheet, lines.iter().map(middle).zip(&keys));
    }
    let group = groups.iter().find(|g| g.contains("months 1 to"))?;
    let worst = view.worst()?.0;
    let at_12 = |path: &str| view.cell(path, "vintages_30", group, "12");
    let takeaway = at_12(worst).zip(at_12(paths.first()?)).map_or_else(String::new, |(severe, base)| {
        format!(
            "Of accounts {group}, {} had reached 31 days past due after twelve months on {worst}, {} on {}.",
            ratio(severe),
            ratio(base),
            paths[0]
        )
    });
    Some(Chart {
        slug: "vintages",
        section: SECTION,
        takeaway,
        definition: "By half-year of opening, counted from the first counted month (negative: warm-up). Lines: mean over replications; bands: 95 % interval of the mean. Only months on book that every month of opening in the half-year has seen. A spell counts each time it reaches 31 days.",
        drawing: sheet,
    })
}

fn position(name: &str) -> Option<usize> {
    SERIES.iter().position(|series| *series == name)
}

fn first_days(view: &SuiteView<'_>) -> Vec<Day> {
    let p = &view.record.provenance;
    let calendar = Calendar::new(p.start, p.months);
    calendar.days().iter().filter(|day| day.day_of_month == 1).map(|day| day.day).collect()
}

/// The mean of a ratio of two series over the replications of a path, by month.
fn by_month(view: &SuiteView<'_>, path: &str, of: impl Fn(&KeptWorld, usize) -> Option<f64>) -> Line {
    let policy = view.record.policies.first().map_or("", String::as_str);
    let months = usize::from(view.record.provenance.months);
    let mean = |month: usize| {
        let values: Vec<f64> = view.worlds(path, policy).filter_map(|world| of(world, month)).collect();
        (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
    };
    (0..months).map(|month| (month as f64, mean(month))).collect()
}

/// Unused capacity of every funder by month.
pub(super) fn headroom(view: &SuiteView<'_>) -> Option<Chart> {
    let funders = ["own", "partner_1", "partner_2", "partner_3"];
    let names = &view.record.provenance.funders;
    let of = |funder: &str| {
        let (used, most) = (position(&format!("balance_{funder}_fen")), position(&format!("capacity_{funder}_fen")));
        move |world: &KeptWorld, month: usize| -> Option<f64> {
            let row = world.months.get(month)?;
            let (used, most) = (row[used?], row[most?]);
            (most > 0).then(|| 1.0 - used as f64 / most as f64)
        }
    };
    let paths = &view.record.paths;
    let lines: Vec<Vec<_>> =
        paths.iter().map(|path| funders.iter().map(|f| by_month(view, path, of(f))).collect()).collect();
    let some: Vec<usize> = (0..funders.len())
        .filter(|&f| lines.iter().any(|l: &Vec<Line>| l[f].iter().any(|(_, v)| v.is_some())))
        .collect();
    let name = |f: usize| names.get(f).cloned().unwrap_or_else(|| funders[f].to_string());
    let keys: Vec<Key> = some.iter().map(|&f| Key::new(name(f), funder(f), Mark::Line)).collect();
    let keys = Key::numbered(keys);
    let days = first_days(view);
    let rows = columns_and_rows(paths.len()).1;
    let mut sheet = sheet(TOP + 10.0 + 240.0 * rows as f64, "Funding headroom", &view.subtitle, &keys);
    let values = || lines.iter().flatten().flatten().filter_map(|(_, v)| *v);
    let (low, high) = (values().fold(0.0, f64::min), values().fold(0.0, f64::max));
    for ((path, panel), lines) in paths.iter().zip(panels(&sheet, paths.len())).zip(&lines) {
        let y = Axis::percent(low, high.max(0.01), "unused capacity, %");
        let plot = Plot::new(&mut sheet, panel.beside_numbers(keys.len()), path, Axis::months(&days), y);
        plot.lines(&mut sheet, some.iter().map(|&f| lines[f].clone()).zip(&keys));
    }
    let tightest = lines.iter().zip(paths).flat_map(|(l, path)| some.iter().map(move |&f| (path, f, &l[f])));
    let least = tightest
        .filter_map(|(path, f, line)| {
            line.iter().filter_map(|(_, v)| *v).reduce(f64::min).map(|least| (path, f, least))
        })
        .min_by(|a, b| a.2.total_cmp(&b.2))?;
    Some(Chart {
        slug: "funding-headroom",
        section: SECTION,
        takeaway: format!(
            "The least headroom is that of {} on {}: {} of its capacity, on average over replications.",
            name(least.1),
            least.0,
            percent(least.2, 1)
        ),
        definition: "Unused part of each funder's capacity at month-ends, mean over replications; below zero where a capacity shrank under what was lent. Months in which a partner does not lend are in the tables.",
        drawing: sheet,
    })
}

/// Leverage of the own book by month, a line a path.
pub(super) fn capital(view: &SuiteView<'_>) -> Option<Chart> {
    let (own, assets) = (position("balance_own_fen")?, position("net_assets_fen")?);
    let leverage = |world: &KeptWorld, month: usize| -> Option<f64> {
        let row = world.months.get(month)?;
        (row[assets] > 0).then(|| row[own] as f64 / row[assets] as f64)
    };
    let paths = &view.record.paths;
    let lines: Vec<Line> = paths.iter().map(|path| by_month(view, path, leverage)).collect();
    let highest = lines.iter().flatten().filter_map(|(_, v)| *v).fold(0.0, f64::max);
    if highest == 0.0 {
        return None;
    }
    let keys: Vec<Key> =
        paths.iter().enumerate().map(|(i, path)| Key::new(path.as_str(), series(i), Mark::Line)).collect();
    let keys = Key::numbered(keys);
    let mut sheet = sheet(420.0, "Capital use", &view.subtitle, &keys);
    let panel = panels(&sheet, 1)[0].beside_numbers(keys.len());
    let y = Axis::number(0.0, highest, "own book over net assets, times");
    let plot = Plot::new(&mut sheet, panel, "", Axis::months(&first_days(view)), y);
    plot_limit(&plot, &mut sheet, 5.0, highest, usize::from(view.record.provenance.months));
    plot.lines(&mut sheet, lines.into_iter().zip(&keys));
    let growth = |path: &str| view.cell(path, "capital", "net assets at the end over the beginning", "mean");
    let worst = view.worst()?.0;
    Some(Chart {
        slug: "capital-use",
        section: SECTION,
        takeaway: growth(worst).map_or_else(String::new, |e| {
            format!("On {worst}, net assets at the end are {} of those at the beginning; leverage of the own book reaches {} at most.", ratio(e), fixed(highest, 1))
        }),
        definition: "Own-book balance at month-ends over net assets: capital paid in and profit so far. Mean over replications. The rule for small-loan lenders, 1 + 4, allows 5 (dashed, where it is on the scale).",
        drawing: sheet,
    })
}

/// The most leverage that the rules allow, where it is on the scale.
fn plot_limit(plot: &Plot, sheet: &mut crate::report::drawing::Drawing, limit: f64, highest: f64, months: usize) {
    if highest >= limit {
        sheet.path(&[plot.at(0.0, limit), plot.at(months as f64 - 1.0, limit)], LOSS, 1.6, true);
    }
}
