//! The measures by segment of users. Segments are traits that no policy changes (`agents::traits::segment`), so a difference of
//! two worlds in a segment is what happened to the same people.

use crate::agents::totals::SegmentTotals;
use crate::measure::measures::{Definition, Unit};
use crate::measure::sums::Sums;

/// Measures that are reported by segment, in the order of the tables.
pub(crate) const SEGMENT_MEASURES: [&str; 6] = [
    "application_approval_rate",
    "captured_yuan",
    "overdue_rate",
    "writeoff_rate_annual",
    "complaint_rate",
    "margin_yuan",
];

/// The key of a measure in a segment.
pub(crate) fn segment_key(measure: &str, segment: &str) -> String {
    format!("{measure}@{segment}")
}

fn of(sums: &Sums, segment: usize) -> (&SegmentTotals, i128) {
    (&sums.segments[segment], sums.worlds)
}

const fn pair(numerator: i64, denominator: i64) -> (i128, i128) {
    (numerator as i128, denominator as i128)
}

macro_rules! by_segment {
    ($($index:literal $segment:literal;)*) => {
        /// Every measure by segment: segment by segment, in the order of [`SEGMENT_MEASURES`].
        pub(crate) static SEGMENT_DEFINITIONS: &[Definition] = &[$(
            Definition {
                key: concat!("application_approval_rate@", $segment),
                unit: Unit::Share,
                says: "Of the segment's applications decided: approved.",
                sample: "approved / decided applications",
                scale: 1.0,
                of: |s| pair(of(s, $index).0.approved, of(s, $index).0.decided),
            },
            Definition {
                key: concat!("captured_yuan@", $segment),
                unit: Unit::Yuan,
                says: "The segment's purchases captured and cards bought over the counted months (mean over pooled worlds).",
                sample: "fen / worlds",
                scale: 0.01,
                of: |s| (of(s, $index).0.captured_fen.into(), of(s, $index).1),
            },
            Definition {
                key: concat!("overdue_rate@", $segment),
                unit: Unit::Share,
                says: "The segment's balance at DPD 1 or more of all its balance, on the months' last calendar days.",
                sample: "fen-months / fen-months",
                scale: 1.0,
                of: |s| pair(of(s, $index).0.overdue_fen, of(s, $index).0.balance_fen),
            },
            Definition {
                key: concat!("writeoff_rate_annual@", $segment),
                unit: Unit::Share,
                says: "The segment's principal written off in twelve months over its mean balance at month-ends.",
                sample: "fen written off / fen-months",
                scale: 12.0,
                of: |s| pair(of(s, $index).0.writeoff_fen, of(s, $index).0.balance_fen),
            },
            Definition {
                key: concat!("complaint_rate@", $segment),
                unit: Unit::PerMille,
                says: "The segment's complaints in a month over its accounts active at the month's end.",
                sample: "complaints / active account-months",
                scale: 1.0,
                of: |s| pair(of(s, $index).0.complaints, of(s, $index).0.active_accounts),
            },
            Definition {
                key: concat!("margin_yuan@", $segment),
                unit: Unit::Yuan,
                says: "What the segment brought over the counted months, cash basis: charges paid, commission, share of tips, recoveries; less rebates, applications, complaints, service, principal written off whoever lent it, and the price of money. Without the loss allowance, collectors and sales of claims, which are not booked by account (mean over pooled worlds).",
                sample: "fen / worlds",
                scale: 0.01,
                of: |s| (of(s, $index).0.margin_fen.into(), of(s, $index).1),
            },
        )*];
    };
}

by_segment! {
    0 "age_18_24";
    1 "age_25_34";
    2 "age_35_up";
    3 "risk_low";
    4 "risk_middle";
    5 "risk_high";
    6 "tipper";
    7 "no_tips";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::traits::segment::NAMES;

    #[test]
    fn every_segment_has_every_measure_in_order() {
        let keys: Vec<&str> = SEGMENT_DEFINITIONS.iter().map(|d| d.key).collect();
        let expected: Vec<String> =
            NAMES.iter().flat_map(|segment| SEGMENT_MEASURES.iter().map(|m| segment_key(m, segment))).collect();
        assert_eq!(keys, expected);
    }

    #[test]
    fn a_measure_of_a_segment_is_made_of_its_own_counters() {
        let mut sums = Sums { worlds: 2, ..Sums::default() };
        sums.segments[5] = SegmentTotals {
            approved: 3,
            decided: 4,
            captured_fen: 700,
            balance_fen: 2_400,
            overdue_fen: 600,
            writeoff_fen: 20,
            complaints: 1,
            active_accounts: 8,
            margin_fen: -90,
        };
        let value = |key: &str| {
            let d = SEGMENT_DEFINITIONS.iter().find(|d| d.key == key).expect("a measure");
            let (numerator, denominator) = d.sums(&sums);
            d.value(numerator, denominator)
        };
        let values = SEGMENT_MEASURES.map(|measure| value(&segment_key(measure, "risk_high")));
        assert_eq!(values, [0.75, 3.5, 0.25, 0.1, 0.125, -0.45].map(Some));
        assert_eq!(value("overdue_rate@risk_low"), None, "nobody there");
    }
}
