//! The model: a logistic regression over what the account shows, trained on some users and tested on others, and the scorecard of
//! whole numbers that comes of it. What is tested is the scorecard, since that is what a policy would use.

use super::discrimination::{DECILES, decile_borders};
use crate::base::money::Ppm;
use crate::base::random::mix;
use crate::credit::targeting::{BEHAVIOUR_FEATURES, FEATURES, Targeting};
use linfa::Dataset;
use linfa::traits::Fit;
use linfa_logistic::LogisticRegression;
use ndarray::{Array1, Array2};

/// Users of ten that the model is trained on; the others test it.
const TRAINED_OF_TEN: u64 = 7;

/// Keeps the split apart from other uses of a user's number.
const SPLIT_SALT: u64 = 0x6c74_765f_7370_6c69;

/// Points of one unit of log-odds.
const POINTS: f64 = 40.0;

/// Weight of the squared coefficients in the fit; features are standardised.
const RIDGE: f64 = 1.0;

/// Iterations that the fit may take.
const ITERATIONS: u64 = 500;

/// Factor on raises by decile of value, the lowest first: none at the bottom, half as much again at the top.
pub(crate) const RAISE_PPM: [i32; DECILES] =
    [0, 0, 500_000, 1_000_000, 1_000_000, 1_000_000, 1_000_000, 1_250_000, 1_500_000, 1_500_000];

/// The user is one that the model is trained on.
pub(crate) fn is_trained_on(user: u32) -> bool {
    mix(u64::from(user) ^ SPLIT_SALT) % 10 < TRAINED_OF_TEN
}

/// Which features a model may look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// All.
    Everything,
    /// Only the credit file: nothing from behaviour in the app.
    CreditFile,
}

impl Look {
    const fn features(self) -> usize {
        match self {
            Look::Everything => FEATURES,
            Look::CreditFile => FEATURES - BEHAVIOUR_FEATURES,
        }
    }
}

/// Why a model cannot be trained.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ModelError {
    /// There are not both kinds of users to learn from.
    #[error("{0} users to learn from, {1} of them of the kind that is to be found: too few")]
    TooFew(usize, usize),
    /// The fit did not come to an end.
    #[error("the fit failed: {0}")]
    Fit(String),
}

/// Least users of each kind to learn from.
const KIND_MIN: usize = 30;

/// Trains on the rows and gives the scorecard: points per unit of each feature and the borders of the deciles of the rows.
///
/// # Errors
/// [`ModelError`].
pub(crate) fn train(rows: &[[i32; FEATURES]], labels: &[bool], look: Look) -> Result<Targeting, ModelError> {
    let positive = labels.iter().filter(|label| **label).count();
    if positive < KIND_MIN || rows.len() - positive < KIND_MIN {
        return Err(ModelError::TooFew(rows.len(), positive));
    }
    let used = look.features();
    let Moments { means, deviations } = moments(rows);
    let standard = |row: usize, column: usize| (f64::from(rows[row][column]) - means[column]) / deviations[column];
    let records = Array2::from_shape_fn((rows.len(), used), |(row, column)| standard(row, column));
    let targets = Array1::from_vec(labels.to_vec());
    let fit = LogisticRegression::default().alpha(RIDGE).max_iterations(ITERATIONS);
    let fitted = fit.fit(&Dataset::new(records, targets)).map_err(|error| ModelError::Fit(error.to_string()))?;
    // linfa takes the more frequent class for the positive one; the score rises with the log-odds of the outcome.
    let sign = if fitted.labels().pos.class { 1.0 } else { -1.0 };
    let points = |column: usize| {
        let weight = sign * fitted.params().get(column).copied().unwrap_or(0.0) / deviations[column];
        (weight * POINTS * 1e3).round().clamp(-1e6, 1e6) as i32
    };
    let mut card = Targeting {
        weights_milli: std::array::from_fn(|column| if column < used { points(column) } else { 0 }),
        raise: RAISE_PPM.map(Ppm),
        ..Targeting::OFF
    };
    let scores: Vec<f64> = rows.iter().map(|row| card.score(row) as f64).collect();
    for (cut, border) in card.cuts_milli.iter_mut().zip(decile_borders(&scores)) {
        *cut = border.clamp(-1e6, 1e6) as i32;
    }
    Ok(card)
}

/// Mean and deviation of each feature; one that does not vary has a deviation of one, so that it weighs nothing.
struct Moments {
    means: [f64; FEATURES],
    deviations: [f64; FEATURES],
}

