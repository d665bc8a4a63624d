//! Credentials as they are sent: `Macaroon root="…", discharge="…"`.

/// The longest value that is looked at: a root and a discharge of the largest size we make, and some of others'.
const MAX_VALUE: usize = 16 * 1_024;
/// The most macaroons in it; snapd sends a root and one discharge for each service it logged in to.
const MAX_MACAROONS: usize = 8;

/// The macaroons of one header.
#[derive(Clone, PartialEq, Eq)]
pub struct Presented<'h> {
    /// The first.
    pub root: &'h str,
    /// What was got for it elsewhere.
    pub discharges: Vec<&'h str>,
}

impl<'h> Presented<'h> {
    /// Takes the value of a header apart; nothing when it says something else, or too much.
    pub fn parse(value: &'h str) -> Option<Self> {
        let value = Some(value.trim()).filter(|value| value.len() <= MAX_VALUE)?;
        let (scheme, rest) = value.split_once(' ')?;
        let rest = scheme.eq_ignore_ascii_case("macaroon").then_some(rest)?;
        let (mut root, mut discharges) = (None, Vec::new());
        for (place, part) in rest.split(',').enumerate() {
            let (name, value) = part.trim().split_once('=')?;
            let value = value.strip_prefix('"')?.strip_suffix('"')?;
            match name {
                _ if place >= MAX_MACAROONS => return None,
                "root" if root.is_none() => root = Some(value),
                "discharge" => discharges.push(value),
                _ => return None,
            }
        }
        Some(Self { root: root?, discharges })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> Option<(&str, Vec<&str>)> {
        Presented::parse(value).map(|presented| (presented.root, presented.discharges))
    }

    #[test]
    fn a_header_is_a_root_and_its_discharges() {
        assert_eq!(read(r#"Macaroon root="a""#), Some(("a", vec![])));
        assert_eq!(read(r#"macaroon  root="a",discharge="b" "#), Some(("a", vec!["b"])));
        let two = r#"Macaroon root="a", discharge="b", discharge="c""#;
        assert_eq!(read(two), Some(("a", vec!["b", "c"])));
    }

    #[test]
    fn anything_else_is_none() {
        for bad in [
            "",
            "Macaroon",
            "Macaroon root",
            "Macaroon root=a",
            r#"Macaroon root="a"#,
            r#"Bearer root="a""#,
            r#"Macaroon discharge="b""#,
            r#"Macaroon root="a", root="b""#,
            r#"Macaroon root="a", colour="b""#,
            r#"Macaroon root="a",, discharge="b""#,
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
        let many = format!("Macaroon root=\"a\"{}", ", discharge=\"b\"".repeat(MAX_MACAROONS));
        assert_eq!(read(&many), None);
        assert_eq!(read(&format!("Macaroon root=\"{}\"", "a".repeat(MAX_VALUE))), None);
    }
}
