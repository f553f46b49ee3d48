//! A loan for every drawing: days, even divisions, coupons, prepayment, terms that change, tolerance. 21.90 % a year is 0.06 % a day;
//! bills on the 1st fall due on the 6th, grace ends with the 9th.

use crate::base::money::{BasisPoints, Ppm};
use crate::credit::terms::{FirstPeriod, InstalmentPricing, LateInterest};
use crate::testing::story::{check, check_with};

#[test]
fn a_first_period_counts_its_days_or_comes_a_cycle_later() {
    check(
        "2027-01-31 apply
                    buy 1200.00 term=3
         2027-02-02 is interest=4.32 minimum=414.68",
    );
    check_with(
        |terms| terms.pricing.first_period = FirstPeriod::NextCycle,
        "2027-01-31 apply
                    buy 1200.00 term=3
         2027-02-02 is interest=0.00 billed=0.00 installed=1200.00
         2027-03-02 is interest=21.90 billed=392.78",
    );
}

#[test]
fn even_divisions_come_out_even() {
    check_with(
        |terms| terms.pricing.tier_annual = [BasisPoints(0); 5],
        "2027-01-04 apply
                    buy 1200.00 term=3
         2027-02-02 is billed=400.00 interest=0.00
                    repay 400.00
         2027-03-02 is billed=400.00
                    repay 400.00
         2027-04-02 is billed=400.00 installed=0.00",
    );
}

#[test]
fn equal_principal_bears_interest_on_what_is_left() {
    // 35 days × 0.72 = 25.20 on 2 January; then 1.825 % of 800 and of 400.
    check_with(
        |terms| terms.pricing.instalments = InstalmentPricing::EqualPrincipal,
        "2027-01-02 apply
                    buy 1200.00 term=3
         2027-02-02 is billed=400.00 interest=25.20
                    repay 425.20
         2027-03-02 is billed=400.00 interest=14.60
                    repay 414.60
         2027-04-02 is billed=400.00 interest=7.30 installed=0.00",
    );
}

#[test]
fn a_hold_ends_on_its_day() {
    check(
        "2027-01-04 apply
                    authorise 9000.00 as h
         2027-01-19 is available=1000.00
                    authorise 2000.00       -> over_limit
         2027-01-20 is available=10000.00
                    buy 2000.00
                    capture h 9000.00       -> unknown_reference",
    );
}

#[test]
fn settling_with_a_coupon_never_costs_more_than_running_on() {
    // 12 %: payment 408.02, first period of 33 days 13.01, all interest waived. 395.01 of principal paid, 804.99 left.
    check_with(
        |terms| terms.pricing.tier_annual = [BasisPoints(1_200); 5],
        "2027-01-04 apply
                    set coupon=100
                    buy 1200.00 term=3
         2027-02-02 is billed=395.01 interest=0.00
                    repay 395.01
         2027-02-03 settle                  -> 804.99
                    posted ChargeFee=0.00",
    );
}

#[test]
fn a_coupon_waives_a_flat_fee_too() {
    check_with(
        |terms| terms.pricing.instalments = InstalmentPricing::FlatFee([250, 450, 650, 880].map(BasisPoints)),
        "2027-01-04 apply
                    set coupon=100
                    buy 1000.00 term=3
         2027-02-02 is fees=0.00 billed=333.33
                    posted ChargeFee=8.34 WaiveFee=8.34
         2027-04-02 posted ChargeFee=25.00 WaiveFee=25.00
                    ledger SubsidyCost=25.00 FeeReceivable=0.00",
    );
}

#[test]
fn a_part_of_a_chosen_loan_can_be_paid_ahead() {
    // On the day of the loan nothing has run and nothing is charged; payments are worked out anew.
    check(
        "2027-01-04 apply
                    buy 1200.00 term=3
                    buy 600.00 term=3
                    settle loan=2 200.00    -> 200.00
                    is installed=1600.00
                    settle loan=2 400.01    -> amount_too_large
                    settle loan=3           -> nothing_to_do
                    settle loan=2           -> 400.00
                    is installed=1200.00
                    settle 300.00           -> 300.00
         2027-02-02 is minimum=311.01 installed=606.81",
    );
}

