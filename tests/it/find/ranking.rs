//! What matches, and what comes first.

use crate::find::document;
use crate::find::found;
use crate::find::serving;
use crate::support::fixture::Change;
use crate::support::fixture::Listed;
use crate::support::fixture::Place;
use crate::support::fixture::id;
use crate::support::fixture::listed;
use serde_json::json;

#[tokio::test]
async fn the_place_of_a_word_and_its_being_whole_decide() {
    let app = serving(&[
        document(1, "far-away", json!({"description": "It is a paint of sorts."})),
        document(2, "painted", json!({})),
        document(3, "by-it", json!({"publisher": {"id": "p", "username": "paint", "display-name": "P", "validation": "unproven"}})),
        document(4, "in-line", json!({"summary": "Paint!"})),
        document(5, "titled", json!({"title": "To Paint"})),
        document(6, "my-paint", json!({})),
        document(7, "paint", json!({})),
        document(8, "unlike", json!({"title": "Repaint", "description": "repaint"})),
    ])
    .await;
    let all = ["paint", "my-paint", "titled", "painted", "by-it", "in-line", "far-away"];
    assert_eq!(found(&app, &[("q", "paint")]).await, all);
    // The beginning of a word counts in a description from four letters on.
    assert_eq!(found(&app, &[("q", "sort")]).await, ["far-away"]);
    assert_eq!(found(&app, &[("q", "sor")]).await, [""; 0]);
    assert_eq!(found(&app, &[("q", "of")]).await, ["far-away"]);
    // Every word must be there, wherever.
    assert_eq!(found(&app, &[("q", "paint far sorts")]).await, ["far-away"]);
    assert_eq!(found(&app, &[("q", "paint nowhere")]).await, [""; 0]);
    assert_eq!(found(&app, &[("q", "My Paint")]).await, ["my-paint"]);
}

#[tokio::test]
async fn case_accents_and_signs_make_no_difference() {
    let app = serving(&[
        document(1, "one", json!({"title": "Éditeur Über-Straße", "summary": "100% naïve_text"})),
        document(2, "two", json!({"title": "编辑器", "summary": "Редактор"})),
        document(3, "c-sharp", json!({"title": "C#"})),
    ])
    .await;
    for (q, expected) in [
        ("EDITEUR", &["one"][..]),
        ("éditeur uber", &["one"]),
        ("strasse", &["one"]),
        ("STRASSE/naive", &["one"]),
        ("编辑", &["two"]),
        ("辑", &["two"]),
        ("РЕДАКТОР", &["two"]),
        ("c#", &["c-sharp"]),
        ("text", &["one"]),
        // Signs of patterns are no patterns.
        ("%", &[]),
        ("_", &[]),
        ("*", &[]),
        (".*", &[]),
        ("o%", &["one"]),
        ("one*two", &[]),
        ("[a-z]+", &[]),
        ("' OR 1=1 --", &[]),
        ("\\", &[]),
        ("\u{0}", &[]),
    ] {
        assert_eq!(found(&app, &[("q", q)]).await, expected, "{q}");
    }
    for everything in ["", "  "] {
        assert_eq!(found(&app, &[("q", everything)]).await.len(), 3);
    }
}

#[tokio::test]
async fn the_popular_come_first_and_the_named_before_them() {
    let names = ["gamma-box", "box", "alpha-box", "beta-box", "delta-box"];
    let documents: Vec<_> =
        (0..).zip(names).map(|(number, name)| document(number, name, json!({}))).collect();
    let app = serving(&documents).await;
    let by_id = ["box", "gamma-box", "alpha-box", "beta-box", "delta-box"];
    assert_eq!(found(&app, &[("q", "box")]).await, by_id);
    let shown = |number: usize| Listed { name: names[number].to_owned(), ..listed(number) };
    let places: Vec<Place<'_>> = vec![
        ("popular", id(4), 1, 0.9, Some(1)),
        ("popular", id(2), 2, 0.5, None),
        ("recent", id(3), 1, 0.9, Some(1)),
    ];
    let change = || Change::default().listed((0..5).map(shown)).places(&places);
    change().publish(&app).await;
    let by_rank = ["box", "delta-box", "alpha-box", "gamma-box", "beta-box"];
    assert_eq!(found(&app, &[("q", "box")]).await, by_rank);
    assert_eq!(
        found(&app, &[("q", "bo")]).await,
        ["delta-box", "alpha-box", "gamma-box", "box", "beta-box"]
    );
    // Without words they are in the order of their popularity.
    let all = ["delta-box", "alpha-box", "gamma-box", "box", "beta-box"];
    assert_eq!(found(&app, &[]).await, all);
    // Who was taken out of the rankings is found all the same, behind.
    Change::default().excluded(&[id(4)]).publish(&app).await;
    let all = ["alpha-box", "gamma-box", "box", "beta-box", "delta-box"];
    assert_eq!(found(&app, &[]).await, all);
}

#[tokio::test]
async fn a_hundred_are_shown_and_they_are_the_best() {
    let documents: Vec<_> = (0..260)
        .map(|number| document(number, &format!("snap-a{number}"), json!({"summary": "the same"})))
        .collect();
    let app = serving(&documents).await;
    let place = |number: usize| Listed { name: format!("snap-a{number}"), ..listed(number) };
    let change = Change::default().listed([place(259), place(200)]);
    let places: Vec<Place<'_>> =
        vec![("popular", id(259), 1, 0.5, Some(1)), ("popular", id(200), 2, 0.25, Some(2))];
    change.places(&places).publish(&app).await;
    let all = found(&app, &[("q", "same")]).await;
    let first: Vec<_> = [259, 200].into_iter().chain(0..98).map(|n| format!("snap-a{n}")).collect();
    assert_eq!(all, first);
}
