//! The shipped policies on the engine: what each does first of all, and that each does nothing at zero effect.

use super::{area, manner, whole};
use crate::agents::traits::Cause;
use crate::credit::chart::Posting;
use crate::credit::command::{Decline, SCENES};
use crate::experiment;
use crate::measure::{MonthObservations, WorldObservations};
use crate::scenario::{Overrides, Scenario, read_scenario};
use crate::sim::options::Silent;
use std::path::Path;
use std::sync::atomic::AtomicBool;

fn shipped(file: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(file)
}

/// The shipped scenario of policies on its first path, small; what is rare (complaints of collectors, cures by contacts) is made
/// frequent in all its worlds alike, so that few people show it.
fn few_people() -> Scenario {
    let overrides = Overrides {
        users: Some(800),
        months: Some(7),
        set: vec![("warmup_months".to_owned(), "5".to_owned())],
        ..Overrides::default()
    };
    let mut scenario = read_scenario(&shipped("scenarios/policies.toml"), &overrides).unwrap_or_else(|e| panic!("{e}"));
    let policies = scenario.suite.as_ref().map_or(0, |plan| plan.policies.len());
    scenario.worlds.truncate(policies);
    let changed = scenario.worlds.iter_mut().flat_map(|world| &mut world.rule_changes).map(|(_, rules)| rules);
    for rules in changed.chain([&mut scenario.base]) {
        rules.levers.conduct.complain_contact_ppm *= 60;
        rules.levers.repay.contact_cure_ppm = rules.levers.repay.contact_cure_ppm.map(|ppm| (2 * ppm).min(1_000_000));
    }
    scenario
}

struct Ran {
    names: Vec<String>,
    worlds: Vec<WorldObservations>,
}

impl Ran {
    fn of(scenario: &Scenario) -> Ran {
        let cancel = AtomicBool::new(false);
        let record = experiment::run(scenario, &manner(2, &Silent, &cancel)).expect("not interrupted");
        let plan = scenario.suite.as_ref().expect("a suite");
        Ran { names: plan.policies.clone(), worlds: record.worlds }
    }

    fn world(&self, policy: &str) -> &WorldObservations {
        let position = self.names.iter().position(|name| name == policy).unwrap_or_else(|| panic!("no {policy}"));
        &self.worlds[position]
    }

    /// What a number is under a policy and under the present one.
    fn both<T>(&self, policy: &str, of: impl Fn(&WorldObservations) -> T) -> (T, T) {
        (of(self.world(policy)), of(self.world("present")))
    }

    fn more(&self, policy: &str, what: &str, of: impl Fn(&WorldObservations) -> i64) {
        let (with, without) = self.both(policy, of);
        assert!(with > without, "{policy}: {what} {with}, at present {without}");
    }

    fn less(&self, policy: &str, what: &str, of: impl Fn(&WorldObservations) -> i64) {
        let (with, without) = self.both(policy, of);
        assert!(with < without, "{policy}: {what} {with}, at present {without}");
    }
}

fn posted(world: &WorldObservations, kind: Posting) -> i64 {
    world.months.iter().map(|month| month.flows.posted_fen[kind as usize]).sum()
}

fn captured(world: &WorldObservations) -> i64 {
    world.months.iter().map(|month| month.captured_fen()).sum()
}

fn purchases(world: &WorldObservations) -> i64 {
    world.months.iter().map(|month| month.flows.captured_count.iter().sum::<i64>() + month.flows.cards_sold).sum()
}

fn cards_sold(world: &WorldObservations) -> i64 {
    world.months.iter().map(|month| month.flows.cards_sold).sum()
}

fn overdue(world: &WorldObservations) -> i64 {
    world.months.iter().map(|month| month.balance_from_bucket_fen(1)).sum()
}

fn of_collectors(world: &WorldObservations) -> i64 {
    world.months.iter().map(|month| month.flows.complaints[1]).sum()
}

fn limits(world: &WorldObservations) -> i64 {
    world.months.iter().map(|month| month.stocks.limits_fen).sum()
}

fn declined(world: &WorldObservations, why: Decline) -> i64 {
    world.months.iter().map(|month| month.flows.drawings_declined[why as usize]).sum()
}

fn applications(world: &WorldObservations) -> i64 {
    world.months.iter().map(|month| month.people.applications).sum()
}

fn forgotten(world: &WorldObservations) -> i64 {
    world.months.iter().map(|month| month.people.late_fen_by_cause[Cause::Forgotten as usize]).sum()
}

