//! The context of a day: everything that a world's users and cells receive of it at midnight. Nobody changes it while the day
//! lasts. It stands by itself, so that cells and users may read it on any thread.

use crate::agents::environment::{DayRates, Environment};
use crate::agents::host::HostTable;
use crate::base::ids::FUNDERS;
use crate::base::random::DayKey;
use crate::base::time::CalendarDay;
use crate::credit::terms::Terms;
use crate::credit::{Controls, Today};
use crate::economy::MacroMonth;
use crate::world::frame::Frame;
use crate::world::prepared::Prepared;
use crate::world::protocol;
use std::sync::Arc;

/// What all cells and users of a world read on a day.
#[derive(Clone, Debug)]
pub struct DayContext {
    /// The date.
    pub calendar: CalendarDay,
    /// Controls of the day.
    pub controls: Controls,
    pub(super) economy: MacroMonth,
    pub(super) rates: DayRates,
    /// Room of each funder at midnight, for the whole world.
    pub(super) room_fen: [i64; FUNDERS],
    pub(super) frame: Arc<Frame>,
    pub(super) prepared: Arc<Prepared>,
    pub(super) hosts: Arc<HostTable>,
}

impl DayContext {
    /// The day as the engine sees it.
    #[inline]
    pub fn today(&self) -> Today<'_> {
        self.prepared.today(&self.frame, &self.calendar, &self.controls)
    }

    /// The day as people see it.
    #[inline]
    pub fn environment(&self) -> Environment<'_> {
        Environment {
            calendar: &self.calendar,
            levers: &self.prepared.rules.levers,
            draws: &self.prepared.draws,
            economy: &self.economy,
            hosts: &self.hosts,
            merchants: &self.frame.merchants,
            rates: self.rates,
        }
    }

    /// The key of one of the world's users on this day.
    #[inline]
    pub fn key_of(&self, user: u32) -> DayKey {
        self.frame.key.user(user).day(self.calendar.day.0)
    }

    /// Terms in force.
    pub fn terms(&self) -> &Terms {
        &self.prepared.rules.terms
    }

    /// Quota of a cell of `cell_users` users.
    pub fn quota(&self, cell_users: usize) -> [i64; FUNDERS] {
        protocol::quota(self.room_fen, cell_users, self.frame.users)
    }
}
