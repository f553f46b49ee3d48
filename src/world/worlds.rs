//! The world between midnights: opens the board of a day, folds the totals of the cells, keeps the months.

use crate::agents::host::HostTable;
use crate::agents::merchant::MerchantTable;
use crate::agents::partner::PartnerState;
use crate::base::ids::{FUNDERS, MAX_PARTNERS};
use crate::base::money::Ppm;
use crate::base::random::{Purpose, RunKey};
use crate::base::time::{Calendar, CalendarDay, Day};
use crate::credit::Controls;
use crate::credit::provisioning::{Experience, coverage_by_scenario_ppm, coverage_ppm, expected_losses};
use crate::credit::terms::BUCKETS;
use crate::credit::totals::History;
use crate::economy::season::SeasonTable;
use crate::economy::{EconomyPath, MacroMonth};
use crate::population;
use crate::scenario::{Event, EventKind, Rules, Scenario, WorldSpec};
use crate::world::board::{Board, EventFactors, Prepared};
use crate::world::controls;
use crate::world::published::PublishedDay;
use crate::world::segments::Segments;
use crate::world::totals::{CellDay, MonthTotals, WorkTally};
use std::sync::Arc;

/// Extra clicks on the entry while a campaign runs come from the levers; this is "no campaign".
const NO_CHANGE: i64 = 1_000_000;

/// What all worlds of a run share and nothing changes.
#[derive(Clone, Debug)]
pub struct Frame {
    /// All days, warm-up first.
    pub calendar: Calendar,
    /// Factors of the seasons by day.
    pub seasons: SeasonTable,
    /// Merchants.
    pub merchants: MerchantTable,
    /// Key of the run.
    pub key: RunKey,
    /// Months of warm-up.
    pub warmup_months: u16,
    /// Months of the run, warm-up included.
    pub run_months: u16,
    /// Users.
    pub users: u32,
    /// Users of a cell.
    pub cell_users: u32,
}

impl Frame {
    /// The frame of a scenario.
    pub fn new(scenario: &Scenario) -> Frame {
        let calendar = population::run_calendar(scenario);
        let weekend = Ppm(scenario.base.levers.watch.weekend_ppm);
        Frame {
            seasons: population::season_table(calendar.days(), &scenario.seasons, weekend),
            calendar,
            merchants: population::merchants(&scenario.merchants),
            key: RunKey::new(scenario.seed, scenario.replication),
            warmup_months: scenario.warmup_months,
            run_months: scenario.warmup_months + scenario.months,
            users: scenario.users,
            cell_users: scenario.cell_users,
        }
    }
}

/// A world: its rules, its economy, what it has seen. The cells are the driver's.
#[derive(Clone, Debug)]
pub struct World {
    /// Name in results.
    pub name: String,
    economy: EconomyPath,
    /// Rules by first day; the first entry holds from the beginning.
    rules: Vec<(Day, Arc<Prepared>)>,
    events: Vec<Event>,
    appetite: crate::scenario::Appetite,
    base_unemployment_ppm: i32,
    hosts: HostTable,
    partners: [PartnerState; MAX_PARTNERS],
    last_day: CellDay,
    minutes_yesterday: Vec<i64>,
    tips_yesterday: Vec<i64>,
    controls: Controls,
    /// Expected loss of a fen by macro scenario and bucket, on the last day of a month.
    coverage_by_scenario_ppm: [[i32; BUCKETS]; 3],
    /// Months so far, counted ones only.
    pub months: Vec<MonthTotals>,
    /// Journal by counted day.
    pub journal: Vec<(Day, Vec<i64>)>,
    /// Tips by host over the counted months.
    pub tips_by_host_fen: Vec<i64>,
    /// Minutes by host over the counted months.
    pub minutes_by_host: Vec<i64>,
    /// History of the run, warm-up included.
    pub history: History,
    /// The month that is running.
    pub running: MonthTotals,
    /// By segment over the counted months; `None` when nobody counted by segment.
    pub segments: Option<Box<Segments>>,
}

