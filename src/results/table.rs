//! CSV as the run directory uses it (RFC 4180 without line breaks in fields): exact, with line numbers in errors.

use super::ResultsError;
use crate::base::money::Fen;
use crate::base::time::Day;
use crate::measure::{MonthObservations, WorldObservations};
use std::borrow::Cow;
use std::fs;
use std::path::{Path, PathBuf};

/// A name as a field: quoted when it must be.
pub(super) fn field(name: &str) -> Cow<'_, str> {
    if name.contains([',', '"', '\n']) {
        Cow::Owned(format!("\"{}\"", name.replace('"', "\"\"").replace('\n', " ")))
    } else {
        Cow::Borrowed(name)
    }
}

/// A line into a `String`. Writing to one cannot fail; this drops the `Result` that the trait asks for.
macro_rules! line {
    ($out:expr, $($arg:tt)*) => {{ let _ = writeln!($out, $($arg)*); }};
}
pub(super) use line;

/// Calendar month of a day, `2027-03`.
pub(super) fn month_name(day: Day) -> String {
    let (year, month, _) = day.ymd();
    format!("{year:04}-{month:02}")
}

/// A table file in memory.
pub(super) struct TableFile {
    path: PathBuf,
    text: String,
}

/// One row of it.
pub(super) struct Row<'a> {
    path: &'a Path,
    line: usize,
    fields: Vec<Cow<'a, str>>,
}

impl TableFile {
    /// Reads a file whose header must be `header`.
    pub(super) fn open<S: AsRef<str>>(dir: &Path, name: &str, header: &[S]) -> Result<TableFile, ResultsError> {
        let path = dir.join(name);
        let text = fs::read_to_string(&path).map_err(|e| ResultsError::io(&path, e))?;
        let first = text.lines().next().unwrap_or("");
        let wanted = header.iter().map(AsRef::as_ref).collect::<Vec<&str>>().join(",");
        if first != wanted {
            let what = match header.iter().zip(first.split(',')).find(|(h, f)| h.as_ref() != *f) {
                Some((h, f)) => format!("column `{}` expected, `{f}` found", h.as_ref()),
                None => format!("{} columns expected, {} found", header.len(), first.split(',').count()),
            };
            return Err(ResultsError::Table { path, line: 1, what });
        }
        if !text.ends_with('\n') {
            let line = text.lines().count();
            return Err(ResultsError::Table { path, line, what: "the file is cut off in this line".to_string() });
        }
        Ok(TableFile { path, text })
    }

    /// The rows after the header, each with as many fields as the header.
    pub(super) fn rows(&self) -> impl Iterator<Item = Result<Row<'_>, ResultsError>> {
        let width = self.text.lines().next().map_or(0, |h| h.split(',').count());
        self.text.lines().enumerate().skip(1).map(move |(i, text)| {
            let row = Row { path: &self.path, line: i + 1, fields: split(text) };
            if row.fields.len() == width {
                Ok(row)
            } else {
                Err(row.error(format!("{width} fields expected, {} found", row.fields.len())))
            }
        })
    }
}

fn split(line: &str) -> Vec<Cow<'_, str>> {
    if !line.contains('"') {
        return line.split(',').map(Cow::Borrowed).collect();
    }
    let mut fields = Vec::new();
    let (mut current, mut quoted) = (String::new(), false);
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                current.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(Cow::Owned(std::mem::take(&mut current))),
            other => current.push(other),
        }
    }
    fields.push(Cow::Owned(current));
    fields
}

impl Row<'_> {
    /// The text of a field.
    pub(super) fn text(&self, column: usize) -> &str {
        &self.fields[column]
    }

    /// A field as an integer.
    pub(super) fn int<T: std::str::FromStr>(&self, column: usize) -> Result<T, ResultsError> {
        let text = self.text(column);
        text.parse().map_err(|_| self.error(format!("field {}: `{text}` is not a number in range", column + 1)))
    }

    /// A field as a date.
    pub(super) fn day(&self, column: usize) -> Result<Day, ResultsError> {
        let text = self.text(column);
        parse_day(text).ok_or_else(|| self.error(format!("field {}: `{text}` is not a date", column + 1)))
    }

    /// A field in yuan with two decimals, as fen.
    pub(super) fn fen(&self, column: usize) -> Result<i64, ResultsError> {
        let text = self.text(column);
        let parsed = parse_yuan(text).map(|fen| fen.0);
        parsed.ok_or_else(|| self.error(format!("field {}: `{text}` is not an amount in yuan", column + 1)))
    }

    /// The index of a field's name in a list.
    pub(super) fn position(&self, column: usize, names: &[impl AsRef<str>]) -> Result<usize, ResultsError> {
        let text = self.text(column);
        let found = names.iter().position(|n| n.as_ref() == text);
        found.ok_or_else(|| self.error(format!("field {}: `{text}` is unknown here", column + 1)))
    }

    /// The month that the row of a long table belongs to: its first two fields are the world, one of `names`, and the month.
    pub(super) fn month<'a>(
        &self,
        names: &[String],
        worlds: &'a mut [WorldObservations],
    ) -> Result<&'a mut MonthObservations, ResultsError> {
        let world = self.position(0, names)?;
        let found = worlds[world].months.iter_mut().find(|m| month_name(m.first_day) == self.text(1));
        found.ok_or_else(|| self.error(format!("month `{}` is not in monthly.csv", self.text(1))))
    }

    /// An error at this row.
    pub(super) fn error(&self, what: String) -> ResultsError {
        ResultsError::Table { path: self.path.to_path_buf(), line: self.line, what }
    }
}

/// `2027-03-01` as a day.
pub(super) fn parse_day(text: &str) -> Option<Day> {
    let mut parts = text.splitn(3, '-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    Day::from_ymd(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
}

/// Yuan with exactly two decimals, as [`Fen`] prints them.
fn parse_yuan(text: &str) -> Option<Fen> {
    let (yuan, cents) = text.split_once('.')?;
    if cents.len() != 2 || !cents.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let negative = yuan.starts_with('-');
    let whole: i64 = yuan.parse::<i64>().ok()?.checked_mul(100)?;
    let cents: i64 = cents.parse().ok()?;
    Some(Fen(if negative { whole - cents } else { whole + cents }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_with_commas_and_quotes_come_back() {
        let name = "severe, \"2027\"";
        assert_eq!(split(&format!("{},7", field(name))), [name, "7"]);
    }

    proptest! {
        #[test]
        fn yuan_are_exact(fen in -1_000_000_000_000_000_i64..1_000_000_000_000_000) {
            prop_assert_eq!(parse_yuan(&Fen(fen).to_string()), Some(Fen(fen)));
        }

        #[test]
        fn days_are_exact(day in 1_u16..60_000) {
            prop_assert_eq!(parse_day(&Day(day).to_string()), Some(Day(day)));
        }
    }
}
