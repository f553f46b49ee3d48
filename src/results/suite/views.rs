//! The risk views of a world: tables of cells, each a ratio of two sums, so that a suite can state every cell with its interval
//! over replications.
//!
//! The order of the cells depends on the length of the run alone ([`layout`]); a cell whose denominator is zero has no value.

use crate::measure::words::{Cause, GROUP_NAMES, GROUPS, Posting, STAGES, Scene};
use crate::measure::{MonthObservations, WRITTEN_OFF_BORNE, WRITTEN_OFF_COVERED, WorldObservations};
use crate::results::columns::BUCKET_NAMES;
use crate::results::risk::{ECL_NAMES, group_kind};

/// Months of the periods by which views are reported.
const PERIOD_MONTHS: usize = 6;

/// Parts of the whole in which shares and indices of concentration are kept.
const WHOLE: i64 = 1_000_000_000;

/// What a view is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ViewDefinition {
    /// Key in tables.
    pub key: &'static str,
    /// Heading.
    pub title: &'static str,
    /// What its cells are.
    pub says: &'static str,
}

/// All views, in the order of the tables.
pub(crate) const VIEWS: [ViewDefinition; 14] = [
    view(
        "vintages_30",
        "Vintages: accounts that reached 31 days past due",
        "Accounts of the half-year of opening that had reached 31 days past due by a month on book, over accounts opened; only months on book that all its months of opening have seen. A spell counts each time it reaches 31 days.",
    ),
    view(
        "vintages_loss",
        "Vintages: principal written off",
        "Principal written off by a month on book over principal drawn by then, by half-year of opening.",
    ),
    view(
        "roll_rates",
        "Roll rates",
        "Balance at a month-end that stands in a later bucket at the next (for M6: written off), over the balance of the bucket; by half-year.",
    ),
    view(
        "transitions_balance",
        "Transition matrix by balance",
        "Cohort estimator: balance that moved from one bucket (row) to another (column) between month-ends, over all balance of the row, summed over the counted months.",
    ),
    view(
        "transitions_accounts",
        "Transition matrix by accounts",
        "The same by number of accounts; `none` are accounts without a balance.",
    ),
    view(
        "stages",
        "IFRS 9 stages and five-tier classes",
        "Share of the balance at month-ends. Stage 2: 31 or more days past due or risk has risen; stage 3: 91 or more. Special mention from 8 days, since up to 7 are technical.",
    ),
    view(
        "ecl",
        "Expected credit loss by scenario and stage",
        "Expected loss of the platform's own exposure under one macro scenario alone, over its own balance, month-ends; `booked` is the weighted coverage that the allowance is made of. On `(weighted)` the paths of the suite are weighted.",
    ),
    view(
        "capital",
        "Capital use",
        "Own book over net assets (leverage), own book over the most that leverage allows, and net assets at the end over those at the beginning.",
    ),
    view(
        "funding",
        "Funding by partner",
        "Unused part of the capacity at month-ends (headroom), and share of month-ends on which the funder did not lend.",
    ),
    view(
        "loss_split",
        "Managed against own-book loss",
        "A year: principal written off of all funders over the whole book; platform's own part with first loss it covered for partners over its own book; what partners bore over theirs.",
    ),
    view(
        "reaged",
        "Re-aged beside overdue",
        "Balance at DPD 1 or more, balance in hardship plans, and account-days that no collector had time for of all that were due (queued), by half-year.",
    ),
    view(
        "concentration",
        "Concentration",
        "Shares of the balance by age band and monthly wage, of captured volume by scene, of tips by host; HHI is the sum of squared shares (1 is one alone).",
    ),
    view(
        "overborrowing",
        "Over-borrowing by age and income",
        "By group of the account holder, month-ends: overdue balance over balance; debts elsewhere and the last statement over monthly income; accounts whose holders owe more than 55 % of income a month.",
    ),
    view("causes", "Causes of default", "Of accounts that first reached 31 days past due in a spell: why."),
];

