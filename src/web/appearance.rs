//! Language and theme: a cookie, set by a form, so that it works without JavaScript.

use crate::{
    edge::Answer,
    web::{answer_body, chrome::Theme, cookies, i18n::Lang, input::Form},
};

/// What the cookie says.
pub fn chosen(cookie: Option<&str>) -> (Option<Lang>, Theme) {
    let (lang, theme) = cookie.and_then(|value| value.split_once('.')).unwrap_or_default();
    (Lang::parse(lang), Theme::parse(theme).unwrap_or_default())
}

/// Keeps the choice and goes back to the page it was made on.
pub fn answer(form: &Form, lang: Lang, theme: Theme) -> Answer {
    let lang = Lang::parse(form.get("lang")).unwrap_or(lang);
    let theme = Theme::parse(form.get("theme")).unwrap_or(theme);
    answer_body::with_cookie(
        answer_body::see_other(form.get("back")),
        &cookies::look(lang.code(), theme.code()),
    )
}
