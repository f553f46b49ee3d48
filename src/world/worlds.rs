//! The world between midnights: gives the context of a day, folds the totals of the cells, keeps the months.

use crate::agents::host::HostTable;
use crate::agents::partner::PartnerState;
use crate::base::ids::MAX_PARTNERS;
use crate::base::money::Ppm;
use crate::base::random::Purpose;
use crate::base::time::{CalendarDay, Day};
use crate::credit::Controls;
use crate::credit::provisioning::{Experience, coverage_by_scenario_ppm, coverage_ppm, expected_losses};
use crate::credit::terms::BUCKETS;
use crate::credit::totals::History;
use crate::economy::EconomyPath;
use crate::measure::MonthObservations;
use crate::scenario::{Event, Rules, Scenario, WorldSpec};
use crate::world::controls;
use crate::world::dated_events::DatedEvents;
use crate::world::day_context::DayContext;
use crate::world::frame::Frame;
use crate::world::prepared::Prepared;
use crate::world::rates::RatesFrom;
use crate::world::segments::Segments;
use crate::world::totals::{CellDay, WorkTally};
use std::sync::Arc;

/// How late a book is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lateness {
    /// Share of the principal that is 31 or more days past due.
    pub overdue_30: Ppm,
    /// All principal, fen.
    pub principal_fen: i64,
}

/// A world: its rules, its economy, what it has seen. The cells are the driver's.
#[derive(Clone, Debug)]
pub struct World {
    /// Name in results.
    pub name: String,
    pub(super) economy: EconomyPath,
    /// Rules by first day; the first entry holds from the beginning.
    pub(super) rules: Vec<(Day, Arc<Prepared>)>,
    pub(super) events: Vec<Event>,
    pub(super) appetite: crate::scenario::Appetite,
    pub(super) base_unemployment_ppm: i32,
    /// Shared with the contexts of the day, which keep theirs when these move on.
    pub(super) hosts: Arc<HostTable>,
    pub(super) partners: [PartnerState; MAX_PARTNERS],
    pub(super) last_day: CellDay,
    pub(super) minutes_yesterday: Vec<i64>,
    pub(super) tips_yesterday: Vec<i64>,
    pub(super) controls: Controls,
    /// Expected loss of a fen by macro scenario and bucket, on the last day of a month.
    pub(super) coverage_by_scenario_ppm: [[i32; BUCKETS]; 3],
    /// Months so far, counted ones only.
    pub months: Vec<MonthObservations>,
    /// Journal by counted day.
    pub journal: Vec<(Day, Vec<i64>)>,
    /// Tips by host over the counted months.
    pub tips_by_host_fen: Vec<i64>,
    /// Minutes by host over the counted months.
    pub minutes_by_host: Vec<i64>,
    /// History of the run, warm-up included.
    pub history: History,
    /// The month that is running.
    pub running: MonthObservations,
    /// By segment over the counted months; `None` when nobody counted by segment.
    pub segments: Option<Box<Segments>>,
}

impl World {
    /// The world of the warm-up: base rules and base economy, no events.
    pub fn warm_up(scenario: &Scenario, frame: &Frame) -> World {
        let hosts = Arc::new(HostTable::new(scenario.hosts));
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
            running: MonthObservations::default(),
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
        Arc::make_mut(&mut self.hosts).step(&self.minutes_yesterday, &self.tips_yesterday, &mut stream);
        let economy = self.economy.months[usize::from(calendar.run_month)];
        let overdue = controls::overdue_30(&self.last_day);
        let appetite = controls::appetite(&self.appetite, overdue, &economy);
        let DatedEvents { campaign, withdrawn, .. } = self.events_on(calendar.day);
        let prepared = Arc::clone(self.prepared_on(calendar.day));
        let terms = &prepared.rules.terms;
        let partner_open = controls::partners_open(&mut self.partners, &terms.funding, overdue, withdrawn);
        let unemployment = i64::from(economy.unemployment_ppm) * 1_000_000;
        let stress_ppm = (unemployment / i64::from(self.base_unemployment_ppm.max(1))) as i32;
        if calendar.is_month_end {
            self.coverage_by_scenario_ppm =
                coverage_by_scenario_ppm(&terms.provisioning, &self.experience(), stress_ppm);
        }
        self.controls = Controls {
            cutoff_factor_ppm: appetite.cutoff_factor_ppm,
            raise_factor_ppm: appetite.raise_factor_ppm,
            partner_open,
            coverage_ppm: coverage_ppm(&terms.provisioning, &self.experience(), stress_ppm),
            cooperating_merchants: frame.merchants.count() as u16,
            campaign_raise_share_ppm: campaign.raise_share_ppm,
            coupon_percent: campaign.coupon_percent,
        };
    }

    /// The context of the day that [`World::midnight`] has opened.
    pub fn day_context(&self, frame: &Arc<Frame>, calendar: &CalendarDay) -> DayContext {
        let prepared = self.prepared_on(calendar.day);
        let economy = self.economy.months[usize::from(calendar.run_month)];
        let index = calendar.day.since(frame.calendar.days()[0].day);
        let from = RatesFrom {
            rules: &prepared.rules,
            economy: &economy,
            season: frame.seasons.at(index as usize),
            events: self.events_on(calendar.day).factors,
            coupon_percent: self.controls.coupon_percent,
            holders_ppm: self.last_day.holders * 1_000_000 / i64::from(frame.users.max(1)),
        };
        let capacity = controls::capacity(&prepared.rules.terms.funding, frame.users);
        DayContext {
            calendar: *calendar,
            controls: self.controls.clone(),
            economy,
            rates: from.rates(),
            room_fen: controls::room(capacity, self.last_day.committed_fen),
            frame: Arc::clone(frame),
            prepared: Arc::clone(prepared),
            hosts: Arc::clone(&self.hosts),
        }
    }

    /// How late the book was at the last close.
    pub(crate) fn lateness(&self) -> Lateness {
        Lateness { overdue_30: controls::overdue_30(&self.last_day), principal_fen: self.last_day.principal_fen }
    }

    fn events_on(&self, day: Day) -> DatedEvents {
        DatedEvents::on(day, &self.events, self.rules_on(day))
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
            *month = MonthObservations {
                first_day: calendar.day,
                unemployment_ppm: economy.unemployment_ppm,
                income_index_ppm: economy.income_index_ppm,
                ..MonthObservations::default()
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
