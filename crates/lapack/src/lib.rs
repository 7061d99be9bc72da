//! The LAPACK symbols that ndarray-linalg calls, on faer.
