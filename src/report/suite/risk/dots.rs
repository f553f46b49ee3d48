//! Estimates with their intervals as dots and whiskers, a row a thing, a colour a path.

use super::super::view::SuiteView;
use super::section::SECTION;
use crate::measure::{Unit, unit};
use crate::report::axis::Axis;
use crate::report::charts::Chart;
use crate::report::drawing::{Align, Type};
use crate::report::ends::{BADGE, badge};
use crate::report::numbers::{fixed, percent, with_interval};
use crate::report::palette::{AXIS, INK, series};
use crate::report::plot::{Key, Mark, Panel, Plot, TOP, panels, sheet};
use crate::results::load::Estimate;
use crate::results::suite::risk::WEIGHTED;

/// A row: its name and, by series, what is known.
struct Row {
    name: String,
    values: Vec<Option<Estimate>>,
}

/// What a chart of dots shows.
struct Dots<'a> {
    title: &'a str,
    axis: &'a str,
    names: Vec<String>,
    rows: Vec<Row>,
    scale: Scale,
}

/// What the values are.
#[derive(Clone, Copy)]
enum Scale {
    /// Shares; intervals end at 0 and 100%, whatever Student's t says.
    Share,
    /// Ratios that may be more than one; intervals end at 0.
    Ratio,
    /// Differences of shares.
    Points,
    /// Numbers.
    Number,
}

impl Dots<'_> {
    /// `None` when there is nothing to show.
    fn draw(&self, view: &SuiteView<'_>) -> Option<crate::report::drawing::Drawing> {
        let ends = self.rows.iter().flat_map(|row| row.values.iter().flatten()).flat_map(|e| [e.low, e.high]);
        let (low, high) = ends.fold((f64::INFINITY, f64::NEG_INFINITY), |r, v| (r.0.min(v), r.1.max(v)));
        if !low.is_finite() {
            return None;
        }
        let cut = |value: f64| match self.scale {
            Scale::Share => value.clamp(0.0, 1.0),
            Scale::Ratio => value.max(0.0),
            Scale::Points | Scale::Number => value,
        };
        let note = if cut(low) > low || cut(high) < high { "; intervals are cut where no value can be" } else { "" };
        let (low, high) = (cut(low).min(0.0), cut(high).max(0.0));
        let keys = self.names.iter().enumerate();
        let keys = keys.map(|(i, name)| Key::new(name.as_str(), series(i), Mark::Square)).collect();
        let keys = Key::numbered(keys);
        let apart = 2.0 * BADGE + 1.0;
        let band = (apart * keys.len() as f64 + 10.0).max(26.0);
        let height = TOP + 70.0 + band * self.rows.len() as f64;
        let mut sheet = sheet(height, self.title, &view.subtitle, &keys);
        let panel = panels(&sheet, 1)[0];
        let names = Type::new(12.5, INK).align(Align::End);
        let room = self.rows.iter().map(|row| names.width(&row.name)).fold(0.0, f64::max) + 16.0;
        let inner = Panel { left: panel.left + room, ..panel };
        let title = format!("{}{note}", self.axis);
        let x = match self.scale {
            Scale::Share | Scale::Ratio => Axis::percent(low, high, &title),
            Scale::Points => Axis::points(low, high, &title),
            Scale::Number => Axis::number(low, high, &title),
        };
        let plot = Plot::new(&mut sheet, inner, "", x, Axis::rows(self.rows.len()));
        if low < 0.0 && high > 0.0 {
            let zero = plot.at(0.0, 0.0).0;
            sheet.line((zero, plot.panel.top), (zero, plot.panel.bottom), AXIS, 1.4);
        }
        for (position, row) in self.rows.iter().enumerate() {
            let middle = plot.at(0.0, self.rows.len() as f64 - position as f64 - 0.5).1;
            sheet.text((plot.panel.left - 8.0, middle), row.name.as_str(), names);
            for (i, (estimate, key)) in row.values.iter().zip(&keys).enumerate() {
                let y = middle + apart * (i as f64 - (row.values.len() as f64 - 1.0) / 2.0);
                let at = |value: f64| (plot.at(value, 0.0).0, y);
                let Some(e) = estimate else { continue };
                sheet.line(at(cut(e.low)), at(cut(e.high)), key.colour, 2.0);
                match key.number {
                    Some(number) => badge(&mut sheet, at(e.value), number, key.colour),
                    None => sheet.dot(at(e.value), 4.0, key.colour),
                }
            }
        }
        Some(sheet)
    }
}

/// Some cells of one view with a colour for each path.
fn of_paths(view: &SuiteView<'_>, key: &str, cells: &[(String, &str, &str)]) -> (Vec<String>, Vec<Row>) {
    let paths = view.record.paths.clone();
    let row = |(name, row, column): &(String, &str, &str)| Row {
        name: name.clone(),
        values: paths.iter().map(|path| view.cell(path, key, row, column)).collect(),
    };
    let rows = cells.iter().map(row).filter(|row| row.values.iter().any(Option::is_some)).collect();
    (paths, rows)
}

