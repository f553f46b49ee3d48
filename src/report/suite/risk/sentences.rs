//! What the risk views say, a sentence each, for the answer of the page and the terminal.

use super::super::view::SuiteView;
use crate::report::numbers::{change, fixed, percent, with_interval};
use crate::report::sentences::Sentence;

/// The sentences of the answer.
pub(crate) fn sentences(view: &SuiteView<'_>) -> Vec<Sentence> {
    let say = |topic: &'static str, text: Option<String>| text.map(|text| Sentence { topic, text });
    [say("Where the loss comes from", attribution(view)), say("Early warning", early(view))]
        .into_iter()
        .flatten()
        .collect()
}

/// What the change of the loss is made of.
pub(super) fn attribution(view: &SuiteView<'_>) -> Option<String> {
    let a = view.record.risk.attributions.iter().find(|a| a.measure == view.loss())?;
    let all = a.parts.first()?;
    let part = |p: &crate::results::suite::AttributionPart| {
        let share = p.share.map_or_else(String::new, |share| format!(" or {}", percent(share, 0)));
        format!("{} {}{share}", p.factor.replace('_', " "), change(&a.measure, p.effect))
    };
    let parts: Vec<String> = a.parts[1..].iter().map(part).collect();
    Some(format!(
        "{} under {} changes {} by {} against {}; switched off in turn: {}.",
        a.path,
        a.policy,
        a.measure,
        change(&a.measure, all.effect),
        a.base,
        parts.join(", ")
    ))
}

/// The indicators that led the write-offs by most on the worst path.
pub(super) fn early(view: &SuiteView<'_>) -> Option<String> {
    let path = view.worst()?.0;
    let tried = || view.record.risk.early.iter().filter(|e| e.path == path && e.loss == "write-offs");
    let mut led: Vec<_> = tried().filter(|e| e.leads).collect();
    tried().next()?;
    led.sort_by(|a, b| b.lead_months.value.total_cmp(&a.lead_months.value));
    let one = |e: &&crate::results::suite::EarlyWarning| {
        format!("{} by {} months", e.indicator, with_interval(e.lead_months, |months| fixed(months, 0)))
    };
    let words: Vec<String> = led.iter().take(5).map(one).collect();
    Some(match words.join(", ") {
        none if none.is_empty() => {
            format!("on {path} none of {} indicators that were tried led the write-offs.", tried().count())
        }
        some => format!(
            "on {path}, {} of {} indicators that were tried led the write-offs, each by its own intervals, not corrected for their number; furthest ahead: {some}.",
            led.len(),
            tried().count()
        ),
    })
}
