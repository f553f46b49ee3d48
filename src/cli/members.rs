//! Runs the worlds of a scenario as one of several processes. Process 0 starts the others when they are to be here, writes the
//! directory and prints the answer; the others hear whether it did.

use crate::cli::making::program;
use crate::cli::processes::{MemberSetup, Processes};
use crate::cli::progress::Progress;
use crate::cli::streams::note;
use crate::cli::{Exit, Failure, checkpoints, exit};
use crate::experiment::states::{CheckpointWish, RunCheckpoints};
use crate::experiment::{self, Manner};
use crate::results::RunRecord;
use crate::runtime::{self, Cluster, Fabric, Joining, Lost, Member, NotJoined, lock, sleep};
use crate::scenario::{Scenario, from_resolved_toml};
use crate::sim::Stopped;
use std::io::{Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;

/// How long started processes may take to end by themselves once the run is over.
const END: Duration = Duration::from_secs(1);

/// The other processes of a run that this one has started. None of them outlives it.
#[derive(Debug, Default)]
pub(super) struct Children(Mutex<Vec<Child>>);

impl Drop for Children {
    fn drop(&mut self) {
        let (step, mut children) = (Duration::from_millis(20), lock(&self.0));
        for _ in 0..END.as_millis() / step.as_millis() {
            if children.iter_mut().all(|child| matches!(child.try_wait(), Ok(Some(_)))) {
                return;
            }
            sleep(step);
        }
        for child in &mut *children {
            // It may have ended meanwhile.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Children {
    /// One of them that has ended before it came.
    fn ended(&self) -> Option<Lost> {
        let mut children = lock(&self.0);
        let mut ended =
            children.iter_mut().enumerate().filter_map(|(at, child)| Some((at + 1, child.try_wait().ok()??)));
        ended.next().map(|(member, status)| Lost { member, why: format!("has ended ({status})") })
    }

    /// Starts all processes of a run but the first; how the first finds them.
    ///
    /// # Errors
    /// What the operating system says.
    pub(super) fn start(
        &mut self,
        of: usize,
        processes: &Processes,
        shared: &Shared<'_>,
        workers: usize,
    ) -> Result<MemberSetup, Failure> {
        // What the others send is marked with a key that no other user of the machine has.
        let secret: [u8; 32] = runtime::random()?;
        let listener = runtime::listen("127.0.0.1:0")?;
        let mut addresses = vec![String::new(); of];
        addresses[0] = listener.local_addr()?.to_string();
        let told = Told { of, at: addresses[0].clone(), secret, resolved: shared.scenario.resolved_toml.clone() };
        for number in 1..of {
            lock(&self.0).push(start(number, processes.wait(), workers, shared, &told)?);
        }
        let wait = processes.wait();
        Ok(MemberSetup { number: 0, is_started_here: false, addresses, listener, secret: Some(secret), wait })
    }
}

/// What all processes of a run have to be of one mind about.
pub(super) struct Shared<'a> {
    /// What is run.
    pub scenario: &'a Scenario,
    /// The run directory, beside which the checkpoints are: all processes have to reach it.
    pub target: &'a Path,
    /// How checkpoints are asked for.
    pub wish: CheckpointWish,
}

/// What a started process is told on its standard input.
struct Told {
    of: usize,
    /// Where process 0 is.
    at: String,
    secret: [u8; 32],
    /// The scenario as it was resolved: whatever becomes of its files, and wherever it was read from.
    resolved: String,
}

impl Told {
    fn text(&self) -> String {
        let secret = blake3::Hash::from_bytes(self.secret).to_hex();
        format!("{} {} {secret}\n{}", self.of, self.at, self.resolved)
    }

    fn read(text: &str) -> Option<Told> {
        let (first, resolved) = text.split_once('\n')?;
        let mut words = first.split(' ');
        let (of, at, secret) = (words.next()?.parse().ok()?, words.next()?.to_owned(), words.next()?);
        let secret = *blake3::Hash::from_hex(secret).ok()?.as_bytes();
        Some(Told { of, at, secret, resolved: resolved.to_owned() })
    }
}

fn start(number: usize, wait: Duration, workers: usize, shared: &Shared<'_>, told: &Told) -> Result<Child, Failure> {
    let mut command = Command::new(std::env::current_exe()?);
    let [number, workers, wait] = [number, workers, wait.as_secs() as usize].map(|number| number.to_string());
    command.args(["run", "-", "--started-as", &number, "--workers", &workers, "--wait-seconds", &wait]);
    // Beside it are the checkpoints. It is no text: a path may hold anything.
    command.args(checkpoints::words(shared.wish)).arg("--out").arg(shared.target);
    // What a process has to say of a failure it says where this one does; it has no answer.
    command.stdin(Stdio::piped());
    let mut child = command.spawn()?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(told.text().as_bytes())?;
    }
    Ok(child)
}

/// What ends a run of several processes, once it is said.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Ended(String);

/// Runs the worlds as one of the processes of a run: what was observed, and the others, who wait to hear whether all went well.
///
/// # Errors
/// When it was interrupted; when a process is gone, does not come or does not go with this one. It names the member and the day.
pub(super) fn run(
    scenario: &Scenario,
    manner: &Manner<'_>,
    setup: MemberSetup,
    children: &Children,
    checkpoints: &RunCheckpoints<'_>,
) -> Result<(RunRecord, Cluster), Failure> {
    let (number, of, is_started_here) = (setup.number, setup.addresses.len(), setup.is_started_here);
    let said = |why: String| Failure::Failed(Ended(format!("{why} (said by member {number} of {of})")).into());
    let joining = Joining {
        number,
        of,
        addresses: setup.addresses,
        listener: setup.listener,
        program: program_hash()?,
        scenario: work_hash(scenario, checkpoints.wish()),
        secret: setup.secret,
        wait: setup.wait,
        cancel: manner.cancel,
        ended: &|| children.ended(),
    };
    let cluster = Cluster::join(&joining, manner.workers).map_err(|why| match why {
        NotJoined::Interrupted => Failure::Interrupted(None),
        // What nobody else can know is said here.
        NotJoined::Lost(lost) if is_started_here && lost.member == number => Failure::Failed(lost.into()),
        NotJoined::Lost(lost) => said(format!("{lost} (before the first day)")),
    })?;
    let ran = catch_unwind(AssertUnwindSafe(|| experiment::run_on(scenario, manner, &cluster, Some(checkpoints))));
    let failure = match ran {
        Ok(Ok(record)) => return Ok((record, cluster)),
        Ok(Err(Stopped::Interrupted)) => {
            // All stop after the same day; none is lost by that.
            let _ = cluster.finish();
            return Err(Failure::Interrupted(None));
        }
        Ok(Err(Stopped::Lost(lost))) => said(lost.to_string()),
        Ok(Err(stopped)) => stopped.into(),
        Err(_) => {
            let panic = cluster.panic().unwrap_or_else(|| "see above".to_owned());
            said(format!("member {number} has a bug: {panic} ({})", cluster.how_far()))
        }
    };
    // All have heard of it; where one process has started the others, it says so for all.
    Err(if is_started_here { said(String::new()) } else { failure })
}

/// Of what all members have to do alike: the scenario, and at which days all write or read a checkpoint.
fn work_hash(scenario: &Scenario, wish: CheckpointWish) -> [u8; 32] {
    let states = checkpoints::words(wish).join(" ");
    let mut hasher = blake3::Hasher::new();
    *hasher.update(states.as_bytes()).update(b"\n").update(scenario.resolved_toml.as_bytes()).finalize().as_bytes()
}

fn program_hash() -> Result<[u8; 32], Failure> {
    Ok(*blake3::Hash::from_hex(program()?)?.as_bytes())
}

/// Tells the others what has become of the results: they end with this process.
///
/// # Errors
/// What became of them; when a process is gone.
pub(super) fn tell<T>(cluster: Option<Cluster>, done: Result<T, Failure>) -> Result<T, Failure> {
    let Some(cluster) = cluster else { return done };
    let (Member { number, of }, how_far) = (cluster.member(), cluster.how_far());
    match done {
        Ok(done) => {
            // The directory is whole whoever was lost since.
            let _ = cluster.finish();
            Ok(done)
        }
        Err(failure) => {
            let (why, failure) = match failure {
                Failure::Failed(error) => {
                    let why = format!("cannot write the results {how_far}: {}", exit::said(&error));
                    (why.clone(), Failure::Failed(Ended(format!("member {number} of {of} {why}")).into()))
                }
                Failure::BadInput(why) => {
                    (format!("cannot write the results {how_far}: {why}"), Failure::BadInput(why))
                }
                other => (format!("ended {how_far}, before the results were written"), other),
            };
            cluster.give_up(why);
            Err(failure)
        }
    }
}

/// Runs as a process that is not the first: it writes nothing.
///
/// # Errors
/// As [`run`]; when process 0 could not write the results.
pub(super) fn follow(shared: &Shared<'_>, workers: usize, setup: MemberSetup, quiet: bool) -> Result<Exit, Failure> {
    let scenario = shared.scenario;
    // What becomes of them is told once, by process 0.
    let checkpoints = RunCheckpoints::beside(shared.target, scenario, shared.wish, &(|_| ()))?;
    let progress = Progress::start(true)?;
    let (number, of) = (setup.number, setup.addresses.len());
    let (record, cluster) =
        progress.run(workers, |manner| run(scenario, manner, setup, &Children::default(), &checkpoints))?;
    let waited = cluster.waited().as_secs_f64();
    let phases: f64 = record.timing.phases.iter().map(|phase| phase.seconds).sum();
    cluster.finish().map_err(|lost| Ended(format!("{lost} (said by member {number} of {of})")))?;
    if !quiet {
        note(format_args!(
            "member {number} of {of}: done in {phases:.1} s, {waited:.1} s of it waiting; member 0 has written the results"
        ));
    }
    Ok(Exit::Ok)
}

/// Runs as a process that another one has started, and told everything.
///
/// # Errors
/// As [`follow`], what its parent says apart; bad input when it was not started by another one.
pub(super) fn follow_who_started(
    number: usize,
    workers: usize,
    wait: Duration,
    target: Option<&Path>,
    wish: CheckpointWish,
) -> Result<Exit, Failure> {
    die_with_the_parent();
    let mut text = String::new();
    std::io::stdin().lock().read_to_string(&mut text)?;
    let told = Told::read(&text).filter(|told| number > 0 && number < told.of);
    let (Some(told), Some(target)) = (told, target) else {
        return Err(Failure::BadInput("--started-as is for processes that `yuefu run --processes` starts".to_owned()));
    };
    let scenario = from_resolved_toml(&told.resolved)?;
    let mut addresses = vec![String::new(); told.of];
    addresses[0] = told.at;
    let listener = runtime::listen("127.0.0.1:0")?;
    let setup = MemberSetup { number, is_started_here: true, addresses, listener, secret: Some(told.secret), wait };
    match follow(&Shared { scenario: &scenario, target, wish }, workers, setup, true) {
        Err(Failure::Interrupted(_)) => Ok(Exit::Interrupted),
        Err(Failure::Failed(error)) if error.is::<Ended>() => Ok(Exit::Failed),
        done => done,
    }
}

/// A process that is stopped cannot see that its parent is gone.
fn die_with_the_parent() {
    #[cfg(target_os = "linux")]
    {
        // Where it is refused, the connection to the parent says the same a little later.
        let _ = rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_that_make_other_checkpoints_do_other_work() {
        let scenario = crate::testing::fixture::scenario(100);
        let wish = CheckpointWish { every: Some(3), resume: true, keep: false };
        let others = [
            CheckpointWish { every: Some(2), ..wish },
            CheckpointWish { every: None, ..wish },
            CheckpointWish { resume: false, ..wish },
            CheckpointWish { keep: true, ..wish },
        ];
        let own = work_hash(&scenario, wish);
        assert!(
            own == work_hash(&scenario, wish) && others.into_iter().all(|other| work_hash(&scenario, other) != own)
        );
    }

    #[test]
    fn a_started_process_is_told_all_it_has_to_know() {
        let (at, resolved) = ("127.0.0.1:4711".to_owned(), "resolved = 1\n".to_owned());
        let told = Told { of: 3, at, secret: [7; 32], resolved };
        let read = Told::read(&told.text()).expect("whole");
        assert_eq!((read.of, read.at, read.secret, read.resolved), (told.of, told.at, told.secret, told.resolved));
        for text in ["", "3 127.0.0.1:4711", "three 127.0.0.1:4711 00\nx", "3 127.0.0.1:4711 07\n"] {
            assert!(Told::read(text).is_none(), "{text}");
        }
    }
}
