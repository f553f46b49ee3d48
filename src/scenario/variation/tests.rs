//! Every number of grade L is found, moved as its unit allows, and reported when it cannot be.

use crate::scenario::tests::fixture::{Home, head, models, right};
use crate::scenario::{Overrides, Scenario, ScenarioErrors, Variations, from_resolved_toml};
use crate::base::money::Ppm;

const SUITE: &str = r#"
[suite]
replications = 3
policies = [{ name = "present" }, { name = "prompt", apply = [{ name = "spend-sensibly", from = 2027-02-01 }] }]

[[suite.paths]]
name = "calm"
economy = "base"

[[suite.paths]]
name = "shock"
economy = "severe"
"#;

fn read(sensitivity: &str) -> Result<Scenario, ScenarioErrors> {
    Home::of(&format!("{}{SUITE}\n{sensitivity}", head(6))).read(&Overrides::default())
}

/// The variations, without the ends tried when `whole` is not set.
fn variations(sensitivity: &str, whole: bool) -> (Scenario, Variations) {
    let scenario = right(read(sensitivity));
    let plan = scenario.suite.as_ref().and_then(|suite| suite.sensitivity.clone()).expect("a sensitivity");
    let found = if whole { Variations::of(&scenario, &plan) } else { Variations::enumerate(&scenario, &plan) };
    let found = found.unwrap_or_else(|errors| panic!("{errors}"));
    (scenario, found)
}

/// Numbers of grade L in the text of a model file, read as text: no TOML reader has a part in this count.
fn grades_in_text(file: &str) -> usize {
    let text = std::fs::read_to_string(models().join(file)).expect("a model file");
    let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    lines.map(|line| line.matches("grade = \"L\"").count()).sum()
}

/// The suite's other analyses may name paths and policies that are not varied.
#[test]
fn a_suite_with_other_analyses_is_varied_on_its_first_path() {
    for other in ["variance = { path = \"shock\" }", "attribution = { path = \"shock\", policy = \"prompt\" }"] {
        let suite = SUITE.replace("replications = 3", &format!("replications = 30\n{other}"));
        let text = format!("{}{suite}\n[suite.sensitivity]\npath = \"calm\"", head(6));
        let scenario = right(Home::of(&text).read(&Overrides::default()));
        let plan = scenario.suite.as_ref().and_then(|suite| suite.sensitivity.clone()).expect("a sensitivity");
        let found = Variations::enumerate(&scenario, &plan);
        assert!(found.is_ok_and(|found| !found.parameters().is_empty()), "{other}");
    }
}

#[test]
fn every_number_of_grade_l_is_found_and_either_moved_or_reported() {
    let (scenario, found) = variations("[suite.sensitivity]\npath = \"shock\"\npolicy = \"prompt\"", false);
    let product =
        ["products", "behaviour", "personas", "targets"].map(|kind| format!("{kind}/douyin-monthly-pay.toml"));
    let others =
        ["partners", "population", "hosts", "merchants", "seasons", "appetite", "laws", "economy/base", "economy/severe"];
    let others = others.map(|file| format!("{file}.toml"));
    let policies = ["policies/spend-sensibly.toml".to_owned()];
    let counted: usize = product.iter().chain(&others).chain(&policies).map(|file| grades_in_text(file)).sum();
    assert!(counted > 200, "{counted}");
    assert_eq!(found.parameters().len() + found.fixed().len(), counted);
    let plan = scenario.suite.and_then(|suite| suite.sensitivity).expect("a sensitivity");
    assert_eq!(plan.assumptions.len(), counted);
    let fixed = |key: &str| found.fixed().iter().find(|f| f.key == key).map(|f| f.reason.as_str());
    assert_eq!(fixed("product.billing.allocation"), Some("a choice, not a number"));
    assert_eq!(fixed("product.limits.tip_link"), Some("0: a relative step leaves it where it is"));
    assert_eq!(fixed("targets.mean_limit_yuan"), Some("a target of calibration: no world depends on it"));
    assert!(found.fixed().iter().all(|f| !f.reason.is_empty() && f.source.len() >= 3));
    // What is not moved is the smaller part, and nothing of behaviour is among it but what stands at zero.
    assert!(found.fixed().len() < counted / 5, "{:#?}", found.fixed());
    assert!(found.fixed().iter().all(|f| !f.key.starts_with("behaviour.") || f.value == "0"), "{:#?}", found.fixed());
    let (_, present) = variations("[suite.sensitivity]\npath = \"calm\"", false);
    let reason = |key: &str| present.fixed().iter().find(|f| f.key == key).map(|f| f.reason.clone());
    let prompt = "policies.spend-sensibly.behaviour.buy.prompt_stop";
    assert_eq!(reason(prompt).as_deref(), Some("its policy is not in force in this world"));
    assert_eq!(reason("economy.severe.peak").as_deref(), Some("another path of the economy"));
    assert!(found.parameters().iter().any(|p| p.key == prompt && p.value == "0.12"));
}

