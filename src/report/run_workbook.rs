//! `run.xlsx`: the measures, months, vintages, groups and expected loss of a run with units and definitions, for those who go on
//! computing.

use crate::measure::words::{GROUP_NAMES, STAGES};
use crate::measure::{Measure, MonthObservations, Unit, WorldObservations};
use crate::report::ReportError;
use crate::report::numbers::month_name;
use crate::report::sentences;
use crate::report::view::View;
use crate::report::workbook::{About, Cell, Table, columns, text, write};
use crate::results::record_hash;
use crate::results::risk::{ECL_NAMES, group_kind};
use std::path::{Path, PathBuf};

/// Name of the workbook.
const FILE: &str = "run.xlsx";

/// Writes `run.xlsx` into a directory that exists. The same record gives the same bytes. Returns its path.
///
/// # Errors
/// From the file system.
pub(super) fn write_workbook(view: &View<'_>, dir: &Path) -> Result<PathBuf, ReportError> {
    let p = &view.record.provenance;
    let tables = vec![
        answer(view),
        measures(view),
        monthly(view.worlds()),
        vintages(view.worlds()),
        groups(view.worlds()),
        expected_loss(view.worlds()),
        definitions(),
    ];
    write(dir, &About { file: FILE, title: &p.title, date: p.start }, tables)
}

fn answer(view: &View<'_>) -> Table {
    let p = &view.record.provenance;
    let mut rows: Vec<Vec<Cell>> =
        sentences::answer(view).into_iter().map(|s| vec![text(s.topic), text(s.text)]).collect();
    let facts = [
        ("Scenario", format!("{}: {}", p.name, p.title)),
        ("Product", p.product_title.clone()),
        ("Users", p.users.to_string()),
        ("Months", format!("{} counted from {}, after {} of warm-up", p.months, p.start, p.warmup_months)),
        ("Seed", format!("{}, replication {}", p.seed, p.replication)),
        ("Worlds", view.worlds().iter().map(|world| world.name.as_str()).collect::<Vec<_>>().join(", ")),
        ("Result hash", record_hash(view.record)),
    ];
    rows.extend(facts.map(|(name, value)| vec![text(name), text(value)]));
    let origin = p.origin.in_words().into_iter().filter(|(name, _)| *name != "Seed");
    rows.extend(origin.map(|(name, value)| vec![text(name), text(value)]));
    Table { name: "Answer", columns: columns(&[("About", 20.0), ("What the run shows", 120.0)]), rows }
}

/// A row a measure: its value in each world and its difference from the first, with the two sums that it comes from.
fn measures(view: &View<'_>) -> Table {
    let mut names = columns(&[("Measure", 30.0), ("Unit", 18.0)]);
    for (w, world) in view.worlds().iter().enumerate() {
        names.push((world.name.clone(), 16.0));
        if w > 0 {
            names.push((format!("{} less {}", world.name, view.worlds()[0].name), 18.0));
        }
    }
    names.extend(columns(&[("Target", 12.0), ("Accepted from", 12.0), ("Accepted to", 12.0), ("Grade", 8.0)]));
    for world in view.worlds() {
        names.extend(["numerator", "denominator"].map(|part| (format!("{}, {part}", world.name), 18.0)));
    }
    names.extend(columns(&[("Definition", 90.0), ("Sample (numerator / denominator)", 50.0)]));
    let count = view.measures.first().map_or(0, |all| all.iter().count());
    let rows = (0..count).map(|index| measure(view, index)).collect();
    Table { name: "Measures", columns: names, rows }
}

fn measure(view: &View<'_>, index: usize) -> Vec<Cell> {
    let all: Vec<&Measure> = view.measures.iter().filter_map(|measures| measures.iter().nth(index)).collect();
    let Some(first) = all.first() else { return Vec::new() };
    let (d, base) = (first.definition, first.value());
    let mut row = vec![text(d.key), text(d.unit.name())];
    for (w, measure) in all.iter().enumerate() {
        row.push(measure.value().map_or(Cell::Empty, |value| Cell::Of(d.unit, value)));
        if w > 0 {
            let change = base.zip(measure.value()).map(|(base, value)| value - base);
            row.push(change.map_or(Cell::Empty, |change| Cell::Change(d.unit, change)));
        }
    }
    let target = view.record.provenance.targets.iter().find(|target| target.measure == d.key);
    // One that is open to a side has no number there.
    let bound = |value: f64| if value.abs() < 1e12 { Cell::Of(d.unit, value) } else { Cell::Empty };
    row.extend(target.map_or_else(
        || [Cell::Empty, Cell::Empty, Cell::Empty, Cell::Empty],
        |t| [bound(t.target), bound(t.low), bound(t.high), text(t.grade.to_string())],
    ));
    row.extend(all.iter().flat_map(|m| [m.numerator, m.denominator].map(|sum| Cell::Number(sum as f64))));
    row.extend([text(d.says), text(d.sample)]);
    row
}

