//! How members find each other. Each calls member 0 first, which waits for all and then says where each of them is; then each calls
//! those with a lower number. So a member that is there twice, left over from a former start or not a member at all is found before
//! the work begins, and one that never comes ends the waiting of all.

use super::frame::Kind;
use super::greeting::{Greeted, Opened, Refusal, greet};
use super::hello::Hello;
use super::link::Link;
use super::watch::{HEARTBEAT, Watch, now};
use crate::runtime::{Lost, sleep, spawn};
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

/// How long members that know of each other may take to find each other.
const FIND: Duration = Duration::from_secs(5);

/// So much longer the others wait than member 0, which can say who is missing.
const LONGER: Duration = Duration::from_millis(1_500);

/// Between two looks whether somebody has come.
const LOOK: Duration = Duration::from_millis(10);

/// Between two calls to somebody who does not answer.
const AGAIN: Duration = Duration::from_millis(100);

/// Connections that are greeted at the same time, at most; more are strangers.
const GREETED_MAX: usize = 32;

/// What a member knows before it has met another.
pub(crate) struct Joining<'a> {
    /// Its number.
    pub number: usize,
    /// How many there are.
    pub of: usize,
    /// Where each of them listens; an empty text where member 0 will say.
    pub addresses: Vec<String>,
    /// Where this one listens.
    pub listener: TcpListener,
    /// Hash of the program.
    pub program: [u8; 32],
    /// Hash of the scenario as it was resolved.
    pub scenario: [u8; 32],
    /// What all members know and nobody else, if there is such a thing.
    pub secret: Option<[u8; 32]>,
    /// How long it waits for the others.
    pub wait: Duration,
    /// Set to wait no longer.
    pub cancel: &'a AtomicBool,
    /// Who cannot come any more, if it is known.
    pub ended: &'a dyn Fn() -> Option<Lost>,
}

/// Why the members did not come together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotJoined {
    /// Somebody asked for it.
    #[error("interrupted")]
    Interrupted,
    /// A member did not come, or does not go with the others.
    #[error(transparent)]
    Lost(#[from] Lost),
}

/// Meets all other members; one connection to each, in the order of their numbers.
///
/// # Errors
/// Who does not come or does not go with this one. Those that are here hear of it.
pub(super) fn join(asked: &Joining<'_>, watch: &Arc<Watch>) -> Result<Vec<Arc<Link>>, NotJoined> {
    let mut meeting = Meeting::new(asked, watch);
    match meeting.meet() {
        Ok(()) => {
            let links: Vec<Arc<Link>> = meeting.links.into_iter().flatten().collect();
            links.iter().for_each(|link| link.begin());
            Ok(links)
        }
        Err(why) => {
            let said = match &why {
                NotJoined::Lost(lost) => lost.clone(),
                NotJoined::Interrupted => {
                    Lost { member: asked.number, why: "was asked to stop before the run".to_owned() }
                }
            };
            meeting.keep_who_is_being_greeted();
            meeting.links.iter().flatten().for_each(|link| link.part(&said));
            meeting.links.iter().flatten().for_each(|link| link.drain(AGAIN));
            Err(why)
        }
    }
}

struct Meeting<'a> {
    asked: &'a Joining<'a>,
    watch: &'a Arc<Watch>,
    hello: Hello,
    /// By number.
    links: Vec<Option<Arc<Link>>>,
    /// Where the others are seen from member 0.
    seen_at: Vec<String>,
    greeted: (Sender<Come>, Receiver<Come>),
    being_greeted: usize,
    /// Who came and is no member.
    strangers: Vec<String>,
}

struct Come {
    from: String,
    greeted: Result<Greeted, Refusal>,
}

