//! One user from the keyed stream of that user. Draws are taken in a fixed order whether or not a trait uses them, and
//! the one distribution that rejects by shape (gamma) comes last, so changing one share or σ of the model leaves all
//! other traits of all users as they were.

use crate::agents::traits::{UserRow, bits};
use crate::base::ids::UserId;
use crate::base::random::{Purpose, Stream};
use crate::base::time::Day;
use crate::population::income::{ADULT_AGE, MINOR_MONTHLY_FEN, STUDENT_MONTHLY_FEN, WAGE_RANGE_FEN};
use crate::population::tables::PopulationTables;
use crate::scenario::{Persona, Scenario};
use rand_distr::{Distribution, Exp1, Gamma, StandardNormal};

/// Exponent with which savings, in months of income, grow with income (grade L: the poor save less of less).
const SAVINGS_INCOME_EXPONENT: f64 = 0.3;

/// Savings left after each month without work, until a tenth is left (grade L).
const SAVINGS_KEPT_PER_JOBLESS_MONTH: f64 = 0.8;

/// Most money in the bank, fen: two million yuan, far beyond what the product asks.
const SAVINGS_MAX_FEN: f64 = 2e8;

/// σ of debt elsewhere among those who have it, and the chance of students to have it relative to others (grade L).
const OTHER_DEBT_SIGMA: f64 = 0.8;
const STUDENT_DEBT_SHARE: f64 = 0.3;

/// Debt elsewhere takes at most this share of income: other lenders look at income too.
const OTHER_SERVICE_MAX: f64 = 0.7;

/// σ of living cost as a share of income, and the least share (grade L).
const LIVING_SIGMA: f64 = 0.15;
const LIVING_MIN: f64 = 0.25;

/// Part of expected spending on the product that replaces other consumption (grade L).
const SPENDING_REPLACES: f64 = 0.8;

/// Spread of tastes across users, log-normal with mean one (grade L).
const WATCH_SIGMA: f64 = 0.5;
const TASTE_SIGMA: f64 = 0.5;
const CURIOSITY_SIGMA: f64 = 0.7;
const PATIENCE_SIGMA: f64 = 0.5;

/// Bureau scores: mean and sd over all users (grade L).
const BUREAU_MEAN: f64 = 640.0;
const BUREAU_SD: f64 = 60.0;

/// Weights of savings, income and debt elsewhere in the part of the bureau score that is signal.
const BUREAU_WEIGHTS: [f64; 3] = [0.6, 0.5, 0.6];

/// Behaviour score: middle and points for each sd of watching and activity (grade L).
const BEHAVIOUR_MEAN: f64 = 128.0;
const BEHAVIOUR_SLOPE: f64 = 28.0;

/// The part of a user on which the others depend.
struct Core<'a> {
    persona: &'a Persona,
    age: u8,
    student: bool,
    income_fen: f64,
    /// Income in sd of the log, zero for students and minors.
    income_z: f64,
}

impl Core<'_> {
    fn minor(&self) -> bool {
        self.age < ADULT_AGE
    }

    /// Works or looks for work.
    fn in_labour_force(&self) -> bool {
        !self.student && !self.minor()
    }
}

/// One user as they are on the first day of the run.
pub(super) fn sample(scenario: &Scenario, tables: &PopulationTables, user: UserId, run_start: Day) -> UserRow {
    let mut stream = tables.key.user(user.0).stream(Purpose::Person);
    let persona = tables.personas.sample(stream.word());
    let core = core(scenario, tables, usize::from(persona), &mut stream);
    let mut row = blank();
    row.persona = persona as u8;
    row.age = core.age;
    row.income_fen = core.income_fen.round() as i32;
    row.settled_day = run_start.0;
    row.traits = traits(scenario, &core, &mut stream);
    tastes(scenario, tables, &core, &mut row, &mut stream);
    calendar(scenario, tables, run_start, &mut row, &mut stream);
    money(scenario, tables, &core, run_start, &mut row, &mut stream);
    row
}

fn core<'a>(scenario: &'a Scenario, tables: &PopulationTables, persona: usize, stream: &mut Stream) -> Core<'a> {
    let persona = &scenario.population.personas[persona];
    let (youngest, oldest) = persona.ages;
    let age = youngest + stream.below(u32::from(oldest.max(youngest) - youngest) + 1) as u8;
    let enrolled = stream.chance_ppm(persona.student.0);
    let (allowance, z) = (stream.unit(), normal(stream));
    let student = enrolled && age >= ADULT_AGE;
    let income_fen = if age < ADULT_AGE {
        MINOR_MONTHLY_FEN
    } else if student {
        STUDENT_MONTHLY_FEN.0 + allowance * (STUDENT_MONTHLY_FEN.1 - STUDENT_MONTHLY_FEN.0)
    } else {
        let wage = tables.income.median_fen(persona, age) * libm::exp(tables.income.sigma * z);
        wage.clamp(WAGE_RANGE_FEN.0, WAGE_RANGE_FEN.1)
    };
    let income_z = if student || age < ADULT_AGE { 0.0 } else { z };
    Core { persona, age, student, income_fen, income_z }
}

