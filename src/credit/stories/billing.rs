//! Statements, due dates, interest, late interest, allocation, auto-debit. User 0 is billed on the 1st and has to pay until the 6th;
//! grace ends with the 9th. Contract interest is 0.06 % a day, late interest 0.05 %.

use crate::base::money::{BasisPoints, Ppm};
use crate::credit::terms::{AllocationBy, Owed};
use crate::testing::story::{check, check_with};

#[test]
fn a_statement_paid_in_full_by_the_end_of_grace_costs_nothing() {
    check(
        "2027-01-20 apply
                    buy 600.00
         2027-02-01 buy 400.00                                   # the bill day itself still counts
         2027-02-02 event               -> statement
                    is billed=1000.00 unbilled=0.00 statement=1000.00 owed=1000.00 minimum=100.00 due=2027-02-06
                    buy 50.00                                    # on the next statement
         2027-02-06 is dpd=0
         2027-02-07 is dpd=1                                     # grace does not stop the count of days
                    event               -> late(1050.00)
         2027-02-09 is dpd=3 past_due=100.00
                    repay 1000.00       -> 1000.00
                    is dpd=0 owed=0.00 principal=50.00
         2027-03-02 is billed=50.00 interest=0.00 penalty=0.00
                    repay 99.00         -> 50.00                 # cut to what is owed
                    repay 1.00          -> nothing_to_do
                    repay 0             -> amount_not_positive
         2027-04-02 event               -> nothing               # nothing owed, no statement
                    posted ChargeInterest=0.00 ChargePenalty=0.00
                    flows statements=2",
    );
}

#[test]
fn bill_groups_have_their_own_days() {
    check(
        "2027-01-04 @2 apply
                    @4 apply
                    @2 buy 100.00
                    @4 buy 100.00
         2027-01-11 @2 is billed=100.00 due=2027-01-15
                    @4 is billed=0.00 unbilled=100.00
         2027-01-16 @2 is dpd=1
                    @4 is billed=100.00 due=2027-01-20",
    );
}

#[test]
fn the_minimum_keeps_an_account_current_and_the_rest_bears_interest() {
    // 900 revolve from the end of grace: 20 days to 1 March × 0.54 = 10.80. The statement of March adds 500 bought in February, free
    // of interest so far; minimum 10.80 + 10 % of 1,400. The payment of 150.80 on the 5th takes 10.80 of interest and 140 of what
    // revolves. Until 1 April: 4 days × 900, 4 × 760, then 23 × 1,260, at 0.06 %: 21.372.
    check(
        "2027-01-20 apply
                    buy 1000.00
         2027-02-05 repay 100.00
                    is minimum=0.00 billed=900.00
         2027-02-09 is dpd=0 revolving=0.00
         2027-02-10 is dpd=0 revolving=900.00
         2027-02-20 buy 500.00
         2027-03-02 is interest=10.80 penalty=0.00 billed=1400.00 revolving=900.00 owed=1410.80 minimum=150.80
         2027-03-05 repay 150.80
                    is interest=0.00 billed=1260.00 revolving=760.00 dpd=0 minimum=0.00
         2027-04-02 is interest=21.37 penalty=0.00 billed=1260.00 dpd=0 minimum=147.37
                    posted ChargePenalty=0.00 PayInterest=10.80",
    );
}

#[test]
fn the_least_minimum_and_its_rounding() {
    // 10 % of 333.33 is rounded up; at least 10 yuan; no more than is owed.
    check(
        "2027-01-20 @0 apply
                    @1 apply
                    @0 buy 333.33
                    @1 buy 50.00
         2027-02-02 @0 is minimum=33.34
                    @1 is minimum=10.00
                    @1 repay 44.00
         2027-03-02 @1 is owed=6.07 minimum=6.07                 # 6 yuan × 20 days × 0.06 % = 0.072; 6 < 10
                    @1 repay 6.07       -> 6.07",
    );
}

