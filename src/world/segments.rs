//! What came of the segments of users, for comparisons of worlds. It is counted beside the totals and enters no control, so
//! a world is the same with and without it.
//!
//! The margin is what can be booked to an account as it happens: charges when they are paid, commission, the platform's share
//! of tips, recoveries; less rebates, applications, complaints, service, principal written off whoever lent it, and the price of
//! money on the balance at the month-end. Not in it: movements of the loss allowance, the collectors, sales of claims.

use crate::agents::totals::SegmentTotals;
use crate::agents::traits::segment::SEGMENTS;
use crate::base::accrual::{Accrual, Rate};
use crate::credit::Today;
use crate::credit::account_event::AccountEventKind;
use crate::credit::books::is_active;
use crate::credit::chart::Posting;
use crate::credit::command::{Command, Reply};
use crate::credit::rows::AccountRow;
use crate::credit::totals::CreditFlows;

/// Counters of all segments, in the order of `agents::traits::segment::NAMES`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Segments([SegmentTotals; SEGMENTS]);

/// Kinds of posting that a request can cause and that make a margin, with their sign.
const MARGIN: [(Posting, i64); 11] = [
    (Posting::PayInterest, 1),
    (Posting::PayFee, 1),
    (Posting::PayPenalty, 1),
    (Posting::Commission, 1),
    (Posting::CommissionBack, -1),
    (Posting::TipShare, 1),
    (Posting::TipShareBack, -1),
    (Posting::Recovery, 1),
    (Posting::Rebate, -1),
    (Posting::OriginationPaid, -1),
    (Posting::ServicePaid, -1),
];

/// The margin that stands in the journal of a day so far. What a request adds is the difference of two of these.
pub(super) fn margin_fen(flows: &CreditFlows) -> i64 {
    MARGIN.iter().map(|(kind, sign)| sign * flows.posted_fen[*kind as usize]).sum()
}

impl Segments {
    /// Of these counters.
    pub(super) const fn of(totals: [SegmentTotals; SEGMENTS]) -> Segments {
        Segments(totals)
    }

    /// By segment.
    pub fn totals(&self) -> &[SegmentTotals; SEGMENTS] {
        &self.0
    }

    /// Adds other counters.
    pub fn add(&mut self, other: &Segments) {
        self.0.iter_mut().zip(&other.0).for_each(|(a, b)| a.add(b));
    }

    /// Shows all counters, slice by slice, always in the same order.
    pub(super) fn each_slice(&mut self, visit: &mut dyn FnMut(&mut [i64])) {
        self.0.iter_mut().for_each(|totals| visit(totals.counters_mut()));
    }

    /// Calls `count` for every segment of a mask.
    fn each(&mut self, mask: u8, count: impl Fn(&mut SegmentTotals)) {
        let of_mask = self.0.iter_mut().enumerate().filter(|(segment, _)| mask >> segment & 1 == 1);
        of_mask.for_each(|(_, totals)| count(totals));
    }

    /// A request of a user and its answer; `margin_fen` is what it added to the margin.
    #[inline(never)] // Out of the way of those who do not count by segment.
    pub(super) fn count_reply(&mut self, mask: u8, command: Command, reply: Reply, margin_fen: i64) {
        let captured = match (command, reply) {
            (Command::Capture { .. }, Reply::Done(fen)) => i64::from(fen),
            (Command::BuyCard { amount_fen, .. }, Reply::Done(_)) => i64::from(amount_fen),
            _ => 0,
        };
        let decision = match (command, reply) {
            (Command::Apply(_), Reply::Done(_)) => Some(true),
            (Command::Apply(_), Reply::Refused(_)) => Some(false),
            _ => None,
        };
        let complaints = i64::from(matches!(command, Command::Complain { .. }));
        if captured == 0 && decision.is_none() && complaints == 0 && margin_fen == 0 {
            return;
        }
        self.each(mask, |totals| {
            totals.captured_fen += captured;
            totals.complaints += complaints;
            totals.margin_fen += margin_fen;
            totals.decided += i64::from(decision.is_some());
            totals.approved += i64::from(decision == Some(true));
        });
    }

    /// Something that the close of a day did to a user's account.
    pub(super) fn count_account_event(&mut self, mask: u8, what: AccountEventKind) {
        self.each(mask, |totals| match what {
            AccountEventKind::WrittenOff(principal) => {
                totals.writeoff_fen += i64::from(principal);
                totals.margin_fen -= i64::from(principal);
            }
            AccountEventKind::Opened => {
                totals.approved += 1;
                totals.decided += 1;
            }
            AccountEventKind::Refused(_) => totals.decided += 1,
            AccountEventKind::Statement
            | AccountEventKind::Late(_)
            | AccountEventKind::Reached31(_)
            | AccountEventKind::Sold => {}
        });
    }

    /// An account at the close of a month's last day.
    pub(super) fn count_account(&mut self, mask: u8, row: &AccountRow, today: &Today) {
        if !row.is_live() {
            return;
        }
        let principal = i64::from(row.principal());
        let overdue = if row.days_past_due(today.day()) > 0 { principal } else { 0 };
        let active = i64::from(is_active(row, today.day()));
        let cost = price_of_money(row, today) + i64::from(today.terms.economics.service_cost_fen_per_month);
        self.each(mask, |totals| {
            totals.balance_fen += principal;
            totals.overdue_fen += overdue;
            totals.active_accounts += active;
            totals.margin_fen -= cost;
        });
    }
}

/// What the funders of an account's principal cost in the month that ends today, at the balance of today.
fn price_of_money(row: &AccountRow, today: &Today) -> i64 {
    let funding = &today.terms.funding;
    let prices = std::iter::once(funding.treasury_annual).chain(funding.partners.iter().map(|p| p.price_annual));
    let days = i64::from(today.calendar.day_of_month);
    let mut cost = Accrual::ZERO;
    for (fen, price) in row.by_funder.iter().zip(prices) {
        cost += Rate::annual(price).on(i64::from(*fen), days);
    }
    cost.half_even()
}