const fn view(key: &'static str, title: &'static str, says: &'static str) -> ViewDefinition {
    ViewDefinition { key, title, says }
}

/// Where a cell stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct CellName {
    /// Key of the view.
    pub view: &'static str,
    /// Row.
    pub row: String,
    /// Column.
    pub column: String,
}

/// A cell: two sums whose ratio is its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cell {
    /// Where.
    pub name: CellName,
    /// Numerator.
    pub numerator: i64,
    /// Denominator; zero when nothing was there.
    pub denominator: i64,
}

/// The names of all cells of a run of so many months, in order.
pub(crate) fn layout(warmup_months: u16, months: u16) -> Vec<CellName> {
    let empty = WorldObservations::empty(warmup_months, months);
    cells(&empty).into_iter().map(|cell| cell.name).collect()
}

/// All cells of a world, in the order of [`layout`].
pub(crate) fn cells(world: &WorldObservations) -> Vec<Cell> {
    let mut table = Table { cells: Vec::new(), view: "" };
    vintages(&mut table, world);
    roll_rates(&mut table, world);
    transitions(&mut table, world);
    stages(&mut table, world);
    ecl(&mut table, world);
    capital(&mut table, world);
    loss_split(&mut table, world);
    reaged(&mut table, world);
    concentration(&mut table, world);
    overborrowing(&mut table, world);
    causes(&mut table, world);
    table.cells
}

struct Table {
    cells: Vec<Cell>,
    view: &'static str,
}

impl Table {
    fn put(&mut self, row: &str, column: &str, numerator: i64, denominator: i64) {
        let name = CellName { view: self.view, row: row.to_string(), column: column.to_string() };
        self.cells.push(Cell { name, numerator, denominator });
    }
}

fn sum(world: &WorldObservations, of: impl Fn(&MonthObservations) -> i64) -> i64 {
    world.months.iter().map(of).sum()
}

/// Half-years of the counted months, with their names.
fn periods(world: &WorldObservations) -> impl Iterator<Item = (String, &[MonthObservations])> {
    world.months.chunks(PERIOD_MONTHS).enumerate().map(|(number, months)| {
        let first = number * PERIOD_MONTHS + 1;
        (format!("months {first}-{}", first + months.len() - 1), months)
    })
}

/// Vintages by half-year of opening, counted back and forth from the first counted month.
fn vintages(table: &mut Table, world: &WorldObservations) {
    let before = i32::from(world.first_counted_run_month());
    let groups: Vec<(String, &[crate::measure::Vintage])> = world
        .vintages
        .chunks(PERIOD_MONTHS)
        .map(|group| {
            let month = |run_month: u16| i32::from(run_month) - before + 1;
            let (first, last) = (month(group[0].run_month), month(group[group.len() - 1].run_month));
            (format!("opened in months {first} to {last}"), group)
        })
        .collect();
    for (view, of) in [("vintages_30", false), ("vintages_loss", true)] {
        table.view = view;
        for (name, group) in &groups {
            let seen = group.iter().map(|v| v.first_30_plus.len()).min().unwrap_or(0);
            let (mut numerator, mut drawn) = (0, 0);
            let opened: i64 = group.iter().map(|v| v.opened).sum();
            for age in 0..seen {
                numerator +=
                    group.iter().map(|v| if of { v.writeoff_fen[age] } else { v.first_30_plus[age] }).sum::<i64>();
                drawn += group.iter().map(|v| v.drawn_fen[age]).sum::<i64>();
                table.put(name, &age.to_string(), numerator, if of { drawn } else { opened });
            }
        }
    }
}

/// Index of a move in the transition tables.
const fn moved(from: usize, to: usize) -> usize {
    from * 9 + to
}

fn roll_rates(table: &mut Table, world: &WorldObservations) {
    table.view = "roll_rates";
    for (period, months) in periods(world) {
        for from in 0..7 {
            let of = |to: std::ops::RangeInclusive<usize>| -> i64 {
                let cells =
                    |m: &MonthObservations| to.clone().map(|to| m.stocks.transitions_fen[moved(from, to)]).sum::<i64>();
                months.iter().map(cells).sum::<i64>()
            };
            let row = format!("{} to {}", BUCKET_NAMES[from], BUCKET_NAMES[from + 1]);
            table.put(&row, &period, of(from + 1..=7), of(0..=8));
        }
    }
}

