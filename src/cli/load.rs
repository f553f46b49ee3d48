//! trial
use crate::cli::{Exit, Failure};
use crate::clock::fabric::Threads;
use crate::clock::virtual_time::{self, Options, Silent};
use crate::clock::wall;
use crate::scenario::*;
use crate::base::time::SimTime;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

#[derive(Debug, clap::Args)]
pub struct Load {
    scenario: PathBuf,
    #[arg(long, default_value_t = 20000.0)] rate: f64,
    #[arg(long, default_value_t = 100000)] users: u32,
    #[arg(long, default_value_t = 5)] secs: u64,
    #[arg(long)] side: bool,
    #[arg(long)] null: bool,
    #[arg(long)] closed: Option<u32>,
    #[arg(long)] behaviour: Option<u64>,
    #[arg(long, default_value_t = 2)] months: u16,
}
pub fn run(args: &Load) -> Result<Exit, Failure> {
    let scenario = crate::scenario::load(&args.scenario, &Overrides { users: Some(args.users), months: Some(36), set: vec![("warmup_months".into(), args.months.to_string())], ..Overrides::default() }).map_err(|e| Failure::BadInput(e.to_string()))?;
    let cancel = AtomicBool::new(false);
    let fabric = Threads::new(2);
    let options = Options { progress: &Silent, cancel: &cancel, auditor: None };
    let until = scenario.start.plus(10);
    let from = virtual_time::hand_over(&scenario, &scenario.worlds[0].name, until, &fabric, &options).map_err(|e| Failure::Failed(e.into()))?;
    eprintln!("virtual {:.1}s", from.seconds);
    let plan = LoadPlan {
        at: SimTime::at(until, 72000), world: "baseline".into(), speed_milli: args.behaviour.unwrap_or(60) * 1000, duration_ms: args.secs * 1000, warmup_ms: 2000,
        shape: if args.behaviour.is_some() { Shape::Behaviour } else { Shape::Constant { rate: args.rate } }, arrivals: Arrivals::Even, users: args.closed.map_or(UserLoop::PartlyOpen, |users| UserLoop::Closed { users, think_ms: 0 }),
        placement: if args.side { Placement::SideBySide { threads: 2 } } else { Placement::Separate { generators: 1, services: 1 } },
        queue_limit: 20000, deadline_ms: 2000, retry: Retry { times: 2, backoff_ms: 50, patience_ms: 5000 }, durability: Durability::None, snapshot_days: 0,
        objectives: vec![], abort_on_breach: false, stalls: vec![],
        capacity: CapacityPlan { quantile: 0.99, below_ns: 5_000_000, error_rate: crate::base::money::Ppm(1000), approval_band: crate::base::money::Ppm(20000), start_rate: 1000.0, growth: 2.0, precision: 0.05, probe_ms: 3000, repeats: 3, confirm_ms: 10000 },
    };
    let setup = wall::LoadSetup { from: &from, plan: &plan, seed: scenario.seed, null_service: args.null, acks: None, cancel: &cancel };
    let mut n = 0;
    let o = wall::run(&setup, &mut |row, _| {
        n += 1;
        let c = row.all_counts();
        eprintln!("{n}: offered {} decided {} shed {} late {} backlog {} p50 {:?} p99 {:?} cpu {:.2?}", c.offered, c.decided(), c.shed, c.late, row.backlog, row.all_latency_ns[0].map(|x| x / 1000), row.all_latency_ns[2].map(|x| x / 1000), row.cpu_share);
    })?;
    let c = o.total.all_counts();
    println!("{:?}", c);
    let h = o.total.all_latency_ns();
    println!("decided/s {:.0} p50 {} p99 {} p99.9 {} max {} us; lag p50 {} p99 {} us; service mean {:.0} ns", c.decided() as f64 / o.measured_seconds, h.value_at_quantile(0.5) / 1000, h.value_at_quantile(0.99) / 1000, h.value_at_quantile(0.999) / 1000, h.max() / 1000, o.total.lag_ns.value_at_quantile(0.5) / 1000, o.total.lag_ns.value_at_quantile(0.99) / 1000, o.total.all_service_ns().mean());
    println!("closes {} mean {:.2} ms longest slice {} us; queue max {}", o.closes.len(), o.closes.iter().map(|c| c.total_ns as f64 / 1e6).sum::<f64>() / o.closes.len().max(1) as f64, o.closes.iter().map(|c| c.longest_slice_ns / 1000).max().unwrap_or(0), o.queue_max);
    println!("rss before {} actors {} per user {}", o.rss_before_bytes / 1000000, o.rss_actors_bytes / 1000000, (o.rss_actors_bytes - o.rss_before_bytes) / o.users);
    println!("{:?}\n{:?}\n{:?} balanced {} invalid {:?}", o.threads, o.credit, o.lost, o.ledger_balanced, o.invalid);
    Ok(Exit::Ok)
}
