//! The measures of a world small enough to work out by hand; and `docs/measures.md`, printed from the definitions.

use super::*;
use crate::agents::totals::{AgentFlows, AgentStocks};
use crate::base::time::Day;
use crate::credit::chart::Posting;
use crate::credit::totals::{CreditFlows, CreditStocks, RiskStocks};
use crate::measure::{Cohort, MonthObservations, fixture};
use expect_test::{expect, expect_file};
use std::fmt::Write;

/// Two months small enough to work out by hand; `scale` multiplies every count.
fn small(scale: i64) -> WorldObservations {
    let mut flows = CreditFlows {
        approved: 6 * scale,
        decided_instantly: 9 * scale,
        decided_by_review: scale,
        drawings_approved: 90 * scale,
        captured_count: [40 * scale, 0, 0, 0],
        captured_fen: [4_000 * scale, 0, 0, 0],
        cards_sold: 7 * scale,
        cards_sold_fen: 1_000 * scale,
        tickets_300_1500: 33 * scale,
        due_fen: 100 * scale,
        due_by_outcome_fen: [62 * scale, 24 * scale, 9 * scale, 5 * scale],
        d1_base_fen: 1_000 * scale,
        d1_entry_fen: 50 * scale,
        writeoff_fen: 40 * scale,
        recovered_fen: 2 * scale,
        sold_fen: scale,
        complaints: [1, 0, 0, 1].map(|c: i64| c * scale),
        cashout_confirmed_fen: 3 * scale,
        cashout_true_fen: 9 * scale,
        false_alarms_fen: 6 * scale,
        ..CreditFlows::default()
    };
    flows.refused[7] = 4 * scale;
    flows.drawings_declined[11] = 10 * scale;
    flows.posted_fen[Posting::ChargeInterest as usize] = 500 * scale;
    flows.posted_fen[Posting::CommissionBack as usize] = 20 * scale;
    flows.posted_fen[Posting::Impair as usize] = 90 * scale;
    flows.posted_fen[Posting::ReleaseImpairment as usize] = 10 * scale;
    flows.posted_fen[Posting::SalePlatform as usize] = 4_000 * scale;
    flows.posted_fen[Posting::WriteOffCovered1 as usize] = 8 * scale;
    flows.posted_fen[Posting::WriteOffBorne2 as usize] = 2 * scale;
    let stocks = CreditStocks {
        active_accounts: 10 * scale,
        balance_by_bucket_fen: [9_580, 180, 60, 50, 50, 40, 40].map(|b: i64| b * scale),
        seasoned_accounts: 2 * scale,
        seasoned_limits_fen: 1_500_000 * scale,
        seasoned_in_band: scale,
        bearing_fen: 100 * scale,
        bearing_times_bp: 205_000 * scale,
        card_float_fen: 250 * scale,
        rate_out_of_range: scale,
        reaged_fen: 100 * scale,
        allowance_fen: 300 * scale,
        balance_by_funder_fen: [7_500, 2_000, 500, 0].map(|b: i64| b * scale),
        // Two partners have capacity, one of them lends.
        capacity_by_funder_fen: [0, 9_000, 9_000, 0].map(|c: i64| c * scale),
        funder_open: [1, 1, 0, 0],
        ..CreditStocks::default()
    };
    let month = |first_day: u16| MonthObservations {
        first_day: Day(first_day),
        days: 30,
        flows: flows.clone(),
        stocks: stocks.clone(),
        people: AgentFlows {
            reached_31_by_cause: [0, 3, 1, 2, 1, 1, 2].map(|c: i64| c * scale),
            ..AgentFlows::default()
        },
        people_end: AgentStocks { users: 100 * scale, users_18_35: 82 * scale, ..AgentStocks::default() },
        risk: RiskStocks::default(),
        balance_days_fen: 300_000 * scale,
        unemployment_ppm: 52_000,
        income_index_ppm: 1_000_000,
        appetite_ppm: 1_000_000,
    };
    // Six counted months after three of warm-up, whose cohorts must not count (9,999 would show).
    let cohort = |run_month: u16| Cohort {
        run_month,
        dpd_1_fen: if !(3..7).contains(&run_month) { 9_999 } else { 100 * scale },
        dpd_1_to_8_fen: 50 * scale,
        dpd_1_to_31_fen: 12 * scale,
        dpd_31_fen: 12 * scale,
        dpd_31_to_61_fen: 9 * scale,
        dpd_61_fen: 20 * scale,
        dpd_61_to_91_fen: 17 * scale,
        dpd_91_fen: if !(3..5).contains(&run_month) { 9_999 } else { 50 * scale },
        dpd_91_to_writeoff_fen: 48 * scale,
    };
    WorldObservations {
        months: (0..6).map(|m| month(10_000 + 30 * m)).collect(),
        cohorts: (0..9).map(cohort).collect(),
        vintages: Vec::new(),
        ..fixture::world("small", 0.0)
    }
}

