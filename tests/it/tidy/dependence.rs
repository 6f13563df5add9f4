//! Who may know whom: read from `use` trees and paths, so that a shortcut through a nested import is
//! seen too.

use std::collections::{BTreeMap, BTreeSet};

use ostoja::services::ALL;

use super::sources;

/// A part of the house and the parts it may use. `lib.rs` and `main.rs` only name them.
const MAY_USE: &[(&str, &[&str])] = &[
    ("kernel", &[]),
    ("guard", &[]),
    ("worker", &["guard"]),
    ("edge", &[]),
    // The web implements the edge's `App`, asks workers for pictures, and knows services by a list.
    ("web", &["kernel", "edge", "worker"]),
    ("services", &["kernel", "web", "worker"]),
    ("config", &[]),
    ("daemon", &["config", "edge", "guard", "kernel", "services", "web", "worker"]),
    ("cli", &["config", "daemon", "edge", "guard", "kernel", "services", "web", "worker"]),
];

/// Source without comments and the insides of strings and characters.
fn bare(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(c) = rest.chars().next() {
        if rest.starts_with("//") {
            rest = rest.find('\n').map_or("", |end| &rest[end..]);
        } else if rest.starts_with("/*") {
            rest = rest.find("*/").map_or("", |end| &rest[end + 2..]);
        } else if let Some(raw) = rest.strip_prefix("r#\"") {
            rest = raw.find("\"#").map_or("", |end| &raw[end + 2..]);
        } else if c == '"' {
            let mut escaped = false;
            let end = rest[1..].char_indices().find(|(_, c)| {
                let ends = *c == '"' && !escaped;
                escaped = *c == '\\' && !escaped;
                ends
            });
            out.push_str("\"\"");
            rest = end.map_or("", |(at, _)| &rest[at + 2..]);
        } else if rest.starts_with("'\"'") {
            rest = &rest[3..];
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    out
}

/// Every path of a source that begins with `crate::`, import trees unfolded.
fn paths(source: &str) -> BTreeSet<String> {
    let source = bare(source);
    let mut found = BTreeSet::new();
    for after in source.split("crate::").skip(1) {
        unfold("", after, &mut found);
    }
    found
}

/// Reads one tree and gives what follows it.
fn unfold<'a>(prefix: &str, text: &'a str, found: &mut BTreeSet<String>) -> &'a str {
    let text = text.trim_start();
    if let Some(mut inner) = text.strip_prefix('{') {
        loop {
            inner = unfold(prefix, inner, found).trim_start();
            match inner.strip_prefix(',') {
                Some(more) if !more.trim_start().starts_with('}') => inner = more,
                _ => break,
            }
        }
        return inner.trim_start_matches([',', ' ', '\n']).strip_prefix('}').unwrap_or(inner);
    }
    let end =
        text.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '*').unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let path = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}::{name}") };
    match rest.strip_prefix("::") {
        Some(rest) if !rest.starts_with('<') => unfold(&path, rest, found),
        _ => {
            found.insert(path);
            rest
        }
    }
}

#[test]
fn import_trees_are_unfolded() {
    let source = "use crate::{a::{b, c::D}, e::*};\n// crate::no\nlet x = \"crate::no\"; crate::f::g(); use crate::h as i;";
    assert_eq!(
        paths(source).into_iter().collect::<Vec<_>>(),
        ["a::b", "a::c::D", "e::*", "f::g", "h"]
    );
}

/// The part of the house that a file belongs to.
fn part_of(path: &str) -> &str {
    let inner = path.strip_prefix("src/").unwrap_or(path);
    inner.split(['/', '.']).next().unwrap_or_default()
}

#[test]
fn each_part_uses_only_what_it_may() {
    let may: BTreeMap<_, _> = MAY_USE.iter().copied().collect();
    let mut wrong = Vec::new();
    for (path, source) in sources("src", "rs") {
        let part = part_of(&path);
        if part == "lib" || part == "main" {
            continue;
        }
        let allowed = may
            .get(part)
            .unwrap_or_else(|| panic!("{path} is in no part of the house that tidy knows"));
        for used in paths(&source) {
            let other = used.split("::").next().unwrap_or_default();
            // Macros stand at the root of the crate wherever they are written.
            if may.contains_key(other) && other != part && !allowed.contains(&other) {
                wrong.push(format!("{path} uses {used}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_service_uses_another_only_if_it_says_so() {
    let mut wrong = Vec::new();
    for (path, source) in sources("src/services", "rs") {
        let Some((room, _)) = path.trim_start_matches("src/services/").split_once('/') else {
            continue;
        };
        let service = ALL.iter().find(|service| service.name == room);
        let needs = service.map_or(&[][..], |service| service.needs);
        for used in paths(&source) {
            let Some(inner) = used.strip_prefix("services::") else { continue };
            let other = inner.split("::").next().unwrap_or_default();
            let is_room = super::path_of(&format!("src/services/{other}")).is_dir();
            if is_room && other != room && !needs.contains(&other) {
                wrong.push(format!(
                    "{path} uses {used}, and {room} does not say that it needs {other}"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nobody_knows_a_service_by_its_name() {
    let mut wrong = Vec::new();
    for (path, source) in sources("src", "rs") {
        let code = source.split("#[cfg(test)]").next().unwrap_or_default();
        for service in ALL {
            // A room over a part of the kernel of the same name: there the word is the format's own.
            let is_part = super::path_of(&format!("src/kernel/{}", service.name)).is_dir();
            let of_format =
                is_part && (path.starts_with("src/kernel/") || path.starts_with("src/cli/"));
            let at_home = of_format || path.starts_with(&format!("src/services/{}/", service.name));
            let named = format!("\"{}\"", service.name);
            let needed = code
                .lines()
                .filter(|line| line.contains(&named))
                .any(|line| !line.trim_start().starts_with("needs:"));
            if !at_home && needed && !path.contains("/tests") {
                wrong.push(format!("{path} knows {named}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_one_file_opens_sled() {
    for (path, source) in sources("src", "rs") {
        let opens = bare(&source).contains("sled::");
        assert_eq!(opens, path == "src/kernel/store/sled_index.rs", "{path}");
    }
}

#[test]
fn rules_and_models_do_no_input_or_output() {
    let outside = [
        "std::fs",
        "std::net",
        "std::time::SystemTime",
        "std::time::Instant",
        "std::env",
        "tokio::",
    ];
    for (path, source) in sources("src/services", "rs") {
        let pure =
            path.ends_with("/rules.rs") || path.contains("/rules/") || path.ends_with("/model.rs");
        if !pure {
            continue;
        }
        let code = bare(source.split("#[cfg(test)]").next().unwrap_or_default());
        for bad in outside {
            assert!(!code.contains(bad), "{path} uses {bad}");
        }
        for used in paths(&source) {
            // Markup and languages are values, not pages.
            let page = used.starts_with("web::") && !used.starts_with("web::i18n");
            assert!(!page && !used.starts_with("worker::"), "{path} uses {used}");
        }
    }
}