/// Mean rate of what bears interest in the last month, in hundredths of a basis point.
fn rate(world: &WorldObservations) -> i64 {
    world.months.last().map_or(0, |month| month.stocks.bearing_times_bp * 100 / month.stocks.bearing_fen.max(1))
}

#[test]
fn every_shipped_policy_does_what_its_title_says() {
    let ran = Ran::of(&few_people());
    ran.more("tip-linked-limit", "limits", limits);
    ran.more("tip-linked-limit", "tips", |w| w.months.iter().map(|m| m.flows.tips_fen).sum());
    ran.more("limit-tasks", "limits", limits);
    ran.more("limit-tasks", "purchases", purchases);
    ran.less("card-prompt", "cards", cards_sold);
    ran.less("scripts-clear", "overdue balance", overdue);
    ran.less("scripts-clear", "complaints of collectors", of_collectors);
    ran.less("scripts-firm", "overdue balance", overdue);
    ran.more("scripts-firm", "complaints of collectors", of_collectors);
    ran.more("offline-rebate", "cards", cards_sold);
    ran.more("offline-rebate", "rebates", |w| posted(w, Posting::Rebate));
    ran.more("campaigns", "interest that the platform pays", |w| posted(w, Posting::WaiveInterest));
    ran.more("campaigns", "instalment loans", |w| {
        w.months.iter().map(|m| m.flows.checkout_loans + m.flows.bill_loans).sum()
    });
    ran.more("campaigns", "clicks", |w| w.months.iter().map(|m| m.people.clicks).sum());
    for pair in ["new-limit-300", "new-limit-500", "new-limit-1000", "new-limit-2000"].windows(2) {
        let [tight, loose] = [pair[0], pair[1]].map(|policy| limits(ran.world(policy)));
        assert!(tight < loose, "{pair:?}: {tight}, {loose}");
    }
    ran.less("cards-closed-high-risk", "cards", cards_sold);
    ran.more("cards-closed-high-risk", "declined cards", |w| declined(w, Decline::CardClosed));
    assert_eq!(rate(ran.world("fixed-price")), 204_000, "one price for all");
    ran.less("literacy-young", "forgotten bills", forgotten);
    ran.less("literacy-young", "purchases", purchases);
    ran.more("price-up", "rate", rate);
    ran.less("price-up", "applications", applications);
    ran.less("price-up", "purchases", purchases);
    ran.less("price-down", "rate", rate);
    ran.more("price-down", "applications", applications);
    ran.more("price-down", "purchases", purchases);
    // Both laws hold from the first of July, the last of the seven months.
    let july = |policy: &str| ran.world(policy).months.last().expect("seven months").clone();
    assert_eq!(july("law-tips-barred").flows.tips, 0);
    assert!(july("law-tips-barred").people.wallet_tips_fen > july("present").people.wallet_tips_fen);
    assert_eq!(
        july("law-tips-barred").flows.drawings_declined[Decline::SceneBarred as usize],
        0,
        "nobody is offered it"
    );
    assert_eq!(july("law-cards-barred").flows.cards_sold, 0);
    assert!(july("present").flows.tips > 0 && july("present").flows.cards_sold > 0);
    let goods = |policy: &str| (0..SCENES).map(|s| july(policy).flows.captured_count[s]).sum::<i64>();
    assert!(goods("law-cards-barred") > goods("present"), "some buy the goods instead");
}

