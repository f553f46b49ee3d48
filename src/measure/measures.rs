//! The measures of the product: each a ratio of two sums, with its definition, its unit and its sample.
//!
//! Common rules. *Balance* is managed principal of all funders, without interest, holds and written-off accounts.
//! *Status* is of the whole account: days past due (DPD), counted from its late date, the due date of the oldest bill at
//! which what is unpaid passes the tolerance. A rate over a window is the ratio of sums over the counted months; over
//! several worlds the sums add, so that a large seed weighs more.

use crate::measure::observations::WorldObservations;
use crate::measure::sums::Sums;
use std::fmt;

/// In what a measure is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// A plain ratio, shown in percent.
    Share,
    /// A plain ratio, shown in per mille.
    PerMille,
    /// Yuan.
    Yuan,
    /// Purchases a month and account.
    PerMonth,
    /// Times a year.
    TimesPerYear,
    /// A number of accounts.
    Accounts,
}

impl Unit {
    /// What stands in tables of definitions.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Unit::Share => "ratio (shown in %)",
            Unit::PerMille => "ratio (shown in ‰)",
            Unit::Yuan => "yuan",
            Unit::PerMonth => "purchases a month",
            Unit::TimesPerYear => "times a year",
            Unit::Accounts => "accounts",
        }
    }
}

/// What a measure is.
pub(crate) struct Definition {
    /// Key in `result.json`.
    pub key: &'static str,
    /// Its unit.
    pub unit: Unit,
    /// The definition in words.
    pub says: &'static str,
    /// What the numerator and the denominator count: the sample.
    pub sample: &'static str,
    pub(super) scale: f64,
    pub(super) of: fn(&Sums) -> (i128, i128),
}

impl Definition {
    /// Numerator and denominator.
    pub(super) fn sums(&self, sums: &Sums) -> (i128, i128) {
        (self.of)(sums)
    }

    /// The value of its two sums in its unit, or `None` when the denominator is zero.
    pub(crate) fn value(&self, numerator: i128, denominator: i128) -> Option<f64> {
        (denominator != 0).then(|| numerator as f64 / denominator as f64 * self.scale)
    }
}

impl fmt::Debug for Definition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key)
    }
}

/// A 95 % interval over seeds: mean of the seeds' values as a t distribution sees it, put around the pooled value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Interval {
    /// Standard error of the pooled value, from the spread of the seeds' values.
    pub standard_error: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Number of seeds.
    pub seeds: usize,
}

/// The value of a measure with the sums it comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measure {
    /// What it is.
    pub definition: &'static Definition,
    /// Numerator (fen or a count, see [`Definition::sample`]).
    pub numerator: i128,
    /// Denominator.
    pub denominator: i128,
    /// Interval over seeds, when more than one was pooled.
    pub interval: Option<Interval>,
}

impl Measure {
    /// The value in its unit, or `None` when the denominator is zero (nothing happened in the window).
    pub(crate) fn value(&self) -> Option<f64> {
        self.definition.value(self.numerator, self.denominator)
    }
}

/// All measures, in the order of [`DEFINITIONS`].
#[derive(Clone, Debug)]
pub(crate) struct Measures(Vec<Measure>);

impl Measures {
    /// All of them in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Measure> {
        self.0.iter()
    }

    /// The measure under a key.
    pub(crate) fn get(&self, key: &str) -> Option<&Measure> {
        self.0.iter().find(|m| m.definition.key == key)
    }

    /// The value under a key; `None` when there is no such key or its denominator is zero.
    pub(crate) fn value(&self, key: &str) -> Option<f64> {
        self.get(key).and_then(Measure::value)
    }

    fn from_sums(sums: &Sums) -> Measures {
        let measure = |definition: &'static Definition| {
            let (numerator, denominator) = definition.sums(sums);
            Measure { definition, numerator, denominator, interval: None }
        };
        Measures(DEFINITIONS.iter().map(measure).collect())
    }
}

/// The measures of one world over its counted months.
pub(crate) fn measures(world: &WorldObservations) -> Measures {
    Measures::from_sums(&Sums::of(world))
}

