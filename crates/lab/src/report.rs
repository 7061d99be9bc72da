//! The report: one page that stands alone, made from the files of the results.

use crate::run::digest;
use crate::{Failure, Source, Verdict, plot, readers, store};
use polars::prelude::{CsvReader, DataFrame, SerReader};
use serde_json::Value;
use std::fmt::Write;
use std::io::Cursor;
use std::path::{Path, PathBuf};

const STYLE: &str = include_str!("report.css");

/// One figure as its files tell it.
struct Entry {
    source: &'static str,
    name: &'static str,
    title: &'static str,
    caption: &'static str,
    svg: String,
    rows: DataFrame,
    run: Value,
}

impl Entry {
    /// Rows with a verdict.
    fn count(&self, verdict: Verdict) -> usize {
        column(&self.rows, "verdict").iter().filter(|own| *own == verdict.name()).count()
    }
}

/// The page, and which figures are not on it, and why.
pub struct Written {
    /// Its file.
    pub path: PathBuf,
    /// Figures whose files are cut, or do not belong together.
    pub left_out: Vec<String>,
}

/// Writes `index.html` into the folder of the results, from every figure that has whole files there.
///
/// # Errors
/// [`Failure::Output`] if it cannot be written.
pub fn write_report(sources: &[&'static Source], out: &Path) -> Result<Written, Failure> {
    let mut page = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <title>equipoise: theory against simulation</title><link rel=\"icon\" href=\"data:,\"><style>{}{STYLE}</style></head><body><main>",
        plot::font_face_css()
    );
    page.push_str("<h1>equipoise</h1><p>Theory and simulation of balanced neural circuits: every figure as a plot and a table of theory against simulation.</p>");
    let (mut all, mut left_out) = (Vec::new(), Vec::new());
    for source in sources {
        for figure in source.figures {
            let folder = out.join(source.name).join(figure.name());
            if folder.join("run.json").exists() {
                match read(source.name, *figure, &folder) {
                    Ok(entry) => all.push(entry),
                    Err(why) => left_out.push(format!("{}/{}: {why}", source.name, figure.name())),
                }
            }
        }
    }
    for line in &left_out {
        let _ = write!(page, "<p class=\"bad\">Not shown: {}</p>", escape(line));
    }
    overview(&mut page, sources, &all);
    for source in sources {
        let _ = write!(page, "<section><h2>{}</h2><p>{}</p>", escape(source.name), escape(source.citation));
        for entry in all.iter().filter(|e| e.source == source.name) {
            section(&mut page, entry);
        }
        page.push_str("</section>");
    }
    page.push_str("</main></body></html>\n");
    let path = out.join("index.html");
    store::write(&path, page.as_bytes())?;
    Ok(Written { path, left_out })
}

/// A figure from its files; or what is wrong with them.
fn read(source: &'static str, figure: &'static dyn crate::AnyExperiment, folder: &Path) -> Result<Entry, String> {
    let text = |name: &str| std::fs::read_to_string(folder.join(name)).map_err(|e| format!("cannot read {name}: {e}"));
    let (table, run, svg) = (text("comparison.csv")?, text("run.json")?, text("figure.svg")?);
    let run: Value = serde_json::from_str(&run).map_err(|e| format!("cannot read run.json: {e}"))?;
    if run["figure"] != figure.name() {
        return Err("run.json tells of no such figure".into());
    }
    // Older results say nothing of their table.
    if run["table"].as_str().is_some_and(|own| own != digest(table.as_bytes())) {
        return Err("comparison.csv is not the table that run.json tells of".into());
    }
    if !svg.ends_with("</svg>\n") {
        return Err("figure.svg has no end".into());
    }
    let rows = CsvReader::new(Cursor::new(table))
        .with_options(polars::prelude::CsvReadOptions::default().with_infer_schema_length(Some(0)))
        .finish()
        .map_err(|e| format!("cannot read comparison.csv: {e}"))?;
    let (name, title, caption) = (figure.name(), figure.title(), figure.caption());
    Ok(Entry { source, name, title, caption, svg: without_style(&svg), rows, run })
}

/// The page carries the fonts once.
fn without_style(svg: &str) -> String {
    match (svg.find("<style>"), svg.find("</style>")) {
        (Some(start), Some(end)) => format!("{}{}", &svg[..start], &svg[end + "</style>".len()..]),
        _ => svg.to_owned(),
    }
}

