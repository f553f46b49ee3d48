//! Charts of who pays late: delinquency over time, vintages, roll rates, causes, the repayment mix. Drawn from the record alone.

use super::chart::{Chart, bars_height, height_for, share_bars};
use crate::measure::{MonthObservations, WorldObservations};
use crate::report::axis::Axis;
use crate::report::drawing::{Align, Drawing, Type};
use crate::report::numbers::{fixed, grouped, percent, percent_or_dash};
use crate::report::palette::{GREY, ink_on, ramp, series};
use crate::report::plot::{HEADING, Key, LABEL, Mark, Panel, Plot, grid, panels, sheet};
use crate::report::view::{Peak, View, in_month, moves, peak, unemployment};

fn overdue_30(month: &MonthObservations) -> Option<f64> {
    month.overdue_ratio(2)
}

/// The heading of a panel with where the lines are highest; dots on the lines mark it.
fn with_peaks(heading: &str, peaks: &[(usize, &WorldObservations, Peak)]) -> String {
    let told: Vec<String> = peaks
        .iter()
        .map(|(_, world, p)| format!("{} peaks at {} {}", world.name, percent(p.value, 1), in_month(p)))
        .collect();
    if told.is_empty() { heading.to_string() } else { format!("{heading}: {}", told.join(", ")) }
}

pub(super) fn overdue_and_unemployment(view: &View<'_>) -> Chart {
    let keys = view.world_keys(Mark::Line);
    let mut sheet = sheet(600.0, "Lateness and unemployment", &view.subtitle, &keys);
    let (shown, base) = (view.compared().unwrap_or(0), view.worlds().first());
    type Ratio = fn(&MonthObservations) -> Option<f64>;
    let peak_of = |world: usize, of: Ratio| view.worlds().get(world).filter(|w| moves(w, of)).and_then(|w| peak(w, of));
    let (late, jobs) = (peak_of(shown, overdue_30), peak_of(shown, unemployment));
    let low = view.worlds().iter().flat_map(|w| &w.months).filter_map(unemployment).fold(1.0, f64::min);
    let axes = [
        Axis::percent(0.0, view.highest(0.01, overdue_30), "share of balance, %"),
        Axis::percent(low, view.highest(low + 0.01, unemployment), "urban, %"),
    ];
    let parts: [(&str, Ratio); 2] = [("Balance 30+ days overdue", overdue_30), ("Unemployment", unemployment)];
    let rows = grid(&sheet, 1, 2);
    for (((heading, of), y), panel) in parts.into_iter().zip(axes).zip(rows) {
        // The world that is compared and the first; the first alone does not stand there twice.
        let worlds = if shown == 0 { vec![0] } else { vec![shown, 0] };
        let tops: Vec<_> =
            worlds.into_iter().filter_map(|w| Some((w, view.worlds().get(w)?, peak_of(w, of)?))).collect();
        let x = Axis::months(&view.months());
        let plot = Plot::new(&mut sheet, panel.beside_numbers(keys.len()), &with_peaks(heading, &tops), x, y);
        plot.lines(&mut sheet, view.lines(&keys, of));
        for (world, _, top) in tops.iter().rev() {
            sheet.dot(plot.at(top.index as f64, top.value), 4.5, series(*world));
        }
    }
    let mut takeaway = "No months were counted.".to_string();
    if let (Some(base), Some(late)) = (base, late) {
        let order = match jobs.map(|jobs| late.index as i64 - jobs.index as i64) {
            None => String::new(),
            Some(0) => ", in the same month as unemployment".to_string(),
            Some(lag @ 1..) => format!(", {lag} month{} after unemployment", if lag == 1 { "" } else { "s" }),
            Some(lag) => format!(", {} month{} before unemployment", -lag, if lag == -1 { "" } else { "s" }),
        };
        let beside = base.months.get(late.index).and_then(overdue_30).filter(|_| shown > 0);
        let against =
            beside.map_or(String::new(), |b| format!(", against {} in {} that month", percent(b, 1), base.name));
        takeaway = format!("30+ days overdue peaks at {} {}{order}{against}.", percent(late.value, 1), in_month(&late));
    }
    Chart {
        slug: "overdue",
        section: "Delinquency",
        takeaway,
        definition: "Balance of accounts at 31 or more days past due over all balance, on each month's last calendar day; urban surveyed unemployment as the scenario sets it.",
        drawing: sheet,
    }
}

