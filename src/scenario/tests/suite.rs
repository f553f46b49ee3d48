//! What a `[suite]` becomes, and how it is explained when it is wrong.

use crate::base::money::Ppm;
use crate::scenario::problem::Located;
use crate::scenario::tests::fixture::{Home, head, right, words};
use crate::scenario::{Breaks, Factor, Overrides, Scenario, SuiteWorld, WorldSpec, from_resolved_toml};

const SUITE: &str = r#"
[suite]
replications = 30
variance = { path = "shock" }
reverse = [
    { name = "loss", measure = "gross_loss_rate_annual", above = 0.1, severe = "shock", replications = 4 },
    { name = "sales", measure = "captured_yuan", below = 5e6, severe = "shock", policy = "slower", precision = 0.1 },
]

[[suite.paths]]
name = "calm"
economy = "base"

[[suite.paths]]
name = "shock"
economy = "severe"
apply = [{ from = 2027-01-01, set = { "product.limits.cut_factor" = 0.7 } }]
events = [{ kind = "partner_withdrawal", from = 2027-02-01, until = 2027-04-01, partner = "bank" }]

[[suite.policies]]
name = "present"

[[suite.policies]]
name = "slower"
apply = [{ from = 2027-03-01, set = { "product.limits.raise_factor" = 1.1 } }]
"#;

/// A scenario of six months with more text.
fn read(text: &str, overrides: &Overrides) -> Scenario {
    right(Home::of(&(head(6) + text)).read(overrides))
}

fn errors(text: &str) -> Vec<Located> {
    Home::of(&(head(6) + text)).read(&Overrides::default()).expect_err("it is broken").located()
}

#[test]
fn every_path_meets_every_policy() {
    let scenario = read(SUITE, &Overrides::default());
    let names: Vec<&str> = scenario.worlds.iter().map(|w| w.name.as_str()).collect();
    assert_eq!(names, ["calm-present", "calm-slower", "shock-present", "shock-slower"]);
    assert_eq!(scenario.worlds.iter().map(|w| w.rule_changes.len()).collect::<Vec<_>>(), [0, 1, 1, 2]);
    let (_, last) = &scenario.worlds[3].rule_changes[1];
    assert_eq!((last.terms.limits.cut_factor, last.terms.limits.raise_factor), (Ppm(700_000), Ppm(1_100_000)));
    assert_eq!((scenario.worlds[1].events.len(), scenario.worlds[3].events.len()), (0, 1));
    let plan = scenario.suite.as_ref().expect("a suite");
    assert_eq!((plan.replications, plan.policies.len(), plan.outcomes[0].as_str()), (30, 2, "gross_loss_rate_annual"));
    assert_eq!(plan.variance.as_ref().map(|v| (v.path, v.lucks)), Some((1, 2)));
    let [loss, sales] = &plan.reverse[..] else { panic!("two") };
    assert_eq!((loss.breaks, loss.base, loss.severe, loss.policy, loss.replications), (Breaks::Above, 0, 1, 0, 4));
    assert_eq!((sales.breaks, sales.policy, sales.replications, sales.precision), (Breaks::Below, 1, 30, 0.1));
    let again = right(from_resolved_toml(&scenario.resolved_toml));
    assert_eq!(words(again), words(scenario.clone()));
    let fewer = Overrides { set: vec![("suite.replications".to_owned(), "5".to_owned())], ..Overrides::default() };
    assert_eq!(read(SUITE, &fewer).suite.map(|s| s.replications), Some(5));
    // A shorter run does not reach the second policy.
    let short = Overrides { months: Some(2), ..Overrides::default() };
    assert_eq!(read(SUITE, &short).worlds[3].rule_changes.len(), 1);
}

#[test]
fn worlds_of_a_suite_differ_by_shock_and_depth_alone() {
    let scenario = read(SUITE, &Overrides::default());
    assert_eq!(scenario.suite_world(SuiteWorld::on(1, 1, 0)).economy, scenario.worlds[3].economy);
    let at_full_depth = SuiteWorld { base: 0, depth_milli: 1_000, ..SuiteWorld::on(1, 1, 0) };
    assert_eq!(scenario.suite_world(at_full_depth).economy.months, scenario.worlds[3].economy.months);
    let noise =
        |path: usize, shock| scenario.suite_world(SuiteWorld::on(path, 0, shock)).economy.months[5].noise_logit_milli;
    assert_eq!(noise(0, 7), noise(1, 7));
    assert_ne!(noise(0, 7), noise(0, 8));
    assert_eq!(scenario.with_luck(4).replication, 4);
}

