//! Authorisation: the documented order of the checks, idempotency, hold, capture, void, expiry, refunds.

use crate::base::money::{BasisPoints, Ppm};
use crate::credit::terms::InstalmentPricing;
use crate::testing::story::{check, check_with};

#[test]
fn the_first_failing_check_is_the_answer() {
    // One request that breaks every rule; from line to line the first broken rule is mended. 5 months are no term. 14.4 % on 12
    // months costs 25.6 % a year.
    check_with(
        |terms| {
            terms.authorisation.scene_allowed[2] = false;
            terms.authorisation.velocity_count_max = 2;
            terms.authorisation.velocity_amount_fen = 2_500_000;
            terms.pricing.instalments = InstalmentPricing::FlatFee([400, 700, 1_000, 1_440].map(BasisPoints));
        },
        "2027-01-04 set merchants=100
                    authorise 0                       term=5  scene=virtual_top_up merchant=100 cashout -> amount_not_positive
                    authorise -1.00                   term=5  scene=virtual_top_up merchant=100 cashout -> amount_not_positive
                    authorise 20000.00                term=5  scene=virtual_top_up merchant=100 cashout -> term_not_offered
                    authorise 20000.00                term=12 scene=virtual_top_up merchant=100 cashout -> no_account
                    apply
                    buy 1000.00
                    buy 1000.00
                    set quota=0,0,0
         2027-02-08 buy 20000.00                      term=12 scene=virtual_top_up merchant=100 cashout -> account_blocked
                    repay 2000.00
                    set quota=9000.00,9000.00,9000.00
                    buy 1.00
                    buy 1.00
                    set quota=0,0,0
                    authorise 20000.00                term=12 scene=virtual_top_up merchant=100 cashout -> scene_barred
                    authorise 20000.00                term=12 merchant=100 cashout -> merchant_barred
                    authorise 20000.00                term=12 merchant=99 cashout  -> cash_out_pattern
                    authorise 20000.00                term=12 merchant=99          -> velocity
         2027-02-09 authorise 20000.00                term=12 merchant=99          -> no_funds
                    set quota=90000.00,90000.00,90000.00
                    authorise 20000.00                term=12 merchant=99          -> over_limit
                    authorise 2000.00                 term=12 merchant=99          -> price_cap
                    authorise 2000.00                 term=3  merchant=99          -> done
                    flows drawings_declined=12 drawings_approved=5 capped=1 cashout_stopped_fen=20000.00",
    );
}

#[test]
fn velocity_counts_drawings_and_amounts_of_a_day() {
    check_with(
        |terms| {
            terms.authorisation.velocity_count_max = 3;
            terms.authorisation.velocity_amount_fen = 500_000;
        },
        "2027-01-04 apply
                    buy 3000.00
                    buy 2000.01         -> velocity
                    buy 1000.00
                    buy 1000.00                                  # exactly 5,000
                    buy 0.01            -> velocity              # the fourth, and above the amount
         2027-01-05 buy 0.01
                    buy 0.01
                    card 0.01
                    card 0.01           -> velocity              # cards count too
                    tip 0.50                                     # tips do not
         2027-01-06 buy 5000.01         -> velocity              # alone above the amount",
    );
}

#[test]
fn an_honest_purchase_can_be_stopped_wrongly() {
    check_with(
        |terms| terms.authorisation.false_alarm = Ppm::ONE,
        "2027-01-04 apply
                    buy 80.00           -> cash_out_pattern
                    flows false_alarms_fen=80.00 cashout_stopped_fen=0.00 cashout_true_fen=0.00",
    );
}

#[test]
fn the_same_request_is_answered_the_same_and_done_once() {
    check(
        "2027-01-04 apply seq=1
                    authorise 300.00 seq=2 as p
                    authorise 300.00 seq=2 as again
                    is held=300.00 available=9700.00
                    authorise 300.01 seq=2      -> id_reused
                    authorise 300.00 merchant=1 seq=2 -> id_reused
                    capture again 300.00 seq=3  -> 300.00
                    capture p 300.00 seq=3      -> 300.00
                    is held=0.00 unbilled=300.00
                    repay 100.00 seq=4          -> 100.00
                    repay 100.00 seq=4          -> 100.00
                    is unbilled=200.00
                    flows commands=9 commands.1=4 commands.2=2 commands.10=2 captured_count=1
                    buy 20000.00 seq=5          -> velocity
                    apply seq=0                 -> stale_request # sequence numbers begin with 1",
    );
    // A declined request stays declined under its number, also when it would pass by now; with a new number it passes. Eight
    // replies are kept: after number 10 the oldest is number 3.
    check(
        "2027-01-04 apply seq=1
                    set quota=0,0,0
                    authorise 10.00 seq=2       -> no_funds
                    set quota=900.00,900.00,900.00
                    authorise 10.00 seq=2       -> no_funds
                    authorise 10.00 seq=3       -> done
                    repay 1.00 seq=10           -> nothing_to_do
                    authorise 10.00 seq=2       -> stale_request
                    authorise 10.00 seq=3       -> done
                    is held=10.00
                    @1 repay 1.00 seq=3         -> no_account    # numbers are each user's own",
    );
}

