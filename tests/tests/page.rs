//! The page of the committed results, in a browser without a window.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A folder with the results, and the page beside them.
fn results() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let kept = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../results"));
    for source in experiments::SOURCES {
        for figure in source.figures {
            let (from, to) =
                (kept.join(source.name).join(figure.name()), folder.path().join(source.name).join(figure.name()));
            fs::create_dir_all(&to).expect("writable");
            for name in ["comparison.csv", "figure.svg", "run.json"] {
                fs::copy(from.join(name), to.join(name)).expect("committed");
            }
        }
    }
    let written = lab::write_report(experiments::SOURCES, folder.path()).expect("writable");
    assert!(written.left_out.is_empty(), "{:?}", written.left_out);
    folder
}

#[test]
fn the_page_is_small_and_has_all_figures() {
    let folder = results();
    let page = fs::read_to_string(folder.path().join("index.html")).expect("a page");
    assert!(page.len() < 2_000_000, "{} bytes", page.len());
    for source in experiments::SOURCES {
        for figure in source.figures {
            let id = format!("id=\"{}-{}\"", source.name, figure.name());
            assert!(page.contains(&id), "{id}");
        }
    }
}

/// How a browser is asked without a window, also where it is root's and shared memory is small.
const ASKED: [&str; 4] = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"];

/// A browser, if there is one that shows an empty page.
fn browser() -> Option<&'static str> {
    let profile = tempfile::tempdir().expect("a temporary folder");
    let works = |name: &&str| {
        let mut command = Command::new(name);
        command.args(ASKED).arg(format!("--user-data-dir={}", profile.path().display()));
        let shown = command.args(["--dump-dom", "about:blank"]).output();
        shown.is_ok_and(|out| out.status.success() && String::from_utf8_lossy(&out.stdout).contains("<html"))
    };
    ["chromium", "chromium-browser", "google-chrome"].into_iter().find(works)
}

/// What a page that a script of ours has looked at says of itself, and what went to the console.
fn looked_at(browser: &str, folder: &Path, width: u32, address: &str) -> (String, String) {
    // A window is never as narrow as a phone: a frame may be.
    let frame = format!(
        "<!doctype html><iframe id=\"own\" src=\"index.html{address}\" style=\"width:{width}px;height:900px;border:0\"></iframe><pre id=\"told\"></pre>
<script>
const own = document.getElementById('own');
own.addEventListener('load', () => setTimeout(() => {{
    const page = own.contentDocument, root = page.documentElement;
    document.getElementById('told').textContent = JSON.stringify({{
        width: root.clientWidth, needed: root.scrollWidth,
        rows: page.querySelectorAll('#all tbody tr').length,
        marked: page.querySelectorAll('#all tr.marked').length,
        first: page.querySelector('#all tbody tr')?.cells[5].textContent,
        output: page.querySelector('output').textContent,
        ink: own.contentWindow.getComputedStyle(page.body).color,
    }});
}}, 500));
</script>"
    );
    let path = folder.join(format!("frame{width}.html"));
    fs::write(&path, frame).expect("writable");
    let profile = folder.join("profile");
    let output = Command::new(browser)
        .args(ASKED)
        .args(["--disable-web-security", "--allow-file-access-from-files"])
        .args(["--enable-logging=stderr", "--virtual-time-budget=20000", "--dump-dom"])
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg(format!("file://{}", path.display()))
        .output()
        .expect("runs");
    let dom = String::from_utf8_lossy(&output.stdout);
    let told = dom.split("<pre id=\"told\">").nth(1).and_then(|rest| rest.split("</pre>").next()).unwrap_or("");
    let console = String::from_utf8_lossy(&output.stderr);
    let console = console.lines().filter(|line| line.contains("CONSOLE")).collect::<Vec<_>>().join("\n");
    (told.replace("&amp;", "&"), console)
}

/// No horizontal scroll on a phone, rows that can be asked for, nothing on the console.
#[test]
fn the_page_works_in_a_browser() {
    let Some(browser) = browser() else {
        eprintln!("skipped: no Chromium that shows a page here");
        return;
    };
    let folder = results();
    let told = |width: u32, address: &str| -> serde_json::Value {
        let (told, console) = looked_at(browser, folder.path(), width, address);
        assert_eq!(console, "", "{width} {address}");
        serde_json::from_str(&told).unwrap_or_else(|e| panic!("{e}: {told:?}"))
    };
    for width in [390, 1280] {
        let all = told(width, "");
        // A scroll bar takes its part of the width.
        let [inner, needed] = ["width", "needed"].map(|key| all[key].as_u64().expect("a number"));
        assert!(inner <= u64::from(width) && needed <= inner, "{all}");
        assert_eq!(all["rows"], 100, "{all}");
    }
    let misses = told(390, "#rows?verdict=misses");
    let committed = rows_with("misses");
    assert!(misses["output"].as_str().expect("words").starts_with(&format!("{committed} of ")), "{misses}");
    assert_eq!(misses["rows"], committed);
    assert!(
        told(1280, "#rows?figure=spiking%2Fstimulus&q=rate%20nosuchword")["output"]
            .as_str()
            .expect("words")
            .starts_with("0 of")
    );
    // Descending and ascending numbers.
    let first = |order: &str| told(1280, &format!("#rows?figure=signalling%2Fenergy&order={order}"))["first"].clone();
    let number = |value: serde_json::Value| value.as_str().and_then(|text| text.parse::<f64>().ok()).expect("a number");
    assert!(number(first("theory")) < number(first("-theory")));
}

/// Rows of the committed tables with a verdict.
fn rows_with(verdict: &str) -> usize {
    let results = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../results"));
    let of = |source: &lab::Source, figure: &str| {
        let table =
            fs::read_to_string(results.join(source.name).join(figure).join("comparison.csv")).expect("committed");
        table.lines().filter(|line| line.ends_with(&format!(",{verdict}"))).count()
    };
    experiments::SOURCES.iter().flat_map(|source| source.figures.iter().map(|figure| of(source, figure.name()))).sum()
}
