//! Guards of the engine that are switched off, one at a time: the book must notice each within a few streams, and what it then sees
//! must be of the kind that was broken.

use super::plan::Plan;
use super::stream::{play, replay, shrink};
use crate::credit::Guard;

/// Plays streams until engine and book part ways: the fewest steps that show it, and how they do.
#[track_caller]
fn finds(guard: Guard, seen: &[&str]) {
    for seed in 0..4_000 {
        let plan = Plan::new(seed, 5);
        if let Err(found) = play(plan.clone(), Some(guard)) {
            let least = shrink(&plan, Some(guard), *found);
            let text = least.difference.to_string();
            assert!(seen.iter().any(|word| text.contains(word)), "{guard:?} is seen otherwise: {text}");
            // With the guard on the same steps leave nothing to see.
            let last_day = least.steps.last().map_or(0, |step| step.day) + 70;
            replay(&plan, None, &least.steps, last_day).unwrap_or_else(|difference| panic!("{difference}"));
            return;
        }
    }
    panic!("{guard:?} was not noticed");
}

#[test]
fn a_refund_to_the_wrong_funder_is_found() {
    finds(Guard::RefundFunder, &["of platform", "of partner", "RefundPartner", "RefundPlatform"]);
}

#[test]
fn months_in_place_of_days_are_found() {
    finds(Guard::DaysOfFirstPeriod, &["interest", "fees", "ChargeInterest", "rate"]);
}

#[test]
fn a_fen_lost_in_a_split_is_found() {
    finds(Guard::SplitToTheFen, &["billed", "installed", "of platform", "of partner"]);
}

#[test]
fn a_due_date_that_is_worked_out_anew_is_found() {
    finds(Guard::StoredDueDate, &["days past due", "revolving", "past due", "status", "contact"]);
}

#[test]
fn a_coupon_that_is_not_given_on_every_part_is_found() {
    finds(Guard::CouponOnEveryPart, &["interest", "fees", "Waive"]);
}

#[test]
fn charges_that_are_pooled_are_found() {
    finds(Guard::ChargesByBill, &["interest", "fees", "penalty", "days past due", "past due", "Pay"]);
}
