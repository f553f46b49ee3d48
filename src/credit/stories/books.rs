//! Who lends, what it costs, what is set aside for losses, and whether the books balance.

use crate::base::money::Ppm;
use crate::testing::story::{check, check_with};

#[test]
fn the_platform_lends_at_least_its_part_and_partners_take_turns() {
    // 70 % of 333.33 is 233.331: rounded down, so that the platform keeps 30 %. The second drawing of a day goes to the other partner,
    // whose part is 65 %: 216.66.
    check(
        "2027-01-04 apply
                    buy 333.33
                    is platform=100.00 partner1=233.33 partner2=0.00
                    buy 333.33
                    is platform=216.67 partner1=233.33 partner2=216.66
         2027-01-05 set partner1=closed
                    buy 100.00
                    is platform=251.67 partner1=233.33 partner2=281.66
                    set partner2=closed
                    buy 100.00
                    is platform=351.67 principal=866.66
                    ledger LoansPlatform=351.67 LoansPartner1=233.33 LoansPartner2=281.66
                    flows drawn_by_funder_fen.0=351.67 drawn_by_funder_fen.1=233.33",
    );
    check_with(
        |terms| terms.funding.partners[0].share = Ppm(900_000),
        "2027-01-04 apply\nbuy 1000.00\nis platform=300.00 partner1=700.00",
    );
}

#[test]
fn nobody_lends_beyond_the_quota() {
    check(
        "2027-01-04 apply
                    set quota=299.99,700.00,0
                    buy 1000.00             -> no_funds          # the platform's part is missing
                    set quota=1000.00,699.99,649.99
                    buy 1000.00                                  # no partner: the platform alone
                    is platform=1000.00
                    buy 0.01                -> no_funds
                    set quota=300.00,700.00,0
                    tip 1000.01             -> no_funds
                    card 1000.00                                 # to the fen
                    is platform=1300.00 partner1=700.00
                    card 0.01               -> no_funds",
    );
}

#[test]
fn a_hold_reserves_the_money_of_its_funder() {
    check(
        "2027-01-04 apply
                    set partner2=closed quota=300.00,700.00,0
                    authorise 1000.00 as p
                    authorise 0.01          -> no_funds
                    void p
                    authorise 1000.00 as q
                    capture q 400.00                             # 180 and 420 are free again
                    authorise 600.01        -> no_funds
                    authorise 600.00        -> done",
    );
}

#[test]
fn repayments_are_shared_in_proportion() {
    // Partners rounded up: of a fen all goes to the partner, and the platform's share never falls.
    check(
        "2027-01-04 apply
                    buy 1000.00
                    repay 100.00
                    is platform=270.00 partner1=630.00
                    repay 0.01
                    is platform=270.00 partner1=629.99
                    posted RepayPlatform=30.00 RepayPartner1=70.01",
    );
}

#[test]
fn the_books_of_a_first_day() {
    // 700 from the partner, 1,000 less 2 % to the merchant, 3.00 for the application; a day's price of 700 at 4.8 % is 0.092, of 300 at
    // 4 % 0.033.
    check(
        "2027-01-04 apply
                    buy 1000.00
         2027-01-05 ledger LoansPlatform=300.00 LoansPartner1=700.00 PartnerFunding1=-700.00 MerchantPayable=0.00
                    ledger CommissionIncome=-20.00 OriginationCost=3.00 PartnerCost=0.09 TreasuryCost=0.03 Cash=-283.12",
    );
}

#[test]
fn the_trial_balance_of_a_repaid_year() {
    // Every day of every story balances; here all that is left of one after it is over. Interest 10.80 and late interest 1.00 until
    // 1 March, a day more until the payment, 0.54 and 0.05; service costs 1.50 at each of three month-ends.
    check(
        "2027-01-20 apply
                    buy 1000.00
         2027-03-02 repay 1011.80
         2027-03-31 leave                   -> still_owing       # a day's interest, not on a statement yet
         2027-04-02 repay 1.00              -> 0.59
                    leave                   -> done
         2027-04-05 ledger LoansPlatform=0.00 LoansPartner1=0.00 PartnerFunding1=0.00 InterestReceivable=0.00
                    ledger PenaltyReceivable=0.00 MerchantPayable=0.00 LossAllowance=0.00
                    ledger InterestIncome=-11.34 PenaltyIncome=-1.05 CommissionIncome=-20.00 OriginationCost=3.00 ServiceCost=4.50
                    posted FundPartner1=700.00 ReturnPartner1=700.00 RepayPlatform=300.00 RepayPartner1=700.00",
    );
}

