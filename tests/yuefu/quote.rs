//! `yuefu quote`.

use crate::program::yuefu;
use serde_json::Value;

fn json(arguments: &[&str]) -> Value {
    let mut all = vec!["quote", "--json"];
    all.extend(arguments);
    serde_json::from_str(&yuefu(&all).well()).expect("--json prints JSON and nothing else")
}

/// Yuan of a JSON number as fen; the number must have no more than two decimals as it was printed.
fn fen(value: &Value) -> i64 {
    let text = value.as_number().expect("a number").to_string();
    let (whole, part) = text.split_once('.').unwrap_or((&text, "0"));
    assert!(part.len() <= 2, "{text} has more than two decimals");
    format!("{whole}{part:0<2}").parse().expect("digits")
}

fn instalments(quote: &Value) -> &[Value] {
    quote["instalments"].as_array().expect("a list")
}

#[test]
fn a_level_loan_says_what_it_costs() {
    let quote = json(&["--amount", "1000", "--months", "3", "--rate", "24"]);
    let payments: Vec<i64> = instalments(&quote).iter().map(|i| fen(&i["payment_yuan"])).collect();
    assert_eq!(payments, [34_675, 34_675, 34_675]);
    assert_eq!(fen(&quote["amount_yuan"]), 100_000);
    assert_eq!(quote["months"], 3);
    assert_eq!(fen(&quote["total_cost_yuan"]), 4_025);
    assert_eq!(quote["within_cap"], true);
    let (nominal, effective) = (quote["irr_annual"].as_f64(), quote["irr_effective"].as_f64());
    assert!(nominal.is_some_and(|r| r <= 0.24 && r > 0.2399), "{nominal:?}");
    assert!(effective.is_some_and(|r| r > 0.2680 && r < 0.2683), "{effective:?}");
}

#[test]
fn the_parts_of_every_plan_add_up() {
    for (amount, months, how, price) in [
        ("1234.56", "12", "--rate", "18.25"),
        ("0.01", "60", "--rate", "24%"),
        ("99999.99", "7", "--flat-fee", "6.5"),
        ("5000", "36", "--rate", "0"),
        ("10", "1", "--flat-fee", "0"),
    ] {
        let quote = json(&["--amount", amount, "--months", months, how, price]);
        let sum = |key: &str| instalments(&quote).iter().map(|i| fen(&i[key])).sum::<i64>();
        assert_eq!(instalments(&quote).len().to_string(), months);
        assert_eq!(sum("principal_yuan"), fen(&quote["amount_yuan"]), "{quote}");
        assert_eq!(sum("interest_yuan") + sum("fee_yuan"), fen(&quote["total_cost_yuan"]), "{quote}");
        assert_eq!(sum("payment_yuan"), sum("principal_yuan") + fen(&quote["total_cost_yuan"]), "{quote}");
        let numbers: Vec<i64> = instalments(&quote).iter().filter_map(|i| i["number"].as_i64()).collect();
        assert!(numbers.iter().copied().eq(1..=numbers.len() as i64));
        // An independent check of the rate: payments discounted at it are worth the amount.
        let monthly = quote["irr_annual"].as_f64().expect("a rate") / 12.0;
        let worth = instalments(&quote)
            .iter()
            .rev()
            .fold(0.0, |later: f64, i| (later + fen(&i["payment_yuan"]) as f64) / (1.0 + monthly));
        let lent = fen(&quote["amount_yuan"]) as f64;
        assert!((worth / lent - 1.0).abs() < 1e-10, "{worth} for {lent}");
    }
}

#[test]
fn flat_fees_of_the_market_meet_the_cap() {
    for (months, fee, within) in [
        ("3", "3.6", true),
        ("6", "7.2", false),
        ("9", "10.8", false),
        ("12", "14.4", false),
        ("3", "2.5", true),
        ("6", "4.5", true),
        ("9", "6.5", true),
        ("12", "8.8", true),
    ] {
        let quote = json(&["--amount", "3000", "--months", months, "--flat-fee", fee]);
        assert_eq!(quote["within_cap"], within, "{fee} % over {months} months");
    }
    let cheaper = json(&["--amount", "3000", "--months", "12", "--rate", "15", "--cap", "12"]);
    assert_eq!(cheaper["within_cap"], false);
}

