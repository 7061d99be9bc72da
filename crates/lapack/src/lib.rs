//! The LAPACK symbols that ndarray-linalg calls, on faer: a link crate, nothing else.
//!
//! Only what the workspace uses exists here: LU factorisation (`dgetrf_`), solution (`dgetrs_`),
//! inverse (`dgetri_`), eigenvalues (`dgeev_`) and singular values (`dgesvd_`) of real matrices, and
//! eigenvalues with eigenvectors of symmetric ones (`dsyev_`). To use another routine of ndarray-linalg,
//! add its symbol.
//! Arguments are LAPACK's: column-major storage, pivots counted from 1.

use faer::diag::DiagMut;
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::lu::partial_pivoting::{factor, inverse, solve};
use faer::linalg::{evd, svd};
use faer::perm::PermRef;
use faer::{MatMut, MatRef, Par, Spec};
use std::ffi::{c_char, c_int};
use std::slice;

/// LU factorisation of an m × n matrix with partial pivoting.
///
/// # Safety
/// As LAPACK's `dgetrf`: `a` holds lda · n numbers, `ipiv` min(m, n), every pointer is valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dgetrf_(
    m: *const c_int,
    n: *const c_int,
    a: *mut f64,
    lda: *const c_int,
    ipiv: *mut c_int,
    info: *mut c_int,
) {
    // SAFETY: the caller passes valid pointers.
    let (m, n, lda, info) = unsafe { (*m as usize, *n as usize, *lda as isize, &mut *info) };
    // SAFETY: the caller's matrix has n columns of m entries, lda apart.
    let mut matrix = unsafe { MatMut::from_raw_parts_mut(a, m, n, 1, lda) };
    // SAFETY: the caller's pivots are min(m, n) long.
    let ipiv = unsafe { slice::from_raw_parts_mut(ipiv, m.min(n)) };
    let (mut forward, mut backward) = (vec![0_usize; m], vec![0_usize; m]);
    let mut memory = MemBuffer::new(factor::lu_in_place_scratch::<usize, f64>(m, n, Par::Seq, Spec::default()));
    factor::lu_in_place(
        matrix.as_mut(),
        &mut forward,
        &mut backward,
        Par::Seq,
        MemStack::new(&mut memory),
        Spec::default(),
    );
    // A permutation as the row swaps that make it.
    let mut rows: Vec<usize> = (0..m).collect();
    for (i, pivot) in ipiv.iter_mut().enumerate() {
        let at = i + rows[i..].iter().position(|&row| row == forward[i]).expect("a permutation holds every row");
        rows.swap(i, at);
        *pivot = at as c_int + 1;
    }
    let singular = (0..ipiv.len()).find(|&i| matrix[(i, i)] == 0.0 || matrix[(i, i)].is_nan());
    *info = singular.map_or(0, |i| i as c_int + 1);
}

/// Solves A X = B (`trans` N) or Aᵀ X = B (`trans` T or C) from the factors of `dgetrf_`.
///
/// # Safety
/// As LAPACK's `dgetrs`: every pointer is valid, `a` holds lda · n numbers, `b` ldb · nrhs.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dgetrs_(
    trans: *const c_char,
    n: *const c_int,
    nrhs: *const c_int,
    a: *const f64,
    lda: *const c_int,
    ipiv: *const c_int,
    b: *mut f64,
    ldb: *const c_int,
    info: *mut c_int,
) {
    // SAFETY: the caller passes valid pointers.
    let (trans, n, nrhs, lda, ldb) =
        unsafe { (*trans as u8, *n as usize, *nrhs as usize, *lda as isize, *ldb as isize) };
    // SAFETY: the caller's arrays have these shapes.
    let (factors, right, pivots) = unsafe {
        (
            MatRef::from_raw_parts(a, n, n, 1, lda),
            MatMut::from_raw_parts_mut(b, n, nrhs, 1, ldb),
            slice::from_raw_parts(ipiv, n),
        )
    };
    let (forward, backward) = permutation(pivots);
    let rows = PermRef::new_checked(&forward, &backward, n);
    let mut memory = MemBuffer::new(solve::solve_in_place_scratch::<usize, f64>(n, nrhs, Par::Seq));
    let stack = MemStack::new(&mut memory);
    // faer reads L below and U on and above the diagonal of the matrix that it is given.
    match trans {
        b'N' => solve::solve_in_place(factors, factors, rows, right, Par::Seq, stack),
        b'T' | b'C' => solve::solve_transpose_in_place(factors, factors, rows, right, Par::Seq, stack),
        other => panic!("dgetrs: trans = {:?}", other as char),
    }
    // SAFETY: the caller passes a valid pointer.
    unsafe { *info = 0 };
}

