//! The words of [`super::identifiers`]: what the design's glossary took out of use, and where.

use super::identifiers::Banned;

/// The load driver.
const LOAD: &[&str] = &["load/", "testing/load", "experiment/load"];
/// Where an account event is reported.
const ACCOUNT_EVENTS: &[&str] = &["agents/", "credit/", "load/", "world/", "sim/"];

/// The list.
pub(crate) const BANNED: &[Banned] = &[
    Banned { word: "bell", within: LOAD, say: "waker, wake, register" },
    Banned { word: "rung", within: LOAD, say: "ready" },
    Banned { word: "letter", within: LOAD, say: "mailbox count, cursor; account event" },
    Banned { word: "crowd", within: LOAD, say: "user shard" },
    Banned { word: "desk", within: LOAD, say: "service worker" },
    Banned { word: "gate", within: LOAD, say: "admission" },
    Banned { word: "door", within: LOAD, say: "admission" },
    Banned { word: "registrar", within: LOAD, say: "coordinator" },
    Banned { word: "person", within: LOAD, say: "session" },
    Banned { word: "agenda", within: LOAD, say: "timer queue" },
    Banned { word: "unhurried", within: LOAD, say: "deferrable" },
    Banned { word: "overnight", within: LOAD, say: "carried over" },
    Banned { word: "put_off", within: LOAD, say: "deferrable, blocked" },
    Banned { word: "morning", within: LOAD, say: "day phase: main" },
    Banned { word: "evening", within: LOAD, say: "day phase: deferrable, closing" },
    Banned { word: "market", within: LOAD, say: "counterparties" },
    Banned { word: "sign", within: LOAD, say: "backlogs" },
    Banned { word: "=Share", within: LOAD, say: "rebalancer" },
    Banned { word: "=Watch", within: LOAD, say: "sampler" },
    Banned { word: "tempo", within: LOAD, say: "time mapping" },
    Banned { word: "=Stamp", within: LOAD, say: "what it is: intended, sent, replied" },
    Banned { word: "company", within: LOAD, say: "linger" },
    Banned { word: "company", within: &["journal/"], say: "linger" },
    Banned { word: "board", within: &["world/", "sim/", "load/", "agents/"], say: "day context" },
    Banned { word: "published_day", within: &[""], say: "day context" },
    Banned { word: "last_look", within: LOAD, say: "cursor" },
    Banned { word: "bell", within: &["journal/"], say: "waker" },
    Banned { word: "ring", within: LOAD, say: "wake" },
    Banned { word: "ring", within: &["journal/"], say: "wake" },
    Banned { word: "hang", within: LOAD, say: "register" },
    Banned { word: "=Asked", within: LOAD, say: "in flight" },
    Banned { word: "place", within: LOAD, say: "user index, slot or position" },
    Banned { word: "place", within: &["journal/"], say: "slot, position or offset" },
    Banned { word: "=Sign", within: LOAD, say: "backlog" },
    Banned { word: "=Signs", within: LOAD, say: "backlogs" },
    Banned { word: "page", within: &["load/"], say: "account views" },
    Banned { word: "hear", within: LOAD, say: "receive" },
    Banned { word: "heard", within: LOAD, say: "received" },
    Banned { word: "nap", within: LOAD, say: "park" },
    Banned { word: "patience", within: &["journal/"], say: "linger" },
    Banned { word: "=Keeping", within: &[""], say: "what it is: a journal's setup" },
    Banned { word: "=Cast", within: LOAD, say: "counterparties" },
    Banned { word: "=Arbiters", within: LOAD, say: "what it is: threads of actors" },
    Banned { word: "napper", within: LOAD, say: "park" },
    Banned { word: "=Surrender", within: LOAD, say: "rebalancer" },
    Banned { word: "hungry", within: LOAD, say: "rebalancer, backlogs" },
    Banned { word: "=Thread", within: &["agents/", "world/"], say: "step kind" },
    Banned { word: "told", within: &["credit/", "testing/story"], say: "event, reported" },
    Banned { word: "=Place", within: &["scenario/"], say: "input path" },
    Banned { word: "=Places", within: &["experiment/"], say: "load paths" },
    Banned { word: "happening", within: ACCOUNT_EVENTS, say: "account event" },
    Banned { word: "notice", within: ACCOUNT_EVENTS, say: "account event" },
    Banned { word: "=Letter", within: ACCOUNT_EVENTS, say: "account event" },
    Banned { word: "=letters", within: ACCOUNT_EVENTS, say: "account event" },
    Banned { word: "=Post", within: ACCOUNT_EVENTS, say: "account event" },
];

/// Words that are yet to go. A word that is gone is taken off here.
pub(crate) const STILL_THERE: &[&str] = &[];
