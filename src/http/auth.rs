//! Who an editor is, by the token they show.

use crate::editorial::Editor;
use crate::editorial::Role;
use hyper::HeaderMap;
use hyper::header::AUTHORIZATION;
use sha2::Digest;
use sha2::Sha256;
use std::fmt;
use subtle::Choice;
use subtle::ConditionallySelectable;
use subtle::ConstantTimeEq;

/// The longest name of a token, in bytes.
const MAX_NAME: usize = 64;

/// The tokens that are known, by their digests alone: who reads the configuration can use none of them.
#[derive(Clone, Default)]
pub struct Tokens(Vec<Token>);

#[derive(Clone)]
struct Token {
    editor: Editor,
    /// SHA-256. A token holds more randomness than can be tried, so its digest needs neither salt nor cost.
    digest: [u8; 32],
}

/// Why a list of tokens cannot be used. It names an entry, and never shows what follows the name.
#[derive(Debug, thiserror::Error)]
#[error("the token of {entry}: {rule}")]
pub struct InvalidTokens {
    entry: String,
    rule: &'static str,
}

impl Tokens {
    /// Reads `name:role:digest` entries, separated by commas; each digest is the SHA-256 of a token in hexadecimal.
    /// A name may come twice, while one token takes the place of another.
    ///
    /// # Errors
    /// With the name of the entry that is wrong.
    pub fn parse(text: &str) -> Result<Self, InvalidTokens> {
        let mut tokens: Vec<Token> = Vec::new();
        let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        for (place, entry) in entries.enumerate() {
            let token = Token::parse(entry, place)?;
            if tokens.iter().any(|other| other.digest == token.digest) {
                return Err(InvalidTokens {
                    entry: token.editor.name,
                    rule: "another entry has the same",
                });
            }
            tokens.push(token);
        }
        Ok(Self(tokens))
    }

    /// The entry that makes a token known.
    ///
    /// # Errors
    /// When the name is none.
    pub fn entry(name: &str, role: Role, token: &str) -> Result<String, InvalidTokens> {
        if !is_name(name) {
            return Err(InvalidTokens { entry: "that name".to_owned(), rule: NAME_RULE });
        }
        let digest = digest(token).map(|byte| format!("{byte:02x}")).concat();
        Ok(format!("{name}:{role}:{digest}"))
    }

    /// The editor whose token the request shows, if it shows one. How long that takes says nothing of the tokens that
    /// are known: all of them are compared, and each to its end.
    pub(super) fn editor(&self, headers: &HeaderMap) -> Option<&Editor> {
        self.find(&digest(shown(headers)?)).map(|token| &token.editor)
    }

    fn find(&self, digest: &[u8; 32]) -> Option<&Token> {
        let mut found = u64::MAX;
        for (place, token) in (0_u64..).zip(&self.0) {
            let is_it: Choice = token.digest.ct_eq(digest);
            found.conditional_assign(&place, is_it);
        }
        usize::try_from(found).ok().and_then(|place| self.0.get(place))
    }
}

/// Shows names and roles only.
impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|token| &token.editor)).finish()
    }
}

const NAME_RULE: &str = "a name is 1 to 64 letters, digits, dots, dashes or underscores";

/// The name is shown in the audit, and beside what was featured to everybody: an e-mail address is none.
fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    (1..=MAX_NAME).contains(&name.len()) && name.bytes().all(plain)
}

impl Token {
    fn parse(entry: &str, place: usize) -> Result<Self, InvalidTokens> {
        // What is no name may be part of a secret.
        let nameless = |rule| InvalidTokens { entry: format!("entry {}", place + 1), rule };
        let (name, rest) = entry.split_once(':').ok_or(nameless("expected name:role:digest"))?;
        if !is_name(name) {
            return Err(nameless(NAME_RULE));
        }
        let no = |rule| InvalidTokens { entry: name.to_owned(), rule };
        let (role, hex) = rest.split_once(':').ok_or(no("expected name:role:digest"))?;
        let role = role.parse().map_err(|_| no("the role is member or admin"))?;
        let digest = unhex(hex).ok_or(no("the digest is 64 hexadecimal digits"))?;
        Ok(Self { editor: Editor { name: name.to_owned(), role }, digest })
    }
}

fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

