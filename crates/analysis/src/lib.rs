//! Estimators: from activity to observables.
