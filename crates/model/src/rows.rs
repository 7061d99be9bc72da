//! Matrices and vectors in files: nested rows, `[[2.0, 1.0], [1.0, 1.2]]`, and plain lists.

use ndarray::Array2;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

pub fn serialize<S: Serializer>(matrix: &Array2<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    matrix.rows().into_iter().map(|row| row.to_vec()).collect::<Vec<_>>().serialize(serializer)
}

pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Array2<f64>, D::Error> {
    let rows = Vec::<Vec<f64>>::deserialize(deserializer)?;
    let columns = rows.first().map_or(0, Vec::len);
    if rows.iter().any(|row| row.len() != columns) {
        return Err(D::Error::custom("a matrix whose rows differ in length"));
    }
    let count = rows.len();
    Array2::from_shape_vec((count, columns), rows.into_iter().flatten().collect()).map_err(D::Error::custom)
}

/// The same for vectors.
pub mod list {
    use ndarray::Array1;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<S: Serializer>(vector: &Array1<f64>, serializer: S) -> Result<S::Ok, S::Error> {
        vector.to_vec().serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Array1<f64>, D::Error> {
        Vec::<f64>::deserialize(deserializer).map(Array1::from)
    }
}
