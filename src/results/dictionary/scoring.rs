//! Columns of a scorecard.

use super::entry::File;
use crate::results::manifest::Kind;

/// All files.
pub(super) fn files() -> Vec<File> {
    let of = |file| File::new(Kind::Scoring, file);
    let score = [
        ("score", "name", "Whose score: `origination score`, `value model` or `default model`."),
        ("looks_at", "name", "What it looks at."),
    ];
    vec![
        of("scores.csv").plain(&score).plain(&[
            ("outcome", "name", "What it is to tell."),
            ("with", "number", "Accounts with the outcome."),
            ("without", "number", "Accounts without."),
            ("auc", "ratio", "Chance that one with scores above one without, ties half."),
            ("low_95", "ratio", "Lower end of its 95 % interval (DeLong)."),
            ("high_95", "ratio", "Upper end."),
            ("gain", "ratio", "AUC less that of the same score without behaviour data; empty of that one itself."),
            ("gain_low_95", "ratio", "Lower end of its 95 % interval."),
            ("gain_high_95", "ratio", "Upper end."),
        ]),
        of("stability.csv").plain(&score).plain(&[
            ("world", "name", "World that is set against the first one."),
            ("accounts_first", "number", "Accounts of the first world."),
            ("accounts", "number", "Accounts of this one."),
            ("psi", "ratio", "Population stability index over the deciles of the first world."),
        ]),
        of("deciles.csv").plain(&[
            ("decile", "number", "Decile of the scorecard; 1 has the lowest scores."),
            ("users", "number", "Users in it that the scorecard was not trained on."),
            ("value_yuan", "yuan", "Mean value in the twelve months after."),
            ("default_share", "ratio", "Share that reached 91 days past due."),
            ("lift", "ratio", "Mean value over the mean of all."),
        ]),
    ]
}
