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
