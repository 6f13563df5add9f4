//! Numbers and moments as digits. The words around them (months, units, currency) are sentences in
//! the catalogue. Europe/Warsaw begins here: everything below the page is UTC.

use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::Lang;

/// The zone data is compiled in, so the look-up cannot fail; UTC stands in only to avoid a panic,
/// and a test notices.
static WARSAW: LazyLock<TimeZone> =
    LazyLock::new(|| TimeZone::get("Europe/Warsaw").unwrap_or(TimeZone::UTC));

/// The day of a moment in Poland.
pub fn civil_day(moment: Timestamp) -> Date {
    moment.to_zoned(WARSAW.clone()).date()
}

/// The time of day of a moment in Poland: `14:32`.
pub fn clock_time(moment: Timestamp) -> String {
    moment.to_zoned(WARSAW.clone()).strftime("%H:%M").to_string()
}

/// `1234567` as `1 234 567`. A sign and a fraction (after a full stop) stay as they are.
pub fn group_digits(number: &str, separator: char) -> String {
    let (whole, rest) = number.split_at(number.find('.').unwrap_or(number.len()));
    let (sign, digits) = whole.split_at(whole.len() - whole.trim_start_matches('-').len());
    let mut out = String::with_capacity(number.len() + number.len() / 3 * separator.len_utf8());
    out.push_str(sign);
    for (i, digit) in digits.char_indices() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(separator);
        }
        out.push(digit);
    }
    out.push_str(rest);
    out
}

/// Grosze as the digits of złote: whole ones in groups, then always two decimals.
pub fn zlote_in(lang: Lang, grosze: i64) -> String {
    let all = grosze.unsigned_abs();
    let sign = if grosze < 0 { "\u{2212}" } else { "" };
    let whole = group_digits(&(all / 100).to_string(), lang.group_mark());
    format!("{sign}{whole}{}{:02}", lang.decimal_mark(), all % 100)
}

/// A size of a file in the unit a person would use, as (how much, unit). Powers of ten, as on the
/// label of a memory card; one decimal below ten, none for plain bytes.
pub fn size_in(lang: Lang, bytes: u64) -> (String, &'static str) {
    let bytes = u128::from(bytes);
    let units = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    // Half a step early: 999 600 bytes are "1,0 MB", not "1000 kB".
    let found = units.into_iter().find(|(scale, _)| bytes + scale / 2_000 >= *scale);
    let Some((scale, unit)) = found else { return (bytes.to_string(), "B") };
    let tenths = (bytes * 10 + scale / 2) / scale;
    if tenths < 100 {
        (format!("{}{}{}", tenths / 10, lang.decimal_mark(), tenths % 10), unit)
    } else {
        (group_digits(&((bytes + scale / 2) / scale).to_string(), lang.group_mark()), unit)
    }
}