impl World {
    /// The world of the warm-up: base rules and base economy, no events.
    pub fn warm_up(scenario: &Scenario, frame: &Frame) -> World {
        let hosts = population::hosts(&scenario.hosts);
        let base = scenario.warmup_economy.months.first().map_or(52_000, |month| month.unemployment_ppm);
        World {
            name: "warm-up".to_string(),
            economy: scenario.warmup_economy.clone(),
            rules: vec![(Day::NEVER, Arc::new(Prepared::new(&scenario.base)))],
            events: Vec::new(),
            appetite: scenario.appetite.clone(),
            base_unemployment_ppm: base,
            partners: [PartnerState::default(); MAX_PARTNERS],
            last_day: CellDay::default(),
            minutes_yesterday: Vec::new(),
            tips_yesterday: Vec::new(),
            controls: Controls::default(),
            coverage_by_scenario_ppm: [[0; BUCKETS]; 3],
            months: Vec::new(),
            journal: Vec::new(),
            tips_by_host_fen: vec![0; hosts.count()],
            minutes_by_host: vec![0; hosts.count()],
            hosts,
            history: History::new(frame.run_months),
            running: MonthTotals::default(),
            segments: None,
        }
    }

    /// The world of a specification, going on from here: the same past, its own economy, rules and events.
    pub fn fork(&self, spec: &WorldSpec) -> World {
        let mut world = self.clone();
        world.name.clone_from(&spec.name);
        world.economy.months.extend_from_slice(&spec.economy.months);
        world.economy.name.clone_from(&spec.economy.name);
        world.rules.extend(spec.rule_changes.iter().map(|(day, rules)| (*day, Arc::new(Prepared::new(rules)))));
        world.events.clone_from(&spec.events);
        if let Some(appetite) = &spec.appetite {
            world.appetite.clone_from(appetite);
        }
        world
    }

    /// Number of hosts.
    pub fn hosts(&self) -> usize {
        self.hosts.count()
    }

    /// Rules in force on a day.
    pub fn rules_on(&self, day: Day) -> &Rules {
        &self.prepared_on(day).rules
    }

    /// Rules in force on a day, with the tables prepared from them.
    pub fn prepared_on(&self, day: Day) -> &Arc<Prepared> {
        // The list is never empty and begins at "never", so the partition point is at least 1.
        let after = self.rules.partition_point(|(from, _)| *from <= day);
        &self.rules[after - 1].1
    }

    /// Midnight before a day: hosts, partners, appetite and the expected losses of the new day.
    pub fn midnight(&mut self, frame: &Frame, calendar: &CalendarDay) {
        let mut stream = frame.key.stream(calendar.day.0, Purpose::World);
        self.hosts.step(&self.minutes_yesterday, &self.tips_yesterday, &mut stream);
        let economy = self.economy.months[usize::from(calendar.run_month)];
        let overdue = controls::overdue_30(&self.last_day);
        let (cutoff_factor_ppm, raise_factor_ppm) = controls::appetite(&self.appetite, overdue, &economy);
        let (_, campaign, withdrawn) = self.events_on(calendar.day);
        let after = self.rules.partition_point(|(from, _)| *from <= calendar.day);
        let terms = &self.rules[after - 1].1.rules.terms;
        let partner_open = controls::partners_open(&mut self.partners, &terms.funding, overdue, withdrawn);
        let unemployment = i64::from(economy.unemployment_ppm) * 1_000_000;
        let stress_ppm = (unemployment / i64::from(self.base_unemployment_ppm.max(1))) as i32;
        if calendar.is_month_end {
            self.coverage_by_scenario_ppm =
                coverage_by_scenario_ppm(&terms.provisioning, &self.experience(), stress_ppm);
        }
        self.controls = Controls {
            cutoff_factor_ppm,
            raise_factor_ppm,
            partner_open,
            coverage_ppm: coverage_ppm(&terms.provisioning, &self.experience(), stress_ppm),
            cooperating_merchants: frame.merchants.count() as u16,
            campaign_raise_share_ppm: campaign.0,
            coupon_percent: campaign.1,
        };
    }

