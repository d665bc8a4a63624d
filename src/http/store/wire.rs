//! The grammar of request bodies: what was sent, bounded, with the place of everything that is wrong.
//!
//! Members may be absent or `null` alike, unknown ones are skipped, a known one twice is refused. Nothing is kept
//! beyond its bound, and nothing that was sent is echoed but by its place.

use crate::http::problem::Problem;
use crate::refresh::Fault;
use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;
use serde::de::Error;
use serde::de::IgnoredAny;
use serde::de::MapAccess;
use serde::de::SeqAccess;
use serde::de::Visitor;
use std::borrow::Cow;
use std::fmt;
use validator::Validate;
use validator::ValidateLength;
use validator::ValidationErrors;
use validator::ValidationErrorsKind;

/// Reads a body.
///
/// # Errors
/// The first thing that is wrong with it, with its place.
pub(super) fn read<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Problem> {
    // One pass over the whole makes checking every string unnecessary.
    let text = std::str::from_utf8(body).map_err(|_| Problem::body("", "not UTF-8"))?;
    serde_json::from_str(text).or_else(|error| {
        if !error.is_data() {
            return Err(Problem::body("", format!("not JSON: {error}")));
        }
        // Only a refusal pays for knowing the place.
        let mut deserializer = serde_json::Deserializer::from_str(text);
        match serde_path_to_error::deserialize::<_, T>(&mut deserializer) {
            Ok(value) => Ok(value),
            Err(error) => {
                let message = without_value(&error.inner().to_string());
                Err(Problem::body(&pointer_of(error.path()), message))
            }
        }
    })
}

/// serde's words for a value of the wrong type without the value, which may be large, and is nobody's business.
fn without_value(message: &str) -> String {
    let expected =
        message.strip_prefix("invalid ").and_then(|rest| rest.rsplit_once(", expected "));
    match expected.map(|(_, expected)| expected) {
        Some(kind) => match kind.strip_prefix("i64").or(kind.strip_prefix("u32")) {
            Some(place) => format!("expected a whole number in range{place}"),
            None => format!("expected {kind}"),
        },
        None => message.to_owned(),
    }
}

/// The place, up to the first name that is longer than any of ours.
fn pointer_of(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter()
        .take_while(|segment| !matches!(segment, Segment::Map { key } if key.len() > MAX_SHORT))
        .map(|segment| match segment {
            Segment::Seq { index } => format!("/{index}"),
            Segment::Map { key } => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
            Segment::Enum { .. } | Segment::Unknown => String::new(),
        })
        .collect()
}

/// What `validator` found, as faults with JSON pointers, in the order of the body's members.
pub(super) fn faults(checked: Result<(), ValidationErrors>) -> Vec<Fault> {
    let mut faults = Vec::new();
    if let Err(errors) = checked {
        collect(&errors, "", &mut faults);
    }
    faults
}

fn collect(errors: &ValidationErrors, place: &str, faults: &mut Vec<Fault>) {
    let mut members: Vec<_> = errors.errors().iter().collect();
    members.sort_by_key(|(member, _)| *member);
    for (member, kind) in members {
        // Rust's names are the wire's but for the dash.
        let pointer = format!("{place}/{}", member.replace('_', "-"));
        match kind {
            ValidationErrorsKind::Struct(inner) => collect(inner, &pointer, faults),
            ValidationErrorsKind::List(items) => {
                for (index, inner) in items {
                    collect(inner, &format!("{pointer}/{index}"), faults);
                }
            }
            ValidationErrorsKind::Field(errors) => {
                faults.extend(
                    errors
                        .iter()
                        .map(|error| Fault { pointer: pointer.clone(), message: rule(error) }),
                );
            }
        }
    }
}

fn rule(error: &validator::ValidationError) -> String {
    let bound = |name: &str| error.params.get(name).map(ToString::to_string);
    match (error.code.as_ref(), bound("min"), bound("max")) {
        ("required", ..) => "is missing".to_owned(),
        ("length", Some(min), Some(max)) => format!("takes {min} to {max} items or bytes"),
        ("length", None, Some(max)) => format!("takes at most {max} items or bytes"),
        ("range", Some(min), Some(max)) => format!("is a whole number from {min} to {max}"),
        (code, ..) => format!("breaks the rule {code}"),
    }
}

