# The commands of the house. `make demo` and `make test` install what they lack.
.PHONY: demo test bench contract e2e lint postgres

# Tries it: a private database, a generated catalogue, a server, a first question to ask. ^C stops everything.
demo: postgres
	cargo build --release --locked
	exec target/release/snapwise demo

# The whole test suite.
test: postgres
	cargo test --locked

# snapwise against a bare hyper server, in one run; then what its parts cost.
bench: postgres
	cargo bench --locked --bench load

# The specification against a running server, with schemathesis.
contract: postgres
	cargo build --release --locked
	.ci/contract

# A real snapd, built from Debian's packages, against snapwise. As root on Debian; says so and does nothing elsewhere.
e2e: postgres
	cargo build --locked
	.ci/e2e

# Format, lints and documentation, as CI looks at them.
lint:
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	RUSTDOCFLAGS='-D warnings' cargo doc --locked --no-deps --document-private-items

postgres:
	@.ci/postgres
