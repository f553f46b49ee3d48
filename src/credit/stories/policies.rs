//! Policies from a date on: what they do to accounts that are open already, and what the task of a cycle brings.

use crate::base::money::{BasisPoints, Ppm};
use crate::credit::terms::Terms;
use crate::testing::fixture;
use crate::testing::story::{check, check_with};

/// The fixture's limits and monthly review; a task of two purchases for a tenth of the limit.
fn with_task(terms: &mut Terms) {
    terms.origination.tier_new_limit_fen = fixture::terms().origination.tier_new_limit_fen;
    terms.limits = fixture::terms().limits;
    terms.limits.task_purchases = 2;
    terms.limits.task_raise = Ppm(100_000);
}

#[test]
fn a_task_raises_the_limit_of_those_who_do_it_without_lateness() {
    // 40 of 1,000 yuan are no use that raises a limit; two purchases are the task: 1,000 → 1,100 → 1,210. One purchase is not, and
    // neither are two in a cycle with lateness beyond grace (due on 6 June, paid on the 10th): 1,210 × 80 %.
    check_with(
        with_task,
        "2027-01-04 apply -> 1000.00
         2027-03-02 buy 20.00
                    buy 20.00
         2027-04-02 is limit=1100.00
                    repay 40.00
                    buy 20.00
         2027-05-02 is limit=1100.00
                    repay 20.00
                    buy 20.00
                    card 50.00                                   # a card is a purchase
         2027-06-02 is limit=1210.00
         2027-06-10 is dpd=4
                    repay 70.00
         2027-06-11 buy 20.00
                    buy 20.00
         2027-07-02 is limit=968.00
                    flows limit_raises=2 limit_cuts=1",
    );
}

#[test]
fn a_task_adds_to_the_raise_for_use_and_appetite_scales_both() {
    // A quarter for use and a tenth for the task: 1,350. At half the appetite 17.5 %: 1,175, of which the even ten is 1,180.
    for (appetite, limit) in [("100", "1350.00"), ("50", "1180.00")] {
        let script = format!(
            "2027-01-04 apply -> 1000.00
             2027-03-02 buy 200.00
                        buy 100.00
                        set raises={appetite}
             2027-04-02 is limit={limit}"
        );
        check_with(with_task, &script);
    }
    // While no task is on offer purchases do not count towards one: the purchases of March are not those of the task.
    check_with(
        |terms| {
            with_task(terms);
            terms.limits.task_purchases = 0;
        },
        "2027-01-04 apply -> 1000.00
         2027-03-02 buy 20.00
                    buy 20.00
         2027-03-31 policy task=2
         2027-04-02 is limit=1000.00",
    );
}

#[test]
fn a_new_price_list_reaches_open_accounts_with_their_next_statement() {
    check(
        "2027-01-04 apply
                    is rate=21.90
                    policy rates=18.00,18.00,18.00,18.00,18.00
                    @1 apply
                    @1 is rate=18.00                             # new customers at once
         2027-01-31 is rate=21.90
         2027-02-02 is rate=18.00",
    );
}

#[test]
fn without_risk_based_pricing_a_rate_that_is_still_listed_stays() {
    // Tier 3 was opened at 21.60. A list that knows 21.60, for whatever tier, leaves the contract alone; one that does not brings
    // the tier's own rate.
    for (list, rate) in [("18.00,19.20,21.60,22.00,23.40", "21.60"), ("18.00,19.00,20.00,21.00,22.00", "21.00")] {
        let script = format!(
            "2027-01-04 apply score=600
                        is tier=3 rate=21.60
                        policy rates={list}
             2027-02-02 is tier=3 rate={rate}"
        );
        check_with(
            |terms| {
                terms.pricing = fixture::terms().pricing;
                terms.pricing.risk_based = false;
            },
            &script,
        );
    }
}

