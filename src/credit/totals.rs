//! Counters of the credit engine: flows of a day and stocks at the end of a month. All are `i64`, so that folding is
//! adding slices and no field can be forgotten. Amounts in fen.

use crate::base::bytes::Reader;
use crate::base::ids::FUNDERS;
use crate::base::totals;
use crate::credit::chart::POSTINGS;
use crate::credit::command::{CHANNELS, DECLINES, REFUSALS, SCENES};
use crate::credit::terms::{BUCKETS, TIERS};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// Bins of the limit and utilisation histograms.
pub(crate) const BINS: usize = 20;

/// Kinds of command that are counted apart, in the order of the variants of `Command`.
pub(crate) const COMMAND_KINDS: usize = 16;

/// Names of the command kinds, in order.
pub(crate) const COMMAND_NAMES: [&str; COMMAND_KINDS] = [
    "apply",
    "authorise",
    "capture",
    "void",
    "refund",
    "tip",
    "refund_tip",
    "buy_card",
    "redeem_card",
    "refund_card",
    "repay",
    "convert_bill",
    "settle_early",
    "request_hardship",
    "complain",
    "close",
];

/// Kinds that move or reserve money: everything but `apply`, `request_hardship`, `complain` and `close`.
pub(crate) const MONEY_COMMANDS: [bool; COMMAND_KINDS] =
    [false, true, true, true, true, true, true, true, true, true, true, true, true, false, false, false];

/// Bands of account age in which purchases are reported: under 3 months, 3–6, 6–12, over 12.
pub(crate) const AGE_BANDS: usize = 4;

