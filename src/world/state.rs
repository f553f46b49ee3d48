//! The moving part of a world as bytes, for checkpoints and to compare replicas, and the world of such bytes. What stands still
//! (economy, rules, events, appetite) comes from the scenario again: a world is read into one that was made of the same scenario.
//!
//! ```text
//! u32   version
//! hosts · partners · yesterday: folded cells, minutes and tips by host · controls · coverage · the running month     (the present)
//! months · journal by day · tips and minutes by host · history · segments                                            (the past)
//! ```
//!
//! Counters are `repr(C)` structs of integers and go as their bytes; every struct is taken apart field by field, so that a new
//! field does not compile until it has its place here.

use crate::agents::host::HostTable;
use crate::agents::orders::OrderRow;
use crate::agents::partner::PartnerState;
use crate::agents::totals::{AgentFlows, AgentStocks, SegmentTotals};
use crate::agents::traits::{UserRow, segment::SEGMENTS};
use crate::base::bytes::Reader;
use crate::base::time::Day;
use crate::credit::chart::POSTINGS;
use crate::credit::totals::{CreditFlows, CreditStocks, RiskStocks};
use crate::credit::{CONTROLS_BYTES, Controls, layout};
use crate::measure::MonthObservations;
use crate::world::segments::Segments;
use crate::world::totals::CellDay;
use crate::world::worlds::World;
use std::sync::Arc;
use zerocopy::{FromZeros, IntoBytes};

/// Goes up when the meaning of what is written here changes, or of a row of the people or of a counter.
const VERSION: u32 = 2;

/// Bytes that are no state of the world that they are read into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum StateError {
    /// Written by another version of the program.
    #[error("version {found} of a world's state; this program reads version {VERSION}")]
    Version {
        /// As stated.
        found: u32,
    },
    /// They do not have the parts of this world.
    #[error("a world's state does not have the parts of the world that it is read into")]
    Parts,
}

/// Names the layout of all that cells and worlds write: every row with its fields, every counter with its name, and the versions.
/// Sixteen digits; what was written under another name cannot be read.
pub(crate) fn row_version() -> String {
    blake3::hash(layout_text().as_bytes()).to_hex()[..16].to_string()
}

fn layout_text() -> String {
    let rows = format!(
        "{} {:?} {} {:?}",
        size_of::<UserRow>(),
        UserRow::new_zeroed(),
        size_of::<OrderRow>(),
        OrderRow::new_zeroed()
    );
    let counters = [
        CreditFlows::FIELDS,
        CreditStocks::FIELDS,
        RiskStocks::FIELDS,
        AgentFlows::FIELDS,
        AgentStocks::FIELDS,
        SegmentTotals::FIELDS,
    ];
    format!("world {VERSION} {POSTINGS} {SEGMENTS} {rows} {counters:?} {}", layout())
}

impl World {
    /// Writes everything that moves.
    pub(crate) fn write_state(&self, into: &mut Vec<u8>) {
        into.extend_from_slice(VERSION.as_bytes());
        self.write_present(into);
        self.write_past(into);
    }

    /// Writes what changes every day. The rest of the state is sums and lists of it.
    pub(crate) fn write_present(&self, into: &mut Vec<u8>) {
        self.hosts.write_state(into);
        into.extend(self.partners.map(|state| state as u8));
        write_cell_day(&self.last_day, into);
        write_numbers(&self.minutes_yesterday, into);
        write_numbers(&self.tips_yesterday, into);
        self.controls.write(into);
        into.extend_from_slice(self.coverage_by_scenario_ppm.as_bytes());
        write_month(&self.running, into);
    }

    fn write_past(&self, into: &mut Vec<u8>) {
        // Every field is here, in the present, or comes from the scenario.
        let World {
            name: _,
            economy: _,
            rules: _,
            events: _,
            appetite: _,
            base_unemployment_ppm: _,
            hosts: _,
            partners: _,
            last_day: _,
            minutes_yesterday: _,
            tips_yesterday: _,
            controls: _,
            coverage_by_scenario_ppm: _,
            running: _,
            months,
            journal,
            tips_by_host_fen,
            minutes_by_host,
            history,
            segments,
        } = self;
        into.extend_from_slice(&(months.len() as u32).to_le_bytes());
        months.iter().for_each(|month| write_month(month, into));
        into.extend_from_slice(&(journal.len() as u32).to_le_bytes());
        for (day, posted_fen) in journal {
            into.extend_from_slice(&u64::from(day.0).to_le_bytes());
            into.extend_from_slice(posted_fen.as_bytes());
        }
        write_numbers(tips_by_host_fen, into);
        write_numbers(minutes_by_host, into);
        history.write(into);
        into.push(u8::from(segments.is_some()));
        segments.iter().flat_map(|segments| segments.totals()).for_each(|one| into.extend_from_slice(one.as_bytes()));
    }

