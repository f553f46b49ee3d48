//! The thread that tells the others that this member lives, and why it ends when it ends before its time.

use super::link::Link;
use super::watch::{HEARTBEAT, Next, Watch, now};
use crate::runtime::Lost;
use std::sync::Arc;
use std::time::Duration;

/// How often it looks for a panic.
const LOOK: Duration = Duration::from_millis(250);

/// How long the last words may take to arrive.
const FAREWELL: Duration = Duration::from_millis(300);

/// Until all is over or somebody is lost.
pub(super) fn work(watch: &Watch, links: &[Arc<Link>]) {
    let mut said = now();
    loop {
        match watch.wait(LOOK) {
            Next::Over => return,
            Next::Lost(lost) => return farewell(links, &lost),
            Next::Goes if said.elapsed() >= HEARTBEAT => {
                said = now();
                links.iter().for_each(|link| link.beat());
            }
            Next::Goes => {}
        }
    }
}

/// Tells all why, and ends the connections. What comes in meanwhile is taken in, or the system would throw away what was said.
fn farewell(links: &[Arc<Link>], lost: &Lost) {
    links.iter().for_each(|link| link.part(lost));
    let until = now() + FAREWELL;
    links.iter().for_each(|link| link.drain(until.saturating_duration_since(now())));
    links.iter().for_each(|link| link.cut());
}
