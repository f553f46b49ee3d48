//! Runs a scenario under the eyes of the auditor: turns terms and engine state into the plain words that `audit` reads.

use crate::audit::{AccountFacts, Capacity, CellAuditor, DayFacts, Debt, Findings, PartnerRules, Rules};
use crate::base::ids::{FUNDERS, Slot};
use crate::clock::fabric::Threads;
use crate::clock::virtual_time::{self, Auditor, Interrupted, Options, Outcome, Progress, Quota};
use crate::credit::rows::{AccountRow, flag};
use crate::credit::terms::{InstalmentPricing, Owed, TERM_MONTHS, Terms};
use crate::credit::{Engine, Today};
use crate::population;
use crate::scenario::Scenario;
use crate::world::{Board, Cell, Log};
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, MutexGuard};

/// What an audited run leaves.
#[derive(Debug)]
pub struct AuditReport {
    /// All cells of all worlds, warm-up once.
    pub findings: Findings,
    /// The run itself, as without an auditor.
    pub outcome: Outcome,
}

/// Runs a scenario and audits every request and every close of day.
///
/// # Errors
/// [`Interrupted`] when `cancel` was set.
pub fn run_audit(
    scenario: &Scenario,
    workers: usize,
    progress: &dyn Progress,
    cancel: &AtomicBool,
) -> Result<AuditReport, Interrupted> {
    let eyes = Eyes::new(scenario);
    let options = Options { progress, cancel, auditor: Some(&eyes) };
    let outcome = virtual_time::run(scenario, &Threads::new(workers), &options)?;
    Ok(AuditReport { findings: eyes.findings(), outcome })
}

/// One auditor a cell and world; the worlds' go on from those of the warm-up.
struct Eyes<'a> {
    scenario: &'a Scenario,
    cells: usize,
    /// Warm-up first, then the worlds, each with all its cells.
    watches: Vec<Mutex<Option<Watch>>>,
    /// The same for what all cells of a world share.
    capacities: Vec<Mutex<Option<Capacity>>>,
    shared: Mutex<Findings>,
}

#[derive(Clone)]
struct Watch {
    auditor: CellAuditor,
    findings: Findings,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A poisoned lock means that a worker panicked; its panic already ends the run.
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

impl<'a> Eyes<'a> {
    fn new(scenario: &'a Scenario) -> Eyes<'a> {
        let cells = population::cell_count(scenario) as usize;
        let stages = scenario.worlds.len() + 1;
        Eyes {
            scenario,
            cells,
            watches: (0..stages * cells).map(|_| Mutex::new(None)).collect(),
            capacities: (0..stages).map(|_| Mutex::new(None)).collect(),
            shared: Mutex::new(Findings::default()),
        }
    }

    fn findings(self) -> Findings {
        let mut all = lock(&self.shared).clone();
        for capacity in &self.capacities {
            if let Some(capacity) = &mut *lock(capacity) {
                capacity.finish_day(&mut all);
            }
        }
        for watch in self.watches {
            if let Some(watch) = lock(&watch).take() {
                all.merge(watch.findings);
            }
        }
        all
    }
}

impl Auditor for Eyes<'_> {
    fn cell_day(&self, world: usize, cell: usize, board: &Board<'_>, quota: Quota, log: &Log, state: &Cell) {
        let stage = if board.calendar.run_month < self.scenario.warmup_months { 0 } else { world + 1 };
        let accounts = account_facts(state.engine(), &board.today());
        let facts = day_facts(&board.today(), quota, state.engine(), &accounts);
        let rules = rules(&board.prepared.rules.terms, self.scenario.users);
        let mut place = lock(&self.watches[stage * self.cells + cell]);
        let watch = place.get_or_insert_with(|| {
            // The worlds fork from the warm-up, whose findings are counted there.
            let before = (stage > 0).then(|| lock(&self.watches[cell]).as_ref().map(|watch| watch.auditor.clone()));
            let auditor = before.flatten().unwrap_or_else(|| CellAuditor::new(cell as u32, state.len()));
            Watch { auditor, findings: Findings::default() }
        });
        watch.auditor.day(&rules, &facts, log, &mut watch.findings);
        let mut capacity = lock(&self.capacities[stage]);
        let capacity = capacity.get_or_insert_with(|| {
            let before = (stage > 0).then(|| lock(&self.capacities[0]).clone());
            before.flatten().unwrap_or_default()
        });
        capacity.cell_day(&rules, &facts, &mut lock(&self.shared));
    }
}

/// The published state of every account of an engine at the close of `today`.
pub fn account_facts(engine: &Engine, today: &Today<'_>) -> Vec<AccountFacts> {
    (0..engine.len()).map(|slot| facts_of(engine.account(Slot(slot as u32)), today)).collect()
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
        demanded: row.demanded(),
        days_past_due: row.days_past_due(today.day().plus(1)),
        claim: row.claim,
    }
}

/// What an engine publishes of a day.
pub fn day_facts<'a>(
    today: &Today<'_>,
    quota: [i64; FUNDERS],
    engine: &'a Engine,
    accounts: &'a [AccountFacts],
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
        accounts,
    }
}

