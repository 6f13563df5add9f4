//! The pattern page, rendered in every language and looked at; and the sources of all templates.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::web::chrome::{Chrome, ErrorPage, Feed, Flash, Kind, Link, MenuItem, PersonFace, Theme};
use crate::web::i18n::{Catalogue, Lang, UI, keys_used_in};
use crate::web::{assets, pagecheck};

fn texts() -> Arc<Catalogue> {
    Arc::new(Catalogue::new(&[&UI, &super::TEXTS]).unwrap())
}

/// A page with everything the frame can show.
pub(super) fn full(lang: Lang) -> Chrome {
    let mut c = Chrome::new(texts(), lang, "Gmina Modrzewie", "/styl");
    c.person = Some(PersonFace { name: "Anna Wierzba".to_owned(), staff: false });
    c.form_token = "t0ken".to_owned();
    c.status = Some("Pokaz: gmina i mieszkańcy są zmyśleni.".to_owned());
    c.flash = Some(Flash { kind: Kind::Success, text: "Zapisane <b>".to_owned() });
    c.crumbs = vec![Link { label: "Gmina Modrzewie".to_owned(), href: "/".to_owned() }];
    c.menu = vec![
        MenuItem { label: "Sprawy".to_owned(), href: "/sprawy".to_owned(), current: true },
        MenuItem {
            label: "Ogłoszenia".to_owned(), href: "/ogloszenia".to_owned(), current: false
        },
    ];
    c.footer = vec![Link { label: "Wzory strony".to_owned(), href: "/styl".to_owned() }];
    c.feed = Some(Feed { href: "/ogloszenia.atom".to_owned(), title: "Ogłoszenia".to_owned() });
    c
}

#[test]
fn the_pattern_page_is_sound_in_every_language() {
    for lang in Lang::ALL {
        let html = super::render(full(lang)).unwrap();
        assert_eq!(pagecheck::faults(&html), Vec::<String>::new(), "{}", lang.code());
        assert!(html.contains(&format!("<html lang=\"{}\"", lang.code())));
        assert!(!html.contains("<span lang=\"pl\">"), "everything is translated");
    }
}

#[test]
fn a_stranger_sees_a_login_link_and_no_token() {
    let html = super::render(Chrome::new(texts(), Lang::Pl, "Gmina Modrzewie", "/styl")).unwrap();
    assert_eq!(pagecheck::faults(&html), Vec::<String>::new());
    assert!(html.contains("href=\"/logowanie\"") && !html.contains("/wyloguj"));
    assert!(!html.contains("form_token"));
    assert!(html.contains("<title>Wzory strony – Gmina Modrzewie</title>"));
}

#[test]
fn every_form_carries_the_token() {
    let html = super::render(full(Lang::Pl)).unwrap();
    let forms =
        html.split("<form ").skip(1).filter(|form| !form.contains("action=\"/styl\" novalidate"));
    for form in forms {
        let form = form.split("</form>").next().unwrap();
        let sample = form.starts_with("method=\"post\" action=\"/styl\" enctype");
        assert!(sample || form.contains("name=\"form_token\" value=\"t0ken\""), "{form}");
    }
}

#[test]
fn foreign_text_is_escaped_once() {
    let mut c = full(Lang::Pl);
    c.commune = "A & B <script>".to_owned();
    c.path = "/styl?a=\"><script>".to_owned();
    let html = super::render(c).unwrap();
    assert!(!html.contains("<script>") && !html.contains("&amp;lt;") && !html.contains("&amp;#"));
    assert!(html.contains("Zapisane &#60;b&#62;"));
}

#[test]
fn themes_and_a_refused_form_are_told_to_the_browser() {
    let mut c = full(Lang::En);
    c.theme = Theme::Contrast;
    c.failed = true;
    let html = super::render(c).unwrap();
    assert!(html.contains("data-theme=\"contrast\""));
    assert!(html.contains("<title>Error: Page patterns – Gmina Modrzewie</title>"));
    assert_eq!(html.matches("<button class=\"tool\" name=\"theme\"").count(), 4);
}

#[test]
fn an_error_page_says_what_to_do_and_gives_a_number() {
    use askama::Template;
    for lang in Lang::ALL {
        let mut c = full(lang);
        c.title = "Nie udało się zapisać".to_owned();
        let page = ErrorPage {
            c,
            sentence: "Serwer nie odpowiedział. Nic nie przepadło.".to_owned(),
            what_to_do: vec!["Spróbuj ponownie za chwilę.".to_owned()],
            back: "/sprawy".to_owned(),
            reference: "7F3A".to_owned(),
        };
        let html = page.render().unwrap();
        assert_eq!(pagecheck::faults(&html), Vec::<String>::new());
        assert!(html.contains("<code class=\"ref\">7F3A</code>"));
    }
}

#[test]
fn the_pattern_page_fits_the_budget_of_a_public_page() {
    // It shows every part at once, so it is the largest page there is.
    let html = super::render(full(Lang::Pl)).unwrap();
    let mut squeezed = Vec::new();
    let params = brotli::enc::BrotliEncoderParams { quality: 5, ..Default::default() };
    brotli::BrotliCompress(&mut html.as_bytes(), &mut squeezed, &params).unwrap();
    assert!(squeezed.len() < 14 * 1024, "{}", squeezed.len());
}

fn files_under(folder: &Path, extensions: &[&str], found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_under(&path, extensions, found);
        } else if path.extension().is_some_and(|e| extensions.iter().any(|x| e == *x)) {
            found.push(path);
        }
    }
}

/// This page and the frame: their sources, without tests.
fn sources() -> Vec<(PathBuf, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    files_under(&src.join("web"), &["html", "rs"], &mut found);
    files_under(&src.join("services/styl"), &["html", "rs"], &mut found);
    let real = found.into_iter().filter(|path| !path.ends_with("tests.rs"));
    real.map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect()
}

#[test]
fn every_text_that_is_asked_for_exists() {
    let texts = texts();
    for (path, source) in sources() {
        let own = source.split("#[cfg(test)]\nmod tests {").next().unwrap();
        for key in keys_used_in(own)
            .into_iter()
            .filter(|key| key.starts_with("ui-") || key.starts_with("styl-"))
        {
            assert!(texts.has(key), "{key} in {}", path.display());
        }
    }
}

#[test]
fn every_text_is_asked_for_somewhere() {
    // Counts that only rooms use: days to a deadline, number of cases.
    let of_rooms = ["ui-days-left", "ui-days-over", "ui-cases"];
    let all: String = sources().into_iter().map(|(_, source)| source).collect();
    let texts = texts();
    for key in texts.keys(Lang::Pl).iter().filter(|key| !key.contains('.')) {
        assert!(all.contains(&format!("\"{key}\"")) || of_rooms.contains(&key.as_str()), "{key}");
    }
    for lang in [Lang::En, Lang::Uk] {
        assert_eq!(texts.untranslated(lang), Vec::<&str>::new());
    }
}

#[test]
fn every_asset_that_is_asked_for_exists() {
    let mut asked = 0;
    for (path, source) in
        sources().into_iter().filter(|(path, _)| path.extension().unwrap() == "html")
    {
        for name in source.split("c.asset(\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            asked += 1;
            assert!(
                assets::find(assets::asset_path(name)).is_some(),
                "{name} in {}",
                path.display()
            );
        }
    }
    assert!(asked >= 5, "{asked}");
}
