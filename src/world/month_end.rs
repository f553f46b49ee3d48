//! What a cell counts at the close of a month's last day: its people, and the book by groups of the people who hold it.

use crate::agents::environment::Environment;
use crate::agents::paying;
use crate::agents::totals::{AgentStocks, INCOME_BANDS, PEOPLE_BANDS};
use crate::agents::traits::{UserRow, in_labour_force, segment};
use crate::base::ids::Slot;
use crate::base::time::Day;
use crate::credit::totals::{GROUPS, RiskStocks};
use crate::credit::{Engines, Today};
use crate::world::segments::Segments;
use crate::world::totals::WorkTally;

/// Upper ends of all bands of the monthly wage but the last.
const INCOME_TO_FEN: [i32; INCOME_BANDS - 1] = [300_000, 500_000, 800_000, 1_200_000];

const _: () = assert!(GROUPS == PEOPLE_BANDS + INCOME_BANDS);

/// Who owes more a month than this share of income is over-borrowed: 55 %, the most that Chinese banks may let all debts of a
/// borrower take (CBRC 2004, guidelines on real-estate loans, article 36). Parts per million.
const PRUDENT_SERVICE_PPM: i64 = 550_000;

/// Age band of the tables.
const fn age_band(age: u8) -> usize {
    match age {
        ..18 => 0,
        18..=24 => 1,
        25..=29 => 2,
        30..=35 => 3,
        36..=45 => 4,
        _ => 5,
    }
}

/// Adds the people of a cell and the accounts that they hold, by slot.
pub(super) fn count(
    users: &[UserRow],
    engines: &Engines,
    today: &Today<'_>,
    env: &Environment<'_>,
    tally: &mut WorkTally,
) {
    count_people(users, today.day(), &mut tally.people_end);
    count_groups(users, engines, env, &mut tally.risk);
    engines.iter().for_each(|engine| engine.add_exposures(today, &mut tally.risk));
    if let Some(segments) = &mut tally.segments {
        count_segments(users, engines, today, segments);
    }
}

fn count_people(users: &[UserRow], day: Day, stocks: &mut AgentStocks) {
    for user in users.iter().filter(|user| user.joins_day <= day.0) {
        stocks.users += 1;
        stocks.users_by_age[age_band(user.age)] += 1;
        stocks.users_18_35 += i64::from((18..=35).contains(&user.age));
        stocks.savings_fen += i64::from(user.savings_fen);
        stocks.users_by_stage[usize::from(user.funnel)] += 1;
        if in_labour_force(user) {
            stocks.labour_force += 1;
            stocks.jobless += i64::from(user.jobless_since != 0);
        }
    }
}

/// Adds the live accounts to the groups of their holders. Income and debt service are a person's, whoever lends.
fn count_groups(users: &[UserRow], engines: &Engines, env: &Environment<'_>, stocks: &mut RiskStocks) {
    for (slot, user) in users.iter().enumerate() {
        let rows = || engines.iter().map(|engine| engine.account(Slot(slot as u32))).filter(|row| row.is_live());
        let accounts = rows().count() as i64;
        if accounts == 0 {
            continue;
        }
        let band = INCOME_TO_FEN.iter().position(|to| user.income_fen < *to).unwrap_or(INCOME_BANDS - 1);
        let income = paying::monthly_income(user, env);
        let service = i64::from(user.other_service_fen) + rows().map(|row| i64::from(row.statement)).sum::<i64>();
        for group in [age_band(user.age), PEOPLE_BANDS + band] {
            for row in rows() {
                let (balance, dpd) = (i64::from(row.principal()), row.days_past_due(env.calendar.day));
                stocks.balance_fen[group] += balance;
                stocks.overdue_fen[group] += if dpd > 0 { balance } else { 0 };
                stocks.overdue_30_fen[group] += if dpd > 30 { balance } else { 0 };
            }
            stocks.accounts[group] += accounts;
            stocks.income_fen[group] += income;
            stocks.service_fen[group] += service;
            stocks.overborrowed[group] += if service * 1_000_000 > income * PRUDENT_SERVICE_PPM { accounts } else { 0 };
        }
    }
}

fn count_segments(users: &[UserRow], engines: &Engines, today: &Today<'_>, segments: &mut Segments) {
    for engine in engines.iter() {
        for (slot, user) in users.iter().enumerate() {
            let row = engine.account(Slot(slot as u32));
            segments.count_account(segment::mask(user), row, today);
        }
    }
}
