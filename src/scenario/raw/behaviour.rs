//! `models/behaviour/*.toml`: the knobs of behaviour as a person writes them.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::agents::levers;
use crate::scenario::document::units::{
    Channels, Factor, Number, Rate, Resolve, SCENES, Share, Signed, Whole, Yuan, section,
};

/// All knobs of behaviour.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct BehaviourFile {
    /// Streams.
    watch: Watch,
    /// From a stream to an account.
    funnel: Funnel,
    /// Purchases and cards.
    buy: Buy,
    /// Tips.
    tip: Tip,
    /// Repayment.
    repay: Repay,
    /// Misuse, complaints, churn.
    conduct: Conduct,
    /// Lessons in the app.
    literacy: Literacy,
}

impl Resolve<levers::Levers> for BehaviourFile {
    fn resolve(&self) -> levers::Levers {
        levers::Levers {
            watch: self.watch.resolve(),
            funnel: self.funnel.resolve(),
            buy: self.buy.resolve(),
            tip: self.tip.resolve(),
            repay: self.repay.resolve(),
            conduct: self.conduct.resolve(),
            literacy: self.literacy.resolve(),
        }
    }
}

section! {
    /// Watch knobs.
    Watch => levers::WatchLevers {
        /// Mean minutes on an active day.
        minutes_mean: Whole,
        /// Log-normal σ of minutes between sessions.
        #[schemars(range(min = 0))]
        minutes_sigma_milli as "minutes_sigma": Number,
        /// Mean sessions on an active day.
        #[schemars(range(min = 0))]
        sessions_mean_milli as "sessions_mean": Number,
        /// Weight of each hour of the day.
        #[schemars(extend("x-relative" = true))]
        hour_weights: [Whole; 24],
        /// Factor on weekends.
        weekend_ppm as "weekend": Factor,
    }
}

section! {
    /// Funnel knobs.
    Funnel => levers::FunnelLevers {
        /// Chance that a session shows the entry to a user without an account.
        impression_ppm as "impression": Share,
        /// Chance that an impression is clicked.
        click_ppm as "click": Share,
        /// Chance that a click becomes an application.
        apply_ppm as "apply": Share,
        /// Growth of the chance of an impression as friends hold an account: by this factor if all of them do (0: none).
        referral_ppm as "referral": Factor,
        /// Days before a refused user tries again.
        retry_days: u16,
        /// Factor on the click chance during a campaign.
        campaign_click_ppm as "campaign_click": Factor,
        /// Chance that a person's identity does not match (wrong data), a draw per application.
        identity_mismatch_ppm as "identity_mismatch": Share,
        /// Change of applications per percentage point by which the middle of the price list is above the reference rate
        /// (negative; 0 is off).
        price_elasticity_ppm as "price_elasticity": Signed,
    }
}