/// What a month says: its name, its unit, what it is, and how it is read.
struct MonthColumn(&'static str, Unit, &'static str, fn(&MonthObservations) -> Option<f64>);

/// Fen as yuan.
fn yuan(fen: i128) -> Option<f64> {
    Some(fen as f64 / 100.0)
}

const MONTHLY: [MonthColumn; 17] = [
    MonthColumn("Unemployment", Unit::Share, "Urban surveyed unemployment as the path sets it.", |m| {
        Some(f64::from(m.unemployment_ppm) / 1e6)
    }),
    MonthColumn("Income index", Unit::TimesPerYear, "Income of those in work; 1 at the start of the run.", |m| {
        Some(f64::from(m.income_index_ppm) / 1e6)
    }),
    MonthColumn("Risk appetite", Unit::TimesPerYear, "Factor on the highest accepted PD at the month-end.", |m| {
        Some(f64::from(m.appetite_ppm) / 1e6)
    }),
    MonthColumn("Applications approved", Unit::Share, "Approved of all decided.", |m| m.application_approval_ratio()),
    MonthColumn("Drawings approved", Unit::Share, "Approved of all requested purchases, tips, cards.", |m| {
        m.drawing_approval_ratio()
    }),
    MonthColumn("Captured, yuan", Unit::Yuan, "Purchases captured and cards bought.", |m| {
        yuan(m.captured_fen().into())
    }),
    MonthColumn("Open accounts", Unit::Accounts, "Open or frozen, month-end.", |m| Some(m.stocks.accounts as f64)),
    MonthColumn("Active accounts", Unit::Accounts, "Open, unfrozen, a purchase in 92 days; month-end.", |m| {
        Some(m.stocks.active_accounts as f64)
    }),
    MonthColumn("Balance, yuan", Unit::Yuan, "Principal of all funders, month-end.", |m| yuan(m.balance_fen().into())),
    MonthColumn("Overdue", Unit::Share, "Balance at DPD 1 or more of all balance, month-end.", |m| m.overdue_ratio(1)),
    MonthColumn("Overdue 30+", Unit::Share, "Balance at DPD 31 or more of all balance, month-end.", |m| {
        m.overdue_ratio(2)
    }),
    MonthColumn("Overdue 90+", Unit::Share, "Balance at DPD 91 or more of all balance, month-end.", |m| {
        m.overdue_ratio(4)
    }),
    MonthColumn("Written off, yuan", Unit::Yuan, "Principal written off.", |m| yuan(m.flows.writeoff_fen.into())),
    MonthColumn("Loss a year", Unit::Share, "Principal written off × 365 over the sum of daily balances.", |m| {
        m.gross_loss_annual_ratio()
    }),
    MonthColumn("Allowance, yuan", Unit::Yuan, "Loss allowance held (IFRS 9), month-end.", |m| {
        yuan(m.stocks.allowance_fen.into())
    }),
    MonthColumn("Profit, yuan", Unit::Yuan, "Income less expense of the month's journal.", |m| yuan(m.profit_fen())),
    MonthColumn("Complaints", Unit::Accounts, "Complaints of the month, all subjects.", |m| {
        Some(m.flows.complaints.iter().sum::<i64>() as f64)
    }),
];

fn monthly(worlds: &[WorldObservations]) -> Table {
    let mut names = columns(&[("World", 16.0), ("Month", 10.0)]);
    names.extend(MONTHLY.map(|column| (column.0.to_string(), 14.0)));
    let row = |world: &WorldObservations, month: &MonthObservations| -> Vec<Cell> {
        let head = [text(world.name.as_str()), text(month_name(month.first_day))];
        let values = MONTHLY.iter().map(|column| (column.3)(month).map_or(Cell::Empty, |v| Cell::Of(column.1, v)));
        head.into_iter().chain(values).collect()
    };
    let rows = worlds.iter().flat_map(|world| world.months.iter().map(move |month| row(world, month))).collect();
    Table { name: "Monthly", columns: names, rows }
}

/// Ratio of two sums, nothing of none.
fn ratio(part: i64, whole: i64) -> Cell {
    if whole == 0 { Cell::Empty } else { Cell::Of(Unit::Share, part as f64 / whole as f64) }
}

