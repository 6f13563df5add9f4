//! The demonstration's commune is read through by everybody: every link is followed and every page is
//! looked at in three languages. Nobody is offered a link or a form that is not for them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use ostoja::services::ALL;

use super::{
    found::{Found, is_to_login, route_of},
    people::{EVERYBODY, Is, somebody},
};
use crate::support::Town;

/// Pages of one pattern that one walker opens: cases differ by their state.
const PAGES_OF_A_PATTERN: usize = 12;

#[test]
fn the_demonstration_is_read_by_everybody() {
    let town = Town::demo();
    let mut found = Found::default();
    for is in EVERYBODY {
        crawl(&town, is, &mut found);
    }
    println!("{} pages", found.pages);
    assert!(found.wrong.is_empty(), "{} findings:\n{}", found.wrong.len(), found.wrong.join("\n"));
}

fn crawl(town: &Town, is: Is, found: &mut Found) {
    let walker = somebody(town, is);
    let mut seen = BTreeSet::new();
    let mut opened: BTreeMap<&'static str, usize> = BTreeMap::new();
    let menu = ALL.iter().flat_map(|service| service.menu).filter(|entry| is.may(entry.who));
    let mut queue: VecDeque<(String, String)> = ["/"]
        .into_iter()
        .chain(menu.map(|entry| entry.href))
        .map(|href| (href.to_owned(), "the menu".to_owned()))
        .collect();
    while let Some((address, from)) = queue.pop_front() {
        let address = address.split('#').next().unwrap_or_default().to_owned();
        let ours = address.starts_with('/') && !address.starts_with("//");
        if !ours || !seen.insert(address.clone()) {
            continue;
        }
        if let Some(route) = route_of("GET", &address) {
            let times = opened.entry(route.path).or_default();
            *times += 1;
            if *times > PAGES_OF_A_PATTERN {
                continue;
            }
        }
        let answered = found.open(town, &walker, &address, &from);
        if !matches!(answered.status, 200 | 303) {
            found.wrong(&walker, &format!("{answered}, to which {from} leads"));
        } else if answered.status == 303 {
            if is != Is::Stranger && is_to_login(&answered) {
                found.wrong(&walker, &format!("{answered}, to which {from} leads"));
            }
            queue.push_back((answered.location().to_owned(), address));
        } else if answered.status == 200 && answered.is_html() {
            found.translate(&walker, &address);
            for form in answered.forms() {
                found.route_of_form(&walker, &address, &form);
            }
            queue.extend(answered.links().into_iter().map(|link| (link, address.clone())));
        }
    }
}
