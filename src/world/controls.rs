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

/// The lender's appetite for risk as factors, parts per million.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AppetiteFactors {
    /// On the PD cutoff.
    pub cutoff_factor_ppm: i32,
    /// On limit raises.
    pub raise_factor_ppm: i32,
}

/// Factors on the PD cutoff and on limit raises: one in normal times, lower with each percentage point by which lateness,
/// or the rise of unemployment that foretells it, goes beyond normal.
pub(super) fn appetite(rules: &Appetite, overdue: Ppm, economy: &MacroMonth) -> AppetiteFactors {
    let rise = i64::from(economy.unemployment_change_ppm.max(0)) * i64::from(rules.unemployment_weight.0) / 1_000_000;
    let excess = (i64::from(overdue.0 - rules.overdue_30_normal.0) + rise).max(0);
    // A percentage point is 10,000 parts per million.
    let factor = |per_pp: Ppm| {
        let cut = excess * i64::from(per_pp.0) / 10_000;
        (1_000_000 - cut).max(i64::from(rules.floor.0)) as i32
    };
    AppetiteFactors { cutoff_factor_ppm: factor(rules.cutoff_per_pp), raise_factor_ppm: factor(rules.raise_per_pp) }
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

/// Room that each funder has left: none where more is committed than there is capacity.
pub(super) fn room(capacity: [i64; FUNDERS], committed: [i64; FUNDERS]) -> [i64; FUNDERS] {
    std::array::from_fn(|f| (capacity[f] - committed[f]).max(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_funder_without_room_has_none_and_owes_none() {
        assert_eq!(room([1_000, 10, 7, 0], [1, 10, 0, 5]), [999, 0, 7, 0]);
    }
}
