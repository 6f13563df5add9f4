//! The clock jumps while the commune works: forwards by a day, backwards by an hour. The daemon's own clock
//! is set, because the system's belongs to everybody.

use jiff::{SignedDuration, Timestamp};
use ostoja::kernel::{
    clock::{Clock, to_ms},
    identity::Role,
};

use super::judge::verify;
use crate::support::{Town, Visitor};

/// Writes a notice and gives where it stands.
fn write(clerk: &Visitor<&Town>, title: &str) -> String {
    let form = clerk.get("/urzad/komunikaty/nowy").form("/urzad/komunikaty/nowy");
    let form = form.with(&[("title", title), ("text", "Przerwa w dostawie wody.")]);
    let written = clerk.post(&form.action, &form.fields).expect(303);
    written.location().to_owned()
}

#[test]
fn a_clock_that_jumps_ends_sessions_and_loses_nothing() {
    let noon: Timestamp = "2026-11-21T12:00:00Z".parse().unwrap();
    let clock = Clock::standing(noon);
    let town = Town::standing(clock.clone());
    // A day ends the session. A grant made while the clock was ahead holds from that time on, not before.
    let jumps = [("Przed", 0, 200), ("Jutro", 24, 303), ("Godzinę wstecz", 23, 403)];
    let mut places = Vec::new();
    for (title, hours, status) in jumps {
        let before = town.staff(&[Role::Editor]);
        clock.set(noon + SignedDuration::from_hours(hours));
        let page = before.visitor.get("/konto");
        assert_eq!(page.status, status, "{title}: {page}");
        let clerk = town.staff(&[Role::Editor]);
        places.push((
            title,
            noon + SignedDuration::from_hours(hours),
            write(&clerk.visitor, title),
        ));
        assert!(town.store.unwell().is_empty(), "{:?}", town.store.unwell());
    }
    let reader = town.staff(&[Role::Editor]).visitor;
    for (title, _, place) in &places {
        let page = reader.get(place).expect(200);
        assert!(page.text().contains(title), "{page}");
    }
    // Each entry keeps the time it was given, and the order is that of the journal.
    let view = town.store.view();
    let written: Vec<u64> = (0..town.entries())
        .map(|seq| view.entry(seq).unwrap().0)
        .filter(|entry| entry.action == "notices.write")
        .map(|entry| entry.at_ms)
        .collect();
    assert_eq!(written, places.iter().map(|(_, at, _)| to_ms(*at)).collect::<Vec<_>>());
    let last = town.entries() - 1;
    assert!(town.store.wait_signed(last, std::time::Duration::from_secs(10)), "it is not signed");
    verify(&town.data());
}
