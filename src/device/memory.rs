//! Memory that a program keeps.

/// Makes the C library keep the memory that is freed, for what is allocated next. Returns whether it will.
///
/// Training allocates and frees the same tensors in each step. By default the GNU C library returns large ones to the
/// system, which clears each page before it is used again: up to 40 % of a step (`docs/benchmarks.md`). Call this first
/// thing in `main`: it does nothing where there are other threads already, or another C library. What the main thread
/// has freed is then kept until the process ends.
///
/// The program `multitf` and the example `compare` call it; the library never does.
///
/// # Examples
///
/// ```
/// multitf::device::keep_memory();
/// ```
pub fn keep_memory() -> bool {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    return glibc::keep_memory();
    #[cfg(not(all(target_os = "linux", target_env = "gnu")))]
    false
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod glibc {
    use std::ffi::c_int;

    // SAFETY: the signature is that of the C library. Its settings are read without a lock, so that no other thread may
    // run, which is checked before.
    unsafe extern "C" {
        safe fn mallopt(parameter: c_int, value: c_int) -> c_int;
    }

    const TRIM_THRESHOLD: c_int = -1;
    const MMAP_THRESHOLD: c_int = -3;

    pub(super) fn keep_memory() -> bool {
        let has_one_thread = std::fs::read_dir("/proc/self/task").is_ok_and(|threads| threads.count() == 1);
        // Versions before 2.35 take 32 MiB at most.
        let is_kept = || [c_int::MAX, 32 << 20].into_iter().any(|size| mallopt(MMAP_THRESHOLD, size) == 1);
        // Alone it would make the smaller tensors worse off: the library no longer adapts the other threshold.
        has_one_thread && is_kept() && mallopt(TRIM_THRESHOLD, c_int::MAX) == 1
    }
}
