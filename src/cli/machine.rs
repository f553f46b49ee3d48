//! The machine that a run was made on, for `timing.json` and the provenance of load runs. Read from the operating system; enters no
//! hash.

use crate::results::{Machine, Phase, Timing, program};
use std::collections::BTreeMap;
use sysinfo::{CpuRefreshKind, MemoryRefreshKind, RefreshKind, System};

/// Processor, cores, memory and operating system.
pub(crate) fn machine() -> Machine {
    let asked =
        RefreshKind::nothing().with_cpu(CpuRefreshKind::nothing()).with_memory(MemoryRefreshKind::nothing().with_ram());
    let system = System::new_with_specifics(asked);
    Machine {
        cpu: system.cpus().first().map(|cpu| cpu.brand().trim().to_string()).unwrap_or_default(),
        cores: cores(),
        memory_bytes: system.total_memory(),
        os: System::long_os_version().unwrap_or_else(|| std::env::consts::OS.to_string()),
    }
}

/// What `timing.json` says of a command whose work is one phase.
pub(crate) fn timing(users: u32, workers: usize, phase: &str, seconds: f64) -> Timing {
    Timing {
        users: users.into(),
        wall_seconds: seconds,
        workers: workers as u32,
        processes: 1,
        peak_rss_bytes: peak_rss_bytes(),
        phases: vec![Phase { name: phase.to_string(), seconds }],
        machine: machine(),
        versions: versions(),
        ..Timing::default()
    }
}

/// Logical cores that this process may use; the default number of workers.
pub(crate) fn cores() -> u32 {
    std::thread::available_parallelism().map_or(1, |n| u32::try_from(n.get()).unwrap_or(u32::MAX))
}

/// Versions of the program and of how it was built.
pub(crate) fn versions() -> BTreeMap<String, String> {
    let made = program::build();
    [("yuefu", env!("CARGO_PKG_VERSION")), ("commit", made.commit), ("build", made.profile), ("target", made.target)]
        .map(|(name, value)| (name.to_string(), value.to_string()))
        .into()
}

/// Highest resident memory of this process so far, in bytes; 0 where the system does not say (only Linux does, in
/// `/proc/self/status`).
pub(crate) fn peak_rss_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
    kilobytes.and_then(|text| text.trim().parse::<u64>().ok()).unwrap_or(0) * 1024
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_machine_is_known() {
        assert!(super::machine().cores > 0 && super::machine().memory_bytes > 0);
        assert!(!cfg!(target_os = "linux") || super::peak_rss_bytes() > 1 << 20);
    }
}
