//! The monthly review of limit and price (docs/rules.md §11).

use crate::base::ids::Slot;
use crate::base::money::{div_half_even, fen32};
use crate::base::time::Day;
use crate::credit::command::Status;
use crate::credit::rows::{AccountRow, flag};
use crate::credit::terms::TIERS;
use crate::credit::{Ctx, Engine, Today};

/// Months without lateness after which the price tier improves by one.
const GOOD_MONTHS_FOR_BETTER_TIER: u8 = 6;

/// A limit cut down to the hard ceiling of the product.
pub(super) fn cap_limit(today: &Today, limit: i64) -> i32 {
    fen32(limit.min(i64::from(today.terms.limits.ceiling_fen)))
}

impl Engine {
    /// Reviews an open account on its statement day, before the statement.
    pub(super) fn review_limit(&mut self, ctx: &mut Ctx, slot: Slot) {
        let limits = &ctx.today.terms.limits;
        let row = &mut self.accounts[slot.index()];
        if row.raise != 0 && row.raise_until <= ctx.today.day().0 {
            row.raise = 0;
        }
        let targeted = limits.targeting.factor_ppm(row, ctx.today.day());
        let was_late = row.has(flag::LATE_IN_CYCLE) || row.days_past_due(ctx.today.day()) > 0;
        // A frozen account keeps the mark: its lateness is judged at the first review after it is open again.
        if row.status() != Status::Frozen {
            row.flags &= !flag::LATE_IN_CYCLE;
        }
        row.good_months = if was_late { 0 } else { (row.good_months + 1).min(120) };
        let tips = std::mem::take(&mut row.tips);
        let bought = std::mem::take(&mut row.cycle_purchases);
        self.follow_terms(ctx.today, slot);
        self.bind_to_cap(ctx.today, slot);
        lower(ctx, &mut self.accounts[slot.index()]);
        let row = &mut self.accounts[slot.index()];
        if row.status() != Status::Open || ctx.today.day().since(Day(row.opened)) < i32::from(limits.first_review_days)
        {
            return;
        }
        if was_late {
            row.limit = fen32(div_half_even(i64::from(row.limit) * i64::from(limits.cut_factor.0), 1_000_000));
            ctx.tally.flows.limit_cuts += 1;
            self.move_tier(ctx.today, slot, 1);
            return;
        }
        let tier = usize::from(row.tier);
        let drawn = i64::from(row.principal() + row.held) * 1_000_000;
        let used = drawn >= i64::from(limits.raise_utilisation_min.0) * i64::from(row.limit.max(1));
        let done = limits.task_purchases > 0 && bought >= limits.task_purchases;
        if (used || done) && !is_held_down(ctx.today, row) {
            // A task raises the limit of those too who use little of it.
            let of_use = if used { i64::from(limits.raise_factor.0) - 1_000_000 } else { 0 };
            let growth = of_use + if done { i64::from(limits.task_raise.0) } else { 0 };
            let growth = div_half_even(growth * i64::from(ctx.today.controls.raise_factor_ppm), 1_000_000);
            let growth = div_half_even(growth * targeted, 1_000_000);
            let grown = i64::from(row.limit) + div_half_even(i64::from(row.limit) * growth, 1_000_000);
            let linked = div_half_even(i64::from(tips) * i64::from(limits.tip_link.0), 1_000_000);
            // Whole ten yuan, as apps show it.
            let wished = div_half_even(grown + linked, 1_000) * 1_000;
            let by_income =
                div_half_even(i64::from(row.income_hundreds) * 10_000 * i64::from(limits.income_multiple.0), 1_000_000);
            let ceiling = i64::from(limits.tier_ceiling_fen[tier]).min(by_income);
            let new = cap_limit(ctx.today, wished.min(ceiling));
            if new > row.limit {
                row.limit = new;
                ctx.tally.flows.limit_raises += 1;
            }
        }
        if row.good_months.is_multiple_of(GOOD_MONTHS_FOR_BETTER_TIER) {
            self.move_tier(ctx.today, slot, -1);
        }
    }

    /// Terms that changed since the last statement reach accounts that are open already: the card function of their tier, and
    /// the price of their tier when the price list no longer knows the one they pay. While terms stay as they are this does
    /// nothing, since both follow the tier ([`Engine::move_tier`]). Loans keep the rate that they were made at.
    fn follow_terms(&mut self, today: &Today, slot: Slot) {
        let row = &mut self.accounts[slot.index()];
        if !row.is_live() {
            return;
        }
        let pricing = &today.terms.pricing;
        let listed = pricing.tier_annual[usize::from(row.tier)].0 as u16;
        let known = !pricing.risk_based && pricing.tier_annual.iter().any(|rate| rate.0 == i32::from(row.annual_bp));
        if row.annual_bp != listed && !known {
            row.annual_bp = listed;
        }
        close_cards(row, today);
    }

    /// Moves the risk tier by `step` (positive is worse) and with it, under risk-based pricing, the rate of new
    /// charges; closes the card function to high-risk tiers.
    fn move_tier(&mut self, today: &Today, slot: Slot, step: i32) {
        let row = &mut self.accounts[slot.index()];
        row.tier = (i32::from(row.tier) + step).clamp(0, TIERS as i32 - 1) as u8;
        if today.terms.pricing.risk_based {
            row.annual_bp = today.terms.pricing.tier_annual[usize::from(row.tier)].0 as u16;
        }
        close_cards(row, today);
    }
}

/// A round of lowering takes an account that was open before it, of the tiers that it is for, once: the limit falls by the share,
/// half-even to ten yuan, no lower than the floor and never up, and a temporary raise ends. What is drawn above the new limit stays
/// drawn.
fn lower(ctx: &mut Ctx, row: &mut AccountRow) {
    let limits = &ctx.today.terms.limits;
    let gone_through = row.opened_round.max(row.lowered_round) >= limits.lower_round;
    if gone_through || row.status() != Status::Open || row.tier < limits.lower_from_tier {
        return;
    }
    let left = i64::from(row.limit) * (1_000_000 - i64::from(limits.lower_share.0));
    // Whole ten yuan, as apps show it.
    let wished = div_half_even(left, 1_000_000 * 1_000) * 1_000;
    let new = fen32(wished.max(i64::from(limits.lower_floor_fen))).min(row.limit);
    row.lowered_round = limits.lower_round;
    row.raise = 0;
    if new < row.limit {
        ctx.tally.flows.limits_lowered += 1;
        ctx.tally.flows.limits_lowered_fen += i64::from(row.limit - new);
        row.limit = new;
    }
}

/// The limit was lowered by the round that is in force: until that is over nothing raises it.
pub(super) fn is_held_down(today: &Today, row: &AccountRow) -> bool {
    let round = today.terms.limits.lower_round;
    round > 0 && row.lowered_round == round
}

/// Closes the card function to high-risk tiers and opens it to others.
fn close_cards(row: &mut AccountRow, today: &Today) {
    if row.tier >= today.terms.cards.closed_from_tier {
        row.flags |= flag::CARDS_CLOSED;
    } else {
        row.flags &= !flag::CARDS_CLOSED;
    }
}
