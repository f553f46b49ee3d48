//! The answer first: what the run says in five sentences, each with numbers computed from the data.

use super::charts::lowest;
use super::numbers::{about_the_same, month_name, percent, percent_or_dash, short_yuan};
use super::view::{View, in_month, moves, peak, unemployment};
use crate::measure::MonthObservations;

/// One sentence of the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sentence {
    /// What it is about, one or a few words.
    pub topic: &'static str,
    /// The sentence.
    pub text: String,
}

fn say(topic: &'static str, text: String) -> Sentence {
    Sentence { topic, text }
}

fn overdue_30(month: &MonthObservations) -> Option<f64> {
    month.overdue_ratio(2)
}

/// Five sentences; fewer when there is nothing to say of a part.
pub(super) fn answer(view: &View<'_>) -> Vec<Sentence> {
    match view.compared() {
        Some(world) => [approvals, lateness, losses, profit, recovery].iter().filter_map(|s| s(view, world)).collect(),
        None => alone(view),
    }
}

fn approvals(view: &View<'_>, world: usize) -> Option<Sentence> {
    let (month, low) = lowest(view, world, MonthObservations::application_approval_ratio)?;
    let (base, other) = (&view.worlds()[0], &view.worlds()[world]);
    let (there, here) = (&other.months[month], base.months.get(month));
    let same = here.and_then(MonthObservations::application_approval_ratio);
    let name = month_name(there.first_day);
    let (low_text, same_text) = (percent(low, 1), percent_or_dash(same, 1));
    let drawings = |w: usize| percent_or_dash(view.measures[w].value("authorisation_approval_rate"), 1);
    let applications = match here.zip(same) {
        Some((here, same)) if about_the_same(low, same, 0.001) || is_chance(there, here, low - same) => format!(
            "in {} the lender approves about as many applications as in {}, even in its lowest month ({name}: {low_text} and \
             {same_text})",
            other.name, base.name
        ),
        _ => format!(
            "in {} the lender approves {low_text} of applications in its lowest month ({name}; {same_text} in {} that month)",
            other.name, base.name
        ),
    };
    Some(say(
        "Approvals",
        format!("{applications}, and {} of drawings over the whole run against {}.", drawings(world), drawings(0)),
    ))
}

/// True when a difference of two months' approval rates is less than two standard errors of shares of so many applications.
fn is_chance(a: &MonthObservations, b: &MonthObservations, difference: f64) -> bool {
    let variance = |m: &MonthObservations| {
        let (approved, refused) = (m.flows.approved as f64, m.flows.refused.iter().sum::<i64>() as f64);
        let decided = approved + refused;
        if decided > 0.0 { approved * refused / (decided * decided * decided) } else { 0.0 }
    };
    difference.abs() < 2.0 * (variance(a) + variance(b)).sqrt()
}

fn lateness(view: &View<'_>, world: usize) -> Option<Sentence> {
    let (base, other) = (&view.worlds()[0], &view.worlds()[world]);
    let (late, jobs) = (peak(other, overdue_30)?, peak(other, unemployment)?);
    let same = base.months.get(late.index).and_then(overdue_30);
    let worst = percent(late.value, 2);
    let same_text = percent_or_dash(same, 2);
    let steady = !moves(other, unemployment);
    let unemployed = if steady {
        format!("unemployment stays at {}", percent(jobs.value, 1))
    } else {
        format!("unemployment peaks at {} {}", percent(jobs.value, 1), in_month(&jobs))
    };
    if same.is_some_and(|same| about_the_same(late.value, same, 0.0001)) {
        let name = &base.name;
        let text = format!(
            "{unemployed}; balance more than 30 days overdue is about the same as in {name}, even at its peak ({worst} {}; {same_text}).",
            in_month(&late)
        );
        return Some(say("Delinquency", text));
    }
    if steady {
        let (month, name) = (in_month(&late), &base.name);
        let text = format!(
            "{unemployed}; balance more than 30 days overdue peaks at {worst} {month}, against {same_text} in {name} that month."
        );
        return Some(say("Delinquency", text));
    }
    let lag = late.index as i64 - jobs.index as i64;
    let order = match lag {
        0 => "in the same month".to_string(),
        1 => "one month later".to_string(),
        2.. => format!("{lag} months later"),
        _ => format!("{} month{} earlier", -lag, if lag == -1 { "" } else { "s" }),
    };
    let text = format!(
        "{unemployed}, and balance more than 30 days overdue {order} at {worst}, against {same_text} in {}.",
        base.name
    );
    Some(say("Delinquency", text))
}

