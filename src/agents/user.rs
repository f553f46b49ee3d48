//! A user's day. [`plan`] turns the state, the account's glance and the day's draws into timed commands; [`observe`]
//! takes the reply to each and may answer with one more command at once.
//!
//! | file | what |
//! |---|---|
//! | `step` | what a day is made of: steps, their kinds, the user at hand |
//! | `choice` | with which lender people deal |
//! | `watching` | sessions, the entry of the product, tips |
//! | `buying` | wishes, tickets, cards, orders, cashing out |
//! | `paying` | wages, jobs, savings, statements, lateness |

use crate::agents::environment::Environment;
use crate::agents::step::{Step, StepKind, UserCtx, funnel};
use crate::agents::{buying, choice, paying, watching};
use crate::base::ids::{Lender, Reference};
use crate::base::random::Purpose;
use crate::credit::command::{AccountView, Command, Complaint, Decline, Glance, Reply, Status};

/// Plans the day. `glance` and `view` show the account with a lender; the latter, all of it, is called only when needed. Steps come
/// roughly in order of time.
#[inline(always)] // Two clocks call it; the sweep of the virtual one is a tenth slower with a call a user.
pub(crate) fn plan(
    ctx: &mut UserCtx<'_>,
    env: &Environment<'_>,
    glance: impl Fn(Lender) -> Glance,
    view: impl Fn(Lender) -> AccountView,
    steps: &mut Vec<Step>,
) {
    let today = env.calendar.day.0;
    if ctx.user.joins_day > today {
        return;
    }
    let lender = choice::lender();
    let (glance, view) = (glance(lender), || view(lender));
    if env.calendar.day_of_month == ctx.user.payday {
        paying::payday(ctx, env, glance, &view, steps);
    }
    if ctx.user.next_order_day != 0 && ctx.user.next_order_day <= today {
        buying::follow_orders(ctx, env, steps);
    }
    if glance.late {
        paying::late_day(ctx, env, glance, &view, steps);
    } else if ctx.user.act_day != 0 && ctx.user.act_day <= today {
        paying::act_on_statement(ctx, env, &view, steps);
    }
    let watched = watching::watch(ctx, env, glance, steps);
    if glance.status == Status::Open && !glance.late {
        buying::wish(ctx, env, glance, watched, steps);
    }
}

/// Takes the reply to a step; what it returns is to be asked at once.
#[inline(always)]
pub(crate) fn observe(ctx: &mut UserCtx<'_>, env: &Environment<'_>, step: &Step, reply: Reply) -> Option<Step> {
    match (step.command, reply) {
        (Command::Apply(_), Reply::Done(_)) => {
            ctx.user.funnel = ctx.user.funnel.max(funnel::ACCOUNT);
            None
        }
        (Command::Apply(_), Reply::Refused(_)) => {
            ctx.user.away_until = env.calendar.day.0 + env.levers.funnel.retry_days;
            None
        }
        (Command::Authorise { .. } | Command::BuyCard { .. }, Reply::Declined(reason)) => {
            after_decline(ctx, env, step, reason)
        }
        (Command::Authorise { .. }, Reply::Done(reference)) => buying::ordered(ctx, env, step, Reference(reference)),
        (Command::BuyCard { .. }, Reply::Done(reference)) => {
            buying::card_bought(ctx, env, step, Reference(reference));
            None
        }
        (Command::ConvertBill { .. }, Reply::Declined(Decline::PriceCap)) => {
            paying::without_instalments(ctx.user, step.lender)
        }
        (Command::Tip { host, amount_fen }, Reply::Done(_)) => {
            ctx.tally.tips_by_host[usize::from(host.0)] += i64::from(amount_fen);
            watching::tipped_by_child(ctx, env, step, host, amount_fen)
        }
        _ => {
            match step.kind {
                StepKind::Order { link } => buying::order_done(ctx, env, link, step, reply),
                StepKind::Payment { scraped } => paying::paid(ctx.user, reply, scraped),
                _ => {}
            }
            None
        }
    }
}

/// A declined purchase: try something cheaper, complain, or lose patience.
fn after_decline(ctx: &mut UserCtx<'_>, env: &Environment<'_>, step: &Step, reason: Decline) -> Option<Step> {
    let conduct = &env.levers.conduct;
    let mut draws = ctx.draws(Purpose::Service);
    let complains = draws.chance_ppm(conduct.complain_decline_ppm);
    let user = &mut *ctx.user;
    user.declines_in_row = user.declines_in_row.saturating_add(1);
    let patience = u32::from(conduct.patience_declines) * u32::from(user.patience) / 32;
    if u32::from(user.declines_in_row) > patience.max(1) {
        user.declines_in_row = 0;
        user.away_until = env.calendar.day.0 + conduct.sulk_days;
        ctx.tally.flows.walked_away += 1;
    }
    if complains {
        let command = Command::Complain { about: Complaint::Decline };
        return Some(Step { command, kind: StepKind::Plain, ..*step });
    }
    if reason == Decline::CardClosed {
        return buying::goods_instead(ctx, env, step);
    }
    let retry = reason == Decline::OverLimit && step.kind == (StepKind::Purchase { cheaper: false });
    if !retry || !draws.chance_ppm(env.levers.buy.retry_cheaper_ppm) {
        return None;
    }
    buying::cheaper(step)
}
