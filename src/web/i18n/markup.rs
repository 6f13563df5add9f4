//! Text that is already HTML, and the values a sentence may carry. Not a template engine.

use std::borrow::Cow;
use std::fmt;

/// A piece of HTML that templates print as it is. Made from our own sentences with escaped values,
/// or by [`Markup::escaped`]; there is no way in for foreign text that is not escaped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Markup(String);

impl Markup {
    pub fn escaped(text: &str) -> Markup {
        Markup(escape(text).into_owned())
    }

    /// For HTML put together by our own code, every foreign part of it escaped.
    pub(crate) fn trusted(html: String) -> Markup {
        Markup(html)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Markup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl askama::FastWritable for Markup {
    fn write_into(&self, dest: &mut dyn fmt::Write, _: &dyn askama::Values) -> askama::Result<()> {
        dest.write_str(&self.0).map_err(Into::into)
    }
}

impl askama::filters::HtmlSafe for Markup {}

/// Escapes the five characters that mean something in HTML text or in a quoted attribute.
pub fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '<', '>', '"', '\'']) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    Cow::Owned(out)
}

/// What a sentence gets for `{ $name }`.
#[derive(Clone, Debug)]
pub enum ArgValue<'a> {
    /// Foreign text; escaped when the sentence becomes HTML.
    Text(Cow<'a, str>),
    /// HTML of our own, put in as it is.
    Html(&'a str),
    /// A count: chooses the plural form and is written with digit groups. A year or a case
    /// number is a label, not a count: give it as text.
    Number(i64),
}

/// A value that may be given to a sentence. References work as well, because templates make them.
pub trait Arg {
    fn value(&self) -> ArgValue<'_>;
}

impl Arg for str {
    fn value(&self) -> ArgValue<'_> {
        ArgValue::Text(Cow::Borrowed(self))
    }
}

impl Arg for String {
    fn value(&self) -> ArgValue<'_> {
        ArgValue::Text(Cow::Borrowed(self))
    }
}

impl Arg for Markup {
    fn value(&self) -> ArgValue<'_> {
        ArgValue::Html(&self.0)
    }
}

macro_rules! counts {
    ($($int:ty),*) => {$(
        impl Arg for $int {
            fn value(&self) -> ArgValue<'_> {
                ArgValue::Number(i64::try_from(*self).unwrap_or(i64::MAX))
            }
        }
    )*};
}
counts!(u8, u16, u32, u64, usize, i32, i64);

impl<T: Arg + ?Sized> Arg for &T {
    fn value(&self) -> ArgValue<'_> {
        (**self).value()
    }
}