#[test]
fn a_loan_keeps_its_rate_and_new_ones_take_the_list_of_their_day() {
    // 900 yuan revolve from 9 February, after due date and grace: to 1 March 20 days at 0.06 % a day; then five days on 900, and after
    // a payment of 100 and the interest 26 days on 800. What is bought at 0.03 % revolves from 9 April: 22 days on 100.
    check(
        "2027-01-04 apply
                    buy 1000.00
         2027-02-06 repay 100.00
         2027-02-20 policy rates=10.95,10.95,10.95,10.95,10.95
         2027-03-02 is interest=10.80 rate=10.95
         2027-03-06 repay 110.80
                    buy 100.00
         2027-04-02 is interest=15.18
                    repay 815.18
         2027-05-02 is interest=1.14 billed=100.00",
    );
}

#[test]
fn the_card_function_follows_the_terms_with_the_next_statement() {
    check(
        "2027-01-04 apply score=600
                    is tier=3 cards=open
                    policy cards_closed_from=3
                    card 100.00
         2027-02-02 is cards=closed
                    card 100.00         -> card_closed
                    repay 100.00
                    policy cards_closed_from=4
         2027-03-02 is cards=open
                    card 100.00",
    );
}

#[test]
fn laws_bar_tips_and_cards_from_their_day() {
    check(
        "2027-01-04 apply
                    tip 10.00
                    card 100.00 as c
         2027-01-10 policy tips=no cards=no
                    tip 10.00           -> scene_barred
                    card 100.00         -> card_closed
                    redeem c 40.00                               # what was bought is kept
                    flows tips=1 cards_sold=1",
    );
}

#[test]
fn a_new_start_is_for_new_customers() {
    check(
        "2027-01-04 apply               -> 10000.00
                    policy new_limit=300.00
                    @1 apply            -> 300.00
         2027-02-02 is limit=10000.00",
    );
}

#[test]
fn a_rebate_is_the_platforms_cost_from_its_day() {
    check_with(
        |terms| terms.pricing.tier_annual = [BasisPoints(1_800); 5],
        "2027-01-04 apply
                    card 500.00 as c
                    redeem c 100.00
                    policy rebate=2
                    redeem c 100.00
                    posted Rebate=2.00
                    ledger SubsidyCost=2.00",
    );
}

#[test]
fn a_round_of_lowering_takes_each_account_once_and_what_is_drawn_stays_drawn() {
    // 30 % less: 10,000 → 7,000 with the statement of 1 February. Of 8,000 drawn 1,000 lie above it: they are owed as before, and
    // nothing more can be drawn until less than 7,000 is owed. The next statement lowers nothing; the next round does: 7,000 → 4,900.
    check(
        "2027-01-04 apply               -> 10000.00
                    buy 8000.00
         2027-01-20 policy lower_round=1 lower_share=30
                    is limit=10000.00
                    buy 10.00
         2027-02-02 is limit=7000.00 principal=8010.00 available=-1010.00
                    buy 10.00           -> over_limit
                    tip 10.00           -> over_limit
                    flows limits_lowered=1 limits_lowered_fen=3000.00
                    repay 2000.00
                    buy 900.00
                    buy 100.00          -> over_limit           # 6,010 + 900 of 7,000
         2027-02-06 repay 6910.00
         2027-03-02 is limit=7000.00
                    policy lower_round=2
         2027-04-02 is limit=4900.00
                    flows limits_lowered=2 limits_lowered_fen=5100.00",
    );
}

#[test]
fn a_round_takes_the_tiers_it_is_for_and_those_who_were_there_before() {
    // Tier 3 is lowered, tier 0 and the newcomer are not. A frozen account goes through when it is open again.
    check(
        "2027-01-04 @0 apply score=600 -> 10000.00
                    @0 is tier=3
                    @2 apply
                    @4 apply score=600
         2027-01-20 @4 buy 100.00
         2027-02-19 policy lower_round=1 lower_share=50 lower_from=2
                    @1 apply score=600
         2027-02-24 @4 is status=frozen dpd=4                    # due on the 20th
         2027-03-02 @0 is limit=5000.00
                    @1 is tier=3 limit=10000.00
         2027-03-11 @2 is tier=0 limit=10000.00
         2027-03-16 @4 is status=frozen limit=10000.00
                    @4 repay 100.00
                    @4 repay 10.00
         2027-04-16 @4 is status=open limit=5000.00
                    flows limits_lowered=2",
    );
}

