//! The auditor's own account of one user: what it must look like by the rules. Kept by `effects` and `closing`, compared by `compare`;
//! the engine's rows are never read.

use crate::audit::Rules;
use crate::audit::arithmetic::half_even;
use crate::audit::bill::Bill;
use crate::audit::loan::Loan;
use crate::base::ids::{FUNDERS, Funder, Reference};
use crate::base::time::Day;
use crate::credit::command::{Command, Reply, Status};

/// Interest numerators in a fen: basis points of a year of 365 days.
pub(super) const INTEREST_UNIT: i64 = 10_000 * 365;

/// Late-interest numerators in a fen.
pub(super) const PENALTY_UNIT: i64 = 1_000_000;

/// Replies that are kept for retries.
pub(super) const KEPT: u32 = 8;

/// A hold or a captured purchase.
#[derive(Clone, Copy, Debug)]
pub(super) struct Purchase {
    pub reference: Reference,
    /// Held, or what can still be refunded.
    pub amount: i64,
    pub captured: bool,
    /// Of the hold, then of the capture.
    pub day: Day,
    /// Last day of the hold.
    pub until: Day,
    pub scene: usize,
    pub instalments: u8,
    pub funder: Funder,
    pub suspicious: bool,
    /// Reserved parts of platform and partner.
    pub parts: (i64, i64),
    /// Commission that was not given back.
    pub commission: i64,
    /// The loan that it hangs on.
    pub loan: u32,
    /// Its days of refund were over once, so it may be forgotten.
    pub lapsed: bool,
}

/// A shopping card.
#[derive(Clone, Copy, Debug)]
pub(super) struct Card {
    pub reference: Reference,
    pub left: i64,
    pub day: Day,
    /// The loan that it hangs on.
    pub loan: u32,
}

/// An account by the auditor's own reckoning. Amounts in fen.
#[derive(Clone, Debug, Default)]
pub(super) struct Account {
    pub status: OwnStatus,
    pub limit: i64,
    pub raise: i64,
    pub raise_until: Day,
    pub held: i64,
    /// Oldest first.
    pub loans: Vec<Loan>,
    /// Loans it ever had: the number of the next one.
    pub loans_made: u32,
    /// Oldest first.
    pub bills: Vec<Bill>,
    /// fen × basis points × days, of loans that have ended and left by roundings.
    pub interest_rest: i64,
    /// fen × parts per million × days.
    pub penalty_accrued: i64,
    pub purchases: Vec<Purchase>,
    pub cards: Vec<Card>,
    pub converted: bool,
    /// Rate of new loans.
    pub annual_bp: i64,
    pub tier: u8,
    /// `None` on the day of opening, when it is not published yet.
    pub cards_closed: Option<bool>,
    pub sequence: u32,
    pub answered: [Option<(u32, Command, Reply)>; KEPT as usize],
    pub drawings_today: u32,
    pub drawn_today: i64,
    /// Tips of the cycle that were not taken back.
    pub tipped_in_cycle: i64,
    pub bought_in_cycle: u32,
    pub late_in_cycle: bool,
    /// Rounds of lowering limits: the one in which it was opened, the one that lowered it last.
    pub opened_round: u8,
    pub lowered_round: u8,
    pub claim: i64,
    pub written_off_on: Day,
    pub reaged: bool,
    pub probation_until: Day,
    pub misuse: bool,
    /// A suspicious drawing went through today: monitoring may have frozen the account.
    pub monitored: bool,
    pub opened: Day,
    pub income_yuan: i64,
    /// The automatic checks that can be repeated were passed.
    pub screened: bool,
    pub repaid_today: bool,
    pub touched: bool,
    /// Disagreed once: not followed any more.
    pub lost: bool,
}

/// [`Status`] with "never opened" as its default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct OwnStatus(pub Status);

impl Default for OwnStatus {
    fn default() -> Self {
        OwnStatus(Status::None)
    }
}

impl PartialEq<Status> for OwnStatus {
    fn eq(&self, other: &Status) -> bool {
        self.0 == *other
    }
}

impl Account {
    pub(super) fn is_live(&self) -> bool {
        matches!(self.status.0, Status::Open | Status::Frozen)
    }

    /// Principal of drawings since the last statement.
    pub(super) fn unbilled(&self) -> i64 {
        self.loans.iter().filter(|loan| !loan.in_parts()).map(|loan| loan.coming).sum()
    }

    /// Principal of parts to come.
    pub(super) fn installed(&self) -> i64 {
        self.loans.iter().filter(|loan| loan.in_parts()).map(|loan| loan.coming).sum()
    }

    /// Principal on statements.
    pub(super) fn billed(&self) -> i64 {
        self.loans.iter().map(|loan| loan.billed).sum()
    }

