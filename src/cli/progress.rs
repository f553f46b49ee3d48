//! Progress, and the wish to stop. Commands that run for long start one; the run itself sees a trait and a flag and knows nothing of
//! terminals or signals.

use crate::cli::{Failure, streams};
use crate::experiment::Manner;
use crate::sim;
use indicatif::{ProgressBar, ProgressStyle};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// How often a log hears of the progress, at most.
const LINE_EVERY: Duration = Duration::from_secs(60);

/// Progress on standard error: a bar with the time left on a terminal, a line a minute in a log; and the Ctrl-C handler.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
    lines: Option<Lines>,
    stop: Arc<AtomicBool>,
}

impl Progress {
    /// Shows the bar and installs the handler, once in a process. From now on the first Ctrl-C (or SIGTERM) sets the wish to stop, which ends
    /// the run after the running day; the second ends the process at once.
    ///
    /// # Errors
    /// When another handler is installed.
    pub(crate) fn start(quiet: bool) -> Result<Progress, ctrlc::Error> {
        let watched = streams::is_watched();
        let bar = if quiet || !watched { ProgressBar::hidden() } else { ProgressBar::no_length() };
        let stop = Arc::new(AtomicBool::new(false));
        let (flag, shown) = (Arc::clone(&stop), bar.clone());
        ctrlc::set_handler(move || {
            if flag.swap(true, Ordering::Relaxed) {
                std::process::exit(crate::cli::Exit::Interrupted as i32);
            }
            let said = "stopping after this day; once more to stop at once";
            if watched {
                shown.println(said);
            } else if !quiet {
                streams::note(said);
            }
        })?;
        Ok(Progress { bar, lines: (!quiet && !watched).then(Lines::start), stop })
    }

    /// Runs something on so many workers under this bar and this wish to stop, with nobody reading along; the bar is gone after it.
    ///
    /// # Errors
    /// What it says.
    pub(crate) fn run<R, E: Into<Failure>>(
        &self,
        workers: usize,
        work: impl FnOnce(&Manner<'_>) -> Result<R, E>,
    ) -> Result<R, Failure> {
        let done = work(&Manner { workers, progress: self, cancel: &self.stop, auditor: None, warm: None });
        self.finish();
        done.map_err(E::into)
    }

    /// Takes the bar away, until there are days to show again.
    fn finish(&self) {
        self.bar.finish_and_clear();
        self.bar.reset();
    }
}

impl sim::Progress for Progress {
    fn day(&self, done: usize, total: usize) {
        if let Some(lines) = &self.lines {
            return lines.day(done, total);
        }
        if self.bar.length() != Some(total as u64) {
            self.bar.set_length(total as u64);
            let style = ProgressStyle::with_template("{bar:40} {pos}/{len} days, {eta} left");
            self.bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        }
        self.bar.set_position(done as u64);
    }
}

/// Lines for a log.
#[derive(Debug)]
struct Lines {
    begun: Instant,
    pace: Mutex<Pace>,
}

impl Lines {
    #[expect(clippy::disallowed_methods, reason = "a person waits and wants to know how long")]
    fn start() -> Lines {
        Lines { begun: Instant::now(), pace: Mutex::new(Pace::default()) }
    }

    fn day(&self, done: usize, total: usize) {
        // Whoever finds it taken has nothing to add to what another worker says now.
        if let Ok(mut pace) = self.pace.try_lock()
            && let Some(line) = pace.line(self.begun.elapsed(), done, total)
        {
            streams::note(line);
        }
    }
}

/// When the present work began and when a line was last due; times are those since the start of the program.
#[derive(Debug, Default)]
struct Pace {
    total: usize,
    begun: Duration,
    last: Duration,
}

impl Pace {
    /// The line that is due, if one is: the share that is done, and how long the rest takes at this pace.
    fn line(&mut self, now: Duration, done: usize, total: usize) -> Option<String> {
        if total != self.total {
            (self.total, self.begun, self.last) = (total, now, now);
        }
        if now < self.last + LINE_EVERY || done == 0 || done >= total {
            return None;
        }
        self.last = now;
        let left = (now - self.begun).mul_f64((total - done) as f64 / done as f64);
        let share = 100.0 * done as f64 / total as f64;
        Some(format!("{share:.0} % of {total} days done, {} left", in_words(left)))
    }
}

/// A time that need not be exact.
fn in_words(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds @ 60..5_400 => format!("{} min", (seconds + 30) / 60),
        seconds => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_hears_of_it_once_a_minute() {
        let mut pace = Pace::default();
        let mut said = Vec::new();
        // Ten days a second for five minutes.
        for tenth in 1..=3_000_u64 {
            let now = Duration::from_millis(100 * tenth);
            said.extend(pace.line(now, tenth as usize, 3_000));
        }
        assert_eq!(
            said,
            [
                "20 % of 3000 days done, 4 min left",
                "40 % of 3000 days done, 3 min left",
                "60 % of 3000 days done, 2 min left",
                "80 % of 3000 days done, 59 s left",
            ]
        );
    }

    #[test]
    fn other_work_has_a_pace_of_its_own() {
        let mut pace = Pace::default();
        let second = Duration::from_secs;
        assert_eq!(pace.line(second(1), 1, 10), None);
        assert_eq!(pace.line(second(100), 1, 1_000), None, "nothing is known of its pace yet");
        assert_eq!(pace.line(second(161), 10, 1_000).as_deref(), Some("1 % of 1000 days done, 1 h 40 min left"));
        assert_eq!(in_words(second(59)), "59 s");
    }
}
