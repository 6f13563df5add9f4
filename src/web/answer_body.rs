//! Answers as bytes: pages with their entity tag, files, redirects, compression.

use std::io::Write as _;

use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use http_body_util::BodyExt as _;

use crate::{
    edge::{Answer, empty_body, full_body},
    kernel::crypto::{hash, hex},
    web::{
        Page,
        assets::Asset,
        headers::Caching,
        router::{caching, sealed},
    },
};

/// Smaller answers are sent as they are.
const COMPRESS_FROM_BYTES: usize = 1_000;
/// Personal pages are compressed while the visitor waits: quick rather than small.
const GZIP_LEVEL: u32 = 4;

/// A page or a file.
pub fn page(page: Page) -> Answer {
    let inert = page.download.is_some();
    let mut answer = Response::new(full_body(page.body));
    *answer.status_mut() = page.status;
    set(answer.headers_mut(), header::CONTENT_TYPE, page.content_type);
    if let Some(name) = page.download {
        let ascii: String = name
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() || ".-_".contains(c) { c } else { '_' })
            .collect();
        let encoded: String = form_urlencoded::byte_serialize(name.as_bytes())
            .collect::<String>()
            .replace('+', "%20");
        set(
            answer.headers_mut(),
            header::CONTENT_DISPOSITION,
            &format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{encoded}"),
        );
    }
    sealed(answer, caching(page.public), inert)
}

/// 303 to a path of ours.
pub fn see_other(to: &str) -> Answer {
    let mut answer = Response::new(empty_body());
    *answer.status_mut() = StatusCode::SEE_OTHER;
    // Only paths of ours: a redirect can lead nowhere else.
    let to = if to.starts_with('/') && !to.starts_with("//") && !to.starts_with("/\\") {
        to
    } else {
        "/"
    };
    set(answer.headers_mut(), header::LOCATION, to);
    sealed(answer, Caching::Never, false)
}

/// An answer for scripts of ours.
pub fn json(value: &serde_json::Value) -> Answer {
    let mut answer = Response::new(full_body(value.to_string()));
    set(answer.headers_mut(), header::CONTENT_TYPE, "application/json");
    sealed(answer, Caching::Never, false)
}

/// Adds a cookie.
pub fn with_cookie(mut answer: Answer, cookie: &str) -> Answer {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        answer.headers_mut().append(header::SET_COOKIE, value);
    }
    answer
}

/// An asset: its name changes with its bytes.
pub fn asset(asset: &'static Asset, request: &HeaderMap) -> Answer {
    let accepts = request
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let (bytes, encoding) = match (&asset.br, &asset.gz) {
        (Some(br), _) if accepts.contains("br") => (br, Some("br")),
        (_, Some(gz)) if accepts.contains("gzip") => (gz, Some("gzip")),
        _ => (&asset.bytes, None),
    };
    let mut answer = Response::new(full_body(bytes.to_vec()));
    set(answer.headers_mut(), header::CONTENT_TYPE, asset.content_type);
    if let Some(encoding) = encoding {
        set(answer.headers_mut(), header::CONTENT_ENCODING, encoding);
    }
    sealed(answer, Caching::Forever, false)
}

/// What the browser says it can take and has.
pub struct Wishes {
    pub accept_encoding: String,
    pub if_none_match: String,
}

impl Wishes {
    /// Reads them.
    pub fn of(headers: &HeaderMap) -> Wishes {
        let of = |name| {
            headers
                .get(name)
                .and_then(|value: &HeaderValue| value.to_str().ok())
                .unwrap_or_default()
                .to_owned()
        };
        Wishes {
            accept_encoding: of(header::ACCEPT_ENCODING),
            if_none_match: of(header::IF_NONE_MATCH),
        }
    }
}

/// Compresses a text answer if the browser can read it, and sends nothing where it has the same bytes.
/// Pages with a form token change with every session, and nothing of another origin is reflected
/// beside it, so compression tells nothing.
pub fn fitted(answer: Answer, wishes: &Wishes) -> Answer {
    let text = answer
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|kind| {
            kind.starts_with("text/")
                || kind.contains("json")
                || kind.contains("xml")
                || kind.contains("svg")
        });
    if !text || answer.headers().contains_key(header::CONTENT_ENCODING) {
        return answer;
    }
    let public =
        answer.headers().get(header::CACHE_CONTROL).is_some_and(|value| value == "no-cache");
    let (mut parts, body) = answer.into_parts();
    let Some(Ok(collected)) = futures_now(body.collect()) else {
        return Response::from_parts(parts, empty_body());
    };
    let bytes = collected.to_bytes();
    if public && parts.status == StatusCode::OK {
        let tag = entity_tag(&bytes);
        set(&mut parts.headers, header::ETAG, &tag);
        if wishes.if_none_match.split(',').any(|had| had.trim() == tag) {
            parts.status = StatusCode::NOT_MODIFIED;
            return Response::from_parts(parts, empty_body());
        }
    }
    if bytes.len() < COMPRESS_FROM_BYTES || !wishes.accept_encoding.contains("gzip") {
        return Response::from_parts(parts, full_body(bytes));
    }
    let mut encoder =
        flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(GZIP_LEVEL));
    let packed = encoder.write_all(&bytes).and_then(|()| encoder.finish());
    let Ok(packed) = packed else { return Response::from_parts(parts, full_body(bytes)) };
    set(&mut parts.headers, header::CONTENT_ENCODING, "gzip");
    Response::from_parts(parts, full_body(packed))
}

/// The value of a future that is ready at once: our own bodies are whole.
fn futures_now<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut future = std::pin::pin!(future);
    match future.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop())) {
        std::task::Poll::Ready(value) => Some(value),
        std::task::Poll::Pending => None,
    }
}

/// A weak entity tag over the bytes: weak, because compression changes them and not their meaning.
fn entity_tag(bytes: &[u8]) -> String {
    let digest = hex(&hash(&[bytes]));
    format!("W/\"{}\"", digest.get(..24).unwrap_or_default())
}

fn set(headers: &mut HeaderMap, name: header::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
