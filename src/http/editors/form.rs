//! Fields of a form, as browsers send them.

use crate::http::asked::Asked;
use crate::http::route::decode;
use hyper::header::CONTENT_TYPE;

/// The body is said to be something else than a form.
#[derive(Debug)]
pub(super) struct NotAForm;

/// The first field of that name; nothing when the form has none. A body of which nothing is said has none either.
pub(super) fn field(asked: &Asked<'_>, name: &str) -> Result<Option<String>, NotAForm> {
    let Some(kind) = asked.headers.get(CONTENT_TYPE) else { return Ok(None) };
    let kind = kind.to_str().map_err(|_| NotAForm)?;
    let (kind, parameters) = kind.split_once(';').unwrap_or((kind, ""));
    match kind.trim().to_ascii_lowercase().as_str() {
        "application/x-www-form-urlencoded" => Ok(urlencoded(asked.body, name)),
        "multipart/form-data" => {
            let boundary = boundary(parameters);
            Ok(boundary.and_then(|boundary| multipart(asked.body, &boundary, name)))
        }
        _ => Err(NotAForm),
    }
}

fn urlencoded(body: &[u8], name: &str) -> Option<String> {
    let body = std::str::from_utf8(body).ok()?.replace('+', " ");
    let pairs = body.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let mut named = pairs.filter(|(known, _)| decode(known) == name);
    named.next().map(|(_, value)| decode(value).into_owned())
}

/// What stands between the parts (RFC 2046, 5.1.1): 1 to 70 characters.
fn boundary(parameters: &str) -> Option<String> {
    let pairs = parameters.split(';').filter_map(|parameter| parameter.split_once('='));
    let mut named = pairs.filter(|(name, _)| name.trim().eq_ignore_ascii_case("boundary"));
    let boundary = named.next()?.1.trim().trim_matches('"');
    (1..=70).contains(&boundary.len()).then(|| boundary.to_owned())
}

fn multipart(body: &[u8], boundary: &str, name: &str) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    let between = format!("--{boundary}");
    // Before the first boundary stands nothing of ours, and a part ends where a line begins with the next.
    let mut parts = text.split(between.as_str()).skip(1).take_while(|part| !part.starts_with("--"));
    parts.find_map(|part| {
        let (head, content) = part.strip_prefix("\r\n")?.split_once("\r\n\r\n")?;
        let is_it = head.split("\r\n").any(|header| names(header, name));
        is_it.then(|| content.strip_suffix("\r\n").unwrap_or(content).to_owned())
    })
}

/// Whether a header of a part says that it is the field of that name.
fn names(header: &str, name: &str) -> bool {
    let Some((header, value)) = header.split_once(':') else { return false };
    let mut words = value.split(';').map(str::trim);
    header.trim().eq_ignore_ascii_case("content-disposition")
        && words.next().is_some_and(|kind| kind.eq_ignore_ascii_case("form-data"))
        && words.any(|word| {
            word.split_once('=').is_some_and(|(key, value)| {
                key.trim().eq_ignore_ascii_case("name") && value.trim().trim_matches('"') == name
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_found_in_both_kinds_of_form() {
        assert_eq!(urlencoded(b"a=1&snaps=x%2Cy+z&snaps=2", "snaps").as_deref(), Some("x,y z"));
        assert_eq!(urlencoded(b"snap=1", "snaps"), None);
        assert_eq!(boundary(" charset=x; Boundary=\"b-1\"").as_deref(), Some("b-1"));
        assert_eq!(boundary(" boundary=\"\""), None);
        let body = concat!(
            "before\r\n--b\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\n1\r\n",
            "--b\r\ncontent-type: text/plain\r\nContent-Disposition: form-data; name=\"snaps\"",
            "\r\n\r\nx,y\r\n--b--\r\nafter",
        );
        assert_eq!(multipart(body.as_bytes(), "b", "snaps").as_deref(), Some("x,y"));
        assert_eq!(multipart(body.as_bytes(), "b", "snap"), None);
        for bad in ["", "--b", "--b--", "--b\r\n\r\n", "--b\r\nname=snaps\r\n\r\nx"] {
            assert_eq!(multipart(bad.as_bytes(), "b", "snaps"), None, "{bad}");
        }
    }
}
