//! What must hold whatever users do: random requests on random days.

use crate::base::ids::{HostId, MerchantId, Reference, Slot};
use crate::base::money::{Fen32, Ppm};
use crate::credit::command::{Command, Reply, Scene, Source};
use crate::credit::rows::AccountRow;
use crate::testing::story::{Story, applicant, plain};
use proptest::prelude::*;

/// What a user may do.
#[derive(Clone, Copy, Debug)]
enum Act {
    Buy { fen: i32, captured_percent: i32, term: u8 },
    Tip(i32),
    Card(i32),
    Repay(i32),
    RefundLast { percent: i32 },
    Convert(u8),
    Settle,
    Hardship,
    Wait(u8),
}

fn act() -> impl Strategy<Value = Act> {
    let term = prop_oneof![Just(0), Just(0), Just(3_u8), Just(6), Just(12)];
    prop_oneof![
        4 => (1..400_000, 1..=100, term).prop_map(|(fen, captured_percent, term)| Act::Buy { fen, captured_percent, term }),
        1 => (1..20_000).prop_map(Act::Tip),
        1 => (1..500_000).prop_map(Act::Card),
        3 => (1..600_000).prop_map(Act::Repay),
        1 => (1..=100).prop_map(|percent| Act::RefundLast { percent }),
        1 => prop_oneof![Just(3_u8), Just(12)].prop_map(Act::Convert),
        1 => Just(Act::Settle),
        1 => Just(Act::Hardship),
        5 => (1..40_u8).prop_map(Act::Wait),
    ]
}

const USER: u32 = 2;

/// A story in which user 2 has an account, under terms that let most requests pass.
fn begun() -> Story {
    let mut terms = plain();
    terms.origination.tier_new_limit_fen = [2_000_000; 5];
    terms.authorisation.velocity_amount_fen = 5_000_000;
    let mut story = Story::new(terms);
    assert!(matches!(story.ask(USER, Command::Apply(applicant())), Reply::Done(_)));
    story
}

fn do_it(story: &mut Story, act: Act, last: &mut Option<(Reference, i32)>) {
    let command = match act {
        Act::Wait(_) => return,
        Act::Buy { fen, captured_percent, term } => {
            let merchant = MerchantId(0);
            let scene = Scene::LocalServices;
            let hold =
                Command::Authorise { merchant, scene, amount_fen: Fen32(fen), instalments: term, suspicious: false };
            let Reply::Done(purchase) = story.ask(USER, hold) else { return };
            let (purchase, amount) = (Reference(purchase), (fen / 100 * captured_percent).max(1));
            *last = Some((purchase, amount));
            Command::Capture { purchase, amount_fen: Fen32(amount) }
        }
        Act::Tip(fen) => Command::Tip { host: HostId(0), amount_fen: Fen32(fen) },
        Act::Card(fen) => Command::BuyCard { amount_fen: Fen32(fen), named: true, suspicious: false },
        Act::Repay(fen) => Command::Repay { amount_fen: Fen32(fen), source: Source::Voluntary },
        Act::RefundLast { percent } => match *last {
            Some((purchase, captured)) => {
                Command::Refund { purchase, amount_fen: Fen32((captured / 100 * percent).max(1)) }
            }
            None => return,
        },
        Act::Convert(instalments) => Command::ConvertBill { instalments },
        Act::Settle => Command::SettleEarly { loan: 0, amount_fen: Fen32(0) },
        Act::Hardship => Command::RequestHardship,
    };
    story.ask(USER, command);
}

/// What must hold of an account at any moment.
fn sound(row: &AccountRow) -> Result<(), TestCaseError> {
    let lent: i32 = row.by_funder.iter().sum();
    prop_assert!(row.by_funder.iter().all(|part| *part >= 0), "negative principal: {:?}", row.by_funder);
    prop_assert_eq!(lent, row.principal());
    prop_assert!(i64::from(row.by_funder[0]) * 10 >= i64::from(lent) * 3, "platform's share: {:?}", row.by_funder);
    for part in [row.unbilled, row.billed, row.revolving, row.installed, row.interest, row.fees, row.penalty, row.held]
    {
        prop_assert!(part >= 0, "{row:?}");
    }
    prop_assert!(row.demanded <= row.owed_on_statement(), "{row:?}");
    Ok(())
}