impl<'a> Meeting<'a> {
    fn new(asked: &'a Joining<'a>, watch: &'a Arc<Watch>) -> Meeting<'a> {
        let mut hello = Hello::new(asked.number, asked.of, asked.program, asked.scenario, asked.secret.is_some());
        hello.port = asked.listener.local_addr().map_or(0, |address| address.port());
        Meeting {
            asked,
            watch,
            hello,
            links: (0..asked.of).map(|_| None).collect(),
            seen_at: asked.addresses.clone(),
            greeted: channel(),
            being_greeted: 0,
            strangers: Vec::new(),
        }
    }

    fn meet(&mut self) -> Result<(), NotJoined> {
        let own = self.asked.number;
        let lost = |error: std::io::Error| Lost { member: own, why: format!("cannot begin: {error}") };
        self.asked.listener.set_nonblocking(true).map_err(lost)?;
        let until = now() + self.asked.wait;
        if own == 0 {
            self.hello.epoch = random().map_err(lost)?;
            self.accept(until, self.asked.wait)?;
            return self.start();
        }
        self.call(0, until, self.asked.wait)?;
        self.hear_the_start(until + LONGER)?;
        let find = FIND.max(self.asked.wait / 2);
        let until = now() + find;
        (1..own).try_for_each(|lower| self.call(lower, until, find))?;
        self.accept(until, find)
    }

    /// Member 0 says to all that all are here, and where.
    fn start(&self) -> Result<(), NotJoined> {
        let mut said = self.hello.epoch.to_vec();
        said.extend(self.seen_at.join("\n").as_bytes());
        for link in self.links.iter().flatten() {
            link.say(Kind::Start, &said).map_err(|_| self.lost(link.peer()))?;
        }
        Ok(())
    }

    fn hear_the_start(&mut self, until: Instant) -> Result<(), NotJoined> {
        let Some(link) = self.links[0].clone() else { return Ok(()) };
        loop {
            self.look_at_the_wish_to_stop()?;
            match link.hear(now()) {
                Ok((Kind::Start, said)) if said.len() >= 16 => {
                    let (epoch, places) = said.split_at(16);
                    self.hello.epoch = std::array::from_fn(|i| epoch[i]);
                    let places = String::from_utf8_lossy(places).into_owned();
                    for (own, seen) in self.seen_at.iter_mut().zip(places.split('\n')).filter(|(own, _)| own.is_empty())
                    {
                        seen.clone_into(own);
                    }
                    return Ok(());
                }
                Ok(_) => return Err(Lost { member: 0, why: "says something else than the start".to_owned() }.into()),
                Err(error) if error.kind() == ErrorKind::TimedOut && now() < until => {}
                Err(error) if error.kind() == ErrorKind::TimedOut => {
                    let why =
                        format!("does not start: not all members have come within {} s", self.asked.wait.as_secs());
                    return Err(Lost { member: 0, why }.into());
                }
                Err(_) => return Err(self.lost(0).into()),
            }
        }
    }

    /// Who was lost, when a link says that somebody was.
    fn lost(&self, peer: usize) -> Lost {
        self.watch.lost().unwrap_or_else(|| Lost { member: peer, why: "is gone".to_owned() })
    }

    fn look_at_the_wish_to_stop(&self) -> Result<(), NotJoined> {
        if self.asked.cancel.load(Ordering::Relaxed) { Err(NotJoined::Interrupted) } else { Ok(()) }
    }

    /// What it says of itself on one connection.
    fn hello(&self) -> Result<Hello, Lost> {
        let lost = |error| Lost { member: self.asked.number, why: format!("cannot draw random bytes: {error}") };
        Ok(self.hello.with(random().map_err(lost)?, self.hello.epoch))
    }

    /// Calls a member until it answers.
    fn call(&mut self, member: usize, until: Instant, waited: Duration) -> Result<(), NotJoined> {
        let address = self.seen_at[member].clone();
        loop {
            self.look_at_the_wish_to_stop()?;
            let why = match connect(&address) {
                Ok(socket) => match greet(socket, Opened::To(member), &self.hello()?, self.asked.secret.as_ref()) {
                    Ok(greeted) => return self.keep(greeted),
                    Err(Refusal::Member(member, why)) => return Err(Lost { member, why }.into()),
                    Err(Refusal::Stranger(why)) => format!("whoever is there {why}"),
                },
                Err(error) => error.to_string(),
            };
            if now() >= until {
                let why = format!("did not come within {} s (at {address}: {why})", waited.as_secs());
                return Err(Lost { member, why }.into());
            }
            sleep(AGAIN);
        }
    }

    /// Waits until all with a higher number have come.
    fn accept(&mut self, until: Instant, waited: Duration) -> Result<(), NotJoined> {
        let mut beaten = now();
        loop {
            let Some(missing) = (self.asked.number + 1..self.asked.of).find(|number| self.links[*number].is_none())
            else {
                return Ok(());
            };
            self.look_at_the_wish_to_stop()?;
            if let Some(lost) = (self.asked.ended)() {
                return Err(lost.into());
            }
            while let Ok((socket, from)) = self.asked.listener.accept() {
                self.greet_beside(socket, from.to_string())?;
            }
            while let Ok(come) = self.greeted.1.try_recv() {
                self.being_greeted -= 1;
                match come.greeted {
                    Ok(greeted) => self.keep(greeted)?,
                    Err(Refusal::Member(member, why)) => return Err(Lost { member, why }.into()),
                    Err(Refusal::Stranger(why)) => self.strangers.push(format!("{} {why}", come.from)),
                }
            }
            for link in self.links.iter().flatten() {
                link.glance().map_err(|_| self.lost(link.peer()))?;
            }
            if beaten.elapsed() >= HEARTBEAT {
                beaten = now();
                self.links.iter().flatten().for_each(|link| link.beat());
            }
            if now() >= until {
                return Err(Lost { member: missing, why: self.did_not_come(missing, waited) }.into());
            }
            sleep(LOOK);
        }
    }

    fn did_not_come(&self, missing: usize, waited: Duration) -> String {
        let place = self.asked.addresses.get(missing).filter(|place| !place.is_empty());
        let place = place.map_or_else(String::new, |place| format!(" from {place}"));
        let strangers = match self.strangers.last() {
            Some(last) => format!("; of {} that came instead {last}", self.strangers.len()),
            None => String::new(),
        };
        format!("did not come within {} s{place}{strangers}", waited.as_secs())
    }

    /// Greets whoever has called, on a thread of its own: who says nothing holds nobody up.
    fn greet_beside(&mut self, socket: TcpStream, from: String) -> Result<(), Lost> {
        if self.being_greeted >= GREETED_MAX {
            return Ok(());
        }
        let (hello, secret, come) = (self.hello()?, self.asked.secret, self.greeted.0.clone());
        let greeting = spawn("yuefu-greeting", move || {
            // A system may give the listener's mode to its connections.
            let greeted = match socket.set_nonblocking(false) {
                Ok(()) => greet(socket, Opened::ByTheOther, &hello, secret.as_ref()),
                Err(error) => Err(Refusal::Stranger(error.to_string())),
            };
            // Nobody waits any more when the run has begun or failed.
            let _ = come.send(Come { from, greeted });
        });
        match greeting {
            Ok(_) => self.being_greeted += 1,
            Err(error) => self.strangers.push(format!("was not heard: no thread is left ({error})")),
        }
        Ok(())
    }

    /// Nobody who came in time is left without a word.
    fn keep_who_is_being_greeted(&mut self) {
        while self.being_greeted > 0 {
            let Ok(come) = self.greeted.1.recv_timeout(Duration::from_millis(500)) else { return };
            self.being_greeted -= 1;
            // One that may not be kept needs no word.
            let _ = come.greeted.map(|greeted| self.keep(greeted));
        }
    }

    fn keep(&mut self, greeted: Greeted) -> Result<(), NotJoined> {
        let Greeted { other, socket, sends, expects } = greeted;
        let member = other.number;
        let lost = |error: std::io::Error| Lost { member, why: format!("is gone: {error}") };
        let seen = socket.peer_addr().map_err(lost)?;
        let link = Link::new(member, socket, sends, expects, Arc::clone(self.watch)).map_err(lost)?;
        if self.links[member].is_some() {
            let why =
                "came twice: end what is left of a former start, and give each process a number of its own".to_owned();
            let lost = Lost { member, why };
            link.part(&lost);
            link.drain(AGAIN);
            return Err(lost.into());
        }
        if self.seen_at[member].is_empty() {
            self.seen_at[member] = SocketAddr::new(seen.ip(), other.port).to_string();
        }
        self.links[member] = Some(Arc::new(link));
        Ok(())
    }
}

/// Random bytes of the operating system.
pub(crate) fn random<const BYTES: usize>() -> std::io::Result<[u8; BYTES]> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).map_err(std::io::Error::other)?;
    Ok(bytes)
}

/// Begins to listen at an address of this machine; port 0 is any that is free.
///
/// # Errors
/// What the operating system says.
pub(crate) fn listen(address: &str) -> std::io::Result<TcpListener> {
    TcpListener::bind(address)
}

/// Connects to the first address that answers.
fn connect(address: &str) -> std::io::Result<TcpStream> {
    let mut last = ErrorKind::AddrNotAvailable.into();
    for address in address.to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, Duration::from_secs(1)) {
            Ok(socket) => return Ok(socket),
            Err(error) => last = error,
        }
    }
    Err(last)
}
