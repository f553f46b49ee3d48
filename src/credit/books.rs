//! Month-end: how things stand (the stocks that measures are made of), and whether the accounts agree with the books
//! (docs/rules.md §20.3). Called by `close` on a month's last day.

use crate::base::ids::{FUNDERS, Slot};
use crate::base::time::Day;
use crate::credit::ahead::LoansAhead;
use crate::credit::authorisation::age_band;
use crate::credit::chart::{Account, loans_of};
use crate::credit::command::Status;
use crate::credit::provisioning::{bucket, five_tier, risk_has_risen, stage};
use crate::credit::rows::{AccountRow, flag};
use crate::credit::totals::{BINS, CreditStocks};
use crate::credit::{Ctx, Engine, Today};

/// Days of "a purchase in the last 3 months".
const ACTIVE_DAYS: i32 = 92;

/// Days after which an account counts for the mean limit ("older than 6 months").
const SEASONED_DAYS: i32 = 183;

/// Column of the transition matrix for written-off accounts and for those without a balance.
const WRITTEN_OFF: u8 = 7;
const NO_BALANCE: u8 = 8;

impl Engine {
    /// Takes stock at the close of a month's last day, moves the allowance and checks the books.
    ///
    /// # Panics
    /// When a sub-ledger differs from its control account: that is a bug, never a result.
    pub(super) fn take_stock(&mut self, ctx: &mut Ctx, stocks: &mut CreditStocks) {
        let mut allowance = 0;
        for slot in 0..self.accounts.len() as u32 {
            allowance += self.take_stock_of(ctx.today, Slot(slot), stocks);
        }
        stocks.loans_above_cap += self.loans_above_cap(ctx.today);
        self.set_allowance(ctx.tally, allowance);
        stocks.allowance_fen -= self.ledger.balance(Account::LossAllowance);
        stocks.card_float_fen -= self.ledger.balance(Account::CardFloat);
        for funder in 0..FUNDERS {
            stocks.balance_by_funder_fen[funder] += self.ledger.balance(loans_of(funder));
        }
        self.check_books();
    }

    /// Adds one account to the stocks; returns its expected loss.
    fn take_stock_of(&mut self, today: &Today, slot: Slot, stocks: &mut CreditStocks) -> i64 {
        let day = today.day();
        let row = &mut self.accounts[slot.index()];
        let principal = i64::from(row.principal());
        let dpd = row.days_past_due(day);
        let now = match row.status() {
            Status::WrittenOff | Status::Sold => WRITTEN_OFF,
            _ if principal == 0 => NO_BALANCE,
            _ => bucket(dpd) as u8,
        };
        let was = std::mem::replace(&mut row.last_bucket, now);
        let moved = usize::from(was) * 9 + usize::from(now);
        stocks.transitions_accounts[moved] += 1;
        // Weighted by the balance that moves: that of the earlier month-end, since a written-off account has none now.
        let before = i64::from(row.last_principal);
        row.last_principal = row.principal();
        stocks.transitions_fen[moved] += if was == NO_BALANCE { principal } else { before };
        if !row.is_live() {
            return 0;
        }
        stocks.accounts += 1;
        stocks.limits_fen += i64::from(row.limit_on(day));
        stocks.accounts_by_tier[usize::from(row.tier)] += 1;
        stocks.held_fen += i64::from(row.held);
        count_activity(row, day, stocks);
        count_limit(row, day, stocks);
        if principal == 0 {
            return Engine::expected_loss(today, row, 0, false);
        }
        let risen = risk_has_risen(row);
        stocks.balance_by_bucket_fen[bucket(dpd)] += principal;
        stocks.accounts_by_bucket[bucket(dpd)] += 1;
        stocks.balance_by_stage_fen[stage(dpd, risen)] += principal;
        stocks.balance_by_class_fen[five_tier(dpd)] += principal;
        if (1..=7).contains(&dpd) {
            stocks.technical_fen += principal;
        }
        if row.has(flag::REAGED) {
            stocks.reaged_fen += principal;
        }
        let bearing = i64::from(row.installed + row.revolving);
        stocks.bearing_fen += bearing;
        stocks.bearing_times_bp += bearing * i64::from(row.annual_bp);
        let rates = &today.terms.pricing.tier_annual;
        if bearing > 0 && !(rates[0].0..=rates[rates.len() - 1].0).contains(&i32::from(row.annual_bp)) {
            stocks.rate_out_of_range += 1;
        }
        Engine::expected_loss(today, row, dpd, risen)
    }

