//! Tips on credit (docs/rules.md §13.5): drawn and captured at once, shared between host and platform; a minor's tip can be taken
//! back.

use crate::base::ids::{FUNDERS, Funder, Slot};
use crate::base::money::{Fen32, div_half_even, fen32};
use crate::credit::authorisation::check_positive;
use crate::credit::chart::Posting;
use crate::credit::command::Decline;
use crate::credit::funding::Drawing;
use crate::credit::loan::{Loan, Schedule, add_parts};
use crate::credit::rows::NIL;
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
        let parts = self.lend(ctx, slot, Drawing::Tip, amount, funder);
        let share = platform_share(ctx.today, amount);
        self.accrue_before_drawing(ctx.today, slot);
        self.lend_tip(ctx.today, slot, amount, fen32(share), &parts, funder);
        let row = &mut self.accounts[slot.index()];
        row.tips = row.tips.saturating_add(amount);
        self.ledger.post(&mut ctx.tally.flows, Posting::TipShare, share);
        ctx.tally.flows.tips += 1;
        ctx.tally.flows.tips_fen += i64::from(amount);
        Ok(amount as u32)
    }

    /// Adds a tip to the loan of this cycle's tips with the same funder and price, or makes one.
    fn lend_tip(&mut self, today: &Today, slot: Slot, amount: i32, share: i32, parts: &[i32; FUNDERS], funder: Funder) {
        let new = Loan {
            schedule: Schedule::Tips as u8,
            payment: amount,
            fee: share,
            funder,
            ..self.drawing_loan(today, slot, amount, parts)
        };
        let link = self.tips_like(slot, &new);
        if link == NIL {
            let link = self.insert_loan(&new);
            self.accounts[slot.index()].last_tips = link;
            return;
        }
        self.accounts[slot.index()].last_tips = link;
        self.loans.change(link, |loan| {
            loan.coming += amount;
            loan.payment += amount;
            loan.fee += share;
            loan.add_to_partners(parts);
        });
        let row = &mut self.accounts[slot.index()];
        row.unbilled += amount;
        add_parts(&mut row.by_funder, parts);
    }

    /// The loan of this cycle's tips with the funder and price of `new`: mostly that of the last tip.
    fn tips_like(&self, slot: Slot, new: &Loan) -> u32 {
        let price = |loan: &Loan| {
            (loan.slot, loan.schedule, loan.funder, loan.annual_bp, loan.late_ppm, loan.flags, loan.parts_left)
        };
        let row = &self.accounts[slot.index()];
        if self.loans.get(row.last_tips).is_some_and(|loan| price(&loan) == price(new)) {
            return row.last_tips;
        }
        // The first tips of a cycle: there are no others.
        if row.tips == 0 {
            return NIL;
        }
        let like = |link: &u32| self.loans.get(*link).is_some_and(|loan| price(&loan) == price(new));
        self.loan_links(row).find(like).unwrap_or(NIL)
    }

    /// Takes back a tip: off the youngest loans of this cycle's tips first, each with its part of the platform's share.
    pub(super) fn refund_tip(&mut self, ctx: &mut Ctx, slot: Slot, Fen32(amount): Fen32) -> Result<u32, Decline> {
        check_positive(amount)?;
        if !self.accounts[slot.index()].is_live() {
            return Err(Decline::NoAccount);
        }
        // Only tips of the running bill cycle can be taken back, and no more than were given; none that a plan took over.
        let on_loans = self.loans_of(&self.accounts[slot.index()]).filter(|loan| loan.schedule == Schedule::Tips as u8);
        if amount > on_loans.map(|loan| loan.payment).sum() {
            return Err(Decline::TooLate);
        }
        self.accounts[slot.index()].tips -= amount;
        let (mut left, mut share_back, mut beyond) = (amount, 0, 0);
        while left > 0 {
            let link = self.youngest_tips(slot).unwrap_or_else(|| unreachable!("tips of the cycle are on their loans"));
            let (part, share) = self.loans.change(link, |loan| {
                let part = left.min(loan.payment);
                let share = div_half_even(i64::from(loan.fee) * i64::from(part), i64::from(loan.payment));
                loan.payment -= part;
                loan.fee -= fen32(share);
                (part, share)
            });
            share_back += share;
            left -= part;
            let loan = self.loans.reference(link);
            beyond += self.refund_loan(ctx, slot, loan, part, Drawing::Tip);
        }
        self.ledger.post(&mut ctx.tally.flows, Posting::TipShareBack, share_back);
        self.ledger.post(&mut ctx.tally.flows, Posting::TipRefundToBank, i64::from(beyond));
        ctx.tally.flows.tips_refunded_fen += i64::from(amount);
        Ok(amount as u32)
    }

    /// The youngest loan with tips that can still be taken back.
    fn youngest_tips(&self, slot: Slot) -> Option<u32> {
        let has_tips = |link: &u32| {
            let loan = self.loans.load(*link);
            loan.schedule == Schedule::Tips as u8 && loan.payment > 0
        };
        self.loan_links(&self.accounts[slot.index()]).filter(has_tips).last()
    }
}
