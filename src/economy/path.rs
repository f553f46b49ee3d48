//! Macro paths: a normal economy, or one with a downturn of a stated depth and shape.
//!
//! All series move with the *excursion* x of unemployment, (u − base) / (peak − base): 0 in normal times, 1 at the
//! peak. It rises linearly, holds, and decays with a half-life:
//!
//! ```text
//! x 1 |            ________
//!     |          /          \__
//!   0 |_________/              `---.____
//!       1    start   +rise +hold   months
//! ```
//!
//! A path may also be published quarter by quarter ([`PublishedQuarter`]): the quarters stand instead of the excursion, months
//! between their ends lie on straight lines, and after the last one each deviation from normal halves every half-life.
//!
//! Incomes follow one month later, spending with the excursion itself. Bands of age multiply the headline: 16–24
//! ×2.8, 25–29 ×1.3, 30–59 ×0.8 (National Bureau of Statistics, monthly urban surveyed unemployment by age, 2024).

use super::{EconomyPath, LABOUR_BANDS, MacroMonth, labour};
use crate::base::random::{Purpose, RunKey};
use rand_distr::{Distribution, StandardNormal};

/// Unemployment of the age bands relative to the headline, parts per million.
pub(crate) const BAND_FACTOR_PPM: [i32; LABOUR_BANDS] = [2_800_000, 1_300_000, 800_000];

/// Months by which incomes follow unemployment.
const INCOME_LAG_MONTHS: i32 = 1;

/// The shape of a path. Months count from 1, the first counted month. Rates in parts per million.
#[derive(Clone, Debug, PartialEq)]
pub struct PathSpec {
    /// Name in reports.
    pub name: String,
    /// Unemployment in normal times.
    pub base_ppm: i32,
    /// Unemployment at the peak (equal to the base: no downturn).
    pub peak_ppm: i32,
    /// First month in which unemployment rises.
    pub start_month: u16,
    /// Months of the rise; the last of them is at the peak.
    pub rise_months: u16,
    /// Further months at the peak.
    pub hold_months: u16,
    /// Months in which the excursion then halves.
    pub half_life_months: u16,
    /// Fall of the income index at the peak.
    pub income_drop_ppm: i32,
    /// Fall of the spending index at the peak.
    pub spending_drop_ppm: i32,
    /// Loan prime rate in normal times, basis points.
    pub lpr_bp: i32,
    /// Its cut at the peak, basis points.
    pub lpr_cut_bp: i32,
    /// Real GDP growth on the year in normal times.
    pub gdp_growth_ppm: i32,
    /// Its fall at the peak.
    pub gdp_drop_ppm: i32,
    /// Consumer prices on the year.
    pub cpi_ppm: i32,
    /// Trend growth of incomes and spending a year.
    pub income_growth_annual_ppm: i32,
    /// Chance that an unemployed person finds work in a normal month.
    pub finding_ppm: i32,
    /// Fall of confidence at the peak.
    pub confidence_drop_ppm: i32,
    /// sd of the quarterly innovation of the systematic noise on the default logit, thousandths (0: none).
    pub noise_sd_milli: i32,
    /// Its persistence from quarter to quarter.
    pub noise_phi_ppm: i32,
    /// A published path instead of the excursion; empty without one.
    pub quarters: Vec<PublishedQuarter>,
}

/// The end of a quarter of a published path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublishedQuarter {
    /// Unemployment.
    pub unemployment_ppm: i32,
    /// Income of those in work over its trend, 1,000,000 is normal.
    pub income_ppm: i32,
    /// Spending over its trend.
    pub spending_ppm: i32,
    /// Real GDP growth on the year.
    pub gdp_growth_ppm: i32,
    /// Consumer prices on the year.
    pub cpi_ppm: i32,
    /// Loan prime rate, basis points.
    pub lpr_bp: i32,
    /// Confidence, 1,000,000 is normal.
    pub confidence_ppm: i32,
}

