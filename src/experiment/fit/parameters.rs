//! The free parameters of a product and of behaviour: values of grade L that no source states, each with the measure it
//! moves most. A fit may choose them inside their range; all else of the models stays as written.

/// Where a fitted number is written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Writes {
    /// A value.
    Value(&'static str),
    /// One element of an array of so many.
    Element(&'static str, usize, usize),
    /// A common factor on several values, each given at the factor one.
    Factor(&'static [(&'static str, f64)]),
}

/// A free parameter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parameter {
    /// Where its value goes.
    pub writes: Writes,
    /// Where a fit begins.
    pub start: f64,
    /// Lower end of what is plausible.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

const fn free(writes: Writes, start: f64, low: f64, high: f64) -> Parameter {
    Parameter { writes, start, low, high }
}

const GIVE_UP: &str = "behaviour.repay.give_up";

/// Complaints a decline, a contact of a collector, a first late charge, and a month of an account, at the factor one.
const COMPLAINTS: &[(&str, f64)] = &[
    ("behaviour.conduct.complain_decline", 0.0006),
    ("behaviour.conduct.complain_contact", 0.002),
    ("behaviour.conduct.complain_charge", 0.003),
    ("behaviour.conduct.complain_service", 0.0003),
];

/// All free parameters, each with the measure it moves most.
pub(crate) const FREE: &[Parameter] = &[
    free(Writes::Value("behaviour.repay.forget"), 0.05, 0.005, 0.2), // d1_entry_rate
    free(Writes::Value("behaviour.repay.emergency"), 0.042, 0.005, 0.2), // repaid_late_share
    free(Writes::Value("behaviour.repay.remember_daily"), 0.165, 0.03, 0.5), // cure_7d_rate
    free(Writes::Value("behaviour.repay.scrape_daily"), 0.028, 0.005, 0.15), // cure_30d_rate
    free(Writes::Element(GIVE_UP, 0, 3), 0.45, 0.05, 0.95),          // m2_m3_rate
    free(Writes::Element(GIVE_UP, 1, 3), 0.2, 0.05, 0.95),           // m3_m4_rate
    free(Writes::Element(GIVE_UP, 2, 3), 0.85, 0.3, 0.995),          // m4_writeoff_rate
    free(Writes::Value("behaviour.repay.bill_instalment"), 0.13, 0.03, 0.4), // repaid_instalment_share
    free(Writes::Value("behaviour.repay.minimum"), 0.047, 0.01, 0.2), // repaid_minimum_share
    free(Writes::Value("behaviour.repay.recovery_monthly"), 0.015, 0.003, 0.05), // net_loss_rate_annual
    free(Writes::Value("behaviour.buy.demand_per_month"), 10.0, 5.0, 20.0), // purchases_per_month
    free(Writes::Value("behaviour.buy.ticket_sigma"), 0.53, 0.4, 0.7), // ticket_300_1500_share
    free(Writes::Value("product.limits.income_multiple"), 2.0, 1.5, 4.0), // mean_limit_yuan
    free(Writes::Value("behaviour.conduct.cashout_share"), 0.024, 0.002, 0.08), // funds_violation_rate
    free(Writes::Factor(COMPLAINTS), 0.3, 0.02, 3.0),                // complaint_rate
];

impl Parameter {
    /// The unbounded coordinate of a value: the logit of its position in the range.
    pub(crate) fn coordinate(&self, value: f64) -> f64 {
        libm::log((value - self.low) / (self.high - value))
    }

    /// The value at an unbounded coordinate.
    pub(crate) fn value(&self, coordinate: f64) -> f64 {
        self.low + (self.high - self.low) / (1.0 + libm::exp(-coordinate))
    }
}

/// The dotted keys and values, in TOML, of parameters at their values; elements of one array come together.
pub(crate) fn settings(parameters: &[Parameter], values: &[f64]) -> Vec<(String, String)> {
    let mut settings: Vec<(String, String)> = Vec::new();
    for (i, (parameter, value)) in parameters.iter().zip(values).enumerate() {
        match parameter.writes {
            Writes::Value(key) => settings.push((key.to_string(), number(*value))),
            Writes::Factor(keys) => {
                settings.extend(keys.iter().map(|(key, one)| ((*key).to_string(), number(one * value))));
            }
            Writes::Element(key, 0, length) => {
                let whole: Vec<String> = values[i..].iter().take(length).map(|v| number(*v)).collect();
                settings.push((key.to_string(), format!("[{}]", whole.join(", "))));
            }
            Writes::Element(..) => {}
        }
    }
    settings
}

/// Probabilities are kept in parts per million: more digits would say nothing.
fn number(value: f64) -> String {
    let text = format!("{value:.6}");
    let short = text.trim_end_matches('0');
    if short.ends_with('.') { format!("{short}0") } else { short.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_and_values_are_inverse_and_inside_the_range() {
        for parameter in FREE {
            let back = parameter.value(parameter.coordinate(parameter.start));
            assert!((back - parameter.start).abs() < 1e-9 * parameter.start, "{parameter:?}");
            assert!(parameter.value(-30.0) >= parameter.low && parameter.value(30.0) <= parameter.high);
        }
    }

    #[test]
    fn arrays_are_written_whole_and_factors_key_by_key() {
        let parameters = [
            free(Writes::Element("a.b", 0, 2), 0.5, 0.0, 1.0),
            free(Writes::Element("a.b", 1, 2), 0.5, 0.0, 1.0),
            free(Writes::Factor(&[("c", 0.002), ("d", 3.0)]), 1.0, 0.0, 9.0),
        ];
        let settings = settings(&parameters, &[0.25, 1.0 / 3.0, 0.5]);
        let want = [("a.b", "[0.25, 0.333333]"), ("c", "0.001"), ("d", "1.5")];
        assert_eq!(settings.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect::<Vec<_>>(), want);
    }
}
