//! The report: one page that stands alone, made from the files of the results.

use crate::{Failure, Source, comparison, plot, store};
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

/// Writes `index.html` into the folder of the results, from every figure that has files there.
///
/// # Errors
/// [`Failure::Output`] if it cannot be written or a file there cannot be read.
pub fn write_report(sources: &[&'static Source], out: &Path) -> Result<PathBuf, Failure> {
    let mut page = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <title>equipoise: theory against simulation</title><link rel=\"icon\" href=\"data:,\"><style>{}{STYLE}</style></head><body><main>",
        plot::font_face_css()
    );
    page.push_str("<h1>equipoise</h1><p>Theory and simulation of balanced neural circuits: every figure as a plot and a table of theory against simulation.</p>");
    let mut all = Vec::new();
    for source in sources {
        for figure in source.figures {
            let folder = out.join(source.name).join(figure.name());
            if folder.join("run.json").exists() {
                all.push(read(source.name, *figure, &folder)?);
            }
        }
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
    Ok(path)
}

fn read(source: &'static str, figure: &'static dyn crate::AnyExperiment, folder: &Path) -> Result<Entry, Failure> {
    let text = |name: &str| {
        let path = folder.join(name);
        std::fs::read_to_string(&path).map_err(|e| Failure::Output(format!("cannot read {}: {e}", path.display())))
    };
    let broken = |name: &str, e: &dyn std::fmt::Display| {
        Failure::Output(format!("cannot read {}: {e}", folder.join(name).display()))
    };
    let rows = CsvReader::new(Cursor::new(text("comparison.csv")?))
        .with_options(polars::prelude::CsvReadOptions::default().with_infer_schema_length(Some(0)))
        .finish()
        .map_err(|e| broken("comparison.csv", &e))?;
    let run = serde_json::from_str(&text("run.json")?).map_err(|e| broken("run.json", &e))?;
    Ok(Entry {
        source,
        name: figure.name(),
        title: figure.title(),
        caption: figure.caption(),
        svg: without_style(&text("figure.svg")?),
        rows,
        run,
    })
}

/// The page carries the fonts once.
fn without_style(svg: &str) -> String {
    match (svg.find("<style>"), svg.find("</style>")) {
        (Some(start), Some(end)) => format!("{}{}", &svg[..start], &svg[end + "</style>".len()..]),
        _ => svg.to_owned(),
    }
}

fn overview(page: &mut String, sources: &[&'static Source], all: &[Entry]) {
    page.push_str("<table class=\"overview\"><thead><tr><th>source</th><th>figure</th><th>scale</th><th>rows</th><th>do not agree</th></tr></thead><tbody>");
    for source in sources {
        for entry in all.iter().filter(|e| e.source == source.name) {
            let misses = entry.run["misses"].as_u64().unwrap_or(0);
            let _ = write!(
                page,
                "<tr><td>{}</td><td><a href=\"#{}-{}\">{}</a> {}</td><td>{}</td><td>{}</td><td class=\"{}\">{misses}</td></tr>",
                escape(source.name),
                entry.source,
                entry.name,
                escape(entry.name),
                escape(entry.title),
                escape(entry.run["scale"].as_str().unwrap_or("")),
                entry.run["rows"],
                if misses == 0 { "good" } else { "bad" },
            );
        }
    }
    page.push_str("</tbody></table>");
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
    let (rows, misses) = (entry.run["rows"].as_u64().unwrap_or(0), entry.run["misses"].as_u64().unwrap_or(0));
    let claimed = claimed(&entry.rows);
    let verdict = if misses == 0 {
        format!("<span class=\"good\">all {claimed} claims agree</span>; {} rows are contrast", rows - claimed)
    } else {
        format!("<span class=\"bad\">{misses} of {claimed} claims do not agree</span>")
    };
    let _ = write!(
        page,
        "<p>{verdict}.</p><details><summary>{rows} comparison rows</summary>{}</details>",
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

fn claimed(rows: &DataFrame) -> u64 {
    column(rows, "claim").iter().filter(|c| *c != "contrast").count() as u64
}

fn table(rows: &DataFrame) -> String {
    let names: Vec<String> = rows.get_column_names().iter().map(|n| n.to_string()).collect();
    let columns: Vec<Vec<String>> = names.iter().map(|n| column(rows, n)).collect();
    let mut html = String::from("<div class=\"scroll\"><table><thead><tr>");
    names.iter().for_each(|n| {
        let _ = write!(html, "<th>{}</th>", escape(n));
    });
    html.push_str("</tr></thead><tbody>");
    for r in 0..rows.height() {
        let agrees = columns.last().map_or("", |c| c[r].as_str());
        let _ = write!(html, "<tr class=\"{}\">", if agrees == "false" { "miss" } else { "" });
        for values in &columns {
            let cell = values[r].parse::<f64>().map_or_else(|_| escape(&values[r]), comparison::short);
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