#[test]
fn a_hold_takes_limit_and_a_capture_makes_debt() {
    // Commission of live shopping is 2 %: of 299.99 yuan 6.00 (5.9998), posted at the capture.
    check(
        "2027-01-04 apply
                    authorise 299.99 as p
                    is held=299.99 available=9700.01 principal=0.00
                    posted Commission=0.00
         2027-01-06 @1 capture p 299.99     -> unknown_reference # another user's
                    capture p 300.00        -> amount_too_large
                    capture p 0             -> amount_not_positive
                    capture p 299.99        -> 299.99
                    is held=0.00 available=9700.01 unbilled=299.99
                    ledger CommissionIncome=-6.00 MerchantPayable=-293.99
                    capture p 299.99        -> unknown_reference
                    void p                  -> unknown_reference
         2027-01-07 ledger MerchantPayable=0.00                  # settled at the close
                    posted SettleMerchants=293.99",
    );
}

#[test]
fn a_part_capture_releases_the_rest_and_a_void_all() {
    check(
        "2027-01-04 apply
                    authorise 300.00 as p
                    capture p 120.00        -> 120.00
                    is held=0.00 unbilled=120.00 available=9880.00
                    authorise 500.00 as q
                    void q                  -> 500.00
                    is held=0.00 available=9880.00
                    void q                  -> unknown_reference
                    capture q 1.00          -> unknown_reference
                    refund q 1.00           -> unknown_reference
                    flows captured_count=1 captured_fen=120.00 voids=1",
    );
}

#[test]
fn a_hold_expires_after_fifteen_days() {
    // A hold of 4 January can be captured until the 19th.
    check(
        "2027-01-04 @0 apply
                    @1 apply
                    @0 authorise 300.00 as p
                    @1 authorise 300.00 as q
         2027-01-19 @0 capture p 300.00     -> 300.00
         2027-01-20 @1 capture q 300.00     -> unknown_reference
         2027-02-02 @1 is held=0.00 available=10000.00           # released on its day",
    );
}

#[test]
fn refunds_in_parts_take_off_the_debt() {
    // Commission of 2 % goes back with each part: 2.00 of 100.00.
    check(
        "2027-01-04 apply
                    buy 300.00 as p
                    refund p 100.00         -> 100.00
                    is unbilled=200.00 available=9800.00
                    ledger CommissionIncome=-4.00
                    refund p 200.01         -> amount_too_large
                    refund p 0              -> amount_not_positive
                    refund p 200.00         -> 200.00
                    is principal=0.00
                    refund p 0.01           -> amount_too_large
                    ledger CommissionIncome=0.00 MerchantPayable=0.00 LoansPlatform=0.00 LoansPartner1=0.00
                    flows refunds_fen=300.00 captured_fen=300.00",
    );
}

#[test]
fn a_refund_on_the_bill_lowers_what_is_due() {
    // Statement of 300: minimum 30. A refund of 280 on the bill leaves 20, of which the demand of 30 − 280 → nothing.
    check(
        "2027-01-20 apply
                    buy 300.00 as p
         2027-02-03 is billed=300.00 minimum=30.00
                    refund p 20.00
                    is billed=280.00 minimum=10.00
                    refund p 260.00
                    is billed=20.00 minimum=0.00
         2027-02-08 is dpd=0",
    );
}

#[test]
fn a_refund_after_repayment_goes_to_the_bank() {
    check(
        "2027-01-04 apply
                    buy 300.00 as p
                    repay 250.00
                    refund p 300.00         -> 300.00
                    is principal=0.00
                    posted RefundToBank=250.00",
    );
}

#[test]
fn a_refund_comes_within_thirty_days_of_the_capture() {
    check(
        "2027-01-04 apply
                    authorise 300.00 as p
         2027-01-06 capture p 300.00
         2027-02-05 refund p 100.00         -> 100.00            # the thirtieth day
         2027-02-06 refund p 100.00         -> too_late
         2027-03-02 refund p 100.00         -> unknown_reference # forgotten",
    );
}
