//! The page of a comparison of products: its parts in order, in the frame of all pages.

use super::words::subtitle;
use super::{sentences, tables};
use crate::report::charts::Chart;
use crate::report::html::escape;
use crate::report::numbers::LEVEL;
use crate::report::page::{head, sections};
use crate::results::products::ProductsRecord;
use std::fmt::Write;

/// The whole page. `pictures` are the SVG documents of `charts`, in order. Writing to a `String` cannot fail.
pub(super) fn html(record: &ProductsRecord, charts: &[Chart], pictures: &[String]) -> String {
    let about = &record.about;
    let mut out = String::with_capacity(1 << 20);
    out.push_str(&head(&about.title));
    let _ = write!(
        out,
        "<p class=sub>{} products · {} · {} and {}</p></header><main><section class=answer><h2>Who loses what</h2><ol>",
        record.products.len(),
        escape(&subtitle(record)),
        escape(&about.base),
        escape(&about.stress)
    );
    for sentence in sentences::answer(record) {
        let _ = write!(out, "<li><b>{}:</b> {}</li>", sentence.topic, escape(&sentence.text));
    }
    out.push_str("</ol></section>");
    sections(&mut out, charts, pictures);
    let _ = write!(
        out,
        "<section><h2>The products' table</h2><p class=note>Published (with its grade: S the product's own profile, H official, \
         M secondary), then simulated in normal times with the 95 % interval over replications, then the verdict. Where nothing \
         is published the reason stands below.</p>{}</section>\
         <section><h2>Measures and targets</h2><p class=note>Ratios of sums over the counted months of all replications. {LEVEL}: Student's t over \
         the replications' own values, about that ratio.</p>{}\
         </section><section><h2>Under stress</h2><p class=note>The same ratios; {LEVEL} of the difference by pairs of \
         replications.</p>{}</section>\
         <section><h2>Competition</h2><p class=note>Each question changes the same values in all products, against the same \
         people with the same luck. Nobody holds accounts at two of the products: a balance does not move from one world to \
         another, rivals' prices do not react, friends are a fair sample of all users.</p>{}</section>",
        tables::rows(record, "profile"),
        tables::rows(record, "measures"),
        tables::stress(record),
        tables::questions(record)
    );
    let _ = write!(
        out,
        "<section><h2>The price cap</h2><p class=note>The IRR of every instalment price by risk tier, and the loans that the \
         cap refused, all replications together.</p>{}<details><summary>All prices</summary>{}</details>{}</section>",
        tables::refused(record),
        tables::prices(record),
        risks(record)
    );
    let _ = writeln!(
        out,
        "<section><h2>What fills the gaps</h2>{}</section><section><h2>What was run</h2>{}</section></main><footer>Simulated \
         people, real arithmetic. Every number is computed from the files in this directory; <code>yuefu report DIR</code> draws \
         the page again.</footer></body></html>",
        tables::assumptions(record),
        tables::facts(record)
    );
    out
}

fn risks(record: &ProductsRecord) -> String {
    let mut out = String::from("<h3>Legal risks</h3><ul>");
    for product in &record.products {
        for risk in &product.legal_risks {
            let _ = write!(out, "<li><b>{}:</b> {}</li>", escape(&product.title), escape(risk));
        }
    }
    out + "</ul>"
}
