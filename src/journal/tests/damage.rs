//! A closed journal of about 60 KB, cut at every byte and with every byte flipped; a crashed one, every page of it. Always an
//! intact prefix with the loss reported, or a refusal.
//!
//! Every case is scanned, from the batch that the damage lies in; a spread of cases is recovered in full, its state compared
//! with that of the true prefix.

use super::*;
use crate::journal::mark;
use crate::journal::recovery::Missing;
use crate::journal::segment::{End, FileHeader, HEADER_BYTES, Position, Scan};
use std::fs;

/// Records of a batch.
const EVERY: usize = 40;

/// Bytes of the journal, about.
const BYTES: usize = 60_000;

/// What happens to the bytes of a page.
type Damage = fn(&mut [u8]);

struct Closed {
    home: tempfile::TempDir,
    bytes: Vec<u8>,
    /// Positions between the batches, first and last included.
    positions: Vec<Position>,
    mark: mark::Mark,
}

impl Closed {
    fn journal(&self) -> PathBuf {
        service(&self.home).join("epoch-000001.journal")
    }

    /// The batch that a byte lies in, as the position before it; `None` for the header.
    fn position_before(&self, byte: usize) -> Option<Position> {
        let after = self.positions.partition_point(|at| at.offset <= byte as u64);
        after.checked_sub(1).map(|before| self.positions[before])
    }
}

/// The first batches of the course, as many as make the journal about 60 KB; closed, or as a crash leaves them.
fn small(close: bool) -> Closed {
    let home = tempfile::tempdir().expect("a directory");
    let kept = begin(Arc::new(OsDisk), &service(&home)).expect("a journal");
    let mut bytes = HEADER_BYTES;
    for (ticket, piece) in course().days.concat().chunks(EVERY).enumerate() {
        kept.put(piece, ticket as u64);
        bytes += HEADER_BYTES + encode(piece).bytes().len();
        if bytes > BYTES {
            break;
        }
    }
    assert!(bytes > BYTES, "the course is too short: {bytes} bytes");
    let home = if close {
        kept.journal.close().expect("a clean end");
        home
    } else {
        copied(&service(&home))
    };
    let content = fs::read(service(&home).join("epoch-000001.journal")).expect("a journal");
    assert_eq!(content.len() == bytes, close, "a crashed journal has room behind its records");
    let (header, mut scan) = Scan::start(content.as_slice()).expect("no error").expect("a header");
    assert_eq!(header.epoch, 1);
    let mut positions = vec![scan.position()];
    while let Some(batch) = scan.next_batch().expect("no error") {
        positions.push(batch.behind);
    }
    assert_eq!(scan.end(), Some(End::Clean));
    let marks = mark::read(&OsDisk, &service(&home).join("mark")).expect("a mark");
    let mark = marks.newest.expect("a mark");
    assert_eq!(Some(mark.sequence), positions.last().map(|at| at.sequence));
    Closed { home, bytes: content, positions, mark }
}

/// Scans the rest of some bytes from a position; how far it came and how it ended.
fn scanned(bytes: &[u8], at: Position) -> (Position, End) {
    let mut scan = Scan::resume(&bytes[at.offset as usize..], at);
    while scan.next_batch().expect("bytes in memory").is_some() {}
    (scan.position(), scan.end().expect("the end"))
}

/// Scans all bytes from the first; `None` without a whole header.
fn scanned_whole(bytes: &[u8]) -> Option<(FileHeader, Position, End)> {
    let (header, scan) = Scan::start(bytes).expect("bytes in memory")?;
    let (position, end) = scanned(bytes, scan.position());
    Some((header, position, end))
}

#[test]
fn a_closed_journal_cut_anywhere_gives_its_prefix() {
    let closed = small(true);
    for length in 0..closed.bytes.len() {
        let cut = &closed.bytes[..length];
        let Some(at) = closed.position_before(length) else {
            assert_eq!(scanned_whole(cut), None, "{length} bytes");
            continue;
        };
        let (position, end) = scanned(cut, at);
        assert_eq!(position, at, "{length} bytes");
        assert_eq!(end == End::Clean, length as u64 == at.offset, "{length} bytes");
        let missing = Missing::of(Some(closed.mark), position.sequence);
        assert_eq!(missing, Missing::Records(closed.mark.sequence - at.sequence), "{length} bytes");
        if length % 1_009 == 0 {
            assert_eq!(scanned_whole(cut).map(|(_, position, _)| position), Some(at), "{length} bytes");
        }
    }
}