/// What the change of the loss is made of.
pub(super) fn attribution(view: &SuiteView<'_>) -> Option<Chart> {
    let a = view.record.risk.attributions.iter().find(|a| a.measure == view.loss())?;
    let row = |p: &crate::results::suite::AttributionPart| Row {
        name: p.factor.replace('_', " "),
        values: vec![Some(p.effect)],
    };
    let dots = Dots {
        title: "What the change of the loss is made of",
        axis: &format!("change of {}", a.measure),
        names: vec![format!("{} under {}, against {}", a.path, a.policy, a.base)],
        rows: a.parts.iter().map(row).collect(),
        scale: if unit(&a.measure) == Unit::Share { Scale::Points } else { Scale::Number },
    };
    Some(Chart {
        slug: "attribution",
        section: SECTION,
        takeaway: super::sentences::attribution(view).unwrap_or_default(),
        definition: "All: the loss on the path less that on the first path. Each factor: the loss with everything less the loss with that factor alone frozen at the first path, the same people, luck and shocks in both; 95 % interval of the paired difference. Interaction: what the factors together leave over or count twice. Job loss: separations and findings. Income: wages. Behaviour: spending, and the odds of lateness beside the mechanism. Policy: risk appetite, partners' triggers and withdrawals, laws and rules.",
        drawing: dots.draw(view)?,
    })
}

/// Leads of the indicators over the write-offs on the worst path.
pub(super) fn early(view: &SuiteView<'_>) -> Option<Chart> {
    let path = view.worst()?.0;
    let mut early: Vec<_> =
        view.record.risk.early.iter().filter(|e| e.path == path && e.loss == "write-offs").collect();
    early.sort_by(|a, b| {
        (b.leads, b.lead_months.value).partial_cmp(&(a.leads, a.lead_months.value)).unwrap_or(std::cmp::Ordering::Equal)
    });
    let row = |e: &&crate::results::suite::EarlyWarning| {
        let name = format!("{} ({}), r {}", e.indicator, e.direction, fixed(e.correlation.value, 2));
        let values = if e.leads { vec![Some(e.lead_months), None] } else { vec![None, Some(e.lead_months)] };
        Row { name, values }
    };
    let dots = Dots {
        title: "Which indicators led the write-offs, and by how many months",
        axis: "months by which the indicator leads (negative: it follows)",
        names: vec!["led".to_string(), "did not lead".to_string()],
        rows: early.iter().map(row).collect(),
        scale: Scale::Number,
    };
    Some(Chart {
        slug: "early-warning",
        section: SECTION,
        takeaway: super::sentences::early(view).unwrap_or_default(),
        definition: "Both series as differences from the first path in the same replication. The lead is the shift with the highest correlation, averaged over replications (Fisher z), in the direction stated; whiskers: 95 % by bootstrap over replications. Led: the interval of the lead lies above zero and that of the correlation r on the right side of zero; nothing is corrected for the number of indicators. Smooth paths correlate at many leads; that an indicator led here is no proof for another downturn.",
        drawing: dots.draw(view)?,
    })
}

/// Roll rates in the half-year in which they are highest on the worst path.
pub(super) fn rolls(view: &SuiteView<'_>) -> Option<Chart> {
    let path = view.worst()?.0;
    let (rows, periods) = view.shape("roll_rates");
    let sum = |period: &&&str| {
        rows.iter().filter_map(|row| view.cell(path, "roll_rates", row, period)).map(|e| e.value).sum::<f64>()
    };
    let period = *periods.iter().max_by(|a, b| sum(a).total_cmp(&sum(b)))?;
    let cells: Vec<(String, &str, &str)> = rows.iter().map(|row| ((*row).to_string(), *row, period)).collect();
    let (names, rows) = of_paths(view, "roll_rates", &cells);
    let axis = format!("share of the balance that stands in a later bucket a month on, {period}");
    let dots = Dots { title: "Roll rates", axis: &axis, names, rows, scale: Scale::Share };
    let first = view.cell(path, "roll_rates", "M1 to M2", period);
    let base = view.cell(view.record.paths.first()?, "roll_rates", "M1 to M2", period);
    Some(Chart {
        slug: "roll-rates",
        section: SECTION,
        takeaway: first.zip(base).map_or_else(String::new, |(worst, base)| {
            format!(
                "In {period}, {} of the balance in M1 rolls on within a month on {path}, against {} on {}.",
                ratio(worst),
                ratio(base),
                view.record.paths[0]
            )
        }),
        definition: "Cohort estimator between month-ends, by balance: over all balance of the bucket, what stands in a later bucket (for M6: written off) at the next month-end. Means over replications with 95 % intervals. The half-year is the one with the highest rates on the worst path.",
        drawing: dots.draw(view)?,
    })
}

/// A ratio with its interval.
pub(super) fn ratio(e: Estimate) -> String {
    let shown = |value: f64| percent(value, if value.abs() < 0.1 { 2 } else { 1 });
    with_interval(e, shown)
}

