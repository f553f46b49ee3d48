//! Who gets in: refusals in their order, tiers and first limits, the two per cent that a person looks at.
//!
//! Log-odds of default: −2.6 − 0.012 × (score − 600) − 0.004 × (behaviour − 128) + 0.1 for each tenth of the annual income owed
//! elsewhere. The fixture accepts up to 12 % and has its tiers at 2, 4, 6 and 9 %.

use crate::base::money::Ppm;
use crate::credit::command::{Command, Refusal, Reply};
use crate::credit::terms::Terms;
use crate::testing::fixture;
use crate::testing::story::{Story, USERS, applicant, check, check_with, plain};

/// The fixture's own tiers, limits and rates.
fn by_tier(terms: &mut Terms) {
    let review_share = terms.origination.review_share;
    terms.origination = fixture::terms().origination;
    terms.origination.review_share = review_share;
    terms.pricing = fixture::terms().pricing;
}

#[test]
fn refusals_come_in_their_order() {
    // Each line repairs the first fault of the line before and keeps the later ones. Score 540 gives log-odds −1.88 and a PD of
    // 13.2 %, above the 12 %; a debt of 199,600 and the least new limit of 500 pass the legal total of 200,000.
    check_with(
        by_tier,
        "2027-01-04 set quota=0,0,0
         apply nobody age=17 student fraud debt=199600 income=1400 score=540 -> refused identity
         apply        age=17 student fraud debt=199600 income=1400 score=540 -> refused age
         apply        age=61 student fraud debt=199600 income=1400 score=540 -> refused age
         apply        age=18 student fraud debt=199600 income=1400 score=540 -> refused student
         apply        age=60         fraud debt=199600 income=1400 score=540 -> refused fraud
         apply                             debt=199600 income=1400 score=540 -> refused total_debt
         apply                                         income=1499 score=540 -> refused income
         apply                                         income=1500 score=540 -> refused score
         apply                                                               -> refused no_funds
         set quota=1000000.00,1000000.00,1000000.00
         apply                                                               -> 1000.00
         apply nobody age=17                                                 -> refused has_account
         flows approved=1 decided_instantly=11 decided_by_review=0 refused=10 refused.2=2
         ledger OriginationCost=33.00    # 11 × 3 yuan",
    );
}

#[test]
fn the_legal_total_counts_the_new_limit() {
    check_with(
        by_tier,
        "2027-01-04 apply income=1000000 debt=199001 -> refused total_debt     # 199,001 + 1,000 > 200,000
                    apply income=1000000 debt=199000 -> 1000.00",
    );
}

#[test]
fn the_score_gives_the_tier_the_first_limit_and_the_rate() {
    // PD 1.73, 3.58, 5.52, 6.91 and 9.62 %. Ten points of behaviour move the log-odds by 0.04, debt of half a year's income by
    // 0.5: 720 with 60,000 owed of 120,000 a year is −4.04 + 0.5 = −3.54, 2.8 %, the second tier.
    check_with(
        by_tier,
        "2027-01-04 @0 apply score=720              -> 1000.00
                    @1 apply score=658              -> 900.00
                    @2 apply score=620              -> 800.00
                    @3 apply score=600              -> 650.00
                    @4 apply score=570              -> 500.00
                    @5 apply score=720 debt=60000   -> 900.00
                    @0 is tier=0 rate=18.00 cards=open status=open
                    @1 is tier=1 rate=19.20
                    @2 is tier=2 rate=20.40
                    @3 is tier=3 rate=21.60 cards=open
                    @4 is tier=4 rate=23.40 cards=closed       # high risk: no shopping cards
                    @5 is tier=1",
    );
}

#[test]
fn behaviour_counts_and_the_appetite_moves_the_cutoff() {
    // Score 540 refused at 13.2 %; with behaviour 200 the log-odds are −1.88 − 0.288 = −2.168: 10.3 %. At 80 % of the appetite the
    // cutoff is 9.6 % and the same person is refused.
    check_with(
        by_tier,
        "2027-01-04 apply score=540                  -> refused score
                    set cutoff=80
                    apply score=540 behaviour=200    -> refused score
                    set cutoff=100
                    apply score=540 behaviour=200    -> 500.00",
    );
}

#[test]
fn a_review_takes_two_working_days() {
    // Friday 8 January: Saturday and Sunday do not count, the close of Tuesday decides.
    check_with(
        |terms| {
            terms.origination.review_share = Ppm::ONE;
            terms.origination.review_approval = Ppm::ONE;
        },
        "2027-01-08 @0 apply            -> in_review
                    @0 apply            -> refused has_account
                    @0 buy 10.00        -> no_account
                    @1 apply nobody     -> in_review             # what the checks found goes along
         2027-01-12 @0 is status=in_review
         2027-01-13 @0 event            -> opened
                    @1 event            -> refused review
                    @0 is status=open limit=10000.00
                    @1 is status=none
                    @0 buy 10.00        -> 10.00
                    flows approved=1 decided_by_review=2 decided_instantly=1 refused.8=1",
    );
    check_with(
        |terms| {
            terms.origination.review_share = Ppm::ONE;
            terms.origination.review_approval = Ppm(0);
        },
        "2027-01-04 apply           -> in_review
         2027-01-07 event           -> refused review            # Monday to the close of Wednesday
                    apply           -> in_review                 # and may apply again",
    );
}

/// Of about 3,000 applications 2 %, 60, are expected in review, with a standard deviation of 7.7.
#[test]
fn two_in_a_hundred_are_reviewed() {
    let mut terms = plain();
    terms.origination.review_share = Ppm(20_000);
    let mut story = Story::new(terms);
    let (mut reviewed, mut applied) = (0, 0);
    for _ in 0..500 {
        for user in 0..USERS {
            // Whoever came in yesterday leaves, so that the slot can apply anew.
            story.ask(user, Command::Close);
            match story.ask(user, Command::Apply(applicant())) {
                Reply::InReview => reviewed += 1,
                Reply::Refused(Refusal::HasAccount) => continue,
                Reply::Done(limit) => assert_eq!(limit, 1_000_000),
                other => panic!("{other:?}"),
            }
            applied += 1;
        }
        story.next_day();
    }
    assert!(applied > 2_700 && (30..90).contains(&reviewed), "{reviewed} of {applied}");
}

#[test]
fn an_account_is_closed_with_nothing_owed_and_may_be_opened_again() {
    check(
        "2027-01-04 apply
                    authorise 100.00 as p
                    leave               -> still_owing           # a hold
                    capture p 100.00
                    leave               -> still_owing
                    repay 100.00
                    leave               -> done
                    is status=closed limit=0.00
                    buy 10.00           -> no_account
                    leave               -> no_account
                    refund p 40.00      -> 40.00                 # goes to the bank
                    posted RefundToBank=40.00
                    apply               -> 10000.00
                    refund p 60.00      -> 60.00                 # still within its days
                    flows closed=1 approved=2",
    );
}

#[test]
fn a_remainder_below_a_fen_does_not_keep_anybody() {
    // 10.01 yuan are carried from the end of grace on the 9th to the 11th: 2 days × 1,001 fen × 0.06 % = 1.2012 fen. One fen is
    // posted on 1 March; 0.2012 fen can never be paid.
    check(
        "2027-01-04 apply
                    buy 20.01
         2027-02-05 repay 10.00
         2027-02-11 repay 10.01
                    leave               -> still_owing           # interest that is not on a statement yet
         2027-03-02 is interest=0.01 owed=0.01 principal=0.00
                    leave               -> still_owing
                    repay 5.00          -> 0.01                  # no more than is owed
                    leave               -> done",
    );
}