fn losses(view: &View<'_>, world: usize) -> Option<Sentence> {
    let rate = |w: usize, key: &str| view.measures[w].value(key);
    let worst = peak(&view.worlds()[world], MonthObservations::gross_loss_annual_ratio)?;
    Some(say(
        "Loss",
        format!(
            "write-offs cost {} of balance a year against {} (net of recoveries and sales {} against {}); the worst month is {} at a yearly rate of {}.",
            percent_or_dash(rate(world, "gross_loss_rate_annual"), 1),
            percent_or_dash(rate(0, "gross_loss_rate_annual"), 1),
            percent_or_dash(rate(world, "net_loss_rate_annual"), 1),
            percent_or_dash(rate(0, "net_loss_rate_annual"), 1),
            month_name(worst.month),
            percent(worst.value, 1)
        ),
    ))
}

fn profit(view: &View<'_>, world: usize) -> Option<Sentence> {
    let yuan = |w: usize| view.measures[w].value("profit_yuan");
    let (base, other) = (yuan(0)?, yuan(world)?);
    let change = if about_the_same(base, other, 0.5) {
        ", about the same".to_string()
    } else if base > 0.0 {
        format!(", {} {}", percent((other - base).abs() / base, 0), if other < base { "less" } else { "more" })
    } else {
        String::new()
    };
    let red = |w: usize| match view.worlds()[w].months.iter().filter(|m| m.profit_fen() < 0).count() {
        0 => "none".to_string(),
        n => n.to_string(),
    };
    Some(say(
        "Profit",
        format!(
            "{} yuan over {} months against {}{change}; {} of its months make a loss, {} in {}.",
            short_yuan(other),
            view.worlds()[world].months.len(),
            short_yuan(base),
            red(world),
            red(0),
            view.worlds()[0].name
        ),
    ))
}

fn recovery(view: &View<'_>, world: usize) -> Option<Sentence> {
    let (base, other) = (&view.worlds()[0], &view.worlds()[world]);
    let worst = peak(other, overdue_30)?;
    let gap = |i: usize| Some(overdue_30(other.months.get(i)?)? - overdue_30(base.months.get(i)?)?);
    let end = other.months.len().checked_sub(1)?;
    let undone = match (gap(worst.index)?, gap(end)?) {
        (peak_gap, _) if peak_gap <= 0.0 || about_the_same(worst.value, worst.value - peak_gap, 0.0001) => {
            String::new()
        }
        (_, left) if left <= 0.0 => "; by the end none of the excess lateness is left".to_string(),
        (peak_gap, left) => {
            format!("; by the end {} of the excess lateness of the peak is left", percent(left / peak_gap, 0))
        }
    };
    let share = |w: usize| percent_or_dash(view.measures[w].value("partner_funded_share"), 0);
    let balance = |w: usize| view.worlds()[w].months.last().map_or(0.0, |m| m.balance_fen() as f64 / 100.0);
    Some(say(
        "Funding and recovery",
        format!(
            "partners carry {} of balance against {}, and the book ends at {} yuan against {}{undone}.",
            share(world),
            share(0),
            short_yuan(balance(world)),
            short_yuan(balance(0))
        ),
    ))
}

/// One world has nothing to be compared with.
fn alone(view: &View<'_>) -> Vec<Sentence> {
    let (Some(m), Some(world)) = (view.measures.first(), view.worlds().first()) else { return Vec::new() };
    let share = |key: &str, decimals: usize| percent_or_dash(m.value(key), decimals);
    let mut out = vec![say(
        "Approvals",
        format!(
            "the lender approves {} of applications and {} of drawings.",
            share("application_approval_rate", 1),
            share("authorisation_approval_rate", 1)
        ),
    )];
    if let Some(late) = peak(world, overdue_30) {
        out.push(say(
            "Delinquency",
            format!(
                "{} of balance is overdue, {} by more than 30 days, at most {} {}.",
                share("overdue_rate", 1),
                share("overdue_30_rate", 2),
                percent(late.value, 2),
                in_month(&late)
            ),
        ));
    }
    out.push(say(
        "Loss",
        format!(
            "write-offs cost {} of balance a year, {} net of recoveries and sales.",
            share("gross_loss_rate_annual", 1),
            share("net_loss_rate_annual", 1)
        ),
    ));
    out.push(say(
        "Profit",
        format!("{} yuan over {} months.", short_yuan(m.value("profit_yuan").unwrap_or(0.0)), world.months.len()),
    ));
    out.push(say("Funding", format!("partners carry {} of balance.", share("partner_funded_share", 0))));
    out
}