/// The inverse, in place, from the factors of `dgetrf_`; with lwork = −1 the work space needed.
///
/// # Safety
/// As LAPACK's `dgetri`: every pointer that the call reads is valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dgetri_(
    n: *const c_int,
    a: *mut f64,
    lda: *const c_int,
    ipiv: *const c_int,
    work: *mut f64,
    lwork: *const c_int,
    info: *mut c_int,
) {
    // SAFETY: the caller passes valid pointers; a query reads no more than these.
    let (n, lda, query) = unsafe {
        *info = 0;
        *work = f64::from(*n);
        (*n as usize, *lda as isize, *lwork == -1)
    };
    if query {
        return;
    }
    // SAFETY: the caller's arrays have these shapes.
    let (mut matrix, pivots) = unsafe { (MatMut::from_raw_parts_mut(a, n, n, 1, lda), slice::from_raw_parts(ipiv, n)) };
    if let Some(i) = (0..n).find(|&i| matrix[(i, i)] == 0.0) {
        // SAFETY: the caller passes a valid pointer.
        unsafe { *info = i as c_int + 1 };
        return;
    }
    let (forward, backward) = permutation(pivots);
    let rows = PermRef::new_checked(&forward, &backward, n);
    let factors = matrix.as_ref().to_owned();
    let mut memory = MemBuffer::new(inverse::inverse_scratch::<usize, f64>(n, Par::Seq));
    inverse::inverse(matrix.as_mut(), factors.as_ref(), factors.as_ref(), rows, Par::Seq, MemStack::new(&mut memory));
}

/// The eigenvalues of an n × n matrix; with lwork = −1 the work space needed.
///
/// # Safety
/// As LAPACK's `dgeev`: every pointer that the call reads is valid.
///
/// # Panics
/// If eigenvectors are asked for: nobody here does.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dgeev_(
    jobvl: *const c_char,
    jobvr: *const c_char,
    n: *const c_int,
    a: *mut f64,
    lda: *const c_int,
    wr: *mut f64,
    wi: *mut f64,
    _vl: *mut f64,
    _ldvl: *const c_int,
    _vr: *mut f64,
    _ldvr: *const c_int,
    work: *mut f64,
    lwork: *const c_int,
    info: *mut c_int,
) {
    // SAFETY: the caller passes valid pointers; a query reads no more than these.
    let (jobs, n, lda, query) = unsafe {
        *info = 0;
        *work = f64::from(*n).max(1.0);
        ([*jobvl as u8, *jobvr as u8], *n as usize, *lda as isize, *lwork == -1)
    };
    if query {
        return;
    }
    assert_eq!(jobs, [b'N'; 2], "dgeev: eigenvectors");
    // SAFETY: the caller's arrays have these shapes.
    let (matrix, real, imaginary) = unsafe {
        (MatRef::from_raw_parts(a, n, n, 1, lda), slice::from_raw_parts_mut(wr, n), slice::from_raw_parts_mut(wi, n))
    };
    let (no, spec) = (evd::ComputeEigenvectors::No, Spec::default());
    let mut memory = MemBuffer::new(evd::evd_scratch::<f64>(n, no, no, Par::Seq, spec));
    let (re, im) = (DiagMut::from_slice_mut(real), DiagMut::from_slice_mut(imaginary));
    let done = evd::evd_real(matrix, re, im, None, None, Par::Seq, MemStack::new(&mut memory), spec);
    // SAFETY: the caller passes a valid pointer.
    unsafe { *info = c_int::from(done.is_err()) };
}

