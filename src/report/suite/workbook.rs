//! `suite.xlsx`: every table of a suite with definitions and provenance, for those who go on computing.

use super::sentences;
use super::view::SuiteView;
use crate::measure::unit;
use crate::measure::{Unit, kept_definitions, segment_key};
use crate::report::ReportError;
use crate::report::workbook::{self, About, Cell, Table, columns, text, three, three_changes};
use crate::results::suite::views::VIEWS;
use crate::results::suite::{PairedDifference, SuiteRecord, suite_hash};
use std::path::{Path, PathBuf};

mod risk;
mod sensitivity;

use risk::{attribution, early_warning, risk_views};

/// Name of the workbook.
const FILE: &str = "suite.xlsx";

/// Writes `suite.xlsx` into a directory that exists. The same record gives the same bytes. Returns its path.
///
/// # Errors
/// From the file system.
pub(crate) fn write_workbook(record: &SuiteRecord, dir: &Path) -> Result<PathBuf, ReportError> {
    let view = SuiteView::new(record);
    let [moved, unmoved] = sensitivity::tables(record);
    let tables = vec![
        answer(&view),
        distributions(record),
        comparisons(record),
        segments(record),
        variances(record),
        reverse(record),
        moved,
        unmoved,
        risk_views(record),
        early_warning(record),
        attribution(record),
        worlds(record),
        definitions(),
    ];
    let about = About { file: FILE, title: &record.provenance.title, date: record.provenance.start };
    workbook::write(dir, &about, tables)
}

fn answer(view: &SuiteView<'_>) -> Table {
    let (record, p) = (view.record, &view.record.provenance);
    let mut rows: Vec<Vec<Cell>> =
        sentences::answer(record).into_iter().map(|s| vec![text(s.topic), text(s.text)]).collect();
    let facts = [
        ("Scenario", format!("{}: {}", p.name, p.title)),
        ("Product", p.product_title.clone()),
        ("How", view.subtitle.clone()),
        ("Paths", record.paths.join(", ")),
        ("Policies", record.policies.join(", ")),
        ("First counted day", p.start.to_string()),
        ("Result hash", suite_hash(record)),
        ("Intervals", "95 %; see the sheet Definitions. An empty cell, or a quantile without a column: the sample does not carry it.".to_string()),
    ];
    rows.extend(facts.map(|(name, value)| vec![text(name), text(value)]));
    rows.extend(p.origin.in_words().into_iter().map(|(name, value)| vec![text(name), text(value)]));
    Table { name: "Answer", columns: columns(&[("About", 20.0), ("What the suite says", 120.0)]), rows }
}

fn distributions(record: &SuiteRecord) -> Table {
    let mut names = columns(&[("Path", 14.0), ("Policy", 18.0), ("Measure", 30.0), ("Replications", 12.0)]);
    let first = record.distributions.iter().find_map(|o| o.distribution.as_ref());
    let tails = first.map_or_else(Vec::new, |d| {
        let name = |kind: &str, share: f64| format!("{kind}{:.0}", share * 100.0);
        let quantiles = d.quantiles.iter().map(|q| name("P", q.share));
        quantiles.chain(d.shortfalls.iter().map(|s| name("ES", s.share))).collect::<Vec<String>>()
    });
    for statistic in std::iter::once("Mean".to_string()).chain(tails) {
        names.extend([statistic.clone(), format!("{statistic} low"), format!("{statistic} high")].map(|n| (n, 12.0)));
    }
    names.extend(["Standard deviation", "Least", "Most"].map(|n| (n.to_string(), 12.0)));
    let row = |o: &crate::results::suite::OutcomeDistribution| {
        let (d, unit) = (o.distribution.as_ref()?, unit(&o.measure));
        let head = [o.path.as_str(), o.policy.as_str(), o.measure.as_str()].map(text);
        let mut row: Vec<Cell> = head.into_iter().chain([Cell::Number(d.replications.into())]).collect();
        row.extend(three(unit, Some(d.mean)));
        d.quantiles.iter().chain(&d.shortfalls).for_each(|t| row.extend(three(unit, t.estimate)));
        row.extend([d.deviation, d.least, d.most].map(|v| Cell::Of(unit, v)));
        Some(row)
    };
    Table { name: "Distributions", columns: names, rows: record.distributions.iter().filter_map(row).collect() }
}

