//! What was observed of a world, taken from its months, its history and its cells.

use crate::base::time::Day;
use crate::credit::chart::ACCOUNTS;
use crate::measure::{Cohort, Vintage, WorldObservations};
use crate::runtime::{Fabric, lock};
use crate::sim::exchange;
use crate::sim::options::Stopped;
use crate::sim::superstep::Cells;
use crate::world::{Frame, World};

/// Balance of each account over all cells at the close of a day, those of other processes too.
///
/// # Errors
/// [`Stopped::Lost`] when one of them is gone.
pub(super) fn balances(cells: &Cells, day: Day, fabric: &dyn Fabric) -> Result<Vec<i64>, Stopped> {
    let mut sums = vec![0; ACCOUNTS];
    for cell in cells {
        for engine in lock(cell).engines().iter() {
            sums.iter_mut().zip(engine.ledger().balances()).for_each(|(sum, balance)| *sum += balance);
        }
    }
    exchange::sum(fabric, day, &mut sums)?;
    Ok(sums)
}

/// BLAKE3 over the hashes of all cells, those of other processes too, in the order of their numbers.
fn state_hash(cells: &Cells, day: Day, fabric: &dyn Fabric) -> Result<String, Stopped> {
    let hashes = cells.iter().flat_map(|cell| {
        let mut hasher = blake3::Hasher::new();
        lock(cell).write_state(&mut |bytes| {
            hasher.update(bytes);
        });
        *hasher.finalize().as_bytes()
    });
    let all = exchange::row(fabric, day, hashes.collect())?;
    Ok(blake3::hash(&all).to_hex().to_string())
}

/// Everything observed of a world since the counted months began, whose opening balances are given.
///
/// # Errors
/// [`Stopped::Lost`] when one of the processes that share the world is gone.
pub(super) fn observe(
    frame: &Frame,
    world: &World,
    cells: &Cells,
    opening: &[i64],
    fabric: &dyn Fabric,
) -> Result<WorldObservations, Stopped> {
    let last = frame.last_of(frame.calendar.days().len());
    Ok(WorldObservations {
        name: world.name.clone(),
        months: world.months.clone(),
        vintages: (0..frame.run_months).map(|month| vintage(frame, world, month)).collect(),
        cohorts: (0..frame.run_months).map(|month| cohort(world, month)).collect(),
        journal: world.journal.clone(),
        opening_balances_fen: opening.to_vec(),
        closing_balances_fen: balances(cells, last, fabric)?,
        tips_by_host_fen: world.tips_by_host_fen.clone(),
        minutes_by_host: world.minutes_by_host.clone(),
        segments: world.segments.as_ref().map_or_else(Vec::new, |counted| counted.totals().to_vec()),
        state_hash: state_hash(cells, last, fabric)?,
    })
}

fn vintage(frame: &Frame, world: &World, opened: u16) -> Vintage {
    let history = &world.history;
    let line = |table: &Vec<i64>| (opened..frame.run_months).map(|now| table[history.cell(opened, now)]).collect();
    Vintage {
        run_month: opened,
        opened: history.opened[usize::from(opened)],
        first_30_plus: line(&history.first_30_plus),
        writeoff_fen: line(&history.writeoff_fen),
        drawn_fen: line(&history.drawn_fen),
    }
}

fn cohort(world: &World, run_month: u16) -> Cohort {
    let c = world.history.cohort_fen[usize::from(run_month)];
    Cohort {
        run_month,
        dpd_1_fen: c[0],
        dpd_1_to_8_fen: c[1],
        dpd_1_to_31_fen: c[2],
        dpd_31_fen: c[3],
        dpd_31_to_61_fen: c[4],
        dpd_61_fen: c[5],
        dpd_61_to_91_fen: c[6],
        dpd_91_fen: c[7],
        dpd_91_to_writeoff_fen: c[8],
    }
}
