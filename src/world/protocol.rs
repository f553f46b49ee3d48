//! The rules of a day that both clocks follow, each once: where a sweep starts, who is debited in which round, the moment of a
//! request, what a cell reports when it has closed, how the funders' room is shared out to cells.
//!
//! The virtual clock calls these in its sweep; on the wall clock a cell and the people whose accounts it holds live on different
//! threads and each calls its part. What their accounts' holders learn of the close is in `seen_event`.

use crate::agents::paying;
use crate::agents::step::{Step, StepKind};
use crate::agents::traits::UserRow;
use crate::base::ids::{FUNDERS, Lender, Slot};
use crate::base::money::Fen32;
use crate::base::random::mix;
use crate::base::time::{DAY_SECONDS, Day, SimTime};
use crate::credit::command::{AccountView, Command, Reply, Source};
use crate::credit::{Engine, Engines, Today};
use crate::world::totals::CellDay;

/// Rounds of auto-debit in a day. The first comes before people wake up, the others when they have lived through the day.
pub(crate) const DEBIT_ROUNDS: u8 = 3;

/// The round before people wake up.
pub(crate) const FIRST_DEBIT_ROUND: u8 = 0;

/// The slot at which the sweep of a cell starts. It is keyed by cell and day, so that nobody always comes last to scarce funds.
pub(crate) fn sweep_start(first_user: u32, day: Day, users: u32) -> u32 {
    (mix(u64::from(first_user) << 16 | u64::from(day.0)) % u64::from(users)) as u32
}

/// The moment of a request that is meant for a second of the day: what is meant for later is done before midnight.
#[inline]
pub(crate) fn moment(day: Day, second: u32) -> SimTime {
    SimTime::at(day, second.min(DAY_SECONDS - 1))
}

/// What the bank of an account's holder is asked in a round of auto-debit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DebitRequest {
    round: u8,
    second: u32,
    view: AccountView,
}

/// What comes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DebitAnswer {
    /// The bank is not asked: the holder means to choose by hand today.
    ByHand,
    /// The bank does not pay.
    Fails,
    /// The bank pays, with this step.
    Pays(Step),
}

impl DebitRequest {
    /// What a round asks for an account that is due today; `None` where nothing is demanded.
    pub(crate) fn of(engine: &Engine, slot: Slot, round: u8, today: &Today<'_>) -> Option<DebitRequest> {
        engine.awaits_debit(slot).then(|| DebitRequest {
            round,
            second: today.terms.billing.debit_rounds[usize::from(round)],
            view: engine.view(slot, today.day()),
        })
    }

    /// Who asks.
    pub(crate) const fn lender(&self) -> Lender {
        self.view.lender
    }

    /// The answer. In the first round, before people wake up, those who mean to choose by hand today are left alone.
    pub(crate) fn answer(&self, holder: &UserRow, day: Day) -> DebitAnswer {
        if self.round == FIRST_DEBIT_ROUND && holder.act_day == day.0 {
            return DebitAnswer::ByHand;
        }
        match paying::debited(holder, self.view.statement_fen, self.view.minimum_fen) {
            Fen32::ZERO => DebitAnswer::Fails,
            amount_fen => DebitAnswer::Pays(Step {
                second: self.second,
                lender: self.view.lender,
                command: Command::Repay { amount_fen, source: Source::AutoDebit },
                kind: StepKind::Payment { scraped: false },
            }),
        }
    }
}

/// The holder sees the reply to a payment by auto-debit, and has nothing left to do by hand.
pub(crate) fn debited(holder: &mut UserRow, reply: Reply) {
    paying::paid(holder, reply, false);
    holder.act_day = 0;
}

/// Whether a command came from a round of auto-debit.
pub(crate) const fn is_auto_debit(command: &Command) -> bool {
    matches!(command, Command::Repay { source: Source::AutoDebit, .. })
}

/// What a cell reports when it has closed a day.
pub(crate) fn close_report(engines: &Engines, day: Day) -> CellDay {
    CellDay {
        committed_fen: engines.committed(),
        principal_fen: engines.principal_fen(),
        overdue_30_fen: engines.overdue_30_fen(day),
        holders: engines.holders(),
    }
}

/// A cell's quota of the room that the funders have left: its share by users, rounded down.
pub(crate) fn quota(room_fen: [i64; FUNDERS], cell_users: usize, users: u32) -> [i64; FUNDERS] {
    room_fen.map(|room| (i128::from(room) * cell_users as i128 / i128::from(users)) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::traits::bits;
    use crate::credit::command::{Channel, Status};
    use zerocopy::FromZeros;

    #[test]
    fn a_sweep_starts_anywhere_and_a_request_is_made_on_its_day() {
        let starts: Vec<u32> = (0..200).map(|day| sweep_start(3_000, Day(day), 7)).collect();
        assert!((0..7).all(|slot| starts.contains(&slot)) && starts.iter().all(|start| *start < 7), "{starts:?}");
        assert_ne!(starts, (0..200).map(|day| sweep_start(6_000, Day(day), 7)).collect::<Vec<u32>>());
        assert_eq!(moment(Day(3), 90_000), SimTime::at(Day(3), 86_399));
        assert_eq!(moment(Day(3), 60), SimTime::at(Day(3), 60));
    }

    #[test]
    fn the_first_round_leaves_those_alone_who_choose_by_hand_and_a_payment_ends_their_day() {
        let view = AccountView {
            lender: Lender(2),
            status: Status::Open,
            cards_open: true,
            annual_bp: 1_800,
            limit_fen: Fen32(500_000),
            available_fen: Fen32(0),
            principal_fen: Fen32(80_000),
            statement_fen: Fen32(80_000),
            minimum_fen: Fen32(8_000),
            convertible_fen: Fen32(0),
            past_due_fen: Fen32(0),
            days_past_due: 0,
            due_day: Day(9),
            contact: Channel::None,
            claim_fen: Fen32(0),
        };
        let ask = |round| DebitRequest { round, second: 72_000, view };
        let mut holder = UserRow::new_zeroed();
        (holder.traits, holder.savings_fen, holder.act_day) = (bits::AUTO_DEBIT, 10_000, 9);
        assert_eq!(ask(0).answer(&holder, Day(9)), DebitAnswer::ByHand);
        let DebitAnswer::Pays(step) = ask(1).answer(&holder, Day(9)) else { panic!("the minimum is there") };
        assert!(is_auto_debit(&step.command) && (step.second, step.lender) == (72_000, Lender(2)));
        assert_eq!(step.command, Command::Repay { amount_fen: Fen32(8_000), source: Source::AutoDebit });
        assert_eq!(ask(0).answer(&holder, Day(8)), DebitAnswer::Pays(step), "by hand on another day");
        debited(&mut holder, Reply::Done(8_000));
        assert_eq!((holder.savings_fen, holder.act_day), (2_000, 0));
        assert_eq!(ask(2).answer(&holder, Day(9)), DebitAnswer::Fails);
    }

    #[test]
    fn quotas_never_add_up_to_more_than_the_room() {
        let room = [999, 10, 7, 0];
        let shares: Vec<_> = (0..3).map(|_| quota(room, 1, 3)).collect();
        for f in 0..FUNDERS {
            let sum: i64 = shares.iter().map(|q| q[f]).sum();
            assert!(sum <= room[f], "funder {f}");
        }
    }
}
