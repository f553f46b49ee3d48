//! Instalments at checkout and from the bill, IRR and flat-fee terms, coupons, early settlement, the price cap.
//!
//! 1,200 yuan in three parts at 21.90 % a year, 1.825 % a month: 1,200 × 0.01825 / (1 − 1.01825⁻³) = 414.68, rounded down. Made on
//! 4 January, first due on 6 February: 33 days at 0.06 %.
//!
//! | part | principal | interest | left |
//! |---|---|---|---|
//! | 1 | 390.92 | 23.76 | 809.08 |
//! | 2 | 399.92 | 14.76 | 409.16 |
//! | 3 | 409.16 | 7.46 | 0 |

use crate::base::money::BasisPoints;
use crate::credit::terms::InstalmentPricing;
use crate::testing::story::{check, check_with};

#[test]
fn a_purchase_in_three_parts() {
    check(
        "2027-01-04 apply
                    buy 1200.00 term=3
                    is installed=1200.00 unbilled=0.00 available=8800.00
                    flows checkout_loans=1 checkout_loans_fen=1200.00
         2027-02-02 is billed=390.92 interest=23.76 installed=809.08 minimum=414.68 statement=414.68
                    repay 414.68
                    is principal=809.08 available=9190.92
         2027-03-02 is billed=399.92 interest=14.76 minimum=414.68 convertible=0.00
                    repay 500.00            -> 414.68            # what is not billed yet is not paid
         2027-04-02 is billed=409.16 interest=7.46 installed=0.00 minimum=416.62
                    repay 416.62
         2027-05-02 is principal=0.00 interest=0.00
                    posted ChargeInterest=45.98 PayInterest=45.98 ChargeFee=0.00
                    settle                  -> nothing_to_do",
    );
}

#[test]
fn an_unpaid_part_bears_late_interest_only() {
    // Overdue principal 390.92 from the end of grace: 20 days × 0.05 % = 3.9092. The rest goes on at the loan's own rate.
    check(
        "2027-01-04 apply
                    buy 1200.00 term=3
         2027-03-02 is penalty=3.91 interest=38.52 billed=790.84 dpd=24
                    settle                  -> account_blocked",
    );
}

#[test]
fn a_bill_is_turned_into_parts() {
    check(
        "2027-01-20 apply
                    buy 1200.00
                    convert 3               -> nothing_to_do     # not billed yet
         2027-02-03 is convertible=1200.00 minimum=120.00
                    convert 5               -> term_not_offered
                    convert 3               -> 1200.00
                    is billed=0.00 installed=1200.00 minimum=0.00 convertible=0.00
                    convert 3               -> nothing_to_do
                    flows bill_loans=1 bill_loans_fen=1200.00
         2027-02-20 is dpd=0
                    buy 300.00
         2027-03-02 is billed=692.36 interest=22.32 minimum=444.68 convertible=300.00
                    convert 6               -> 300.00
                    is billed=392.36 minimum=414.68
         2027-03-10 is dpd=4
                    posted ChargePenalty=0.00",
    );
    // Below 100 yuan, or late: not offered.
    check(
        "2027-01-20 @0 apply
                    @1 apply
                    @0 buy 99.99
                    @1 buy 300.00
         2027-02-03 @0 convert 3            -> nothing_to_do
         2027-02-07 @1 convert 3            -> nothing_to_do
                    @2 convert 3            -> no_account",
    );
}

#[test]
fn a_flat_fee_is_spread_over_the_parts() {
    // 2.5 % of 1,000.01 is 25.00: 8.34, 8.33, 8.33. Principal 333.33, 333.34, 333.34. Paid on time it bears nothing else.
    check_with(
        |terms| terms.pricing.instalments = InstalmentPricing::FlatFee([250, 450, 650, 880].map(BasisPoints)),
        "2027-01-04 apply
                    buy 1000.01 term=3
         2027-02-02 is billed=333.33 fees=8.34 interest=0.00 minimum=341.67
                    repay 341.67
         2027-03-02 is billed=333.34 fees=8.33
                    repay 341.67
         2027-04-02 is billed=333.34 fees=8.33
                    repay 341.67
                    is principal=0.00
                    posted ChargeFee=25.00 PayFee=25.00 ChargeInterest=0.00
                    ledger FeeIncome=-25.00 FeeReceivable=0.00",
    );
}

