//! Days past due, buckets, freezing, contacts, hardship plans, write-off, recovery, sale. User 0 is due on the 6th; most stories let
//! 1,000 yuan of 20 January, due on 6 February with a minimum of 100, go unpaid.

use crate::base::money::Ppm;
use crate::testing::story::{check, check_with};

#[test]
fn buckets_and_classes_change_on_their_days() {
    check_with(
        |terms| terms.collections.writeoff_dpd = 400,
        "2027-01-20 apply
                    buy 1000.00
         2027-02-06 is dpd=0 bucket=C
         2027-02-07 is dpd=1 bucket=M1 class=normal
         2027-02-13 is dpd=7 class=normal                        # technical lateness
         2027-02-14 is dpd=8 class=special_mention
         2027-03-01 stocks balance_by_bucket_fen.1=1000.00 balance_by_class_fen.1=1000.00 technical_fen=0.00
         2027-03-08 is dpd=30 bucket=M1
         2027-03-09 is dpd=31 bucket=M2
                    event                   -> reached_31(1000.00)
         2027-04-01 stocks balance_by_bucket_fen.2=1000.00 balance_by_bucket_fen.1=0.00 balance_by_stage_fen.1=1000.00
         2027-04-08 is dpd=61 bucket=M3
         2027-05-07 is dpd=90 class=special_mention
         2027-05-08 is dpd=91 bucket=M4 class=substandard
         2027-06-01 stocks balance_by_bucket_fen.4=1000.00 balance_by_stage_fen.2=1000.00 balance_by_class_fen.2=1000.00
         2027-06-07 is dpd=121 bucket=M5
         2027-07-07 is dpd=151 bucket=M6
         2027-11-03 is dpd=270 class=substandard
         2027-11-04 is dpd=271 class=doubtful
         2028-02-01 is dpd=360 class=doubtful
         2028-02-02 is dpd=361 class=loss",
    );
}

#[test]
fn technical_lateness_at_a_month_end_is_shown_apart() {
    // Billed on 15 January, due on the 20th; a due date of the 25th (ten days after the bill) makes 31 January DPD 6.
    check_with(
        |terms| terms.billing.due_after_days = 10,
        "2027-01-05 @4 apply
                    @4 buy 1000.00
         2027-01-31 @4 is dpd=6
         2027-02-01 stocks technical_fen=1000.00 balance_by_class_fen.0=1000.00 balance_by_bucket_fen.1=1000.00",
    );
}

#[test]
fn a_part_payment_moves_the_days_back_and_full_cure_thaws() {
    // Demands of 100, 101.80 and 99.08, due on 6 February, March and April.
    check(
        "2027-01-20 apply
                    buy 1000.00
         2027-04-10 is dpd=63 status=frozen past_due=300.88
                    repay 98.99
                    is dpd=63
                    repay 0.01                                   # a yuan is left: within the tolerance
                    is dpd=35
                    repay 102.80
                    is dpd=4
         2027-04-11 is dpd=5 status=frozen
                    repay 99.08
                    is dpd=0 status=frozen
                    buy 1.00                -> account_blocked
         2027-04-12 is dpd=0 status=open                         # thawed at the close
                    buy 1.00",
    );
}

#[test]
fn debtors_are_approached_by_the_strongest_channel_due_every_third_day() {
    check_with(
        |terms| terms.collections.capacity_per_mille = [0, 1_000, 1_000, 1_000, 1_000, 1_000],
        "2027-01-20 apply
                    buy 1000.00
         2027-02-08 is dpd=2 contact=none
         2027-02-09 is dpd=3 contact=sms
                    ledger CollectionCost=0.05
         2027-02-10 is contact=none                              # yesterday's message is over
         2027-02-12 is dpd=6 contact=call
                    ledger CollectionCost=2.05
         2027-04-07 is dpd=60 contact=call
         2027-04-10 is dpd=63 contact=field
         2027-05-07 is dpd=90 contact=field
         2027-05-10 is dpd=93 contact=legal
                    repay 2000.00
         2027-05-13 is contact=none dpd=0",
    );
}

#[test]
fn a_contact_that_does_not_reach_costs_too() {
    check_with(
        |terms| terms.collections.reach = [Ppm(0); 6],
        "2027-01-20 apply
                    buy 1000.00
         2027-02-09 is contact=none
                    flows contacts_tried.2=1 contacts_reached=0
                    ledger CollectionCost=0.05",
    );
}

#[test]
fn collectors_have_no_more_time_than_they_have() {
    // Half a call a day and account, two accounts: one call. User 3 is late since 16 January and called on its 15 (as from the close of
    // the due day), 18, … 5 February: eight times. On the 8th user 0 is late as well and has to wait.
    check_with(
        |terms| {
            terms.collections.capacity_per_mille = [0, 0, 0, 500, 0, 0];
            terms.collections.channel_from_dpd[3] = 1;
        },
        "2027-01-05 @0 apply
                    @3 apply
                    @0 buy 500.00
                    @3 buy 500.00
         2027-02-06 flows contacts_tried=8 contacts_tried.3=8 contacts_queued=0
         2027-02-09 flows contacts_tried.3=9 contacts_queued=1
                    @3 is contact=call
                    @0 is contact=none",
    );
}

