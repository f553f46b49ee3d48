//! Made-up observations of the right shape and size: two worlds over 24 months, from closed formulas. For tests of
//! what reads observations; nothing here is a result.

use crate::agents::totals::{AgentFlows, AgentStocks, SegmentTotals};
use crate::agents::traits::segment::SEGMENTS;
use crate::base::time::{Calendar, Day};
use crate::credit::chart::{ACCOUNTS, Account, POSTINGS, Posting};
use crate::credit::totals::{BINS, CreditFlows, CreditStocks, ECL_SCENARIOS, GROUPS, RiskStocks, STAGES};
use crate::measure::observations::{Cohort, MonthObservations, Vintage, WorldObservations};

/// Warm-up months of the fixture.
pub(crate) const WARMUP: u16 = 12;
/// Counted months of the fixture.
pub(crate) const MONTHS: u16 = 24;
/// Users of the fixture.
pub(crate) const USERS: i64 = 100_000;

/// First counted day of the fixture.
pub(crate) fn start() -> Day {
    Day::from_ymd(2027, 1, 1).expect("a date")
}

/// A world; `depth` 0.0 is normal times, 1.0 a severe downturn.
pub(crate) fn world(name: &str, depth: f64) -> WorldObservations {
    let calendar = Calendar::new(start(), MONTHS);
    let months: Vec<MonthObservations> = (0..MONTHS).map(|m| month(&calendar, m, depth)).collect();
    let journal = journal(&calendar, &months);
    let opening_balances_fen = opening();
    let mut closing_balances_fen = opening_balances_fen.clone();
    for posted in journal.iter().map(|(_, posted)| posted) {
        for (&posting, &amount) in Posting::ALL.iter().zip(posted) {
            let (debit, credit) = posting.sides();
            closing_balances_fen[debit as usize] += amount;
            closing_balances_fen[credit as usize] -= amount;
        }
    }
    let tips = |h: i32| (90_000_000.0 / libm::pow(f64::from(h) + 1.0, 1.1)) as i64 * i64::from(h % 37 != 5);
    WorldObservations {
        name: name.to_string(),
        vintages: (0..WARMUP + MONTHS).map(|m| vintage(m, depth)).collect(),
        cohorts: (0..WARMUP + MONTHS).map(|m| cohort(m, depth)).collect(),
        journal,
        opening_balances_fen,
        closing_balances_fen,
        tips_by_host_fen: (0..400).map(tips).collect(),
        minutes_by_host: (0..400).map(|h| 9_000_000 / (h + 1)).collect(),
        segments: segments(depth),
        state_hash: blake3::hash(name.as_bytes()).to_hex().to_string(),
        months,
    }
}

/// 0 in normal times, 1 at the worst of the severe path.
fn stress(month: i32, depth: f64) -> f64 {
    let rise = (f64::from(month - 4) / 9.0).clamp(0.0, 1.0);
    let fall = libm::pow(0.5, f64::from((month - 16).max(0)) / 9.0);
    depth * rise * fall
}

fn part(amount: f64, share: f64) -> i64 {
    (amount * share) as i64
}

