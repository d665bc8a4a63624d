//! What assertions say of a file: of which snap it is, with which number, and who publishes it.

use crate::assertion::Assertion;
use crate::blobs::Digested;
use crate::push::refusal::PushRefusal;
use crate::snap::Invalid;
use crate::snap::Label;
use crate::snap::Publisher;
use crate::snap::Revision;
use crate::snap::Sha3;
use crate::snap::SnapId;
use crate::snap::SnapName;
use crate::snap::Validation;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use std::str::FromStr;

/// What the assertions say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Claims {
    pub(super) id: SnapId,
    pub(super) revision: Revision,
    /// Who publishes the snap, and what the account is called if that is said.
    pub(super) publisher: Option<(Label, Option<Publisher>)>,
}

fn no(why: impl Into<String>) -> PushRefusal {
    PushRefusal::Contradiction(why.into())
}

/// What they say of this file; `None` when there are no assertions. What else they are about is passed over.
pub(super) fn claims(
    assertions: &[Assertion],
    file: Digested,
    name: SnapName,
) -> Result<Option<Claims>, PushRefusal> {
    if assertions.is_empty() {
        return Ok(None);
    }
    let revisions = of_type(assertions, "snap-revision");
    let mut of_file = revisions.filter(|revision| {
        digest(revision.headers().text("snap-sha3-384").unwrap_or_default()) == Some(file.sha3_384)
    });
    let revision = of_file.next().ok_or_else(|| no("no snap-revision has its digest"))?;
    if revision.headers().text("snap-size") != Some(file.size.bytes().to_string().as_str()) {
        return Err(no("the snap-revision tells another size"));
    }
    let id: SnapId = header(revision, "snap-id")?;
    let number: Revision = header(revision, "snap-revision")?;
    let mut declarations = of_type(assertions, "snap-declaration");
    let declaration = declarations.find(|said| said.headers().text("snap-id") == Some(id.as_str()));
    let publisher = match declaration {
        None => None,
        Some(declaration) => {
            let declared = declaration.headers().text("snap-name").unwrap_or_default();
            if !declared.is_empty() && declared != name.as_str() {
                return Err(no(format!("the snap-declaration is of {declared}, not of {name}")));
            }
            let id: Label = header(declaration, "publisher-id")?;
            let account = of_type(assertions, "account")
                .find(|said| said.headers().text("account-id") == Some(id.as_str()));
            let account = account.map(|account| publisher(account, &id)).transpose()?;
            Some((id, account))
        }
    };
    Ok(Some(Claims { id, revision: number, publisher }))
}

fn of_type<'a>(
    assertions: &'a [Assertion],
    name: &'static str,
) -> impl Iterator<Item = &'a Assertion> {
    assertions.iter().filter(move |said| said.identity().key.kind().name() == name)
}

fn header<T: FromStr<Err = Invalid>>(said: &Assertion, name: &str) -> Result<T, PushRefusal> {
    let text = said.headers().text(name).unwrap_or_default();
    text.parse().map_err(|why| invalid_claim(name, why))
}

fn invalid_claim(name: &str, why: Invalid) -> PushRefusal {
    PushRefusal::Claim(format!("{name}: {why}"))
}

fn publisher(account: &Assertion, id: &Label) -> Result<Publisher, PushRefusal> {
    // Accounts without a name of their own go by their id.
    let named = account.headers().text("username").filter(|name| !name.is_empty());
    let username: Label = match named {
        Some(name) => name.parse().map_err(|why| invalid_claim("username", why))?,
        None => id.clone(),
    };
    let validation = account.headers().text("validation").unwrap_or_default();
    Ok(Publisher {
        id: id.clone(),
        username,
        display_name: header(account, "display-name")?,
        validation: validation.parse().unwrap_or(Validation::Unproven),
    })
}

/// A digest as assertions write it.
fn digest(text: &str) -> Option<Sha3> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
    bytes.try_into().ok().map(Sha3::new)
}
