//! The memory of the process: what is freed goes back to the system.
//! Must not know: what it is used for.
//!
//! What is read is handed from thread to thread here, and large lists live for one stage of a run. The allocator of glibc keeps a
//! heap for each thread and, in the middle of a heap, what was freed there, so that twice as much is held as is used
//! (`docs/performance.md` has the figures). Other allocators give back by themselves.

/// One heap for all threads. To be called before another thread starts.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "glibc has no other way to be told")]
pub fn keep_together() {
    /// Larger pieces are maps of their own, and go back to the system once they are freed.
    const PIECE: libc::c_int = 128 * 1024;
    // SAFETY: `mallopt` takes two numbers and no pointer, and no other thread was started.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, 1);
        libc::mallopt(libc::M_MMAP_THRESHOLD, PIECE);
        libc::mallopt(libc::M_TRIM_THRESHOLD, PIECE);
    }
}

/// Gives back every page that nothing lies on. For moments in which much was let go of: it goes over the whole heap, in
/// milliseconds.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "glibc has no other way to be told")]
pub fn give_back() {
    // SAFETY: `malloc_trim` takes a number and no pointer, and locks the heap by itself.
    unsafe {
        libc::malloc_trim(0);
    }
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn keep_together() {}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn give_back() {}
