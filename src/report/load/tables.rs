//! Tables of the page of a load run, from its summary. They state no number that the directory does not hold.

use super::latency::{time, time_or_unknown};
use crate::measure::latency::{Operation, OperationCounts, Standing};
use crate::report::html::escape;
use crate::report::numbers::{fixed, grouped, percent, percent_or_dash};
use crate::results::load::{
    ALL, CLOCK, CapacityRecord, Figure, LoadRecord, Percentiles, ProbeVerdict, WorldFigures, observed_words,
};
use hdrhistogram::Histogram;
use std::fmt::Write;

/// Objectives and how they stand.
pub(super) fn objectives(record: &LoadRecord) -> String {
    if record.objectives.is_empty() {
        return "<p class=note>The scenario states none.</p>".to_string();
    }
    let mut out = String::from("<table><thead><tr><th>Objective<th>Stands<th>Observed</tr></thead><tbody>");
    for o in &record.objectives {
        let class = match o.standing {
            Standing::Holds => "holds",
            Standing::Broken => "broken",
            Standing::NotKnown => "unknown",
        };
        // Writing to a String cannot fail.
        let _ = write!(
            out,
            "<tr><th>{}</th><td class={class}>{}</td><td>{}</td></tr>",
            escape(&o.text),
            o.standing.name(),
            escape(&observed_words(o))
        );
    }
    out + "</tbody></table>"
}

/// Counts and percentiles by operation.
pub(super) fn operations(record: &LoadRecord) -> String {
    let heads = [
        "Operation",
        "Offered",
        "Decided",
        "Approved",
        "Declined",
        "Shed",
        "Late",
        "Unavail.",
        "Aband.",
        "Retried",
        "Unsent",
    ];
    let mut counts_table = head(&heads);
    let heads = ["Operation", "Samples", "p50", "p90", "p99", "p99.9", "p99.99", "max", "Service p50", "Service p99"];
    let mut times_table = head(&heads);
    let total = &record.observations.total;
    let all = (ALL, total.all_counts(), total.all_latency_ns(), total.all_service_ns());
    let each = Operation::ALL.into_iter().map(|operation| {
        let part = total.of(operation);
        (operation.name(), part.counts, part.latency_ns.clone(), part.service_ns.clone())
    });
    for (name, counts, latency, service) in std::iter::once(all).chain(each) {
        if name != Operation::CloseOfDay.name() {
            count_row(&mut counts_table, name, &counts);
        }
        time_row(&mut times_table, name, &latency, &service);
    }
    format!("{counts_table}</tbody></table><br>{times_table}</tbody></table>")
}

fn head(names: &[&str]) -> String {
    let mut out = String::from("<table class=wide><thead><tr>");
    for (i, name) in names.iter().enumerate() {
        let _ = write!(out, "<th{}>{name}</th>", if i > 0 { " class=num" } else { "" });
    }
    out + "</tr></thead><tbody>"
}

fn count_row(out: &mut String, name: &str, c: &OperationCounts) {
    let numbers = [
        c.offered,
        c.decided(),
        c.approved,
        c.declined,
        c.shed,
        c.late,
        c.unavailable,
        c.abandoned,
        c.retried,
        c.unsent,
    ];
    let _ = write!(out, "<tr><td>{name}</td>");
    numbers.iter().for_each(|n| {
        let _ = write!(out, "<td class=num>{}</td>", grouped((*n).into()));
    });
    out.push_str("</tr>");
}

fn time_row(out: &mut String, name: &str, latency: &Histogram<u64>, service: &Histogram<u64>) {
    let (l, s) = (Percentiles::of(latency), Percentiles::of(service));
    let _ = write!(out, "<tr><td>{name}</td><td class=num>{}</td>", grouped(l.samples.into()));
    for ns in l.stated_ns.into_iter().chain([l.max_ns, s.stated_ns[0], s.stated_ns[2]]) {
        let text = if ns.is_some() { time_or_unknown(ns) } else { "–".to_string() };
        let _ = write!(out, "<td class=num>{text}</td>");
    }
    out.push_str("</tr>");
}

/// Probes of the capacity searches.
pub(super) fn probes(record: &LoadRecord) -> String {
    let mut out =
        head(&["World and probe", "Offered/s", "Decided/s", "p50", "At quantile", "Errors", "Approved", "Verdict"]);
    for search in &record.capacity {
        for p in &search.probes {
            let reasons = escape(&p.reasons.join("; "));
            let (class, verdict) = match p.verdict {
                ProbeVerdict::Carried => ("holds", "carried".to_string()),
                ProbeVerdict::Broken => ("broken", reasons),
                ProbeVerdict::TooFew | ProbeVerdict::Invalid => ("", format!("no evidence: {reasons}")),
            };
            let left_out = match p.late_seconds {
                0 => String::new(),
                late => format!(", {late} left out"),
            };
            let _ = write!(
                out,
                "<tr><td>{}: {}, {} s{left_out}</td><td class=num>{}</td><td class=num>{}</td><td class=num>{}</td>\
                 <td class=num>{}</td><td class=num>{}</td><td class=num>{}</td><td class=\"num {class}\">{verdict}</td></tr>",
                escape(&search.world),
                escape(&p.phase),
                fixed(p.seconds, 0),
                grouped(p.offered_rate.round() as i128),
                grouped(p.decided_rate.round() as i128),
                time_or_unknown(p.p50_ns),
                time_or_unknown(p.quantile_ns),
                percent_or_dash(p.error_share, 3),
                percent_or_dash(p.approval_rate, 2)
            );
        }
    }
    out + "</tbody></table>"
}

