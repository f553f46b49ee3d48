//! The answer of a load run's report, in sentences with numbers, from its summary alone. The page puts it first.

use super::capacity;
use super::latency::{time, time_or_unknown};
use crate::measure::latency::Operation;
use crate::measure::latency::{LoadObservations, ObjectiveOutcome, Standing};
use crate::report::Sentence;
use crate::report::numbers::{fixed, grouped, interval, or_dash, percent, percent_of, percent_or_dash, short_yuan};
use crate::results::load::{CapacityRecord, LoadRecord, Percentiles, Verdict};

fn say(topic: &'static str, text: String) -> Sentence {
    Sentence { topic, text }
}

/// What the run says, most important first; for a terminal, too.
pub(crate) fn answer(record: &LoadRecord) -> Vec<Sentence> {
    let mut out = vec![say("Verdict", verdict(record))];
    out.extend(capacity_answer(&record.capacity));
    out.extend([say("Rate", rate(record)), say("Latency", latency(record)), say("Lost", lost(record))]);
    out.extend(closes(record));
    out.push(say("Credit", credit(record)));
    out
}

/// What the run of a service that decides nothing says: how much all but the engine carries.
pub(crate) fn null_answer(o: &LoadObservations) -> Sentence {
    let decided = o.total.all_counts().decided() as f64 / o.measured_seconds;
    let p99_ms = o.total.all_latency_ns().value_at_quantile(0.99) as f64 / 1e6;
    let text = format!("A service that decides nothing answers {decided:.0} requests/s here, p99 {p99_ms:.2} ms.");
    say("Null service", text)
}

/// What capacity searches say: the rates and why not more, the worlds against the first, the laws. Empty without searches.
pub(crate) fn capacity_answer(searches: &[CapacityRecord]) -> Vec<Sentence> {
    if searches.is_empty() {
        return Vec::new();
    }
    let mut out = vec![say("Capacity", capacity::words(searches))];
    out.extend(capacity::worlds(searches).map(|text| say("Worlds", text)));
    let laws: Vec<String> = searches.iter().filter_map(capacity::law).collect();
    if !laws.is_empty() {
        out.push(say("Scalability", format!("{}.", laws.join("; "))));
    }
    out
}

fn verdict(record: &LoadRecord) -> String {
    let o = &record.observations;
    let of =
        |standing| -> Vec<&ObjectiveOutcome> { record.objectives.iter().filter(|o| o.standing == standing).collect() };
    let quoted = |list: &[&ObjectiveOutcome]| list.iter().map(|o| o.text.as_str()).collect::<Vec<_>>().join("; ");
    let (broken, unknown) = (of(Standing::Broken), of(Standing::NotKnown));
    let not_known =
        if unknown.is_empty() { String::new() } else { format!(" Too few samples to judge: {}.", quoted(&unknown)) };
    match record.verdict() {
        Verdict::Invalid => format!("INVALID, no measurement of the service: {}.", o.invalid_words().join("; ")),
        Verdict::Broken if !o.ledger_balanced => "broken: the books do not balance.".to_string(),
        Verdict::Broken => format!(
            "{} of {} objectives broken: {}.{not_known}",
            broken.len(),
            record.objectives.len(),
            quoted(&broken)
        ),
        Verdict::NotKnown => format!("no objective is broken, but not all can be judged.{not_known}"),
        Verdict::Holds => match record.objectives.len() {
            1 => format!("the objective holds: {}.", record.objectives[0].text),
            n => format!("all {n} objectives hold."),
        },
        Verdict::Measured => "the run states no objectives; it only measures.".to_string(),
    }
}

fn rate(record: &LoadRecord) -> String {
    let o = &record.observations;
    let counts = o.total.all_counts();
    let a_second = |n: u64| grouped((n as f64 / o.measured_seconds.max(1e-9)).round() as i128);
    format!(
        "{} user actors offered {} requests/s over {} s; {} messages/s were admitted and {} requests/s decided. Journal: {}. {}.",
        grouped(o.users.into()),
        a_second(counts.offered),
        fixed(o.measured_seconds, 0),
        a_second(counts.admitted),
        a_second(counts.decided()),
        o.journal.as_ref().map_or("nothing is written", |j| j.policy.as_str()),
        record.provenance.plan.placement
    )
}

