//! The page of a suite: its parts in order, in the frame of all pages.

use super::view::SuiteView;
use super::{matrix, risk, sensitivity, sentences, tables};
use crate::report::charts::Chart;
use crate::report::html::escape;
use crate::report::numbers::LEVEL;
use crate::report::page::{head, sections};
use crate::results::suite::suite_hash;
use std::fmt::Write;

/// The whole page. `pictures` are the SVG documents of `charts`, in order.
pub(super) fn html(view: &SuiteView<'_>, charts: &[Chart], pictures: &[String]) -> String {
    let (record, p) = (view.record, &view.record.provenance);
    let mut out = String::with_capacity(1 << 20);
    // Writing to a String cannot fail.
    out.push_str(&head(&p.title));
    let _ = write!(
        out,
        "<p class=sub>{} · {} · {} paths × {} policies, the same people, luck and common shocks in all of \
         them</p></header><main><section class=answer><h2>How bad can it get, and what helps</h2><ol>",
        escape(&p.product_title),
        escape(&view.subtitle),
        record.paths.len(),
        record.policies.len()
    );
    for sentence in sentences::answer(record) {
        let _ = write!(out, "<li><b>{}:</b> {}</li>", sentence.topic, escape(&sentence.text));
    }
    let _ = write!(
        out,
        "</ol></section><section><h2>The loss, world by world</h2><p class=note>Over replications. {LEVEL}: mean by \
         Student's t, quantiles by order statistics, shortfalls (ES, the mean beyond a quantile) by bootstrap. –: the sample \
         does not carry it; P80 needs 25 replications, P95 100, P99 500.</p>{}</section>",
        tables::distributions(view)
    );
    sections(&mut out, charts, pictures);
    if record.policies.len() > 1 {
        let _ = write!(
            out,
            "<section><h2>What policies change</h2><p class=note>Differences from the policy {} by pairs of replications; {LEVEL} of each \
             alone. In bold: told from chance at 5 % over all differences of the path (paired t tests, Holm's correction).</p>{}<details><summary>Intervals, and what the pairing \
             gains</summary><p class=note>The ratio sets the paired interval against the one that unpaired samples of the same size \
             would give: the smaller, the more the common random numbers gain.</p>{}</details></section>",
            escape(record.policies.first().map_or("", String::as_str)),
            matrix::policies(view),
            tables::differences(view)
        );
    }
    if !record.segments.is_empty() {
        let _ = write!(
            out,
            "<section><h2>Whom it changes</h2><p class=note>The same by segment of users: age, bureau score (risk), tipping, which no \
             policy changes, so the same people stand in a segment under every policy. Segments of two kinds overlap; bold as above, over all segments of the path.</p>{}</section>",
            matrix::segments(view)
        );
    }
    if !record.variances.is_empty() {
        let _ = write!(
            out,
            "<section><h2>Common shocks and luck</h2><p class=note>Nested replications: several lucks for each draw of the \
             common shocks, one-way random effects.</p>{}</section>",
            tables::variances(view)
        );
    }
    if let Some(s) = &record.sensitivity {
        out += &sensitivity::tables(s);
    }
    risk_tables(view, &mut out);
    let _ = writeln!(
        out,
        "<section><h2>What was run</h2>{}</section></main><footer>Simulated people, real arithmetic. Every number is computed \
         from the tables in this directory; <code>yuefu report DIR</code> draws the page again.</footer></body></html>",
        tables::facts(view, &suite_hash(record))
    );
    out
}

/// The tables of the risk views.
fn risk_tables(view: &SuiteView<'_>, out: &mut String) {
    let record = &view.record.risk;
    let _ = write!(
        out,
        "<section><h2>Risk views in full</h2><p class=note>Under {}. Means over replications; {LEVEL}.</p>{}",
        escape(view.record.policies.first().map_or("", String::as_str)),
        risk::views(view)
    );
    for (some, title, table) in [
        (!record.early.is_empty(), "Early warning: every indicator", risk::early as fn(&SuiteView<'_>) -> String),
        (!record.attributions.is_empty(), "Attribution: every measure", risk::attribution),
    ] {
        if some {
            let _ = write!(out, "<details><summary>{title}</summary>{}</details>", table(view));
        }
    }
    out.push_str("</section>");
}
