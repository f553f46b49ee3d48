//! The plain types of `measure::latency` as `summary.json` holds them. The macro writes both directions, so a field that is
//! added there and forgotten here does not compile.

use crate::base::time::{Day, SimTime};
use crate::measure::latency::{
    CloseRecord, CreditOutcome, LostBusiness, Mark, ObjectiveOutcome, Observed, OperationCounts, Standing, ThreadUse,
};
use crate::results::table::parse_day;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

macro_rules! mirror {
    ($(#[$about:meta])* $file:ident of $plain:ident { $($(#[$how:meta])* $field:ident: $kind:ty,)* }) => {
        $(#[$about])*
        #[derive(Serialize, Deserialize)]
        pub(crate) struct $file { $($(#[$how])* $field: $kind,)* }

        impl From<&$plain> for $file {
            fn from(plain: &$plain) -> $file {
                let $plain { $($field,)* } = plain.clone();
                $file { $($field,)* }
            }
        }

        impl From<$file> for $plain {
            fn from(file: $file) -> $plain {
                $plain { $($field: file.$field,)* }
            }
        }
    };
}

mirror! {
    /// Counts of one operation.
    CountsFile of OperationCounts {
        offered: u64, sent: u64, admitted: u64, approved: u64, declined: u64, shed: u64, late: u64, unavailable: u64,
        abandoned: u64, retried: u64, unsent: u64,
    }
}

mirror! {
    /// A mark.
    MarkFile of Mark { at_ms: u64, for_ms: u64, what: String, }
}

mirror! {
    /// A close of day.
    CloseFile of CloseRecord {
        #[serde(with = "day")] day: Day,
        at_ms: u64, total_ns: u64, longest_slice_ns: u64, slices: u64, approved: i64, decided: i64,
    }
}

mirror! {
    /// CPU of a thread.
    ThreadFile of ThreadUse { name: String, cpu_seconds: f64, idle_spin_share: f64, }
}

mirror! {
    /// Lost business.
    LostFile of LostBusiness {
        drawings: u64, amount_fen: i64, approvals: Option<f64>, margin_fen: Option<f64>, margin_fen_per_ms: Option<f64>,
    }
}

mirror! {
    /// Credit under both clocks.
    CreditFile of CreditOutcome {
        accounts: i64, principal_fen: i64, overdue_30_share: Option<f64>, virtual_approval_rate: Option<f64>,
        wall_approval_rate: Option<f64>, end_principal_fen: i64, end_overdue_30_share: Option<f64>,
    }
}

/// An objective.
#[derive(Serialize, Deserialize)]
pub(super) struct ObjectiveFile {
    text: String,
    standing: String,
    observed: Option<f64>,
    samples: u64,
    bound: f64,
    unit: String,
    windows_judged: u64,
    windows_broken: u64,
    windows_not_known: u64,
    first_broken_at_ms: Option<u64>,
}

impl From<&ObjectiveOutcome> for ObjectiveFile {
    fn from(o: &ObjectiveOutcome) -> ObjectiveFile {
        ObjectiveFile {
            text: o.text.clone(),
            standing: o.standing.name().to_string(),
            observed: o.observed.value,
            samples: o.observed.samples,
            bound: o.bound,
            unit: o.unit.to_string(),
            windows_judged: o.judged,
            windows_broken: o.broken,
            windows_not_known: o.unknown,
            first_broken_at_ms: o.first_broken_at_ms,
        }
    }
}

impl ObjectiveFile {
    /// Back to the plain type; `Err` says what is wrong.
    pub(super) fn into_plain(self) -> Result<ObjectiveOutcome, String> {
        let standings = [Standing::Holds, Standing::Broken, Standing::NotKnown];
        let standing = standings.into_iter().find(|s| s.name() == self.standing);
        let unit = ["ns", "share", "per second"].into_iter().find(|u| *u == self.unit);
        Ok(ObjectiveOutcome {
            standing: standing.ok_or_else(|| format!("standing `{}` is unknown", self.standing))?,
            unit: unit.ok_or_else(|| format!("unit `{}` is unknown", self.unit))?,
            text: self.text,
            observed: Observed { value: self.observed, samples: self.samples },
            bound: self.bound,
            judged: self.windows_judged,
            broken: self.windows_broken,
            unknown: self.windows_not_known,
            first_broken_at_ms: self.first_broken_at_ms,
        })
    }
}

/// `2026-11-11T20:00:00` as a moment.
pub(super) fn parse_moment(text: &str) -> Option<SimTime> {
    let (date, time) = text.split_once('T')?;
    let mut parts = time.splitn(3, ':').map(|part| part.parse::<u32>().ok());
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next()??);
    (hour < 24 && minute < 60 && second < 60).then_some(())?;
    Some(SimTime::at(parse_day(date)?, hour * 3_600 + minute * 60 + second))
}

/// Days as text.
mod day {
    use super::*;

    pub(super) fn serialize<S: Serializer>(day: &Day, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(day)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Day, D::Error> {
        let text = String::deserialize(deserializer)?;
        parse_day(&text).ok_or_else(|| D::Error::custom(format!("`{text}` is not a date")))
    }
}

/// Moments as text.
pub(super) mod moment {
    use super::*;

    /// Writes one.
    pub(crate) fn serialize<S: Serializer>(moment: &SimTime, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(moment)
    }

    /// Reads one.
    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SimTime, D::Error> {
        let text = String::deserialize(deserializer)?;
        parse_moment(&text).ok_or_else(|| D::Error::custom(format!("`{text}` is not a moment")))
    }
}
