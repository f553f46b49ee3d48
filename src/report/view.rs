//! A run as the report looks at it: the record, its measures and which world is compared with which. Charts, tables and sentences of a
//! plain run read this and nothing of the engine; load runs, suites and products have views of their own.

use super::numbers::{grouped, month_name};
use super::palette::series;
use super::plot::{Key, Line, Mark};
use crate::base::time::Day;
use crate::measure::{Measures, MonthObservations, WorldObservations, measures};
use crate::results::RunRecord;

/// A run with what is derived from it once.
pub(super) struct View<'a> {
    /// What was read.
    pub record: &'a RunRecord,
    /// Measures by world.
    pub measures: Vec<Measures>,
    /// Names the clock, the size and the seed under every chart's title.
    pub subtitle: String,
}

/// The month in which a series is highest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Peak {
    /// Its index in the series.
    pub index: usize,
    /// First day of the month.
    pub month: Day,
    /// The value.
    pub value: f64,
}

impl<'a> View<'a> {
    /// A view of a record.
    pub(super) fn new(record: &'a RunRecord) -> View<'a> {
        let p = &record.provenance;
        let replication = if p.replication == 0 { String::new() } else { format!(" · replication {}", p.replication) };
        View {
            record,
            measures: record.worlds.iter().map(measures).collect(),
            subtitle: format!(
                "virtual clock · {} users · seed {}{replication} · {} months from {}",
                grouped(p.users.into()),
                p.seed,
                p.months,
                month_name(p.start)
            ),
        }
    }

    /// The worlds.
    pub(super) fn worlds(&self) -> &[WorldObservations] {
        &self.record.worlds
    }

    /// The world that is compared with the first one: the one with the highest peak of unemployment among the others.
    pub(super) fn compared(&self) -> Option<usize> {
        let peak = |i: &usize| self.worlds()[*i].months.iter().map(|m| m.unemployment_ppm).max();
        (1..self.worlds().len()).rev().max_by_key(peak)
    }

    /// First days of the counted months.
    pub(super) fn months(&self) -> Vec<Day> {
        self.worlds().first().map(|w| w.months.iter().map(|m| m.first_day).collect()).unwrap_or_default()
    }

    /// One legend entry a world.
    pub(super) fn world_keys(&self, mark: Mark) -> Vec<Key> {
        let key = |(i, w): (usize, &WorldObservations)| Key::new(w.name.as_str(), series(i), mark);
        Key::numbered(self.worlds().iter().enumerate().map(key).collect())
    }

    /// A value of a world by month, with the month's index as x.
    pub(super) fn series(&self, world: usize, of: impl Fn(&MonthObservations) -> Option<f64>) -> Line {
        self.worlds()[world].months.iter().enumerate().map(|(i, m)| (i as f64, of(m))).collect()
    }

    /// That line of every world with the world's key.
    pub(super) fn lines<'k>(
        &self,
        keys: &'k [Key],
        of: impl Fn(&MonthObservations) -> Option<f64>,
    ) -> Vec<(Line, &'k Key)> {
        keys.iter().enumerate().map(|(world, key)| (self.series(world, &of), key)).collect()
    }

    /// The highest value over all worlds and months, at least `least`.
    pub(super) fn highest(&self, least: f64, of: impl Fn(&MonthObservations) -> Option<f64>) -> f64 {
        self.worlds().iter().flat_map(|w| &w.months).filter_map(of).fold(least, f64::max)
    }
}

/// The highest month of a series.
pub(super) fn peak(world: &WorldObservations, of: impl Fn(&MonthObservations) -> Option<f64>) -> Option<Peak> {
    let values = world
        .months
        .iter()
        .enumerate()
        .filter_map(|(index, m)| of(m).map(|value| Peak { index, month: m.first_day, value }));
    values.fold(None, |best: Option<Peak>, p| if best.is_none_or(|b| p.value > b.value) { Some(p) } else { best })
}

/// True when a series has two values that differ: one that stands still has no peak to speak of.
pub(super) fn moves(world: &WorldObservations, of: impl Fn(&MonthObservations) -> Option<f64>) -> bool {
    let mut values = world.months.iter().filter_map(of);
    values.next().is_some_and(|first| values.any(|value| value != first))
}

/// Unemployment of a month as a ratio.
pub(super) fn unemployment(month: &MonthObservations) -> Option<f64> {
    Some(f64::from(month.unemployment_ppm) / 1e6)
}

/// `in 2028-04`, for sentences.
pub(super) fn in_month(peak: &Peak) -> String {
    format!("in {}", month_name(peak.month))
}
