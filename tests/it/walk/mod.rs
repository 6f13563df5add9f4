//! Walks along the street: what must hold for every service, computed from the list of services and
//! from what pages offer, so that a new room is walked through without a line here.
//!
//! `street` looks at the values, `texts` at the sentences, `doors` knocks at every route as everybody,
//! `crawl` follows every link and sends every form.

mod crawl;
mod doors;
mod people;
mod street;
mod texts;

/// Routes and forms that a walk may leave out, each with the day on which it was allowed and why.
/// At most ten; a reason that has gone takes its line with it.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("GET /pierwsze-uruchomienie", "2026-11-22", FIRST),
    ("POST /pierwsze-uruchomienie", "2026-11-22", FIRST),
    ("GET /pierwsze-uruchomienie/klucz", "2026-11-22", FIRST),
    ("POST /pierwsze-uruchomienie/klucz/start", "2026-11-22", FIRST),
    ("POST /pierwsze-uruchomienie/klucz/koniec", "2026-11-22", FIRST),
    ("GET /zaproszenie/klucz", "2026-11-22", INVITED),
    ("POST /zaproszenie/klucz/start", "2026-11-22", INVITED),
    ("POST /zaproszenie/klucz/koniec", "2026-11-22", INVITED),
];
const FIRST: &str = "only before anybody lives here; people.rs walks through it";
const INVITED: &str = "only with a code from an invitation; people.rs walks through it";

fn is_excepted(method: &str, path: &str) -> bool {
    let name = format!("{method} {path}");
    EXCEPTIONS.iter().any(|(route, ..)| *route == name)
}

#[test]
fn exceptions_are_few_dated_and_about_routes_that_exist() {
    assert!(EXCEPTIONS.len() <= 10, "{EXCEPTIONS:?}");
    for (route, since, reason) in EXCEPTIONS {
        assert!(since.parse::<jiff::civil::Date>().is_ok(), "{route}: {since} is no date");
        assert!(reason.len() > 20, "{route}: a reason is a sentence");
        let exists = ostoja::services::ALL.iter().flat_map(|service| service.all_routes());
        let mut names = exists.map(|known| format!("{} {}", known.method(), known.path));
        assert!(names.any(|name| name == *route), "{route} does not exist");
    }
}
