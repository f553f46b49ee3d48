//! Sampled people against their model: shares, moments, correlations, and that a user is a function of seed and number.

use super::*;
use crate::agents::traits::bits;
use crate::testing::fixture;

fn people(count: u32) -> (Scenario, Vec<UserRow>) {
    let scenario = fixture::scenario(count);
    let users = generate(&scenario).into_iter().flat_map(|cell| cell.users).collect();
    (scenario, users)
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, n) = values.fold((0.0, 0.0), |(sum, n), v| (sum + v, n + 1.0));
    sum / n
}

fn sd(values: impl Iterator<Item = f64> + Clone) -> f64 {
    let m = mean(values.clone());
    mean(values.map(|v| (v - m) * (v - m))).sqrt()
}

fn correlation(pairs: &[(f64, f64)]) -> f64 {
    let (x, y) = (pairs.iter().map(|p| p.0), pairs.iter().map(|p| p.1));
    let (mx, my) = (mean(x.clone()), mean(y.clone()));
    mean(pairs.iter().map(|p| (p.0 - mx) * (p.1 - my))) / (sd(x) * sd(y))
}

fn share(users: &[UserRow], test: impl Fn(&UserRow) -> bool) -> f64 {
    mean(users.iter().map(|u| f64::from(u8::from(test(u)))))
}

fn earner(u: &UserRow) -> bool {
    u.traits & (bits::STUDENT | bits::MINOR) == 0
}

#[test]
fn ages_and_traits_have_their_shares() {
    let (scenario, users) = people(100_000);
    assert!((share(&users, |u| (18..=35).contains(&u.age)) - 0.82).abs() < 0.005);
    assert!((share(&users, |u| u.traits & bits::MINOR != 0) - 0.01).abs() < 0.002);
    assert!(users.iter().all(|u| (u.traits & bits::MINOR != 0) == (u.age < 18)));
    assert!((share(&users, |u| u.traits & bits::STUDENT != 0) - 0.063).abs() < 0.003);
    let tippers = share(&users, |u| u.traits & bits::TIPPER != 0);
    assert!((0.03..0.08).contains(&tippers), "{tippers}");
    assert!(users.iter().all(|u| (u.tip_per_mille > 0) == (u.traits & bits::TIPPER != 0)));
    let repay = &scenario.base.levers.repay;
    for (bit, ppm) in [(bits::AUTO_DEBIT, repay.auto_debit_ppm), (bits::STRATEGIC, repay.strategic_share_ppm)] {
        let expected = f64::from(ppm) / 1e6;
        let seen = share(&users, |u| u.traits & bit != 0);
        assert!((seen - expected).abs() < 5.0 * (expected / 1e5).sqrt(), "{bit}: {seen}");
    }
}

#[test]
fn demand_has_mean_one_and_the_stated_shape() {
    let (_, users) = people(200_000);
    let demand = mean(users.iter().map(|u| f64::from(u.demand_ppm))) / 1e6;
    assert!((demand - 1.0).abs() < 0.015, "{demand}");
    // The spread over all users is the stated gamma's, however much of it income explains.
    for (shape_milli, exponent_milli) in [(500, 0), (800, 600), (1_200, 600), (1_200, 900)] {
        let mut scenario = fixture::scenario(60_000);
        scenario.population.demand_shape_milli = shape_milli;
        scenario.population.demand_income_exponent_milli = exponent_milli;
        let demand: Vec<f64> =
            generate(&scenario).iter().flat_map(|c| &c.users).map(|u| f64::from(u.demand_ppm) / 1e6).collect();
        let cv = sd(demand.iter().copied()) / mean(demand.iter().copied());
        let expected = (1e3 / f64::from(shape_milli)).sqrt();
        assert!((cv / expected - 1.0).abs() < 0.05, "shape {shape_milli}: {cv} {expected}");
    }
}

