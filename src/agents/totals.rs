//! Counters of what people do: flows of a day, stocks at a month's end. All are `i64`, so folding is adding; `world` folds them and
//! `measure` reads them.

use crate::agents::traits::CAUSES;
use crate::base::totals;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// Age bands of the report: 18–24, 25–29, 30–35, 36–45, over 45; band 0 is under 18.
pub(crate) const PEOPLE_BANDS: usize = 6;

/// Bands of the monthly wage at the start of the run: below 3,000 yuan, to 5,000, to 8,000, to 12,000, above.
pub(crate) const INCOME_BANDS: usize = 5;

/// Names of the groups that the book is reported by: age bands first, then bands of the monthly wage in yuan.
pub(crate) const GROUP_NAMES: [&str; PEOPLE_BANDS + INCOME_BANDS] = [
    "under_18",
    "18_24",
    "25_29",
    "30_35",
    "36_45",
    "over_45",
    "under_3000",
    "3000_5000",
    "5000_8000",
    "8000_12000",
    "over_12000",
];

totals! {
    /// What people did: sums over the days of a month.
    AgentFlows {
        /// Stream sessions.
        sessions: i64,
        /// Minutes watched.
        minutes: i64,
        /// Sessions by hour of the day.
        sessions_by_hour: [i64; 24],
        /// User-days swept.
        user_days: i64,
        /// Days on which a user was active.
        active_days: i64,
        /// Times the entry was shown to somebody without an account.
        impressions: i64,
        /// Clicks on it.
        clicks: i64,
        /// Applications sent.
        applications: i64,
        /// Wishes to buy.
        wishes: i64,
        /// Wishes given up because of price, burden, lost job or the prompt.
        wishes_dropped: i64,
        /// Tips from the wallet, not on credit.
        wallet_tips_fen: i64,
        /// Jobs lost.
        jobs_lost: i64,
        /// Jobs found.
        jobs_found: i64,
        /// Accounts that first reached 31 days past due, by cause.
        reached_31_by_cause: [i64; CAUSES],
        /// Principal of accounts that first reached 31 days past due, by cause.
        reached_31_fen_by_cause: [i64; CAUSES],
        /// Principal that entered lateness (DPD 1) by cause.
        late_fen_by_cause: [i64; CAUSES],
        /// Principal written off by cause.
        writeoff_fen_by_cause: [i64; CAUSES],
        /// Purchase attempts given up by impatient users.
        walked_away: i64,
    }
}

totals! {
    /// What came of a segment of users (`agents::traits::segment`): flows, and stocks at month-ends.
    SegmentTotals {
        /// Applications approved.
        approved: i64,
        /// Applications approved or refused.
        decided: i64,
        /// Purchases captured and cards bought.
        captured_fen: i64,
        /// Principal at month-ends, written-off accounts apart.
        balance_fen: i64,
        /// … of accounts past due.
        overdue_fen: i64,
        /// Principal written off.
        writeoff_fen: i64,
        /// Complaints.
        complaints: i64,
        /// Active accounts at month-ends.
        active_accounts: i64,
        /// What the accounts brought less what they cost, cash basis (`world::segments`).
        margin_fen: i64,
    }
}

totals! {
    /// How people stand at the end of a month.
    AgentStocks {
        /// Users in the app (joined).
        users: i64,
        /// Users by age band.
        users_by_age: [i64; PEOPLE_BANDS],
        /// Users 18–35.
        users_18_35: i64,
        /// Users of working age who are not students.
        labour_force: i64,
        /// Users of working age who are not students and are without work.
        jobless: i64,
        /// Savings of all users.
        savings_fen: i64,
        /// Users by how far down the funnel they came.
        users_by_stage: [i64; 7],
    }
}

/// Where agents count and add up: flows of the day, minutes and tips by host.
#[derive(Clone, Debug)]
pub struct AgentTally {
    /// Flows since the last fold.
    pub flows: AgentFlows,
    /// Minutes watched by host.
    pub minutes_by_host: Vec<i64>,
    /// Tips by host in fen.
    pub tips_by_host: Vec<i64>,
}

impl AgentTally {
    /// Nothing counted, for so many hosts.
    pub fn new(hosts: usize) -> AgentTally {
        AgentTally { flows: AgentFlows::default(), minutes_by_host: vec![0; hosts], tips_by_host: vec![0; hosts] }
    }

    /// Adds other counters of the same hosts.
    pub fn add(&mut self, other: &AgentTally) {
        self.flows.add(&other.flows);
        let add = |a: &mut Vec<i64>, b: &Vec<i64>| a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
        add(&mut self.minutes_by_host, &other.minutes_by_host);
        add(&mut self.tips_by_host, &other.tips_by_host);
    }
}
