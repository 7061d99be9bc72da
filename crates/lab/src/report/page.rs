//! The page as text: the answer, all rows, figure by figure.

use super::{Entry, FILES, column, rows};
use crate::{Source, Verdict, plot};
use serde_json::Value;
use std::fmt::Write;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// The page of all figures that there are.
pub fn of(sources: &[&'static Source], all: &[Entry], left_out: &[String]) -> String {
    let mut page = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <title>equipoise: theory against simulation</title><link rel=\"icon\" href=\"data:,\"><style>{}{STYLE}</style></head><body>",
        plot::font_face_css()
    );
    contents(&mut page, sources, all);
    page.push_str(
        "<main><h1>equipoise</h1><p>Theory and simulation of balanced neural circuits: \
         every figure as a plot and a table of theory against simulation.</p>",
    );
    for line in left_out {
        let _ = write!(page, "<p class=\"bad\">Not shown: {}</p>", escape(line));
    }
    answer(&mut page, all);
    table(&mut page);
    for source in sources {
        let _ = write!(page, "<section><h2>{}</h2><p>{}</p>", escape(source.name), escape(source.citation));
        all.iter().filter(|entry| entry.source == source.name).for_each(|entry| section(&mut page, entry));
        page.push_str("</section>");
    }
    // Inside a script only its end must not occur.
    let data = rows::of(all).to_string().replace("</", "<\\/");
    let _ = writeln!(
        page,
        "</main><script type=\"application/json\" id=\"data\">{data}</script><script>{SCRIPT}</script></body></html>"
    );
    page
}

/// Figures by name, small, with what became of their claims.
fn contents(page: &mut String, sources: &[&'static Source], all: &[Entry]) {
    page.push_str("<nav id=\"contents\"><details open><summary>Contents</summary><a href=\"#rows\">all rows</a>");
    for source in sources {
        let own: Vec<&Entry> = all.iter().filter(|entry| entry.source == source.name).collect();
        if own.is_empty() {
            continue;
        }
        let _ = write!(page, "<h2>{}</h2>", escape(source.name));
        for entry in own {
            let [weak, misses] = [Verdict::Weak, Verdict::Misses].map(|verdict| entry.count(verdict));
            let mut counts = format!("{} hold", entry.count(Verdict::Holds));
            if weak > 0 {
                let _ = write!(counts, ", {weak} weak");
            }
            if misses > 0 {
                let _ = write!(counts, ", <b class=\"bad\">{misses} miss</b>");
            }
            let _ = write!(
                page,
                "<a href=\"#{}\"><img src=\"{}/figure.svg\" loading=\"lazy\" alt=\"\" width=\"56\" height=\"40\"><span>{}<small>{counts}</small></span></a>",
                entry.id(),
                entry.folder(),
                escape(entry.name)
            );
        }
    }
    page.push_str("</details></nav>");
}

/// How many claims hold, are weak, miss, and which.
fn answer(page: &mut String, all: &[Entry]) {
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
    if total(Verdict::Misses) == 0 {
        return;
    }
    page.push_str("<ul>");
    for entry in all {
        for miss in misses(entry) {
            let folder = entry.folder();
            let rows = format!("#rows?figure={folder}&amp;verdict={}", Verdict::Misses.name());
            let _ = write!(page, "<li><a href=\"{rows}\">{folder}</a>: {}</li>", escape(&miss));
        }
    }
    page.push_str("</ul>");
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

/// What the script fills with the rows of all figures.
fn table(page: &mut String) {
    page.push_str(
        "<section id=\"rows\"><h2>All rows</h2><noscript>Rows are in each figure's comparison.csv; with JavaScript they can be searched here.</noscript>\
         <form id=\"ask\"><label>search <input name=\"q\" type=\"search\" autocomplete=\"off\"></label>\
         <label>verdict <select name=\"verdict\"><option value=\"\">any</option>",
    );
    for verdict in Verdict::ALL {
        let _ = write!(page, "<option>{}</option>", verdict.name());
    }
    page.push_str(
        "</select></label><label>figure <select name=\"figure\"><option value=\"\">any</option></select></label> <span><output></output> <a href=\"#rows?\" hidden>all rows</a></span></form>\
         <div class=\"scroll\"><table id=\"all\"><thead></thead><tbody></tbody></table></div><button id=\"more\" type=\"button\" hidden>more rows</button></section>",
    );
}

fn section(page: &mut String, entry: &Entry) {
    let (id, folder) = (entry.id(), entry.folder());
    let _ = write!(
        page,
        "<article id=\"{id}\"><h3><a href=\"#{id}\">{}</a>: {}</h3><a class=\"figure\" href=\"{folder}/figure.svg\"><img src=\"{folder}/figure.svg\" loading=\"lazy\" alt=\"{}\"></a><p>{}</p>",
        escape(entry.name),
        escape(entry.title),
        escape(entry.title),
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
    let files: Vec<String> =
        FILES.iter().map(|name| format!("<a href=\"{folder}/{name}\" download>{name}</a>")).collect();
    let _ = write!(
        page,
        "<p>{}: <a href=\"#rows?figure={folder}\">{} rows</a>. {}</p>",
        counts.join(", "),
        entry.rows.height(),
        files.join(" ")
    );
    let text = |key: &str| match &entry.run[key] {
        Value::String(s) => escape(s),
        other => escape(&other.to_string()),
    };
    let _ = write!(
        page,
        "<details><summary>where it came from</summary><p>Scale {}, seed {}, commit {}, {}, {}, {} threads, {} s. \
         Parameters: run.json; <code>recreate {folder}</code> makes the table again.</p></details></article>",
        text("scale"),
        text("seed"),
        text("commit"),
        text("compiler"),
        text("cpu"),
        text("threads"),
        entry.run["seconds"].as_f64().map_or(String::new(), |s| format!("{s:.1}")),
    );
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
