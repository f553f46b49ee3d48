//! A table of broken files: what is changed in the shipped models or in a small scenario, and every error that must
//! come of it: the offending text, which must be found where it was written, a part of the message and of the hint.

use std::fs;
use std::path::Path;

use crate::scenario::Overrides;
use crate::scenario::problem::Located;
use crate::scenario::tests::broken_cases::{Case, PRODUCT_CASES, SCENARIO_CASES};
use crate::scenario::tests::broken_load_cases::LOAD_CASES;
use crate::scenario::tests::broken_model_cases::{CALIBRATED, OTHER_CASES};
use crate::scenario::tests::fixture::{Home, head};

/// The scenario that the cases change.
fn scenario() -> String {
    head(6) + "\n[[worlds]]\nname = \"baseline\"\neconomy = \"base\"\n"
}

/// A scenario with models in which nothing has been found by a fit: that is no part of the cases.
fn home(scenario: &str) -> Home {
    let home = Home::with_models(scenario);
    fs::write(home.model(&format!("{CALIBRATED}.toml")), "").expect("no calibration");
    home
}

/// What the scenario is refused for.
fn errors(home: &Home) -> Vec<Located> {
    home.read(&Overrides::default()).expect_err("broken").located()
}

/// The text with the line of `section/key` replaced; also where the new text begins and ends.
fn broken(text: &str, at: &str, new: &str) -> (String, usize, usize) {
    if at == "*" {
        return (new.to_owned(), 0, new.len());
    }
    if at == "+" {
        let whole = format!("{text}\n{new}\n");
        return (whole, text.len() + 1, text.len() + 1 + new.len());
    }
    let (section, key) = at.split_once('/').expect("section/key");
    let header = format!("[{section}]\n");
    let from = if section.is_empty() { 0 } else { text.find(&header).expect("the section") };
    // A line break before the text lets its first line be found like the others.
    let start = from + format!("\n{}", &text[from..]).find(&format!("\n{key} = ")).expect("the key");
    let end = start + text[start..].find('\n').expect("a line end");
    (format!("{}{new}{}", &text[..start], &text[end..]), start, start + new.len())
}

/// Every disagreement of a case with what it expects, as one text.
fn disagreement(case: &Case) -> Option<String> {
    let home = home(&scenario());
    let path = if case.file == "scenario" { home.scenario() } else { home.model(&format!("{}.toml", case.file)) };
    let new = case.text.replace('«', "{ value = ").replace('»', ", grade = \"L\", source = \"a test\" }");
    let (text, start, end) = broken(&fs::read_to_string(&path).expect("the file"), case.at, &new);
    fs::write(&path, &text).expect("the broken file");
    let name = format!("{} {} {}", case.file, case.at, case.text);
    let found = home.read(&Overrides::default()).map_or_else(|errors| errors.located(), |_| Vec::new());
    let shown: Vec<String> =
        found.iter().map(|l| format!("{}:{} «{}» {} ({})", l.line, l.column, l.text, l.message, l.hint)).collect();
    let shown = shown.join("\n  ");
    if found.len() != case.errors.len() {
        return Some(format!("{name}: {} errors expected\n  {shown}", case.errors.len()));
    }
    for &(offending, message, hint) in case.errors {
        let place = found.iter().find(|l| {
            l.message.contains(message) && l.hint.contains(hint) && (offending.is_empty() || l.text == offending)
        });
        let Some(place) = place else {
            return Some(format!("{name}\n  no «{offending}» {message} ({hint}) in\n  {shown}"));
        };
        if offending.is_empty() || offending.starts_with('[') && !new.contains(offending) {
            continue;
        }
        let offset = byte_offset(&text, place);
        if Path::new(&place.file) != path || !(start..end).contains(&offset) {
            return Some(format!("{name}: at {}:{}:{}\n  {shown}", place.file, place.line, place.column));
        }
    }
    None
}

