//! Cells and sheets before they are written.

use crate::measure::Unit;
use crate::results::load::Estimate;

/// A cell.
pub(super) enum Cell {
    Text(String),
    Number(f64),
    /// A value in the unit of its measure.
    Of(Unit, f64),
    Empty,
}

/// A sheet: its columns with their widths in characters, and its rows.
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) columns: Vec<(String, f64)>,
    pub(super) rows: Vec<Vec<Cell>>,
}

pub(super) fn text(text: impl Into<String>) -> Cell {
    Cell::Text(text.into())
}

impl Table {
    /// Columns with something in them: a quantile that no row carries has no column.
    pub(super) fn filled(&self) -> Vec<usize> {
        let any = |column: &usize| self.rows.iter().any(|row| !matches!(row.get(*column), None | Some(Cell::Empty)));
        (0..self.columns.len()).filter(any).collect()
    }

    /// Lines that a row needs. Programs that open the workbook without showing it do not work that out by themselves, and
    /// print wrapped text over the next row.
    pub(super) fn lines(&self, row: &[Cell]) -> usize {
        let lines = |(cell, (_, width)): (&Cell, &(String, f64))| match cell {
            Cell::Text(text) => (text.chars().count() as f64 / width).ceil() as usize,
            _ => 1,
        };
        row.iter().zip(&self.columns).map(lines).max().unwrap_or(1).max(1)
    }
}

/// Value, lower and upper end.
pub(super) fn three(unit: Unit, estimate: Option<Estimate>) -> [Cell; 3] {
    match estimate {
        Some(e) => [e.value, e.low, e.high].map(|v| Cell::Of(unit, v)),
        None => [Cell::Empty, Cell::Empty, Cell::Empty],
    }
}

pub(super) fn columns(of: &[(&str, f64)]) -> Vec<(String, f64)> {
    of.iter().map(|(name, width)| ((*name).to_string(), *width)).collect()
}