#[test]
fn a_round_keeps_the_floor_and_whole_ten_yuan() {
    // 70 % of 1,250 is 875: ties go to the even ten, 880; of 1,230 it is 861: 860. Half of 900 is below the floor of 500, and 400 is
    // below it already.
    for (limit, share, floor, lowered) in [
        ("1250.00", "30", "0.00", "880.00"),
        ("1230.00", "30", "0.00", "860.00"),
        ("900.00", "50", "500.00", "500.00"),
        ("400.00", "50", "500.00", "400.00"),
    ] {
        let script = format!(
            "2027-01-04 policy new_limit={limit}
                        apply -> {limit}
                        policy lower_round=1 lower_share={share} lower_floor={floor}
             2027-02-02 is limit={lowered}"
        );
        check(&script);
    }
}

#[test]
fn what_a_round_lowered_is_not_raised_while_it_is_in_force() {
    // Used enough for a raise by a quarter each month. The round of 1 March leaves 700 of 1,000, which nothing raises; the raise of a
    // campaign ends with it, and no other is given. When the round is over 700 grow to 875: the even ten is 880.
    check_with(
        |terms| {
            terms.origination.tier_new_limit_fen = fixture::terms().origination.tier_new_limit_fen;
            terms.limits = fixture::terms().limits;
        },
        "2027-01-04 apply -> 1000.00
         2027-01-31 set campaign=100
         2027-02-02 is limit=1200.00 raise=200.00
                    buy 600.00
                    policy lower_round=1 lower_share=30
         2027-03-02 is limit=700.00 raise=0.00
                    set campaign=0
                    repay 600.00
                    buy 600.00
         2027-04-02 is limit=700.00
                    repay 600.00
                    buy 600.00
                    policy lower_round=0
         2027-05-02 is limit=880.00
                    flows limit_raises=1 limits_lowered=1",
    );
}

#[test]
fn a_bill_keeps_its_due_date_grace_and_minimum_when_terms_change() {
    // Bill of 1 February, due on the 11th, grace to the 14th; on the 8th the terms become 5 days, none of grace and half as the minimum.
    // 100 of 1,000 are demanded and unpaid: late from the 12th on. From 15 February to 1 March 15 days: 900 at 0.06 % a day, and 100 at
    // 0.05 %. The bill of 1 March has the new terms: half of 900 and the 100, and 8.85 of charges, due on the 6th.
    check_with(
        |terms| terms.billing.due_after_days = 10,
        "2027-01-04 apply
                    buy 1000.00
         2027-02-02 is due=2027-02-11 minimum=100.00
         2027-02-08 policy due_after=5 grace=0 minimum=50
         2027-02-11 is due=2027-02-11 dpd=0 minimum=100.00 revolving=0.00
                    awaits_debit             -> yes
         2027-02-12 is dpd=1
         2027-02-14 is revolving=0.00
         2027-02-15 is revolving=1000.00
         2027-03-02 is interest=8.10 penalty=0.75 due=2027-03-06 minimum=558.85",
    );
}

#[test]
fn a_hold_keeps_its_last_day() {
    // A hold of 4 January for 15 days is free on the 20th, whatever the terms say meanwhile; one made under the new terms ends after 3.
    check(
        "2027-01-04 apply
                    authorise 9000.00
         2027-01-06 policy hold_days=3
         2027-01-10 is held=9000.00
                    authorise 500.00
         2027-01-13 is held=9500.00
         2027-01-14 is held=9000.00
         2027-01-19 is held=9000.00
         2027-01-20 is held=0.00
                    buy 9000.00",
    );
}

