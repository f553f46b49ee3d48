//! Reads the requests of a world, as an auditor does, for instalment loans that the price cap refused. It changes nothing.

use crate::credit::command::{Command, Decline, Reply};
use crate::credit::pricing::parts::{Remaining, flat_schedule, schedule};
use crate::credit::pricing::returns::{irr_monthly, monthly, nominal_annual};
use crate::credit::terms::{InstalmentPricing, TERM_MONTHS, TIERS, Terms};
use crate::results::products::RefusedLoans;
use crate::runtime::{into_inner, lock};
use crate::sim::{AuditedDay, Auditor};
use std::collections::BTreeMap;
use std::sync::Mutex;

/// Which loans.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Loans {
    tier: u8,
    months: u8,
    checkout: bool,
}

/// How many, and how much they would have lent.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    count: u64,
    fen: i64,
}

type Refused = BTreeMap<Loans, Sum>;

/// Counts refused loans of one world.
#[derive(Debug, Default)]
pub(super) struct CapObserver {
    refused: Mutex<Refused>,
}

impl Auditor for CapObserver {
    fn cell_day(&self, day: &AuditedDay<'_>) {
        let declined = day.log.iter().filter(|logged| logged.reply == Reply::Declined(Decline::PriceCap));
        for logged in declined {
            let row = day.cell.engines()[logged.request.lender].account(logged.request.slot);
            let (months, checkout, amount) = match logged.request.command {
                Command::Authorise { amount_fen, instalments, .. } => (instalments, true, amount_fen.0),
                // The bill less what was instalments already; charges on it are few and are not told apart here.
                Command::ConvertBill { instalments } => (instalments, false, row.statement - row.billed_instalments),
                _ => continue,
            };
            let mut refused = lock(&self.refused);
            let sum = refused.entry(Loans { tier: row.tier, months, checkout }).or_default();
            sum.count += 1;
            sum.fen += i64::from(amount);
        }
    }
}

impl CapObserver {
    /// What was seen, priced by the terms.
    pub(super) fn refused_loans(self, world: &str, terms: &Terms) -> Vec<RefusedLoans> {
        let refused = into_inner(self.refused);
        let cap = f64::from(terms.pricing.cap_annual.0) / 1e4;
        let above =
            |tier: u8, months: u8| price(terms, usize::from(tier), months).is_some_and(|price| price.irr_annual > cap);
        let mut at_request = Refused::new();
        for (Loans { tier: evening, months, checkout }, Sum { count, fen }) in refused {
            // The tier is that of the evening, when a review may have made it better: the loan was refused at the next one whose
            // price is above the cap.
            let tier = (evening..TIERS as u8).find(|tier| above(*tier, months)).unwrap_or(evening);
            let sum = at_request.entry(Loans { tier, months, checkout }).or_default();
            (sum.count, sum.fen) = (sum.count + count, sum.fen + fen);
        }
        let row = |(Loans { tier, months, checkout }, Sum { count, fen }): (Loans, Sum)| RefusedLoans {
            world: world.to_string(),
            tier: usize::from(tier),
            months,
            checkout,
            count,
            amount_yuan: fen as f64 / 100.0,
            irr_annual: price(terms, usize::from(tier), months).map_or(f64::NAN, |price| price.irr_annual),
        };
        at_request.into_iter().map(row).collect()
    }
}

/// What a loan costs.
#[derive(Clone, Copy, Debug)]
pub(super) struct LoanPrice {
    /// Flat fee as a ratio of the amount, if it has one.
    pub flat_fee: Option<f64>,
    /// Nominal annual IRR.
    pub irr_annual: f64,
}

/// What a loan of 10,000 yuan costs.
pub(super) fn price(terms: &Terms, tier: usize, months: u8) -> Option<LoanPrice> {
    const PRINCIPAL_FEN: i64 = 1_000_000;
    let position = TERM_MONTHS.iter().position(|term| *term == months)?;
    let (flat_fee, plan) = match &terms.pricing.instalments {
        InstalmentPricing::Irr => (None, schedule(PRINCIPAL_FEN, terms.pricing.tier_annual[tier].0, months)),
        InstalmentPricing::EqualPrincipal => {
            let loan = Remaining::equal_principal(PRINCIPAL_FEN, terms.pricing.tier_annual[tier].0, months);
            (None, loan.parts(None).collect())
        }
        InstalmentPricing::FlatFee(fees) => {
            let fee = terms.pricing.flat_fee(fees, position, tier);
            (Some(f64::from(fee.0) / 10_000.0), flat_schedule(PRINCIPAL_FEN, fee.0, months))
        }
    };
    let payments = monthly(plan.iter().map(|part| part.payment_fen()));
    let irr = irr_monthly(PRINCIPAL_FEN, &payments)?;
    Some(LoanPrice { flat_fee, irr_annual: nominal_annual(irr) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::money::{BasisPoints, Ppm};
    use crate::testing::fixture;

    /// Six months at tier 4 cost 24.3 % a year and were refused, though the review of the evening made the tier a better one.
    #[test]
    fn refused_loans_stand_at_the_tier_that_was_refused() {
        let mut terms = fixture::terms();
        terms.pricing.cap_annual = BasisPoints(2_400);
        terms.pricing.instalments = InstalmentPricing::FlatFee([360, 720, 1_080, 1_440].map(BasisPoints));
        terms.pricing.flat_fee_by_tier = [500_000, 600_000, 700_000, 800_000, 1_000_000].map(Ppm);
        let observer = CapObserver::default();
        let seen = |tier, count, fen| (Loans { tier, months: 6, checkout: true }, Sum { count, fen });
        observer.refused.lock().expect("nobody panicked").extend([seen(3, 2, 500), seen(4, 3, 700)]);
        let loans = observer.refused_loans("w", &terms);
        assert_eq!(loans.len(), 1);
        assert_eq!((loans[0].tier, loans[0].count, loans[0].amount_yuan), (4, 5, 12.0));
        assert!(loans[0].irr_annual > 0.24);
    }

    #[test]
    fn prices_scale_with_the_tier() {
        let mut terms = fixture::terms();
        terms.pricing.instalments = InstalmentPricing::FlatFee([360, 720, 1_080, 1_440].map(BasisPoints));
        terms.pricing.flat_fee_by_tier = [500_000, 600_000, 700_000, 800_000, 1_000_000].map(Ppm);
        let LoanPrice { flat_fee: fee, irr_annual: irr } = price(&terms, 4, 12).expect("a price");
        assert_eq!(fee, Some(0.144));
        assert!((irr - 0.2561).abs() < 0.0005, "1.2 % a month over twelve months is 25.6 % a year: {irr}");
        let LoanPrice { flat_fee: fee, irr_annual: irr } = price(&terms, 0, 12).expect("a price");
        assert_eq!(fee, Some(0.072));
        assert!(irr < 0.14, "{irr}");
        terms.pricing.instalments = InstalmentPricing::Irr;
        let LoanPrice { flat_fee: fee, irr_annual: irr } = price(&terms, 0, 6).expect("a price");
        assert!(fee.is_none() && (irr - 0.18).abs() < 1e-4, "{irr}");
    }
}
