//! `models/laws.toml`: the calendar of laws, by type of lender.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::scenario::document::units::{Date, Rate};

/// Who lends, for the law.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::scenario) enum LenderType {
    /// A small-loan company of an internet platform.
    SmallLoan,
    /// A licensed consumer-finance company.
    ConsumerFinance,
    /// A bank that lends on its own account.
    Bank,
    /// A bank whose customers a platform finds for it (assisted lending).
    Assisted,
    /// A seller who gives time to pay: no loan by its legal form.
    SaleOnCredit,
}

/// What a cap is held against.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::scenario) enum Binds {
    /// Each new loan.
    EachLoan,
    /// The mean of a lender's new loans; `check` compares the price list with it, and nothing is refused for it.
    Mean,
}

/// A law.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "read from the document, when it is known what has been laid over it")]
pub(in crate::scenario) struct LawFile {
    /// What it says.
    title: String,
    /// Whose loans it is about.
    #[schemars(length(min = 1))]
    lender_types: Vec<LenderType>,
    /// First day of the loans that it binds; older ones run on as they are.
    from: Date,
    /// What the cap is held against.
    binds: Binds,
    /// Highest nominal annual rate, all charges included.
    #[schemars(range(max = 0.36))]
    cap_annual: Rate,
}