/// The eigenvalues of a symmetric n × n matrix, from the smallest, and its eigenvectors in its place; with lwork = −1 the work space needed.
///
/// # Safety
/// As LAPACK's `dsyev`: every pointer that the call reads is valid.
///
/// # Panics
/// If no eigenvectors are asked for, or the upper triangle is to be read: nobody here does.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dsyev_(
    jobz: *const c_char,
    uplo: *const c_char,
    n: *const c_int,
    a: *mut f64,
    lda: *const c_int,
    w: *mut f64,
    work: *mut f64,
    lwork: *const c_int,
    info: *mut c_int,
) {
    // SAFETY: the caller passes valid pointers; a query reads no more than these.
    let (job, triangle, n, lda, query) = unsafe {
        *info = 0;
        *work = 1.0;
        (*jobz as u8, *uplo as u8, *n as usize, *lda as isize, *lwork == -1)
    };
    if query {
        return;
    }
    assert_eq!([job, triangle], [b'V', b'L'], "dsyev: no eigenvectors, or the upper triangle");
    // SAFETY: the caller's arrays have these shapes.
    let (mut matrix, values) =
        unsafe { (MatMut::from_raw_parts_mut(a, n, n, 1, lda), slice::from_raw_parts_mut(w, n)) };
    let given = matrix.as_ref().to_owned();
    let (yes, spec) = (evd::ComputeEigenvectors::Yes, Spec::default());
    let mut memory = MemBuffer::new(evd::self_adjoint_evd_scratch::<f64>(n, yes, Par::Seq, spec));
    let (values, vectors) = (DiagMut::from_slice_mut(values), matrix.as_mut());
    let done = evd::self_adjoint_evd(given.as_ref(), values, Some(vectors), Par::Seq, MemStack::new(&mut memory), spec);
    // SAFETY: the caller passes a valid pointer.
    unsafe { *info = c_int::from(done.is_err()) };
}

/// The singular values of an m × n matrix, from the largest; with lwork = −1 the work space needed.
///
/// # Safety
/// As LAPACK's `dgesvd`: every pointer that the call reads is valid.
///
/// # Panics
/// If singular vectors are asked for: nobody here does.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn dgesvd_(
    jobu: *const c_char,
    jobvt: *const c_char,
    m: *const c_int,
    n: *const c_int,
    a: *mut f64,
    lda: *const c_int,
    s: *mut f64,
    _u: *mut f64,
    _ldu: *const c_int,
    _vt: *mut f64,
    _ldvt: *const c_int,
    work: *mut f64,
    lwork: *const c_int,
    info: *mut c_int,
) {
    // SAFETY: the caller passes valid pointers; a query reads no more than these.
    let (jobs, m, n, lda, query) = unsafe {
        *info = 0;
        *work = 1.0;
        ([*jobu as u8, *jobvt as u8], *m as usize, *n as usize, *lda as isize, *lwork == -1)
    };
    if query {
        return;
    }
    assert_eq!(jobs, [b'N'; 2], "dgesvd: singular vectors");
    // SAFETY: the caller's arrays have these shapes.
    let (matrix, values) = unsafe { (MatRef::from_raw_parts(a, m, n, 1, lda), slice::from_raw_parts_mut(s, m.min(n))) };
    let (no, spec) = (svd::ComputeSvdVectors::No, Spec::default());
    let mut memory = MemBuffer::new(svd::svd_scratch::<f64>(m, n, no, no, Par::Seq, spec));
    let values = DiagMut::from_slice_mut(values);
    let done = svd::svd(matrix, values, None, None, Par::Seq, MemStack::new(&mut memory), spec);
    // SAFETY: the caller passes a valid pointer.
    unsafe { *info = c_int::from(done.is_err()) };
}

/// The permutation that a sequence of row swaps makes, and its inverse.
fn permutation(pivots: &[c_int]) -> (Vec<usize>, Vec<usize>) {
    let mut forward: Vec<usize> = (0..pivots.len()).collect();
    for (i, &pivot) in pivots.iter().enumerate() {
        forward.swap(i, pivot as usize - 1);
    }
    let mut backward = vec![0; forward.len()];
    for (i, &row) in forward.iter().enumerate() {
        backward[row] = i;
    }
    (forward, backward)
}