fn traits(scenario: &Scenario, core: &Core<'_>, stream: &mut Stream) -> u16 {
    let (repay, conduct) = (&scenario.base.levers.repay, &scenario.base.levers.conduct);
    let drawn = [
        (bits::TIPPER, core.persona.tipper.0),
        (bits::AUTO_DEBIT, repay.auto_debit_ppm),
        (bits::STRATEGIC, repay.strategic_share_ppm),
        (bits::FRAUD, repay.fraud_share_ppm),
        (bits::CASHOUT, conduct.cashout_share_ppm),
        (bits::MINOR_AT_HOME, scenario.population.minor_at_home_ppm),
    ];
    let mut traits = 0;
    for (bit, share_ppm) in drawn {
        if stream.chance_ppm(share_ppm) {
            traits |= bit;
        }
    }
    if core.student {
        traits |= bits::STUDENT;
    }
    if core.minor() {
        // A child has no household of its own in which another child uses the phone.
        traits = (traits | bits::MINOR) & !bits::MINOR_AT_HOME;
    }
    traits
}

fn tastes(scenario: &Scenario, tables: &PopulationTables, core: &Core<'_>, row: &mut UserRow, stream: &mut Stream) {
    let model = &scenario.population;
    let tip_sigma = f64::from(model.tip_sigma_milli) / 1e3;
    let tip = 1_000.0 * libm::exp(tip_sigma * normal(stream));
    row.tip_per_mille = if row.traits & bits::TIPPER != 0 { tip.clamp(1.0, 4e9).round() as u32 } else { 0 };

    // Activity varies by a quarter either way, so its mean is the persona's.
    let activity = stream.unit() - 0.5;
    let active = core.persona.active.to_ratio_f64() * (1.0 + 0.5 * activity);
    row.active_share = (active * 65_536.0).clamp(0.0, 65_535.0) as u16;

    let watch_z = normal(stream);
    let watch = core.persona.watch.to_ratio_f64() * mean_one(WATCH_SIGMA, watch_z);
    row.watch_per_mille = (1_000.0 * watch).clamp(1.0, 65_535.0).round() as u16;

    // A uniform on ±½ has sd 0.289.
    let seen = (watch_z + activity / 0.289) * std::f64::consts::FRAC_1_SQRT_2;
    row.behaviour = (BEHAVIOUR_MEAN + BEHAVIOUR_SLOPE * seen).clamp(0.0, 255.0).round() as u8;

    let forgetfulness_sigma = f64::from(model.forgetfulness_sigma_milli) / 1e3;
    let forgetfulness = core.persona.forgetfulness.to_ratio_f64() * libm::exp(forgetfulness_sigma * normal(stream));
    row.forgetfulness = thirty_seconds(forgetfulness);
    row.instalment_taste = thirty_seconds(mean_one(TASTE_SIGMA, normal(stream)));
    row.curiosity = thirty_seconds(mean_one(CURIOSITY_SIGMA, normal(stream)));
    row.patience = thirty_seconds(libm::exp(PATIENCE_SIGMA * normal(stream)));
    row.favourite_host = tables.favourites.sample(stream.word());
}

fn calendar(scenario: &Scenario, tables: &PopulationTables, run_start: Day, row: &mut UserRow, stream: &mut Stream) {
    let model = &scenario.population;
    let early = stream.chance_ppm(model.payday_early_ppm);
    let position = stream.bits32();
    let within = |days: u64| ((u64::from(position) * days) >> 32) as u8;
    row.payday = if early { 1 + within(10) } else { 11 + within(18) };
    let present = stream.chance_ppm(model.present_at_start_ppm);
    let joins = run_start.0 + stream.below(u32::from(tables.run_days)) as u16;
    row.joins_day = if present { 0 } else { joins };
}