section! {
    /// Buy knobs.
    Buy => levers::BuyLevers {
        /// Wished purchases a month of a mean user, cards included, before limits bind.
        #[schemars(range(min = 0))]
        demand_per_month_milli as "demand_per_month": Number,
        /// Median ticket.
        ticket_median_fen as "ticket_median_yuan": Yuan,
        /// Log-normal σ of the ticket.
        #[schemars(range(min = 0))]
        ticket_sigma_milli as "ticket_sigma": Number,
        /// Share of wishes by scene (sums to 1, cards apart).
        #[schemars(extend("x-relative" = true))]
        scene_ppm as "scene": [Share; SCENES],
        /// Share of wishes that are shopping cards.
        card_ppm as "card": Share,
        /// Share of cards that are registered to a name.
        card_named_ppm as "card_named": Share,
        /// Chance on a day that an unspent card is used for a part.
        card_redeem_daily_ppm as "card_redeem_daily": Share,
        /// Chance that a card is given back within the refund days.
        card_refund_ppm as "card_refund": Share,
        /// Share of card buyers whom the "spend sensibly" prompt stops (a lever; 0 is off).
        prompt_stop_ppm as "prompt_stop": Share,
        /// Share of checkouts that take instalments at once.
        checkout_instalment_ppm as "checkout_instalment": Share,
        /// Weights of 3, 6, 9, 12 months among those who take instalments.
        #[schemars(extend("x-relative" = true))]
        term_weights: [Whole; 4],
        /// Share of captured purchases that are given back, wholly or in part.
        refund_ppm as "refund": Share,
        /// Share of refunds that are partial.
        partial_refund_ppm as "partial_refund": Share,
        /// Share of holds that never become sales.
        void_ppm as "void": Share,
        /// After a decline for the limit: chance to try a cheaper thing at once.
        retry_cheaper_ppm as "retry_cheaper": Share,
        /// Demand change per percentage point of annual rate above the reference (negative).
        price_elasticity_ppm as "price_elasticity": Signed,
        /// Rate at which demand is as stated, basis points.
        reference_annual_bp as "reference_annual": Rate,
        /// Demand of people out of work, share of normal.
        jobless_demand_ppm as "jobless_demand": Share,
        /// Demand factor while the last bill exceeds what income carries.
        burdened_demand_ppm as "burdened_demand": Share,
        /// The bill counts as a burden above this share of monthly income.
        burden_from_ppm as "burden_from": Factor,
        /// Strength with which demand follows the e-commerce index (1: fully).
        cycle_ppm as "cycle": Share,
        /// Extra wishes of a user of mean curiosity while a task is on offer, share of wishes (0 is off).
        task_pull_ppm as "task_pull": Share,
        /// Extra card wishes for each percentage point of the rebate on redemption, share of card wishes (0 is off).
        rebate_pull_ppm as "rebate_pull": Share,
        /// Extra instalments where a coupon waives all of their interest, share of instalments (0 is off).
        coupon_pull_ppm as "coupon_pull": Factor,
        /// Share of those who are kept from buying a card who buy goods of that price instead (0 is off).
        card_substitution_ppm as "card_substitution": Share,
    }
}

section! {
    /// Tip knobs.
    Tip => levers::TipLevers {
        /// Tips in a session of a tipper, mean.
        #[schemars(range(min = 0))]
        per_session_milli as "per_session": Number,
        /// Median tip of the median tipper.
        median_fen as "median_yuan": Yuan,
        /// Share of tips paid on credit (the rest comes from the wallet and never meets the engine).
        on_credit_ppm as "on_credit": Share,
        /// Chance that a tip on credit was given by a minor and is taken back.
        minor_refund_ppm as "minor_refund": Share,
        /// Larger tips on credit where tips raise the limit, share of the tip (0 is off).
        link_pull_ppm as "link_pull": Share,
        /// Share of tips that come from the wallet instead where tips on credit are barred; the others are not given.
        wallet_instead_ppm as "wallet_instead": Share,
    }
}

