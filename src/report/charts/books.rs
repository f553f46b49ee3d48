//! Charts of what the product costs and earns: losses, profit, funding. Drawn from the record alone.

use super::chart::{Chart, height_for};
use crate::measure::words::Account;
use crate::measure::{MonthObservations, WorldObservations};
use crate::report::axis::Axis;
use crate::report::drawing::{Align, Drawing, Type};
use crate::report::numbers::{percent, percent_or_dash, short_yuan};
use crate::report::palette::{AXIS, GAIN, INK, LOSS, funder};
use crate::report::plot::{Key, LABEL, Mark, Panel, Plot, TOP, grid, panels, sheet};
use crate::report::view::{View, peak};

fn allowance(month: &MonthObservations) -> Option<f64> {
    (month.balance_fen() != 0).then(|| month.stocks.allowance_fen as f64 / month.balance_fen() as f64)
}

pub(super) fn losses(view: &View<'_>) -> Chart {
    let keys = view.world_keys(Mark::Line);
    let mut sheet = sheet(400.0, "Losses by month", &view.subtitle, &keys);
    let halves = grid(&sheet, 2, 1);
    type Ratio = fn(&MonthObservations) -> Option<f64>;
    let sides: [(&str, &str, Ratio); 2] = [
        ("Written off, a year", "share of mean balance, %", MonthObservations::gross_loss_annual_ratio),
        ("Loss allowance held", "share of balance, %", allowance),
    ];
    for ((heading, unit, of), panel) in sides.into_iter().zip(halves) {
        let y = Axis::percent(0.0, view.highest(0.01, of), unit);
        let plot = Plot::new(&mut sheet, panel.beside_numbers(keys.len()), heading, Axis::months(&view.months()), y);
        plot.lines(&mut sheet, view.lines(&keys, of));
    }
    let loss = |w: usize| percent_or_dash(view.measures[w].value("gross_loss_rate_annual"), 1);
    let top = |w: usize| peak(&view.worlds()[w], MonthObservations::gross_loss_annual_ratio);
    let takeaway = match (view.compared(), top(view.compared().unwrap_or(0))) {
        (Some(w), Some(p)) => format!(
            "Write-offs run at {} of balance a year against {}, in the worst month at {} against {}.",
            loss(w),
            loss(0),
            percent(p.value, 1),
            percent_or_dash(top(0).map(|p| p.value), 1)
        ),
        _ => format!("Write-offs run at {} of balance a year.", loss(0)),
    };
    Chart {
        slug: "losses",
        section: "Loss, profit and funding",
        takeaway,
        definition: "Principal written off in the month × 365 over the sum of daily balances; IFRS 9 allowance over balance at the month-end.",
        drawing: sheet,
    }
}

/// The steps from income to profit, yuan.
fn steps(world: &WorldObservations) -> Vec<(&'static str, f64)> {
    use Account as A;
    let yuan = |accounts: &[Account]| accounts.iter().map(|a| world.movement_fen(*a)).sum::<i64>() as f64 / 100.0;
    vec![
        ("Interest", yuan(&[A::InterestIncome])),
        ("Fees and late interest", yuan(&[A::FeeIncome, A::PenaltyIncome])),
        ("Merchant commission", yuan(&[A::CommissionIncome])),
        ("Share of tips", yuan(&[A::TipIncome])),
        ("Recoveries, claim sales", yuan(&[A::RecoveryIncome, A::ClaimSaleIncome])),
        ("Partners' funding", -yuan(&[A::PartnerCost])),
        ("Own funding", -yuan(&[A::TreasuryCost])),
        ("Impairment", -yuan(&[A::ImpairmentExpense])),
        ("First loss to partners", -yuan(&[A::FirstLossExpense])),
        ("Interest written off", -yuan(&[A::ReceivableWriteOff])),
        ("Origination, service", -yuan(&[A::OriginationCost, A::ServiceCost])),
        ("Collection", -yuan(&[A::CollectionCost])),
        ("Coupons, rebates", -yuan(&[A::SubsidyCost])),
    ]
}

