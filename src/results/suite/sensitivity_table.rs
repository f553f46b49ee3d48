//! `sensitivity.csv`: a row a parameter and measure; parameters that were not moved have their reason and no numbers.

use super::super::table::field;
use super::Sensitivity;
use crate::results::load::Estimate;
use std::fmt::Write;

/// `value,low,high`, or three empty fields.
fn three(estimate: Option<Estimate>) -> String {
    estimate.map_or_else(|| ",,".to_string(), |e| format!("{},{},{}", e.value, e.low, e.high))
}

/// The table.
pub(super) fn csv(sensitivity: &Sensitivity) -> String {
    let mut out = String::from(
        "parameter,value,low,high,measure,change_at_low,change_at_low_95_low,change_at_low_95_high,change_at_high,\
         change_at_high_95_low,change_at_high_95_high,mu,mu_star,mu_star_95_low,mu_star_95_high,sigma,sigma_95_low,\
         sigma_95_high,first_three_share,note,source\n",
    );
    for p in &sensitivity.parameters {
        let named = p.named_share.map_or_else(String::new, |share| share.to_string());
        let (key, value, low, high) = (field(&p.key), field(&p.value), field(&p.low), field(&p.high));
        let (note, source) = (field(p.cut.as_deref().unwrap_or_default()), field(&p.source));
        for e in &p.effects {
            let (at_low, at_high) = (three(e.low), three(e.high));
            let (mu, star, sigma) = match &e.elementary {
                Some(x) => (x.mean.to_string(), three(Some(x.size)), three(Some(x.deviation))),
                None => (String::new(), three(None), three(None)),
            };
            // Writing to a `String` cannot fail.
            let _ = writeln!(
                out,
                "{key},{value},{low},{high},{},{at_low},{at_high},{mu},{star},{sigma},{named},{note},{source}",
                e.measure
            );
        }
    }
    for p in &sensitivity.unmoved {
        let (key, value, source) = (field(&p.key), field(&p.value), field(&p.source));
        let reason = format!("not moved: {}", p.reason);
        let _ = writeln!(out, "{key},{value}{}{},{source}", ",".repeat(18), field(&reason));
    }
    out
}
