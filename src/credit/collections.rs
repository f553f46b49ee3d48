//! Delinquency (docs/rules.md §17, §18): days past due, thresholds, contacts by bucket within the collectors' capacity, hardship plans,
//! write-off, sale of claims.

use crate::base::accrual::Accrual;
use crate::base::ids::Slot;
use crate::base::money::div_half_even;
use crate::base::random::Purpose;
use crate::base::time::Day;
use crate::credit::account_event::AccountEventKind;
use crate::credit::chart::Posting;
use crate::credit::command::{CHANNELS, Channel, Decline, Status};
use crate::credit::instalments::Priced;
use crate::credit::loan::Schedule;
use crate::credit::rows::flag;
use crate::credit::{Ctx, Engine, Today};

/// Days past due at the thresholds of a spell; after the last comes the write-off (`Collections::writeoff_dpd`).
const THRESHOLD_DPD: [u16; 6] = [0, 1, 8, 31, 61, 91];

/// A debtor is approached every third day: at most one contact a day, well within three calls (docs/rules.md §17.5).
const CONTACT_EVERY_DAYS: u32 = 3;

impl Engine {
    /// The due day passed unpaid.
    pub(super) fn enter_lateness(&mut self, ctx: &mut Ctx, slot: Slot) {
        let row = &mut self.accounts[slot.index()];
        if row.has(flag::ON_LATE_LIST) {
            return;
        }
        row.flags |= flag::ON_LATE_LIST;
        row.threshold = 1;
        row.threshold_day = ctx.today.day().0;
        let principal = row.principal();
        self.late.push(slot);
        ctx.tally.history.cohort_fen[usize::from(ctx.today.calendar.run_month)][0] += i64::from(principal);
        self.report(slot, AccountEventKind::Late(principal));
    }

    /// Ages the late accounts at the close of the day: cures, thresholds, freezes, contacts, write-offs.
    pub(super) fn age_late_accounts(&mut self, ctx: &mut Ctx) {
        self.open_contact_day(ctx.today);
        let tomorrow = ctx.today.day().plus(1);
        let mut late = std::mem::take(&mut self.late);
        let mut cost = 0;
        late.retain(|&slot| {
            let row = &mut self.accounts[slot.index()];
            row.contact = 0;
            let dpd = row.days_past_due(tomorrow);
            if dpd == 0 || !row.is_live() {
                self.cure(slot);
                return false;
            }
            if self.grace_is_over(slot, tomorrow) {
                self.accounts[slot.index()].flags |= flag::LATE_IN_CYCLE;
            }
            self.reach_thresholds(ctx, slot, dpd);
            if dpd >= ctx.today.terms.collections.writeoff_dpd {
                self.write_off(ctx, slot);
                return false;
            }
            let row = &mut self.accounts[slot.index()];
            if dpd >= ctx.today.terms.limits.freeze_dpd && row.status == Status::Open as u8 {
                row.status = Status::Frozen as u8;
            }
            if (u32::from(ctx.today.day().0) + slot.0).is_multiple_of(CONTACT_EVERY_DAYS) {
                cost += self.contact(ctx, slot, dpd);
            }
            true
        });
        self.late = late;
        self.ledger.post(&mut ctx.tally.flows, Posting::CollectionPaid, cost);
    }

    fn cure(&mut self, slot: Slot) {
        let row = &mut self.accounts[slot.index()];
        row.flags &= !flag::ON_LATE_LIST;
        row.threshold = 0;
        row.contact = 0;
        if row.status == Status::Frozen as u8 && !row.has(flag::MISUSE | flag::REAGED) {
            row.status = Status::Open as u8;
        }
    }

