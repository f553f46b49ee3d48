//! What two members tell each other first, and why they may not go together.

use super::frame::Marker;
use std::io::{Error, ErrorKind, Read, Result, Write};

/// First bytes of every connection.
const MAGIC: [u8; 8] = *b"yuefu\0cl";

/// Of this layout and of the frames that follow.
const VERSION: u32 = 2;

const BYTES: usize = 8 + 6 * 4 + 16 + 3 * 32;

/// What a member says of itself. The same layout in every version up to and with `version`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Hello {
    pub(super) version: u32,
    /// It has a key.
    pub(super) keyed: bool,
    pub(super) number: usize,
    pub(super) of: usize,
    /// Where it listens.
    pub(super) port: u16,
    /// Which start of the run; all zeros until member 0 has said.
    pub(super) epoch: [u8; 16],
    /// Random, for this connection alone.
    pub(super) nonce: [u8; 32],
    /// Hash of the program.
    pub(super) program: [u8; 32],
    /// Hash of the scenario as it was resolved and of the options of checkpoints.
    pub(super) scenario: [u8; 32],
}

impl Hello {
    /// The same of another connection.
    pub(super) fn with(self, nonce: [u8; 32], epoch: [u8; 16]) -> Hello {
        Hello { nonce, epoch, ..self }
    }

    /// A member before any connection.
    pub(super) fn new(number: usize, of: usize, program: [u8; 32], scenario: [u8; 32], keyed: bool) -> Hello {
        let (epoch, nonce) = ([0; 16], [0; 32]);
        Hello { version: VERSION, keyed, number, of, port: 0, epoch, nonce, program, scenario }
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        let numbers =
            [self.version, u32::from(self.keyed), self.number as u32, self.of as u32, u32::from(self.port), 0];
        bytes.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
        bytes.extend(self.epoch);
        [self.nonce, self.program, self.scenario].iter().for_each(|hash| bytes.extend(hash));
        bytes
    }

    /// Says it.
    pub(super) fn write(&self, to: &mut impl Write) -> Result<()> {
        to.write_all(&self.bytes())
    }

    /// Hears the other's.
    ///
    /// # Errors
    /// What the source says; [`ErrorKind::InvalidData`] when it is none.
    pub(super) fn read(from: &mut impl Read) -> Result<Hello> {
        let mut bytes = [0; BYTES];
        let (magic, rest) = bytes.split_at_mut(MAGIC.len());
        // A stranger is told from a member by its first bytes, and may have no more.
        from.read_exact(magic)?;
        if magic != MAGIC {
            return Err(Error::new(ErrorKind::InvalidData, "no member of a run"));
        }
        from.read_exact(rest)?;
        let mut words = rest[..24].chunks_exact(4).map(|word| u32::from_le_bytes(std::array::from_fn(|i| word[i])));
        let mut word = || words.next().unwrap_or_default();
        let (version, keyed, number, of, port) = (word(), word() != 0, word() as usize, word() as usize, word() as u16);
        let hash = |from: usize| std::array::from_fn(|i| rest[from + i]);
        let (nonce, program, scenario) = (hash(40), hash(72), hash(104));
        Ok(Hello {
            version,
            keyed,
            number,
            of,
            port,
            epoch: std::array::from_fn(|i| rest[24 + i]),
            nonce,
            program,
            scenario,
        })
    }

    /// Why this member cannot go with the other, in the rest of a sentence that begins with the other's name; each of them finds the
    /// same by itself.
    pub(super) fn refuses(&self, other: &Hello) -> Option<String> {
        let why = if other.version != self.version {
            format!(
                "speaks version {} of the protocol, this one {}: start all members with the same program",
                other.version, self.version
            )
        } else if other.keyed != self.keyed {
            let (has, lacks) = if other.keyed { ("it", "this one") } else { ("this one", "it") };
            format!(
                "cannot be told from a stranger: {has} has a key, {lacks} has none; give all members the same --key"
            )
        } else if other.of != self.of {
            format!(
                "was started as one of {}, this one as one of {}: give all members the same hosts",
                other.of, self.of
            )
        } else if other.number == self.number || other.number >= other.of {
            format!(
                "was started with that number, and this one is member {}: each process has a number of its own",
                self.number
            )
        } else if other.program != self.program {
            "is another program: its executable differs from this one; start all members from the same file".to_owned()
        } else if other.scenario != self.scenario {
            "has another scenario, or makes other checkpoints: files, models, --set, --users, --months, --seed, --checkpoint-every or --resume differ; give all members the same"
                .to_owned()
        } else if other.epoch != self.epoch && other.epoch != [0; 16] && self.epoch != [0; 16] {
            "belongs to another start of this run: end what is left of the former one, then start all members again"
                .to_owned()
        } else {
            return None;
        };
        Some(why)
    }
}

