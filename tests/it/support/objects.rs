//! An object store that speaks as much of S3 as we ask of one, with a bucket in memory.

use crate::support::app::Received;
use crate::support::app::Sent;
use crate::support::recorder::Recorder;
use crate::support::recorder::said;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;

/// What S3 takes at least of a part that is not the last.
const LEAST: usize = 5 * 1_024 * 1_024;

/// The object store; it ends with this value.
pub(crate) struct Objects {
    recorder: Recorder,
    bucket: Arc<Mutex<Bucket>>,
}

/// What it holds, and how it misbehaves.
#[derive(Default)]
struct Bucket {
    files: BTreeMap<String, Vec<u8>>,
    uploads: BTreeMap<String, BTreeMap<usize, Vec<u8>>>,
    n_begun: usize,
    is_stalled: bool,
    n_cuts: usize,
    is_closed: bool,
}

impl Objects {
    pub(crate) async fn start() -> Self {
        let bucket = Arc::<Mutex<Bucket>>::default();
        let kept = Arc::clone(&bucket);
        let recorder = Recorder::start(move |sent| kept.lock().unwrap().says(sent)).await;
        Self { recorder, bucket }
    }

    /// How a process is told of it.
    pub(crate) fn settings(&self) -> [(&'static str, String); 6] {
        [
            ("SNAPWISE_BLOBS_URL", "s3://bucket/a/prefix".to_owned()),
            ("AWS_ENDPOINT_URL", self.recorder.url()),
            ("AWS_ALLOW_HTTP", "true".to_owned()),
            ("AWS_REGION", "here".to_owned()),
            ("AWS_ACCESS_KEY_ID", "ann".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "a secret for tests only".to_owned()),
        ]
    }

    /// The names and contents of what it holds.
    pub(crate) fn files(&self) -> BTreeMap<String, Vec<u8>> {
        self.bucket.lock().unwrap().files.clone()
    }

    /// How many uploads were neither completed nor given up.
    pub(crate) fn n_uploads(&self) -> usize {
        self.bucket.lock().unwrap().uploads.len()
    }

    /// Whether it takes its time with parts.
    pub(crate) fn stall(&self, is_stalled: bool) {
        self.bucket.lock().unwrap().is_stalled = is_stalled;
    }

    /// Lets the next answers break off in the middle.
    pub(crate) fn cut(&self, n_cuts: usize) {
        self.bucket.lock().unwrap().n_cuts = n_cuts;
    }

    /// Whether it lets nobody in.
    pub(crate) fn close(&self, is_closed: bool) {
        self.bucket.lock().unwrap().is_closed = is_closed;
    }

    /// Whether a part was sent to it.
    pub(crate) fn was_sent_a_part(&self) -> bool {
        self.recorder.asked().iter().any(|sent| sent.path.contains("partNumber="))
    }
}

impl Bucket {
    fn says(&mut self, sent: &Sent) -> Option<Received> {
        let (path, query) = sent.path.split_once('?').unwrap_or((&sent.path, ""));
        let signed = sent.headers.iter().find(|(name, _)| name == "authorization");
        let is_known = signed.is_some_and(|(_, signed)| {
            signed.starts_with("AWS4-HMAC-SHA256 Credential=ann/") && signed.contains("/here/s3/")
        });
        let name = path.strip_prefix("/bucket").map(|name| name.trim_start_matches('/').to_owned());
        let Some(name) = name.filter(|_| is_known && !self.is_closed) else {
            return Some(said(403, &[], "<Error><Code>AccessDenied</Code></Error>"));
        };
        let asked: BTreeMap<&str, &str> =
            query.split('&').map(|one| one.split_once('=').unwrap_or((one, ""))).collect();
        let upload = asked.get("uploadId").map(|upload| (*upload).to_owned());
        Some(match (sent.method.as_str(), upload) {
            ("GET" | "HEAD", None) => self.read(&name, sent),
            ("POST", None) if asked.contains_key("uploads") => {
                self.n_begun += 1;
                let upload = self.n_begun.to_string();
                let told = format!(
                    "<InitiateMultipartUploadResult><UploadId>{upload}</UploadId></InitiateMultipartUploadResult>"
                );
                self.uploads.insert(upload, BTreeMap::new());
                said(200, &[], &told)
            }
            ("POST", None) if asked.contains_key("delete") => {
                let body = String::from_utf8_lossy(&sent.body);
                for rest in body.split("<Key>").skip(1) {
                    self.files.remove(rest.split_once('<').unwrap().0);
                }
                said(200, &[], "<DeleteResult></DeleteResult>")
            }
            ("PUT", Some(_)) if self.is_stalled => return None,
            ("PUT", Some(upload)) => match self.uploads.get_mut(&upload) {
                Some(parts) => {
                    let number = asked["partNumber"].parse().unwrap();
                    parts.insert(number, sent.body.clone());
                    said(200, &[("etag", &format!("\"{number}\""))], "")
                }
                None => said(404, &[], "<Error><Code>NoSuchUpload</Code></Error>"),
            },
            ("POST", Some(upload)) => self.complete(&name, &upload),
            ("DELETE", Some(upload)) => {
                self.uploads.remove(&upload);
                said(204, &[], "")
            }
            _ => said(501, &[], ""),
        })
    }

    fn complete(&mut self, name: &str, upload: &str) -> Received {
        let Some(parts) = self.uploads.remove(upload) else {
            return said(404, &[], "<Error><Code>NoSuchUpload</Code></Error>");
        };
        let (n, parts) = (parts.len(), parts.into_values());
        let whole: Vec<_> = parts.collect();
        if whole.iter().take(n - 1).any(|part| part.len() < LEAST) {
            return said(400, &[], "<Error><Code>EntityTooSmall</Code></Error>");
        }
        self.files.insert(name.to_owned(), whole.concat());
        let told =
            "<CompleteMultipartUploadResult><ETag>\"w\"</ETag></CompleteMultipartUploadResult>";
        said(200, &[], told)
    }

    fn read(&mut self, name: &str, sent: &Sent) -> Received {
        let Some(file) = self.files.get(name) else {
            return said(404, &[], "<Error><Code>NoSuchKey</Code></Error>");
        };
        let range = sent.headers.iter().find(|(name, _)| name == "range");
        let range = range.map(|(_, range)| {
            let (first, last) = range.strip_prefix("bytes=").unwrap().split_once('-').unwrap();
            let last: usize = last.parse().unwrap();
            first.parse().unwrap()..(last + 1).min(file.len())
        });
        let (status, range) = range.map_or((200, 0..file.len()), |range| (206, range));
        let told = format!("bytes {}-{}/{}", range.start, range.end - 1, file.len());
        let length = range.len().to_string();
        let headers = [
            ("etag", "\"w\""),
            ("last-modified", "Sat, 21 Nov 2026 00:00:00 GMT"),
            ("content-length", length.as_str()),
            ("content-range", told.as_str()),
        ];
        let mut answer = said(status, if status == 206 { &headers } else { &headers[..3] }, "");
        if sent.method == "GET" {
            answer.body = file[range].to_vec();
            if self.n_cuts > 0 {
                self.n_cuts -= 1;
                answer.body.truncate(answer.body.len() / 2);
            }
        }
        answer
    }
}
