//! Origination (docs/rules.md §10): identity, age, student, fraud, total debt, income, score → approve, refuse or review. And the
//! end of an account that its user closes.

use crate::base::ids::Slot;
use crate::base::money::{div_half_even, fen32};
use crate::base::random::Purpose;
use crate::base::time::Day;
use crate::credit::account_event::AccountEventKind;
use crate::credit::chart::Posting;
use crate::credit::command::{Application, Decline, Refusal, Reply, Status};
use crate::credit::limits::{cap_limit, is_held_down};
use crate::credit::rows::{AccountRow, NIL, flag};
use crate::credit::terms::{Origination, TIERS};
use crate::credit::totals::Tally;
use crate::credit::{Ctx, Engine, Today};

/// The estimated 12-month probability of default of an applicant, in parts per million.
pub(super) fn estimated_pd_ppm(today: &Today, application: &Application) -> i32 {
    today.prices.pd_ppm(score_logit_milli(&today.terms.origination, application))
}

/// The score of an applicant: log-odds of default within 12 months, thousandths.
pub(crate) fn score_logit_milli(terms: &Origination, application: &Application) -> i32 {
    let annual_income = (i64::from(application.monthly_income_yuan) * 12).max(1);
    let debt_tenths = (i64::from(application.other_debt_yuan) * 10 / annual_income).min(30) as i32;
    terms.score_intercept_milli
        + terms.score_bureau_milli * (i32::from(application.bureau_score) - 600)
        + terms.score_behaviour_milli * (i32::from(application.behaviour) - 128)
        + terms.score_debt_milli * debt_tenths
}

fn tier_of(today: &Today, pd_ppm: i32) -> usize {
    let bounds = &today.terms.origination.tier_pd;
    bounds.iter().position(|bound| pd_ppm <= bound.0).unwrap_or(TIERS - 1)
}

impl Engine {
    /// Decides an application. The order of the checks is the order of [`Refusal`].
    pub(super) fn apply_for_account(&mut self, ctx: &mut Ctx, slot: Slot, application: Application) -> Reply {
        let cost = i64::from(ctx.today.terms.economics.application_cost_fen);
        self.ledger.post(&mut ctx.tally.flows, Posting::OriginationPaid, cost);
        let pd_ppm = estimated_pd_ppm(ctx.today, &application);
        let screened = self.screen(ctx.today, slot, &application, pd_ppm);
        // A person looks at a share of all applications, good and bad ones; what the checks found goes along.
        let mut luck = self.luck(ctx.today, slot, Purpose::Apply, 1);
        let reviewed =
            luck.chance_ppm(ctx.today.terms.origination.review_share.0) && screened != Err(Refusal::HasAccount);
        if let (Err(refusal), false) = (screened, reviewed) {
            ctx.tally.flows.refused[refusal as usize] += 1;
            ctx.tally.flows.decided_instantly += 1;
            return Reply::Refused(refusal);
        }
        // What an earlier, closed account has on its list owes nothing: loans that are over, tips that were paid.
        self.forget_loans(slot);
        let row = &mut self.accounts[slot.index()];
        // Its purchases can still be refunded, and at the next month-end the account comes from where it stood at the last one.
        let AccountRow { sequence, first_purchase, oldest_purchase, last_bucket, last_principal, group, .. } = *row;
        let vacant = AccountRow::vacant(group);
        *row = AccountRow { sequence, first_purchase, oldest_purchase, last_bucket, last_principal, ..vacant };
        row.tier = tier_of(ctx.today, pd_ppm) as u8;
        row.income_hundreds = (application.monthly_income_yuan / 100).min(u32::from(u16::MAX)) as u16;
        row.opened = ctx.today.day().0;
        if reviewed {
            row.status = Status::InReview as u8;
            row.flags = if screened.is_err() { flag::SCREENED_OUT } else { 0 };
            self.in_review.push(slot);
            return Reply::InReview;
        }
        ctx.tally.flows.decided_instantly += 1;
        self.open_account(ctx, slot);
        Reply::Done(self.accounts[slot.index()].limit as u32)
    }

    fn screen(&self, today: &Today, slot: Slot, application: &Application, pd_ppm: i32) -> Result<(), Refusal> {
        let terms = &today.terms.origination;
        let row = &self.accounts[slot.index()];
        if !matches!(row.status(), Status::None | Status::Closed) {
            return Err(Refusal::HasAccount);
        }
        if !application.identity_matches {
            return Err(Refusal::Identity);
        }
        if !(terms.age_min..=terms.age_max).contains(&application.age) {
            return Err(Refusal::Age);
        }
        if application.student && terms.students_barred {
            return Err(Refusal::Student);
        }
        if application.fraud_signal {
            return Err(Refusal::Fraud);
        }
        let new_limit_yuan = terms.tier_new_limit_fen[tier_of(today, pd_ppm)] as u32 / 100;
        if application.other_debt_yuan.saturating_add(new_limit_yuan) > terms.total_debt_max_yuan {
            return Err(Refusal::TotalDebt);
        }
        if application.monthly_income_yuan < terms.income_min_yuan {
            return Err(Refusal::Income);
        }
        let cutoff =
            div_half_even(i64::from(terms.pd_cutoff.0) * i64::from(today.controls.cutoff_factor_ppm), 1_000_000);
        if i64::from(pd_ppm) > cutoff {
            return Err(Refusal::Score);
        }
        let first_limit = terms.tier_new_limit_fen[tier_of(today, pd_ppm)];
        self.find_funder(today, first_limit, slot.0).map(|_| ()).map_err(|_| Refusal::NoFunds)
    }

