//! The requests of the bench.

use serde_json::json;

/// snapd's 27 fields, in its order (contract 2.4).
pub(crate) const FIELDS: [&str; 27] = [
    "architectures",
    "base",
    "confinement",
    "links",
    "contact",
    "created-at",
    "description",
    "download",
    "epoch",
    "license",
    "name",
    "prices",
    "private",
    "publisher",
    "revision",
    "snap-id",
    "snap-yaml",
    "summary",
    "title",
    "type",
    "version",
    "website",
    "store-url",
    "integrity",
    "media",
    "common-ids",
    "categories",
];

/// A request to `/v2/snaps/refresh`, or a GET.
#[derive(Clone)]
pub(crate) struct Request {
    /// What is got; None is a POST of the body.
    pub(crate) path: Option<&'static str>,
    pub(crate) body: Vec<u8>,
    pub(crate) has_series: bool,
    pub(crate) accepts_gzip: bool,
}

impl Request {
    fn of(body: Vec<u8>) -> Self {
        Self { path: None, body, has_series: true, accepts_gzip: false }
    }

    /// A GET, as the pages of a web site ask; compressed, or not.
    pub(crate) fn get(path: &'static str, accepts_gzip: bool) -> Self {
        Self { path: Some(path), accepts_gzip, ..Self::of(Vec::new()) }
    }

    /// The request as it goes over the wire.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        if let Some(path) = self.path {
            let coding = if self.accepts_gzip { "gzip, deflate" } else { "identity" };
            return format!(
                "GET {path} HTTP/1.1\r\nHost: store.example\r\nUser-Agent: python-requests/2.32\r\n\
                 Accept: */*\r\nAccept-Encoding: {coding}\r\nConnection: keep-alive\r\n\r\n"
            )
            .into_bytes();
        }
        let mut head = format!(
            "POST /v2/snaps/refresh HTTP/1.1\r\nHost: store.example\r\nUser-Agent: snapd/2.75 (series 16; classic) \
             debian/12 (amd64) linux/6.1\r\nAccept: application/json\r\nContent-Type: application/json\r\n\
             Snap-Accept-Delta-Format: xdelta3\r\nSnap-Classic: true\r\nSnap-Device-Architecture: amd64\r\n\
             Snap-Device-Capabilities: default-tracks\r\nContent-Length: {}\r\n",
            self.body.len()
        );
        if self.has_series {
            head.push_str("Snap-Device-Series: 16\r\n");
        }
        if self.accepts_gzip {
            head.push_str("Accept-Encoding: gzip\r\n");
        }
        head.push_str("\r\n");
        [head.as_bytes(), &self.body].concat()
    }
}

/// A request as snapd makes it: so many of the snaps installed, each to be refreshed.
pub(crate) fn refresh(snaps: &[String], n: usize) -> Request {
    let step = snaps.len() / n;
    let chosen: Vec<_> = snaps.iter().step_by(step).take(n).collect();
    let context: Vec<_> = chosen
        .iter()
        .map(|id| {
            json!({"snap-id": id, "instance-key": id, "revision": 1, "tracking-channel": "latest/stable",
                "epoch": {"read": [0], "write": [0]}, "refreshed-date": "2026-05-02T08:15:30.020033121Z"})
        })
        .collect();
    let actions: Vec<_> = chosen
        .iter()
        .map(|id| {
            json!({"action": "refresh", "instance-key": id, "snap-id": id, "channel": "latest/stable"})
        })
        .collect();
    let body = json!({"context": context, "actions": actions, "fields": FIELDS});
    Request::of(serde_json::to_vec(&body).unwrap())
}

/// Bad requests of the same size, each refused for another reason.
pub(crate) fn bad(good: &Request) -> Vec<(&'static str, Request)> {
    let text = String::from_utf8(good.body.clone()).unwrap();
    let changed = |from: &str, to: &str| Request::of(text.replace(from, to).into_bytes());
    let cut = text.len() - 1;
    vec![
        ("a header is missing", Request { has_series: false, ..good.clone() }),
        ("the JSON is cut off", Request::of(text.as_bytes()[..cut].to_vec())),
        ("not JSON at all", Request::of(vec![b'x'; text.len()])),
        ("a wrong type in every entry", changed("\"revision\":1", "\"revision\":\"1\"")),
        ("a member missing in every entry", changed("\"revision\":1,", "")),
        ("not one action known", changed("\"action\":\"refresh\"", "\"action\":\"sideload\"")),
        ("nothing in the context", {
            let start = text.find("\"context\":[").unwrap() + "\"context\":[".len();
            let end = text.find("],\"fields\"").unwrap();
            Request::of([&text[..start], &text[end..]].concat().into_bytes())
        }),
    ]
}
