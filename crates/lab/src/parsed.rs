//! Files of parameters: a header, and plans of systems.

use crate::plan::{DRAW, REPLICATES};
use crate::{Failure, Plan, System, input};
use serde::{Deserialize, Serialize};
use std::path::Path;
use toml::de::{DeTable, DeValue};
use toml::{Spanned, Table, Value};

/// What a file says besides its plans.
#[derive(Clone, Debug, Default)]
pub struct Header {
    /// Kind of its systems.
    pub kind: Option<String>,
    /// The figure whose parameters they are.
    pub figure: Option<String>,
}

/// A TOML text, parsed but for its systems.
pub struct Parsed<'a> {
    path: &'a Path,
    text: &'a str,
    /// What it says besides its plans.
    pub header: Header,
    table: Spanned<DeTable<'a>>,
}

impl<'a> Parsed<'a> {
    /// Parses a text.
    ///
    /// # Errors
    /// [`Failure::Input`] with the line, where it is no TOML.
    pub fn new(path: &'a Path, text: &'a str) -> Result<Self, Failure> {
        let mut table = DeTable::parse(text).map_err(|e| input::misread(path, text, &e))?;
        let mut word = |key: &str| match table.get_mut().remove(key) {
            None => Ok(None),
            Some(value) => String::deserialize(value_of(value)).map(Some).map_err(|e| input::misread(path, text, &e)),
        };
        let header = Header { kind: word("kind")?, figure: word("figure")? };
        Ok(Parsed { path, text, header, table })
    }

    /// Reads all of it as one value.
    ///
    /// # Errors
    /// [`Failure::Input`] with the line, and for lists with more values than are read.
    pub fn whole<T: for<'de> Deserialize<'de> + Serialize>(self) -> Result<T, Failure> {
        let misread = |e: &toml::de::Error| input::misread(self.path, self.text, e);
        let value = T::deserialize(toml::Deserializer::from(self.table)).map_err(|e| misread(&e))?;
        let written: Table = toml::from_str(self.text).map_err(|e| misread(&e))?;
        let read = Table::try_from(&value).unwrap_or_default();
        match written.iter().find_map(|(key, written)| longer(key, written, read.get(key)?)) {
            Some(wrong) => Err(Failure::Input(format!("{}: {wrong}", self.path.display()))),
            None => Ok(value),
        }
    }

    /// Reads its plans: those of `[[plan]]`, or the one that the whole file is.
    ///
    /// # Errors
    /// [`Failure::Input`] with the line.
    pub fn plans<S: System>(mut self) -> Result<Vec<Plan<S>>, Failure> {
        let misread = |e: &toml::de::Error| input::misread(self.path, self.text, e);
        // As written, for sweeps; it has been parsed before.
        let mut written: Table = toml::from_str(self.text).map_err(|e| misread(&e))?;
        let Some(plans) = self.table.get_mut().remove("plan") else {
            return plan(self.table, written).map(|plan| vec![plan]).map_err(|e| match S::renewed(self.text) {
                Some(_) => Failure::Input(format!("{}: {}", self.path.display(), S::OLD_FORM)),
                None => misread(&e),
            });
        };
        let DeValue::Array(all) = plans.into_inner() else {
            return Err(Failure::Input(format!("{}: plan: no list (allowed: [[plan]])", self.path.display())));
        };
        if let Some(other) = self.table.get_ref().keys().next() {
            let key = other.get_ref();
            return Err(Failure::Input(format!(
                "{}: {key}: beside [[plan]] (allowed: within them)",
                self.path.display()
            )));
        }
        let Some(Value::Array(written)) = written.remove("plan").filter(|_| !all.is_empty()) else {
            return Err(Failure::Input(format!("{}: plan: none (allowed: 1 and more)", self.path.display())));
        };
        let mut read = Vec::new();
        for (entry, written) in all.into_iter().zip(written) {
            let span = entry.span();
            match (entry.into_inner(), written) {
                (DeValue::Table(table), Value::Table(written)) => {
                    read.push(plan(Spanned::new(span, table), written).map_err(|e| misread(&e))?);
                }
                _ => {
                    return Err(Failure::Input(format!("{}: plan: no table (allowed: [[plan]])", self.path.display())));
                }
            }
        }
        Ok(read)
    }
}

/// A list with more values than were read of it, which serde does not tell.
fn longer(key: &str, written: &Value, read: &Value) -> Option<String> {
    match (written, read) {
        (Value::Array(written), Value::Array(read)) if written.len() > read.len() => {
            Some(format!("{key}: {} values (allowed: {})", written.len(), read.len()))
        }
        (Value::Array(written), Value::Array(read)) => {
            written.iter().zip(read).enumerate().find_map(|(k, (a, b))| longer(&format!("{key}[{k}]"), a, b))
        }
        (Value::Table(written), Value::Table(read)) => {
            written.iter().find_map(|(own, a)| longer(&format!("{key}.{own}"), a, read.get(own)?))
        }
        _ => None,
    }
}

fn value_of(value: Spanned<DeValue<'_>>) -> toml::de::ValueDeserializer<'_> {
    value.into()
}

/// A plan from the table that holds its keys beside those of its system.
fn plan<S: System>(mut table: Spanned<DeTable>, mut written: Table) -> Result<Plan<S>, toml::de::Error> {
    fn take<T: for<'de> Deserialize<'de>>(table: &mut DeTable, key: &str) -> Result<Option<T>, toml::de::Error> {
        table.remove(key).map(|value| T::deserialize(value_of(value))).transpose()
    }
    let keys = table.get_mut();
    let label: String = take(keys, "label")?.unwrap_or_default();
    if label.chars().any(char::is_control) {
        return Err(serde::de::Error::custom(format!("label: {label:?} (allowed: printable characters)")));
    }
    let replicates = if S::DETERMINISTIC { 1 } else { take(keys, S::REALISATIONS)?.unwrap_or(REPLICATES) };
    // Other kinds of systems call realisations by another name.
    if let Some(key) = ["replicates", "starts"].into_iter().find(|key| keys.contains_key(*key)) {
        let allowed = if S::DETERMINISTIC { "none: it is the same each time" } else { S::REALISATIONS };
        return Err(serde::de::Error::custom(format!("{key}: not of kind {} (allowed: {allowed})", S::KIND)));
    }
    let draw = take(keys, DRAW)?;
    let sweep = take(keys, "sweep")?.unwrap_or_default();
    let system = S::deserialize(toml::Deserializer::from(table))?;
    for key in ["kind", "figure", "label", "draw", "sweep", S::REALISATIONS] {
        written.remove(key);
    }
    Ok(Plan { label, replicates, draw, sweep, system, written: Some(Value::Table(written)) })
}