/// The last columns of a table of paired differences.
const PAIRED: [(&str, f64); 9] = [
    ("Pairs", 8.0),
    ("First policy", 14.0),
    ("Difference", 14.0),
    ("Low", 14.0),
    ("High", 14.0),
    ("Half width, unpaired", 14.0),
    ("Paired to unpaired", 12.0),
    ("p", 10.0),
    ("p, Holm", 10.0),
];

/// A row of such a table: what it is about, then [`PAIRED`].
fn paired(about: &[&str], unit: Unit, p: &PairedDifference) -> Vec<Cell> {
    let mut row: Vec<Cell> = about.iter().map(|what| text(*what)).collect();
    row.extend([Cell::Number(p.replications.into()), Cell::Of(unit, p.base)]);
    row.extend(three_changes(unit, Some(p.difference)));
    row.push(Cell::Change(unit, p.unpaired_half));
    row.push(p.ratio.map_or(Cell::Empty, |ratio| Cell::Of(Unit::TimesPerYear, ratio)));
    row.extend([Cell::Number(p.p), p.p_holm.map_or(Cell::Empty, Cell::Number)]);
    row
}

fn comparisons(record: &SuiteRecord) -> Table {
    let names = [&[("Path", 14.0), ("Policy", 18.0), ("Measure", 30.0)][..], &PAIRED].concat();
    let row = |o: &crate::results::suite::OutcomeDifference| {
        Some(paired(&[&o.path, &o.policy, &o.measure], unit(&o.measure), o.paired.as_ref()?))
    };
    Table { name: "Comparisons", columns: columns(&names), rows: record.differences.iter().filter_map(row).collect() }
}

fn segments(record: &SuiteRecord) -> Table {
    let names = [&[("Path", 14.0), ("Policy", 18.0), ("Segment", 14.0), ("Measure", 28.0)][..], &PAIRED].concat();
    let row = |o: &crate::results::suite::SegmentDifference| {
        let unit = unit(&segment_key(&o.measure, &o.segment));
        Some(paired(&[&o.path, &o.policy, &o.segment, &o.measure], unit, o.paired.as_ref()?))
    };
    Table { name: "Segments", columns: columns(&names), rows: record.segments.iter().filter_map(row).collect() }
}

fn variances(record: &SuiteRecord) -> Table {
    let names = [
        ("Path", 14.0),
        ("Policy", 18.0),
        ("Measure", 30.0),
        ("Shocks", 8.0),
        ("Lucks", 8.0),
        ("Systematic variance", 16.0),
        ("Idiosyncratic variance", 16.0),
        ("Systematic share", 14.0),
        ("Low", 10.0),
        ("High", 10.0),
    ];
    let row = |o: &crate::results::suite::OutcomeVariance| {
        let s = o.split.as_ref()?;
        let head = [o.path.as_str(), o.policy.as_str(), o.measure.as_str()].map(text);
        let numbers = [s.shocks.into(), s.lucks.into(), s.systematic_variance, s.idiosyncratic_variance];
        let mut row: Vec<Cell> = head.into_iter().chain(numbers.map(Cell::Number)).collect();
        row.extend(three(Unit::Share, Some(s.systematic_share)));
        Some(row)
    };
    Table { name: "Variance", columns: columns(&names), rows: record.variances.iter().filter_map(row).collect() }
}

