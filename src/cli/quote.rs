//! `yuefu quote`: what an instalment loan costs, by the engine's own arithmetic.

use crate::base::money::Fen;
use crate::base::time::Day;
use crate::cli::{Exit, Failure, streams};
use crate::credit::pricing::cap::{CapTable, Offer};
use crate::credit::pricing::dates::DueDays;
use crate::credit::pricing::parts::{InstalmentParts, Remaining, flat_fee};
use crate::credit::pricing::{LevelTable, MONTHS_MAX, PRINCIPAL_MAX_FEN, returns};
use crate::credit::terms::FirstPeriod;
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
    /// Equal parts of principal with interest at the rate on what remains, in place of level payments
    #[arg(long, conflicts_with = "flat_fee")]
    equal_principal: bool,
    /// Flat fee for the whole term, in percent of the amount: equal parts of principal and fee
    #[arg(long, value_name = "PCT", allow_hyphen_values = true)]
    flat_fee: Option<String>,
    /// Price cap in percent a year, nominal
    #[arg(long, value_name = "PCT", default_value = "24", allow_hyphen_values = true)]
    cap: String,
    /// Day of the purchase, such as 2027-01-31: prices the loan on its real due dates
    #[arg(long, value_name = "DATE", allow_hyphen_values = true)]
    bought: Option<String>,
    /// Day of the month on which statements come, 1 to 28 [default: 1]
    #[arg(long, value_name = "N", requires = "bought", allow_hyphen_values = true)]
    bill_day: Option<String>,
    /// Days from a statement to its due date, 1 to 27 [default: 5]
    #[arg(long, value_name = "DAYS", requires = "bought", allow_hyphen_values = true)]
    due_after: Option<String>,
    /// First part: "days", with the next statement and the interest of its days, or "next_cycle", with the one after and that of a
    /// month [default: days]
    #[arg(long, value_name = "RULE", requires = "bought", allow_hyphen_values = true)]
    first_period: Option<String>,
    /// Print JSON and nothing else
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Level payments round down to the fen and the last one evens out, so the IRR never exceeds the rate
asked for. The IRR is nominal, 12 x the monthly one, and it is what the cap counts: over whole
months, or with --bought on the real due dates, a month being 365 / 12 days. The effective rate
compounds it (what spreadsheets call XIRR); the simple rate is all charges over the principal used.

Examples:
  yuefu quote --amount 3000 --months 6 --rate 24
  yuefu quote --amount 3000 --months 12 --flat-fee 8.8
  yuefu quote --amount 3000 --months 12 --flat-fee 14.4 --json  # 1.2 % a month, flat: above the cap
  yuefu quote --amount 3000 --months 12 --rate 15 --cap 12  # the cap at four times an LPR of 3 %
  yuefu quote --amount 1200 --months 3 --rate 23.4 --bought 2027-01-31 --bill-day 1 --due-after 5";

/// A priced loan.
struct Priced {
    principal_fen: i64,
    plan: Vec<InstalmentParts>,
    /// Due dates, when the day of the purchase is known.
    dates: Option<Dates>,
    monthly_irr: f64,
    simple_annual: f64,
    cap_bp: i32,
    within_cap: bool,
    /// What a checkout would ask instead, on real due dates.
    holds: Option<Holds>,
}

/// The day of the purchase and the days from it to each due date.
struct Dates {
    bought: Day,
    due: Vec<u16>,
    first: FirstPeriod,
}

/// What a checkout does with a loan that is above the cap on its dates.
#[derive(Clone, Copy)]
enum Holds {
    /// The highest rate that holds.
    RateBp(i32),
    /// The largest fee that holds.
    FeeFen(i64),
    /// A fee that is above the cap over whole months is not cut but refused.
    Nothing,
}

