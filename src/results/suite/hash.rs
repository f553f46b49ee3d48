//! The hash of a suite: blake3 over all its worlds in order. Everything else follows from them. The keys of the worlds'
//! files are outside it, since they also name the program.

use super::{KeptWorld, SuiteRecord};

/// Goes up when the order or the meaning of the hashed content changes.
const VERSION: &str = "yuefu-suite-2";

/// The hash of a suite, hex.
pub(crate) fn suite_hash(record: &SuiteRecord) -> String {
    let mut hasher = blake3::Hasher::new();
    let p = &record.provenance;
    text(&mut hasher, VERSION);
    text(&mut hasher, &p.name);
    for number in [p.users.into(), p.months.into(), p.warmup_months.into(), p.seed, p.replication.into()] {
        hasher.update(&u64::to_le_bytes(number));
    }
    hasher.update(&p.start.0.to_le_bytes());
    for names in [&record.paths, &record.policies] {
        hasher.update(&(names.len() as u64).to_le_bytes());
        names.iter().for_each(|name| text(&mut hasher, name));
    }
    hasher.update(&(record.worlds.len() as u64).to_le_bytes());
    record.worlds.iter().for_each(|world| hash_world(&mut hasher, world));
    hasher.finalize().to_hex().to_string()
}

fn text(hasher: &mut blake3::Hasher, text: &str) {
    hasher.update(&(text.len() as u64).to_le_bytes());
    hasher.update(text.as_bytes());
}

fn hash_world(hasher: &mut blake3::Hasher, world: &KeptWorld) {
    for name in [&world.part, &world.path, &world.policy, &world.state_hash] {
        text(hasher, name);
    }
    hasher.update(&world.luck.to_le_bytes());
    hasher.update(&world.shock.to_le_bytes());
    hasher.update(&world.depth_milli.to_le_bytes());
    hasher.update(&(world.measures.len() as u64).to_le_bytes());
    for (numerator, denominator) in &world.measures {
        hasher.update(&numerator.to_le_bytes());
        hasher.update(&denominator.to_le_bytes());
    }
    hasher.update(&(world.months.len() as u64).to_le_bytes());
    for month in &world.months {
        month.iter().for_each(|value| {
            hasher.update(&value.to_le_bytes());
        });
    }
    hasher.update(&(world.views.len() as u64).to_le_bytes());
    for (numerator, denominator) in &world.views {
        hasher.update(&numerator.to_le_bytes());
        hasher.update(&denominator.to_le_bytes());
    }
}
