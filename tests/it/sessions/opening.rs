//! How a device opens a session (case 122), and how it does not.

use crate::sessions::Header;
use crate::sessions::ago;
use crate::sessions::expired;
use crate::sessions::in_store;
use crate::sessions::installed;
use crate::sessions::keys::Signer;
use crate::sessions::now;
use crate::sessions::secrets;
use crate::sessions::sent;
use crate::sessions::server;
use crate::sessions::session;
use crate::sessions::told;
use crate::support::app::Received;
use crate::support::app::TestApp;
use crate::support::database;
use serde_json::Value;
use serde_json::json;
use snapwise::credentials::CredentialSecrets;
use snapwise::db::nonces;
use std::slice::from_ref;
use std::time::Duration;

const NONCES: &str = "/api/v1/snaps/auth/nonces";
const SESSIONS: &str = "/api/v1/snaps/auth/sessions";

/// The three texts of a device of the brand acme.
struct Texts {
    request: String,
    serial: String,
    model: String,
}

impl Texts {
    /// Those of a device of that serial for that nonce; the model names the store acme-lab.
    fn of(serial: &str, nonce: &str) -> Self {
        let (brand, device) = (Signer::brand(), Signer::device());
        let own = "brand-id: acme\nmodel: box";
        let signed = "timestamp: 2026-11-01T00:00:00Z\nsign-key-sha3-384: the-key-of-acme";
        let own_key = device.public();
        let request =
            format!("type: device-session-request\n{own}\nserial: {serial}\nnonce: {nonce}");
        Self {
            request: device.sign(&request, ""),
            serial: brand.sign(
                &format!(
                    "type: serial\nauthority-id: acme\n{own}\nserial: {serial}\n\
                     device-key:\n    {own_key}\n{signed}"
                ),
                "",
            ),
            model: brand.sign(
                &format!("type: model\nauthority-id: acme\n{own}\nstore: acme-lab\n{signed}"),
                "",
            ),
        }
    }

    fn body(&self) -> Value {
        json!({
            "device-session-request": self.request,
            "serial-assertion": self.serial,
            "model-assertion": self.model,
        })
    }
}

async fn nonce(app: &TestApp) -> String {
    // As snapd asks: with nothing.
    let received = app.send(&sent("POST", NONCES, &[], "")).await;
    assert_eq!(received.status, 200);
    assert_eq!(received.header("cache-control"), Some("no-store"));
    received.json()["nonce"].as_str().unwrap().to_owned()
}

async fn open(app: &TestApp, body: &Value, headers: &[Header]) -> Received {
    app.send(&sent("POST", SESSIONS, headers, &body.to_string())).await
}

/// The session that was opened, as a header.
#[track_caller]
fn opened(received: &Received) -> Header {
    assert_eq!(received.status, 200, "{}", String::from_utf8_lossy(&received.body));
    let said = received.json();
    let value = format!("Macaroon root=\"{}\"", said["macaroon"].as_str().unwrap());
    ("X-Device-Authorization".to_owned(), value)
}

/// Makes the brand's key one that the store believes.
async fn believe_the_brand(app: &TestApp) {
    let key = Signer::brand();
    let headers = "type: account-key\nauthority-id: the-store\npublic-key-sha3-384: the-key-of-acme\n\
                   account-id: acme\nname: default\nsince: 2026-01-01T00:00:00Z";
    // Nobody asks who signed it: it was imported.
    let text = Signer::device().sign(headers, &key.public());
    let sql =
        "INSERT INTO assertion (type, key, sequence, revision, format, text, stored_at, generation)
               SELECT 'account-key', ARRAY['the-key-of-acme'], 0, 0, 0, $1, now(), max(number)
               FROM generation";
    let client = database::connect(&app.database_url).await;
    client.execute(sql, &[&text.as_bytes()]).await.unwrap();
}

