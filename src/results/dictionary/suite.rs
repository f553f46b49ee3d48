//! Columns of a stress suite and of a coverage experiment.

use super::entry::File;
use crate::measure::kept_definitions;
use crate::measure::words::SEGMENTS;
use crate::results::manifest::Kind;

const PATH: (&str, &str, &str) = ("path", "name", "Path of the economy.");
const POLICY: (&str, &str, &str) = ("policy", "name", "Policy; the first one is what others are compared with.");
const MEASURE: (&str, &str, &str) = ("measure", "name", "Measure (`yuefu list measures` has its unit and definition).");
const REPLICATIONS: (&str, &str, &str) = ("replications", "number", "Replications with a value.");
const LOW: (&str, &str, &str) = ("low_95", "as the value", "Lower end of the 95 % interval.");
const HIGH: (&str, &str, &str) = ("high_95", "as the value", "Upper end of the 95 % interval.");

/// What tells a world of a suite from the others.
const WORLD: [(&str, &str, &str); 6] = [
    (
        "part",
        "name",
        "`suite`, `luck` (further lucks at the same shocks), or the reverse stress, attribution or assumption it is of.",
    ),
    PATH,
    POLICY,
    ("luck", "number", "Number of the luck: who the people are and what happens to each."),
    ("shock", "number", "Number of the common shocks."),
    ("depth_milli", "thousandths", "Depth k of a reverse stress; 1,000 elsewhere."),
];

/// Differences by pairs of replications.
const PAIRED: [(&str, &str, &str); 9] = [
    ("replications", "number", "Pairs."),
    ("first_policy", "as the measure", "Mean under the first policy."),
    (
        "difference",
        "as the measure",
        "Mean of the policy less the first one; a ratio's difference is plain (0.01 is one percentage point).",
    ),
    LOW,
    HIGH,
    (
        "unpaired_half_width",
        "as the measure",
        "Half the width of the 95 % interval of unpaired samples of the same size (Welch).",
    ),
    ("paired_to_unpaired", "ratio", "Width of the paired over that of the unpaired interval."),
    ("p", "ratio", "Two-sided p-value of the paired t test of no difference."),
    ("p_holm", "ratio", "The same after Holm's correction over all differences of the table on the path."),
];

/// The series of a world by month, in the order of `suite::SERIES`.
const SERIES: [(&str, &str, &str); 58] = [
    ("unemployment_ppm", "millionths", "Urban surveyed unemployment."),
    ("balance_fen", "fen", "Managed principal, month-end."),
    ("overdue_fen", "fen", "… of accounts 1 or more days past due."),
    ("overdue_30_fen", "fen", "… 31 or more."),
    ("balance_days_fen", "fen-days", "Sum of the daily balances."),
    ("writeoff_fen", "fen", "Principal written off."),
    ("applications_approved", "number", "Applications approved."),
    ("applications_decided", "number", "Applications approved or refused."),
    ("drawings_approved", "number", "Drawings approved (purchase, tip, card)."),
    ("drawings_requested", "number", "Drawings requested."),
    ("captured_fen", "fen", "Purchases captured and cards bought."),
    ("profit_fen", "fen", "Income less expense of the month's journal."),
    ("overdue_90_fen", "fen", "Principal of accounts 91 or more days past due, month-end."),
    ("labour_force", "number", "Users of working age who are not students."),
    ("jobless", "number", "… without work."),
    ("jobs_lost", "number", "Jobs lost."),
    ("users", "number", "Users in the app, month-end."),
    ("savings_fen", "fen", "Savings of all users, month-end."),
    ("wishes", "number", "Wishes to buy."),
    ("accounts", "number", "Open or frozen accounts, month-end."),
    ("limits_fen", "fen", "Limits of open accounts, month-end."),
    ("d1_base_fen", "fen", "Balance of non-overdue accounts with a payment due, at the opening of the due day."),
    ("d1_entry_fen", "fen", "… that reached 1 day past due."),
    ("statements", "number", "Statements with something owed."),
    ("debits_failed", "number", "Failed rounds of auto-debit."),
    ("due_fen", "fen", "Amount due at due days."),
    ("due_minimum_fen", "fen", "… of which the minimum was paid, not all."),
    ("due_instalment_fen", "fen", "… that was turned into instalments."),
    ("over_limit_declines", "number", "Drawings declined since the limit did not carry them."),
    ("complaints", "number", "Complaints."),
    ("contacts_tried", "number", "Contacts that collectors tried."),
    ("contacts_queued", "account-days", "Late accounts that no collector had time for."),
    ("young_balance_fen", "fen", "Principal of holders aged 18 to 24, month-end."),
    ("young_overdue_fen", "fen", "… of accounts past due."),
    ("income_fen", "fen a month", "Income of all account holders, month-end."),
    ("service_fen", "fen a month", "What they owe a month."),
    ("overborrowed", "number", "Accounts whose holders owe more than 55 % of their income a month."),
    ("reaged_fen", "fen", "Principal in hardship plans, month-end."),
    ("recovered_fen", "fen", "Recovered on written-off claims, and the price of sold ones."),
    ("writeoff_own_fen", "fen", "Principal written off, platform's part."),
    ("writeoff_covered_fen", "fen", "… of partners, covered by the platform's first loss."),
    ("writeoff_borne_fen", "fen", "… borne by partners."),
    ("ecl_upside_fen", "fen", "Expected loss under the upside scenario alone, month-end."),
    ("ecl_base_fen", "fen", "… under the base scenario."),
    ("ecl_downside_fen", "fen", "… under the downside scenario."),
    ("ecl_booked_fen", "fen", "… under their weights, as booked."),
    ("allowance_fen", "fen", "Loss allowance held, month-end."),
    ("net_assets_fen", "fen", "Net assets of the platform, month-end."),
    ("balance_own_fen", "fen", "Principal funded by the platform, month-end."),
    ("balance_partner_1_fen", "fen", "… by partner 1."),
    ("balance_partner_2_fen", "fen", "… by partner 2."),
    ("balance_partner_3_fen", "fen", "… by partner 3."),
    ("capacity_own_fen", "fen", "The most that the platform may fund, month-end."),
    ("capacity_partner_1_fen", "fen", "… partner 1."),
    ("capacity_partner_2_fen", "fen", "… partner 2."),
    ("capacity_partner_3_fen", "fen", "… partner 3."),
    ("partners_lending", "number", "Partners that lend on the last day of the month."),
    ("cashout_stopped_fen", "fen", "Cash-out attempts stopped before capture."),
];