/// The price that was asked for.
#[derive(Clone, Copy)]
enum Asked {
    Rate { annual_bp: i32, equal_principal: bool },
    Fee { fee_fen: i64 },
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
    let months: u8 = whole("--months", &args.months, 1, MONTHS_MAX)?;
    let cap_bp = basis_points("--cap", &args.cap)?;
    let asked = match (&args.rate, &args.flat_fee) {
        (Some(rate), _) => {
            Asked::Rate { annual_bp: basis_points("--rate", rate)?, equal_principal: args.equal_principal }
        }
        (None, Some(fee)) => Asked::Fee { fee_fen: flat_fee(principal_fen, basis_points("--flat-fee", fee)?) },
        (None, None) => return Err("give --rate or --flat-fee".to_string()),
    };
    let dates = dates(args, months)?;
    let cap = CapTable::new(cap_bp);
    let first_days = dates.as_ref().filter(|dates| dates.first == FirstPeriod::Days).map(|dates| dates.due[0]);
    let plan: Vec<InstalmentParts> = loan(principal_fen, months, asked).parts(first_days).collect();
    let payments = || plan.iter().map(InstalmentParts::payment_fen);
    let (payments_by_month, within_cap) = match &dates {
        None => (returns::monthly(payments()), cap.allows(principal_fen, payments())),
        Some(dates) => {
            let on_days = || dates.due.iter().copied().zip(payments());
            (returns::on_days(on_days()), cap.allows_on(principal_fen, on_days()))
        }
    };
    let monthly_irr = returns::irr_monthly(principal_fen, &payments_by_month)
        .ok_or("the internal rate of return is above 1,000 % a month")?;
    let due_months = payments_by_month.iter().map(|(months, _)| *months);
    let simple_annual = returns::simple_annual(principal_fen, &plan, due_months);
    let holds = dates.as_ref().filter(|_| !within_cap).map(|dates| holds(&cap, principal_fen, months, asked, dates));
    Ok(Priced { principal_fen, plan, dates, monthly_irr, simple_annual, cap_bp, within_cap, holds })
}

/// The loan at the price that was asked for.
fn loan(principal_fen: i64, months: u8, asked: Asked) -> Remaining {
    match asked {
        Asked::Fee { fee_fen } => Remaining::flat(principal_fen, fee_fen, months),
        Asked::Rate { annual_bp, equal_principal: true } => {
            Remaining::equal_principal(principal_fen, annual_bp, months)
        }
        Asked::Rate { annual_bp, .. } => Remaining::level(&LevelTable::default(), principal_fen, annual_bp, months),
    }
}

/// The price that a checkout would ask in the place of one above the cap.
fn holds(cap: &CapTable, principal_fen: i64, parts: u8, asked: Asked, dates: &Dates) -> Holds {
    let due = dates.due.iter().copied();
    match asked {
        Asked::Fee { fee_fen } if !cap.allows_flat(principal_fen, fee_fen, parts) => Holds::Nothing,
        Asked::Fee { fee_fen } => Holds::FeeFen(cap.largest_fee(principal_fen, fee_fen, parts, due)),
        Asked::Rate { annual_bp, equal_principal } => {
            let first_by_days = dates.first == FirstPeriod::Days;
            let offer = Offer { principal_fen, annual_bp, parts, equal_principal, first_by_days };
            Holds::RateBp(cap.highest_rate(&LevelTable::default(), &offer, due))
        }
    }
}

/// The due dates of a loan whose day of purchase is given.
fn dates(args: &Quote, months: u8) -> Result<Option<Dates>, String> {
    let Some(text) = &args.bought else { return Ok(None) };
    let parts: Vec<&str> = text.split('-').collect();
    let day = match parts[..] {
        [year, month, day] if (year.len(), month.len(), day.len()) == (4, 2, 2) => {
            year.parse().ok().zip(month.parse().ok()).zip(day.parse().ok())
        }
        _ => None,
    };
    let bought = day.and_then(|((year, month), day)| Day::from_ymd(year, month, day)).filter(|day| day.ymd().0 < 2160);
    let bought = bought.ok_or_else(|| format!("--bought {text}: write a day of 2000 to 2159 as 2027-01-31"))?;
    let bill_day = args.bill_day.as_deref().map_or(Ok(1), |text| whole("--bill-day", text, 1, 28))?;
    let due_after = args.due_after.as_deref().map_or(Ok(5), |text| whole("--due-after", text, 1, 27))?;
    let first = match args.first_period.as_deref() {
        None | Some("days") => FirstPeriod::Days,
        Some("next_cycle") => FirstPeriod::NextCycle,
        Some(other) => return Err(format!("--first-period {other}: days or next_cycle")),
    };
    let due = DueDays::new(bought, bill_day, due_after.into(), first).take(usize::from(months)).collect();
    Ok(Some(Dates { bought, due, first }))
}

/// A small whole number.
fn whole(name: &str, text: &str, low: u8, high: u8) -> Result<u8, String> {
    let number = text.parse::<u8>().ok().filter(|n| (low..=high).contains(n));
    number.ok_or_else(|| format!("{name} {text}: must be a whole number from {low} to {high}"))
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
    measured_on: &'static str,
    irr_annual: f64,
    irr_effective: f64,
    simple_annual: f64,
    within_cap: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    rate_that_holds: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fee_that_holds_yuan: Option<f64>,
}