fn latency(record: &LoadRecord) -> String {
    let total = &record.observations.total;
    let p = Percentiles::of(&total.all_latency_ns());
    let with_ends = p.p99_interval_ns.map_or_else(String::new, |(low, high)| {
        let ends = interval(&time(low as f64), &time(high as f64));
        format!(" (95 % interval {ends} if requests were independent)")
    });
    let margin = tightest(record).map_or_else(String::new, |o| {
        let value = o.observed.value.unwrap_or(o.bound);
        let (share, side) = (1.0 - value / o.bound, if value < o.bound { "below" } else { "above" });
        format!(" {} lies {} {side} its bound of {}.", o.text, percent(share.abs(), 0), time(o.bound))
    });
    let lag = Percentiles::of(&total.lag_ns);
    format!(
        "p99 from the intended start is {}{with_ends}, p50 {}, p99.9 {}, of {} requests.{margin} The generator's own lag is {} at p99.",
        time_or_unknown(p.p99_ns()),
        time_or_unknown(p.stated_ns[0]),
        time_or_unknown(p.stated_ns[3]),
        grouped(p.samples.into()),
        time_or_unknown(lag.p99_ns())
    )
}

/// The latency objective with the least room, among those with a value.
fn tightest(record: &LoadRecord) -> Option<&ObjectiveOutcome> {
    let judged = record.objectives.iter().filter(|o| o.unit == "ns" && o.observed.value.is_some());
    judged.max_by(|a, b| {
        let used = |o: &ObjectiveOutcome| o.observed.value.unwrap_or(0.0) / o.bound.max(1.0);
        used(a).total_cmp(&used(b))
    })
}

fn lost(record: &LoadRecord) -> String {
    let o = &record.observations;
    let counts = o.total.all_counts();
    if counts.errors() == 0 {
        return "Every request that ended was decided; no approval and no margin was lost.".to_string();
    }
    format!(
        "{} of {} requests ({}) ended without a decision, among them {} drawings of {} yuan: about {} approvals and {} yuan of margin; each millisecond of latency above the service time costs {} yuan a second.",
        grouped(counts.errors().into()),
        grouped(counts.offered.into()),
        percent_of(counts.errors(), counts.offered, 3),
        grouped(o.lost.drawings.into()),
        short_yuan(o.lost.amount_fen as f64 / 100.0),
        or_dash(o.lost.approvals, |n| grouped(n.round() as i128)),
        or_dash(o.lost.margin_fen, |fen| short_yuan(fen / 100.0)),
        or_dash(o.lost.margin_fen_per_ms, |fen| fixed(fen / 100.0, 2))
    )
}

fn closes(record: &LoadRecord) -> Option<Sentence> {
    let o = &record.observations;
    let longest = o.closes.iter().map(|c| c.total_ns).max()?;
    let slice = o.closes.iter().map(|c| c.longest_slice_ns).max()?;
    let cells = Percentiles::of(&o.total.of(Operation::CloseOfDay).latency_ns);
    Some(say(
        "Close of day",
        format!(
            "{} simulated days were closed under live traffic, the slowest in {}; {}, and no cell did nothing else for longer than {}.",
            o.closes.len(),
            time(longest as f64),
            cell_takes(cells.stated_ns[0]),
            time(slice as f64)
        ),
    ))
}

/// What the close of one cell takes.
fn cell_takes(median_ns: Option<u64>) -> String {
    median_ns.map_or_else(
        || "too few cells were closed to say what one takes".to_string(),
        |ns| format!("one cell takes {} (median)", time(ns as f64)),
    )
}

fn credit(record: &LoadRecord) -> String {
    let o = &record.observations;
    format!(
        "{} of drawings were approved on the wall clock, {} on the virtual clock in the month before; {} of principal was 30 or more days past due at the hand-over and {} at the end. {}",
        percent_or_dash(o.credit.wall_approval_rate, 2),
        percent_or_dash(o.credit.virtual_approval_rate, 2),
        percent_or_dash(o.credit.overdue_30_share, 2),
        percent_or_dash(o.credit.end_overdue_30_share, 2),
        if o.ledger_balanced { "The books balance." } else { "THE BOOKS DO NOT BALANCE." }
    )
}

#[cfg(test)]
mod tests {
    use super::cell_takes;

    #[test]
    fn what_a_cell_takes_is_said_or_why_it_is_not() {
        assert_eq!(cell_takes(Some(11_600)), "one cell takes 11.6 µs (median)");
        assert_eq!(cell_takes(None), "too few cells were closed to say what one takes");
    }
}