impl PathSpec {
    /// The excursion in month `month` (1 is the first counted month; earlier ones are normal).
    fn excursion(&self, month: i32) -> f64 {
        let into = month - i32::from(self.start_month) + 1;
        let rise = i32::from(self.rise_months.max(1));
        let after = into - rise - i32::from(self.hold_months);
        if into <= 0 || self.peak_ppm == self.base_ppm {
            0.0
        } else if into < rise {
            f64::from(into) / f64::from(rise)
        } else if after <= 0 {
            1.0
        } else {
            libm::exp2(-f64::from(after) / f64::from(self.half_life_months.max(1)))
        }
    }

    /// A variable of a published path in a month; `normal` before the first quarter and, in the limit, after the last.
    fn published(&self, month: i32, normal: i32, of: fn(&PublishedQuarter) -> i32) -> i32 {
        let at_end = |quarter: i32| -> f64 {
            let index = usize::try_from(quarter - 1).ok();
            f64::from(index.and_then(|index| self.quarters.get(index)).map_or(normal, of))
        };
        let last = 3 * self.quarters.len() as i32;
        if month <= 0 {
            return normal;
        }
        if month > last {
            let left = libm::exp2(-f64::from(month - last) / f64::from(self.half_life_months.max(1)));
            return (f64::from(normal) + (at_end(last / 3) - f64::from(normal)) * left).round() as i32;
        }
        let (before, into) = ((month - 1) / 3, (month - 1) % 3 + 1);
        let (from, to) = (at_end(before), at_end(before + 1));
        (from + (to - from) * f64::from(into) / 3.0).round() as i32
    }

    fn unemployment(&self, month: i32) -> i32 {
        if !self.quarters.is_empty() {
            return self.published(month, self.base_ppm, |quarter| quarter.unemployment_ppm);
        }
        self.base_ppm + scaled(self.peak_ppm - self.base_ppm, self.excursion(month))
    }

    /// Unemployment by band when the headline is `headline_ppm`.
    fn bands(headline_ppm: i32) -> [i32; LABOUR_BANDS] {
        BAND_FACTOR_PPM.map(|factor| scaled(headline_ppm, f64::from(factor) / 1e6))
    }
}

fn scaled(value: i32, factor: f64) -> i32 {
    (f64::from(value) * factor).round() as i32
}

/// Thousandths of the way from one path to another: 0 is the one, 1,000 the other, more lies beyond.
pub(crate) type DepthMilli = i32;

/// Headline unemployment of any path stays inside these bounds, parts per million.
const UNEMPLOYMENT_BOUNDS_PPM: (i32, i32) = (1_000, 400_000);

/// No age band has more without work than this, parts per million.
const BAND_MAX_PPM: i32 = 950_000;

/// Indices of income and spending never fall below a tenth of the start.
const INDEX_MIN_PPM: i32 = 100_000;

/// Growth of output and prices stays inside a half on the year.
const GROWTH_MAX_PPM: i32 = 500_000;

/// The `months` counted months of a path. The noise is the same for all paths of one seed and replication: it is
/// keyed by the run and not by the name, so that two worlds meet the same luck.
pub(crate) fn build(spec: &PathSpec, months: u16, seed: u64, replication: u32) -> EconomyPath {
    between(spec, spec, 0, months, seed, replication)
}

