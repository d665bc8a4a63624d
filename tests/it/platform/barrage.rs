//! Very many bad requests: the server lives, and does not grow.

use crate::platform::DEVICE;
use crate::platform::REFRESH;
use crate::platform::SHELF;
use crate::platform::assert_refresh_spec;
use crate::platform::assert_serves;
use crate::platform::metric;
use crate::platform::stalled;
use crate::platform::wait_for_metric;
use crate::support::app::TestApp;
use crate::support::raw::Raw;
use serde_json::json;

/// How much larger the server may be after the barrage than before: some bodies at once, and what the allocator keeps.
const MAY_GROW_KIB: u64 = 64 * 1_024;

/// The resident memory of a process.
fn resident_kib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// Numbers that look random and are the same every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % n
    }
}

fn seed_bodies() -> Vec<Vec<u8>> {
    let id = "Nn4Qw8Er2Ty6Ui0Op3As7Df1Gh5Jk9Lz";
    let bodies = [
        json!({
            "context": [
                {"instance-key": "a", "snap-id": id, "revision": 10, "tracking-channel": "latest/beta",
                    "epoch": {"read": [0], "write": [0]}, "refreshed-date": "2026-05-02T08:15:30Z",
                    "held": {"by": ["system"]}, "validation-sets": [["16", "p", "lab", "3"]]},
                {"instance-key": "b", "snap-id": "Sd9Ae8Rf7Tg6Yh5Uj4Ik3Ol2Pq1Wz0Xc", "revision": 1,
                    "tracking-channel": "", "ignore-validation": true, "cohort-key": "c"},
            ],
            "actions": [
                {"action": "refresh", "instance-key": "a", "snap-id": id, "channel": "2.0/edge/fix"},
                {"action": "refresh", "instance-key": "b", "revision": 2,
                    "snap-id": "Sd9Ae8Rf7Tg6Yh5Uj4Ik3Ol2Pq1Wz0Xc"},
                {"action": "install", "instance-key": "i\u{e9}\u{0}", "name": "gridkit", "epoch": null},
                {"action": "download", "instance-key": "d", "name": "modular", "revision": 7},
            ],
            "fields": ["revision", "version", "download", "epoch", "snap-yaml"],
            "assertion-max-formats": {"snap-declaration": 7},
        }),
        json!({"context": [{"instance-key": "a", "snap-id": id, "revision": 9,
            "tracking-channel": "edge"}], "actions": [{"action": "refresh-all"}]}),
    ];
    bodies.iter().map(|body| body.to_string().into_bytes()).collect()
}

/// One to four of: a bit flipped, a byte put in or taken out, an end cut off, a part doubled or moved.
fn mutate(dice: &mut Dice, seeds: &[Vec<u8>]) -> Vec<u8> {
    const PIECES: [&[u8]; 12] = [
        b"null", b"-1", b"1e999", b"\"\"", b"[]", b"{}", b"\\u0000", b"\\ud800", b",", b"\xff",
        b"[[[[", b"9",
    ];
    let mut body = seeds[dice.below(seeds.len())].clone();
    for _ in 0..=dice.below(4) {
        let at = dice.below(body.len().max(1)).min(body.len());
        let end = (at + dice.below(40)).min(body.len());
        match dice.below(6) {
            0 if at < body.len() => body[at] ^= 1 << dice.below(8),
            1 => body.truncate(end),
            2 => drop(body.drain(at..end)),
            3 => {
                let part = body[at..end].to_vec();
                let to = dice.below(body.len() + 1);
                body.splice(to..to, part);
            }
            4 => {
                let piece = PIECES[dice.below(PIECES.len())];
                body.splice(at..end.min(at + 4), piece.iter().copied());
            }
            _ => {
                let other = &seeds[dice.below(seeds.len())];
                let from = dice.below(other.len());
                body.truncate(at);
                body.extend_from_slice(&other[from..]);
            }
        }
    }
    body
}

