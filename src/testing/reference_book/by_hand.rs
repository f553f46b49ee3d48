//! The book alone against values that were worked out by hand, so that engine and book are not wrong together. Terms of the stories:
//! 21.90 % a year (0.06 % a day), late interest 0.05 %, bill day 1, due 6, grace to 9, partner 1 lends 70 %, partner 2 65 %.

use super::book::{Answer, Book};
use super::rules::Told;
use super::words::rules_of;
use crate::base::ids::{HostId, MerchantId, Reference};
use crate::base::money::Fen32;
use crate::base::time::Day;
use crate::credit::chart::Posting;
use crate::credit::command::{Command, Scene, Source};
use crate::credit::terms::Terms;
use crate::testing::story;

/// One user who has an account, and how many references there are.
struct Hand {
    book: Book,
    references: u32,
}

impl Hand {
    fn new(adjust: impl FnOnce(&mut Terms)) -> Hand {
        let mut terms = story::plain();
        terms.billing.bill_days = vec![1];
        adjust(&mut terms);
        let told = Told {
            day: Day::from_ymd(2027, 1, 4).expect("a date").0.into(),
            lends: [true; 3],
            room: [1_000_000_000; 4],
            merchants: 100,
            coupon_percent: 0,
        };
        let mut book = Book::new(rules_of(&terms, 0), told, 1);
        book.open_day(rules_of(&terms, 0), told);
        book.apply(0, Command::Apply(story::applicant()), 0);
        Hand { book, references: 0 }
    }

    /// Closes days until the date is open.
    fn go(&mut self, month: i8, day: i8) {
        let date = i64::from(Day::from_ymd(2027, month, day).expect("a date").0);
        while self.book.today() < date {
            self.book.close_day();
            let told = Told { day: self.book.today() + 1, ..self.book.told };
            self.book.open_day(self.book.rules.clone(), told);
        }
    }

    fn asks(&mut self, command: Command, answer: Answer) {
        assert_eq!(self.book.apply(0, command, self.references), answer, "{command:?}");
    }

    fn buys(&mut self, fen: i32, instalments: u8) -> Reference {
        self.references += 1;
        let (merchant, scene, amount_fen) = (MerchantId(0), Scene::LiveShopping, Fen32(fen));
        self.asks(
            Command::Authorise { merchant, scene, amount_fen, instalments, suspicious: false },
            Answer::Reference,
        );
        let purchase = Reference(self.references);
        self.asks(Command::Capture { purchase, amount_fen }, Answer::Amount(fen.into()));
        purchase
    }

    fn refunds(&mut self, purchase: Reference, fen: i32) {
        self.asks(Command::Refund { purchase, amount_fen: Fen32(fen) }, Answer::Amount(fen.into()));
    }

    fn pays(&mut self, fen: i32) {
        self.asks(Command::Repay { amount_fen: Fen32(fen), source: Source::Voluntary }, Answer::Amount(fen.into()));
    }

    fn posted(&self, kind: Posting) -> i64 {
        self.book.books.posted[kind as usize]
    }

    /// Unbilled, billed, installed, charges.
    fn owes(&self) -> (i64, i64, i64, i64) {
        let account = &self.book.accounts[0];
        (account.unbilled(), account.billed(), account.installed(), account.charges())
    }
}

#[test]
fn a_first_period_counts_its_days() {
    // 1,200 on 31 January, due on 6 February: six days of 0.72 are 4.32. Of the payment of 414.68 that leaves 410.36; then 1.825 % of
    // 789.64 is 14.41.
    let mut hand = Hand::new(|_| ());
    hand.go(1, 31);
    hand.buys(120_000, 3);
    hand.go(2, 2);
    assert_eq!(hand.owes(), (0, 41_036, 78_964, 432));
    hand.pays(41_468);
    hand.go(3, 2);
    assert_eq!(hand.owes(), (0, 40_027, 38_937, 1_441));
}

#[test]
fn a_refund_takes_back_its_own_purchase_from_its_own_funders() {
    let mut hand = Hand::new(|_| ());
    let first = hand.buys(100_000, 0);
    hand.buys(100_000, 0);
    hand.refunds(first, 100_000);
    let account = &hand.book.accounts[0];
    assert_eq!([0, 1, 2].map(|funder| account.by_funder(funder)), [35_000, 0, 65_000]);
    // Billed on 1 February, given back on the 4th beside a new purchase: what is new stays, and nothing bears interest in March.
    let mut hand = Hand::new(|_| ());
    hand.go(1, 20);
    let billed = hand.buys(100_000, 0);
    hand.go(2, 3);
    hand.buys(50_000, 0);
    hand.go(2, 4);
    hand.refunds(billed, 100_000);
    assert_eq!(hand.owes(), (50_000, 0, 0, 0));
    hand.go(3, 2);
    assert_eq!(hand.owes(), (0, 50_000, 0, 0));
    assert_eq!(hand.posted(Posting::RefundToBank), 0);
}

