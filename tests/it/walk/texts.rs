//! Sentences: every key that a page, an action or a refusal asks for exists, in three languages.

use std::collections::BTreeSet;

use ostoja::{
    services::ALL,
    web::{
        house::WEB_TEXTS,
        i18n::{self, Catalogue, Lang, Texts, keys_used_in},
    },
};

use super::street::actions;
use crate::tidy::sources;

fn catalogue() -> Catalogue {
    let mut texts: Vec<&Texts> = vec![&i18n::UI, &WEB_TEXTS];
    texts.extend(ALL.iter().map(|service| &service.texts));
    Catalogue::new(&texts).unwrap()
}

/// The part of a source that is neither its tests nor a template's comments.
fn code(source: &str) -> String {
    let code = source.split("#[cfg(test)]").next().unwrap_or_default();
    code.split("{#").map(|part| part.split_once("#}").map_or(part, |(_, after)| after)).collect()
}

#[test]
fn everything_is_translated() {
    let catalogue = catalogue();
    for lang in [Lang::En, Lang::Uk] {
        assert_eq!(catalogue.untranslated(lang), Vec::<&str>::new(), "not in {}", lang.code());
    }
}

#[test]
fn every_key_that_a_page_asks_for_exists() {
    let catalogue = catalogue();
    let mut missing = BTreeSet::new();
    let files = sources("src", "html").into_iter().chain(sources("src", "rs"));
    for (path, source) in
        files.filter(|(path, _)| !path.contains("tests") && !path.contains("web/i18n/"))
    {
        for key in keys_used_in(&code(&source)) {
            if !key.is_empty() && !catalogue.has(key) {
                missing.insert(format!("{path}: {key}"));
            }
        }
    }
    assert_eq!(missing, BTreeSet::new());
}

#[test]
fn services_menus_and_actions_have_their_sentences() {
    let catalogue = catalogue();
    let titles = ALL.iter().map(|service| service.title);
    let labels = ALL.iter().flat_map(|service| service.menu.iter().map(|entry| entry.label));
    let sentences = actions().into_iter().map(|(_, action)| action.sentence);
    for key in titles.chain(labels).chain(sentences) {
        assert!(catalogue.has(key), "{key}");
        for lang in Lang::ALL {
            assert!(catalogue.keys(lang).contains(key), "{key} in {}", lang.code());
        }
    }
}

#[test]
fn every_refusal_has_its_sentence() {
    let catalogue = catalogue();
    let mut missing = BTreeSet::new();
    for (path, source) in
        sources("src", "rs").into_iter().filter(|(path, _)| !path.contains("tests"))
    {
        for after in code(&source).split("Refusal::rule(\"").skip(1) {
            let code = after.split('"').next().unwrap_or_default();
            if !catalogue.has(&format!("refusal-{code}")) {
                missing.insert(format!("{path}: refusal-{code}"));
            }
        }
    }
    assert_eq!(missing, BTreeSet::new());
}