fn table(measures: &Measures) -> String {
    let mut text = String::new();
    for m in measures.iter() {
        assert_ne!(m.numerator, 0, "{}: what is zero in the example is in no test", m.definition.key);
        let value = m.value().expect("a denominator");
        let _ = writeln!(text, "{:<28} {value:>12.6}  {} / {}", m.definition.key, m.numerator, m.denominator);
    }
    text
}

#[test]
fn measures_of_a_small_world_are_what_a_hand_gets() {
    expect![[r#"
        age_18_35_share                  0.820000  492 / 600
        purchases_per_month              4.700000  282 / 60
        ticket_300_1500_share            0.702128  198 / 282
        mean_limit_yuan               7500.000000  9000000 / 12
        instant_decision_share           0.900000  54 / 60
        application_approval_rate        0.600000  36 / 60
        authorisation_approval_rate      0.900000  540 / 600
        balance_weighted_apr             0.205000  1230000 / 600
        overdue_rate                     0.042000  2520 / 60000
        overdue_30_rate                  0.024000  1440 / 60000
        overdue_90_rate                  0.013000  780 / 60000
        d1_entry_rate                    0.050000  300 / 6000
        cure_7d_rate                     0.500000  200 / 400
        cure_30d_rate                    0.880000  352 / 400
        c_to_m2_rate                     0.006000  14400 / 2400000
        m2_m3_rate                       0.750000  36 / 48
        m3_m4_rate                       0.850000  68 / 80
        m4_writeoff_rate                 0.960000  96 / 100
        gross_loss_rate_annual           0.048667  240 / 1800000
        net_loss_rate_annual             0.045017  222 / 1800000
        complaint_rate                   0.200000  12 / 60
        funds_violation_rate             0.000600  18 / 30000
        card_float_yuan                  2.500000  250 / 1
        profit_yuan                     23.520000  2352 / 1
        limit_3000_10000_share           0.500000  6 / 12
        rate_out_of_range_accounts       6.000000  6 / 1
        repaid_full_share                0.620000  372 / 600
        repaid_instalment_share          0.240000  144 / 600
        repaid_minimum_share             0.090000  54 / 600
        repaid_late_share                0.050000  30 / 600
        turnover_per_year                6.083333  30000 / 1800000
        reaged_share                     0.010000  600 / 60000
        allowance_share                  0.030000  1800 / 60000
        partner_funded_share             0.250000  15000 / 60000
        cashout_true_share               0.001800  54 / 30000
        cashout_missed_share             0.001200  36 / 30000
        false_alarm_share                0.001200  36 / 30000
        default_job_loss_share           0.300000  18 / 60
        default_thin_buffer_share        0.100000  6 / 60
        default_forgotten_share          0.200000  12 / 60
        default_strategic_share          0.100000  6 / 60
        default_fraud_share              0.100000  6 / 60
        default_stacked_debt_share       0.200000  12 / 60
        captured_yuan                  300.000000  30000 / 1
        partner_closed_share             0.500000  6 / 12
        first_loss_covered_share         0.800000  48 / 60
    "#]]
    .assert_eq(&table(&measures(&small(1))));
}

#[test]
fn current_to_m2_is_the_product() {
    let m = measures(&fixture::world("baseline", 0.3));
    let product = m.value("d1_entry_rate").unwrap() * (1.0 - m.value("cure_30d_rate").unwrap());
    assert!((m.value("c_to_m2_rate").unwrap() - product).abs() < 1e-15);
}

#[test]
fn pooling_adds_sums_and_spreads_by_seed() {
    let (one, three) = (small(1), small(3));
    let pooled = pool(&[&one, &three]);
    let overdue = pooled.get("overdue_rate").unwrap();
    assert_eq!((overdue.numerator, overdue.denominator), (4 * 6 * 420, 4 * 6 * 10_000));
    assert_eq!(overdue.interval.map(|i| (i.standard_error, i.seeds)), Some((0.0, 2)));
    // Money is a mean over worlds, not a sum.
    assert_eq!(pooled.value("card_float_yuan"), Some((2.5 + 7.5) / 2.0));
    let float = pooled.get("card_float_yuan").and_then(|m| m.interval).unwrap();
    assert!((float.standard_error - 2.5).abs() < 1e-12 && (float.high - (5.0 + 12.706 * 2.5)).abs() < 1e-9);
    assert!(pool(&[&one]).get("overdue_rate").unwrap().interval.is_none());
}

#[test]
fn an_empty_world_has_no_rates() {
    let empty = WorldObservations { months: Vec::new(), cohorts: Vec::new(), ..small(1) };
    assert_eq!(measures(&empty).value("overdue_rate"), None);
    assert_eq!(measures(&empty).value("profit_yuan"), Some(0.0));
}

/// The keys that other programs rely on.
#[test]
fn the_published_keys_are_all_there() {
    let m = measures(&small(1));
    for key in "age_18_35_share purchases_per_month ticket_300_1500_share mean_limit_yuan instant_decision_share \
         application_approval_rate authorisation_approval_rate balance_weighted_apr overdue_rate overdue_30_rate \
         overdue_90_rate d1_entry_rate cure_7d_rate cure_30d_rate c_to_m2_rate m2_m3_rate m3_m4_rate \
         m4_writeoff_rate gross_loss_rate_annual net_loss_rate_annual complaint_rate funds_violation_rate \
         card_float_yuan profit_yuan"
        .split_whitespace()
    {
        assert!(m.value(key).is_some(), "{key}");
    }
}

/// `docs/measures.md` is printed from the definitions; `UPDATE_EXPECT=1 cargo test` rewrites it.
#[test]
fn the_docs_list_every_measure() {
    let mut text = String::from(
        "# Measures\n\n\
         Each measure of `result.json` is a ratio of two sums over the counted months (warm-up apart). Over several\n\
         seeds the sums add, so a pooled rate is never a mean of rates; its 95 % interval comes from the spread of\n\
         the seeds' own values (Student's t). A measure whose denominator is zero is `null`.\n\n\
         *Balance* is managed principal of all funders: billed, unbilled, instalments not yet due and shopping-card\n\
         purchases; without interest, holds and written-off accounts. *Status* is of the whole account: the days past\n\
         due (DPD), counted from its late date, the due date of the oldest bill at which what is unpaid passes the\n\
         tolerance; the day after it is DPD 1.\n\n\
         | key | unit | definition | sample (numerator / denominator) |\n|---|---|---|---|\n",
    );
    for d in DEFINITIONS {
        let _ = writeln!(text, "| `{}` | {} | {} | {} |", d.key, d.unit.name(), d.says, d.sample);
    }
    expect_file!["../../../docs/measures.md"].assert_eq(&text);
}
