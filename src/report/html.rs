//! Text in a page, and the heads of its tables.

/// Text as HTML shows it. A number and its unit are not parted at the end of a line.
pub(super) fn escape(text: &str) -> String {
    let bound = [" %", " ‰", " pp"].iter().fold(text.to_string(), |text, unit| bind(&text, unit));
    bound.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Binds a unit that follows a digit by a space that does not break.
fn bind(text: &str, unit: &str) -> String {
    let mut parts = text.split(unit);
    let mut out = parts.next().unwrap_or_default().to_string();
    for part in parts {
        if out.ends_with(|c: char| c.is_ascii_digit()) {
            out.push('\u{a0}');
            out.push_str(unit.trim_start());
        } else {
            out.push_str(unit);
        }
        out.push_str(part);
    }
    out
}

/// The head of a column. It stands where its cells stand: words at the left, numbers at the right.
#[derive(Clone, Copy)]
pub(super) enum Head<'a> {
    /// Above words.
    Words(&'a str),
    /// Above numbers.
    Numbers(&'a str),
}

/// The beginning of a table, up to its first row.
pub(super) fn table_head<'a>(columns: impl IntoIterator<Item = Head<'a>>) -> String {
    let cell = |column| match column {
        Head::Words(name) => format!("<th>{}</th>", escape(name)),
        Head::Numbers(name) => format!("<th class=num>{}</th>", escape(name)),
    };
    let cells: String = columns.into_iter().map(cell).collect();
    format!("<table><thead><tr>{cells}</tr></thead><tbody>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_stay_with_their_numbers() {
        assert_eq!(escape("5.2 % & 3 pp, share of balance, %"), "5.2\u{a0}% &amp; 3\u{a0}pp, share of balance, %");
    }
}
