//! The products that are shipped: one story each of what sets it apart, under its own terms as they stand in `models/`.

use crate::base::money::Ppm;
use crate::credit::command::CHANNELS;
use crate::credit::terms::Terms;
use crate::scenario::{Overrides, read_product};
use crate::testing::story::{check_with, plain};
use std::path::Path;

/// The terms of a product without luck: no false alarm, every contact reaches, every reviewer approves, no monthly review.
fn of(product: &str) -> Terms {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/products.toml");
    let scenario = read_product(&path, &Overrides::default(), product).unwrap_or_else(|errors| panic!("{errors}"));
    let mut terms = scenario.base.terms;
    terms.authorisation.false_alarm = Ppm(0);
    terms.authorisation.pattern_stop = Ppm::ONE;
    terms.authorisation.monitoring_detection = Ppm::ONE;
    terms.collections.reach = [Ppm::ONE; CHANNELS];
    terms.origination.review_approval = Ppm::ONE;
    terms.limits.first_review_days = u16::MAX;
    if terms.origination.review_share != Ppm::ONE {
        terms.origination.review_share = Ppm(0);
    }
    terms
}

fn check(product: &str, script: &str) {
    check_with(|terms| *terms = of(product), script);
}

#[test]
fn monthly_pay_starts_small_and_takes_cards_and_tips() {
    check(
        "douyin-monthly-pay",
        "2027-01-04    apply score=800 -> 1000.00
                       card 200.00 as c
                       tip 5.00
                       buy 600.00
                       buy 500.00 -> over_limit
                    @1 apply score=530 -> 500.00
                    @1 card 100.00 -> card_closed              # the worst tier
         2027-01-08    is unbilled=805.00 limit=1000.00",
    );
}

#[test]
fn huabei_bills_on_the_first_and_is_due_on_the_tenth_or_the_twentieth() {
    // Two groups of one statement day. The flat fee of three months is 2.5 % of 300: 7.50, in three parts.
    check(
        "huabei",
        "2027-01-05    apply score=800 -> 2000.00
                       buy 300.00
                    @2 apply score=800 -> 2000.00
                    @2 buy 300.00
         2027-02-02    is billed=300.00 due=2027-02-10
                    @2 is billed=300.00 due=2027-02-20
         2027-02-10    is dpd=0
         2027-02-11    is dpd=1
                    @2 is dpd=0
                    @2 convert 3 -> 300.00
         2027-02-21 @2 is dpd=0
         2027-03-02 @2 is billed=100.00 fees=2.50 installed=200.00",
    );
}

#[test]
fn baitiao_at_one_point_two_per_cent_a_month_breaks_the_cap_from_six_months_on() {
    // Score 518 is a PD of 10 %, the worst tier, which pays 1.2 % a month flat; 800 the best, 0.5 %.
    check(
        "baitiao",
        "2027-01-06    apply score=518 -> 1500.00
                       authorise 400.00 term=12 -> price_cap
                       authorise 400.00 term=9 -> price_cap
                       authorise 400.00 term=6 -> price_cap
                       authorise 400.00 term=3
                    @1 apply score=800 -> 4000.00
                    @1 authorise 400.00 term=12
                    @1 authorise 400.00 term=6
                       flows capped=3
                       buy 900.00
         2027-02-06    convert 12 -> price_cap
                       convert 3
                       flows capped=4",
    );
}

#[test]
fn fenfu_bears_interest_from_the_first_day() {
    // 0.04 % a day of 1,000 is 0.40; 27 days from the 5th of January to the statement on the 1st of February.
    check(
        "fenfu",
        "2027-01-05 apply score=800 -> 2000.00
                    buy 1000.00
         2027-02-02 is billed=1000.00 interest=10.80 due=2027-02-10
         2027-02-03 repay 1010.80
         2027-03-02 is charges=0.80                        # two more days until it was paid",
    );
}

#[test]
fn a_bank_card_is_decided_in_one_to_three_working_days() {
    // The fourth of January 2027 is a Monday.
    let scores = "2027-01-04    apply score=800 -> in_review
                             @1 apply score=700 -> in_review
                             @2 apply score=660 -> in_review
                             @3 apply score=800 -> in_review
                             @4 apply score=800 -> in_review
                             @5 apply score=540 -> in_review       # the rules let it not pass, a person tells";
    let story = format!(
        "{scores}
         2027-01-05 flows decided_by_review=0 decided_instantly=0
         2027-01-08 flows decided_by_review=6 approved=5 refused=1
                    is limit=36000.00 status=open
                 @5 is status=none"
    );
    check_with(
        |terms| {
            *terms = of("bank-credit-card");
            terms.origination.review_capacity_per_mille = 0;
        },
        &story,
    );
}

#[test]
fn reviewers_take_applications_in_turn_on_working_days() {
    // Two a working day for six users, all after one working day: Tuesday to Thursday.
    check_with(
        |terms| {
            *terms = of("bank-credit-card");
            terms.origination.review_capacity_per_mille = 333;
            terms.origination.review_extra_days = 0;
        },
        "2027-01-08    apply score=800 -> in_review             # a Friday
                    @1 apply score=800 -> in_review
                    @2 apply score=800 -> in_review
                    @3 apply score=800 -> in_review
                    @4 apply score=800 -> in_review
         2027-01-11    flows decided_by_review=0                # the weekend is over
         2027-01-12    flows decided_by_review=2
                       is status=open
                    @1 is status=open
                    @2 is status=in_review
         2027-01-13    flows decided_by_review=4
                    @4 is status=in_review
         2027-01-14    flows decided_by_review=5",
    );
}

#[test]
fn a_bank_card_revolves_and_is_written_off_after_a_year() {
    // Billed on the 5th, due twenty days later; the minimum is a tenth; 361 days after the 25th of February 2027 is the 21st of
    // February 2028. Prepaid cards are barred.
    check_with(
        |terms| {
            *terms = of("bank-credit-card");
            terms.origination.review_share = Ppm(0);
        },
        "2027-01-15 apply score=800 -> 36000.00
                    card 200.00 -> card_closed
                    buy 20000.00
         2027-02-06 is billed=20000.00 minimum=2000.00 due=2027-02-25
         2027-02-25 repay 2000.00
         2027-02-26 is dpd=0 billed=18000.00
         2027-03-26 is dpd=1
         2027-09-30 is status=frozen
         2028-03-15 is status=frozen
         2028-03-25 is status=written_off",
    );
}

#[test]
fn the_industry_average_has_neither_cards_nor_tips() {
    check(
        "industry-average",
        "2027-01-04 apply score=800 -> 1000.00
                    card 100.00 -> card_closed
                    tip 5.00 -> scene_barred
                    buy 100.00",
    );
}

/// Under plain terms a story would tell nothing of its product.
#[test]
fn every_shipped_product_has_a_story_and_terms_of_its_own() {
    let products = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/products");
    for file in std::fs::read_dir(products).expect("products").flatten() {
        let product = file.path().file_stem().expect("a stem").to_string_lossy().into_owned();
        assert!(include_str!("products.rs").contains(&format!("\"{product}\"")), "{product} has no story");
        assert_ne!(of(&product), plain(), "{product}");
    }
}
