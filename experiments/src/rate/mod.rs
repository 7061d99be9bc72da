//! What every experiment on rate networks shares: one case, its measurement, the rows to compare.

mod anomalies;
mod closures;
mod compare;
mod examples;
mod measure;
mod params;
mod rows;

pub use closures::{CLOSURES, Closure, GGC_BETA};
pub use compare::compare;
pub use examples::{add_examples, add_raster, examples_panel, raster_panel};
pub use measure::{Case, Measured, PopulationMeasure, Realisation, measure_all};
pub use params::{Params, Sweep};
pub use rows::{GivenRatio, LawOfEta, Rows, Tolerance, correlation_of_sources};
