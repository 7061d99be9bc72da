//! Plans: a system, how often it is realised, and what is swept. A figure's parameters and a user's own file are the same.

use crate::{Case, Failure, System, input};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use toml::{Table, Value};

/// A system, how often it is realised, and what is swept.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan<S> {
    /// Label of its rows.
    pub label: String,
    /// Realisations of each case.
    pub replicates: usize,
    /// Number by which random numbers are drawn, the same for all cases; each has its own if left out. A sweep may set it.
    pub draw: Option<u64>,
    /// What is swept: all combinations. The last is the abscissa, and the first changes most slowly.
    pub sweep: Vec<Sweep>,
    /// The system, before anything is swept.
    pub system: S,
    /// The system as a file writes it, with the keys that a sweep names; `None` where no file is.
    pub(crate) written: Option<Value>,
}

/// One thing that is swept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sweep {
    /// A key of the file, which takes the values; a name without dots where `set` says which keys do.
    pub axis: String,
    /// Values of the axis, in order.
    pub values: Vec<Value>,
    /// Keys that go along it, each with as many values.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub set: BTreeMap<String, Vec<Value>>,
}

/// Most realisations of a case.
pub const MOST_REPLICATES: usize = 100_000;

/// Most cases of a plan.
const MOST_CASES: usize = 100_000;

/// Key of the number by which random numbers are drawn.
pub(crate) const DRAW: &str = "draw";

/// Largest such number.
const MOST_DRAWS: u64 = 1 << 24;

/// Realisations where a file says nothing.
pub(crate) const REPLICATES: usize = 5;

impl Sweep {
    /// One key that takes these values.
    pub fn of<V: Into<Value>>(key: &str, values: impl IntoIterator<Item = V>) -> Self {
        Sweep { axis: key.into(), values: values.into_iter().map(Into::into).collect(), set: BTreeMap::new() }
    }

    /// Whether the axis is a key that takes the values, and not a name for those that `set` lists.
    fn sets_axis(&self, written: &Value) -> bool {
        let is_key = self.axis.contains('.') || written.get(&self.axis).is_some();
        self.set.is_empty() || (is_key && !self.set.contains_key(&self.axis))
    }

    /// With another key that follows, value by value.
    pub fn with<V: Into<Value>>(mut self, key: &str, values: impl IntoIterator<Item = V>) -> Self {
        self.set.insert(key.into(), values.into_iter().map(Into::into).collect());
        self
    }
}

impl<S: System> Plan<S> {
    /// One system, so many realisations, nothing swept.
    pub fn new(label: &str, replicates: usize, system: S) -> Self {
        Plan { label: label.into(), replicates, draw: None, sweep: Vec::new(), system, written: None }
    }

    /// Swept along this too, which becomes the abscissa.
    pub fn along(mut self, sweep: Sweep) -> Self {
        self.sweep.push(sweep);
        self
    }

    /// With the same random numbers in all cases: their differences are less noisy.
    pub fn sharing_draws(mut self) -> Self {
        self.draw = Some(0);
        self
    }

    /// The cases, in order: all combinations, the abscissa changing fastest. `plan` is the number of this plan.
    ///
    /// # Errors
    /// [`Failure::Input`] where a key is no key of the system, columns differ in length, or there are too many cases.
    pub fn cases(&self, plan: usize) -> Result<Vec<Case<S>>, Failure> {
        for (k, sweep) in self.sweep.iter().enumerate() {
            sweep.validate().map_err(|e| Failure::Input(format!("sweep {}: {e}", k + 1)))?;
        }
        self.distinct()?;
        let lengths: Vec<usize> = self.sweep.iter().map(|sweep| sweep.values.len()).collect();
        let count = lengths.iter().try_fold(1_usize, |all, n| all.checked_mul(*n)).filter(|all| *all <= MOST_CASES);
        let Some(count) = count else {
            return Err(Failure::Input(format!("sweep: too many combinations (allowed: {MOST_CASES})")));
        };
        let written = match &self.written {
            Some(written) => written.clone(),
            None => Value::try_from(&self.system).map_err(|e| Failure::Input(format!("system: {e}")))?,
        };
        let mut cases = Vec::with_capacity(count);
        for index in 0..count {
            let mut rest = index;
            let mut places: Vec<usize> = lengths
                .iter()
                .rev()
                .map(|n| {
                    let place = rest % n;
                    rest /= n;
                    place
                })
                .collect();
            places.reverse();
            cases.push(self.case(plan, index, &places, &written)?);
        }
        Ok(cases)
    }