#[track_caller]
fn check(sensitivity: &str, expected: &[(&str, &str, &str, &str)]) -> (Scenario, Variations) {
    let found = variations(&format!("[suite.sensitivity]\n{sensitivity}"), true);
    let shown: Vec<_> = found.1.parameters().iter().map(|p| (&*p.key, &*p.value, &*p.low, &*p.high)).collect();
    assert_eq!(shown, expected, "{:#?}", found.1.fixed());
    found
}

#[test]
fn numbers_move_as_their_units_allow() {
    let (_, found) = check(
        "only = [\"behaviour.buy.cycle\", \"behaviour.repay.reserve\", \"behaviour.tip.on_credit\", \"product.origination.review_days\", \
         \"product.origination.score_behaviour\", \"product.origination.score_intercept\", \"hosts.count\"]",
        &[
            // A share of one has room below only.
            ("behaviour.buy.cycle", "1", "0.8", "1"),
            ("behaviour.repay.reserve", "0.3", "0.24", "0.36"),
            // A share above a half moves by the step of its complement.
            ("behaviour.tip.on_credit", "0.8", "0.76", "0.84"),
            ("hosts.count", "1000", "800", "1200"),
            // A fifth of two days is none: a whole number moves by one at least.
            ("product.origination.review_days", "2", "1", "3"),
            // Three decimals are what the score knows.
            ("product.origination.score_behaviour", "-0.004", "-0.005", "-0.003"),
            ("product.origination.score_intercept", "-3.18", "-3.816", "-2.544"),
        ],
    );
    assert!(found.ends(0)[0].is_some() && found.ends(0)[1].is_none());
    let [low, high] = found.ends(1).clone().map(|end| end.expect("both ends are legal"));
    assert_eq!((low.base.levers.repay.reserve_ppm, high.base.levers.repay.reserve_ppm), (240_000, 360_000));
    let reviews = found.ends(4).clone().map(|end| end.expect("legal").base.terms.origination.review_days);
    assert_eq!(reviews, [1, 3]);
}

#[test]
fn lists_move_as_a_whole_or_towards_more_or_less_even() {
    let (scenario, found) = check(
        "only = [\"behaviour.buy.scene\", \"behaviour.watch.hour_weights\", \"product.origination.tier_pd\", \
         \"personas.teenager.share\"]\nspan = 0.5",
        &[
            ("behaviour.buy.scene", "[0.55, 0.15, 0.2, 0.1]", "to the power 0.5", "to the power 1.5"),
            (
                "behaviour.watch.hour_weights",
                "[18, 10, 5, 3, 2, 3, 8, 16, 22, 24, 26, 32, 44, 38, 30, 28, 28, 32, 42, 60, 78, 88, 72, 40]",
                "to the power 0.5",
                "to the power 1.5",
            ),
            ("personas.teenager.share", "0.01", "×0.5", "×1.5"),
            ("product.origination.tier_pd", "[0.015, 0.03, 0.05, 0.08, 1]", "×0.5", "×1.5"),
        ],
    );
    let ends = |parameter: usize| found.ends(parameter).clone().map(|end| end.expect("legal"));
    let [even, uneven] = ends(0).map(|s| s.base.levers.buy.scene_ppm);
    assert_eq!((even.iter().sum::<i32>(), uneven.iter().sum::<i32>()), (1_000_000, 1_000_000));
    assert!(
        even[0] < 550_000 && uneven[0] > 550_000 && uneven[0] > uneven[2] && uneven[2] > uneven[1],
        "{even:?} {uneven:?}"
    );
    let [even, uneven] = ends(1).map(|s| s.base.levers.watch.hour_weights);
    assert_eq!((even[21], uneven[21]), (10_000, 10_000));
    assert!(f64::from(even[4]) / 10_000.0 > 2.0 / 88.0 && f64::from(uneven[4]) / 10_000.0 < 2.0 / 88.0);
    let minors = |s: &Scenario| s.population.personas.iter().find(|p| p.name == "teenager").map(|p| p.share.0);
    for end in ends(2) {
        assert_eq!(end.population.personas.iter().map(|p| p.share.0).sum::<i32>(), 1_000_000);
        assert!(minors(&end) < Some(9_900) || minors(&end) > Some(10_100));
    }
    let [low, high] = ends(3).map(|s| s.base.terms.origination.tier_pd);
    assert_eq!(
        (low, high),
        ([7_500, 15_000, 25_000, 40_000, 1_000_000].map(Ppm), [22_500, 45_000, 75_000, 120_000, 1_000_000].map(Ppm))
    );
    assert_eq!(minors(&scenario), Some(10_000));
}

