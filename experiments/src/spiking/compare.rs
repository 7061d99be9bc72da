//! A network of the user's own.

use super::measure::{Case, Params, WINDOW, measure, memory};
use super::rows::Covariances;
use crate::rows::row;
use lab::{Bench, Claim, CompareRequest, Comparison, Failure, Outcome};
use std::path::Path;

/// The network and the run of a file.
///
/// # Errors
/// [`Failure::Input`] for a file that cannot be read or run.
pub fn read(path: &Path, text: &str) -> Result<Params, Failure> {
    let place = |e: &dyn std::fmt::Display| Failure::Input(format!("{}: {e}", path.display()));
    let params: Params = lab::input::parse_toml(path, text)?;
    params.network.validate().map_err(|e| place(&format!("network.{e}")))?;
    params.run.validate(&params.network).map_err(|e| place(&format!("run.{e}")))?;
    Ok(params)
}

/// Theory beside simulation for the network of the request.
///
/// # Errors
/// [`Failure::Input`] for a file that cannot be read or run.
pub fn compare(request: &CompareRequest, bench: &Bench) -> Result<Outcome, Failure> {
    let place = |e: &dyn std::fmt::Display| Failure::Input(format!("{}: {e}", request.path.display()));
    let params = read(&request.path, &request.text)?;
    let replicates = request.replicates.unwrap_or(params.replicates);
    if replicates == 0 || replicates > 10_000 {
        return Err(place(&format!("replicates: {replicates} (allowed: 1 to 10000; 3 or more for an error bar)")));
    }
    if params.run.duration < 2.0 * WINDOW {
        let allowed = format!("{} ms and more: spikes are counted in windows of {WINDOW} ms", 2.0 * WINDOW);
        return Err(place(&format!("run.duration: {} (allowed: {allowed})", params.run.duration)));
    }
    request.memory.check("network", memory(&params.network, &params.run))?;
    let case =
        Case { draw: 0, label: "network".into(), x: params.network.connections.size as f64, network: params.network };
    let measured = measure("network", &[case], &params.run, replicates, request.seed, bench)?;
    let mut outcome = Outcome::default();
    for measured in &measured {
        outcome.comparisons.extend(measured.rates("-"));
        outcome.comparisons.extend(measured.currents("-"));
        outcome.comparisons.extend(measured.variability("-"));
        bench.begin("covariances: theory", 1);
        let covariances = Covariances::of(measured);
        bench.advance();
        outcome.comparisons.extend(measured.covariances("-", &covariances));
        for (a, name) in measured.case.network.names.iter().enumerate() {
            let shown = [
                ("CV of intervals", "Poisson process", 1.0, measured.estimate(|s| s.variation[a])),
                ("correlation of counts", "asynchronous, N to infinity", 0.0, measured.estimate(|s| s.correlation[a])),
                ("share of active cells", "all", 1.0, measured.estimate(|s| s.active[a])),
            ];
            for (quantity, theory_name, theory, simulation) in shown {
                outcome.comparisons.push(Comparison {
                    x: measured.case.x,
                    theory,
                    simulation,
                    claim: Claim::Contrast,
                    ..row("-", &format!("{quantity}, {name}"), theory_name, "network")
                });
            }
        }
        let fastest = measured.samples.iter().flat_map(|s| &s.rates).copied().fold(0.0, f64::max);
        if fastest > 100.0 / params.run.step {
            outcome.notes.push(format!(
                "cells fire every {:.1} steps or so: the step, not the network, limits them",
                1000.0 / fastest / params.run.step
            ));
        }
        outcome.notes.extend(measured.unclaimed());
        let missing = [measured.finite.as_ref().err(), covariances.missing()];
        for error in missing.into_iter().flatten().map(ToString::to_string) {
            if !outcome.notes.contains(&error) {
                outcome.notes.push(error);
            }
        }
        match measured.states {
            Some(1) => {}
            Some(count) => {
                outcome.notes.push(format!("{count} semi-balanced states as N → ∞ (states of semi-balance lists them)"))
            }
            None => {
                outcome.notes.push("conductances, or too many populations: semi-balanced states are not listed".into())
            }
        }
    }
    if outcome.comparisons.iter().all(|row| row.claim == Claim::Contrast) {
        outcome.notes.push("no theory claims anything of this network: nothing was tested".into());
    }
    Ok(outcome)
}