    /// … that does not come from parts: what can be turned into instalments.
    pub(super) fn convertible(&self) -> i64 {
        self.loans.iter().filter(|loan| !loan.in_parts()).map(|loan| loan.billed).sum()
    }

    /// … that bears interest.
    pub(super) fn revolving(&self) -> i64 {
        self.loans.iter().map(|loan| loan.bearing).sum()
    }

    pub(super) fn principal(&self) -> i64 {
        self.loans.iter().map(Loan::principal).sum()
    }

    pub(super) fn by_funder(&self) -> [i64; FUNDERS] {
        let mut sums = [0; FUNDERS];
        for loan in &self.loans {
            sums.iter_mut().zip(loan.by_funder).for_each(|(sum, part)| *sum += part);
        }
        sums
    }

    /// What the statements ask for in full.
    pub(super) fn on_statement(&self) -> i64 {
        self.billed() + self.charges()
    }

    /// Free part of the limit; a temporary raise counts until the day on which it ends.
    pub(super) fn available(&self, day: Day) -> i64 {
        let raise = if day < self.raise_until { self.raise } else { 0 };
        self.limit + raise - self.held - self.principal()
    }

    /// Numerator of all contract interest that was not posted.
    pub(super) fn interest_accrued(&self) -> i64 {
        self.interest_rest + self.loans.iter().map(|loan| loan.accrued).sum::<i64>()
    }

    /// Interest and late interest that would be posted now.
    pub(super) fn accrued(&self) -> i64 {
        half_even(self.interest_accrued(), INTEREST_UNIT) + half_even(self.penalty_accrued, PENALTY_UNIT)
    }

    /// Places of its loans in the order in which a payment of billed principal reaches them.
    pub(super) fn order_of_payment(&self) -> Vec<usize> {
        let places =
            |in_parts: bool| (0..self.loans.len()).filter(move |place| self.loans[*place].in_parts() == in_parts);
        places(true).chain(places(false)).collect()
    }

    /// A new day begins: interest of the day on what stood at midnight. Late interest replaces contract interest on what is overdue.
    pub(super) fn open_day(&mut self, rules: &Rules, day: Day) {
        if self.touched {
            self.drawings_today = 0;
            self.drawn_today = 0;
            self.monitored = false;
            self.repaid_today = false;
            self.touched = false;
        }
        if self.loans.is_empty() {
            return;
        }
        let mut overdue = self.overdue(rules, day);
        for place in self.order_of_payment() {
            let loan = &mut self.loans[place];
            let late = loan.bearing.min(overdue);
            overdue -= late;
            let base = if loan.day_one { loan.principal() } else { loan.bearing };
            loan.accrued += (base - late) * loan.annual_bp;
            self.penalty_accrued += late * loan.late_ppm;
        }
    }

    /// Puts a loan at the end of the list; the number it has from then on.
    pub(super) fn add_loan(&mut self, loan: Loan) -> u32 {
        let number = self.loans_made;
        self.loans.push(Loan { number, ..loan });
        self.loans_made += 1;
        number
    }

    /// Loans that are over end; what they have accrued stays with the account.
    pub(super) fn end_loans(&mut self) {
        let rest = &mut self.interest_rest;
        self.loans.retain(|loan| {
            if loan.is_over() {
                *rest += loan.accrued;
            }
            !loan.is_over()
        });
    }

    /// Takes loans out; whatever hangs on them hangs on the loan with the next number, which must be added. Their funders.
    pub(super) fn take_over(&mut self, taken: impl Fn(&Loan) -> bool) -> [i64; FUNDERS] {
        let mut by_funder = [0; FUNDERS];
        let (next, rest) = (self.loans_made, &mut self.interest_rest);
        let (purchases, cards) = (&mut self.purchases, &mut self.cards);
        self.loans.retain(|loan| {
            if taken(loan) {
                by_funder.iter_mut().zip(loan.by_funder).for_each(|(sum, part)| *sum += part);
                *rest += loan.accrued;
                purchases.iter_mut().filter(|p| p.captured && p.loan == loan.number).for_each(|p| p.loan = next);
                cards.iter_mut().filter(|card| card.loan == loan.number).for_each(|card| card.loan = next);
            }
            !taken(loan)
        });
        by_funder
    }

    /// A fresh account for an accepted or reviewed application; numbering of requests and loans goes on.
    pub(super) fn reset(&mut self) {
        let (sequence, answered, loans_made) = (self.sequence, self.answered, self.loans_made);
        let (purchases, lost) = (std::mem::take(&mut self.purchases), self.lost);
        *self = Account { sequence, answered, loans_made, purchases, lost, touched: true, ..Account::default() };
    }
}
