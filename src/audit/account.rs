//! The auditor's own account of one user: what it must look like by the rules. Kept by `effects` and `closing`, compared by `compare`;
//! the engine's rows are never read.

use crate::audit::Rules;
use crate::audit::arithmetic::{ceil, half_even};
use crate::base::ids::{FUNDERS, Funder, Reference};
use crate::base::time::Day;
use crate::credit::command::{Command, Reply, Status};
use std::collections::VecDeque;

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
    pub amount: i64,
    pub captured: bool,
    pub day: Day,
    pub scene: usize,
    pub instalments: u8,
    pub funder: Funder,
    pub suspicious: bool,
    /// Reserved parts of platform and partner.
    pub parts: (i64, i64),
}

/// A shopping card.
#[derive(Clone, Copy, Debug)]
pub(super) struct Card {
    pub reference: Reference,
    pub left: i64,
    pub day: Day,
}

/// An instalment loan.
#[derive(Clone, Debug)]
pub(super) struct Loan {
    pub lent: i64,
    pub left: i64,
    pub made: Day,
    pub periods: u8,
    /// What was billed so far, principal and charges, one a period.
    pub billed: Vec<i64>,
    pub pricing: LoanPricing,
    pub waived_percent: i64,
}

/// How a loan is priced.
#[derive(Clone, Copy, Debug)]
pub(super) enum LoanPricing {
    Level { payment: i64, annual_bp: i64 },
    Flat { fee: i64 },
}

/// An instalment that comes due.
pub(super) struct Due {
    pub principal: i64,
    pub interest: i64,
    pub fee: i64,
}

impl Loan {
    /// The next instalment.
    pub(super) fn next(&self) -> Due {
        let number = self.billed.len() as i64 + 1;
        let (n, last) = (i64::from(self.periods), number == i64::from(self.periods));
        match self.pricing {
            LoanPricing::Level { payment, annual_bp } => {
                let interest = self.left * annual_bp / 120_000;
                let principal = if last { self.left } else { (payment - interest).clamp(0, self.left) };
                Due { principal, interest, fee: 0 }
            }
            LoanPricing::Flat { fee } => {
                let principal = if last { self.left } else { self.lent / n };
                let fee = if number == 1 { fee - fee / n * (n - 1) } else { fee / n };
                Due { principal, interest: 0, fee }
            }
        }
    }

    /// All payments to come, by repeating [`Loan::next`] on a copy.
    pub(super) fn payments(&self) -> Vec<i64> {
        let mut copy = self.clone();
        while copy.billed.len() < usize::from(copy.periods) {
            let Due { principal, interest, fee } = copy.next();
            copy.left -= principal;
            copy.billed.push(principal + interest + fee);
        }
        copy.billed
    }
}

/// An account by the auditor's own reckoning. Amounts in fen.
#[derive(Clone, Debug, Default)]
pub(super) struct Account {
    pub status: OwnStatus,
    pub limit: i64,
    pub raise: i64,
    pub raise_until: Day,
    pub held: i64,
    pub unbilled: i64,
    pub billed: i64,
    pub revolving: i64,
    pub loans: Vec<Loan>,
    pub by_funder: [i64; FUNDERS],
    pub interest: i64,
    pub fees: i64,
    pub penalty: i64,
    /// fen × basis points × days.
    pub interest_accrued: i64,
    /// fen × parts per million × days.
    pub penalty_accrued: i64,
    pub demands: VecDeque<(Day, i64)>,
    pub purchases: Vec<Purchase>,
    pub cards: Vec<Card>,
    pub billed_instalments: i64,
    pub converted: bool,
    pub annual_bp: i64,
    pub tier: u8,
    /// `None` on the day of opening, when it is not published yet.
    pub cards_closed: Option<bool>,
    pub sequence: u32,
    pub answered: [Option<(u32, Command, Reply)>; KEPT as usize],
    pub drawings_today: u32,
    pub drawn_today: i64,
    pub tipped_in_cycle: i64,
    pub bought_in_cycle: u32,
    pub late_in_cycle: bool,
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

