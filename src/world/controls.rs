//! From the totals of the days so far to what the lender and the partners do tomorrow.

use crate::agents::partner::PartnerState;
use crate::base::ids::{FUNDERS, MAX_PARTNERS};
use crate::base::money::Ppm;
use crate::credit::terms::Funding;
use crate::economy::MacroMonth;
use crate::scenario::Appetite;
use crate::world::totals::CellDay;

/// Share of principal that is 31 or more days past due, parts per million; 0 without principal.
pub(super) fn overdue_30(day: &CellDay) -> Ppm {
    match day.principal_fen {
        0 => Ppm(0),
        principal => Ppm((i128::from(day.overdue_30_fen) * 1_000_000 / i128::from(principal)) as i32),
    }
}

/// Factors on the PD cutoff and on limit raises: one in normal times, lower with each percentage point by which lateness,
/// or the rise of unemployment that foretells it, goes beyond normal.
pub(super) fn appetite(rules: &Appetite, overdue: Ppm, economy: &MacroMonth) -> (i32, i32) {
    let rise = i64::from(economy.unemployment_change_ppm.max(0)) * i64::from(rules.unemployment_weight.0) / 1_000_000;
    let excess = (i64::from(overdue.0 - rules.overdue_30_normal.0) + rise).max(0);
    // A percentage point is 10,000 parts per million.
    let factor = |per_pp: Ppm| {
        let cut = excess * i64::from(per_pp.0) / 10_000;
        (1_000_000 - cut).max(i64::from(rules.floor.0)) as i32
    };
    (factor(rules.cutoff_per_pp), factor(rules.raise_per_pp))
}

/// Which partners lend tomorrow.
pub(super) fn partners_open(
    states: &mut [PartnerState],
    funding: &Funding,
    overdue: Ppm,
    withdrawn: [bool; MAX_PARTNERS],
) -> [bool; MAX_PARTNERS] {
    let mut open = [false; MAX_PARTNERS];
    for (i, partner) in funding.partners.iter().enumerate() {
        open[i] = states[i].step(overdue, withdrawn[i], partner.trigger_30, partner.resume);
    }
    open
}

/// Capacity of each funder for the whole world.
pub(super) fn capacity(funding: &Funding, users: u32) -> [i64; FUNDERS] {
    let mut capacity = [0; FUNDERS];
    capacity[0] = funding.net_assets_fen_per_user * funding.leverage * i64::from(users);
    for (i, partner) in funding.partners.iter().enumerate() {
        capacity[i + 1] = partner.capacity_fen_per_user * i64::from(users);
    }
    capacity
}

/// A cell's quota of what the funders still have room for: its share by users, rounded down.
pub(super) fn quota(
    capacity: [i64; FUNDERS],
    committed: [i64; FUNDERS],
    cell_users: usize,
    users: u32,
) -> [i64; FUNDERS] {
    std::array::from_fn(|f| {
        let room = i128::from((capacity[f] - committed[f]).max(0));
        (room * cell_users as i128 / i128::from(users)) as i64
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotas_never_add_up_to_more_than_the_room() {
        let capacity = [1_000, 10, 7, 0];
        let shares: Vec<_> = (0..3).map(|_| quota(capacity, [1, 0, 0, 5], 1, 3)).collect();
        for f in 0..FUNDERS {
            let sum: i64 = shares.iter().map(|q| q[f]).sum();
            assert!(sum <= (capacity[f] - [1, 0, 0, 5][f]).max(0), "funder {f}");
        }
    }
}
