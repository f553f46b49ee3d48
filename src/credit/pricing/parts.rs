//! The parts of an instalment loan, worked out one by one from what remains.

use crate::base::money::{div_ceil, div_floor, div_half_even};
use crate::credit::pricing::{LevelTable, MONTHLY, MONTHS_MAX};

/// Basis points × days of a year in one.
const DAILY: i64 = 10_000 * 365;

/// What an instalment is made of. Amounts in fen, none negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct InstalmentParts {
    /// Principal paid back.
    pub principal_fen: i64,
    /// Interest.
    pub interest_fen: i64,
    /// Part of the flat fee.
    pub fee_fen: i64,
}

impl InstalmentParts {
    /// What the borrower pays.
    #[inline]
    pub(crate) const fn payment_fen(&self) -> i64 {
        self.principal_fen + self.interest_fen + self.fee_fen
    }

    /// Interest and fee.
    #[inline]
    pub(crate) const fn charge_fen(&self) -> i64 {
        self.interest_fen + self.fee_fen
    }
}

/// How an instalment loan is paid back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plan {
    /// Equal payments.
    Level {
        /// Nominal annual rate in basis points.
        annual_bp: i32,
        /// Payment of a part.
        payment_fen: i64,
    },
    /// Equal principal.
    EqualPrincipal {
        /// Nominal annual rate in basis points.
        annual_bp: i32,
    },
    /// Equal principal and a fee.
    Flat {
        /// Fee that has not been billed.
        fee_left_fen: i64,
    },
}

impl Plan {
    /// Nominal annual rate in basis points; 0 under a flat fee.
    pub(crate) const fn annual_bp(&self) -> i32 {
        match *self {
            Plan::Level { annual_bp, .. } | Plan::EqualPrincipal { annual_bp } => annual_bp,
            Plan::Flat { .. } => 0,
        }
    }
}

/// What remains of an instalment loan: enough to work out every part to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Remaining {
    /// How it is paid back.
    pub plan: Plan,
    /// Principal that is not on a statement yet.
    pub coming_fen: i64,
    /// Parts to come, at least 1 while there is principal.
    pub parts_left: u8,
}

impl Remaining {
    /// A new loan of equal payments.
    ///
    /// # Panics
    /// As [`LevelTable::level_payment`].
    pub(crate) fn level(table: &LevelTable, principal_fen: i64, annual_bp: i32, parts: u8) -> Remaining {
        let payment_fen = table.level_payment(principal_fen, annual_bp, parts);
        Remaining { plan: Plan::Level { annual_bp, payment_fen }, coming_fen: principal_fen, parts_left: parts }
    }

    /// A new loan of equal principal.
    pub(crate) const fn equal_principal(principal_fen: i64, annual_bp: i32, parts: u8) -> Remaining {
        Remaining { plan: Plan::EqualPrincipal { annual_bp }, coming_fen: principal_fen, parts_left: parts }
    }

    /// A new loan with a flat fee.
    pub(crate) const fn flat(principal_fen: i64, fee_fen: i64, parts: u8) -> Remaining {
        Remaining { plan: Plan::Flat { fee_left_fen: fee_fen }, coming_fen: principal_fen, parts_left: parts }
    }

    /// The next part, of one period.
    #[inline]
    pub(crate) const fn next_part(&self) -> InstalmentParts {
        self.part(period_interest(self.coming_fen, self.plan.annual_bp()))
    }

    /// The next part, after so many days: a first one that counts its days.
    #[inline]
    pub(crate) const fn next_part_after(&self, days: u16) -> InstalmentParts {
        self.part(day_interest(self.coming_fen, self.plan.annual_bp(), days as i64))
    }

    const fn part(&self, interest_fen: i64) -> InstalmentParts {
        let coming = self.coming_fen;
        let last = self.parts_left <= 1;
        let parts_left = self.parts_left as i64;
        match self.plan {
            _ if last && !matches!(self.plan, Plan::Flat { .. }) => {
                InstalmentParts { principal_fen: coming, interest_fen, fee_fen: 0 }
            }
            Plan::Level { payment_fen, .. } => {
                let level = payment_fen - interest_fen;
                let principal_fen = if level < 0 {
                    0
                } else if level > coming {
                    coming
                } else {
                    level
                };
                InstalmentParts { principal_fen, interest_fen, fee_fen: 0 }
            }
            Plan::EqualPrincipal { .. } => {
                InstalmentParts { principal_fen: div_floor(coming, parts_left), interest_fen, fee_fen: 0 }
            }
            Plan::Flat { fee_left_fen } if last => {
                InstalmentParts { principal_fen: coming, interest_fen: 0, fee_fen: fee_left_fen }
            }
            Plan::Flat { fee_left_fen } => InstalmentParts {
                principal_fen: div_floor(coming, parts_left),
                interest_fen: 0,
                fee_fen: div_ceil(fee_left_fen, parts_left),
            },
        }
    }

