//! States of runs on disk: checkpoints beside a results directory, warm-ups in a directory of their own, and the checkpoint that a
//! what-if branches from. `sim` hands bytes, `results::checkpoint` has the files; here is who writes what when.

use crate::base::time::{CalendarDay, Day};
use crate::population::run_calendar;
use crate::results::ResultsError;
use crate::results::checkpoint::{
    self, CheckpointArea, SavedCells, SavedState, StateFacts, StateFront, StateKey, WarmArea, files_of, unlike,
};
use crate::runtime::{Fabric, into_inner, lock};
use crate::scenario::Scenario;
use crate::sim::{Checkpoints, EachCell, PartRange, RunState, Stopped};
use crate::world::row_version;
use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// Bytes of a warm-up for each user, to say beforehand how large many of them will be: 11.9 MB for 20,000 people after a year.
const STATE_BYTES_PER_USER: u64 = 593;

/// Hears in words what becomes of states.
pub(crate) type Told<'a> = &'a (dyn Fn(&str) + Sync);

/// A state that is to be written by all members together.
struct Saving<'a> {
    /// What it is, in messages.
    name: String,
    /// Where it goes.
    directory: PathBuf,
    key: &'a StateKey,
    facts: StateFacts,
    state: &'a RunState<'a>,
    fabric: &'a dyn Fabric,
}

impl Saving<'_> {
    fn is_first(&self) -> bool {
        self.fabric.member().number == 0
    }

    /// Every member says how its part of a step went, and all go on or none does.
    fn agree<T>(&self, step: &str, own: Result<T, ResultsError>) -> Result<T, Stopped> {
        let said = own.as_ref().err().map(ToString::to_string).unwrap_or_default();
        let all = self.fabric.exchange(&format_args!("{step} of {}", self.name), said.into_bytes())?;
        let failed = all.iter().enumerate().find(|(_, said)| !said.is_empty());
        match (own, failed) {
            (Ok(done), None) => Ok(done),
            (_, Some((member, said))) => {
                let by = if self.fabric.member().is_alone() { String::new() } else { format!(" by member {member}") };
                let why = String::from_utf8_lossy(said);
                Err(Stopped::Checkpoint(format!("{} was not written{by}: {why}", self.name)))
            }
            (Err(error), None) => Err(Stopped::Checkpoint(error.to_string())),
        }
    }

    /// Writes it into its directory, which the first member has made: each member its cells, then the first one what makes it whole. Its
    /// bytes, which the first one knows. Of a state that cannot be written nothing stays.
    fn save(&self) -> Result<u64, Stopped> {
        let saved = self.write();
        if matches!(saved, Err(Stopped::Checkpoint(_))) && self.is_first() {
            // All have heard that it was not written, so nobody writes there any more. What cannot be removed is not a state without
            // its manifest.
            let _ = checkpoint::discard_unfinished(&self.directory);
        }
        saved
    }

    fn write(&self) -> Result<u64, Stopped> {
        let Saving { directory, key, facts, state, fabric, .. } = self;
        let there = if directory.is_dir() { Ok(()) } else { Err(self.not_there()) };
        self.agree("the directory", there)?;
        let files = files_of(state.worlds, state.own.clone());
        let written: Mutex<Result<Vec<SavedCells>, ResultsError>> = Mutex::new(Ok(Vec::new()));
        fabric.superstep(files.len(), &|_, job| {
            let (world, cells) = files[job].clone();
            let done = checkpoint::write_cells(directory, world, cells, state.image);
            let mut written = lock(&written);
            match (done, &mut *written) {
                (Ok(part), Ok(parts)) => parts.push(part),
                (Err(error), Ok(_)) => *written = Err(error),
                (_, Err(_)) => {}
            }
        });
        let own = self.agree("the cells", into_inner(written))?;
        let all = fabric.exchange(&format_args!("the list of files of {}", self.name), checkpoint::listed(&own))?;
        let mut ended = Ok(0);
        if self.is_first() {
            let front = StateFront { key, facts, worlds: state.worlds, cells: state.cells, bytes: state.front };
            ended =
                checkpoint::unlisted(&all, directory).and_then(|parts| checkpoint::finish(directory, &front, parts));
        }
        self.agree("the end", ended)
    }

    fn not_there(&self) -> ResultsError {
        let why = "this member does not see it: it has to lie on a file system that all members share".to_string();
        ResultsError::Checkpoint { path: self.directory.clone(), why }
    }
}

fn facts(scenario: &Scenario, state: &RunState<'_>) -> StateFacts {
    let (name, day) = (scenario.name.clone(), state.day.to_string());
    StateFacts { name, users: scenario.users, days_done: state.days_done, day }
}

