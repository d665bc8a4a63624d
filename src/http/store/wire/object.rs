//! Objects of a body.

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
                /// The name of a member, read as which one it is.
                #[allow(non_camel_case_types, reason = "named like the members")]
                #[derive(Clone, Copy)]
                enum Key {
                    $($member,)*
                    unknown,
                }

                impl<'de> serde::Deserialize<'de> for Key {
                    fn deserialize<D: serde::Deserializer<'de>>(name: D) -> Result<Self, D::Error> {
                        name.deserialize_str(KeyVisitor)
                    }
                }

                struct KeyVisitor;
                impl serde::de::Visitor<'_> for KeyVisitor {
                    type Value = Key;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("the name of a member")
                    }

                    fn visit_str<E>(self, name: &str) -> Result<Key, E> {
                        Ok(match name {
                            $($key => Key::$member,)*
                            _ => Key::unknown,
                        })
                    }
                }

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
                        let (mut object, mut seen) = ($name::default(), 0_u32);
                        while let Some(which) = members.next_key::<Key>()? {
                            let is_again = seen & 1 << which as u32 != 0;
                            seen |= 1 << which as u32;
                            match which {
                                $(Key::$member if is_again => {
                                    let text = concat!("the member ", $key, " twice");
                                    return Err(serde::de::Error::custom(text));
                                }
                                Key::$member => object.$member = members.next_value()?,)*
                                Key::unknown => {
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

        impl<$life> $crate::http::store::wire::Plain<$life> for $name<$life> {
            fn plain(body: &mut $crate::http::store::wire::Body<$life>) -> Option<Self> {
                let mut object = $name::default();
                Self::plain_into(body, &mut object)?;
                Some(object)
            }

            fn plain_into(
                body: &mut $crate::http::store::wire::Body<$life>,
                object: &mut Self,
            ) -> Option<()> {
                if body.is_empty_object()? {
                    return Some(());
                }
                loop {
                    // Clients write the members in one order, which is the one they are declared in.
                    $(if body.pass(concat!("\"", $key, "\":").as_bytes()) {
                        body.member($key, &mut object.$member)?;
                        if body.is_last_member()? {
                            return Some(());
                        }
                    })*
                    match body.name()? {
                        $($key => body.member($key, &mut object.$member)?,)*
                        name => return body.unknown_member(name),
                    }
                    if body.is_last_member()? {
                        return Some(());
                    }
                }
            }
        }
    };
}
pub(in crate::http::store) use wire_object;
