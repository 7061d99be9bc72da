//! Memory that is asked for before it is needed.

/// Asks for the memory where the values begin, which is needed in some hundred cycles. Results do not depend on it, and some machines do nothing.
#[inline(always)]
pub fn fetch<T>(values: &[T]) {
    #[cfg(target_arch = "x86_64")]
    {
        use core::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: every x86-64 processor has this instruction, which reads nothing: any address will do.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(values.as_ptr().cast()) }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = values;
}

/// As [`fetch`], for the first half kilobyte of values, after which machines ask for what follows by themselves.
#[inline(always)]
pub fn fetch_run<T>(values: &[T]) {
    const LINE: usize = 64;
    let each = (LINE / size_of::<T>()).max(1);
    for values in values.chunks(each).take(8) {
        fetch(values);
    }
}