    /// Refuses keys that two axes set.
    fn distinct(&self) -> Result<(), Failure> {
        let mut keys = Vec::new();
        for sweep in &self.sweep {
            let others = sweep.set.keys().filter(|key| **key != sweep.axis);
            for key in others.chain([&sweep.axis]) {
                // Numbers of draws add up.
                if keys.contains(&key) && key != DRAW {
                    return Err(Failure::Input(format!("sweep: {key}: swept twice (allowed: once)")));
                }
                keys.push(key);
            }
        }
        Ok(())
    }

    /// The case at these places of the axes.
    fn case(&self, plan: usize, index: usize, places: &[usize], written: &Value) -> Result<Case<S>, Failure> {
        let mut value = written.clone();
        let mut replicates = self.replicates;
        let mut draw: Option<u64> = None;
        let (mut swept, mut label, mut x) = (Vec::new(), vec![self.label.clone()], None);
        for (k, (sweep, &place)) in self.sweep.iter().zip(places).enumerate() {
            let failed = |key: &str, e: String| Failure::Input(format!("sweep {}: {key}: {e}", k + 1));
            let own = &sweep.values[place];
            let mut set = |key: &str, to: &Value| -> Result<(), Failure> {
                match to.as_integer() {
                    Some(n) if key == S::REALISATIONS => replicates = usize::try_from(n).unwrap_or(0),
                    // Numbers of several axes add up.
                    Some(n) if key == DRAW && n >= 0 => draw = Some(draw.unwrap_or(0).saturating_add(n as u64)),
                    _ => put(&mut value, key, to).map_err(|e| failed(key, e))?,
                }
                Ok(())
            };
            if sweep.sets_axis(written) {
                set(&sweep.axis, own)?;
            }
            for (key, values) in &sweep.set {
                set(key, &values[place])?;
            }
            let number = own.as_float().or_else(|| own.as_integer().map(|n| n as f64));
            match number {
                Some(number) if k + 1 == places.len() => x = Some(number),
                _ if k + 1 == places.len() => {
                    x = Some(place as f64);
                    label.push(said(&sweep.axis, own));
                }
                _ => label.push(said(&sweep.axis, own)),
            }
            swept.push((sweep.axis.clone(), own.clone()));
        }
        let what = || swept.iter().map(|(axis, value)| said(axis, value)).collect::<Vec<_>>().join(", ");
        let system: S = value.try_into().map_err(|e: toml::de::Error| {
            Failure::Input(format!("at {}: {}", what(), e.message().split_whitespace().collect::<Vec<_>>().join(" ")))
        })?;
        if replicates == 0 || replicates > MOST_REPLICATES {
            return Err(Failure::Input(format!(
                "{}: {replicates} (allowed: 1 to {MOST_REPLICATES}; 3 or more for an error bar)",
                S::REALISATIONS
            )));
        }
        let draw = draw.or(self.draw).unwrap_or(index as u64);
        if draw > MOST_DRAWS {
            return Err(Failure::Input(format!("{DRAW}: {draw} (allowed: 0 to {MOST_DRAWS})")));
        }
        label.retain(|part| !part.is_empty());
        let x = x.unwrap_or_else(|| system.abscissa());
        Ok(Case { plan, draw, label: label.join(", "), x, swept, replicates, system })
    }

    /// The plan as a table: what [`Parsed::plans`](crate::Parsed::plans) reads.
    ///
    /// # Errors
    /// [`Failure::Input`] where TOML cannot hold the system.
    pub fn table(&self) -> Result<Table, Failure> {
        let failed = |e: toml::ser::Error| Failure::Input(format!("parameters: {e}"));
        let mut table = Table::new();
        if !self.label.is_empty() {
            table.insert("label".into(), self.label.as_str().into());
        }
        if !S::DETERMINISTIC {
            table.insert(S::REALISATIONS.into(), Value::Integer(self.replicates as i64));
        }
        if let Some(draw) = self.draw {
            table.insert(DRAW.into(), Value::Integer(draw as i64));
        }
        if !self.sweep.is_empty() {
            table.insert("sweep".into(), Value::try_from(&self.sweep).map_err(failed)?);
        }
        table.extend(Table::try_from(&self.system).map_err(failed)?);
        Ok(table)
    }
}

impl Sweep {
    fn validate(&self) -> Result<(), String> {
        if self.values.is_empty() {
            return Err("values: none (allowed: 1 and more)".into());
        }
        let repeated = (1..self.values.len()).find(|k| self.values[..*k].contains(&self.values[*k]));
        if let Some(k) = repeated.filter(|_| self.set.is_empty()) {
            return Err(format!("values: {} twice (allowed: different ones)", self.values[k]));
        }
        for (key, values) in &self.set {
            if values.len() != self.values.len() {
                return Err(format!(
                    "set.{key:?}: {} values (allowed: {}, as many as the axis has)",
                    values.len(),
                    self.values.len()
                ));
            }
        }
        Ok(())
    }
}

