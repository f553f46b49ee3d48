//! An oracle for the statistics of a suite: a book whose loss distribution is known.
//!
//! N accounts alike, each defaults within 12 months with the chance p(z) and loses all of one unit, where z is the one common
//! factor: the level of the suite's systematic noise in the fourth quarter over its standard deviation. With
//! p(z) = Φ((Φ⁻¹(PD) + √ρ z) / √(1 − ρ)) the number of defaults has the finite-N mixture law ∫ Bin(N, p(z)) φ(z) dz, summed here
//! without a draw; the large-pool formula (Vasicek 2002, "The distribution of loan portfolio value") stands beside it.
//!
//! The draws are the suite's own: noise from `economy::path`, luck by user from `base::random`. So are the statistics.

use crate::agents::environment::normal_quantile;
use crate::base::random::{Purpose, RunKey};
use crate::economy::path::build;
use crate::experiment::suite::statistics::{distribution, shortfall};
use crate::experiment::suite::variance;
use crate::results::load::Estimate;
use crate::results::suite::Distribution;
use crate::testing::fixture;

const PD: f64 = 0.04;
const RHO: f64 = 0.05;
const MONTHS: u16 = 12;

fn normal(x: f64) -> f64 {
    0.5 * libm::erfc(-x / std::f64::consts::SQRT_2)
}

fn chance(z: f64) -> f64 {
    normal((normal_quantile(PD) + RHO.sqrt() * z) / (1.0 - RHO).sqrt())
}

/// The common factor of a replication.
fn factor(seed: u64, shock: u32) -> f64 {
    let spec = fixture::path_spec("base", 52_000);
    let path = build(&spec, MONTHS, seed, shock);
    let level_milli = path.months.last().expect("twelve months").noise_logit_milli;
    // Four quarters of AR(1) from zero: variance sd² (1 + φ² + φ⁴ + φ⁶).
    let phi = f64::from(spec.noise_phi_ppm) / 1e6;
    let square = phi * phi;
    let variance = 1.0 + square + square * square + square * square * square;
    f64::from(level_milli) / (f64::from(spec.noise_sd_milli) * variance.sqrt())
}

/// Share of the book that defaults: each account by its own luck.
fn loss(seed: u64, luck: u32, shock: u32, accounts: u32) -> f64 {
    let (chance, key) = (chance(factor(seed, shock)), RunKey::new(seed, luck));
    let defaults = (0..accounts).filter(|&user| key.user(user).stream(Purpose::Repay).unit() < chance).count();
    defaults as f64 / f64::from(accounts)
}

/// The law of the number of defaults: chance by number.
fn mixture(accounts: u32) -> Vec<f64> {
    let n = f64::from(accounts);
    let choose: Vec<f64> = (0..=accounts)
        .map(|d| libm::lgamma(n + 1.0) - libm::lgamma(f64::from(d) + 1.0) - libm::lgamma(n - f64::from(d) + 1.0))
        .collect();
    let mut law = vec![0.0; choose.len()];
    let step = 0.02;
    for node in -350..=350 {
        let z = f64::from(node) * step;
        let weight = step * libm::exp(-z * z / 2.0) / (2.0 * std::f64::consts::PI).sqrt();
        let (log_p, log_q) = (libm::log(chance(z)), libm::log1p(-chance(z)));
        for (d, chance) in law.iter_mut().enumerate() {
            *chance += weight * libm::exp(choose[d] + d as f64 * log_p + (n - d as f64) * log_q);
        }
    }
    law
}

/// Mean, P95, P99 and the shortfalls beyond them, as shares of the book.
fn truth(accounts: u32) -> [f64; 5] {
    let (law, n) = (mixture(accounts), f64::from(accounts));
    assert!((law.iter().sum::<f64>() - 1.0).abs() < 1e-9);
    let mean = law.iter().enumerate().map(|(d, p)| d as f64 * p).sum::<f64>() / n;
    let quantile = |share: f64| {
        let mut below = 0.0;
        let position = law.iter().position(|p| {
            below += p;
            below >= share
        });
        position.expect("the law sums to one") as f64 / n
    };
    let beyond = |share: f64| {
        let (mut left, mut sum) = (1.0 - share, 0.0);
        for (d, p) in law.iter().enumerate().rev() {
            let taken = p.min(left);
            sum += taken * d as f64;
            left -= taken;
        }
        sum / (1.0 - share) / n
    };
    [mean, quantile(0.95), quantile(0.99), beyond(0.95), beyond(0.99)]
}

fn vasicek(share: f64) -> f64 {
    chance(normal_quantile(share))
}