/// All of an account but how its principal lies with the funders, which is rounded anew with each payment.
fn without_funders(row: &AccountRow) -> AccountRow {
    AccountRow { by_funder: [0; 4], sequence: 0, ..*row }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn whatever_happens_the_account_stays_sound(acts in prop::collection::vec(act(), 1..60)) {
        let mut story = begun();
        let mut last = None;
        let mut waited = 0;
        for act in acts {
            do_it(&mut story, act, &mut last);
            sound(story.engine.account(Slot(USER)))?;
            let Act::Wait(days) = act else { continue };
            waited += i32::from(days);
            if waited > 1_000 {
                break;
            }
            for _ in 0..days {
                let before = story.engine.account(Slot(USER)).days_past_due(story.day());
                story.next_day();
                let row = story.engine.account(Slot(USER));
                let now = row.days_past_due(story.day());
                prop_assert!(now <= before + 1, "{} to {} days past due overnight", before, now);
                sound(row)?;
            }
        }
        story.engine.check_books();
    }

    /// Interest, demands, the order of allocation: it does not matter in how many parts a day's payment comes.
    #[test]
    fn parts_of_a_payment_come_to_the_same(
        acts in prop::collection::vec(act(), 1..25),
        days in 0..130_u8,
        parts in prop::collection::vec(1..200_000, 2..6),
    ) {
        let mut once = begun();
        let mut last = None;
        for act in acts {
            do_it(&mut once, act, &mut last);
        }
        for _ in 0..days {
            once.next_day();
        }
        let mut split = once.clone();
        let pay = |story: &mut Story, fen| {
            match story.ask(USER, Command::Repay { amount_fen: Fen32(fen), source: Source::Voluntary }) {
                Reply::Done(paid) => paid,
                _ => 0,
            }
        };
        let at_once = pay(&mut once, parts.iter().sum());
        let in_parts: u32 = parts.iter().map(|part| pay(&mut split, *part)).sum();
        prop_assert_eq!(at_once, in_parts);
        for _ in 0..40 {
            let (a, b) = (once.engine.account(Slot(USER)), split.engine.account(Slot(USER)));
            prop_assert_eq!(without_funders(a), without_funders(b));
            once.next_day();
            split.next_day();
        }
    }

    /// The same purchases, captured whole or in several holds, owe the same statement.
    #[test]
    fn a_statement_asks_for_what_was_bought(amounts in prop::collection::vec(1..100_000, 1..15)) {
        let mut story = begun();
        for fen in &amounts {
            do_it(&mut story, Act::Buy { fen: *fen, captured_percent: 100, term: 0 }, &mut None);
        }
        let bought: i32 = amounts.iter().map(|fen| (fen / 100 * 100).max(1)).sum();
        while story.engine.account(Slot(USER)).statement == 0 {
            story.next_day();
        }
        let row = story.engine.account(Slot(USER));
        prop_assert_eq!(row.statement, bought);
        prop_assert!(row.demanded * 10 >= bought && (row.demanded - 1) * 10 < bought.max(10_000));
    }
}

/// A share of exactly 30 % survives rounding at every small amount, where a fen weighs most.
#[test]
fn the_least_share_survives_every_small_amount() {
    let mut terms = plain();
    terms.funding.partners[0].share = Ppm(700_000);
    for fen in 1..400 {
        let mut story = Story::new(terms.clone());
        story.ask(0, Command::Apply(applicant()));
        story.ask(0, Command::BuyCard { amount_fen: Fen32(fen), named: true, suspicious: false });
        for paid in [fen / 3, fen / 4, 1] {
            let row = story.engine.account(Slot(0));
            assert!(row.by_funder[0] * 10 >= row.principal() * 3, "{fen}: {:?}", row.by_funder);
            story.ask(0, Command::Repay { amount_fen: Fen32(paid), source: Source::Voluntary });
        }
    }
}
