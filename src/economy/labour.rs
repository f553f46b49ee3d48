//! Job flows that carry a path of unemployment: who loses work and who finds it each month, so that the stock of
//! every age band follows its path.
//!
//! In each month u′ = u + s·(1 − u) − f·u. The finding chance f falls with the root of unemployment, f = f₀·√(u₀/u)
//! (a matching function of elasticity one half: Petrongolo and Pissarides 2001, "Looking into the black box"), and
//! the separation chance s is solved. In a fast recovery s would fall to nothing; it stops at a fifth of normal and
//! f rises instead.

use super::LABOUR_BANDS;

/// Separation never falls below this share of normal.
const SEPARATION_FLOOR: f64 = 0.2;

/// Finding never rises above this chance a month.
const FINDING_MAX: f64 = 0.95;

/// The stocks as the flows so far have made them.
#[derive(Clone, Debug)]
pub(crate) struct JobFlows {
    stock: [f64; LABOUR_BANDS],
    normal_separation: [f64; LABOUR_BANDS],
    normal_headline: f64,
    normal_finding: f64,
}

impl JobFlows {
    /// Normal times: stocks at `bands_ppm`, headline unemployment and monthly finding chance as stated, in parts per
    /// million.
    pub(crate) fn normal(bands_ppm: [i32; LABOUR_BANDS], headline_ppm: i32, finding_ppm: i32) -> JobFlows {
        let stock = bands_ppm.map(|u| f64::from(u) / 1e6);
        let normal_finding = f64::from(finding_ppm) / 1e6;
        JobFlows {
            stock,
            normal_separation: stock.map(|u| normal_finding * u / (1.0 - u)),
            normal_headline: f64::from(headline_ppm),
            normal_finding,
        }
    }

    /// The flows of the month that ends with the stated unemployment: separation by band and finding, parts per
    /// million. The rounding of one month is made good in the next, since the stocks are those that rounded flows make.
    pub(crate) fn step(&mut self, headline_ppm: i32, bands_ppm: [i32; LABOUR_BANDS]) -> ([i32; LABOUR_BANDS], i32) {
        let target = bands_ppm.map(|u| f64::from(u) / 1e6);
        let mut finding = self.normal_finding * (self.normal_headline / f64::from(headline_ppm.max(1))).sqrt();
        for ((u, next), normal) in self.stock.iter().zip(target).zip(self.normal_separation) {
            let least = SEPARATION_FLOOR * normal;
            if *u > 0.0 {
                finding = finding.max((u + least * (1.0 - u) - next) / u);
            }
        }
        let finding = (finding.min(FINDING_MAX) * 1e6).round() / 1e6;
        let mut separation_ppm = [0; LABOUR_BANDS];
        for ((u, next), s_ppm) in self.stock.iter_mut().zip(target).zip(&mut separation_ppm) {
            let s = ((next - *u * (1.0 - finding)) / (1.0 - *u)).clamp(0.0, 1.0);
            *s_ppm = (s * 1e6).round() as i32;
            *u += f64::from(*s_ppm) / 1e6 * (1.0 - *u) - finding * *u;
        }
        (separation_ppm, (finding * 1e6).round() as i32)
    }
}

#[cfg(test)]
mod tests {
    use crate::economy::path::{build, tests::standard};
    use proptest::prelude::*;

    /// Follows the published flows from normal stocks and returns the largest distance from the path.
    fn worst_distance(path: &crate::economy::EconomyPath, base_ppm: i32) -> f64 {
        let mut stock =
            crate::economy::path::BAND_FACTOR_PPM.map(|factor| f64::from(base_ppm) / 1e6 * f64::from(factor) / 1e6);
        let mut worst: f64 = 0.0;
        for month in &path.months {
            for (band, u) in stock.iter_mut().enumerate() {
                *u +=
                    f64::from(month.separation_ppm[band]) / 1e6 * (1.0 - *u) - f64::from(month.finding_ppm) / 1e6 * *u;
                worst = worst.max((*u - f64::from(month.band_unemployment_ppm[band]) / 1e6).abs());
            }
        }
        worst
    }

    #[test]
    fn flows_reproduce_the_standard_paths() {
        for name in ["base", "mild", "moderate", "severe"] {
            let path = build(&standard(name), 48, 1, 0);
            assert!(worst_distance(&path, 52_000) < 1e-4, "{name}: {}", worst_distance(&path, 52_000));
        }
    }

    #[test]
    fn the_severe_path_loses_more_jobs_and_finds_fewer() {
        let path = build(&standard("severe"), 24, 1, 0);
        let (normal, rising, peak) = (path.months[0], path.months[7], path.months[13]);
        assert_eq!(normal.finding_ppm, 180_000);
        assert!(rising.separation_ppm[2] > normal.separation_ppm[2] * 3 / 2);
        assert!(peak.finding_ppm < 140_000, "{}", peak.finding_ppm);
    }

    #[test]
    fn a_sudden_recovery_raises_finding_and_keeps_some_separation() {
        let mut spec = standard("severe");
        (spec.half_life_months, spec.hold_months) = (1, 0);
        let path = build(&spec, 24, 1, 0);
        let normal = path.months[0];
        assert!(path.months.iter().all(|m| m.separation_ppm[0] * 100 >= normal.separation_ppm[0] * 19));
        assert!(path.months.iter().any(|m| m.finding_ppm > normal.finding_ppm));
        assert!(worst_distance(&path, 52_000) < 1e-4);
    }

    proptest! {
        #[test]
        fn flows_reproduce_any_plausible_path(
            peak in 52_000_i32..130_000, start in 1_u16..12, rise in 1_u16..18, hold in 0_u16..12, half in 2_u16..24,
        ) {
            let mut spec = standard("severe");
            (spec.peak_ppm, spec.start_month, spec.rise_months) = (peak, start, rise);
            (spec.hold_months, spec.half_life_months) = (hold, half);
            prop_assert!(worst_distance(&build(&spec, 48, 1, 0), 52_000) < 1e-4);
        }
    }
}
