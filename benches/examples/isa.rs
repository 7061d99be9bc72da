//! The processor and its instruction sets, or with `names` their names alone, the fastest last.

use lanes::Isa;

#[allow(clippy::print_stdout, reason = "its output is what it is for")]
fn main() {
    let names: Vec<_> = Isa::available().into_iter().map(Isa::name).collect();
    if std::env::args().nth(1).as_deref() == Some("names") {
        println!("{}", names.join(" "));
        return;
    }
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let field =
        |name: &str| info.lines().find(|l| l.starts_with(name)).and_then(|l| l.split_once(": ")).map_or("?", |l| l.1);
    println!(
        "processor: {} (family {}, model {}); instruction sets: {}",
        field("model name"),
        field("cpu family"),
        field("model\t"),
        names.join(", ")
    );
}