#[test]
fn a_factor_that_is_switched_off_leaves_the_others_on() {
    let more = "replications = 30\nattribution = { path = \"shock\", policy = \"slower\" }\n";
    let text = SUITE.replace("replications = 30\n", more);
    let text = text.replace("economy = \"severe\"\n", "economy = \"severe\"\nweight = 3\n");
    let scenario = read(&text, &Overrides::default());
    let plan = scenario.suite.as_ref().expect("a suite");
    assert_eq!(plan.attribution.as_ref().map(|a| (a.path, a.policy)), Some((1, 1)));
    assert_eq!(plan.paths.iter().map(|p| p.weight).collect::<Vec<_>>(), [1, 3]);
    let (calm, shock) = (scenario.suite_world(SuiteWorld::on(0, 0, 2)), scenario.suite_world(SuiteWorld::on(1, 1, 2)));
    let without = |factor| scenario.suite_world_without(factor, SuiteWorld::on(1, 1, 2));
    let last = |world: &WorldSpec| *world.economy.months.last().expect("months");
    let flows = |world: &WorldSpec| (last(world).separation_ppm, last(world).finding_ppm);
    let income = |world: &WorldSpec| last(world).income_index_ppm;
    let spending = |world: &WorldSpec| last(world).spending_index_ppm;
    assert!(flows(&calm) != flows(&shock) && income(&calm) > income(&shock) && spending(&calm) > spending(&shock));
    let jobs = without(Factor::JobLoss);
    assert_eq!((flows(&jobs), income(&jobs), spending(&jobs)), (flows(&calm), income(&shock), spending(&shock)));
    assert_eq!(last(&jobs).unemployment_ppm, last(&shock).unemployment_ppm);
    let wages = without(Factor::Income);
    assert_eq!((flows(&wages), income(&wages), spending(&wages)), (flows(&shock), income(&calm), spending(&shock)));
    let conduct = without(Factor::Behaviour);
    assert_eq!((flows(&conduct), spending(&conduct)), (flows(&shock), spending(&calm)));
    assert!(conduct.rule_changes.iter().all(|(_, rules)| rules.levers.repay.residual_logit_milli_per_pp == 0));
    assert_eq!(conduct.rule_changes.len(), shock.rule_changes.len(), "the path has rules from the first day on");
    let lender = without(Factor::Policy);
    assert_eq!((flows(&lender), income(&lender), lender.events.len()), (flows(&shock), income(&shock), 0));
    assert_eq!(lender.rule_changes.len(), 1, "no law and no policy, only triggers that never fire");
    let rules = &lender.rule_changes[0].1.terms;
    assert!(rules.funding.partners.iter().all(|partner| partner.trigger_30 == Ppm(1_000_000)));
    assert_eq!(rules.limits.cut_factor, scenario.base.terms.limits.cut_factor);
    assert_eq!(lender.appetite.map(|a| (a.cutoff_per_pp, a.raise_per_pp)), Some((Ppm(0), Ppm(0))));
    assert_eq!(shock.appetite, None);
}

/// Every error of the text, once, each at its place: (line, offending text, message, hint).
#[track_caller]
fn check(suite: &str, expected: &[(usize, &str, &str, &str)]) {
    let found = errors(suite);
    let shown: Vec<_> = found.iter().map(|e| (e.line, e.text.as_str(), e.message.as_str(), e.hint.as_str())).collect();
    assert_eq!(found.len(), expected.len(), "{shown:#?}");
    for (line, text, message, hint) in expected {
        let fits = |e: &&Located| e.message.contains(message) && e.hint.contains(hint) && e.text.starts_with(text);
        // The line of the models comes before the head.
        assert!(found.iter().any(|e| fits(&e) && e.line == line + 9), "{line} {text} {message} in {shown:#?}");
    }
}

#[test]
fn a_broken_suite_is_explained_in_its_places() {
    check(
        "[suite]\nreplications = 1\n\
         paths = [{ name = \"calm\", economy = \"bse\" }, { name = \"worse\", economy = \"mild\" }]\n\
         policies = [{ name = \"a\", apply = [{ from = 2026-01-01, name = \"cap-20\" }] }, { name = \"a\" }]\n",
        &[
            (2, "1", "`suite.replications` is below 2", ""),
            (3, "\"bse\"", "no economy path `bse`", "did you mean `base`?"),
            (4, "2026-01-01", "before the start of the counted months", ""),
            (4, "\"a\"", "two of this suite have the name `a`", "policy"),
            (3, "\"calm\"", "two worlds are named `calm-a`", ""),
            (3, "\"worse\"", "two worlds are named `worse-a`", ""),
        ],
    );
    check(
        "[suite]\nreplications = 9\noutcomes = [\"overdue_rat\", \"profit_yuan\", \"profit_yuan\"]\n\
         paths = [{ name = \"calm\", economy = \"base\", aply = [] }]\npolicies = [{ name = \"a\" }]\n\
         variance = { path = \"clam\" }\nattribution = { path = \"calm\", policy = \"b\" }\n\
         reverse = [{ name = \"x\", measure = \"profit_yuan\", severe = \"calm\", above = 1.0, below = 2.0, policy = \"b\" }]\n",
        &[
            (3, "\"overdue_rat\"", "no measure `overdue_rat` in a suite", "did you mean `overdue_rate`?"),
            (3, "\"profit_yuan\"", "measure `profit_yuan` is named twice", ""),
            (4, "aply", "unknown key `aply`", "did you mean `apply`?"),
            (6, "\"clam\"", "no path `clam` in a suite", "did you mean `calm`?"),
            (7, "\"calm\"", "nothing changes from the first path to itself", "frozen at the first path"),
            (7, "\"b\"", "no policy `b` in a suite", "a"),
            (8, "{ name", "a reverse stress has one limit", "`above = 0.12`"),
            (8, "\"calm\"", "the two ends of the scale are the same path", "x(t, k)"),
            (8, "\"b\"", "no policy `b` in a suite", "a"),
        ],
    );
    check(
        "[suite]\nreplications = 9\npaths = [{ name = \"calm\", economy = \"base\" }]\npolicies = [{ name = \"a\" }]\n\
         [[worlds]]\nname = \"one\"\neconomy = \"base\"\n",
        &[(5, "worlds", "worlds beside a suite", "leave `[[worlds]]` out")],
    );
}

#[test]
fn a_scenario_without_worlds_and_suite_says_so() {
    let found = errors("");
    assert!(found.iter().any(|e| e.message.contains("missing key `worlds`")), "{found:?}");
}
