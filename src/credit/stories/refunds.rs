//! Refunds belong to their purchase: its loan ends or shrinks, its funders are paid back, commission and shares add up, and the bank
//! gets what the customer had paid. 21.90 % a year is 0.06 % a day; bills on the 1st fall due on the 6th.

use crate::base::money::Ppm;
use crate::testing::story::{check, check_with};

#[test]
fn a_purchase_in_parts_that_is_refunded_before_its_first_bill_is_gone() {
    check(
        "2027-01-04 apply
                    buy 1200.00 term=3 as p
         2027-01-05 refund p 1200.00        -> 1200.00
                    is installed=0.00 principal=0.00 platform=0.00 partner1=0.00 available=10000.00
                    posted RefundToBank=0.00
         2027-03-02 is interest=0.00 billed=0.00 owed=0.00
                    posted ChargeInterest=0.00",
    );
}

#[test]
fn after_its_first_bill_the_days_that_ran_stay_owed_and_what_was_paid_goes_to_the_bank() {
    // Bought on 31 January, first part due on 6 February: 6 days × 0.72 = 4.32 of interest and 410.36 of principal.
    check(
        "2027-01-31 apply
                    buy 1200.00 term=3 as p
         2027-02-02 is billed=410.36 interest=4.32 installed=789.64
         2027-02-03 repay 414.68
         2027-02-05 refund p 1200.00        -> 1200.00
                    is principal=0.00 platform=0.00
                    posted RefundToBank=410.36
         2027-03-02 is interest=0.00",
    );
    // Two days past the due date the loan has run two more days: 789.64 × 0.06 % × 2 = 0.9475. The first part is not paid.
    check_with(
        |terms| terms.authorisation.refund_days = 30,
        "2027-01-31 apply
                    buy 1200.00 term=3 as p
         2027-02-08 refund p 1200.00
                    is principal=0.00 charges=4.32 minimum=4.32
                    posted RefundToBank=0.00
         2027-03-02 is interest=5.27",
    );
}

#[test]
fn a_bill_in_parts_is_refunded_against_its_loan() {
    check(
        "2027-01-31 apply
                    buy 1200.00 as p
         2027-02-03 convert 3
         2027-02-05 refund p 1200.00
                    is principal=0.00
                    posted RefundToBank=0.00 ChargeInterest=0.00",
    );
    // A card as well.
    check(
        "2027-01-31 apply
                    card 5000.00 as c
         2027-02-02 convert 12
         2027-02-05 refund_card c           -> 5000.00
                    is principal=0.00
                    posted CardRefundToBank=0.00",
    );
}

#[test]
fn a_refund_is_no_way_to_cash() {
    check(
        "2027-01-04 apply
                    buy 4000.00 term=12 as p
                    refund p 4000.00
                    buy 4000.00 term=12 as q
                    refund q 4000.00
                    is principal=0.00
                    posted RefundToBank=0.00",
    );
}

#[test]
fn a_billed_purchase_is_refunded_and_a_later_one_stays() {
    check(
        "2027-01-31 apply
                    buy 1000.00 as p
         2027-02-03 buy 500.00
         2027-02-04 refund p 1000.00
                    is billed=0.00 unbilled=500.00 minimum=0.00 dpd=0
         2027-03-02 is billed=500.00 interest=0.00",
    );
}

#[test]
fn a_part_of_a_refund_shrinks_what_is_to_come() {
    // 1,200 in 3 on 4 January: 33 days to the first due date. 300 back: 900 in three parts of ⌊900 × 1.825 % / (1 − 1.01825⁻³)⌋ =
    // 311.01; first interest 900 × 0.06 % × 33 = 17.82.
    check(
        "2027-01-04 apply
                    buy 1200.00 term=3 as p
                    refund p 300.00
                    is installed=900.00
         2027-02-02 is minimum=311.01 interest=17.82 billed=293.19",
    );
}

#[test]
fn a_refund_goes_back_to_its_own_funders() {
    // Partner 1 lends 70 %, partner 2 65 %.
    check(
        "2027-01-04 apply
                    set partner2=closed
                    buy 1000.00 as p
                    set partner1=closed partner2=open
                    buy 1000.00
                    is platform=650.00 partner1=700.00 partner2=650.00
                    refund p 1000.00
                    is platform=350.00 partner1=0.00 partner2=650.00",
    );
}

#[test]
fn commission_and_shares_come_back_to_the_fen_whatever_the_parts() {
    let adjust = |terms: &mut crate::credit::terms::Terms| terms.economics.commission = [Ppm(20_000); 4];
    let parts = "refund p 0.75\n".repeat(133);
    check_with(
        adjust,
        &format!(
            "2027-01-04 apply
             buy 100.00 as p
             posted Commission=2.00
             {parts}
             refund p 0.25
             posted CommissionBack=2.00
             ledger CommissionIncome=0.00"
        ),
    );
    check_with(
        adjust,
        "2027-01-04 apply
                    buy 100.01 as p
                    refund p 33.33
                    refund p 33.34
                    refund p 33.34
                    ledger CommissionIncome=0.00",
    );
    let parts = "refund_tip 0.01\n".repeat(100);
    check(&format!(
        "2027-01-04 apply
         tip 1.00
         {parts}
         is principal=0.00
         ledger TipIncome=0.00 HostPayable=0.00"
    ));
}

#[test]
fn a_tip_that_was_paid_ahead_goes_to_the_bank() {
    check(
        "2027-01-04 apply
                    tip 1.00
                    repay 0.40
                    tip 2.00
                    refund_tip 3.00         -> 3.00
                    is principal=0.00
                    posted TipRefundToBank=0.40
                    ledger TipIncome=0.00 HostPayable=0.00
                    refund_tip 0.01         -> too_late",
    );
}