pub(super) fn buckets(view: &View<'_>) -> Chart {
    let colours = [0.22, 0.45, 0.68, 1.0].map(ramp);
    let names = ["M1 (1–30 days)", "M2 (31–60)", "M3 (61–90)", "M4–M6 (91–180)"];
    let legend: Vec<Key> = names.iter().zip(colours).map(|(n, c)| Key::new(*n, c, Mark::Square)).collect();
    let n = view.worlds().len();
    let mut sheet = sheet(height_for(n, 310.0), "Delinquency by bucket", &view.subtitle, &legend);
    let high = view.highest(0.01, |m| m.overdue_ratio(1));
    for (w, panel) in panels(&sheet, n).into_iter().enumerate() {
        let world = &view.worlds()[w];
        let y = Axis::percent(0.0, high, "share of balance, %");
        let plot = Plot::new(&mut sheet, panel, &world.name, Axis::months(&view.months()), y);
        let share = |m: &MonthObservations, from: usize, to: usize| {
            let later = if to > 6 { Some(0.0) } else { m.overdue_ratio(to) };
            m.overdue_ratio(from).zip(later).map(|(all, later)| all - later)
        };
        let layer = |from: usize, to: usize| world.months.iter().map(|m| share(m, from, to)).collect::<Vec<_>>();
        let layers: Vec<_> =
            [(1, 2), (2, 3), (3, 4), (4, 7)].map(|(a, b)| layer(a, b)).into_iter().zip(colours).collect();
        plot.stack(&mut sheet, &layers);
    }
    let worst = view.compared().unwrap_or(0);
    let top_of = |w: usize| view.worlds().get(w).and_then(|w| peak(w, |m| m.overdue_ratio(1)));
    let mean = |w: usize| percent_or_dash(view.measures.get(w).and_then(|m| m.value("overdue_rate")), 1);
    let top = top_of(worst);
    let takeaway = match (top, worst) {
        (Some(p), 0) => {
            format!("{} of balance is overdue over the run, at most {} {}.", mean(0), percent(p.value, 1), in_month(&p))
        }
        (Some(p), w) => format!(
            "{} of balance is overdue over the run in {}, at most {} {}; {} in {}, at most {}.",
            mean(w),
            view.worlds()[w].name,
            percent(p.value, 1),
            in_month(&p),
            mean(0),
            view.worlds()[0].name,
            top_of(0).map_or_else(|| "–".to_string(), |b| format!("{} {}", percent(b.value, 1), in_month(&b)))
        ),
        (None, _) => "Nothing was lent.".to_string(),
    };
    Chart {
        slug: "buckets",
        section: "Delinquency",
        takeaway,
        definition: "Balance by days past due of the account, counted from the due date of the oldest bill at which what is unpaid passes the tolerance, over all balance, month-ends; stacked, the same scale for every world. Written-off accounts (after 180 days) have left.",
        drawing: sheet,
    }
}