/// The bank's share of a loan is its legal most already; the rates of the tiers stand between the product's range and the cap.
#[test]
fn an_end_that_breaks_a_rule_is_drawn_in_and_reported() {
    let sensitivity = "only = [\"partners.consumer-finance.terms.share\", \"product.pricing.tier_annual\"]";
    let (_, found) = variations(&format!("[suite.sensitivity]\n{sensitivity}"), true);
    let share = &found.parameters()[0];
    assert_eq!((&*share.key, &*share.high), ("partners.consumer-finance.terms.share", "0.7"));
    let cut = share.cut.as_deref().expect("its upper end is refused");
    assert!(cut.contains("0.76 breaks a rule: partner `consumer-finance` takes 0.76 of a loan"), "{cut}");
    assert!(found.ends(0)[0].is_some() && found.ends(0)[1].is_none());
    let cut = found.parameters().iter().find_map(|p| p.key.ends_with("tier_annual").then(|| p.cut.clone())).flatten();
    let cut = cut.or_else(|| found.fixed().iter().find(|f| f.key.ends_with("tier_annual")).map(|f| f.reason.clone()));
    assert!(cut.is_some_and(|t| t.contains("×1.2 breaks a rule") && t.contains("above the cap")), "{found:#?}");
}

#[test]
fn together_they_stand_anywhere_in_their_ranges_and_a_broken_rule_is_reported() {
    let sensitivity = "only = [\"product.collections.hardship_dpd\", \"product.collections.writeoff_dpd\", \
                       \"behaviour.repay.forget\"]\nranges = { \"behaviour.repay.forget\" = [0.0, 0.1] }";
    let (scenario, found) = check(
        sensitivity,
        &[
            ("behaviour.repay.forget", "0.049483", "0", "0.1"),
            ("product.collections.hardship_dpd", "[31, 150]", "×0.8", "×1.2"),
            // At 144 days the write-off alone would come before the end of hardship plans, 150.
            ("product.collections.writeoff_dpd", "180", "162", "216"),
        ],
    );
    let middle = found.at(&[(0, 0.25), (1, 0.5), (2, 0.5)]).expect("legal");
    assert_eq!(middle.base.levers.repay.forget_ppm, 25_000);
    assert_eq!(
        (middle.base.terms.collections.hardship_dpd, middle.base.terms.collections.writeoff_dpd),
        ((31, 150), 189)
    );
    let broken = found.at(&[(1, 1.0), (2, 0.0)]).expect_err("help is offered after the write-off");
    assert!(broken.contains("hardship_dpd"), "{broken}");
    // Nothing moved is the scenario itself, on its path and under its policy.
    let stated = found.at(&[]).expect("legal");
    assert_eq!(
        (stated.base, stated.population.personas.len()),
        (scenario.base.clone(), scenario.population.personas.len())
    );
    assert_eq!(stated.worlds.len(), 1);
    assert_eq!(stated.worlds[0].economy, scenario.worlds[0].economy);
    // The resolved text alone is enough.
    let again = right(from_resolved_toml(&scenario.resolved_toml));
    assert_eq!(format!("{again:?}"), format!("{scenario:?}"));
}

#[test]
fn a_wrong_sensitivity_is_explained() {
    let errors = read(
        "[suite.sensitivity]\npath = \"clam\"\nmeasures = [\"overdue\"]\nspan = 2.0\nwithout = [\"hosst\"]\n\
         ranges = { \"behaviour.repay.forgot\" = [0.1, 0.2], \"behaviour.repay.forget\" = [0.2, 0.1] }",
    );
    let errors = errors.expect_err("it is broken").located();
    let found = |text: &str, message: &str| {
        let fits = |e: &&crate::scenario::problem::Located| e.text.contains(text) && e.message.contains(message);
        assert!(errors.iter().any(|e| fits(&e)), "{text} {message} in {errors:#?}");
    };
    found("clam", "no path `clam` in a suite");
    found("overdue", "no measure `overdue` in a suite");
    found("2.0", "`suite.sensitivity.span` is above 0.9");
    found("hosst", "no assumption begins with `hosst`");
    found("behaviour.repay.forgot", "is no assumption of the models");
    found("0.2, 0.1", "the range of `behaviour.repay.forget` falls");
}
