//! What every page carries beside its own matter: language, title, who is signed in, the form
//! token, the way it looks. Templates hold it as field `c` and ask it for sentences, dates, money
//! and asset names. It decides nothing and reads nothing; the router fills it in.

use std::sync::Arc;

use askama::Template;
use jiff::Timestamp;
use jiff::civil::Date;

use super::assets;
use super::i18n::{Arg, Catalogue, Lang, Markup, civil_day, clock_time, size_in, zlote_in};

/// Where the layout's own links and forms lead. The router serves these paths.
pub mod paths {
    pub const HOME: &str = "/";
    pub const LOGIN: &str = "/logowanie";
    /// `POST` with the form token.
    pub const LOGOUT: &str = "/wyloguj";
    pub const MY_CASES: &str = "/moje-sprawy";
    /// `POST` with the form token, `back`, and one of `lang` and `theme`.
    pub const APPEARANCE: &str = "/ustawienia/wyglad";
}

/// Names of hidden form fields, and of the header in which scripts send the token.
pub mod fields {
    pub const FORM_TOKEN: &str = "form_token";
    pub const SUBMISSION_KEY: &str = "submission_key";
    pub const FORM_TOKEN_HEADER: &str = "x-form-token";
}

#[derive(Clone)]
pub struct Chrome {
    pub lang: Lang,
    pub texts: Arc<Catalogue>,
    /// What this page is, without the commune: `Krok 2 z 5: Drzewa – Zamiar usunięcia drzewa`.
    pub title: String,
    pub commune: String,
    /// Path and query of this page: where the language and theme buttons return to.
    pub path: String,
    pub person: Option<PersonFace>,
    /// Empty where the visitor has none; then no field is printed.
    pub form_token: String,
    pub flash: Option<Flash>,
    /// From the home page down to the parent of this page.
    pub crumbs: Vec<Link>,
    pub theme: Theme,
    pub menu: Vec<MenuItem>,
    pub footer: Vec<Link>,
    pub feed: Option<Feed>,
    /// Staff pages with tables: 1,200 px and smaller type, instead of one column of 720 px.
    pub wide: bool,
    /// A line above the header: what is unusual about this whole site, such as a demonstration.
    pub status: Option<String>,
    /// The form on this page was refused; the title says so first.
    pub failed: bool,
}

#[derive(Clone, Debug)]
pub struct PersonFace {
    pub name: String,
    pub staff: bool,
}

#[derive(Clone, Debug)]
pub struct Flash {
    pub kind: Kind,
    pub text: String,
}

/// How a notice is meant. Each kind has a word and a shape; colour only repeats them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Info,
    Success,
    Warning,
    Danger,
}

impl Kind {
    /// Class name in the style sheet and icon name in the sprite.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Info => "info",
            Kind::Success => "success",
            Kind::Warning => "warning",
            Kind::Danger => "danger",
        }
    }

    /// `alert` interrupts a screen reader, `status` waits for a pause.
    pub fn role(self) -> &'static str {
        match self {
            Kind::Info | Kind::Success => "status",
            Kind::Warning | Kind::Danger => "alert",
        }
    }
}

#[derive(Clone, Debug)]
pub struct Link {
    pub label: String,
    pub href: String,
}

#[derive(Clone, Debug)]
pub struct MenuItem {
    pub label: String,
    pub href: String,
    pub current: bool,
}

#[derive(Clone, Debug)]
pub struct Feed {
    pub href: String,
    pub title: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the device asks.
    #[default]
    Auto,
    Light,
    Dark,
    Contrast,
}

impl Theme {
    pub const ALL: [Theme; 4] = [Theme::Auto, Theme::Light, Theme::Dark, Theme::Contrast];

    pub fn code(self) -> &'static str {
        match self {
            Theme::Auto => "auto",
            Theme::Light => "light",
            Theme::Dark => "dark",
            Theme::Contrast => "contrast",
        }
    }

    pub fn parse(code: &str) -> Option<Theme> {
        Theme::ALL.into_iter().find(|theme| theme.code() == code)
    }
}

/// A small value as templates hand it over: by itself or behind any number of references.
pub trait Value<T> {
    fn own(&self) -> T;
}

macro_rules! values {
    ($($t:ty),*) => {$(
        impl Value<$t> for $t {
            fn own(&self) -> $t { *self }
        }
    )*};
}
values!(i64, u64, Date, Timestamp, Kind);

impl<T, V: Value<T> + ?Sized> Value<T> for &V {
    fn own(&self) -> T {
        (**self).own()
    }
}