/// The answer first: how many claims hold, are weak, miss, and which; then figure by figure.
fn overview(page: &mut String, sources: &[&'static Source], all: &[Entry]) {
    let total = |verdict: Verdict| all.iter().map(|entry| entry.count(verdict)).sum::<usize>();
    let claims = total(Verdict::Holds) + total(Verdict::Weak) + total(Verdict::Misses);
    let _ = write!(
        page,
        "<p class=\"answer\"><b>Of {claims} claims {} hold</b>, {} are weak (they agree, but would hardly have failed) and \
         <b class=\"{}\">{} miss</b>. {} rows are contrast and claim nothing; {} could not be measured.</p>",
        total(Verdict::Holds),
        total(Verdict::Weak),
        if total(Verdict::Misses) == 0 { "good" } else { "bad" },
        total(Verdict::Misses),
        total(Verdict::Contrast),
        total(Verdict::Unmeasured)
    );
    if total(Verdict::Misses) > 0 {
        page.push_str("<ul>");
        for entry in all {
            for miss in misses(entry) {
                let _ = write!(
                    page,
                    "<li><a href=\"#{}-{}\">{}/{}</a>: {}</li>",
                    entry.source,
                    entry.name,
                    entry.source,
                    entry.name,
                    escape(&miss)
                );
            }
        }
        page.push_str("</ul>");
    }
    page.push_str("<div class=\"scroll\"><table class=\"overview\"><thead><tr><th>figure</th>");
    for verdict in Verdict::ALL {
        let _ = write!(page, "<th>{}</th>", verdict.name());
    }
    page.push_str("<th>scale</th></tr></thead><tbody>");
    for source in sources {
        for entry in all.iter().filter(|e| e.source == source.name) {
            let _ = write!(
                page,
                "<tr><td><a href=\"#{}-{}\">{}/{}</a> {}</td>",
                entry.source,
                entry.name,
                entry.source,
                escape(entry.name),
                escape(entry.title),
            );
            for verdict in Verdict::ALL {
                let count = entry.count(verdict);
                let class = if verdict == Verdict::Misses && count > 0 { "bad" } else { "" };
                let _ = write!(page, "<td class=\"{class}\">{count}</td>");
            }
            let _ = write!(page, "<td>{}</td></tr>", escape(entry.run["scale"].as_str().unwrap_or("")));
        }
    }
    page.push_str("</tbody></table></div>");
}

/// Claims of a figure that miss, in words.
fn misses(entry: &Entry) -> Vec<String> {
    let of = |name: &str| column(&entry.rows, name);
    let (verdict, quantity, theory, label, x) =
        (of("verdict"), of("quantity"), of("theory_name"), of("label"), of("x"));
    (0..entry.rows.height())
        .filter(|&r| verdict[r] == Verdict::Misses.name())
        .map(|r| format!("{} by {} ({} at {})", quantity[r], theory[r], label[r], x[r]))
        .collect()
}

fn section(page: &mut String, entry: &Entry) {
    let _ = write!(
        page,
        "<article id=\"{}-{}\"><h3>{}: {}</h3><div class=\"figure\">{}</div><p>{}</p>",
        entry.source,
        entry.name,
        escape(entry.name),
        escape(entry.title),
        entry.svg,
        escape(entry.caption)
    );
    for note in entry.run["notes"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        let _ = write!(page, "<p class=\"note\">{}</p>", escape(note));
    }
    let counts: Vec<String> = Verdict::ALL
        .into_iter()
        .map(|verdict| (verdict, entry.count(verdict)))
        .filter(|(_, count)| *count > 0)
        .map(|(verdict, count)| format!("<span class=\"{0}\">{count} {0}</span>", verdict.name()))
        .collect();
    let _ = write!(
        page,
        "<p>{}.</p><details><summary>{} comparison rows</summary>{}</details>",
        counts.join(", "),
        entry.rows.height(),
        table(&entry.rows)
    );
    let text = |key: &str| match &entry.run[key] {
        Value::String(s) => escape(s),
        other => escape(&other.to_string()),
    };
    let _ = write!(
        page,
        "<details><summary>provenance and parameters</summary><p>commit {}, {}, {}, {} threads, {} s, seed {}.</p><pre>{}</pre></details></article>",
        text("commit"),
        text("compiler"),
        text("cpu"),
        text("threads"),
        entry.run["seconds"].as_f64().map_or(String::new(), |s| format!("{s:.1}")),
        text("seed"),
        escape(&serde_json::to_string_pretty(&entry.run["parameters"]).unwrap_or_default())
    );
}

/// The rows, the verdict first.
fn table(rows: &DataFrame) -> String {
    let mut names: Vec<String> = rows.get_column_names().iter().map(|n| n.to_string()).collect();
    names.sort_by_key(|name| name != "verdict");
    let columns: Vec<Vec<String>> = names.iter().map(|n| column(rows, n)).collect();
    let mut html = String::from("<div class=\"scroll\"><table><thead><tr>");
    names.iter().for_each(|n| {
        let _ = write!(html, "<th>{}</th>", escape(n));
    });
    html.push_str("</tr></thead><tbody>");
    for r in 0..rows.height() {
        let _ = write!(html, "<tr class=\"{}\">", escape(&columns[0][r]));
        for values in &columns {
            let cell = values[r].parse::<f64>().map_or_else(|_| escape(&values[r]), readers::short);
            let _ = write!(html, "<td>{cell}</td>");
        }
        html.push_str("</tr>");
    }
    html + "</tbody></table></div>"
}

/// A column as text; missing values are empty.
fn column(rows: &DataFrame, name: &str) -> Vec<String> {
    let Some(strings) = rows.column(name).ok().and_then(|c| c.str().ok()) else {
        return vec![String::new(); rows.height()];
    };
    strings.iter().map(|v| v.unwrap_or("").to_owned()).collect()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