    /// The loan after a part has gone onto a statement.
    #[inline]
    pub(crate) const fn after(&self, part: &InstalmentParts) -> Remaining {
        let plan = match self.plan {
            Plan::Flat { fee_left_fen } => Plan::Flat { fee_left_fen: fee_left_fen - part.fee_fen },
            plan => plan,
        };
        let coming_fen = self.coming_fen - part.principal_fen;
        Remaining { plan, coming_fen, parts_left: self.parts_left.saturating_sub(1) }
    }

    /// All parts to come; the first of them bears the interest of `first_days` days, if they are counted, else that of a period.
    pub(crate) fn parts(self, first_days: Option<u16>) -> impl Iterator<Item = InstalmentParts> + Clone {
        let left = self.parts_left;
        (0..left).scan(self, move |loan, index| {
            let part = match first_days {
                Some(days) if index == 0 => loan.next_part_after(days),
                _ => loan.next_part(),
            };
            *loan = loan.after(&part);
            Some(part)
        })
    }

    /// The loan with `amount_fen` of its coming principal gone, given back or paid ahead: as many parts as before. A level payment is
    /// worked out anew, a flat fee falls in proportion (ties to even).
    ///
    /// # Panics
    /// When more than what is coming goes.
    pub(crate) fn less(self, table: &LevelTable, amount_fen: i64) -> Remaining {
        assert!(amount_fen <= self.coming_fen, "{amount_fen} fen of {} fen", self.coming_fen);
        if amount_fen == 0 {
            return self;
        }
        let coming_fen = self.coming_fen - amount_fen;
        let plan = match self.plan {
            Plan::Level { annual_bp, .. } => {
                let payment_fen = table.level_payment(coming_fen, annual_bp, self.parts_left);
                Plan::Level { annual_bp, payment_fen }
            }
            Plan::Flat { fee_left_fen } => {
                Plan::Flat { fee_left_fen: fee_left_fen - div_half_even(fee_left_fen * amount_fen, self.coming_fen) }
            }
            plan @ Plan::EqualPrincipal { .. } => plan,
        };
        Remaining { plan, coming_fen, ..self }
    }
}

/// Interest of one period on `remaining_fen`, rounded down to the fen.
#[inline]
pub(crate) const fn period_interest(remaining_fen: i64, annual_bp: i32) -> i64 {
    div_floor(remaining_fen * annual_bp as i64, MONTHLY)
}

/// Interest of so many days over a year of 365, rounded down to the fen.
#[inline]
pub(crate) const fn day_interest(principal_fen: i64, annual_bp: i32, days: i64) -> i64 {
    div_floor(principal_fen * annual_bp as i64 * days, DAILY)
}

/// The whole fee of a flat-fee loan in fen, ties to even.
#[inline]
pub(crate) const fn flat_fee(principal_fen: i64, fee_bp_total: i32) -> i64 {
    div_half_even(principal_fen * fee_bp_total as i64, 10_000)
}

/// The schedule of a level loan over whole months: `n` payments at a nominal annual rate.
///
/// # Panics
/// As [`LevelTable::level_payment`].
pub(crate) fn schedule(principal_fen: i64, annual_bp: i32, n: u8) -> Vec<InstalmentParts> {
    Remaining::level(&LevelTable::default(), principal_fen, annual_bp, n).parts(None).collect()
}

/// The schedule of a flat-fee loan: `fee_bp_total` of the principal for the whole term, spread evenly.
///
/// # Panics
/// When `n` is not in `1..=MONTHS_MAX`.
pub(crate) fn flat_schedule(principal_fen: i64, fee_bp_total: i32, n: u8) -> Vec<InstalmentParts> {
    assert!((1..=MONTHS_MAX).contains(&n), "a schedule of {n} months");
    Remaining::flat(principal_fen, flat_fee(principal_fen, fee_bp_total), n).parts(None).collect()
}