#[test]
fn the_allowance_follows_exposure() {
    // Coverage of 10 % everywhere. January: 300 of own loans and, of 9,000 undrawn, a fifth as conversion and 30 % as own part: 540.
    // February, late in its first months: nothing undrawn, risk has risen, so stage 2 and lifetime loss, 1.3 times: 39.00. March, repaid:
    // 10,000 undrawn, 600.
    check(
        "2027-01-20 apply
                    buy 1000.00
                    set coverage=10
         2027-02-01 ledger LossAllowance=-84.00 ImpairmentExpense=84.00
                    stocks allowance_fen=84.00
         2027-03-01 ledger LossAllowance=-39.00 ImpairmentExpense=39.00
                    posted Impair=84.00 ReleaseImpairment=45.00
         2027-03-02 repay 1011.80
         2027-04-01 ledger LossAllowance=-60.00",
    );
    // Re-aged: stage 2 while current, lifetime loss, 1.3 times; a frozen line has nothing undrawn that could be drawn.
    check(
        "2027-01-20 apply
                    buy 1000.00
                    set coverage=10
         2027-03-09 hardship
         2027-04-01 ledger LossAllowance=-39.00",
    );
}

#[test]
fn stocks_of_a_month_end() {
    // User 0 borrows with partner 1 (70 %), user 1 with partner 2 (65 %). Limits lie in bins of 500 yuan, 10,000 in the last.
    check(
        "2027-01-04 @0 apply
                    @1 apply
                    @2 apply
                    @0 buy 1200.00 term=3
                    @1 card 500.00
         2027-01-20 @1 authorise 80.00
         2027-02-01 stocks accounts=3 active_accounts=2 limits_fen=30000.00 held_fen=80.00 card_float_fen=500.00
                    stocks balance_by_bucket_fen=1700.00 balance_by_funder_fen.0=535.00 balance_by_funder_fen.2=325.00
                    stocks bearing_fen=1200.00 rate_out_of_range=0 frozen=0 accounts_by_tier.0=3 limit_bins.19=3",
    );
}

#[test]
fn stages_follow_lateness_and_risk() {
    // A seasoned account stays in stage 1 until 30 DPD; one that is late in its first months has a risen risk and is in stage 2 at once.
    // Due on 6 May: 25 days on 31 May, 55 on 30 June, 86 on 31 July, 117 on 31 August. User 1 opened in April.
    check(
        "2027-01-04 @0 apply
         2027-04-20 @1 apply
                    @0 buy 1000.00
                    @1 buy 1000.00
         2027-06-01 stocks balance_by_stage_fen.0=1000.00 balance_by_stage_fen.1=1000.00
                    @0 is dpd=26
         2027-07-01 stocks balance_by_stage_fen.1=2000.00 balance_by_stage_fen.0=0.00
         2027-08-01 stocks balance_by_stage_fen.1=2000.00
         2027-09-01 stocks balance_by_stage_fen.2=2000.00",
    );
}

#[test]
fn an_account_that_is_closed_and_opened_again_comes_from_where_it_stood() {
    // 100 yuan owed at the end of January and current: bucket C. Closed on 2 February, opened again on the 10th, 50 owed at the end of
    // February: a move from C to C (column 0 of row 0) by the 100 of before, and none from "no balance" (row 8, place 72).
    check(
        "2027-01-04 apply
                    buy 100.00
         2027-02-02 repay 100.00
                    leave
         2027-02-10 apply
                    buy 50.00
         2027-03-01 stocks transitions_accounts.0=1 transitions_accounts.72=0 transitions_fen.0=100.00
                    stocks transitions_accounts.80=5",
    );
}

#[test]
fn what_lies_above_a_limit_that_fell_is_counted() {
    // 8,000 of 10,000 drawn, lowered to 7,000 on 1 February.
    check(
        "2027-01-04 apply
                    buy 8000.00
                    policy lower_round=1 lower_share=30
         2027-02-01 stocks above_limit_fen=0.00
         2027-03-01 stocks above_limit_fen=1000.00 limits_fen=7000.00",
    );
}
