//! What the catalogue refuses, what it says when something is missing, and how it writes numbers.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::date;

use super::{Catalogue, Lang, Markup, TextError, Texts, UI, keys_used_in};
use crate::web::chrome::Chrome;

fn catalogue(texts: &[&Texts]) -> Catalogue {
    Catalogue::new(texts).unwrap()
}

fn chrome(lang: Lang) -> Chrome {
    Chrome::new(Arc::new(catalogue(&[&UI])), lang, "Gmina Modrzewie", "/")
}

#[test]
fn a_browser_gets_the_language_it_wants_most() {
    let rows = [
        ("", Lang::Pl),
        ("de,fr;q=0.9", Lang::Pl),
        ("en-GB,en;q=0.9,pl;q=0.8", Lang::En),
        ("de, pl;q=0.3, uk;q=0.7", Lang::Uk),
        ("en;q=0,pl;q=0.1", Lang::Pl),
        ("uk-UA", Lang::Uk),
        ("pl;q=0.5,en;q=0.5", Lang::Pl),
        ("*;q=1", Lang::Pl),
        ("en;q=broken,uk;q=0.2", Lang::Uk),
        ("en;q=0.55,uk;q=0.6", Lang::Uk),
    ];
    for (header, expected) in rows {
        assert_eq!(Lang::negotiate(header), expected, "{header}");
    }
}

#[test]
fn polish_counts_have_three_forms() {
    let c = chrome(Lang::Pl);
    let rows = [
        (0_i64, "0 spraw"),
        (1, "1 sprawa"),
        (2, "2 sprawy"),
        (4, "4 sprawy"),
        (5, "5 spraw"),
        (12, "12 spraw"),
        (14, "14 spraw"),
        (22, "22 sprawy"),
        (25, "25 spraw"),
        (112, "112 spraw"),
        (1_002, "1\u{202f}002 sprawy"),
    ];
    for (n, expected) in rows {
        assert_eq!(c.plain1("ui-cases", "n", n), expected.replace(' ', "\u{a0}"));
    }
}

#[test]
fn ukrainian_counts_follow_their_own_rule() {
    let c = chrome(Lang::Uk);
    for (n, expected) in [(1, "1 справа"), (21, "21 справа"), (3, "3 справи"), (11, "11 справ")]
    {
        assert_eq!(c.plain1("ui-cases", "n", n), expected.replace(' ', "\u{a0}"));
    }
}

#[test]
fn zero_days_are_today_in_every_language() {
    for (lang, expected) in [
        (Lang::Pl, "termin mija dziś"),
        (Lang::En, "due today"),
        (Lang::Uk, "строк спливає сьогодні"),
    ] {
        assert_eq!(chrome(lang).plain1("ui-days-left", "n", 0), expected);
    }
}

#[test]
fn an_untranslated_sentence_is_polish_and_says_so() {
    let texts = Texts { pl: "a = Dom { $n }\n    .hint = Duży", en: "", uk: "a = Дім { $n }" };
    let all = catalogue(&[&texts]);
    let say = |lang| all.markup(lang, "a", &[("n", &"<b>")]).to_string();
    assert_eq!(say(Lang::Pl), "Dom &lt;b&gt;");
    assert_eq!(say(Lang::En), "<span lang=\"pl\">Dom &lt;b&gt;</span>");
    assert_eq!(say(Lang::Uk), "Дім &lt;b&gt;");
    assert_eq!(all.plain(Lang::En, "a", &[("n", &"<b>")]), "Dom <b>");
    let hint = all.attribute(Lang::Uk, "a", "hint").to_string();
    assert_eq!(hint, "<span lang=\"pl\">Duży</span>");
    assert_eq!(all.untranslated(Lang::En), ["a", "a.hint"]);
    assert_eq!(all.untranslated(Lang::Uk), ["a.hint"]);
}

#[test]
fn a_missing_key_or_value_is_visible() {
    let all = catalogue(&[&Texts { pl: "a = Dom { $n }", en: "", uk: "" }]);
    assert_eq!(all.markup(Lang::Pl, "b", &[]).to_string(), "⟦b⟧");
    assert_eq!(all.plain(Lang::En, "a", &[]), "⟦a⟧", "the value n was not given");
    assert_eq!(all.attribute(Lang::Pl, "b", "hint").to_string(), "⟦b⟧");
    assert!(all.attribute(Lang::Pl, "a", "hint").is_empty());
}

#[test]
fn our_own_html_is_put_in_as_it_is_and_foreign_text_is_escaped() {
    let all = catalogue(&[&Texts { pl: "a = Numer { $n }: { $who }", en: "", uk: "" }]);
    let bold = Markup::trusted("<strong>7</strong>".to_owned());
    let said = all.markup(Lang::Pl, "a", &[("n", &bold), ("who", &"Anna & \"syn\"")]);
    assert_eq!(said.to_string(), "Numer <strong>7</strong>: Anna &amp; &quot;syn&quot;");
}

