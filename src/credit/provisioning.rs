//! IFRS 9 and the five-tier classes (docs/rules.md §21).
//!
//! Expected credit loss is PD × LGD × EAD. Stage 1 takes 12 months of default risk, stages 2 and 3 the lifetime. LGD is
//! never an input: it is what rolled from 90+ DPD to write-off in the run so far, less what came back.

use crate::base::money::{Ppm, div_half_even};
use crate::credit::chart::{Account, Posting};
use crate::credit::command::Status;
use crate::credit::rows::{AccountRow, flag};
use crate::credit::terms::{BUCKETS, Provisioning};
use crate::credit::totals::{ECL_SCENARIOS, RiskStocks, STAGES, Tally};
use crate::credit::{Engine, Today};

/// Bucket of a number of days past due: 0 is C, 1–6 are M1–M6.
#[inline]
pub(crate) const fn bucket(days_past_due: u16) -> usize {
    if days_past_due == 0 {
        return 0;
    }
    let bucket = (days_past_due as usize - 1) / 30 + 1;
    if bucket < BUCKETS { bucket } else { BUCKETS - 1 }
}

/// IFRS 9 stage, 0-based: 0 performing, 1 significant increase (30+ DPD, re-aged or a tier worse than at opening), 2
/// credit-impaired (90+ DPD).
pub(crate) const fn stage(days_past_due: u16, risk_has_risen: bool) -> usize {
    match days_past_due {
        91.. => 2,
        31.. => 1,
        _ if risk_has_risen => 1,
        _ => 0,
    }
}

/// Five-tier class: 0 normal, 1 special mention (1–90), 2 substandard (>90), 3 doubtful (>270), 4 loss (>360). Up to 7
/// days are technical lateness and stay normal.
pub(crate) const fn five_tier(days_past_due: u16) -> usize {
    match days_past_due {
        0..=7 => 0,
        8..=90 => 1,
        91..=270 => 2,
        271..=360 => 3,
        _ => 4,
    }
}

/// What the run has seen so far of the end of the line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Experience {
    /// Principal that reached 91 DPD and had time to end.
    pub reached_91_fen: i64,
    /// … of it written off.
    pub written_off_fen: i64,
    /// All written off.
    pub writeoff_fen: i64,
    /// Recovered and sold.
    pub recovered_fen: i64,
}

/// Expected loss of a fen of own balance by bucket, in parts per million: macro-weighted PD × LGD. `stress_ppm` moves the
/// macro scenarios with the economy (one million in normal times).
pub(crate) fn coverage_ppm(terms: &Provisioning, seen: &Experience, stress_ppm: i32) -> [i32; BUCKETS] {
    let part = |n: i64, d: i64, otherwise: i64| if d > 0 { (n * 1_000_000 / d).clamp(0, 1_000_000) } else { otherwise };
    let roll = part(seen.written_off_fen, seen.reached_91_fen, 970_000);
    let recovery = part(seen.recovered_fen, seen.writeoff_fen, i64::from(terms.recovery_prior.0));
    let lgd = roll * (1_000_000 - recovery) / 1_000_000;
    let weighted: i64 =
        (0..3).map(|i| i64::from(terms.macro_weights[i].0) * i64::from(terms.macro_multipliers[i].0) / 1_000_000).sum();
    std::array::from_fn(|bucket| {
        let pd = i64::from(terms.pd_by_bucket[bucket].0) * weighted / 1_000_000 * i64::from(stress_ppm) / 1_000_000;
        (pd.min(1_000_000) * lgd / 1_000_000) as i32
    })
}

/// [`coverage_ppm`] under each macro scenario alone: upside, base, downside.
pub(crate) fn coverage_by_scenario_ppm(
    terms: &Provisioning,
    seen: &Experience,
    stress_ppm: i32,
) -> [[i32; BUCKETS]; 3] {
    std::array::from_fn(|scenario| {
        let mut macro_weights = [Ppm(0); 3];
        macro_weights[scenario] = Ppm(1_000_000);
        coverage_ppm(&Provisioning { macro_weights, ..terms.clone() }, seen, stress_ppm)
    })
}

/// Expected loss by scenario and stage of the exposures of `stocks`: under upside, base, downside, and as booked (under the
/// coverage `weighted` of the day).
pub(crate) fn expected_losses(
    stocks: &RiskStocks,
    scenarios: &[[i32; BUCKETS]; 3],
    weighted: &[i32; BUCKETS],
) -> [i64; ECL_SCENARIOS * STAGES] {
    let mut losses = [0; ECL_SCENARIOS * STAGES];
    for (scenario, coverage) in scenarios.iter().chain([weighted]).enumerate() {
        for (index, exposure) in stocks.exposure_fen.iter().enumerate() {
            let loss = i128::from(*exposure) * i128::from(coverage[index % BUCKETS]) / 1_000_000;
            losses[scenario * STAGES + index / BUCKETS] += loss as i64;
        }
    }
    losses
}

