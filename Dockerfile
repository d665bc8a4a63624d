# snapwise in a container: one program, that asks a PostgreSQL elsewhere (DATABASE_URL). compose.yaml runs both.

FROM rust:1.92-slim-trixie AS build
WORKDIR /build
# Without rust-toolchain.toml: the toolchain is the image's.
COPY Cargo.toml Cargo.lock ./
COPY migrations migrations
COPY benches benches
COPY tests tests
COPY src src
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/build/target \
    cargo build --release --locked --bin snapwise \
    && install -D target/release/snapwise /out/snapwise

FROM debian:trixie-slim
# The services it collects from are asked over TLS.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /out/snapwise /usr/local/bin/snapwise
# Nobody in particular: nothing in the image belongs to it, and nothing is written.
USER 10001:10001
WORKDIR /tmp
# All addresses of the container; which of them are reached from outside, the ports that are published say.
ENV SNAPWISE_LISTEN=0.0.0.0:8080 \
    SNAPWISE_INTERNAL_LISTEN=0.0.0.0:8081
EXPOSE 8080 8081
ENTRYPOINT ["/usr/local/bin/snapwise"]
CMD ["serve"]