/// The measures of several worlds taken together (the seeds of a calibration): numerators and denominators add. The
/// interval comes from the spread of the worlds' own values.
pub(crate) fn pool(worlds: &[&WorldObservations]) -> Measures {
    let parts: Vec<Sums> = worlds.iter().map(|w| Sums::of(w)).collect();
    let mut sums = Sums::default();
    parts.iter().for_each(|part| sums.add(part));
    let alone: Vec<Measures> = parts.iter().map(Measures::from_sums).collect();
    let mut pooled = Measures::from_sums(&sums);
    for (i, measure) in pooled.0.iter_mut().enumerate() {
        let values: Vec<f64> = alone.iter().filter_map(|m| m.0[i].value()).collect();
        measure.interval = measure.value().and_then(|centre| interval(centre, &values));
    }
    pooled
}

fn interval(centre: f64, values: &[f64]) -> Option<Interval> {
    let n = values.len();
    if n < 2 {
        return None;
    }
    let mean = values.iter().sum::<f64>() / n as f64;
    let variance = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / (n - 1) as f64;
    let standard_error = (variance / n as f64).sqrt();
    let half = t_975(n - 1) * standard_error;
    Some(Interval { standard_error, low: centre - half, high: centre + half, seeds: n })
}

/// The 97.5 % quantile of Student's t with `df` degrees of freedom: any printed table up to 30, beyond it the first terms of
/// its expansion about the normal's (Abramowitz and Stegun 1964, 26.7.5), good to four digits there.
pub(crate) fn t_975(df: usize) -> f64 {
    const TABLE: [f64; 30] = [
        12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
        2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
    ];
    let beyond = || {
        let (z, n) = (1.959_964, df.max(1) as f64);
        let cube = z * z * z;
        z + (cube + z) / (4.0 * n) + (5.0 * cube * z * z + 16.0 * cube + 3.0 * z) / (96.0 * n * n)
    };
    TABLE.get(df.wrapping_sub(1)).copied().unwrap_or_else(beyond)
}

macro_rules! definitions {
    ($($key:literal $unit:ident * $scale:literal: $says:literal, $sample:literal, $of:expr;)*) => {
        /// Every measure, in the order of `result.json`.
        pub(crate) static DEFINITIONS: &[Definition] = &[$(Definition {
            key: $key, unit: Unit::$unit, says: $says, sample: $sample, scale: $scale, of: $of,
        }),*];
    };
}

