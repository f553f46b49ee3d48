//! The hash of a run: blake3 over every deterministic integer in one fixed order. Timing, titles and the derived
//! tables are outside it.

use super::record::RunRecord;
use crate::measure::WorldObservations;

/// Goes up when the order or the meaning of the hashed content changes.
const VERSION: &str = "yuefu-result-1";

struct Canonical(blake3::Hasher);

impl Canonical {
    fn text(&mut self, text: &str) {
        self.int(text.len() as i64);
        self.0.update(text.as_bytes());
    }

    fn int(&mut self, value: i64) {
        self.0.update(&value.to_le_bytes());
    }

    fn ints(&mut self, values: &[i64]) {
        self.int(values.len() as i64);
        values.iter().for_each(|&v| self.int(v));
    }
}

/// The hash of a run, hex.
pub(crate) fn record_hash(record: &RunRecord) -> String {
    let mut out = Canonical(blake3::Hasher::new());
    let p = &record.provenance;
    out.text(VERSION);
    out.text(&p.name);
    for value in [p.users.into(), p.months.into(), p.warmup_months.into(), p.seed as i64, p.replication.into()] {
        out.int(value);
    }
    out.int(p.start.0.into());
    out.int(record.worlds.len() as i64);
    record.worlds.iter().for_each(|world| hash_world(&mut out, world));
    out.0.finalize().to_hex().to_string()
}

fn hash_world(out: &mut Canonical, world: &WorldObservations) {
    out.text(&world.name);
    out.text(&world.state_hash);
    out.int(world.months.len() as i64);
    for m in &world.months {
        out.ints(&[m.first_day.0.into(), m.days.into(), m.balance_days_fen]);
        out.ints(&[m.unemployment_ppm.into(), m.income_index_ppm.into(), m.appetite_ppm.into()]);
        out.ints(m.flows.counters());
        out.ints(m.stocks.counters());
        out.ints(m.people.counters());
        out.ints(m.people_end.counters());
    }
    out.int(world.vintages.len() as i64);
    for v in &world.vintages {
        out.ints(&[v.run_month.into(), v.opened]);
        out.ints(&v.first_30_plus);
        out.ints(&v.writeoff_fen);
        out.ints(&v.drawn_fen);
    }
    out.int(world.cohorts.len() as i64);
    for c in &world.cohorts {
        out.int(c.run_month.into());
        out.ints(&super::columns::cohort_counters(c));
    }
    // Only what was posted: a day without a posting leaves no trace in the journal file either.
    for (day, posted) in &world.journal {
        for (kind, &amount) in posted.iter().enumerate().filter(|&(_, &amount)| amount != 0) {
            out.ints(&[day.0.into(), kind as i64, amount]);
        }
    }
    out.ints(&world.opening_balances_fen);
    out.ints(&world.closing_balances_fen);
    out.ints(&world.tips_by_host_fen);
    out.ints(&world.minutes_by_host);
}
