//! The monthly review of limit and price, temporary raises, the ceiling.

use crate::base::money::Ppm;
use crate::credit::terms::Terms;
use crate::testing::fixture;
use crate::testing::story::check_with;

/// The fixture's tiers, limits, rates and its monthly review.
fn reviewed(terms: &mut Terms) {
    let review_share = terms.origination.review_share;
    terms.origination = fixture::terms().origination;
    terms.origination.review_share = review_share;
    terms.pricing = fixture::terms().pricing;
    terms.limits = fixture::terms().limits;
}

#[test]
fn a_used_limit_grows_by_a_quarter_after_sixty_days() {
    // Opened on 4 January: 28 days on 1 February, 56 on 1 March, 87 on 1 April. Whole ten yuan: 1,000 → 1,250 → 1,562.50 → 1,560.
    // On 1 May nothing is used: no raise. 200 of 1,250 is 16 %, below the fifth that a raise needs.
    check_with(
        reviewed,
        "2027-01-04 apply -> 1000.00
         2027-02-27 buy 300.00
         2027-03-02 is limit=1000.00 good_months=2
                    repay 300.00
         2027-03-31 buy 300.00
         2027-04-02 is limit=1250.00 good_months=3
                    repay 300.00
                    buy 200.00
         2027-05-02 is limit=1250.00
                    buy 60.00
         2027-05-04 repay 260.00
                    buy 250.00
         2027-06-02 is limit=1560.00
                    flows limit_raises=2 limit_cuts=0",
    );
}

#[test]
fn a_raise_stops_at_tier_income_and_ceiling() {
    // Tier 0 ends at 10,000; two months of an income of 1,600 at 3,200; the product's ceiling here at 1,100.
    let grows = "2027-01-04 apply -> 2900.00
                 2027-03-31 buy 1500.00
                 2027-04-02 is limit=";
    for (wish, income_months, ceiling_fen, tier_ceiling_fen) in [
        ("3620.00", 10, 5_000_000, 1_000_000), // 2,900 × 1.25 = 3,625: ties go to the even ten
        ("3200.00", 2, 5_000_000, 1_000_000),
        ("3000.00", 10, 300_000, 1_000_000),
        ("3100.00", 10, 5_000_000, 310_000),
    ] {
        let script = grows.replace("apply", "apply income=1600") + wish;
        check_with(
            |terms| {
                reviewed(terms);
                terms.origination.tier_new_limit_fen[0] = 290_000;
                terms.limits.income_multiple = Ppm(income_months * 1_000_000);
                terms.limits.ceiling_fen = ceiling_fen;
                terms.limits.tier_ceiling_fen[0] = tier_ceiling_fen;
            },
            &script,
        );
    }
}

#[test]
fn appetite_scales_raises_and_tips_can_be_linked() {
    // Half of a quarter: 1,000 × 1.125 = 1,125 → 1,120 (the even ten). With tips of 80 yuan in the cycle and half a yuan a
    // yuan, 1,000 × 1.25 + 40 = 1,290.
    check_with(
        reviewed,
        "2027-01-04 apply
         2027-03-31 buy 300.00
                    set raises=50
         2027-04-02 is limit=1120.00",
    );
    check_with(
        |terms| {
            reviewed(terms);
            terms.limits.tip_link = Ppm(500_000);
        },
        "2027-01-04 apply
         2027-03-31 buy 300.00
                    tip 80.00
         2027-04-02 is limit=1290.00",
    );
}

#[test]
fn a_late_month_cuts_the_limit_and_worsens_tier_price_and_cards() {
    // Four days late in April (due on 6 April, grace until the 9th, paid on the 10th), seen by the review of 1 May: 80 % of the limit, one tier down.
    check_with(
        reviewed,
        "2027-01-04 apply score=600 -> 650.00
                    is tier=3 rate=21.60 cards=open
         2027-03-20 buy 200.00
         2027-04-02 is limit=810.00                              # 650 × 1.25 = 812.50
         2027-04-10 is dpd=4 status=frozen
                    repay 200.00
         2027-04-11 buy 10.00       -> 10.00
         2027-05-02 is limit=648.00 tier=4 rate=23.40 cards=closed good_months=0
                    card 100.00     -> card_closed
                    flows limit_cuts=1",
    );
}

#[test]
fn six_good_months_improve_the_tier() {
    check_with(
        reviewed,
        "2027-01-04 apply score=570 -> 500.00
                    is tier=4 rate=23.40 cards=closed
         2027-06-02 is tier=4 good_months=5
         2027-07-02 is tier=3 rate=21.60 cards=open good_months=6
                    card 100.00",
    );
}

#[test]
fn a_frozen_account_is_not_reviewed_and_thaws_when_it_is_cured() {
    // Due on 6 April; four days past due on the morning of the 10th; the freeze comes with the close of the 9th.
    check_with(
        reviewed,
        "2027-01-04 apply
         2027-03-20 buy 300.00
         2027-04-09 is status=open dpd=3 limit=1250.00
                    buy 1.00        -> account_blocked          # late, and therefore barred already
         2027-04-10 is status=frozen dpd=4
         2027-05-02 is status=frozen limit=1250.00 tier=0
                    repay 400.00
                    is dpd=0 status=frozen
         2027-05-03 is status=open
                    buy 1.00",
    );
}

#[test]
fn a_campaign_raise_ends_on_its_day() {
    // A fifth of 1,000 on the statement of 1 February, for 30 days: until 3 March, the review of 1 March notwithstanding.
    check_with(
        reviewed,
        "2027-01-04 apply
         2027-02-01 set campaign=100
         2027-02-02 set campaign=0
                    is limit=1200.00 raise=200.00
                    buy 1100.00
         2027-03-02 is limit=1200.00 available=100.00
                    buy 50.00
         2027-03-03 is limit=1000.00 available=-150.00          # nobody is asked to pay it at once
                    buy 10.00       -> over_limit
                    tip 10.00       -> over_limit",
    );
    // The ceiling holds for raises too: 45,000 + a fifth stops at 50,000.
    check_with(
        |terms| {
            reviewed(terms);
            terms.origination.tier_new_limit_fen[0] = 4_500_000;
        },
        "2027-01-04 apply
         2027-02-01 set campaign=100
         2027-02-02 is limit=50000.00 raise=5000.00",
    );
}