fn month(calendar: &Calendar, m: u16, depth: f64) -> MonthObservations {
    let days = calendar.months(m, m + 1);
    let now = stress(i32::from(m), depth);
    let seen = stress(i32::from(m) - 3, depth);
    let wave = libm::sin(f64::from(m) * 0.52);
    let balance = 1.4e10 * (1.0 + 0.012 * f64::from(m) - 0.22 * seen) * (1.0 + 0.01 * wave);
    let tight = 1.0 - 0.35 * seen;
    let mut flows = flows(balance, seen, tight, wave);
    let stocks = stocks(balance, seen, tight);
    let posted = postings(&flows, balance, seen);
    flows.posted_fen.copy_from_slice(&posted);
    let defaults = [0.0, 0.21 + 0.55 * now, 0.30 + 0.1 * now, 0.05, 0.12, 0.08, 0.20].map(|s| part(520.0, s));
    MonthObservations {
        first_day: days[0].day,
        days: days.len() as u16,
        balance_days_fen: part(balance, days.len() as f64),
        unemployment_ppm: part(52_000.0 + 500.0 * wave, 1.0 + 0.73 * now) as i32,
        income_index_ppm: part(1_000_000.0, 1.0 + 0.002 * f64::from(m) - 0.06 * now) as i32,
        appetite_ppm: part(1_000_000.0, 1.0 - 0.5 * seen) as i32,
        people: AgentFlows {
            sessions: 5_400_000,
            minutes: 120_000_000,
            user_days: USERS * days.len() as i64,
            impressions: 1_400_000,
            clicks: 30_000,
            applications: part(3_000.0, 1.0 + 0.2 * now),
            reached_31_by_cause: defaults,
            ..AgentFlows::default()
        },
        people_end: AgentStocks {
            users: USERS,
            users_18_35: 82_040,
            users_by_stage: [21_000, 14_000, 3_000, 5_000, 7_000, 9_000, 41_000],
            ..AgentStocks::default()
        },
        flows,
        risk: risk(balance, seen),
        stocks,
    }
}

fn risk(balance: f64, seen: f64) -> RiskStocks {
    let share = [0.0, 0.30, 0.28, 0.22, 0.14, 0.06, 0.18, 0.30, 0.30, 0.15, 0.07];
    let late = [0.0, 1.5, 1.1, 0.9, 0.7, 0.6, 1.5, 1.2, 0.9, 0.7, 0.5];
    let by = |amount: f64| std::array::from_fn::<i64, GROUPS, _>(|g| part(amount, share[g]));
    let overdue = |rate: f64| std::array::from_fn(|g| part(balance * share[g], rate * late[g] * (1.0 + seen)));
    let ecl = |index: usize| {
        let scenario = [0.8, 1.0, 1.4, 1.05][index / STAGES];
        part(balance * [0.010, 0.006, 0.011][index % STAGES], scenario * (1.0 + seen))
    };
    RiskStocks {
        accounts: by(62_000.0),
        balance_fen: by(balance),
        overdue_fen: overdue(0.042),
        overdue_30_fen: overdue(0.024),
        income_fen: by(62_000.0 * 600_000.0 * (1.0 - 0.06 * seen)),
        service_fen: by(62_000.0 * 180_000.0),
        overborrowed: by(6_000.0 * (1.0 + seen)),
        ecl_fen: std::array::from_fn::<i64, { ECL_SCENARIOS * STAGES }, _>(ecl),
        ..RiskStocks::default()
    }
}

fn flows(balance: f64, seen: f64, tight: f64, wave: f64) -> CreditFlows {
    let captured = balance * 0.62 * (1.0 + 0.1 * wave);
    let due = balance * 0.45;
    let mut flows = CreditFlows {
        approved: part(1_900.0, tight),
        decided_instantly: 2_940,
        decided_by_review: 60,
        drawings_approved: part(240_000.0, tight),
        captured_count: [120_000, 50_000, 30_000, 8_000].map(|c: i64| part(c as f64, tight)),
        captured_fen: [0.55, 0.25, 0.12, 0.03].map(|s| part(captured, s)),
        tickets_300_1500: part(141_000.0, tight),
        cards_sold: part(4_000.0, tight),
        cards_sold_fen: part(captured, 0.05),
        tips_fen: part(balance, 0.01),
        due_fen: part(due, 1.0),
        due_by_outcome_fen: [0.62 - 0.03 * seen, 0.24, 0.09, 0.05 + 0.03 * seen].map(|s| part(due, s)),
        d1_base_fen: part(balance, 0.9),
        d1_entry_fen: part(balance, 0.045 * (1.0 + 0.6 * seen)),
        writeoff_fen: part(balance, 0.0043 * (1.0 + 1.2 * seen)),
        recovered_fen: part(balance, 0.0002),
        sold_fen: part(balance, 0.0001),
        complaints: [20, 11, 6, 4],
        cashout_true_fen: part(captured, 0.0009),
        cashout_confirmed_fen: part(captured, 0.0003),
        first_uses: part(1_500.0, tight),
        repeat_uses: part(1_200.0, tight),
        ..CreditFlows::default()
    };
    flows.commands[0] = 3_000;
    flows.refused[7] = 3_000 - flows.approved;
    flows.drawings_declined[11] = 9_000 + part(9_000.0, seen);
    flows.drawings_declined[3] = part(4_000.0, 1.0 + seen);
    flows
}