totals! {
    /// What happened: sums over the days of a month.
    CreditFlows {
        /// Commands applied by kind ([`COMMAND_NAMES`]), declined ones included.
        commands: [i64; COMMAND_KINDS],
        /// Applications refused by reason.
        refused: [i64; REFUSALS],
        /// Applications approved.
        approved: i64,
        /// Applications decided at once (approved or refused).
        decided_instantly: i64,
        /// Applications decided by a reviewer.
        decided_by_review: i64,
        /// Drawing requests (authorise, tip, buy card) approved.
        drawings_approved: i64,
        /// Drawing requests declined by reason.
        drawings_declined: [i64; DECLINES],
        /// Other requests declined by reason.
        others_declined: [i64; DECLINES],
        /// Purchases captured by scene.
        captured_count: [i64; SCENES],
        /// Amount captured by scene.
        captured_fen: [i64; SCENES],
        /// Captured purchases and cards of 300–1,500 yuan.
        tickets_300_1500: i64,
        /// Captured purchases and cards by account age band.
        purchases_by_age: [i64; AGE_BANDS],
        /// Cards sold.
        cards_sold: i64,
        /// Amount of cards sold.
        cards_sold_fen: i64,
        /// Card balance redeemed.
        cards_redeemed_fen: i64,
        /// Card balance given back.
        cards_refunded_fen: i64,
        /// Tips on credit.
        tips: i64,
        /// Amount of tips on credit.
        tips_fen: i64,
        /// Tips taken back.
        tips_refunded_fen: i64,
        /// Purchases refunded.
        refunds_fen: i64,
        /// Holds released unused.
        voids: i64,
        /// Instalment loans made at checkout.
        checkout_loans: i64,
        /// Principal of instalment loans made at checkout.
        checkout_loans_fen: i64,
        /// Instalment loans made from bills.
        bill_loans: i64,
        /// Principal of instalment loans made from bills.
        bill_loans_fen: i64,
        /// Loans settled early.
        settled_early: i64,
        /// Loans and charges refused or reduced by the price cap.
        capped: i64,
        /// Instalment loans whose price was lowered to stay within the cap on their real due dates.
        priced_down: i64,
        /// Statements with something owed.
        statements: i64,
        /// Amount due at due days (statement total), the base of the repayment mix.
        due_fen: i64,
        /// Amount due by what had become of it by the end of the due day.
        due_by_outcome_fen: [i64; 4],
        /// Repaid by source.
        repaid_by_source_fen: [i64; 4],
        /// Failed auto-debit rounds.
        debits_failed: i64,
        /// Balance of accounts with a payment due, at the opening of the due day: not overdue, and their statement falls due that day,
        /// paid ahead or not (denominator of D1).
        d1_base_fen: i64,
        /// Balance of those accounts that reached DPD 1, as at the opening of the due day (numerator of D1).
        d1_entry_fen: i64,
        /// Contacts tried by channel.
        contacts_tried: [i64; CHANNELS],
        /// Contacts that reached the debtor by channel.
        contacts_reached: [i64; CHANNELS],
        /// Late accounts that no collector had time for, account-days.
        contacts_queued: i64,
        /// Hardship plans granted.
        hardship_plans: i64,
        /// Balance re-aged by hardship plans.
        reaged_fen: i64,
        /// Accounts written off.
        writeoffs: i64,
        /// Principal written off.
        writeoff_fen: i64,
        /// Recovered on written-off claims.
        recovered_fen: i64,
        /// Price of sold claims.
        sold_fen: i64,
        /// Principal of sold claims.
        sold_claims_fen: i64,
        /// Complaints by subject.
        complaints: [i64; 4],
        /// Drawn (captured, cards) by funder; 0 is the platform.
        drawn_by_funder_fen: [i64; FUNDERS],
        /// True cash-out that was captured.
        cashout_true_fen: i64,
        /// True cash-out confirmed by monitoring.
        cashout_confirmed_fen: i64,
        /// Cash-out attempts stopped before capture.
        cashout_stopped_fen: i64,
        /// Honest purchases stopped wrongly.
        false_alarms_fen: i64,
        /// Purchases and cards of an account's first use.
        first_uses: i64,
        /// Purchases and cards of an account's second use.
        repeat_uses: i64,
        /// Accounts closed by their users.
        closed: i64,
        /// Limit raises by the monthly review.
        limit_raises: i64,
        /// Limit cuts by the monthly review.
        limit_cuts: i64,
        /// Limits that a round of lowering lowered.
        limits_lowered: i64,
        /// What these rounds took away.
        limits_lowered_fen: i64,
        /// Journal: amount posted by kind.
        posted_fen: [i64; POSTINGS],
    }
}