/// Risk has risen since opening when the account is re-aged or carried into the worst tier by lateness.
pub(super) const fn risk_has_risen(row: &AccountRow) -> bool {
    row.has(flag::REAGED) || (row.good_months < 3 && row.has(flag::LATE_IN_CYCLE))
}

/// What expected loss of an account is taken on.
struct Exposure {
    /// Drawn balance, and for current accounts the converted part of the undrawn limit.
    fen: i64,
    /// Factor for the lifetime, parts per million.
    lifetime_ppm: i64,
}

impl Engine {
    /// Expected loss of one account's own-book exposure.
    pub(super) fn expected_loss(today: &Today, row: &AccountRow, days_past_due: u16, risk_has_risen: bool) -> i64 {
        let rate = i64::from(today.controls.coverage_ppm[bucket(days_past_due)]);
        let Exposure { fen, lifetime_ppm } = Engine::exposure(today, row, days_past_due, risk_has_risen);
        div_half_even(fen * rate / 1_000 * (lifetime_ppm / 1_000), 1_000_000)
    }

    /// What expected loss of an account is taken on.
    fn exposure(today: &Today, row: &AccountRow, days_past_due: u16, risk_has_risen: bool) -> Exposure {
        let terms = &today.terms.provisioning;
        let own = i64::from(row.by_funder[0]);
        // A frozen line cannot be drawn.
        let drawable = days_past_due == 0 && row.status() == Status::Open;
        let undrawn = if drawable { i64::from(row.available_on(today.day()).max(0)) } else { 0 };
        let own_share = i64::from(today.terms.funding.platform_share_min.0);
        let converted = undrawn * i64::from(terms.ccf.0) / 1_000_000 * own_share / 1_000_000;
        let lifetime_ppm = if stage(days_past_due, risk_has_risen) == 1 && days_past_due <= 30 {
            i64::from(terms.lifetime_factor.0)
        } else {
            1_000_000
        };
        Exposure { fen: own + converted, lifetime_ppm }
    }

    /// Adds what expected loss is taken on in this cell, as it stands after the close of a day, to `stocks`.
    pub fn add_exposures(&self, today: &Today, stocks: &mut RiskStocks) {
        for row in self.accounts.iter().filter(|row| row.is_live()) {
            let (dpd, risen) = match row.principal() {
                0 => (0, false),
                _ => (row.days_past_due(today.day()), risk_has_risen(row)),
            };
            let Exposure { fen, lifetime_ppm } = Engine::exposure(today, row, dpd, risen);
            stocks.exposure_fen[stage(dpd, risen) * BUCKETS + bucket(dpd)] += fen * (lifetime_ppm / 1_000) / 1_000;
        }
    }

    /// Moves the allowance of this cell to `target_fen` (month-end).
    pub(super) fn set_allowance(&mut self, tally: &mut Tally, target_fen: i64) {
        let held = -self.ledger.balance(Account::LossAllowance);
        if target_fen > held {
            self.ledger.post(&mut tally.flows, Posting::Impair, target_fen - held);
        } else {
            self.ledger.post(&mut tally.flows, Posting::ReleaseImpairment, held - target_fen);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_stages_and_classes_change_on_their_days() {
        assert_eq!(
            [0, 1, 30, 31, 60, 61, 90, 91, 150, 151, 180, 400].map(bucket),
            [0, 1, 1, 2, 2, 3, 3, 4, 5, 6, 6, 6]
        );
        assert_eq!([0, 30, 31, 90, 91].map(|d| stage(d, false)), [0, 0, 1, 1, 2]);
        assert_eq!(stage(0, true), 1);
        assert_eq!([7, 8, 90, 91, 270, 271, 360, 361].map(five_tier), [0, 1, 1, 2, 2, 3, 3, 4]);
    }

    #[test]
    fn loss_given_default_comes_from_what_was_seen() {
        let terms = Provisioning {
            pd_by_bucket: [Ppm(20_000), Ppm(1), Ppm(1), Ppm(1), Ppm(1_000_000), Ppm(1_000_000), Ppm(1_000_000)],
            ccf: Ppm(0),
            macro_weights: [Ppm(250_000), Ppm(500_000), Ppm(250_000)],
            macro_multipliers: [Ppm(800_000), Ppm(1_000_000), Ppm(1_400_000)],
            lifetime_factor: Ppm(2_000_000),
            recovery_prior: Ppm(70_000),
        };
        let nothing = coverage_ppm(&terms, &Experience::default(), 1_000_000);
        assert_eq!(nothing[4], 902_100, "0.97 × (1 − 0.07): the expected 0.90");
        let seen = Experience { reached_91_fen: 100, written_off_fen: 90, writeoff_fen: 1_000, recovered_fen: 100 };
        assert_eq!(coverage_ppm(&terms, &seen, 1_000_000)[4], 810_000);
        assert_eq!(coverage_ppm(&terms, &seen, 1_000_000)[0], 17_010, "0.02 × 1.05 × 0.81");
    }
}