    /// The board of the day that [`World::midnight`] has opened.
    pub fn board<'a>(&'a self, frame: &'a Frame, calendar: &'a CalendarDay) -> Board<'a> {
        let prepared = self.prepared_on(calendar.day);
        let economy = &self.economy.months[usize::from(calendar.run_month)];
        let index = calendar.day.since(frame.calendar.days()[0].day);
        Board {
            calendar,
            run: &frame.calendar,
            prepared,
            economy,
            hosts: &self.hosts,
            merchants: &frame.merchants,
            controls: &self.controls,
            season: frame.seasons.at(index as usize),
            events: self.events_on(calendar.day).0,
            odds_ppm: odds_ppm(economy, prepared.rules.levers.repay.residual_logit_milli_per_pp),
            holders_ppm: self.last_day.holders * 1_000_000 / i64::from(frame.users.max(1)),
            key: frame.key,
        }
    }

    /// The board as an owned value, for cells on other threads.
    pub fn publish(&self, frame: &Arc<Frame>, calendar: &CalendarDay) -> PublishedDay {
        let board = self.board(frame, calendar);
        let capacity = controls::capacity(&board.prepared.rules.terms.funding, frame.users);
        PublishedDay {
            frame: Arc::clone(frame),
            calendar: *calendar,
            prepared: Arc::clone(self.prepared_on(calendar.day)),
            economy: *board.economy,
            hosts: self.hosts.clone(),
            controls: self.controls.clone(),
            season: board.season,
            events: board.events,
            odds_ppm: board.odds_ppm,
            holders_ppm: board.holders_ppm,
            rates: board.rates(),
            room_fen: std::array::from_fn(|f| (capacity[f] - self.last_day.committed_fen[f]).max(0)),
        }
    }

    /// Principal 31 or more days past due over all principal at the last close, and that principal in fen.
    pub fn lateness(&self) -> (Ppm, i64) {
        (controls::overdue_30(&self.last_day), self.last_day.principal_fen)
    }

    /// Quota of a cell of `cell_users` users for a day.
    pub fn quota(&self, frame: &Frame, day: Day, cell_users: usize) -> [i64; FUNDERS] {
        let capacity = controls::capacity(&self.rules_on(day).terms.funding, frame.users);
        controls::quota(capacity, self.last_day.committed_fen, cell_users, frame.users)
    }

    fn events_on(&self, day: Day) -> (EventFactors, (i32, u8), [bool; MAX_PARTNERS]) {
        let mut factors = EventFactors::default();
        let rules = self.rules_on(day);
        // A campaign of the terms runs on its own; an event of the same day adds nothing to it but what is larger.
        let coupon_percent = |coupon: Ppm| (coupon.0 / 10_000) as u8;
        let mut campaign = (rules.terms.limits.campaign_share.0, coupon_percent(rules.terms.pricing.coupon));
        let mut runs = campaign != (0, 0);
        let mut withdrawn = [false; MAX_PARTNERS];
        let by = |factor: &mut i64, times: Ppm| *factor = *factor * i64::from(times.0) / NO_CHANGE;
        for event in self.events.iter().filter(|event| event.from <= day && day < event.until) {
            match &event.what {
                EventKind::Festival { demand, watch } => {
                    by(&mut factors.demand_ppm, *demand);
                    by(&mut factors.watch_ppm, *watch);
                }
                EventKind::Campaign { raise_share, coupon } => {
                    campaign = (campaign.0.max(raise_share.0), campaign.1.max(coupon_percent(*coupon)));
                    runs = true;
                }
                EventKind::IncomeShock { income } => by(&mut factors.income_ppm, *income),
                EventKind::PartnerWithdrawal { partner } => withdrawn[*partner] = true,
            }
        }
        if runs {
            by(&mut factors.click_ppm, Ppm(rules.levers.funnel.campaign_click_ppm));
        }
        (factors, campaign, withdrawn)
    }

    /// What this world has seen of roll to write-off and recoveries, for the loss given default.
    fn experience(&self) -> Experience {
        let mut seen = Experience::default();
        for cohort in &self.history.cohort_fen {
            // A cohort that has not had 90 days yet has no write-off; its 91+ balance would look like cures.
            if cohort[8] > 0 {
                seen.reached_91_fen += cohort[7];
                seen.written_off_fen += cohort[8];
            }
        }
        for month in &self.months {
            seen.writeoff_fen += month.flows.writeoff_fen;
            seen.recovered_fen += month.flows.recovered_fen + month.flows.sold_fen;
        }
        seen
    }

    /// Folds a day: the totals of all workers, then the cells' reports. `counted` says whether the day is past warm-up.
    pub fn close_day(&mut self, frame: &Frame, calendar: &CalendarDay, total: &WorkTally, cells: &CellDay) {
        self.last_day = *cells;
        self.minutes_yesterday.clone_from(&total.agents.minutes_by_host);
        self.tips_yesterday.clone_from(&total.agents.tips_by_host);
        let month = &mut self.running;
        if calendar.day_of_month == 1 {
            let economy = &self.economy.months[usize::from(calendar.run_month)];
            *month = MonthTotals {
                first_day: calendar.day,
                unemployment_ppm: economy.unemployment_ppm,
                income_index_ppm: economy.income_index_ppm,
                ..MonthTotals::default()
            };
        }
        month.days += 1;
        month.flows.add(&total.credit.flows);
        self.history.add(&total.credit.history);
        month.people.add(&total.agents.flows);
        month.balance_days_fen += cells.principal_fen;
        if calendar.is_month_end {
            month.stocks = total.stocks.clone();
            month.people_end = total.people_end.clone();
            month.risk = total.risk.clone();
            month.risk.ecl_fen =
                expected_losses(&total.risk, &self.coverage_by_scenario_ppm, &self.controls.coverage_ppm);
            month.appetite_ppm = self.controls.cutoff_factor_ppm;
            let capacity = controls::capacity(&self.rules_on(calendar.day).terms.funding, frame.users);
            self.running.stocks.capacity_by_funder_fen = capacity;
            for partner in 0..MAX_PARTNERS {
                let open = self.partners[partner] == PartnerState::Lending;
                self.running.stocks.funder_open[partner + 1] = i64::from(open);
            }
            self.running.stocks.funder_open[0] = 1;
        }
        if calendar.run_month >= frame.warmup_months {
            self.journal.push((calendar.day, total.credit.flows.posted_fen.to_vec()));
            let add = |sum: &mut Vec<i64>, day: &Vec<i64>| sum.iter_mut().zip(day).for_each(|(a, b)| *a += b);
            add(&mut self.tips_by_host_fen, &total.agents.tips_by_host);
            add(&mut self.minutes_by_host, &total.agents.minutes_by_host);
            if let Some(segments) = &total.segments {
                self.segments.get_or_insert_default().add(segments);
            }
            if calendar.is_month_end {
                self.months.push(self.running.clone());
            }
        }
    }
}

/// Odds of lateness relative to normal, parts per million: e^(residual × Δu + noise), docs/rules.md §4.8.
fn odds_ppm(economy: &MacroMonth, residual_logit_milli_per_pp: i32) -> i64 {
    let change_pp = f64::from(economy.unemployment_change_ppm) / 1e4;
    let logit = (f64::from(residual_logit_milli_per_pp) * change_pp + f64::from(economy.noise_logit_milli)) / 1e3;
    libm::round(1e6 * libm::exp(logit)) as i64
}
