//! An account event as the account's holder sees it after the close of a day, and what the holder makes of it. Both clocks use
//! it: one calls the user, the other sends a message.

use crate::agents::environment::Environment;
use crate::agents::paying;
use crate::agents::step::{UserCtx, funnel};
use crate::agents::traits::Cause;
use crate::base::time::Day;
use crate::credit::Engine;
use crate::credit::account_event::{AccountEvent, AccountEventKind};
use crate::credit::command::AccountView;

/// What happened, with the account as it then looks where the user wants to see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SeenEvent {
    /// What happened.
    pub kind: AccountEventKind,
    /// The account: with a statement as it stands that day, with lateness as it stands the day after.
    pub view: Option<AccountView>,
}

impl SeenEvent {
    /// An event of the close of `day`, as its holder sees it.
    pub(crate) fn of(engine: &Engine, event: &AccountEvent, day: Day) -> SeenEvent {
        let view = match event.kind {
            AccountEventKind::Statement => Some(engine.view(event.slot, day)),
            AccountEventKind::Late(_) => Some(engine.view(event.slot, day.plus(1))),
            _ => None,
        };
        SeenEvent { kind: event.kind, view }
    }

    /// The user learns of it on the day of the close, whose environment is `env`.
    pub(crate) fn observe(&self, ctx: &mut UserCtx<'_>, env: &Environment<'_>) {
        let cause_of = |ctx: &UserCtx<'_>| Cause::from_code(ctx.user.cause) as usize;
        match (self.kind, &self.view) {
            (AccountEventKind::Statement, Some(view)) => paying::on_statement(ctx, env, view),
            (AccountEventKind::Late(principal), Some(view)) => {
                let cause = paying::on_late(ctx.user, &env.levers.repay, view.past_due_fen);
                ctx.tally.flows.late_fen_by_cause[cause as usize] += i64::from(principal);
            }
            (AccountEventKind::Reached31(principal), _) => {
                let cause = cause_of(ctx);
                ctx.tally.flows.reached_31_by_cause[cause] += 1;
                ctx.tally.flows.reached_31_fen_by_cause[cause] += i64::from(principal);
            }
            (AccountEventKind::WrittenOff(principal), _) => {
                let cause = cause_of(ctx);
                ctx.tally.flows.writeoff_fen_by_cause[cause] += i64::from(principal);
            }
            (AccountEventKind::Opened, _) => ctx.user.funnel = ctx.user.funnel.max(funnel::ACCOUNT),
            (AccountEventKind::Refused(_), _) => {
                ctx.user.away_until = env.calendar.day.0 + env.levers.funnel.retry_days;
            }
            (AccountEventKind::Statement | AccountEventKind::Late(_), None) => {
                unreachable!("the holder sees the account with such events")
            }
            (AccountEventKind::Sold, _) => {}
        }
    }
}