/// A text of the body, borrowed from it unless it holds escapes. Its length is told in bytes.
#[derive(Debug, Clone)]
pub(super) struct Text<'a>(Cow<'a, str>);

impl Text<'_> {
    /// The text.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(TextVisitor)
    }
}

impl ValidateLength<u64> for Text<'_> {
    fn length(&self) -> Option<u64> {
        Some(self.0.len() as u64)
    }
}

/// `validator` copies a rejected value into its error through this; nothing is what it gets.
impl Serialize for Text<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}

/// The longest [`ShortText`], in bytes.
pub(super) const MAX_SHORT: usize = 256;

/// A text of at most 256 bytes, for places that no fault can name one by one.
#[derive(Debug, Clone)]
pub(super) struct ShortText<'a>(Text<'a>);

impl ShortText<'_> {
    /// The text.
    pub(super) fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for ShortText<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Text::deserialize(deserializer)?;
        if text.as_str().len() > MAX_SHORT {
            return Err(D::Error::custom("takes at most 256 items or bytes"));
        }
        Ok(Self(text))
    }
}

/// A list of the body: the first `MAX` items, and how many there were. The others are skipped as they come.
#[derive(Debug, Clone)]
pub(super) struct Items<T, const MAX: u64> {
    kept: Vec<T>,
    n: u64,
}

impl<T, const MAX: u64> Items<T, MAX> {
    /// The items.
    pub(super) fn as_slice(&self) -> &[T] {
        &self.kept
    }
}

impl<'de, T: Deserialize<'de>, const MAX: u64> Deserialize<'de> for Items<T, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ItemsVisitor<T, const MAX: u64>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>, const MAX: u64> Visitor<'de> for ItemsVisitor<T, MAX> {
            type Value = Items<T, MAX>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
                let mut kept = Vec::new();
                while (kept.len() as u64) < MAX {
                    match items.next_element()? {
                        Some(item) => kept.push(item),
                        None => return Ok(Items { n: kept.len() as u64, kept }),
                    }
                }
                let mut n = MAX;
                while items.next_element::<IgnoredAny>()?.is_some() {
                    n += 1;
                }
                Ok(Items { kept, n })
            }
        }
        deserializer.deserialize_seq(ItemsVisitor(std::marker::PhantomData))
    }
}

impl<T, const MAX: u64> ValidateLength<u64> for Items<T, MAX> {
    fn length(&self) -> Option<u64> {
        Some(self.n)
    }
}

impl<T: Validate, const MAX: u64> Validate for Items<T, MAX> {
    fn validate(&self) -> Result<(), ValidationErrors> {
        self.kept.validate()
    }
}

/// As for [`Text`].
impl<T, const MAX: u64> Serialize for Items<T, MAX> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}

/// A value nobody reads. Unlike [`IgnoredAny`] it is walked within the parser's limit of 128 levels, so that nesting
/// is refused at the same depth wherever it stands.
pub(super) struct Skipped;

impl<'de> Deserialize<'de> for Skipped {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct SkippedVisitor;
        impl<'de> Visitor<'de> for SkippedVisitor {
            type Value = Skipped;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any value")
            }

            fn visit_bool<E>(self, _: bool) -> Result<Skipped, E> {
                Ok(Skipped)
            }

            fn visit_i64<E>(self, _: i64) -> Result<Skipped, E> {
                Ok(Skipped)
            }

            fn visit_u64<E>(self, _: u64) -> Result<Skipped, E> {
                Ok(Skipped)
            }

            fn visit_f64<E>(self, _: f64) -> Result<Skipped, E> {
                Ok(Skipped)
            }

            fn visit_str<E>(self, _: &str) -> Result<Skipped, E> {
                Ok(Skipped)
            }

