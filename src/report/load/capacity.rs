//! The capacity search: latency and throughput against the offered rate, world beside world.

use super::latency::{P50, P99, log_axis, time};
use super::view::LoadView;
use crate::report::axis::Axis;
use crate::report::charts::Chart;
use crate::report::drawing::Drawing;
use crate::report::numbers::{fixed, grouped, percent, with_interval};
use crate::report::palette::{GAIN, GREY, INK, LOSS, series};
use crate::report::plot::{Key, Mark, Plot, columns_and_rows, panels, sheet};
use crate::results::load::{CapacityRecord, Estimate, ProbeRecord, ProbeVerdict, ServiceDemand, WorldDifference};

fn rate_axis(high: f64) -> Axis {
    Axis::number(0.0, high, "offered rate, requests a second")
}

fn height(worlds: usize) -> f64 {
    110.0 + 340.0 * columns_and_rows(worlds).1 as f64
}

/// The heading of a world's panel: what it carries.
fn heading(search: &CapacityRecord) -> String {
    let least = if search.at_least { "at least " } else { "" };
    let carries =
        search.carried_rate.map(|rate| format!("carries {least}{} requests/s", grouped(rate.round() as i128)));
    format!("{}: {}", search.world, carries.unwrap_or_else(|| "no rate was carried".to_string()))
}

/// The bracket of the answer as a band.
fn bracket(sheet: &mut Drawing, plot: &Plot, search: &CapacityRecord) {
    let Some(carried) = search.carried_rate else { return };
    let x = |rate: f64| plot.at(rate, 0.0).0;
    let (top, bottom) = (plot.panel.top, plot.panel.bottom);
    let (left, right) = (x(carried), search.broken_rate.map_or(x(carried) + 1.5, x));
    sheet.area(vec![(left, top), (right, top), (right, bottom), (left, bottom)], series(4), 0.3);
    sheet.line((left, top), (left, bottom), INK, 1.2);
}

fn dots(sheet: &mut Drawing, plot: &Plot, probes: &[ProbeRecord], of: impl Fn(&ProbeRecord) -> Option<f64>) {
    for probe in probes {
        if let Some(value) = of(probe) {
            let radius = if probe.phase == "confirm" { 6.5 } else { 4.2 };
            let at = plot.at(probe.offered_rate, value);
            match probe.verdict {
                ProbeVerdict::Carried => sheet.dot(at, radius, GAIN),
                ProbeVerdict::Broken => sheet.cross(at, radius, LOSS),
                ProbeVerdict::TooFew | ProbeVerdict::Invalid => sheet.ring(at, radius, GREY),
            }
        }
    }
}

fn in_order(probes: &[ProbeRecord]) -> Vec<&ProbeRecord> {
    let mut probes: Vec<_> = probes.iter().collect();
    probes.sort_by(|a, b| a.rate.total_cmp(&b.rate).then(a.offered_rate.total_cmp(&b.offered_rate)));
    probes
}

fn top_rate(view: &LoadView<'_>) -> f64 {
    view.record.capacity.iter().flat_map(|c| &c.probes).map(|p| p.offered_rate).fold(10.0, f64::max)
}

fn verdict_keys() -> [Key; 4] {
    [
        Key::new("carried (large: confirming run)", GAIN, Mark::Dot),
        Key::new("not carried", LOSS, Mark::Cross),
        Key::new("no evidence", GREY, Mark::Ring),
        Key::new("bracket", series(4), Mark::Square),
    ]
}

fn name_of(quantile: f64) -> String {
    let percent = quantile * 100.0;
    let decimals = (0..4).find(|&d| {
        let scale = [1.0, 10.0, 100.0, 1_000.0][d];
        ((percent * scale).round() / scale - percent).abs() < 1e-9
    });
    format!("p{}", fixed(percent, decimals.unwrap_or(4)))
}

/// The answer of the searches in a sentence or two.
pub(super) fn words(searches: &[CapacityRecord]) -> String {
    searches.iter().map(answer).collect::<Vec<_>>().join(". ") + "."
}

fn answer(s: &CapacityRecord) -> String {
    let Some(rate) = s.carried_rate else { return format!("{}: no rate was carried ({})", s.world, s.limited_by) };
    let least = if s.at_least { "at least " } else { "" };
    let rounded = |of: f64| grouped(of.round() as i128);
    let customers = s
        .active_customers
        .map_or_else(String::new, |c| format!(", the load of {least}{} active customers", rounded(c)));
    let confirmed = match s.confirmed {
        Some(true) => format!(", confirmed by a longer run{}", left_out(s, rate)),
        Some(false) => ", NOT confirmed by a longer run".to_string(),
        None => ", not confirmed by a longer run".to_string(),
    };
    let bracket = match s.broken_rate {
        Some(broken) => format!("; {} are not carried", rounded(broken)),
        None => "; the service failed at no rate".to_string(),
    };
    let what = if s.at_least { "What ended the search, and it was not the service" } else { "What gives way first" };
    let limited = if s.limited_by.is_empty() { String::new() } else { format!(". {what}: {}", s.limited_by) };
    let room = s.demand.filter(|_| s.at_least).map_or_else(String::new, |demand| format!(". {}", room(&demand)));
    format!("{} carries {least}{} requests/s{customers}{confirmed}{bracket}{limited}{room}", s.world, rounded(rate))
}

