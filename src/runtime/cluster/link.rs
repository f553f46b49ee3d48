//! One connection between two members, as timely sees it: a stream of bytes. Below it they are frames, each side hears that the
//! other lives, and whoever is lost is known by name.

use super::frame::{HEAD_BYTES, Kind, Marker, Opener, PAYLOAD_MAX, may_be_read};
use super::watch::{SILENCE, Watch, now};
use crate::runtime::{Lost, lock, sleep};
use std::io::{Error, ErrorKind, Read, Result, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Mutex, TryLockError};
use std::time::{Duration, Instant};
use timely_communication::allocator::zero_copy::stream::Stream;

/// How long a read may stand before the clock is looked at.
const LOOK: Duration = Duration::from_millis(500);

/// How long the last words wait for a thread that is sending.
const PART: Duration = Duration::from_millis(100);

/// Bytes of a text of another member that are shown, at most.
const TEXT_MAX: usize = 600;

/// A connection to another member.
#[derive(Debug)]
pub(super) struct Link {
    peer: usize,
    socket: TcpStream,
    sending: Mutex<Sending>,
    receiving: Mutex<Receiving>,
    watch: Arc<Watch>,
}

#[derive(Debug)]
struct Sending {
    marker: Marker,
    /// Nothing may follow.
    closed: bool,
}

#[derive(Debug)]
struct Receiving {
    opener: Opener,
    payload: Vec<u8>,
    taken: usize,
    heard: Instant,
    /// The other has come to its end.
    closed: bool,
}

impl Link {
    /// A connection on which both have said who they are; frames are marked with `sends` and expected as `opener` has it.
    ///
    /// # Errors
    /// When the operating system takes no time limits.
    pub(super) fn new(
        peer: usize,
        socket: TcpStream,
        sends: Marker,
        opener: Opener,
        watch: Arc<Watch>,
    ) -> Result<Link> {
        socket.set_nodelay(true)?;
        socket.set_read_timeout(Some(LOOK))?;
        socket.set_write_timeout(Some(SILENCE))?;
        let receiving = Receiving { opener, payload: Vec::new(), taken: 0, heard: now(), closed: false };
        Ok(Link {
            peer,
            socket,
            sending: Mutex::new(Sending { marker: sends, closed: false }),
            receiving: Mutex::new(receiving),
            watch,
        })
    }

    /// The other's number.
    pub(super) fn peer(&self) -> usize {
        self.peer
    }

    fn send(&self, kind: Kind, payload: &[u8]) -> Result<()> {
        let mut sending = lock(&self.sending);
        // Once somebody is lost the last words alone are said: timely's own end would pass for a good one.
        if sending.closed || self.watch.lost().is_some() {
            return Err(ErrorKind::NotConnected.into());
        }
        sending.closed = kind == Kind::Close;
        sending.marker.write(&mut &self.socket, kind, payload).map_err(|error| self.lost(&error))
    }

    /// What an error of the socket means.
    fn lost(&self, error: &Error) -> Error {
        let why = match error.kind() {
            ErrorKind::UnexpectedEof
            | ErrorKind::ConnectionReset
            | ErrorKind::BrokenPipe
            | ErrorKind::ConnectionAborted => "is gone: its connection ended, as when the process is killed".to_owned(),
            ErrorKind::WouldBlock | ErrorKind::TimedOut => {
                format!("was not heard of for {} s: it is stopped, or the network is gone", SILENCE.as_secs())
            }
            ErrorKind::InvalidData => format!("cannot be understood: {error}"),
            _ => format!("is gone: {error}"),
        };
        Error::other(self.watch.lose(self.peer, why))
    }

    /// Says that this member lives. Whoever is sending says so by that.
    pub(super) fn beat(&self) {
        if let Ok(mut sending) = self.sending.try_lock()
            && !sending.closed
            && let Err(error) = sending.marker.write(&mut &self.socket, Kind::Heartbeat, b"")
        {
            self.lost(&error);
        }
    }

    /// Says all that a member has to know before the work.
    ///
    /// # Errors
    /// When the other is lost.
    pub(super) fn say(&self, kind: Kind, payload: &[u8]) -> Result<()> {
        self.send(kind, payload)
    }

    /// Hears the next frame that is no sign of life, at most until a moment.
    ///
    /// # Errors
    /// When the other is lost, or nothing has come by then.
    pub(super) fn hear(&self, until: Instant) -> Result<(Kind, Vec<u8>)> {
        let mut receiving = lock(&self.receiving);
        loop {
            match self.next(&mut receiving)? {
                Some((Kind::Heartbeat, _)) => {}
                Some(frame) => return Ok(frame),
                None if now() >= until => return Err(ErrorKind::TimedOut.into()),
                None => {}
            }
        }
    }

