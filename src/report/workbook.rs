//! Workbooks: tables with typed cells, and how they are written. Those of runs and suites fill it.

use super::ReportError;
use crate::base::time::Day;
use crate::measure::Unit;
use crate::results::load::Estimate;
use crate::results::{self, REPORT_SCRATCH, Scratch};
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Height of a line of text in points.
const LINE_POINTS: f64 = 15.0;

/// What a workbook is.
pub(super) struct About<'a> {
    /// Its file in the directory.
    pub file: &'static str,
    /// Its title.
    pub title: &'a str,
    /// The date that it says it was made on. Not the moment of writing, which would make two workbooks of one result differ.
    pub date: Day,
}

/// A cell.
pub(super) enum Cell {
    Text(String),
    Number(f64),
    /// A value in the unit of its measure.
    Of(Unit, f64),
    /// A difference of two values of a unit: percentage points of shares.
    Change(Unit, f64),
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

/// A difference, lower and upper end.
pub(super) fn three_changes(unit: Unit, estimate: Option<Estimate>) -> [Cell; 3] {
    match estimate {
        Some(e) => [e.value, e.low, e.high].map(|v| Cell::Change(unit, v)),
        None => [Cell::Empty, Cell::Empty, Cell::Empty],
    }
}

pub(super) fn columns(of: &[(&str, f64)]) -> Vec<(String, f64)> {
    of.iter().map(|(name, width)| ((*name).to_string(), *width)).collect()
}

/// Writes a workbook of tables into a directory that exists, without those that have no row. The same tables give the same bytes.
/// Returns its path.
///
/// # Errors
/// From the file system.
pub(super) fn write(dir: &Path, about: &About<'_>, tables: Vec<Table>) -> Result<PathBuf, ReportError> {
    let (path, scratch) = (dir.join(about.file), Scratch::make(dir, OsStr::new(REPORT_SCRATCH))?);
    let bytes = bytes(about, &tables).map_err(|error| ReportError::Workbook(error.to_string()))?;
    let fresh = scratch.path().join(about.file);
    let written = std::fs::write(&fresh, bytes).and_then(|()| std::fs::rename(&fresh, &path));
    written.map_err(|source| ReportError::Io { path: path.clone(), source })?;
    drop(scratch);
    results::renew(dir, &[about.file.to_string()])?;
    Ok(path)
}

fn bytes(about: &About<'_>, tables: &[Table]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let (year, month, day) = about.date.ymd();
    let date = ExcelDateTime::from_ymd(year.unsigned_abs(), month.unsigned_abs(), day.unsigned_abs())?;
    book.set_properties(&DocProperties::new().set_title(about.title).set_creation_datetime(&date));
    for table in tables.iter().filter(|table| !table.rows.is_empty()) {
        sheet(&mut book, table)?;
    }
    book.save_to_buffer()
}

/// How a value of a unit is shown.
fn number_format(unit: Unit) -> &'static str {
    match unit {
        Unit::Share => "0.00%",
        Unit::PerMille => "0.00000",
        Unit::Yuan | Unit::Accounts => "#,##0",
        Unit::PerMonth | Unit::TimesPerYear => "0.00",
    }
}

/// A difference with its sign. That of shares is written in percentage points, a hundred times the difference: the percent sign
/// of a sheet would make it look like a relative change. That of per milles is a thousand times the difference, with their sign.
fn write_change<'a>(
    sheet: &'a mut Worksheet,
    (row, column): (u32, u16),
    unit: Unit,
    value: f64,
    plain: &Format,
) -> Result<&'a mut Worksheet, XlsxError> {
    let (value, shown) = match unit {
        Unit::Share => (100.0 * value, "+0.00\" pp\";-0.00\" pp\";0.00\" pp\"".to_string()),
        Unit::PerMille => (1_000.0 * value, "+0.00\" ‰\";-0.00\" ‰\";0.00\" ‰\"".to_string()),
        other => (value, format!("+{0};-{0};{0}", number_format(other))),
    };
    sheet.write_number_with_format(row, column, value, &plain.clone().set_num_format(shown))
}

fn sheet(book: &mut Workbook, table: &Table) -> Result<(), XlsxError> {
    let head = Format::new().set_bold().set_text_wrap().set_border_bottom(FormatBorder::Thin);
    let plain = Format::new().set_align(FormatAlign::Top);
    let wrapped = plain.clone().set_text_wrap();
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
                Cell::Of(unit, value) => sheet.write_number_with_format(
                    row,
                    column,
                    *value,
                    &plain.clone().set_num_format(number_format(*unit)),
                )?,
                Cell::Change(unit, value) => write_change(sheet, (row, column), *unit, *value, &plain)?,
                Cell::Empty => sheet,
            };
        }
    }
    Ok(())
}
