//! The charts of a comparison: normal times and stress beside each other, a bar each, the published figure as a mark.

use super::words::subtitle;
use crate::report::charts::Chart;
use crate::report::drawing::{Align, Drawing, Type};
use crate::report::numbers::{from_to, shown, signed};
use crate::report::palette::{INK, LOSS, series};
use crate::report::plot::{Axis, Key, LABEL, Mark, Panel, Plot, TOP, panels, sheet};
use crate::results::products::{ProductRecord, ProductsRecord};

/// All charts in the order of the page.
pub(super) fn all(record: &ProductsRecord) -> Vec<Chart> {
    vec![
        pairs(
            record,
            Pairs {
                slug: "approvals",
                section: "Who loses approvals",
                title: "Applications approved and drawings approved",
                measures: &["application_approval_rate", "authorisation_approval_rate"],
                definition: "Ratios of sums over all replications. Left: approved of all decided applications. Right: approved of all requested drawings (purchase, tip, card).",
            },
        ),
        pairs(
            record,
            Pairs {
                slug: "money",
                section: "Who loses money",
                title: "Profit over balance and principal written off",
                measures: &["profit_share_annual", "gross_loss_rate_annual"],
                definition: "Ratios of sums over all replications. Left: income less expense of the journal a year, over the mean daily balance. Right: principal written off in 365 days over the mean daily balance.",
            },
        ),
        pairs(
            record,
            Pairs {
                slug: "lateness",
                section: "Who pays late",
                title: "Balance past due",
                measures: &["overdue_rate", "overdue_30_rate"],
                definition: "Ratios of sums over all replications, month-ends. Left: balance at one day past due or more, of all balance. Right: at 31 days or more. Black marks: the published band, where there is one.",
            },
        ),
        competition(record),
    ]
}

struct Pairs {
    slug: &'static str,
    section: &'static str,
    title: &'static str,
    measures: &'static [&'static str],
    definition: &'static str,
}

fn pairs(record: &ProductsRecord, what: Pairs) -> Chart {
    let about = &record.about;
    let keys = [about.base.as_str(), about.stress.as_str()];
    let keys: Vec<Key> = keys.iter().enumerate().map(|(i, name)| Key::new(*name, series(i), Mark::Square)).collect();
    let height = TOP + 60.0 + 52.0 * record.products.len() as f64;
    let mut sheet = sheet(height, what.title, &subtitle(record), &keys);
    let all_panels = panels(&sheet, what.measures.len());
    let mut words = Vec::new();
    for (measure, panel) in what.measures.iter().zip(all_panels) {
        let values: Vec<[f64; 2]> = record.products.iter().map(|p| ends(p, measure)).collect();
        bars(&mut sheet, panel, record, measure, &values);
        let falls = |v: &[f64; 2]| v[1] - v[0];
        let most = record.products.iter().zip(&values).max_by(|a, b| falls(a.1).abs().total_cmp(&falls(b.1).abs()));
        words.extend(most.map(|(product, v)| {
            format!(
                "{measure} moves most at {}: {}",
                product.key,
                from_to(&shown(measure, v[0]), &shown(measure, v[1]))
            )
        }));
    }
    Chart {
        slug: what.slug,
        section: what.section,
        takeaway: words.join("; ") + ".",
        definition: what.definition,
        drawing: sheet,
    }
}

fn ends(product: &ProductRecord, measure: &str) -> [f64; 2] {
    product.stress.iter().find(|row| row.measure == measure).map_or([0.0, 0.0], |row| [row.base, row.stress])
}