fn parts(state: &SavedState) -> Vec<PartRange> {
    state.parts().iter().map(|part| PartRange { world: part.world, cells: part.first..part.end }).collect()
}

fn read_part(state: &SavedState, part: usize, each: EachCell<'_>) -> Result<(), String> {
    state.read_part(&state.parts()[part], each).map_err(|error| error.to_string())
}

/// The key of a scenario's checkpoints.
fn run_key(scenario: &Scenario) -> StateKey {
    let scenario = blake3::hash(scenario.resolved_toml.as_bytes()).to_hex().to_string();
    StateKey { scenario, rows: row_version(), program: None }
}

/// How checkpoints are asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct CheckpointWish {
    /// Months from one to the next; `None` when none are made.
    pub every: Option<u16>,
    /// The run goes on from the last one, if there is one.
    pub resume: bool,
    /// They stay when the run is whole, all of them.
    pub keep: bool,
}

/// The checkpoints of a run.
pub(crate) struct RunCheckpoints<'a> {
    area: CheckpointArea,
    key: StateKey,
    scenario: &'a Scenario,
    wish: CheckpointWish,
    states: Vec<SavedState>,
    /// This run has kept one.
    has_kept: AtomicBool,
    told: Told<'a>,
}

impl<'a> RunCheckpoints<'a> {
    /// Those beside a results directory, whose lock is held.
    ///
    /// # Errors
    /// When checkpoints are there that the run may not go on from, or that it was not asked to go on from; when something else is in
    /// their place. Nothing was done then.
    pub(crate) fn beside(
        target: &Path,
        scenario: &'a Scenario,
        wish: CheckpointWish,
        told: Told<'a>,
    ) -> Result<RunCheckpoints<'a>, ResultsError> {
        let area = CheckpointArea::beside(target);
        let (key, found) = (run_key(scenario), area.found()?);
        let refused = |why: String| ResultsError::Checkpoint { path: area.path().to_path_buf(), why };
        if wish.resume {
            let foreign = found.states.iter().find_map(|state| Some((state, unlike(state, &key)?)));
            if let Some((state, why)) = foreign {
                return Err(ResultsError::Checkpoint { path: state.path().to_path_buf(), why });
            }
            found.damaged.iter().for_each(|what| told(what));
            if found.states.is_empty() && !found.damaged.is_empty() {
                return Err(refused("no checkpoint in it is whole; remove it, and the run begins anew".to_string()));
            }
            if found.states.is_empty() {
                told(&format!("no checkpoint in {}: the run begins at its first day", area.path().display()));
            }
        } else if let Some(last) = found.states.first() {
            let (name, day) = (&last.facts().name, &last.facts().day);
            let there = format!("it holds a checkpoint of {name} after {day}");
            if wish.every.is_some() {
                return Err(refused(format!("{there}: go on from it with --resume, or remove the directory")));
            }
        }
        if wish.every.is_some() {
            area.is_free()?;
        }
        let states = if wish.resume { found.states } else { Vec::new() };
        Ok(RunCheckpoints { area, key, scenario, wish, states, has_kept: AtomicBool::new(false), told })
    }

    /// Those of a finished run that lie before a day, for a what-if that is the same until then: `was` is the scenario that was run,
    /// `now` the one that goes on.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn before(
        target: &Path,
        was: &Scenario,
        now: &'a Scenario,
        day: Day,
        told: Told<'a>,
    ) -> Result<RunCheckpoints<'a>, ResultsError> {
        let area = CheckpointArea::beside(target);
        let (key, mut found) = (run_key(was), area.found()?);
        let calendar = run_calendar(was);
        let days_before = calendar.days().iter().filter(|one| one.day < day).count();
        let unlike = found.states.iter().find_map(|state| unlike(state, &key));
        found
            .states
            .retain(|state| checkpoint::unlike(state, &key).is_none() && state.facts().days_done <= days_before);
        found.damaged.iter().for_each(|what| told(what));
        if found.states.is_empty() {
            let why = unlike.unwrap_or_else(|| {
                format!(
                    "it holds no checkpoint before {day}; `yuefu run … --checkpoint-every 3 --keep-checkpoints` leaves those of a run"
                )
            });
            return Err(ResultsError::Checkpoint { path: area.path().to_path_buf(), why });
        }
        let wish = CheckpointWish::default();
        Ok(RunCheckpoints {
            area,
            key,
            scenario: now,
            wish,
            states: found.states,
            has_kept: AtomicBool::new(false),
            told,
        })
    }

    /// How they were asked for.
    pub(crate) const fn wish(&self) -> CheckpointWish {
        self.wish
    }

    /// What an interrupted run leaves to go on from, in words; `None` when it was asked for nothing of it.
    pub(crate) fn left(&self) -> Option<String> {
        let place = self.area.path().display();
        if self.has_kept.load(Ordering::Relaxed) {
            Some(format!("its last day is in {place}, the same command with --resume goes on from there"))
        } else {
            let stays = !self.states.is_empty();
            stays.then(|| {
                format!("the checkpoint that it went on from stays in {place}, the same command goes on from there")
            })
        }
    }

    /// The run is whole: they have done their work, unless they are to stay.
    ///
    /// # Errors
    /// From the file system.
    pub(crate) fn end(&self) -> Result<(), ResultsError> {
        let owned = self.wish.every.is_some() || self.wish.resume;
        if owned && !self.wish.keep { self.area.remove() } else { Ok(()) }
    }
}

