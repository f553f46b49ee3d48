//! Text in a page.

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_stay_with_their_numbers() {
        assert_eq!(escape("5.2 % & 3 pp, share of balance, %"), "5.2\u{a0}% &amp; 3\u{a0}pp, share of balance, %");
    }
}
