//! The products' table: what each row is and how it is read off a product and its worlds.

use super::counts::named;
use crate::agents::traits::{UserRow, bits};
use crate::base::grouping::grouped;
use crate::credit::terms::Terms;
use crate::measure::DEFINITIONS;
use crate::population;
use crate::results::products::Price;
use crate::scenario::Scenario;

/// A row of the products' table.
pub(crate) struct Fact {
    /// Key in `models/facts/` and in results.
    pub key: &'static str,
    /// `users`, `operations`, `competition` or `risk`.
    pub group: &'static str,
    /// What it is.
    pub title: &'static str,
    pub(super) of: Of,
}

/// How a row is read.
#[derive(Clone, Copy)]
pub(super) enum Of {
    /// A ratio, shown in percent.
    Share(fn(&Seen<'_>) -> Option<f64>),
    /// Yuan.
    Yuan(fn(&Seen<'_>) -> Option<f64>),
    /// Words.
    Words(fn(&Seen<'_>) -> String),
}

/// A product and counts of one of its worlds, or of several added up.
pub(super) struct Seen<'a> {
    pub scenario: &'a Scenario,
    pub prices: &'a [Price],
    pub people: &'a People,
    pub counts: &'a [i128],
}

/// Who the users are, counted on the first day.
#[derive(Debug, Default)]
pub(super) struct People {
    users: usize,
    ages: Vec<u8>,
    indebted: usize,
    stacked: usize,
}

impl People {
    /// Counts the users of a scenario.
    pub(super) fn of(scenario: &Scenario) -> People {
        let mut people = People::default();
        let stacked_from = i64::from(scenario.base.levers.repay.stacked_from_ppm);
        for user in population::generate(scenario).iter().flat_map(|cell| &cell.users) {
            people.users += 1;
            people.ages.push(user.age);
            people.indebted += usize::from(user.other_debt_yuan > 0);
            people.stacked += usize::from(is_stacked(user, stacked_from));
        }
        people
    }

    fn aged(&self, from: u8, to: u8) -> Option<f64> {
        let inside = self.ages.iter().filter(|age| (from..=to).contains(age)).count();
        share(inside as i128, self.users as i128)
    }
}

fn is_stacked(user: &UserRow, from_ppm: i64) -> bool {
    let earns = user.traits & (bits::STUDENT | bits::MINOR) == 0;
    earns && i64::from(user.other_service_fen) * 1_000_000 > i64::from(user.income_fen) * from_ppm
}

fn share(part: i128, whole: i128) -> Option<f64> {
    (whole != 0).then(|| part as f64 / whole as f64)
}

impl Seen<'_> {
    fn terms(&self) -> &Terms {
        &self.scenario.base.terms
    }

    fn ratio(&self, part: &str, whole: &str) -> Option<f64> {
        share(named(self.counts, part), named(self.counts, whole))
    }

    fn lowest_rate(&self) -> Option<f64> {
        self.terms().pricing.tier_annual.iter().min().map(|rate| rate.to_ratio_f64())
    }

    fn highest_rate(&self) -> Option<f64> {
        self.terms().pricing.tier_annual.iter().max().map(|rate| rate.to_ratio_f64())
    }
}

const fn fact(key: &'static str, group: &'static str, title: &'static str, of: Of) -> Fact {
    Fact { key, group, title, of }
}

/// All rows in order.
pub(crate) const FACTS: &[Fact] = &[
    fact("ages_22_40_share", "users", "Users aged 22–40", Of::Share(|s| s.people.aged(22, 40))),
    fact("ages_25_38_share", "users", "Users aged 25–38", Of::Share(|s| s.people.aged(25, 38))),
    fact("traffic", "users", "Where users come from", Of::Words(|s| s.scenario.profile.traffic.clone())),
    fact("scenes_share", "users", "Scenes, share of the amount captured", Of::Words(scenes)),
    fact("ticket_mean_yuan", "users", "Mean ticket", Of::Yuan(mean_ticket)),
    fact("new_limit_yuan", "operations", "First limit by tier", Of::Words(new_limit)),
    fact(
        "limits_from_10000_share",
        "operations",
        "Limits of 10,000 yuan and more (counted from 9,500), month-ends",
        Of::Share(|s| s.ratio("limits_from_9500", "accounts")),
    ),
    fact(
        "balance_mean_yuan",
        "operations",
        "Mean balance of accounts with one, month-ends",
        Of::Yuan(|s| s.ratio("balance_fen", "accounts_with_balance").map(|fen| fen / 100.0)),
    ),
    fact(
        "utilisation",
        "operations",
        "Balance over limits, month-ends",
        Of::Share(|s| s.ratio("balance_fen", "limits_fen")),
    ),
    fact("decision_days", "operations", "Decision", Of::Words(decision)),
    fact("lowest_rate", "operations", "Lowest contract rate a year", Of::Share(|s| s.lowest_rate())),
    fact("highest_rate", "operations", "Highest contract rate a year", Of::Share(|s| s.highest_rate())),
    fact(
        "quoted_irr_highest",
        "operations",
        "Highest IRR on the price list of instalments",
        Of::Share(|s| s.prices.iter().map(|p| p.irr_annual).reduce(f64::max)),
    ),
    fact(
        "lent_irr_highest",
        "operations",
        "… of those that the price cap lets pass",
        Of::Share(|s| s.prices.iter().filter(|p| p.within_cap).map(|p| p.irr_annual).reduce(f64::max)),
    ),
    fact("bill_and_due", "operations", "Bill and due day", Of::Words(bill_and_due)),
    fact("free_days", "operations", "Free period", Of::Words(free_days)),
    fact("revenue_mix", "operations", "Revenue before losses and costs", Of::Words(revenue)),
    fact(
        "holders_share",
        "competition",
        "Users who hold an account at the end",
        Of::Share(|s| s.ratio("holders_end", "users_end")),
    ),
    fact(
        "indebted_share",
        "competition",
        "Users with lines or debts elsewhere",
        Of::Share(|s| share(s.people.indebted as i128, s.people.users as i128)),
    ),
    fact(
        "stacked_share",
        "competition",
        "Users whose debts elsewhere take more of the income than counts as stacked",
        Of::Share(|s| share(s.people.stacked as i128, s.people.users as i128)),
    ),
    fact(
        "unmet_wishes_share",
        "competition",
        "Wishes to buy that the free limit does not carry: given up, or declined",
        Of::Share(unmet),
    ),
    fact(
        "overdue_180_share",
        "risk",
        "Balance more than 180 days past due (from the balance beyond 150, spread evenly up to write-off)",
        Of::Share(overdue_180),
    ),
];

/// Keys that a published fact may have: those of the table and those of the measures.
pub(crate) fn known_facts() -> Vec<&'static str> {
    FACTS.iter().map(|f| f.key).chain(DEFINITIONS.iter().map(|d| d.key)).collect()
}

fn scenes(s: &Seen<'_>) -> String {
    let usual = ["live-stream shopping", "local services", "virtual top-ups", "content"];
    let own = &s.scenario.profile.scenes;
    let name = |position: usize| own.get(position).map_or(usual[position], String::as_str);
    let counts = ["captured_0_fen", "captured_1_fen", "captured_2_fen", "captured_3_fen", "cards_fen", "tips_fen"];
    let amounts = counts.map(|count| named(s.counts, count));
    let all: i128 = amounts.iter().sum();
    let part = |position: usize| {
        let name = match position {
            4 => "shopping cards",
            5 => "tips",
            scene => name(scene),
        };
        share(amounts[position], all).filter(|part| *part > 0.0).map(|part| format!("{name} {:.0} %", part * 100.0))
    };
    (0..amounts.len()).filter_map(part).collect::<Vec<_>>().join(", ")
}

fn mean_ticket(s: &Seen<'_>) -> Option<f64> {
    let amounts = ["captured_0_fen", "captured_1_fen", "captured_2_fen", "captured_3_fen", "cards_fen"];
    let all: i128 = amounts.iter().map(|count| named(s.counts, count)).sum();
    share(all, named(s.counts, "captured_count")).map(|fen| fen / 100.0)
}

fn new_limit(s: &Seen<'_>) -> String {
    let limits = s.terms().origination.tier_new_limit_fen.map(|fen| fen / 100);
    let (least, most) = (limits.iter().min().copied().unwrap_or(0), limits.iter().max().copied().unwrap_or(0));
    format!("{}–{} yuan", grouped(least.into()), grouped(most.into()))
}

fn decision(s: &Seen<'_>) -> String {
    let origination = &s.terms().origination;
    if origination.review_share.0 == 0 {
        return "at once".to_string();
    }
    let (least, most) = (origination.review_days, origination.review_days + origination.review_extra_days);
    let days = if least == most { least.to_string() } else { format!("{least}–{most}") };
    let queue = if origination.review_capacity_per_mille > 0 { ", in turn" } else { "" };
    format!("{:.0} % in review: {days} working days{queue}", 100.0 * origination.review_share.to_ratio_f64())
}

fn bill_and_due(s: &Seen<'_>) -> String {
    let billing = &s.terms().billing;
    let days: Vec<String> = (0..billing.bill_days.len())
        .map(|group| format!("{} + {}", billing.bill_days[group], billing.due_after(group)))
        .collect();
    let minimum = 100.0 * billing.minimum.to_ratio_f64();
    format!("bill day + days to due: {}; minimum {minimum:.0} %", days.join(", "))
}

fn free_days(s: &Seen<'_>) -> String {
    let (pricing, billing) = (&s.terms().pricing, &s.terms().billing);
    if pricing.interest_from_day_one {
        return "none: interest from the first day".to_string();
    }
    let afters = (0..billing.bill_days.len()).map(|group| billing.due_after(group));
    let (least, most) = (afters.clone().min().unwrap_or(0), afters.max().unwrap_or(0));
    format!("{least} to {} days, {} of grace", most + 31, billing.grace_days)
}

fn revenue(s: &Seen<'_>) -> String {
    let parts = ["interest", "instalment fees", "late interest", "merchant commission", "share of tips"];
    let counts = ["interest_fen", "fees_fen", "penalty_fen", "commission_fen", "tip_income_fen"];
    let amounts = counts.map(|count| named(s.counts, count));
    let all: i128 = amounts.iter().sum();
    let part = |position: usize| {
        let part = share(amounts[position], all).filter(|part| *part >= 0.0005)?;
        Some(format!("{} {:.0} %", parts[position], part * 100.0))
    };
    (0..parts.len()).filter_map(part).collect::<Vec<_>>().join(", ")
}

fn unmet(s: &Seen<'_>) -> Option<f64> {
    let unmet = named(s.counts, "wishes_dropped") + named(s.counts, "declined_limit");
    share(unmet, named(s.counts, "wishes"))
}

fn overdue_180(s: &Seen<'_>) -> Option<f64> {
    let writeoff = f64::from(s.terms().collections.writeoff_dpd);
    let beyond = ((writeoff - 180.0) / (writeoff - 150.0)).max(0.0);
    s.ratio("balance_151_fen", "balance_fen").map(|late| late * beyond)
}