    /// Counts the thresholds that the spell reaches for the first time, each under the month of the one it is measured
    /// from (docs/rules.md §17.3).
    fn reach_thresholds(&mut self, ctx: &mut Ctx, slot: Slot, dpd: u16) {
        loop {
            let row = &mut self.accounts[slot.index()];
            let next = usize::from(row.threshold) + 1;
            if next >= THRESHOLD_DPD.len() || dpd < THRESHOLD_DPD[next] {
                return;
            }
            row.threshold = next as u8;
            let principal = row.principal();
            let now = usize::from(ctx.today.calendar.run_month);
            let from = usize::from(ctx.today.run_month(Day(row.threshold_day)));
            let cohorts = &mut ctx.tally.history.cohort_fen;
            match next {
                // DPD 8 is measured from DPD 1, and DPD 31 too: the day of DPD 1 is kept until then.
                2 => cohorts[from][1] += i64::from(principal),
                3 => {
                    cohorts[from][2] += i64::from(principal);
                    cohorts[now][3] += i64::from(principal);
                    row.threshold_day = ctx.today.day().0;
                    let opened = row.opened;
                    self.report(slot, AccountEventKind::Reached31(principal));
                    let cell = ctx.tally.history.cell(ctx.today.run_month(Day(opened)), ctx.today.calendar.run_month);
                    ctx.tally.history.first_30_plus[cell] += 1;
                }
                threshold => {
                    // 61 and 91: end of one cohort (fields 4 and 6), beginning of the next (5 and 7).
                    let field = 2 * threshold - 4;
                    cohorts[from][field] += i64::from(principal);
                    cohorts[now][field + 1] += i64::from(principal);
                    row.threshold_day = ctx.today.day().0;
                }
            }
        }
    }

    fn open_contact_day(&mut self, today: &Today) {
        for channel in 0..CHANNELS {
            let per_mille = i64::from(today.terms.collections.capacity_per_mille[channel]);
            // The fraction of a contact is drawn by the day of the year, so that small cells have collectors too.
            let thousandths = self.live_accounts * per_mille;
            let spread = i64::from(today.day().0) * 617 % 1000;
            self.contact_room[channel] = (thousandths + spread) / 1000;
        }
    }

    /// Approaches one debtor by the strongest channel that is due and has room; returns the cost.
    fn contact(&mut self, ctx: &mut Ctx, slot: Slot, dpd: u16) -> i64 {
        let rules = &ctx.today.terms.collections;
        // One contact a day is within any number of calls but none.
        let allowed = |c: usize| c != Channel::Call as usize || rules.calls_a_day_max > 0;
        let due = |c: usize| dpd >= rules.channel_from_dpd[c] && self.contact_room[c] > 0 && allowed(c);
        let channel = (1..CHANNELS).rev().find(|&c| due(c));
        let Some(channel) = channel else {
            ctx.tally.flows.contacts_queued += 1;
            return 0;
        };
        self.contact_room[channel] -= 1;
        ctx.tally.flows.contacts_tried[channel] += 1;
        let mut luck = self.luck(ctx.today, slot, Purpose::Service, 1);
        if luck.chance_ppm(rules.reach[channel].0) {
            self.accounts[slot.index()].contact = channel as u8;
            ctx.tally.flows.contacts_reached[channel] += 1;
        }
        i64::from(rules.cost_fen[channel])
    }

    /// Grants a hardship plan: everything owed in principal becomes one loan at the plan's rate, arrears are re-aged and their
    /// charges wait for the next statement. The balance stays marked, so that re-ageing cannot hide it.
    pub(super) fn request_hardship(&mut self, ctx: &mut Ctx, slot: Slot) -> Result<u32, Decline> {
        let rules = &ctx.today.terms.collections;
        let row = &self.accounts[slot.index()];
        let dpd = row.days_past_due(ctx.today.day());
        let principal = row.principal();
        let fit = row.is_live()
            && !row.has(flag::REAGED)
            && principal > 0
            && (rules.hardship_dpd.0..=rules.hardship_dpd.1).contains(&dpd);
        if !fit {
            return Err(Decline::NothingToDo);
        }
        self.accrue(ctx.today, slot);
        let parts = self.take_over(slot, |_| true);
        let loan = self.instalment_loan(ctx.today, slot, principal, &parts, &Priced::hardship(ctx.today));
        let link = self.insert_loan(&loan);
        self.hand_over(slot, link);
        self.end_loans(slot);
        self.suspend_bills(ctx.today, slot);
        let row = &mut self.accounts[slot.index()];
        row.statement = 0;
        row.flags |= flag::REAGED;
        row.status = Status::Frozen as u8;
        row.probation_until = ctx.today.day().0 + 30 * u16::from(rules.probation_months);
        ctx.tally.flows.hardship_plans += 1;
        ctx.tally.flows.reaged_fen += i64::from(principal);
        Ok(principal as u32)
    }