#[test]
fn broken_sets_of_texts_are_refused() {
    let one = Texts { pl: "a = 1", en: "", uk: "" };
    let twice = Texts { pl: "a = 1\na = 2", en: "", uk: "" };
    let broken = Texts { pl: "a = 1", en: "a { = 2", uk: "" };
    let orphan = Texts { pl: "", en: "", uk: "b = 2" };
    let refused = |texts: &[&Texts]| Catalogue::new(texts).err().unwrap();
    assert!(
        matches!(refused(&[&one, &one]), TextError::Duplicate { lang: "pl", key } if key == "a")
    );
    assert!(matches!(refused(&[&twice]), TextError::Duplicate { lang: "pl", .. }));
    assert!(
        matches!(refused(&[&broken]), TextError::Syntax { lang: "en", near } if near.starts_with("a {"))
    );
    assert!(
        matches!(refused(&[&one, &orphan]), TextError::Orphan { lang: "uk", key } if key == "b")
    );
}

#[test]
fn money_is_written_as_each_language_does() {
    let rows = [
        (0, "0,00\u{a0}zł", "0.00\u{a0}zł"),
        (5, "0,05\u{a0}zł", "0.05\u{a0}zł"),
        (123_450, "1\u{202f}234,50\u{a0}zł", "1,234.50\u{a0}zł"),
        (-1_700, "\u{2212}17,00\u{a0}zł", "\u{2212}17.00\u{a0}zł"),
        (10_000_000_000, "100\u{202f}000\u{202f}000,00\u{a0}zł", "100,000,000.00\u{a0}zł"),
    ];
    for (grosze, polish, english) in rows {
        assert_eq!(chrome(Lang::Pl).money(grosze), polish);
        assert_eq!(chrome(Lang::Uk).money(grosze), polish);
        assert_eq!(chrome(Lang::En).money(grosze), english);
    }
    assert!(chrome(Lang::Pl).money(i64::MIN).starts_with('\u{2212}'));
}

#[test]
fn sizes_are_in_the_unit_a_person_would_use() {
    let rows = [
        (0, "0\u{a0}B"),
        (999, "999\u{a0}B"),
        (1_000, "1,0\u{a0}kB"),
        (88_310, "88\u{a0}kB"),
        (999_499, "999\u{a0}kB"),
        (999_600, "1,0\u{a0}MB"),
        (3_412_090, "3,4\u{a0}MB"),
        (9_960_000, "10\u{a0}MB"),
        (10_000_000, "10\u{a0}MB"),
        (5_000_000_000_000, "5\u{202f}000\u{a0}GB"),
    ];
    for (bytes, expected) in rows {
        assert_eq!(chrome(Lang::Pl).bytes(bytes), expected, "{bytes}");
    }
    assert_eq!(chrome(Lang::En).bytes(3_412_090), "3.4\u{a0}MB");
    assert_eq!(chrome(Lang::Uk).bytes(3_412_090), "3,4\u{a0}МБ");
}

#[test]
fn days_and_moments_are_in_polands_time() {
    let autumn: Timestamp = "2026-11-21T13:32:00Z".parse().unwrap();
    let new_year: Timestamp = "2026-12-31T23:05:00Z".parse().unwrap();
    let summer: Timestamp = "2026-07-01T22:30:00Z".parse().unwrap();
    let c = chrome(Lang::Pl);
    assert_eq!(c.moment(autumn), "21\u{a0}listopada 2026, 14:32");
    assert_eq!(c.moment(new_year), "1\u{a0}stycznia 2027, 00:05");
    assert_eq!(c.moment(summer), "2\u{a0}lipca 2026, 00:30");
    assert_eq!(c.time(autumn), "14:32");
    assert_eq!(chrome(Lang::En).moment(autumn), "21\u{a0}November 2026, 14:32");
    assert_eq!(chrome(Lang::Uk).moment(autumn), "21\u{a0}листопада 2026\u{a0}року, 14:32");
    let months: Vec<String> = (1..=12).map(|m| c.day(date(2026, m, 3))).collect();
    assert_eq!(months[0], "3\u{a0}stycznia 2026");
    assert_eq!(months[8], "3\u{a0}września 2026");
    assert_eq!(months[11], "3\u{a0}grudnia 2026");
}

#[test]
fn the_interface_is_translated_whole() {
    let all = catalogue(&[&UI]);
    for lang in [Lang::En, Lang::Uk] {
        assert_eq!(all.untranslated(lang), Vec::<&str>::new(), "{}", lang.code());
    }
}

#[test]
fn no_invisible_marks_stand_around_values() {
    let said = chrome(Lang::Uk).plain2("ui-step", "n", 2, "of", 5);
    assert_eq!(said, "Крок 2 з 5:");
}

#[test]
fn keys_are_found_in_templates_and_code() {
    let source = r#"<p>{{ c.t("a-b") }} {{ c.t1("c", "n", 2) }}</p> c.plain("d").hint("e")"#;
    assert_eq!(keys_used_in(source).into_iter().collect::<Vec<_>>(), ["a-b", "c", "d", "e"]);
}