/// A quarter of openings: name, accounts opened, and the share that had reached 30+ by months on book.
fn quarters(world: &WorldObservations) -> Vec<(String, i64, Vec<f64>)> {
    let mut quarters: Vec<(String, i64, Vec<i64>)> = Vec::new();
    for v in &world.vintages {
        let (year, month) = world.calendar_month(v.run_month);
        let name = format!("{:02}Q{}", year % 100, (month - 1) / 3 + 1);
        match quarters.last_mut() {
            Some((last, opened, hits)) if *last == name => {
                *opened += v.opened;
                // Only ages that every month of the quarter has lived through.
                hits.truncate(v.first_30_plus.len());
                hits.iter_mut().zip(&v.first_30_plus).for_each(|(a, b)| *a += b);
            }
            _ => quarters.push((name, v.opened, v.first_30_plus.clone())),
        }
    }
    let cumulate = |(name, opened, hits): (String, i64, Vec<i64>)| {
        let mut sum = 0;
        let shares = hits.iter().map(|h| {
            sum += h;
            sum as f64 / opened.max(1) as f64
        });
        let shares = shares.collect();
        (name, opened, shares)
    };
    quarters.into_iter().map(cumulate).filter(|(_, opened, _)| *opened >= 30).collect()
}

pub(super) fn vintages(view: &View<'_>) -> Chart {
    let n = view.worlds().len();
    let worlds: Vec<_> = view.worlds().iter().map(quarters).collect();
    let count = worlds.iter().map(Vec::len).max().unwrap_or(0);
    let colour = |i: usize| ramp(0.25 + 0.75 * i as f64 / count.saturating_sub(1).max(1) as f64);
    let first = worlds.first().map(Vec::as_slice).unwrap_or_default();
    // As many names as fit in one line; the ramp tells the quarters between them.
    let named = first.iter().enumerate().step_by(count.div_ceil(12).max(1));
    let legend: Vec<Key> = named.map(|(i, q)| Key::new(q.0.as_str(), colour(i), Mark::Square)).collect();
    let mut sheet =
        sheet(height_for(n, 330.0), "Vintages: accounts that ever reached 30+ days overdue", &view.subtitle, &legend);
    let high = worlds.iter().flatten().flat_map(|q| &q.2).copied().fold(0.01, f64::max);
    let oldest = worlds.iter().flatten().map(|q| q.2.len()).max().unwrap_or(1).saturating_sub(1).max(6);
    for (w, panel) in panels(&sheet, n).into_iter().enumerate() {
        let step = if oldest > 18 { 6 } else { 3 };
        let x = (0..=oldest).step_by(step).map(|i| (i as f64, i.to_string())).collect();
        let x = Axis::with(0.0, oldest as f64, x, "months on book");
        let y = Axis::percent(0.0, high, "share of accounts opened, %");
        let plot = Plot::new(&mut sheet, panel, &view.worlds()[w].name, x, y);
        for (i, (_, _, shares)) in worlds[w].iter().enumerate() {
            let line: Vec<_> = shares.iter().enumerate().map(|(age, s)| (age as f64, Some(*s))).collect();
            plot.series(&mut sheet, &line, colour(i), false);
        }
        if worlds[w].is_empty() {
            plot.nothing(&mut sheet);
        }
    }
    let at_6 = |w: usize| {
        let list = worlds[w].iter().filter_map(|(name, _, s)| s.get(6).map(|v| (name.as_str(), *v)));
        list.fold(None, |best: Option<(&str, f64)>, q| if best.is_none_or(|b| q.1 > b.1) { Some(q) } else { best })
    };
    let takeaway = match (view.compared(), at_6(view.compared().unwrap_or(0))) {
        (Some(w), Some((name, worst))) => {
            let same = worlds[0].iter().find(|q| q.0 == name).and_then(|q| q.2.get(6).copied());
            format!(
                "After 6 months on book the worst quarter of openings in {} ({name}) has {} of its accounts 30+ days overdue; the same quarter in {} has {}.",
                view.worlds()[w].name,
                percent(worst, 1),
                view.worlds()[0].name,
                percent_or_dash(same, 1)
            )
        }
        (None, Some((name, worst))) => format!(
            "After 6 months on book the worst quarter of openings ({name}) has {} of its accounts 30+ days overdue.",
            percent(worst, 1)
        ),
        (_, None) => "No quarter of openings is 6 months old yet.".to_string(),
    };
    Chart {
        slug: "vintages",
        section: "Delinquency",
        takeaway,
        definition: "Accounts by quarter of opening (warm-up included): cumulative share that reached 31 days past due for the first time, by months since opening. Later quarters are darker; quarters with fewer than 30 accounts are left out.",
        drawing: sheet,
    }
}

