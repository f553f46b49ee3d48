//! What the credit system publishes at the close of a day. The auditor believes none of it but what only luck or
//! judgement can decide.

use crate::base::ids::{FUNDERS, Lender, MAX_PARTNERS, Slot};
use crate::base::time::Day;
use crate::credit::chart::ACCOUNTS;
use crate::credit::command::Status;

/// The published state of an account at the close of a day. Amounts in fen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AccountFacts {
    /// State.
    pub status: Status,
    /// Index of the bill day among the product's.
    pub group: u8,
    /// Risk tier.
    pub tier: u8,
    /// Nominal annual rate in basis points.
    pub annual_bp: u16,
    /// The card function is closed.
    pub cards_closed: bool,
    /// Misuse was confirmed.
    pub misuse: bool,
    /// A hardship plan is running or on probation.
    pub reaged: bool,
    /// Permanent limit.
    pub limit: i32,
    /// Temporary raise.
    pub raise: i32,
    /// Open holds.
    pub held: i32,
    /// Principal since the last statement.
    pub unbilled: i32,
    /// Principal on statements.
    pub billed: i32,
    /// … that bears interest.
    pub revolving: i32,
    /// Instalment principal not on a statement.
    pub installed: i32,
    /// Principal by funder.
    pub by_funder: [i32; FUNDERS],
    /// Interest posted and unpaid.
    pub interest: i32,
    /// Fees posted and unpaid.
    pub fees: i32,
    /// Late interest posted and unpaid.
    pub penalty: i32,
    /// Unpaid minimum payments.
    pub demanded: i32,
    /// Days past due tomorrow, 0 when nothing will be late.
    pub days_past_due: u16,
    /// Written-off claim.
    pub claim: i32,
}

/// A loan at the close of a day. Amounts in fen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LoanFacts {
    /// Whose product it is.
    pub lender: Lender,
    /// Whose.
    pub slot: Slot,
    /// Comes onto statements in parts.
    pub in_parts: bool,
    /// The day it was made.
    pub made: Day,
    /// Nominal annual rate in basis points.
    pub annual_bp: u16,
    /// Late interest a day, parts per million.
    pub late_ppm: u16,
    /// Percent of its charges that a coupon waives.
    pub waived_percent: u8,
    /// Bears interest from the day of drawing.
    pub day_one: bool,
    /// Parts not on a statement yet; 0 when it does not come in parts.
    pub parts_left: u8,
    /// Flat fee not on a statement yet.
    pub fee_left: i32,
    /// Principal not on a statement yet.
    pub coming: i32,
    /// Principal on statements.
    pub billed: i32,
    /// … that bears interest.
    pub bearing: i32,
    /// Principal by funder.
    pub by_funder: [i32; FUNDERS],
}

/// What a statement demanded and is unpaid at the close of a day. Amounts in fen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BillFacts {
    /// Whose.
    pub slot: Slot,
    /// Due date, and the last day of grace; `None` while it waits for a statement.
    pub dates: Option<(Day, Day)>,
    /// Late interest, interest, fees, principal.
    pub owed: [i32; 4],
}

/// What is published of a lender's day in a cell. Amounts in fen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DayFacts<'a> {
    /// The date.
    pub day: Day,
    /// Last day of a calendar month.
    pub is_month_end: bool,
    /// What each funder might lend here today, beyond what was lent and reserved.
    pub quota: [i64; FUNDERS],
    /// Partners that lent today.
    pub partner_open: [bool; MAX_PARTNERS],
    /// Merchants with a number from here on did not cooperate.
    pub cooperating_merchants: u16,
    /// Percent of instalment interest waived on loans made today.
    pub coupon_percent: u8,
    /// Factor on limit raises, parts per million.
    pub raise_factor_ppm: i32,
    /// A campaign gave temporary raises today.
    pub campaign: bool,
    /// Lent and reserved by funder at the close.
    pub committed: [i64; FUNDERS],
    /// Balances of the general ledger at the close, debit positive, in the order of the chart.
    pub balances: &'a [i64; ACCOUNTS],
    /// Accounts by slot.
    pub accounts: &'a [AccountFacts],
    /// Loans in the order of their accounts, the oldest of each first.
    pub loans: &'a [LoanFacts],
    /// Bills in the same order.
    pub bills: &'a [BillFacts],
}
