//! What the edge says no to, and in which words.
//!
//! These lines of plain text are for programs and for the few people who meet them before the app can speak;
//! an app may put a page in their place (`App::refused`).

use http::{HeaderValue, StatusCode, header};

use super::{Answer, full_body};

/// Why the edge answers in the app's place.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Refusal {
    /// The request line is not `METHOD target HTTP/1.x`.
    BadRequestLine,
    /// A header field is malformed, folded, or ends in a bare line feed.
    BadHeader,
    /// Content-Length and Transfer-Encoding contradict each other, repeat, or say what we do not speak.
    BadFraming,
    /// Host is missing, repeated, malformed, or differs from the target's.
    BadHost,
    /// Host is not one of ours.
    WrongHost,
    /// A method that exists but is not served here.
    MethodRefused,
    /// A method nobody registered.
    MethodUnknown,
    /// Not HTTP/1.0 or 1.1 where HTTP/1 was agreed.
    Version,
    /// An expectation other than 100-continue.
    Expectation,
    /// The target is longer than the limit.
    TargetTooLong,
    /// The head is larger than the limit, or has too many fields.
    HeadTooLarge,
    /// The body is larger than its class allows.
    BodyTooLarge,
    /// The head did not arrive in time.
    SlowHead,
    /// The body did not arrive in time.
    SlowBody,
    /// The app did not answer in time.
    NoAnswer,
    /// The app failed.
    Fault,
}

impl Refusal {
    /// Every refusal, in the order of the counters.
    pub const ALL: [Self; 16] = [
        Self::BadRequestLine,
        Self::BadHeader,
        Self::BadFraming,
        Self::BadHost,
        Self::WrongHost,
        Self::MethodRefused,
        Self::MethodUnknown,
        Self::Version,
        Self::Expectation,
        Self::TargetTooLong,
        Self::HeadTooLarge,
        Self::BodyTooLarge,
        Self::SlowHead,
        Self::SlowBody,
        Self::NoAnswer,
        Self::Fault,
    ];

    /// The name in metrics.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::BadRequestLine => "bad_request_line",
            Self::BadHeader => "bad_header",
            Self::BadFraming => "bad_framing",
            Self::BadHost => "bad_host",
            Self::WrongHost => "wrong_host",
            Self::MethodRefused => "method_refused",
            Self::MethodUnknown => "method_unknown",
            Self::Version => "version",
            Self::Expectation => "expectation",
            Self::TargetTooLong => "target_too_long",
            Self::HeadTooLarge => "head_too_large",
            Self::BodyTooLarge => "body_too_large",
            Self::SlowHead => "slow_head",
            Self::SlowBody => "slow_body",
            Self::NoAnswer => "no_answer",
            Self::Fault => "fault",
        }
    }

    /// The status sent.
    #[must_use]
    pub fn status(self) -> StatusCode {
        match self {
            Self::BadRequestLine | Self::BadHeader | Self::BadFraming | Self::BadHost => {
                StatusCode::BAD_REQUEST
            }
            Self::WrongHost => StatusCode::MISDIRECTED_REQUEST,
            Self::MethodRefused => StatusCode::METHOD_NOT_ALLOWED,
            Self::MethodUnknown => StatusCode::NOT_IMPLEMENTED,
            Self::Version => StatusCode::HTTP_VERSION_NOT_SUPPORTED,
            Self::Expectation => StatusCode::EXPECTATION_FAILED,
            Self::TargetTooLong => StatusCode::URI_TOO_LONG,
            Self::HeadTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::SlowHead | Self::SlowBody => StatusCode::REQUEST_TIMEOUT,
            Self::NoAnswer => StatusCode::SERVICE_UNAVAILABLE,
            Self::Fault => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The sentence sent.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::BadRequestLine => "The request line is malformed.\n",
            Self::BadHeader => "A header field is malformed.\n",
            Self::BadFraming => "The length of the request is not stated in one clear way.\n",
            Self::BadHost => "The Host field is missing, repeated or malformed.\n",
            Self::WrongHost => "This host name is not served here.\n",
            Self::MethodRefused => "This method is not served here.\n",
            Self::MethodUnknown => "This method is not known here.\n",
            Self::Version => "Only HTTP/1.1 and HTTP/2 are spoken here.\n",
            Self::Expectation => "This expectation cannot be met.\n",
            Self::TargetTooLong => "The address is too long.\n",
            Self::HeadTooLarge => "The request head is too large.\n",
            Self::BodyTooLarge => "What was sent is too large.\n",
            Self::SlowHead => "The request did not arrive in time.\n",
            Self::SlowBody => {
                "What was sent did not arrive in time. Try again on a better connection.\n"
            }
            Self::NoAnswer => {
                "The answer took too long. What you sent may have been received: look before you send it again.\n"
            }
            Self::Fault => {
                "Something failed on our side. What you sent may have been received: look before you send it again.\n"
            }
        }
    }

    /// The edge's own answer.
    pub(super) fn answer(self) -> Answer {
        let mut answer = http::Response::new(full_body(self.text()));
        let headers = answer.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        answer
    }
}
