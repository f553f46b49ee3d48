//! The page of a made-up suite: offline, the same twice, and saying what its tables say.

use super::sentences::answer;
use super::*;
use crate::results::suite::tests::record;
use std::fs;

#[test]
fn the_page_of_a_suite_is_offline_and_drawn_twice_the_same() {
    let home = tempfile::tempdir().expect("a directory");
    crate::results::suite::write_into(home.path(), &record()).expect("written");
    let page = crate::report::render(home.path()).expect("drawn from the directory alone");
    let first = fs::read_to_string(&page).expect("a page");
    crate::report::render(home.path()).expect("drawn again");
    assert_eq!(first, fs::read_to_string(&page).expect("a page"));
    assert_eq!(fs::read_dir(home.path().join("charts")).expect("charts").count(), 2 * 20);
    assert_eq!(first.matches("<svg").count(), 20);
    let links = first.replace("http://www.w3.org/2000/svg", "");
    assert!(!links.contains("http") && !links.contains("<script"));
    assert!(!first.contains("NaN") && !first.contains("inf %"), "every number is one");
    // A unit is bound to its number.
    let said = first.replace('\u{a0}', " ");
    for words in [
        "30 replications do not carry it: P95",
        "7.00 % [6.30 %, 7.70 %]",
        "virtual clock",
        "0.21",
        "tighter, &quot;new&quot;",
        "unemployment by 6 [5, 7] months",
        "job loss +3.00 pp [+2.70 pp, +3.30 pp] or 75 %",
        "Of accounts opened in months 1 to 6",
    ] {
        assert!(said.contains(words), "{words}");
    }
    for chart in fs::read_dir(home.path().join("charts")).expect("charts").flatten().map(|e| e.path()) {
        if chart.extension().is_some_and(|e| e == "svg") {
            let svg = fs::read_to_string(&chart).expect("a chart");
            assert!(svg.contains("virtual clock · "), "{}", chart.display());
        }
    }
}

#[test]
fn the_head_of_a_column_stands_where_its_numbers_stand() {
    let home = tempfile::tempdir().expect("a directory");
    crate::results::suite::write_into(home.path(), &record()).expect("written");
    let page = fs::read_to_string(crate::report::render(home.path()).expect("drawn")).expect("a page");
    let at_the_right = |cell: &str| cell.starts_with(" class=num") || cell.starts_with(" class=\"num");
    let mut rows_seen = 0;
    for table in page.split("<table").skip(1).map(|rest| rest.split("</table>").next().unwrap_or_default()) {
        let Some((head, body)) = table.split_once("</thead>") else { continue };
        let columns: Vec<bool> = head.split("<th").skip(2).map(at_the_right).collect();
        for row in body.split("<tr>").skip(1) {
            let row = row.replace("<th scope=row", "<td");
            let cells: Vec<bool> = row.split("<td").skip(1).map(at_the_right).collect();
            assert_eq!(cells, columns, "{head}\n{row}");
            rows_seen += 1;
        }
    }
    assert!(rows_seen > 30, "{rows_seen} rows");
}

#[test]
fn the_answer_names_intervals_and_what_is_missing() {
    let sentences: Vec<String> = answer(&record()).iter().map(|s| format!("{}: {}", s.topic, s.text)).collect();
    expect_test::expect![[r#"
        Loss: gross_loss_rate_annual is about the same on every path: 5.00 % [4.50 %, 5.50 %] on severe against 5.00 % [4.50 %, 5.50 %] on base, means over replications with 95 % intervals.
        Tail: on severe: P80 7.00 % [6.30 %, 7.70 %], ES80 7.00 % [6.30 %, 7.70 %]; not stated, since 30 replications do not carry it: P95.
        Common shocks: of the variance of gross_loss_rate_annual on severe common shocks make 75 % [60 %, 85 %]; the rest is everybody's own luck.
        Where the loss comes from: severe under present changes gross_loss_rate_annual by +4.00 pp [+3.60 pp, +4.40 pp] against base; switched off in turn: job loss +3.00 pp [+2.70 pp, +3.30 pp] or 75 %, income +1.00 pp [+0.90 pp, +1.10 pp] or 25 %, behaviour +0.80 pp [+0.72 pp, +0.88 pp] or 20 %, policy −0.40 pp [−0.44 pp, −0.36 pp] or −10 %, interaction −0.40 pp [−0.44 pp, −0.36 pp] or −10 %.
        Early warning: on severe, 1 of 2 indicators that were tried led the write-offs, each by its own intervals, not corrected for their number; furthest ahead: unemployment by 6 [5, 7] months.
        Policy: tighter, "new" on severe: gross_loss_rate_annual −0.40 pp [−0.44 pp, −0.36 pp]; application_approval_rate −0.40 pp [−0.44 pp, −0.36 pp]; profit_yuan 0 [0, 0].
        Reverse stress: gross_loss_rate_annual above 10.00 % on the way from base (k = 0) through severe (k = 1) and beyond: broken from k = 1.25.
        Assumptions: of 2 assumptions (grade L) moved by 20 % to either side on severe, gross_loss_rate_annual under present hangs most on behaviour.repay.forget (μ* 2.00 pp [1.80 pp, 2.20 pp], among the first three in 100 % of resamples); behaviour.repay.emergency (μ* 0.80 pp [0.60 pp, 1.00 pp], among the first three in 40 % of resamples). Moved one at a time, the longest bars are behaviour.repay.forget (4.00 pp); behaviour.repay.emergency (0.80 pp). One other is not moved; the table says why."#]].assert_eq(&sentences.join("\n"));
}

#[test]
fn every_chart_of_a_suite_is_without_fault() {
    fonts::register_fonts();
    let signed = ["tornado", "elementary-effects", "attribution", "funding-headroom"];
    let mut record = record();
    crate::report::tests::geometry::check("two by two", &all(&SuiteView::new(&record)), &signed);
    // Many policies beside few paths: the same worlds under more names.
    let names = (2..20).map(|i| format!("policy-with-a-name-{i}"));
    let copies: Vec<String> = names.collect();
    for name in &copies {
        let copy = |policy: &mut String| *policy = name.clone();
        let of = record.policies[1].clone();
        let mut distributions: Vec<_> = record.distributions.iter().filter(|d| d.policy == of).cloned().collect();
        distributions.iter_mut().for_each(|d| copy(&mut d.policy));
        let mut differences: Vec<_> = record.differences.iter().filter(|d| d.policy == of).cloned().collect();
        differences.iter_mut().for_each(|d| copy(&mut d.policy));
        record.distributions.extend(distributions);
        record.differences.extend(differences);
    }
    record.policies.extend(copies);
    crate::report::tests::geometry::check("twenty policies", &all(&SuiteView::new(&record)), &signed);
}

/// A zip archive names each part where it lies and once more in its directory.
#[test]
fn the_workbook_is_the_same_twice_and_holds_every_table() {
    let home = tempfile::tempdir().expect("a directory");
    let path = write_workbook(&record(), home.path()).expect("written");
    let first = fs::read(&path).expect("a workbook");
    write_workbook(&record(), home.path()).expect("written again");
    assert_eq!(first, fs::read(&path).expect("a workbook"));
    assert!(first.starts_with(b"PK"));
    let names = first.windows(24).filter(|w| w.starts_with(b"xl/worksheets/sheet")).count();
    assert_eq!(names, 2 * 13, "thirteen sheets, each in its place and in the directory of the archive");
}
