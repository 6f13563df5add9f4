//! The values of the street: names, owners, permissions; and the table of who may do what.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
};

use ostoja::{
    daemon::{demo, first_start},
    kernel::{
        erasure,
        identity::{Action, Level, Role, Who, people},
    },
    services::ALL,
    web::{Service, router, routes::Handler},
};

use super::people::{EVERYBODY, Is};
use crate::support::{rewriting, root};

/// Actions with the service that lists them; the kernel's own come first.
pub fn actions() -> Vec<(&'static str, &'static Action)> {
    let kernel = first_start::ACTIONS.iter().chain(demo::ACTIONS).copied();
    let kernel = kernel.chain([&router::LOOKED, &erasure::ORDER, &erasure::DONE]);
    let services =
        ALL.iter().flat_map(|service| service.all_actions().map(|action| (service.name, action)));
    kernel.map(|action| ("kernel", action)).chain(services).collect()
}

#[test]
fn names_are_unique_and_actions_are_called_service_dot_verb() {
    let names: BTreeSet<_> = ALL.iter().map(|service| service.name).collect();
    assert_eq!(names.len(), ALL.len());
    let mut seen = BTreeSet::new();
    for (service, action) in actions() {
        assert!(seen.insert(action.name), "two actions are called {}", action.name);
        let (room, verb) = action.name.split_once('.').unwrap_or_default();
        assert_eq!(room, service, "{} is listed by {service}", action.name);
        let plain = verb.chars().all(|c| c.is_ascii_lowercase() || c == '-');
        assert!(plain && !verb.is_empty(), "{}", action.name);
    }
}

#[test]
fn every_act_has_an_action_that_its_service_lists() {
    for service in ALL {
        for route in service.all_routes() {
            let Handler::Act(action, _) = route.handler else { continue };
            let listed = service.all_actions().any(|listed| std::ptr::eq(listed, action));
            assert!(
                listed,
                "{} {} uses {}, which {} does not list",
                route.method(),
                route.path,
                action.name,
                service.name
            );
            assert_eq!(route.who, action.who, "{}", route.path);
        }
    }
}

#[test]
fn every_action_in_the_sources_is_listed() {
    let listed: BTreeSet<_> =
        actions().into_iter().map(|(_, action)| action.name.to_owned()).collect();
    // What the command line does to a data directory of its own is not part of the street.
    let apart = ["kernel.bench"];
    for (path, source) in crate::tidy::sources("src", "rs") {
        if path.contains("tests") {
            continue;
        }
        let code = source.split("#[cfg(test)]").next().unwrap_or_default();
        for after in code.split("Action {").skip(1) {
            // A name of the format is a constant; its action is listed by hand.
            let name = after.trim_start().strip_prefix("name: \"");
            let Some(name) = name.and_then(|rest| rest.split('"').next()) else {
                continue;
            };
            // A name that a macro puts together ends in its dot here; the list of the room has it whole.
            if name.ends_with('.') {
                continue;
            }
            assert!(
                // A macro of a room writes the rest of the name, and lists it.
                listed.contains(name) || apart.contains(&name) || name.ends_with('.'),
                "{path}: {name} is in no list of actions"
            );
        }
    }
}

#[test]
fn every_kind_of_record_has_one_owner() {
    let mut owners: BTreeMap<u16, &str> = BTreeMap::new();
    let mut names = BTreeSet::new();
    let kernel = people::KINDS.iter().chain(erasure::KINDS).map(|kind| ("kernel", kind));
    let services =
        ALL.iter().flat_map(|service| service.kinds.iter().map(|kind| (service.name, kind)));
    for (owner, info) in kernel.chain(services) {
        let before = owners.insert(info.kind.number, owner);
        assert_eq!(before, None, "kind {} belongs to {owner} too", info.kind.number);
        assert!(names.insert(info.kind.name), "two kinds are called {}", info.kind.name);
    }
}

