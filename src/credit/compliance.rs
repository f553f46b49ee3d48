//! Use of funds and complaints (docs/rules.md §12.5, §17.7): pattern rules before a drawing, monitoring after it, misses counted.

use crate::base::ids::Slot;
use crate::base::random::Purpose;
use crate::credit::chart::Posting;
use crate::credit::command::{Complaint, Decline, Status};
use crate::credit::rows::flag;
use crate::credit::{Ctx, Engine};

impl Engine {
    /// The pattern rules: stops a share of true cash-outs, and a small share of honest purchases.
    pub(super) fn check_pattern(&self, ctx: &mut Ctx, slot: Slot, amount: i32, cashout: bool) -> Result<(), Decline> {
        let terms = &ctx.today.terms.authorisation;
        let salt = 3 + u32::from(self.accounts[slot.index()].drawings_today & 7);
        let mut luck = self.luck(ctx.today, slot, Purpose::Buy, salt);
        let (chance, counter) = if cashout {
            (terms.pattern_stop, &mut ctx.tally.flows.cashout_stopped_fen)
        } else {
            (terms.false_alarm, &mut ctx.tally.flows.false_alarms_fen)
        };
        if luck.chance_ppm(chance.0) {
            *counter += i64::from(amount);
            return Err(Decline::CashOutPattern);
        }
        Ok(())
    }

    /// Monitoring of a captured cash-out: what it confirms freezes the account, what it misses is only counted.
    pub(super) fn monitor_cashout(&mut self, ctx: &mut Ctx, slot: Slot, amount: i32) {
        ctx.tally.flows.cashout_true_fen += i64::from(amount);
        let mut luck = self.luck(ctx.today, slot, Purpose::Buy, 12);
        if luck.chance_ppm(ctx.today.terms.authorisation.monitoring_detection.0) {
            ctx.tally.flows.cashout_confirmed_fen += i64::from(amount);
            let row = &mut self.accounts[slot.index()];
            row.flags |= flag::MISUSE;
            row.status = Status::Frozen as u8;
        }
    }

    /// Records a complaint and its cost.
    pub(super) fn complain(&mut self, ctx: &mut Ctx, about: Complaint) -> Result<u32, Decline> {
        ctx.tally.flows.complaints[about as usize] += 1;
        let cost = i64::from(ctx.today.terms.economics.complaint_cost_fen);
        self.ledger.post(&mut ctx.tally.flows, Posting::ServicePaid, cost);
        Ok(0)
    }
}
