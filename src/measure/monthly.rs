//! What one month or one world says directly: sums of its own counters, for series and charts.

use crate::base::time::Day;
use crate::credit::chart::{Account, Class, Posting};
use crate::measure::earnings::profit_sign;
use crate::measure::observations::{Cohort, MonthObservations, Vintage, WorldObservations};

/// `numerator / denominator` as a plain ratio, or `None` when nothing was counted.
fn ratio(numerator: i64, denominator: i64) -> Option<f64> {
    (denominator != 0).then(|| numerator as f64 / denominator as f64)
}

/// Principal of partners' loans that was written off and that the platform's first loss covered.
pub(crate) const WRITTEN_OFF_COVERED: [Posting; 3] =
    [Posting::WriteOffCovered1, Posting::WriteOffCovered2, Posting::WriteOffCovered3];

/// The same that the partners bore.
pub(crate) const WRITTEN_OFF_BORNE: [Posting; 3] =
    [Posting::WriteOffBorne1, Posting::WriteOffBorne2, Posting::WriteOffBorne3];

impl MonthObservations {
    /// The amount posted in the month by any of some kinds, fen.
    pub(crate) fn posted_fen(&self, kinds: &[Posting]) -> i64 {
        kinds.iter().map(|kind| self.flows.posted_fen[*kind as usize]).sum()
    }

    /// Balance at the month-end, fen.
    pub(crate) fn balance_fen(&self) -> i64 {
        self.balance_from_bucket_fen(0)
    }

    /// Balance at the month-end in bucket `bucket` and later ones (0 is current, 1 is M1), fen.
    pub(crate) fn balance_from_bucket_fen(&self, bucket: usize) -> i64 {
        self.stocks.balance_by_bucket_fen.iter().skip(bucket).sum()
    }

    /// Share of the month-end balance in bucket `bucket` and later ones.
    pub(crate) fn overdue_ratio(&self, bucket: usize) -> Option<f64> {
        ratio(self.balance_from_bucket_fen(bucket), self.balance_fen())
    }

    /// Approved applications over decided ones.
    pub(crate) fn application_approval_ratio(&self) -> Option<f64> {
        ratio(self.flows.approved, self.flows.approved + self.flows.refused.iter().sum::<i64>())
    }

    /// Approved drawings over requested ones.
    pub(crate) fn drawing_approval_ratio(&self) -> Option<f64> {
        let approved = self.flows.drawings_approved;
        ratio(approved, approved + self.flows.drawings_declined.iter().sum::<i64>())
    }

    /// Limits in force over open accounts at the month-end, yuan.
    pub(crate) fn mean_limit_yuan(&self) -> Option<f64> {
        ratio(self.stocks.limits_fen, self.stocks.accounts).map(|fen| fen / 100.0)
    }

    /// Balance at the month-end over limits in force.
    pub(crate) fn used_ratio(&self) -> Option<f64> {
        ratio(self.balance_fen(), self.stocks.limits_fen)
    }

    /// Principal written off, a year, over the mean balance of the month.
    pub(crate) fn gross_loss_annual_ratio(&self) -> Option<f64> {
        ratio(self.flows.writeoff_fen * 365, self.balance_days_fen)
    }

    /// Purchases captured and cards bought, fen.
    pub(crate) fn captured_fen(&self) -> i64 {
        self.flows.captured_fen.iter().sum::<i64>() + self.flows.cards_sold_fen
    }

    /// Income less expense of the month's journal, fen.
    pub(crate) fn profit_fen(&self) -> i128 {
        Posting::ALL.iter().zip(&self.flows.posted_fen).map(|(&p, &a)| i128::from(profit_sign(p) * a)).sum()
    }

    /// What the month's journal did to an account, in the sense of its class: income and liabilities by credit,
    /// assets and expenses by debit; fen.
    pub(crate) fn movement_fen(&self, account: Account) -> i64 {
        let by_credit = matches!(account.class(), Class::Income | Class::Liability | Class::Equity);
        let sign = |on_credit: bool| if on_credit == by_credit { 1 } else { -1 };
        let of = |posting: Posting, amount: i64| {
            let (debit, credit) = posting.sides();
            i64::from(debit == account) * sign(false) * amount + i64::from(credit == account) * sign(true) * amount
        };
        Posting::ALL.iter().zip(&self.flows.posted_fen).map(|(&p, &a)| of(p, a)).sum()
    }
}

impl WorldObservations {
    /// A world of so many months in which nothing happened.
    pub(crate) fn empty(warmup_months: u16, months: u16) -> WorldObservations {
        let run_months = warmup_months + months;
        let vintage = |run_month: u16| {
            let life = vec![0; usize::from(run_months - run_month)];
            Vintage { run_month, opened: 0, first_30_plus: life.clone(), writeoff_fen: life.clone(), drawn_fen: life }
        };
        WorldObservations {
            name: String::new(),
            months: vec![MonthObservations::default(); usize::from(months)],
            vintages: (0..run_months).map(vintage).collect(),
            cohorts: (0..run_months).map(|run_month| Cohort { run_month, ..Cohort::default() }).collect(),
            journal: Vec::new(),
            opening_balances_fen: Vec::new(),
            closing_balances_fen: Vec::new(),
            tips_by_host_fen: Vec::new(),
            minutes_by_host: Vec::new(),
            segments: Vec::new(),
            state_hash: String::new(),
        }
    }

    /// Net assets at the beginning of the counted months and at the end of each: capital and profit so far, fen.
    pub(crate) fn net_assets_fen(&self) -> Vec<i64> {
        let own = |class| matches!(class, Class::Equity | Class::Income | Class::Expense);
        let accounts = Account::ALL.iter().zip(&self.opening_balances_fen);
        // Debit is positive in the books, so what belongs to the owners stands there with a minus.
        let mut assets = vec![-accounts.filter(|(a, _)| own(a.class())).map(|(_, fen)| fen).sum::<i64>()];
        for month in &self.months {
            assets.push(assets[assets.len() - 1] + month.profit_fen() as i64);
        }
        assets
    }

    /// Run month of the first counted month. Cohorts and vintages number all months of the run, the counted ones are
    /// the last of them.
    pub(crate) fn first_counted_run_month(&self) -> u16 {
        let cohorts = self.cohorts.iter().map(|c| c.run_month + 1).max().unwrap_or(0);
        let vintages = self.vintages.iter().map(|v| v.run_month + 1).max().unwrap_or(0);
        cohorts.max(vintages).saturating_sub(self.months.len() as u16)
    }

    /// Year and month (1–12) of a run month.
    pub(crate) fn calendar_month(&self, run_month: u16) -> (i16, i8) {
        let (year, month, _) = self.months.first().map_or(Day(0), |m| m.first_day).ymd();
        let months = i32::from(year) * 12 + i32::from(month) - 1 + i32::from(run_month)
            - i32::from(self.first_counted_run_month());
        (months.div_euclid(12) as i16, months.rem_euclid(12) as i8 + 1)
    }

    /// The sum of one account's movements over the counted months (see [`MonthObservations::movement_fen`]).
    pub(crate) fn movement_fen(&self, account: Account) -> i64 {
        self.months.iter().map(|m| m.movement_fen(account)).sum()
    }
}