#[tokio::test]
async fn a_device_opens_a_session_that_opens_its_store() {
    let app = server(&[]).await;
    believe_the_brand(&app).await;
    let body = Texts::of("0042", &nonce(&app).await).body();
    let session = opened(&open(&app, &body, &[]).await);
    let lab = [in_store("acme-lab"), session.clone()];
    assert_eq!(installed(&app, "lab-probe", &lab).await, "ok 1");
    let other = [in_store("other-lab"), session.clone()];
    assert_eq!(installed(&app, "lab-probe", &other).await, "403 store-disallowed");
    // It is renewed with the old one, also with one that has expired, or was another store's.
    let others = CredentialSecrets::new([&b"the secret of another store"[..]]);
    let foreign = super::session_of(&others, &[], &super::fresh());
    for old in [session, super::session(&[], &expired()), foreign] {
        let body = Texts::of("0042", &nonce(&app).await).body();
        let renewed = opened(&open(&app, &body, &[old]).await);
        let lab = [in_store("acme-lab"), renewed];
        assert_eq!(installed(&app, "lab-probe", &lab).await, "ok 1");
    }
}

#[tokio::test]
async fn a_device_nobody_vouches_for_gets_a_session_and_no_store() {
    let app = server(&[]).await;
    let body = Texts::of("0042", &nonce(&app).await).body();
    let session = opened(&open(&app, &body, &[]).await);
    assert_eq!(installed(&app, "lumen-notes", from_ref(&session)).await, "ok 10");
    let lab = [in_store("acme-lab"), session];
    assert_eq!(installed(&app, "lab-probe", &lab).await, "403 store-disallowed");
    let trusting = TestApp::serve(
        &app.database_url,
        &[("SNAPWISE_OPEN_STORES", ""), ("SNAPWISE_TRUST_MODELS", "on")],
    );
    let body = Texts::of("0042", &nonce(&trusting).await).body();
    let lab = [in_store("acme-lab"), opened(&open(&trusting, &body, &[]).await)];
    assert_eq!(installed(&trusting, "lab-probe", &lab).await, "ok 1");
    // Both know the secret.
    assert_eq!(installed(&app, "lab-probe", &lab).await, "ok 1");
}

#[tokio::test]
async fn sessions_grow_stale_and_end_as_configured() {
    let app = server(&[("SNAPWISE_SESSION_SOFT_S", "7"), ("SNAPWISE_SESSION_HARD_S", "9")]).await;
    let begun = now();
    let body = Texts::of("0042", &nonce(&app).await).body();
    let (_, value) = opened(&open(&app, &body, &[]).await);
    let ended = now();
    let grant = secrets().open_session(value.split('"').nth(1).unwrap()).unwrap();
    assert!(begun <= grant.issued_at && grant.issued_at <= ended);
    let after = |seconds| grant.issued_at.plus(Duration::from_secs(seconds));
    assert_eq!((grant.soft_expiry, grant.hard_expiry), (Some(after(7)), after(9)));
}

#[tokio::test]
async fn a_nonce_opens_one_session_however_many_ask() {
    let app = server(&[]).await;
    let nonce = nonce(&app).await;
    let (one, other) = (Texts::of("0042", &nonce).body(), Texts::of("0043", &nonce).body());
    let (one, other) = tokio::join!(open(&app, &one, &[]), open(&app, &other, &[]));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400]);
    let late = open(&app, &Texts::of("0042", &nonce).body(), &[]).await;
    assert_eq!(told(&late), "400 nonce-used");
    // The other server knows too.
    let beside = TestApp::serve(&app.database_url, &[]);
    let late = open(&beside, &Texts::of("0042", &nonce).body(), &[]).await;
    assert_eq!(told(&late), "400 nonce-used");
}

#[tokio::test]
async fn a_nonce_that_is_not_ours_or_not_now_opens_nothing() {
    let app = server(&[]).await;
    let others = CredentialSecrets::new([&b"the secret of another store"[..]]);
    let later = now().plus(Duration::from_mins(5));
    let mut forged = nonce(&app).await;
    let is_a = forged.as_bytes()[20] == b'A';
    forged.replace_range(20..21, if is_a { "B" } else { "A" });
    for (nonce, code) in [
        (secrets().nonce(1, ago(1)).unwrap(), "400 nonce-expired"),
        (others.nonce(1, later).unwrap(), "400 nonce-not-valid"),
        (forged, "400 nonce-not-valid"),
        ("a-nonce".to_owned(), "400 nonce-not-valid"),
        ("x".repeat(100_000), "400 nonce-not-valid"),
    ] {
        let received = open(&app, &Texts::of("0042", &nonce).body(), &[]).await;
        assert_eq!(told(&received), code);
    }
    let client = database::connect(&app.database_url).await;
    let row = client.query_one("SELECT count(*) FROM nonce_used", &[]).await.unwrap();
    assert_eq!(row.get::<_, i64>(0), 0, "what opens nothing is not kept");
}