/// The path x(t, k) = base + k (severe − base): every variable of every month is scaled, and clipped where it would leave its
/// bounds (unemployment 0.1–40 % and no age band above 95 %, indices at least a tenth of the start, rates not negative, growth
/// inside a half). Job flows are solved for the scaled unemployment. The noise is keyed as in [`build`].
pub(crate) fn between(
    base: &PathSpec,
    severe: &PathSpec,
    depth: DepthMilli,
    months: u16,
    seed: u64,
    replication: u32,
) -> EconomyPath {
    let lerp = |of: fn(&PathSpec) -> i32| blend(of(base), of(severe), depth);
    let normal = lerp(|spec| spec.base_ppm);
    let (sd_milli, phi_ppm) = (lerp(|s| s.noise_sd_milli).max(0), lerp(|s| s.noise_phi_ppm).clamp(0, 1_000_000));
    let noise = quarterly_noise(sd_milli, phi_ppm, months, RunKey::new(seed, replication));
    let mut flows = labour::JobFlows::normal(PathSpec::bands(normal), normal, lerp(|spec| spec.finding_ppm));
    let months = (1..=i32::from(months))
        .map(|month| {
            let mut now = scaled_level(base, severe, depth, month);
            (now.separation_ppm, now.finding_ppm) = flows.step(now.unemployment_ppm, now.band_unemployment_ppm);
            now.noise_logit_milli = noise[(month as usize - 1) / 3];
            now
        })
        .collect();
    let name = if depth == 0 || base == severe { &base.name } else { &severe.name };
    EconomyPath { name: name.clone(), months }
}

/// base + depth × (other − base), to the nearest integer.
fn blend(base: i32, other: i32, depth: DepthMilli) -> i32 {
    let step = (i64::from(other) - i64::from(base)) * i64::from(depth);
    (i64::from(base) + (step + 500).div_euclid(1_000)).clamp(i32::MIN.into(), i32::MAX.into()) as i32
}

fn scaled_level(base: &PathSpec, severe: &PathSpec, depth: DepthMilli, month: i32) -> MacroMonth {
    let (b, s) = (level(base, month), level(severe, month));
    if b == s {
        return b;
    }
    let (least, most) = UNEMPLOYMENT_BOUNDS_PPM;
    let unemployment =
        |month: i32| blend(base.unemployment(month), severe.unemployment(month), depth).clamp(least, most);
    let unemployment_ppm = unemployment(month);
    let index = |b: i32, s: i32| blend(b, s, depth).max(INDEX_MIN_PPM);
    let growth = |b: i32, s: i32| blend(b, s, depth).clamp(-GROWTH_MAX_PPM, GROWTH_MAX_PPM);
    MacroMonth {
        unemployment_ppm,
        band_unemployment_ppm: PathSpec::bands(unemployment_ppm).map(|band| band.min(BAND_MAX_PPM)),
        income_index_ppm: index(b.income_index_ppm, s.income_index_ppm),
        spending_index_ppm: index(b.spending_index_ppm, s.spending_index_ppm),
        confidence_ppm: blend(b.confidence_ppm, s.confidence_ppm, depth).max(0),
        gdp_growth_ppm: growth(b.gdp_growth_ppm, s.gdp_growth_ppm),
        cpi_ppm: growth(b.cpi_ppm, s.cpi_ppm),
        lpr_bp: blend(b.lpr_bp, s.lpr_bp, depth).max(0),
        unemployment_change_ppm: unemployment_ppm - unemployment(month - 12),
        ..b
    }
}

/// `months` months of warm-up: the normal economy of `spec` standing still, without trend or noise, so that the
/// counted months start at index 1,000,000 without a seam.
pub(crate) fn build_warmup(spec: &PathSpec, months: u16) -> EconomyPath {
    let mut still = level(spec, 0);
    let mut flows = labour::JobFlows::normal(PathSpec::bands(spec.base_ppm), spec.base_ppm, spec.finding_ppm);
    (still.separation_ppm, still.finding_ppm) = flows.step(still.unemployment_ppm, still.band_unemployment_ppm);
    EconomyPath { name: spec.name.clone(), months: vec![still; usize::from(months)] }
}

