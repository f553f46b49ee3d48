//! Funding partners: a partner lends until the share of late balances passes its trigger, and comes back only when
//! the share has fallen well below it (hysteresis, or the tap would flutter from day to day). A partner that has
//! withdrawn lends nothing whatever the figures say.
//!
//! ```text
//!            overdue_30 > trigger
//!   Lending ───────────────────────▶ Stopped
//!      ▲  ◀─────────────────────────
//!      │     overdue_30 ≤ trigger × resume
//! ```

use crate::base::money::{Ppm, div_floor};

/// Whether a partner lends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum PartnerState {
    /// Lends.
    #[default]
    Lending,
    /// Its trigger has fired.
    Stopped,
}

impl PartnerState {
    /// Midnight: what the partner makes of the 30+ DPD share of the managed balance. Returns whether it lends today.
    ///
    /// The trigger is watched while the partner is withdrawn too, so that its return finds the state that the figures
    /// have earned.
    pub(crate) fn step(&mut self, overdue_30: Ppm, withdrawn: bool, trigger: Ppm, resume: Ppm) -> bool {
        let resume_at = div_floor(i64::from(trigger.0) * i64::from(resume.0), 1_000_000);
        *self = match *self {
            PartnerState::Lending if overdue_30 > trigger => PartnerState::Stopped,
            PartnerState::Stopped if i64::from(overdue_30.0) <= resume_at => PartnerState::Lending,
            same => same,
        };
        *self == PartnerState::Lending && !withdrawn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_trigger_has_hysteresis_and_withdrawal_overrides() {
        let mut partner = PartnerState::default();
        let (trigger, resume) = (Ppm(40_000), Ppm(800_000));
        for (step, (overdue_30, withdrawn, lends)) in [
            (24_000, false, true),
            (40_000, false, true), // at the trigger is not above it
            (40_001, false, false),
            (36_000, false, false), // below the trigger, not yet below 80 % of it
            (32_001, false, false),
            (32_000, false, true),
            (39_000, false, true),
            (24_000, true, false),
            (50_000, true, false),
            (36_000, false, false), // the trigger fired while it was away
            (30_000, true, false),
            (30_000, false, true),
        ]
        .into_iter()
        .enumerate()
        {
            assert_eq!(partner.step(Ppm(overdue_30), withdrawn, trigger, resume), lends, "step {step}");
        }
    }
}