#[test]
fn what_a_service_needs_exists_and_there_is_no_circle() {
    let needs: BTreeMap<_, _> = ALL.iter().map(|service| (service.name, service.needs)).collect();
    for (name, needed) in &needs {
        for other in *needed {
            assert!(needs.contains_key(other), "{name} needs {other}, which is not on the street");
        }
    }
    let mut done = BTreeSet::new();
    while done.len() < needs.len() {
        let ready = needs.iter().find(|(name, needed)| {
            !done.contains(*name) && needed.iter().all(|other| done.contains(other))
        });
        let Some((name, _)) = ready else {
            panic!(
                "these need each other: {:?}",
                needs.keys().filter(|name| !done.contains(*name)).collect::<Vec<_>>()
            );
        };
        done.insert(*name);
    }
}

#[test]
fn menus_lead_to_pages_that_their_readers_may_open() {
    let looks: BTreeMap<_, _> = ALL
        .iter()
        .flat_map(|service| service.all_routes())
        .filter(|route| route.method() == "GET")
        .map(|route| (route.path, route.who))
        .collect();
    for entry in ALL.iter().flat_map(|service: &&Service| service.menu) {
        let who = looks.get(entry.href).unwrap_or_else(|| panic!("{} is no page", entry.href));
        for is in EVERYBODY {
            assert!(
                !is.may(entry.who) || is.may(*who),
                "{} is in the menu of {is:?}, who may not open it",
                entry.href
            );
        }
    }
}

#[test]
fn the_table_of_roles_is_the_one_that_is_checked_in() {
    let path = root().join("docs/roles.md");
    let table = table();
    if rewriting() {
        fs::write(&path, &table).unwrap();
    }
    let checked_in = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        checked_in == table,
        "docs/roles.md differs from the program; OSTOJA_REWRITE=1 writes it anew:\n{table}"
    );
}

fn table() -> String {
    let mut text = String::from(
        "# Who may do what\n\n\
         Written by a test (`OSTOJA_REWRITE=1 cargo test --test it roles` writes it anew), so that it cannot differ from the program.\n\
         A resident's own data apart, a column says who may begin an action or open a page; whose data it may be about is decided for each entry.\n\n\
         ## Actions\n\n\
         Each is one entry in the journal.\n\n",
    );
    header(&mut text, "Action");
    for (_, action) in actions() {
        row(&mut text, action.name, action.who);
    }
    text.push_str("\n## Pages and forms\n\nGET shows, POST works on drafts and ceremonies or does the action named.\n\n");
    header(&mut text, "Route");
    for route in ALL.iter().flat_map(|service| service.all_routes()) {
        let what = match route.handler {
            Handler::Look(_) => String::new(),
            Handler::Disclose(..) => " (entered as a look)".to_owned(),
            Handler::Draft(_) => " (adds nothing)".to_owned(),
            Handler::Act(action, _) => format!(" ({})", action.name),
        };
        row(&mut text, &format!("{} `{}`{what}", route.method(), route.path), route.who);
    }
    text
}

const COLUMNS: [(&str, Option<Is>); 9] = [
    ("stranger", Some(Is::Stranger)),
    ("resident", Some(Is::Resident(Level::Declared))),
    ("verified resident", Some(Is::Resident(Level::Verified))),
    ("administrator", Some(Is::Staff(Role::Administrator))),
    ("clerk", Some(Is::Staff(Role::Clerk))),
    ("editor", Some(Is::Staff(Role::Editor))),
    ("auditor", Some(Is::Staff(Role::Auditor))),
    ("console", None),
    ("job", None),
];

fn header(text: &mut String, first: &str) {
    let names: Vec<_> = COLUMNS.iter().map(|(name, _)| *name).collect();
    writeln!(text, "| {first} | {} |\n|---|{}", names.join(" | "), ":-:|".repeat(COLUMNS.len()))
        .unwrap();
}

fn row(text: &mut String, name: &str, who: Who) {
    write!(text, "| {name} |").unwrap();
    for (column, is) in COLUMNS {
        let may = match is {
            Some(is) => is.may(who),
            None => who == if column == "job" { Who::Job } else { Who::Console },
        };
        text.push_str(if may { " yes |" } else { " |" });
    }
    text.push('\n');
}