    /// Takes over what [`World::write_state`] has written of a world of the same scenario.
    ///
    /// # Errors
    /// [`StateError`] when the bytes are none; the world is of no use then.
    pub(crate) fn read_state(&mut self, bytes: &[u8]) -> Result<(), StateError> {
        let mut reader = Reader::new(bytes);
        let found = reader.value().ok_or(StateError::Parts)?;
        if found != VERSION {
            return Err(StateError::Version { found });
        }
        let read = self.read_present(&mut reader).and_then(|()| self.read_past(&mut reader));
        read.filter(|()| reader.rest().is_empty()).ok_or(StateError::Parts)
    }

    fn read_present(&mut self, reader: &mut Reader<'_>) -> Option<()> {
        Arc::make_mut(&mut self.hosts).read_state(reader)?;
        for state in &mut self.partners {
            *state = match reader.value::<u8>()? {
                0 => PartnerState::Lending,
                1 => PartnerState::Stopped,
                _ => return None,
            };
        }
        self.last_day = read_cell_day(reader)?;
        self.minutes_yesterday = read_by_host(reader, &self.hosts)?;
        self.tips_yesterday = read_by_host(reader, &self.hosts)?;
        self.controls = Controls::read(&reader.value::<[u8; CONTROLS_BYTES]>()?)?;
        self.coverage_by_scenario_ppm = reader.value()?;
        self.running = read_month(reader)?;
        Some(())
    }

    fn read_past(&mut self, reader: &mut Reader<'_>) -> Option<()> {
        let months = reader.value::<u32>()?;
        self.months = (0..months).map(|_| read_month(reader)).collect::<Option<_>>()?;
        let days = reader.value::<u32>()?;
        let day = |reader: &mut Reader<'_>| {
            let day = u16::try_from(reader.value::<u64>()?).ok().map(Day)?;
            Some((day, reader.rows(POSTINGS)?))
        };
        self.journal = (0..days).map(|_| day(reader)).collect::<Option<_>>()?;
        self.tips_by_host_fen = read_by_host(reader, &self.hosts)?;
        self.minutes_by_host = read_by_host(reader, &self.hosts)?;
        self.history.read(reader)?;
        self.segments = match reader.value::<u8>()? {
            0 => None,
            1 => {
                let counted: Vec<SegmentTotals> = reader.rows(SEGMENTS)?;
                Some(Box::new(Segments::of(counted.try_into().ok()?)))
            }
            _ => return None,
        };
        Some(())
    }
}

fn write_numbers(numbers: &[i64], into: &mut Vec<u8>) {
    into.extend_from_slice(&(numbers.len() as u32).to_le_bytes());
    into.extend_from_slice(numbers.as_bytes());
}

/// Numbers by host; before the first day there are none.
fn read_by_host(reader: &mut Reader<'_>, hosts: &HostTable) -> Option<Vec<i64>> {
    let count = reader.value::<u32>()? as usize;
    (count == 0 || count == hosts.count()).then(|| reader.rows(count))?
}

fn write_cell_day(day: &CellDay, into: &mut Vec<u8>) {
    let CellDay { committed_fen, principal_fen, overdue_30_fen, holders } = day;
    into.extend_from_slice(committed_fen.as_bytes());
    into.extend_from_slice([*principal_fen, *overdue_30_fen, *holders].as_bytes());
}

fn read_cell_day(reader: &mut Reader<'_>) -> Option<CellDay> {
    let committed_fen = reader.value()?;
    let [principal_fen, overdue_30_fen, holders] = reader.value()?;
    Some(CellDay { committed_fen, principal_fen, overdue_30_fen, holders })
}

fn write_month(month: &MonthObservations, into: &mut Vec<u8>) {
    let MonthObservations {
        first_day,
        days,
        flows,
        stocks,
        people,
        people_end,
        risk,
        balance_days_fen,
        unemployment_ppm,
        income_index_ppm,
        appetite_ppm,
    } = month;
    into.extend_from_slice([first_day.0, *days].as_bytes());
    into.extend_from_slice([*unemployment_ppm, *income_index_ppm, *appetite_ppm].as_bytes());
    into.extend_from_slice(balance_days_fen.as_bytes());
    let counted = [flows.as_bytes(), stocks.as_bytes(), people.as_bytes(), people_end.as_bytes(), risk.as_bytes()];
    counted.into_iter().for_each(|bytes| into.extend_from_slice(bytes));
}

