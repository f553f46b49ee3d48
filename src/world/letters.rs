//! What the engine has to tell a user after the close of a day, and what the user makes of it. Both clocks use it: one calls
//! the user, the other sends a message.

use crate::agents::environment::Environment;
use crate::agents::paying;
use crate::agents::traits::Cause;
use crate::agents::user::{self, Scene};
use crate::base::time::Day;
use crate::credit::command::AccountView;
use crate::credit::{Engine, Happening, Notice};

/// What happened, with the account as it then looks where the user wants to see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Letter {
    /// What happened.
    pub what: Happening,
    /// The account: with a statement as it stands that day, with lateness as it stands the day after.
    pub view: Option<AccountView>,
}

impl Letter {
    /// Writes the letter of a notice of the close of `day`.
    pub(crate) fn of(engine: &Engine, notice: &Notice, day: Day) -> Letter {
        let view = match notice.what {
            Happening::Statement => Some(engine.view(notice.slot, day)),
            Happening::Late(_) => Some(engine.view(notice.slot, day.plus(1))),
            _ => None,
        };
        Letter { what: notice.what, view }
    }

    /// The user reads it on the day of the close, whose environment is `env`.
    pub(crate) fn read(&self, scene: &mut Scene<'_>, env: &Environment<'_>) {
        let cause_of = |scene: &Scene<'_>| Cause::from_code(scene.user.cause) as usize;
        match (self.what, &self.view) {
            (Happening::Statement, Some(view)) => paying::on_statement(scene, env, view),
            (Happening::Late(principal), Some(view)) => {
                let cause = paying::on_late(scene.user, &env.levers.repay, view.past_due_fen);
                scene.tally.flows.late_fen_by_cause[cause as usize] += i64::from(principal);
            }
            (Happening::Reached31(principal), _) => {
                let cause = cause_of(scene);
                scene.tally.flows.reached_31_by_cause[cause] += 1;
                scene.tally.flows.reached_31_fen_by_cause[cause] += i64::from(principal);
            }
            (Happening::WrittenOff(principal), _) => {
                let cause = cause_of(scene);
                scene.tally.flows.writeoff_fen_by_cause[cause] += i64::from(principal);
            }
            (Happening::Opened, _) => scene.user.stage = scene.user.stage.max(user::stage::ACCOUNT),
            (Happening::Refused(_), _) => {
                scene.user.away_until = env.calendar.day.0 + env.levers.funnel.retry_days;
            }
            (Happening::Statement | Happening::Late(_), None) => unreachable!("such letters show the account"),
            (Happening::Sold, _) => {}
        }
    }
}
