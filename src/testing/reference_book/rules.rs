//! What the book is told of a product: plain numbers, amounts in fen, rates in basis points (bp) or parts per million (ppm), days.

use super::calendar::DayNumber;

/// Kinds of what is owed on a bill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    Penalty,
    Interest,
    Fees,
    Principal,
}

/// How instalments of the product are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Instalments {
    Level,
    EqualPrincipal,
    /// Fees in bp for 3, 6, 9 and 12 parts.
    Flat([i64; 4]),
}

/// Late interest of the product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Late {
    /// So many ppm a day.
    Published(i64),
    /// The contract rate and so many ppm of it.
    Surcharge(i64),
}

/// A funding partner.
#[derive(Clone, Copy, Debug)]
pub(super) struct Partner {
    pub share_ppm: i64,
    pub first_loss_ppm: i64,
    pub price_bp: i64,
}

/// Terms in force on a day.
#[derive(Clone, Debug)]
pub(super) struct Rules {
    // Who gets what. The driver gives everybody the same tier.
    pub tier: usize,
    pub new_limit: i64,
    pub application_cost: i64,
    pub service_cost: i64,
    pub complaint_cost: i64,
    // The monthly review.
    pub first_review_days: i64,
    pub cut_ppm: i64,
    pub raise_ppm: i64,
    pub raise_from_use_ppm: i64,
    pub tier_ceiling: [i64; 5],
    pub income_multiple_ppm: i64,
    pub ceiling: i64,
    /// The round of lowering limits that is in force, 0 for none.
    pub lower_round: i64,
    pub lower_share_ppm: i64,
    pub lower_floor: i64,
    pub lower_from_tier: usize,
    // Drawings.
    pub scenes: [bool; 4],
    pub velocity_count: i64,
    pub velocity_fen: i64,
    pub stops_cash_out: bool,
    pub confirms_cash_out: bool,
    pub hold_days: i64,
    pub refund_days: i64,
    pub commission_ppm: [i64; 4],
    // Prices.
    pub rate_bp: [i64; 5],
    pub risk_based: bool,
    pub instalments: Instalments,
    pub flat_by_tier_ppm: [i64; 5],
    pub offered: [bool; 4],
    pub late: Late,
    pub day_one: bool,
    pub cap_bp: i64,
    pub cap_binds_open: bool,
    pub first_period_by_days: bool,
    pub refund_free: bool,
    // Cards and tips.
    pub cards: bool,
    pub face_max: i64,
    pub unnamed_max: i64,
    pub card_refund_days: i64,
    pub cards_closed_from_tier: usize,
    pub rebate_ppm: i64,
    pub tips: bool,
    pub host_ppm: i64,
    // Statements, by bill group.
    pub bill_days: Vec<i64>,
    pub due_after: Vec<i64>,
    pub grace_days: i64,
    pub minimum_ppm: i64,
    pub minimum_floor: i64,
    pub order: [Due; 4],
    pub bill_by_bill: bool,
    pub tolerance: i64,
    // Lateness.
    pub freeze_dpd: i64,
    /// By channel: first day past due, and what an approach costs. Collectors have time for everybody, and everybody is reached.
    pub channels: [(i64, i64); 6],
    pub writeoff_dpd: i64,
    pub hardship_dpd: (i64, i64),
    pub hardship_months: i64,
    pub hardship_bp: i64,
    pub probation_months: i64,
    pub sale_after: i64,
    pub sale_ppm: i64,
    // Funding.
    pub partners: Vec<Partner>,
    pub platform_min_ppm: i64,
    pub treasury_bp: i64,
}

impl Rules {
    /// A partner's part of a drawing of a million.
    pub(super) fn share_ppm(&self, partner: usize) -> i64 {
        self.partners[partner].share_ppm.min(1_000_000 - self.platform_min_ppm)
    }

    /// Late rate of a loan made now at a contract rate, ppm a day (`surcharge` of flat-fee loans: at the account's rate).
    pub(super) fn late_ppm(&self, rate_bp: i64) -> i64 {
        let highest = self.cap_bp * 100 / 365;
        match self.late {
            Late::Published(ppm) => ppm.min(highest),
            Late::Surcharge(more) => (rate_bp * 100 * (1_000_000 + more) / 365_000_000).min(highest),
        }
    }

    /// Which of the offered terms so many months are.
    pub(super) fn term(&self, months: i64) -> Option<usize> {
        let index = [3, 6, 9, 12].iter().position(|term| *term == months)?;
        self.offered[index].then_some(index)
    }
}

/// What is told of a day beside the rules.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told {
    pub day: DayNumber,
    /// Partners that lend today.
    pub lends: [bool; 3],
    /// Most that each funder lends today.
    pub room: [i64; 4],
    /// Merchants from this number on do not cooperate.
    pub merchants: i64,
    /// Coupon of the day: the larger one of the terms and of a campaign (§22.4).
    pub coupon_percent: i64,
}