/// A round of lowering in a downturn, small: limits fall with the statements of its first month and lie lower ever after, more drawings are
/// declined for the limit, less is owed and less is lost.
#[test]
fn lower_limits_are_felt_in_approvals_and_loss() {
    let overrides = Overrides { users: Some(2_000), months: Some(18), ..Overrides::default() };
    let scenario = read_scenario(&shipped("scenarios/lower-limits.toml"), &overrides).unwrap_or_else(|e| panic!("{e}"));
    let cancel = AtomicBool::new(false);
    let record = experiment::run(&scenario, &manner(2, &Silent, &cancel)).expect("not interrupted");
    let [severe, lower] = [&record.worlds[0], &record.worlds[1]];
    let mean = |world: &WorldObservations, month: usize| world.months[month].mean_limit_yuan().expect("accounts");
    // The policy begins on the first of the sixth month; all bill days lie in it.
    assert!((0..5).all(|month| mean(lower, month) == mean(severe, month)), "before it nothing differs");
    assert!(mean(lower, 5) < 0.97 * mean(lower, 4), "{} → {}", mean(lower, 4), mean(lower, 5));
    assert!((5..18).all(|month| mean(lower, month) < 0.97 * mean(severe, month)), "it stays lower");
    let lowered: Vec<i64> = lower.months.iter().map(|month| month.flows.limits_lowered).collect();
    assert!(lowered[..5].iter().all(|n| *n == 0) && lowered[5] > 50, "{lowered:?}");
    assert!(lower.months[5].stocks.above_limit_fen > severe.months[5].stocks.above_limit_fen);
    let later =
        |world: &WorldObservations, of: fn(&MonthObservations) -> i64| world.months[6..].iter().map(of).sum::<i64>();
    let over_limit = |month: &MonthObservations| month.flows.drawings_declined[Decline::OverLimit as usize];
    let approved = |month: &MonthObservations| month.flows.drawings_approved;
    // Less debt leaves the funders more room, so approvals as a whole may rise; what the limit declines for each approval does too.
    let per_approval = |world| later(world, over_limit) as f64 / later(world, approved) as f64;
    assert!(per_approval(lower) > per_approval(severe), "{} against {}", per_approval(lower), per_approval(severe));
    for of in [MonthObservations::balance_fen, |month: &MonthObservations| month.flows.writeoff_fen] {
        assert!(later(lower, of) < later(severe, of), "{} against {}", later(lower, of), later(severe, of));
    }
}

/// Whom a policy is for: segments are the same people in both worlds.
#[test]
fn lessons_for_the_young_change_the_young() {
    let ran = Ran::of(&few_people());
    let segment = |world: &WorldObservations, position: usize| world.segments[position].captured_fen;
    let (with, without) = ran.both("literacy-young", |w| [0, 1, 2].map(|position| segment(w, position)));
    assert!(with[0] < without[0], "{with:?} {without:?}");
    let moved = |position: usize| (with[position] - without[position]).abs() as f64 / without[position] as f64;
    assert!(moved(1) < moved(0) / 4.0 && moved(2) < moved(0) / 4.0, "{with:?} {without:?}");
    let world = ran.world("present");
    for ends in [0..3, 3..6, 6..8] {
        let parts: i64 = ends.clone().map(|position| segment(world, position)).sum();
        assert_eq!(parts, captured(world), "segments {ends:?} are everybody with an account");
    }
}