totals! {
    /// How things stand: taken at the close of the last day of a month.
    CreditStocks {
        /// Open or frozen accounts.
        accounts: i64,
        /// Open, unfrozen accounts with a purchase in the last 92 days.
        active_accounts: i64,
        /// Open, unfrozen accounts with a purchase in the last 92 days, by account age band.
        active_by_age: [i64; AGE_BANDS],
        /// Frozen accounts.
        frozen: i64,
        /// Principal by delinquency bucket.
        balance_by_bucket_fen: [i64; BUCKETS],
        /// Accounts with a balance by bucket.
        accounts_by_bucket: [i64; BUCKETS],
        /// Principal by IFRS 9 stage.
        balance_by_stage_fen: [i64; 3],
        /// Principal by five-tier class.
        balance_by_class_fen: [i64; 5],
        /// Principal of accounts in technical lateness (at most 7 days), exempt in the five-tier class.
        technical_fen: i64,
        /// Principal by funder; 0 is the platform.
        balance_by_funder_fen: [i64; FUNDERS],
        /// Principal in hardship plans (re-aged).
        reaged_fen: i64,
        /// Allowance held (positive).
        allowance_fen: i64,
        /// Unspent shopping-card balance.
        card_float_fen: i64,
        /// Open holds.
        held_fen: i64,
        /// Limits of open accounts.
        limits_fen: i64,
        /// Drawn and held above the limit in force: what a limit that fell leaves.
        above_limit_fen: i64,
        /// Accounts open for more than 6 months.
        seasoned_accounts: i64,
        /// Limits of accounts open for more than 6 months.
        seasoned_limits_fen: i64,
        /// Accounts open for more than 6 months with a limit of 3,000–10,000 yuan.
        seasoned_in_band: i64,
        /// Limit histogram, bins of 500 yuan, the last open-ended.
        limit_bins: [i64; BINS],
        /// Utilisation histogram, bins of 5 %, the last with everything above 95 %.
        utilisation_bins: [i64; BINS],
        /// Interest-bearing principal.
        bearing_fen: i64,
        /// Interest-bearing principal × nominal annual rate in basis points.
        bearing_times_bp: i64,
        /// Accounts with interest-bearing principal whose own rate, that of new loans, is not within the price list in force: none but
        /// where the list changed after their last statement.
        rate_out_of_range: i64,
        /// Open loans whose price is above the cap in force, since they were made before it.
        loans_above_cap: i64,
        /// Accounts by risk tier.
        accounts_by_tier: [i64; TIERS],
        /// Balance of the previous month-end (of now, where there was none) by its bucket i then (row) and j now (column):
    /// `i * 9 + j`;
        /// 0–6 are C … M6, 7 written off, 8 no balance.
        transitions_fen: [i64; 81],
        /// The same by number of accounts.
        transitions_accounts: [i64; 81],
        /// Capacity in force by funder: the most that it lends; 0 is the platform.
        capacity_by_funder_fen: [i64; FUNDERS],
        /// The funder was lending on the last day: 1 or 0.
        funder_open: [i64; FUNDERS],
    }
}

/// Groups of account holders that the book is reported by; who stands in which is up to whoever knows the people.
pub(crate) const GROUPS: usize = 11;

/// IFRS 9 stages.
pub(crate) const STAGES: usize = 3;

/// Columns of expected loss: under the upside, the base and the downside scenario, and under their weights.
pub(crate) const ECL_SCENARIOS: usize = 4;

totals! {
    /// The book at a month-end as the risk views look at it. Outside the hash of a run.
    RiskStocks {
        /// Live accounts by group of their holder.
        accounts: [i64; GROUPS],
        /// Their principal.
        balance_fen: [i64; GROUPS],
        /// … of accounts 1 or more days past due.
        overdue_fen: [i64; GROUPS],
        /// … 31 or more.
        overdue_30_fen: [i64; GROUPS],
        /// Monthly income of the holders as it is now: wage or benefit.
        income_fen: [i64; GROUPS],
        /// What they owe a month: service of debts elsewhere and the last statement.
        service_fen: [i64; GROUPS],
        /// Accounts whose holders owe more a month than a prudent share of their income.
        overborrowed: [i64; GROUPS],
        /// What expected loss is taken on, by stage and bucket (`stage * BUCKETS + bucket`): own drawn balance and the converted
        /// part of undrawn limits, times the factor for the lifetime where it applies.
        exposure_fen: [i64; STAGES * BUCKETS],
        /// Expected loss by scenario and stage (`scenario * STAGES + stage`).
        ecl_fen: [i64; ECL_SCENARIOS * STAGES],
    }
}

/// Counters by month of opening and by month of lateness, over the whole run. One a worker and world, merged by adding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    run_months: usize,
    /// Accounts opened, by run month of opening.
    pub opened: Vec<i64>,
    /// First 31+ DPD, by [`History::cell`] (month of opening, month now).
    pub first_30_plus: Vec<i64>,
    /// Principal written off, by (month of opening, month now).
    pub writeoff_fen: Vec<i64>,
    /// Principal drawn, by (month of opening, month now).
    pub drawn_fen: Vec<i64>,
    /// Lateness cohorts, by run month: [`COHORT_FIELDS`] counters each.
    pub cohort_fen: Vec<[i64; COHORT_FIELDS]>,
}

