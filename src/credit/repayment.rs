//! Repayment (docs/rules.md §16): allocation in the product's order, oldest due first; recoveries on written-off claims; early
//! settlement.

use crate::base::ids::Slot;
use crate::base::money::{Fen32, fen32};
use crate::base::time::Day;
use crate::credit::authorisation::check_positive;
use crate::credit::chart::Posting;
use crate::credit::command::{Decline, Source, Status};
use crate::credit::pricing::{MONTHS_MAX, Settlement, nth_flat_instalment, period_interest};
use crate::credit::rows::NIL;
use crate::credit::terms::Owed;
use crate::credit::{Ctx, Engine, Guard};

impl Engine {
    /// Takes a payment of up to `offered`; returns what was taken.
    pub(super) fn repay(
        &mut self,
        ctx: &mut Ctx,
        slot: Slot,
        Fen32(offered): Fen32,
        source: Source,
    ) -> Result<u32, Decline> {
        check_positive(offered)?;
        let row = &mut self.accounts[slot.index()];
        if row.status() == Status::WrittenOff {
            let paid = offered.min(row.claim);
            if paid == 0 {
                return Err(Decline::NothingToDo);
            }
            row.claim -= paid;
            self.ledger.post(&mut ctx.tally.flows, Posting::Recovery, i64::from(paid));
            ctx.tally.flows.recovered_fen += i64::from(paid);
            ctx.tally.flows.repaid_by_source_fen[Source::Recovery as usize] += i64::from(paid);
            return Ok(paid as u32);
        }
        if !row.is_live() {
            return Err(Decline::NoAccount);
        }
        super::billing::accrue(row, ctx.today);
        let paid = offered.min(row.owed_on_statement() + row.unbilled);
        if paid == 0 {
            return Err(Decline::NothingToDo);
        }
        self.allocate(ctx, slot, paid);
        self.accounts[slot.index()].pay_demands(paid);
        ctx.tally.flows.repaid_by_source_fen[source as usize] += i64::from(paid);
        Ok(paid as u32)
    }

    /// Splits a payment over late interest, interest, fees and principal in the order of the terms. Principal: what
    /// revolves first, then the rest of the statement, then what is not billed yet.
    fn allocate(&mut self, ctx: &mut Ctx, slot: Slot, paid: i32) {
        let mut order = ctx.today.terms.billing.allocation;
        if !ctx.today.guards(Guard::AllocationOrder) {
            order.reverse();
        }
        let mut left = paid;
        for owed in order {
            let row = &mut self.accounts[slot.index()];
            let (balance, kind) = match owed {
                Owed::Penalty => (&mut row.penalty, Posting::PayPenalty),
                Owed::Interest => (&mut row.interest, Posting::PayInterest),
                Owed::Fees => (&mut row.fees, Posting::PayFee),
                Owed::Principal => {
                    let from_billed = left.min(row.billed);
                    let from_unbilled = (left - from_billed).min(row.unbilled);
                    row.billed -= from_billed;
                    row.unbilled -= from_unbilled;
                    row.revolving = (row.revolving - from_billed).max(0);
                    left -= from_billed + from_unbilled;
                    if from_billed + from_unbilled > 0 {
                        self.unlend(&mut ctx.tally.flows, slot, from_billed + from_unbilled, None);
                    }
                    continue;
                }
            };
            let part = left.min(*balance);
            *balance -= part;
            left -= part;
            self.ledger.post(&mut ctx.tally.flows, kind, i64::from(part));
        }
        assert_eq!(left, 0, "a payment is allocated to the fen");
    }

    /// Pays off the oldest instalment loan: what is left of it and one period's charge, cut down to the price cap.
    /// Returns what was paid.
    pub(super) fn settle_early(&mut self, ctx: &mut Ctx, slot: Slot) -> Result<u32, Decline> {
        let row = &self.accounts[slot.index()];
        if !row.is_live() || row.days_past_due(ctx.today.day()) > 0 {
            return Err(Decline::AccountBlocked);
        }
        let (mut before, mut link) = (NIL, row.first_loan);
        if link == NIL {
            return Err(Decline::NothingToDo);
        }
        while self.loans.row(link).next != NIL {
            before = link;
            link = self.loans.row(link).next;
        }
        let loan = *self.loans.row(link);
        let billed_periods = usize::from(loan.periods - loan.periods_left);
        let mut paid = [i64::from(loan.payment); MONTHS_MAX as usize];
        if loan.payment == 0 {
            for (number, paid) in (1..=loan.periods).zip(&mut paid) {
                let parts = nth_flat_instalment(i64::from(loan.lent), i64::from(loan.fee), loan.periods, number);
                *paid = parts.principal_fen + parts.fee_fen;
            }
        }
        let period_charge = if loan.fee > 0 {
            i64::from(loan.fee / i32::from(loan.periods))
        } else {
            period_interest(i64::from(loan.left), i32::from(loan.annual_bp))
        };
        // The first instalment is billed on the next statement, so that less than its days may be over: then none counts.
        let days = ctx.today.day().since(Day(loan.made)) - 30 * billed_periods as i32;
        let charge = ctx.today.prices.cap.early_settlement_fee(&Settlement {
            principal_fen: i64::from(loan.lent),
            paid_fen: &paid[..billed_periods],
            remaining_fen: i64::from(loan.left),
            period_charge_fen: period_charge,
            days_into_period: days.clamp(0, 30) as u8,
        });
        match before {
            NIL => self.accounts[slot.index()].first_loan = NIL,
            _ => self.loans.row_mut(before).next = NIL,
        }
        self.loans.remove(link);
        self.accounts[slot.index()].installed -= loan.left;
        self.unlend(&mut ctx.tally.flows, slot, loan.left, None);
        self.ledger.post(&mut ctx.tally.flows, Posting::ChargeFee, charge);
        self.ledger.post(&mut ctx.tally.flows, Posting::PayFee, charge);
        let total = fen32(i64::from(loan.left) + charge);
        ctx.tally.flows.settled_early += 1;
        ctx.tally.flows.capped += i64::from(charge < period_charge);
        ctx.tally.flows.repaid_by_source_fen[Source::Voluntary as usize] += i64::from(total);
        Ok(total as u32)
    }
}
