//! Studies: figures that set theory beside simulation for a system, perhaps swept; and the same for a user's own file.

use crate::measure::{Done, cases, check_memory, measure_asked};
use crate::parsed::Parsed;
use crate::plan::Plan;
use crate::plot::Figure;
use crate::{
    AnyExperiment, Bench, CompareRequest, Comparison, Detail, Failure, Measured, Outcome, Scale, System, talk,
};
use model::Seed;
use std::collections::HashSet;
use toml::{Table, Value};

/// A figure that is a study of a system.
pub trait Study: Sync {
    /// What it studies.
    type System: System;
    /// Its name, and that of its folder.
    const NAME: &'static str;
    /// One line on what it shows.
    const TITLE: &'static str;
    /// The text under the figure.
    const CAPTION: &'static str;
    /// As [`crate::Experiment::SECONDS`].
    const SECONDS: [f64; 2];

    /// What is run at a scale.
    fn plans(&self, scale: Scale) -> Vec<Plan<Self::System>>;
    /// Adds the rows of all cases, and what the panels show besides.
    fn compare(&self, measured: &[Measured<Self::System>], outcome: &mut Outcome);
    /// Draws the figure from the outcome alone.
    fn draw(&self, outcome: &Outcome) -> Figure;
    /// Whether the text of the figure explains why this claim misses.
    fn explains(&self, _missed: &Comparison) -> bool {
        false
    }
}

/// A study in a list of figures.
pub struct Studied<T>(pub T);

impl<T: Study> Studied<T> {
    fn table(&self, scale: Scale) -> Result<Table, Failure> {
        let plans = self.0.plans(scale);
        let tables: Vec<Table> = plans.iter().map(Plan::table).collect::<Result<_, _>>()?;
        let mut table = Table::new();
        table.insert("figure".into(), T::NAME.into());
        table.insert("kind".into(), T::System::KIND.into());
        match <[Table; 1]>::try_from(tables) {
            Ok([only]) => table.extend(only),
            Err(several) => {
                table.insert("plan".into(), Value::Array(several.into_iter().map(Value::Table).collect()));
            }
        }
        Ok(table)
    }

    /// Refuses plans that the figure cannot make rows of: others in number, axes or populations than its own.
    fn fits(&self, plans: &[Plan<T::System>]) -> Result<(), Failure> {
        let own = self.0.plans(Scale::Quick);
        if plans.len() != own.len() {
            let figure = T::NAME;
            return Err(Failure::Input(format!("plan: {} (allowed for {figure}: {})", plans.len(), own.len())));
        }
        for (plan, own) in plans.iter().zip(&own) {
            let axes =
                |plan: &Plan<T::System>| plan.sweep.iter().map(|s| s.axis.clone()).collect::<Vec<_>>().join(", ");
            for (what, found, wanted) in [
                ("sweep over", axes(plan), axes(own)),
                ("populations", plan.system.shape(), own.system.shape()),
                ("label", plan.label.clone(), own.label.clone()),
            ] {
                // Labels with a number in them follow the parameters.
                if found != wanted && !(what == "label" && wanted.contains(|c: char| c.is_ascii_digit())) {
                    let figure = T::NAME;
                    return Err(Failure::Input(format!(
                        "{what} {found:?} (allowed for {figure}: {wanted:?}; without `figure` any)"
                    )));
                }
            }
        }
        Ok(())
    }

    fn study(&self, plans: &[Plan<T::System>], seed: Seed, bench: &Bench) -> Result<Outcome, Failure> {
        let measured: Vec<_> = match measure_asked(cases(plans)?, T::NAME, seed, bench, Detail::Whole)? {
            Done::Shard(outcome) => return Ok(outcome),
            Done::All(measured) => measured.into_iter().collect::<Result<_, _>>()?,
        };
        let mut outcome = Outcome::default();
        self.0.compare(&measured, &mut outcome);
        Ok(outcome)
    }
}

impl<T: Study> AnyExperiment for Studied<T> {
    fn name(&self) -> &'static str {
        T::NAME
    }

    fn title(&self) -> &'static str {
        T::TITLE
    }

    fn caption(&self) -> &'static str {
        T::CAPTION
    }

    fn params_toml(&self, scale: Scale) -> Result<String, Failure> {
        toml::to_string(&self.table(scale)?).map_err(|e| Failure::Input(format!("parameters of {}: {e}", T::NAME)))
    }

    fn params_json(&self, scale: Scale) -> serde_json::Value {
        self.table(scale).ok().and_then(|table| serde_json::to_value(table).ok()).unwrap_or_default()
    }

    fn memory(&self, scale: Scale) -> f64 {
        let all = cases(&self.0.plans(scale)).unwrap_or_default();
        all.iter().map(|case| case.system.memory()).fold(0.0, f64::max)
    }

    fn seconds(&self, scale: Scale) -> f64 {
        T::SECONDS[usize::from(scale == Scale::Paper)]
    }

    fn run(&self, scale: Scale, seed: Seed, bench: &Bench) -> Result<Outcome, Failure> {
        self.study(&self.0.plans(scale), seed, bench)
    }

    fn compare(&self, parsed: Parsed, request: &CompareRequest, bench: &Bench) -> Result<Outcome, Failure> {
        if parsed.header.kind.as_deref().is_some_and(|kind| kind != T::System::KIND) {
            return Err(
                Failure::Input(format!("kind: that of {} is {}", T::NAME, T::System::KIND)).within(&request.path)
            );
        }
        let plans = request.plans::<T::System>(parsed)?;
        self.fits(&plans).map_err(|failure| failure.within(&request.path))?;
        let all = cases(&plans).map_err(|failure| failure.within(&request.path))?;
        check_memory(T::NAME, &all, request.memory)?;
        self.study(&plans, request.seed, bench).map_err(|failure| failure.within(&request.path))
    }

    fn draw(&self, outcome: &Outcome) -> Figure {
        self.0.draw(outcome)
    }

    fn explains(&self, missed: &Comparison) -> bool {
        self.0.explains(missed)
    }
}

