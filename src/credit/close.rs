//! The batch of a day in its order: opening of due days, then at the close due days, end of grace, ageing, statements,
//! reviews, settlement and, on the last day of a month, taking stock.

use crate::base::ids::{FUNDERS, Slot};
use crate::credit::ahead::{LoansAhead, PurchasesAhead};
use crate::credit::billing::dates_of_statement;
use crate::credit::chart::{Posting, loans_of};
use crate::credit::command::Status;
use crate::credit::rows::GroupDates;
use crate::credit::totals::{CreditStocks, Tally};
use crate::credit::{Ctx, Engine, Guard, Today};
use std::ops::Range;

/// Slots of some bill groups, in order.
pub(crate) type Slots = std::iter::Flatten<std::vec::IntoIter<Range<u32>>>;

/// The parts of a close of day in their order. Each is bounded by the cell's size, so that a service can answer requests
/// between two of them; [`Engine::close_day`] does all but the first in one go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum ClosePhase {
    /// Purchases that are over are dropped, for a tenth of the accounts.
    Tidy = 0,
    /// Due dates of today pass.
    DueDay,
    /// Days of grace end.
    Grace,
    /// Late accounts are aged and approached.
    Ageing,
    /// Statements, and the monthly review of those accounts.
    Statements,
    /// Reviewers decide applications.
    Reviews,
    /// Merchants, hosts and partners are settled with.
    Settle,
    /// On the last day of a month: service costs, stocks and the check of the books. On other days nothing.
    TakeStock,
}

impl ClosePhase {
    /// All in order; the position of a phase is its code.
    pub const ALL: [ClosePhase; 8] = [
        ClosePhase::Tidy,
        ClosePhase::DueDay,
        ClosePhase::Grace,
        ClosePhase::Ageing,
        ClosePhase::Statements,
        ClosePhase::Reviews,
        ClosePhase::Settle,
        ClosePhase::TakeStock,
    ];

    /// The phase of a code, if there is one.
    pub fn from_code(code: u8) -> Option<ClosePhase> {
        ClosePhase::ALL.get(usize::from(code)).copied()
    }

    /// Its name in files and messages.
    pub const fn name(self) -> &'static str {
        match self {
            ClosePhase::Tidy => "tidy",
            ClosePhase::DueDay => "due_day",
            ClosePhase::Grace => "grace",
            ClosePhase::Ageing => "ageing",
            ClosePhase::Statements => "statements",
            ClosePhase::Reviews => "reviews",
            ClosePhase::Settle => "settle",
            ClosePhase::TakeStock => "take_stock",
        }
    }
}

impl Engine {
    /// Opens the day: quotas of the funders, and who has a payment due today.
    pub fn open_day(&mut self, ctx: &mut Ctx, quota: [i64; FUNDERS]) {
        self.set_quota(quota);
        for slot in self.due_today(ctx.today).map(Slot) {
            self.open_due_day(ctx, slot);
        }
    }

    /// Pays in capital (on the first day).
    pub fn pay_in_capital(&mut self, tally: &mut Tally, amount_fen: i64) {
        self.ledger.post(&mut tally.flows, Posting::PaidInCapital, amount_fen);
    }

    /// Principal of all accounts of the cell, from the control accounts.
    pub fn principal_fen(&self) -> i64 {
        (0..FUNDERS).map(|funder| self.ledger.balance(loans_of(funder))).sum()
    }

    /// Open and frozen accounts of the cell.
    pub const fn live_accounts(&self) -> i64 {
        self.live_accounts
    }

    /// Slots whose due date is today: groups whose last statement said so. Auto-debit rounds run over them.
    pub(crate) fn due_today(&self, today: &Today) -> Slots {
        let day = today.day();
        let billing = &today.terms.billing;
        if today.guards(Guard::StoredDueDate) {
            self.groups(|_, dates| dates.due == day.0)
        } else {
            let billed = |group: usize| {
                let statement = day.minus(billing.due_after(group)).ymd().2 as u8;
                billing.bill_days.get(group) == Some(&statement)
            };
            self.groups(|group, _| billed(group))
        }
    }

    /// Slots from the first to the last whose due date is today. Mostly one bill group: those who pay by hand today are among them.
    pub(crate) fn due_span(&self, today: &Today) -> Range<usize> {
        let mut slots = self.due_today(today);
        let Some(first) = slots.next() else { return 0..0 };
        first as usize..slots.last().unwrap_or(first) as usize + 1
    }