#[test]
fn what_runs_in_parts_is_not_converted_again() {
    // 33 days × 0.72 = 23.76; the minimum is 414.68 and a tenth of 1,000.
    check(
        "2027-01-03 apply
                    buy 1000.00
         2027-01-04 buy 1200.00 term=3
         2027-02-02 is billed=1390.92 interest=23.76 minimum=514.68
                    repay 514.68
                    is convertible=900.00",
    );
}

#[test]
fn a_due_date_is_fixed_when_billed() {
    check_with(
        |terms| terms.billing.due_after_days = 10,
        "2027-01-20 apply
                    buy 1000.00
         2027-02-08 policy due_after=5 grace=0
                    is due=2027-02-11
         2027-02-11 awaits_debit
         2027-02-12 is dpd=1
         2027-02-14 is revolving=0.00
         2027-02-15 is revolving=1000.00
         2027-03-02 is due=2027-03-06",
    );
}

#[test]
fn a_loan_keeps_its_price_and_late_rate() {
    // 20 days on 900 at 0.06 % and on 100 at 0.05 %, whatever the terms have become.
    check(
        "2027-01-20 apply
                    buy 1000.00
         2027-02-10 policy rates=12.00,12.00,12.00,12.00,12.00 penalty=100 day_one=yes
         2027-03-02 is interest=10.80 penalty=1.00 rate=12.00",
    );
}

#[test]
fn a_surcharge_makes_lateness_dearer_than_revolving() {
    // 15 % a year and half of it: 22.5 %, 616 millionths a day. 20 days × 100: 1.232; 20 × 900 × 15 % / 365 = 7.397.
    check_with(
        |terms| {
            terms.pricing.tier_annual = [BasisPoints(1_500); 5];
            terms.pricing.late_interest = LateInterest::Surcharge(Ppm(500_000));
        },
        "2027-01-20 apply
                    buy 1000.00
         2027-03-02 is interest=7.40 penalty=1.23",
    );
}

#[test]
fn as_many_due_dates_are_kept_as_it_takes() {
    // All but the newest of ten due dates are paid: nothing is past due.
    check_with(
        |terms| {
            terms.collections.writeoff_dpd = 400;
            terms.limits.freeze_dpd = 390;
        },
        "2027-01-20 apply
                    buy 1000.00
         2027-11-02 is dpd=269
                    repay 744.69
                    is past_due=0.00 dpd=0",
    );
}

#[test]
fn inside_grace_nothing_is_lost() {
    check_with(
        |terms| {
            terms.limits.first_review_days = 30;
            terms.pricing.tier_annual = [1_800, 1_920, 2_040, 2_160, 2_340].map(BasisPoints);
        },
        "2027-01-20 apply
                    buy 1000.00
                    is tier=0 limit=10000.00 rate=18.00
         2027-02-08 is dpd=2
                    repay 1000.00
                    buy 10.00
         2027-03-02 is tier=0 limit=10000.00 rate=18.00
                    repay 10.00
         2027-03-20 buy 100.00
         2027-04-10 is dpd=4
                    repay 100.00
         2027-05-02 is tier=1 limit=8000.00",
    );
}

#[test]
fn a_small_residue_is_carried_and_never_ages() {
    // All is paid a day after the statement of March: the day between cost 0.54 and 0.05, which the statement of April asks for.
    check(
        "2027-01-20 apply
                    buy 1000.00
         2027-03-02 is owed=1011.80
                    repay 1011.80
         2027-04-02 is interest=0.54 penalty=0.05 due=2027-04-06 dpd=0
         2027-04-10 is owed=0.59 dpd=0 past_due=0.00
         2027-05-02 is owed=0.59 due=2027-05-06                  # carried to the next bill
         2027-10-20 is owed=0.59 dpd=0 status=open
                    buy 10.00",
    );
    // A fen beyond the tolerance of one yuan counts.
    check(
        "2027-01-20 apply
                    buy 11.00
         2027-02-02 is minimum=10.00
                    repay 8.99
         2027-02-07 is dpd=1 past_due=1.01
                    repay 0.01
                    is dpd=0 past_due=0.00 minimum=1.00",
    );
}

#[test]
fn a_plan_of_nothing_is_refused() {
    // The purchase is given back, its charges of February are left and 33 days past due.
    check_with(
        |terms| terms.authorisation.refund_days = 60,
        "2027-01-20 apply
                    buy 10000.00 as p
         2027-03-02 refund p 10000.00
                    is principal=0.00 charges=118.00
         2027-04-08 is dpd=33
                    hardship                -> nothing_to_do",
    );
}
