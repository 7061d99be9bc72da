//! Input from outside: one clear line for what is wrong with it.

use crate::Failure;
use serde::de::DeserializeOwned;
use std::ops::Range;
use std::path::Path;

/// The candidate nearest to `name` by edit distance, if any is near.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (distance(name, candidate), candidate))
        .min()
        .filter(|&(d, candidate)| d <= 2 + candidate.len() / 4)
        .map(|(_, candidate)| candidate)
}

/// A failure for an unknown name, with the nearest valid one and all of them.
pub fn unknown(what: &str, name: &str, candidates: &[&str]) -> Failure {
    let hint = nearest(name, candidates.iter().copied()).map_or(String::new(), |n| format!("; did you mean {n:?}?"));
    Failure::Input(format!("unknown {what} {name:?} (allowed: {}){hint}", candidates.join(", ")))
}

/// Refuses a value outside its range.
///
/// # Errors
/// [`Failure::Input`] with key, value and range.
pub fn within(key: &str, value: f64, low: f64, high: f64) -> Result<(), Failure> {
    if (low..=high).contains(&value) {
        Ok(())
    } else {
        Err(Failure::Input(format!("{key}: {value:?} (allowed: {low:?} to {high:?})")))
    }
}

/// Refuses a list without values, or with one outside their range.
///
/// # Errors
/// [`Failure::Input`] with key, value and range.
pub fn all_within(key: &str, values: &[f64], low: f64, high: f64) -> Result<(), Failure> {
    some(key, values)?;
    values.iter().try_for_each(|value| within(key, *value, low, high))
}

fn some<T>(key: &str, values: &[T]) -> Result<(), Failure> {
    if values.is_empty() {
        return Err(Failure::Input(format!("{key}: none (allowed: 1 value and more)")));
    }
    Ok(())
}

/// Checks a whole number, as [`within`] does.
///
/// # Errors
/// [`Failure::Input`] with key, value and range.
pub fn count_within(key: &str, value: usize, low: usize, high: usize) -> Result<(), Failure> {
    if (low..=high).contains(&value) {
        Ok(())
    } else {
        Err(Failure::Input(format!("{key}: {value} (allowed: {low} to {high})")))
    }
}

/// Checks a list of whole numbers, as [`all_within`] does.
///
/// # Errors
/// [`Failure::Input`] with key, value and range.
pub fn counts_within(key: &str, values: &[usize], low: usize, high: usize) -> Result<(), Failure> {
    some(key, values)?;
    values.iter().try_for_each(|value| count_within(key, *value, low, high))
}

/// Reads a TOML text; an error names the file, the line and the nearest valid name.
///
/// # Errors
/// [`Failure::Input`].
pub fn parse_toml<T: DeserializeOwned>(path: &Path, text: &str) -> Result<T, Failure> {
    toml::from_str(text).map_err(|error| misread(path, text, &error))
}

/// What is wrong with a TOML text: file, line, the nearest valid name.
pub fn misread(path: &Path, text: &str, error: &toml::de::Error) -> Failure {
    let message = plain(&error.message().split_whitespace().collect::<Vec<_>>().join(" "));
    // What is wrong with a table as a whole has no line of its own; what it lacks belongs where it begins.
    let of_table = |span: &Range<usize>| {
        let own = text.get(span.clone()).unwrap_or_default();
        // A list begins as a header does, but not at the beginning of a line.
        let begins = text[..span.start.min(text.len())].rsplit('\n').next().is_some_and(|line| line.trim().is_empty());
        (own.starts_with('[') && begins) || own.contains('\n')
    };
    let placed = error.span().filter(|span| message.starts_with("missing field") || !of_table(span));
    let line = placed.map_or(String::new(), |span| {
        let before = &text[..span.start.min(text.len())];
        let number = before.bytes().filter(|b| *b == b'\n').count() + 1;
        // The key whose value it is.
        let key = before.rsplit('\n').next().and_then(|line| line.split_once('=')).map_or("", |(key, _)| key.trim());
        format!(", line {number}{}{key}", if key.is_empty() { "" } else { ": " })
    });
    let hint = suggestion(&message).map_or(String::new(), |name| format!("; did you mean {name:?}?"));
    Failure::Input(format!("{}{line}: {message}{hint}", path.display()))
}

/// A message of serde without the names of types.
fn plain(message: &str) -> String {
    let types = [
        ("expected f64", "expected a number"),
        ("expected f32", "expected a number"),
        ("expected usize", "expected a whole number from 0 on"),
        ("expected u64", "expected a whole number from 0 on"),
        ("expected u32", "expected a whole number from 0 on"),
        ("expected an array of length", "expected a list of length"),
        ("expected a sequence", "expected a list"),
        ("invalid type: sequence", "invalid type: list"),
        (" as i128", ""),
        (" as u128", ""),
    ];
    types.iter().fold(message.to_owned(), |message, (from, to)| message.replace(from, to))
}

/// serde names what it met and what it expected in backticks.
fn suggestion(message: &str) -> Option<&str> {
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let (met, expected) = quoted.split_first()?;
    if message.starts_with("unknown") { nearest(met, expected.iter().copied()) } else { None }
}

/// Levenshtein's distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let substitute = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = substitute.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[test]
    fn a_value_of_the_wrong_type_is_named_by_its_key() {
        #[derive(Debug, Deserialize)]
        struct Two {
            #[allow(dead_code)]
            pair: [f64; 2],
        }
        let told = |text: &str| parse_toml::<Two>(Path::new("a.toml"), text).expect_err("wrong").to_string();
        assert_eq!(told("\npair = [1.0]"), "a.toml, line 2: pair: invalid length 1, expected a list of length 2");
        let word = told("pair = [1.0, \"x\"]");
        assert_eq!(word, "a.toml, line 1: pair: invalid type: string \"x\", expected a number");
    }

    #[test]
    fn near_names_are_found_and_far_ones_are_not() {
        assert_eq!(nearest("fig7", ["fig1", "fig6"]), Some("fig1"));
        assert_eq!(nearest("heavyside", ["heaviside", "rectified-tanh"]), Some("heaviside"));
        assert_eq!(nearest("zebra crossing", ["fig1"]), None);
        assert_eq!((distance("kitten", "sitting"), distance("", "abc")), (3, 3));
    }

    #[derive(Deserialize, Debug)]
    #[serde(deny_unknown_fields)]
    struct Thing {
        #[allow(dead_code, reason = "only read")]
        exponent: f64,
    }

    #[test]
    fn toml_errors_are_one_line_with_place_and_hint() {
        let message = |text| parse_toml::<Thing>(Path::new("a.toml"), text).expect_err(text).to_string();
        let unknown = message("\nexponnent = 1.0\n");
        assert!(unknown.contains("a.toml, line 2") && unknown.contains("did you mean \"exponent\"?"), "{unknown}");
        let wrong = message("exponent = \"x\"");
        assert!(wrong.contains("line 1") && !wrong.contains('\n'), "{wrong}");
    }
}
