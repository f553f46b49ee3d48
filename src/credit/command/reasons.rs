//! Why something was not done: refusals of applications, declines of everything else.

/// Why a request was refused. The order is the documented order of the checks of `credit::authorisation`
/// (request, account, scene, merchant, card, rules, funds, limit), then the other refusals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Decline {
    /// The same sequence number came with another content.
    IdReused = 0,
    /// Older than the replies that are kept.
    StaleRequest,
    /// No open account.
    NoAccount,
    /// The account is frozen, late or written off.
    AccountBlocked,
    /// The scene is barred for the product (or by law from a date).
    SceneBarred,
    /// The merchant does not cooperate (any more).
    MerchantBarred,
    /// The card function is closed to this user.
    CardClosed,
    /// A card above its largest face value.
    CardTooLarge,
    /// Looks like cashing out or a transfer.
    CashOutPattern,
    /// Too many or too much in a day.
    Velocity,
    /// No funder has room.
    NoFunds,
    /// Above the free limit.
    OverLimit,
    /// The reference is unknown, closed or belongs to another user.
    UnknownReference,
    /// More than is left on the purchase, card or claim.
    AmountTooLarge,
    /// Zero or negative.
    AmountNotPositive,
    /// The refund days are over.
    TooLate,
    /// The term is not offered.
    TermNotOffered,
    /// The charge would break the price cap.
    PriceCap,
    /// Nothing owed, or nothing that this can be done to.
    NothingToDo,
    /// Money is still owed.
    StillOwing,
}

/// Number of decline reasons.
pub(crate) const DECLINES: usize = 20;

impl Decline {
    /// All reasons in order.
    pub const ALL: [Decline; DECLINES] = [
        Decline::IdReused,
        Decline::StaleRequest,
        Decline::NoAccount,
        Decline::AccountBlocked,
        Decline::SceneBarred,
        Decline::MerchantBarred,
        Decline::CardClosed,
        Decline::CardTooLarge,
        Decline::CashOutPattern,
        Decline::Velocity,
        Decline::NoFunds,
        Decline::OverLimit,
        Decline::UnknownReference,
        Decline::AmountTooLarge,
        Decline::AmountNotPositive,
        Decline::TooLate,
        Decline::TermNotOffered,
        Decline::PriceCap,
        Decline::NothingToDo,
        Decline::StillOwing,
    ];

    /// Its name in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Decline::IdReused => "id_reused",
            Decline::StaleRequest => "stale_request",
            Decline::NoAccount => "no_account",
            Decline::AccountBlocked => "account_blocked",
            Decline::SceneBarred => "scene_barred",
            Decline::MerchantBarred => "merchant_barred",
            Decline::CardClosed => "card_closed",
            Decline::CardTooLarge => "card_too_large",
            Decline::CashOutPattern => "cash_out_pattern",
            Decline::Velocity => "velocity",
            Decline::NoFunds => "no_funds",
            Decline::OverLimit => "over_limit",
            Decline::UnknownReference => "unknown_reference",
            Decline::AmountTooLarge => "amount_too_large",
            Decline::AmountNotPositive => "amount_not_positive",
            Decline::TooLate => "too_late",
            Decline::TermNotOffered => "term_not_offered",
            Decline::PriceCap => "price_cap",
            Decline::NothingToDo => "nothing_to_do",
            Decline::StillOwing => "still_owing",
        }
    }
}

/// Why an application was refused, in the order of the checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Refusal {
    /// One account a person.
    HasAccount = 0,
    /// Name, number and face do not match.
    Identity,
    /// Under 18, or above the product's age.
    Age,
    /// A small-loan lender may not lend to university students.
    Student,
    /// Fraud check.
    Fraud,
    /// Consumer debt elsewhere at the legal total.
    TotalDebt,
    /// Income does not carry it.
    Income,
    /// Probability of default above the appetite.
    Score,
    /// A reviewer said no.
    Review,
    /// No funder has room for new customers.
    NoFunds,
}

/// Number of refusal reasons.
pub(crate) const REFUSALS: usize = 10;

impl Refusal {
    /// All reasons in order.
    pub const ALL: [Refusal; REFUSALS] = [
        Refusal::HasAccount,
        Refusal::Identity,
        Refusal::Age,
        Refusal::Student,
        Refusal::Fraud,
        Refusal::TotalDebt,
        Refusal::Income,
        Refusal::Score,
        Refusal::Review,
        Refusal::NoFunds,
    ];

    /// Its name in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Refusal::HasAccount => "has_account",
            Refusal::Identity => "identity",
            Refusal::Age => "age",
            Refusal::Student => "student",
            Refusal::Fraud => "fraud",
            Refusal::TotalDebt => "total_debt",
            Refusal::Income => "income",
            Refusal::Score => "score",
            Refusal::Review => "review",
            Refusal::NoFunds => "no_funds",
        }
    }
}
