//! The page of a load run: its parts in order. What they say is `story`'s, what they draw the chart files'; the frame is that of
//! all pages.

use super::view::LoadView;
use super::{sentences, tables};
use crate::report::charts::Chart;
use crate::report::html::escape;
use crate::report::page::{head, sections};
use crate::results::load::{CLOCK, Verdict};
use std::fmt::Write;

/// The whole page. `pictures` are the SVG documents of `charts`, in order.
pub(super) fn html(view: &LoadView<'_>, charts: &[Chart], pictures: &[String]) -> String {
    let record = view.record;
    let (p, o) = (&record.provenance, &record.observations);
    let mut out = String::with_capacity(1 << 20);
    // Writing to a String cannot fail.
    out.push_str(&head(&p.title));
    let _ = write!(
        out,
        "<p class=sub>{} · load on world {} from {} · <span class=clock>{CLOCK}</span></p></header><main>",
        escape(&p.product_title),
        escape(&o.world),
        o.from,
    );
    let invalid = record.verdict() == Verdict::Invalid;
    if invalid {
        let reasons: String = o.invalid_words().iter().map(|r| format!("<li>{}</li>", escape(r))).collect();
        let _ = write!(
            out,
            "<section class=invalid><h2>INVALID: this is no measurement of the service</h2><ul>{reasons}</ul></section>"
        );
    }
    let heading = if record.capacity.is_empty() { "Does it hold?" } else { "What does it carry?" };
    let _ = write!(out, "<section class=answer><h2>{heading}</h2><ol>");
    for sentence in sentences::answer(record) {
        let _ = write!(out, "<li><b>{}:</b> {}</li>", sentence.topic, escape(&sentence.text));
    }
    let _ = write!(
        out,
        "</ol></section><section><h2>Objectives</h2>{}</section><section><h2>By operation</h2><p class=note>Times of decided \
         requests from the intended start to the answer. –: too few samples (10 must lie beyond a percentile). The close of a \
         day is no request: one sample a cell and day, its service time the longest slice.</p>{}</section>",
        tables::objectives(record),
        tables::operations(record)
    );
    sections(&mut out, charts, pictures);
    if !record.capacity.is_empty() {
        let _ = write!(
            out,
            "<section><h2>Worlds side by side</h2><p class=note>What the service did in the probe that stands for each answer;              statements and requests of an account are the virtual clock's.</p>{}</section>",
            tables::worlds(&record.capacity)
        );
        let _ = write!(
            out,
            "<section><h2>Probes</h2><details><summary>All probes of the search</summary>{}</details></section>",
            tables::probes(record)
        );
    }
    let _ = writeln!(
        out,
        "<section><h2>What was run</h2>{}</section></main><footer>Simulated people, a real credit engine, measured in one \
         process: no network lies between users and service. Every number is computed from the files in this directory; \
         <code>yuefu report DIR</code> draws the page again, and <code>run.hlog</code> opens in any HdrHistogram tool.\
         </footer></body></html>",
        tables::facts(record)
    );
    out
}
