//! The monthly review of limit, raise, tier and rate: what the published ones may have become. Lowering by a round is predicted, the rest is
//! held within its bounds, since targeting and campaigns are luck or judgement.

use crate::audit::account::Account;
use crate::audit::arithmetic::{half_even, share};
use crate::audit::pricing::bind_to_cap;
use crate::audit::rules::Rules;
use crate::audit::{CellAuditor, Evidence, Findings};
use crate::base::ids::Slot;
use crate::credit::command::Status;

/// A round of lowering takes an open account that was there before it once: its limit falls by a share, in whole ten yuan, never below the
/// floor and never up, and a raise ends.
fn lower(account: &mut Account, rules: &Rules) {
    let gone_through = account.opened_round.max(account.lowered_round) >= rules.lower_round;
    if gone_through || account.status != Status::Open || account.tier < rules.lower_from_tier {
        return;
    }
    account.lowered_round = rules.lower_round;
    account.raise = 0;
    let tens = half_even(account.limit * (1_000_000 - rules.lower_share_ppm), 1_000_000_000);
    account.limit = account.limit.min((tens * 1_000).max(rules.lower_floor));
}

impl CellAuditor {
    /// The monthly review: what the published limit, raise, tier and rate may have become. Takes them over.
    pub(super) fn review(&mut self, evidence: Evidence<'_>, slot: Slot, findings: &mut Findings) {
        let (rules, facts) = (evidence.rules, &evidence.facts.accounts[slot.index()]);
        let account = &mut self.accounts[slot.index()];
        if account.raise_until <= evidence.day() {
            account.raise = 0;
        }
        if rules.cap_binds_open {
            account.loans.iter_mut().for_each(|loan| bind_to_cap(rules, loan));
        }
        lower(account, rules);
        let (old, new) = (account.limit, i64::from(facts.limit));
        let in_force = old + account.raise;
        let late = account.late_in_cycle || account.days_past_due(rules, evidence.day()) > 0;
        let task_done = rules.task_purchases > 0 && account.bought_in_cycle >= rules.task_purchases;
        let growth = rules.raise_factor_ppm - 1_000_000 + if task_done { rules.task_raise_ppm } else { 0 };
        let growth = share(growth, i64::from(evidence.facts.raise_factor_ppm));
        let grown = old + share(old, share(growth, rules.targeted_growth_max_ppm));
        let linked = share(account.tipped_in_cycle, rules.tip_link_ppm);
        let ceiling = rules.tier_ceilings.iter().copied().max().unwrap_or(0).min(rules.limit_ceiling);
        // Stated income counts in hundreds of yuan; a limit is shown in whole tens.
        let by_income = share(account.income_yuan / 100 * 10_000, rules.income_multiple_ppm);
        let held_down = rules.lower_round > 0 && account.lowered_round == rules.lower_round;
        let most = match held_down {
            true => old,
            false => (grown + linked + 500).min(ceiling).min(by_income).max(old),
        };
        let cut = share(old, rules.cut_factor_ppm);
        let fair = if late { new == old || new == cut } else { (old..=most).contains(&new) };
        let raise = i64::from(facts.raise);
        let raised = raise > account.raise;
        let raise_fair = !raised
            || (evidence.facts.campaign
                && account.status == Status::Open
                && !held_down
                && raise <= share(new, rules.campaign_raise_ppm));
        if raised {
            account.raise_until = evidence.day().plus(rules.campaign_raise_days);
        }
        let within = new + raise <= rules.limit_ceiling.max(in_force);
        let rate = i64::from(facts.annual_bp);
        // A changed price list reaches the account by its old tier, a move by its new one.
        let listed = |tier: u8| rules.tier_rates.get(usize::from(tier)) == Some(&rate);
        let rate_fair = rate == account.annual_bp || listed(account.tier) || listed(facts.tier);
        let was = (account.limit, account.raise, account.annual_bp);
        (account.limit, account.raise, account.annual_bp, account.tier) = (new, raise, rate, facts.tier);
        if !(fair && raise_fair && within && rate_fair) {
            self.report(findings, "limit_review", evidence, Some(slot), || {
                format!("(limit, raise, rate) {was:?} became {:?}, late: {late}, at most {most}", (new, raise, rate))
            });
        }
    }
}
