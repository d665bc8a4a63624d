//! Where URLs in answers lead: the absolute address under which the asking client reaches our routes.
//!
//! It is the configured public URL, or what the request itself says. What proxies say of the request they pass on is
//! believed of those alone that are configured.

use crate::http::asked::Asked;
use crate::http::problem::Problem;
use crate::http::site::Site;
use hyper::HeaderMap;
use hyper::Uri;
use hyper::header::HOST;
use std::fmt;
use std::net::IpAddr;
use std::net::Ipv6Addr;
use std::str::FromStr;
use std::sync::OnceLock;

/// The longest host with its port: a name of the DNS has at most 253 bytes, a port five.
const MAX_HOST: usize = 259;
/// The longest public URL; what is put behind it must leave the whole within what clients take for a URL.
const MAX_URL: usize = 512;
/// The most networks of trusted proxies: each is looked at, one by one.
const MAX_NETWORKS: usize = 64;

/// An absolute URL without a slash at its end, to put a path behind: `https://store.example/store`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicBase(String);

impl PublicBase {
    /// The absolute URL of one of our paths, which begins with a slash and is encoded already.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }
}

impl fmt::Display for PublicBase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The base of the addresses of ours in one answer, worked out when the first of them is written: most answers have none.
pub(in crate::http) struct Base<'r> {
    find: &'r (dyn Fn() -> Result<PublicBase, Problem> + Sync),
    found: OnceLock<Result<PublicBase, Problem>>,
}

impl<'r> Base<'r> {
    /// The base that `find` finds, if it is asked to.
    pub(in crate::http) fn new(find: &'r (dyn Fn() -> Result<PublicBase, Problem> + Sync)) -> Self {
        Self { find, found: OnceLock::new() }
    }

    /// What goes before an address; nothing when it cannot be found, and then [`Base::checked`] says why.
    pub(in crate::http) fn text(&self) -> &str {
        self.found.get_or_init(self.find).as_ref().map_or("", |base| &base.0)
    }

    /// # Errors
    /// When an address was written and the request does not say where it was sent.
    pub(in crate::http) fn checked(self) -> Result<(), Problem> {
        self.found.into_inner().map_or(Ok(()), |found| found.map(drop))
    }
}

/// A text that is no address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidAddress(&'static str);

impl FromStr for PublicBase {
    type Err = InvalidAddress;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let rest = rest.ok_or(InvalidAddress("expected an absolute http or https URL"))?;
        if text.len() > MAX_URL {
            return Err(InvalidAddress("expected at most 512 bytes"));
        }
        let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        if !is_host(host) {
            return Err(InvalidAddress("expected a host behind the scheme, and no user"));
        }
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~%".contains(&byte);
        if !path.bytes().all(plain) {
            return Err(InvalidAddress("expected a plain path, and neither query nor fragment"));
        }
        Ok(Self(text.trim_end_matches('/').to_owned()))
    }
}

/// The addresses of the proxies that are believed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<Network>);

/// An address and how many of its first bits count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Network {
    address: IpAddr,
    n_bits: u32,
}

impl Network {
    fn contains(self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let differing = u32::from(own) ^ u32::from(other);
                differing.checked_shr(32 - self.n_bits).unwrap_or(0) == 0
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let differing = u128::from(own) ^ u128::from(other);
                differing.checked_shr(128 - self.n_bits).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = InvalidAddress;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = InvalidAddress("expected IP addresses or networks such as 10.0.0.0/8");
        let (address, n_bits) = text.split_once('/').map_or((text, None), |(a, n)| (a, Some(n)));
        let address = IpAddr::from_str(address).map_err(|_| wrong)?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let n_bits = n_bits.map_or(Ok(width), str::parse).map_err(|_| wrong)?;
        if n_bits > width {
            return Err(wrong);
        }
        Ok(Self { address, n_bits })
    }
}

impl TrustedProxies {
    fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(address))
    }
}

/// Addresses and networks, separated by commas; none for an empty text.
impl FromStr for TrustedProxies {
    type Err = InvalidAddress;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
        let networks = words.map(str::parse).collect::<Result<Vec<_>, _>>()?;
        if networks.len() > MAX_NETWORKS {
            return Err(InvalidAddress("expected at most 64 addresses and networks"));
        }
        Ok(Self(networks))
    }
}

impl Site {
    /// The base of the URLs in the answer to this request.
    ///
    /// # Errors
    /// When there is no public URL and the request does not say, or not well, which host it is for.
    pub(super) fn base(&self, asked: &Asked<'_>) -> Result<PublicBase, Problem> {
        if let Some(configured) = &self.options.public_url {
            return Ok(configured.clone());
        }
        let is_believed = self.options.trusted_proxies.contains(asked.peer);
        let is_behind_prefix = self.public.is_behind_prefix(asked.uri.path());
        let prefix = if is_behind_prefix { self.options.path_prefix.as_str() } else { "" };
        let base = as_asked(asked.uri, asked.headers, is_believed).map(|origin| origin + prefix);
        base.map(PublicBase).map_err(|text| Problem::BadArgument {
            arguments: vec![text.to_owned()],
            faults: Vec::new(),
        })
    }
}

