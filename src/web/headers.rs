//! Headers of every answer: nothing from elsewhere, no frames, no guessing of types.

use http::{HeaderMap, HeaderName, HeaderValue, header};

const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; \
    frame-ancestors 'none'";
/// A file somebody uploaded: it can do nothing but be kept.
const CSP_INERT: &str = "default-src 'none'; sandbox; frame-ancestors 'none'";
const PERMISSIONS: &str = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), publickey-credentials-get=(self), publickey-credentials-create=(self)";

/// How an answer may be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caching {
    /// Personal, or changed by a form: never.
    Never,
    /// The same for everybody, but may change: ask each time.
    Ask,
    /// Its name changes with its bytes.
    Forever,
}

/// Adds the headers that every answer has.
pub fn add(headers: &mut HeaderMap, caching: Caching, inert: bool) {
    let mut set = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    set(header::CONTENT_SECURITY_POLICY, if inert { CSP_INERT } else { CSP });
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::X_FRAME_OPTIONS, "DENY");
    set(header::REFERRER_POLICY, "same-origin");
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    set(HeaderName::from_static("permissions-policy"), PERMISSIONS);
    set(
        header::CACHE_CONTROL,
        match caching {
            Caching::Never => "no-store",
            Caching::Ask => "no-cache",
            Caching::Forever => "public, max-age=31536000, immutable",
        },
    );
    set(header::VARY, "cookie, accept-language, accept-encoding");
}
