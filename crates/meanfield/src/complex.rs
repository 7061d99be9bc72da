//! Functions of complex numbers by `libm`: those of the standard library go through the system's, whose last digits differ between processors.

use num_complex::Complex64;

/// e^z.
pub fn exp(z: Complex64) -> Complex64 {
    let (sine, cosine) = libm::sincos(z.im);
    Complex64::new(cosine, sine) * libm::exp(z.re)
}

/// ln z, with its imaginary part from −π to π.
pub fn ln(z: Complex64) -> Complex64 {
    Complex64::new(libm::log(norm(z)), arg(z))
}

/// |z|.
pub fn norm(z: Complex64) -> f64 {
    libm::hypot(z.re, z.im)
}

/// Angle of z, from −π to π.
pub fn arg(z: Complex64) -> f64 {
    libm::atan2(z.im, z.re)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[allow(clippy::disallowed_methods)]
    fn exponentials_and_logarithms_are_those_of_another_library() {
        for k in -40..40 {
            let z = Complex64::new(0.3 * f64::from(k), 0.07 * f64::from(k * k % 89) - 3.1);
            assert!((exp(z) - z.exp()).norm() < 1e-15 * (1.0 + z.norm()) * z.exp().norm(), "{z}");
            assert!((ln(z) - z.ln()).norm() < 1e-15 * (1.0 + z.ln().norm()), "{z}");
        }
    }
}