    /// Before all members are there: the other is still there and has not said goodbye. What it says of the work is left to be read.
    ///
    /// # Errors
    /// When it is lost.
    pub(super) fn glance(&self) -> Result<()> {
        let mut receiving = lock(&self.receiving);
        loop {
            let mut head = [0; HEAD_BYTES];
            self.socket.set_read_timeout(Some(Duration::from_millis(1)))?;
            let peeked = self.socket.peek(&mut head);
            self.socket.set_read_timeout(Some(LOOK))?;
            match peeked {
                Ok(0) => return Err(self.lost(&ErrorKind::UnexpectedEof.into())),
                Ok(length) if receiving.opener.is_within() || may_be_read(&head[..length]) => {
                    self.next(&mut receiving)?;
                }
                Err(error) if error.kind() != ErrorKind::WouldBlock && error.kind() != ErrorKind::TimedOut => {
                    return Err(self.lost(&error));
                }
                _ => return Ok(()),
            }
        }
    }

    /// All members are there: from now on their silence counts.
    pub(super) fn begin(&self) {
        lock(&self.receiving).heard = now();
    }

    /// The next frame, if one is whole within half a second.
    fn next(&self, receiving: &mut Receiving) -> Result<Option<(Kind, Vec<u8>)>> {
        match receiving.opener.read(&mut &self.socket) {
            Ok(None) => Ok(None),
            Ok(Some((Kind::Goodbye, text))) => Err(Error::other(self.heard_goodbye(&text))),
            Ok(Some(frame)) => {
                receiving.heard = now();
                Ok(Some(frame))
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => Ok(None),
            // A process that was stopped itself finds here what has come meanwhile before it looks at the clock.
            Err(error)
                if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
                    && receiving.heard.elapsed() < SILENCE =>
            {
                Ok(None)
            }
            Err(error) => Err(self.lost(&error)),
        }
    }

    /// The other ends and says who is the cause.
    fn heard_goodbye(&self, bytes: &[u8]) -> Lost {
        let (number, text) = bytes.split_at(bytes.len().min(4));
        let member = <[u8; 4]>::try_from(number).map_or(self.peer, |number| u32::from_le_bytes(number) as usize);
        let text: String = String::from_utf8_lossy(text).chars().filter(|c| !c.is_control()).take(TEXT_MAX).collect();
        if member == self.watch.own() {
            self.watch.lose(self.peer, format!("has given this one up: it {text}"))
        } else {
            self.watch.lose(member, text)
        }
    }

    /// The last words: who was lost.
    pub(super) fn part(&self, lost: &Lost) {
        let until = now() + PART;
        let mut sending = loop {
            match self.sending.try_lock() {
                Ok(sending) => break sending,
                Err(TryLockError::Poisoned(poisoned)) => break poisoned.into_inner(),
                // A thread that stands in a write has no room for more.
                Err(TryLockError::WouldBlock) if now() >= until => return,
                Err(TryLockError::WouldBlock) => sleep(PART / 20),
            }
        };
        if !std::mem::replace(&mut sending.closed, true) {
            let mut payload = (lost.member as u32).to_le_bytes().to_vec();
            payload.extend(lost.why.chars().take(TEXT_MAX).collect::<String>().as_bytes());
            // It is lost anyhow.
            let _ = sending.marker.write(&mut &self.socket, Kind::Goodbye, &payload);
        }
        let _ = self.socket.shutdown(Shutdown::Write);
    }

    /// Takes in what comes, for so long at most.
    pub(super) fn drain(&self, time: Duration) {
        let (until, mut nowhere) = (now() + time, [0; 4_096]);
        // No time at all is not taken for a limit.
        let _ = self.socket.set_read_timeout(Some(time.max(Duration::from_millis(1))));
        while now() < until && (&self.socket).read(&mut nowhere).is_ok_and(|read| read > 0) {}
    }

    /// Ends the connection.
    pub(super) fn cut(&self) {
        // It may be gone already.
        let _ = self.socket.shutdown(Shutdown::Both);
    }
}

/// A link as timely holds it.
#[derive(Clone, Debug)]
pub(super) struct Wire(pub(super) Arc<Link>);

impl Read for Wire {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let link = &*self.0;
        let mut receiving = lock(&link.receiving);
        loop {
            let rest = &receiving.payload[receiving.taken..];
            if !rest.is_empty() {
                let length = rest.len().min(buffer.len());
                buffer[..length].copy_from_slice(&rest[..length]);
                receiving.taken += length;
                return Ok(length);
            }
            if receiving.closed {
                return Ok(0);
            }
            if let Some(lost) = link.watch.lost() {
                return Err(Error::other(lost));
            }
            match link.next(&mut receiving)? {
                Some((Kind::Data, payload)) => (receiving.payload, receiving.taken) = (payload, 0),
                Some((Kind::Close, _)) if link.watch.is_ending() => receiving.closed = true,
                Some((Kind::Close, _)) => {
                    return Err(Error::other(link.watch.lose(link.peer, "ended before the run was done")));
                }
                _ => {}
            }
        }
    }
}

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        let length = bytes.len().min(PAYLOAD_MAX);
        self.0.send(Kind::Data, &bytes[..length])?;
        Ok(length)
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}

impl Stream for Wire {
    fn try_clone(&self) -> Result<Wire> {
        Ok(self.clone())
    }

    fn set_nonblocking(&self, _nonblocking: bool) -> Result<()> {
        // Its limits of time are set.
        Ok(())
    }

    fn shutdown(&self, _how: Shutdown) -> Result<()> {
        self.0.send(Kind::Close, b"")
    }
}