#[derive(serde::Serialize)]
struct InstalmentJson {
    number: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    days: Option<u16>,
    principal_yuan: f64,
    interest_yuan: f64,
    fee_yuan: f64,
    payment_yuan: f64,
}

impl Priced {
    fn total_cost_fen(&self) -> i64 {
        self.plan.iter().map(InstalmentParts::charge_fen).sum()
    }

    /// Due date of a part, and its days from the purchase.
    fn due(&self, index: usize) -> Option<(Day, u16)> {
        self.dates.as_ref().map(|dates| (dates.bought.plus(dates.due[index]), dates.due[index]))
    }

    fn measured_on(&self) -> &'static str {
        if self.dates.is_some() { "real due dates" } else { "whole months" }
    }
}

fn json(priced: &Priced) -> QuoteJson {
    // The nearest double to an amount with two decimals is printed with those two decimals.
    let yuan = |fen: i64| Fen(fen).to_yuan_f64();
    let instalment = |(index, part): (usize, &InstalmentParts)| InstalmentJson {
        number: index + 1,
        due: priced.due(index).map(|(day, _)| day.to_string()),
        days: priced.due(index).map(|(_, days)| days),
        principal_yuan: yuan(part.principal_fen),
        interest_yuan: yuan(part.interest_fen),
        fee_yuan: yuan(part.fee_fen),
        payment_yuan: yuan(part.payment_fen()),
    };
    QuoteJson {
        amount_yuan: yuan(priced.principal_fen),
        months: priced.plan.len(),
        instalments: priced.plan.iter().enumerate().map(instalment).collect(),
        total_cost_yuan: yuan(priced.total_cost_fen()),
        measured_on: priced.measured_on(),
        irr_annual: returns::nominal_annual(priced.monthly_irr),
        irr_effective: returns::effective_annual(priced.monthly_irr),
        simple_annual: priced.simple_annual,
        within_cap: priced.within_cap,
        rate_that_holds: match priced.holds {
            Some(Holds::RateBp(annual_bp)) => Some(f64::from(annual_bp) / 10_000.0),
            _ => None,
        },
        fee_that_holds_yuan: match priced.holds {
            Some(Holds::FeeFen(fee_fen)) => Some(yuan(fee_fen)),
            _ => None,
        },
    }
}

fn text(priced: &Priced) -> String {
    let dated = priced.dates.is_some();
    let mut lines = format!("{:>3} ", "no.");
    if dated {
        lines += &format!("{:<10} {:>5} ", "due", "days");
    }
    lines +=
        &format!("{:>16} {:>14} {:>14} {:>16}\n", "principal, yuan", "interest, yuan", "fee, yuan", "payment, yuan");
    for (index, part) in priced.plan.iter().enumerate() {
        let (principal, interest) = (Fen(part.principal_fen).to_string(), Fen(part.interest_fen).to_string());
        let (fee, payment) = (Fen(part.fee_fen).to_string(), Fen(part.payment_fen()).to_string());
        lines += &format!("{:>3} ", index + 1);
        if let Some((day, days)) = priced.due(index) {
            lines += &format!("{day} {days:>5} ");
        }
        lines += &format!("{principal:>16} {interest:>14} {fee:>14} {payment:>16}\n");
    }
    let percent = |ratio: f64| format!("{:.2} %", 100.0 * ratio);
    let of_bp = |bp: i32| Decimal::new(i64::from(bp), 2).normalize();
    let verdict = if priced.within_cap { "within" } else { "ABOVE" };
    lines += &format!(
        "\namount      {} yuan in {} instalments\ntotal cost  {} yuan\nIRR         {} a year nominal on {}, {} effective\nsimple      {} a year of the principal used\ncap         {verdict} {} % a year\n",
        Fen(priced.principal_fen),
        priced.plan.len(),
        Fen(priced.total_cost_fen()),
        percent(returns::nominal_annual(priced.monthly_irr)),
        priced.measured_on(),
        percent(returns::effective_annual(priced.monthly_irr)),
        percent(priced.simple_annual),
        of_bp(priced.cap_bp),
    );
    match priced.holds {
        Some(Holds::RateBp(annual_bp)) => lines += &format!("checkout    prices down to {} %\n", of_bp(annual_bp)),
        Some(Holds::FeeFen(fee_fen)) => lines += &format!("checkout    cuts the fee to {} yuan\n", Fen(fee_fen)),
        Some(Holds::Nothing) => lines += "checkout    refuses it: over whole months it is above the cap, too\n",
        None => {}
    }
    lines
}
