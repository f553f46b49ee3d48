//! An audited run: turns terms and engine state into the plain numbers that `audit` reads, and lets it check every request and
//! every close of day.

mod rules;

pub(crate) use rules::rules;

use crate::audit::{AccountFacts, BillFacts, Capacity, CellAuditor, DayFacts, Findings, LoanFacts};
use crate::base::ids::{FUNDERS, Lender, Slot};
use crate::base::time::Day;
use crate::credit::loan::{Loan, Schedule, loan_flag};
use crate::credit::rows::{AccountRow, BillRow, NEVER, flag};
use crate::credit::{Engine, Today};
use crate::population;
use crate::runtime::lock;
use crate::scenario::Scenario;
use crate::sim::{AuditedDay, Auditor};
use std::sync::Mutex;

/// The auditor of a run, to be handed to the driver: one for each cell, lender and world; the worlds' go on from those of the
/// warm-up.
pub(crate) struct RunAuditor<'a> {
    scenario: &'a Scenario,
    cells: usize,
    /// Warm-up first, then the worlds, each with all its cells.
    cells_seen: Vec<Mutex<Option<Seen>>>,
    /// The same for what all cells of a world share.
    capacities: Vec<Mutex<Option<Capacity>>>,
    shared: Mutex<Findings>,
}

#[derive(Clone)]
struct Seen {
    /// By lender.
    auditors: Vec<CellAuditor>,
    findings: Findings,
}

impl<'a> RunAuditor<'a> {
    /// An auditor that has seen nothing yet.
    pub(crate) fn new(scenario: &'a Scenario) -> RunAuditor<'a> {
        let cells = population::cell_count(scenario) as usize;
        let runs = scenario.worlds.len() + 1;
        RunAuditor {
            scenario,
            cells,
            cells_seen: (0..runs * cells).map(|_| Mutex::new(None)).collect(),
            capacities: (0..runs).map(|_| Mutex::new(None)).collect(),
            shared: Mutex::new(Findings::default()),
        }
    }

    /// All that was found, when the run is over.
    pub(crate) fn findings(self) -> Findings {
        let mut all = lock(&self.shared).clone();
        for capacity in &self.capacities {
            if let Some(capacity) = &mut *lock(capacity) {
                capacity.finish_day(&mut all);
            }
        }
        for seen in self.cells_seen {
            if let Some(seen) = lock(&seen).take() {
                all.merge(seen.findings);
            }
        }
        all
    }
}

impl Auditor for RunAuditor<'_> {
    fn cell_day(&self, day: &AuditedDay<'_>) {
        let AuditedDay { world, number, context, quota, log, cell } = *day;
        let run = if context.calendar.run_month < self.scenario.warmup_months { 0 } else { world + 1 };
        let (today, quota) = (context.today(), cell.engines().part_of_quota(quota));
        let rules = rules(context.terms(), self.scenario.users);
        let mut seen = lock(&self.cells_seen[run * self.cells + number]);
        let seen = seen.get_or_insert_with(|| {
            // The worlds fork from the warm-up, whose findings are counted there.
            let before = (run > 0).then(|| lock(&self.cells_seen[number]).as_ref().map(|seen| seen.auditors.clone()));
            let auditor = |lender| CellAuditor::new(number as u32, lender, cell.len());
            let auditors = before.flatten().unwrap_or_else(|| cell.engines().numbers().map(auditor).collect());
            Seen { auditors, findings: Findings::default() }
        });
        let mut capacity = lock(&self.capacities[run]);
        let capacity = capacity.get_or_insert_with(|| {
            let before = (run > 0).then(|| lock(&self.capacities[0]).clone());
            before.flatten().unwrap_or_default()
        });
        for (engine, auditor) in cell.engines().iter().zip(&mut seen.auditors) {
            let published = Published::of(engine, &today);
            let facts = day_facts(&today, quota, engine, &published);
            auditor.day(&rules, &facts, log, &mut seen.findings);
            capacity.cell_day(&rules, &facts, &mut lock(&self.shared));
        }
    }
}

/// What an engine publishes of its accounts at a close.
pub(crate) struct Published {
    accounts: Vec<AccountFacts>,
    loans: Vec<LoanFacts>,
    bills: Vec<BillFacts>,
}

impl Published {
    /// Of every account of an engine at the close of `today`.
    pub(crate) fn of(engine: &Engine, today: &Today<'_>) -> Published {
        let rows = || (0..engine.len()).map(|slot| engine.account(Slot(slot as u32)));
        Published {
            accounts: rows().map(|row| facts_of(row, today)).collect(),
            loans: rows().flat_map(|row| engine.loans_of(row)).map(loan_facts).collect(),
            bills: rows().flat_map(|row| engine.bills_of(row)).map(bill_facts).collect(),
        }
    }
}

