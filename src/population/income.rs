//! Wages by age and persona, and the moments of them that keep relative demand at mean one.
//!
//! Within an age band and persona wages are log-normal. Wishes to buy follow the wage with an exponent e; since
//! E[(w/r)^e] of a log-normal is known, the mean of wishes over the population is computed and divided out, not
//! estimated from a sample. The model's gamma shape is that of wishes across all users (coefficient of variation
//! 1/√shape); what income and persona already explain of that spread is taken out of the gamma drawn for a user, so
//! that heavy buyers are mostly people who can afford it.

use crate::scenario::{Persona, PopulationModel};

/// Students live on 1,500–2,500 yuan a month from home (grade L; campus surveys put the mean near 2,000).
pub(super) const STUDENT_MONTHLY_FEN: (f64, f64) = (150_000.0, 250_000.0);

/// Pocket money of users under 18, fen a month (grade L).
pub(super) const MINOR_MONTHLY_FEN: f64 = 30_000.0;

/// Wages are kept within 1,200–150,000 yuan a month: about the lowest local minimum wage, and the far tail.
pub(super) const WAGE_RANGE_FEN: (f64, f64) = (120_000.0, 15_000_000.0);

/// Age at which one may apply and work; below it a user is a minor.
pub(super) const ADULT_AGE: u8 = 18;

#[derive(Clone, Debug)]
pub(super) struct IncomeModel {
    median_monthly_fen: [f64; 5],
    pub sigma: f64,
    pub exponent: f64,
    /// Geometric mean of all wages: the income at which demand and ticket are as the persona says.
    pub reference_fen: f64,
    /// Mean over the population of persona demand × (income / reference)^exponent.
    pub mean_demand: f64,
    /// Shape of the gamma that a user draws: what persona and income leave over of the spread.
    pub own_shape: f64,
}

/// Most even gamma that a user draws: where income alone spreads wishes more than the model says, some luck is left.
const OWN_SHAPE_MAX: f64 = 50.0;

/// Index of an age in the model's five bands: 18–24, 25–29, 30–35, 36–45, over 45.
fn band(age: u8) -> usize {
    match age {
        ..=24 => 0,
        25..=29 => 1,
        30..=35 => 2,
        36..=45 => 3,
        _ => 4,
    }
}

impl IncomeModel {
    pub(super) fn new(model: &PopulationModel) -> IncomeModel {
        let mut income = IncomeModel {
            median_monthly_fen: model.income_median_fen.map(|annual| annual as f64 / 12.0),
            sigma: f64::from(model.income_sigma_milli) / 1e3,
            exponent: f64::from(model.demand_income_exponent_milli) / 1e3,
            reference_fen: 1.0,
            mean_demand: 1.0,
            own_shape: 1.0,
        };
        let (log_sum, weight) = ages(model).fold((0.0, 0.0), |(sum, weight), (persona, age, w)| {
            let student = persona.student.to_ratio_f64();
            let log =
                student * libm::log(student_mean()) + (1.0 - student) * libm::log(income.median_fen(persona, age));
            (sum + w * log, weight + w)
        });
        income.reference_fen = libm::exp(log_sum / weight);
        let moment = |power: i32| -> f64 {
            let each = |(p, age, w): (&Persona, u8, f64)| {
                w * libm::pow(p.demand.to_ratio_f64(), f64::from(power)) * income.mean_factor(p, age, f64::from(power))
            };
            ages(model).map(each).sum::<f64>() / weight
        };
        let (first, second) = (moment(1), moment(2));
        // (1 + 1/shape) = (1 + 1/own) × (second / first²), since the draws are independent.
        let left = (1.0 + 1e3 / f64::from(model.demand_shape_milli.max(1))) * first * first / second - 1.0;
        income.own_shape = if left > 1.0 / OWN_SHAPE_MAX { 1.0 / left } else { OWN_SHAPE_MAX };
        income.mean_demand = first;
        income
    }

    /// Median monthly income of this persona at this age, when not a student.
    pub(super) fn median_fen(&self, persona: &Persona, age: u8) -> f64 {
        if age < ADULT_AGE {
            MINOR_MONTHLY_FEN
        } else {
            self.median_monthly_fen[band(age)] * persona.income.to_ratio_f64()
        }
    }

    /// Wishes at an income relative to the reference.
    pub(super) fn demand_factor(&self, income_fen: f64) -> f64 {
        libm::pow(income_fen / self.reference_fen, self.exponent)
    }

    /// Mean of [`Self::demand_factor`] to a power, for a persona and age.
    fn mean_factor(&self, persona: &Persona, age: u8, power: f64) -> f64 {
        let factor = |income_fen: f64| libm::pow(self.demand_factor(income_fen), power);
        if age < ADULT_AGE {
            return factor(MINOR_MONTHLY_FEN);
        }
        let student = persona.student.to_ratio_f64();
        let spread = power * self.exponent * self.sigma;
        student * factor(student_mean())
            + (1.0 - student) * factor(self.median_fen(persona, age)) * libm::exp(spread * spread / 2.0)
    }
}

fn student_mean() -> f64 {
    0.5 * (STUDENT_MONTHLY_FEN.0 + STUDENT_MONTHLY_FEN.1)
}

/// Every persona at every age with its weight in the population.
fn ages(model: &PopulationModel) -> impl Iterator<Item = (&Persona, u8, f64)> {
    model.personas.iter().flat_map(|persona| {
        let (youngest, oldest) = persona.ages;
        let weight = f64::from(persona.share.0) / f64::from(oldest.max(youngest) - youngest + 1);
        (youngest..=oldest.max(youngest)).map(move |age| (persona, age, weight))
    })
}
