//! Broken models beside the product and its behaviour, for `broken_files`.

use crate::scenario::tests::broken_cases::{BEHAVIOUR, Case, DOCUMENT, case};

const PERSONAS: &str = "personas/douyin-monthly-pay";
const TARGETS: &str = "targets/douyin-monthly-pay";
pub(in crate::scenario) const CALIBRATED: &str = "calibrated/douyin-monthly-pay";

pub(in crate::scenario) const OTHER_CASES: &[Case] = &[
    case(
        BEHAVIOUR,
        "buy/scene",
        "scene = «[0.5, 0.2, 0.2, 0.2]»",
        &[("[0.5, 0.2, 0.2, 0.2]", "`behaviour.buy.scene` sums to 1.1000, not to 1", "")],
    ),
    case(BEHAVIOUR, "funnel/referral", "referral = «-1»", &[("-1", "is below 0", "factor")]),
    case(BEHAVIOUR, "repay/minimum", "minimum = «0.95»", &[("0.95", "together are above 1", "shares of statements")]),
    case(BEHAVIOUR, "repay/forget", "forget = «\"5%\"»", &[("\"5%\"", "is a text, not a number", "5 % is 0.05")]),
    case(BEHAVIOUR, "repay/contact_cure", "contact_cure = «[0, 0.1]»", &[("[0, 0.1]", "has 2 items", "")]),
    case(BEHAVIOUR, "watch/hour_weights", "hour_weights = «[1, 2, 3]»", &[("[1, 2, 3]", "at least 24", "hour")]),
    case(PERSONAS, "student/share", "share = «0.5»", &[("", "the shares of the personas sum to 1.3600", "")]),
    case(PERSONAS, "student/ages", "ages = «[22, 18]»", &[("[22, 18]", "must not fall", "")]),
    case(
        "partners",
        "bank.terms/share",
        "share = «0.9»",
        &[("0.9", "partner `bank` takes 0.9 of a loan, the platform keeps at least 0.3", "lower")],
    ),
    case("merchants", "/colluding", "colluding = «3»", &[("3", "is below 15", "collude")]),
    case(
        "merchants",
        "/ship_days",
        "ship_days = «[[1, 30], [0, 7], [0, 0], [0, 0]]»",
        &[("30", "is above `product.authorisation.hold_days`", "")],
    ),
    case("hosts", "/count", "count = «-5»", &[("-5", "is below 1", "Number of hosts")]),
    case(
        "population",
        "/income_sigma",
        "income_sigma = «[0.8]»",
        &[("[0.8]", "is a list, not a number", "plain number")],
    ),
    case(
        "economy/base",
        "/base",
        "base = «5.2»",
        &[("5.2", "`economy.base.base` is above 0.5", "5 % is 0.05"), ("5.2", "is above `economy.base.peak`", "")],
    ),
    case("economy/base", "/rise_months", "rise_months = «0»", &[("0", "is below 1", "Months from base to peak")]),
    case("seasons", "618/from", "from = \"6-1\"", &[("\"6-1\"", "has the wrong form", "\"11-11\"")]),
    case(
        "appetite",
        "/floor",
        "flor = «0.3»",
        &[
            ("flor", "unknown key `flor` in `appetite`", "did you mean `floor`?"),
            (DOCUMENT, "missing key `floor` in `appetite`", "share"),
        ],
    ),
    case(
        TARGETS,
        "overdue_rate/low",
        "low = 0.05",
        &[("0.05", "`targets.overdue_rate.low` (0.05) is above `targets.overdue_rate.target`", "")],
    ),
    case(
        "levers",
        "product.limits/lower_round",
        "lower_round = «1»",
        &[("1", "a round of lowering that takes nothing away", "lower_share")],
    ),
    case(TARGETS, "overdue_rate/grade", "grade = \"A\"", &[("\"A\"", "has no such choice", "known here: ")]),
    case(
        CALIBRATED,
        "*",
        "\"behaviour.repay.forgot\" = 0.05\n",
        &[("\"behaviour.repay.forgot\"", "unknown key", "did you mean `behaviour.repay.forget`?")],
    ),
];