fn of(file: &'static str) -> File {
    File::new(Kind::Suite, file)
}

/// All files.
pub(super) fn files() -> Vec<File> {
    vec![
        worlds(),
        of("monthly.csv").plain(&WORLD).plain(&[("month", "yyyy-mm", "Counted month.")]).plain(&SERIES),
        distributions(),
        variance(),
        of("comparisons.csv").plain(&[PATH, POLICY, MEASURE]).plain(&PAIRED),
        of("segments.csv")
            .plain(&[PATH, POLICY, ("segment", "name", "Segment of users, which no policy changes."), MEASURE])
            .plain(&PAIRED),
        reverse(),
        sensitivity(),
        of("view_sums.csv")
            .plain(&[PATH, POLICY, WORLD[3], WORLD[4]])
            .any(
                "VIEW/ROW/COLUMN/n",
                "as the view says",
                "Numerator of a cell of a risk view (`docs/stress.md`).",
                "VIEW/ROW/COLUMN",
            )
            .any(
                "VIEW/ROW/COLUMN/d",
                "as the view says",
                "Its denominator; 0 when nothing was there.",
                "VIEW/ROW/COLUMN",
            ),
        of("views.csv").plain(&[
            PATH,
            POLICY,
            ("view", "name", "Risk view."),
            ("row", "name", "Row of it."),
            ("column", "name", "Column of it."),
            REPLICATIONS,
            ("mean", "ratio", "Mean of the cell's ratio over replications."),
            LOW,
            HIGH,
        ]),
        early_warning(),
        attribution(),
        coverage(),
    ]
}

/// Every measure as two sums; those by segment in one entry for all segments.
fn worlds() -> File {
    let mut file = of("worlds.csv")
        .plain(&WORLD)
        .plain(&[("state_hash", "hex", "BLAKE3 of the world's last state.")])
        .sums(kept_definitions().filter(|d| !d.key.contains('@')));
    let segments = || ("SEGMENT", SEGMENTS.map(str::to_string).to_vec());
    for d in kept_definitions().filter(|d| d.key.ends_with(&format!("@{}", SEGMENTS[0]))) {
        let measure = d.key.split('@').next().unwrap_or_default();
        let (numerator, denominator) = d.sample.split_once(" / ").unwrap_or((d.sample, "as the numerator"));
        for (part, unit) in [("numerator", numerator), ("denominator", denominator)] {
            let says = format!("The {part} of `{measure}` of the users of a segment.");
            file = file.each(&format!("{measure}@SEGMENT_{part}"), unit, &says, segments());
        }
    }
    file
}

fn distributions() -> File {
    of("distributions.csv").plain(&[
        PATH,
        POLICY,
        MEASURE,
        REPLICATIONS,
        (
            "statistic",
            "name",
            "`mean`, `sd`, `least`, `most`, `p` and `es` with a share: quantile and expected shortfall.",
        ),
        ("value", "as the measure", "Its value; empty when the sample does not carry it."),
        ("low_95", "as the measure", "Lower end of the 95 % interval; empty of statistics without one."),
        HIGH,
    ])
}