/// Case D4: a level payment of 2 fen on 1.00 is all interest, so the IRR is 24 % to the last digit.
#[test]
fn a_loan_of_exactly_the_cap_is_within_it_however_long() {
    let quote = json(&["--amount", "1.00", "--months", "60", "--rate", "24"]);
    assert_eq!((fen(&quote["total_cost_yuan"]), &quote["within_cap"]), (120, &Value::Bool(true)));
    let above = json(&["--amount", "1.00", "--months", "60", "--rate", "24", "--cap", "23.99"]);
    assert_eq!(above["within_cap"], false);
}

/// Case D3.
#[test]
fn a_free_loan_comes_out_even() {
    for price in [&["--rate", "0"][..], &["--flat-fee", "0"], &["--rate", "0", "--equal-principal"]] {
        let quote = json(&[&["--amount", "1200", "--months", "3"][..], price].concat());
        let payments: Vec<i64> = instalments(&quote).iter().map(|i| fen(&i["payment_yuan"])).collect();
        assert_eq!(payments, [40_000; 3], "{price:?}");
    }
}

/// Case D1: bought on 31 January, due on 6 February, 6 March and 6 April: six days of 0.06 % are 4.32, then whole months.
#[test]
fn real_due_dates_are_counted_in_days() {
    let loan = ["--amount", "1200", "--months", "3", "--rate", "21.9", "--bought", "2027-01-31"];
    let quote = json(&loan);
    let dates: Vec<&str> = instalments(&quote).iter().filter_map(|i| i["due"].as_str()).collect();
    assert_eq!(dates, ["2027-02-06", "2027-03-06", "2027-04-06"]);
    let days: Vec<u64> = instalments(&quote).iter().filter_map(|i| i["days"].as_u64()).collect();
    assert_eq!(days, [6, 34, 65]);
    let interest: Vec<i64> = instalments(&quote).iter().map(|i| fen(&i["interest_yuan"])).collect();
    assert_eq!(interest, [432, 1_441, 710]);
    assert_eq!(quote["measured_on"], "real due dates");
    // An independent rate: payments discounted by days at the effective rate are worth the amount; nominal is 12 × its twelfth root.
    let effective = quote["irr_effective"].as_f64().expect("a rate");
    let worth: f64 = instalments(&quote)
        .iter()
        .zip(&days)
        .map(|(i, days)| fen(&i["payment_yuan"]) as f64 * libm::pow(1.0 + effective, -(*days as f64) / 365.0))
        .sum();
    assert!((worth / 120_000.0 - 1.0).abs() < 1e-10, "{worth}");
    let nominal = 12.0 * (libm::pow(1.0 + effective, 1.0 / 12.0) - 1.0);
    assert!((nominal - quote["irr_annual"].as_f64().expect("a rate")).abs() < 1e-10);
    // Simple: 25.83 on 1,200.00 for 6 days, 789.64 for 28 and 389.37 for 31.
    let used = (120_000.0 * 6.0 + 78_964.0 * 28.0 + 38_937.0 * 31.0) / 365.0;
    assert!((quote["simple_annual"].as_f64().expect("a rate") - 2_583.0 / used).abs() < 1e-12);
    // A full cycle later the first part bears a month: 21.90.
    let later = json(&[&loan[..], &["--first-period", "next_cycle"]].concat());
    assert_eq!(instalments(&later)[0]["due"], "2027-03-06");
    assert_eq!(fen(&instalments(&later)[0]["interest_yuan"]), 2_190);
    assert!(later["irr_annual"].as_f64() < quote["irr_annual"].as_f64());
}

#[test]
fn what_is_above_the_cap_on_its_dates_says_what_holds() {
    let bought = ["--bought", "2027-01-31", "--bill-day", "1", "--due-after", "5"];
    let dear = json(&[&["--amount", "1200", "--months", "3", "--rate", "24"][..], &bought].concat());
    assert_eq!(dear["within_cap"], false);
    let holds = dear["rate_that_holds"].as_f64().expect("a rate");
    let percent = |rate: f64| format!("{:.2}", 100.0 * rate);
    let at =
        |rate: f64| json(&[&["--amount", "1200", "--months", "3", "--rate", &percent(rate)][..], &bought].concat());
    assert_eq!((&at(holds)["within_cap"], &at(holds + 1e-4)["within_cap"]), (&true.into(), &false.into()), "{holds}");
    let text =
        |price: &[&str]| yuefu(&[&["quote", "--amount", "1200", "--months", "3"][..], price, &bought].concat()).well();
    assert!(text(&["--rate", "24"]).contains(&format!("checkout    prices down to {} %", percent(holds))));
    assert!(text(&["--flat-fee", "4"]).contains("checkout    cuts the fee to "));
    assert!(text(&["--flat-fee", "5"]).contains("checkout    refuses it"));
}

