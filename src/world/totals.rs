//! What a worker adds up for a world, and what a world keeps of a month: integers, so that folding is adding and the order of workers
//! makes no difference.

use crate::agents::totals::AgentTally;
use crate::agents::totals::{AgentFlows, AgentStocks};
use crate::base::ids::FUNDERS;
use crate::credit::totals::{CreditFlows, CreditStocks, History, RiskStocks, Tally};
use crate::world::segments::Segments;

/// Counters of one worker for one world. Integer sums: which worker swept which cell makes no difference.
#[derive(Clone, Debug)]
pub struct WorkTally {
    /// Engine.
    pub credit: Tally,
    /// Agents.
    pub agents: AgentTally,
    /// Engine, month-end.
    pub stocks: CreditStocks,
    /// Agents, month-end.
    pub people_end: AgentStocks,
    /// The book as the risk views look at it, month-end.
    pub risk: RiskStocks,
    /// By segment, when somebody compares worlds by segment: a suite does.
    pub segments: Option<Box<Segments>>,
}

impl WorkTally {
    /// Nothing counted.
    pub fn new(run_months: u16, hosts: usize) -> WorkTally {
        WorkTally {
            credit: Tally { flows: CreditFlows::default(), history: History::new(run_months) },
            agents: AgentTally::new(hosts),
            stocks: CreditStocks::default(),
            people_end: AgentStocks::default(),
            risk: RiskStocks::default(),
            segments: None,
        }
    }

    /// The same, and counts by segment.
    pub fn by_segment(mut self) -> WorkTally {
        self.segments = Some(Box::default());
        self
    }

    /// Adds another worker's counters.
    pub fn add(&mut self, other: &WorkTally) {
        self.credit.flows.add(&other.credit.flows);
        self.credit.history.add(&other.credit.history);
        self.agents.add(&other.agents);
        self.stocks.add(&other.stocks);
        self.people_end.add(&other.people_end);
        self.risk.add(&other.risk);
        if let (Some(mine), Some(other)) = (&mut self.segments, &other.segments) {
            mine.add(other);
        }
    }

    /// Shows all counters, slice by slice, always in the same order: what processes that share a world send each other.
    pub(crate) fn each_slice(&mut self, visit: &mut dyn FnMut(&mut [i64])) {
        let WorkTally { credit, agents, stocks, people_end, risk, segments } = self;
        let Tally { flows, history } = credit;
        visit(flows.counters_mut());
        history.each_slice(visit);
        let AgentTally { flows, minutes_by_host, tips_by_host } = agents;
        let plain = [flows.counters_mut(), minutes_by_host, tips_by_host, stocks.counters_mut()];
        plain.into_iter().chain([people_end.counters_mut(), risk.counters_mut()]).for_each(&mut *visit);
        if let Some(segments) = segments {
            segments.each_slice(visit);
        }
    }

    /// Forgets the day once it is folded.
    pub fn clear_day(&mut self) {
        self.credit.flows = CreditFlows::default();
        self.credit.history.clear();
        self.agents.flows = AgentFlows::default();
        self.agents.minutes_by_host.fill(0);
        self.agents.tips_by_host.fill(0);
        self.stocks = CreditStocks::default();
        self.people_end = AgentStocks::default();
        self.risk = RiskStocks::default();
        if let Some(segments) = &mut self.segments {
            **segments = Segments::default();
        }
    }
}

/// What a cell reports at its close of day, for the controls of the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CellDay {
    /// Lent and reserved, by funder.
    pub committed_fen: [i64; FUNDERS],
    /// Principal of all accounts.
    pub principal_fen: i64,
    /// … 31 or more days past due.
    pub overdue_30_fen: i64,
    /// Users with an open or frozen account.
    pub holders: i64,
}

impl CellDay {
    /// Shows all counters, as [`WorkTally::each_slice`] does.
    pub(crate) fn each_slice(&mut self, visit: &mut dyn FnMut(&mut [i64])) {
        let CellDay { committed_fen, principal_fen, overdue_30_fen, holders } = self;
        visit(committed_fen);
        [principal_fen, overdue_30_fen, holders].into_iter().for_each(|one| visit(std::slice::from_mut(one)));
    }

    /// Adds another cell.
    pub fn add(&mut self, other: &CellDay) {
        self.committed_fen.iter_mut().zip(other.committed_fen).for_each(|(a, b)| *a += b);
        self.principal_fen += other.principal_fen;
        self.overdue_30_fen += other.overdue_30_fen;
        self.holders += other.holders;
    }
}