fn read_month(reader: &mut Reader<'_>) -> Option<MonthObservations> {
    let [first_day, days] = reader.value()?;
    let [unemployment_ppm, income_index_ppm, appetite_ppm] = reader.value()?;
    Some(MonthObservations {
        first_day: Day(first_day),
        days,
        unemployment_ppm,
        income_index_ppm,
        appetite_ppm,
        balance_days_fen: reader.value()?,
        flows: reader.value()?,
        stocks: reader.value()?,
        people: reader.value()?,
        people_end: reader.value()?,
        risk: reader.value()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::Threads;
    use crate::scenario::Scenario;
    use crate::sim::options::{Options, Silent};
    use crate::sim::{HandOver, hand_over};
    use crate::testing::fixture;
    use crate::world::{Cell, Frame};
    use std::sync::atomic::AtomicBool;

    /// A world in its second counted month, everything of which has moved.
    fn lived() -> (Scenario, HandOver) {
        let mut scenario = fixture::scenario(300);
        (scenario.warmup_months, scenario.months, scenario.cell_users) = (1, 3, 100);
        scenario.warmup_economy.months.truncate(1);
        let until = Frame::new(&scenario).calendar.months(2, 3)[17].day;
        let cancel = AtomicBool::new(false);
        let options = Options { progress: &Silent, cancel: &cancel, auditor: None };
        let name = scenario.worlds[0].name.clone();
        let from = hand_over(&scenario, &name, until, &Threads::new(2), &options, None).expect("not interrupted");
        (scenario, from)
    }

    fn state(world: &World) -> Vec<u8> {
        let mut bytes = Vec::new();
        world.write_state(&mut bytes);
        bytes
    }

    fn image(cell: &Cell) -> Vec<u8> {
        let mut bytes = Vec::new();
        cell.write_snapshot(&mut |piece| bytes.extend_from_slice(piece));
        bytes
    }

    #[test]
    fn a_world_and_its_cells_come_back_whole_and_nothing_else_is_taken_for_them() {
        let (scenario, mut from) = lived();
        from.world.segments = Some(Box::default());
        let fresh = || World::warm_up(&scenario, &from.frame).fork(&scenario.worlds[0]);
        let bytes = state(&from.world);
        let mut again = fresh();
        assert_ne!(state(&again), bytes);
        again.read_state(&bytes).expect("a state");
        assert_eq!(state(&again), bytes);
        // The next midnight shows what no byte does: whether that is all that it goes on from.
        for world in [&mut from.world, &mut again] {
            world.midnight(&from.frame, &from.next);
        }
        assert_eq!(format!("{again:?}"), format!("{:?}", from.world));
        for cut in (0..bytes.len()).step_by(61) {
            assert_eq!(fresh().read_state(&bytes[..cut]), Err(StateError::Parts), "{cut} bytes");
        }
        assert_eq!(fresh().read_state(&[&bytes[..], &[0]].concat()), Err(StateError::Parts));
        let other = [&[9, 0, 0, 0], &bytes[4..]].concat();
        assert_eq!(fresh().read_state(&other), Err(StateError::Version { found: 9 }));
        let mut hosts = scenario.clone();
        hosts.hosts.count += 1;
        assert_eq!(World::warm_up(&hosts, &from.frame).read_state(&bytes), Err(StateError::Parts), "of other hosts");

        for cell in &from.cells {
            let bytes = image(cell);
            let again = Cell::read_snapshot(&bytes).expect("a cell");
            assert_eq!(format!("{again:?}"), format!("{cell:?}"));
            assert_eq!(image(&again), bytes);
            for cut in (0..bytes.len()).step_by(997) {
                assert!(Cell::read_snapshot(&bytes[..cut]).is_err(), "{cut} bytes");
            }
        }
    }

    #[test]
    fn a_history_moves_to_a_run_of_other_months_unless_it_would_lose_some() {
        let (scenario, from) = lived();
        let bytes = state(&from.world);
        let with_months = |months: u16| {
            let mut other = scenario.clone();
            other.months = months;
            let mut world = World::warm_up(&other, &Frame::new(&other));
            world.read_state(&bytes).map(|()| world)
        };
        let (longer, own) = (with_months(9).expect("more months"), &from.world.history);
        let at = |history: &crate::credit::totals::History| history.drawn_fen[history.cell(1, 2)];
        assert_eq!(at(&longer.history), at(own));
        assert!(at(own) > 0 && longer.history.opened[..3] == own.opened[..3]);
        assert_eq!(with_months(2).map(|world| world.months.len()), Ok(1), "the third month has not begun");
        assert!(with_months(1).is_err(), "the second has");
    }

    #[test]
    fn rows_are_known_by_their_fields() {
        for field in ["target_savings_fen", "first_order", "first_loan", "posted_fen", "accounts_by_tier"] {
            assert!(layout_text().contains(field), "{field}");
        }
        assert_eq!(row_version().len(), 16);
    }
}