fn stocks(balance: f64, seen: f64, tight: f64) -> CreditStocks {
    let late = [0.018, 0.006, 0.005, 0.0045, 0.0044, 0.0043].map(|s| s * (1.0 + 1.1 * seen));
    let mut buckets = [0_i64; 7];
    for (bucket, share) in buckets[1..].iter_mut().zip(late) {
        *bucket = part(balance, share);
    }
    buckets[0] = part(balance, 1.0) - buckets.iter().sum::<i64>();
    let bell = |bin: usize, centre: f64, width: f64| {
        let z = (bin as f64 + 0.5 - centre) / width;
        part(9_000.0, libm::exp(-0.5 * z * z))
    };
    let mut stocks = CreditStocks {
        accounts: 62_000,
        active_accounts: part(47_000.0, tight),
        balance_by_bucket_fen: buckets,
        balance_by_funder_fen: [0.36 + 0.1 * seen, 0.40 - 0.1 * seen, 0.24, 0.0].map(|s| part(balance, s)),
        capacity_by_funder_fen: [8_000_000_000, 7_000_000_000, 4_000_000_000, 0],
        funder_open: [1, i64::from(seen < 0.8), 1, 0],
        card_float_fen: part(balance, 0.021),
        limits_fen: part(62_000.0 * 690_000.0, 1.0 - 0.1 * seen),
        seasoned_accounts: 40_000,
        seasoned_limits_fen: part(40_000.0 * 750_000.0, 1.0 - 0.1 * seen),
        seasoned_in_band: 31_000,
        limit_bins: std::array::from_fn::<i64, BINS, _>(|b| bell(b, 13.0 - 2.0 * seen, 4.0)),
        utilisation_bins: std::array::from_fn::<i64, BINS, _>(|b| bell(b, 4.0 + 3.0 * seen, 6.0)),
        bearing_fen: part(balance, 0.5),
        bearing_times_bp: part(balance, 0.5) * 2_080,
        reaged_fen: part(balance, 0.002 + 0.004 * seen),
        allowance_fen: part(balance, 0.035 * (1.0 + seen)),
        ..CreditStocks::default()
    };
    for from in 0..7 {
        let roll = [0.0065, 0.30, 0.72, 0.84, 0.95, 0.97, 0.97][from] * (1.0 + 0.12 * seen);
        let row = &mut stocks.transitions_fen[from * 9..(from + 1) * 9];
        let held = buckets[from] as f64;
        row[if from == 6 { 7 } else { from + 1 }] = part(held, roll);
        row[0] = part(held, if from == 0 { 0.92 } else { (1.0 - roll).max(0.0) * 0.7 });
        row[8] = part(held, if from == 0 { 0.07 } else { (1.0 - roll).max(0.0) * 0.3 });
    }
    stocks
}

fn postings(flows: &CreditFlows, balance: f64, seen: f64) -> Vec<i64> {
    let mut posted = vec![0; POSTINGS];
    let mut post = |posting: Posting, amount: i64| posted[posting as usize] = amount;
    post(Posting::SalePlatform, flows.captured_fen.iter().sum());
    post(Posting::RepayPlatform, part(balance, 0.58));
    post(Posting::ChargeInterest, part(balance, 0.0087));
    post(Posting::ChargeFee, part(balance, 0.001));
    post(Posting::ChargePenalty, part(balance, 0.0008 * (1.0 + seen)));
    post(Posting::Commission, part(balance, 0.0062));
    post(Posting::TipShare, part(balance, 0.005));
    post(Posting::Recovery, flows.recovered_fen);
    post(Posting::ClaimSale, flows.sold_fen);
    post(Posting::PartnerPrice, part(balance, 0.003));
    post(Posting::TreasuryPrice, part(balance, 0.0011));
    post(Posting::Impair, part(balance, 0.0046 * (1.0 + 1.6 * seen)));
    post(Posting::WriteOffCovered1, part(balance, 0.0007 * (1.0 + seen)));
    post(Posting::WriteOffInterest, part(balance, 0.0003));
    post(Posting::OriginationPaid, part(balance, 0.0002));
    post(Posting::CollectionPaid, part(balance, 0.0009 * (1.0 + seen)));
    post(Posting::ServicePaid, part(balance, 0.0016));
    posted
}

