//! One run over several processes. Each is a member: it has threads of its own, and at the end of a day all tell each other the sums.
//! What crosses is carried by timely, one worker a process, over sockets of ours: a handshake, signs of life, marks on all that is
//! sent. A member that is killed, stopped, unreachable or another program is named, and all others end within seconds; timely by itself
//! waits for it for ever.

mod courier;
mod frame;
mod greeting;
mod hello;
mod join;
mod life;
mod link;
mod watch;

pub(crate) use join::{Joining, NotJoined, listen, random};
pub(crate) use std::net::TcpListener as Listener;

use super::fabric::{Fabric, Lost, Member};
use super::group::{Entered, ThreadGroup};
use super::lock::lock;
use super::threads::{JoinHandle, Threads, spawn};
use courier::Word;
use link::{Link, Wire};
use std::cell::RefCell;
use std::fmt::Display;
use std::mem::ManuallyDrop;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, Once};
use std::time::Duration;
use timely_communication::Hooks;
use timely_communication::allocator::ProcessBuilder;
use timely_communication::allocator::zero_copy::initialize::{CommsGuard, initialize_networking_from_sockets};
use watch::{Watch, now};

/// One of the processes of a run.
pub(crate) struct Cluster {
    member: Member,
    threads: Threads,
    watch: Arc<Watch>,
    /// What the courier is to carry; gone when this member has come to its end.
    given: Option<Sender<Word>>,
    courier: Option<JoinHandle<()>>,
    watching: Option<JoinHandle<()>>,
    /// Dropping it waits for timely's threads, which is right only when all members have come to their end.
    timely: Option<CommsGuard>,
    waited_ns: AtomicU64,
    /// Of the last exchange.
    moment: Mutex<Option<String>>,
    /// The calling thread and those that it starts are watched for panics.
    _entered: Entered,
}

thread_local! {
    /// Of timely's threads: who hears of their panics. Timely says by a panic that a connection ended.
    static HEARS: RefCell<Option<Arc<Watch>>> = const { RefCell::new(None) };
}

/// Makes the calling thread say its panics to the watch and not to standard error.
fn report_panics_to(watch: &Arc<Watch>) {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let former = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let watch = HEARS.try_with(|hears| hears.try_borrow().ok().and_then(|hears| hears.clone()));
            match watch {
                Ok(Some(watch)) => {
                    let text = panic.payload().downcast_ref::<&str>().copied();
                    let text = text.or_else(|| panic.payload().downcast_ref::<String>().map(String::as_str));
                    let text = text.unwrap_or("no message");
                    watch.lose(watch.own(), format!("has lost its connections: {text}"));
                }
                _ => former(panic),
            }
        }));
    });
    HEARS.set(Some(Arc::clone(watch)));
}

impl Cluster {
    /// Meets the other members.
    ///
    /// # Errors
    /// Who does not come or does not go with this one.
    pub(crate) fn join(joining: &Joining<'_>, threads: usize) -> Result<Cluster, NotJoined> {
        let Joining { number, of, .. } = *joining;
        let group = ThreadGroup::new();
        let entered = group.enter("the main thread");
        let watch = Arc::new(Watch::new(number, group));
        let links = join::join(joining, &watch)?;
        let failed = |what: &str, error: std::io::Error| {
            let lost = Lost { member: number, why: format!("cannot start {what}: {error}") };
            links.iter().for_each(|link| link.part(&lost));
            lost
        };
        let beats = (Arc::clone(&watch), links.clone());
        let watching =
            spawn("yuefu-watch", move || life::work(&beats.0, &beats.1)).map_err(|error| failed("a thread", error))?;
        let (builder, timely) = timely(&links, number, of, &watch).map_err(|error| failed("timely", error))?;
        let (give, given) = channel();
        let carries = Arc::clone(&watch);
        let courier = spawn("yuefu-courier", move || {
            report_panics_to(&carries);
            // It has been said to the watch.
            let _ = catch_unwind(AssertUnwindSafe(|| courier::work(builder, &given, &carries)));
        });
        Ok(Cluster {
            member: Member { number, of },
            threads: Threads::new(threads),
            watch,
            given: Some(give),
            courier: Some(courier.map_err(|error| failed("a thread", error))?),
            watching: Some(watching),
            timely: Some(timely),
            waited_ns: AtomicU64::new(0),
            moment: Mutex::default(),
            _entered: entered,
        })
    }