impl Checkpoints for RunCheckpoints<'_> {
    fn is_due(&self, day: &CalendarDay) -> bool {
        self.wish.every.is_some_and(|every| day.is_month_end && (day.run_month + 1).is_multiple_of(every))
    }

    fn keep(&self, state: &RunState<'_>, fabric: &dyn Fabric) -> Result<Option<u64>, Stopped> {
        if self.wish.every.is_none() {
            return Ok(None);
        }
        let (days_done, facts) = (state.days_done, facts(self.scenario, state));
        let (name, directory) = (format!("the checkpoint of {}", state.day), self.area.day(days_done));
        let saving = Saving { name, directory, key: &self.key, facts, state, fabric };
        let begun = if saving.is_first() { self.area.begin(days_done) } else { Ok(()) };
        let saved = saving.agree("the beginning", begun).and_then(|()| saving.save());
        if matches!(saved, Err(Stopped::Checkpoint(_))) && saving.is_first() {
            self.area.leave_if_empty();
        }
        let bytes = saved?;
        self.has_kept.store(true, Ordering::Relaxed);
        let pruned = if saving.is_first() && !self.wish.keep { self.area.prune(days_done) } else { Ok(()) };
        saving.agree("what was before", pruned)?;
        Ok(Some(bytes))
    }

    fn kept(&self) -> Vec<usize> {
        self.states.iter().map(|state| state.facts().days_done).collect()
    }

    fn front(&self, state: usize) -> Result<Vec<u8>, String> {
        self.states[state].front().map_err(|error| error.to_string())
    }

    fn parts(&self, state: usize) -> Vec<PartRange> {
        parts(&self.states[state])
    }

    fn read_part(&self, state: usize, part: usize, each: EachCell<'_>) -> Result<(), String> {
        read_part(&self.states[state], part, each)
    }

    fn tried(&self, state: usize, problem: Option<&str>) {
        let day = &self.states[state].facts().day;
        (self.told)(&match problem {
            None => format!("goes on from the checkpoint after {day}"),
            Some(problem) => format!("the checkpoint after {day} cannot be used: {problem}"),
        });
    }

    fn begins_anew(&self) -> bool {
        false
    }
}

/// Warm-ups that are kept in a directory and shared by runs.
pub(crate) struct WarmUps<'a> {
    area: WarmArea,
    program: String,
    told: Told<'a>,
    counts: Mutex<WarmCounts>,
}

/// What became of warm-ups.
#[derive(Clone, Copy, Debug, Default)]
struct WarmCounts {
    taken: u32,
    made: u32,
    /// Those that another process wrote just then, or that could not be written.
    not_kept: u32,
    bytes: u64,
}

impl fmt::Debug for WarmUps<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WarmUps").field("area", &self.area).finish_non_exhaustive()
    }
}

