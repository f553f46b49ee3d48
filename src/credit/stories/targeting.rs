//! Raises by a scorecard: who scores high grows faster, who scores low not at all, and without a scorecard nothing changes.

use crate::base::money::Ppm;
use crate::credit::targeting::{DECILES, Targeting};
use crate::credit::terms::Terms;
use crate::testing::fixture;
use crate::testing::story::check_with;

/// The fixture's limits and review; a point for each thousandth of the limit that is used, deciles of a hundred points, raises by
/// decile `raise`.
fn scored(raise: impl Fn(usize) -> i32) -> impl Fn(&mut Terms) {
    move |terms| {
        terms.origination.tier_new_limit_fen = fixture::terms().origination.tier_new_limit_fen;
        terms.limits = fixture::terms().limits;
        let mut card = Targeting::OFF;
        card.weights_milli[0] = 1_000;
        card.cuts_milli = std::array::from_fn(|i| 100_000 * (i as i32 + 1));
        card.raise = std::array::from_fn(|decile| Ppm(raise(decile)));
        terms.limits.targeting = card;
    }
}

#[test]
fn the_decile_of_the_review_scales_the_raise() {
    // 300 of 1,000 yuan used is the fourth decile, 700 the eighth: twice the quarter there, nothing below the fifth.
    let by_use = |decile: usize| if decile >= 5 { 2_000_000 } else { 0 };
    assert!(by_use(3) == 0 && by_use(7) > 0 && DECILES == 10);
    check_with(
        scored(by_use),
        "2027-01-04 apply -> 1000.00
                    @1 apply -> 1000.00
         2027-03-31 buy 700.00
                    @1 buy 300.00
         2027-04-02 is limit=1500.00
                    @1 is limit=1000.00
                    flows limit_raises=1",
    );
}

#[test]
fn a_scorecard_with_no_effect_changes_nothing() {
    check_with(
        scored(|_| 1_000_000),
        "2027-01-04 apply -> 1000.00
                    @1 apply -> 1000.00
         2027-03-31 buy 700.00
                    @1 buy 300.00
         2027-04-02 is limit=1250.00
                    @1 is limit=1250.00
                    flows limit_raises=2",
    );
}