/// Seconds of the confirming run without a part in its verdict.
fn left_out(s: &CapacityRecord, rate: f64) -> String {
    let confirms = |p: &&ProbeRecord| p.phase == "confirm" && p.rate == rate && p.verdict == ProbeVerdict::Carried;
    let Some(run) = s.probes.iter().rev().find(confirms).filter(|p| p.late_seconds > 0) else { return String::new() };
    format!(
        " ({} of its {} s are left out, since the generator was late in them)",
        run.late_seconds,
        fixed(run.seconds, 0)
    )
}

/// What the service has left where it did not end its search.
fn room(demand: &ServiceDemand) -> String {
    let whole = |of: f64| grouped(of.round() as i128);
    let between = |of: Estimate| with_interval(of, whole);
    format!(
        "A decision costs {} ns of CPU there; the service's threads are {} busy, and would be full at {} requests/s if it went on to \
         cost as much: extrapolated, and latency gives way before",
        between(demand.cpu_ns_per_decision),
        percent(demand.busy_share.value, 0),
        between(demand.full_rate),
    )
}

/// Worlds against the first, with the reason for the difference; `None` for a single one.
pub(super) fn worlds(searches: &[CapacityRecord]) -> Option<String> {
    let one = |d: WorldDifference| {
        let change = d.rate_change.map_or_else(
            || "not comparable".to_string(),
            |change| {
                let sign = if change > 0.0 { "+" } else { "" };
                format!("{sign}{}", percent(change, 1))
            },
        );
        format!("{} against {}: {change} in requests/s. Reason: {}.", d.world, d.against, d.reason)
    };
    let all: Vec<String> = WorldDifference::all(searches).into_iter().map(one).collect();
    (!all.is_empty()).then(|| all.join(" "))
}

/// Throughput that bends by less than this share of the load within what was measured has no bend.
const NO_BEND: f64 = 0.001;

/// The law through the probes of a search, in words.
pub(super) fn law(search: &CapacityRecord) -> Option<String> {
    let law = search.law.as_ref()?;
    let at = law.extrapolated_from;
    let bend = law.sigma.high * at + law.kappa.high * at * at;
    if bend < NO_BEND {
        let at = grouped(at.round() as i128);
        return Some(format!(
            "law of {}: no bend up to {at} offered requests/s; by the upper limits of σ and κ contention and coherence take at most \
             {} there",
            search.world,
            percent(bend, 3)
        ));
    }
    let parameter = |e: Estimate| format!("{:.3e} ({:.3e} to {:.3e})", e.value, e.low, e.high);
    let beyond = grouped(law.extrapolated_from.round() as i128);
    let (sigma, kappa) = (parameter(law.sigma), parameter(law.kappa));
    Some(format!("law of {}: σ {sigma}, κ {kappa}, measured up to {beyond} offered requests/s", search.world))
}

/// Latency against the offered rate.
pub(super) fn latency(view: &LoadView<'_>) -> Chart {
    let searches = &view.record.capacity;
    let quantile = searches.first().map_or_else(|| "p99".to_string(), |s| name_of(s.quantile));
    let keys = [Key::new(quantile.clone(), P99, Mark::Line), Key::new("p50", P50, Mark::Line)];
    let keys = Key::numbered(keys.into());
    let objective = searches.first().map(|s| time(s.below_ns as f64)).unwrap_or_default();
    let mut legend = keys.clone();
    legend.push(Key::new(format!("objective: {quantile} below {objective}"), LOSS, Mark::Dashes));
    legend.extend(verdict_keys());
    let mut sheet = sheet(height(searches.len()), "Latency against the offered rate", &view.subtitle, &legend);
    let probes = || searches.iter().flat_map(|s| &s.probes);
    let values = || probes().flat_map(|p| [p.p50_ns, p.quantile_ns]).flatten().map(|n| n as f64);
    let bounds = searches.iter().map(|s| s.below_ns as f64);
    let high = values().chain(bounds).fold(1e3, f64::max);
    let low = values().fold(high / 2.0, f64::min);
    for (search, panel) in searches.iter().zip(panels(&sheet, searches.len())) {
        let y = log_axis(low, high, "time from the intended start (log scale)");
        let plot = Plot::new(&mut sheet, panel.beside_numbers(2), &heading(search), rate_axis(top_rate(view)), y);
        bracket(&mut sheet, &plot, search);
        let bound = Some((search.below_ns.max(1) as f64).log10());
        plot.series(&mut sheet, &[(0.0, bound), (top_rate(view), bound)], LOSS, true);
        let log = |ns: Option<u64>| ns.map(|n| (n.max(1) as f64).log10());
        let ordered = in_order(&search.probes);
        let line = |of: fn(&ProbeRecord) -> Option<u64>| -> Vec<_> {
            let at_one_rate = ordered.chunk_by(|a, b| a.rate == b.rate);
            at_one_rate.filter_map(|probes| median(probes, of)).map(|(rate, ns)| (rate, log(Some(ns)))).collect()
        };
        plot.lines(&mut sheet, [line(|p| p.quantile_ns), line(|p| p.p50_ns)].into_iter().zip(&keys));
        dots(&mut sheet, &plot, &search.probes, |p| log(p.quantile_ns));
    }
    Chart {
        slug: "capacity-latency",
        section: "Capacity",
        takeaway: words(searches),
        definition: "Every dot is a probe; the lines join the medians of those at one rate that are evidence. A rate is carried when latency at the objective's quantile, errors, approval rate, the balance of the books and the pace of the service all hold in most of its probes; the backlog is drained between probes. A grey ring: a probe that measured its own generator, or too little, and is no evidence. The band lies between the highest rate that was carried and the lowest above it at which the service failed.",
        drawing: sheet,
    }
}