#[test]
fn commission_and_tips_come_back_to_the_fen() {
    // 2 % of 100.00 is 2.00, whatever the parts; of the parts 0.75 and 0.25 the last takes what is left.
    let mut hand = Hand::new(|_| ());
    let purchase = hand.buys(10_000, 0);
    (0..133).for_each(|_| hand.refunds(purchase, 75));
    hand.refunds(purchase, 25);
    assert_eq!((hand.posted(Posting::Commission), hand.posted(Posting::CommissionBack)), (200, 200));
    // A tip of 1.00, half of it the host's, taken back in a hundred parts.
    let host = HostId(1);
    hand.asks(Command::Tip { host, amount_fen: Fen32(100) }, Answer::Amount(100));
    (0..100).for_each(|_| hand.asks(Command::RefundTip { host, amount_fen: Fen32(1) }, Answer::Amount(1)));
    assert_eq!((hand.posted(Posting::TipShare), hand.posted(Posting::TipShareBack)), (50, 50));
    assert_eq!(hand.owes(), (0, 0, 0, 0));
}

#[test]
fn a_converted_purchase_is_refunded_against_its_loan() {
    let mut hand = Hand::new(|_| ());
    hand.go(1, 20);
    let purchase = hand.buys(120_000, 0);
    hand.go(2, 3);
    hand.asks(Command::ConvertBill { instalments: 3 }, Answer::Amount(120_000));
    assert_eq!(hand.owes(), (0, 0, 120_000, 0));
    hand.refunds(purchase, 120_000);
    assert_eq!((hand.owes(), hand.posted(Posting::RefundToBank)), ((0, 0, 0, 0), 0));
}

#[test]
fn a_residue_within_the_tolerance_is_carried() {
    // All but 0.59 of a bill of 100.00 is paid: nobody is late, and the bill of March asks for it. From the end of grace it bears
    // 20 days × 0.06 %, 0.708 fen.
    let mut hand = Hand::new(|terms| terms.billing.tolerance_fen = 100);
    hand.go(1, 20);
    hand.buys(10_000, 0);
    hand.go(2, 3);
    hand.pays(9_941);
    hand.go(2, 28);
    assert_eq!(hand.book.days_past_due(0), 0);
    hand.go(3, 2);
    let account = &hand.book.accounts[0];
    assert_eq!((hand.owes(), account.bills.len(), account.bills[0].principal), ((0, 59, 0, 1), 1, 59));
}

#[test]
fn every_unpaid_due_date_is_kept() {
    // 1,000 of 20 January unpaid until the tenth bill; all bills but the newest are paid.
    let mut hand = Hand::new(|terms| terms.collections.writeoff_dpd = 400);
    hand.go(1, 20);
    hand.buys(100_000, 0);
    hand.go(11, 2);
    let bills = hand.book.accounts[0].bills.clone();
    assert_eq!((bills.len(), hand.book.days_past_due(0)), (10, 269));
    hand.pays(bills[..9].iter().map(|bill| bill.unpaid()).sum::<i64>() as i32);
    assert_eq!(hand.book.days_past_due(0), 0);
}

#[test]
fn settling_costs_the_days_that_the_cap_leaves() {
    // 1,200 in three on 4 January at 12 %, cap 24 %. Part 1 is due on 6 February after 33 days: 13.01 of the payment of 408.02, so that
    // 804.99 are to come. On the 20th, fourteen days later, a period costs 8.04; what the cap leaves is 804.99 × (1.02^0.46027 − 1),
    // which is 7.37; running on would cost 8.04 + 4.04.
    let mut hand = Hand::new(|terms| terms.pricing.tier_annual = [crate::base::money::BasisPoints(1_200); 5]);
    hand.buys(120_000, 3);
    hand.go(2, 5);
    hand.pays(40_802);
    hand.go(2, 20);
    assert_eq!(hand.owes(), (0, 0, 80_499, 0));
    hand.asks(Command::SettleEarly { loan: 0, amount_fen: Fen32(0) }, Answer::Amount(80_499 + 737));
}