#[test]
fn people_get_a_table_and_a_verdict() {
    let text = yuefu(&["quote", "--amount", "3000", "--months", "12", "--flat-fee", "14.4"]).well();
    for word in ["principal", "286.00", "432.00", "ABOVE 24 % a year"] {
        assert!(text.contains(word), "{text}\nlacks {word}");
    }
}

#[test]
fn nonsense_is_refused_with_the_argument_named() {
    let ask = |amount: &str, months: &str, rate: &str| {
        yuefu(&["quote", "--amount", amount, "--months", months, "--rate", rate])
    };
    ask("-5", "3", "24").refused(2, "--amount -5: the amount must be above zero");
    ask("0", "3", "24").refused(2, "--amount 0");
    ask("ten", "3", "24").refused(2, "--amount ten: not a number like 1234.50");
    ask("5.001", "3", "24").refused(2, "--amount 5.001: at most two decimals");
    ask("99999999999999999999999999", "3", "24").refused(2, "--amount 99999999999999999999999999");
    ask("20000000000", "3", "24").refused(2, "at most 10000000000.00 yuan");
    ask("5", "0", "24").refused(2, "--months 0: must be a whole number from 1 to 60");
    ask("5", "61", "24").refused(2, "--months 61");
    ask("5", "2.5", "24").refused(2, "--months 2.5");
    ask("5", "3", "-1").refused(2, "--rate -1: must be a percentage from 0 to 1000");
    ask("5", "3", "18.255").refused(2, "--rate 18.255: at most two decimals");
    let bought =
        |more: &[&str]| yuefu(&[&["quote", "--amount", "5", "--months", "3", "--rate", "24"][..], more].concat());
    for day in ["2027-02-29", "31.1.2027", "2027-1-31", "1999-12-31", "2170-01-01"] {
        bought(&["--bought", day]).refused(2, &format!("--bought {day}: write a day of 2000 to 2159"));
    }
    let on = ["--bought", "2027-01-31"];
    bought(&[&on[..], &["--bill-day", "29"]].concat()).refused(2, "--bill-day 29: must be a whole number from 1 to 28");
    bought(&[&on[..], &["--bill-day", "0"]].concat()).refused(2, "--bill-day 0");
    bought(&[&on[..], &["--due-after", "28"]].concat())
        .refused(2, "--due-after 28: must be a whole number from 1 to 27");
    bought(&[&on[..], &["--due-after", "five"]].concat()).refused(2, "--due-after five");
    bought(&[&on[..], &["--first-period", "next"]].concat()).refused(2, "--first-period next: days or next_cycle");
    bought(&["--bill-day", "1"]).refused(2, "--bought <DATE>");
    yuefu(&["quote", "--amount", "5", "--months", "3", "--flat-fee", "1", "--equal-principal"])
        .refused(2, "cannot be used");
    yuefu(&["quote", "--amount", "5", "--months", "3"]).refused(2, "--rate <APR>|--flat-fee <PCT>");
    yuefu(&["quote", "--amount", "5", "--months", "3", "--rate", "1", "--flat-fee", "1"]).refused(2, "cannot be used");
}

#[test]
fn a_ratio_given_for_a_percentage_is_warned_of() {
    let priced = |rate: &str| yuefu(&["quote", "--amount", "3000", "--months", "6", "--rate", rate]);
    let warned = priced("0.18");
    assert_eq!(warned.code, 0);
    assert!(
        warned.err.contains("warning: --rate is in percent: 0.18 is 0.18 %; write --rate 18 for 18 %"),
        "{}",
        warned.err
    );
    for meant in ["18", "1", "0", "0.18%"] {
        assert_eq!(priced(meant).err, "", "{meant}");
    }
}
