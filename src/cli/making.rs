//! What commands have in common that read a scenario, run it and write a directory: changes of the scenario, workers, progress,
//! interruption, the directory and its place, the answer.

use crate::cli::progress::Progress;
use crate::cli::streams::{self, note};
use crate::cli::{Failure, doors, machine};
use crate::experiment::Manner;
use crate::experiment::states::{Told, WarmUps};
use crate::results::{self, Former, KeptFiles, Kind, RunDirectory, VIRTUAL_CLOCK, WorkArea};
use crate::scenario::{self, Origin, Overrides, Scenario};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// The largest seed: TOML, in which a run is written down, ends at 63 bits.
pub(super) const SEED_MAX: u64 = i64::MAX as u64;

/// What the command line changes in a scenario.
#[derive(Debug, clap::Args)]
pub(crate) struct Changes {
    /// Users of the world
    #[arg(long, value_name = "N", value_parser = whole::<u32>(0..=u32::MAX.into()), allow_hyphen_values = true)]
    users: Option<u32>,
    /// Counted months, warm-up apart
    #[arg(long, value_name = "N", value_parser = whole::<u16>(0..=u16::MAX.into()), allow_hyphen_values = true)]
    months: Option<u16>,
    #[command(flatten)]
    settings: Settings,
}

/// What every command changes in a scenario.
#[derive(Debug, clap::Args)]
pub(super) struct Settings {
    /// Seed of all luck
    #[arg(long, value_name = "S", value_parser = whole::<u64>(0..=SEED_MAX), allow_hyphen_values = true)]
    seed: Option<u64>,
    /// Replace a value of the scenario or its models, such as behaviour.repay.forget=0.02 or load.queue_limit=100; may be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = key_and_value)]
    set: Vec<(String, String)>,
    /// Directory of the models [default: the scenario's `models`, ../models beside it, what is built in]
    #[arg(long, value_name = "DIR", value_parser = directory)]
    models: Option<PathBuf>,
}

impl Settings {
    /// The words that make these changes again.
    pub(super) fn words(&self) -> Vec<String> {
        let mut words: Vec<String> =
            self.seed.iter().flat_map(|seed| ["--seed".to_string(), seed.to_string()]).collect();
        for (key, value) in &self.set {
            words.extend(["--set".to_string(), format!("{key}={value}")]);
        }
        words.extend(self.models.iter().flat_map(|models| ["--models".to_string(), models.display().to_string()]));
        words
    }

    /// As the scenario reader takes them; values of other options stand in `first`, and `--set` overrides them.
    pub(super) fn overrides(&self, mut first: Vec<(String, String)>) -> Overrides {
        first.extend(self.set.iter().cloned());
        Overrides { seed: self.seed, set: first, models: self.models.clone(), ..Overrides::default() }
    }
}

impl Changes {
    /// As the scenario reader takes them.
    pub(crate) fn overrides(&self) -> Overrides {
        Overrides { users: self.users, months: self.months, ..self.settings.overrides(Vec::new()) }
    }
}

impl Changes {
    /// The words that make these changes again.
    fn words(&self) -> Vec<String> {
        let number = |name: &str, value: Option<u64>| value.map(|value| [name.to_string(), value.to_string()]);
        let numbers = [number("--users", self.users.map(u64::from)), number("--months", self.months.map(u64::from))];
        numbers.into_iter().flatten().flatten().chain(self.settings.words()).collect()
    }
}

/// The command that makes a result again, as a shell takes it. Where it is written and by how many threads makes no difference.
pub(super) fn command_line(name: &str, scenario: &Path, changes: &Changes, more: &[(&str, Option<u32>)]) -> String {
    let more = more.iter().filter_map(|(name, value)| value.map(|value| [(*name).to_string(), value.to_string()]));
    in_a_shell(name, scenario, changes.words().into_iter().chain(more.flatten()))
}

