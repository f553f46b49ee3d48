//! Tips on credit (docs/rules.md §13.5): drawn and captured at once, shared between host and platform; a minor's tip can be taken
//! back.

use crate::base::ids::Slot;
use crate::base::money::{Fen32, div_half_even};
use crate::credit::authorisation::check_positive;
use crate::credit::chart::Posting;
use crate::credit::command::Decline;
use crate::credit::funding::Drawing;
use crate::credit::{Ctx, Engine, Today};

#[inline]
fn platform_share(today: &Today, amount: i32) -> i64 {
    let host = div_half_even(i64::from(amount) * i64::from(today.terms.tips.host_share.0), 1_000_000);
    i64::from(amount) - host
}

impl Engine {
    pub(super) fn tip(&mut self, ctx: &mut Ctx, slot: Slot, Fen32(amount): Fen32) -> Result<u32, Decline> {
        check_positive(amount)?;
        self.check_account(ctx.today, slot)?;
        if !ctx.today.terms.tips.enabled {
            return Err(Decline::SceneBarred);
        }
        // Tips are small and many: the velocity rules of purchases do not apply, funds and limit do.
        let funder = self.find_funder(ctx.today, amount, slot.0)?;
        if amount > self.accounts[slot.index()].available_on(ctx.today.day())
            && ctx.today.guards(crate::credit::Guard::Limit)
        {
            return Err(Decline::OverLimit);
        }
        ctx.tally.flows.drawings_approved += 1;
        self.lend(ctx, slot, Drawing::Tip, amount, funder);
        let row = &mut self.accounts[slot.index()];
        super::billing::accrue(row, ctx.today);
        row.unbilled += amount;
        row.tips = row.tips.saturating_add(amount);
        self.ledger.post(&mut ctx.tally.flows, Posting::TipShare, platform_share(ctx.today, amount));
        ctx.tally.flows.tips += 1;
        ctx.tally.flows.tips_fen += i64::from(amount);
        Ok(amount as u32)
    }

    pub(super) fn refund_tip(&mut self, ctx: &mut Ctx, slot: Slot, Fen32(amount): Fen32) -> Result<u32, Decline> {
        check_positive(amount)?;
        if !self.accounts[slot.index()].is_live() {
            return Err(Decline::NoAccount);
        }
        // Only tips of the running bill cycle can be taken back, and no more than were given.
        let row = &mut self.accounts[slot.index()];
        if amount > row.tips {
            return Err(Decline::TooLate);
        }
        row.tips -= amount;
        self.ledger.post(&mut ctx.tally.flows, Posting::TipShareBack, platform_share(ctx.today, amount));
        let beyond = self.give_back(ctx, slot, amount, Drawing::Tip);
        self.ledger.post(&mut ctx.tally.flows, Posting::TipRefundToBank, i64::from(beyond));
        ctx.tally.flows.tips_refunded_fen += i64::from(amount);
        Ok(amount as u32)
    }
}