#[test]
fn late_interest_replaces_contract_interest_on_overdue_principal() {
    // Nothing is paid of 1,000. Minimum 100, due on 6 February. From the 10th: 100 overdue at 0.05 %, 900 at 0.06 %.
    // 1 March (20 days): 1.00 and 10.80; demand 11.80 + 90 = 101.80.
    // Until the 9th (8 days) only the first demand is overdue: 0.40 and 4.32. Then 190 of principal, as 11.80 of the two demands are
    // charges, which bear nothing: 23 days × 190 × 0.05 % = 2.185 and 23 × 810 × 0.06 % = 11.178. Together 2.585 → 2.58 (ties to
    // even) and 15.498 → 15.50. On 1,000 contract interest alone would have been 12.00 and 18.60.
    check(
        "2027-01-20 apply
                    buy 1000.00
         2027-02-10 posted ChargeInterest=0.00 ChargePenalty=0.00
         2027-03-02 is interest=10.80 penalty=1.00 owed=1011.80 minimum=201.80 late_date=2027-02-06 due=2027-03-06
         2027-04-02 is interest=26.30 penalty=3.58 owed=1029.88 minimum=300.88
                    ledger InterestReceivable=26.30 PenaltyReceivable=3.58 InterestIncome=-26.30 PenaltyIncome=-3.58",
    );
}

#[test]
fn late_interest_is_cut_to_the_price_cap() {
    // 0.07 % a day is 25.55 % a year: cut to 0.0657 %, 23.98 %. 20 days × 100 × 0.0657 % = 1.314.
    check_with(
        |terms| terms.pricing.penalty_daily = Ppm(700),
        "2027-01-20 apply
                    buy 1000.00
         2027-03-02 is penalty=1.31 interest=10.80
                    flows capped=1",
    );
    // 0.05 % a day on a product whose cap is 12 % a year: 0.0328 %.
    check_with(
        |terms| {
            terms.pricing.tier_annual = [BasisPoints(1_095); 5];
            terms.pricing.cap_annual = BasisPoints(1_200);
        },
        "2027-01-20 apply
                    buy 1000.00
         2027-03-02 is penalty=0.66 interest=5.40                # 20 × 100 × 0.0328 % = 0.656; 20 × 900 × 0.03 %",
    );
}

#[test]
fn a_product_may_charge_from_the_first_day() {
    // 14.6 % a year, 0.04 % a day, no free period: 12 days to the statement of 1 February, 4 more until the payment.
    check_with(
        |terms| {
            terms.pricing.interest_from_day_one = true;
            terms.pricing.tier_annual = [BasisPoints(1_460); 5];
        },
        "2027-01-20 apply
                    buy 1000.00
         2027-02-02 is interest=4.80 owed=1004.80 minimum=104.80
         2027-02-05 repay 1004.80
         2027-03-02 is interest=1.60 principal=0.00",
    );
}

#[test]
fn what_a_tip_that_is_gone_has_accrued_is_owed() {
    // 0.04 % a day for ten days; then the tip is paid and, since its cycle still runs, taken back: no principal, 4.00 of interest.
    check_with(
        |terms| {
            terms.pricing.interest_from_day_one = true;
            terms.pricing.tier_annual = [BasisPoints(1_460); 5];
        },
        "2027-01-20 apply
                    tip 1000.00
         2027-01-30 repay 1000.00
                    refund_tip 1000.00      -> 1000.00
                    is principal=0.00
                    leave                   -> still_owing
         2027-02-02 is interest=4.00",
    );
}

