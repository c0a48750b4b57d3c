//! Memory that a program keeps.

/// Makes the C library keep the memory that is freed, for what is allocated next.
///
/// Training allocates and frees the same tensors in each step. By default the GNU C library returns large ones to the
/// system, which clears each page again before it is used again: up to a third of a step. Call this first thing in
/// `main`, before there are other threads. The process then holds its largest use of memory until it ends. It does
/// nothing where the C library is another one.
///
/// The crate's own programs call it; the library never does.
///
/// # Examples
///
/// ```
/// multitf::device::keep_memory();
/// ```
pub fn keep_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        use std::ffi::c_int;

        // SAFETY: the signature is that of the C library, which takes a lock of its own while it changes a setting.
        unsafe extern "C" {
            safe fn mallopt(parameter: c_int, value: c_int) -> c_int;
        }
        const TRIM_THRESHOLD: c_int = -1;
        const MMAP_THRESHOLD: c_int = -3;
        // As large as they can be; a C library that refuses goes on as before.
        mallopt(TRIM_THRESHOLD, c_int::MAX);
        mallopt(MMAP_THRESHOLD, 1 << 30);
    }
}