fn moments(rows: &[[i32; FEATURES]]) -> Moments {
    let n = rows.len() as f64;
    let means: [f64; FEATURES] = std::array::from_fn(|c| rows.iter().map(|row| f64::from(row[c])).sum::<f64>() / n);
    let square = |row: &[i32; FEATURES], c: usize| (f64::from(row[c]) - means[c]) * (f64::from(row[c]) - means[c]);
    let deviations = std::array::from_fn(|c| {
        let deviation = (rows.iter().map(|row| square(row, c)).sum::<f64>() / n).sqrt();
        if deviation > 0.0 { deviation } else { 1.0 }
    });
    Moments { means, deviations }
}

#[cfg(test)]
mod tests {
    use super::super::discrimination::auc;
    use super::*;
    use crate::base::random::{Purpose, RunKey};

    /// Log-odds 0.004 a point of the first feature and −0.5 a good month; the tips tell something too.
    fn sample(users: u32, salt: u32) -> (Vec<[i32; FEATURES]>, Vec<bool>) {
        let mut luck = RunKey::new(5, salt).stream(0, Purpose::World);
        let mut rows = Vec::new();
        let mut labels = Vec::new();
        for _ in 0..users {
            let mut row = [0; FEATURES];
            row[0] = luck.below(1_000) as i32;
            row[1] = luck.below(12) as i32;
            row[10] = luck.below(100) as i32;
            let logit = 0.004 * f64::from(row[0]) - 0.5 * f64::from(row[1]) + 0.02 * f64::from(row[10]);
            labels.push(luck.unit() < 1.0 / (1.0 + libm::exp(-logit)));
            rows.push(row);
        }
        (rows, labels)
    }

    /// The outcome is rare in one sample and frequent in the other.
    #[test]
    fn the_score_rises_with_what_is_to_be_told_however_rare_it_is() {
        let (rows, labels) = sample(2_000, 2);
        for rare in [false, true] {
            let kept = |label: bool, position: usize| position.is_multiple_of(20) || label != rare;
            let (rows, labels): (Vec<_>, Vec<_>) = rows
                .iter()
                .zip(&labels)
                .enumerate()
                .filter(|(i, (_, l))| kept(**l, *i))
                .map(|(_, (r, l))| (*r, *l))
                .unzip();
            let share = labels.iter().filter(|label| **label).count() as f64 / labels.len() as f64;
            assert_eq!(share < 0.3, rare, "{share}");
            let card = train(&rows, &labels, Look::Everything).expect("enough of both");
            assert!(card.weights_milli[0] > 0 && card.weights_milli[1] < 0, "{share}: {:?}", card.weights_milli);
        }
    }

    #[test]
    fn planted_weights_come_back_and_tell_users_that_were_not_seen() {
        let (rows, labels) = sample(6_000, 0);
        let card = train(&rows, &labels, Look::Everything).expect("enough of both");
        let weight = |feature: usize| f64::from(card.weights_milli[feature]) / 1e3 / POINTS;
        assert!((weight(0) - 0.004).abs() < 0.0006, "{}", weight(0));
        assert!((weight(1) + 0.5).abs() < 0.06, "{}", weight(1));
        assert_eq!(card.weights_milli[4], 0, "what does not vary weighs nothing");
        assert!(card.cuts_milli.windows(2).all(|pair| pair[0] <= pair[1]));
        let (unseen, truth) = sample(3_000, 1);
        let score = |card: &Targeting| unseen.iter().map(|row| card.score(row) as f64).collect::<Vec<f64>>();
        let whole = auc(&score(&card), &truth).expect("both");
        let file = train(&rows, &labels, Look::CreditFile).expect("enough of both");
        assert_eq!(&file.weights_milli[FEATURES - BEHAVIOUR_FEATURES..], &[0; BEHAVIOUR_FEATURES]);
        let gain = whole.less(&auc(&score(&file), &truth).expect("both"));
        assert!(whole.value > 0.75 && gain.low > 0.0, "{} {gain:?}", whole.value);
        // As many as a decile holds stand in each, give or take.
        let top = unseen.iter().filter(|row| card.decile(card.score(row)) == 9).count();
        assert!((220..380).contains(&top), "{top}");
    }

    #[test]
    fn too_few_of_a_kind_are_no_sample() {
        let (rows, mut labels) = sample(100, 0);
        labels.fill(false);
        assert!(matches!(train(&rows, &labels, Look::Everything), Err(ModelError::TooFew(100, 0))));
        let trained = (0..10_000).filter(|user| is_trained_on(*user)).count();
        assert!((6_800..7_200).contains(&trained), "{trained}");
    }
}
