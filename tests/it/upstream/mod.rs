//! The services we ask, asked over real HTTP and gRPC: a simulated upstream in a process of its own.

mod faults;
mod limits;
mod measures;
mod process;
mod secrets;
mod store;

use serde_json::Value;
use serde_json::json;
use snapwise::simulator::Catalogue;
use snapwise::simulator::Kind;
use snapwise::snap::SnapId;
use snapwise::upstream::Client;
use snapwise::upstream::Devices;
use snapwise::upstream::Info;
use snapwise::upstream::Ratings;
use snapwise::upstream::Store;
use snapwise::upstream::UpstreamError;

/// The snap every generated catalogue begins with.
const HELLO: &str = "hello-snapwise";

/// Every kind of request that a collector makes.
const KINDS: [Kind; 7] = [
    Kind::Search,
    Kind::Featured,
    Kind::Info,
    Kind::Find,
    Kind::Metrics,
    Kind::Ratings,
    Kind::Publish,
];

fn ids(catalogue: &Catalogue, n: usize) -> Vec<SnapId> {
    catalogue.snaps().take(n).map(snapwise::simulator::Snap::id).collect()
}

/// Makes one request of a kind, and one more to log in where that is needed.
async fn ask(client: &Client, kind: Kind) -> Result<(), UpstreamError> {
    let store = Store::new(client);
    let hello = Catalogue::generate(1, 1, "2026-11-01T00:00:00Z".parse().unwrap());
    let hello = ids(&hello, 1);
    match kind {
        Kind::Search => store.search_page(1).await.map(|page| assert!(!page.listed.is_empty())),
        Kind::Featured => store.featured().await.map(|snaps| assert!(!snaps.is_empty())),
        Kind::Info => {
            let info = store.info(&HELLO.parse().unwrap(), None).await?;
            assert!(matches!(info, Info::Document { .. }), "{info:?}");
            Ok(())
        }
        Kind::Find => store.find("hello").await.map(|found| assert!(!found.is_empty())),
        Kind::Metrics => {
            let devices = Devices::new(client).active_devices(&hello, today()).await?;
            assert!(devices.len() <= 1);
            Ok(())
        }
        Kind::Login => Ratings::new(client)?.unwrap().authenticate().await.map(drop),
        Kind::Ratings => {
            let session = Ratings::new(client)?.unwrap().authenticate().await?;
            session.bulk(&hello).await.map(drop)
        }
        Kind::Publish => store.save_featured(&hello).await,
        Kind::Assertion => {
            let kind = snapwise::assertion::Kind::of_name("account").unwrap();
            let key = snapwise::assertion::Key::new(kind, ["simulated"]).unwrap();
            store.assertion(&key).await.map(|found| assert!(found.is_some()))
        }
        Kind::Download | Kind::Device => unreachable!("they are asked by others"),
    }
}

fn today() -> jiff::civil::Date {
    "2026-11-21".parse().unwrap()
}

/// The faults in which requests of these kinds fail in this way.
fn failing(kinds: &[Kind], failure: &str) -> Value {
    let fail: serde_json::Map<_, _> = kinds
        .iter()
        .map(|kind| {
            let kind = serde_json::to_value(kind).unwrap();
            (kind.as_str().unwrap().to_owned(), json!(failure))
        })
        .collect();
    json!({"fail": fail})
}
