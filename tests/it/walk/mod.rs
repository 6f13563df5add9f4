//! Walks along the street: what must hold for every service, computed from the list of services and
//! from what pages offer, so that a new room is walked through without a line here.
//!
//! `street` looks at the values, `texts` at the sentences, `doors` knocks at every route as everybody;
//! `crawl` follows every link of the demonstration, and `season` lives in a town for months, filling in
//! every form that it meets.

mod crawl;
mod doors;
mod found;
mod people;
mod season;
mod street;
mod texts;

/// Routes and forms that a walk may leave out, each with the day on which it was allowed and why.
/// At most ten; a reason that has gone takes its line with it.
const EXCEPTIONS: &[(&str, &str, &str)] = &[(
    "POST /styl",
    "2026-11-21",
    "the pattern page shows forms that lead nowhere, so that they can be looked at",
)];

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
        let mut routes = ostoja::services::ALL.iter().flat_map(|service| service.all_routes());
        let path = route.split(' ').nth(1).unwrap_or_default();
        assert!(routes.any(|known| known.path == path), "{route} does not exist");
    }
}
