use super::*;
use crate::runtime::{fault_point, lock, sleep, with_fault};
use crate::testing::proxy::{BAD, Proxy};
use std::io::Write;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

/// Members of one run as threads of this process, over loopback.
struct Rig {
    listeners: Vec<TcpListener>,
    /// Where member `i` is told to find member `j`.
    addresses: Vec<Vec<String>>,
    /// The member whose threads panic at the fault point.
    faulty: Option<usize>,
    /// Members that never come.
    absent: Vec<usize>,
}

type Change<'a> = &'a (dyn Fn(usize, &mut Joining<'_>) + Sync);

impl Rig {
    fn new(of: usize) -> Rig {
        let listeners: Vec<TcpListener> = (0..of).map(|_| TcpListener::bind("127.0.0.1:0").expect("a port")).collect();
        let addresses: Vec<String> = listeners.iter().map(|l| at(l).to_string()).collect();
        Rig { listeners, addresses: vec![addresses; of], faulty: None, absent: Vec::new() }
    }

    /// Puts a proxy into every connection.
    fn behind_proxies(mut self) -> (Rig, Vec<Proxy>) {
        let mut proxies = Vec::new();
        for (member, places) in self.addresses.iter_mut().enumerate() {
            for (lower, place) in places.iter_mut().enumerate().take(member) {
                let proxy = Proxy::before(at(&self.listeners[lower]), BAD);
                *place = proxy.address.to_string();
                proxies.push(proxy);
            }
        }
        (self, proxies)
    }

    /// What each member has brought, or why it could not begin.
    fn run<T: Send>(self, change: Change<'_>, work: impl Fn(Cluster) -> T + Sync) -> Vec<Result<T, String>> {
        let Rig { listeners, addresses, faulty, absent } = self;
        let (of, cancel, work) = (listeners.len(), AtomicBool::new(false), &work);
        let member = |number: usize, listener: TcpListener| {
            let mut joining = Joining {
                number,
                of,
                addresses: addresses[number].clone(),
                listener,
                program: [1; 32],
                scenario: [2; 32],
                secret: None,
                wait: Duration::from_secs(20),
                cancel: &cancel,
                ended: &|| None,
            };
            change(number, &mut joining);
            let fault = if faulty == Some(number) { "here" } else { "nowhere" };
            with_fault(fault, || Cluster::join(&joining, 1)).map(work).map_err(|why| why.to_string())
        };
        std::thread::scope(|scope| {
            let here = listeners.into_iter().enumerate().filter(|(number, _)| !absent.contains(number));
            let member = &member;
            #[expect(clippy::needless_collect, reason = "all are started before the first is waited for")]
            let running: Vec<_> = here.map(|(number, own)| scope.spawn(move || member(number, own))).collect();
            running.into_iter().map(|member| member.join().expect("no panic")).collect()
        })
    }
}

fn at(listener: &TcpListener) -> SocketAddr {
    listener.local_addr().expect("bound")
}

/// Exchanges bytes that every member can make for itself.
fn exchanges(cluster: &Cluster, rounds: Range<usize>) -> Result<(), Lost> {
    let Member { number, of } = cluster.member();
    let says = |member: usize, round: usize| {
        let length = [0, 1, 55_000, 700_000][round % 4] + member;
        vec![(7 * member + round) as u8; length]
    };
    for round in rounds {
        let all = cluster.exchange(&format_args!("round {round}"), says(number, round))?;
        assert!(all == (0..of).map(|member| says(member, round)).collect::<Vec<_>>(), "round {round}");
    }
    Ok(())
}

/// Rounds without end from this one on; who was lost, and how long after `since` it was known.
fn until_lost(cluster: &Cluster, from: usize, since: &Mutex<Option<Instant>>) -> (String, Duration) {
    let lost = exchanges(cluster, from..usize::MAX).expect_err("it never ends by itself");
    let took = lock(since).map_or(Duration::ZERO, |since| now().duration_since(since));
    (lost.to_string(), took)
}

const AS_IS: Change<'static> = &|_, _| {};

#[test]
fn all_members_hear_all_of_every_round_and_end_together() {
    for of in [1, 2, 3] {
        for done in Rig::new(of).run(AS_IS, |cluster| exchanges(&cluster, 0..9).and_then(|()| cluster.finish())) {
            assert_eq!(done, Ok(Ok(())), "{of} members");
        }
    }
}

#[test]
fn a_member_at_another_moment_is_named_as_that() {
    let found = Rig::new(3).run(AS_IS, |cluster| {
        exchanges(&cluster, 0..2).expect("it goes well");
        let moment = if cluster.member().number == 2 { "the reading of a state" } else { "the close of a day" };
        cluster.exchange(&moment, vec![1]).expect_err("they are out of step").to_string()
    });
    for (number, why) in found.into_iter().enumerate() {
        let why = why.expect("joined");
        assert!(why.contains("have gone different ways") && why.contains("is at the "), "member {number}: {why}");
    }
}

#[test]
fn delays_pieces_and_stalls_change_nothing() {
    let (rig, _proxies) = Rig::new(3).behind_proxies();
    for done in rig.run(AS_IS, |cluster| exchanges(&cluster, 0..4).and_then(|()| cluster.finish())) {
        assert_eq!(done, Ok(Ok(())));
    }
}

#[test]
fn a_cut_connection_ends_all_and_names_a_member() {
    let (rig, proxies) = Rig::new(3).behind_proxies();
    let since = Mutex::new(None);
    // Between members 1 and 2.
    let cut = &proxies[2];
    let found = rig.run(AS_IS, |cluster| {
        if cluster.member().number > 0 {
            return until_lost(&cluster, 0, &since);
        }
        exchanges(&cluster, 0..4).expect("it goes well");
        *lock(&since) = Some(now());
        cut.cut();
        until_lost(&cluster, 4, &since)
    });
    for (number, found) in found.into_iter().enumerate() {
        let (why, took) = found.expect("joined");
        // Members 1 and 2 have lost each other; the other one hears of it from the first of them.
        let told = why.starts_with("member 1 ") || why.starts_with("member 2 ");
        assert!(told && why.contains("(seen at round "), "member {number}: {why}");
        assert!(took < Duration::from_secs(10), "member {number} took {took:?}");
    }
}

#[test]
fn a_member_that_is_silent_counts_as_stopped() {
    let (rig, proxies) = Rig::new(2).behind_proxies();
    let since = Mutex::new(None);
    for found in rig.run(AS_IS, |cluster| {
        if cluster.member().number == 1 {
            return until_lost(&cluster, 0, &since);
        }
        exchanges(&cluster, 0..2).expect("it goes well");
        *lock(&since) = Some(now());
        proxies[0].freeze();
        until_lost(&cluster, 2, &since)
    }) {
        let (why, took) = found.expect("joined");
        assert!(why.contains("was not heard of for 3 s: it is stopped, or the network is gone"), "{why}");
        assert!(took < Duration::from_secs(10), "{took:?}");
    }
}

#[test]
fn long_work_is_no_silence() {
    let work = |cluster: Cluster| {
        sleep(if cluster.member().number == 0 { watch::SILENCE + watch::HEARTBEAT } else { Duration::ZERO });
        exchanges(&cluster, 0..3).and_then(|()| cluster.finish())
    };
    assert_eq!(Rig::new(2).run(AS_IS, work), [Ok(Ok(())), Ok(Ok(()))]);
}

#[test]
fn who_ends_too_early_or_panics_is_named_to_all() {
    let ends = Rig::new(3).run(AS_IS, |cluster| {
        if cluster.member().number == 1 {
            exchanges(&cluster, 0..2).map_err(|lost| lost.to_string())
        } else {
            Err(until_lost(&cluster, 0, &Mutex::new(None)).0)
        }
    });
    for other in [0, 2] {
        let why = ends[other].clone().expect("joined").expect_err("one is lost");
        assert!(why.starts_with("member 1 ended before the run was done"), "{why}");
    }
    let rig = Rig { faulty: Some(2), ..Rig::new(3) };
    let panics = rig.run(AS_IS, |cluster| {
        let faulty = || cluster.superstep(4, &|_, _| fault_point("here"));
        match catch_unwind(AssertUnwindSafe(faulty)) {
            Ok(()) => Some(until_lost(&cluster, 0, &Mutex::new(None)).0),
            Err(_) => None,
        }
    });
    for other in [0, 1] {
        // It may have happened before the others had met each other.
        let why = panics[other].clone().unwrap_or_else(Some).expect("it did not panic");
        assert!(
            why.starts_with("member 2 has a bug: ") && why.contains("a fault that a test has put into here"),
            "{why}"
        );
    }
    assert_eq!(panics[2], Ok(None));
}

#[test]
fn a_member_that_cannot_go_on_says_why() {
    let found = Rig::new(2).run(AS_IS, |cluster| {
        if cluster.member().number == 0 {
            cluster.give_up("cannot write results: the disk is full");
            return None;
        }
        cluster.finish().err()
    });
    let lost = found[1].clone().expect("joined").expect("the other gave up");
    assert!(lost.to_string().starts_with("member 0 cannot write results: the disk is full"), "{lost}");
}

#[test]
fn members_that_do_not_go_together_end_all_and_say_what_to_do() {
    let cases: [(&str, Change<'_>); 5] = [
        ("is another program", &|number, joining| joining.program[0] += u8::from(number == 2)),
        ("has another scenario", &|number, joining| joining.scenario[0] += u8::from(number == 2)),
        ("give all members the same hosts", &|number, joining| joining.of += usize::from(number == 2)),
        ("give all members the same --key", &|number, joining| joining.secret = (number == 2).then_some([3; 32])),
        ("give each process a number of its own", &|number, joining| joining.number -= usize::from(number == 2)),
    ];
    for (remedy, change) in cases {
        let found = Rig::new(3).run(change, |_| ());
        for (number, found) in found.into_iter().enumerate() {
            let why = found.expect_err("refused");
            assert!(why.contains(remedy) && why.starts_with("member "), "member {number}, {remedy}: {why}");
        }
    }
}

#[test]
fn a_key_keeps_strangers_out_and_they_cannot_end_the_run() {
    let keyed: Change<'_> = &|number, joining| {
        joining.secret = Some([if number == 2 { 4 } else { 3 }; 32]);
        joining.wait = Duration::from_secs(if number == 2 { 20 } else { 2 });
    };
    let found: Vec<String> = Rig::new(3).run(keyed, |_| ()).into_iter().map(|why| why.expect_err("refused")).collect();
    assert_eq!(found[2], "member 0 has another key: give all members the same --key");
    assert!(found[0].starts_with("member 2 did not come within 2 s"), "{}", found[0]);
    assert!(
        found[0].contains("of 1 that came instead 127.0.0.1:") && found[0].ends_with("the same --key"),
        "{}",
        found[0]
    );
    assert!(found[1].starts_with("member 2 did not come within 2 s"), "{}", found[1]);

    let rig = Rig::new(2);
    let place = at(&rig.listeners[0]);
    let _silent = TcpStream::connect(place).expect("it listens");
    TcpStream::connect(place).and_then(|mut stranger| stranger.write_all(b"GET / HTTP/1.1\r\n\r\n")).expect("sent");
    let secret: Change<'_> = &|_, joining| joining.secret = Some([3; 32]);
    assert_eq!(rig.run(secret, Cluster::finish), [Ok(Ok(())), Ok(Ok(()))]);
}

#[test]
fn one_that_is_known_to_be_gone_is_not_waited_for() {
    let gone: Change<'_> = &|_, joining| joining.ended = &|| Some(Lost { member: 2, why: "ended".to_owned() });
    let rig = Rig { absent: vec![1, 2], ..Rig::new(3) };
    let begun = now();
    assert_eq!(rig.run(gone, |_| ()), [Err("member 2 ended".to_owned())]);
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[test]
fn one_that_never_comes_is_named_by_all() {
    let short: Change<'_> = &|_, joining| joining.wait = Duration::from_secs(1);
    let rig = Rig { absent: vec![2], ..Rig::new(3) };
    for found in rig.run(short, |_| ()) {
        let why = found.expect_err("one is missing");
        assert!(why.starts_with("member 2 did not come within 1 s from 127.0.0.1:"), "{why}");
    }
    let mut rig = Rig { absent: vec![0], ..Rig::new(2) };
    rig.addresses[1][0] = "127.0.0.1:1".to_owned();
    let why = rig.run(short, |_| ()).remove(0).expect_err("member 0 is missing");
    assert!(why.starts_with("member 0 did not come within 1 s (at 127.0.0.1:1: Connection refused"), "{why}");
}

#[test]
fn a_member_of_another_start_is_refused() {
    // Members 1 and 2 have met different members 0.
    let of_start = |number: usize, epoch: u8| hello::Hello {
        epoch: [epoch; 16],
        ..hello::Hello::new(number, 3, [1; 32], [2; 32], false)
    };
    let (hello, old) = (of_start(1, 1), of_start(2, 2));
    let listener = &TcpListener::bind("127.0.0.1:0").expect("a port");
    let (near, far) = std::thread::scope(|scope| {
        let far = scope.spawn(|| {
            let socket = TcpStream::connect(at(listener)).expect("it listens");
            greeting::greet(socket, greeting::Opened::To(1), &old, None).map(|_| ())
        });
        let (socket, _) = listener.accept().expect("it came");
        let near = greeting::greet(socket, greeting::Opened::ByTheOther, &hello, None).map(|_| ());
        (near, far.join().expect("no panic"))
    });
    for (refusal, member) in [(near, 2), (far, 1)] {
        let greeting::Refusal::Member(named, why) = refusal.expect_err("refused") else { panic!("a stranger") };
        assert!(named == member && why.starts_with("belongs to another start of this run"), "{named} {why}");
    }
}
