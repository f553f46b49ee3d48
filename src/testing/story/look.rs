//! What a story can look at: an account, counters, books. Every value is a word, compared as it is written.

use super::script::{snake, yuan};
use crate::base::ids::Slot;
use crate::base::time::Day;
use crate::credit::Engine;
use crate::credit::chart::{Account, Posting};
use crate::credit::provisioning::{bucket, five_tier};
use crate::credit::rows::flag;
use crate::credit::totals::CreditFlows;

/// The value of a key of an account on a day.
pub(crate) fn account(engine: &Engine, slot: Slot, today: Day, key: &str) -> Result<String, String> {
    let row = engine.account(slot);
    let view = engine.view(slot, today);
    let yes = |is: bool| if is { "yes" } else { "no" }.to_string();
    let dpd = row.days_past_due(today);
    Ok(match key {
        "status" => snake(&format!("{:?}", row.status())),
        "tier" => row.tier.to_string(),
        "rate" => yuan(row.annual_bp),
        "limit" => yuan(view.limit_fen),
        "raise" => yuan(row.raise),
        "available" => yuan(view.available_fen),
        "held" => yuan(row.held),
        "unbilled" => yuan(row.unbilled),
        "billed" => yuan(row.billed),
        "revolving" => yuan(row.revolving),
        "installed" => yuan(row.installed),
        "principal" => yuan(view.principal_fen),
        "interest" => yuan(row.interest),
        "fees" => yuan(row.fees),
        "penalty" => yuan(row.penalty),
        "charges" => yuan(row.charges()),
        "owed" => yuan(view.statement_fen),
        "statement" => yuan(row.statement),
        "minimum" => yuan(view.minimum_fen),
        "past_due" => yuan(view.past_due_fen),
        "convertible" => yuan(view.convertible_fen),
        "claim" => yuan(view.claim_fen),
        "due" => view.due_day.to_string(),
        "late_date" => Day(row.late_date).to_string(),
        "dpd" => dpd.to_string(),
        "bucket" => ["C", "M1", "M2", "M3", "M4", "M5", "M6"][bucket(dpd)].to_string(),
        "class" => ["normal", "special_mention", "substandard", "doubtful", "loss"][five_tier(dpd)].to_string(),
        "cards" => if view.cards_open { "open" } else { "closed" }.to_string(),
        "good_months" => row.good_months.to_string(),
        "contact" => snake(&format!("{:?}", view.contact)),
        "reaged" => yes(row.has(flag::REAGED)),
        "misuse" => yes(row.has(flag::MISUSE)),
        "platform" => yuan(row.by_funder[0]),
        "partner1" => yuan(row.by_funder[1]),
        "partner2" => yuan(row.by_funder[2]),
        "partner3" => yuan(row.by_funder[3]),
        _ => return Err(format!("an account has no `{key}`")),
    })
}

/// A counter by its name, `name.3` for one of several, the sum without a number. Names in `_fen` are money.
pub(crate) fn counter(fields: &[(&str, usize)], counters: &[i64], key: &str) -> Result<String, String> {
    let (name, index) = match key.split_once('.') {
        Some((name, index)) => (name, Some(index.parse::<usize>().map_err(|_| format!("`{index}` is no number"))?)),
        None => (key, None),
    };
    let mut start = 0;
    for (field, size) in fields {
        if *field != name {
            start += size;
            continue;
        }
        let value = match index {
            Some(index) if index < *size => counters[start + index],
            Some(index) => return Err(format!("`{name}` has no index {index}")),
            None => counters[start..start + size].iter().sum(),
        };
        return Ok(if name.ends_with("_fen") { yuan(value) } else { value.to_string() });
    }
    Err(format!("there is no counter `{name}`"))
}

/// The balance of an account of the chart, debit positive.
pub(crate) fn ledger(engine: &Engine, name: &str) -> Result<String, String> {
    let account = Account::ALL.iter().find(|account| format!("{account:?}") == name);
    account.map(|account| yuan(engine.ledger().balance(*account))).ok_or_else(|| format!("the chart has no `{name}`"))
}

/// All that was posted under a kind since the beginning.
pub(crate) fn posted(flows: &CreditFlows, name: &str) -> Result<String, String> {
    let kind = Posting::ALL.iter().find(|kind| format!("{kind:?}") == name);
    kind.map(|kind| yuan(flows.posted_fen[*kind as usize])).ok_or_else(|| format!("there is no posting `{name}`"))
}