/// The terms of a product in plain numbers, for a world of `users` users.
pub fn rules(terms: &Terms, users: u32) -> Rules {
    let (limits, authorisation, billing) = (&terms.limits, &terms.authorisation, &terms.billing);
    let (pricing, collections, funding) = (&terms.pricing, &terms.collections, &terms.funding);
    let ppm_all = |all: &[crate::base::money::Ppm]| all.iter().map(|ppm| i64::from(ppm.0)).collect::<Vec<_>>();
    let fen_all = |all: &[i32]| all.iter().map(|fen| i64::from(*fen)).collect::<Vec<_>>();
    let mut capacity = [0; FUNDERS];
    capacity[0] = funding.net_assets_fen_per_user * funding.leverage * i64::from(users);
    for (room, partner) in capacity.iter_mut().skip(1).zip(&funding.partners) {
        *room = partner.capacity_fen_per_user * i64::from(users);
    }
    let mut commission_ppm = [0; crate::credit::command::SCENES];
    commission_ppm.copy_from_slice(&ppm_all(&terms.economics.commission));
    Rules {
        ages: (terms.origination.age_min, terms.origination.age_max),
        students_barred: terms.origination.students_barred,
        income_min_yuan: terms.origination.income_min_yuan,
        total_debt_max_yuan: terms.origination.total_debt_max_yuan,
        new_limits: fen_all(&terms.origination.tier_new_limit_fen),
        review_days: u32::from(terms.origination.review_days),
        limit_ceiling: i64::from(limits.ceiling_fen),
        tier_ceilings: fen_all(&limits.tier_ceiling_fen),
        income_multiple_ppm: i64::from(limits.income_multiple.0),
        raise_factor_ppm: i64::from(limits.raise_factor.0),
        cut_factor_ppm: i64::from(limits.cut_factor.0),
        tip_link_ppm: i64::from(limits.tip_link.0),
        campaign_raise_ppm: i64::from(limits.campaign_raise.0),
        campaign_raise_days: limits.campaign_raise_days,
        freeze_dpd: limits.freeze_dpd,
        scene_allowed: authorisation.scene_allowed,
        velocity_count: u32::from(authorisation.velocity_count_max),
        velocity_fen: i64::from(authorisation.velocity_amount_fen),
        hold_days: u16::from(authorisation.hold_days),
        refund_days: u16::from(authorisation.refund_days),
        tier_rates: pricing.tier_annual.iter().map(|rate| i64::from(rate.0)).collect(),
        flat_fees: match &pricing.instalments {
            InstalmentPricing::Irr => None,
            InstalmentPricing::FlatFee(fees) => Some(fees.map(|fee| i64::from(fee.0))),
        },
        terms_offered: (0..TERM_MONTHS.len())
            .filter(|place| pricing.terms_offered[*place])
            .map(|place| (TERM_MONTHS[place], place))
            .collect(),
        penalty_daily_ppm: i64::from(pricing.penalty_daily.0),
        interest_from_day_one: pricing.interest_from_day_one,
        cap_bp: i64::from(pricing.cap_annual.0),
        cards_enabled: terms.cards.enabled,
        card_face_max: i64::from(terms.cards.face_max_fen),
        card_unnamed_max: i64::from(terms.cards.unnamed_max_fen),
        card_refund_days: u16::from(terms.cards.refund_days),
        redeem_rebate_ppm: i64::from(terms.cards.redeem_rebate.0),
        tips_enabled: terms.tips.enabled,
        host_share_ppm: i64::from(terms.tips.host_share.0),
        bill_days: billing.bill_days.clone(),
        due_after_days: u16::from(billing.due_after_days),
        grace_days: u16::from(billing.grace_days),
        minimum_ppm: i64::from(billing.minimum.0),
        minimum_floor: i64::from(billing.minimum_floor_fen),
        allocation: billing.allocation.map(|owed| match owed {
            Owed::Penalty => Debt::Penalty,
            Owed::Interest => Debt::Interest,
            Owed::Fees => Debt::Fees,
            Owed::Principal => Debt::Principal,
        }),
        writeoff_dpd: collections.writeoff_dpd,
        contacts_per_mille: collections.capacity_per_mille.map(i64::from),
        contact_costs: collections.cost_fen.map(i64::from),
        hardship_dpd: collections.hardship_dpd,
        hardship_months: collections.hardship_months,
        hardship_bp: i64::from(collections.hardship_annual.0),
        probation_months: u16::from(collections.probation_months),
        sale_after_days: collections.sale_after_days,
        sale_price_ppm: i64::from(collections.sale_price.0),
        partners: funding
            .partners
            .iter()
            .map(|partner| PartnerRules {
                share_ppm: i64::from(partner.share.0),
                price_bp: i64::from(partner.price_annual.0),
                first_loss_ppm: i64::from(partner.first_loss.0),
            })
            .collect(),
        platform_share_min_ppm: i64::from(funding.platform_share_min.0),
        treasury_bp: i64::from(funding.treasury_annual.0),
        capacity,
        commission_ppm,
        application_cost: i64::from(terms.economics.application_cost_fen),
        service_cost_month: i64::from(terms.economics.service_cost_fen_per_month),
        complaint_cost: i64::from(terms.economics.complaint_cost_fen),
    }
}