impl<'a> WarmUps<'a> {
    /// Those of a directory, for this very program, whose hash is `program`.
    ///
    /// # Errors
    /// When something else is there.
    pub(crate) fn of(directory: &Path, program: String, told: Told<'a>) -> Result<WarmUps<'a>, ResultsError> {
        Ok(WarmUps { area: WarmArea::make(directory)?, program, told, counts: Mutex::default() })
    }

    /// The warm-up of a scenario, if it is there.
    pub(crate) fn warm_up<'b>(&'b self, scenario: &'b Scenario) -> WarmUp<'b> {
        let key = self.key(scenario);
        let state = self.area.get(&key).unwrap_or_else(|error| {
            (self.told)(&format!("{error}; the warm-up is made anew"));
            None
        });
        WarmUp { all: self, scenario, key, state }
    }

    /// How many were taken and made, and their size, in words.
    pub(crate) fn summary(&self) -> String {
        let WarmCounts { taken, made, not_kept, bytes } = *lock(&self.counts);
        let not_kept = if not_kept == 0 {
            String::new()
        } else {
            format!(
                ", {not_kept} more made and not kept: another process has written it meanwhile, or it could not be written"
            )
        };
        let mb = bytes as f64 / 1e6;
        format!("warm-ups in {}: {taken} taken, {made} made; {mb:.1} MB{not_kept}", self.area.path().display())
    }

    /// Says how many warm-ups of these scenarios are to be made, and how large they will be, when they are many.
    pub(crate) fn announce(&self, scenarios: impl IntoIterator<Item = Scenario>) {
        let (mut missing, mut bytes) = (BTreeSet::new(), 0);
        // Without a month there is nothing to keep.
        for scenario in scenarios.into_iter().filter(|scenario| scenario.warmup_months > 0) {
            let directory = self.area.directory_of(&self.key(&scenario));
            if !checkpoint::is_finished(&directory) && missing.insert(directory) {
                bytes += u64::from(scenario.users) * STATE_BYTES_PER_USER;
            }
        }
        if missing.len() > 1 {
            let (count, mb, place) = (missing.len(), bytes.div_ceil(1_000_000), self.area.path().display());
            (self.told)(&format!(
                "--warm: {count} warm-ups are to be made and kept in {place}, some {mb} MB; nothing removes them by itself"
            ));
        }
    }

    fn key(&self, scenario: &Scenario) -> StateKey {
        StateKey {
            scenario: blake3::hash(scenario.warm_up_text().as_bytes()).to_hex().to_string(),
            rows: row_version(),
            program: Some(self.program.clone()),
        }
    }
}

/// The warm-up of one scenario.
pub(crate) struct WarmUp<'a> {
    all: &'a WarmUps<'a>,
    scenario: &'a Scenario,
    key: StateKey,
    state: Option<SavedState>,
}

impl WarmUp<'_> {
    /// Writes it; `None` when another process does, or has done it since, which is as good.
    fn write(&self, state: &RunState<'_>, fabric: &dyn Fabric) -> Result<Option<u64>, Stopped> {
        let (name, facts) = (format!("the warm-up until {}", state.day), facts(self.scenario, state));
        let directory = self.all.area.directory_of(&self.key);
        let saving = Saving { name, directory, key: &self.key, facts, state, fabric };
        let begun =
            if saving.is_first() { self.all.area.begin(&self.key, self.state.is_some()).map(Some) } else { Ok(None) };
        let lock = saving.agree("the beginning", begun)?;
        // All members of this run have to know.
        let writes = u8::from(matches!(lock, Some(Some(_))));
        let all = fabric.exchange(&format_args!("the turn of {}", saving.name), vec![writes])?;
        if all.first() == Some(&vec![1]) { saving.save().map(Some) } else { Ok(None) }
    }
}

impl Checkpoints for WarmUp<'_> {
    fn is_due(&self, _day: &CalendarDay) -> bool {
        false
    }

    fn keep(&self, state: &RunState<'_>, fabric: &dyn Fabric) -> Result<Option<u64>, Stopped> {
        let written = match self.write(state, fabric) {
            Err(Stopped::Checkpoint(why)) => {
                // The run has its warm-up; that nobody else gets it is a pity.
                (self.all.told)(&why);
                None
            }
            written => written?,
        };
        let mut counts = lock(&self.all.counts);
        match written {
            Some(bytes) => (counts.made, counts.bytes) = (counts.made + 1, counts.bytes + bytes),
            None => counts.not_kept += 1,
        }
        Ok(written)
    }

    fn kept(&self) -> Vec<usize> {
        self.state.iter().map(|state| state.facts().days_done).collect()
    }

    fn front(&self, _state: usize) -> Result<Vec<u8>, String> {
        let state = self.state.as_ref().ok_or("no state")?;
        state.front().map_err(|error| error.to_string())
    }

    fn parts(&self, _state: usize) -> Vec<PartRange> {
        self.state.as_ref().map_or_else(Vec::new, parts)
    }

    fn read_part(&self, _state: usize, part: usize, each: EachCell<'_>) -> Result<(), String> {
        read_part(self.state.as_ref().ok_or("no state")?, part, each)
    }

    fn tried(&self, _state: usize, problem: Option<&str>) {
        if let Some(problem) = problem {
            return (self.all.told)(&format!("{problem}; the warm-up is made anew"));
        }
        let mut counts = lock(&self.all.counts);
        counts.taken += 1;
        counts.bytes += self.state.as_ref().map_or(0, SavedState::bytes);
    }

    fn begins_anew(&self) -> bool {
        true
    }
}