definitions! {
    "age_18_35_share" Share * 1.0: "Users aged 18 to 35 of all users in the app, month-ends.",
        "user-months 18–35 / user-months", |s| (s.users_18_35, s.users);
    "purchases_per_month" PerMonth * 1.0:
        "Captured purchases and shopping cards (tips excluded) over months of open, unfrozen accounts with a purchase in the last 92 days.",
        "purchases / active account-months", |s| (s.purchases, s.active_accounts);
    "ticket_300_1500_share" Share * 1.0: "Purchases and cards of 300 to 1,500 yuan of all, by count.",
        "purchases in the band / purchases", |s| (s.tickets_in_band, s.purchases);
    "mean_limit_yuan" Yuan * 0.01: "Mean limit of accounts open for more than 6 months, month-ends.",
        "limits in fen / seasoned account-months", |s| (s.seasoned_limits, s.seasoned_accounts);
    "instant_decision_share" Share * 1.0: "Applications decided without a reviewer of all decided.",
        "decided at once / decided", |s| (s.decided_instantly, s.decided);
    "application_approval_rate" Share * 1.0: "Approved applications of all decided (approved or refused).",
        "approved / decided applications", |s| (s.approved, s.approved + s.refused);
    "authorisation_approval_rate" Share * 1.0: "Approved drawing requests (purchase, tip, card) of all requested.",
        "approved / requested drawings", |s| (s.drawings_approved, s.drawings_approved + s.drawings_declined);
    "balance_weighted_apr" Share * 0.0001:
        "Nominal contract rate a year weighted by interest-bearing principal, month-ends.",
        "fen × basis points / interest-bearing fen-months", |s| (s.bearing_times_bp, s.bearing);
    "overdue_rate" Share * 1.0: "Balance at DPD 1 or more of all balance, on the months' last calendar days.",
        "fen-months / fen-months", |s| (s.overdue, s.balance);
    "overdue_30_rate" Share * 1.0: "Balance at DPD 31 or more of all balance, on the months' last calendar days.",
        "fen-months / fen-months", |s| (s.overdue_30, s.balance);
    "overdue_90_rate" Share * 1.0: "Balance at DPD 91 or more of all balance, on the months' last calendar days.",
        "fen-months / fen-months", |s| (s.overdue_90, s.balance);
    "d1_entry_rate" Share * 1.0:
        "Balance of accounts that reached DPD 1, of the balance of all accounts with a payment due (not overdue, and their statement falls due that day, paid ahead or not); both as at the opening of the due day.",
        "fen / fen", |s| (s.d1_entry, s.d1_base);
    "cure_7d_rate" Share * 1.0:
        "1 − balance reaching DPD 8 over the same cohort at DPD 1; the last 2 months' cohorts are left out (follow-up incomplete).",
        "fen cured / fen at DPD 1", |s| (s.dpd_1 - s.dpd_1_to_8, s.dpd_1);
    "cure_30d_rate" Share * 1.0:
        "1 − balance reaching DPD 31 over the same cohort at DPD 1; the last 2 months' cohorts are left out (follow-up incomplete).",
        "fen cured / fen at DPD 1", |s| (s.dpd_1 - s.dpd_1_to_31, s.dpd_1);
    "c_to_m2_rate" Share * 1.0: "Current to M2: `d1_entry_rate` × (1 − `cure_30d_rate`).",
        "product of two ratios of fen", |s| (s.d1_entry * s.dpd_1_to_31, s.d1_base * s.dpd_1);
    "m2_m3_rate" Share * 1.0:
        "Balance reaching DPD 61 over the same cohort at DPD 31; the last 2 months' cohorts are left out.",
        "fen / fen", |s| (s.dpd_31_to_61, s.dpd_31);
    "m3_m4_rate" Share * 1.0:
        "Balance reaching DPD 91 over the same cohort at DPD 61; the last 2 months' cohorts are left out.",
        "fen / fen", |s| (s.dpd_61_to_91, s.dpd_61);
    "m4_writeoff_rate" Share * 1.0:
        "Balance written off over the same cohort at DPD 91; the last 4 months' cohorts are left out.",
        "fen / fen", |s| (s.dpd_91_to_writeoff, s.dpd_91);
    "gross_loss_rate_annual" Share * 365.0: "Principal written off in 365 days over the mean daily balance.",
        "fen written off / fen-days", |s| (s.writeoff, s.balance_days);
    "net_loss_rate_annual" Share * 365.0:
        "Principal written off less recoveries and prices of sold claims, in 365 days, over the mean daily balance.",
        "fen lost / fen-days", |s| (s.writeoff - s.recovered - s.sold, s.balance_days);
    "complaint_rate" PerMille * 1.0: "Complaints in a month over accounts active at its end (platform channel).",
        "complaints / active account-months", |s| (s.complaints, s.active_accounts);
    "funds_violation_rate" Share * 1.0: "Amount confirmed as cash-out by monitoring over all captured (purchases and cards).",
        "fen / fen captured", |s| (s.cashout_confirmed, s.captured);
    "card_float_yuan" Yuan * 0.01: "Unspent shopping-card balance at the last month-end (mean over pooled worlds).",
        "fen / worlds", |s| (s.card_float, s.worlds);
    "profit_yuan" Yuan * 0.01: "Income less expense of the journal over the counted months (mean over pooled worlds).",
        "fen / worlds", |s| (s.profit, s.worlds);
    "limit_3000_10000_share" Share * 1.0: "Of accounts open for more than 6 months: limit of 3,000 to 10,000 yuan, month-ends.",
        "account-months / account-months", |s| (s.seasoned_in_band, s.seasoned_accounts);
    "rate_out_of_range_accounts" Accounts * 1.0:
        "Account-months with interest-bearing principal and an own rate, that of new loans, outside the price list in force: 0 but where the list, by a policy or a law, changed after the account's last statement (mean over pooled worlds).",
        "account-months / worlds", |s| (s.rate_out_of_range, s.worlds);
    "repaid_full_share" Share * 1.0: "Of the amount due: repaid in full by the end of the due day.",
        "fen / fen due", |s| (s.due_by_outcome[0], s.due);
    "repaid_instalment_share" Share * 1.0: "Of the amount due: turned into instalments by the end of the due day.",
        "fen / fen due", |s| (s.due_by_outcome[1], s.due);
    "repaid_minimum_share" Share * 1.0: "Of the amount due: at least the minimum paid by the end of the due day, not all.",
        "fen / fen due", |s| (s.due_by_outcome[2], s.due);
    "repaid_late_share" Share * 1.0: "Of the amount due: less than the minimum paid by the end of the due day.",
        "fen / fen due", |s| (s.due_by_outcome[3], s.due);
    "turnover_per_year" TimesPerYear * 365.0: "Captured volume (purchases and cards) in 365 days over the mean daily balance.",
        "fen captured / fen-days", |s| (s.captured, s.balance_days);
    "reaged_share" Share * 1.0: "Principal in hardship plans of all balance, month-ends: re-ageing cannot hide lateness.",
        "fen-months / fen-months", |s| (s.reaged, s.balance);
    "allowance_share" Share * 1.0: "Loss allowance (IFRS 9) over balance, month-ends.",
        "fen-months / fen-months", |s| (s.allowance, s.balance);
    "partner_funded_share" Share * 1.0: "Balance funded by partners of all balance, month-ends.",
        "fen-months / fen-months", |s| (s.partner_balance, s.balance);
    "cashout_true_share" Share * 1.0: "True cash-out that was captured over all captured: what monitoring should find.",
        "fen / fen captured", |s| (s.cashout_true, s.captured);
    "cashout_missed_share" Share * 1.0: "True cash-out captured and not confirmed, over all captured.",
        "fen / fen captured", |s| (s.cashout_true - s.cashout_confirmed, s.captured);
    "false_alarm_share" Share * 1.0: "Honest purchases stopped wrongly, over all captured.",
        "fen / fen captured", |s| (s.false_alarms, s.captured);
    "default_job_loss_share" Share * 1.0: "Of accounts that first reached 31 days past due: out of work and out of money.",
        "accounts / accounts", |s| (s.reached_31_by_cause[1], s.first_30_plus);
    "default_thin_buffer_share" Share * 1.0: "… in work, but the buffer does not carry the bill.",
        "accounts / accounts", |s| (s.reached_31_by_cause[2], s.first_30_plus);
    "default_forgotten_share" Share * 1.0: "… has the money, did not think of it.",
        "accounts / accounts", |s| (s.reached_31_by_cause[3], s.first_30_plus);
    "default_strategic_share" Share * 1.0: "… has the money, will not pay.",
        "accounts / accounts", |s| (s.reached_31_by_cause[4], s.first_30_plus);
    "default_fraud_share" Share * 1.0: "… never meant to pay.",
        "accounts / accounts", |s| (s.reached_31_by_cause[5], s.first_30_plus);
    "default_stacked_debt_share" Share * 1.0: "… debts elsewhere eat the income.",
        "accounts / accounts", |s| (s.reached_31_by_cause[6], s.first_30_plus);
    "captured_yuan" Yuan * 0.01: "Purchases captured and cards bought over the counted months (mean over pooled worlds).",
        "fen / worlds", |s| (s.captured, s.worlds);
    "partner_closed_share" Share * 1.0: "Month-ends on which a funding partner with capacity did not lend, of all its month-ends.",
        "partner-months / partner-months", |s| (s.partner_closed, s.partner_months);
    "first_loss_covered_share" Share * 1.0:
        "Of partners' principal written off: covered by the platform. Below one the first-loss cover is used up.",
        "fen / fen", |s| (s.first_loss_covered, s.partner_writeoff);
}

#[cfg(test)]
mod tests;
