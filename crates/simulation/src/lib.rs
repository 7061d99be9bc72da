//! Simulators: from a network and a seed to activity, without predicting.
