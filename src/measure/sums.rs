//! The sums that the measures are ratios of. They add over months and over worlds, so a pooled rate is a ratio of
//! sums and never a mean of ratios.

use crate::agents::totals::SegmentTotals;
use crate::agents::traits::CAUSES;
use crate::agents::traits::segment::SEGMENTS;
use crate::measure::monthly::{WRITTEN_OFF_BORNE, WRITTEN_OFF_COVERED};
use crate::measure::observations::{Cohort, MonthObservations, WorldObservations};

/// Months left out at the end of the window for a follow-up of 30 days: the month itself and the one after it end
/// before a cohort that starts on the month's last day has been watched in full.
const FOLLOW_UP_30_DAYS: u16 = 2;

/// … and for the 89 days from DPD 91 to write-off at 180.
const FOLLOW_UP_WRITEOFF: u16 = 4;

macro_rules! sums {
    ($($field:ident),* $(,)?) => {
        /// Sums over the counted months of one or more worlds. Amounts in fen.
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub(super) struct Sums {
            $(pub $field: i128,)*
            pub due_by_outcome: [i128; 4],
            pub reached_31_by_cause: [i128; CAUSES],
            pub segments: [SegmentTotals; SEGMENTS],
        }

        impl Sums {
            /// Adds another world's sums.
            pub(crate) fn add(&mut self, other: &Sums) {
                $(self.$field += other.$field;)*
                add_all(&mut self.due_by_outcome, other.due_by_outcome);
                add_all(&mut self.reached_31_by_cause, other.reached_31_by_cause);
                self.segments.iter_mut().zip(&other.segments).for_each(|(a, b)| a.add(b));
            }
        }
    };
}

sums! {
    worlds, users, users_18_35, purchases, tickets_in_band, active_accounts, seasoned_accounts,
    seasoned_limits, seasoned_in_band, decided_instantly, decided, approved, refused, drawings_approved,
    drawings_declined, bearing, bearing_times_bp, rate_out_of_range, balance, overdue, overdue_30, overdue_90,
    reaged, d1_base, d1_entry, dpd_1, dpd_1_to_8, dpd_1_to_31, dpd_31, dpd_31_to_61, dpd_61, dpd_61_to_91, dpd_91,
    dpd_91_to_writeoff, writeoff, recovered, sold, balance_days, due, complaints, captured, cashout_true,
    cashout_confirmed, false_alarms, card_float, profit, partner_balance, first_30_plus, allowance,
    partner_closed, partner_months, first_loss_covered, partner_writeoff
}

fn add_all<const N: usize>(to: &mut [i128; N], from: impl IntoIterator<Item = impl Into<i128>>) {
    for (a, b) in to.iter_mut().zip(from) {
        *a += b.into();
    }
}

fn total(counters: &[i64]) -> i128 {
    counters.iter().map(|&c| i128::from(c)).sum()
}

impl Sums {
    /// The sums of one world.
    pub(super) fn of(world: &WorldObservations) -> Sums {
        let mut sums = Sums { worlds: 1, ..Sums::default() };
        for month in &world.months {
            sums.add_flows(month);
            sums.add_stocks(month);
        }
        sums.segments.iter_mut().zip(&world.segments).for_each(|(sum, counted)| sum.add(counted));
        let last = world.months.last();
        sums.card_float = last.map_or(0, |m| i128::from(m.stocks.card_float_fen));
        let end = world.first_counted_run_month() + world.months.len() as u16;
        let counted = |left_out: u16| {
            let from = world.first_counted_run_month();
            world.cohorts.iter().filter(move |c| c.run_month >= from && c.run_month + left_out < end)
        };
        counted(FOLLOW_UP_30_DAYS).for_each(|cohort| sums.add_cohort(cohort));
        for cohort in counted(FOLLOW_UP_WRITEOFF) {
            sums.dpd_91 += i128::from(cohort.dpd_91_fen);
            sums.dpd_91_to_writeoff += i128::from(cohort.dpd_91_to_writeoff_fen);
        }
        sums
    }

