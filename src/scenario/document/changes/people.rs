//! Keys of behaviour and of the partners.

use super::entry::{Change, at_once, never, refused};

/// Why traits are refused.
const TRAIT: &str = "people have the trait or not from the first day: set it for the whole scenario";

/// What people do, and the partners' terms.
pub(super) const ALL: &[Change] = &[
    at_once("behaviour.watch", "people live by it from that day"),
    refused("behaviour.watch.weekend", "the calendar of the run is made with it: set it for the whole scenario"),
    at_once(
        "behaviour.funnel",
        "people live by it from that day; who stays away after a refusal stays away as long as he was to",
    ),
    at_once(
        "behaviour.buy",
        "people live by it from that day; their cost of living and orders on their way stay as they were",
    ),
    at_once("behaviour.tip", "people live by it from that day"),
    at_once("behaviour.repay", "people live by it from that day"),
    refused("behaviour.repay.auto_debit", TRAIT),
    refused("behaviour.repay.strategic_share", TRAIT),
    refused("behaviour.repay.fraud_share", TRAIT),
    at_once("behaviour.conduct", "people live by it from that day"),
    refused("behaviour.conduct.cashout_share", TRAIT),
    at_once("behaviour.literacy", "people live by it from that day"),
    refused("partners.NAME.name", "it is a name in reports: set it for the whole scenario"),
    never("partners.NAME.terms.share", "a loan keeps the parts of its funders, a hold those that it reserved"),
    at_once(
        "partners.NAME.terms.capacity_yuan_per_user",
        "the partner's room of the day follows; what is lent above it is paid back as it falls due",
    ),
    at_once("partners.NAME.terms.price_annual", "the money of all loans costs it from that day"),
    at_once("partners.NAME.terms.first_loss", "the promise is a share of all that the partner ever lent"),
    at_once("partners.NAME.terms.trigger_30", "the partner is judged by it from that night"),
    at_once("partners.NAME.terms.resume", "the partner is judged by it from that night"),
];
