//! What operators ask: alive, ready, which version, how it goes.

use crate::http::json;
use crate::http::reply::Reply;
use crate::http::route::Route;
use crate::http::site::Site;
use hyper::StatusCode;

/// The number of the store API's version that the answers follow; snapd reads it from a header (contract 1.2).
pub(super) const STORE_VERSION: &str = "69";

/// The answer of an internal route.
pub(super) fn answer(site: &Site, route: Route) -> Reply {
    match route {
        Route::Live => Reply::json(StatusCode::OK, b"{\"status\":\"alive\"}".to_vec()),
        Route::Ready => ready(site),
        Route::Metrics => Reply::text(site.metrics.text((site.clock)())),
        _ => version(),
    }
}

/// Ready as long as there is a catalogue to answer from, whether the database answers or not.
fn ready(site: &Site) -> Reply {
    let shelf = site.shelf.load();
    let (status, word) = match (&*shelf, site.is_draining()) {
        (_, true) => (StatusCode::SERVICE_UNAVAILABLE, "draining"),
        (None, false) => (StatusCode::SERVICE_UNAVAILABLE, "starting"),
        (Some(_), false) => (StatusCode::OK, "ready"),
    };
    let mut out = b"{\"database\":".to_vec();
    json::string(&mut out, if site.metrics.database_is_up() { "connected" } else { "away" });
    match &*shelf {
        Some(shelf) => {
            let generation = shelf.catalogue.generation();
            out.extend_from_slice(b",\"generation\":");
            json::number(&mut out, generation.number);
            out.extend_from_slice(b",\"published-at\":\"");
            json::plain(&mut out, generation.published_at);
            out.extend_from_slice(b"\",\"snaps\":");
            json::number(&mut out, shelf.catalogue.n_snaps());
        }
        None => out.extend_from_slice(b",\"generation\":null,\"published-at\":null,\"snaps\":0"),
    }
    out.extend_from_slice(b",\"status\":");
    json::string(&mut out, word);
    out.push(b'}');
    Reply::json(status, out)
}

fn version() -> Reply {
    let mut out = b"{\"name\":\"snapwise\",\"store-version\":".to_vec();
    out.extend_from_slice(STORE_VERSION.as_bytes());
    out.extend_from_slice(b",\"version\":");
    json::string(&mut out, env!("CARGO_PKG_VERSION"));
    out.push(b'}');
    Reply::json(StatusCode::OK, out)
}