/// Everything of a month that follows from the excursion alone; flows and noise are still to be set.
fn level(spec: &PathSpec, month: i32) -> MacroMonth {
    let x = spec.excursion(month);
    let unemployment_ppm = spec.unemployment(month);
    let trend = libm::pow(1.0 + f64::from(spec.income_growth_annual_ppm) / 1e6, f64::from(month) / 12.0);
    let index = |drop_ppm: i32, x: f64| scaled(1_000_000, trend * (1.0 - f64::from(drop_ppm) / 1e6 * x));
    let shaped = MacroMonth {
        unemployment_ppm,
        band_unemployment_ppm: PathSpec::bands(unemployment_ppm),
        separation_ppm: [0; LABOUR_BANDS],
        finding_ppm: spec.finding_ppm,
        income_index_ppm: index(spec.income_drop_ppm, spec.excursion(month - INCOME_LAG_MONTHS)),
        spending_index_ppm: index(spec.spending_drop_ppm, x),
        confidence_ppm: 1_000_000 - scaled(spec.confidence_drop_ppm, x),
        gdp_growth_ppm: spec.gdp_growth_ppm - scaled(spec.gdp_drop_ppm, x),
        cpi_ppm: spec.cpi_ppm,
        lpr_bp: spec.lpr_bp - scaled(spec.lpr_cut_bp, x),
        unemployment_change_ppm: unemployment_ppm - spec.unemployment(month - 12),
        noise_logit_milli: 0,
    };
    if spec.quarters.is_empty() {
        return shaped;
    }
    let over_trend = |of| scaled(spec.published(month, 1_000_000, of), trend);
    MacroMonth {
        income_index_ppm: over_trend(|quarter| quarter.income_ppm),
        spending_index_ppm: over_trend(|quarter| quarter.spending_ppm),
        confidence_ppm: spec.published(month, 1_000_000, |quarter| quarter.confidence_ppm),
        gdp_growth_ppm: spec.published(month, spec.gdp_growth_ppm, |quarter| quarter.gdp_growth_ppm),
        cpi_ppm: spec.published(month, spec.cpi_ppm, |quarter| quarter.cpi_ppm),
        lpr_bp: spec.published(month, spec.lpr_bp, |quarter| quarter.lpr_bp),
        ..shaped
    }
}

