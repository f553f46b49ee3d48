//! What a policy of a story may change in the terms.

use super::script;
use crate::base::money::{BasisPoints, Ppm};
use crate::credit::terms::{TIERS, Terms};

/// Changes one key of the terms.
pub(crate) fn change(terms: &mut Terms, key: &str, value: &str) -> Result<(), String> {
    let number = || value.parse::<i32>().map_err(|_| format!("`{value}` is no whole number"));
    let percent = || number().map(|percent| Ppm(percent * 10_000));
    let yes = || match value {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err(format!("`{value}` is neither yes nor no")),
    };
    match key {
        "rates" => {
            let rates: Vec<i64> = value.split(',').map(script::fen).collect::<Result<_, _>>()?;
            let rates: [i64; TIERS] = rates.try_into().map_err(|_| format!("a price list has {TIERS} rates"))?;
            terms.pricing.tier_annual = rates.map(|rate| BasisPoints(rate as i32));
        }
        "cards_closed_from" => terms.cards.closed_from_tier = number()? as u8,
        "cards" => terms.cards.enabled = yes()?,
        "tips" => terms.tips.enabled = yes()?,
        "rebate" => terms.cards.redeem_rebate = percent()?,
        "task" => terms.limits.task_purchases = number()? as u8,
        "task_raise" => terms.limits.task_raise = percent()?,
        "due_after" => terms.billing.due_after_days = number()? as u8,
        "grace" => terms.billing.grace_days = number()? as u8,
        "minimum" => terms.billing.minimum = percent()?,
        "hold_days" => terms.authorisation.hold_days = number()? as u8,
        "penalty" => terms.pricing.penalty_daily = Ppm(number()?),
        "day_one" => terms.pricing.interest_from_day_one = yes()?,
        "cap" => terms.pricing.cap_annual = BasisPoints(script::fen(value)? as i32),
        "cap_binds" => terms.pricing.cap_binds_open = yes()?,
        "partner1_share" => terms.funding.partners[0].share = percent()?,
        "commission" => terms.economics.commission = [percent()?; 4],
        "lower_round" => terms.limits.lower_round = number()? as u8,
        "lower_share" => terms.limits.lower_share = percent()?,
        "lower_floor" => terms.limits.lower_floor_fen = script::fen(value)? as i32,
        "lower_from" => terms.limits.lower_from_tier = number()? as u8,
        "new_limit" => terms.origination.tier_new_limit_fen = [script::fen(value)? as i32; TIERS],
        _ => return Err(format!("no policy of a story changes `{key}`")),
    }
    Ok(())
}