    pub(super) fn installed(&self) -> i64 {
        self.loans.iter().map(|loan| loan.left).sum()
    }

    pub(super) fn principal(&self) -> i64 {
        self.unbilled + self.billed + self.installed()
    }

    pub(super) fn charges(&self) -> i64 {
        self.interest + self.fees + self.penalty
    }

    /// What the statements ask for in full.
    pub(super) fn on_statement(&self) -> i64 {
        self.billed + self.charges()
    }

    /// Free part of the limit; a temporary raise counts until the day on which it ends.
    pub(super) fn available(&self, day: Day) -> i64 {
        let raise = if day < self.raise_until { self.raise } else { 0 };
        self.limit + raise - self.held - self.principal()
    }

    /// Interest and late interest that would be posted now.
    pub(super) fn accrued(&self) -> i64 {
        half_even(self.interest_accrued, INTEREST_UNIT) + half_even(self.penalty_accrued, PENALTY_UNIT)
    }

    pub(super) fn demanded(&self) -> i64 {
        self.demands.iter().map(|(_, fen)| fen).sum()
    }

    /// Demanded with a due date before `day`.
    pub(super) fn past_due(&self, day: Day) -> i64 {
        self.demands.iter().filter(|(due, _)| *due < day).map(|(_, fen)| fen).sum()
    }

    /// Days since the oldest unpaid due date.
    pub(super) fn days_past_due(&self, day: Day) -> u16 {
        self.demands.front().map_or(0, |(due, _)| day.since(*due).max(0) as u16)
    }

    pub(super) fn pay_demands(&mut self, mut fen: i64) {
        while let Some((_, oldest)) = self.demands.front_mut() {
            let part = fen.min(*oldest);
            *oldest -= part;
            fen -= part;
            if *oldest > 0 {
                return;
            }
            self.demands.pop_front();
        }
    }

    /// A new day begins: interest of the day on what stood at midnight. Late interest replaces contract interest on the
    /// principal that is past due and whose grace is over; charges in those demands bear nothing.
    pub(super) fn open_day(&mut self, rules: &Rules, day: Day) {
        if self.touched {
            self.drawings_today = 0;
            self.drawn_today = 0;
            self.monitored = false;
            self.repaid_today = false;
            self.touched = false;
        }
        let bearing = if rules.interest_from_day_one { self.unbilled + self.billed } else { self.revolving };
        if bearing == 0 || !self.is_live() {
            return;
        }
        let late = self.past_due(day.minus(rules.grace_days));
        let younger = self.demanded() - late;
        let charges_in_late = (self.charges() - younger).max(0);
        let overdue = (late - charges_in_late).clamp(0, self.revolving);
        self.interest_accrued += (bearing - overdue) * self.annual_bp;
        self.penalty_accrued += overdue * rules.penalty_ppm();
    }

    /// Splits an amount that comes back over the funders: partners in proportion, rounded up, the platform the rest.
    pub(super) fn split(&self, amount: i64) -> [i64; FUNDERS] {
        let total: i64 = self.by_funder.iter().sum();
        let mut parts = [0; FUNDERS];
        let mut left = amount;
        for (part, lent) in parts.iter_mut().zip(self.by_funder).skip(1) {
            if lent > 0 {
                *part = ceil(amount * lent, total).min(lent).min(left);
                left -= *part;
            }
        }
        parts[0] = left;
        parts
    }

    /// A fresh account for an accepted or reviewed application; numbering of requests goes on.
    pub(super) fn reset(&mut self) {
        let (sequence, answered) = (self.sequence, self.answered);
        let (purchases, lost) = (std::mem::take(&mut self.purchases), self.lost);
        *self = Account { sequence, answered, purchases, lost, touched: true, ..Account::default() };
    }
}