const FROM: [&str; 7] = ["C", "M1", "M2", "M3", "M4", "M5", "M6"];
const TO: [&str; 9] = ["C", "M1", "M2", "M3", "M4", "M5", "M6", "off", "paid"];

/// Shares of a row; `None` where the row had no balance.
type Matrix = [[Option<f64>; 9]; 7];

/// Transitions of all months, as shares of each row.
fn matrix(world: &WorldObservations) -> Matrix {
    let mut sums = [[0_i64; 9]; 7];
    for m in &world.months {
        for (row, cells) in sums.iter_mut().zip(m.stocks.transitions_fen.chunks(9)) {
            row.iter_mut().zip(cells).for_each(|(a, b)| *a += b);
        }
    }
    sums.map(|row| {
        let total = row.iter().sum::<i64>();
        row.map(|c| (total != 0).then(|| c as f64 / total as f64))
    })
}

fn heat_map(sheet: &mut Drawing, panel: Panel, heading: &str, shares: &Matrix) {
    let (left, top) = (panel.left + 34.0, panel.top + 44.0);
    let (w, h) = ((panel.right - 8.0 - left) / 9.0, (panel.bottom - 26.0 - top) / 7.0);
    sheet.text((left, panel.top + 6.0), HEADING.shortened(heading, panel.right - left), HEADING);
    for (j, name) in TO.iter().enumerate() {
        sheet.text((left + (j as f64 + 0.5) * w, top - 11.0), *name, LABEL.align(Align::Middle));
    }
    for (i, row) in shares.iter().enumerate() {
        let y = top + i as f64 * h;
        sheet.text((left - 7.0, y + h / 2.0), FROM[i], LABEL.align(Align::End));
        for (j, &share) in row.iter().enumerate() {
            let x = left + j as f64 * w;
            let Some(share) = share else {
                sheet.text((x + w / 2.0, y + h / 2.0), "–", LABEL.align(Align::Middle));
                continue;
            };
            let (colour, middle) = (ramp(share.sqrt()), (x + w / 2.0, y + h / 2.0));
            sheet.rect((x + 1.0, y + 1.0), (x + w - 1.0, y + h - 1.0), colour);
            let text = match share * 100.0 {
                0.0 => "·".to_string(),
                s if s < 9.95 => fixed(s, 1),
                s => fixed(s, 0),
            };
            sheet.text(middle, text, Type::new(11.5, ink_on(colour)).align(Align::Middle));
        }
    }
    let x = (left + panel.right) / 2.0;
    sheet.text(
        (x, panel.bottom - 10.0),
        "rows: bucket at a month-end; columns: at the next",
        Type::new(11.0, GREY).align(Align::Middle),
    );
}

pub(super) fn roll_rates(view: &View<'_>) -> Chart {
    let n = view.worlds().len();
    let subtitle = format!(
        "{}\ncells: % of the row's balance · off: written off · paid: no balance left · –: the row had none · darker is more",
        view.subtitle
    );
    let title = "Roll rates: where balance goes in a month, % of the row";
    let mut sheet = sheet(height_for(n, 350.0), title, &subtitle, &[]);
    let worlds: Vec<_> = view.worlds().iter().map(matrix).collect();
    for (w, panel) in panels(&sheet, n).into_iter().enumerate() {
        heat_map(&mut sheet, panel, &view.worlds()[w].name, &worlds[w]);
    }
    let rolls = |w: usize| (percent_or_dash(worlds[w][1][2], 1), percent_or_dash(worlds[w][2][3], 1));
    let takeaway = match view.compared() {
        Some(w) => format!(
            "From M1, {} of balance rolls to M2 in a month against {}; from M2, {} rolls to M3 against {}.",
            rolls(w).0,
            rolls(0).0,
            rolls(w).1,
            rolls(0).1
        ),
        None => {
            format!("From M1, {} of balance rolls to M2 in a month; from M2, {} rolls to M3.", rolls(0).0, rolls(0).1)
        }
    };
    Chart {
        slug: "roll-rates",
        section: "Delinquency",
        takeaway,
        definition: "Principal by bucket at one month-end (row) and the bucket of the same accounts at the next (column); sums over all counted months. These are month-end snapshots: the cohort rates m2_m3 and so on follow DPD day by day.",
        drawing: sheet,
    }
}

