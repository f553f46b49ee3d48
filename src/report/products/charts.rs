//! The charts of a comparison: normal times and stress beside each other, a bar each, the published figure as a mark.

use super::words::subtitle;
use crate::report::axis::Axis;
use crate::report::charts::Chart;
use crate::report::drawing::{Align, Drawing, Type};
use crate::report::ends::{BADGE, badge};
use crate::report::numbers::{from_to, percent, shown, signed};
use crate::report::palette::{AXIS, INK, LOSS, series};
use crate::report::plot::{Key, Mark, Panel, Plot, TOP, panels, sheet};
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
                definition: "Ratios of sums over all replications, month-ends. Left: balance at one day past due or more, of all balance. Right: at 31 days or more. Black bracket: the published band, where there is one.",
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
    let keys = Key::numbered(keys);
    let height = TOP + 60.0 + 52.0 * record.products.len() as f64;
    let mut sheet = sheet(height, what.title, &subtitle(record), &keys);
    let all_panels = panels(&sheet, what.measures.len());
    let mut words = Vec::new();
    for (measure, panel) in what.measures.iter().zip(all_panels) {
        let values: Vec<Option<[f64; 2]>> = record.products.iter().map(|p| ends(p, measure)).collect();
        bars(&mut sheet, panel, record, measure, (&values, &keys));
        let known = record.products.iter().zip(&values).filter_map(|(p, v)| Some((p, (*v)?)));
        let most = known.max_by(|a, b| (a.1[1] - a.1[0]).abs().total_cmp(&(b.1[1] - b.1[0]).abs()));
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

fn ends(product: &ProductRecord, measure: &str) -> Option<[f64; 2]> {
    product.stress.iter().find(|row| row.measure == measure).map(|row| [row.base, row.stress])
}

/// Room right of the longest bar for its number and its value.
const VALUE_ROOM: f64 = 70.0;

/// The plot of bars with the products downwards; bars go out from its zero. `low` and `high` are the values' ends.
fn bar_plot(sheet: &mut Drawing, panel: Panel, record: &ProductsRecord, x: Axis) -> Plot {
    let style = Type::new(12.5, INK).align(Align::End);
    let room = record.products.iter().map(|p| style.width(&p.key)).fold(0.0, f64::max) + 12.0;
    let inner = Panel { left: panel.left + room, right: panel.right - VALUE_ROOM, ..panel };
    let plot = Plot::new(sheet, inner, "", x, Axis::rows(record.products.len()));
    for (position, product) in record.products.iter().enumerate() {
        sheet.text((plot.panel.left - 8.0, middle(&plot, record, position)), product.key.as_str(), style);
    }
    let zero = plot.at(0.0, 0.0).0;
    sheet.line((zero, plot.panel.top), (zero, plot.panel.bottom), AXIS, 1.0);
    plot
}

/// Middle of a product's band.
fn middle(plot: &Plot, record: &ProductsRecord, position: usize) -> f64 {
    let band = (plot.panel.bottom - plot.panel.top) / record.products.len().max(1) as f64;
    plot.panel.top + (position as f64 + 0.5) * band
}

/// A bar from zero with its value, and the number of its key at its foot.
fn bar(sheet: &mut Drawing, plot: &Plot, (top, thick): (f64, f64), value: Option<f64>, text: &str, key: &Key) {
    let (zero, middle) = (plot.at(0.0, 0.0).0, top + thick / 2.0);
    let end = plot.at(value.unwrap_or(0.0), 0.0).0;
    if value.is_some() {
        sheet.rect((zero, top + 1.0), (end, top + thick - 1.0), key.colour);
    }
    let foot = end.max(zero) + 4.0;
    if let Some(number) = key.number {
        badge(sheet, (foot + BADGE, middle), number, key.colour);
    }
    let ink = if value.is_some_and(|value| value < 0.0) { LOSS } else { INK };
    sheet.text((foot + 2.0 * BADGE + 4.0, middle), text, Type::new(11.0, ink));
}

/// Horizontal bars, a product downwards, one bar a world.
fn bars(
    sheet: &mut Drawing,
    panel: Panel,
    record: &ProductsRecord,
    measure: &str,
    (values, keys): (&[Option<[f64; 2]>], &[Key]),
) {
    let bands = record.products.iter().filter_map(|p| published(p, measure)).flat_map(|(from, to)| [from, to]);
    let all: Vec<f64> = values.iter().flatten().flatten().copied().chain(bands).collect();
    let (low, high) = (all.iter().copied().fold(0.0, f64::min), all.iter().copied().fold(0.0, f64::max));
    let plot = bar_plot(sheet, panel, record, Axis::of(measure, low, high.max(low + 0.001), measure));
    for (position, (product, ends)) in record.products.iter().zip(values).enumerate() {
        let middle = middle(&plot, record, position);
        for (world, key) in keys.iter().enumerate() {
            let value = ends.map(|ends| ends[world]);
            let text = value.map_or_else(|| "–".to_string(), |value| shown(measure, value));
            bar(sheet, &plot, (middle + (world as f64 - 1.0) * 15.0, 15.0), value, &text, key);
        }
        if let Some((from, to)) = published(product, measure) {
            // Above the bars: a bracket from one end of the band to the other.
            let (from, to, y) = (plot.at(from, 0.0).0, plot.at(to, 0.0).0, middle - 19.0);
            sheet.line((from, y), (to, y), INK, 2.0);
            [from, to].into_iter().for_each(|x| sheet.line((x, y - 3.0), (x, y + 3.0), INK, 2.0));
        }
    }
}

/// The published band of a measure.
fn published(product: &ProductRecord, measure: &str) -> Option<(f64, f64)> {
    product.rows.iter().find(|row| row.key == measure).and_then(|row| row.band).filter(|band| band.1.is_finite())
}

/// What each question changes in the amount captured, in percent of it.
fn competition(record: &ProductsRecord) -> Chart {
    let questions = &record.about.questions;
    let keys = questions.iter().enumerate().map(|(i, (name, _))| Key::new(name.as_str(), series(i), Mark::Square));
    let keys = Key::numbered(keys.collect());
    let height = TOP + 70.0 + (18.0 * questions.len() as f64 + 14.0) * record.products.len() as f64;
    let mut sheet = sheet(height, "What competition does to the amount captured", &subtitle(record), &keys);
    let panel = panels(&sheet, 1)[0];
    let of = |product: &ProductRecord, name: &str| {
        let rows = product.questions.iter().filter(|row| row.question == name);
        let found = rows.into_iter().find(|row| row.measure == "captured_yuan" && row.base != 0.0);
        found.map(|row| row.asked / row.base - 1.0)
    };
    let values: Vec<Vec<Option<f64>>> =
        record.products.iter().map(|p| questions.iter().map(|(name, _)| of(p, name)).collect()).collect();
    let (low, high) = values.iter().flatten().flatten().fold((0.0_f64, 0.001_f64), |e, v| (e.0.min(*v), e.1.max(*v)));
    let x = Axis::percent(low, high, "change of the amount captured, % of what it is");
    let plot = bar_plot(&mut sheet, panel, record, x);
    for (position, changes) in values.iter().enumerate() {
        let middle = middle(&plot, record, position);
        for (question, (value, key)) in changes.iter().zip(&keys).enumerate() {
            let top = middle + (question as f64 - changes.len() as f64 / 2.0) * 18.0;
            let text = value.map_or_else(|| "–".to_string(), |value| signed(percent(value, 1)));
            bar(&mut sheet, &plot, (top, 17.0), *value, &text, key);
        }
    }
    let words = questions.iter().enumerate().filter_map(|(position, (name, _))| {
        let known = record.products.iter().zip(&values).filter_map(|(p, v)| Some((p, (*v.get(position)?)?)));
        let most = known.max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()))?;
        Some(format!("{name} changes most at {}: {}", most.0.key, signed(percent(most.1, 1))))
    });
    Chart {
        slug: "competition",
        section: "What competition does",
        takeaway: words.collect::<Vec<_>>().join("; ") + ".",
        definition: "Amount captured under each question over that as things are, less one. The same values change in all products; the people and their luck are the same.",
        drawing: sheet,
    }
}
