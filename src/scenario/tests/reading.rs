//! What is shipped can be read, goes there and back, and means what it says.

use std::path::Path;

use crate::base::money::Ppm;
use crate::base::time::Day;
use crate::scenario::tests::fixture::{Home, models, right, shipped, words};
use crate::scenario::{EventKind, Overrides, Scenario, from_resolved_toml, read_scenario};

fn read(path: &Path, overrides: &Overrides) -> Scenario {
    right(read_scenario(path, overrides))
}

fn set(key: &str, value: &str) -> Overrides {
    Overrides { set: vec![(key.to_owned(), value.to_owned())], ..Overrides::default() }
}

/// `quick.toml` with more text.
fn quick_with(text: &str) -> Home {
    Home::of(&(std::fs::read_to_string(shipped("quick.toml")).expect("quick.toml") + "\n" + text))
}

#[test]
fn every_shipped_scenario_goes_there_and_back() {
    let mut count = 0;
    for entry in std::fs::read_dir(shipped("")).expect("scenarios").flatten() {
        let scenario = read(&entry.path(), &Overrides::default());
        let again = right(from_resolved_toml(&scenario.resolved_toml));
        assert_eq!(words(scenario), words(again), "{}", entry.path().display());
        count += 1;
    }
    assert!(count >= 4);
}

#[test]
fn every_shipped_economy_and_policy_resolves() {
    let stems = |kind: &str| {
        let directory = models().join(kind);
        let entries = std::fs::read_dir(directory).expect("a directory of models").flatten();
        let files = entries.filter(|e| e.path().extension().is_some_and(|ending| ending == "toml"));
        files.map(|e| e.path().file_stem().expect("a stem").to_string_lossy().into_owned()).collect::<Vec<_>>()
    };
    for policy in stems("policies") {
        let home = quick_with(&format!("[[worlds.policies]]\nname = \"{policy}\"\nfrom = 2023-02-01\n"));
        let scenario = read(&home.scenario(), &Overrides::default());
        let (_, rules) = &scenario.worlds[1].rule_changes[0];
        assert_ne!(*rules, scenario.base, "{policy} changes something");
    }
    for economy in stems("economy") {
        let home = quick_with(&format!("[[worlds]]\nname = \"third\"\neconomy = \"{economy}\"\n"));
        let scenario = read(&home.scenario(), &Overrides { months: Some(39), ..Overrides::default() });
        assert_eq!(scenario.worlds[2].economy.months.len(), usize::from(scenario.months));
    }
}

#[test]
fn units_become_integers() {
    let mut overrides = set("product.limits.raise_factor", "1.3");
    for (key, value) in [
        ("product.origination.tier_new_limit_yuan", "[1000, 900, 800.5, 650, 500]"),
        ("product.pricing.tier_annual", "[0.18, 0.18, 0.18, 0.18, 0.2345]"),
        ("product.pricing.penalty_daily", "0.0005"),
        ("behaviour.repay.forget", "0.051"),
        ("behaviour.buy.ticket_sigma", "0.64"),
        ("behaviour.repay.contact_cure", "[0.01, 0.02, 0.03, 0.04, 0.05]"),
        ("months", "3"),
        ("title", "in words"),
    ] {
        overrides.set.push((key.to_owned(), value.to_owned()));
    }
    let scenario = read(&shipped("quick.toml"), &overrides);
    let (terms, levers) = (&scenario.base.terms, &scenario.base.levers);
    assert_eq!(terms.limits.raise_factor, Ppm(1_300_000));
    assert_eq!(terms.origination.tier_new_limit_fen, [100_000, 90_000, 80_050, 65_000, 50_000]);
    assert_eq!(terms.pricing.tier_annual[4].0, 2345);
    assert_eq!(terms.pricing.penalty_daily, Ppm(500));
    assert_eq!(terms.billing.debit_rounds, [8 * 3600, 17 * 3600, 20 * 3600]);
    assert_eq!(levers.repay.forget_ppm, 51_000);
    assert_eq!(levers.buy.ticket_sigma_milli, 640);
    assert_eq!(levers.repay.contact_cure_ppm, [0, 10_000, 20_000, 30_000, 40_000, 50_000]);
    assert_eq!((scenario.months, scenario.title.as_str()), (3, "in words"));
    assert_eq!(scenario.population.personas.iter().map(|p| p.share.0).sum::<i32>(), 1_000_000);
}

#[test]
fn flags_of_the_command_line_win_over_the_file() {
    let overrides = Overrides { users: Some(500), months: Some(2), seed: Some(9), ..Overrides::default() };
    let scenario = read(&shipped("quick.toml"), &overrides);
    assert_eq!((scenario.users, scenario.months, scenario.seed), (500, 2, 9));
    assert_eq!(scenario.worlds[0].economy.months.len(), 2);
}

#[test]
fn policies_pile_up_in_the_order_of_their_dates() {
    let home = quick_with(
        "[[worlds.policies]]\nfrom = 2023-04-01\nset = { \"product.limits.cut_factor\" = 0.7 }\n\
         [[worlds.policies]]\nfrom = 2023-02-01\nset = { \"product.limits.raise_factor\" = 1.1 }\n",
    );
    let scenario = read(&home.scenario(), &Overrides::default());
    assert!(scenario.worlds[0].rule_changes.is_empty());
    let [(first, early), (second, late)] = &scenario.worlds[1].rule_changes[..] else { panic!("two changes") };
    assert_eq!((first.to_string(), second.to_string()), ("2023-02-01".into(), "2023-04-01".into()));
    assert_eq!(early.terms.limits.raise_factor, Ppm(1_100_000));
    assert_eq!(early.terms.limits.cut_factor, scenario.base.terms.limits.cut_factor);
    assert_eq!((late.terms.limits.raise_factor, late.terms.limits.cut_factor), (Ppm(1_100_000), Ppm(700_000)));
    let again = right(from_resolved_toml(&scenario.resolved_toml));
    assert_eq!(again.worlds[1].rule_changes, scenario.worlds[1].rule_changes);
}

#[test]
fn a_shorter_run_leaves_out_what_it_does_not_reach() {
    let home = quick_with(
        "[[worlds.events]]\nkind = \"festival\"\nfrom = 2023-02-01\nuntil = 2023-06-01\ndemand = 1.5\n\
         [[worlds.events]]\nkind = \"partner_withdrawal\"\nfrom = 2023-05-01\nuntil = 2023-06-01\npartner = \"bank\"\n",
    );
    let whole = read(&home.scenario(), &Overrides::default());
    assert_eq!(whole.worlds[1].events.len(), 2);
    assert_eq!(whole.worlds[1].events[1].what, EventKind::PartnerWithdrawal { partner: 1 });
    let short = read(&home.scenario(), &Overrides { months: Some(2), ..Overrides::default() });
    let [festival] = &short.worlds[1].events[..] else { panic!("one event") };
    assert_eq!(Some(festival.until), Day::from_ymd(2023, 3, 1));
    assert_eq!(festival.what, EventKind::Festival { demand: Ppm(1_500_000), watch: Ppm::ONE });
}

#[test]
fn the_schema_is_one_for_editors() {
    let schema = format!("{:#}", crate::scenario::schemas::schema_of("scenario").expect("a kind"));
    for word in ["\"title\": \"Yuefu scenario\"", "warmup_months", "partner_withdrawal", "a share between 0 and 1"] {
        assert!(schema.contains(word), "{word}");
    }
}