fn stated(d: &Distribution) -> [Option<Estimate>; 5] {
    let at = |share: f64, of: &[crate::results::suite::TailEstimate]| {
        of.iter().find(|t| t.share == share).and_then(|t| t.estimate)
    };
    [Some(d.mean), at(0.95, &d.quantiles), at(0.99, &d.quantiles), at(0.95, &d.shortfalls), at(0.99, &d.shortfalls)]
}

fn holds(estimate: Option<Estimate>, truth: f64) -> bool {
    estimate.is_some_and(|e| e.low <= truth && truth <= e.high)
}

#[test]
fn a_book_of_known_law_is_measured_within_its_intervals() {
    let (replications, accounts) = (2_000, 2_000);
    let losses: Vec<f64> = (0..replications).map(|r| loss(20_270_101, r, r, accounts)).collect();
    let stated = stated(&distribution(&losses, 1).expect("a sample"));
    let truth = truth(accounts);
    for (name, (estimate, truth)) in ["mean", "P95", "P99", "ES95", "ES99"].iter().zip(stated.into_iter().zip(truth)) {
        let e = estimate.expect("2,000 replications carry it");
        assert!(holds(estimate, truth), "{name}: {truth} is not within {e:?}");
        assert!((e.high - e.low) < 0.25 * truth, "{name}: an interval that wide says nothing: {e:?}");
    }
    assert!((truth[0] - PD).abs() < 1e-9, "the mean of the law is PD: {}", truth[0]);
    // The large pool lies a little below the finite one, which adds luck of its own.
    for (finite, large) in [(truth[1], vasicek(0.95)), (truth[2], vasicek(0.99))] {
        assert!(large < finite && finite < 1.02 * large, "{finite} beside {large}");
    }
}

/// One sample may be lucky. Over many, the truth lies outside about as often as 95 % intervals allow.
#[test]
fn intervals_hold_the_law_as_often_as_they_say() {
    let (runs, replications, accounts) = (60_u32, 500, 200);
    let truth = truth(accounts);
    let mut held = [0_u32; 5];
    for run in 0..runs {
        let losses: Vec<f64> = (0..replications).map(|r| loss(u64::from(run) + 1, r, r, accounts)).collect();
        let stated = stated(&distribution(&losses, 1).expect("a sample"));
        held.iter_mut().zip(stated.into_iter().zip(truth)).for_each(|(n, (e, t))| *n += u32::from(holds(e, t)));
    }
    // Binomial (60, 0.95): fewer than 52 with a chance of 0.4 %. The shortfalls' bootstrap is short at five values beyond.
    assert!(held[..3].iter().all(|&n| n >= 52), "{held:?} of {runs}");
    assert!(held[3] >= 50 && held[4] >= 42, "{held:?} of {runs}");
}

#[test]
fn the_share_of_the_common_factor_is_the_one_of_the_law() {
    let (shocks, accounts) = (600_u32, 300);
    let groups: Vec<Vec<f64>> =
        (0..shocks).map(|s| vec![loss(3, s, s, accounts), loss(3, shocks + s, s, accounts)]).collect();
    let split = variance::split(&groups, 1).expect("they vary");
    let step = 0.02;
    let moment = |of: &dyn Fn(f64) -> f64| -> f64 {
        let density = |z: f64| libm::exp(-z * z / 2.0) / (2.0 * std::f64::consts::PI).sqrt();
        (-350..=350).map(|i| f64::from(i) * step).map(|z| step * density(z) * of(chance(z))).sum()
    };
    let systematic = moment(&|p| (p - PD) * (p - PD));
    let idiosyncratic = moment(&|p| p * (1.0 - p)) / f64::from(accounts);
    let truth = systematic / (systematic + idiosyncratic);
    let share = split.systematic_share;
    assert!(share.low <= truth && truth <= share.high, "{truth} is not within {share:?}");
    assert!((split.idiosyncratic_variance / idiosyncratic - 1.0).abs() < 0.15, "{split:?} {idiosyncratic}");
    assert!(share.high - share.low < 0.2, "{share:?}");
}

/// A wrong statistic does not pass: the same sample with a tenth more loss lies outside.
#[test]
fn the_oracle_bites() {
    let accounts = 500;
    let losses: Vec<f64> = (0..1_000).map(|r| 1.1 * loss(5, r, r, accounts)).collect();
    let truth = truth(accounts);
    assert!(!holds(Some(distribution(&losses, 1).expect("a sample").mean), truth[0]));
    let mut sorted = losses;
    sorted.sort_by(f64::total_cmp);
    assert!(!holds(shortfall(&sorted, 0.95, 1), truth[3]));
}