fn unhex(hex: &str) -> Option<[u8; 32]> {
    let digits: Option<Vec<u8>> = hex
        .chars()
        .map(|digit| digit.to_digit(16).and_then(|value| u8::try_from(value).ok()))
        .collect();
    let digits = digits.filter(|digits| digits.len() == 64)?;
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = pair[0] << 4 | pair[1];
    }
    Some(bytes)
}

/// The token behind the word `Bearer`; nothing when there are two headers, or another scheme.
fn shown(headers: &HeaderMap) -> Option<&str> {
    let mut sent = headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (sent.next(), sent.next()) else { return None };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(entries: &[(&str, Role, &str)]) -> String {
        let entries = entries.iter().map(|(name, role, token)| Tokens::entry(name, *role, token));
        entries.collect::<Result<Vec<_>, _>>().unwrap().join(",")
    }

    fn with(values: &[&str]) -> HeaderMap {
        values.iter().map(|value| (AUTHORIZATION, value.parse().unwrap())).collect()
    }

    #[test]
    fn a_token_is_known_by_its_digest_wherever_it_stands() {
        let text = tokens(&[
            ("ann", Role::Member, "first"),
            ("bob", Role::Admin, "second"),
            ("ann", Role::Member, "third"),
        ]);
        let known = Tokens::parse(&text).unwrap();
        let who = |value: &str| known.editor(&with(&[value])).map(|editor| editor.name.clone());
        assert_eq!(who("Bearer first").as_deref(), Some("ann"));
        assert_eq!(who("bearer  second").as_deref(), Some("bob"));
        assert_eq!(who("BEARER third").as_deref(), Some("ann"));
        for bad in ["", "Bearer", "Bearer ", "first", "Basic first", "Bearer firs", "Bearer First"]
        {
            assert_eq!(who(bad), None, "{bad}");
        }
        assert!(known.editor(&with(&["Bearer first", "Bearer first"])).is_none());
        assert!(known.editor(&HeaderMap::new()).is_none());
        assert!(Tokens::default().editor(&with(&["Bearer first"])).is_none());
    }

    /// Every place of the list and every place of a digest counts: a comparison that ends early, or looks at a part,
    /// would take one of these for another.
    #[test]
    fn tokens_are_compared_to_the_end_of_each_and_of_the_list() {
        let near = |place: usize, n: usize| {
            let mut digest = [0_u8; 32];
            digest[place] = 1;
            let editor = Editor { name: format!("at-{n}"), role: Role::Member };
            Token { editor, digest }
        };
        let known = Tokens((0..32).map(|place| near(place, place)).collect());
        for place in 0..32 {
            let mut digest = [0; 32];
            digest[place] = 1;
            let found = known.find(&digest).map(|token| token.editor.name.clone());
            assert_eq!(found, Some(format!("at-{place}")));
            digest[(place + 1) % 32] = 1;
            assert!(known.find(&digest).is_none(), "two places differ: {place}");
        }
        assert!(known.find(&[0; 32]).is_none());
    }

    #[test]
    fn a_bad_entry_is_told_by_its_name_and_nothing_else() {
        let good = tokens(&[("ann", Role::Member, "first")]);
        let digest = good.rsplit(':').next().unwrap();
        assert!(Tokens::parse("").is_ok_and(|tokens| tokens.0.is_empty()));
        assert!(Tokens::parse(&format!(" {good} , ")).is_ok_and(|tokens| tokens.0.len() == 1));
        for (bad, expected) in [
            (format!("bob:owner:{digest}"), "the token of bob: the role"),
            (format!("bob:admin:{digest}0"), "the token of bob: the digest"),
            ("bob:admin:s3cret".to_owned(), "the token of bob: the digest"),
            ("bob:s3cret".to_owned(), "the token of bob: expected"),
            ("s3cret".to_owned(), "the token of entry 1: expected"),
            (format!("s3cret@x.org:admin:{digest}"), "the token of entry 1: a name"),
            (format!("{good},bob:admin:{digest}"), "the token of bob: another"),
        ] {
            let said = Tokens::parse(&bad).unwrap_err().to_string();
            assert!(said.starts_with(expected) && !said.contains("s3cret"), "{said}");
            assert!(!said.contains(digest), "{said}");
        }
        let shown = format!("{:?}", Tokens::parse(&good).unwrap());
        assert!(shown.contains("ann") && !shown.contains(digest), "{shown}");
    }
}