/// Worlds of a capacity search side by side: what they carry, and what a decision costs in them.
pub(super) fn worlds(searches: &[CapacityRecord]) -> String {
    let titles: Vec<String> = searches.iter().map(|search| escape(&search.world)).collect();
    let titles: Vec<&str> = std::iter::once("").chain(titles.iter().map(String::as_str)).collect();
    let mut out = head(&titles);
    let mut row = |name: &str, cells: Vec<String>| {
        let cells: String = cells.into_iter().map(|cell| format!("<td class=num>{cell}</td>")).collect();
        let _ = write!(out, "<tr><td>{name}</td>{cells}</tr>");
    };
    let dash = || "–".to_string();
    let bound = |search: &CapacityRecord, of: Option<f64>| {
        let least = if search.at_least { "≥ " } else { "" };
        of.map_or_else(dash, |of| format!("{least}{}", grouped(of.round() as i128)))
    };
    row("Requests/s carried", searches.iter().map(|s| bound(s, s.carried_rate)).collect());
    row("Active customers", searches.iter().map(|s| bound(s, s.active_customers)).collect());
    let lines: Vec<Vec<Figure>> =
        searches.iter().map(|s| s.figures.as_ref().map(Figure::all).unwrap_or_default()).collect();
    for (position, figure) in Figure::all(&WorldFigures::default()).into_iter().enumerate() {
        row(figure.name, lines.iter().map(|line| line.get(position).map_or_else(dash, shown)).collect());
    }
    for &operation in Operation::REQUESTS {
        let of = |search: &CapacityRecord| {
            let list = search.figures.iter().flat_map(|figures| &figures.operations);
            let found = list.into_iter().find(|of| of.operation == operation.name());
            found.map(|of| format!("{} of the decisions, {} each", percent(of.share, 1), time(of.service_ns_mean)))
        };
        let cells: Vec<Option<String>> = searches.iter().map(of).collect();
        if cells.iter().any(Option::is_some) {
            row(&format!("… {}", operation.name()), cells.into_iter().map(|cell| cell.unwrap_or_else(dash)).collect());
        }
    }
    out + "</tbody></table>"
}

fn shown(figure: &Figure) -> String {
    let Some(value) = figure.value else { return "–".to_string() };
    match figure.unit {
        "share" => percent(value, 2),
        "ns" => time(value),
        "/hour" => fixed(value, 3),
        _ => fixed(value, 1),
    }
}

/// What was run, on what.
pub(super) fn facts(record: &LoadRecord) -> String {
    let (p, o) = (&record.provenance, &record.observations);
    let plan = &p.plan;
    let m = &record.machine;
    let journal = o.journal.as_ref().map(|j| {
        let commit = Percentiles::of(&j.commit_ns);
        format!(
            "{} records in {} commits ({} MB), commit p50 {}, p99 {}, {} snapshots",
            grouped(j.records.into()),
            grouped(j.commits.into()),
            fixed(j.bytes as f64 / 1e6, 1),
            time_or_unknown(commit.stated_ns[0]),
            time_or_unknown(commit.p99_ns()),
            j.snapshots
        )
    });
    let rows = [
        ("Clock", CLOCK.to_string()),
        ("Scenario", format!("{}, seed {}, replication {}", p.name, p.seed, p.replication)),
        (
            "World",
            format!(
                "{}, {} users in {} cells, {} actors of hosts and merchants",
                o.world, o.users, o.cells, o.counterparty_actors
            ),
        ),
        ("Hand-over", format!("{}; simulated time went from {} to {}", plan.hand_over, o.from, o.until)),
        ("Load", plan.shape.clone()),
        ("Arrivals", plan.arrivals.clone()),
        ("Users", plan.users.clone()),
        ("Placement", plan.placement.clone()),
        ("Durability", plan.durability.clone()),
        ("Journal", journal.unwrap_or_else(|| "none".to_string())),
        ("Limits", plan.limits.clone()),
        ("Stalls put in", plan.stalls.clone()),
        ("Measured", format!("{} s after {} s of warm-up", fixed(o.measured_seconds, 1), fixed(o.warmup_seconds, 1))),
        ("State at the end", o.state_hash.clone()),
        ("Machine", format!("{}, {} cores, {} GB, {}", m.cpu, m.cores, m.memory_bytes >> 30, m.os)),
    ];
    let origin_rows = p.origin.in_words().into_iter().filter(|(name, _)| *name != "Clock");
    let mut out = String::from("<table class=facts><tbody>");
    for (name, text) in rows.into_iter().chain(origin_rows) {
        let _ = write!(out, "<tr><th>{name}</th><td>{}</td></tr>", escape(&text));
    }
    out + "</tbody></table>"
}