fn reverse(record: &SuiteRecord) -> Table {
    let names = [
        ("Reverse stress", 20.0),
        ("Measure", 30.0),
        ("Broken", 10.0),
        ("Limit", 14.0),
        ("Depth k", 10.0),
        ("Mean", 14.0),
        ("Low", 14.0),
        ("High", 14.0),
        ("Breaks there", 12.0),
        ("Found", 60.0),
    ];
    let rows = record.reverse.iter().flat_map(|r| {
        r.points.iter().map(move |p| {
            let unit = unit(&r.measure);
            let mut row =
                vec![text(&r.name), text(&r.measure), text(&r.breaks), Cell::Of(unit, r.limit), Cell::Number(p.depth)];
            row.extend(three(unit, Some(p.response)));
            row.extend([text(if p.broken { "yes" } else { "no" }), text(&r.says)]);
            row
        })
    });
    Table { name: "Reverse stress", columns: columns(&names), rows: rows.collect() }
}

fn worlds(record: &SuiteRecord) -> Table {
    let head = [("Part", 12.0), ("Path", 14.0), ("Policy", 18.0), ("Luck", 8.0), ("Shocks", 8.0), ("Depth k", 10.0)];
    let mut names = columns(&head);
    names.extend(record.outcomes.iter().map(|measure| (measure.clone(), 18.0)));
    let row = |w: &crate::results::suite::KeptWorld| {
        let head = [w.part.as_str(), w.path.as_str(), w.policy.as_str()].map(text);
        let numbers = [w.luck.into(), w.shock.into(), f64::from(w.depth_milli) / 1e3].map(Cell::Number);
        let values = record.outcomes.iter().map(|m| w.value(m).map_or(Cell::Empty, |v| Cell::Of(unit(m), v)));
        head.into_iter().chain(numbers).chain(values).collect()
    };
    Table { name: "Worlds", columns: names, rows: record.worlds.iter().map(row).collect() }
}

fn definitions() -> Table {
    let statistics = [
        ("Mean", "Over replications; interval by Student's t."),
        (
            "P80, P95, …",
            "Smallest value that the share of the replications does not exceed; interval by order statistics. Stated when at least five replications are expected beyond it.",
        ),
        ("ES80, ES95, …", "Mean of the worst fifth, twentieth, …; interval by bootstrap."),
        (
            "Difference",
            "Other policy less first policy, replication by replication; paired t interval. Of shares in percentage points (pp), of per milles in ‰.",
        ),
        (
            "p, p Holm",
            "Two-sided p-value of the paired t test of no difference; and after Holm's correction (1979) over all differences of the sheet on one path.",
        ),
        (
            "Paired to unpaired",
            "Width of the paired interval over that of the interval that unpaired samples of the same size would give (Welch).",
        ),
        (
            "Systematic share",
            "Variance between draws of the common shocks over all variance; one-way random effects over nested replications, interval by bootstrap over shocks.",
        ),
        (
            "Change at low, high",
            "One assumption at that end of its range, all others as stated, less everything as stated; replication by replication, paired t interval.",
        ),
        (
            "μ, μ*, σ",
            "Elementary effects (Morris): change over the whole range of an assumption while all are moved; mean, mean size and deviation over trajectories, intervals by bootstrap.",
        ),
        ("Depth k", "x(t, k) = base + k (severe − base) for every variable of the economy, clipped at its bounds."),
    ];
    let mut rows: Vec<Vec<Cell>> =
        statistics.map(|(name, says)| vec![text(name), Cell::Empty, text(says), Cell::Empty]).into();
    rows.extend(VIEWS.map(|v| vec![text(v.key), text("ratio (shown in %)"), text(v.says), text(v.title)]));
    let measures = kept_definitions().map(|d| vec![text(d.key), text(d.unit.name()), text(d.says), text(d.sample)]);
    rows.extend(measures);
    let names = [("Name", 30.0), ("Unit", 22.0), ("Definition", 90.0), ("Sample", 50.0)];
    Table { name: "Definitions", columns: columns(&names), rows }
}