/// Horizontal bars, a product downwards, one bar a world.
fn bars(sheet: &mut Drawing, panel: Panel, record: &ProductsRecord, measure: &str, values: &[[f64; 2]]) {
    let low = values.iter().flatten().copied().fold(0.0, f64::min);
    let high = values.iter().flatten().copied().fold(0.01, f64::max);
    let room = record.products.iter().map(|p| LABEL.width(&p.key)).fold(0.0, f64::max) + 12.0;
    let inner = Panel { left: panel.left + room, ..panel };
    let x = Axis::percent_from(low * 1.15, high * 1.18, measure);
    let plot = Plot::new(sheet, inner, "", x, Axis::with(0.0, values.len() as f64, Vec::new(), ""));
    let band = (plot.panel.bottom - plot.panel.top) / values.len().max(1) as f64;
    let zero = plot.at(0.0, 0.0).0;
    for (position, (product, ends)) in record.products.iter().zip(values).enumerate() {
        let middle = plot.panel.top + (position as f64 + 0.5) * band;
        let label = Type::new(12.5, INK).align(Align::End);
        sheet.text((plot.panel.left - 8.0, middle), product.key.as_str(), label);
        for (world, value) in ends.iter().enumerate() {
            let top = middle + (world as f64 - 1.0) * 15.0;
            let end = plot.at(*value, 0.0).0;
            sheet.rect((zero, top + 1.0), (end, top + 14.0), series(world));
            let at = (end.max(zero) + 5.0, top + 7.5);
            sheet.text(at, shown(measure, *value), Type::new(11.0, if *value < 0.0 { LOSS } else { INK }));
        }
        let published = product.rows.iter().find(|row| row.key == measure).and_then(|row| row.band);
        if let Some((from, to)) = published {
            for edge in [from, to] {
                let x = plot.at(edge, 0.0).0;
                sheet.line((x, middle - 17.0), (x, middle + 1.0), INK, 2.0);
            }
        }
    }
}

/// What each question changes in the amount captured, in percent of it.
fn competition(record: &ProductsRecord) -> Chart {
    let questions = &record.about.questions;
    let keys = questions.iter().enumerate().map(|(i, (name, _))| Key::new(name.as_str(), series(i), Mark::Square));
    let keys: Vec<Key> = keys.collect();
    let height = TOP + 70.0 + (18.0 * questions.len() as f64 + 14.0) * record.products.len() as f64;
    let mut sheet = sheet(height, "What competition does to the amount captured", &subtitle(record), &keys);
    let panel = panels(&sheet, 1)[0];
    let of = |product: &ProductRecord, name: &str| {
        let rows = product.questions.iter().filter(|row| row.question == name);
        let found = rows.into_iter().find(|row| row.measure == "captured_yuan" && row.base != 0.0);
        found.map_or(0.0, |row| row.asked / row.base - 1.0)
    };
    let values: Vec<Vec<f64>> =
        record.products.iter().map(|p| questions.iter().map(|(name, _)| of(p, name)).collect()).collect();
    let (low, high) = values.iter().flatten().fold((0.0_f64, 0.01_f64), |e, v| (e.0.min(*v), e.1.max(*v)));
    let room = record.products.iter().map(|p| LABEL.width(&p.key)).fold(0.0, f64::max) + 12.0;
    let inner = Panel { left: panel.left + room, ..panel };
    let x = Axis::percent_from(low * 1.2, high * 1.2, "change of the amount captured, share of what it is");
    let plot = Plot::new(&mut sheet, inner, "", x, Axis::with(0.0, 1.0, Vec::new(), ""));
    let band = (plot.panel.bottom - plot.panel.top) / values.len().max(1) as f64;
    let zero = plot.at(0.0, 0.0).0;
    for (position, (product, changes)) in record.products.iter().zip(&values).enumerate() {
        let middle = plot.panel.top + (position as f64 + 0.5) * band;
        let label = Type::new(12.5, INK).align(Align::End);
        sheet.text((plot.panel.left - 8.0, middle), product.key.as_str(), label);
        for (question, value) in changes.iter().enumerate() {
            let top = middle + (question as f64 - changes.len() as f64 / 2.0) * 18.0;
            let end = plot.at(*value, 0.0).0;
            sheet.rect((zero, top + 1.0), (end, top + 16.0), series(question));
            sheet.text(
                (end.max(zero) + 5.0, top + 8.5),
                signed(crate::report::numbers::percent(*value, 1)),
                Type::new(11.0, INK),
            );
        }
    }
    let words = questions.iter().enumerate().filter_map(|(position, (name, _))| {
        let largest = |v: &Vec<f64>| v.get(position).map_or(0.0, |v| v.abs());
        let most = record.products.iter().zip(&values).max_by(|a, b| largest(a.1).total_cmp(&largest(b.1)))?;
        Some(format!(
            "{name} changes most at {}: {}",
            most.0.key,
            signed(crate::report::numbers::percent(most.1[position], 1))
        ))
    });
    Chart {
        slug: "competition",
        section: "What competition does",
        takeaway: words.collect::<Vec<_>>().join("; ") + ".",
        definition: "Amount captured under each question over that as things are, less one. The same values change in all products; the people and their luck are the same.",
        drawing: sheet,
    }
}
