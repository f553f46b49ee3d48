//! Objectives as JUnit test cases, for build servers.

use super::{CLOCK, LoadRecord};
use crate::measure::latency::{ObjectiveOutcome, Standing};
use std::fmt::Write;

/// Text inside XML: markup escaped, characters that XML 1.0 does not know replaced.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            // In attributes a plain line break would come back as a space.
            '\n' | '\r' | '\t' => {
                let _ = write!(out, "&#{};", u32::from(c));
            }
            c if c < ' ' || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// An observed value against its bound, in words.
pub(crate) fn observed_words(outcome: &ObjectiveOutcome) -> String {
    let show = |value: f64| match outcome.unit {
        "ns" => format!("{:.3} ms", value / 1e6),
        "share" => format!("{:.4} %", value * 100.0),
        _ => format!("{value:.1}/s"),
    };
    let samples = outcome.observed.samples;
    let value = match outcome.observed.value {
        Some(value) if outcome.standing == Standing::NotKnown => {
            format!("{}, but {samples} samples are too few,", show(value))
        }
        Some(value) => format!("{} of {samples} samples", show(value)),
        None => format!("{samples} samples are too few"),
    };
    let windows = match (outcome.judged + outcome.unknown, outcome.first_broken_at_ms) {
        (0 | 1, _) => String::new(),
        (n, None) => format!("; {} of {n} windows judged", outcome.judged),
        (n, Some(at)) => {
            format!("; {} of {n} windows broke it, the first at {} s", outcome.broken, at as f64 / 1e3)
        }
    };
    format!("{value} against {}{windows}", show(outcome.bound))
}

/// The text of `junit.xml`. Validity of the measurement and balance of the books are cases too.
pub(super) fn text(record: &LoadRecord) -> String {
    let o = &record.observations;
    let mut cases = vec![
        (
            "the run is a measurement of the service".to_string(),
            Some(o.invalid_words().join("; ")).filter(|w| !w.is_empty()),
            None,
        ),
        (
            "the books balance at every close and at the end".to_string(),
            (!o.ledger_balanced).then(|| "a ledger or a control account is off".to_string()),
            None,
        ),
    ];
    for outcome in &record.objectives {
        let words = observed_words(outcome);
        let (failure, skipped) = match outcome.standing {
            Standing::Holds => (None, None),
            Standing::Broken => (Some(words), None),
            Standing::NotKnown => (None, Some(words)),
        };
        cases.push((outcome.text.clone(), failure, skipped));
    }
    let failures = cases.iter().filter(|c| c.1.is_some()).count();
    let skipped = cases.iter().filter(|c| c.2.is_some()).count();
    let name = escape(&record.provenance.name);
    let time = o.measured_seconds;
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let head = format!(
        "tests=\"{}\" failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\" time=\"{time:.3}\"",
        cases.len()
    );
    // Writing to a String cannot fail.
    let _ = writeln!(out, "<testsuites {head}>\n  <testsuite name=\"yuefu load {name}\" {head}>");
    let origin_rows = record.provenance.origin.in_words().into_iter().filter(|(name, _)| *name != "Clock");
    let properties: String = std::iter::once(("Clock", CLOCK.to_string()))
        .chain(origin_rows)
        .map(|(name, said)| {
            let key = name.to_lowercase().replace(' ', "_");
            format!("<property name=\"{key}\" value=\"{}\"/>", escape(&said))
        })
        .collect();
    let _ = writeln!(out, "    <properties>{properties}</properties>");
    for (case, failure, skipped) in &cases {
        let _ =
            write!(out, "    <testcase classname=\"yuefu.load.{name}\" name=\"{}\" time=\"{time:.3}\"", escape(case));
        let _ = match (failure, skipped) {
            (Some(words), _) => writeln!(out, "><failure message=\"{}\"/></testcase>", escape(words)),
            (None, Some(words)) => writeln!(out, "><skipped message=\"{}\"/></testcase>", escape(words)),
            (None, None) => writeln!(out, "/>"),
        };
    }
    out.push_str("  </testsuite>\n</testsuites>\n");
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn markup_and_forbidden_characters_are_escaped() {
        let text = super::escape("p99 < \"5ms\" & 'so'\non > \u{1}月");
        assert_eq!(text, "p99 &lt; &quot;5ms&quot; &amp; &apos;so&apos;&#10;on &gt; \u{fffd}月");
    }
}
