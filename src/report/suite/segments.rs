//! What policies change, by segment of users: a table a path, a row a policy and segment.

use super::{SuiteView, shown};
use crate::measure::{SEGMENT_MEASURES, segment_key};
use crate::report::page::escape;
use crate::results::suite::PairedDifference;
use std::fmt::Write;

/// The tables of all paths; empty when nothing was compared by segment.
pub fn tables(view: &SuiteView<'_>) -> String {
    let mut out = String::new();
    for path in &view.record.paths {
        let of_path: Vec<_> = view.record.segments.iter().filter(|s| s.path == *path).collect();
        let mut rows: Vec<(&str, &str)> = of_path.iter().map(|s| (s.policy.as_str(), s.segment.as_str())).collect();
        rows.dedup();
        if rows.is_empty() {
            continue;
        }
        let heads: String = SEGMENT_MEASURES.iter().map(|m| format!("<th>{m}</th>")).collect();
        // Writing to a String cannot fail.
        let _ = write!(
            out,
            "<h3>{}</h3><table><thead><tr><th>Policy</th><th>Segment</th>{heads}</tr></thead><tbody>",
            escape(path)
        );
        for (policy, segment) in rows {
            let _ = write!(out, "<tr><th scope=row>{}</th><td>{}</td>", escape(policy), words(segment));
            for measure in SEGMENT_MEASURES {
                let found =
                    of_path.iter().find(|s| (&*s.policy, &*s.segment, &*s.measure) == (policy, segment, measure));
                let _ = write!(
                    out,
                    "<td class=num>{}</td>",
                    cell(&segment_key(measure, segment), found.and_then(|s| s.paired.as_ref()))
                );
            }
            out.push_str("</tr>");
        }
        out.push_str("</tbody></table>");
    }
    out
}

/// A segment in words: `age_18_24` is "age 18–24".
fn words(segment: &str) -> String {
    match segment.strip_prefix("age_").and_then(|ages| ages.split_once('_')) {
        Some((from, "up")) => format!("age {from} and above"),
        Some((from, to)) => format!("age {from}–{to}"),
        None => segment.replace('_', " "),
    }
}

/// Difference ± half its interval, in bold when the interval does not contain zero.
fn cell(key: &str, paired: Option<&PairedDifference>) -> String {
    let Some(p) = paired else { return "–".to_string() };
    let d = p.difference;
    let sign = if d.value > 0.0 { "+" } else { "" };
    let text = escape(&format!("{sign}{} ± {}", shown(key, d.value), shown(key, (d.high - d.low) / 2.0)));
    if d.low > 0.0 || d.high < 0.0 { format!("<b>{text}</b>") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::suite::tests::record;

    #[test]
    fn a_row_a_policy_and_segment_and_certain_changes_stand_out() {
        let record = record();
        let html = tables(&SuiteView::new(&record));
        for words in ["<h3>severe</h3>", "age 18–24", "<b>−1.10% ± 0.11%</b>", "<b>+0.30% ± 0.03%</b>", "tipper"]
        {
            assert!(html.contains(words), "{html}\nlacks {words}");
        }
        assert!(!html.contains("<h3>base</h3>"), "nothing was compared there");
        assert_eq!(html.matches("<tr>").count(), 1 + 2);
        assert_eq!(words("age_35_up"), "age 35 and above");
    }
}
