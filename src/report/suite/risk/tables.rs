//! Tables of the risk views: every cell with its interval.

use super::super::view::SuiteView;
use super::dots::ratio;
use crate::report::html::{Head::Numbers, Head::Words, escape, table_head};
use crate::report::numbers::{change, fixed, percent, with_interval};
use crate::results::suite::risk::WEIGHTED;
use crate::results::suite::views::VIEWS;
use std::fmt::Write;

/// Every view, folded: a row a path and row, its columns beside each other.
pub(crate) fn views(view: &SuiteView<'_>) -> String {
    let mut out = String::new();
    let paths: Vec<&str> = view.record.paths.iter().map(String::as_str).chain([WEIGHTED]).collect();
    for definition in &VIEWS {
        let (rows, columns) = view.shape(definition.key);
        let _ = write!(
            out,
            "<details><summary>{}</summary><p class=note>{}</p><div style=\"overflow-x:auto\">{}",
            escape(definition.title),
            escape(definition.says),
            table_head([Words("Path, row")].into_iter().chain(columns.iter().copied().map(Numbers)))
        );
        for path in &paths {
            for row in &rows {
                let cells: Vec<_> = columns.iter().map(|column| view.cell(path, definition.key, row, column)).collect();
                if cells.iter().all(Option::is_none) {
                    continue;
                }
                let _ = write!(out, "<tr><th scope=row>{}, {}</th>", escape(path), escape(row));
                for cell in cells {
                    let text = cell.map_or_else(|| "–".to_string(), ratio);
                    let _ = write!(out, "<td class=num>{}</td>", escape(&text));
                }
                out.push_str("</tr>");
            }
        }
        out.push_str("</tbody></table></div></details>");
    }
    out
}

/// Every indicator on every path.
pub(crate) fn early(view: &SuiteView<'_>) -> String {
    let mut out = table_head([
        Words("Path, indicator"),
        Words("leads"),
        Numbers("months [95 %]"),
        Numbers("correlation [95 %]"),
        Numbers("at once"),
        Words("counts as leading"),
    ]);
    for e in &view.record.risk.early {
        let _ = write!(
            out,
            "<tr><th scope=row>{}, {} {}</th><td>{}</td><td class=num>{}</td><td class=num>{}</td><td class=num>{}</td><td>{}</td></tr>",
            escape(&e.path),
            escape(&e.indicator),
            e.direction,
            e.loss,
            with_interval(e.lead_months, |months| fixed(months, 0)),
            with_interval(e.correlation, |r| fixed(r, 2)),
            fixed(e.correlation_at_once, 2),
            if e.leads { "yes" } else { "no" }
        );
    }
    out + "</tbody></table>"
}

/// Every attribution.
pub(crate) fn attribution(view: &SuiteView<'_>) -> String {
    let numbers = ["effect [95 %]", "of the whole", "paired to unpaired"].map(Numbers);
    let mut out = table_head([Words("Measure, part")].into_iter().chain(numbers));
    for a in &view.record.risk.attributions {
        for p in &a.parts {
            let some = |text: Option<String>| text.unwrap_or_else(|| "–".to_string());
            let _ = write!(
                out,
                "<tr><th scope=row><code>{}</code>, {}</th><td class=num>{}</td><td class=num>{}</td><td class=num>{}</td></tr>",
                escape(&a.measure),
                escape(&p.factor),
                escape(&change(&a.measure, p.effect)),
                some(p.share.map(|share| percent(share, 0))),
                some(p.ratio.map(|ratio| fixed(ratio, 2)))
            );
        }
    }
    out + "</tbody></table>"
}
