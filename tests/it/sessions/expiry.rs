//! Credentials grow stale and end (cases 65 to 67).

use crate::sessions::PUBLISHER;
use crate::sessions::expired;
use crate::sessions::fresh;
use crate::sessions::in_store;
use crate::sessions::install;
use crate::sessions::installed;
use crate::sessions::sent;
use crate::sessions::server;
use crate::sessions::session;
use crate::sessions::stale;
use crate::sessions::user;

#[tokio::test]
async fn a_stale_credential_is_good_and_told_to_be_renewed() {
    let app = server(&[]).await;
    let of_user = |lifetime| user(PUBLISHER, &[], &[], &lifetime);
    let of_device = |lifetime| session(&["acme-lab"], &lifetime);
    let hidden = async |headers: &[_]| installed(&app, "hidden-box", headers).await;
    let (user_code, device_code) =
        ("user-authorization-needs-refresh", "device-authorization-needs-refresh");
    assert_eq!(hidden(&[of_user(stale())]).await, format!("ok 1 {user_code}"));
    assert_eq!(hidden(&[of_user(fresh())]).await, "ok 1");
    let lab = [in_store("acme-lab"), of_device(stale())];
    assert_eq!(installed(&app, "lab-probe", &lab).await, format!("ok 1 {device_code}"));
    let lab = [in_store("acme-lab"), of_device(fresh())];
    assert_eq!(installed(&app, "lab-probe", &lab).await, "ok 1");
    let both = [of_user(stale()), of_device(stale())];
    assert_eq!(hidden(&both).await, format!("ok 1 {user_code} {device_code}"));
    let info = sent("GET", "/v2/snaps/info/hidden-box", &[of_user(stale())], "");
    assert_eq!(app.send(&info).await.status, 200);
}

#[tokio::test]
async fn an_expired_credential_is_refused_with_what_to_renew() {
    let app = server(&[]).await;
    let (of_user, of_device) = (user(PUBLISHER, &[], &[], &expired()), session(&[], &expired()));
    let (user_code, device_code) = ("user-authentication-error", "device-authentication-error");
    let both = [of_user.clone(), of_device.clone()];
    for (headers, codes, challenge) in [
        (&[of_user][..], vec![user_code], "Macaroon needs_refresh=1"),
        (&[of_device], vec![device_code], "Macaroon refresh_device_session=1"),
        (&both, vec![user_code, device_code], "Macaroon needs_refresh=1, refresh_device_session=1"),
    ] {
        for asked in [
            install("lumen-notes", headers),
            sent("GET", "/v2/snaps/info/lumen-notes", headers, ""),
            sent("POST", "/v2/cohorts", headers, r#"{"snaps": ["lumen-notes"]}"#),
        ] {
            let received = app.send(&asked).await;
            assert_eq!(received.status, 401);
            assert_eq!(received.header("www-authenticate"), Some(challenge));
            let said = received.json();
            let list = said["error-list"].as_array().unwrap();
            let told: Vec<_> = list.iter().map(|entry| entry["code"].as_str().unwrap()).collect();
            assert_eq!(told, codes);
        }
    }
}
