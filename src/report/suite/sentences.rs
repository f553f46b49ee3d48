//! The answer of a suite's report: what it says, each number with its interval, from its record alone. The page puts it first, the
//! workbook too. Sentences about one part of a suite stand with that part (`risk`, `sensitivity`).

use super::view::SuiteView;
use crate::report::numbers::{about_the_same, change, percent, shown, with_interval, within};
use crate::report::sentences::Sentence;
use crate::results::suite::{SuiteRecord, TailEstimate};

fn say(topic: &'static str, text: String) -> Sentence {
    Sentence { topic, text }
}

/// The last of some tail statistics that the sample carries.
pub(super) fn carried(tails: &[TailEstimate]) -> Option<(f64, crate::results::load::Estimate)> {
    tails.iter().rev().find_map(|t| t.estimate.map(|e| (t.share, e)))
}

/// The sentences, for a page and a terminal.
pub(crate) fn answer(record: &SuiteRecord) -> Vec<Sentence> {
    let view = SuiteView::new(record);
    let mut sentences: Vec<Sentence> = [loss(&view), tail(&view), common(&view)].into_iter().flatten().collect();
    sentences.extend(super::risk::sentences(&view));
    sentences.extend(policies(&view));
    sentences.extend(record.reverse.iter().map(|r| {
        let limit = shown(&r.measure, r.limit);
        let text = format!(
            "{} {} {limit} on the way from {} (k = 0) through {} (k = 1) and beyond: {}.",
            r.measure, r.breaks, r.base, r.severe, r.says
        );
        say("Reverse stress", text)
    }));
    sentences.extend(record.sensitivity.iter().map(|s| say("Assumptions", super::sensitivity::answer(s))));
    sentences
}

fn loss(view: &SuiteView<'_>) -> Option<Sentence> {
    let (path, d) = view.worst()?;
    let (first, policy) = (view.record.paths.first()?, view.record.policies.first()?);
    let base = view.distribution(first, policy, view.loss())?;
    let text = if path == first {
        format!("{} is {} on {path}.", view.loss(), within(view.loss(), d.mean))
    } else {
        let alike = about_the_same(d.mean.value, base.mean.value, 0.0001);
        format!(
            "{} is {}{} on {path} against {} on {first}, means over replications with 95 % intervals.",
            view.loss(),
            if alike { "about the same on every path: " } else { "" },
            within(view.loss(), d.mean),
            within(view.loss(), base.mean)
        )
    };
    Some(say("Loss", text))
}

fn tail(view: &SuiteView<'_>) -> Option<Sentence> {
    let (path, d) = view.worst()?;
    let measure = view.loss();
    let stated = |name: &str, tails: &[TailEstimate]| {
        carried(tails).map(|(share, e)| format!("{name}{:.0} {}", share * 100.0, within(measure, e)))
    };
    let parts: Vec<String> = [stated("P", &d.quantiles), stated("ES", &d.shortfalls)].into_iter().flatten().collect();
    let missing: Vec<String> =
        d.quantiles.iter().filter(|q| q.estimate.is_none()).map(|q| format!("P{:.0}", q.share * 100.0)).collect();
    let not = match missing.join(", ") {
        none if none.is_empty() => String::new(),
        some => format!("; not stated, since {} replications do not carry it: {some}", d.replications),
    };
    (!parts.is_empty()).then(|| say("Tail", format!("on {path}: {}{not}.", parts.join(", "))))
}

fn common(view: &SuiteView<'_>) -> Option<Sentence> {
    let v = view.record.variances.iter().find(|v| v.measure == view.loss())?;
    let split = v.split.as_ref()?;
    let text = format!(
        "of the variance of {} on {} common shocks make {}; the rest is everybody's own luck.",
        v.measure,
        v.path,
        with_interval(split.systematic_share, |share| percent(share, 0))
    );
    Some(say("Common shocks", text))
}

/// What each policy does to the loss on the worst path, with what it costs in approvals and profit; what the tests of the whole
/// path do not tell from chance is marked.
fn policies(view: &SuiteView<'_>) -> Vec<Sentence> {
    let Some((path, _)) = view.worst() else { return Vec::new() };
    let of = |policy: &str, measure: &str| {
        let all = view.record.differences.iter().filter(|d| d.path == path && d.policy == policy);
        all.into_iter().find(|d| d.measure == measure).and_then(|d| d.paired.as_ref())
    };
    let sentence = |policy: &String| {
        let parts = [view.loss(), "application_approval_rate", "profit_yuan"].into_iter().filter_map(|measure| {
            let p = of(policy, measure)?;
            let open = if p.differs() { "" } else { " (not told from chance)" };
            Some(format!("{measure} {}{open}", change(measure, p.difference)))
        });
        let parts: Vec<String> = parts.collect();
        (!parts.is_empty()).then(|| say("Policy", format!("{policy} on {path}: {}.", parts.join("; "))))
    };
    view.record.policies.iter().skip(1).filter_map(sentence).collect()
}