#[tokio::test]
async fn mutated_requests_are_answered_or_refused() {
    const CASES: usize = 1_000;
    let app = TestApp::start(SHELF).await;
    let mut raw = Raw::connect(&app.public).await;
    let (mut dice, seeds) = (Dice(0x5eed_0000_cafe_0001), seed_bodies());
    for seed in &seeds {
        assert_eq!(raw.ask(("POST", REFRESH), &DEVICE, seed).await.unwrap().status, 200);
    }
    let (mut n_good, mut n_refused) = (0, 0);
    for case in 0..CASES {
        let body = mutate(&mut dice, &seeds);
        let received = raw.ask(("POST", REFRESH), &DEVICE, &body).await.unwrap_or_else(|error| {
            panic!("case {case}: {error}: {}", String::from_utf8_lossy(&body));
        });
        match received.status {
            200 => n_good += 1,
            400 => n_refused += 1,
            status => panic!("case {case}: {status}: {}", String::from_utf8_lossy(&body)),
        }
        assert_refresh_spec(&received);
    }
    assert!(n_good > CASES / 50 && n_refused > CASES / 2, "{n_good} good, {n_refused} refused");
    assert_eq!(metric(&app, "snapwise_http_in_flight").await, Some(0.0));
    assert!(!app.log().contains("defect"), "{}", app.log());
    assert_serves(&app).await;
}

#[tokio::test]
async fn large_bad_bodies_leave_nothing_behind() {
    const N: usize = 200;
    let size = 4 * 1_024 * 1_024 - 100;
    let list = |member: &str, item: &str| {
        let items = vec![item; (size - 40) / (item.len() + 1)].join(",");
        format!("{{\"context\":[],\"actions\":[],\"{member}\":[{items}]}}").into_bytes()
    };
    let text = "x".repeat(size - 100);
    let bodies = [
        list(
            "fields",
            "\"name-of-a-field-that-is-not-known-to-anybody-at-all-and-rather-long-for-one\"",
        ),
        format!("{{\"context\":[],\"actions\":[{{\"instance-key\":\"{text}\"}}]}}").into_bytes(),
        format!("{{\"context\":[{{\"revision\":\"{text}\"}}]}}").into_bytes(),
        vec![b'['; size],
        vec![0xff; size],
        vec![b' '; size + 200],
        list("context", "{}"),
    ];
    let app = TestApp::start(SHELF).await;
    assert_serves(&app).await;
    let before = resident_kib(app.pid());
    let mut raw = Raw::connect(&app.public).await;
    for body in bodies.iter().cycle().take(N) {
        let received = raw.ask(("POST", REFRESH), &DEVICE, body).await.unwrap();
        assert!([400, 413].contains(&received.status), "{}", received.status);
        assert!(received.body.len() < 64 * 1_024, "an answer of {} bytes", received.body.len());
        assert_refresh_spec(&received);
    }
    let after = resident_kib(app.pid());
    assert!(after < before + MAY_GROW_KIB, "{before} KiB before, {after} KiB after");
    assert_serves(&app).await;
}

#[tokio::test]
async fn floods_and_broken_off_bodies_leave_nothing_behind() {
    const N: usize = 150;
    const MIB: usize = 1_024 * 1_024;
    let app = TestApp::start(SHELF).await;
    assert_serves(&app).await;
    let before = resident_kib(app.pid());
    let names: Vec<_> = (0..20_000).map(|n| format!("X-Header-{n}: {n}")).collect();
    let heads = [names.join("\r\n"), format!("X-Endless: {}", "x".repeat(MIB))];
    let some = "[".to_owned() + &" ".repeat(MIB);
    let length = [("Content-Length", "4000000")];
    for head in heads.iter().cycle().take(N) {
        let mut flood = Raw::connect(&app.public).await;
        // The server may refuse, and close, before everything is sent.
        drop(flood.send(format!("GET / HTTP/1.1\r\nHost: test\r\n{head}")).await);
        let mut half = stalled(&app, &length).await;
        half.send(&some).await.unwrap();
        half.finish_sending().await;
        // One says that it is done, the other is gone without a word.
        let mut slow = stalled(&app, &length).await;
        slow.send(&some).await.unwrap();
    }
    wait_for_metric(&app, "snapwise_http_in_flight", 0.0).await;
    let after = resident_kib(app.pid());
    assert!(after < before + MAY_GROW_KIB, "{before} KiB before, {after} KiB after");
    assert_serves(&app).await;
}
