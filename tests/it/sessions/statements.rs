//! What a device says, as snapd writes it: the files of `made_by_snapd` were signed by snapd's own code with keys that
//! are gone.

use snapwise::credentials::BadSessionRequest;
use snapwise::credentials::DeviceDigest;
use snapwise::credentials::SessionRequest;
use snapwise::snap::Instant;

const REQUEST: &str = include_str!("made_by_snapd/request.txt");
const SERIAL: &str = include_str!("made_by_snapd/serial.txt");
const MODEL: &str = include_str!("made_by_snapd/model.txt");
const ACCOUNT_KEY: &str = include_str!("made_by_snapd/account-key.txt");

fn at(time: &str) -> Instant {
    time.parse().unwrap()
}

#[test]
fn a_request_that_snapd_signed_is_read_and_verified() {
    let request = SessionRequest::read(REQUEST, SERIAL, MODEL).unwrap();
    assert_eq!(request.nonce, "a-nonce");
    assert_eq!(request.store, Some("acme-lab".parse().unwrap()));
    assert_eq!(request.device, DeviceDigest::new("acme", "box", "0042"));
    let now = at("2026-11-21T00:00:00Z");
    assert!(request.is_vouched_for([ACCOUNT_KEY], now));
    assert!(!request.is_vouched_for([], now));
    assert!(!request.is_vouched_for([MODEL, SERIAL, "none"], now));
    assert!(!request.is_vouched_for([ACCOUNT_KEY], at("2026-10-31T00:00:00Z")), "not yet");
    let ended = ACCOUNT_KEY.replacen("since:", "until: 2026-11-20T00:00:00Z\nsince:", 1);
    assert!(!request.is_vouched_for([ended.as_str()], now), "not any more");
    let others = ACCOUNT_KEY.replacen("account-id: acme", "account-id: evil", 1);
    assert!(!request.is_vouched_for([others.as_str()], now), "another account's key");
}

/// Texts in which one word is another.
#[test]
fn what_was_changed_is_refused() {
    let refused = |request: &str, serial: &str, model: &str| {
        SessionRequest::read(request, serial, model).unwrap_err().to_string()
    };
    let request = |from: &str, to: &str| REQUEST.replacen(from, to, 1);
    let signature = BadSessionRequest::Signature.to_string();
    assert_eq!(refused(&request("a-nonce", "b-nonce"), SERIAL, MODEL), signature);
    assert_eq!(refused(&request("T00:", "T01:"), SERIAL, MODEL), signature);
    let other = SERIAL.split("\n\n").nth(1).unwrap();
    let taken = format!("{}\n\n{other}", REQUEST.split("\n\n").next().unwrap());
    assert_eq!(refused(&taken, SERIAL, MODEL), signature, "signed with another key");
    let differs = "the header serial differs from that of the serial assertion";
    assert_eq!(refused(&request("0042", "0043"), SERIAL, MODEL), differs);
    let differs = "the header model differs from that of the serial assertion";
    assert_eq!(refused(&request("box", "bag"), SERIAL, MODEL), differs);
    assert_eq!(refused(REQUEST, SERIAL, &MODEL.replacen("model: box", "model: bag", 1)), differs);
    let differs = "the header brand-id differs from that of the serial assertion";
    assert_eq!(
        refused(REQUEST, SERIAL, &MODEL.replacen("brand-id: acme", "brand-id: emca", 1)),
        differs
    );
    let kind = "the header type names another type of assertion";
    assert_eq!(refused(SERIAL, SERIAL, MODEL), kind);
    assert_eq!(refused(REQUEST, MODEL, MODEL), kind);
    assert_eq!(refused(REQUEST, SERIAL, SERIAL), kind);
    let none = refused(REQUEST, &SERIAL.replacen("device-key:", "device-kex:", 1), MODEL);
    assert_eq!(none, "the header device-key is missing");
    let broken = SERIAL.replacen("    AcbATQRW", "    AcLATQRW", 1);
    let no_key = "the header device-key is no RSA key of at least 2,048 bits";
    assert_eq!(refused(REQUEST, &broken, MODEL), no_key);
    assert!(refused("", SERIAL, MODEL).starts_with("not the text of an assertion"));
}

/// A model that a device changed to get into another store.
#[test]
fn nobody_vouches_for_a_changed_model() {
    let model = MODEL.replacen("acme-lab", "acme-vip", 1);
    let request = SessionRequest::read(REQUEST, SERIAL, &model).unwrap();
    assert!(!request.is_vouched_for([ACCOUNT_KEY], at("2026-11-21T00:00:00Z")));
    let serial = SERIAL.replacen("2026-11-01", "2026-11-02", 1);
    let request = SessionRequest::read(REQUEST, &serial, MODEL).unwrap();
    assert!(!request.is_vouched_for([ACCOUNT_KEY], at("2026-11-21T00:00:00Z")));
}
