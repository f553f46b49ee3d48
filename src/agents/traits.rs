//! The state of a user: one plain row. Sampled once by `population`, then moved by `agents::user` alone. Beside it what hosts are like.

use crate::base::money::Ppm;
use prefetch_index::prefetch_index;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// Why a user is late.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Cause {
    /// Not late.
    None = 0,
    /// Out of work and out of money.
    JobLoss = 1,
    /// In work, but the buffer does not carry the bill.
    ThinBuffer = 2,
    /// Has the money, did not think of it.
    Forgotten = 3,
    /// Has the money, will not pay.
    Strategic = 4,
    /// Never meant to pay.
    Fraud = 5,
    /// Debts elsewhere eat the income.
    StackedDebt = 6,
}

/// Number of causes, `None` included.
pub(crate) const CAUSES: usize = 7;

impl Cause {
    /// All causes in order.
    pub(crate) const ALL: [Cause; CAUSES] = [
        Cause::None,
        Cause::JobLoss,
        Cause::ThinBuffer,
        Cause::Forgotten,
        Cause::Strategic,
        Cause::Fraud,
        Cause::StackedDebt,
    ];

    /// Its name in tables.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Cause::None => "none",
            Cause::JobLoss => "job_loss",
            Cause::ThinBuffer => "thin_buffer",
            Cause::Forgotten => "forgotten",
            Cause::Strategic => "strategic",
            Cause::Fraud => "fraud",
            Cause::StackedDebt => "stacked_debt",
        }
    }

    /// The cause stored as `code`; unknown codes are a bug.
    ///
    /// # Panics
    /// When `code` names no cause.
    pub(crate) const fn from_code(code: u8) -> Cause {
        Cause::ALL[code as usize]
    }
}

/// Traits that do not change, as bits of [`UserRow::traits`].
pub(crate) mod bits {
    /// University student.
    pub(crate) const STUDENT: u16 = 1;
    /// Tips hosts.
    pub(crate) const TIPPER: u16 = 1 << 1;
    /// Lets the bank account be debited on due days.
    pub(crate) const AUTO_DEBIT: u16 = 1 << 2;
    /// May default by choice.
    pub(crate) const STRATEGIC: u16 = 1 << 3;
    /// Never means to pay.
    pub(crate) const FRAUD: u16 = 1 << 4;
    /// Cashes out now and then.
    pub(crate) const CASHOUT: u16 = 1 << 5;
    /// A child uses the phone.
    pub(crate) const MINOR_AT_HOME: u16 = 1 << 6;
    /// Under 18.
    pub(crate) const MINOR: u16 = 1 << 7;
}

/// Segments of users, by traits that no policy changes: the same people stand in a segment in every world, so that a
/// difference between two worlds is theirs and not that of others who moved in. A user stands in one of the ages, one of the
/// bureau scores and one of the two of tipping; minors have no age band.
pub(crate) mod segment {
    use super::{UserRow, bits};

    /// Number of segments.
    pub(crate) const SEGMENTS: usize = 8;

    /// Names in the order of the bits of [`mask`]. Risk is the bureau score: 670 and above, 610 to 669, below.
    pub(crate) const NAMES: [&str; SEGMENTS] =
        ["age_18_24", "age_25_34", "age_35_up", "risk_low", "risk_middle", "risk_high", "tipper", "no_tips"];

    /// Bureau scores from which the risk is middle and low: the mean of all users and half a standard deviation either way.
    const SCORES: [u16; 2] = [610, 670];

    /// The segments of a user, a bit each.
    pub(crate) const fn mask(user: &UserRow) -> u8 {
        let age = match user.age {
            ..18 => 0,
            18..=24 => 1,
            25..=34 => 1 << 1,
            _ => 1 << 2,
        };
        let risk = if user.bureau_score >= SCORES[1] {
            1 << 3
        } else if user.bureau_score >= SCORES[0] {
            1 << 4
        } else {
            1 << 5
        };
        let tips = if user.traits & bits::TIPPER != 0 { 1 << 6 } else { 1 << 7 };
        age | risk | tips
    }
}

