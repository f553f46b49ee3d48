//! The rules of a product in plain numbers, as a contract would list them. Amounts in fen, shares in parts per million,
//! rates in basis points a year.

use crate::audit::loan::FirstPart;
use crate::base::ids::{FUNDERS, Funder};
use crate::credit::command::{CHANNELS, SCENES};

/// A kind of debt, for the order of allocation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Debt {
    #[default]
    /// Late interest.
    Penalty,
    /// Contract interest.
    Interest,
    /// Fees.
    Fees,
    /// Principal.
    Principal,
}

/// How loans in parts are priced.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Plan {
    /// Equal payments at the account's rate.
    #[default]
    Level,
    /// Equal principal, and interest at the account's rate.
    EqualPrincipal,
    /// Equal principal and a flat fee in basis points, by tier and term.
    Flat(Vec<[i64; 4]>),
}

/// How late interest is priced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Late {
    /// A published rate a day, parts per million.
    Published(i64),
    /// The contract rate and so much of it more, parts per million.
    Surcharge(i64),
}

impl Default for Late {
    fn default() -> Late {
        Late::Published(0)
    }
}

/// A funding partner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PartnerRules {
    /// Its part of a joint loan.
    pub share_ppm: i64,
    /// Price of its money.
    pub price_bp: i64,
    /// First loss that the platform covers, of all it ever lent.
    pub first_loss_ppm: i64,
}

/// All rules in force on a day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "each name says what it is; units stand in the module text")]
pub(crate) struct Rules {
    pub ages: (u8, u8),
    pub students_barred: bool,
    pub income_min_yuan: u32,
    pub total_debt_max_yuan: u32,
    pub new_limits: Vec<i64>,
    pub review_days: u32,
    pub limit_ceiling: i64,
    pub tier_ceilings: Vec<i64>,
    pub income_multiple_ppm: i64,
    pub raise_factor_ppm: i64,
    pub cut_factor_ppm: i64,
    pub tip_link_ppm: i64,
    /// Most by which targeting multiplies the growth of a raise.
    pub targeted_growth_max_ppm: i64,
    pub task_purchases: u32,
    pub task_raise_ppm: i64,
    pub campaign_raise_ppm: i64,
    pub campaign_raise_days: u16,
    /// Round of lowering limits that is in force, 0 for none.
    pub lower_round: u8,
    pub lower_share_ppm: i64,
    pub lower_floor: i64,
    pub lower_from_tier: u8,
    pub freeze_dpd: u16,
    pub scene_allowed: [bool; SCENES],
    pub velocity_count: u32,
    pub velocity_fen: i64,
    pub hold_days: u16,
    pub refund_days: u16,
    pub tier_rates: Vec<i64>,
    pub plan: Plan,
    pub first_part: FirstPart,
    /// Instalment terms in months with the index of their fee; only those on offer.
    pub terms_offered: Vec<(u8, usize)>,
    pub late: Late,
    pub interest_from_day_one: bool,
    /// Refunded before the first bill, a loan costs nothing.
    pub refund_free: bool,
    pub cap_bp: i64,
    /// The cap binds open loans, too, with their next statement.
    pub cap_binds_open: bool,
    pub cards_enabled: bool,
    pub card_face_max: i64,
    pub card_unnamed_max: i64,
    pub card_refund_days: u16,
    pub redeem_rebate_ppm: i64,
    pub tips_enabled: bool,
    pub host_share_ppm: i64,
    pub bill_days: Vec<u8>,
    /// Days from statement to due date by bill group.
    pub due_after_days: Vec<u16>,
    pub grace_days: u16,
    pub minimum_ppm: i64,
    pub minimum_floor: i64,
    pub allocation: [Debt; 4],
    /// Each kind over all bills before the next kind.
    pub allocation_by_kind: bool,
    /// Up to so much that is unpaid makes nobody late.
    pub tolerance: i64,
    pub writeoff_dpd: u16,
    pub contacts_per_mille: [i64; CHANNELS],
    pub contact_costs: [i64; CHANNELS],
    pub hardship_dpd: (u16, u16),
    pub hardship_months: u8,
    pub hardship_bp: i64,
    pub probation_months: u16,
    pub sale_after_days: u16,
    pub sale_price_ppm: i64,
    pub partners: Vec<PartnerRules>,
    pub platform_share_min_ppm: i64,
    pub treasury_bp: i64,
    /// What each funder may have lent and reserved in the whole world.
    pub capacity: [i64; FUNDERS],
    pub commission_ppm: [i64; SCENES],
    pub application_cost: i64,
    pub service_cost_month: i64,
    pub complaint_cost: i64,
}

impl Rules {
    /// The partner's part of a drawing by one funder; the platform keeps at least its least share.
    pub(super) fn partner_part(&self, amount: i64, funder: Funder) -> i64 {
        let Some(partner) = funder.partner() else { return 0 };
        let share = self.partners[partner].share_ppm;
        amount * share.min(1_000_000 - self.platform_share_min_ppm) / 1_000_000
    }
}