fn transitions(table: &mut Table, world: &WorldObservations) {
    table.view = "transitions_balance";
    matrix(table, world, |m| &m.stocks.transitions_fen);
    table.view = "transitions_accounts";
    matrix(table, world, |m| &m.stocks.transitions_accounts);
}

fn matrix(table: &mut Table, world: &WorldObservations, of: fn(&MonthObservations) -> &[i64; 81]) {
    for (from, row) in BUCKET_NAMES.iter().enumerate().take(7) {
        let all = sum(world, |m| of(m)[moved(from, 0)..moved(from + 1, 0)].iter().sum());
        for (to, column) in BUCKET_NAMES.iter().enumerate() {
            table.put(row, column, sum(world, |m| of(m)[moved(from, to)]), all);
        }
    }
}

fn stages(table: &mut Table, world: &WorldObservations) {
    table.view = "stages";
    let balance = sum(world, MonthObservations::balance_fen);
    for stage in 0..STAGES {
        let part = sum(world, |m| m.stocks.balance_by_stage_fen[stage]);
        table.put(&format!("stage {}", stage + 1), "share", part, balance);
    }
    let classes = ["normal", "special mention", "substandard", "doubtful", "loss"];
    for (class, name) in classes.into_iter().enumerate() {
        table.put(name, "share", sum(world, |m| m.stocks.balance_by_class_fen[class]), balance);
    }
    table.put("technical lateness", "share", sum(world, |m| m.stocks.technical_fen), balance);
}

fn own_balance(m: &MonthObservations) -> i64 {
    m.stocks.balance_by_funder_fen[0]
}

fn ecl(table: &mut Table, world: &WorldObservations) {
    table.view = "ecl";
    let own = sum(world, own_balance);
    for (scenario, name) in ECL_NAMES.iter().enumerate() {
        let of = |stage: usize| sum(world, |m| m.risk.ecl_fen[scenario * STAGES + stage]);
        for stage in 0..STAGES {
            table.put(name, &format!("stage {}", stage + 1), of(stage), own);
        }
        table.put(name, "all", (0..STAGES).map(of).sum(), own);
    }
}

fn capital(table: &mut Table, world: &WorldObservations) {
    table.view = "capital";
    let own = sum(world, own_balance);
    let assets = world.net_assets_fen();
    table.put("own book over net assets", "mean", own, assets.iter().skip(1).sum());
    let capacity = |funder: usize| sum(world, |m| m.stocks.capacity_by_funder_fen[funder]);
    table.put("own book over its capacity", "mean", own, capacity(0));
    let ends = (assets.last().copied().unwrap_or(0), assets.first().copied().unwrap_or(0));
    table.put("net assets at the end over the beginning", "mean", ends.0, ends.1);
    table.view = "funding";
    for (funder, name) in ["own book", "partner 1", "partner 2", "partner 3"].into_iter().enumerate() {
        let used = sum(world, |m| m.stocks.balance_by_funder_fen[funder]);
        table.put(name, "headroom", capacity(funder) - used, capacity(funder));
        let has = |m: &&MonthObservations| m.stocks.capacity_by_funder_fen[funder] > 0;
        let months = world.months.iter().filter(has).count() as i64;
        let closed = world.months.iter().filter(has).map(|m| 1 - m.stocks.funder_open[funder]).sum();
        table.put(name, "months closed", closed, months);
    }
}