/// AR(1) by quarter, from 0 before the first counted quarter: the level of today is known, its future is not.
fn quarterly_noise(sd_milli: i32, phi_ppm: i32, months: u16, key: RunKey) -> Vec<i32> {
    let (phi, sd) = (f64::from(phi_ppm) / 1e6, f64::from(sd_milli));
    let mut stream = key.stream(u16::MAX, Purpose::World);
    let mut level_milli = 0.0;
    (0..months.div_ceil(3))
        .map(|_| {
            let innovation: f64 = StandardNormal.sample(&mut stream);
            level_milli = phi * level_milli + sd * innovation;
            level_milli.round() as i32
        })
        .collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The four standard paths: base 5.2 %, and peaks of 6.2, 7.2 and 9.0 %.
    pub(crate) fn standard(name: &str) -> PathSpec {
        let peak_ppm = match name {
            "base" => 52_000,
            "mild" => 62_000,
            "moderate" => 72_000,
            "severe" => 90_000,
            other => panic!("no standard path {other}"),
        };
        crate::testing::fixture::path_spec(name, peak_ppm)
    }

    #[test]
    fn the_severe_path_has_its_stated_shape() {
        let path = build(&standard("severe"), 36, 1, 0);
        let u = |month: usize| path.months[month - 1].unemployment_ppm;
        assert_eq!([u(1), u(3)], [52_000, 52_000]);
        assert!(u(4) > 52_000 && u(11) < 90_000);
        assert_eq!([u(12), u(13), u(15)], [90_000, 90_000, 90_000]);
        assert_eq!(u(24), 52_000 + 19_000, "half of the excursion is left nine months after the hold");
        assert_eq!(path.months[11].band_unemployment_ppm, [252_000, 117_000, 72_000]);
        assert_eq!(path.months[11].unemployment_change_ppm, 38_000);
        assert_eq!(path.months[23].unemployment_change_ppm, 71_000 - 90_000);
        assert_eq!(path.months[13].lpr_bp, 250);
    }

    #[test]
    fn paths_of_one_seed_share_their_noise_and_nothing_moves_in_the_base() {
        let (base, severe) = (build(&standard("base"), 24, 7, 0), build(&standard("severe"), 24, 7, 0));
        for (b, s) in base.months.iter().zip(&severe.months) {
            assert_eq!(b.noise_logit_milli, s.noise_logit_milli);
            assert_eq!(b.unemployment_ppm, 52_000);
            assert!(s.income_index_ppm <= b.income_index_ppm && s.spending_index_ppm <= b.spending_index_ppm);
        }
        assert_ne!(base.months[0].noise_logit_milli, build(&standard("base"), 24, 8, 0).months[0].noise_logit_milli);
        assert_ne!(base.months[0].noise_logit_milli, build(&standard("base"), 24, 7, 1).months[0].noise_logit_milli);
        let longer = build(&standard("base"), 60, 7, 0);
        assert_eq!(longer.months[..24], base.months[..], "a longer run has the same beginning");
    }

    #[test]
    fn the_noise_has_its_moments() {
        let spec = standard("base");
        let (mut squares, mut lagged, n) = (0.0, 0.0, 4_000);
        for seed in 0..n {
            let noise = quarterly_noise(spec.noise_sd_milli, spec.noise_phi_ppm, 24, RunKey::new(seed, 0));
            squares += f64::from(noise[0] * noise[0]);
            lagged += f64::from(noise[7] * noise[7]);
        }
        let sd = (squares / n as f64).sqrt();
        assert!((sd - 90.0).abs() < 4.0, "{sd}");
        // Eight quarters of AR(1) from zero: 90 × √((1 − φ¹⁶) / (1 − φ²)) ≈ 215.
        let later = (lagged / n as f64).sqrt();
        assert!((later - 215.0).abs() < 10.0, "{later}");
        assert!(quarterly_noise(0, spec.noise_phi_ppm, 24, RunKey::new(1, 0)).iter().all(|&n| n == 0));
    }

    #[test]
    fn the_warm_up_stands_still_at_normal() {
        let warmup = build_warmup(&standard("severe"), 12);
        assert_eq!(warmup.months.len(), 12);
        assert!(warmup.months.iter().all(|m| *m == warmup.months[0]));
        assert_eq!(warmup.months[0].income_index_ppm, 1_000_000);
        assert_eq!(warmup.months[0].unemployment_ppm, 52_000);
        assert_eq!(warmup.months[0].separation_ppm, build(&standard("base"), 1, 1, 0).months[0].separation_ppm);
    }

    #[test]
    fn scaled_paths_go_through_both_ends_and_stay_inside_their_bounds() {
        let (base, severe) = (standard("base"), standard("severe"));
        let at = |depth| between(&base, &severe, depth, 36, 7, 3);
        assert_eq!(at(0), build(&base, 36, 7, 3));
        assert_eq!(at(1_000), build(&severe, 36, 7, 3));
        let (half, twice) = (at(500), at(2_000));
        assert_eq!(half.months[12].unemployment_ppm, 52_000 + 19_000);
        assert_eq!(twice.months[12].unemployment_ppm, 52_000 + 76_000);
        assert_eq!(twice.months[11].unemployment_change_ppm, 76_000);
        let income = |path: &EconomyPath| path.months[14].income_index_ppm;
        assert_eq!(income(&at(0)) - income(&twice), 2 * (income(&at(0)) - income(&at(1_000))));
        assert_eq!(twice.months[12].lpr_bp, 200);
        let deep = PathSpec { peak_ppm: 300_000, income_drop_ppm: 500_000, ..severe.clone() };
        for month in &between(&base, &deep, 3_000, 36, 7, 3).months {
            assert!(month.unemployment_ppm <= 400_000 && month.band_unemployment_ppm[0] <= 950_000);
            assert!(month.income_index_ppm >= 100_000 && month.lpr_bp >= 0 && month.confidence_ppm >= 0);
        }
        assert_eq!(at(500).months[5].noise_logit_milli, at(3_000).months[5].noise_logit_milli);
    }
}
