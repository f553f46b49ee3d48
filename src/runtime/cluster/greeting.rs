//! The first words on a connection: both say who they are, both show that they know the key, both find whether they go together.

use super::frame::{Kind, Marker, Opener};
use super::hello::{Hello, markers};
use super::watch::now;
use std::io::{Error, ErrorKind, Result, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

/// How long the other may take for each of its first words.
pub(super) const WORD: Duration = Duration::from_secs(2);

/// Two members that go together, on this connection.
#[derive(Debug)]
pub(super) struct Greeted {
    pub(super) other: Hello,
    pub(super) socket: TcpStream,
    pub(super) sends: Marker,
    pub(super) expects: Opener,
}

/// Why nothing came of a connection.
#[derive(Debug)]
pub(super) enum Refusal {
    /// Whoever it was, it is not known to be a member; others may come yet. The rest of a sentence.
    Stranger(String),
    /// This member does not go with this one.
    Member(usize, String),
}

/// Who has opened the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opened {
    /// This member, to that one.
    To(usize),
    /// The other one.
    ByTheOther,
}

/// Greets whoever is at the other end. `own` has a random number of its own for this connection.
///
/// # Errors
/// Why nothing comes of it.
pub(super) fn greet(
    socket: TcpStream,
    opened: Opened,
    own: &Hello,
    secret: Option<&[u8; 32]>,
) -> std::result::Result<Greeted, Refusal> {
    // Whom this member has called, and without a key anybody, is taken for the member it should be: its error is told at once. With a
    // key a stranger must not be able to end the run.
    let refused = |member: usize, why: String, is_known: bool| match opened {
        Opened::To(called) => Refusal::Member(called, why),
        Opened::ByTheOther if is_known || secret.is_none() => Refusal::Member(member, why),
        Opened::ByTheOther => Refusal::Stranger(why),
    };
    let other = match first_words(&socket, own) {
        Ok(other) => other,
        Err(error) => return Err(Refusal::Stranger(format!("did not say who it is ({error})"))),
    };
    let first = (own.number, own.nonce) < (other.number, other.nonce);
    let [up, down] = if first { markers(secret, own, &other) } else { markers(secret, &other, own) };
    let (mut sends, expects) = if first { (up, down) } else { (down, up) };
    let mut expects = Opener::new(expects);
    let refusal = own.refuses(&other);
    if let Some(why) = refusal.as_ref().filter(|_| other.version != own.version || other.keyed != own.keyed) {
        leave(&socket);
        return Err(refused(other.number, why.clone(), false));
    }
    if let Err(error) = show_the_key(&socket, &mut sends, &mut expects) {
        leave(&socket);
        return Err(match error.kind() {
            ErrorKind::InvalidData => {
                refused(other.number, "has another key: give all members the same --key".to_owned(), false)
            }
            _ => Refusal::Stranger(format!("went away during the first words ({error})")),
        });
    }
    let elsewhere = match opened {
        Opened::To(called) if called != other.number => {
            Some(format!("is not at its address, member {} is: give all members the same hosts", other.number))
        }
        _ => None,
    };
    if let Some(why) = refusal.or(elsewhere) {
        leave(&socket);
        return Err(refused(other.number, why, true));
    }
    Ok(Greeted { other, socket, sends, expects })
}

fn first_words(mut socket: &TcpStream, own: &Hello) -> Result<Hello> {
    socket.set_nodelay(true)?;
    socket.set_read_timeout(Some(WORD))?;
    socket.set_write_timeout(Some(WORD))?;
    own.write(&mut socket)?;
    Hello::read(&mut socket)
}

fn show_the_key(mut socket: &TcpStream, sends: &mut Marker, expects: &mut Opener) -> Result<()> {
    sends.write(&mut socket, Kind::Welcome, b"")?;
    let until = now() + WORD;
    while now() < until {
        match expects.read(&mut socket)? {
            None => {}
            Some((Kind::Welcome, _)) => return Ok(()),
            Some(_) => return Err(Error::new(ErrorKind::InvalidData, "another message was expected")),
        }
    }
    Err(ErrorKind::TimedOut.into())
}

/// Ends a connection so that the other hears what was said.
fn leave(mut socket: &TcpStream) {
    // The other finds by itself what is wrong; that it has gone already is no error.
    let _ = socket.flush();
    let _ = socket.shutdown(Shutdown::Write);
    let _ = socket.set_read_timeout(Some(Duration::from_millis(200)));
    let _ = std::io::copy(&mut std::io::Read::take(socket, 1 << 16), &mut std::io::sink());
}
