//! What a device says to open a session: three assertions that must agree.

use crate::assertion::Flaw;
use crate::assertion::Statement;
use crate::credentials::caveat::DeviceDigest;
use crate::credentials::openpgp::PublicKey;
use crate::snap::Instant;
use crate::snap::StoreId;

/// Why three texts open no session.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadSessionRequest {
    /// One of them is no assertion.
    #[error("not the text of an assertion: line {}: {source}", .source.line)]
    Text {
        /// Which: the member of the body.
        which: &'static str,
        /// Why.
        source: Flaw,
    },
    /// One of them lacks something, or is of another type.
    #[error("the header {header} {rule}")]
    Header {
        /// Which: the member of the body.
        which: &'static str,
        /// Its header.
        header: &'static str,
        /// What it should be.
        rule: &'static str,
    },
    /// The request was not signed with the device's key.
    #[error("the request is not signed with the device key of the serial assertion")]
    Signature,
}

/// What a device says, as far as it can be checked by itself: the three are of one device, and the request is signed
/// with the key that the serial assertion gives the device.
#[derive(Debug)]
pub struct SessionRequest {
    /// The nonce that the request was made for.
    pub nonce: String,
    /// Which device.
    pub device: DeviceDigest,
    /// The store its model names.
    pub store: Option<StoreId>,
    serial: Statement,
    model: Statement,
}

const REQUEST: &str = "device-session-request";
const SERIAL: &str = "serial-assertion";
const MODEL: &str = "model-assertion";

/// What the three have in common.
const IDENTITY: [&str; 3] = ["brand-id", "model", "serial"];

impl SessionRequest {
    /// Reads and ties the three texts.
    ///
    /// # Errors
    /// With the first rule they break.
    pub fn read(request: &str, serial: &str, model: &str) -> Result<Self, BadSessionRequest> {
        let request = statement(REQUEST, request, "device-session-request")?;
        let serial = statement(SERIAL, serial, "serial")?;
        let model = statement(MODEL, model, "model")?;
        for header in IDENTITY {
            let own = text(&serial, SERIAL, header)?;
            // A model has no serial number.
            let others = [(REQUEST, &request), (MODEL, &model)];
            let others = if header == "serial" { &others[..1] } else { &others[..] };
            for (which, other) in others {
                if text(other, which, header)? != own {
                    let rule = "differs from that of the serial assertion";
                    return Err(BadSessionRequest::Header { which, header, rule });
                }
            }
        }
        let [brand, name, number] = IDENTITY.map(|name| header(&serial, name));
        let device = DeviceDigest::new(
            brand.unwrap_or_default(),
            name.unwrap_or_default(),
            number.unwrap_or_default(),
        );
        let store = header(&model, "store").map(str::parse).transpose().map_err(|_| {
            let rule = "is no store id";
            BadSessionRequest::Header { which: MODEL, header: "store", rule }
        })?;
        let key = text(&serial, SERIAL, "device-key")?;
        let key = PublicKey::parse(key).ok_or(BadSessionRequest::Header {
            which: SERIAL,
            header: "device-key",
            rule: "is no RSA key of at least 2,048 bits",
        })?;
        let nonce = text(&request, REQUEST, "nonce")?.to_owned();
        if !key.verifies(request.content().as_bytes(), request.signature()) {
            return Err(BadSessionRequest::Signature);
        }
        Ok(Self { nonce, device, store, serial, model })
    }

    /// The keys that signed model and serial, by their digests: who has them can tell whether to believe the two.
    pub fn signers(&self) -> Vec<&str> {
        [&self.model, &self.serial]
            .into_iter()
            .filter_map(|statement| header(statement, "sign-key-sha3-384"))
            .collect()
    }

    /// Whether the brand made this device one of this model: both assertions are the brand's, signed with keys that
    /// these `account-key` assertions say are the brand's now.
    pub fn is_vouched_for<'k>(
        &self,
        account_keys: impl IntoIterator<Item = &'k str>,
        now: Instant,
    ) -> bool {
        let keys: Vec<_> = account_keys
            .into_iter()
            .filter_map(|text| text.parse::<Statement>().ok())
            .filter(|key| is_in_force(key, now))
            .collect();
        let is_the_brands = |statement: &Statement| {
            let brand = header(statement, "brand-id");
            let signed_by = header(statement, "sign-key-sha3-384");
            let signs = |key: &Statement| {
                header(key, "public-key-sha3-384") == signed_by
                    && header(key, "account-id") == brand
                    && PublicKey::parse(key.body()).is_some_and(|key| {
                        key.verifies(statement.content().as_bytes(), statement.signature())
                    })
            };
            brand.is_some()
                && signed_by.is_some()
                && header(statement, "authority-id") == brand
                && keys.iter().any(signs)
        };
        is_the_brands(&self.model) && is_the_brands(&self.serial)
    }
}

fn statement(which: &'static str, text: &str, kind: &str) -> Result<Statement, BadSessionRequest> {
    let statement: Statement =
        text.parse().map_err(|source| BadSessionRequest::Text { which, source })?;
    if header(&statement, "type") == Some(kind) {
        Ok(statement)
    } else {
        let rule = "names another type of assertion";
        Err(BadSessionRequest::Header { which, header: "type", rule })
    }
}

/// The text of a header, if it is there and not empty.
fn header<'a>(statement: &'a Statement, name: &str) -> Option<&'a str> {
    statement.headers().text(name).filter(|text| !text.is_empty())
}

fn text<'a>(
    statement: &'a Statement,
    which: &'static str,
    name: &'static str,
) -> Result<&'a str, BadSessionRequest> {
    let missing = BadSessionRequest::Header { which, header: name, rule: "is missing" };
    header(statement, name).ok_or(missing)
}

/// Whether a key may be believed at that instant.
fn is_in_force(key: &Statement, now: Instant) -> bool {
    let at = |name: &str| header(key, name).map(str::parse::<Instant>);
    let has_begun = matches!(at("since"), Some(Ok(since)) if since <= now);
    let has_not_ended = match at("until") {
        None => true,
        Some(until) => until.is_ok_and(|until| now < until),
    };
    header(key, "type") == Some("account-key") && has_begun && has_not_ended
}
