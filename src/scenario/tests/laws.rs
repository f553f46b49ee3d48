//! The calendar of laws: which cap comes when, what it cuts, and which worlds go without.

use std::fs;

use crate::base::money::{BasisPoints, Ppm};
use crate::credit::terms::InstalmentPricing;
use crate::scenario::tests::fixture::{Home, head, right};
use crate::scenario::{Overrides, Scenario, ScenarioErrors};

const LAWS: &str = r#"
[small-loan-20]
title = "A cap of 20 %"
lender_types = ["small_loan", "bank"]
from = 2027-03-15
binds = "each_loan"
cap_annual = { value = 0.2, grade = "L", source = "a test" }

[small-loan-15]
title = "A cap of 15 %"
lender_types = ["small_loan"]
from = 2027-05-01
binds = "each_loan"
cap_annual = { value = 0.15, grade = "L", source = "a test" }

[mean-19]
title = "A mean of 19 %"
lender_types = ["small_loan"]
from = 2027-02-01
binds = "mean"
cap_annual = { value = 0.19, grade = "L", source = "a test" }

[of-others]
title = "A cap of 10 % for others"
lender_types = ["consumer_finance"]
from = 2027-02-01
binds = "each_loan"
cap_annual = { value = 0.1, grade = "L", source = "a test" }
"#;

fn read(laws: &str, worlds: &str) -> Result<Scenario, ScenarioErrors> {
    let home = Home::with_models(&format!("{}{worlds}", head(6)));
    fs::write(home.model("laws.toml"), laws).expect("written");
    home.read(&Overrides::default())
}

const WORLD: &str = "[[worlds]]\nname = \"baseline\"\neconomy = \"base\"\n";

#[test]
fn a_law_comes_on_its_day_and_cuts_the_price_list() {
    let scenario = right(read(LAWS, WORLD));
    let pricing = |index: usize| &scenario.worlds[0].rule_changes[index].1.terms.pricing;
    let days: Vec<String> = scenario.worlds[0].rule_changes.iter().map(|(from, _)| from.to_string()).collect();
    assert_eq!(days, ["2027-03-15", "2027-05-01"]);
    // The list is 18, 19.2, 20.4, 21.6, 23.4 %; late interest 0.05 % a day is 18.25 % a year, 0.15 / 365 is 0.041095 %.
    assert_eq!(scenario.base.terms.pricing.cap_annual, BasisPoints(2_400));
    assert_eq!(pricing(0).cap_annual, BasisPoints(2_000));
    assert_eq!(pricing(0).tier_annual, [1_800, 1_920, 2_000, 2_000, 2_000].map(BasisPoints));
    assert_eq!(pricing(0).penalty_daily, Ppm(500));
    assert_eq!((pricing(1).cap_annual, pricing(1).penalty_daily), (BasisPoints(1_500), Ppm(410)));
    assert_eq!(pricing(1).tier_annual, [1_500; 5].map(BasisPoints));
    let told = scenario.remarks.join("\n");
    for words in [
        "law `small-loan-20` from 2027-03-15: the price list, up to 23.4 %, is cut to 20 %",
        "law `mean-19` from 2027-02-01: the mean of the price list is 20.52 %, above 19 %",
    ] {
        assert!(told.contains(words), "{told}");
    }
    assert!(!told.contains("of-others"), "{told}");
}

#[test]
fn a_law_holds_whatever_policies_set() {
    let later = "[[worlds.policies]]\nfrom = 2027-04-01\nset = { \"product.pricing.annual_range\" = [0.1, 0.24], \"product.pricing.tier_annual\" = [0.1, 0.2, 0.22, 0.23, 0.24] }\n\
                 [[worlds.policies]]\nfrom = 2027-04-01\nset = { \"product.pricing.cap_annual\" = 0.24 }\n";
    let scenario = right(read(LAWS, &format!("{WORLD}{later}")));
    let [_, (from, rules), _] = &scenario.worlds[0].rule_changes[..] else { panic!("three changes") };
    assert_eq!(from.to_string(), "2027-04-01");
    assert_eq!(rules.terms.pricing.cap_annual, BasisPoints(2_000));
    assert_eq!(rules.terms.pricing.tier_annual, [1_000, 2_000, 2_000, 2_000, 2_000].map(BasisPoints));
}

#[test]
fn a_world_goes_without_a_law_by_name() {
    let without = "without_laws = [\"small-loan-15\"]\n";
    let scenario = right(read(LAWS, &format!("{WORLD}{without}")));
    assert_eq!(scenario.worlds[0].rule_changes.len(), 1);
    let wrong = |laws: &str, name: &str, why: &str| {
        let errors = read(laws, &format!("{WORLD}without_laws = [{name:?}]\n")).expect_err("refused").to_string();
        assert!(errors.contains(why), "{errors}");
    };
    wrong(LAWS, "small-loan-16", "no law `small-loan-16` in the calendar");
    wrong(LAWS, "small-loan-16", "did you mean `small-loan-15`?");
    wrong(&LAWS.replace("2027-05-01", "2026-05-01"), "small-loan-15", "of 2026-05-01 is older than the counted months");
}

#[test]
fn a_law_from_before_the_counted_months_is_in_the_product() {
    let scenario = right(read(&LAWS.replace("2027-05-01", "2026-05-01"), WORLD));
    assert_eq!(scenario.base.terms.pricing.tier_annual, [1_500; 5].map(BasisPoints));
    // What the run does not reach is left out.
    let scenario = right(read(&LAWS.replace("2027-05-01", "2027-07-01"), WORLD));
    assert_eq!(scenario.worlds[0].rule_changes.len(), 1);
}

#[test]
fn a_law_without_a_known_lender_is_refused() {
    let errors = read(&LAWS.replace("consumer_finance", "consumer_finanse"), WORLD).expect_err("refused").to_string();
    assert!(errors.contains("did you mean `consumer_finance`?"), "{errors}");
    let errors = read(&LAWS.replace("binds = \"mean\"\n", ""), WORLD).expect_err("refused").to_string();
    assert!(errors.contains("missing key `binds`"), "{errors}");
}

#[test]
fn a_law_leaves_a_list_of_flat_fees_as_it_is() {
    // What is above the cap is refused loan by loan.
    let flat = "[set]\n\"product.pricing.instalments\" = \"flat_fee\"\n\"product.pricing.flat_fee\" = [0.025, 0.045, 0.065, 0.088]\n";
    let scenario = right(read(LAWS, &format!("{flat}{WORLD}")));
    let fees = InstalmentPricing::FlatFee([250, 450, 650, 880].map(BasisPoints));
    for (_, rules) in &scenario.worlds[0].rule_changes {
        assert_eq!(rules.terms.pricing.instalments, fees);
        assert_eq!(rules.terms.pricing.flat_fee_by_tier, scenario.base.terms.pricing.flat_fee_by_tier);
    }
}