    /// Opens the account of an accepted application.
    fn open_account(&mut self, ctx: &mut Ctx, slot: Slot) {
        let row = &mut self.accounts[slot.index()];
        let tier = usize::from(row.tier);
        row.status = Status::Open as u8;
        row.opened = ctx.today.day().0;
        row.accrued_to = ctx.today.day().0;
        row.annual_bp = ctx.today.terms.pricing.tier_annual[tier].0 as u16;
        row.limit = cap_limit(ctx.today, i64::from(ctx.today.terms.origination.tier_new_limit_fen[tier]));
        row.flags = flag::UNUSED;
        row.opened_round = ctx.today.terms.limits.lower_round;
        if row.tier >= ctx.today.terms.cards.closed_from_tier {
            row.flags |= flag::CARDS_CLOSED;
        }
        self.live_accounts += 1;
        ctx.tally.flows.approved += 1;
        ctx.tally.history.opened[usize::from(ctx.today.calendar.run_month)] += 1;
    }

    /// Decides the applications whose review days are over, in the order in which they came, as far as the reviewers get on
    /// this day (called at the close of each day).
    pub(super) fn finish_reviews(&mut self, ctx: &mut Ctx) {
        let terms = &ctx.today.terms.origination;
        let mut room = self.review_room(ctx.today);
        let mut waiting = std::mem::take(&mut self.in_review);
        waiting.retain(|&slot| {
            let applied = Day(self.accounts[slot.index()].opened);
            if room == 0 || working_days(applied, ctx.today.day()) < self.review_days(ctx.today, slot, applied) {
                return true;
            }
            room -= 1;
            ctx.tally.flows.decided_by_review += 1;
            let mut luck = self.luck(ctx.today, slot, Purpose::Apply, 2);
            let screened_out = self.accounts[slot.index()].has(flag::SCREENED_OUT);
            let kind = if !screened_out && luck.chance_ppm(terms.review_approval.0) {
                self.open_account(ctx, slot);
                AccountEventKind::Opened
            } else {
                self.accounts[slot.index()].status = Status::None as u8;
                ctx.tally.flows.refused[Refusal::Review as usize] += 1;
                AccountEventKind::Refused(Refusal::Review)
            };
            self.report(slot, kind);
            false
        });
        self.in_review = waiting;
    }

    /// Applications that the reviewers of this cell can decide today.
    fn review_room(&self, today: &Today) -> u64 {
        match u64::from(today.terms.origination.review_capacity_per_mille) {
            0 => u64::MAX,
            _ if !is_working_day(today.day()) => 0,
            per_mille => (per_mille * self.accounts.len() as u64).div_ceil(1_000),
        }
    }

    /// Working days that the review of an application takes: the least, and further ones that are its own luck.
    fn review_days(&self, today: &Today, slot: Slot, applied: Day) -> u32 {
        let terms = &today.terms.origination;
        let extra = match terms.review_extra_days {
            0 => 0,
            most => {
                let mut luck = today.luck(self.lender, self.user_of(slot), applied, Purpose::Apply, 3);
                luck.below(u32::from(most) + 1)
            }
        };
        u32::from(terms.review_days) + extra
    }

    /// A temporary raise from a campaign, for a share of the open accounts, on the first statement in the campaign.
    pub(super) fn offer_campaign(&mut self, today: &Today, slot: Slot) {
        let share = today.controls.campaign_raise_share_ppm;
        let (lender, user) = (self.lender, self.user_of(slot));
        let row = &mut self.accounts[slot.index()];
        if share == 0 || row.status != Status::Open as u8 || row.raise != 0 || is_held_down(today, row) {
            return;
        }
        let mut luck = today.luck(lender, user, today.day(), Purpose::Service, 2);
        if luck.chance_ppm(share) {
            let limits = &today.terms.limits;
            let raise = div_half_even(i64::from(row.limit) * i64::from(limits.campaign_raise.0), 1_000_000);
            let room = i64::from(limits.ceiling_fen) - i64::from(row.limit);
            row.raise = fen32(raise.min(room.max(0)));
            row.raise_until = today.day().0 + limits.campaign_raise_days;
        }
    }

    /// Closes an account that owes nothing.
    pub(super) fn close_account(&mut self, tally: &mut Tally, slot: Slot) -> Result<u32, Decline> {
        let row = &self.accounts[slot.index()];
        if !row.is_live() {
            return Err(Decline::NoAccount);
        }
        // A remainder that rounds to nothing is never posted and owes nothing.
        let accrued = self.accrued_fen(row);
        if row.principal() + row.charges() + row.held > 0 || accrued > 0 || row.first_card != NIL {
            return Err(Decline::StillOwing);
        }
        let row = &mut self.accounts[slot.index()];
        row.status = Status::Closed as u8;
        row.limit = 0;
        row.raise = 0;
        self.live_accounts -= 1;
        tally.flows.closed += 1;
        Ok(0)
    }
}

/// Working days (Monday to Friday) after `from` up to `to`. 2000-01-01, day 0, was a Saturday.
fn working_days(from: Day, to: Day) -> u32 {
    (from.0 + 1..=to.0).filter(|day| is_working_day(Day(*day))).count() as u32
}

const fn is_working_day(day: Day) -> bool {
    day.0 % 7 > 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reviews_count_working_days() {
        let friday = Day::from_ymd(2026, 11, 20).expect("a date");
        assert_eq!(working_days(friday, friday.plus(2)), 0, "Saturday and Sunday do not count");
        assert_eq!(working_days(friday, friday.plus(3)), 1);
        assert_eq!(working_days(friday, friday.plus(7)), 5);
    }
}
