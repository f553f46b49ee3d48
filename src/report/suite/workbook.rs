//! `suite.xlsx`: every table of a suite with definitions and provenance, for those who go on computing.

use super::sentences;
use super::view::SuiteView;
use crate::measure::unit;
use crate::measure::{Unit, kept_definitions, segment_key};
use crate::report::ReportError;
use crate::results::suite::views::VIEWS;
use crate::results::suite::{PairedDifference, SuiteRecord, suite_hash};
use crate::results::{self, REPORT_SCRATCH, Scratch};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, XlsxError};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

mod cells;
mod risk;
mod sensitivity;

use cells::{Cell, Table, columns, text, three};
use risk::{attribution, early_warning, risk_views};

/// Name of the workbook.
const FILE: &str = "suite.xlsx";

/// Height of a line of text in points.
const LINE_POINTS: f64 = 15.0;

/// Writes `suite.xlsx` into a directory that exists. The same record gives the same bytes. Returns its path.
///
/// # Errors
/// From the file system.
pub(crate) fn write_workbook(record: &SuiteRecord, dir: &Path) -> Result<PathBuf, ReportError> {
    let (path, scratch) = (dir.join(FILE), Scratch::make(dir, OsStr::new(REPORT_SCRATCH))?);
    let bytes = bytes(record).map_err(|error| ReportError::Workbook(error.to_string()))?;
    let fresh = scratch.path().join(FILE);
    let written = std::fs::write(&fresh, bytes).and_then(|()| std::fs::rename(&fresh, &path));
    written.map_err(|source| ReportError::Io { path: path.clone(), source })?;
    drop(scratch);
    results::renew(dir, &[FILE.to_string()])?;
    Ok(path)
}

fn bytes(record: &SuiteRecord) -> Result<Vec<u8>, XlsxError> {
    let view = SuiteView::new(record);
    let mut book = Workbook::new();
    // Not the moment of writing, which would make two workbooks of one suite differ.
    let (year, month, day) = record.provenance.start.ymd();
    let date = ExcelDateTime::from_ymd(year.unsigned_abs(), month.unsigned_abs(), day.unsigned_abs())?;
    let about = DocProperties::new().set_title(record.provenance.title.as_str()).set_creation_datetime(&date);
    book.set_properties(&about);
    let [moved, unmoved] = sensitivity::tables(record);
    let tables = [
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
    for table in tables.into_iter().filter(|table| !table.rows.is_empty()) {
        sheet(&mut book, &table)?;
    }
    book.save_to_buffer()
}

fn sheet(book: &mut Workbook, table: &Table) -> Result<(), XlsxError> {
    let head = Format::new().set_bold().set_text_wrap().set_border_bottom(FormatBorder::Thin);
    let plain = Format::new().set_align(FormatAlign::Top);
    let wrapped = plain.clone().set_text_wrap();
    let format = |unit: Unit| {
        plain.clone().set_num_format(match unit {
            Unit::Share => "0.00%",
            Unit::PerMille => "0.00000",
            Unit::Yuan | Unit::Accounts => "#,##0",
            Unit::PerMonth | Unit::TimesPerYear => "0.00",
        })
    };
    let sheet = book.add_worksheet();
    sheet.set_name(table.name)?;
    sheet.set_freeze_panes(1, 0)?;
    // On paper: as wide as a page, however many columns, with its head on every page.
    sheet.set_landscape().set_print_fit_to_pages(1, 0).set_repeat_rows(0, 0)?;
    let filled = table.filled();
    for (column, (name, width)) in filled.iter().map(|position| &table.columns[*position]).enumerate() {
        sheet.set_column_width(column as u16, *width)?;
        sheet.write_string_with_format(0, column as u16, name, &head)?;
    }
    for (row, cells) in table.rows.iter().enumerate() {
        let lines = table.lines(cells);
        let row = row as u32 + 1;
        if lines > 1 {
            sheet.set_row_height(row, LINE_POINTS * lines as f64)?;
        }
        for (column, cell) in filled.iter().filter_map(|position| cells.get(*position)).enumerate() {
            let column = column as u16;
            match cell {
                Cell::Text(text) => sheet.write_string_with_format(row, column, text, &wrapped)?,
                Cell::Number(number) => sheet.write_number_with_format(row, column, *number, &plain)?,
                Cell::Of(unit, value) => sheet.write_number_with_format(row, column, *value, &format(*unit))?,
                Cell::Empty => sheet,
            };
        }
    }
    Ok(())
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
        ("Intervals", "95%; see the sheet Definitions. An empty cell, or a quantile without a column: the sample does not carry it.".to_string()),
    ];
    rows.extend(facts.map(|(name, value)| vec![text(name), text(value)]));
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
const PAIRED: [(&str, f64); 7] = [
    ("Pairs", 8.0),
    ("First policy", 14.0),
    ("Difference", 14.0),
    ("Low", 14.0),
    ("High", 14.0),
    ("Half width, unpaired", 14.0),
    ("Paired to unpaired", 12.0),
];

/// A row of such a table: what it is about, then [`PAIRED`].
fn paired(about: &[&str], unit: Unit, p: &PairedDifference) -> Vec<Cell> {
    let mut row: Vec<Cell> = about.iter().map(|what| text(*what)).collect();
    row.extend([Cell::Number(p.replications.into()), Cell::Of(unit, p.base)]);
    row.extend(three(unit, Some(p.difference)));
    row.push(Cell::Of(unit, p.unpaired_half));
    row.push(p.ratio.map_or(Cell::Empty, |ratio| Cell::Of(Unit::TimesPerYear, ratio)));
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
        ("Difference", "Other policy less first policy, replication by replication; paired t interval."),
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