/// The month's postings, evenly by day with the rest on the last one.
fn journal(calendar: &Calendar, months: &[MonthObservations]) -> Vec<(Day, Vec<i64>)> {
    let mut journal = Vec::new();
    for (m, month) in months.iter().enumerate() {
        let days = calendar.months(m as u16, m as u16 + 1);
        for (i, day) in days.iter().enumerate() {
            let (n, last) = (days.len() as i64, i + 1 == days.len());
            let share = |total: &i64| if last { total - total / n * (n - 1) } else { total / n };
            journal.push((day.day, month.flows.posted_fen.iter().map(share).collect()));
        }
    }
    journal
}

fn opening() -> Vec<i64> {
    let mut balances = vec![0; ACCOUNTS];
    balances[Account::LoansPlatform as usize] = 14_000_000_000;
    balances[Account::Capital as usize] = -9_000_000_000;
    balances[Account::Cash as usize] = -5_000_000_000;
    balances
}

/// Segments of different size; the later ones lose more.
fn segments(depth: f64) -> Vec<SegmentTotals> {
    let segment = |index: usize| {
        let (size, worse) = (1.0 / (index as f64 + 2.0), depth * (1.0 + index as f64 / 4.0));
        SegmentTotals {
            approved: part(40_000.0, size * (1.0 - 0.2 * worse)),
            decided: part(70_000.0, size),
            captured_fen: part(2.0e11, size * (1.0 - 0.1 * worse)),
            balance_fen: part(3.4e11, size),
            overdue_fen: part(1.4e10, size * (1.0 + worse)),
            writeoff_fen: part(1.4e9, size * (1.0 + worse)),
            complaints: part(990.0, size),
            active_accounts: part(1_100_000.0, size),
            margin_fen: part(3.0e9, size * (1.0 - worse)),
        }
    };
    (0..SEGMENTS).map(segment).collect()
}

fn vintage(run_month: u16, depth: f64) -> Vintage {
    let life = WARMUP + MONTHS - run_month;
    let hit = |age: u16| {
        let seen = stress(i32::from(run_month + age) - i32::from(WARMUP), depth);
        let shape = libm::exp(-f64::from(age) / 10.0) * f64::from(age.min(3)) / 3.0;
        part(1_700.0, 0.0075 * shape * (1.0 + 1.3 * seen))
    };
    Vintage {
        run_month,
        opened: 1_700,
        first_30_plus: (0..life).map(hit).collect(),
        writeoff_fen: (0..life).map(|age| if age < 6 { 0 } else { hit(age - 5) * 210_000 }).collect(),
        drawn_fen: (0..life).map(|_| 500_000_000).collect(),
    }
}

fn cohort(run_month: u16, depth: f64) -> Cohort {
    let seen = stress(i32::from(run_month) - i32::from(WARMUP), depth);
    let d1 = 6.3e8 * (1.0 + 0.6 * seen);
    let late = 0.12 * (1.0 + 0.4 * seen);
    Cohort {
        run_month,
        dpd_1_fen: part(d1, 1.0),
        dpd_1_to_8_fen: part(d1, 0.5),
        dpd_1_to_31_fen: part(d1, late),
        dpd_31_fen: part(d1, late),
        dpd_31_to_61_fen: part(d1, late * 0.75),
        dpd_61_fen: part(d1, late * 0.75),
        dpd_61_to_91_fen: part(d1, late * 0.64),
        dpd_91_fen: part(d1, late * 0.64),
        dpd_91_to_writeoff_fen: part(d1, late * 0.62),
    }
}