/// Marks of what the first sends and of what the second sends, for one connection: they depend on the secret, on both random numbers and on
/// all else that both have said. `first` is the one with the lower number.
pub(super) fn markers(secret: Option<&[u8; 32]>, first: &Hello, second: &Hello) -> [Marker; 2] {
    let mut hasher = blake3::Hasher::new_derive_key("yuefu 2026-12-01 frames between members");
    hasher.update(secret.unwrap_or(&[0; 32])).update(&first.bytes()).update(&second.bytes());
    let session = hasher.finalize();
    [b"first to second", b"second to first"]
        .map(|way| Marker::new(*blake3::keyed_hash(session.as_bytes(), way).as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hello(number: usize) -> Hello {
        Hello { port: 4_711, ..Hello::new(number, 3, [1; 32], [2; 32], false).with([number as u8; 32], [5; 16]) }
    }

    #[test]
    fn a_hello_is_heard_as_it_was_said() {
        let mut bytes = Vec::new();
        hello(2).write(&mut bytes).expect("memory takes it");
        assert_eq!(bytes.len(), BYTES);
        assert_eq!(Hello::read(&mut &bytes[..]).expect("whole"), hello(2));
        assert_eq!(Hello::read(&mut &bytes[..50]).expect_err("cut").kind(), ErrorKind::UnexpectedEof);
        assert_eq!(Hello::read(&mut &b"GET / HTTP/1.1\r\n"[..]).expect_err("a browser").kind(), ErrorKind::InvalidData);
    }

    #[test]
    fn both_refuse_what_does_not_go_together_and_say_what_to_do() {
        type Change = fn(&mut Hello);
        let cases: [(&str, Change); 8] = [
            ("with the same program", |h| h.version += 1),
            ("the same --key", |h| h.keyed = true),
            ("the same hosts", |h| h.of = 4),
            ("a number of its own", |h| h.number = 1),
            ("a number of its own", |h| h.number = 3),
            ("from the same file", |h| h.program[31] ^= 1),
            ("has another scenario", |h| h.scenario[0] ^= 1),
            ("then start all members again", |h| h.epoch[0] ^= 1),
        ];
        let own = hello(1);
        assert_eq!(own.refuses(&hello(2)), None);
        assert_eq!(own.refuses(&hello(2).with([0; 32], [0; 16])), None, "it cannot know the epoch yet");
        for (remedy, change) in cases {
            let mut other = hello(2);
            change(&mut other);
            assert!(own.refuses(&other).is_some_and(|why| why.contains(remedy)), "{remedy}: {:?}", own.refuses(&other));
            if other.number == 2 {
                assert!(
                    other.refuses(&own).is_some_and(|why| why.contains(remedy)),
                    "the other finds it, too: {remedy}"
                );
            }
        }
    }

    #[test]
    fn marks_depend_on_the_secret_the_direction_and_all_that_was_said() {
        let sent = |secret: u8, first: Hello, way: usize| {
            let mut bytes = Vec::new();
            let mut marker = markers(Some(&[secret; 32]), &first, &hello(1))[way].clone();
            marker.write(&mut bytes, super::super::frame::Kind::Welcome, b"").expect("memory takes it");
            bytes
        };
        let usual = sent(1, hello(0), 0);
        assert_eq!(usual, sent(1, hello(0), 0));
        let others = [sent(2, hello(0), 0), sent(1, hello(0), 1), sent(1, hello(0).with([9; 32], [5; 16]), 0)];
        assert!(others.iter().all(|other| *other != usual));
    }
}