            fn visit_unit<E>(self) -> Result<Skipped, E> {
                Ok(Skipped)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Skipped, A::Error> {
                while items.next_element::<Skipped>()?.is_some() {}
                Ok(Skipped)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Skipped, A::Error> {
                while members.next_entry::<Skipped, Skipped>()?.is_some() {}
                Ok(Skipped)
            }
        }
        deserializer.deserialize_any(SkippedVisitor)
    }
}

/// A value that one door takes for a text, and the other does not know.
#[derive(Debug)]
pub(super) enum Loose<'a> {
    /// A text.
    Text(Text<'a>),
    /// Anything else.
    Other,
}

impl Loose<'_> {
    /// The text, if it is one.
    pub(super) fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text.as_str()),
            Self::Other => None,
        }
    }

    /// What is wrong with it, where it is known.
    pub(super) fn fault(&self) -> Option<&'static str> {
        match self {
            Self::Text(text) if text.as_str().len() > MAX_SHORT => {
                Some("takes at most 256 items or bytes")
            }
            Self::Text(_) => None,
            Self::Other => Some("expected a string"),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Loose<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct LooseVisitor;
        impl<'de> Visitor<'de> for LooseVisitor {
            type Value = Loose<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any value")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Loose<'de>, E> {
                Ok(Loose::Text(Text(Cow::Borrowed(text))))
            }

            fn visit_str<E>(self, text: &str) -> Result<Loose<'de>, E> {
                Ok(Loose::Text(Text(Cow::Owned(text.to_owned()))))
            }

            fn visit_bool<E>(self, _: bool) -> Result<Loose<'de>, E> {
                Ok(Loose::Other)
            }

            fn visit_i64<E>(self, _: i64) -> Result<Loose<'de>, E> {
                Ok(Loose::Other)
            }

            fn visit_u64<E>(self, _: u64) -> Result<Loose<'de>, E> {
                Ok(Loose::Other)
            }

            fn visit_f64<E>(self, _: f64) -> Result<Loose<'de>, E> {
                Ok(Loose::Other)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Loose<'de>, A::Error> {
                while items.next_element::<Skipped>()?.is_some() {}
                Ok(Loose::Other)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Loose<'de>, A::Error> {
                while members.next_entry::<Skipped, Skipped>()?.is_some() {}
                Ok(Loose::Other)
            }
        }
        deserializer.deserialize_any(LooseVisitor)
    }
}

/// Declares an object of the body: each member with its name on the wire, all optional; checks are `validator`'s.
macro_rules! wire_object {
    (
        $(#[$meta:meta])*
        pub(super) struct $name:ident<$life:lifetime> {
            $($(#[$member_meta:meta])* $member:ident: $type:ty = $key:literal,)*
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Default)]
        pub(super) struct $name<$life> {
            $($(#[$member_meta])* pub(super) $member: Option<$type>,)*
            pub(super) borrowed: std::marker::PhantomData<&$life ()>,
        }

        impl<'de: $life, $life> serde::Deserialize<'de> for $name<$life> {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct ObjectVisitor;
                impl<'de> serde::de::Visitor<'de> for ObjectVisitor {
                    type Value = $name<'de>;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("an object")
                    }

                    fn visit_map<A: serde::de::MapAccess<'de>>(
                        self,
                        mut members: A,
                    ) -> Result<Self::Value, A::Error> {
                        #[derive(Default)]
                        struct Seen { $($member: bool,)* }
                        let (mut object, mut seen) = ($name::default(), Seen::default());
                        while let Some(key) = members.next_key::<Text<'de>>()? {
                            match key.as_str() {
                                $($key => {
                                    if std::mem::replace(&mut seen.$member, true) {
                                        let text = concat!("the member ", $key, " twice");
                                        return Err(serde::de::Error::custom(text));
                                    }
                                    object.$member = members.next_value()?;
                                })*
                                _ => {
                                    members.next_value::<$crate::http::store::wire::Skipped>()?;
                                }
                            }
                        }
                        Ok(object)
                    }
                }
                deserializer.deserialize_map(ObjectVisitor)
            }
        }
    };
}
pub(super) use wire_object;