/// A command of the program with its scenario and further words.
pub(super) fn in_a_shell(name: &str, scenario: &Path, words: impl IntoIterator<Item = String>) -> String {
    let first = ["yuefu".to_string(), name.to_string(), scenario.display().to_string()];
    first.into_iter().chain(words).map(|word| quoted(&word)).collect::<Vec<_>>().join(" ")
}

/// A word as a shell takes it: what is not plain stands in single quotes.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./=:,+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_string()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// How many workers.
#[derive(Debug, clap::Args)]
pub(crate) struct Workers {
    /// Worker threads [default: the cores of the machine]
    #[arg(long = "workers", value_name = "W", value_parser = whole::<u32>(1..=1024))]
    count: Option<u32>,
}

impl Workers {
    /// The number asked for, or the machine's.
    pub(crate) fn count(&self) -> usize {
        self.count.unwrap_or_else(machine::cores) as usize
    }
}

/// Names this very program: what is kept must not be taken over by a program that computes otherwise.
pub(super) fn program() -> Result<String, Failure> {
    let bytes = std::fs::read(std::env::current_exe()?)?;
    Ok(blake3::hash(&bytes).to_hex().to_string())
}

/// Warm-ups that are kept.
#[derive(Debug, clap::Args)]
pub(crate) struct Warm {
    /// Keep warm-ups in this directory and take over those that are there: of the same people, rules and program
    #[arg(long, value_name = "DIR")]
    warm: Option<PathBuf>,
}

impl Warm {
    /// Refuses several processes: each would have to write its part, and what they write is asked for once.
    ///
    /// # Errors
    /// Bad input when both are asked for.
    pub(super) fn of_one_process(&self, is_one: bool) -> Result<(), Failure> {
        if self.warm.is_none() || is_one {
            return Ok(());
        }
        let why =
            "--warm is of one process: with --processes or --hosts, --checkpoint-every keeps the warm-up of the run";
        Err(Failure::BadInput(why.to_string()))
    }
}

/// What becomes of a former result.
#[derive(Debug, clap::Args)]
pub(crate) struct Replacing {
    /// Replace a result of another kind, too; what is in the directory and not Yuefu's gets a number (DIR-1)
    #[arg(long, conflicts_with = "keep")]
    force: bool,
    /// Give what is in the directory a number (DIR-1) when the new result takes its place
    #[arg(long)]
    keep: bool,
}

impl Replacing {
    /// Somebody asked for something else than that a result of the same kind is replaced.
    pub(super) fn is_asked(&self) -> bool {
        self.force || self.keep
    }

    fn former(&self) -> Former {
        match (self.force, self.keep) {
            (true, _) => Former::Force,
            (_, true) => Former::Keep,
            _ => Former::Replace,
        }
    }
}

/// The directory that a command is asked to make.
#[derive(Debug)]
pub(super) struct Wanted<'a> {
    /// As asked for; else `results/` with the usual name.
    pub out: Option<&'a Path>,
    /// Name of the directory when none is asked for.
    pub usual_name: &'a str,
    /// What it will hold.
    pub kind: Kind,
    /// What becomes of a former one.
    pub replacing: &'a Replacing,
}

impl Wanted<'_> {
    /// Where it will be, as it is typed.
    pub(super) fn target(&self) -> PathBuf {
        self.out.map_or_else(|| Path::new("results").join(self.usual_name), Path::to_path_buf)
    }
}

/// A whole number of the command line, in a range that is named when it is not.
pub(super) fn whole<T: TryFrom<u64>>(
    range: RangeInclusive<u64>,
) -> impl Fn(&str) -> Result<T, String> + Clone + Send + Sync + 'static {
    move |text| {
        let number = text.parse::<u64>().ok().filter(|number| range.contains(number));
        let number = number.and_then(|number| T::try_from(number).ok());
        number.ok_or_else(|| format!("write a whole number from {} to {}", range.start(), range.end()))
    }
}

/// `KEY=VALUE` of the command line.
pub(super) fn key_and_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => Ok((key.trim().to_string(), value.trim().to_string())),
        _ => Err("write KEY=VALUE, such as behaviour.repay.forget=0.02".to_string()),
    }
}

