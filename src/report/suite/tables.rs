//! The tables of a suite's page, every number with its interval. The workbook has the same with definitions.

use super::view::SuiteView;
use crate::report::html::{Head::Numbers, Head::Words, escape, table_head};
use crate::report::numbers::{change, fixed, grouped, percent, shown, with_interval, within};
use crate::results::load::Estimate;
use std::fmt::Write;

fn cell(measure: &str, estimate: Option<Estimate>) -> String {
    let text = estimate.map_or_else(|| "–".to_string(), |e| within(measure, e));
    format!("<td class=num>{}</td>", escape(&text))
}

fn change_cell(measure: &str, e: Estimate) -> String {
    format!("<td class=num>{}</td>", escape(&change(measure, e)))
}

/// Every world's loss: mean, quantiles, shortfalls.
pub(super) fn distributions(view: &SuiteView<'_>) -> String {
    let numbers = ["mean", "P80", "P95", "P99", "ES80", "ES95", "ES99"].map(Numbers);
    let mut out = table_head([Words("Path, policy")].into_iter().chain(numbers));
    let measure = view.loss();
    for (path, policy) in view.pairs() {
        let Some(d) = view.distribution(path, policy, measure) else { continue };
        let at = |share: f64, tails: &[crate::results::suite::TailEstimate]| {
            tails.iter().find(|t| t.share == share).and_then(|t| t.estimate)
        };
        let _ =
            write!(out, "<tr><th scope=row>{}, {}</th>{}", escape(path), escape(policy), cell(measure, Some(d.mean)));
        [0.8, 0.95, 0.99].iter().for_each(|share| out.push_str(&cell(measure, at(*share, &d.quantiles))));
        [0.8, 0.95, 0.99].iter().for_each(|share| out.push_str(&cell(measure, at(*share, &d.shortfalls))));
        out.push_str("</tr>");
    }
    out + "</tbody></table>"
}

/// Every paired difference.
pub(super) fn differences(view: &SuiteView<'_>) -> String {
    let mut out = table_head([
        Words("Path, policy"),
        Words("measure"),
        Numbers("first policy"),
        Numbers("difference"),
        Numbers("paired to unpaired"),
    ]);
    for d in &view.record.differences {
        let Some(p) = &d.paired else { continue };
        let _ = write!(
            out,
            "<tr><th scope=row>{}, {}</th><td><code>{}</code></td><td class=num>{}</td>{}<td class=num>{}</td></tr>",
            escape(&d.path),
            escape(&d.policy),
            escape(&d.measure),
            shown(&d.measure, p.base),
            change_cell(&d.measure, p.difference),
            p.ratio.map_or_else(|| "–".to_string(), |r| fixed(r, 2))
        );
    }
    out + "</tbody></table>"
}

/// Shares of variance.
pub(super) fn variances(view: &SuiteView<'_>) -> String {
    let mut out = table_head([
        Words("Path"),
        Words("measure"),
        Numbers("sd of common shocks"),
        Numbers("sd of luck"),
        Numbers("systematic share"),
    ]);
    for v in &view.record.variances {
        let Some(s) = &v.split else { continue };
        let share = |e: Estimate| with_interval(e, |share| percent(share, 0));
        let _ = write!(
            out,
            "<tr><th scope=row>{}</th><td><code>{}</code></td><td class=num>{}</td><td class=num>{}</td><td class=num>{}</td></tr>",
            escape(&v.path),
            escape(&v.measure),
            shown(&v.measure, s.systematic_variance.sqrt()),
            shown(&v.measure, s.idiosyncratic_variance.sqrt()),
            share(s.systematic_share)
        );
    }
    out + "</tbody></table>"
}

/// How the suite was made.
pub(super) fn facts(view: &SuiteView<'_>, hash: &str) -> String {
    let (p, t) = (&view.record.provenance, &view.record.timing);
    let rows = [
        ("Scenario", escape(&p.name)),
        ("Product", escape(&p.product_title)),
        ("Users", grouped(p.users.into())),
        ("Months", format!("{} counted from {}, after {} of warm-up", p.months, p.start, p.warmup_months)),
        ("Replications", format!("{} under seed {}", view.record.replications, p.seed)),
        ("Worlds", grouped(view.record.worlds.len() as i128)),
        ("Result hash", format!("<code>{hash}</code>")),
        ("Wall time", format!("{} s before writing, with {} workers", fixed(t.wall_seconds, 1), t.workers)),
        ("Peak memory", format!("{} MB", grouped(t.peak_mb().into()))),
        ("Machine", escape(&format!("{}, {} cores, {}", t.machine.cpu, t.machine.cores, t.machine.os))),
    ];
    let rows: Vec<_> = rows.into_iter().chain(crate::report::tables::origin(&p.origin)).collect();
    crate::report::tables::facts(&rows)
}