#[tokio::test]
async fn what_does_not_hold_together_opens_nothing_and_uses_no_nonce() {
    let app = server(&[]).await;
    let nonce = nonce(&app).await;
    let good = Texts::of("0042", &nonce);
    let other = Texts::of("0043", &nonce);
    let with = |member: &str, text: &str| {
        let mut body = good.body();
        body[member] = json!(text);
        body
    };
    let pointer = |member: &str| Some(format!("/{member}"));
    let (request, serial, model) =
        ("device-session-request", "serial-assertion", "model-assertion");
    let changed = good.request.replacen("brand-id", "timestamp: 2026-11-02T00:00:00Z\nbrand-id", 1);
    let huge = format!("type: model\nbrand-id: {}\n\nSIG", "x".repeat(300_000));
    for (body, code, place) in [
        (json!({}), "api-error", pointer(request)),
        (json!([]), "api-error", Some(String::new())),
        (with(request, ""), "api-error", pointer(request)),
        (with(request, &good.serial), "api-error", pointer(request)),
        (with(request, &other.request), "api-error", pointer(request)),
        (with(serial, &good.model), "api-error", pointer(serial)),
        (with(serial, "type: serial\n\nSIG"), "api-error", pointer(serial)),
        (with(model, "\u{0}"), "api-error", pointer(model)),
        (with(model, &huge), "api-error", pointer(model)),
        (with(request, &changed), "device-signature-not-valid", None),
    ] {
        let received = open(&app, &body, &[]).await;
        assert_eq!(received.status, 400);
        let first = received.json()["error-list"][0].clone();
        assert_eq!((&first["code"], first["pointer"].as_str()), (&json!(code), place.as_deref()));
        assert!(!first["message"].as_str().unwrap().contains("0042"), "{first}");
    }
    let (_, another) = session(&[], &super::fresh());
    let shown = [("Snap-Device-Authorization".to_owned(), another)];
    let received = open(&app, &other.body(), &shown).await;
    assert_eq!(told(&received), "403 device-service-disallowed", "another device's session");
    opened(&open(&app, &good.body(), &[]).await);
}

#[tokio::test]
async fn a_session_waits_for_the_database_and_nothing_waits_for_a_session() {
    let app = server(&[]).await;
    let body = Texts::of("0042", &nonce(&app).await).body();
    let mut client = database::connect(&app.database_url).await;
    let transaction = client.transaction().await.unwrap();
    transaction.batch_execute("LOCK TABLE nonce_used IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let others = async {
        nonce(&app).await;
        installed(&app, "lumen-notes", &[]).await
    };
    let (received, other) = tokio::join!(open(&app, &body, &[]), others);
    assert_eq!(other, "ok 10");
    assert_eq!(told(&received), "503 remote-service-unavailable");
    assert!(received.header("retry-after").is_some());
    let log = app.log_with("a session could not be opened").await;
    assert!(!log.contains("0042") && !log.contains("acme"), "{log}");
    transaction.rollback().await.unwrap();
    let body = Texts::of("0042", &nonce(&app).await).body();
    opened(&open(&app, &body, &[]).await);
}

#[tokio::test]
async fn used_nonces_are_forgotten_when_they_have_expired() {
    let database = database::migrated().await;
    let client = snapwise::db::Database::new(&database.url, 1).unwrap().client().await.unwrap();
    let (early, late) = (ago(2), now());
    for expires_at in [early, late] {
        let digest = [u8::from(expires_at == late); 32];
        assert!(nonces::use_once(&client, &digest, expires_at).await.unwrap());
        assert!(!nonces::use_once(&client, &digest, expires_at).await.unwrap());
    }
    assert_eq!(nonces::prune(&client, ago(1)).await.unwrap(), 1);
    assert!(nonces::use_once(&client, &[0; 32], early).await.unwrap());
    assert!(!nonces::use_once(&client, &[1; 32], late).await.unwrap());
}
