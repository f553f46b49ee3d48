//! The cases of `broken_files`: what is changed, and the errors that must come of it.

/// The offending text, a part of the message, a part of the hint.
pub(in crate::scenario) type Expected = (&'static str, &'static str, &'static str);

/// A change of one file and the errors that must come of it, all of them and no others.
pub(in crate::scenario) struct Case {
    /// `scenario`, or a path under `models/` without `.toml`.
    pub(in crate::scenario) file: &'static str,
    /// `section/key`: the line that is replaced. `+`: the text goes to the end of the file. `*`: it is the whole file.
    pub(in crate::scenario) at: &'static str,
    /// The new text; `«1.5»` stands for a value with grade and source.
    pub(in crate::scenario) text: &'static str,
    /// The errors.
    pub(in crate::scenario) errors: &'static [Expected],
}

pub(in crate::scenario) const fn case(
    file: &'static str,
    at: &'static str,
    text: &'static str,
    errors: &'static [Expected],
) -> Case {
    Case { file, at, text, errors }
}

const PRODUCT: &str = "products/douyin-monthly-pay";
pub(in crate::scenario) const BEHAVIOUR: &str = "behaviour/douyin-monthly-pay";
pub(in crate::scenario) const DOCUMENT: &str = "";

pub(in crate::scenario) const SCENARIO_CASES: &[Case] = &[
    case(
        "scenario",
        "/users",
        "user = 1000",
        &[
            ("user", "unknown key `user`", "did you mean `users`?"),
            (DOCUMENT, "missing key `users`", "Users of the world"),
        ],
    ),
    case("scenario", "/users", "users = \"many\"", &[("\"many\"", "`users` is a text, not a whole number", "")]),
    case("scenario", "/users", "users = 10.5", &[("10.5", "`users` is a number with decimals, not a whole", "")]),
    case("scenario", "/users", "users = 5", &[("5", "`users` is below 100", "")]),
    case("scenario", "/users", "users = 99_000_000", &[("99_000_000", "`users` is above 10000000", "")]),
    case("scenario", "/users", "users = nan", &[("nan", "not a finite number", "")]),
    case("scenario", "/users", "users = 1000 1000", &[("1000 1000", "not TOML", "")]),
    case("scenario", "/users", "users = 1000\nusers = 2000", &[("users", "not TOML: duplicate key", "")]),
    case(
        "scenario",
        "/seed",
        "seed = 99999999999999999999",
        &[("99999999999999999999", "a whole number beyond 9223372036854775807", "")],
    ),
    case("scenario", "/seed", "seed = -1", &[("-1", "`seed` is below 0", "")]),
    case("scenario", "/months", "months = 0", &[("0", "`months` is below 1", "")]),
    case(
        "scenario",
        "/months",
        "mnths = 6",
        &[("mnths", "unknown key `mnths`", "did you mean `months`?"), (DOCUMENT, "missing key `months`", "counted")],
    ),
    case("scenario", "/name", "name = \"My run\"", &[("\"My run\"", "`name` has the wrong form", "lower-case")]),
    case("scenario", "/start", "start = 2027-01-15", &[("2027-01-15", "not the first of a month", "counted whole")]),
    case("scenario", "/start", "start = \"2027-02-31\"", &[("\"2027-02-31\"", "`2027-02-31` is no date", "calendar")]),
    case("scenario", "/start", "start = \"January\"", &[("\"January\"", "`January` is no date", "years 2000 to 2170")]),
    case("scenario", "/start", "start = 2027", &[("2027", "`start` is a number, not a text", "a date: 2027-01-01")]),
    case(
        "scenario",
        "/product",
        "product = \"douyin-montly-pay\"",
        &[("\"douyin-montly-pay\"", "no product `douyin-montly-pay`", "did you mean `douyin-monthly-pay`?")],
    ),
    case("scenario", "/economy", "economy = \"bse\"", &[("\"bse\"", "no economy path `bse`", "did you mean `base`?")]),
    case(
        "scenario",
        "/economy",
        "economics = \"base\"",
        &[
            ("economics", "unknown key `economics` in `worlds.0`", "did you mean `economy`?"),
            ("[[worlds]]", "missing key `economy` in `worlds.0`", "Economy path"),
        ],
    ),
    case(
        "scenario",
        "+",
        "[[worlds]]\nname = \"baseline\"\neconomy = \"mild\"",
        &[("\"baseline\"", "two worlds are named `baseline`", "by name")],
    ),
    case(
        "scenario",
        "+",
        "[set]\n\"product.limits.raise_facter\" = 1.3",
        &[("\"product.limits.raise_facter\"", "unknown key", "did you mean `product.limits.raise_factor`?")],
    ),
    case(
        "scenario",
        "+",
        "[set]\n\"limits.raise_factor\" = 1.3",
        &[("\"limits.raise_factor\"", "unknown key", "did you mean `product.limits.raise_factor`?")],
    ),
    case(
        "scenario",
        "+",
        "[set]\n\"product.limits\" = 1.3",
        &[("\"product.limits\"", "`product.limits` is a whole section", "one of its keys")],
    ),
    case(
        "scenario",
        "+",
        "[set]\nproduct.limits.raise_factor = \"high\"",
        &[("\"high\"", "`product.limits.raise_factor` is a text, not a number", "a factor: 1.6 is 160 %")],
    ),
    case(
        "scenario",
        "+",
        "[set]\n\"behaviour.repay.forget\" = 5",
        &[("5", "`behaviour.repay.forget` is above 1", "5 % is 0.05")],
    ),
    case(
        "scenario",
        "+",
        "[[worlds.policies]]\nname = \"tighter-new-limit\"\nfrom = 2027-03-01",
        &[
            ("\"tighter-new-limit\"", "no policy `tighter-new-limit`", "did you mean `tighter-new-limits`?"),
            ("[[worlds.policies]]", "a policy that changes nothing", "`name` or a `set`"),
        ],
    ),
    case(
        "scenario",
        "+",
        "[[worlds.policies]]\nfrom = 2030-03-01\nset = { \"product.limits.raise_factor\" = 1.3 }",
        &[("2030-03-01", "2030-03-01 is after the end of the run, 2027-07-01", "run longer")],
    ),
    case(
        "scenario",
        "+",
        "[[worlds.policies]]\nfrom = 2027-03-01\nset = { \"hosts.count\" = 5 }",
        &[("\"hosts.count\"", "a policy cannot change `hosts.count`", "product, behaviour and partners")],
    ),
    case(
        "scenario",
        "+",
        "[[worlds.policies]]\nfrom = 2027-03-01\nset = { \"product.billing.bill_days\" = [1] }",
        &[("\"product.billing.bill_days\"", "a policy cannot change", "set it for the whole scenario")],
    ),
    case(
        "scenario",
        "+",
        "[[worlds.policies]]\nfrom = 2027-03-01\nset = { \"product.pricing.cap_annual\" = 0.23 }",
        &[
            // The highest tier of the model is what breaks the new cap.
            ("", "tier 4: a rate of 0.234 is above the cap of 0.23", "lower the rate"),
        ],
    ),
    case(
        "scenario",
        "+",
        "[[worlds.events]]\nkind = \"festivl\"\nfrom = 2027-02-01\nuntil = 2027-02-10",
        &[("\"festivl\"", "`worlds.0.events.0.kind` has no such choice", "did you mean `festival`?")],
    ),
    case(
        "scenario",
        "+",
        "[[worlds.events]]\nkind = \"festival\"\nfrom = 2027-02-10\nuntil = 2027-02-01\ndemand = 2",
        &[("2027-02-01", "over before it begins", "first day after it")],
    ),
    case(
        "scenario",
        "+",
        "[[worlds.events]]\nkind = \"festival\"\nfrom = 2027-06-01\nuntil = 2027-08-01\nwatch = 2",
        &[("2027-08-01", "after the end of the run", "run longer")],
    ),
    case(
        "scenario",
        "+",
        "[[worlds.events]]\nkind = \"festival\"\nfrom = 2026-12-01\nuntil = 2027-02-01\nwatch = 2",
        &[("2026-12-01", "before the start of the counted months, 2027-01-01", "")],
    ),
    case(
        "scenario",
        "+",
        "[[worlds.events]]\nkind = \"income_shock\"\nfrom = 2027-02-01\nuntil = 2027-03-01",
        &[("[[worlds.events]]", "an event of kind income_shock needs `income`", "")],
    ),
    case(
        "scenario",
        "+",
        "[[worlds.events]]\nkind = \"campaign\"\nfrom = 2027-02-01\nuntil = 2027-03-01\ncoupon = 50",
        &[("50", "`worlds.0.events.0.coupon` is above 1", "5 % is 0.05")],
    ),
    case(
        "scenario",
        "+",
        "[[worlds.events]]\nkind = \"campaign\"\nfrom = 2027-02-01\nuntil = 2027-03-01\ncoupon = 0.5\nincome = 0.9",
        &[("income", "an event of kind campaign has no `income`", "raise_share, coupon")],
    ),
    case(
        "scenario",
        "+",
        "[[worlds.events]]\nkind = \"partner_withdrawal\"\nfrom = 2027-02-01\nuntil = 2027-03-01\npartner = \"bnk\"",
        &[("\"bnk\"", "the product has no funding partner `bnk`", "did you mean `bank`?")],
    ),
    case(
        "scenario",
        "*",
        "name = \"x\"\nworlds = []\n",
        &[
            (DOCUMENT, "missing key `title`", ""),
            (DOCUMENT, "missing key `product`", ""),
            (DOCUMENT, "missing key `users`", ""),
            (DOCUMENT, "missing key `warmup_months`", ""),
            (DOCUMENT, "missing key `months`", ""),
            (DOCUMENT, "missing key `start`", ""),
            (DOCUMENT, "missing key `seed`", ""),
            ("[]", "`worlds` has 0 items, it needs at least 1", "worlds"),
        ],
    ),
];

pub(in crate::scenario) const PRODUCT_CASES: &[Case] = &[
    case(
        PRODUCT,
        "limits/raise_factor",
        "raise_factr = «1.6»",
        &[
            ("raise_factr", "unknown key `raise_factr` in `product.limits`", "did you mean `raise_factor`?"),
            ("[limits]", "missing key `raise_factor` in `product.limits`", "a factor"),
        ],
    ),
    case(
        PRODUCT,
        "limits/raise_factor",
        "raise_factor = 1.6",
        &[("raise_factor", "`raise_factor` has no grade and no source", "write { value")],
    ),
    case(
        PRODUCT,
        "limits/raise_factor",
        "raise_factor = { value = 1.6, grade = \"X\", source = \"a guess\" }",
        &[("\"X\"", "the grade of `raise_factor` is none of S, H, M, L", "L weak or assumption")],
    ),
    case(
        PRODUCT,
        "limits/raise_factor",
        "raise_factor = { value = 1.6, grade = \"L\" }",
        &[("raise_factor", "`raise_factor` has no source", "where the number comes from")],
    ),
    case(
        PRODUCT,
        "limits/raise_factor",
        "raise_factor = { value = 1.6, source = \"a guess\" }",
        &[("raise_factor", "`raise_factor` has no grade", "\"S\", \"H\", \"M\" or \"L\"")],
    ),
    case(
        PRODUCT,
        "limits/raise_factor",
        "raise_factor = { value = 1.6, grade = \"L\", source = \"\" }",
        &[("\"\"", "the source of `raise_factor` says nothing", "")],
    ),
    case(
        PRODUCT,
        "limits/raise_factor",
        "raise_factor = { valu = 1.6, grade = \"L\", source = \"a guess\" }",
        &[
            ("raise_factor", "`raise_factor` has no value", ""),
            ("valu", "unknown key `valu`", "did you mean `value`?"),
            ("[limits]", "missing key `raise_factor`", ""),
        ],
    ),
    case(PRODUCT, "limits/raise_factor", "raise_factor = «0.9»", &[("0.9", "is below 1", "a factor")]),
    case(
        PRODUCT,
        "limits/cut_factor",
        "cut_factor = «80»",
        &[("80", "`product.limits.cut_factor` is above 1", "0.05")],
    ),
    case(
        PRODUCT,
        "limits/tier_ceiling_yuan",
        "tier_ceiling_yuan = «[10000, 9000, 8000, 6000]»",
        &[("[10000, 9000, 8000, 6000]", "has 4 items, it needs at least 5", "each tier")],
    ),
    case(
        PRODUCT,
        "limits/tier_ceiling_yuan",
        "tier_ceiling_yuan = «[60000, 9000, 8000, 6000, 4000]»",
        &[("60000", "`product.limits.tier_ceiling_yuan.0` (60000) is above `product.limits.ceiling_yuan`", "")],
    ),
    case(PRODUCT, "origination/age_min", "age_min = «16»", &[("16", "is below 18", "Youngest age")]),
    case(PRODUCT, "origination/age_max", "age_max = «19.5»", &[("19.5", "a number with decimals, not a whole", "")]),
    case(
        PRODUCT,
        "origination/students_barred",
        "students_barred = «\"yes\"»",
        &[("\"yes\"", "is a text, not true or false", "")],
    ),
    case(
        PRODUCT,
        "origination/tier_pd",
        "tier_pd = «[0.03, 0.015, 0.05, 0.08, 1]»",
        &[("[0.03, 0.015, 0.05, 0.08, 1]", "must not fall", "smaller first")],
    ),
    case(PRODUCT, "origination/score_bureau", "score_bureau = «0.012»", &[("0.012", "is above 0", "")]),
    case(
        PRODUCT,
        "pricing/tier_annual",
        "tier_annual = «[0.18, 0.19, 0.20, 0.21, 0.26]»",
        &[("0.26", "tier 4: a rate of 0.26 is above the cap of 0.24", "cap_annual")],
    ),
    case(
        PRODUCT,
        "pricing/tier_annual",
        "tier_annual = «[18, 0.19, 0.20, 0.21, 0.22]»",
        &[
            ("18", "`product.pricing.tier_annual.0` is above 1", "21.6 % is 0.216"),
            ("18", "a rate of 18 is above the cap", ""),
        ],
    ),
    case(
        PRODUCT,
        "pricing/tier_annual",
        "tier_annual = «[0.15, 0.19, 0.20, 0.21, 0.22]»",
        &[("0.15", "tier 0: 0.15 is outside the product's range 0.18 to 0.24", "")],
    ),
    case(
        PRODUCT,
        "pricing/penalty_daily",
        "penalty_daily = «0.0007»",
        &[("0.0007", "25.6 % a year, above the cap of 0.24", "all charges")],
    ),
    case(
        PRODUCT,
        "pricing/penalty_daily",
        "penalty_daily = «0.05»",
        &[("0.05", "is above 0.01", "0.05 % a day is 0.0005"), ("0.05", "above the cap", "")],
    ),
    case(
        PRODUCT,
        "pricing/terms_offered",
        "terms_offered = «[false, false, false, false]»",
        &[("[false, false, false, false]", "no instalment term is offered", "")],
    ),
    case(
        PRODUCT,
        "pricing/instalments",
        "instalments = \"ir\"",
        &[("\"ir\"", "no such choice", "did you mean `irr`?")],
    ),
    case(
        PRODUCT,
        "cards/face_max_yuan",
        "face_max_yuan = «6000»",
        &[("6000", "a shopping card above 5000 yuan", "5000 yuan")],
    ),
    case(PRODUCT, "billing/bill_days", "bill_days = «[1, 10, 31]»", &[("31", "is above 28", "")]),
    case(PRODUCT, "billing/bill_days", "bill_days = «[10, 1]»", &[("[10, 1]", "must rise", "in order")]),
    case(
        PRODUCT,
        "billing/bill_days",
        "bill_days = «[1, 1, 15]»",
        &[("[1, 1, 15]", "two groups fall due on the same day", "due_extra_days")],
    ),
    case(
        PRODUCT,
        "billing/due_extra_days",
        "due_extra_days = «[0, 1, 2, 3]»",
        &[("[0, 1, 2, 3]", "4 extra days for 3 statement days", "one number a statement day")],
    ),
    case(
        PRODUCT,
        "billing/due_extra_days",
        "due_extra_days = «[0, 0, 25]»",
        &[("[0, 0, 25]", "falls due after the next one", "at most 27 days")],
    ),
    case(
        PRODUCT,
        "billing/grace_days",
        "grace_days = «24»",
        &[("24", "grace of 24 days after a due date of 5 reaches the next statement", "at most 22 days of grace")],
    ),
    case(
        PRODUCT,
        "billing/tolerance_yuan",
        "tolerance_yuan = «1000»",
        &[("1000", "`product.billing.tolerance_yuan` is above 100", "")],
    ),
    case(
        PRODUCT,
        "pricing/late_interest",
        "late_interest = «\"publshed\"»",
        &[("\"publshed\"", "no such choice", "did you mean `published`?")],
    ),
    case(
        PRODUCT,
        "pricing/flat_fee_by_tier",
        "flat_fee_by_tier = «[1, 1, 1, 1, 3]»",
        &[("3", "`product.pricing.flat_fee_by_tier.4` is above 2", "")],
    ),
    case(
        PRODUCT,
        "origination/review_extra_days",
        "review_extra_days = «31»",
        &[("31", "`product.origination.review_extra_days` is above 30", "")],
    ),
    case(
        PRODUCT,
        "profile/traffic",
        "trafic = \"feed\"",
        &[("trafic", "unknown key", "did you mean"), ("", "missing key", "")],
    ),
    case(
        PRODUCT,
        "billing/allocation",
        "allocation = [\"penalty\", \"interest\", \"fees\", \"fees\"]",
        &[("[\"penalty\", \"interest\", \"fees\", \"fees\"]", "names a kind twice", "each once")],
    ),
    case(
        PRODUCT,
        "billing/debit_rounds",
        "debit_rounds = [\"8am\", \"17:00\", \"20:00\"]",
        &[("\"8am\"", "`product.billing.debit_rounds.0` has the wrong form", "\"08:00\"")],
    ),
    case(PRODUCT, "collections/calls_a_day_max", "calls_a_day_max = «5»", &[("5", "is above 3", "")]),
    case(PRODUCT, "collections/hardship_dpd", "hardship_dpd = «[150, 31]»", &[("[150, 31]", "must not fall", "")]),
    case(
        PRODUCT,
        "collections/writeoff_dpd",
        "writeoff_dpd = «60»",
        &[("60", "is below 91", "written off"), ("", "is above `product.collections.writeoff_dpd` (60)", "")],
    ),
    case(
        PRODUCT,
        "funding/platform_share_min",
        "platform_share_min = «0.2»",
        &[("0.2", "the platform's least share is 0.2", "at least 30 %")],
    ),
    case(
        PRODUCT,
        "funding/partners",
        "partners = [\"bank\", \"trsut\"]",
        &[("\"trsut\"", "no funding partner `trsut`", "did you mean `trust`?")],
    ),
    case(
        PRODUCT,
        "provisioning/macro_weights",
        "macro_weights = «[0.2, 0.5, 0.2]»",
        &[("[0.2, 0.5, 0.2]", "sums to 0.9000, not to 1", "one whole")],
    ),
];
