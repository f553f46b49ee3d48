//! The frame of every page: one file with its styles and pictures inside. Reports of runs, load, suites and products fill it.

use super::charts::Chart;
use super::html::escape;
use super::view::View;
use super::{sentences, tables};
use crate::results::record_hash;
use std::fmt::Write;

pub(super) const STYLE: &str = include_str!("page.css");

/// The picture without its fixed size, so that the page scales it.
fn inline(svg: &str, label: &str) -> String {
    let Some(start) = svg.find("<svg") else { return String::new() };
    let Some(end) = svg[start..].find('>').map(|e| start + e) else { return String::new() };
    let head = &svg[start..end];
    let view_box = head.split("viewBox=\"").nth(1).and_then(|v| v.split('"').next()).unwrap_or("0 0 960 540");
    format!("<svg role=\"img\" aria-label=\"{}\" viewBox=\"{view_box}\"{}", escape(label), &svg[end..])
}

/// A page whose tables scroll in their own column where they are wider than it; on paper their cells wrap.
pub(super) fn with_wide_tables(page: &str) -> String {
    page.replace("<table", "<div class=scroll><table").replace("</table>", "</table></div>")
}

/// The beginning of any page: everything down to its title, inside the header.
pub(super) fn head(title: &str) -> String {
    let title = escape(title);
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>Yuefu 月付 · {title}</title>\
         <style>{STYLE}</style></head><body><header><p class=brand>Yuefu 月付 · wind tunnel for consumer credit</p>\
         <h1>{title}</h1>"
    )
}

/// The whole page. `pictures` are the SVG documents of `charts`, in order.
pub(super) fn html(view: &View<'_>, charts: &[Chart], pictures: &[String]) -> String {
    let p = &view.record.provenance;
    let mut out = String::with_capacity(1 << 20);
    out.push_str(&head(&p.title));
    let _ = write!(
        out,
        "<p class=sub>{} · {} after {} months of warm-up · the same people and the same luck in every world</p></header><main>",
        escape(&p.product_title),
        escape(&view.subtitle),
        p.warmup_months
    );
    let answer = sentences::answer(view);
    let heading = match view.compared() {
        Some(w) => format!("What {} does, against {}", escape(&view.worlds()[w].name), escape(&view.worlds()[0].name)),
        None => "What the run shows".to_string(),
    };
    let _ = write!(out, "<section class=answer><h2>{heading}</h2><ol>");
    for sentence in &answer {
        let _ = write!(out, "<li><b>{}:</b> {}</li>", sentence.topic, escape(&sentence.text));
    }
    out.push_str("</ol></section>");
    let _ = write!(
        out,
        "<section><h2>Key measures</h2><p class=note>Ratios of sums over the counted months. Targets are judged over five \
         seeds by <code>yuefu calibrate --check</code>; beside one run they are a reading aid. pp: percentage points. \
         Letters grade the target's source: S the product's published profile, H official, M secondary, L assumption.</p>{}\
         <details><summary>Further measures</summary>{}</details></section>",
        tables::measures(view, true),
        tables::measures(view, false)
    );
    sections(&mut out, charts, pictures);
    let _ = write!(
        out,
        "<section><h2>Books and provenance</h2><details><summary>Trial balance, yuan (debit positive, credit negative)</summary>{}</details>{}</section>",
        tables::trial_balance(view),
        tables::provenance(view, &record_hash(view.record))
    );
    out.push_str("</main><footer>Simulated people, real arithmetic. Every number is computed from the tables in this directory; <code>yuefu report DIR</code> draws the page again.</footer></body></html>\n");
    out
}

pub(super) fn sections(out: &mut String, charts: &[Chart], pictures: &[String]) {
    let mut section = "";
    for (chart, svg) in charts.iter().zip(pictures) {
        if chart.section != section {
            if !section.is_empty() {
                out.push_str("</section>");
            }
            section = chart.section;
            let _ = write!(out, "<section><h2>{section}</h2>");
        }
        let takeaway = escape(&chart.takeaway);
        let _ = write!(
            out,
            "<figure id=\"{}\"><figcaption>{takeaway}</figcaption><div class=picture>{}</div><p class=def>{}</p></figure>",
            chart.slug,
            inline(svg, &takeaway),
            escape(chart.definition)
        );
    }
    if !section.is_empty() {
        out.push_str("</section>");
    }
}
