//! What a shard is, and which parts a whole may not be made over. (The refusals of `gather` stand in the tests of the command.)

use super::*;
use std::path::PathBuf;

#[test]
fn shards_are_read_and_deal_everything_once() {
    assert_eq!(Shard::parse("3/8"), Ok(Shard { number: 3, of: 8 }));
    assert_eq!(Shard::parse("1/100000").map(|shard| shard.to_string()), Ok("shard 1 of 100000".to_string()));
    for wrong in ["0/8", "9/8", "a/b", "3/0", "3", "", "/", "-1/8", "+1/8", "1/8/9", "1.5/8", "1/100001", " 1/8"] {
        assert!(Shard::parse(wrong).is_err(), "{wrong}");
    }
    for of in 1..=9 {
        let all: Vec<Shard> = (1..=of).map(|number| Shard { number, of }).collect();
        for position in 0..20 {
            assert_eq!(all.iter().filter(|shard| shard.holds(position)).count(), 1, "{position} of {of}");
        }
        let most = all.iter().map(|shard| (0..20).filter(|at| shard.holds(*at)).count());
        let (least, most) = (most.clone().min(), most.max());
        assert!(most <= least.map(|least| least + 1), "even shares of {of}");
    }
}

#[test]
fn a_whole_takes_no_place_of_a_part_and_names_its_own_work_area() {
    let home = tempfile::tempdir().expect("a directory");
    let path = |name: &str| home.path().join(name);
    for name in ["parts/one", "suite.work", "other.work"] {
        fs::create_dir_all(path(name)).expect("made");
    }
    let refused = |part: &str, out: &str| apart(&[path(part)], &path(out)).map_err(|error| error.to_string());
    assert!(refused("parts/one", "parts/one").is_err_and(|why| why.contains("would take its place")));
    assert!(refused("parts/one", "parts").is_err_and(|why| why.contains("would take its place")));
    assert!(
        refused("suite.work", "suite").is_err_and(|why| why.contains("suite.work: it is kept for this very --out"))
    );
    assert!(refused("other.work", "suite").is_ok() && refused("parts/one", "suite").is_ok());
    assert!(refused("nowhere", "no/such/place").is_ok(), "that is somebody else's to say");
    let only: [PathBuf; 1] = [path("nothing-there")];
    assert!(matches!(gather(&only, "program"), Err(PartError::NoPart { .. })));
    assert!(matches!(gather(&[], "program"), Err(PartError::NoScenario)));
}