fn vintages(worlds: &[WorldObservations]) -> Table {
    let names = columns(&[
        ("World", 16.0),
        ("Opened in", 10.0),
        ("Accounts opened", 12.0),
        ("Months on book", 10.0),
        ("Reached 31 days past due", 14.0),
        ("Written off of drawn", 14.0),
    ]);
    let mut rows = Vec::new();
    for world in worlds {
        for v in &world.vintages {
            let (year, month) = world.calendar_month(v.run_month);
            let (mut late, mut lost, mut drawn) = (0, 0, 0);
            let life = v.first_30_plus.iter().zip(&v.writeoff_fen).zip(&v.drawn_fen).enumerate();
            for (age, ((first, writeoff), draw)) in life {
                (late, lost, drawn) = (late + first, lost + writeoff, drawn + draw);
                rows.push(vec![
                    text(world.name.as_str()),
                    text(format!("{year:04}-{month:02}")),
                    Cell::Of(Unit::Accounts, v.opened as f64),
                    Cell::Number(age as f64),
                    ratio(late, v.opened),
                    ratio(lost, drawn),
                ]);
            }
        }
    }
    Table { name: "Vintages", columns: names, rows }
}

fn groups(worlds: &[WorldObservations]) -> Table {
    let names = columns(&[
        ("World", 16.0),
        ("Month", 10.0),
        ("By", 10.0),
        ("Group", 14.0),
        ("Accounts", 12.0),
        ("Balance, yuan", 14.0),
        ("Overdue", 10.0),
        ("Overdue 30+", 10.0),
        ("Debt service over income", 14.0),
        ("Over-borrowed accounts", 14.0),
    ]);
    let row = |world: &WorldObservations, month: &MonthObservations, group: usize| -> Vec<Cell> {
        let s = &month.risk;
        let balance = s.balance_fen[group];
        let head = [world.name.as_str(), &month_name(month.first_day), group_kind(group), GROUP_NAMES[group]].map(text);
        let amounts = [
            Cell::Of(Unit::Accounts, s.accounts[group] as f64),
            Cell::Of(Unit::Yuan, balance as f64 / 100.0),
            ratio(s.overdue_fen[group], balance),
            ratio(s.overdue_30_fen[group], balance),
            ratio(s.service_fen[group], s.income_fen[group]),
            Cell::Of(Unit::Accounts, s.overborrowed[group] as f64),
        ];
        head.into_iter().chain(amounts).collect()
    };
    let months = worlds.iter().flat_map(|world| world.months.iter().map(move |month| (world, month)));
    let rows = months.flat_map(|(w, m)| (0..GROUP_NAMES.len()).map(move |group| row(w, m, group))).collect();
    Table { name: "Groups", columns: names, rows }
}

fn expected_loss(worlds: &[WorldObservations]) -> Table {
    let mut names = columns(&[("World", 16.0), ("Month", 10.0)]);
    for scenario in ECL_NAMES {
        names.extend((1..=STAGES).map(|stage| (format!("{scenario}, stage {stage}, yuan"), 14.0)));
    }
    let row = |world: &WorldObservations, month: &MonthObservations| -> Vec<Cell> {
        let head = [text(world.name.as_str()), text(month_name(month.first_day))];
        let losses = month.risk.ecl_fen.iter().map(|fen| Cell::Of(Unit::Yuan, *fen as f64 / 100.0));
        head.into_iter().chain(losses).collect()
    };
    let rows = worlds.iter().flat_map(|world| world.months.iter().map(move |month| row(world, month))).collect();
    Table { name: "Expected loss", columns: names, rows }
}

fn definitions() -> Table {
    let mut rows: Vec<Vec<Cell>> = MONTHLY
        .iter()
        .map(|MonthColumn(name, unit, says, _)| {
            // An index is a plain factor.
            let unit = if matches!(unit, Unit::TimesPerYear) { "factor" } else { unit.name() };
            vec![text("Monthly"), text(*name), text(unit), text(*says)]
        })
        .collect();
    let others = [
        (
            "Measures",
            "less",
            "as the measure; shares in percentage points, per milles in ‰",
            "Value of the world less that of the first world.",
        ),
        (
            "Vintages",
            "Reached 31 days past due",
            "ratio (shown in %)",
            "Accounts that had reached 31 days past due by then, over accounts opened; a spell counts each time.",
        ),
        (
            "Vintages",
            "Written off of drawn",
            "ratio (shown in %)",
            "Principal written off by then over principal drawn by then.",
        ),
        ("Groups", "Group", "–", "Age band or monthly wage in yuan of the account holder; live accounts, month-ends."),
        (
            "Groups",
            "Debt service over income",
            "ratio (shown in %)",
            "Service of debts elsewhere and the last statement over monthly income, wage or benefit.",
        ),
        ("Groups", "Over-borrowed accounts", "accounts", "Holders owe more a month than 55 % of their income."),
        (
            "Expected loss",
            "upside, base, downside, booked",
            "yuan",
            "Expected loss of the platform's own exposure by IFRS 9 stage under that scenario alone, and under their weights as the allowance is made; month-ends.",
        ),
    ];
    rows.extend(others.map(|row| <[&str; 4]>::from(row).map(text).into()));
    let names = columns(&[("Sheet", 16.0), ("Column", 28.0), ("Unit", 24.0), ("Definition", 100.0)]);
    Table { name: "Definitions", columns: names, rows }
}
