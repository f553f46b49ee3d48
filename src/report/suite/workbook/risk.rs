//! Sheets of the risk views in a suite's workbook.

use crate::measure::Unit;
use crate::measure::unit;
use crate::report::workbook::{Cell, Table, columns, text, three, three_changes};
use crate::results::suite::SuiteRecord;

pub(super) fn risk_views(record: &SuiteRecord) -> Table {
    let names = [
        ("Path", 14.0),
        ("Policy", 18.0),
        ("View", 22.0),
        ("Row", 30.0),
        ("Column", 26.0),
        ("Replications", 12.0),
        ("Mean", 12.0),
        ("Low", 12.0),
        ("High", 12.0),
    ];
    let row = |e: &crate::results::suite::ViewEstimate| {
        let cell = &record.risk.layout[e.cell];
        let head = [e.path.as_str(), e.policy.as_str(), cell.view, cell.row.as_str(), cell.column.as_str()].map(text);
        let mut row: Vec<Cell> = head.into_iter().chain([Cell::Number(e.replications.into())]).collect();
        row.extend(three(Unit::Share, Some(e.estimate)));
        row
    };
    Table { name: "Risk views", columns: columns(&names), rows: record.risk.estimates.iter().map(row).collect() }
}

pub(super) fn early_warning(record: &SuiteRecord) -> Table {
    let names = [
        ("Path", 14.0),
        ("Indicator", 26.0),
        ("Direction", 10.0),
        ("Leads", 14.0),
        ("Replications", 12.0),
        ("Months", 10.0),
        ("Low", 8.0),
        ("High", 8.0),
        ("Correlation", 12.0),
        ("Low", 8.0),
        ("High", 8.0),
        ("Correlation at once", 12.0),
        ("Counts as leading", 10.0),
    ];
    let row = |e: &crate::results::suite::EarlyWarning| {
        let head = [&e.path, &e.indicator, &e.direction, &e.loss].map(text);
        let mut row: Vec<Cell> = head.into_iter().chain([Cell::Number(e.replications.into())]).collect();
        row.extend(three(Unit::TimesPerYear, Some(e.lead_months)));
        row.extend(three(Unit::TimesPerYear, Some(e.correlation)));
        row.push(Cell::Of(Unit::TimesPerYear, e.correlation_at_once));
        row.push(text(if e.leads { "yes" } else { "no" }));
        row
    };
    Table { name: "Early warning", columns: columns(&names), rows: record.risk.early.iter().map(row).collect() }
}

pub(super) fn attribution(record: &SuiteRecord) -> Table {
    let names = [
        ("Path", 14.0),
        ("Policy", 18.0),
        ("Frozen at", 14.0),
        ("Measure", 30.0),
        ("Part", 14.0),
        ("Pairs", 8.0),
        ("Effect", 14.0),
        ("Low", 14.0),
        ("High", 14.0),
        ("Of the whole", 12.0),
        ("Paired to unpaired", 12.0),
    ];
    let rows = record.risk.attributions.iter().flat_map(|a| {
        a.parts.iter().map(move |p| {
            let head = [&a.path, &a.policy, &a.base, &a.measure, &p.factor].map(text);
            let mut row: Vec<Cell> = head.into_iter().chain([Cell::Number(p.replications.into())]).collect();
            row.extend(three_changes(unit(&a.measure), Some(p.effect)));
            row.push(p.share.map_or(Cell::Empty, |share| Cell::Of(Unit::Share, share)));
            row.push(p.ratio.map_or(Cell::Empty, |ratio| Cell::Of(Unit::TimesPerYear, ratio)));
            row
        })
    });
    Table { name: "Attribution", columns: columns(&names), rows: rows.collect() }
}