/// Work, savings, debts, wishes, living and what the bureau makes of it.
fn money(
    scenario: &Scenario,
    tables: &PopulationTables,
    core: &Core<'_>,
    run_start: Day,
    row: &mut UserRow,
    stream: &mut Stream,
) {
    let model = &scenario.population;
    let jobless_months = jobless_months(tables, core, stream);
    if let Some(months) = jobless_months {
        let days = (months * 30.4).clamp(1.0, 1_500.0) as u16;
        row.jobless_since = run_start.0.saturating_sub(days).max(1);
    }

    let savings_z = normal(stream);
    let relative = core.income_fen / tables.income.reference_fen;
    let months_saved = f64::from(model.savings_median_milli) / 1e3
        * libm::pow(relative, SAVINGS_INCOME_EXPONENT)
        * libm::exp(f64::from(model.savings_sigma_milli) / 1e3 * savings_z);
    let kept = jobless_months.map_or(1.0, |months| libm::pow(SAVINGS_KEPT_PER_JOBLESS_MONTH, months).max(0.1));
    row.savings_fen = (core.income_fen * months_saved * kept).min(SAVINGS_MAX_FEN).round() as i32;

    let debt_z = other_debt(scenario, core, row, stream);

    let signal = f64::from(model.bureau_signal_ppm).clamp(0.0, 1e6) / 1e6;
    let norm = BUREAU_WEIGHTS.iter().map(|w| w * w).sum::<f64>().sqrt();
    let seen = (BUREAU_WEIGHTS[0] * savings_z + BUREAU_WEIGHTS[1] * core.income_z - BUREAU_WEIGHTS[2] * debt_z) / norm;
    let score = BUREAU_MEAN + BUREAU_SD * (signal.sqrt() * seen + (1.0 - signal).sqrt() * normal(stream));
    row.bureau_score = score.clamp(300.0, 900.0).round() as u16;

    let (ticket_z, living_z) = (normal(stream), normal(stream));
    let with_income = tables.income.demand_factor(core.income_fen);
    let ticket = libm::exp(f64::from(model.ticket_user_sigma_milli) / 1e3 * ticket_z) * with_income;
    row.ticket_per_mille = (1_000.0 * ticket).clamp(20.0, 20_000.0).round() as u32;

    let demand = gamma_mean_one(tables.income.own_shape, stream) * core.persona.demand.to_ratio_f64() * with_income
        / tables.income.mean_demand;
    row.demand_ppm = (1e6 * demand).clamp(0.0, 1e8).round() as u32;

    let spending = (tables.mean_spending_fen * demand * ticket).min(tables.line_spending_fen);
    let share = f64::from(model.living_share_ppm) / 1e6 * libm::exp(LIVING_SIGMA * living_z);
    let living = (share * core.income_fen - SPENDING_REPLACES * spending).max(LIVING_MIN * core.income_fen);
    row.living_fen = living.round() as i32;
}

/// Months without work so far, for those who are out of work at the start. The length of a spell under way is
/// exponential with the mean 1/f, f being the monthly chance to find work.
fn jobless_months(tables: &PopulationTables, core: &Core<'_>, stream: &mut Stream) -> Option<f64> {
    let band = match core.age {
        ..=24 => 0,
        25..=29 => 1,
        _ => 2,
    };
    let jobless = stream.chance_ppm(tables.jobless_ppm[band]);
    let spell: f64 = Exp1.sample(stream);
    let months = spell * 1e6 / f64::from(tables.finding_ppm.max(1));
    (jobless && core.in_labour_force()).then_some(months)
}

/// Debt elsewhere and its service. Returns how unusual it is, with mean 0 and variance 1.
fn other_debt(scenario: &Scenario, core: &Core<'_>, row: &mut UserRow, stream: &mut Stream) -> f64 {
    let model = &scenario.population;
    let of_kind = core.persona.other_debt.to_ratio_f64() * if core.student { STUDENT_DEBT_SHARE } else { 1.0 };
    let share = (f64::from(model.other_debt_ppm) / 1e6 * of_kind).min(1.0);
    let (has, size_z) = (stream.unit() < share && !core.minor(), normal(stream));
    if has {
        let median_fen = f64::from(model.other_debt_median_milli) / 1e3 * 12.0 * core.income_fen;
        let debt_fen = median_fen * libm::exp(OTHER_DEBT_SIGMA * size_z);
        let service = (debt_fen * f64::from(model.other_service_ppm) / 1e6).min(OTHER_SERVICE_MAX * core.income_fen);
        row.other_debt_yuan = (debt_fen / 100.0).round() as u32;
        row.other_service_fen = service.round() as i32;
    }
    // Having debt is a Bernoulli draw with its own sd; its size adds a normal among those who have it.
    let owed = f64::from(u8::from(has));
    let standard = if share > 0.0 && share < 1.0 { (owed - share) / (share * (1.0 - share)).sqrt() } else { 0.0 };
    (standard + owed * size_z) / (1.0 + share).sqrt()
}

fn normal(stream: &mut Stream) -> f64 {
    StandardNormal.sample(stream)
}

/// Log-normal with mean one.
fn mean_one(sigma: f64, z: f64) -> f64 {
    libm::exp(sigma * z - 0.5 * sigma * sigma)
}

/// Gamma with mean one; everybody is the mean where the shape is no distribution.
fn gamma_mean_one(shape: f64, stream: &mut Stream) -> f64 {
    Gamma::new(shape, 1.0 / shape).map_or(1.0, |gamma| gamma.sample(stream))
}

/// A ratio in 1/32, as rows store it.
fn thirty_seconds(ratio: f64) -> u8 {
    (32.0 * ratio).clamp(0.0, 255.0).round() as u8
}

fn blank() -> UserRow {
    zerocopy::FromZeros::new_zeroed()
}
