//! Weighted least squares on an expensive function: a damped Gauss–Newton search (Levenberg 1944, Marquardt 1963) whose
//! Jacobian is estimated once by forward differences and then kept up to date by Broyden's rank-one rule (1965). Each
//! further step costs one evaluation.

/// How to search.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Search {
    /// Step of the forward differences. It must be large enough to be seen through the noise of a simulation.
    pub difference: f64,
    /// No coordinate moves by more than this in one step.
    pub stride_max: f64,
    /// Weight of staying where the search began, in squared residuals for each squared unit. It decides directions that
    /// the residuals say nothing about.
    pub pull_home: f64,
    /// Steps after the Jacobian is known.
    pub steps: usize,
    /// The search ends when no residual is larger than this.
    pub enough: f64,
}

/// Where a search ended.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Found {
    /// The best point.
    pub at: Vec<f64>,
    /// Its residuals.
    pub residuals: Vec<f64>,
    /// Evaluations made.
    pub evaluations: usize,
}

/// Damping at the beginning, its least value, and its change after a bad and a good step.
const DAMPING: f64 = 0.3;
const DAMPING_MIN: f64 = 0.01;
const WORSE: f64 = 4.0;
const BETTER: f64 = 0.4;

/// Minimises the sum of squares of `residuals` from `start`.
///
/// # Errors
/// The first error of `residuals`, unchanged.
pub(crate) fn minimise<E>(
    start: &[f64],
    search: &Search,
    mut residuals: impl FnMut(&[f64]) -> Result<Vec<f64>, E>,
) -> Result<Found, E> {
    let home = start.to_vec();
    let cost = |at: &[f64], r: &[f64]| {
        let away: f64 = at.iter().zip(&home).map(|(a, h)| (a - h) * (a - h)).sum();
        r.iter().map(|r| r * r).sum::<f64>() + search.pull_home * away
    };
    let mut found = Found { at: home.clone(), residuals: residuals(&home)?, evaluations: 1 };
    // One column a coordinate.
    let mut jacobian = Vec::with_capacity(home.len());
    for i in 0..home.len() {
        let mut moved = home.clone();
        moved[i] += search.difference;
        let there = residuals(&moved)?;
        found.evaluations += 1;
        jacobian.push(there.iter().zip(&found.residuals).map(|(t, h)| (t - h) / search.difference).collect());
    }
    let mut damping = DAMPING;
    for _ in 0..search.steps {
        if found.residuals.iter().all(|r| r.abs() <= search.enough) {
            break;
        }
        let step = damped_step(&jacobian, &found, &home, search, damping);
        let at: Vec<f64> = found.at.iter().zip(&step).map(|(a, s)| a + s).collect();
        let there = residuals(&at)?;
        found.evaluations += 1;
        broyden(&mut jacobian, &step, &found.residuals, &there);
        if cost(&at, &there) < cost(&found.at, &found.residuals) {
            (found.at, found.residuals) = (at, there);
            damping = (damping * BETTER).max(DAMPING_MIN);
        } else {
            damping *= WORSE;
        }
    }
    Ok(found)
}

/// Solves (JᵀJ + (damping + pull)·I) s = −Jᵀr − pull·(at − home), cut to the longest stride.
fn damped_step(jacobian: &[Vec<f64>], found: &Found, home: &[f64], search: &Search, damping: f64) -> Vec<f64> {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let n = jacobian.len();
    let mut matrix: Vec<Vec<f64>> = (0..n).map(|i| (0..n).map(|j| dot(&jacobian[i], &jacobian[j])).collect()).collect();
    let mut right: Vec<f64> = (0..n).map(|i| -dot(&jacobian[i], &found.residuals)).collect();
    for i in 0..n {
        matrix[i][i] += damping + search.pull_home;
        right[i] -= search.pull_home * (found.at[i] - home[i]);
    }
    let mut step = solve(matrix, right);
    let longest = step.iter().fold(0.0_f64, |longest, s| longest.max(s.abs()));
    if longest > search.stride_max {
        step.iter_mut().for_each(|s| *s *= search.stride_max / longest);
    }
    step
}