/// Offered rate and time of the median probe among those that are evidence about the service; `None` when none is.
fn median(probes: &[&ProbeRecord], of: fn(&ProbeRecord) -> Option<u64>) -> Option<(f64, u64)> {
    let evidence = probes.iter().filter(|p| matches!(p.verdict, ProbeVerdict::Carried | ProbeVerdict::Broken));
    let mut times: Vec<(u64, f64)> = evidence.filter_map(|p| of(p).map(|ns| (ns, p.offered_rate))).collect();
    times.sort_by_key(|(ns, _)| *ns);
    times.get(times.len() / 2).map(|(ns, rate)| (*rate, *ns))
}

/// Decided against offered rate with the fitted law.
pub(super) fn throughput(view: &LoadView<'_>) -> Chart {
    let searches = &view.record.capacity;
    let mut legend = vec![
        Key::new("scalability law", series(0), Mark::Line),
        Key::new("… extrapolated", series(0), Mark::Dashes),
        Key::new("all decided", GREY, Mark::Dashes),
    ];
    legend.extend(verdict_keys());
    let mut sheet = sheet(height(searches.len()), "Decided against offered rate", &view.subtitle, &legend);
    let curves = || searches.iter().filter_map(|s| s.law.as_ref()).flat_map(|l| &l.curve);
    let right = curves().map(|p| p.offered_rate).fold(top_rate(view), f64::max).min(top_rate(view) * 1.4);
    let decided = searches.iter().flat_map(|s| &s.probes).map(|p| p.decided_rate).fold(10.0, f64::max);
    let top = curves().filter(|p| p.offered_rate <= right).map(|p| p.decided_rate.high).fold(decided, f64::max);
    let top = top.min(decided * 1.8);
    for (search, panel) in searches.iter().zip(panels(&sheet, searches.len())) {
        let y = Axis::number(0.0, top, "decided, requests a second");
        let plot = Plot::new(&mut sheet, panel, &heading(search), rate_axis(right), y);
        if let Some(law) = &search.law {
            let shown: Vec<_> = law.curve.iter().filter(|p| p.offered_rate <= right).collect();
            let edge = |of: fn(&Estimate) -> f64| -> Vec<_> {
                shown.iter().map(|p| plot.at(p.offered_rate, of(&p.decided_rate))).collect()
            };
            let mut outline = edge(|e| e.high);
            outline.extend(edge(|e| e.low).into_iter().rev());
            if outline.len() > 2 {
                sheet.area(outline, series(0), 0.14);
            }
        }
        bracket(&mut sheet, &plot, search);
        let end = right.min(top);
        plot.series(&mut sheet, &[(0.0, Some(0.0)), (end, Some(end))], GREY, true);
        if let Some(law) = &search.law {
            let part = |beyond: bool| -> Vec<_> {
                let shown = law.curve.iter().filter(|p| p.offered_rate <= right);
                let side = shown.filter(|p| (p.offered_rate > law.extrapolated_from) == beyond);
                side.map(|p| (p.offered_rate, Some(p.decided_rate.value))).collect()
            };
            plot.series(&mut sheet, &part(false), series(0), false);
            plot.series(&mut sheet, &part(true), series(0), true);
        }
        dots(&mut sheet, &plot, &search.probes, |p| Some(p.decided_rate));
    }
    let fitted = searches.iter().filter_map(law).collect::<Vec<_>>().join("; ");
    Chart {
        slug: "capacity-throughput",
        section: "Capacity",
        takeaway: if fitted.is_empty() {
            "Too few probes for a law of throughput.".to_string()
        } else {
            format!("The fitted law, with 95 % intervals: {fitted}.")
        },
        definition: "Universal Scalability Law X(N) = λN / (1 + σ(N − 1) + κN(N − 1)) through the probes that measured the service, with its 95 % band; dashed beyond the highest probe, where nothing was measured. Grey: every offered request decided.",
        drawing: sheet,
    }
}