#[test]
fn incomes_and_tips_are_log_normal() {
    let (scenario, users) = people(100_000);
    let worker = |u: &&UserRow| u.persona == 3 && (25..=29).contains(&u.age);
    let mut logs: Vec<f64> = users.iter().filter(worker).map(|u| libm::log(f64::from(u.income_fen))).collect();
    logs.sort_by(f64::total_cmp);
    let median = libm::exp(logs[logs.len() / 2]);
    let expected = scenario.population.income_median_fen[1] as f64 / 12.0 * 1.1;
    assert!((median / expected - 1.0).abs() < 0.03, "{median} {expected}");
    let sigma = sd(logs.iter().copied());
    assert!((sigma - 0.65).abs() < 0.02, "{sigma}");
    // The far tail of tips: the top fifth of tippers holds nearly everything.
    let mut tips: Vec<f64> = users.iter().map(|u| f64::from(u.tip_per_mille)).filter(|t| *t > 0.0).collect();
    tips.sort_by(|a, b| b.total_cmp(a));
    let top: f64 = tips[..tips.len() / 5].iter().sum::<f64>() / tips.iter().sum::<f64>();
    assert!((0.93..=0.995).contains(&top), "{top}");
    let tip_sigma = sd(tips.iter().map(|t| libm::log(*t)));
    assert!((tip_sigma - 2.7).abs() < 0.1, "{tip_sigma}");
}

#[test]
fn what_should_go_together_does() {
    let (_, users) = people(50_000);
    let earners: Vec<&UserRow> = users.iter().filter(|u| earner(u)).collect();
    let of = |f: &dyn Fn(&UserRow) -> (f64, f64)| correlation(&earners.iter().map(|u| f(u)).collect::<Vec<_>>());
    let log = |v: i32| libm::log(f64::from(v.max(1)));
    let months = |u: &UserRow| log(u.savings_fen) - log(u.income_fen);
    let score = |u: &UserRow| f64::from(u.bureau_score);
    let demand = |u: &UserRow| libm::log(f64::from(u.demand_ppm.max(1)));
    assert!(of(&|u| (log(u.income_fen), months(u))) > 0.1);
    assert!(of(&|u| (log(u.income_fen), demand(u))) > 0.1);
    assert!(of(&|u| (log(u.income_fen), libm::log(f64::from(u.ticket_per_mille)))) > 0.4);
    assert!(of(&|u| (score(u), months(u))) > 0.2);
    assert!(of(&|u| (score(u), log(u.income_fen))) > 0.15);
    assert!(of(&|u| (score(u), f64::from(u.other_debt_yuan))) < -0.1);
    assert!(of(&|u| (f64::from(u.behaviour), libm::log(f64::from(u.watch_per_mille)))) > 0.5);
    assert!(of(&|u| (f64::from(u.payday), score(u))).abs() < 0.02, "paydays have nothing to do with scores");
    let (m, s) = (mean(users.iter().map(score)), sd(users.iter().map(score)));
    assert!((m - 640.0).abs() < 4.0 && (s - 60.0).abs() < 3.0, "{m} {s}");
}

#[test]
fn the_bureau_knows_as_much_as_the_model_says() {
    let explained = |signal_ppm| {
        let mut scenario = fixture::scenario(20_000);
        scenario.population.bureau_signal_ppm = signal_ppm;
        let users: Vec<UserRow> = generate(&scenario).into_iter().flat_map(|c| c.users).collect();
        let pairs: Vec<(f64, f64)> = users
            .iter()
            .filter(|u| earner(u) && u.jobless_since == 0)
            .map(|u| (f64::from(u.bureau_score), libm::log(f64::from(u.savings_fen) / f64::from(u.income_fen))))
            .collect();
        correlation(&pairs)
    };
    assert!(explained(0).abs() < 0.03);
    assert!(explained(900_000) > explained(300_000) + 0.1);
}

#[test]
fn unemployment_at_the_start_is_the_economy_s() {
    let (scenario, users) = people(200_000);
    let start = run_start(&scenario);
    for (band, ages) in [(0, 18..=24), (1, 25..=29), (2, 30..=59)] {
        let force: Vec<UserRow> = users.iter().filter(|u| earner(u) && ages.contains(&u.age)).copied().collect();
        let expected = f64::from(scenario.warmup_economy.months[0].band_unemployment_ppm[band]) / 1e6;
        let seen = share(&force, |u| u.jobless_since > 0);
        assert!((seen - expected).abs() < 0.005, "band {band}: {seen} {expected}");
    }
    assert!(users.iter().all(|u| u.jobless_since == 0 || (earner(u) && u.jobless_since < start.0)));
    let savings = |jobless: bool| {
        let mut months: Vec<f64> = users
            .iter()
            .filter(|u| earner(u) && (u.jobless_since > 0) == jobless)
            .map(|u| f64::from(u.savings_fen) / f64::from(u.income_fen))
            .collect();
        months.sort_by(f64::total_cmp);
        months[months.len() / 2]
    };
    assert!(savings(true) < 0.6 * savings(false), "{} {}", savings(true), savings(false));
}

