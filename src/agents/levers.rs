//! The knobs of behaviour: what people do, on average, as numbers from `models/`. Integers, so that the sweep takes no
//! floating-point path that could differ between machines. Shares and probabilities in parts per million.

use crate::credit::command::{CHANNELS, SCENES};

/// All knobs.
#[derive(Clone, Debug, PartialEq)]
pub struct Levers {
    /// Streams.
    pub watch: WatchLevers,
    /// From a stream to an account.
    pub funnel: FunnelLevers,
    /// Purchases and cards.
    pub buy: BuyLevers,
    /// Tips.
    pub tip: TipLevers,
    /// Repayment.
    pub repay: RepayLevers,
    /// Misuse, complaints, churn.
    pub conduct: ConductLevers,
    /// Lessons in the app.
    pub literacy: LiteracyLevers,
}

/// Short lessons on credit, shown to the young (a policy lever).
#[derive(Clone, Debug, PartialEq)]
pub struct LiteracyLevers {
    /// Shown to users younger than this (0: to nobody).
    pub below_age: u8,
    /// Part of forgotten due dates that they no longer forget.
    pub forget_cut_ppm: i32,
    /// Part of wishes to buy on credit that they drop.
    pub demand_cut_ppm: i32,
}

/// Streams (docs/rules.md §6.1).
#[derive(Clone, Debug, PartialEq)]
pub struct WatchLevers {
    /// Mean minutes on an active day.
    pub minutes_mean: i32,
    /// Log-normal σ of minutes between sessions, thousandths.
    pub minutes_sigma_milli: i32,
    /// Mean sessions on an active day.
    pub sessions_mean_milli: i32,
    /// Weight of each hour of the day.
    pub hour_weights: [u32; 24],
    /// Factor on weekends.
    pub weekend_ppm: i32,
}

/// From a stream to an account (docs/rules.md §6.2).
#[derive(Clone, Debug, PartialEq)]
pub struct FunnelLevers {
    /// Chance that a session shows the entry to a user without an account.
    pub impression_ppm: i32,
    /// Chance that an impression is clicked.
    pub click_ppm: i32,
    /// Chance that a click becomes an application.
    pub apply_ppm: i32,
    /// Growth of the chance of an impression as friends hold an account: at this factor if all of them do (0: none).
    pub referral_ppm: i32,
    /// Days before a refused user tries again.
    pub retry_days: u16,
    /// Factor on the click chance during a campaign.
    pub campaign_click_ppm: i32,
    /// Chance that a person's identity does not match (wrong data), a draw per application.
    pub identity_mismatch_ppm: i32,
    /// Change of applications per percentage point by which the middle of the price list is above the reference rate, parts
    /// per million (negative; 0 is off).
    pub price_elasticity_ppm: i32,
}

/// Purchases and cards (docs/rules.md §7).
#[derive(Clone, Debug, PartialEq)]
pub struct BuyLevers {
    /// Wished purchases a month of a mean user, cards included, before limits bind.
    pub demand_per_month_milli: i32,
    /// Median ticket.
    pub ticket_median_fen: i32,
    /// Log-normal σ of the ticket, thousandths.
    pub ticket_sigma_milli: i32,
    /// Share of wishes by scene (sums to one million with `card_ppm` apart).
    pub scene_ppm: [i32; SCENES],
    /// Share of wishes that are shopping cards.
    pub card_ppm: i32,
    /// Share of cards that are registered to a name.
    pub card_named_ppm: i32,
    /// Chance on a day that an unspent card is used for a part.
    pub card_redeem_daily_ppm: i32,
    /// Chance that a card is given back within the refund days.
    pub card_refund_ppm: i32,
    /// Share of card buyers whom the "spend sensibly" prompt stops (a lever; 0 is off).
    pub prompt_stop_ppm: i32,
    /// Share of checkouts that take instalments at once.
    pub checkout_instalment_ppm: i32,
    /// Weights of 3, 6, 9, 12 months among those who take instalments.
    pub term_weights: [u32; 4],
    /// Share of captured purchases that are given back, wholly or in part.
    pub refund_ppm: i32,
    /// Share of refunds that are partial.
    pub partial_refund_ppm: i32,
    /// Share of holds that never become sales.
    pub void_ppm: i32,
    /// After a decline for the limit: chance to try a cheaper thing at once.
    pub retry_cheaper_ppm: i32,
    /// Demand change per percentage point of annual rate above the reference, parts per million (negative).
    pub price_elasticity_ppm: i32,
    /// Rate at which demand is as stated, basis points.
    pub reference_annual_bp: i32,
    /// Demand of people out of work, share of normal.
    pub jobless_demand_ppm: i32,
    /// Demand factor while the last bill exceeds what income carries.
    pub burdened_demand_ppm: i32,
    /// The bill counts as a burden above this share of monthly income.
    pub burden_from_ppm: i32,
    /// Strength with which demand follows the e-commerce index (1,000,000: fully).
    pub cycle_ppm: i32,
    /// Extra wishes of a user of mean curiosity while a task is on offer, share of wishes (0 is off).
    pub task_pull_ppm: i32,
    /// Extra card wishes for each percentage point of the rebate on redemption, share of card wishes (0 is off).
    pub rebate_pull_ppm: i32,
    /// Extra instalments where a coupon waives all of their interest, share of instalments (0 is off).
    pub coupon_pull_ppm: i32,
    /// Share of those who are kept from buying a card who buy goods of that price instead (0 is off).
    pub card_substitution_ppm: i32,
}