fn loan_facts(row: Loan) -> LoanFacts {
    let in_parts = row.is_instalment();
    LoanFacts {
        lender: Lender(row.lender),
        slot: row.slot,
        in_parts,
        made: Day(row.made),
        annual_bp: row.annual_bp,
        late_ppm: row.late_ppm,
        waived_percent: row.waived_percent,
        day_one: row.flags & loan_flag::DAY_ONE != 0,
        parts_left: if in_parts { row.parts_left } else { 0 },
        fee_left: if row.schedule == Schedule::FlatFee as u8 { row.fee } else { 0 },
        coming: row.coming,
        billed: row.billed,
        bearing: row.bearing,
        by_funder: row.by_funder(),
    }
}

fn bill_facts(row: &BillRow) -> BillFacts {
    BillFacts {
        slot: row.slot,
        dates: (row.due != NEVER).then_some((Day(row.due), Day(row.grace_until))),
        owed: [row.penalty, row.interest, row.fees, row.principal],
    }
}

fn facts_of(row: &AccountRow, today: &Today<'_>) -> AccountFacts {
    AccountFacts {
        status: row.status(),
        group: row.group,
        tier: row.tier,
        annual_bp: row.annual_bp,
        cards_closed: row.has(flag::CARDS_CLOSED),
        misuse: row.has(flag::MISUSE),
        reaged: row.has(flag::REAGED),
        limit: row.limit,
        raise: row.raise,
        held: row.held,
        unbilled: row.unbilled,
        billed: row.billed,
        revolving: row.revolving,
        installed: row.installed,
        by_funder: row.by_funder,
        interest: row.interest,
        fees: row.fees,
        penalty: row.penalty,
        demanded: row.demanded,
        days_past_due: row.days_past_due(today.day().plus(1)),
        claim: row.claim,
    }
}

/// What an engine publishes of a day.
pub(crate) fn day_facts<'a>(
    today: &Today<'_>,
    quota: [i64; FUNDERS],
    engine: &'a Engine,
    published: &'a Published,
) -> DayFacts<'a> {
    DayFacts {
        day: today.day(),
        is_month_end: today.calendar.is_month_end,
        quota,
        partner_open: today.controls.partner_open,
        cooperating_merchants: today.controls.cooperating_merchants,
        coupon_percent: today.controls.coupon_percent,
        raise_factor_ppm: today.controls.raise_factor_ppm,
        campaign: today.controls.campaign_raise_share_ppm > 0,
        committed: engine.committed(),
        balances: engine.ledger().balances(),
        accounts: &published.accounts,
        loans: &published.loans,
        bills: &published.bills,
    }
}

#[cfg(test)]
mod tests {
    mod changes;
    mod lenders;

    use super::*;
    use crate::experiment::{self, Manner};
    use crate::scenario::{Overrides, read_scenario};
    use crate::sim::options::Silent;
    use crate::testing::fixture;
    use std::sync::atomic::AtomicBool;

    /// What the auditor finds in all cells of all worlds of a scenario; the warm-up counts once.
    fn findings(scenario: &Scenario) -> Findings {
        let (auditor, cancel) = (RunAuditor::new(scenario), AtomicBool::new(false));
        let manner = Manner { workers: 2, progress: &Silent, cancel: &cancel, auditor: Some(&auditor), warm: None };
        experiment::run(scenario, &manner).expect("nobody interrupts");
        auditor.findings()
    }

    #[test]
    fn a_run_of_both_worlds_is_clean() {
        let mut scenario = fixture::scenario(1_500);
        scenario.cell_users = 500;
        let findings = findings(&scenario);
        assert!(findings.requests > 10_000, "{findings}");
        assert!(findings.is_clean(), "{findings}");
    }

    fn findings_of_quick(overrides: Overrides) -> Findings {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/quick.toml");
        let scenario = read_scenario(std::path::Path::new(file), &overrides).expect("a shipped scenario is valid");
        findings(&scenario)
    }

    #[test]
    fn the_quick_scenario_is_clean() {
        let findings = findings_of_quick(Overrides::default());
        assert!(findings.is_clean(), "{findings}");
    }

    #[test]
    fn six_thousand_users_over_two_years_are_clean() {
        let findings = findings_of_quick(Overrides { users: Some(6_000), months: Some(24), ..Overrides::default() });
        assert!(findings.requests > 1_000_000, "{findings}");
        assert!(findings.is_clean(), "{findings}");
    }
}