fn waterfall_panel(sheet: &mut Drawing, panel: Panel, world: &WorldObservations, range: (f64, f64)) {
    let steps = steps(world);
    let room = steps.iter().map(|s| LABEL.width(s.0)).fold(0.0, f64::max) + 10.0;
    // The value of the longest bar stands beside it.
    let inner = Panel { left: panel.left + room, right: panel.right - 38.0, ..panel };
    let rows = steps.len() + 1;
    let plot = Plot::new(sheet, inner, &world.name, Axis::number(range.0, range.1, "yuan"), Axis::rows(rows));
    let band = (plot.panel.bottom - plot.panel.top) / rows as f64;
    let zero = plot.at(0.0, 0.0).0;
    sheet.line((zero, plot.panel.top), (zero, plot.panel.bottom), AXIS, 1.0);
    let mut bar = |row: usize, from: f64, to: f64, name: &str, value: f64, bold: bool| {
        let top = plot.panel.top + row as f64 * band;
        let (a, b) = (plot.at(from, 0.0).0, plot.at(to, 0.0).0);
        let colour = match value {
            0.0 => AXIS,
            0.0.. => GAIN,
            _ => LOSS,
        };
        // Half a pixel each way, so that a step of nothing still shows where it stands.
        sheet.rect((a.min(b) - 0.5, top + 3.0), (a.max(b) + 0.5, top + band - 3.0), colour);
        let style = if bold { Type::new(12.0, INK).bold() } else { Type::new(12.0, INK) };
        let middle = top + band / 2.0;
        sheet.text((plot.panel.left - 8.0, middle), name, style.align(Align::End));
        sheet.text((a.max(b) + 5.0, middle), short_yuan(value), Type { size: 11.0, ..style });
    };
    let mut level = 0.0;
    for (row, (name, value)) in steps.iter().enumerate() {
        bar(row, level, level + value, name, *value, false);
        level += value;
    }
    bar(rows - 1, 0.0, level, "Profit", level, true);
}

pub(super) fn waterfall(view: &View<'_>) -> Chart {
    let n = view.worlds().len();
    let legend = [Key::new("adds to profit", GAIN, Mark::Square), Key::new("takes from profit", LOSS, Mark::Square)];
    // Names of steps take a good part of a panel's width: two side by side at most.
    let (columns, rows) = (n.clamp(1, 2), n.div_ceil(2).max(1));
    let height = TOP + 10.0 + 400.0 * rows as f64;
    let mut sheet = sheet(height, "From income to profit", &view.subtitle, &legend);
    let mut range = (0.0_f64, 1.0_f64);
    for world in view.worlds() {
        let mut level = 0.0;
        for (_, value) in steps(world) {
            level += value;
            range = (range.0.min(level), range.1.max(level));
        }
    }
    for (world, panel) in view.worlds().iter().zip(grid(&sheet, columns, rows)) {
        waterfall_panel(&mut sheet, panel, world, range);
    }
    let profit = |w: usize| view.measures[w].value("profit_yuan").unwrap_or(0.0);
    let impairment = |w: usize| {
        let lost = [Account::ImpairmentExpense, Account::FirstLossExpense];
        lost.iter().map(|a| view.worlds()[w].movement_fen(*a)).sum::<i64>() as f64 / 100.0
    };
    let takeaway = match view.compared() {
        Some(w) => format!(
            "Profit over the counted months is {} yuan against {}; impairment and first losses cost {} against {}.",
            short_yuan(profit(w)),
            short_yuan(profit(0)),
            short_yuan(impairment(w)),
            short_yuan(impairment(0))
        ),
        None => format!(
            "Profit over the counted months is {} yuan, after {} of impairment and first losses.",
            short_yuan(profit(0)),
            short_yuan(impairment(0))
        ),
    };
    Chart {
        slug: "profit",
        section: "Loss, profit and funding",
        takeaway,
        definition: "Movements of the income and expense accounts in the run's double-entry journal over the counted months; the last bar is their sum. The same scale for every world.",
        drawing: sheet,
    }
}

/// Funders that ever lent or could have lent.
fn funders(view: &View<'_>) -> Vec<usize> {
    let seen = |f: &usize| {
        let lent =
            |m: &MonthObservations| m.stocks.balance_by_funder_fen[*f] != 0 || m.stocks.capacity_by_funder_fen[*f] != 0;
        view.worlds().iter().flat_map(|w| &w.months).any(lent)
    };
    (0..4).filter(seen).collect()
}

