//! Criterion over the networks of the figures.
