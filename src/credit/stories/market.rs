//! Shopping cards, tips, complaints, and the watch over the use of funds.

use crate::base::money::Ppm;
use crate::testing::story::{check, check_with};

#[test]
fn a_card_is_bought_on_credit_and_redeemed_in_parts() {
    // Redemption pays the merchant less 3 % (local services): 6.00 of 200.00.
    check(
        "2027-01-04 apply
                    set merchants=100
                    card 500.00 as c
                    is unbilled=500.00 available=9500.00
                    ledger CardFloat=-500.00 MerchantPayable=0.00
                    redeem c 200.00 merchant=100    -> merchant_barred
                    redeem c 0 merchant=99          -> amount_not_positive
                    redeem c 200.00 merchant=99     -> 200.00
                    ledger CardFloat=-300.00 MerchantPayable=-194.00 CommissionIncome=-6.00
                    @1 redeem c 1.00                -> unknown_reference
                    redeem c 300.01                 -> amount_too_large
         2027-03-04 redeem c 300.00                 -> 300.00
                    redeem c 0.01                   -> unknown_reference
                    ledger CardFloat=0.00
                    flows cards_sold=1 cards_sold_fen=500.00 cards_redeemed_fen=500.00",
    );
}

#[test]
fn a_card_has_a_largest_face_value() {
    check(
        "2027-01-04 apply
                    card 5000.01            -> card_too_large
                    card 5000.00            -> done
                    card 1000.01 unnamed    -> card_too_large
                    card 1000.00 unnamed    -> done
                    ledger CardFloat=-6000.00",
    );
}

#[test]
fn cards_are_checked_in_the_same_order() {
    check(
        "2027-01-04 card 0                          -> amount_not_positive
                    card 9000.00 cashout            -> no_account
                    apply
                    buy 1000.00
         2027-02-08 card 9000.00 cashout            -> account_blocked
                    repay 1000.00
                    set quota=0,0,0
                    card 9000.00 cashout            -> card_too_large
                    card 5000.00 cashout            -> cash_out_pattern
                    card 5000.00                    -> no_funds
                    set quota=90000.00,90000.00,90000.00
                    buy 6000.00
         2027-02-09 card 5000.00                    -> over_limit
                    card 4000.00                    -> done",
    );
    check_with(|terms| terms.cards.enabled = false, "2027-01-04 apply\ncard 9000.00 cashout -> card_closed");
    check_with(|terms| terms.cards.closed_from_tier = 0, "2027-01-04 apply\ncard 9000.00 cashout -> card_closed");
}

#[test]
fn what_is_unspent_of_a_card_is_given_back_within_seven_days() {
    check(
        "2027-01-04 apply
                    card 500.00 as c
                    card 400.00 as d
                    card 300.00 as e
                    redeem c 120.00
         2027-01-11 refund_card c           -> 380.00
                    is unbilled=820.00                           # 1,200 − 380
                    ledger CardFloat=-700.00
                    refund_card c           -> unknown_reference
                    repay 620.00                                 # all of c, 400 of d, 100 of e
                    is unbilled=200.00
                    refund_card d           -> 400.00            # its loan is paid: all to the bank
                    is principal=200.00
                    posted CardRefundToBank=400.00
         2027-01-12 refund_card e           -> too_late
                    leave                   -> still_owing       # the card is still worth 300
                    flows cards_refunded_fen=780.00",
    );
}

#[test]
fn redemption_can_earn_a_rebate() {
    check_with(
        |terms| terms.cards.redeem_rebate = Ppm(20_000),
        "2027-01-04 apply
                    card 500.00 as c
                    redeem c 150.00
                    posted Rebate=3.00 RedeemCard=150.00",
    );
}

#[test]
fn a_tip_is_shared_with_the_host_and_a_minors_tip_is_taken_back() {
    // Half each; of an odd fen the platform takes the rest: 33.33 is 16.66 (even) for the host and 16.67 for the platform.
    check(
        "2027-01-04 tip 10.00               -> no_account
                    apply
                    tip 0                   -> amount_not_positive
                    tip 33.33               -> 33.33
                    is unbilled=33.33
                    ledger TipIncome=-16.67 HostPayable=-16.66
                    tip 100.00
                    refund_tip 0            -> amount_not_positive
                    refund_tip 100.00       -> 100.00
                    ledger TipIncome=-16.67 HostPayable=-16.66
                    is unbilled=33.33
                    tip 20000.00            -> over_limit
                    set quota=0,0,0
                    tip 20000.00            -> no_funds
                    flows tips=2 tips_fen=133.33 tips_refunded_fen=100.00
         2027-01-05 ledger HostPayable=0.00",
    );
    check_with(|terms| terms.tips.enabled = false, "2027-01-04 apply\ntip 1.00 -> scene_barred");
}

#[test]
fn no_more_tips_are_taken_back_than_were_given() {
    check(
        "2027-01-04 apply
                    tip 1.50
                    refund_tip 1.99         -> too_late
                    refund_tip 1.00         -> 1.00
                    refund_tip 0.60         -> too_late
                    refund_tip 0.50         -> 0.50
                    refund_tip 0.01         -> too_late
                    refund_tip 65537.00     -> too_late
                    is principal=0.00
                    ledger TipIncome=0.00 HostPayable=0.00
                    tip 40.00
                    repay 25.00
                    refund_tip 40.00        -> 40.00
                    posted TipRefundToBank=25.00
                    tip 40.00
         2027-02-02 refund_tip 40.00        -> too_late          # the cycle is billed",
    );
}

#[test]
fn a_complaint_costs_and_is_counted_by_subject() {
    check(
        "2027-01-04 complain decline
                    complain collection
                    complain charge
                    complain charge
                    complain service
                    flows complaints.0=1 complaints.1=1 complaints.2=2 complaints.3=1
                    ledger ServiceCost=400.00                    # 5 × 80 yuan",
    );
}

#[test]
fn cash_out_is_stopped_confirmed_or_missed() {
    // Caught by the pattern rules before any money moves.
    check(
        "2027-01-04 apply
                    buy 900.00 cashout      -> cash_out_pattern
                    card 900.00 cashout     -> cash_out_pattern
                    flows cashout_stopped_fen=1800.00 cashout_true_fen=0.00 captured_fen=0.00",
    );
    // Confirmed by monitoring after the capture: frozen for good, paying or not.
    check_with(
        |terms| terms.authorisation.pattern_stop = Ppm(0),
        "2027-01-04 apply
                    authorise 900.00 cashout as p
                    is status=open
                    flows cashout_true_fen=0.00
                    capture p 900.00
                    is status=frozen misuse=yes
                    flows cashout_true_fen=900.00 cashout_confirmed_fen=900.00
                    buy 1.00                -> account_blocked
                    repay 900.00
         2027-04-02 is status=frozen principal=0.00",
    );
    // Missed: counted as true, nothing happens. A card meant for resale is the same.
    check_with(
        |terms| {
            terms.authorisation.pattern_stop = Ppm(0);
            terms.authorisation.monitoring_detection = Ppm(0);
        },
        "2027-01-04 apply
                    buy 900.00 cashout
                    card 600.00 cashout
                    is status=open misuse=no
                    flows cashout_true_fen=1500.00 cashout_confirmed_fen=0.00 cashout_stopped_fen=0.00",
    );
}
