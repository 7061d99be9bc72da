//! Memory that begins on a cache line: a load that straddles two lines takes as long as two.

use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

/// A cache line.
#[derive(Clone, Copy)]
#[repr(align(64))]
#[expect(dead_code, reason = "its bytes are read as what they stand for")]
struct Line([u8; 64]);

/// Numbers of fixed size, of which all bits are some number and no bits 0.
///
/// # Safety
/// Every pattern of bits is a value; there is no padding.
pub unsafe trait Plain: Copy {}

// SAFETY: (all) numbers have no padding and no invalid patterns, nor have arrays of them.
unsafe impl Plain for f32 {}
unsafe impl Plain for f64 {}
unsafe impl Plain for u16 {}
unsafe impl Plain for u32 {}
unsafe impl<T: Plain, const N: usize> Plain for [T; N] {}

/// A slice of numbers from the start of a cache line on; large ones lie on large pages where the system has them, since what is read here
/// and there would miss the translation cache otherwise.
pub struct Aligned<T> {
    lines: Vec<Line>,
    count: usize,
    kind: PhantomData<T>,
}

impl<T: Plain> Aligned<T> {
    /// So many zeros.
    ///
    /// # Panics
    /// If no memory can hold them.
    pub fn zeros(count: usize) -> Self {
        let mut lines = on_large_pages(lines_of::<T>(count));
        lines.resize(lines_of::<T>(count), Line([0; 64]));
        Aligned { lines, count, kind: PhantomData }
    }

    /// Adds zeros at the end, or cuts numbers off, up to so many.
    ///
    /// # Panics
    /// If no memory can hold them.
    pub fn resize(&mut self, count: usize)
    where
        T: Default,
    {
        let before = self.count.min(count);
        self.lines.resize(lines_of::<T>(count), Line([0; 64]));
        self.count = count;
        // Lines may hold what was cut off once.
        self[before..].fill(T::default());
    }
}

fn lines_of<T>(count: usize) -> usize {
    const { assert!(align_of::<T>() <= align_of::<Line>(), "lines are aligned for the numbers") };
    count.checked_mul(size_of::<T>()).expect("as many bytes as an address counts").div_ceil(size_of::<Line>())
}

impl<T: Plain> Deref for Aligned<T> {
    type Target = [T];

    #[inline(always)]
    fn deref(&self) -> &[T] {
        // SAFETY: the lines hold as many values, aligned for them, and all bits are values.
        unsafe { std::slice::from_raw_parts(self.lines.as_ptr().cast(), self.count) }
    }
}

impl<T: Plain> DerefMut for Aligned<T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [T] {
        // SAFETY: as above; the lines are borrowed with it.
        unsafe { std::slice::from_raw_parts_mut(self.lines.as_mut_ptr().cast(), self.count) }
    }
}

impl<T: Plain> Clone for Aligned<T> {
    fn clone(&self) -> Self {
        let mut copy = Self::zeros(self.count);
        copy.copy_from_slice(self);
        copy
    }
}

impl<T: Plain + PartialEq> PartialEq for Aligned<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Plain + std::fmt::Debug> std::fmt::Debug for Aligned<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        (**self).fmt(f)
    }
}

/// An empty vector whose memory the system is asked to back by large pages, before any is touched.
fn on_large_pages<T>(capacity: usize) -> Vec<T> {
    let vector: Vec<T> = Vec::with_capacity(capacity);
    #[cfg(target_os = "linux")]
    {
        const PAGE: usize = 4096;
        let start = (vector.as_ptr() as usize).next_multiple_of(PAGE);
        let end = vector.as_ptr() as usize + vector.capacity() * size_of::<T>();
        if end > start + (1 << 21) {
            // SAFETY: the range lies within the vector's own memory, and advice changes no content.
            // If the system declines, nothing but time is lost.
            let _ = unsafe { libc::madvise(start as *mut libc::c_void, end - start, libc::MADV_HUGEPAGE) };
        }
    }
    vector
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_begin_on_a_line_and_stay_when_there_are_more() {
        for count in [0, 1, 15, 16, 17, 100_000] {
            let mut numbers = Aligned::<[f32; 3]>::zeros(count);
            assert!(numbers.len() == count && numbers.iter().all(|own| *own == [0.0; 3]));
            assert_eq!(numbers.as_ptr() as usize % 64, 0);
            numbers.iter_mut().enumerate().for_each(|(k, own)| own[1] = k as f32);
            numbers.resize(count / 2);
            numbers.resize(count + 5);
            assert_eq!(numbers.len(), count + 5);
            assert!((0..count / 2).all(|k| numbers[k] == [0.0, k as f32, 0.0]));
            assert!(numbers[count / 2..].iter().all(|own| *own == [0.0; 3]));
            assert!(numbers.clone() == numbers);
        }
    }
}
