//! Every route is knocked at as everybody. Who may not, is refused and leaves no trace; a form
//! without its token, or from elsewhere, does nothing.

use ostoja::{
    services::ALL,
    web::{Route, chrome::paths},
};

use super::people::{Is, Walker, everybody};
use crate::support::{Answered, Ask, Town, faults};

/// A path for a pattern: what it names need not exist, for nobody gets so far.
fn somewhere(pattern: &str) -> String {
    let parts = pattern.split('/').map(|part| {
        if part.starts_with('{') { "018f0000-0000-7000-8000-000000000001" } else { part }
    });
    parts.collect::<Vec<_>>().join("/")
}

fn routes(method: &str) -> impl Iterator<Item = &'static Route> {
    ALL.iter()
        .flat_map(|service| service.all_routes())
        .filter(move |route| route.method() == method)
}

/// The token that any page of theirs carries.
fn token_of(walker: &Walker<'_>) -> String {
    let page = walker.visitor.get("/").expect(200);
    let token = page.form(paths::APPEARANCE).value("form_token").to_owned();
    assert!(!token.is_empty());
    token
}

/// Somebody who is logged in was refused: it is not for them, not there, or asks for a better key.
fn assert_refused(answered: &Answered, walker: &Walker<'_>) {
    let level_too_low = answered.status == 422 && matches!(walker.is, Is::Resident(_));
    let refused = matches!(answered.status, 403 | 404) || level_too_low;
    assert!(refused, "{answered} to {:?}", walker.is);
}

/// Asks, and fails if an entry was added.
fn ask_without_trace(town: &Town, walker: &Walker<'_>, ask: Ask) -> Answered {
    let before = town.entries();
    let answered = walker.visitor.send(ask).unwrap();
    assert_eq!(town.entries(), before, "{answered} by {:?} added an entry", walker.is);
    answered
}

fn form(path: &str, fields: &[(&str, &str)]) -> Ask {
    let mut body = form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(fields);
    let headers = vec![("content-type", "application/x-www-form-urlencoded".to_owned())];
    Ask { method: "POST", path: path.to_owned(), headers, body: body.finish().into_bytes() }
}

#[test]
fn a_page_is_refused_to_whom_it_is_not_for() {
    let town = Town::new();
    let mut refused = 0;
    for walker in everybody(&town) {
        for route in routes("GET").filter(|route| !walker.is.may(route.who)) {
            let path = somewhere(route.path);
            let answered = ask_without_trace(
                &town,
                &walker,
                Ask { method: "GET", path: path.clone(), ..Ask::default() },
            );
            if walker.is == Is::Stranger {
                assert_eq!(answered.status, 303, "{answered}");
                let login = format!("{}?powrot=", paths::LOGIN);
                assert!(answered.location().starts_with(&login), "{answered}");
            } else {
                assert_refused(&answered, &walker);
            }
            refused += 1;
        }
    }
    println!("{refused} refusals of pages");
    assert!(refused > 0);
}

#[test]
fn a_form_is_refused_to_whom_it_is_not_for() {
    let town = Town::new();
    let mut refused = 0;
    for walker in everybody(&town) {
        let token = token_of(&walker);
        for route in routes("POST").filter(|route| !walker.is.may(route.who)) {
            let key = uuid::Uuid::new_v4().to_string();
            let fields = [("form_token", token.as_str()), ("submission_key", key.as_str())];
            let answered = ask_without_trace(&town, &walker, form(&somewhere(route.path), &fields));
            assert_refused(&answered, &walker);
            refused += 1;
        }
    }
    println!("{refused} refusals of forms");
    assert!(refused > 0);
}

#[test]
fn a_form_without_its_token_or_from_elsewhere_does_nothing() {
    let town = Town::new();
    let mut refused = 0;
    let walkers = everybody(&town);
    let foreign = token_of(&walkers[0]);
    for walker in &walkers {
        let own = token_of(walker);
        for route in routes("POST") {
            let path = somewhere(route.path);
            let key = uuid::Uuid::new_v4().to_string();
            let mut asks = vec![form(&path, &[("submission_key", &key)])];
            if walker.is != Is::Stranger {
                asks.push(form(&path, &[("submission_key", &key), ("form_token", &foreign)]));
            }
            for (name, value) in [
                ("origin", "https://evil.example"),
                ("sec-fetch-site", "cross-site"),
                ("origin", "null"),
            ] {
                let mut ask = form(&path, &[("submission_key", &key), ("form_token", &own)]);
                ask.headers.push((name, value.to_owned()));
                asks.push(ask);
            }
            for ask in asks {
                let answered = ask_without_trace(&town, walker, ask);
                assert!((400..500).contains(&answered.status), "{answered} to {:?}", walker.is);
                refused += 1;
            }
        }
    }
    println!("{refused} refusals of forged forms");
    assert!(refused > 0);
}

#[test]
fn a_wrong_method_or_an_unknown_address_is_told_in_three_languages() {
    let town = Town::new();
    let visitor = town.visitor();
    let token = visitor.get("/").expect(200).form(paths::APPEARANCE).value("form_token").to_owned();
    for (language, words) in [("pl", "Nie ma"), ("en", "There is no"), ("uk", "нема")] {
        *visitor.language.borrow_mut() = language;
        let page = visitor.get("/nie-ma-takiej-strony").expect(404);
        assert!(page.text().contains(&format!("<html lang=\"{language}\"")), "{}", page.text());
        assert!(
            page.text().to_lowercase().contains(&words.to_lowercase()),
            "{language}: {}",
            page.text()
        );
        assert_eq!(faults(&page.text()), Vec::<String>::new());
    }
    let wrong = visitor.post("/styl", &[("form_token", &token)]);
    assert_eq!(wrong.status, 405, "{wrong}");
    assert_eq!(faults(&wrong.text()), Vec::<String>::new());
}
