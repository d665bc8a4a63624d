//! Which tracks are mirrored, and for whom.

use crate::mirror::OFFLINE;
use crate::mirror::Place;
use crate::mirror::assert_ok;
use crate::mirror::install;
use crate::mirror::install_able;
use crate::support::upstream::Upstream;
use serde_json::Value;
use snapwise::simulator::Catalogue;

/// Whether what is known of a snap says that the channel gives something out for amd64.
fn gives(info: &Value, name: &str) -> bool {
    info["channel-map"].as_array().unwrap().iter().any(|entry| {
        let (channel, architecture) = (&entry["channel"], &entry["channel"]["architecture"]);
        channel["name"] == name && (architecture == "amd64" || architecture == "all")
    })
}

/// A snap that gives something out in its default track and in `latest`, that track, and the seed of its store.
fn with_default_track(n_snaps: u64) -> (String, String, String) {
    let now = "2026-11-01T00:00:00Z".parse().unwrap();
    let found = (1..100).find_map(|seed| {
        let catalogue = Catalogue::generate(n_snaps, seed, now);
        catalogue.snaps().find_map(|snap| {
            let info: Value = serde_json::from_slice(&snap.info()).unwrap();
            let track = info["default-track"].as_str()?.to_owned();
            let is_it = gives(&info, &format!("{track}/stable")) && gives(&info, "stable");
            is_it.then(|| (snap.name().to_string(), track, seed.to_string()))
        })
    });
    found.expect("some store has such a snap")
}

#[tokio::test]
async fn a_channel_without_a_track_is_that_of_the_default_track_and_that_of_latest() {
    let (name, track, seed) = with_default_track(4);
    let upstream = Upstream::with(&["--snaps", "4", "--seed", &seed, "--files"]);
    let place = Place::new().await;
    let few = ["--no-prerequisites", "--architecture", "amd64"];
    assert_ok(&place.mirrored(&upstream, &[&[name.as_str()], &few[..]].concat()));
    let app = place.serve(&[OFFLINE]);
    let redirected = install_able(&app, &name, "default-tracks").await;
    assert_eq!(redirected["redirect-channel"], format!("{track}/stable"), "{redirected}");
    assert_eq!(redirected["result"], "install");
    assert_eq!(install(&app, &name).await["result"], "install");
    // Who names a track gets that one alone.
    let strict = Place::new().await;
    let arguments = [&[name.as_str(), "--channel", "latest/stable"], &few[..]].concat();
    assert_ok(&strict.mirrored(&upstream, &arguments));
    let app = strict.serve(&[OFFLINE]);
    assert_eq!(install(&app, &name).await["result"], "install");
    let refused = install_able(&app, &name, "default-tracks").await;
    assert_eq!(refused["error"]["code"], "revision-not-found", "{refused}");
}
