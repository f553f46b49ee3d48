use yuefu::clock::{
    fabric::Threads,
    virtual_time::{self, Options, Silent},
};
use yuefu::scenario::{Overrides, load};
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let mut o = Overrides::default();
    let mut workers = 2;
    for a in &args[2..] {
        let (k, v) = a.split_once('=').unwrap();
        match k {
            "users" => o.users = Some(v.parse().unwrap()),
            "months" => o.months = Some(v.parse().unwrap()),
            "seed" => o.seed = Some(v.parse().unwrap()),
            "workers" => workers = v.parse().unwrap(),
            _ => o.set.push((k.into(), v.into())),
        }
    }
    let s = match load(std::path::Path::new(&args[1]), &o) {
        Ok(s) => s,
        Err(e) => {
            eprintln!("{e}");
            return;
        }
    };
    let cancel = std::sync::atomic::AtomicBool::new(false);
    let t = std::time::Instant::now();
    let out =
        virtual_time::run(&s, &Threads::new(workers), &Options { progress: &Silent, cancel: &cancel, auditor: None })
            .unwrap();
    let el = t.elapsed().as_secs_f64();
    let cmds: i64 = out.commands.iter().sum();
    let money: i64 =
        out.commands.iter().zip(yuefu::credit::totals::MONEY_COMMANDS).filter(|(_, m)| *m).map(|(c, _)| c).sum();
    println!("phases {:?} total {el:.2}s", out.phase_seconds);
    println!(
        "user_days {:.2}M/s events {:.2}M/s money {:.2}M/s  sessions/ud {:.3} cmds/ud {:.3}",
        out.user_days as f64 / el / 1e6,
        (cmds + out.sessions) as f64 / el / 1e6,
        money as f64 / el / 1e6,
        out.sessions as f64 / out.user_days as f64,
        cmds as f64 / out.user_days as f64
    );
    for (n, c) in yuefu::credit::totals::COMMAND_NAMES.iter().zip(out.commands) {
        print!("{n}:{:.4} ", c as f64 / out.user_days as f64);
    }
    println!();
    let ms: Vec<_> = out.worlds.iter().map(yuefu::measure::measures).collect();
    for m in ms[0].iter() {
        print!("{:36}", m.definition.key);
        for w in &ms {
            print!(" {:>14.5}", w.value(m.definition.key).unwrap_or(f64::NAN));
        }
        println!();
    }
    for w in &out.worlds {
        println!("{} {}", w.name, w.state_hash);
        if std::env::var("MONTHLY").is_ok() {
            for m in &w.months {
                let b: i64 = m.stocks.balance_by_bucket_fen.iter().sum();
                println!(
                    "{} u{:.2} jobless {:.3} bal/acct {:.0} accts {} active {} od {:.4} od30 {:.4} appr {:.3} auth {:.3} wo {:.4} app {:.2} part {:?} reaged {:.4}",
                    m.first_day,
                    m.unemployment_ppm as f64 / 1e4,
                    m.people_end.jobless as f64 / m.people_end.labour_force as f64,
                    b as f64 / 100.0 / m.stocks.accounts.max(1) as f64,
                    m.stocks.accounts,
                    m.stocks.active_accounts,
                    m.overdue_ratio(1).unwrap_or(0.),
                    m.overdue_ratio(2).unwrap_or(0.),
                    m.application_approval_ratio().unwrap_or(0.),
                    m.drawing_approval_ratio().unwrap_or(0.),
                    m.gross_loss_annual_ratio().unwrap_or(0.),
                    m.appetite_ppm as f64 / 1e6,
                    m.stocks.funder_open,
                    m.stocks.reaged_fen as f64 / b as f64
                );
            }
        }
        let d: Vec<i64> = (0..20).map(|r| w.months.iter().map(|m| m.flows.drawings_declined[r]).sum()).collect();
        println!("declines {d:?}");
        let d: Vec<i64> = (0..10).map(|r| w.months.iter().map(|m| m.flows.refused[r]).sum()).collect();
        println!("refused {d:?} approved {}", w.months.iter().map(|m| m.flows.approved).sum::<i64>());
        let d: Vec<i64> = (0..7)
            .map(|r| w.months.iter().map(|m| m.people.reached_31_fen_by_cause[r]).sum::<i64>() / 100000)
            .collect();
        println!("31 by cause {d:?}");
        let d: Vec<i64> =
            (0..7).map(|r| w.months.iter().map(|m| m.people.late_fen_by_cause[r]).sum::<i64>() / 100000).collect();
        println!("late by cause {d:?}");
        let st = &w.months.last().unwrap().stocks;
        println!(
            "by funder {:?} cap {:?} limits {:?} util {:?}",
            st.balance_by_funder_fen, st.capacity_by_funder_fen, st.limit_bins, st.utilisation_bins
        );
        let pe = &w.months.last().unwrap().people_end;
        println!("stage {:?}", pe.users_by_stage);
    }
}