/// Scheme and host as the request, or the proxy that is believed, says.
fn as_asked(uri: &Uri, headers: &HeaderMap, is_believed: bool) -> Result<String, &'static str> {
    let forwarded = |name| if is_believed { last(headers, name) } else { None };
    let scheme = match forwarded("x-forwarded-proto") {
        None => "http",
        Some(said) if said.eq_ignore_ascii_case("http") => "http",
        Some(said) if said.eq_ignore_ascii_case("https") => "https",
        Some(_) => return Err("the header X-Forwarded-Proto is neither http nor https"),
    };
    let (host, wrong) = match (forwarded("x-forwarded-host"), uri.authority()) {
        (Some(host), _) => (host, "the header X-Forwarded-Host is no host"),
        (None, Some(authority)) => (authority.as_str(), "the address of the request is no host"),
        (None, None) => {
            let host = headers.get(HOST).ok_or("the header Host is missing")?;
            (host.to_str().unwrap_or_default(), "the header Host is no host")
        }
    };
    if is_host(host) { Ok(format!("{scheme}://{host}")) } else { Err(wrong) }
}

/// What the nearest proxy wrote itself: the last of all values.
fn last<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let value = headers.get_all(name).iter().next_back()?;
    // What is no text is no host and no scheme either.
    let value = value.to_str().unwrap_or("?");
    value.rsplit(',').next().map(str::trim)
}

/// Whether it is a name or an address, with a port or without.
fn is_host(text: &str) -> bool {
    let is_port =
        |port: &str| port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok();
    if let Some((address, rest)) = text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        let is_port = rest.is_empty() || rest.strip_prefix(':').is_some_and(is_port);
        return address.parse::<Ipv6Addr>().is_ok() && is_port;
    }
    let (name, port) = text.split_once(':').map_or((text, None), |(a, port)| (a, Some(port)));
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    let is_name = !name.is_empty() && name.bytes().all(plain);
    text.len() <= MAX_HOST && is_name && port.is_none_or(is_port)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_url_is_absolute_and_ends_without_a_slash() {
        for (given, base) in [
            ("https://store.example", "https://store.example"),
            ("http://store.example:8080/", "http://store.example:8080"),
            ("https://[::1]:8080/a/store/", "https://[::1]:8080/a/store"),
        ] {
            assert_eq!(given.parse::<PublicBase>().unwrap().to_string(), base);
        }
        let long = format!("https://store.example/{}", "a".repeat(MAX_URL));
        for bad in [
            "",
            "store.example",
            "ftp://store.example",
            "https://",
            "https:///store",
            "https://me@store.example",
            "https://me:secret@store.example",
            "https://store.example?a=b",
            "https://store.example/#a",
            "https://store.example:99999",
            "https://store.example:+1",
            "https://a b",
            "https://[::1",
            "https://[::x]",
            "https://store.example/ä",
            &long,
        ] {
            assert!(bad.parse::<PublicBase>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_proxy_is_believed_by_its_address() {
        let proxies: TrustedProxies = "10.1.0.0/16, 192.0.2.7,2001:db8::/32".parse().unwrap();
        for (address, is_trusted) in [
            ("10.1.255.9", true),
            ("10.2.0.1", false),
            ("192.0.2.7", true),
            ("192.0.2.6", false),
            ("::ffff:192.0.2.7", true),
            ("2001:db8:ffff::1", true),
            ("2001:db9::1", false),
        ] {
            assert_eq!(proxies.contains(address.parse().unwrap()), is_trusted, "{address}");
        }
        let all: TrustedProxies = "0.0.0.0/0,::/0".parse().unwrap();
        assert!(all.contains("9.9.9.9".parse().unwrap()) && all.contains("::1".parse().unwrap()));
        let none: TrustedProxies = "".parse().unwrap();
        assert!(!none.contains("127.0.0.1".parse().unwrap()));
        for bad in ["localhost", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "::/129", "/8"] {
            assert!(bad.parse::<TrustedProxies>().is_err(), "{bad}");
        }
    }

    #[test]
    fn without_a_public_url_the_request_tells() {
        let told = |uri: &str, headers: &[(&'static str, &str)], is_believed| {
            let mut map = HeaderMap::new();
            for (name, value) in headers {
                map.append(*name, value.parse().unwrap());
            }
            as_asked(&uri.parse().unwrap(), &map, is_believed)
        };
        let host = ("host", "store.example:8080");
        let proto = ("x-forwarded-proto", "https");
        let forwarded = ("x-forwarded-host", "evil.example, public.example");
        let is = |told: Result<String, _>, expected: &str| assert_eq!(told.unwrap(), expected);
        is(told("/a", &[host], true), "http://store.example:8080");
        is(told("/a", &[host, proto, forwarded], false), "http://store.example:8080");
        is(told("/a", &[host, proto, forwarded], true), "https://public.example");
        is(told("http://two.example/a", &[], false), "http://two.example");
        for (headers, name) in [
            (&[][..], "Host is missing"),
            (&[("host", "a/b")], "Host"),
            (&[("host", "me@a")], "Host"),
            (&[("host", "")], "Host"),
            (&[host, ("x-forwarded-host", "a b")], "X-Forwarded-Host"),
            (&[host, ("x-forwarded-proto", "gopher")], "X-Forwarded-Proto"),
        ] {
            let wrong = told("/a", headers, true).unwrap_err();
            assert!(wrong.contains(name), "{wrong}");
        }
    }
}