fn loss_split(table: &mut Table, world: &WorldObservations) {
    table.view = "loss_split";
    let days = |of: &dyn Fn(&MonthObservations) -> i64| sum(world, |m| of(m) / 100 * i64::from(m.days)) / 365;
    let loss = |kinds: &[Posting]| sum(world, |m| m.posted_fen(kinds)) / 100;
    let own = [Posting::WriteOffPlatform, WRITTEN_OFF_COVERED[0], WRITTEN_OFF_COVERED[1], WRITTEN_OFF_COVERED[2]];
    table.put("managed book", "loss a year", sum(world, |m| m.flows.writeoff_fen) / 100, {
        sum(world, |m| m.balance_days_fen / 100) / 365
    });
    table.put("own book", "loss a year", loss(&own[..1]), days(&own_balance));
    table.put("own book with first loss", "loss a year", loss(&own), days(&own_balance));
    let partners = |m: &MonthObservations| m.stocks.balance_by_funder_fen[1..].iter().sum();
    table.put("partners", "loss a year", loss(&WRITTEN_OFF_BORNE), days(&partners));
}

fn reaged(table: &mut Table, world: &WorldObservations) {
    table.view = "reaged";
    for (period, months) in periods(world) {
        let all = |of: &dyn Fn(&MonthObservations) -> i64| months.iter().map(of).sum::<i64>();
        let balance = all(&MonthObservations::balance_fen);
        table.put("overdue", &period, all(&|m| m.balance_from_bucket_fen(1)), balance);
        table.put("re-aged", &period, all(&|m| m.stocks.reaged_fen), balance);
        let (queued, tried) = (all(&|m| m.flows.contacts_queued), all(&|m| m.flows.contacts_tried.iter().sum()));
        table.put("queued at the collectors", &period, queued, queued + tried);
    }
}

/// Share of each part and, last, the sum of squared shares in [`WHOLE`] parts.
fn shares(table: &mut Table, kind: &str, parts: &[(String, i64)]) {
    let whole: i64 = parts.iter().map(|(_, part)| part).sum();
    for (name, part) in parts {
        table.put(kind, name, *part, whole);
    }
    put_hhi(table, kind, &parts.iter().map(|(_, part)| *part).collect::<Vec<i64>>());
}

fn put_hhi(table: &mut Table, kind: &str, parts: &[i64]) {
    let whole: i128 = parts.iter().map(|part| i128::from(*part)).sum();
    let square = |part: &i64| i128::from(*part) * i128::from(*part);
    let squares: i128 = parts.iter().map(square).sum();
    let hhi = if whole == 0 { 0 } else { squares * i128::from(WHOLE) / (whole * whole) };
    table.put(kind, "HHI", hhi as i64, if whole == 0 { 0 } else { WHOLE });
}

fn concentration(table: &mut Table, world: &WorldObservations) {
    table.view = "concentration";
    for kind in ["age", "income"] {
        let parts = (0..GROUPS).filter(|g| group_kind(*g) == kind);
        let parts: Vec<(String, i64)> =
            parts.map(|g| (GROUP_NAMES[g].to_string(), sum(world, |m| m.risk.balance_fen[g]))).collect();
        shares(table, kind, &parts);
    }
    let mut scenes: Vec<(String, i64)> = Scene::ALL
        .iter()
        .enumerate()
        .map(|(i, scene)| (scene.name().to_string(), sum(world, |m| m.flows.captured_fen[i])))
        .collect();
    scenes.push(("cards".to_string(), sum(world, |m| m.flows.cards_sold_fen)));
    scenes.push(("tips".to_string(), sum(world, |m| m.flows.tips_fen)));
    shares(table, "scene", &scenes);
    let mut tips = world.tips_by_host_fen.clone();
    tips.sort_unstable_by(|a, b| b.cmp(a));
    let whole: i64 = tips.iter().sum();
    for first in [1, 5, 20] {
        table.put("host", &format!("largest {first}"), tips.iter().take(first).sum(), whole);
    }
    put_hhi(table, "host", &tips);
}

