//! The members a caller may ask for inside a snap object.

use std::ops::Range;

/// Declares the fields, in the order answers write them.
macro_rules! fields {
    ($($field:ident $name:literal,)*) => {
        /// A member of the snap object of an answer (contract 2.4). `Ord` is the order answers write them in:
        /// those of the snap first, then those that revisions of a snap mostly share, then those of each revision.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Field {
            $(#[doc = concat!("`", $name, "`")] $field,)*
            /// `rankings`: where the snap is ranked. Ours, not the store's: only who names it gets it (contract 2.7).
            Rankings,
        }

        impl Field {
            /// Every field of the store's protocol. [`Field::Rankings`] is none of them.
            pub const ALL: &'static [Self] = &[$(Self::$field,)*];

            /// The field's name on the wire.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$field => $name,)*
                    Self::Rankings => "rankings",
                }
            }
        }
    };
}

fields! {
    Categories "categories",
    Contact "contact",
    Description "description",
    License "license",
    Links "links",
    Media "media",
    Name "name",
    Prices "prices",
    Private "private",
    Publisher "publisher",
    SnapId "snap-id",
    StoreUrl "store-url",
    Summary "summary",
    Title "title",
    Website "website",
    Architectures "architectures",
    Base "base",
    CommonIds "common-ids",
    Confinement "confinement",
    Epoch "epoch",
    Integrity "integrity",
    Type "type",
    Resources "resources",
    CreatedAt "created-at",
    Download "download",
    Revision "revision",
    SnapYaml "snap-yaml",
    Version "version",
}

/// Places for the names, twice as many as there are and some.
const PLACES: usize = 64;

/// Where a name stands if it is one of a field. The factors were tried until no two names met.
const fn place(name: &[u8]) -> usize {
    let (first, last) = (name[0] as usize, name[name.len() - 1] as usize);
    let middle = name[name.len() / 2] as usize;
    (first + 30 * middle + last + 32 * name.len()) % PLACES
}

const BY_PLACE: [Option<Field>; PLACES] = {
    let mut by_place = [None; PLACES];
    let mut number = 0;
    while number <= Field::ALL.len() {
        let field = if number < Field::ALL.len() { Field::ALL[number] } else { Field::Rankings };
        let place = place(field.as_str().as_bytes());
        assert!(by_place[place].is_none(), "two names meet: try other factors");
        by_place[place] = Some(field);
        number += 1;
    }
    by_place
};

impl Field {
    /// The field of that name, if it is one. Every request names some 27 of them: one look and one comparison each.
    pub fn of_name(name: &str) -> Option<Self> {
        let bytes = name.as_bytes();
        let field = if bytes.is_empty() { None } else { BY_PLACE[place(bytes)] };
        field.filter(|field| field.as_str() == name)
    }

    /// How many of the fields are the snap's own; the others are its revisions'.
    pub const N_OF_SNAP: usize = Self::Architectures as usize;

    /// How many fields, after those of the snap, are mostly the same for all its revisions.
    pub const N_OF_BUILD: usize = Self::CreatedAt as usize - Self::N_OF_SNAP;
}

/// A set of fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Fields(u32);

impl Fields {
    /// No field.
    pub const NONE: Self = Self(0);

    /// Every field of the store's protocol: what is answered when nothing is said (contract 2.4).
    pub const ALL: Self = Self((1 << Field::ALL.len()) - 1);

    /// What the info endpoint answers when nothing is said (contract 2.4).
    pub const INFO: Self = Self::of(&[
        Field::CreatedAt,
        Field::Download,
        Field::License,
        Field::Name,
        Field::Prices,
        Field::Publisher,
        Field::Revision,
        Field::SnapId,
        Field::StoreUrl,
        Field::Summary,
        Field::Title,
        Field::Type,
        Field::Version,
    ]);

    /// The set of these fields.
    pub const fn of(fields: &[Field]) -> Self {
        let (mut set, mut index) = (0, 0);
        while index < fields.len() {
            set |= 1 << fields[index] as u32;
            index += 1;
        }
        Self(set)
    }

    /// Adds a field.
    pub fn insert(&mut self, field: Field) {
        self.0 |= 1 << field as u32;
    }

    /// Adds some fields.
    pub fn insert_all(&mut self, fields: impl IntoIterator<Item = Field>) {
        for field in fields {
            self.insert(field);
        }
    }

    /// The runs of neighbours among those of its fields whose numbers are in that range, as places in the range.
    pub fn runs(self, numbers: Range<usize>) -> impl Iterator<Item = Range<usize>> {
        let mut rest = u64::from(self.0) & ((1 << numbers.end) - 1);
        rest >>= numbers.start;
        std::iter::from_fn(move || {
            let first = rest.trailing_zeros();
            let behind = (first < u64::BITS).then(|| first + (rest >> first).trailing_ones())?;
            rest &= u64::MAX << behind;
            Some(first as usize..behind as usize)
        })
    }

    /// Whether the field is in it.
    pub fn contains(self, field: Field) -> bool {
        self.0 & 1 << field as u32 != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_name_is_its_field_again() {
        assert_eq!(Field::ALL.len(), 28);
        for &field in Field::ALL {
            assert_eq!(Field::of_name(field.as_str()), Some(field));
            assert!(Fields::ALL.contains(field) && !Fields::NONE.contains(field));
        }
        assert_eq!(Field::of_name("channel"), None);
        assert_eq!(Field::of_name("rankings"), Some(Field::Rankings));
        for unasked in [Fields::ALL, Fields::INFO, Fields::NONE] {
            assert!(!unasked.contains(Field::Rankings));
        }
        assert!(Fields::of(&[Field::Rankings]).contains(Field::Rankings));
        assert_eq!((Field::N_OF_SNAP, Field::N_OF_BUILD), (15, 8));
    }

    proptest! {
        #[test]
        fn runs_are_the_fields_of_the_range(set in any::<u32>(), start in 0..29_usize, length in 0..29_usize) {
            let (fields, end) = (Fields(set & ((1 << 29) - 1)), (start + length).min(29));
            let is_in = |number: usize| fields.0 & 1 << number != 0;
            let runs: Vec<_> = fields.runs(start..end).collect();
            let places: Vec<usize> = runs.iter().cloned().flatten().collect();
            let expected: Vec<usize> = (start..end).filter(|n| is_in(*n)).map(|n| n - start).collect();
            prop_assert_eq!(places, expected);
            // Two that touch would be one.
            prop_assert!(runs.windows(2).all(|two| two[0].end < two[1].start));
            prop_assert!(runs.iter().all(|run| !run.is_empty()));
        }
    }
}