    /// Ends a hardship plan that is paid off and whose probation is over (on statement days).
    pub(super) fn end_probation(&mut self, today: &Today, slot: Slot) {
        let row = &self.accounts[slot.index()];
        let over = row.has(flag::REAGED)
            && row.probation_until <= today.day().0
            && row.days_past_due(today.day()) == 0
            && self.loans_of(row).all(|loan| loan.schedule != Schedule::Hardship as u8);
        if over {
            let row = &mut self.accounts[slot.index()];
            row.flags &= !flag::REAGED;
            if row.status == Status::Frozen as u8 && !row.has(flag::MISUSE) {
                row.status = Status::Open as u8;
            }
        }
    }

    /// Writes an account off: principal against the allowance and the partners, posted charges against income. The
    /// claim on the debtor remains.
    fn write_off(&mut self, ctx: &mut Ctx, slot: Slot) {
        self.drop_purchases(ctx, slot);
        self.forget_loans(slot);
        let row = &mut self.accounts[slot.index()];
        let principal = row.principal();
        let (interest, fees, penalty) = (row.interest, row.fees, row.penalty);
        let from = usize::from(ctx.today.run_month(Day(row.threshold_day)));
        ctx.tally.history.cohort_fen[from][8] += i64::from(principal);
        let cell = ctx.tally.history.cell(ctx.today.run_month(Day(row.opened)), ctx.today.calendar.run_month);
        ctx.tally.history.writeoff_fen[cell] += i64::from(principal);
        row.claim = principal + row.charges();
        row.status = Status::WrittenOff as u8;
        row.writeoff_day = ctx.today.day().0;
        for amount in [
            &mut row.unbilled,
            &mut row.billed,
            &mut row.billed_parts,
            &mut row.revolving,
            &mut row.installed,
            &mut row.limit,
            &mut row.raise,
            &mut row.statement,
            &mut row.billed_instalments,
        ] {
            *amount = 0;
        }
        row.accrued_interest = Accrual::ZERO;
        row.accrued_penalty = Accrual::ZERO;
        row.flags &= !(flag::ON_LATE_LIST | flag::REAGED);
        self.live_accounts -= 1;
        self.drop_bills(slot);
        self.write_off_funders(ctx, slot);
        let flows = &mut ctx.tally.flows;
        self.ledger.post(flows, Posting::WriteOffInterest, i64::from(interest));
        self.ledger.post(flows, Posting::WriteOffFee, i64::from(fees));
        self.ledger.post(flows, Posting::WriteOffPenalty, i64::from(penalty));
        flows.writeoffs += 1;
        flows.writeoff_fen += i64::from(principal);
        self.report(slot, AccountEventKind::WrittenOff(principal));
    }

    /// Sells a claim that was written off long enough ago (on statement days).
    pub(super) fn sell_claim(&mut self, ctx: &mut Ctx, slot: Slot) {
        let rules = &ctx.today.terms.collections;
        let row = &mut self.accounts[slot.index()];
        if ctx.today.day().since(Day(row.writeoff_day)) < i32::from(rules.sale_after_days) {
            return;
        }
        let claim = i64::from(std::mem::take(&mut row.claim));
        row.status = Status::Sold as u8;
        let price = div_half_even(claim * i64::from(rules.sale_price.0), 1_000_000);
        self.ledger.post(&mut ctx.tally.flows, Posting::ClaimSale, price);
        ctx.tally.flows.sold_fen += price;
        ctx.tally.flows.sold_claims_fen += claim;
        self.report(slot, AccountEventKind::Sold);
    }

    /// Principal of accounts 31 or more days past due at the close of `today` (for the partners' triggers).
    pub fn overdue_30_fen(&self, today: Day) -> i64 {
        let late = self.late.iter().map(|&slot| &self.accounts[slot.index()]);
        late.filter(|row| row.days_past_due(today) > 30).map(|row| i64::from(row.principal())).sum()
    }
}