impl CompareRequest {
    /// The plans of the file, with as many realisations as the command asks for.
    fn plans<S: System>(&self, parsed: Parsed) -> Result<Vec<Plan<S>>, Failure> {
        let mut plans = parsed.plans::<S>()?;
        if let Some(replicates) = self.replicates {
            if S::DETERMINISTIC {
                return Err(Failure::Input(format!(
                    "--replicates: a {} has no random numbers (allowed: none)",
                    S::KIND
                )));
            }
            for plan in &mut plans {
                plan.replicates = replicates;
                for sweep in &mut plan.sweep {
                    if sweep.set.is_empty() && sweep.axis == S::REALISATIONS {
                        let what = format!("--replicates: the file sweeps {} (allowed: none)", S::REALISATIONS);
                        return Err(Failure::Input(what));
                    }
                    let own = sweep.set.get_mut(S::REALISATIONS).into_iter().flatten();
                    own.for_each(|value| *value = Value::Integer(replicates as i64));
                }
            }
        }
        Ok(plans)
    }
}

/// A kind of system that files may describe.
#[derive(Clone, Copy)]
pub struct SystemKind {
    /// Its name in files.
    pub name: &'static str,
    /// Theory beside simulation for the systems of a file.
    pub compare: fn(Parsed, &CompareRequest, &Bench) -> Result<Outcome, Failure>,
    /// A file of an old form in the present one.
    pub renew: fn(&str) -> Option<String>,
}

impl SystemKind {
    /// That of a type.
    pub const fn of<S: System>() -> Self {
        SystemKind { name: S::KIND, compare: compare_file::<S>, renew: S::renewed }
    }
}

fn compare_file<S: System>(parsed: Parsed, request: &CompareRequest, bench: &Bench) -> Result<Outcome, Failure> {
    let within = |failure: Failure| failure.within(&request.path);
    let mut plans = request.plans::<S>(parsed)?;
    if plans.len() > 1 {
        // Rows of different plans differ in their labels.
        let unlabelled = plans.iter_mut().enumerate().filter(|(_, plan)| plan.label.is_empty());
        unlabelled.for_each(|(k, plan)| plan.label = format!("plan {}", k + 1));
    }
    let all = cases(&plans).map_err(within)?;
    check_memory(S::KIND, &all, request.memory)?;
    let alone = all.len() == 1;
    let all = match measure_asked(all, "compare", request.seed, bench, Detail::Summary).map_err(within)? {
        Done::Shard(outcome) => return Ok(outcome),
        Done::All(all) => all,
    };
    let mut outcome = Outcome::default();
    for measured in all {
        let measured = match measured {
            Err(failure) if alone || failure.code() == 3 => return Err(within(failure)),
            Err(failure) => {
                outcome.left_out.push(within(failure).to_string());
                continue;
            }
            Ok(measured) => measured,
        };
        let notes = outcome.notes.len();
        S::compare(&measured, &mut outcome);
        outcome.swept.resize(outcome.comparisons.len(), measured.case.swept.clone());
        if measured.case.swept.is_empty() {
            continue;
        }
        let place: Vec<String> = measured.case.swept.iter().map(|(axis, value)| format!("{axis} = {value}")).collect();
        for note in &mut outcome.notes[notes..] {
            *note = format!("at {}: {note}", place.join(", "));
        }
    }
    let mut keys = HashSet::new();
    let repeated = outcome.comparisons.iter().filter(|row| !keys.insert(row.key())).count();
    if repeated > 0 {
        outcome.notes.push(format!("{repeated} rows share the key of another: labels or values repeat"));
    }
    if let (true, Some(first)) = (outcome.comparisons.is_empty(), outcome.left_out.first()) {
        return Err(Failure::Input(format!("{first} (and so {} cases in all)", outcome.left_out.len())));
    }
    if outcome.comparisons.is_empty() {
        outcome.notes.iter().for_each(|note| talk(format!("note: {note}")));
        return Err(within(Failure::Input("nothing here has a theory and a simulation to compare".into())));
    }
    Ok(outcome)
}
