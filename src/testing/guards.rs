//! Each of the engine's guards is switched off once: the auditor must name the invariant that then breaks, and with the
//! guard on the same requests must leave nothing to find.

use crate::base::ids::{MerchantId, Reference};
use crate::base::money::{BasisPoints, Fen32};
use crate::base::time::Day;
use crate::credit::Guard;
use crate::credit::command::{Application, Command, Decline, Reply, Scene, Source};
use crate::credit::terms::{AllocationBy, FirstPeriod, InstalmentPricing, Terms};
use crate::testing::audited::{AMPLE, Audited};
use crate::testing::fixture;

fn terms() -> Terms {
    let mut terms = fixture::terms();
    terms.origination.review_share.0 = 0;
    terms.authorisation.false_alarm.0 = 0;
    terms
}

pub(super) fn good_application() -> Command {
    Command::Apply(Application {
        age: 27,
        student: false,
        identity_matches: true,
        fraud_signal: false,
        bureau_score: 750,
        behaviour: 200,
        monthly_income_yuan: 9_000,
        other_debt_yuan: 0,
    })
}

fn buy(fen: i32, instalments: u8) -> Command {
    let amount_fen = Fen32(fen);
    let (merchant, scene) = (MerchantId(3), Scene::LiveShopping);
    Command::Authorise { merchant, scene, amount_fen, instalments, suspicious: false }
}

/// Buys and captures; nothing happens when the purchase is declined.
fn buy_at_once(cell: &mut Audited, fen: i32, instalments: u8) {
    if let Reply::Done(purchase) = cell.ask(0, buy(fen, instalments)) {
        cell.ask(0, Command::Capture { purchase: Reference(purchase), amount_fen: Fen32(fen) });
    }
}

/// Runs requests with the guard on, when all must be well, and off, when `invariant` must be named.
#[track_caller]
fn bites(guard: Guard, invariant: &str, terms: &Terms, requests: impl Fn(&mut Audited)) {
    let run = |guard_off| {
        let mut cell = Audited::new(terms.clone(), 1, 6, AMPLE, guard_off);
        assert!(matches!(cell.ask(0, good_application()), Reply::Done(_)));
        requests(&mut cell);
        cell.close();
        cell.findings
    };
    let on = run(None);
    assert!(on.is_clean(), "with the guard on: {on}");
    let off = run(Some(guard));
    assert!(off.counts().contains_key(invariant), "{invariant} was not named with {guard:?} off: {off}");
}

#[test]
fn without_the_limit_guard_the_limit_fires() {
    bites(Guard::Limit, "limit", &terms(), |cell| {
        buy_at_once(cell, 90_000, 0);
        buy_at_once(cell, 20_000, 0);
        cell.ask(0, Command::Tip { host: crate::base::ids::HostId(1), amount_fen: Fen32(30_000) });
    });
}

#[test]
fn without_the_card_guard_the_card_cap_fires() {
    let mut terms = terms();
    terms.origination.tier_new_limit_fen = [900_000; 5];
    bites(Guard::CardCap, "card_cap", &terms, |cell| {
        cell.ask(0, Command::BuyCard { amount_fen: Fen32(500_001), named: true, suspicious: false });
    });
    bites(Guard::CardCap, "card_cap", &terms, |cell| {
        cell.ask(0, Command::BuyCard { amount_fen: Fen32(100_001), named: false, suspicious: false });
    });
}

#[test]
fn without_the_idempotency_guard_a_repeated_request_fires() {
    bites(Guard::Idempotency, "idempotency", &terms(), |cell| {
        let first = cell.ask(0, buy(10_000, 0));
        let again = cell.ask_as(0, cell.sequences[0], buy(10_000, 0));
        assert!(matches!((first, again), (Reply::Done(_), Reply::Done(_))));
    });
}

#[test]
fn without_the_order_of_allocation_the_allocation_fires() {
    bites(Guard::AllocationOrder, "allocation_order", &terms(), |cell| {
        buy_at_once(cell, 80_000, 12);
        buy_at_once(cell, 10_000, 0);
        // The statement carries instalment interest; a small payment must go there first.
        cell.go_to(Day::from_ymd(2027, 2, 3).expect("a date"));
        assert!(cell.engine.account(crate::base::ids::Slot(0)).interest > 0);
        assert_eq!(
            cell.ask(0, Command::Repay { amount_fen: Fen32(2_000), source: Source::Voluntary }),
            Reply::Done(2_000)
        );
    });
}