/// A user. Amounts in fen unless the name says otherwise; days are `base::time::Day` numbers, 0 is "never".
///
/// Sampled by `population`: everything down to `persona`. The rest starts at zero (`savings_fen` is sampled too).
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct UserRow {
    /// Monthly wage when in work, at the start of the run.
    pub income_fen: i32,
    /// Money in the bank at `settled_day`.
    pub savings_fen: i32,
    /// Monthly living cost outside the product.
    pub living_fen: i32,
    /// Monthly debt service elsewhere.
    pub other_service_fen: i32,
    /// Debt elsewhere in yuan.
    pub other_debt_yuan: u32,
    /// Purchase wishes relative to the mean user, parts per million (gamma across users, mean one million).
    pub demand_ppm: u32,
    /// Tickets relative to the median, per mille.
    pub ticket_per_mille: u32,
    /// Size of this user's tips relative to the median tipper, per mille (log-normal, σ ≈ 2.7 with the count; 0: never).
    pub tip_per_mille: u32,
    /// Traits ([`bits`]).
    pub traits: u16,
    /// Chance of an active day, in 1/65536.
    pub active_share: u16,
    /// Watching relative to the mean, per mille.
    pub watch_per_mille: u16,
    /// Bureau score, 300–900.
    pub bureau_score: u16,
    /// Day on which the user joins the app (0: from the start).
    pub joins_day: u16,
    /// Favourite host.
    pub favourite_host: u16,
    /// Age in years at the start of the run.
    pub age: u8,
    /// Day of the month on which wages come, 1–28.
    pub payday: u8,
    /// Forgetfulness relative to the median, in 1/32 (32 is the median).
    pub forgetfulness: u8,
    /// Liking for instalments relative to the mean, in 1/32.
    pub instalment_taste: u8,
    /// Interest of this user in the product's entry, relative to the mean, in 1/32.
    pub curiosity: u8,
    /// Patience relative to the median, in 1/32.
    pub patience: u8,
    /// Index in the persona table.
    pub persona: u8,
    /// Declines in a row.
    pub declines_in_row: u8,
    /// Day on which the job was lost (0: in work).
    pub jobless_since: u16,
    /// Day at which `savings_fen` was struck.
    pub settled_day: u16,
    /// Day on which to act on the statement (0: nothing planned).
    pub act_day: u16,
    /// No application or purchase before this day (retry after refusal, sulking).
    pub away_until: u16,
    /// Last day of a purchase.
    pub last_buy_day: u16,
    /// What is planned for `act_day` (`agents::paying::Act`).
    pub act: u8,
    /// Why the user is late ([`Cause`]).
    pub cause: u8,
    /// How far down the funnel: 0 none, 1 seen, 2 clicked, 3 applied, 4 has account, 5 used, 6 used again.
    pub funnel: u8,
    /// Behaviour score shown to the lender, 0–255.
    pub behaviour: u8,
    /// What the last statement asked, as share of monthly income, per mille.
    pub burden_per_mille: u16,
    /// Next sequence number less one.
    pub sequence: u32,
    /// Day on which the user stopped paying by choice (0: pays).
    pub unwilling_since: u16,
    /// First day on which one of the user's orders needs something (0: none).
    pub next_order_day: u16,
    /// First of the user's open orders (`agents::orders`).
    pub first_order: u32,
    /// Savings that the user keeps up; what is above them is spent again.
    pub target_savings_fen: i32,
}

/// What hosts are like, as a scenario states it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostTraits {
    /// Number of hosts.
    pub count: u16,
    /// Zipf exponent of popularity, thousandths (docs/rules.md §9.1).
    pub zipf_milli: i32,
    /// Daily persistence of popularity shocks (AR(1)).
    pub persistence: Ppm,
    /// sd of the daily shock in log terms, thousandths.
    pub shock_milli: i32,
    /// Part of yesterday's surprise (log of seen over expected attention) that stays.
    pub feedback: Ppm,
    /// Share of days on which a host streams.
    pub streams: Ppm,
}

impl UserRow {
    /// Has the row of a user fetched from memory; it lies on two lines. Any slot is allowed.
    #[inline]
    pub fn fetch_ahead(rows: &[UserRow], slot: usize) {
        prefetch_index(rows, slot);
        prefetch_index(rows.as_bytes(), (slot + 1) * size_of::<UserRow>() - 1);
    }
}

const _: () = assert!(size_of::<UserRow>() <= 96);

/// Users who may hold a job: adults under 60 who do not study.
#[inline]
pub(crate) const fn in_labour_force(user: &UserRow) -> bool {
    user.age >= 18 && user.age < 60 && user.traits & (bits::STUDENT | bits::MINOR) == 0
}