    /// How far all members are, for messages: the moment of the last exchange that this one has come to.
    pub(crate) fn how_far(&self) -> String {
        lock(&self.moment)
            .as_ref()
            .map_or_else(|| "before the first day".to_owned(), |moment| format!("after {moment}"))
    }

    /// The first panic of this member's threads, if there was one.
    pub(crate) fn panic(&self) -> Option<String> {
        self.watch.panic()
    }

    /// The last words to the others when this member cannot come to its end: the rest of a sentence that begins with its name.
    pub(crate) fn give_up(self, why: impl Into<String>) {
        self.watch.lose(self.member.number, why);
    }

    /// Ends when all members have come here.
    ///
    /// # Errors
    /// Who was lost before.
    pub(crate) fn finish(mut self) -> Result<(), Lost> {
        self.watch.begin_to_end();
        let moment = format!("the end, {}", self.how_far());
        self.exchange(&moment, Vec::new())?;
        self.given = None;
        let _ = self.courier.take().map(JoinHandle::join);
        report_panics_to(&self.watch);
        // What a connection says once all have said all is of no weight.
        let _ = catch_unwind(AssertUnwindSafe(|| drop(self.timely.take())));
        HEARS.set(None);
        Ok(())
    }
}

/// Timely on our connections: its builder of the one worker, and its threads.
fn timely(
    links: &[Arc<Link>],
    number: usize,
    of: usize,
    watch: &Arc<Watch>,
) -> std::io::Result<(timely_communication::allocator::zero_copy::allocator::TcpBuilder, CommsGuard)> {
    let mut sockets: Vec<Option<Wire>> = (0..of).map(|_| None).collect();
    for link in links {
        sockets[link.peer()] = Some(Wire(Arc::clone(link)));
    }
    let hears = Arc::clone(watch);
    let hooks = Hooks {
        // It is called on each of timely's threads before the first byte; there is nothing to log.
        log_fn: Arc::new(move |_| {
            report_panics_to(&hears);
            None
        }),
        ..Hooks::default()
    };
    let own = ProcessBuilder::new_typed_vector(1, hooks.refill.clone(), None);
    let (builders, guard) = initialize_networking_from_sockets(own, sockets, number, 1, hooks)?;
    let builder = builders.into_iter().next().ok_or(std::io::ErrorKind::Other)?;
    Ok((builder, guard))
}

impl Fabric for Cluster {
    fn workers(&self) -> usize {
        self.threads.workers()
    }

    fn superstep(&self, jobs: usize, work: &(dyn Fn(usize, usize) + Sync)) {
        self.threads.superstep(jobs, work);
    }

    fn member(&self) -> Member {
        self.member
    }

    fn exchange(&self, moment: &dyn Display, own: Vec<u8>) -> Result<Vec<Vec<u8>>, Lost> {
        let begun = now();
        let moment = moment.to_string();
        *lock(&self.moment) = Some(moment.clone());
        // The courier has ended when somebody is lost; who it is says the watch.
        let _ = self.given.as_ref().map(|given| given.send(Word { moment: moment.clone(), bytes: own }));
        let brought = self.watch.brought();
        self.waited_ns.fetch_add(begun.elapsed().as_nanos() as u64, Ordering::Relaxed);
        brought.map_err(|Lost { member, why }| Lost { member, why: format!("{why} (seen at {moment})") })
    }

    fn waited(&self) -> Duration {
        Duration::from_nanos(self.waited_ns.load(Ordering::Relaxed))
    }
}

impl Drop for Cluster {
    /// The others hear that this member ends, whatever the cause.
    fn drop(&mut self) {
        if self.given.is_some() {
            self.watch.lose_by_own_fault();
            // Its threads end with their connections; waiting for them would be a panic.
            let _ = self.timely.take().map(ManuallyDrop::new);
        }
        self.watch.end();
        let _ = self.watching.take().map(JoinHandle::join);
        self.given = None;
    }
}

#[cfg(test)]
mod tests;
