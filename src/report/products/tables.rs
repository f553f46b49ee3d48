//! The tables of a comparison's page, from its record alone.

use crate::report::html::escape;
use crate::report::numbers::{change, fixed, from_to, grouped, interval, percent, shown};
use crate::results::products::{ProductsRecord, Row, Verdict, products_hash};
use std::fmt::Write;

fn head(first: &str, record: &ProductsRecord) -> String {
    let products: String =
        record.products.iter().map(|product| format!("<th>{}</th>", escape(&product.title))).collect();
    format!("<table><thead><tr><th>{}</th>{products}</tr></thead><tbody>", escape(first))
}

fn cell(row: &Row) -> String {
    let published = if row.published.is_empty() { "–".to_string() } else { escape(&row.published) };
    let grade = if row.grade.is_empty() { String::new() } else { format!(" <span class=grade>{}</span>", row.grade) };
    let class = match row.verdict {
        Verdict::Within => "in",
        Verdict::Outside => "out",
        Verdict::InWords | Verdict::NoFigure => "band",
    };
    let interval = row.interval.zip(row.value).map_or_else(String::new, |((low, high), _)| {
        let name = if row.key.ends_with("_yuan") { "captured_yuan" } else { row.key.as_str() };
        format!("<span class=def>{}</span>", escape(&interval(&shown(name, low), &shown(name, high))))
    });
    let reason =
        if row.reason.is_empty() { String::new() } else { format!("<span class=def>{}</span>", escape(&row.reason)) };
    format!(
        "<td class=\"cell {class}\" title=\"{}\"><span class=def>{published}{grade}</span><b>{}</b>{interval}<span \
         class=def>{}</span>{reason}</td>",
        escape(&row.source),
        escape(&row.shown),
        row.verdict.name()
    )
}

/// Published beside simulated: one of the two tables.
pub(super) fn rows(record: &ProductsRecord, table: &str) -> String {
    let mut out = head("Row: published, then simulated", record);
    let Some(first) = record.products.first() else { return out };
    for group in ["users", "operations", "competition", "risk"] {
        for row in first.rows.iter().filter(|row| row.table == table && row.group == group) {
            let _ = write!(
                out,
                "<tr><th scope=row>{group}: <code>{}</code><span class=def>{}</span></th>",
                row.key,
                escape(&row.title)
            );
            for product in &record.products {
                let found = product.rows.iter().find(|r| r.table == table && r.key == row.key);
                out.push_str(&found.map_or_else(|| "<td>–</td>".to_string(), cell));
            }
            out.push_str("</tr>");
        }
    }
    out + "</tbody></table>"
}

/// Normal times against the stress.
pub(super) fn stress(record: &ProductsRecord) -> String {
    let mut out = head("Measure: normal → stress, difference", record);
    let Some(first) = record.products.first() else { return out };
    for measure in first.stress.iter().map(|row| row.measure.as_str()) {
        let _ = write!(out, "<tr><th scope=row><code>{measure}</code></th>");
        for product in &record.products {
            let Some(row) = product.stress.iter().find(|row| row.measure == measure) else {
                out.push_str("<td>–</td>");
                continue;
            };
            let difference = row.difference.map_or_else(String::new, |d| escape(&change(measure, d)));
            let ends = escape(&from_to(&shown(measure, row.base), &shown(measure, row.stress)));
            let _ = write!(out, "<td class=cell>{ends}<span class=def>{difference}</span></td>");
        }
        out.push_str("</tr>");
    }
    out + "</tbody></table>"
}

/// What each question changes.
pub(super) fn questions(record: &ProductsRecord) -> String {
    let mut out = String::new();
    for (name, title) in &record.about.questions {
        let _ = write!(out, "<h3>{}</h3>", escape(title));
        out.push_str(&head("Measure: as things are → what if", record));
        let measures = record.products.first().map_or(&[][..], |product| &product.questions[..]);
        for measure in measures.iter().filter(|row| row.question == *name).map(|row| row.measure.as_str()) {
            let _ = write!(out, "<tr><th scope=row><code>{measure}</code></th>");
            for product in &record.products {
                let rows = product.questions.iter();
                let found = rows.filter(|row| row.question == *name).find(|row| row.measure == measure);
                let text = found.map_or_else(
                    || "–".to_string(),
                    |row| {
                        let difference = row.difference.map_or_else(String::new, |d| escape(&change(measure, d)));
                        let ends = from_to(&shown(measure, row.base), &shown(measure, row.asked));
                        format!("{}<span class=def>{difference}</span>", escape(&ends))
                    },
                );
                let _ = write!(out, "<td class=cell>{text}</td>");
            }
            out.push_str("</tr>");
        }
        out.push_str("</tbody></table>");
    }
    out
}