/// A directory of the command line that is there.
pub(super) fn directory(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    if path.is_dir() { Ok(path) } else { Err("no such directory".to_string()) }
}

/// Says on standard error, before the work, which scenario and which models it is done with.
///
/// # Errors
/// When the scenario is gone by now.
pub(super) fn announce(path: &Path, overrides: &Overrides) -> Result<Origin, Failure> {
    let origin = scenario::origin(path, overrides)?;
    note(format_args!("scenario: {}; models: {}", origin.scenario, origin.models));
    Ok(origin)
}

/// Reads a scenario; everything wrong with it is the user's to put right.
///
/// # Errors
/// All errors of the files and the changes, rendered.
pub(super) fn read(path: &Path, overrides: &Overrides) -> Result<Scenario, Failure> {
    let scenario = scenario::read_scenario(path, overrides)?;
    doors::known_targets(&scenario)?;
    Ok(scenario)
}

/// How long a command has been at work, for `timing.json`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stopwatch(Instant);

impl Stopwatch {
    #[expect(clippy::disallowed_methods, reason = "timing.json says how long the whole command took")]
    pub(super) fn start() -> Stopwatch {
        Stopwatch(Instant::now())
    }

    pub(super) fn seconds(self) -> f64 {
        self.0.elapsed().as_secs_f64()
    }
}

/// A directory that a command is about to make. Nothing of it is left when the command fails or is interrupted.
#[derive(Debug)]
pub(super) struct Making {
    target: PathBuf,
    directory: RunDirectory,
    progress: Progress,
    workers: usize,
    json: bool,
    /// Where finished worlds outlive an interruption.
    area: Option<WorkArea>,
    warm: Option<WarmUps<'static>>,
}

impl Making {
    /// Claims the directory and begins to watch for Ctrl-C. With `json` nothing
    /// but the answer is printed.
    ///
    /// # Errors
    /// Bad input when something else is in the directory; else what the file system or the terminal says.
    pub(super) fn begin(wanted: &Wanted<'_>, workers: &Workers, json: bool) -> Result<Making, Failure> {
        let target = wanted.target();
        // First: from now on a signal leaves nothing behind.
        let progress = Progress::start(json)?;
        let directory = RunDirectory::create(&target, wanted.kind, wanted.replacing.former())?;
        Ok(Making { target, directory, progress, workers: workers.count(), json, area: None, warm: None })
    }

    /// Uses the warm-ups of a directory, if one is named.
    ///
    /// # Errors
    /// Bad input when something else is in the directory.
    pub(super) fn use_warm_ups(&mut self, warm: &Warm) -> Result<(), Failure> {
        if let Some(directory) = &warm.warm {
            results::warm_ups_apart(directory, self.target())?;
            self.warm = Some(WarmUps::of(directory, program()?, self.told())?);
        }
        Ok(())
    }

