//! The assertions of the type `account-key` in the table `assertion`: whose signatures are believed.

use crate::db::DbError;
use deadpool_postgres::GenericClient;

/// The newest assertion of each of these keys, named by their digests; those that are not there are left out.
///
/// # Errors
/// When the database fails.
pub async fn load(client: &impl GenericClient, digests: &[&str]) -> Result<Vec<String>, DbError> {
    let failed = "load the keys of accounts";
    let sql = "SELECT newest.text
               FROM (SELECT DISTINCT digest FROM unnest($1::text[]) AS asked (digest)) AS asked
               CROSS JOIN LATERAL (
                   SELECT text FROM assertion
                   WHERE type = 'account-key' AND key = ARRAY[asked.digest]
                   ORDER BY revision DESC, format DESC
                   LIMIT 1
               ) AS newest";
    let rows = client.query(sql, &[&digests]).await.map_err(DbError::of(failed))?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let text: Vec<u8> = row.try_get(0).map_err(DbError::of(failed))?;
        // An assertion is UTF-8; one that is not is none.
        found.extend(String::from_utf8(text).ok());
    }
    Ok(found)
}