fn reverse() -> File {
    of("reverse.csv").plain(&[
        ("name", "name", "Reverse stress."),
        MEASURE,
        ("breaks", "`above` or `below`", "Side of the limit on which it is broken."),
        ("limit", "as the measure", "The limit."),
        ("depth", "ratio", "Depth k of the downturn: 0 is the first path, 1 the severe one."),
        ("mean", "as the measure", "Mean over replications at that depth."),
        LOW,
        HIGH,
        ("broken", "1 or 0", "The mean breaks the limit there."),
        ("crossing", "ratio", "First depth that breaks the limit; empty when none does."),
        ("crossing_low_95", "ratio", "Lower end of its 95 % interval."),
        ("crossing_high_95", "ratio", "Upper end; empty beyond the largest depth that was tried."),
    ])
}

fn sensitivity() -> File {
    let as_measure = "as the measure";
    of("sensitivity.csv").plain(&[
        ("parameter", "key", "Assumption (grade L)."),
        ("value", "as the key", "Its value."),
        ("low", "as the key", "Value, factor (×) or exponent (t) at the low end."),
        ("high", "as the key", "… at the high end."),
        MEASURE,
        ("change_at_low", as_measure, "Low end less as stated, all others as stated; mean by replication."),
        ("change_at_low_95_low", as_measure, "Lower end of its 95 % interval."),
        ("change_at_low_95_high", as_measure, "Upper end."),
        ("change_at_high", as_measure, "High end less as stated."),
        ("change_at_high_95_low", as_measure, "Lower end of its 95 % interval."),
        ("change_at_high_95_high", as_measure, "Upper end."),
        ("mu", as_measure, "μ: mean elementary effect over the whole range."),
        ("mu_star", as_measure, "μ*: mean size of the effect."),
        ("mu_star_95_low", as_measure, "Lower end of its 95 % interval."),
        ("mu_star_95_high", as_measure, "Upper end."),
        ("sigma", as_measure, "σ: deviation of the effect."),
        ("sigma_95_low", as_measure, "Lower end of its 95 % interval."),
        ("sigma_95_high", as_measure, "Upper end."),
        (
            "first_three_share",
            "ratio",
            "Resamples in which it is among the three with the largest μ* on the first measure.",
        ),
        ("note", "text", "The rule that drew an end in, or why it was not moved."),
        ("source", "text", "Where its number comes from."),
    ])
}

fn early_warning() -> File {
    of("early_warning.csv").plain(&[
        PATH,
        ("indicator", "name", "What may warn."),
        ("direction", "`rises` or `falls`", "How it warns."),
        ("loss", "name", "What it may lead."),
        REPLICATIONS,
        ("lead_months", "months", "Shift with the highest correlation; negative: it follows."),
        ("lead_low_95", "months", "Lower end of its 95 % interval."),
        ("lead_high_95", "months", "Upper end."),
        ("correlation", "ratio", "Correlation at that lead."),
        ("correlation_low_95", "ratio", "Lower end of its 95 % interval."),
        ("correlation_high_95", "ratio", "Upper end."),
        ("correlation_at_once", "ratio", "Correlation without a shift."),
        ("leads", "1 or 0", "Both intervals say that it leads, uncorrected for the number of indicators."),
    ])
}

fn variance() -> File {
    of("variance.csv").plain(&[
        PATH,
        POLICY,
        MEASURE,
        ("shocks", "number", "Draws of the common shocks."),
        ("lucks", "number", "Draws of luck for each of them."),
        (
            "systematic_variance",
            "unit of the measure, squared",
            "Variance between shocks; a negative estimate is stated as 0.",
        ),
        ("idiosyncratic_variance", "unit of the measure, squared", "Variance of luck at the same shocks."),
        ("systematic_share", "ratio", "Systematic over all variance."),
        LOW,
        HIGH,
    ])
}

fn attribution() -> File {
    of("attribution.csv").plain(&[
        PATH,
        POLICY,
        ("base", "name", "Path at which factors are frozen."),
        MEASURE,
        ("factor", "name", "`all`, a factor that is switched off in turn, or `interaction`: what is left over."),
        ("replications", "number", "Pairs."),
        ("effect", "as the measure", "Everything less everything without the factor."),
        LOW,
        HIGH,
        PAIRED[6],
        ("share", "ratio", "Of the effect of `all`."),
    ])
}

fn coverage() -> File {
    File::new(Kind::Coverage, "coverage.csv").plain(&[
        MEASURE,
        PATH,
        POLICY,
        ("against", "name", "Policy that it is set against, of a paired difference; empty of a mean."),
        ("seed", "number", "Seed of the sample."),
        ("value", "as the measure", "Mean, or difference, of the sample's replications."),
        LOW,
        HIGH,
        ("long_run", "as the measure", "The long-run value."),
        ("holds", "1 or 0", "The interval holds it."),
    ])
}