#[test]
fn no_loan_costs_more_than_the_cap() {
    // 1.2 % a month flat: 3.6 % on three months is within 24 % (at most 4.03 %); 7.2, 10.8 and 14.4 % are above 7.12, 10.26 and
    // 13.47 %. From the bill as at checkout.
    check_with(
        |terms| terms.pricing.instalments = InstalmentPricing::FlatFee([360, 720, 1_080, 1_440].map(BasisPoints)),
        "2027-01-20 apply
                    buy 1000.00 term=3
                    authorise 1000.00 term=6        -> price_cap
                    authorise 1000.00 term=9        -> price_cap
                    authorise 1000.00 term=12       -> price_cap
                    buy 1000.00
         2027-02-03 convert 12                      -> price_cap
                    convert 3                       -> 1000.00
                    flows capped=4",
    );
    // The largest flat fees are 4.026, 7.115, 10.264 and 13.472 %: in whole basis points they pass, one more does not.
    check_with(
        |terms| terms.pricing.instalments = InstalmentPricing::FlatFee([402, 711, 1_026, 1_347].map(BasisPoints)),
        "2027-01-20 apply
                    buy 1000.00 term=3
                    buy 1000.00 term=6
                    buy 1000.00 term=9
                    buy 1000.00 term=12",
    );
    check_with(
        |terms| terms.pricing.instalments = InstalmentPricing::FlatFee([403, 712, 1_027, 1_348].map(BasisPoints)),
        "2027-01-20 apply
                    authorise 1000.00 term=3        -> price_cap
                    authorise 1000.00 term=6        -> price_cap
                    authorise 1000.00 term=9        -> price_cap
                    authorise 1000.00 term=12       -> price_cap",
    );
    // Level payments at 24 %: due on 6 February, March and April a month of 28 days makes it dearer than 24 %, so it is made at the
    // highest rate that holds, 23.24 %: 1,000 × 23.24 % × 17 / 365 = 10.824. Bought on 9 March it costs less and keeps its rate.
    check_with(
        |terms| terms.pricing.tier_annual = [BasisPoints(2_400); 5],
        "2027-01-20 apply
                    buy 1000.00 term=3
                    flows priced_down=1
         2027-02-02 is billed=335.51 interest=10.82",
    );
}

#[test]
fn a_coupon_waives_interest_at_the_platforms_cost() {
    check(
        "2027-01-04 apply
                    set coupon=50
                    buy 1200.00 term=3
                    set coupon=0
         2027-02-02 is billed=390.92 interest=11.88 minimum=402.80
                    posted ChargeInterest=23.76 WaiveInterest=11.88
                    ledger SubsidyCost=11.88 InterestReceivable=11.88",
    );
}

#[test]
fn settling_early_costs_one_periods_interest_within_the_cap() {
    // At 12 % the parts are 408.02, the first with 33 days of interest, 13.01. One period's interest on 804.99 is 8.04, but 14 days
    // after the due date the cap leaves 804.99 × (1.02^(12 × 14 / 365) − 1) = 7.37.
    check_with(
        |terms| terms.pricing.tier_annual = [BasisPoints(1_200); 5],
        "2027-01-04 apply
                    buy 1200.00 term=3
         2027-02-20 repay 408.02
                    settle                  -> 812.36
                    is principal=0.00 installed=0.00
                    posted ChargeFee=7.37 PayFee=7.37
                    flows settled_early=1 capped=1
         2027-03-02 is principal=0.00 interest=0.00",
    );
    // At 21.90 % a period's interest on 809.08 is 14.76; the cap leaves 7.40.
    check(
        "2027-01-04 apply
                    buy 1200.00 term=3
         2027-02-03 repay 414.68
         2027-02-20 settle                  -> 816.48
                    flows settled_early=1 capped=1",
    );
    // On the day of the purchase there is no room at all.
    check(
        "2027-01-04 apply
                    buy 1200.00 term=3
                    settle                  -> 1200.00",
    );
}

#[test]
fn a_period_that_was_billed_early_is_not_counted_twice() {
    // Bought on 31 January, first part on the statement of 1 February and due on the 6th: no day of the second period has passed on
    // the 3rd, so nothing is charged.
    check(
        "2027-01-31 apply
                    buy 1200.00 term=3
         2027-02-03 repay 414.68
                    settle                  -> 789.64",
    );
}

#[test]
fn the_oldest_loan_is_settled_first() {
    check(
        "2027-01-04 apply
                    buy 1200.00 term=3
                    buy 600.00 term=3
                    settle                  -> 1200.00
                    is installed=600.00
                    settle                  -> 600.00
                    settle                  -> nothing_to_do",
    );
}
