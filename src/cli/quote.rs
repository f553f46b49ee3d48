//! `yuefu quote`: what an instalment loan costs, by the engine's own arithmetic.

use crate::base::money::Fen;
use crate::cli::{Exit, Failure, streams};
use crate::credit::pricing::{self, CapTable, Instalment, MONTHS_MAX, PRINCIPAL_MAX_FEN};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// Price an instalment loan: plan, cost, IRR, and whether the price cap allows it
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES, group = clap::ArgGroup::new("price").required(true).args(["rate", "flat_fee"]))]
pub(crate) struct Quote {
    /// Amount lent, in yuan with at most two decimals
    #[arg(long, value_name = "YUAN", allow_hyphen_values = true)]
    amount: String,
    /// Number of monthly instalments, 1 to 60
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    months: String,
    /// Nominal annual rate in percent: level payments with this IRR
    #[arg(long, value_name = "APR", allow_hyphen_values = true)]
    rate: Option<String>,
    /// Flat fee for the whole term, in percent of the amount: equal parts of principal and fee
    #[arg(long, value_name = "PCT", allow_hyphen_values = true)]
    flat_fee: Option<String>,
    /// Price cap in percent a year, nominal
    #[arg(long, value_name = "PCT", default_value = "24", allow_hyphen_values = true)]
    cap: String,
    /// Print JSON and nothing else
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Level payments round down to the fen and the last one evens out, so the IRR never exceeds the rate
asked for. The IRR is nominal, 12 x the monthly one; the effective rate compounds it.

Examples:
  yuefu quote --amount 3000 --months 6 --rate 24
  yuefu quote --amount 3000 --months 12 --flat-fee 8.8
  yuefu quote --amount 3000 --months 12 --flat-fee 14.4 --json  # 1.2 % a month, flat: above the cap
  yuefu quote --amount 3000 --months 12 --rate 15 --cap 12  # the cap at four times an LPR of 3 %";

/// A priced loan.
struct Priced {
    principal_fen: i64,
    plan: Vec<Instalment>,
    monthly_irr: f64,
    cap_bp: i32,
    within_cap: bool,
}

/// Runs the command.
///
/// # Errors
/// Bad input when an argument makes no sense; else what printing says.
pub(crate) fn run(args: &Quote) -> Result<Exit, Failure> {
    let priced = price(args).map_err(Failure::BadInput)?;
    for (name, given) in [("--rate", &args.rate), ("--flat-fee", &args.flat_fee), ("--cap", &Some(args.cap.clone()))] {
        if let Some(meant) = given.as_deref().and_then(likely_meant) {
            let text = given.as_deref().unwrap_or_default();
            streams::note(format_args!(
                "warning: {name} is in percent: {text} is {text} %; write {name} {meant} for {meant} %"
            ));
        }
    }
    if args.json { streams::document(&json(&priced)) } else { streams::answer(&text(&priced)) }
}

fn price(args: &Quote) -> Result<Priced, String> {
    let principal_fen = hundredths("--amount", &args.amount)?;
    if principal_fen < 1 {
        return Err(format!("--amount {}: the amount must be above zero", args.amount));
    }
    if principal_fen > PRINCIPAL_MAX_FEN {
        return Err(format!("--amount {}: at most {} yuan can be priced", args.amount, Fen(PRINCIPAL_MAX_FEN)));
    }
    let months = args
        .months
        .parse::<u8>()
        .ok()
        .filter(|n| (1..=MONTHS_MAX).contains(n))
        .ok_or_else(|| format!("--months {}: must be a whole number from 1 to {MONTHS_MAX}", args.months))?;
    let cap_bp = basis_points("--cap", &args.cap)?;
    let plan = match (&args.rate, &args.flat_fee) {
        (Some(rate), _) => pricing::schedule(principal_fen, basis_points("--rate", rate)?, months),
        (None, Some(fee)) => pricing::flat_schedule(principal_fen, basis_points("--flat-fee", fee)?, months),
        (None, None) => return Err("give --rate or --flat-fee".to_string()),
    };
    let payments: Vec<i64> = plan.iter().map(Instalment::payment_fen).collect();
    let monthly_irr =
        pricing::irr_monthly(principal_fen, &payments).ok_or("the internal rate of return is above 1,000 % a month")?;
    let within_cap = CapTable::new(cap_bp).within_cap(principal_fen, &payments);
    Ok(Priced { principal_fen, plan, monthly_irr, cap_bp, within_cap })
}

/// The percentage that was likely meant by a bare number between 0 and 1: few prices are so low, and ratios written for
/// percentages are common.
fn likely_meant(text: &str) -> Option<Decimal> {
    let ratio: Decimal = text.parse().ok()?;
    (ratio > Decimal::ZERO && ratio < Decimal::ONE).then(|| (ratio * Decimal::ONE_HUNDRED).normalize())
}

/// A number with at most two decimals, times a hundred.
fn hundredths(name: &str, text: &str) -> Result<i64, String> {
    let value: Decimal = text.parse().map_err(|_| format!("{name} {text}: not a number like 1234.50"))?;
    let scaled = value.checked_mul(Decimal::ONE_HUNDRED).filter(|v| v.fract().is_zero());
    match (value.fract() == value.fract().round_dp(2), scaled.and_then(|v| v.to_i64())) {
        (true, Some(hundredths)) => Ok(hundredths),
        (false, _) => Err(format!("{name} {text}: at most two decimals")),
        (true, None) => Err(format!("{name} {text}: too large")),
    }
}

/// A percentage, with or without its sign, as basis points from 0 to 1,000 %.
fn basis_points(name: &str, text: &str) -> Result<i32, String> {
    let hundredths = hundredths(name, text.trim_end_matches('%'))?;
    match i32::try_from(hundredths) {
        Ok(bp) if (0..=100_000).contains(&bp) => Ok(bp),
        _ => Err(format!("{name} {text}: must be a percentage from 0 to 1000")),
    }
}

#[derive(serde::Serialize)]
struct QuoteJson {
    amount_yuan: f64,
    months: usize,
    instalments: Vec<InstalmentJson>,
    total_cost_yuan: f64,
    irr_annual: f64,
    irr_effective: f64,
    within_cap: bool,
}

#[derive(serde::Serialize)]
struct InstalmentJson {
    number: u8,
    principal_yuan: f64,
    interest_yuan: f64,
    fee_yuan: f64,
    payment_yuan: f64,
}

fn total_cost(priced: &Priced) -> i64 {
    priced.plan.iter().map(|i| i.interest_fen + i.fee_fen).sum()
}

fn json(priced: &Priced) -> QuoteJson {
    // The nearest double to an amount with two decimals is printed with those two decimals.
    let yuan = |fen: i64| Fen(fen).to_yuan_f64();
    let instalment = |i: &Instalment| InstalmentJson {
        number: i.number,
        principal_yuan: yuan(i.principal_fen),
        interest_yuan: yuan(i.interest_fen),
        fee_yuan: yuan(i.fee_fen),
        payment_yuan: yuan(i.payment_fen()),
    };
    QuoteJson {
        amount_yuan: yuan(priced.principal_fen),
        months: priced.plan.len(),
        instalments: priced.plan.iter().map(instalment).collect(),
        total_cost_yuan: yuan(total_cost(priced)),
        irr_annual: pricing::nominal_annual(priced.monthly_irr),
        irr_effective: pricing::effective_annual(priced.monthly_irr),
        within_cap: priced.within_cap,
    }
}

fn text(priced: &Priced) -> String {
    let mut lines = format!(
        "{:>3} {:>16} {:>14} {:>14} {:>16}\n",
        "no.", "principal, yuan", "interest, yuan", "fee, yuan", "payment, yuan"
    );
    for i in &priced.plan {
        let (principal, interest) = (Fen(i.principal_fen).to_string(), Fen(i.interest_fen).to_string());
        let (fee, payment) = (Fen(i.fee_fen).to_string(), Fen(i.payment_fen()).to_string());
        lines += &format!("{:>3} {principal:>16} {interest:>14} {fee:>14} {payment:>16}\n", i.number);
    }
    let percent = |ratio: f64| format!("{:.2} %", 100.0 * ratio);
    let cap = Decimal::new(i64::from(priced.cap_bp), 2).normalize();
    let verdict = if priced.within_cap { "within" } else { "ABOVE" };
    lines += &format!(
        "\namount      {} yuan in {} instalments\ntotal cost  {} yuan\nIRR         {} a year nominal, {} effective\ncap         {verdict} {cap} % a year\n",
        Fen(priced.principal_fen),
        priced.plan.len(),
        Fen(total_cost(priced)),
        percent(pricing::nominal_annual(priced.monthly_irr)),
        percent(pricing::effective_annual(priced.monthly_irr)),
    );
    lines
}