#[test]
fn a_payment_goes_to_late_interest_interest_fees_then_principal_oldest_due_first() {
    // The state of 1 April from above: late interest 3.58, interest 26.30, principal 1,000; demands of 100, 101.80 and 99.08.
    check(
        "2027-01-20 apply
                    buy 1000.00
         2027-04-02 is penalty=3.58 interest=26.30 billed=1000.00 dpd=55 late_date=2027-02-06
                    repay 60.00
                    is penalty=3.58 interest=26.30 billed=940.00 dpd=55
                    repay 40.00                                  # the bill of February is paid
                    is billed=900.00 dpd=27 late_date=2027-03-06 minimum=200.88
                    repay 0.60                                   # that of March: 1.00, 10.80, 90.00
                    is penalty=2.98 interest=26.30
                    repay 11.20
                    is penalty=2.58 interest=15.50 billed=900.00
                    repay 88.99
                    is dpd=27 past_due=1.01
                    repay 0.01
                    is dpd=0 past_due=0.00 minimum=100.08 billed=811.00
                    posted PayPenalty=1.00 PayInterest=10.80",
    );
    // By kind: late interest, interest, fees of all bills, then principal, oldest bill first.
    check_with(
        |terms| terms.billing.allocation_by = AllocationBy::Kind,
        "2027-01-20 apply
                    buy 1000.00
         2027-04-02 repay 3.00
                    is penalty=0.58 interest=26.30
                    repay 20.00
                    is penalty=0.00 interest=6.88
                    repay 26.88
                    is interest=0.00 billed=980.00 dpd=55
                    repay 80.00
                    is billed=900.00 dpd=27 late_date=2027-03-06 minimum=171.00",
    );
    check_with(
        |terms| {
            terms.billing.allocation = [Owed::Principal, Owed::Fees, Owed::Interest, Owed::Penalty];
            terms.billing.allocation_by = AllocationBy::Kind;
        },
        "2027-01-20 apply
                    buy 1000.00
         2027-04-02 repay 271.00                                 # all that bills demand of principal
                    is billed=729.00 penalty=3.58 interest=26.30
                    repay 26.30
                    is billed=729.00 penalty=3.58 interest=0.00",
    );
}

#[test]
fn principal_is_paid_from_the_bill_before_what_is_not_billed() {
    check(
        "2027-01-20 apply
                    buy 300.00
         2027-02-03 buy 200.00
                    repay 100.00
                    is billed=200.00 unbilled=200.00 minimum=0.00
                    repay 250.00
                    is billed=0.00 unbilled=150.00",
    );
}

#[test]
fn auto_debit_asks_on_the_due_day() {
    check(
        "2027-01-20 @0 apply
                    @1 apply
                    @0 buy 300.00
                    @1 buy 300.00
         2027-02-05 @0 awaits_debit             -> no            # not due yet
         2027-02-06 @0 awaits_debit             -> yes
                    @0 debit_fails
                    @0 debit_fails
                    @0 repay 300.00 by=auto_debit
                    @0 awaits_debit             -> no
                    @1 awaits_debit             -> yes
                    @1 debit_fails
         2027-02-07 @0 is dpd=0
                    @1 is dpd=1
                    @1 awaits_debit             -> no            # its day is over
                    flows debits_failed=3 repaid_by_source_fen.0=0.00 repaid_by_source_fen.1=300.00",
    );
}

#[test]
fn what_became_of_the_amount_due() {
    // 400 in full, 300 into instalments, 200 with the minimum, 100 late; then the balance at the opening of the due day.
    check(
        "2027-01-12 @2 apply
                    @3 apply
                    @4 apply
                    @5 apply
                    @2 buy 400.00
                    @3 buy 300.00
                    @4 buy 200.00
                    @5 buy 100.00
         2027-01-18 @4 repay 20.00
         2027-02-12 @2 repay 400.00
                    @3 convert 3
         2027-02-16 flows due_fen=1000.00 due_by_outcome_fen.0=400.00 due_by_outcome_fen.1=300.00
                    flows due_by_outcome_fen.2=200.00 due_by_outcome_fen.3=100.00
                    flows d1_base_fen=580.00 d1_entry_fen=100.00 # 0 + 300 of instalments + 180 + 100",
    );
}