    /// Who hears what becomes of checkpoints and warm-ups.
    pub(super) fn told(&self) -> Told<'static> {
        if self.json { &(|_| ()) } else { &(|text| note(text)) }
    }

    /// Keeps finished worlds beside the directory until it is whole, and reads those that are kept elsewhere. Says when some cannot be
    /// taken.
    ///
    /// # Errors
    /// From the file system.
    pub(super) fn keep_worlds(&mut self, elsewhere: KeptFiles) -> Result<WorkArea, Failure> {
        let area = WorkArea::beside(self.directory.target(), &program()?)?.reading(elsewhere);
        let of_another = area.of_another_program()?;
        if of_another > 0 {
            note(format_args!(
                "{of_another} of the finished worlds that are kept in {} were made by another program: they are not taken, and what is \
                 wanted of them runs again",
                area.path().display()
            ));
        }
        self.area = Some(area.clone());
        Ok(area)
    }

    /// The result comes from where another one did: the manifest says it from now on.
    pub(super) fn take_origin(&mut self, origin: results::Origin) {
        self.directory.set_origin(origin);
    }

    /// Where a result of the virtual clock comes from, for every document; the manifest says it from now on.
    pub(super) fn origin(&mut self, read_from: &Origin, seed: u64, command: String) -> results::Origin {
        self.origin_by(VIRTUAL_CLOCK, read_from, seed, command)
    }

    /// The same of a result of this clock.
    pub(super) fn origin_by(&mut self, clock: &str, read_from: &Origin, seed: u64, command: String) -> results::Origin {
        let origin = results::Origin {
            clock: clock.to_string(),
            seed,
            scenario: read_from.scenario.clone(),
            models: read_from.models.clone(),
            command,
            versions: machine::versions(),
        };
        self.directory.set_origin(origin.clone());
        origin
    }

    /// Worker threads.
    pub(super) fn workers(&self) -> usize {
        self.workers
    }

    /// True when only the answer may be printed.
    pub(super) fn is_quiet(&self) -> bool {
        self.json
    }

    /// The directory before it is in its place.
    pub(super) fn directory(&self) -> &RunDirectory {
        &self.directory
    }

    /// Where the directory will be: absolute, links followed.
    pub(super) fn target(&self) -> &Path {
        self.directory.target()
    }

    /// Where files go until the directory is whole.
    pub(super) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Runs something under the progress bar.
    ///
    /// # Errors
    /// What it says; an interruption says what is left of it.
    pub(super) fn run<R, E: Into<Failure>>(
        &self,
        work: impl FnOnce(&Manner<'_>) -> Result<R, E>,
    ) -> Result<R, Failure> {
        let work = |manner: &Manner<'_>| work(&Manner { warm: self.warm.as_ref(), ..*manner });
        self.progress.run(self.workers, work).map_err(|failure| match failure {
            Failure::Interrupted(_) => Failure::Interrupted(Some(match &self.area {
                Some(area) => {
                    format!(
                        "finished worlds are kept in {}, the same command goes on from there",
                        area.path().display()
                    )
                }
                None => format!("nothing was written to {}", self.target.display()),
            })),
            other => other,
        })
    }

    /// Puts the directory in its place and prints the answer; both texts may read what is in the directory.
    ///
    /// # Errors
    /// From the file system or printing.
    pub(super) fn finish(
        self,
        json: impl FnOnce(&Path) -> Result<String, Failure>,
        text: impl FnOnce(&Path) -> String,
    ) -> Result<(), Failure> {
        if let Some(kept) = self.directory.commit()?
            && !self.json
        {
            note(format_args!("what was in {} is in {}", self.target.display(), kept.display()));
        }
        if let Some(area) = self.area {
            area.remove()?;
        }
        if let Some(warm) = self.warm.filter(|_| !self.json) {
            note(warm.summary());
        }
        let answer = if self.json { json(&self.target)? } else { text(&self.target) };
        streams::answer(&answer)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_does_not_fit_is_told_the_range() {
        let seed = whole::<u64>(0..=SEED_MAX);
        assert_eq!(seed("9223372036854775807"), Ok(SEED_MAX));
        for wrong in ["18446744073709551615", "99999999999999999999", "-1", "1.5", "many", ""] {
            let why = seed(wrong).expect_err(wrong);
            assert_eq!(why, "write a whole number from 0 to 9223372036854775807", "{wrong}");
        }
        assert!(whole::<u32>(1..=1024)("0").expect_err("below").ends_with("from 1 to 1024"));
    }

    #[test]
    fn a_command_is_written_as_a_shell_takes_it() {
        let changes = Changes {
            users: Some(500),
            months: None,
            settings: Settings {
                seed: Some(7),
                set: vec![("suite.sensitivity.only".to_string(), "[\"it's\"]".to_string())],
                models: Some(PathBuf::from("my models")),
            },
        };
        let found =
            command_line("stress", Path::new("a.toml"), &changes, &[("--replications", Some(3)), ("--seeds", None)]);
        let expected = "yuefu stress a.toml --users 500 --seed 7 --set 'suite.sensitivity.only=[\"it'\\''s\"]' \
                        --models 'my models' --replications 3";
        assert_eq!(found, expected);
    }
}
