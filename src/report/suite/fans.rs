//! Fan charts of a suite: a month's values over all replications, path by path, from the kept series.

use super::view::SuiteView;
use crate::base::time::{Calendar, Day};
use crate::report::axis::Axis;
use crate::report::charts::Chart;
use crate::report::numbers::{interval, percent};
use crate::report::palette::{self, series};
use crate::report::plot::{Key, Line, Mark, Plot, TOP, columns_and_rows, panels, sheet};
use crate::results::suite::{KeptWorld, SERIES};

/// A ratio of two series of the month, times a factor.
#[derive(Clone, Copy)]
struct Ratio {
    slug: &'static str,
    title: &'static str,
    words: &'static str,
    definition: &'static str,
    of: (&'static str, &'static str),
    factor: f64,
}

const RATIOS: [Ratio; 3] = [
    Ratio {
        slug: "fan-overdue-30",
        title: "Balance more than 30 days overdue, over all replications",
        words: "balance more than 30 days overdue",
        definition: "Balance at DPD 31 or more over all balance, month-ends. Line: median over replications; dark band: the middle three fifths (P20 to P80); light band: all. Dashed: medians of the other policies, where they are few enough to be told apart.",
        of: ("overdue_30_fen", "balance_fen"),
        factor: 1.0,
    },
    Ratio {
        slug: "fan-losses",
        title: "Written off, as a yearly rate, over all replications",
        words: "the yearly rate of write-offs",
        definition: "Principal written off in a month times 365 over the sum of daily balances. Bands and lines as above.",
        of: ("writeoff_fen", "balance_days_fen"),
        factor: 365.0,
    },
    Ratio {
        slug: "fan-approvals",
        title: "Applications approved, over all replications",
        words: "the share of applications that are approved",
        definition: "Approved over decided applications of the month. Bands and lines as above.",
        of: ("applications_approved", "applications_decided"),
        factor: 1.0,
    },
];

pub(super) fn all(view: &SuiteView<'_>) -> Vec<Chart> {
    RATIOS.iter().map(|ratio| fan(view, *ratio)).collect()
}

impl Ratio {
    fn value(&self, world: &KeptWorld, month: usize) -> Option<f64> {
        let position = |name: &str| SERIES.iter().position(|s| *s == name);
        let row = world.months.get(month)?;
        let (numerator, denominator) = (row[position(self.of.0)?], row[position(self.of.1)?]);
        (denominator != 0).then(|| numerator as f64 * self.factor / denominator as f64)
    }

    /// Sorted values of a month over the replications.
    fn month(&self, view: &SuiteView<'_>, path: &str, policy: &str, month: usize) -> Vec<f64> {
        let mut values: Vec<f64> = view.worlds(path, policy).filter_map(|world| self.value(world, month)).collect();
        values.sort_by(f64::total_cmp);
        values
    }
}

/// The value that a share of a sorted sample does not exceed.
fn at(sorted: &[f64], share: f64) -> Option<f64> {
    let position = ((share * sorted.len() as f64).ceil() as usize).clamp(1, sorted.len().max(1));
    sorted.get(position - 1).copied()
}

fn fan(view: &SuiteView<'_>, ratio: Ratio) -> Chart {
    let record = view.record;
    let first = record.policies.first().map_or("", String::as_str);
    let calendar = Calendar::new(record.provenance.start, record.provenance.months);
    let months: Vec<Day> = calendar.days().iter().filter(|d| d.day_of_month == 1).map(|d| d.day).collect();
    // With more lines than colours nobody can follow one.
    let drawn = if record.policies.len() <= palette::SERIES.len() { record.policies.len() } else { 1 };
    let legend: Vec<Key> = record
        .policies
        .iter()
        .take(drawn)
        .enumerate()
        .map(|(i, name)| Key::new(name.as_str(), series(i), if i == 0 { Mark::Line } else { Mark::Dashes }))
        .collect();
    let legend = Key::numbered(legend);
    let rows = columns_and_rows(record.paths.len()).1;
    let mut sheet = sheet(TOP + 10.0 + 250.0 * rows as f64, ratio.title, &view.subtitle, &legend);
    let samples: Vec<Vec<Vec<f64>>> = record
        .paths
        .iter()
        .map(|path| (0..months.len()).map(|month| ratio.month(view, path, first, month)).collect())
        .collect();
    let highest = samples.iter().flatten().filter_map(|s| s.last().copied()).fold(0.01, f64::max);
    let lowest = samples.iter().flatten().filter_map(|s| s.first().copied()).fold(highest, f64::min);
    // Rates that stay far from zero are drawn from their lowest value.
    let low = if lowest > 0.5 * highest { lowest } else { 0.0 };
    for ((path, panel), sample) in record.paths.iter().zip(panels(&sheet, record.paths.len())).zip(&samples) {
        let y = Axis::percent(low.max(0.0), highest, "");
        let plot = Plot::new(&mut sheet, panel.beside_numbers(drawn), path, Axis::months(&months), y);
        for (bottom, top, opacity) in [(0.0, 1.0, 0.14), (0.2, 0.8, 0.28)] {
            let band = |s: &Vec<f64>| at(s, bottom).zip(at(s, top));
            plot.band(&mut sheet, &sample.iter().map(band).collect::<Vec<_>>(), series(0), opacity);
        }
        let line = |policy: &String| -> Line {
            let median = |month: usize| at(&ratio.month(view, path, policy, month), 0.5);
            (0..months.len()).map(|m| (m as f64, median(m))).collect()
        };
        plot.lines(&mut sheet, record.policies.iter().map(line).zip(&legend).rev());
    }
    Chart {
        slug: ratio.slug,
        section: "Month by month",
        takeaway: takeaway(view, ratio, &samples),
        definition: ratio.definition,
        drawing: sheet,
    }
}

/// The widest month of the last path.
fn takeaway(view: &SuiteView<'_>, ratio: Ratio, samples: &[Vec<Vec<f64>>]) -> String {
    let spread = |s: &Vec<f64>| at(s, 0.8).zip(at(s, 0.2)).map_or(0.0, |(high, low)| high - low);
    let (Some(path), Some(sample)) = (view.record.paths.last(), samples.last()) else { return String::new() };
    let Some(widest) = sample.iter().max_by(|a, b| spread(a).total_cmp(&spread(b))) else { return String::new() };
    match (at(widest, 0.2), at(widest, 0.5), at(widest, 0.8)) {
        (Some(low), Some(middle), Some(high)) => format!(
            "On {path}, in the month in which replications differ most, {} is {} in the middle and in {} in three of five.",
            ratio.words,
            percent(middle, 1),
            interval(&percent(low, 1), &percent(high, 1))
        ),
        _ => String::new(),
    }
}