pub(super) fn causes(view: &View<'_>) -> Chart {
    let names = ["Job loss", "Thin buffer", "Forgotten", "Strategic", "Fraud", "Stacked debt"];
    let keys = ["job_loss", "thin_buffer", "forgotten", "strategic", "fraud", "stacked_debt"];
    let share = |w: usize, key: &str| view.measures[w].value(&format!("default_{key}_share"));
    let worlds: Vec<Vec<Option<f64>>> =
        (0..view.worlds().len()).map(|w| keys.iter().map(|k| share(w, k)).collect()).collect();
    let marks = view.world_keys(Mark::Square);
    let height = bars_height(names.len(), worlds.len());
    let mut sheet = sheet(height, "Why accounts reach 30+ days overdue", &view.subtitle, &marks);
    share_bars(&mut sheet, &names, &worlds, &marks, "share of accounts that first reached 31 days past due, %");
    let sample = |w: usize| {
        let of = |m: &MonthObservations| m.people.reached_31_by_cause.iter().sum::<i64>();
        grouped(view.worlds()[w].months.iter().map(of).sum::<i64>().into())
    };
    let takeaway = match view.compared() {
        Some(w) => format!(
            "{} accounts reach 31 days past due against {}; job loss is behind {} of them against {}.",
            sample(w),
            sample(0),
            percent_or_dash(worlds[w][0], 1),
            percent_or_dash(worlds[0][0], 1)
        ),
        None => {
            let behind = percent_or_dash(worlds[0][0], 1);
            format!("{} accounts reach 31 days past due; job loss is behind {behind} of them.", sample(0))
        }
    };
    Chart {
        slug: "causes",
        section: "Delinquency",
        takeaway,
        definition: "Accounts by the cause in force when they first reached 31 days past due in a spell of lateness, over all counted months.",
        drawing: sheet,
    }
}

pub(super) fn repayment(view: &View<'_>) -> Chart {
    let names = ["In full", "Instalments", "Minimum", "Late"];
    let keys = ["repaid_full_share", "repaid_instalment_share", "repaid_minimum_share", "repaid_late_share"];
    let share = |w: usize| keys.iter().map(|k| view.measures[w].value(k)).collect::<Vec<_>>();
    let worlds: Vec<_> = (0..view.worlds().len()).map(share).collect();
    let marks = view.world_keys(Mark::Square);
    let height = bars_height(names.len(), worlds.len());
    let mut sheet = sheet(height, "What becomes of the amount due", &view.subtitle, &marks);
    share_bars(&mut sheet, &names, &worlds, &marks, "share of the amount due by the end of the due day, %");
    let takeaway = match view.compared() {
        Some(w) => format!(
            "{} of the amount due is paid in full against {}, {} is late against {}.",
            percent_or_dash(worlds[w][0], 1),
            percent_or_dash(worlds[0][0], 1),
            percent_or_dash(worlds[w][3], 1),
            percent_or_dash(worlds[0][3], 1)
        ),
        None => format!(
            "{} of the amount due is paid in full, {} is late.",
            percent_or_dash(worlds[0][0], 1),
            percent_or_dash(worlds[0][3], 1)
        ),
    };
    Chart {
        slug: "repayment",
        section: "Delinquency",
        takeaway,
        definition: "Statement amounts by their status at the end of the due day: paid in full, turned into instalments, at least the minimum paid, or less than that; all counted months.",
        drawing: sheet,
    }
}
