//! The book itself: accounts, groups, funders, and which rule answers which command.

use super::account::{Account, Loan};
use super::calendar::DayNumber;
use super::lending::Books;
use super::rules::{Rules, Told};
use super::schedule::Borrower;
use crate::credit::chart::Posting;
use crate::credit::command::{Command, Decline, Refusal, Status};

/// What the book says must be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// Done, with this amount.
    Amount(i64),
    /// Done, with a reference that the engine chooses.
    Reference,
    /// Done, and the number means nothing.
    Done,
    /// The application is refused.
    Refused(Refusal),
    /// Declined for one of these reasons: more than one where several hold and no paragraph says which comes first.
    Declined(Vec<Decline>),
}

/// An amount, or why not.
pub(super) type Outcome = Result<Answer, Vec<Decline>>;

/// Declines for a reason.
pub(super) fn no<T>(reason: Decline) -> Result<T, Vec<Decline>> {
    Err(vec![reason])
}

/// Declines for all of the reasons that hold, if one does.
pub(super) fn none_of(reasons: &[(bool, Decline)]) -> Result<(), Vec<Decline>> {
    let hold: Vec<Decline> = reasons.iter().filter(|(holds, _)| *holds).map(|(_, reason)| *reason).collect();
    if hold.is_empty() { Ok(()) } else { Err(hold) }
}

/// Due date and end of grace of a group's last statement.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Group {
    pub due: DayNumber,
    pub grace_until: DayNumber,
}

/// A cell of accounts and its books.
#[derive(Clone, Debug)]
pub(super) struct Book {
    pub accounts: Vec<Account>,
    pub groups: Vec<Group>,
    pub books: Books,
    pub rules: Rules,
    pub told: Told,
    last_loan: u32,
}

impl Book {
    /// Nobody has an account yet; user `i` of `n` is in group `i × groups / n`, rounded as docs/rules.md §2.1 says.
    pub(super) fn new(rules: Rules, told: Told, users: i64) -> Book {
        let groups = rules.bill_days.len() as i64;
        let group = |user| (0..groups).rev().find(|g| users * g / groups <= user).unwrap_or(0) as usize;
        Book {
            accounts: (0..users).map(|user| Account::none(user, group(user))).collect(),
            groups: vec![Group::default(); groups as usize],
            books: Books::new(),
            rules,
            told,
            last_loan: 0,
        }
    }

    pub(super) fn today(&self) -> DayNumber {
        self.told.day
    }

    /// Days past due of a user's account today.
    pub(super) fn days_past_due(&self, user: usize) -> i64 {
        self.accounts[user].days_past_due(self.told.day, self.rules.tolerance)
    }

    /// Whose loan would be made now.
    pub(super) fn borrower(&self, user: usize) -> Borrower {
        let account = &self.accounts[user];
        Borrower {
            day: self.told.day,
            group: account.group,
            tier: account.tier,
            rate_bp: account.rate_bp,
            coupon_percent: self.told.coupon_percent,
        }
    }

    /// A loan joins an account.
    pub(super) fn add_loan(&mut self, user: usize, mut loan: Loan, by_funder: [i64; 4]) -> u32 {
        self.last_loan += 1;
        loan.id = self.last_loan;
        loan.by_funder = by_funder;
        self.accounts[user].loans.push(loan);
        self.last_loan
    }

    /// Answers a command of a user. `named` is how the engine calls what is made.
    pub(super) fn apply(&mut self, user: usize, command: Command, named: u32) -> Answer {
        let outcome = match command {
            Command::Apply(application) => self.open_account(user, application.monthly_income_yuan.into()),
            Command::Authorise { .. } => self.authorise(user, command, named),
            Command::Capture { purchase, amount_fen } => self.capture(user, purchase.0, amount_fen.into()),
            Command::Void { purchase } => self.void(user, purchase.0),
            Command::Refund { purchase, amount_fen } => self.refund(user, purchase.0, amount_fen.into()),
            Command::Tip { amount_fen, .. } => self.tip(user, amount_fen.into()),
            Command::RefundTip { amount_fen, .. } => self.take_back_tip(user, amount_fen.into()),
            Command::BuyCard { .. } => self.buy_card(user, command, named),
            Command::RedeemCard { card, merchant, amount_fen } => {
                self.redeem(user, card.0, i64::from(merchant.0), amount_fen.into())
            }
            Command::RefundCard { card } => self.give_back_card(user, card.0),
            Command::Repay { amount_fen, .. } => self.repay(user, amount_fen.into()),
            Command::ConvertBill { instalments } => self.convert(user, i64::from(instalments)),
            Command::SettleEarly { loan, amount_fen } => self.settle(user, usize::from(loan), amount_fen.into()),
            Command::RequestHardship => self.hardship_plan(user),
            Command::Complain { .. } => {
                self.books.post(Posting::ServicePaid, self.rules.complaint_cost);
                Ok(Answer::Done)
            }
            Command::Close => self.close_account(user),
        };
        outcome.unwrap_or_else(Answer::Declined)
    }

    /// §10, of which only the open account and the funds can say no to the applicant of the streams.
    fn open_account(&mut self, user: usize, income: i64) -> Outcome {
        self.books.post(Posting::OriginationPaid, self.rules.application_cost);
        let rules = &self.rules;
        if !matches!(self.accounts[user].status, Status::None | Status::Closed) {
            return Ok(Answer::Refused(Refusal::HasAccount));
        }
        if self.books.search(rules, &self.told, user as i64, rules.new_limit).is_none() {
            return Ok(Answer::Refused(Refusal::NoFunds));
        }
        let old = &self.accounts[user];
        let mut account = Account::none(user as i64, old.group);
        account.purchases.clone_from(&old.purchases);
        account.status = Status::Open;
        account.tier = rules.tier;
        account.rate_bp = rules.rate_bp[rules.tier];
        account.limit = rules.new_limit;
        account.opened = self.told.day;
        account.opened_round = rules.lower_round;
        account.income = income;
        account.cards_closed = rules.tier >= rules.cards_closed_from_tier;
        self.accounts[user] = account;
        Ok(Answer::Amount(rules.new_limit))
    }

    /// §18.4.
    fn close_account(&mut self, user: usize) -> Outcome {
        let account = &mut self.accounts[user];
        if !account.is_live() {
            return no(Decline::NoAccount);
        }
        let (interest, penalty) = account.clone().post_interest();
        let cards: i64 = account.cards.iter().map(|card| card.left).sum();
        if account.principal() + account.charges() + account.held() + cards + interest + penalty > 0 {
            return no(Decline::StillOwing);
        }
        account.status = Status::Closed;
        (account.interest, account.penalty) = (0, 0);
        account.loans.clear();
        account.tips.clear();
        Ok(Answer::Done)
    }
}
