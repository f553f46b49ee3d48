//! A proxy between two members that delays what they say, cuts it into pieces, holds it back now and then, holds it back for good, or
//! cuts the connection. It knows nothing of what passes.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// What the proxy does to what passes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weather {
    /// How long each direction takes.
    pub delay: Duration,
    /// Pieces have so many bytes at most.
    pub piece_max: usize,
    /// After so many pieces it holds back for 50 ms.
    pub stall_every: u64,
    /// Of the lengths of the pieces.
    pub seed: u64,
}

/// 5 ms each way, small pieces, a stall now and then.
pub(crate) const BAD: Weather =
    Weather { delay: Duration::from_millis(5), piece_max: 1_400, stall_every: 200, seed: 0 };

/// Stands before a member.
pub(crate) struct Proxy {
    /// Where it listens.
    pub address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    frozen: AtomicBool,
    sockets: Mutex<Vec<TcpStream>>,
}

impl Proxy {
    /// Before whoever listens at `target`, or will listen there.
    pub(crate) fn before(target: SocketAddr, weather: Weather) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("bound");
        let shared = Arc::new(Shared::default());
        let accepts = Arc::clone(&shared);
        thread::spawn(move || {
            for near in listener.incoming().map_while(Result::ok) {
                // Nobody there yet: the caller hears of it and calls again.
                let Ok(far) = TcpStream::connect(target) else { continue };
                for (from, to) in [(&near, &far), (&far, &near)] {
                    let (from, to) = (from.try_clone().expect("a handle"), to.try_clone().expect("a handle"));
                    let shared = Arc::clone(&accepts);
                    thread::spawn(move || pass(from, to, weather, &shared));
                }
                accepts.sockets.lock().expect("no panic").extend([near, far]);
            }
        });
        Proxy { address, shared }
    }

    /// From now on nothing passes, and nobody hears of it.
    pub(crate) fn freeze(&self) {
        self.shared.frozen.store(true, Ordering::Relaxed);
    }

    /// Cuts all connections.
    pub(crate) fn cut(&self) {
        for socket in self.shared.sockets.lock().expect("no panic").iter() {
            let _ = socket.shutdown(Shutdown::Both);
        }
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream, weather: Weather, shared: &Shared) {
    let _ = to.set_nodelay(true);
    let (mut buffer, mut pieces) = (vec![0; 1 << 16], 0_u64);
    while let Ok(read) = from.read(&mut buffer) {
        if read == 0 {
            let _ = to.shutdown(Shutdown::Write);
            return;
        }
        thread::sleep(weather.delay);
        let mut rest = &buffer[..read];
        while !rest.is_empty() {
            while shared.frozen.load(Ordering::Relaxed) {
                thread::sleep(Duration::from_millis(100));
            }
            pieces += 1;
            if pieces % weather.stall_every == 0 {
                thread::sleep(Duration::from_millis(50));
            }
            // Pieces of all lengths, the same in every run of a seed.
            let drawn = (pieces.wrapping_add(weather.seed)).wrapping_mul(7_919) % weather.piece_max as u64;
            let length = (1 + drawn as usize).min(rest.len());
            if to.write_all(&rest[..length]).is_err() {
                return;
            }
            rest = &rest[length..];
        }
    }
}