#[test]
fn without_the_price_guard_the_price_cap_fires() {
    let mut terms = terms();
    // 14.4 % flat on 12 months has an IRR of 25.6 %.
    terms.pricing.instalments = InstalmentPricing::FlatFee([400, 700, 1_000, 1_440].map(BasisPoints));
    bites(Guard::PriceCap, "price_cap", &terms, |cell| buy_at_once(cell, 60_000, 12));
    let mut cell = Audited::new(terms, 1, 2, AMPLE, None);
    cell.ask(0, good_application());
    assert_eq!(cell.ask(0, buy(60_000, 12)), Reply::Declined(Decline::PriceCap), "the guard, when it is on");
}

/// A day of 2027.
fn day(month: i8, day: i8) -> Day {
    Day::from_ymd(2027, month, day).expect("a date")
}

/// The only account bills on the 15th: what a purchase of a reference is given back.
fn refund(cell: &mut Audited, purchase: u32, fen: i32) -> Reply {
    cell.ask(0, Command::Refund { purchase: Reference(purchase), amount_fen: Fen32(fen) })
}

fn pay(cell: &mut Audited, fen: i32) {
    cell.ask(0, Command::Repay { amount_fen: Fen32(fen), source: Source::Voluntary });
}

#[test]
fn a_refund_from_the_wrong_funder_fires() {
    bites(Guard::RefundFunder, "funders", &terms(), |cell| {
        // The partners take turns: the first purchase is the first partner's, the second another's.
        let first = cell.ask(0, buy(30_000, 0));
        let Reply::Done(first) = first else { panic!("{first:?}") };
        cell.ask(0, Command::Capture { purchase: Reference(first), amount_fen: Fen32(30_000) });
        buy_at_once(cell, 30_000, 0);
        assert_eq!(refund(cell, first, 30_000), Reply::Done(30_000));
    });
}

#[test]
fn a_month_for_the_days_of_the_first_period_fires() {
    let mut terms = terms();
    terms.pricing.first_period = FirstPeriod::Days;
    bites(Guard::DaysOfFirstPeriod, "interest", &terms, |cell| {
        cell.go_to(day(2, 13));
        // Due on 20 February: seven days, not a twelfth of a year.
        buy_at_once(cell, 60_000, 12);
        cell.go_to(day(2, 16));
    });
}

#[test]
fn a_fen_lost_in_a_split_fires() {
    bites(Guard::SplitToTheFen, "principal", &terms(), |cell| {
        buy_at_once(cell, 60_000, 12);
        cell.go_to(day(1, 16));
    });
}

#[test]
fn a_due_date_worked_out_anew_fires() {
    bites(Guard::StoredDueDate, "account_status", &terms(), |cell| {
        buy_at_once(cell, 60_000, 0);
        // Billed on the 15th, due on the 20th, four days late and frozen at the close of the 23rd.
        cell.go_to(day(1, 17));
        let mut terms = cell.days.terms().clone();
        terms.billing.due_after_days = 10;
        cell.days.set_terms(terms);
        cell.go_to(day(1, 25));
    });
}

#[test]
fn a_coupon_that_is_not_given_on_every_part_fires() {
    bites(Guard::CouponOnEveryPart, "interest", &terms(), |cell| {
        cell.days.controls.coupon_percent = 50;
        let Reply::Done(purchase) = cell.ask(0, buy(60_000, 3)) else { panic!("a purchase within the limit") };
        cell.ask(0, Command::Capture { purchase: Reference(purchase), amount_fen: Fen32(60_000) });
        assert_eq!(refund(cell, purchase, 20_000), Reply::Done(20_000));
        // All three parts are on statements by then.
        cell.go_to(day(3, 16));
    });
}

#[test]
fn charges_that_are_not_kept_by_bill_fire() {
    let mut terms = terms();
    terms.billing.allocation_by = AllocationBy::Bill;
    bites(Guard::ChargesByBill, "allocation_order", &terms, |cell| {
        buy_at_once(cell, 60_000, 12);
        cell.go_to(day(2, 16));
        // Two bills with interest and principal each: the older one is paid wholly before the younger one's interest.
        let older = cell.engine.account(crate::base::ids::Slot(0)).demanded / 2;
        pay(cell, older - 1_000);
    });
}
