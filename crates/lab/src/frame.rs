//! Data frames: what a figure is drawn from, and what Parquet files hold.

use polars::prelude::{Column, DataFrame, NamedFrom, Series};

/// A named table of equally long columns.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Its name: the stem of its file.
    pub name: String,
    columns: Vec<(String, Values)>,
}

#[derive(Clone, Debug)]
enum Values {
    Numbers(Vec<f64>),
    Whole(Vec<u32>),
    Words(Vec<String>),
}

impl Frame {
    /// An empty table.
    pub fn new(name: &str) -> Self {
        Frame { name: name.into(), columns: Vec::new() }
    }

    /// Adds a column of numbers.
    ///
    /// # Panics
    /// If it is not as long as those before.
    pub fn numbers(mut self, name: &str, values: impl IntoIterator<Item = f64>) -> Self {
        let values: Vec<f64> = values.into_iter().collect();
        self.check(name, values.len());
        self.columns.push((name.into(), Values::Numbers(values)));
        self
    }

    /// Adds a column of whole numbers.
    ///
    /// # Panics
    /// If it is not as long as those before.
    pub fn whole(mut self, name: &str, values: impl IntoIterator<Item = u32>) -> Self {
        let values: Vec<u32> = values.into_iter().collect();
        self.check(name, values.len());
        self.columns.push((name.into(), Values::Whole(values)));
        self
    }

    /// Adds a column of words.
    ///
    /// # Panics
    /// If it is not as long as those before.
    pub fn words(mut self, name: &str, values: impl IntoIterator<Item = String>) -> Self {
        let values: Vec<String> = values.into_iter().collect();
        self.check(name, values.len());
        self.columns.push((name.into(), Values::Words(values)));
        self
    }

    /// The table for polars.
    ///
    /// # Errors
    /// polars' own.
    pub fn to_polars(&self) -> polars::prelude::PolarsResult<DataFrame> {
        let columns: Vec<Column> = self
            .columns
            .iter()
            .map(|(name, values)| {
                let name = name.as_str().into();
                match values {
                    Values::Numbers(v) => Series::new(name, v).into(),
                    Values::Whole(v) => Series::new(name, v).into(),
                    Values::Words(v) => Series::new(name, v).into(),
                }
            })
            .collect();
        let height = self.columns.first().map_or(0, |(_, v)| v.len());
        DataFrame::new(height, columns)
    }

    fn check(&self, name: &str, length: usize) {
        if let Some((first, values)) = self.columns.first() {
            assert_eq!(values.len(), length, "frame {}: column {name} is not as long as {first}", self.name);
        }
    }
}

impl Values {
    fn len(&self) -> usize {
        match self {
            Values::Numbers(v) => v.len(),
            Values::Whole(v) => v.len(),
            Values::Words(v) => v.len(),
        }
    }
}