fn overborrowing(table: &mut Table, world: &WorldObservations) {
    table.view = "overborrowing";
    for (group, name) in GROUP_NAMES.iter().enumerate() {
        let row = format!("{} {name}", group_kind(group));
        let of = |column: fn(&MonthObservations) -> &[i64; GROUPS]| sum(world, |m| column(m)[group]);
        let balance = of(|m| &m.risk.balance_fen);
        table.put(&row, "overdue", of(|m| &m.risk.overdue_fen), balance);
        table.put(&row, "overdue 30+", of(|m| &m.risk.overdue_30_fen), balance);
        table.put(&row, "debt service over income", of(|m| &m.risk.service_fen), of(|m| &m.risk.income_fen));
        table.put(&row, "over-borrowed accounts", of(|m| &m.risk.overborrowed), of(|m| &m.risk.accounts));
    }
}

fn causes(table: &mut Table, world: &WorldObservations) {
    table.view = "causes";
    let all = sum(world, |m| m.people.reached_31_by_cause.iter().sum());
    for cause in Cause::ALL.into_iter().skip(1) {
        table.put(cause.name(), "share", sum(world, |m| m.people.reached_31_by_cause[cause as usize]), all);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::fixture;
    use std::collections::BTreeSet;

    fn value(cells: &[Cell], view: &str, row: &str, column: &str) -> f64 {
        let found = cells.iter().find(|c| (c.name.view, &*c.name.row, &*c.name.column) == (view, row, column));
        let cell = found.unwrap_or_else(|| panic!("no cell {view} / {row} / {column}"));
        cell.numerator as f64 / cell.denominator as f64
    }

    #[test]
    fn the_layout_follows_from_the_length_of_the_run() {
        let world = fixture::world("severe", 1.0);
        let names: Vec<CellName> = cells(&world).into_iter().map(|c| c.name).collect();
        assert_eq!(names, layout(fixture::WARMUP, fixture::MONTHS));
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "no two cells have the same name");
        let plain = |text: &str| !text.contains([',', '"', '/']);
        assert!(names.iter().all(|n| plain(&n.row) && plain(&n.column)), "names stand in the header of a table");
        assert!(names.iter().all(|name| VIEWS.iter().any(|v| v.key == name.view)));
        assert!(VIEWS.iter().all(|v| names.iter().any(|name| v.key == name.view)), "every view has cells");
    }

    #[test]
    fn rows_of_matrices_and_shares_add_up_to_one() {
        let all = cells(&fixture::world("severe", 1.0));
        let total = |view: &str, row: &str| -> f64 {
            let of_row = all.iter().filter(|c| c.name.view == view && c.name.row == row && c.name.column != "HHI");
            of_row.map(|c| c.numerator as f64 / c.denominator as f64).sum()
        };
        for row in ["C", "M1", "M6"] {
            assert!((total("transitions_balance", row) - 1.0).abs() < 1e-12, "{row}");
        }
        for kind in ["age", "income", "scene"] {
            assert!((total("concentration", kind) - 1.0).abs() < 1e-12, "{kind}");
        }
        assert!((0.2..0.35).contains(&value(&all, "concentration", "age", "HHI")));
        let causes: f64 =
            all.iter().filter(|c| c.name.view == "causes").map(|c| c.numerator as f64 / c.denominator as f64).sum();
        assert!((causes - 1.0).abs() < 1e-12);
    }

    #[test]
    fn vintages_rise_with_months_on_book_and_are_worse_in_a_downturn() {
        let (calm, severe) = (cells(&fixture::world("base", 0.0)), cells(&fixture::world("severe", 1.0)));
        let row = "opened in months 1 to 6";
        let at = |cells: &[Cell], age: usize| value(cells, "vintages_30", row, &age.to_string());
        assert!(at(&calm, 3) < at(&calm, 12) && at(&calm, 12) < at(&severe, 12));
        let ages = calm.iter().filter(|c| c.name.view == "vintages_30" && c.name.row == row).count();
        assert_eq!(ages, 19, "the last month of opening has been seen for months 0 to 18");
        // The fixture's roll from M1 in normal times.
        assert!((value(&calm, "roll_rates", "M1 to M2", "months 1-6") - 0.30).abs() < 0.01);
        assert!(value(&severe, "roll_rates", "M1 to M2", "months 13-18") > 0.32);
    }
}
