//! The tables of a run of many worlds: what would be columns of every world are rows of it.

use super::cells::{difference, shown, target_cell, ticks_to_code, yuan};
use crate::measure::Measure;
use crate::measure::words::Account;
use crate::report::html::escape;
use crate::report::numbers::grouped;
use crate::report::view::View;
use std::fmt::Write;
use std::ops::Range;

/// More worlds than this have rows.
const COLUMNS: usize = 3;

/// True of a run whose worlds have rows.
pub(super) fn many(view: &View<'_>) -> bool {
    view.worlds().len() > COLUMNS
}

/// Measures, each with a row a world. Writing to a `String` cannot fail.
pub(super) fn measures(view: &View<'_>, range: Range<usize>) -> String {
    let base = escape(view.worlds().first().map_or("", |w| w.name.as_str()));
    let mut out = format!(
        "<table><thead><tr><th>World</th><th class=num>value</th><th class=num>difference from {base}</th><th>target</th>\
         <th>{base} is</th><th>sample</th></tr></thead>"
    );
    for index in range {
        let all: Vec<&Measure> = view.measures.iter().filter_map(|m| m.iter().nth(index)).collect();
        let Some(first) = all.first() else { continue };
        let d = first.definition;
        let _ = write!(
            out,
            "<tbody><tr class=of><th colspan=6 scope=rowgroup><code>{}</code><span class=def>{}; sample: {}</span></th></tr>",
            d.key,
            escape(ticks_to_code(d.says).trim_end_matches('.')),
            escape(d.sample)
        );
        let target = view.record.provenance.targets.iter().find(|t| t.measure == d.key);
        for (w, (measure, world)) in all.iter().zip(view.worlds()).enumerate() {
            let dash = || "–".to_string();
            let value = measure.value().map_or_else(dash, |v| shown(d.unit, v));
            let change = match w {
                0 => String::new(),
                _ => first.value().zip(measure.value()).map_or_else(dash, |(b, v)| difference(d.unit, b, v)),
            };
            let target =
                if w == 0 { target_cell(d.unit, target, measure.value()) } else { "<td></td><td></td>".into() };
            let _ = write!(
                out,
                "<tr><th scope=row>{}</th><td class=num>{value}</td><td class=\"num diff\">{change}</td>{target}\
                 <td class=sample>{} / {}</td></tr>",
                escape(&world.name),
                grouped(measure.numerator),
                grouped(measure.denominator)
            );
        }
        out.push_str("</tbody>");
    }
    out + "</table>"
}

/// Balances of every account, each with a row a world.
pub(super) fn trial_balance(view: &View<'_>) -> String {
    let mut out = String::from(
        "<table><thead><tr><th>World</th><th class=num>opening</th><th class=num>closing</th></tr></thead>",
    );
    for (i, account) in Account::ALL.iter().enumerate() {
        let _ = write!(
            out,
            "<tbody><tr class=of><th colspan=3 scope=rowgroup><code>{}</code><span class=def>{}</span></th></tr>",
            account.path(),
            escape(account.meaning())
        );
        for world in view.worlds() {
            let balance = |of: &[i64]| yuan(of.get(i).copied().unwrap_or(0));
            let _ = write!(
                out,
                "<tr><th scope=row>{}</th><td class=num>{}</td><td class=num>{}</td></tr>",
                escape(&world.name),
                balance(&world.opening_balances_fen),
                balance(&world.closing_balances_fen)
            );
        }
        out.push_str("</tbody>");
    }
    out + "</table>"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::fixture;
    use crate::report::tables;
    use crate::results::tests::record;

    #[test]
    fn eight_worlds_have_a_row_each_and_two_a_column() {
        for (count, rows) in [(2, false), (8, true)] {
            let worlds = (0..count).map(|i| fixture::world(&format!("world-{i}"), 0.1 * f64::from(i))).collect();
            let record = record(worlds);
            let view = View::new(&record);
            for table in [tables::measures(&view, true), tables::trial_balance(&view)] {
                let head = table.split("</thead>").next().unwrap_or_default();
                let columns = head.matches("<th").count() - head.matches("<thead").count();
                assert!(columns <= 8, "{columns} columns for {count} worlds");
                assert_eq!(table.contains("<th scope=row>world-1</th>"), rows, "{count}");
            }
        }
    }
}
