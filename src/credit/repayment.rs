//! Repayment (docs/rules.md §16): bills oldest first, kinds in the product's order, principal off the loans and their own funders;
//! recoveries on written-off claims.

use crate::base::ids::Slot;
use crate::base::money::Fen32;
use crate::credit::authorisation::check_positive;
use crate::credit::chart::Posting;
use crate::credit::command::{Decline, Source, Status};
use crate::credit::{Ctx, Engine};

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
        let paid = offered.min(row.owed_on_statement() + row.unbilled);
        if paid == 0 {
            return Err(Decline::NothingToDo);
        }
        self.accrue(ctx.today, slot);
        let on_bills = self.pay_bills(ctx.today, slot, paid);
        let flows = &mut ctx.tally.flows;
        for (kind, part) in [
            (Posting::PayPenalty, on_bills.penalty),
            (Posting::PayInterest, on_bills.interest),
            (Posting::PayFee, on_bills.fees),
        ] {
            self.ledger.post(flows, kind, i64::from(part));
        }
        // What the bills do not demand is principal: the rest of the statement, then what is not billed yet.
        let principal = paid - on_bills.penalty - on_bills.interest - on_bills.fees;
        if principal > 0 {
            self.pay_principal(flows, slot, principal);
        }
        flows.repaid_by_source_fen[source as usize] += i64::from(paid);
        Ok(paid as u32)
    }
}