#[test]
fn most_people_can_afford_what_they_wish() {
    let (scenario, users) = people(50_000);
    let tables = PopulationTables::new(&scenario);
    let affords = |u: &UserRow| {
        let spending = tables.mean_spending_fen * f64::from(u.demand_ppm) / 1e6 * f64::from(u.ticket_per_mille) / 1e3;
        let rest = f64::from(u.income_fen - u.living_fen - u.other_service_fen);
        spending.min(tables.line_spending_fen) <= rest
    };
    let earners: Vec<UserRow> = users.iter().filter(|u| earner(u)).copied().collect();
    let share_ok = share(&earners, affords);
    assert!((0.7..0.97).contains(&share_ok), "{share_ok}");
    assert!(users.iter().all(|u| u.living_fen > 0 && u.other_service_fen <= u.income_fen * 7 / 10 + 1));
}

#[test]
fn paydays_and_joining_follow_the_model() {
    let (scenario, users) = people(50_000);
    assert!(users.iter().all(|u| (1..=28).contains(&u.payday)));
    assert!((share(&users, |u| u.payday <= 10) - 0.5).abs() < 0.01);
    assert!((share(&users, |u| u.joins_day == 0) - 0.7).abs() < 0.01);
    let days = run_calendar(&scenario);
    let (first, last) = (days.days()[0].day.0, days.days()[days.days().len() - 1].day.0);
    assert!(users.iter().all(|u| u.joins_day == 0 || (first..=last).contains(&u.joins_day)));
    assert!(users.iter().any(|u| u.joins_day > last - 5));
    assert_eq!(run_start(&scenario).to_string(), "2025-07-01");
}

#[test]
fn a_user_is_a_function_of_seed_and_number_alone() {
    let base = fixture::scenario(5_000);
    let rows =
        |scenario: &Scenario| -> Vec<UserRow> { generate(scenario).into_iter().flat_map(|cell| cell.users).collect() };
    let expected = rows(&base);
    let mut other = base.clone();
    other.cell_users = 1_700;
    assert_eq!(rows(&other), expected, "the size of cells does not matter");
    other.worlds.truncate(1);
    other.name = "another".to_string();
    assert_eq!(rows(&other), expected, "nor do worlds and names");
    other.users = 2_000;
    assert_eq!(rows(&other), expected[..2_000], "nor does the number of others");
    let tables = PopulationTables::new(&base);
    assert_eq!(person::sample(&base, &tables, UserId(4_321), run_start(&base)), expected[4_321]);
    other = base.clone();
    other.seed = 2;
    assert_ne!(rows(&other), expected);
    other = base.clone();
    other.replication = 1;
    assert_ne!(rows(&other), expected);
}

/// Common random numbers: changing one number of the model leaves the other traits of everybody as they were.
#[test]
fn changing_one_parameter_moves_one_trait() {
    let (mut scenario, before) = people(3_000);
    scenario.base.levers.repay.strategic_share_ppm = 500_000;
    scenario.population.demand_shape_milli = 600;
    scenario.population.savings_sigma_milli = 2_000;
    let after: Vec<UserRow> = generate(&scenario).into_iter().flat_map(|cell| cell.users).collect();
    assert_ne!(before, after);
    for (old, new) in before.iter().zip(&after) {
        let neutral =
            UserRow { traits: new.traits & !bits::STRATEGIC, demand_ppm: 0, living_fen: 0, savings_fen: 0, ..*new };
        let reference =
            UserRow { traits: old.traits & !bits::STRATEGIC, demand_ppm: 0, living_fen: 0, savings_fen: 0, ..*old };
        assert_eq!(neutral, reference);
        assert!(old.traits & bits::STRATEGIC == 0 || new.traits & bits::STRATEGIC != 0, "a larger share only adds");
    }
}
