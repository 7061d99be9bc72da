//! Theory: from a network to its observables, without simulating.
