//! What the rules say to a request: the answer, other answers that they allow as well, and which invariant a wrong answer breaks.

use crate::credit::command::{Decline, Reply};

/// What may be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    /// `Ok(None)`: done, with a number that only the credit system can give.
    pub expected: Result<Option<u32>, Decline>,
    /// Other answers that the rules allow as well.
    also: [Option<Decline>; 2],
}

impl From<Result<Option<u32>, Decline>> for Verdict {
    fn from(expected: Result<Option<u32>, Decline>) -> Verdict {
        Verdict { expected, also: [None; 2] }
    }
}

impl Verdict {
    pub(super) fn declined(reason: Decline) -> Verdict {
        Verdict::from(Err(reason))
    }

    pub(super) fn done(number: i64) -> Verdict {
        Verdict::from(Ok(Some(number as u32)))
    }

    pub(super) fn or(self, also: Decline) -> Verdict {
        Verdict { also: [Some(also), self.also[0]], ..self }
    }

    /// `None` when the reply is allowed, else the invariant that it breaks.
    pub(super) fn broken_by(&self, reply: Reply) -> Option<&'static str> {
        match (self.expected, reply) {
            (_, Reply::Declined(reason)) if self.also.contains(&Some(reason)) => None,
            (Ok(None), Reply::Done(_)) => None,
            (Ok(Some(number)), Reply::Done(given)) if number == given => None,
            (Err(reason), Reply::Declined(given)) if reason == given => None,
            (Ok(_), Reply::Done(_)) => Some("amount"),
            (Err(reason), Reply::Done(_)) => Some(invariant_of(reason)),
            (Err(_), Reply::Declined(_)) => Some("order_of_checks"),
            _ => Some("decision"),
        }
    }
}

/// The invariant that is broken when a request is done that should have been declined for a reason.
const fn invariant_of(reason: Decline) -> &'static str {
    match reason {
        Decline::IdReused | Decline::StaleRequest => "idempotency",
        Decline::NoAccount | Decline::AccountBlocked => "account_status",
        Decline::SceneBarred | Decline::MerchantBarred | Decline::CardClosed => "barred_use",
        Decline::CardTooLarge => "card_cap",
        Decline::CashOutPattern => "decision",
        Decline::Velocity => "velocity",
        Decline::NoFunds => "capacity",
        Decline::OverLimit => "limit",
        Decline::UnknownReference => "reference",
        Decline::AmountTooLarge | Decline::AmountNotPositive | Decline::TooLate => "amount",
        Decline::TermNotOffered => "term",
        Decline::PriceCap => "price_cap",
        Decline::NothingToDo | Decline::StillOwing => "decision",
    }
}