/// The price lists, and what the cap refused.
pub(super) fn prices(record: &ProductsRecord) -> String {
    let mut out = String::from(
        "<table><thead><tr><th>Product</th><th class=num>tier</th><th class=num>months</th><th class=num>flat fee</th><th \
         class=num>IRR a year</th><th class=num>cap</th><th>verdict</th></tr></thead><tbody>",
    );
    for product in &record.products {
        for price in &product.prices {
            let (class, verdict) = if price.within_cap { ("in", "within") } else { ("out", "ABOVE the cap: refused") };
            let _ = write!(
                out,
                "<tr><th scope=row>{}</th><td class=num>{}</td><td class=num>{}</td><td class=num>{}</td><td class=num>{}</td><td \
                 class=num>{}</td><td class={class}>{verdict}</td></tr>",
                escape(&product.title),
                price.tier,
                price.months,
                price.flat_fee.map_or_else(|| "–".to_string(), |fee| percent(fee, 2)),
                percent(price.irr_annual, 2),
                percent(product.cap_annual, 0)
            );
        }
    }
    out + "</tbody></table>"
}

/// Loans that the cap refused.
pub(super) fn refused(record: &ProductsRecord) -> String {
    let mut out = String::from(
        "<table><thead><tr><th>Product, world</th><th class=num>tier</th><th class=num>months</th><th>where</th><th \
         class=num>loans</th><th class=num>yuan</th><th class=num>IRR a year</th></tr></thead><tbody>",
    );
    for product in &record.products {
        for loans in &product.refused_loans {
            let _ = write!(
                out,
                "<tr><th scope=row>{}, {}</th><td class=num>{}</td><td class=num>{}</td><td>{}</td><td class=num>{}</td><td \
                 class=num>{}</td><td class=num>{}</td></tr>",
                escape(&product.title),
                escape(&loans.world),
                loans.tier,
                loans.months,
                if loans.checkout { "checkout" } else { "bill" },
                grouped(i128::from(loans.count)),
                grouped(loans.amount_yuan.round() as i128),
                percent(loans.irr_annual, 2)
            );
        }
    }
    out + "</tbody></table>"
}

/// Every assumption.
pub(super) fn assumptions(record: &ProductsRecord) -> String {
    let mut out = String::new();
    for product in &record.products {
        let _ = write!(
            out,
            "<details><summary>{}: {} numbers of grade L</summary><table><tbody>",
            escape(&product.title),
            product.assumptions.len()
        );
        for a in &product.assumptions {
            let (key, value, source) = (escape(&a.key), escape(&a.value), escape(&a.source));
            let _ = write!(out, "<tr><th scope=row><code>{key}</code></th><td>{value}</td><td>{source}</td></tr>");
        }
        out.push_str("</tbody></table></details>");
    }
    out
}

/// How the comparison was made.
pub(super) fn facts(record: &ProductsRecord) -> String {
    let (a, t) = (&record.about, &record.timing);
    let rows = [
        ("Scenario", escape(&a.name)),
        ("Users", grouped(a.users.into())),
        ("Months", format!("{} counted from {}, after {} of warm-up", a.months, a.start, a.warmup_months)),
        ("Replications", format!("{} under seed {}", a.replications, a.seed)),
        ("Worlds", grouped(record.products.iter().map(|p| p.worlds.len()).sum::<usize>() as i128)),
        ("Result hash", format!("<code>{}</code>", products_hash(a, &record.products))),
        ("Wall time", format!("{} s before writing, with {} workers", fixed(t.wall_seconds, 1), t.workers)),
        ("Peak memory", format!("{} MB", grouped(t.peak_mb().into()))),
        ("Machine", escape(&format!("{}, {} cores, {}", t.machine.cpu, t.machine.cores, t.machine.os))),
    ];
    let rows: Vec<_> = rows.into_iter().chain(crate::report::tables::origin(&a.origin)).collect();
    crate::report::tables::facts(&rows)
}
