//! Notices of the database, on a connection of their own.

use crate::db::DbError;
use std::future::Future;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Context;
use std::task::Poll;
use tokio_postgres::AsyncMessage;
use tokio_postgres::Client;
use tokio_postgres::Connection;
use tokio_postgres::Socket;
use tokio_postgres::tls::NoTlsStream;

/// Hears the notices of one channel for as long as it is kept. Notices of before are not heard: read what they would
/// have announced after beginning to listen.
pub struct Listener {
    /// Keeps the connection open; nothing more is said on it.
    _client: Client,
    connection: Connection<Socket, NoTlsStream>,
    /// What came and was not taken yet, such as a notice while we were still being told that we listen.
    heard: Vec<String>,
}

impl Listener {
    pub(super) async fn start(
        client: Client,
        mut connection: Connection<Socket, NoTlsStream>,
        channel: &str,
    ) -> Result<Self, DbError> {
        let doing = "listen to the database";
        let mut heard = Vec::new();
        {
            let quoted = channel.replace('"', "\"\"");
            let statement = format!("LISTEN \"{quoted}\"");
            let mut listening = pin!(client.batch_execute(&statement));
            // The request moves only while the connection does.
            poll_fn(|context| {
                if let Poll::Ready(lost) = poll_notices(&mut connection, &mut heard, context) {
                    return Poll::Ready(Err(lost));
                }
                listening.as_mut().poll(context).map_err(DbError::of(doing))
            })
            .await?;
        }
        Ok(Self { _client: client, connection, heard })
    }

    /// Waits for a notice; several that wait are one. May be dropped and called again without losing any.
    ///
    /// # Errors
    /// When the connection is lost. It does not come back: make a new listener.
    pub async fn next(&mut self) -> Result<(), DbError> {
        self.notices().await.map(drop)
    }

    /// Waits for notices and gives what each of them carries, in their order. May be dropped and called again
    /// without losing any.
    ///
    /// # Errors
    /// When the connection is lost. It does not come back: make a new listener.
    pub async fn notices(&mut self) -> Result<Vec<String>, DbError> {
        poll_fn(|context| {
            let lost = poll_notices(&mut self.connection, &mut self.heard, context);
            if !self.heard.is_empty() {
                return Poll::Ready(Ok(std::mem::take(&mut self.heard)));
            }
            lost.map(Err)
        })
        .await
    }
}

/// Takes every notice that is there; ready only when the connection is lost.
fn poll_notices(
    connection: &mut Connection<Socket, NoTlsStream>,
    heard: &mut Vec<String>,
    context: &mut Context<'_>,
) -> Poll<DbError> {
    let doing = "hear the notices of the database";
    loop {
        match connection.poll_message(context) {
            Poll::Ready(Some(Ok(AsyncMessage::Notification(notice)))) => {
                heard.push(notice.payload().to_owned());
            }
            Poll::Ready(Some(Ok(_))) => {}
            Poll::Ready(Some(Err(error))) => return Poll::Ready(DbError::of(doing)(error)),
            Poll::Ready(None) => return Poll::Ready(DbError::of(doing)("the connection ended")),
            Poll::Pending => return Poll::Pending,
        }
    }
}