#[test]
fn a_lower_cap_binds_new_loans_and_open_ones_above_it_are_counted() {
    // 1,200 in 12 parts at 21.90 % on 4 January, due on 6 February: 33 days, 23.76 of interest, also after the cap of 12 % of the 10th.
    // The 100 that are drawn under it while the account's own rate still stands are lent at 12 %, and not counted. That rate is above
    // the list until the statement.
    check(
        "2027-01-04 apply
                    buy 1200.00 term=12
         2027-01-10 policy rates=12.00,12.00,12.00,12.00,12.00 cap=12.00 penalty=300
                    is rate=21.90
                    buy 100.00
                    @1 apply
                    @1 buy 1200.00 term=12
         2027-02-01 stocks loans_above_cap=1 rate_out_of_range=1
         2027-02-02 is rate=12.00 interest=23.76
         2027-03-01 stocks loans_above_cap=1 rate_out_of_range=0",
    );
}

#[test]
fn a_law_cuts_no_flat_fee_that_is_above_it_in_whole_months() {
    // Under 12 % the largest fees are 2.01, 3.53, 5.07 and 6.62 %. 2.5 and 6.5 % for 3 and 9 months are refused, at checkout, from the
    // bill, and at the capture of what was approved before the law; 3.5 % for 6 and 6.6 % for 12 months are not. On real due dates,
    // from 6 February on, they cost more than 12 % on 21 January, and are cut to what holds, 21.00 to 17.90 and 39.60 to 36.41. What was
    // lent before keeps its 7.50. Of each comes a part, rounded up: 2.50, 2.99 and 3.04.
    check_with(
        |terms| {
            let fees = [250, 350, 650, 660].map(BasisPoints);
            terms.pricing.instalments = crate::credit::terms::InstalmentPricing::FlatFee(fees);
        },
        "2027-01-20 apply
                    buy 300.00 term=3
                    authorise 300.00 term=9 as before
         2027-01-21 policy cap=12.00 penalty=300 rates=12.00,12.00,12.00,12.00,12.00
                    authorise 300.00 term=3 -> price_cap
                    authorise 300.00 term=9 -> price_cap
                    capture before 300.00   -> price_cap
                    flows capped=3 priced_down=0
                    buy 600.00 term=6
                    buy 600.00 term=12
                    buy 500.00
                    flows capped=3 priced_down=2
         2027-02-01 stocks loans_above_cap=1
         2027-02-02 is fees=8.53
                    convert 3 -> price_cap
                    convert 12
                    flows capped=4",
    );
}

#[test]
fn a_law_may_bind_open_loans_from_the_next_statement_on() {
    // As above, but the law binds open loans: the part of 1 February bears 33 days at 12 %, 13.01.
    check(
        "2027-01-04 apply
                    buy 1200.00 term=12
         2027-01-10 policy rates=12.00,12.00,12.00,12.00,12.00 cap=12.00 penalty=300 cap_binds=yes
         2027-02-01 stocks loans_above_cap=1
         2027-02-02 is rate=12.00 interest=13.01
         2027-03-01 stocks loans_above_cap=0",
    );
}

#[test]
fn a_flat_fee_comes_down_to_the_cap_that_binds_it() {
    // 12 parts at 6.6 % flat are within 24 % a year. Under a law of 6 % the largest fee on 1,200 over 12 parts is 39.35, and the part of
    // 1 February bears 3.28 of it (39.35 / 12 rounded up: odd fen come first) instead of 6.60.
    check_with(
        |terms| {
            let fees = [100, 200, 400, 660].map(BasisPoints);
            terms.pricing.instalments = crate::credit::terms::InstalmentPricing::FlatFee(fees);
        },
        "2027-01-04 apply
                    buy 1200.00 term=12
         2027-01-10 policy cap=6.00 penalty=100 cap_binds=yes
         2027-02-01 stocks loans_above_cap=1
         2027-02-02 is fees=3.28
         2027-03-01 stocks loans_above_cap=0",
    );
}
