//! One binary per source, one file per figure, and reproduce.
