//! "No", "not there" and "our fault" as pages, or as problem documents (RFC 9457) for scripts.

use askama::Template as _;
use http::{Response, StatusCode, header};

use crate::{
    edge::{Answer, full_body},
    kernel::{
        crypto::hex,
        identity::people::Commune,
        store::{Fault, Refusal, desk::NotSaved, refusal::RefusalKind},
    },
    web::{
        House,
        chrome::{Chrome, ErrorPage, Theme},
        headers::Caching,
        i18n::{Arg, Catalogue, Lang},
        router::sealed,
    },
};

/// How the answer to a request looks, also when nothing else is known of it.
pub struct Looks {
    pub lang: Lang,
    pub theme: Theme,
    /// The page to go on from.
    pub path: String,
    /// A form was sent, so there is a page to go back to.
    pub asked: bool,
    pub request: [u8; 8],
    pub json: bool,
}

/// What is wrong, and what to do.
pub fn sentences(texts: &Catalogue, lang: Lang, refusal: &Refusal) -> (String, String) {
    let args: Vec<(&str, &dyn Arg)> =
        refusal.args.iter().map(|(name, value)| (*name, value as &dyn Arg)).collect();
    let say =
        |key: String| if texts.has(&key) { texts.plain(lang, &key, &args) } else { String::new() };
    let sentence = say(format!("refusal-{}", refusal.code));
    let sentence =
        if sentence.is_empty() { texts.plain(lang, "refusal-rule", &[]) } else { sentence };
    (sentence, say(format!("refusal-{}-do", refusal.code)))
}

/// The page of a refusal.
pub fn refusal(house: &House, looks: &Looks, refusal: &Refusal) -> Answer {
    let status = match &refusal.kind {
        RefusalKind::Rule => StatusCode::UNPROCESSABLE_ENTITY,
        RefusalKind::Denied => StatusCode::FORBIDDEN,
        RefusalKind::Unknown => StatusCode::NOT_FOUND,
        RefusalKind::Conflict => StatusCode::CONFLICT,
        RefusalKind::Fault(what) => return fault(house, looks, &Fault::new(what)),
    };
    page(house, looks, refusal, status)
}

/// Our fault: logged once, with a number that the page shows too.
pub fn fault(house: &House, looks: &Looks, fault: &Fault) -> Answer {
    let reference = reference(looks);
    tracing::error!(reference, %fault, "a request failed");
    house.metrics.fault();
    render(house, looks, &Refusal::rule("fault"), StatusCode::INTERNAL_SERVER_ERROR, &reference)
}

/// The entry did not reach the disk; nothing was saved, and trying again is sound.
pub fn not_saved(house: &House, looks: &Looks, error: &NotSaved) -> Answer {
    let reference = reference(looks);
    tracing::error!(reference, %error, "not saved");
    house.metrics.fault();
    render(house, looks, &Refusal::rule("not-saved"), StatusCode::SERVICE_UNAVAILABLE, &reference)
}

/// A refusal with a status of its own.
pub fn page(house: &House, looks: &Looks, refusal: &Refusal, status: StatusCode) -> Answer {
    render(house, looks, refusal, status, "")
}

/// When not even a page can be made.
pub fn bare(status: StatusCode) -> Answer {
    let mut answer = Response::new(full_body(format!("{status}\n")));
    *answer.status_mut() = status;
    sealed(answer, Caching::Never, false)
}

fn reference(looks: &Looks) -> String {
    hex(&looks.request).get(..8).unwrap_or_default().to_uppercase()
}

fn render(
    house: &House,
    looks: &Looks,
    refusal: &Refusal,
    status: StatusCode,
    reference: &str,
) -> Answer {
    let (sentence, what_to_do) = sentences(&house.texts, looks.lang, refusal);
    let (kind, body) = if looks.json {
        let problem = serde_json::json!({
            "type": format!("/problemy/{}", refusal.code),
            "title": sentence,
            "status": status.as_u16(),
            "detail": what_to_do,
            "field": refusal.field,
            "reference": reference,
            "error": sentence,
        });
        ("application/problem+json", problem.to_string())
    } else {
        let page = ErrorPage {
            c: chrome(house, looks, status),
            sentence,
            what_to_do: Some(what_to_do).filter(|text| !text.is_empty()).into_iter().collect(),
            // The same page again helps only if it may answer otherwise the next time.
            back: if looks.asked && status != StatusCode::NOT_FOUND || status.is_server_error() {
                looks.path.clone()
            } else {
                String::new()
            },
            reference: reference.to_owned(),
        };
        (
            "text/html; charset=utf-8",
            page.render().unwrap_or_else(|error| format!("{status}: {error}")),
        )
    };
    let mut answer = Response::new(full_body(body));
    *answer.status_mut() = status;
    answer.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(kind));
    sealed(answer, Caching::Never, false)
}

fn chrome(house: &House, looks: &Looks, status: StatusCode) -> Chrome {
    let commune = house.store.view().get::<Commune>(&"commune".to_owned()).ok().flatten();
    let name = commune.map_or_else(|| "Ostoja".to_owned(), |commune| commune.name);
    let mut c = Chrome::new(house.texts.clone(), looks.lang, &name, &looks.path);
    c.theme = looks.theme;
    c.title = c.plain(match status {
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => "web-error-unknown",
        StatusCode::FORBIDDEN => "web-error-denied",
        status if status.is_server_error() => "web-error-fault",
        _ => "web-error-refused",
    });
    c
}
