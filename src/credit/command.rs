//! The words of the credit engine: what may be asked and what it answers. Shared by agents, drivers, the journal
//! and the auditor; nothing here computes.

mod reasons;

pub(crate) use reasons::{DECLINES, Decline, REFUSALS, Refusal};

use crate::base::ids::{Funder, HostId, Lender, MerchantId, Reference, Slot};
use crate::base::money::Fen32;
use crate::base::time::{Day, SimTime};

/// Where a purchase happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Scene {
    /// Goods sold in a live room.
    LiveShopping = 0,
    /// A voucher for a local shop, restaurant or hotel.
    LocalServices = 1,
    /// Top-ups of phones, games, memberships.
    VirtualTopUp = 2,
    /// Paid content.
    Content = 3,
}

/// Number of scenes.
pub(crate) const SCENES: usize = 4;

impl Scene {
    /// All scenes.
    pub const ALL: [Scene; SCENES] = [Scene::LiveShopping, Scene::LocalServices, Scene::VirtualTopUp, Scene::Content];

    /// Its name in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Scene::LiveShopping => "live_shopping",
            Scene::LocalServices => "local_services",
            Scene::VirtualTopUp => "virtual_top_up",
            Scene::Content => "content",
        }
    }
}

/// What an applicant hands in and what the bureau says of it. Amounts in whole yuan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Application {
    /// Age in years.
    pub age: u8,
    /// Enrolled at a university.
    pub student: bool,
    /// The identity check matched name, number and face.
    pub identity_matches: bool,
    /// The device or the pattern looks like fraud.
    pub fraud_signal: bool,
    /// Bureau score, 300–900, higher is safer.
    pub bureau_score: u16,
    /// Behaviour in the app (watching, interaction), 0–255.
    pub behaviour: u8,
    /// Stated monthly income.
    pub monthly_income_yuan: u32,
    /// Consumer debt elsewhere.
    pub other_debt_yuan: u32,
}

/// Who sends money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Source {
    /// The user pays by hand.
    Voluntary = 0,
    /// The bank account is debited on the due day.
    AutoDebit = 1,
    /// A collector got it.
    Collected = 2,
    /// Paid on a written-off claim.
    Recovery = 3,
}

/// A request of one user (or of a merchant on one user's purchase). Amounts in fen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Apply for the product.
    Apply(Application),
    /// Reserve a part of the limit for a purchase; `instalments` is 0 or a term of the product.
    Authorise {
        /// Seller.
        merchant: MerchantId,
        /// Where.
        scene: Scene,
        /// Price.
        amount_fen: Fen32,
        /// Number of instalments chosen at checkout, 0 for none.
        instalments: u8,
        /// The pattern engine's view of this request: it looks like a sale for cash.
        suspicious: bool,
    },
    /// The merchant delivers: all or a part of the hold becomes debt, the rest is released.
    Capture {
        /// Purchase reference from the reply to `Authorise`.
        purchase: Reference,
        /// Captured amount.
        amount_fen: Fen32,
    },
    /// The hold is released unused.
    Void {
        /// Purchase reference.
        purchase: Reference,
    },
    /// The merchant gives back all or a part of a captured purchase.
    Refund {
        /// Purchase reference.
        purchase: Reference,
        /// Amount given back.
        amount_fen: Fen32,
    },
    /// Tip a host on credit.
    Tip {
        /// Who gets it.
        host: HostId,
        /// Amount.
        amount_fen: Fen32,
    },
    /// Take back a tip that a minor gave on an adult's account.
    RefundTip {
        /// Who had got it.
        host: HostId,
        /// Amount.
        amount_fen: Fen32,
    },
    /// Buy a shopping card on credit.
    BuyCard {
        /// Face value.
        amount_fen: Fen32,
        /// Registered to the buyer's name: never expires.
        named: bool,
        /// The pattern engine's view of this request: the card is meant to be sold on for cash.
        suspicious: bool,
    },
    /// Spend a part of a shopping card at a cooperating merchant.
    RedeemCard {
        /// Card reference from the reply to `BuyCard`.
        card: Reference,
        /// Where.
        merchant: MerchantId,
        /// Amount.
        amount_fen: Fen32,
    },
    /// Give back what is unspent of a card within the refund days.
    RefundCard {
        /// Card reference.
        card: Reference,
    },
    /// Pay. More than is owed is cut to what is owed.
    Repay {
        /// Amount offered.
        amount_fen: Fen32,
        /// Where it comes from.
        source: Source,
    },
    /// Turn the billed balance into instalments.
    ConvertBill {
        /// Number of instalments.
        instalments: u8,
    },
    /// Pay off an instalment loan, or a part of it, before its time.
    SettleEarly {
        /// Which of the loans that have principal to come, from 1 for the oldest on; 0 is the oldest, too.
        loan: u8,
        /// Principal to be paid; 0 for all that is to come.
        amount_fen: Fen32,
    },
    /// Ask for a hardship plan.
    RequestHardship,
    /// Complain.
    Complain {
        /// About what.
        about: Complaint,
    },
    /// Close the account (only with nothing owed).
    Close,
}