/// Expected loss under each macro scenario, path by path and weighted.
pub(super) fn expected_loss(view: &SuiteView<'_>) -> Option<Chart> {
    let paths: Vec<&str> = view.record.paths.iter().map(String::as_str).chain([WEIGHTED]).collect();
    let scenarios = ["upside", "base", "downside", "booked"];
    let row = |path: &&str| Row {
        name: if *path == WEIGHTED { "paths weighted".to_string() } else { (*path).to_string() },
        values: scenarios.iter().map(|scenario| view.cell(path, "ecl", scenario, "all")).collect(),
    };
    let dots = Dots {
        title: "Expected credit loss by scenario",
        axis: "expected loss over own balance, mean of the month-ends",
        names: scenarios.map(str::to_string).to_vec(),
        rows: paths.iter().map(row).collect(),
        scale: Scale::Share,
    };
    let weighted = view.cell(WEIGHTED, "ecl", "booked", "all");
    Some(Chart {
        slug: "expected-loss",
        section: SECTION,
        takeaway: weighted.map_or_else(String::new, |e| {
            format!("Over the paths in their weights the booked expected loss is {} of the own book.", ratio(e))
        }),
        definition: "IFRS 9: PD × LGD × exposure with the conversion factor on undrawn limits, lifetime in stage 2, under the upside, base and downside scenario alone, and booked: under their weights, as the allowance is made. PDs move with unemployment of the path. The tables tell the stages apart.",
        drawing: dots.draw(view)?,
    })
}

/// Lateness and debt service by age.
pub(super) fn overborrowing(view: &SuiteView<'_>) -> Option<Chart> {
    let ages = ["age 18_24", "age 25_29", "age 30_35", "age 36_45", "age over_45"];
    let columns = ["overdue", "debt service over income", "over-borrowed accounts"];
    let name = |age: &str, column: &str| {
        format!("{} {}: {column}", "age", age.trim_start_matches("age ").replace('_', "-").replace("over-", "over "))
    };
    let cells: Vec<(String, &str, &str)> =
        columns.iter().flat_map(|column| ages.iter().map(move |age| (name(age, column), *age, *column))).collect();
    let (names, rows) = of_paths(view, "overborrowing", &cells);
    let dots = Dots {
        title: "Over-borrowing of the young",
        axis: "share of the balance, of monthly income, of accounts",
        names,
        rows,
        scale: Scale::Ratio,
    };
    let path = view.worst()?.0;
    let of = |age: &str| view.cell(path, "overborrowing", age, "overdue");
    Some(Chart {
        slug: "over-borrowing",
        section: SECTION,
        takeaway: of(ages[0]).zip(of(ages[3])).map_or_else(String::new, |(young, older)| {
            format!(
                "On {path}, {} of the balance of people of 18 to 24 is overdue, against {} at 36 to 45.",
                ratio(young),
                ratio(older)
            )
        }),
        definition: "Month-ends. Overdue: balance of accounts 1 or more days past due over the balance of the age band. Debt service: service of debts elsewhere and the last statement over monthly income (wage or benefit). Over-borrowed: accounts whose holders owe more than 55 % of income a month.",
        drawing: dots.draw(view)?,
    })
}

/// Managed book, own book, partners.
pub(super) fn loss_split(view: &SuiteView<'_>) -> Option<Chart> {
    let (rows, _) = view.shape("loss_split");
    let cells: Vec<(String, &str, &str)> = rows.iter().map(|row| ((*row).to_string(), *row, "loss a year")).collect();
    let (names, rows) = of_paths(view, "loss_split", &cells);
    let dots = Dots {
        title: "Who bears the loss",
        axis: "written off a year over the balance",
        names,
        rows,
        scale: Scale::Share,
    };
    let path = view.worst()?.0;
    let of = |row: &str| view.cell(path, "loss_split", row, "loss a year");
    Some(Chart {
        slug: "loss-split",
        section: SECTION,
        takeaway: of("managed book").zip(of("own book with first loss")).map_or_else(String::new, |(all, own)| {
            format!(
                "On {path} the managed book loses {} a year, the own book with the first loss that it covers {}.",
                ratio(all),
                ratio(own)
            )
        }),
        definition: "Principal written off over the counted months, a year: of all funders over the whole book; the platform's own part over its own book; the same with partners' losses that the platform covers; what partners bear over their book.",
        drawing: dots.draw(view)?,
    })
}

/// Why people default.
pub(super) fn causes(view: &SuiteView<'_>) -> Option<Chart> {
    let (rows, _) = view.shape("causes");
    let cells: Vec<(String, &str, &str)> = rows.iter().map(|row| (row.replace('_', " "), *row, "share")).collect();
    let (names, rows) = of_paths(view, "causes", &cells);
    let dots = Dots {
        title: "Why accounts default",
        axis: "share of the accounts that reached 31 days past due",
        names,
        rows,
        scale: Scale::Share,
    };
    let path = view.worst()?.0;
    let jobs = view.cell(path, "causes", "job_loss", "share");
    Some(Chart {
        slug: "causes",
        section: SECTION,
        takeaway: jobs
            .map_or_else(String::new, |e| format!("On {path}, lost jobs are behind {} of defaults.", ratio(e))),
        definition: "Of accounts that first reached 31 days past due in a spell: what the person's own state was. Means over replications with 95 % intervals.",
        drawing: dots.draw(view)?,
    })
}