    /// The account wants the bank to be asked today: something is demanded and unpaid.
    pub fn awaits_debit(&self, slot: Slot) -> bool {
        let row = self.account(slot);
        row.is_live() && row.demanded > 0
    }

    /// Counts a failed round of auto-debit.
    pub fn debit_failed(&self, tally: &mut Tally) {
        tally.flows.debits_failed += 1;
    }

    /// Slots of the groups that are wanted, in order.
    fn groups(&self, wanted: impl Fn(usize, &GroupDates) -> bool) -> Slots {
        let ranges: Vec<Range<u32>> = self
            .group_dates
            .iter()
            .enumerate()
            .filter(|(group, dates)| wanted(*group, dates))
            .map(|(group, _)| self.group_bounds[group]..self.group_bounds[group + 1])
            .collect();
        ranges.into_iter().flatten()
    }

    /// Closes the day: all phases in order. On the last day of a month the stocks are added to `stocks`.
    pub fn close_day(&mut self, ctx: &mut Ctx, stocks: &mut CreditStocks) {
        for phase in ClosePhase::ALL {
            self.close_phase(ctx, stocks, phase);
        }
    }

    /// Does one phase of the close. A day is closed when all have been done once, in order.
    pub fn close_phase(&mut self, ctx: &mut Ctx, stocks: &mut CreditStocks, phase: ClosePhase) {
        let day = ctx.today.day();
        match phase {
            ClosePhase::Tidy => self.tidy_some(ctx),
            ClosePhase::DueDay => {
                for slot in self.due_today(ctx.today).map(Slot) {
                    self.close_due_day(ctx, slot);
                }
            }
            ClosePhase::Grace => {
                for slot in self.groups(|_, dates| dates.grace_until == day.0).map(Slot) {
                    self.end_grace(ctx.today, slot);
                }
            }
            ClosePhase::Ageing => self.age_late_accounts(ctx),
            ClosePhase::Statements => {
                let billing = &ctx.today.terms.billing;
                let today = day.ymd().2 as u8;
                let billed = |group: usize| billing.bill_days.get(group) == Some(&today);
                let (mut purchases, mut loans) = (PurchasesAhead::default(), LoansAhead::default());
                for slot in self.groups(|group, _| billed(group)).map(Slot) {
                    self.fetch_purchases_ahead(ctx.today, &mut purchases, slot, 1);
                    self.fetch_loans_ahead(&mut loans, slot);
                    self.bill_account(ctx, slot);
                }
                for group in (0..self.group_dates.len()).filter(|group| billed(*group)) {
                    self.group_dates[group] = dates_of_statement(ctx.today, group);
                }
            }
            ClosePhase::Reviews => self.finish_reviews(ctx),
            ClosePhase::Settle => self.settle(ctx),
            ClosePhase::TakeStock if ctx.today.calendar.is_month_end => {
                let months = i64::from(ctx.today.terms.economics.service_cost_fen_per_month);
                self.ledger.post(&mut ctx.tally.flows, Posting::ServicePaid, self.live_accounts * months);
                self.take_stock(ctx, stocks);
            }
            ClosePhase::TakeStock => {}
        }
    }

    /// The bill day of one account.
    fn bill_account(&mut self, ctx: &mut Ctx, slot: Slot) {
        self.tidy_purchases(ctx.today, slot);
        match self.accounts[slot.index()].status() {
            Status::WrittenOff => self.sell_claim(ctx, slot),
            Status::Open | Status::Frozen => {
                self.review_limit(ctx, slot);
                self.offer_campaign(ctx.today, slot);
                self.end_probation(ctx.today, slot);
                self.make_statement(ctx, slot);
            }
            Status::None | Status::InReview | Status::Sold | Status::Closed => {}
        }
    }

    /// Ends holds of today, and drops purchases that are over for the tenth of the accounts whose turn it is.
    fn tidy_some(&mut self, ctx: &mut Ctx) {
        self.end_holds(ctx);
        let turn = u32::from(ctx.today.day().0 % 10);
        let mut purchases = PurchasesAhead::default();
        for slot in (turn..self.accounts.len() as u32).step_by(10).map(Slot) {
            self.fetch_purchases_ahead(ctx.today, &mut purchases, slot, 10);
            self.tidy_purchases(ctx.today, slot);
        }
    }
}