/// Tips (docs/rules.md §6.5).
#[derive(Clone, Debug, PartialEq)]
pub struct TipLevers {
    /// Tips in a session of a tipper, mean, thousandths.
    pub per_session_milli: i32,
    /// Median tip of the median tipper.
    pub median_fen: i32,
    /// Share of tips paid on credit (the rest comes from the wallet and never meets the engine).
    pub on_credit_ppm: i32,
    /// Chance that a tip on credit was given by a minor and is taken back.
    pub minor_refund_ppm: i32,
    /// Larger tips on credit where tips raise the limit, share of the tip (0 is off).
    pub link_pull_ppm: i32,
    /// Share of tips that come from the wallet instead where tips on credit are barred; the others are not given.
    pub wallet_instead_ppm: i32,
}

/// How people pay (docs/rules.md §8).
#[derive(Clone, Debug, PartialEq)]
pub struct RepayLevers {
    /// Share of statements turned into instalments by people who could pay.
    pub bill_instalment_ppm: i32,
    /// Share paid at the minimum by people who could pay.
    pub minimum_ppm: i32,
    /// Share of users who let the bank account be debited.
    pub auto_debit_ppm: i32,
    /// Chance that a user of median discipline forgets a due date.
    pub forget_ppm: i32,
    /// Chance a day that a forgetful payer remembers.
    pub remember_daily_ppm: i32,
    /// Chance a month of an unforeseen expense.
    pub emergency_ppm: i32,
    /// Its size in thousandths of monthly income (mean of an exponential).
    pub emergency_size_milli: i32,
    /// Share of monthly income kept back for living when deciding whether to pay in full.
    pub reserve_ppm: i32,
    /// Income out of work, share of the wage.
    pub benefit_ppm: i32,
    /// Living cost out of work, share of normal.
    pub jobless_living_ppm: i32,
    /// Chance a day that a user who cannot pay finds money elsewhere (family, sale of goods), days 1–30 past due.
    pub scrape_daily_ppm: i32,
    /// The same from day 31 on.
    pub scrape_late_daily_ppm: i32,
    /// Chance that a debtor who reaches 31, 61 and 91 days past due gives up for good: no longer answers, no longer pays
    /// even when there is money again.
    pub give_up_ppm: [i32; 3],
    /// Chance that a reached contact makes a user who could scrape pay, by channel.
    pub contact_cure_ppm: [i32; CHANNELS],
    /// Factor of the collectors' scripts on those chances, parts per million (a policy lever; 1,000,000 is the present ones).
    pub script_cure_ppm: i32,
    /// Share of users who may default by choice.
    pub strategic_share_ppm: i32,
    /// Chance a month that such a user stops paying, when the debt is above half the limit.
    pub strategic_monthly_ppm: i32,
    /// Share of applicants who never mean to pay.
    pub fraud_share_ppm: i32,
    /// Chance that a late user asks for a hardship plan when a collector calls.
    pub hardship_ask_ppm: i32,
    /// Chance a month that a written-off debtor pays something.
    pub recovery_monthly_ppm: i32,
    /// Part of the claim that is then paid.
    pub recovery_part_ppm: i32,
    /// Chance a month that a user with money settles an instalment loan early.
    pub settle_early_ppm: i32,
    /// Residual channel: log-odds of lateness per percentage point of the four-quarter change of unemployment,
    /// thousandths (docs/rules.md §4.8; 0 switches it off).
    pub residual_logit_milli_per_pp: i32,
    /// Debt service elsewhere above this share of income makes a failure to pay "stacked debt".
    pub stacked_from_ppm: i32,
}

/// Misuse, complaints, churn.
#[derive(Clone, Debug, PartialEq)]
pub struct ConductLevers {
    /// Share of users who cash out now and then.
    pub cashout_share_ppm: i32,
    /// Chance a day that such a user tries.
    pub cashout_daily_ppm: i32,
    /// Share of cash-outs that go over resold cards (the rest over colluding merchants).
    pub cashout_by_card_ppm: i32,
    /// Chance that a declined purchase is complained of.
    pub complain_decline_ppm: i32,
    /// Chance that a reached collection contact is complained of.
    pub complain_contact_ppm: i32,
    /// Factor of the collectors' scripts on that chance, parts per million (a policy lever; 1,000,000 is the present ones).
    pub script_complaint_ppm: i32,
    /// Chance that a late charge is complained of.
    pub complain_charge_ppm: i32,
    /// Chance a month of a complaint about ordinary service.
    pub complain_service_ppm: i32,
    /// Chance a month that an idle user without debt closes the account.
    pub churn_monthly_ppm: i32,
    /// Declines in a row after which patience is at an end (median user).
    pub patience_declines: u8,
    /// Days for which an impatient user does not come back.
    pub sulk_days: u16,
    /// Chance a month of closing an account without debt for each percentage point of its rate above the reference (0 is off).
    pub churn_price_ppm: i32,
}
