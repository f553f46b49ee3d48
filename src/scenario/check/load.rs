//! Cross-field rules of `[load]`: what its schema cannot say.

use std::ops::RangeInclusive;

use crate::base::time::{Calendar, Day};
use crate::scenario::document::tree::Node;
use crate::scenario::document::units::Date;
use crate::scenario::problem::{Problem, did_you_mean};
use crate::scenario::raw::lengths::{DEADLINE, DURATION, LENGTHS, Length, MS, PATIENCE, STALL_AT, STALL_FOR, words};
use crate::scenario::raw::load::SHAPE_KEYS;
use crate::scenario::raw::objective;
use crate::scenario::raw::time::{Moment, WallTime};

/// Checks the `[load]` part of a document, if it has one.
pub(in crate::scenario) fn check(root: &Node, problems: &mut Vec<Problem>) {
    let Some(load) = root.child("load") else { return };
    moment(root, load, problems);
    world(root, load, problems);
    shape(load, problems);
    times(load, problems);
    closed_users(root, load, problems);
    let single = load.at("capacity.objective");
    let listed = load.child("objectives").map_or(&[][..], Node::items);
    for node in listed.iter().chain(single) {
        let Some(text) = node.text() else { continue };
        let hint = Some(objective::FORMS.to_owned());
        match objective::parse(text) {
            Err(wrong) => {
                problems.push(Problem::new(node.span, format!("no objective: {wrong}"), hint));
            }
            Ok(objective) if single.is_some_and(|single| std::ptr::eq(single, node)) => {
                if objective::latency(&objective).is_none() || objective.window_ms.is_some() {
                    let message = "a capacity search wants a latency of all requests".to_owned();
                    problems.push(Problem::new(node.span, message, Some("such as `p99 < 5ms`".to_owned())));
                }
            }
            Ok(objective) => {
                if let Some(window_ms) = objective.window_ms.filter(|window_ms| window_ms * MS > DURATION.us_in(load)) {
                    let message = format!("no window of {} s fits into the measured time", window_ms / 1_000);
                    problems.push(Problem::new(
                        node.span,
                        message,
                        Some("a shorter window, or a longer `duration`".to_owned()),
                    ));
                }
            }
        }
    }
}

fn micros(load: &Node, key: &str) -> Option<u64> {
    load.at(key).and_then(Node::text).and_then(WallTime::micros)
}

/// All days of the run, warm-up and counted ones.
fn days(root: &Node) -> Option<RangeInclusive<Day>> {
    let start = Date::day(root.at("start")?.text()?)?;
    let months =
        |key: &str, low: f64, high: f64| Some(root.at(key)?.number().filter(|m| (low..=high).contains(m))? as u16);
    let (warm, counted) = (months("warmup_months", 0.0, 120.0)?, months("months", 1.0, 240.0)?);
    let (year, month, _) = start.ymd();
    let first = i32::from(year) * 12 + i32::from(month) - 1 - i32::from(warm);
    let first = Day::from_ymd((first / 12) as i16, (first % 12 + 1) as i8, 1)?;
    Some(first..=Calendar::new(first, warm + counted).days().last()?.day)
}

fn moment(root: &Node, load: &Node, problems: &mut Vec<Problem>) {
    let Some(node) = load.child("at") else { return };
    let Some(text) = node.text() else { return };
    let Some(at) = Moment::at(text) else {
        if text.contains('T') {
            let message = format!("`{text}` is no moment");
            problems.push(Problem::new(node.span, message, Some("such as 2027-11-11T20:00".to_owned())));
        }
        return;
    };
    if let Some((first, last)) = days(root).map(RangeInclusive::into_inner)
        && !(first < at.day() && at.day() < last)
    {
        let message = format!("`{text}` lies outside the run");
        let hint = format!("between {} and {}: the days after the first and before the last", first.plus(1), last);
        problems.push(Problem::new(node.span, message, Some(hint)));
    }
}

fn world(root: &Node, load: &Node, problems: &mut Vec<Problem>) {
    let Some(node) = load.child("world") else { return };
    let Some(name) = node.text() else { return };
    let worlds = root.child("worlds").map_or(&[][..], Node::items);
    let names: Vec<&str> = worlds.iter().filter_map(|world| world.child("name")?.text()).collect();
    if !names.contains(&name) {
        let hint = did_you_mean(name, &names);
        problems.push(Problem::new(node.span, format!("no world `{name}` in this scenario"), hint));
    }
}