    /// Compares every sub-ledger with its control account.
    ///
    /// # Panics
    /// When one differs; the message names it.
    pub fn check_books(&self) {
        if let Some(difference) = self.books_differ() {
            panic!("{difference}");
        }
    }

    /// Compares every sub-ledger with its control account, and says the first difference if there is one.
    pub fn books_differ(&self) -> Option<String> {
        let differ = |what: &str, sum: i64, control: i64| {
            (sum != control).then(|| format!("{what}: the parts make {sum} fen, the books say {control} fen"))
        };
        let mut by_funder = [0_i64; FUNDERS];
        let (mut interest, mut fees, mut penalty, mut cards) = (0_i64, 0_i64, 0_i64, 0_i64);
        let mut ahead = LoansAhead::default();
        for (slot, row) in (0..).map(Slot).zip(&self.accounts) {
            self.fetch_loans_ahead(&mut ahead, slot);
            if let Some(what) = self.account_differs(slot) {
                return Some(format!("account {}: {what}", slot.0));
            }
            by_funder.iter_mut().zip(row.by_funder).for_each(|(sum, part)| *sum += i64::from(part));
            interest += i64::from(row.interest);
            fees += i64::from(row.fees);
            penalty += i64::from(row.penalty);
            cards += self.card_balance_of(slot);
        }
        let controls = [
            ("the ledger", self.ledger.balances().iter().sum::<i64>(), 0),
            ("interest receivable", interest, self.ledger.balance(Account::InterestReceivable)),
            ("fees receivable", fees, self.ledger.balance(Account::FeeReceivable)),
            ("penalty receivable", penalty, self.ledger.balance(Account::PenaltyReceivable)),
            ("card float", cards, -self.ledger.balance(Account::CardFloat)),
        ];
        let funders = by_funder.into_iter().enumerate().find_map(|(funder, sum)| {
            differ(&format!("loans of funder {funder}"), sum, self.ledger.balance(loans_of(funder)))
        });
        funders.or_else(|| controls.into_iter().find_map(|(what, sum, control)| differ(what, sum, control)))
    }

    /// What does not agree inside one account.
    fn account_differs(&self, slot: Slot) -> Option<&'static str> {
        let row = &self.accounts[slot.index()];
        let agrees = [
            (row.by_funder.iter().sum::<i32>() == row.principal(), "funders against principal"),
            (self.held_of(slot) == row.held, "purchases against holds"),
            (self.bills_agree(row), "bills against charges"),
            (self.demanded_principal(row) <= row.billed, "demands above the statement"),
            ((0..=row.billed).contains(&row.revolving), "revolving part of the bill"),
        ];
        if let Some(what) = self.loans_differ(row) {
            return Some(what);
        }
        agrees.into_iter().find(|(agree, _)| !agree).map(|(_, what)| what)
    }

    /// Slots of the written-off accounts and others by their state, for reports of a single cell.
    pub fn count_status(&self, status: Status) -> usize {
        (0..self.accounts.len()).filter(|slot| self.account(Slot(*slot as u32)).status() == status).count()
    }
}

/// The account was used for a purchase in the last 92 days and is not frozen.
pub(crate) fn is_active(row: &AccountRow, day: Day) -> bool {
    row.is_live()
        && row.status() != Status::Frozen
        && row.last_purchase != 0
        && day.since(Day(row.last_purchase)) <= ACTIVE_DAYS
}

fn count_activity(row: &AccountRow, day: Day, stocks: &mut CreditStocks) {
    if row.status() == Status::Frozen {
        stocks.frozen += 1;
    } else if is_active(row, day) {
        stocks.active_accounts += 1;
        stocks.active_by_age[age_band(row.opened, day)] += 1;
    }
}

fn count_limit(row: &AccountRow, day: Day, stocks: &mut CreditStocks) {
    let limit = row.limit_on(day);
    stocks.above_limit_fen += i64::from(row.available_on(day).min(0).abs());
    stocks.limit_bins[((limit / 50_000) as usize).min(BINS - 1)] += 1;
    let used = i64::from(row.principal() + row.held) * BINS as i64 / i64::from(limit.max(1));
    stocks.utilisation_bins[(used as usize).min(BINS - 1)] += 1;
    if day.since(Day(row.opened)) > SEASONED_DAYS {
        stocks.seasoned_accounts += 1;
        stocks.seasoned_limits_fen += i64::from(limit);
        if (300_000..=1_000_000).contains(&limit) {
            stocks.seasoned_in_band += 1;
        }
    }
}