/// Solves a positive definite system by Cholesky's method; a damped matrix is one.
pub(in crate::experiment) fn solve(mut matrix: Vec<Vec<f64>>, mut right: Vec<f64>) -> Vec<f64> {
    let n = right.len();
    for i in 0..n {
        for j in 0..=i {
            let sum = matrix[i][j] - (0..j).map(|k| matrix[i][k] * matrix[j][k]).sum::<f64>();
            matrix[i][j] = if i == j { sum.sqrt() } else { sum / matrix[j][j] };
        }
    }
    for i in 0..n {
        let sum = right[i] - (0..i).map(|k| matrix[i][k] * right[k]).sum::<f64>();
        right[i] = sum / matrix[i][i];
    }
    for i in (0..n).rev() {
        let sum = right[i] - (i + 1..n).map(|k| matrix[k][i] * right[k]).sum::<f64>();
        right[i] = sum / matrix[i][i];
    }
    right
}

/// J += (r′ − r − J s) sᵀ / sᵀs.
fn broyden(jacobian: &mut [Vec<f64>], step: &[f64], before: &[f64], after: &[f64]) {
    let length: f64 = step.iter().map(|s| s * s).sum();
    if length == 0.0 {
        return;
    }
    for row in 0..before.len() {
        let expected: f64 = jacobian.iter().zip(step).map(|(column, s)| column[row] * s).sum();
        let surprise = (after[row] - before[row] - expected) / length;
        jacobian.iter_mut().zip(step).for_each(|(column, s)| column[row] += surprise * s);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEARCH: Search = Search { difference: 0.05, stride_max: 1.0, pull_home: 0.0, steps: 40, enough: 1e-6 };

    #[test]
    fn cholesky_solves() {
        let matrix = vec![vec![4.0, 2.0, 0.6], vec![2.0, 5.0, 1.0], vec![0.6, 1.0, 3.0]];
        let want = [1.0, -2.0, 0.5];
        let right = matrix.iter().map(|row| row.iter().zip(want).map(|(a, x)| a * x).sum()).collect();
        for (x, want) in solve(matrix, right).iter().zip(want) {
            assert!((x - want).abs() < 1e-12, "{x} {want}");
        }
    }

    #[test]
    fn a_curved_problem_is_solved_with_few_evaluations() {
        // Three residuals, two coordinates, solution (0.4, −0.7).
        let residuals = |x: &[f64]| {
            let (a, b) = (libm::exp(x[0]) - libm::exp(0.4), libm::exp(0.5 * x[1]) - libm::exp(-0.35));
            Ok::<_, ()>(vec![10.0 * a, 8.0 * b + a, a * b])
        };
        let found = minimise(&[0.0, 0.0], &SEARCH, residuals).expect("no error");
        assert!((found.at[0] - 0.4).abs() < 1e-4 && (found.at[1] + 0.7).abs() < 1e-4, "{found:?}");
        assert!(found.evaluations < 25, "{found:?}");
    }

    #[test]
    fn what_the_residuals_leave_open_stays_at_home() {
        let search = Search { pull_home: 0.01, ..SEARCH };
        let found = minimise(&[0.2, 3.0], &search, |x| Ok::<_, ()>(vec![5.0 * (x[0] - 1.0)])).expect("no error");
        assert!((found.at[0] - 1.0).abs() < 0.01 && (found.at[1] - 3.0).abs() < 1e-9, "{found:?}");
    }

    #[test]
    fn an_error_ends_the_search() {
        assert_eq!(minimise(&[0.0], &SEARCH, |_| Err::<Vec<f64>, _>("stopped")), Err("stopped"));
    }
}
