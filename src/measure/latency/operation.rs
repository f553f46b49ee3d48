//! Kinds of request as the architect sees them.

use crate::credit::command::Command;

/// Kinds of request as the architect sees them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Operation {
    /// Application.
    Apply = 0,
    /// Authorisation of a purchase.
    Authorise,
    /// Capture of a hold.
    Capture,
    /// Shopping cards: buy, redeem, give back.
    Card,
    /// Tips, and tips taken back.
    Tip,
    /// Payments of all sources, early settlement.
    Repay,
    /// Refund or void of a purchase.
    Refund,
    /// Anything else: bill into instalments, hardship, complaints, closing.
    Service,
    /// The close of one cell's day. It is no request: its time is the work from the first slice to the last.
    CloseOfDay,
}

/// Number of operations.
pub(crate) const OPERATIONS: usize = 9;

impl Operation {
    /// All in order.
    pub(crate) const ALL: [Operation; OPERATIONS] = [
        Operation::Apply,
        Operation::Authorise,
        Operation::Capture,
        Operation::Card,
        Operation::Tip,
        Operation::Repay,
        Operation::Refund,
        Operation::Service,
        Operation::CloseOfDay,
    ];

    /// Those that users ask for: all but the close of a day, which is the last.
    pub(crate) const REQUESTS: &'static [Operation] = Operation::ALL.split_at(OPERATIONS - 1).0;

    /// The operation of a name.
    pub(crate) fn from_name(name: &str) -> Option<Operation> {
        Operation::ALL.into_iter().find(|operation| operation.name() == name)
    }

    /// Its name in files and tables.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Operation::Apply => "apply",
            Operation::Authorise => "authorise",
            Operation::Capture => "capture",
            Operation::Card => "card",
            Operation::Tip => "tip",
            Operation::Repay => "repay",
            Operation::Refund => "refund",
            Operation::Service => "service",
            Operation::CloseOfDay => "close_of_day",
        }
    }

    /// The operation of a command.
    pub(crate) const fn of(command: &Command) -> Operation {
        match command {
            Command::Apply(_) => Operation::Apply,
            Command::Authorise { .. } => Operation::Authorise,
            Command::Capture { .. } => Operation::Capture,
            Command::BuyCard { .. } | Command::RedeemCard { .. } | Command::RefundCard { .. } => Operation::Card,
            Command::Tip { .. } | Command::RefundTip { .. } => Operation::Tip,
            Command::Repay { .. } | Command::SettleEarly { .. } => Operation::Repay,
            Command::Refund { .. } | Command::Void { .. } => Operation::Refund,
            Command::ConvertBill { .. } | Command::RequestHardship | Command::Complain { .. } | Command::Close => {
                Operation::Service
            }
        }
    }
}