/// Runs all cases and shows every disagreement.
fn check(cases: &[Case]) {
    let wrong: Vec<String> = cases.iter().filter_map(disagreement).collect();
    assert!(wrong.is_empty(), "{} of {} cases\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

/// Byte offset of the line and column of an error.
fn byte_offset(text: &str, place: &Located) -> usize {
    let line_start: usize = text.split_inclusive('\n').take(place.line - 1).map(str::len).sum();
    let before = text[line_start..].chars().take(place.column - 1).map(char::len_utf8).sum::<usize>();
    line_start + before
}

#[test]
fn broken_scenarios_are_explained() {
    check(SCENARIO_CASES);
}

#[test]
fn broken_load_parts_are_explained() {
    check(LOAD_CASES);
}

#[test]
fn broken_products_are_explained() {
    check(PRODUCT_CASES);
}

#[test]
fn other_broken_models_are_explained() {
    check(OTHER_CASES);
    assert!(SCENARIO_CASES.len() + PRODUCT_CASES.len() + OTHER_CASES.len() >= 90);
}

#[test]
fn the_command_line_is_checked_too() {
    let home = home(&scenario());
    for (key, value, message, hint) in [
        ("product.limits.raise_facter", "1.3", "unknown key", "did you mean `product.limits.raise_factor`?"),
        ("forget", "0.1", "unknown key `forget`", "did you mean `behaviour.repay.forget`?"),
        ("mnths", "6", "unknown key `mnths`", "did you mean `months`?"),
        ("months", "99999999999999999999", "a whole number beyond 9223372036854775807", ""),
        ("users", "inf", "not a finite number", ""),
        ("users", "NaN", "not a finite number", ""),
        ("behaviour.repay.forget", "nan", "not a finite number", ""),
        ("months", "soon", "`months` is a text, not a whole number", ""),
        ("behaviour.repay.forget", "5%", "is a text, not a number", "5 % is 0.05"),
        ("economy.base.base", "0.09", "is above `economy.base.peak`", ""),
    ] {
        let overrides = Overrides { set: vec![(key.to_owned(), value.to_owned())], ..Overrides::default() };
        let errors = home.read(&overrides).expect_err(key).located();
        assert_eq!(errors.len(), 1, "{key}={value}: {errors:?}");
        assert_eq!(errors[0].file, "--set");
        assert!(errors[0].message.contains(message) && errors[0].hint.contains(hint), "{:?}", errors[0]);
    }
}

#[test]
fn a_broken_policy_file_is_named() {
    let home = home(&(scenario() + "[[worlds.policies]]\nname = \"broken\"\nfrom = 2027-02-01\n"));
    let policy = "title = \"Broken\"\nsince = 2027-02-01\n[set]\n\"product.limits.cut_factor\" = 0.7\n\
                  \"product.limits.raise_facter\" = { value = 1.2, grade = \"L\", source = \"a test\" }\n";
    fs::write(home.model("policies/broken.toml"), policy).expect("a policy");
    let errors = errors(&home);
    let found: Vec<_> = errors.iter().map(|e| (e.line, e.column, e.message.as_str(), e.hint.as_str())).collect();
    assert!(errors.iter().all(|e| e.file.ends_with("models/policies/broken.toml")), "{errors:?}");
    assert_eq!(found.iter().map(|f| (f.0, f.1)).collect::<Vec<_>>(), [(2, 1), (4, 1), (5, 1)], "{found:?}");
    assert!(found[0].2.contains("unknown key `since`") && found[1].2.contains("no grade and no source"));
    assert!(found[2].3.contains("did you mean `product.limits.raise_factor`?"));
}

#[test]
fn what_is_not_toml_comes_before_the_keys_that_it_hides() {
    // A line above it has a wrong value; what is not TOML comes first all the same.
    let home = home(&(scenario().replace("name = \"small\"", "name = 5").replace("users = 1000", "users = = 1000")));
    let errors = errors(&home);
    let not_toml: Vec<bool> = errors.iter().map(|error| error.message.starts_with("not TOML")).collect();
    assert!(not_toml[0] && !not_toml[not_toml.len() - 1] && not_toml.is_sorted_by(|a, b| a >= b), "{errors:?}");
    // Also when the broken file is not the first that is read.
    let home = self::home(&scenario().replace("users =", "user ="));
    let path = home.model("products/douyin-monthly-pay.toml");
    fs::write(&path, fs::read_to_string(&path).expect("the file") + "\n= 5\n").expect("the broken file");
    let errors = self::errors(&home);
    assert!(errors[0].message.starts_with("not TOML") && errors[0].file.ends_with("monthly-pay.toml"), "{errors:?}");
    assert!(errors[1].line == 1 && errors[1].message.contains("missing key `users`"), "{errors:?}");
}

#[test]
fn all_errors_come_in_one_go_and_are_shown_in_their_places() {
    let home = home(&scenario().replace("users =", "user =").replace("\"base\"", "\"bse\""));
    let errors = home.read(&Overrides::default()).expect_err("broken");
    let shown = errors.to_string().replace(&home.path().display().to_string(), "DIR");
    expect_test::expect![[r#"
        error: missing key `users`
         --> DIR/scenarios/small.toml:1:1
          |
        1 | name = "small"
          | ^
          |
          = help: Users of the world.

        error: unknown key `user`
         --> DIR/scenarios/small.toml:4:1
          |
        4 | user = 1000
          | ^^^^
          |
          = help: did you mean `users`?

        error: no economy path `bse` in DIR/models/economy
          --> DIR/scenarios/small.toml:12:11
           |
        12 | economy = "bse"
           |           ^^^^^
           |
           = help: did you mean `base`?

        3 errors"#]]
    .assert_eq(&shown);
}
