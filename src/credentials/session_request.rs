//! What a device says to open a session: three assertions that must agree.

use crate::credentials::assertion_text::AssertionText;
use crate::credentials::assertion_text::InvalidAssertion;
use crate::credentials::caveat::DeviceDigest;
use crate::credentials::openpgp::PublicKey;
use crate::snap::Instant;
use crate::snap::StoreId;

/// Why three texts open no session.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadSessionRequest {
    /// One of them is no assertion.
    #[error("{source}")]
    Text {
        /// Which: the member of the body.
        which: &'static str,
        /// Why.
        source: InvalidAssertion,
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
pub struct SessionRequest<'t> {
    /// The nonce that the request was made for.
    pub nonce: String,
    /// Which device.
    pub device: DeviceDigest,
    /// The store its model names.
    pub store: Option<StoreId>,
    serial: AssertionText<'t>,
    model: AssertionText<'t>,
}

const REQUEST: &str = "device-session-request";
const SERIAL: &str = "serial-assertion";
const MODEL: &str = "model-assertion";

/// What the three have in common.
const IDENTITY: [&str; 3] = ["brand-id", "model", "serial"];

impl<'t> SessionRequest<'t> {
    /// Reads and ties the three texts.
    ///
    /// # Errors
    /// With the first rule they break.
    pub fn read(
        request: &'t str,
        serial: &'t str,
        model: &'t str,
    ) -> Result<Self, BadSessionRequest> {
        let request = assertion(REQUEST, request, "device-session-request")?;
        let serial = assertion(SERIAL, serial, "serial")?;
        let model = assertion(MODEL, model, "model")?;
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
        let [brand, name, number] = IDENTITY.map(|header| serial.header(header));
        let device = DeviceDigest::new(
            brand.unwrap_or_default(),
            name.unwrap_or_default(),
            number.unwrap_or_default(),
        );
        let store = model.header("store").map(str::parse).transpose().map_err(|_| {
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
        if !key.verifies(request.content.as_bytes(), request.signature) {
            return Err(BadSessionRequest::Signature);
        }
        Ok(Self { nonce, device, store, serial, model })
    }

    /// The keys that signed model and serial, by their digests: who has them can tell whether to believe the two.
    pub fn signers(&self) -> Vec<&str> {
        [&self.model, &self.serial]
            .into_iter()
            .filter_map(|assertion| assertion.header("sign-key-sha3-384"))
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
            .filter_map(|text| AssertionText::parse(text).ok())
            .filter(|key| is_in_force(key, now))
            .collect();
        let is_the_brands = |assertion: &AssertionText<'_>| {
            let brand = assertion.header("brand-id");
            let signed_by = assertion.header("sign-key-sha3-384");
            let signs = |key: &AssertionText<'_>| {
                key.header("public-key-sha3-384") == signed_by
                    && key.header("account-id") == brand
                    && PublicKey::parse(key.body).is_some_and(|key| {
                        key.verifies(assertion.content.as_bytes(), assertion.signature)
                    })
            };
            brand.is_some()
                && signed_by.is_some()
                && assertion.header("authority-id") == brand
                && keys.iter().any(signs)
        };
        is_the_brands(&self.model) && is_the_brands(&self.serial)
    }
}

fn assertion<'t>(
    which: &'static str,
    text: &'t str,
    kind: &str,
) -> Result<AssertionText<'t>, BadSessionRequest> {
    let assertion =
        AssertionText::parse(text).map_err(|source| BadSessionRequest::Text { which, source })?;
    if assertion.header("type") == Some(kind) {
        Ok(assertion)
    } else {
        let rule = "names another type of assertion";
        Err(BadSessionRequest::Header { which, header: "type", rule })
    }
}

fn text<'a>(
    assertion: &'a AssertionText<'_>,
    which: &'static str,
    header: &'static str,
) -> Result<&'a str, BadSessionRequest> {
    let missing = BadSessionRequest::Header { which, header, rule: "is missing" };
    assertion.header(header).ok_or(missing)
}

/// Whether a key may be believed at that instant.
fn is_in_force(key: &AssertionText<'_>, now: Instant) -> bool {
    let at = |header: &str| key.header(header).map(str::parse::<Instant>);
    let has_begun = matches!(at("since"), Some(Ok(since)) if since <= now);
    let has_not_ended = match at("until") {
        None => true,
        Some(until) => until.is_ok_and(|until| now < until),
    };
    key.header("type") == Some("account-key") && has_begun && has_not_ended
}
