//! All sentences of all rooms in three languages, looked up by key. Refuses broken Fluent, a key
//! written twice and a translation of nothing, so that these never reach a page.
//!
//! A sentence that is not translated is shown in Polish and marked `lang="pl"`; a key that does
//! not exist is shown as `⟦key⟧`, which tests look for.

use std::borrow::Cow;
use std::collections::BTreeSet;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::types::FluentNumber;
use fluent_bundle::{FluentArgs, FluentError, FluentResource, FluentValue};
use thiserror::Error;
use unic_langid::LanguageIdentifier;
use unic_langid::subtags::Language;

use super::format::group_digits;
use super::markup::{Arg, ArgValue, Markup, escape};
use super::unbroken::{NUMBER_ENDS, joined, unbroken};
use super::{Lang, Texts};

/// Why a set of texts was refused; all of these are faults of a release, found by its tests.
#[derive(Debug, Error)]
pub enum TextError {
    #[error("broken Fluent in the {lang} text near: {near}")]
    Syntax { lang: &'static str, near: String },
    /// Two rooms, or one room twice, chose the same key.
    #[error("key {key} stands twice in the {lang} texts")]
    Duplicate { lang: &'static str, key: String },
    /// The key was renamed or removed in Polish and forgotten here.
    #[error("key {key} is translated to {lang} but has no Polish text")]
    Orphan { lang: &'static str, key: String },
}

struct Tongue {
    bundle: FluentBundle<FluentResource>,
    /// `key` and `key.attribute` of every message.
    keys: BTreeSet<String>,
}

/// Made once at start-up and shared by all pages.
pub struct Catalogue {
    pl: Tongue,
    en: Tongue,
    uk: Tongue,
}

impl Catalogue {
    pub fn new(texts: &[&Texts]) -> Result<Catalogue, TextError> {
        let catalogue = Catalogue {
            pl: tongue(Lang::Pl, texts)?,
            en: tongue(Lang::En, texts)?,
            uk: tongue(Lang::Uk, texts)?,
        };
        for lang in [Lang::En, Lang::Uk] {
            if let Some(key) = catalogue.keys(lang).difference(catalogue.keys(Lang::Pl)).next() {
                return Err(TextError::Orphan { lang: lang.code(), key: key.clone() });
            }
        }
        Ok(catalogue)
    }

    /// The sentence as HTML: values are escaped, a Polish stand-in is marked as Polish.
    pub fn markup(&self, lang: Lang, key: &str, args: &[(&str, &dyn Arg)]) -> Markup {
        Markup::trusted(match self.find(lang, key, None, args, true) {
            Some((found, text)) if found == lang => text,
            Some((found, text)) => format!("<span lang=\"{}\">{text}</span>", found.code()),
            None => missing(lang, key),
        })
    }

    /// The sentence as plain text, for titles and attributes; the template escapes it.
    pub fn plain(&self, lang: Lang, key: &str, args: &[(&str, &dyn Arg)]) -> String {
        match self.find(lang, key, None, args, false) {
            Some((_, text)) => text,
            None => missing(lang, key),
        }
    }

    /// An attribute of a message (`.hint`), as HTML; empty where the message has none.
    pub fn attribute(&self, lang: Lang, key: &str, attribute: &str) -> Markup {
        Markup::trusted(match self.find(lang, key, Some(attribute), &[], true) {
            Some((found, text)) if found == lang => text,
            Some((found, text)) => format!("<span lang=\"{}\">{text}</span>", found.code()),
            None if self.has(key) => String::new(),
            None => missing(lang, key),
        })
    }

    pub fn has(&self, key: &str) -> bool {
        self.keys(Lang::Pl).contains(key)
    }

    /// Every key of a language, attributes as `key.attribute`. Tests compare this with the keys
    /// that templates use.
    pub fn keys(&self, lang: Lang) -> &BTreeSet<String> {
        &self.tongue(lang).keys
    }

    /// What a language does not say yet and shows in Polish.
    pub fn untranslated(&self, lang: Lang) -> Vec<&str> {
        self.keys(Lang::Pl).difference(self.keys(lang)).map(String::as_str).collect()
    }

    fn tongue(&self, lang: Lang) -> &Tongue {
        match lang {
            Lang::Pl => &self.pl,
            Lang::En => &self.en,
            Lang::Uk => &self.uk,
        }
    }

    fn find(
        &self,
        lang: Lang,
        key: &str,
        attribute: Option<&str>,
        args: &[(&str, &dyn Arg)],
        html: bool,
    ) -> Option<(Lang, String)> {
        let values = fluent_args(args, html);
        let wanted = say(&self.tongue(lang).bundle, key, attribute, &values);
        if let Some(text) = wanted {
            return Some((lang, text));
        }
        say(&self.pl.bundle, key, attribute, &values).map(|text| (Lang::Pl, text))
    }
}

fn missing(lang: Lang, key: &str) -> String {
    tracing::error!(lang = lang.code(), key, "a page asked for a text that does not exist");
    format!("⟦{}⟧", escape(key))
}

/// None when the message is absent or one of its values was not given.
fn say(
    bundle: &FluentBundle<FluentResource>,
    key: &str,
    attribute: Option<&str>,
    values: &FluentArgs<'_>,
) -> Option<String> {
    let message = bundle.get_message(key)?;
    let pattern = match attribute {
        None => message.value()?,
        Some(name) => message.get_attribute(name)?.value(),
    };
    let mut errors = Vec::new();
    let text = bundle.format_pattern(pattern, Some(values), &mut errors);
    errors.is_empty().then(|| joined(text))
}

fn fluent_args<'a>(args: &'a [(&'a str, &'a dyn Arg)], html: bool) -> FluentArgs<'a> {
    let mut values = FluentArgs::with_capacity(args.len());
    for (name, arg) in args {
        let value = match arg.value() {
            ArgValue::Text(text) => {
                // What begins with a number is one of ours, such as a date; people's own words are
                // said as they are.
                let text = if text.starts_with(|c: char| c.is_ascii_digit()) {
                    Cow::Owned(unbroken(&text).into_owned())
                } else {
                    text
                };
                let text = if html { Cow::Owned(escape(&text).into_owned()) } else { text };
                FluentValue::String(text)
            }
            ArgValue::Html(text) => FluentValue::String(Cow::Borrowed(text)),
            ArgValue::Number(n) => FluentValue::from(n),
        };
        values.set(*name, value);
    }
    values
}

fn tongue(lang: Lang, texts: &[&Texts]) -> Result<Tongue, TextError> {
    let mut bundle = FluentBundle::new_concurrent(vec![identifier(lang)]);
    // Isolation marks are for texts that mix directions; ours do not, and they show as boxes on
    // old phones.
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(match lang {
        Lang::Pl => |value: &FluentValue<'_>, _: &_| number(value, Lang::Pl),
        Lang::En => |value: &FluentValue<'_>, _: &_| number(value, Lang::En),
        Lang::Uk => |value: &FluentValue<'_>, _: &_| number(value, Lang::Uk),
    }));
    let mut keys = BTreeSet::new();
    for text in texts {
        let source = unbroken(text.of(lang));
        let source = source.as_ref();
        let resource = FluentResource::try_new(source.to_owned()).map_err(|(_, errors)| {
            let at = errors.first().map_or(0, |error| error.pos.start);
            TextError::Syntax { lang: lang.code(), near: excerpt(source, at) }
        })?;
        bundle.add_resource(resource).map_err(|errors| duplicate(lang, &errors))?;
        for key in message_keys(source) {
            if let Some(message) = bundle.get_message(key) {
                keys.extend(message.attributes().map(|a| format!("{key}.{}", a.id())));
            }
            keys.insert(key.to_owned());
        }
    }
    Ok(Tongue { bundle, keys })
}