/// An axis and its value, in words: keys by their last part.
fn said(axis: &str, value: &Value) -> String {
    let name = axis.rsplit('.').find(|part| part.parse::<usize>().is_err() && *part != "*").unwrap_or(axis);
    match value {
        Value::String(text) => format!("{name} = {text}"),
        other => format!("{name} = {other}"),
    }
}

/// Where an entry of an array stands: by its number, its name, or `from->to`.
fn place(all: &[Value], part: &str) -> Option<usize> {
    let word = |entry: &Value, key: &str| entry.get(key).and_then(Value::as_str).map(str::to_owned);
    let called = |entry: &Value| {
        let between = || Some(format!("{}->{}", word(entry, "from")?, word(entry, "to")?));
        word(entry, "name").or_else(between)
    };
    let named = || all.iter().position(|entry| called(entry).as_deref() == Some(part));
    part.parse().ok().filter(|k| *k < all.len()).or_else(named)
}

/// Sets a key: parts between dots are keys; numbers, names or `from->to` of entries of arrays, or `*` for all of them.
fn put(value: &mut Value, key: &str, to: &Value) -> Result<(), String> {
    let (part, rest) = key.split_once('.').map_or((key, None), |(part, rest)| (part, Some(rest)));
    let into = |at: &mut Value| match rest {
        Some(rest) => put(at, rest, to),
        None => {
            // A whole number stands for a real one.
            *at = match (&at, to) {
                (Value::Float(_), Value::Integer(n)) => Value::Float(*n as f64),
                _ => to.clone(),
            };
            Ok(())
        }
    };
    match value {
        Value::Array(all) if part == "*" => all.iter_mut().try_for_each(into),
        Value::Array(all) => match place(all, part) {
            Some(k) => into(&mut all[k]),
            None => Err(format!(
                "no entry {part:?} (allowed: 0 to {}, a name, from->to, or * for all)",
                all.len().saturating_sub(1)
            )),
        },
        Value::Table(table) => match table.get_mut(part) {
            Some(at) => into(at),
            None if rest.is_none() => {
                // A key that may be left out.
                table.insert(part.into(), to.clone());
                Ok(())
            }
            None => {
                let known: Vec<&str> = table.keys().map(String::as_str).collect();
                Err(input::unknown("key", part, &known).to_string())
            }
        },
        _ => Err(format!("no key {part:?} in a value")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Detail, Draw, Measured, Outcome, Parsed};
    use std::path::Path;

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Unit {
        name: String,
        size: usize,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        extra: Option<f64>,
    }

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Toy {
        gain: f64,
        units: Vec<Unit>,
    }

    impl System for Toy {
        const KIND: &'static str = "toy";
        type Seen = f64;
        type Predicted = ();

        fn validate(&self) -> Result<(), Failure> {
            Ok(())
        }
        fn memory(&self) -> f64 {
            0.0
        }
        fn work(&self) -> f64 {
            1.0
        }
        fn abscissa(&self) -> f64 {
            self.gain
        }
        fn realise(&self, draw: Draw, _: Detail) -> Result<f64, Failure> {
            Ok(self.gain + draw.replicate as f64)
        }
        fn predict(&self) {}
        fn compare(_: &Measured<Self>, _: &mut Outcome) {}
    }

    fn toy() -> Plan<Toy> {
        let unit = |name: &str, size| Unit { name: name.into(), size, extra: None };
        Plan::new("toy", 4, Toy { gain: 1.0, units: vec![unit("e", 10), unit("i", 20)] })
    }

    fn read(text: &str) -> Result<Vec<Plan<Toy>>, Failure> {
        Parsed::new(Path::new("t.toml"), text).and_then(Parsed::plans)
    }

    #[test]
    fn plans_survive_being_written_and_read() {
        let plan = toy()
            .along(Sweep::of("N", [1, 2]).with("units.*.size", [5, 6]).with("replicates", [3, 2]))
            .along(Sweep::of("gain", [0.5, 2.0, 3.0]))
            .sharing_draws();
        let text = toml::to_string(&plan.table().expect("TOML")).expect("TOML");
        let tables = |plans: &[Plan<Toy>]| plans.iter().map(|p| p.table().expect("TOML")).collect::<Vec<_>>();
        let once = read(&text).expect("as written");
        assert_eq!(tables(&once), tables(std::slice::from_ref(&plan)), "{text}");
        assert_eq!(once[0].cases(0).expect("cases")[3].system, plan.cases(0).expect("cases")[3].system);
        let both =
            Table::from_iter([("plan".to_owned(), Value::Array(vec![Value::Table(plan.table().expect("TOML")); 2]))]);
        let text = toml::to_string(&both).expect("TOML");
        assert_eq!(tables(&read(&text).expect("as written")), tables(&[plan.clone(), plan]));
    }

    #[test]
    fn cases_are_all_combinations_with_the_abscissa_last() {
        let plan = toy()
            .along(Sweep::of("N", [1, 2]).with("units.*.size", [5, 6]).with("replicates", [3, 2]).with("draw", [0, 3]))
            .along(Sweep::of("gain", [0.5, 2.0, 3.0]));
        let cases = plan.cases(0).expect("keys exist");
        let seen: Vec<_> = cases
            .iter()
            .map(|c| (c.label.as_str(), c.x, c.draw, c.replicates, c.system.gain, c.system.units[1].size))
            .collect();
        assert_eq!(seen[..2], [("toy, N = 1", 0.5, 0, 3, 0.5, 5), ("toy, N = 1", 2.0, 0, 3, 2.0, 5)]);
        assert_eq!(seen[5], ("toy, N = 2", 3.0, 3, 2, 3.0, 6));
        assert_eq!(seen.len(), 6);
        // A key takes the values, whatever goes along with it.
        for (axis, other) in [("gain", "units.1.size"), ("units.1.size", "gain")] {
            let case = &toy().along(Sweep::of(axis, [7]).with(other, [8])).cases(0).expect("keys")[0];
            let expected = if axis == "gain" { (7.0, 8) } else { (8.0, 7) };
            assert_eq!((case.system.gain, case.system.units[1].size), expected, "{axis}");
        }
        let alone = toy().cases(0).expect("nothing swept");
        assert_eq!((alone.len(), alone[0].x, alone[0].label.as_str()), (1, 1.0, "toy"));
        let draws = |plan: Plan<Toy>| plan.cases(0).expect("a key").iter().map(|case| case.draw).collect::<Vec<_>>();
        let gains = Sweep::of("gain", [1.0, 2.0]);
        assert_eq!(draws(toy().along(gains.clone())), [0, 1]);
        assert_eq!(draws(toy().along(gains).sharing_draws()), [0, 0]);
    }

    #[test]
    fn keys_are_paths_names_numbers_and_all() {
        let size = |key: &str, k: usize| {
            let plan = toy().along(Sweep::of(key, [7]));
            plan.cases(0).expect("a key")[0].system.units[k].size
        };
        assert_eq!((size("units.i.size", 1), size("units.0.size", 0), size("units.*.size", 1)), (7, 7, 7));
        let optional = toy().along(Sweep::of("units.e.extra", [7]));
        assert_eq!(optional.cases(0).expect("a key that may be left out")[0].system.units[0].extra, Some(7.0));
        let word = toy().along(Sweep::of("units.0.name", ["a", "b"]));
        let cases = word.cases(0).expect("words");
        assert_eq!((cases[1].x, cases[1].label.as_str()), (1.0, "toy, name = b"));
    }

    #[test]
    fn what_is_wrong_with_a_file_is_one_line_with_its_place() {
        let good = "gain = 1.0\n[[units]]\nname = \"e\"\nsize = 3\n";
        assert!(read(good).is_ok());
        let refused = |text: &str| match read(text).and_then(|plans| plans[0].cases(0)) {
            Err(Failure::Input(line)) => line,
            other => panic!("{text}: {other:?}"),
        };
        let line = refused(&good.replace("size", "sise"));
        assert!(line.contains("t.toml, line 4") && line.contains("size"), "{line}");
        let line = refused(&good.replace("size = 3", "size = -3"));
        assert!(line.contains("line 4"), "{line}");
        let line = refused(&format!("starts = 3\n{good}"));
        assert!(line.contains("starts: not of kind toy (allowed: replicates)"), "{line}");
        for (sweep, expected) in [
            ("axis = \"gian\"\nvalues = [1.0]", "unknown field `gian`"),
            ("axis = \"units.x.size\"\nvalues = [1]", "no entry \"x\""),
            ("axis = \"gain\"\nvalues = []", "values: none"),
            ("axis = \"gain\"\nvalues = [\"a\"]", "at gain = a"),
            ("axis = \"g\"\nvalues = [1, 2]\nset.gain = [1.0]", "1 values (allowed: 2"),
            ("axis = \"replicates\"\nvalues = [0]", "replicates: 0"),
            ("axes = \"gain\"\nvalues = [1.0]", "unknown field `axes`"),
            ("axis = \"gain\"\nvalues = [1.0, 2.0, 1.0]", "1.0 twice"),
            ("axis = \"gain\"\nvalues = [1.0]\n[[sweep]]\naxis = \"gain\"\nvalues = [2.0]", "swept twice"),
        ] {
            let line = refused(&format!("{good}[[sweep]]\n{sweep}\n"));
            assert!(line.contains(expected) && !line.contains('\n'), "{sweep}: {line}");
        }
    }
}
