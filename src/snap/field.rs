//! The members a caller may ask for inside a snap object.

/// Declares the fields, in the order answers write them.
macro_rules! fields {
    ($($field:ident $name:literal,)*) => {
        /// A member of the snap object of an answer (contract 2.4). `Ord` is the order answers write them in:
        /// those of the snap first, then those of the revision.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Field {
            $(#[doc = concat!("`", $name, "`")] $field,)*
        }

        impl Field {
            /// Every field.
            pub const ALL: &'static [Self] = &[$(Self::$field,)*];

            /// The field's name on the wire.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$field => $name,)*
                }
            }

            /// The field of that name, if it is one.
            pub fn of_name(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$field),)*
                    _ => None,
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
    CreatedAt "created-at",
    Download "download",
    Epoch "epoch",
    Integrity "integrity",
    Resources "resources",
    Revision "revision",
    SnapYaml "snap-yaml",
    Type "type",
    Version "version",
}

impl Field {
    /// How many of the fields are the snap's own; the others are its revisions'.
    pub const N_OF_SNAP: usize = Self::Architectures as usize;
}

/// A set of fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Fields(u32);

impl Fields {
    /// No field.
    pub const NONE: Self = Self(0);

    /// Every field: what is answered when nothing is said (contract 2.4).
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

    /// Whether the field is in it.
    pub fn contains(self, field: Field) -> bool {
        self.0 & 1 << field as u32 != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_its_field_again() {
        assert_eq!(Field::ALL.len(), 28);
        for &field in Field::ALL {
            assert_eq!(Field::of_name(field.as_str()), Some(field));
            assert!(Fields::ALL.contains(field) && !Fields::NONE.contains(field));
        }
        assert_eq!(Field::of_name("channel"), None);
        assert_eq!(Field::N_OF_SNAP, 15);
    }
}
