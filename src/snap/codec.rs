//! Gives a scalar its JSON and PostgreSQL codecs through `FromStr` and `Display`, so that every way in
//! passes the same check.

/// JSON string and PostgreSQL `text` codecs of a type with `FromStr<Err = Invalid>` and `Display`.
macro_rules! text_codec {
    ($type:ty) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl tokio_postgres::types::ToSql for $type {
            fn to_sql(
                &self,
                sql_type: &tokio_postgres::types::Type,
                out: &mut bytes::BytesMut,
            ) -> Result<
                tokio_postgres::types::IsNull,
                Box<dyn std::error::Error + Sync + Send + 'static>,
            > {
                tokio_postgres::types::ToSql::to_sql(&self.to_string(), sql_type, out)
            }

            fn accepts(sql_type: &tokio_postgres::types::Type) -> bool {
                <String as tokio_postgres::types::ToSql>::accepts(sql_type)
            }

            tokio_postgres::types::to_sql_checked!();
        }

        impl<'a> tokio_postgres::types::FromSql<'a> for $type {
            fn from_sql(
                sql_type: &tokio_postgres::types::Type,
                raw: &'a [u8],
            ) -> Result<Self, Box<dyn std::error::Error + Sync + Send + 'static>> {
                let text = <&str as tokio_postgres::types::FromSql>::from_sql(sql_type, raw)?;
                Ok(text.parse()?)
            }

            fn accepts(sql_type: &tokio_postgres::types::Type) -> bool {
                <&str as tokio_postgres::types::FromSql>::accepts(sql_type)
            }
        }
    };
}
pub(crate) use text_codec;