fn shape(load: &Node, problems: &mut Vec<Problem>) {
    let chosen = load.child("shape").and_then(Node::text).unwrap_or("behaviour");
    let Some((_, needed)) = SHAPE_KEYS.iter().find(|(name, _)| *name == chosen) else { return };
    let span = load.child("shape").map_or(load.span, |node| node.span);
    for key in needed.iter().filter(|key| load.child(key).is_none()) {
        let message = format!("shape `{chosen}` needs `{key}`");
        problems.push(Problem::new(span, message, Some(format!("its keys are {}", needed.join(", ")))));
    }
    let mut others: Vec<&str> = SHAPE_KEYS.iter().flat_map(|(_, keys)| keys.iter().copied()).collect();
    others.sort_unstable();
    others.dedup();
    for key in others.into_iter().filter(|key| !needed.contains(key)) {
        if let Some(span) = load.key_span(key) {
            let message = format!("`{key}` means nothing to the shape `{chosen}`");
            problems.push(Problem::new(span, message, Some("leave it out, or choose its shape".to_owned())));
        }
    }
}

fn times(load: &Node, problems: &mut Vec<Problem>) {
    for length in LENGTHS {
        if let Some(node) = load.at(length.key) {
            in_range(&length, node, problems);
        }
    }
    let span = |key: &str| load.child(key).map_or(load.span, |node| node.span);
    if DEADLINE.us_in(load) > PATIENCE.us_in(load) {
        let span = if load.child("deadline").is_some() { span("deadline") } else { span("patience") };
        let message = "the deadline of a request lies beyond the patience of its user".to_owned();
        problems.push(Problem::new(span, message, Some("`deadline` at most `patience`".to_owned())));
    }
    let within = |at: u64, length: u64| at + length <= DURATION.us_in(load);
    if let Some((at, length)) = micros(load, "spike_at").zip(micros(load, "spike_for"))
        && !within(at, length)
    {
        let message = "the spike ends after the measured time".to_owned();
        problems.push(Problem::new(span("spike_for"), message, None));
    }
    for stall in load.child("stalls").map_or(&[][..], Node::items) {
        for (key, length) in [("at", STALL_AT), ("for", STALL_FOR)] {
            if let Some(node) = stall.child(key) {
                in_range(&length, node, problems);
            }
        }
        if let Some((at, length)) = micros(stall, "at").zip(micros(stall, "for"))
            && !within(at, length)
        {
            let message = "the stall ends after the measured time".to_owned();
            let span = stall.child("for").map_or(stall.span, |node| node.span);
            problems.push(Problem::new(span, message, None));
        }
    }
}

fn in_range(length: &Length, node: &Node, problems: &mut Vec<Problem>) {
    let Length { key, shortest, longest, step, .. } = *length;
    let Some(micros) = node.text().and_then(WallTime::micros) else { return };
    // Of the wrong form: said already.
    if problems.iter().any(|problem| problem.span == node.span) {
        return;
    }
    if !(shortest..=longest).contains(&micros) {
        let hint = Some(format!("between {} and {}", words(shortest), words(longest)));
        problems.push(Problem::new(node.span, format!("`{key}` is out of range"), hint));
    } else if !micros.is_multiple_of(step) {
        let message = format!("`{key}` is kept in whole milliseconds");
        problems.push(Problem::new(
            node.span,
            message,
            Some(format!("such as {}", words(micros.div_ceil(step) * step))),
        ));
    }
}

/// A closed loop asks with that many users at once, so there must be as many.
fn closed_users(root: &Node, load: &Node, problems: &mut Vec<Problem>) {
    let Some(node) = load.child("closed_users") else { return };
    if let (Some(closed), Some(users)) = (node.number(), root.child("users").and_then(Node::number))
        && closed > users
    {
        let message = format!("{closed} users at work at once, of {users} in the world");
        problems.push(Problem::new(node.span, message, Some("at most `users`".to_owned())));
    }
}
