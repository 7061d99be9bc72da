//! Rows of all figures as data of the page: few bytes, as most words repeat.

use super::{Entry, column};
use crate::readers;
use serde_json::{Value, json};
use std::collections::HashMap;

/// Columns of words, each with a list of those that occur; and of numbers, to four digits.
const WORDS: [&str; 7] = ["verdict", "panel", "quantity", "theory_name", "claim", "label", "unit"];
const NUMBERS: [&str; 5] = ["x", "theory", "simulation", "sem", "bias"];

/// All rows, column by column: of words their places in a list.
pub fn of(all: &[Entry]) -> Value {
    let mut data = serde_json::Map::new();
    let figures = all.iter().enumerate().flat_map(|(k, entry)| std::iter::repeat_n(k, entry.rows.height()));
    data.insert(
        "figure".into(),
        json!({ "words": all.iter().map(Entry::folder).collect::<Vec<_>>(), "of": figures.collect::<Vec<_>>() }),
    );
    for name in WORDS {
        let mut words: Vec<String> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        let mut place = |word: String| {
            *places.entry(word).or_insert_with_key(|word| {
                words.push(word.clone());
                words.len() - 1
            })
        };
        let of: Vec<usize> = all.iter().flat_map(|entry| column(&entry.rows, name)).map(&mut place).collect();
        data.insert(name.into(), json!({ "words": words, "of": of }));
    }
    for name in NUMBERS {
        let of: Vec<Value> = all.iter().flat_map(|entry| column(&entry.rows, name)).map(|text| number(&text)).collect();
        data.insert(name.into(), Value::Array(of));
    }
    Value::Object(data)
}

/// A number to four digits; null where there is none.
fn number(text: &str) -> Value {
    text.parse::<f64>().ok().and_then(|value| serde_json::from_str(&readers::short(value)).ok()).unwrap_or(Value::Null)
}