/// A message begins at the first column with its name and `=`; the parser has already accepted
/// the text, so nothing else there looks like that. Terms (`-name`) are internal to their file.
fn message_keys(source: &str) -> impl Iterator<Item = &str> {
    source.lines().filter_map(|line| {
        let (key, _) = line.split_once('=')?;
        let key = key.trim_end();
        let named = key.starts_with(|c: char| c.is_ascii_alphabetic())
            && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
        named.then_some(key)
    })
}

fn duplicate(lang: Lang, errors: &[FluentError]) -> TextError {
    let key = errors.first().map_or_else(String::new, |error| match error {
        FluentError::Overriding { id, .. } => id.clone(),
        other => other.to_string(),
    });
    TextError::Duplicate { lang: lang.code(), key }
}

/// The line where the parser stopped.
fn excerpt(source: &str, at: usize) -> String {
    let before = source.bytes().take(at).filter(|byte| *byte == b'\n').count();
    source.lines().nth(before).unwrap_or_default().chars().take(80).collect()
}

/// Plural rules go by this. Our three codes are well formed; an unknown one would count as root.
fn identifier(lang: Lang) -> LanguageIdentifier {
    let language = Language::from_bytes(lang.code().as_bytes()).unwrap_or_default();
    LanguageIdentifier::from_parts(language, None, None, &[])
}

fn number(value: &FluentValue<'_>, lang: Lang) -> Option<String> {
    match value {
        FluentValue::Number(n) => {
            let digits = group_digits(&FluentNumber::as_string(n), lang.group_mark());
            Some(format!("{digits}{NUMBER_ENDS}"))
        }
        _ => None,
    }
}
