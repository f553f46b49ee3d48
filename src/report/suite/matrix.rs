//! What policies change, at a glance: a row a policy (and segment), a column a measure, a table a path.

use super::view::SuiteView;
use crate::measure::{SEGMENT_MEASURES, segment_key};
use crate::report::html::{Head::Numbers, Head::Words, escape, table_head};
use crate::report::numbers::{difference, interval};
use crate::results::suite::PairedDifference;
use std::fmt::Write;

/// Every policy against the first one, by measure.
pub(super) fn policies(view: &SuiteView<'_>) -> String {
    let mut out = String::new();
    for path in &view.record.paths {
        let of_path: Vec<_> = view.record.differences.iter().filter(|d| d.path == *path).collect();
        let rows = view.record.policies.iter().skip(1).map(|policy| {
            let found = |measure: &String| {
                let cell_of = of_path.iter().find(|d| (&d.policy, &d.measure) == (policy, measure));
                cell(measure, cell_of.and_then(|d| d.paired.as_ref()))
            };
            (vec![policy.clone()], view.record.outcomes.iter().map(found).collect())
        });
        let rows: Vec<Row> = rows.collect();
        // Writing to a String cannot fail.
        let _ = write!(out, "<h3>{}</h3>{}", escape(path), table(&["Policy"], &view.record.outcomes, &rows));
    }
    out
}

/// The same by segment of users, path by path to be opened; empty when nothing was compared by segment.
pub(super) fn segments(view: &SuiteView<'_>) -> String {
    let measures = SEGMENT_MEASURES.map(str::to_string);
    let mut out = String::new();
    for path in &view.record.paths {
        let of_path: Vec<_> = view.record.segments.iter().filter(|s| s.path == *path).collect();
        let mut places: Vec<(&str, &str)> = of_path.iter().map(|s| (s.policy.as_str(), s.segment.as_str())).collect();
        places.dedup();
        if places.is_empty() {
            continue;
        }
        let rows = places.into_iter().map(|(policy, segment)| {
            let found = |measure: &String| {
                let of = (policy, segment, measure.as_str());
                let cell_of = of_path.iter().find(|s| (&*s.policy, &*s.segment, &*s.measure) == of);
                cell(&segment_key(measure, segment), cell_of.and_then(|s| s.paired.as_ref()))
            };
            (vec![policy.to_string(), words(segment)], measures.iter().map(found).collect())
        });
        let rows: Vec<Row> = rows.collect();
        let table = table(&["Policy", "Segment"], &measures, &rows);
        let _ = write!(out, "<details><summary>{}</summary>{table}</details>", escape(path));
    }
    out
}

/// Heads as text and cells as HTML.
type Row = (Vec<String>, Vec<String>);

fn table(heads: &[&str], measures: &[String], rows: &[Row]) -> String {
    let numbers = measures.iter().map(|measure| Numbers(measure));
    let mut out = table_head(heads.iter().copied().map(Words).chain(numbers));
    for (heads, cells) in rows {
        let heads: String = heads.iter().map(|head| format!("<th scope=row>{}</th>", escape(head))).collect();
        let cells: String = cells.iter().map(|cell| format!("<td class=num>{cell}</td>")).collect();
        let _ = write!(out, "<tr>{heads}{cells}</tr>");
    }
    out + "</tbody></table>"
}

/// A segment in words: `age_18_24` is "age 18–24".
fn words(segment: &str) -> String {
    match segment.strip_prefix("age_").and_then(|ages| ages.split_once('_')) {
        Some((from, "up")) => format!("age {from} and above"),
        Some((from, to)) => format!("age {from}–{to}"),
        None => segment.replace('_', " "),
    }
}

/// Difference with its interval below, in bold when it is told from nothing over the whole table.
fn cell(key: &str, paired: Option<&PairedDifference>) -> String {
    let Some(p) = paired else { return "–".to_string() };
    let one = |value: f64| escape(&difference(key, value));
    let value = one(p.difference.value);
    let value = if p.differs() { format!("<b>{value}</b>") } else { value };
    format!("{value}<span class=def>{}</span>", interval(&one(p.difference.low), &one(p.difference.high)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::suite::tests::record;

    #[test]
    fn a_row_a_policy_and_segment_and_what_the_test_carries_stands_out() {
        let record = record();
        let html = segments(&SuiteView::new(&record)).replace('\u{a0}', " ");
        for words in [
            "<summary>severe</summary>",
            "age 18–24",
            "<b>−1.10 pp</b><span class=def>[−1.21 pp, −0.99 pp]</span>",
            // Not told from nothing after the correction.
            "<td class=num>+0.30 pp<span class=def>[+0.27 pp, +0.33 pp]</span>",
            "tipper",
        ] {
            assert!(html.contains(words), "{html}\nlacks {words}");
        }
        assert!(!html.contains("<summary>base</summary>"), "nothing was compared there");
        assert_eq!(html.matches("<tr>").count(), 1 + 2);
        assert_eq!(words("age_35_up"), "age 35 and above");
    }

    #[test]
    fn every_path_has_every_policy_but_the_first() {
        let record = record();
        let html = policies(&SuiteView::new(&record)).replace('\u{a0}', " ");
        assert_eq!(html.matches("<tr>").count(), 2 * (1 + 1), "a head and one policy, on two paths");
        assert_eq!(html.matches("<b>−0.40 pp</b>").count(), 2 * 3, "three shares; profit moves by nothing");
        assert!(html.contains("tighter, &quot;new&quot;"), "{html}");
    }
}