#[test]
fn a_hardship_plan_re_ages_and_stays_visible() {
    // On 9 March 1,000 of principal become 12 parts at 6 %: 86.06, the first with 28 days to 6 April, 4.60. What was charged stays owed
    // and waits for the next statement: 10.80 + 1.00 of February; it asks for 4.32 + 0.40 of eight days of March and the part, too.
    check(
        "2027-01-20 apply
                    buy 1000.00
         2027-03-08 hardship                -> nothing_to_do     # from 31 days on
         2027-03-09 is dpd=31 past_due=201.80 minimum=201.80
                    hardship                -> 1000.00
                    is dpd=0 minimum=11.80 billed=0.00 installed=1000.00 reaged=yes status=frozen interest=10.80 penalty=1.00
                    hardship                -> nothing_to_do     # once
                    buy 1.00                -> account_blocked
                    convert 3               -> nothing_to_do
         2027-04-01 stocks reaged_fen=1000.00 balance_by_bucket_fen.0=1000.00 balance_by_stage_fen.1=1000.00
         2027-04-02 is billed=81.46 installed=918.54 interest=19.72 penalty=1.40 minimum=102.58
                    repay 200.00            -> 102.58
         2027-05-02 repay 200.00            -> 86.06
         2027-06-02 repay 200.00            -> 86.06
         2027-07-02 repay 200.00            -> 86.06
                    is reaged=yes status=frozen                  # three months of probation are not enough
         2027-08-02 repay 200.00            -> 86.06
         2027-09-02 repay 200.00            -> 86.06
         2027-10-02 repay 200.00            -> 86.06
         2027-11-02 repay 200.00            -> 86.06
         2027-12-02 repay 200.00            -> 86.06
         2028-01-02 repay 200.00            -> 86.06
         2028-02-02 repay 200.00            -> 86.06
         2028-03-02 repay 200.00            -> 85.66             # the last part takes what remains
                    is principal=0.00 reaged=yes
         2028-04-02 is reaged=no status=open
                    flows hardship_plans=1 reaged_fen=1000.00",
    );
}

#[test]
fn a_broken_plan_ages_again_and_is_not_renewed() {
    check(
        "2027-01-20 apply
                    buy 1000.00
         2027-03-09 hardship
         2027-04-07 is dpd=1 reaged=yes
         2027-05-07 is dpd=31
                    hardship                -> nothing_to_do
         2027-10-02 is dpd=179
         2027-10-03 is status=written_off
                    is reaged=no",
    );
    check(
        "2027-01-20 apply
                    buy 1000.00
         2027-06-07 is dpd=121
                    hardship                -> nothing_to_do     # up to 120 days",
    );
}

#[test]
fn a_write_off_a_recovery_and_the_sale_of_the_claim() {
    // Posted until August: 73.47 of interest and 25.27 of late interest (worked out day by day, apart from the engine). Of 1,000 the
    // partner lent 700; the first-loss promise is 5 % of what it ever lent, 35. The claim is sold half a year later for 5 %.
    check(
        "2027-01-20 apply
                    buy 1000.00
         2027-08-04 is dpd=179 status=frozen interest=73.47 penalty=25.27
         2027-08-05 is status=written_off claim=1098.74 principal=0.00 charges=0.00 limit=0.00 dpd=0
                    event                   -> written_off(1000.00)
                    ledger LoansPlatform=0.00 LoansPartner1=0.00 PartnerFunding1=0.00 LossAllowance=300.00
                    ledger FirstLossExpense=35.00 ReceivableWriteOff=98.74 InterestReceivable=0.00 PenaltyReceivable=0.00
                    posted WriteOffPlatform=300.00 WriteOffCovered1=35.00 WriteOffBorne1=665.00 ReturnPartner1=35.00
                    flows writeoffs=1 writeoff_fen=1000.00
                    buy 1.00                -> no_account
                    apply                   -> refused has_account
         2027-10-01 repay 100.00            -> 100.00
                    is claim=998.74
                    ledger RecoveryIncome=-100.00
                    flows recovered_fen=100.00 repaid_by_source_fen.3=100.00
         2028-02-01 is status=written_off
         2028-02-02 is status=sold claim=0.00
                    event                   -> sold
                    ledger ClaimSaleIncome=-49.94                # 5 % of 998.74
                    flows sold_fen=49.94 sold_claims_fen=998.74
                    repay 1.00              -> no_account",
    );
}

#[test]
fn loans_and_holds_end_with_the_account() {
    check_with(
        |terms| {
            terms.collections.writeoff_dpd = 10;
            terms.authorisation.hold_days = 60;
        },
        "2027-01-20 apply
                    buy 1200.00 term=12
                    card 200.00 as c
                    authorise 500.00 as p
         2027-02-15 is status=frozen held=500.00 dpd=9
         2027-02-16 is status=written_off held=0.00 installed=0.00
                    event                   -> written_off(1400.00)
                    capture p 500.00        -> unknown_reference
                    redeem c 200.00                              # the card was paid to the merchants' side and stays good
                    ledger CardFloat=0.00",
    );
}

#[test]
fn first_losses_are_covered_until_the_promise_is_used_up() {
    // Users 0 and 2 borrow with partner 1: 1,400 lent, 70 promised. The first write-off takes all of it.
    check(
        "2027-01-20 @0 apply
                    @2 apply
                    @0 buy 1000.00
                    @2 buy 1000.00
                    @2 is partner1=700.00
         2027-08-05 posted WriteOffCovered1=70.00 WriteOffBorne1=630.00
         2027-08-15 @2 is status=written_off
                    posted WriteOffCovered1=70.00 WriteOffBorne1=1330.00
                    ledger FirstLossExpense=70.00 PartnerFunding1=0.00 LossAllowance=600.00",
    );
}
