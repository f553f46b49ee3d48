//! Progress on a terminal, and the wish to stop. Commands that run for long start one; the run itself sees a trait and a flag and
//! knows nothing of terminals or signals.

use crate::cli::Failure;
use crate::experiment::Manner;
use crate::sim;
use indicatif::{ProgressBar, ProgressStyle};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A progress bar with the time left, on standard error and only when that is a terminal; and the Ctrl-C handler.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
    stop: Arc<AtomicBool>,
}

impl Progress {
    /// Shows the bar and installs the handler, once in a process. From now on the first Ctrl-C (or SIGTERM) sets the wish to stop, which ends
    /// the run after the running day; the second ends the process at once.
    ///
    /// # Errors
    /// When another handler is installed.
    pub(crate) fn start(quiet: bool) -> Result<Progress, ctrlc::Error> {
        let bar = if quiet { ProgressBar::hidden() } else { ProgressBar::no_length() };
        let stop = Arc::new(AtomicBool::new(false));
        let (flag, shown) = (Arc::clone(&stop), bar.clone());
        ctrlc::set_handler(move || {
            if flag.swap(true, Ordering::Relaxed) {
                std::process::exit(crate::cli::Exit::Interrupted as i32);
            }
            shown.println("stopping after this day; once more to stop at once");
        })?;
        Ok(Progress { bar, stop })
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
        let done = work(&Manner { workers, progress: self, cancel: &self.stop, auditor: None });
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
        if self.bar.length() != Some(total as u64) {
            self.bar.set_length(total as u64);
            let style = ProgressStyle::with_template("{bar:40} {pos}/{len} days, {eta} left");
            self.bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        }
        self.bar.set_position(done as u64);
    }
}
