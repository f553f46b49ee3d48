//! The state of a run between two days, handed to whoever keeps it, and the run that goes on from such a state.
//!
//! Cells are handed out one at a time, by whichever process has them, so that nothing is in memory twice. Any number of processes may
//! go on from what any other number has written. This module knows bytes, not files.
//!
//! ```text
//! front   u32 days done, counted (0 or 1), worlds · if counted: i64 opening balances · for each world: u64 length, its state
//! ```

use crate::base::bytes::Reader;
use crate::credit::chart::ACCOUNTS;
use crate::population;
use crate::runtime::{into_inner, lock};
use crate::scenario::Scenario;
use crate::sim::exchange::Moment;
use crate::sim::options::Stopped;
use crate::sim::states::{Checkpoints, PartRange, RunState};
use crate::sim::superstep::{Cells, Run};
use crate::world::{Cell, World};
use std::sync::Mutex;
use zerocopy::IntoBytes;

/// A run as it was kept.
pub(super) struct Restored {
    pub(super) days_done: usize,
    /// Opening balances, when the worlds of the scenario have begun.
    pub(super) opening_fen: Option<Vec<i64>>,
    pub(super) worlds: Vec<World>,
    pub(super) cells: Vec<Cells>,
}

impl Run<'_> {
    /// Has the state after the days that are done kept. Its bytes, if it was.
    pub(super) fn keep(
        &self,
        store: &dyn Checkpoints,
        worlds: &[World],
        cells: &[Cells],
    ) -> Result<Option<u64>, Stopped> {
        let mut front = Vec::new();
        let words = [self.days_done as u32, u32::from(self.opening_fen.is_some()), worlds.len() as u32];
        front.extend_from_slice(words.as_bytes());
        self.opening_fen.iter().for_each(|opening| front.extend_from_slice(opening.as_bytes()));
        for world in worlds {
            let mut state = Vec::new();
            world.write_state(&mut state);
            front.extend_from_slice(&(state.len() as u64).to_le_bytes());
            front.extend_from_slice(&state);
        }
        let first = self.first_cell;
        let image = |world: usize, cell: usize, into: &mut Vec<u8>| {
            lock(&cells[world][cell - first]).write_snapshot(&mut |piece| into.extend_from_slice(piece));
        };
        let state = RunState {
            days_done: self.days_done,
            day: self.frame.last_of(self.days_done),
            front: &front,
            worlds: worlds.len(),
            own: first..first + cells[0].len(),
            cells: self.frame.users.div_ceil(self.frame.cell_users.max(1)) as usize,
            image: &image,
        };
        store.keep(&state, self.fabric)
    }

    /// The newest state that every process can read; `None` when there is none, or none is left and the run may begin anew.
    pub(super) fn restore(
        &mut self,
        scenario: &Scenario,
        store: &dyn Checkpoints,
    ) -> Result<Option<Restored>, Stopped> {
        let own = store.kept();
        for state in self.seen_by_all(store, &own)? {
            let read = self.read(scenario, store, state);
            let moment = Moment("the reading of the state after", self.frame.last_of(own[state]));
            let all = self.fabric.exchange(&moment, vec![u8::from(read.is_ok())])?;
            match read {
                Ok(restored) if all.iter().all(|ok| ok == &[1]) => {
                    store.tried(state, None);
                    self.capital_paid = restored.days_done > 0;
                    self.days_done = restored.days_done;
                    self.kept_at = restored.days_done;
                    self.opening_fen.clone_from(&restored.opening_fen);
                    return Ok(Some(restored));
                }
                Ok(_) => store.tried(state, Some("another process could not read it")),
                Err(why) => store.tried(state, Some(&why)),
            }
        }
        if own.is_empty() || store.begins_anew() {
            return Ok(None);
        }
        Err(Stopped::NoState)
    }

    /// Numbers of the states that every process sees, the last first; `own` are those of this one.
    fn seen_by_all(&self, store: &dyn Checkpoints, own: &[usize]) -> Result<Vec<usize>, Stopped> {
        let word = |days_done: &usize| (*days_done as u32).to_le_bytes();
        let said: Vec<u8> = own.iter().flat_map(word).collect();
        let all = self.fabric.exchange(&"the list of states, before the first day", said)?;
        let mut common = Vec::new();
        for (state, days_done) in own.iter().enumerate() {
            let lacks = |theirs: &Vec<u8>| theirs.chunks_exact(4).all(|one| one != word(days_done));
            match all.iter().position(lacks) {
                None => common.push(state),
                Some(member) => store.tried(state, Some(&format!("member {member} does not see it"))),
            }
        }
        if common.is_empty() && all.iter().any(|theirs| !theirs.is_empty()) && !store.begins_anew() {
            return Err(Stopped::OtherStates(self.other_states(&all)));
        }
        Ok(common)
    }

    /// Which states each process sees, in words.
    fn other_states(&self, all: &[Vec<u8>]) -> String {
        let day = |word: &[u8]| {
            let days_done = u32::from_le_bytes(std::array::from_fn(|i| word[i]));
            self.frame.last_of(days_done as usize).to_string()
        };
        let of = |(member, theirs): (usize, &Vec<u8>)| {
            let days: Vec<String> = theirs.chunks_exact(4).map(day).collect();
            let days = if days.is_empty() { "none".to_string() } else { format!("that after {}", days.join(", ")) };
            format!("member {member} {days}")
        };
        let each: Vec<String> = all.iter().enumerate().map(of).collect();
        format!(
            "members see other checkpoints before the first day, {}: those of a run have to lie on a file system that all members share",
            each.join(", ")
        )
    }

    fn read(&mut self, scenario: &Scenario, store: &dyn Checkpoints, state: usize) -> Result<Restored, String> {
        let bytes = store.front(state)?;
        let mut front = Reader::new(&bytes);
        let short = || "its worlds are cut".to_string();
        let [days_done, counted, count] = front.value::<[u32; 3]>().ok_or_else(short)?;
        let opening_fen = if counted == 1 { Some(front.rows(ACCOUNTS).ok_or_else(short)?) } else { None };
        let warm = World::warm_up(scenario, &self.frame);
        let mut worlds = match counted {
            1 => scenario.worlds.iter().map(|spec| warm.fork(spec)).collect(),
            _ => vec![warm],
        };
        if worlds.len() != count as usize || days_done as usize > self.frame.calendar.days().len() {
            return Err("it has other worlds or more days than the scenario".to_string());
        }
        for world in &mut worlds {
            let state = front.sized().ok_or_else(short)?;
            world.read_state(state).map_err(|error| error.to_string())?;
        }
        let cells = self.read_cells(scenario, worlds.len(), store, state)?;
        Ok(Restored { days_done: days_done as usize, opening_fen, worlds, cells })
    }

    /// The cells of this process, of every world.
    fn read_cells(
        &mut self,
        scenario: &Scenario,
        worlds: usize,
        store: &dyn Checkpoints,
        state: usize,
    ) -> Result<Vec<Cells>, String> {
        let own = self.fabric.member().range(population::cell_count(scenario) as usize);
        self.first_cell = own.start;
        let slots: Vec<Vec<Mutex<Option<Cell>>>> =
            (0..worlds).map(|_| own.clone().map(|_| Mutex::new(None)).collect()).collect();
        let overlaps = |part: &PartRange| part.cells.start < own.end && own.start < part.cells.end;
        let parts: Vec<(usize, PartRange)> =
            store.parts(state).into_iter().enumerate().filter(|(_, part)| overlaps(part)).collect();
        let problem: Mutex<Option<String>> = Mutex::new(None);
        self.fabric.superstep(parts.len(), &|_, job| {
            let (number, PartRange { world, .. }) = &parts[job];
            let read = store.read_part(state, *number, &mut |cell, image| {
                if !own.contains(&cell) {
                    return Ok(());
                }
                let read = Cell::read_snapshot(image).map_err(|error| format!("cell {cell}: {error}"))?;
                let first_user = cell as u32 * self.frame.cell_users;
                let users = self.frame.cell_users.min(self.frame.users.saturating_sub(first_user));
                if (read.first_user(), read.len()) != (first_user, users as usize) {
                    return Err(format!("cell {cell} holds other users than the scenario's"));
                }
                if read.engines().lenders() != usize::from(self.frame.lenders) {
                    return Err(format!("cell {cell} holds accounts with other lenders than the scenario's"));
                }
                let slot = slots.get(*world).ok_or_else(|| format!("no world {world}"))?;
                *lock(&slot[cell - own.start]) = Some(read);
                Ok(())
            });
            if let Err(why) = read {
                lock(&problem).get_or_insert(why);
            }
        });
        if let Some(why) = into_inner(problem) {
            return Err(why);
        }
        let whole = |slots: Vec<Mutex<Option<Cell>>>| -> Option<Cells> {
            slots.into_iter().map(|slot| into_inner(slot).map(Mutex::new)).collect()
        };
        slots.into_iter().map(whole).collect::<Option<_>>().ok_or_else(|| "cells are missing".to_string())
    }
}

#[cfg(test)]
mod tests;