section! {
    /// Repay knobs.
    Repay => levers::RepayLevers {
        /// Share of statements turned into instalments by people who could pay.
        bill_instalment_ppm as "bill_instalment": Share,
        /// Share paid at the minimum by people who could pay.
        minimum_ppm as "minimum": Share,
        /// Share of users who let the bank account be debited.
        auto_debit_ppm as "auto_debit": Share,
        /// Chance that a user of median discipline forgets a due date.
        forget_ppm as "forget": Share,
        /// Chance a day that a forgetful payer remembers.
        remember_daily_ppm as "remember_daily": Share,
        /// Chance a month of an unforeseen expense.
        emergency_ppm as "emergency": Share,
        /// Its size in thousandths of monthly income (mean of an exponential).
        #[schemars(range(min = 0))]
        emergency_size_milli as "emergency_size": Number,
        /// Share of monthly income kept back for living when deciding whether to pay in full.
        reserve_ppm as "reserve": Share,
        /// Income out of work, share of the wage.
        benefit_ppm as "benefit": Share,
        /// Living cost out of work, share of normal.
        jobless_living_ppm as "jobless_living": Share,
        /// Chance a day that a user who cannot pay finds money elsewhere (family, sale of goods), days 1–30 past due.
        scrape_daily_ppm as "scrape_daily": Share,
        /// The same from day 31 on.
        scrape_late_daily_ppm as "scrape_late_daily": Share,
        /// Chance that a debtor who reaches 31, 61 and 91 days past due gives up for good.
        give_up_ppm as "give_up": [Share; 3],
        /// Chance that a reached contact makes a user who could scrape pay, by channel.
        contact_cure_ppm as "contact_cure": Channels<Share>,
        /// Factor of the collectors' scripts on those chances (1 is the present ones).
        script_cure_ppm as "script_cure": Factor,
        /// Share of users who may default by choice.
        strategic_share_ppm as "strategic_share": Share,
        /// Chance a month that such a user stops paying, when the debt is above half the limit.
        strategic_monthly_ppm as "strategic_monthly": Share,
        /// Share of applicants who never mean to pay.
        fraud_share_ppm as "fraud_share": Share,
        /// Chance that a late user asks for a hardship plan when a collector calls.
        hardship_ask_ppm as "hardship_ask": Share,
        /// Chance a month that a written-off debtor pays something.
        recovery_monthly_ppm as "recovery_monthly": Share,
        /// Part of the claim that is then paid.
        recovery_part_ppm as "recovery_part": Share,
        /// Chance a month that a user with money settles an instalment loan early.
        settle_early_ppm as "settle_early": Share,
        /// Residual channel: log-odds of lateness per percentage point of the four-quarter change of unemployment,
        /// (docs/rules.md §4.8; 0 switches it off).
        #[schemars(range(min = 0))]
        residual_logit_milli_per_pp as "residual_logit_per_pp": Number,
        /// Debt service elsewhere above this share of income makes a failure to pay "stacked debt".
        stacked_from_ppm as "stacked_from": Factor,
    }
}

section! {
    /// Conduct knobs.
    Conduct => levers::ConductLevers {
        /// Share of users who cash out now and then.
        cashout_share_ppm as "cashout_share": Share,
        /// Chance a day that such a user tries.
        cashout_daily_ppm as "cashout_daily": Share,
        /// Share of cash-outs that go over resold cards (the rest over colluding merchants).
        cashout_by_card_ppm as "cashout_by_card": Share,
        /// Chance that a declined purchase is complained of.
        complain_decline_ppm as "complain_decline": Share,
        /// Chance that a reached collection contact is complained of.
        complain_contact_ppm as "complain_contact": Share,
        /// Factor of the collectors' scripts on that chance (1 is the present ones).
        script_complaint_ppm as "script_complaint": Factor,
        /// Chance that a late charge is complained of.
        complain_charge_ppm as "complain_charge": Share,
        /// Chance a month of a complaint about ordinary service.
        complain_service_ppm as "complain_service": Share,
        /// Chance a month that an idle user without debt closes the account.
        churn_monthly_ppm as "churn_monthly": Share,
        /// Declines in a row after which patience is at an end (median user).
        patience_declines: u8,
        /// Days for which an impatient user does not come back.
        sulk_days: u16,
        /// Chance a month of closing an account without debt for each percentage point of its rate above the reference (0 is
        /// off).
        #[schemars(range(max = 0.05))]
        churn_price_ppm as "churn_price": Share,
    }
}

section! {
    /// Literacy knobs.
    Literacy => levers::LiteracyLevers {
        /// Shown to users younger than this (0: to nobody).
        #[schemars(range(max = 120))]
        below_age: u8,
        /// Part of forgotten due dates that they no longer forget.
        forget_cut_ppm as "forget_cut": Share,
        /// Part of wishes to buy on credit that they drop.
        demand_cut_ppm as "demand_cut": Share,
    }
}
