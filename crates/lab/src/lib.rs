//! The experimenter's bench: experiments, comparisons, data frames, plots, provenance, report.