pub(super) fn funding(view: &View<'_>) -> Chart {
    let (n, funders) = (view.worlds().len(), funders(view));
    let name = |f: usize| view.record.provenance.funders.get(f).cloned().unwrap_or_else(|| format!("Partner {f}"));
    let mut legend: Vec<Key> = funders.iter().map(|&f| Key::new(name(f), funder(f), Mark::Square)).collect();
    legend = Key::numbered(legend);
    let lenders = legend.clone();
    legend.push(Key::new("the most that can be lent", INK, Mark::Dashes));
    let mut sheet = sheet(height_for(n, 560.0), "Funding: who lends, and how full they are", &view.subtitle, &legend);
    // A partner that has stopped adds nothing to what it has lent already, however large its capacity is.
    let most_of = |m: &MonthObservations, f: usize| match m.stocks.funder_open[f] {
        0 => m.stocks.balance_by_funder_fen[f],
        _ => m.stocks.capacity_by_funder_fen[f],
    };
    let capacity = |m: &MonthObservations| Some(funders.iter().map(|&f| most_of(m, f)).sum::<i64>() as f64 / 100.0);
    let balance = |m: &MonthObservations| Some(m.balance_fen() as f64 / 100.0);
    let high = view.highest(1.0, balance).max(view.highest(1.0, capacity));
    let used = |m: &MonthObservations, f: usize| {
        let (owed, room) = (m.stocks.balance_by_funder_fen[f], m.stocks.capacity_by_funder_fen[f]);
        (room > 0).then(|| owed as f64 / room as f64)
    };
    let fullest = funders.iter().map(|&f| view.highest(0.1, |m| used(m, f))).fold(0.1, f64::max);
    for (w, panel) in panels(&sheet, n).into_iter().enumerate() {
        let (world, middle) = (&view.worlds()[w], panel.top + (panel.bottom - panel.top) * 0.55);
        let y = Axis::number(0.0, high, "balance, yuan");
        let upper = Panel { bottom: middle, ..panel }.beside_numbers(funders.len());
        let plot = Plot::new(&mut sheet, upper, &world.name, Axis::months(&view.months()), y);
        let layer =
            |f: usize| world.months.iter().map(|m| Some(m.stocks.balance_by_funder_fen[f] as f64 / 100.0)).collect();
        plot.stack(&mut sheet, &funders.iter().map(|&f| (layer(f), funder(f))).collect::<Vec<_>>());
        plot.series(&mut sheet, &view.series(w, capacity), INK, true);
        let lower = Panel { top: middle + 6.0, ..panel }.beside_numbers(funders.len());
        let y = Axis::percent(0.0, fullest, "of capacity, %");
        let plot = Plot::new(&mut sheet, lower, "Use of each funder's capacity", Axis::months(&view.months()), y);
        let lines = funders.iter().map(|&f| view.series(w, |m| used(m, f)));
        plot.lines(&mut sheet, lines.zip(&lenders));
    }
    let stopped = |w: usize| {
        let shut = |m: &MonthObservations| funders.iter().filter(|&&f| f > 0 && m.stocks.funder_open[f] == 0).count();
        view.worlds()[w].months.iter().map(shut).sum::<usize>()
    };
    let share = |w: usize| percent_or_dash(view.measures[w].value("partner_funded_share"), 1);
    let takeaway = match view.compared() {
        Some(w) => format!(
            "Partners fund {} of balance against {}; counted by month-ends, partners had stopped lending {} times against {}.",
            share(w),
            share(0),
            stopped(w),
            stopped(0)
        ),
        None => format!(
            "Partners fund {} of balance; counted by month-ends, partners had stopped lending {} times.",
            share(0),
            stopped(0)
        ),
    };
    Chart {
        slug: "funding",
        section: "Loss, profit and funding",
        takeaway,
        definition: "Principal by who funded it, month-ends, against the capacity of those that lend and the old loans of partners that have stopped; below, each funder's principal over its capacity, with gaps where its capacity is zero.",
        drawing: sheet,
    }
}
