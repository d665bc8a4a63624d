//! The path that is asked of the store behind us, written anew from what was understood of the one that came.

use crate::http::asked::Asked;
use crate::http::route::Route;

/// The longest name of a brand.
const MAX_BRAND: usize = 64;

/// The path of a route that is passed on; nothing when what stands in the place of its parameter cannot be one. A
/// query is part of none of them.
pub(super) fn path(asked: &Asked<'_>) -> Option<String> {
    if asked.route != Route::Repair {
        return Some(asked.route.label().to_owned());
    }
    let (brand, number) = asked.parameter.split_once('/')?;
    let is_brand = |text: &str| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        !text.is_empty() && text.len() <= MAX_BRAND && text.bytes().all(plain)
    };
    // A number of a sequence; u32 holds more than anybody repairs.
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let number = Some(number).filter(|text| is_number(text))?.parse::<u32>().ok()?;
    is_brand(brand).then(|| format!("/v2/repairs/{brand}/{number}"))
}
