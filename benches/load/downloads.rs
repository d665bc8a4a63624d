//! A file of 16 MiB, from us and from the least a hyper file server can do, on the same cores.

use crate::Measured;
use crate::bodies::Request;
use crate::client::Load;
use crate::client::ask;
use crate::process::Server;
use backhand::FilesystemWriter;
use backhand::NodeHeader;
use std::fs::File;
use std::io::Cursor;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const SIZE: usize = 16 * 1_024 * 1_024;
const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(3);
/// Each connection of the load generator holds a file.
const CONNECTIONS: usize = 8;

/// Compares the two, and says what memory ours takes meanwhile.
pub(crate) fn compare(database_url: &str) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench-files");
    std::fs::create_dir_all(&folder).unwrap();
    let blobs = format!("file://{}", folder.join("blobs").display());
    let settings = [("RUST_LOG", "warn"), ("SNAPWISE_BLOBS_URL", blobs.as_str())];
    let file = folder.join("bench.snap");
    let path: &'static str = pushed(database_url, &settings, &file).leak();
    let (server, _) = Server::snapwise(database_url, &settings);
    let bare = Server::bare_file(&file);
    let request = Request::get(path, false);
    assert_eq!(ask(server.address(), &request).status, 200);
    let mut rounds = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        rounds.0.push(round(&server, &request));
        rounds.1.push(round(&bare, &request));
    }
    let ratio = |of| Measured::ratio(&rounds.0, &rounds.1, of);
    let (per_second, cpu) = (ratio(|round| round.per_second), ratio(|round| round.cpu_us));
    println!("a file of {} MiB, {CONNECTIONS} at once", SIZE >> 20);
    println!("  files/s, of a bare hyper file server's      {per_second:>8.2}");
    println!("  server CPU, of the same                     {cpu:>8.2}");
    println!("  the most that was ever resident             {:>8.0} MiB\n", server.peak_mib());
}

fn round(server: &Server, request: &Request) -> Measured {
    let cpu = server.cpu();
    let load = Load::paced(server.address(), request, (CONNECTIONS, Duration::ZERO), ROUND);
    Measured::new(&load, server.cpu().saturating_sub(cpu), ROUND)
}

/// Makes a snap of about that size and pushes it; gives the path of its file.
fn pushed(database_url: &str, settings: &[(&str, &str)], file: &Path) -> String {
    let mut writer = FilesystemWriter::default();
    let (header, yaml) = (NodeHeader::default(), "name: bench-file\nversion: '1'\n");
    writer.push_dir_all("meta", header).unwrap();
    writer.push_file(Cursor::new(yaml), "meta/snap.yaml", header).unwrap();
    let mut state = 1_u64;
    let noise: Vec<u8> = (0..SIZE)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            state.to_be_bytes()[0]
        })
        .collect();
    writer.push_file(Cursor::new(noise), "noise", header).unwrap();
    writer.write(File::create(file).unwrap()).unwrap();
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_snapwise"));
        command.args(arguments).env("DATABASE_URL", database_url).envs(settings.iter().copied());
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    run(&["snap", "push", file.to_str().unwrap(), "--channel", "stable"]);
    let document = run(&["catalogue", "export", "--snap", "bench-file"]);
    let document: serde_json::Value = serde_json::from_str(&document).unwrap();
    let id = document["snap-id"].as_str().unwrap();
    let revision = &document["channel-map"][0]["revision"];
    format!("/api/v1/snaps/download/{id}_{revision}.snap")
}
