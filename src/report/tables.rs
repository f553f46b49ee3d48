//! The tables of a run's page, from its record. The workbook of a suite and the pages of load runs have their own.

mod cells;
mod rows;

use super::html::escape;
use super::numbers::{fixed, grouped};
use super::view::View;
use crate::measure::Measure;
use crate::measure::words::Account;
use crate::results::Origin;
use cells::{difference, shown, target_cell, ticks_to_code, yuan};
use std::fmt::Write;

/// The measures that `result.json` promises come first; the others are details.
const KEY_MEASURES: usize = 24;

fn measure_row(view: &View<'_>, index: usize, out: &mut String) {
    let all: Vec<&Measure> = view.measures.iter().filter_map(|m| m.iter().nth(index)).collect();
    let Some(base) = all.first() else { return };
    let d = base.definition;
    let _ = write!(
        out,
        "<tr><th scope=row><code>{}</code><span class=def>{}</span></th>",
        d.key,
        escape(&ticks_to_code(d.says))
    );
    for (w, m) in all.iter().enumerate() {
        let value = m.value().map_or_else(|| "–".to_string(), |v| shown(d.unit, v));
        let _ = write!(out, "<td class=num>{value}</td>");
        if w > 0 {
            let change = base.value().zip(m.value()).map_or_else(|| "–".to_string(), |(b, v)| difference(d.unit, b, v));
            let _ = write!(out, "<td class=\"num diff\">{change}</td>");
        }
    }
    let target = view.record.provenance.targets.iter().find(|t| t.measure == d.key);
    out.push_str(&target_cell(d.unit, target, base.value()));
    let _ = write!(
        out,
        "<td class=sample>{} / {}<span class=def>{}</span></td></tr>",
        grouped(base.numerator),
        grouped(base.denominator),
        escape(d.sample)
    );
}

/// The measures of all worlds: key ones, or the others.
pub(super) fn measures(view: &View<'_>, key_ones: bool) -> String {
    let count = view.measures.first().map_or(0, |m| m.iter().count());
    let range = if key_ones { 0..KEY_MEASURES.min(count) } else { KEY_MEASURES.min(count)..count };
    if rows::many(view) {
        return rows::measures(view, range);
    }
    let mut out = String::from("<table><thead><tr><th>Measure and definition</th>");
    for (w, world) in view.worlds().iter().enumerate() {
        let _ = write!(out, "<th class=num>{}</th>", escape(&world.name));
        if w > 0 {
            out.push_str("<th class=num>difference</th>");
        }
    }
    let base = view.worlds().first().map_or("", |w| w.name.as_str());
    let base = escape(base);
    let _ = write!(out, "<th>target</th><th>{base} is</th><th>sample of {base}</th></tr></thead><tbody>");
    range.for_each(|i| measure_row(view, i, &mut out));
    out + "</tbody></table>"
}

/// Balances of all accounts, opening and closing, by world.
pub(super) fn trial_balance(view: &View<'_>) -> String {
    if rows::many(view) {
        return rows::trial_balance(view);
    }
    let mut out = String::from("<table><thead><tr><th>Account</th>");
    for world in view.worlds() {
        let name = escape(&world.name);
        let _ = write!(out, "<th class=num>{name}, opening</th><th class=num>{name}, closing</th>");
    }
    out.push_str("</tr></thead><tbody>");
    for (i, account) in Account::ALL.iter().enumerate() {
        let _ = write!(
            out,
            "<tr><th scope=row><code>{}</code><span class=def>{}</span></th>",
            account.path(),
            escape(account.meaning())
        );
        for world in view.worlds() {
            for fen in [world.opening_balances_fen.get(i), world.closing_balances_fen.get(i)] {
                let _ = write!(out, "<td class=num>{}</td>", yuan(fen.copied().unwrap_or(0)));
            }
        }
        out.push_str("</tr>");
    }
    out + "</tbody></table>"
}

/// How the run was made: from `timing.json` and the provenance.
pub(super) fn provenance(view: &View<'_>, hash: &str) -> String {
    let (p, t) = (&view.record.provenance, &view.record.timing);
    let rows = [
        ("Scenario", escape(&p.name)),
        ("Product", escape(&p.product_title)),
        ("Users", grouped(p.users.into())),
        ("Months", format!("{} counted from {}, after {} of warm-up", p.months, p.start, p.warmup_months)),
        ("Seed", format!("{}, replication {}", p.seed, p.replication)),
        ("Result hash", format!("<code>{hash}</code>")),
        ("Events", format!("{} ({} a second)", grouped(t.events.into()), grouped(t.events_per_second as i128))),
        ("Money commands a second", grouped(t.money_commands_per_second as i128)),
        ("User-days a second", grouped(t.user_days_per_second as i128)),
        ("Wall time", format!("{} s before writing, with {}", fixed(t.wall_seconds, 1), t.workers_in_words())),
        ("Peak memory", format!("{} MB", grouped(t.peak_mb().into()))),
        ("Machine", escape(&format!("{}, {} cores, {}", t.machine.cpu, t.machine.cores, t.machine.os))),
    ];
    facts(&rows.into_iter().chain(origin(&p.origin)).collect::<Vec<_>>())
}

/// Where a result comes from, as rows of [`facts`].
pub(super) fn origin(origin: &Origin) -> Vec<(&'static str, String)> {
    let origin_rows = origin.in_words().into_iter();
    origin_rows
        .map(|(name, said)| {
            let said = escape(&said);
            (name, if name == "Made again by" { format!("<code>{said}</code>") } else { said })
        })
        .collect()
}

/// A table of names and values, the values as HTML.
pub(super) fn facts(rows: &[(&str, String)]) -> String {
    let mut out = String::from("<table class=facts><tbody>");
    for (name, value) in rows {
        let _ = write!(out, "<tr><th scope=row>{name}</th><td>{value}</td></tr>");
    }
    out + "</tbody></table>"
}
