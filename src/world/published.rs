//! A day of a world that stands by itself: the board, owned, for a driver whose cells live on other threads.

use crate::agents::environment::{DayRates, Environment};
use crate::agents::host::HostTable;
use crate::base::ids::FUNDERS;
use crate::base::random::DayKey;
use crate::base::time::CalendarDay;
use crate::credit::Controls;
use crate::economy::MacroMonth;
use crate::economy::season::DayFactors;
use crate::world::board::{Board, EventFactors, Prepared};
use crate::world::worlds::Frame;
use std::sync::Arc;

/// What all cells read on a day. Nobody changes it; a new one comes at midnight.
#[derive(Clone, Debug)]
pub struct PublishedDay {
    /// What the worlds of a run share.
    pub frame: Arc<Frame>,
    /// The date.
    pub calendar: CalendarDay,
    pub(super) prepared: Arc<Prepared>,
    pub(super) economy: MacroMonth,
    pub(super) hosts: HostTable,
    pub(super) controls: Controls,
    pub(super) season: DayFactors,
    pub(super) events: EventFactors,
    pub(super) odds_ppm: i64,
    pub(super) holders_ppm: i64,
    pub(super) rates: DayRates,
    /// Room of each funder at midnight, for the whole world.
    pub(super) room_fen: [i64; FUNDERS],
}

impl PublishedDay {
    /// The board, borrowed.
    pub fn board(&self) -> Board<'_> {
        Board {
            calendar: &self.calendar,
            run: &self.frame.calendar,
            prepared: &self.prepared,
            economy: &self.economy,
            hosts: &self.hosts,
            merchants: &self.frame.merchants,
            controls: &self.controls,
            season: self.season,
            events: self.events,
            odds_ppm: self.odds_ppm,
            holders_ppm: self.holders_ppm,
            key: self.frame.key,
        }
    }

    /// The day as people see it.
    #[inline]
    pub fn environment(&self) -> Environment<'_> {
        self.board().environment_at(self.rates)
    }

    /// The key of one of the world's users on this day.
    #[inline]
    pub fn key_of(&self, user: u32) -> DayKey {
        self.board().key_of(user)
    }

    /// Controls of the day.
    pub fn controls(&self) -> &Controls {
        &self.controls
    }

    /// Quota of a cell of `cell_users` users.
    pub fn quota(&self, cell_users: usize) -> [i64; FUNDERS] {
        super::controls::quota(self.room_fen, [0; FUNDERS], cell_users, self.frame.users)
    }
}
