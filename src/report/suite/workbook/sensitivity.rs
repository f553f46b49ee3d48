//! The sheets of a suite's workbook about assumptions: what was moved, what it moved, what could not be moved and why.

use crate::measure::Unit;
use crate::measure::unit;
use crate::report::workbook::{Cell, Table, columns, text, three_changes};
use crate::results::suite::SuiteRecord;

/// What was moved (a row a parameter and measure), and what was not.
pub(super) fn tables(record: &SuiteRecord) -> [Table; 2] {
    let names = [
        ("Assumption", 36.0),
        ("Value", 14.0),
        ("Low end", 12.0),
        ("High end", 12.0),
        ("Measure", 26.0),
        ("Change at low", 12.0),
        ("95 % from", 12.0),
        ("95 % to", 12.0),
        ("Change at high", 12.0),
        ("95 % from", 12.0),
        ("95 % to", 12.0),
        ("μ", 12.0),
        ("μ*", 12.0),
        ("95 % from", 12.0),
        ("95 % to", 12.0),
        ("σ", 12.0),
        ("95 % from", 12.0),
        ("95 % to", 12.0),
        ("Among the first three", 12.0),
        ("Drawn in by a rule", 40.0),
        ("Source", 60.0),
    ];
    let mut rows = Vec::new();
    for p in record.sensitivity.iter().flat_map(|s| &s.parameters) {
        for e in &p.effects {
            let unit = unit(&e.measure);
            let mut row: Vec<Cell> =
                [&p.key, &p.value, &p.low, &p.high, &e.measure].map(|word| text(word.as_str())).into();
            row.extend(three_changes(unit, e.low).into_iter().chain(three_changes(unit, e.high)));
            let elementary = e.elementary.as_ref();
            row.push(elementary.map_or(Cell::Empty, |x| Cell::Change(unit, x.mean)));
            row.extend(three_changes(unit, elementary.map(|x| x.size)));
            row.extend(three_changes(unit, elementary.map(|x| x.deviation)));
            row.push(p.named_share.map_or(Cell::Empty, |share| Cell::Of(Unit::Share, share)));
            row.push(p.cut.as_ref().map_or(Cell::Empty, |cut| text(cut.as_str())));
            row.push(text(p.source.as_str()));
            rows.push(row);
        }
    }
    let unmoved = record.sensitivity.iter().flat_map(|s| &s.unmoved);
    let unmoved = unmoved.map(|p| [&p.key, &p.value, &p.reason, &p.source].map(|word| text(word.as_str())).into());
    let left = columns(&[("Assumption", 44.0), ("Value", 30.0), ("Why it is not moved", 60.0), ("Source", 70.0)]);
    [
        Table { name: "Assumptions", columns: columns(&names), rows },
        Table { name: "Not moved", columns: left, rows: unmoved.collect() },
    ]
}
