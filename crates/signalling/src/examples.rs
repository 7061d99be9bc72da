//! Systems to begin with: two bindings of one species, and dopamine's pathway.

use crate::{Function, Reaction, ReactionSystem, Source, Species};

fn species(name: &str, amount: f64) -> Species {
    Species { name: name.into(), amount, clamped: false }
}

fn binding(complex: &str, of: [&str; 2], kon: f64, koff: f64) -> Reaction {
    Reaction::Binding { name: complex.into(), of: of.map(String::from), complex: complex.into(), kon, koff }
}

fn enzyme(name: &str, of: [&str; 2], complex: &str, products: &[&str], rates: [f64; 3]) -> Reaction {
    let [kon, koff, kcat] = rates;
    let products = products.iter().map(|name| (*name).into()).collect();
    Reaction::Enzymatic {
        name: name.into(),
        of: of.map(String::from),
        complex: complex.into(),
        products,
        kon,
        koff,
        kcat,
    }
}

fn conversion(name: &str, of: &[&str], product: &str, rate: f64) -> Reaction {
    let of = of.iter().map(|name| (*name).into()).collect();
    Reaction::Conversion { name: name.into(), of, products: vec![product.into()], rate }
}

fn function(reaction: &str, input: &str, output: &str) -> Function {
    Function { reaction: reaction.into(), input: input.into(), output: output.into(), rates: None }
}

impl ReactionSystem {
    /// G (8 to 36 nM, clamped) binds A (220 nM) and P (300 nM): GA with a Kd of 2400 nM, GP with one of 40 nM.
    pub fn two_bindings() -> Self {
        ReactionSystem {
            species: vec![
                Species { name: "G".into(), amount: 8.0, clamped: true },
                species("A", 220.0),
                species("P", 300.0),
                species("GA", 0.0),
                species("GP", 0.0),
            ],
            reactions: vec![binding("GA", ["A", "G"], 0.001, 2.4), binding("GP", ["P", "G"], 0.025, 1.0)],
            functions: vec![function("GA", "G", "GA"), function("GP", "G", "GP")],
            source: Source { species: "G".into(), from: 8.0, to: 36.0, points: 25 },
        }
    }

    /// Dopamine's pathway to cyclic AMP, protein kinase A and DARPP-32, in nM and s: 25 species, 29 steps, 10 functions.
    ///
    /// Topology and magnitudes follow Scheler 2013 (PLoS ONE 8(2): e55762); rates and totals are a choice of this project.
    pub fn dopamine() -> Self {
        let totals = [
            ("R", 2000.0),
            ("G", 2000.0),
            ("AC5", 700.0),
            ("ATP", 1e5),
            ("PDE", 2000.0),
            ("PKA", 1200.0),
            ("D32", 5000.0),
        ];
        let made = [
            "DAR",
            "DARG",
            "GaGTP",
            "GaGDP",
            "Gbg",
            "AC5Ca",
            "GAC5",
            "GAC5Ca",
            "GAC5ATP",
            "GAC5CaATP",
            "cAMP",
            "cAMPPDE",
            "AMP",
            "PKAc",
            "D32PKAc",
            "D32p",
        ];
        let clamped = |name: &str, amount| Species { name: name.into(), amount, clamped: true };
        let mut all = vec![clamped("DA", 20.0), clamped("Ca", 60.0)];
        all.extend(totals.into_iter().map(|(name, amount)| species(name, amount)));
        all.extend(made.into_iter().map(|name| species(name, 0.0)));
        ReactionSystem {
            species: all,
            reactions: vec![
                binding("DAR", ["DA", "R"], 0.005, 5.0),
                enzyme("Gact", ["DAR", "G"], "DARG", &["DAR", "GaGTP", "Gbg"], [0.003, 5.0, 15.0]),
                conversion("GTPase", &["GaGTP"], "GaGDP", 30.0),
                conversion("trimer", &["GaGDP", "Gbg"], "G", 0.1),
                binding("AC5Ca", ["AC5", "Ca"], 0.001, 0.9),
                binding("GAC5", ["AC5", "GaGTP"], 0.01, 2.0),
                binding("GAC5Ca", ["AC5Ca", "GaGTP"], 0.01, 2.4),
                enzyme("cyc", ["GAC5", "ATP"], "GAC5ATP", &["GAC5", "cAMP"], [1e-5, 9.0, 1.0]),
                enzyme("cycCa", ["GAC5Ca", "ATP"], "GAC5CaATP", &["GAC5Ca", "cAMP"], [1e-5, 9.0, 0.5]),
                enzyme("PDE", ["cAMP", "PDE"], "cAMPPDE", &["PDE", "AMP"], [0.001, 1.0, 2.0]),
                conversion("rephosphorylation", &["AMP"], "ATP", 1.0),
                binding("PKA", ["PKA", "cAMP"], 0.001, 1.0).into_complex("PKAc"),
                enzyme("D32", ["D32", "PKAc"], "D32PKAc", &["PKAc", "D32p"], [0.003, 8.0, 2.0]),
                conversion("dephosphorylation", &["D32p"], "D32", 0.3),
            ],
            functions: vec![
                function("DAR", "DA", "DAR"),
                function("Gact", "DAR", "GaGTP"),
                function("AC5Ca", "AC5", "AC5Ca"),
                function("GAC5", "GaGTP", "GAC5"),
                function("GAC5Ca", "GaGTP", "GAC5Ca"),
                function("cyc", "GAC5", "GAC5ATP"),
                function("cycCa", "GAC5Ca", "GAC5CaATP"),
                function("PDE", "cAMP", "AMP"),
                function("PKA", "cAMP", "PKAc"),
                function("D32", "PKAc", "D32p"),
            ],
            source: Source { species: "DA".into(), from: 20.0, to: 320.0, points: 25 },
        }
    }
}

impl Reaction {
    fn into_complex(mut self, to: &str) -> Self {
        if let Reaction::Binding { complex, .. } = &mut self {
            *complex = to.into();
        }
        self
    }
}
