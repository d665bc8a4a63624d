//! The number the store gives to an upload.

use crate::snap::Invalid;
use std::error::Error;
use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;
use tokio_postgres::types::FromSql;
use tokio_postgres::types::IsNull;
use tokio_postgres::types::ToSql;
use tokio_postgres::types::Type;
use tokio_postgres::types::to_sql_checked;

/// A revision: 1 to 2,147,483,647. The upper bound is that of PostgreSQL's `integer` and of snapd's own type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Revision(NonZeroU32);

impl Revision {
    /// The revision of that number, if there can be one.
    ///
    /// # Errors
    /// When the number is below 1 or above 2,147,483,647.
    pub fn new(number: i64) -> Result<Self, Invalid> {
        i32::try_from(number)
            .ok()
            .and_then(|number| u32::try_from(number).ok())
            .and_then(NonZeroU32::new)
            .map(Self)
            .ok_or(Invalid::new("revision", "a whole number from 1 to 2147483647"))
    }

    /// The number.
    pub fn number(self) -> u32 {
        self.0.get()
    }
}

impl FromStr for Revision {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::new(text.parse().unwrap_or(0))
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl ToSql for Revision {
    fn to_sql(
        &self,
        sql_type: &Type,
        out: &mut bytes::BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        i32::try_from(self.number())?.to_sql(sql_type, out)
    }

    fn accepts(sql_type: &Type) -> bool {
        <i32 as ToSql>::accepts(sql_type)
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for Revision {
    fn from_sql(sql_type: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self::new(i64::from(i32::from_sql(sql_type, raw)?))?)
    }

    fn accepts(sql_type: &Type) -> bool {
        <i32 as FromSql>::accepts(sql_type)
    }
}