    fn add_flows(&mut self, month: &MonthObservations) {
        let f = &month.flows;
        self.purchases += total(&f.captured_count) + i128::from(f.cards_sold);
        self.captured += total(&f.captured_fen) + i128::from(f.cards_sold_fen);
        self.tickets_in_band += i128::from(f.tickets_300_1500);
        self.decided_instantly += i128::from(f.decided_instantly);
        self.decided += i128::from(f.decided_instantly) + i128::from(f.decided_by_review);
        self.approved += i128::from(f.approved);
        self.refused += total(&f.refused);
        self.drawings_approved += i128::from(f.drawings_approved);
        self.drawings_declined += total(&f.drawings_declined);
        self.d1_base += i128::from(f.d1_base_fen);
        self.d1_entry += i128::from(f.d1_entry_fen);
        self.writeoff += i128::from(f.writeoff_fen);
        self.recovered += i128::from(f.recovered_fen);
        self.sold += i128::from(f.sold_fen);
        self.due += i128::from(f.due_fen);
        add_all(&mut self.due_by_outcome, f.due_by_outcome_fen);
        add_all(&mut self.reached_31_by_cause, month.people.reached_31_by_cause);
        self.first_30_plus += total(&month.people.reached_31_by_cause);
        self.complaints += total(&f.complaints);
        self.cashout_true += i128::from(f.cashout_true_fen);
        self.cashout_confirmed += i128::from(f.cashout_confirmed_fen);
        self.false_alarms += i128::from(f.false_alarms_fen);
        self.balance_days += i128::from(month.balance_days_fen);
        self.profit += month.profit_fen();
        let covered = i128::from(month.posted_fen(&WRITTEN_OFF_COVERED));
        self.first_loss_covered += covered;
        self.partner_writeoff += covered + i128::from(month.posted_fen(&WRITTEN_OFF_BORNE));
    }

    fn add_stocks(&mut self, month: &MonthObservations) {
        let s = &month.stocks;
        self.users += i128::from(month.people_end.users);
        self.users_18_35 += i128::from(month.people_end.users_18_35);
        self.active_accounts += i128::from(s.active_accounts);
        self.seasoned_accounts += i128::from(s.seasoned_accounts);
        self.seasoned_limits += i128::from(s.seasoned_limits_fen);
        self.seasoned_in_band += i128::from(s.seasoned_in_band);
        self.bearing += i128::from(s.bearing_fen);
        self.bearing_times_bp += i128::from(s.bearing_times_bp);
        self.rate_out_of_range += i128::from(s.rate_out_of_range);
        self.balance += i128::from(month.balance_fen());
        self.overdue += i128::from(month.balance_from_bucket_fen(1));
        self.overdue_30 += i128::from(month.balance_from_bucket_fen(2));
        self.overdue_90 += i128::from(month.balance_from_bucket_fen(4));
        self.reaged += i128::from(s.reaged_fen);
        self.allowance += i128::from(s.allowance_fen);
        self.partner_balance += total(&s.balance_by_funder_fen[1..]);
        let partners = s.capacity_by_funder_fen.iter().zip(&s.funder_open).skip(1);
        for (_, open) in partners.filter(|(capacity, _)| **capacity > 0) {
            self.partner_months += 1;
            self.partner_closed += i128::from(1 - open);
        }
    }

    fn add_cohort(&mut self, cohort: &Cohort) {
        self.dpd_1 += i128::from(cohort.dpd_1_fen);
        self.dpd_1_to_8 += i128::from(cohort.dpd_1_to_8_fen);
        self.dpd_1_to_31 += i128::from(cohort.dpd_1_to_31_fen);
        self.dpd_31 += i128::from(cohort.dpd_31_fen);
        self.dpd_31_to_61 += i128::from(cohort.dpd_31_to_61_fen);
        self.dpd_61 += i128::from(cohort.dpd_61_fen);
        self.dpd_61_to_91 += i128::from(cohort.dpd_61_to_91_fen);
    }
}