/// Every shipped policy with its effect taken out; what it names beside that stays.
const AT_ZERO: &[(&str, &str)] = &[
    ("tip-linked-limit", r#""product.limits.tip_link" = 0"#),
    ("limit-tasks", r#""product.limits.task_raise" = 0, "behaviour.buy.task_pull" = 0"#),
    ("card-prompt", r#""behaviour.buy.prompt_stop" = 0.03"#),
    ("scripts-clear", r#""behaviour.repay.script_cure" = 1, "behaviour.conduct.script_complaint" = 1"#),
    ("scripts-firm", r#""behaviour.repay.script_cure" = 1, "behaviour.conduct.script_complaint" = 1"#),
    ("offline-rebate", r#""product.cards.redeem_rebate" = 0, "behaviour.buy.card_redeem_daily" = 0.06"#),
    (
        "campaign",
        r#""product.limits.campaign_raise" = 0, "product.pricing.coupon" = 0, "behaviour.funnel.campaign_click" = 1"#,
    ),
    ("new-limit-300", NEW_LIMITS),
    ("new-limit-500", NEW_LIMITS),
    ("new-limit-1000", NEW_LIMITS),
    ("new-limit-2000", NEW_LIMITS),
    ("cards-closed-high-risk", r#""product.cards.closed_from_tier" = 4, "behaviour.buy.card_substitution" = 0"#),
    (
        "fixed-price",
        r#""product.pricing.tier_annual" = [0.18, 0.192, 0.204, 0.216, 0.234], "product.pricing.risk_based" = true"#,
    ),
    ("literacy-young", r#""behaviour.literacy.forget_cut" = 0, "behaviour.literacy.demand_cut" = 0"#),
    (
        "price-up",
        r#""product.pricing.tier_annual" = [0.18, 0.192, 0.204, 0.216, 0.234], "behaviour.conduct.churn_price" = 0"#,
    ),
    ("price-down", r#""product.pricing.tier_annual" = [0.18, 0.192, 0.204, 0.216, 0.234]"#),
    ("lower-limits", r#""product.limits.lower_round" = 0"#),
    ("ltv-targeting", r#""product.limits.targeting.raise" = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"#),
    ("law-tips-barred", r#""product.tips.enabled" = true"#),
    ("law-cards-barred", r#""product.cards.enabled" = true, "behaviour.buy.card_substitution" = 0"#),
];

const NEW_LIMITS: &str = r#""product.origination.tier_new_limit_yuan" = [1000, 900, 800, 650, 500]"#;

#[test]
fn a_policy_at_zero_effect_changes_nothing_that_an_interval_could_tell() {
    let home = tempfile::tempdir().expect("a directory");
    let mut text = format!(
        "name = \"zero\"\ntitle = \"Policies at zero effect\"\nproduct = \"douyin-monthly-pay\"\nusers = 400\n\
         warmup_months = 3\nmonths = 4\nstart = 2027-01-01\nseed = 11\nmodels = {:?}\n\
         [suite]\nreplications = 2\n[[suite.paths]]\nname = \"base\"\neconomy = \"base\"\n\
         [[suite.policies]]\nname = \"present\"\n",
        shipped("models").display().to_string()
    );
    for (policy, set) in AT_ZERO {
        text += &format!(
            "[[suite.policies]]\nname = {policy:?}\napply = [{{ name = {policy:?}, from = 2027-01-01, set = {{ {set} }} }}]\n"
        );
    }
    let file = home.path().join("zero.toml");
    std::fs::write(&file, text).expect("written");
    let scenario = read_scenario(&file, &Overrides::default()).unwrap_or_else(|errors| panic!("{errors}"));
    let kept = area();
    let record = whole(&scenario, 2, &kept.area);
    let differences = record.differences.iter().map(|d| (&d.policy, d.measure.clone(), &d.paired));
    let segments = record.segments.iter().map(|d| (&d.policy, format!("{} {}", d.measure, d.segment), &d.paired));
    let mut compared = 0;
    for (policy, measure, paired) in differences.chain(segments) {
        let Some(d) = paired.as_ref().map(|p| p.difference) else { continue };
        assert!(d.low <= 0.0 && d.high >= 0.0, "{policy} changes {measure}: {d:?}");
        compared += 1;
    }
    assert!(compared > AT_ZERO.len() * (9 + 6 * 6), "{compared} differences have values");
}

#[test]
fn every_shipped_policy_of_this_kind_is_tested_at_zero() {
    let stems = std::fs::read_dir(shipped("models/policies")).expect("policies").flatten();
    let others = ["cap-12", "cap-20", "spend-sensibly", "tighter-new-limits"];
    for stem in stems.map(|entry| entry.path().file_stem().expect("a stem").to_string_lossy().into_owned()) {
        let known = AT_ZERO.iter().any(|(policy, _)| *policy == stem) || others.contains(&stem.as_str());
        assert!(known, "models/policies/{stem}.toml has no test at zero effect");
    }
}

/// Common random numbers: a policy that moves few people leaves all others as they were, and one that moves many moves each of them
/// against himself. Without that the paired interval would be as wide as the unpaired one.
#[test]
fn pairs_of_worlds_are_close_where_a_policy_touches_few_and_where_it_touches_many() {
    let wanted = ["present", "new-limit-300", "card-prompt", "scripts-clear"];
    let overrides = Overrides {
        users: Some(600),
        months: Some(6),
        set: vec![("warmup_months".to_owned(), "4".to_owned()), ("suite.replications".to_owned(), "6".to_owned())],
        ..Overrides::default()
    };
    let mut scenario = read_scenario(&shipped("scenarios/policies.toml"), &overrides).unwrap_or_else(|e| panic!("{e}"));
    let mut plan = scenario.suite.take().expect("a suite");
    scenario.worlds.retain(|world| wanted.iter().any(|policy| world.name == format!("base-{policy}")));
    plan.policies.retain(|policy| wanted.contains(&policy.as_str()));
    plan.paths.truncate(1);
    plan.outcomes = ["overdue_rate", "captured_yuan"].map(str::to_string).to_vec();
    assert_eq!((scenario.worlds.len(), plan.policies.len()), (4, 4));
    scenario.suite = Some(plan);
    let kept = area();
    for d in whole(&scenario, 2, &kept.area).differences {
        let paired = d.paired.expect("six pairs");
        assert!(paired.unpaired_half > 0.0, "{} {}", d.policy, d.measure);
        assert!(paired.ratio.is_some_and(|ratio| ratio <= 1.0 / 3.0), "{} {}: {paired:?}", d.policy, d.measure);
    }
}