/// Counters of a lateness cohort: reached DPD 1, of that 8, of that 31; reached 31, of that 61; reached 61, of that 91;
/// reached 91, of that written off.
pub(crate) const COHORT_FIELDS: usize = 9;

impl History {
    /// No history, for a run of so many months (warm-up included).
    pub fn new(run_months: u16) -> History {
        let n = usize::from(run_months);
        History {
            run_months: n,
            opened: vec![0; n],
            first_30_plus: vec![0; n * n],
            writeoff_fen: vec![0; n * n],
            drawn_fen: vec![0; n * n],
            cohort_fen: vec![[0; COHORT_FIELDS]; n],
        }
    }

    /// Writes the months and all counters, for a checkpoint.
    pub(crate) fn write(&self, into: &mut Vec<u8>) {
        let History { run_months, opened, first_30_plus, writeoff_fen, drawn_fen, cohort_fen } = self;
        into.extend_from_slice(&(*run_months as u32).to_le_bytes());
        for table in [opened, first_30_plus, writeoff_fen, drawn_fen] {
            into.extend_from_slice(table.as_bytes());
        }
        into.extend_from_slice(cohort_fen.as_bytes());
    }

    /// Reads what [`History::write`] has written into a history of another number of months: those that both have. `None` when it
    /// is none, or when something happened in months that this one has not.
    pub(crate) fn read(&mut self, reader: &mut Reader<'_>) -> Option<()> {
        let months = reader.value::<u32>()? as usize;
        let own = self.run_months;
        let mut table = |of_month: &mut [i64], width: usize, own_width: usize| {
            let written = reader.rows::<i64>(months.checked_mul(width)?)?;
            of_month.fill(0);
            for (place, count) in written.into_iter().enumerate().filter(|(_, count)| *count != 0) {
                let (month, column) = (place / width, place % width);
                let fits = month < own && column < own_width;
                *of_month.get_mut(month * own_width + column).filter(|_| fits)? = count;
            }
            Some(())
        };
        table(&mut self.opened, 1, 1)?;
        table(&mut self.first_30_plus, months, own)?;
        table(&mut self.writeoff_fen, months, own)?;
        table(&mut self.drawn_fen, months, own)?;
        table(self.cohort_fen.as_flattened_mut(), COHORT_FIELDS, COHORT_FIELDS)
    }

    /// Sets all counters to zero.
    pub fn clear(&mut self) {
        self.opened.fill(0);
        self.first_30_plus.fill(0);
        self.writeoff_fen.fill(0);
        self.drawn_fen.fill(0);
        self.cohort_fen.fill([0; COHORT_FIELDS]);
    }

    /// Index of (month of opening, month now) in the square tables.
    #[inline]
    pub const fn cell(&self, opened: u16, now: u16) -> usize {
        opened as usize * self.run_months + now as usize
    }

    /// Shows all counters, slice by slice, always in the same order.
    pub fn each_slice(&mut self, visit: &mut dyn FnMut(&mut [i64])) {
        let History { run_months: _, opened, first_30_plus, writeoff_fen, drawn_fen, cohort_fen } = self;
        [opened, first_30_plus, writeoff_fen, drawn_fen].into_iter().for_each(|table| visit(table));
        visit(cohort_fen.as_flattened_mut());
    }

    /// Adds another history of the same run.
    pub fn add(&mut self, other: &History) {
        let square = |a: &mut Vec<i64>, b: &Vec<i64>| a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
        square(&mut self.opened, &other.opened);
        square(&mut self.first_30_plus, &other.first_30_plus);
        square(&mut self.writeoff_fen, &other.writeoff_fen);
        square(&mut self.drawn_fen, &other.drawn_fen);
        for (a, b) in self.cohort_fen.iter_mut().zip(&other.cohort_fen) {
            a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
        }
    }
}

/// Where the engine counts: the flows of the day and the history of the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// Flows since the last fold.
    pub flows: CreditFlows,
    /// History of the run.
    pub history: History,
}
