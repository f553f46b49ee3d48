//! Charts of what load does to credit: approvals under both clocks. Drawn from a load run's directory alone.

use super::timeline::{over_time, with_events};
use super::view::LoadView;
use crate::measure::latency::{Operation, SecondRecord};
use crate::report::axis::Axis;
use crate::report::charts::Chart;
use crate::report::numbers::percent_or_dash;
use crate::report::palette::{INK, series};
use crate::report::plot::{Key, Line, Mark, panels, sheet};

const DRAWINGS: [Operation; 3] = [Operation::Authorise, Operation::Card, Operation::Tip];
/// Decisions that a point needs: its standard error is then below half a percentage point at 95% approved.
const DECISIONS: u64 = 2_000;

/// Approved over decided drawings, in windows of enough decisions.
fn windows(seconds: &[SecondRecord]) -> Line {
    let (mut points, mut from, mut approved, mut decided) = (Vec::new(), 0, 0, 0);
    let least = DECISIONS.max(seconds.iter().map(drawings).map(|d| d.1).sum::<u64>() / 400);
    for (i, second) in seconds.iter().enumerate() {
        let (more_approved, more) = drawings(second);
        approved += more_approved;
        decided += more;
        if decided >= least {
            points.push(((from + i + 1) as f64 / 2.0, Some(approved as f64 / decided as f64)));
            (from, approved, decided) = (i + 1, 0, 0);
        }
    }
    points
}

fn drawings(second: &SecondRecord) -> (u64, u64) {
    let counts = DRAWINGS.map(|operation| second.counts[operation as usize]);
    (counts.iter().map(|c| c.approved).sum(), counts.iter().map(|c| c.decided()).sum())
}

/// Approval rate over time beside that of the virtual clock.
pub(super) fn approvals(view: &LoadView<'_>) -> Chart {
    let o = &view.record.observations;
    let credit = &o.credit;
    let line = windows(&o.seconds);
    let keys = [
        Key::new("wall clock", series(0), Mark::Line),
        Key::new("virtual clock, month up to the hand-over", INK, Mark::Dashes),
    ];
    let mut sheet =
        sheet(360.0, "Approval rate of drawings under both clocks", &view.subtitle, &with_events(view, &keys));
    let panel = panels(&sheet, 1)[0];
    let values = line.iter().filter_map(|p| p.1).chain(credit.virtual_approval_rate);
    let (low, high) = values.fold((1.0, 0.0), |(l, h): (f64, f64), v| (l.min(v), h.max(v)));
    // Without a value there is a whole axis and nothing on it.
    let (low, high) = if low > high { (0.0, 1.0) } else { (low, high) };
    let plot = over_time(view, &mut sheet, panel, Axis::percent(low, high, "approved / decided, %"));
    let (end, level) = (o.seconds.len() as f64, credit.virtual_approval_rate);
    plot.lines(&mut sheet, [line, vec![(0.0, level), (end, level)]].into_iter().zip(&keys));
    Chart {
        slug: "approvals",
        section: "Credit",
        takeaway: format!(
            "{} of drawings were approved on the wall clock, {} on the virtual clock in the month before the hand-over.",
            percent_or_dash(credit.wall_approval_rate, 2),
            percent_or_dash(credit.virtual_approval_rate, 2)
        ),
        definition: "Purchases, shopping cards and tips: approved over decided, in windows of at least 2,000 decisions. Requests without a decision are not in it. The axis does not start at zero. A single evening differs from a month for reasons of behaviour, too.",
        drawing: sheet,
    }
}
