# Every line is one over cargo; just itself is a convenience (pip install rust-just).

# All figures at the papers' sizes
figures:
    cargo reproduce

# All figures at a small size
quick:
    cargo reproduce --quick

# One figure: just figure sparse-balance/fig4
figure NAME:
    cargo reproduce --only {{NAME}}

# All tests
test:
    cargo test --workspace

# Ten million mutated files, read by every reader (half an hour)
mutations:
    EQUIPOISE_MUTATIONS=720000 cargo test -p tests --test mutations

# Six thousand random circuits of each span of entries, against exact rationals (an hour)
circuits:
    EQUIPOISE_CIRCUITS=6000 cargo test -p semibalance --test wide_circuits

# Format, lints, tests
check:
    cargo fmt --all --check && cargo clippy --workspace --all-targets -- -D warnings && cargo test --workspace

# Criterion benches
bench:
    cargo bench -p benches

# The same work in other tools, side by side
peers:
    benches/peers/run

# One network in simulators that others wrote
crosscheck:
    benches/peers/crosscheck

# API documentation
doc:
    cargo doc --workspace --no-deps