impl Chrome {
    /// A page for an unknown visitor, with nothing optional on it. Callers set the rest.
    pub fn new(texts: Arc<Catalogue>, lang: Lang, commune: &str, path: &str) -> Chrome {
        Chrome {
            lang,
            texts,
            title: String::new(),
            commune: commune.to_owned(),
            path: path.to_owned(),
            person: None,
            form_token: String::new(),
            flash: None,
            crumbs: Vec::new(),
            theme: Theme::Auto,
            menu: Vec::new(),
            footer: Vec::new(),
            feed: None,
            wide: false,
            status: None,
            failed: false,
        }
    }

    /// The text of `<title>`: "Błąd: Krok 2 … – Gmina Modrzewie".
    pub fn page_title(&self) -> String {
        let page = match (self.title.is_empty(), self.commune.is_empty()) {
            (true, _) => self.commune.clone(),
            (false, true) => self.title.clone(),
            (false, false) => format!("{} – {}", self.title, self.commune),
        };
        if self.failed { self.plain1("ui-title-failed", "title", page) } else { page }
    }

    /// A sentence as HTML.
    pub fn t(&self, key: &str) -> Markup {
        self.texts.markup(self.lang, key, &[])
    }

    pub fn t1(&self, key: &str, name: &str, value: impl Arg) -> Markup {
        self.texts.markup(self.lang, key, &[(name, &value)])
    }

    pub fn t2(&self, key: &str, n1: &str, v1: impl Arg, n2: &str, v2: impl Arg) -> Markup {
        self.texts.markup(self.lang, key, &[(n1, &v1), (n2, &v2)])
    }

    /// The `.hint` of a message; empty where it has none.
    pub fn hint(&self, key: &str) -> Markup {
        self.texts.attribute(self.lang, key, "hint")
    }

    /// A sentence as plain text, for titles, attributes and refusals.
    pub fn plain(&self, key: &str) -> String {
        self.texts.plain(self.lang, key, &[])
    }

    pub fn plain1(&self, key: &str, name: &str, value: impl Arg) -> String {
        self.texts.plain(self.lang, key, &[(name, &value)])
    }

    pub fn plain2(&self, key: &str, n1: &str, v1: impl Arg, n2: &str, v2: impl Arg) -> String {
        self.texts.plain(self.lang, key, &[(n1, &v1), (n2, &v2)])
    }

    /// "21 listopada 2026".
    pub fn day(&self, day: impl Value<Date>) -> String {
        let day = day.own();
        // Month and year are names here, not counts: as text they are neither grouped nor plural.
        let month = format!("m{}", day.month());
        let (d, year) = (day.day().to_string(), day.year().to_string());
        let args: [(&str, &dyn Arg); 3] = [("day", &d), ("month", &month), ("year", &year)];
        self.texts.plain(self.lang, "ui-day", &args)
    }

    /// "21 listopada 2026, 14:32", in Poland's time.
    pub fn moment(&self, moment: impl Value<Timestamp>) -> String {
        let moment = moment.own();
        self.plain2("ui-moment", "day", self.day(civil_day(moment)), "time", clock_time(moment))
    }

    /// "14:32", in Poland's time.
    pub fn time(&self, moment: impl Value<Timestamp>) -> String {
        clock_time(moment.own())
    }

    /// "1 234,50 zł" from grosze.
    pub fn money(&self, grosze: impl Value<i64>) -> String {
        self.plain1("ui-money", "amount", zlote_in(self.lang, grosze.own()))
    }

    /// "3,4 MB".
    pub fn bytes(&self, bytes: impl Value<u64>) -> String {
        let (amount, unit) = size_in(self.lang, bytes.own());
        self.plain2("ui-bytes", "amount", amount, "unit", unit)
    }

    /// The address of an asset with its hash: `c.asset("style.css")`.
    pub fn asset(&self, name: &str) -> &'static str {
        assets::asset_path(name)
    }

    pub fn kind_word(&self, kind: impl Value<Kind>) -> Markup {
        self.t(match kind.own() {
            Kind::Info => "ui-kind-info",
            Kind::Success => "ui-kind-success",
            Kind::Warning => "ui-kind-warning",
            Kind::Danger => "ui-kind-danger",
        })
    }

    pub fn theme_word(&self, theme: &Theme) -> Markup {
        self.t(match theme {
            Theme::Auto => "ui-theme-auto",
            Theme::Light => "ui-theme-light",
            Theme::Dark => "ui-theme-dark",
            Theme::Contrast => "ui-theme-contrast",
        })
    }
}

/// A page that says what went wrong, whether anything is lost and what to do. The title stands in
/// `c.title`; the sentences are in the reader's language already.
#[derive(Template)]
#[template(path = "web/templates/error.html")]
pub struct ErrorPage {
    pub c: Chrome,
    pub sentence: String,
    pub what_to_do: Vec<String>,
    /// Where "Wróć" leads; empty for no button.
    pub back: String,
    /// Number of the event in the log; empty when there is none.
    pub reference: String,
}