/// What people complain of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Complaint {
    /// A declined purchase.
    Decline = 0,
    /// A collector's contact.
    Collection = 1,
    /// A charge.
    Charge = 2,
    /// Anything else in ordinary service.
    Service = 3,
}

/// A command with its idempotency key: the same (lender, user, sequence) is answered the same and done once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// Who is asked.
    pub lender: Lender,
    /// Whose account, as the slot in the cell.
    pub slot: Slot,
    /// Numbered by the user from 1.
    pub sequence: u32,
    /// What is asked.
    pub command: Command,
}

/// The answer to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Done; the number is the reference (purchase, card) or the amount in fen that was taken, by command.
    Done(u32),
    /// The application goes to a reviewer; the answer comes with the close of a later day.
    InReview,
    /// The application is refused.
    Refused(Refusal),
    /// The request is declined.
    Declined(Decline),
}

/// State of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Status {
    /// Never opened.
    None = 0,
    /// Application with a reviewer.
    InReview = 1,
    /// Usable.
    Open = 2,
    /// No new drawings (risk, hardship, confirmed misuse); repayment goes on.
    Frozen = 3,
    /// Written off; the claim remains.
    WrittenOff = 4,
    /// Claim sold.
    Sold = 5,
    /// Closed by the user.
    Closed = 6,
}

/// How a late account is being approached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Channel {
    /// Nobody spoke to the debtor today.
    None = 0,
    /// A push message.
    App = 1,
    /// A text message.
    Sms = 2,
    /// A call that was answered.
    Call = 3,
    /// A visit.
    Field = 4,
    /// A lawyer's letter or suit.
    Legal = 5,
}

/// Number of channels, `None` included.
pub(crate) const CHANNELS: usize = 6;

/// What the user sees of the account in the app. Amounts in fen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountView {
    /// Whose product it is.
    pub lender: Lender,
    /// State.
    pub status: Status,
    /// The card function is open to the user.
    pub cards_open: bool,
    /// Nominal annual rate in basis points.
    pub annual_bp: u16,
    /// Limit now, temporary raise included.
    pub limit_fen: Fen32,
    /// Free part of it.
    pub available_fen: Fen32,
    /// All principal owed.
    pub principal_fen: Fen32,
    /// What the last statement asks for in full and is unpaid (earlier arrears included).
    pub statement_fen: Fen32,
    /// The least that keeps the account current, unpaid part (earlier arrears included).
    pub minimum_fen: Fen32,
    /// The part of `statement_fen` that can be turned into instalments.
    pub convertible_fen: Fen32,
    /// Unpaid and past its due date; nothing while the account is within its tolerance.
    pub past_due_fen: Fen32,
    /// Days past due, counted from the due date of the oldest bill at which what is unpaid passes the tolerance.
    pub days_past_due: u16,
    /// Due date of the last statement.
    pub due_day: Day,
    /// Who spoke to the debtor at the last close of day.
    pub contact: Channel,
    /// All that would settle a written-off claim.
    pub claim_fen: Fen32,
}

/// The little of an account that its user needs every day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Glance {
    /// Whose product it is.
    pub lender: Lender,
    /// State.
    pub status: Status,
    /// Free part of the limit in fen.
    pub available_fen: Fen32,
    /// Something is past its due date.
    pub late: bool,
    /// Who spoke to the debtor at the last close of day.
    pub contact: Channel,
    /// Nominal annual rate in basis points.
    pub annual_bp: u16,
}

impl Glance {
    /// The little that a whole view shows.
    #[inline]
    pub fn of(view: &AccountView) -> Glance {
        Glance {
            lender: view.lender,
            status: view.status,
            available_fen: view.available_fen,
            late: view.days_past_due > 0,
            contact: view.contact,
            annual_bp: view.annual_bp,
        }
    }
}

/// One entry of the event log: what was asked when, and what was answered. The auditor reads these and nothing else
/// of the engine's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoggedRequest {
    /// Simulated moment.
    pub at: SimTime,
    /// The request.
    pub request: Request,
    /// The answer.
    pub reply: Reply,
    /// For an approved drawing: who lends the partner's part, 0 when the platform lends all.
    pub funder: Funder,
}