#[test]
fn a_closed_journal_flipped_anywhere_gives_its_prefix() {
    let mut closed = small(true);
    for byte in 0..closed.bytes.len() {
        for flip in [0xFF, 1 << (byte % 8)] {
            closed.bytes[byte] ^= flip;
            match closed.position_before(byte) {
                None => assert_eq!(scanned_whole(&closed.bytes), None, "byte {byte}"),
                Some(at) => {
                    // Whatever is behind the batch is only looked at for being zero.
                    let behind = closed.bytes.len().min(byte + 4096);
                    let (position, end) = scanned(&closed.bytes[..behind], at);
                    assert_eq!(position, at, "byte {byte} with {flip:#x}");
                    assert!(matches!(end, End::Damaged { .. }), "byte {byte} with {flip:#x}");
                    let missing = Missing::of(Some(closed.mark), position.sequence);
                    assert!(matches!(missing, Missing::Records(1..)), "byte {byte} with {flip:#x}");
                }
            }
            if byte % 1_009 == 0 {
                let whole = scanned_whole(&closed.bytes).map(|(_, position, _)| position);
                assert_eq!(whole, closed.position_before(byte), "byte {byte} with {flip:#x}");
            }
            closed.bytes[byte] ^= flip;
        }
    }
}

/// Recovers a damaged journal in full: the state of the true prefix, and the loss.
fn recovered_right(closed: &Closed, bytes: &[u8], hashes: &[Hash], case: &str) -> u64 {
    fs::write(closed.journal(), bytes).expect("written");
    let found = recovered(&service(&closed.home), Start::Latest).unwrap_or_else(|error| panic!("{case}: {error}"));
    let batches = closed.positions.iter().position(|at| at.sequence == found.sequence);
    let batches = batches.unwrap_or_else(|| panic!("{case}: {} records are no prefix", found.sequence));
    assert_eq!(found.state_hash, hashes[batches], "{case}");
    assert_eq!(found.missing, Missing::of(Some(closed.mark), found.sequence), "{case}");
    assert_eq!(found.is_complete(), found.sequence == closed.mark.sequence, "{case}");
    found.sequence
}

#[test]
fn a_spread_of_damaged_journals_is_recovered_in_full() {
    let closed = small(true);
    let hashes = hashes(EVERY);
    let mut sequences = Vec::new();
    for step in 0..32 {
        let byte = step * closed.bytes.len() / 32 + 7 * step;
        let cut = &closed.bytes[..byte];
        sequences.push(recovered_right(&closed, cut, &hashes, &format!("{byte} bytes")));
        let mut flipped = closed.bytes.clone();
        flipped[byte] ^= 1 << (step % 8);
        sequences.push(recovered_right(&closed, &flipped, &hashes, &format!("byte {byte} flipped")));
    }
    assert!(sequences[..2] == [0, 0], "no header, no record: {sequences:?}");
    assert!(sequences.iter().filter(|sequence| **sequence > 0).count() > 50, "{sequences:?}");
    assert_eq!(recovered_right(&closed, &closed.bytes, &hashes, "whole"), closed.mark.sequence);
}

#[test]
fn a_crashed_journal_damaged_in_any_page_gives_its_prefix() {
    const PAGE: usize = 4096;
    let crashed = small(false);
    let hashes = hashes(EVERY);
    let mut pages = 0;
    for (number, page) in crashed.bytes.chunks(PAGE).enumerate() {
        if page.iter().all(|byte| *byte == 0) {
            continue;
        }
        pages += 1;
        let from = number * PAGE;
        let to = (from + PAGE).min(crashed.bytes.len());
        let damages: [(&str, Damage); 4] = [
            ("never written", |page| page.fill(0)),
            ("overwritten", |page| {
                page.iter_mut().zip(1..).for_each(|(byte, i): (_, u32)| *byte = ((i * 167) >> 3) as u8)
            }),
            ("in disorder", |page| page.rotate_left(512)),
            ("flipped", |page| page[0] ^= 0x80),
        ];
        for (what, damage) in damages {
            let mut bytes = crashed.bytes.clone();
            damage(&mut bytes[from..to]);
            let sequence = recovered_right(&crashed, &bytes, &hashes, &format!("page {number} {what}"));
            let before = crashed.position_before(from).map_or(0, |at| at.sequence);
            let within = crashed.position_before(to - 1).map_or(0, |at| at.sequence);
            assert!((before..=within).contains(&sequence), "page {number} {what}: {sequence}");
        }
    }
    assert!(pages >= BYTES / PAGE, "{pages} pages");
    // A page that the crash kept from being written, in the room behind the records: nothing that was acknowledged.
    let mut bytes = crashed.bytes.clone();
    let end = bytes.len();
    bytes[end - 100] = 1;
    assert_eq!(recovered_right(&crashed, &bytes, &hashes, "behind the end"), crashed.mark.sequence);
}

#[test]
fn any_other_file_damaged_is_a_refusal_or_changes_nothing() {
    let closed = small(true);
    let dir = service(&closed.home);
    let end = *hashes(EVERY).get(closed.positions.len() - 1).expect("a hash for each batch");
    for name in ["epoch-000001.snapshot", "mark", "service.json", "scenario.toml"] {
        let path = dir.join(name);
        let whole = fs::read(&path).expect("a file");
        let step = (whole.len() / 40).max(1);
        for byte in (0..whole.len()).step_by(step) {
            for cut in [false, true] {
                let mut bytes = whole.clone();
                if cut {
                    bytes.truncate(byte);
                } else {
                    bytes[byte] ^= 0x04;
                }
                fs::write(&path, &bytes).expect("written");
                let found = match name {
                    // The context comes from these two; reading it anew for each case is what takes time.
                    "service.json" | "scenario.toml" => crate::load::recover(&dir, Start::Latest),
                    _ => recovered(&dir, Start::Latest),
                };
                match found {
                    Ok(found) => {
                        let same = (found.state_hash, found.sequence) == (end, closed.mark.sequence);
                        assert!(same, "{name}, byte {byte}, cut {cut}");
                        let slot = mark::slot_offset(0) as usize..mark::slot_offset(0) as usize + mark::MARK_BYTES;
                        let reported = found.mark_damaged || !slot.contains(&byte);
                        assert!(name == "service.json" || name == "mark" && reported, "{name}, byte {byte}, cut {cut}");
                    }
                    Err(error) => assert!(error.to_string().contains(dir.to_str().expect("text")), "{error}"),
                }
            }
        }
        fs::write(&path, &whole).expect("written");
    }
    fs::remove_file(dir.join("mark")).expect("it was there");
    let without = recovered(&dir, Start::Latest).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((without.missing, without.is_complete()), (Missing::Unknown, false));
}

/// An engine's snapshot whose hash would be right and whose bytes are not: an error or another engine, never a panic.
#[test]
fn bytes_that_are_no_engine_are_refused() {
    let mut bytes = Vec::new();
    course().start[0].engines[0].engine.write_snapshot(&mut |piece| bytes.extend_from_slice(piece));
    let read = |bytes: &[u8]| Engine::read_snapshot(bytes);
    let mut refused = 0;
    for step in 0..3_000 {
        let byte = step * bytes.len() / 3_000;
        let mut damaged = bytes.clone();
        damaged[byte] ^= 0xFF;
        match read(&damaged) {
            Err(_) => refused += 1,
            Ok(engine) => {
                let mut again = Vec::new();
                engine.write_snapshot(&mut |piece| again.extend_from_slice(piece));
                assert_eq!(again, damaged, "byte {byte}");
            }
        }
        assert!(read(&bytes[..byte]).is_err(), "{byte} bytes");
    }
    assert!(refused > 50, "{refused}");
}
