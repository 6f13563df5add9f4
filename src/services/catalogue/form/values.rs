//! Reading typed values: numbers, dates, places and uploads.
//!
//! Whole numbers only; a decimal is kept as its value times a power of ten.

use jiff::civil::Date;

/// Why a number cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NumberProblem {
    NotANumber,
    TooPrecise,
}

/// Reads "1 234,5" or "40.5 cm" as its value times ten to the number of decimals.
pub(super) fn number(typed: &str, decimals: u8, unit: Option<&str>) -> Result<i64, NumberProblem> {
    let typed = typed.trim();
    let bare = unit.and_then(|unit| typed.strip_suffix(unit)).unwrap_or(typed);
    let compact: String = bare.chars().filter(|letter| !letter.is_whitespace()).collect();
    let (whole, part) = compact.split_once([',', '.']).unwrap_or((&compact, ""));
    let (sign, whole) = whole.strip_prefix('-').map_or((1, whole), |rest| (-1, rest));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 12 || !digits(whole) || !digits(part) {
        return Err(NumberProblem::NotANumber);
    }
    let part = part.trim_end_matches('0');
    let room = usize::from(decimals).checked_sub(part.len()).ok_or(NumberProblem::TooPrecise)?;
    let scaled = format!("{whole}{part}{}", "0".repeat(room));
    scaled.parse::<i64>().map(|value| value * sign).or(Err(NumberProblem::NotANumber))
}

/// A number as it is filed: no spaces, a point, no idle zeros.
pub(super) fn plain(scaled: i64, decimals: u8) -> String {
    let scale = 10_i64.saturating_pow(u32::from(decimals));
    let sign = if scaled < 0 { "-" } else { "" };
    let (whole, rest) = (
        scaled.unsigned_abs() / scale.unsigned_abs(),
        scaled.unsigned_abs() % scale.unsigned_abs(),
    );
    if rest == 0 {
        return format!("{sign}{whole}");
    }
    let digits = format!("{rest:0width$}", width = usize::from(decimals));
    format!("{sign}{whole}.{}", digits.trim_end_matches('0'))
}

/// A length in centimetres with at most one decimal, in whole millimetres.
#[must_use]
pub fn millimetres(typed: &str) -> Option<u32> {
    number(typed, 1, Some("cm")).ok().and_then(|tenths| u32::try_from(tenths).ok())
}

/// Reads a date as three boxes, "21.11.2026" or "2026-11-21" give it.
pub(super) fn date(typed: &str) -> Option<Date> {
    let typed = typed.trim();
    if let [day, month, year] = typed.split('.').map(str::trim).collect::<Vec<_>>().as_slice() {
        return date_from(day, month, year);
    }
    match typed.split('-').collect::<Vec<_>>().as_slice() {
        [year, month, day] if year.len() == 4 => date_from(day, month, year),
        _ => None,
    }
}

fn date_from(day: &str, month: &str, year: &str) -> Option<Date> {
    let digits = |text: &str| {
        !text.is_empty() && text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    if !(digits(day) && digits(month) && digits(year) && year.len() == 4) {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

/// Latitude and longitude in millionths of a degree.
///
/// Accepts "52.1234, 21.0123" as maps copy it, and "52,1234; 21,0123" as people write it.
pub fn point(typed: &str) -> Option<(i64, i64)> {
    let typed = typed.trim();
    let (lat, lon) = if let Some(parts) = typed.split_once(';') {
        parts
    } else if let Some((lat, lon)) = typed.split_once(char::is_whitespace) {
        (lat.trim_end_matches(','), lon)
    } else {
        typed.split_once(',')?
    };
    let degrees = |text: &str, most: i64| {
        let text = text.trim();
        // A map copies up to fifteen decimals; a millionth of a degree is a hand's breadth.
        let cut = text.find([',', '.']).map_or(text.len(), |dot| text.len().min(dot + 7));
        let kept = text.get(..cut)?;
        let rest = text.get(cut..)?;
        let value = number(kept, 6, None).ok()?;
        (rest.bytes().all(|byte| byte.is_ascii_digit()) && value.abs() <= most * 1_000_000)
            .then_some(value)
    };
    Some((degrees(lat, 90)?, degrees(lon, 180)?))
}

/// A rough box round Poland; a point outside it is more likely swapped or mistyped than true.
pub fn in_poland((lat, lon): (i64, i64)) -> bool {
    (48_900_000..=55_000_000).contains(&lat) && (14_000_000..=24_300_000).contains(&lon)
}

/// What an answer of the kind `file` holds: where the bytes are kept, and what a page says about them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// The blob's id or hash, opaque here; without a semicolon.
    pub id: String,
    /// As the worker found it by the first bytes, never as the browser claimed.
    pub media_type: String,
    pub bytes: u64,
    pub name: String,
}

impl Upload {
    #[must_use]
    pub fn to_value(&self) -> String {
        format!("{};{};{};{}", self.id, self.media_type, self.bytes, self.name)
    }

    #[must_use]
    pub fn parse(value: &str) -> Option<Upload> {
        let mut parts = value.splitn(4, ';');
        let (id, media_type, bytes, name) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        if id.is_empty() || media_type.is_empty() {
            return None;
        }
        Some(Upload {
            id: id.to_owned(),
            media_type: media_type.to_owned(),
            bytes: bytes.parse().ok()?,
            name: name.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        use NumberProblem::{NotANumber, TooPrecise};
        for (typed, decimals, expected) in [
            ("51", 1, Ok(510)),
            (" 40,5 ", 1, Ok(405)),
            ("40.5 cm", 1, Ok(405)),
            ("40,50", 1, Ok(405)),
            ("40,55", 1, Err(TooPrecise)),
            ("1 234", 0, Ok(1234)),
            ("1\u{00A0}234,5", 1, Ok(12345)),
            ("-3", 0, Ok(-3)),
            ("", 0, Err(NotANumber)),
            ("pięć", 0, Err(NotANumber)),
            ("5-6", 0, Err(NotANumber)),
            ("5,,1", 1, Err(NotANumber)),
            ("٥", 0, Err(NotANumber)),
            (",5", 1, Err(NotANumber)),
            ("9999999999999", 0, Err(NotANumber)),
        ] {
            assert_eq!(number(typed, decimals, Some("cm")), expected, "{typed}");
        }
        for (scaled, decimals, expected) in
            [(405, 1, "40.5"), (400, 1, "40"), (-1005, 3, "-1.005"), (7, 0, "7")]
        {
            assert_eq!(plain(scaled, decimals), expected);
        }
        assert_eq!(millimetres("80,1 cm"), Some(801));
        assert_eq!(millimetres("-1"), None);
    }

    #[test]
    fn dates_come_in_two_spellings() {
        let expected = Some(civil::date(2026, 2, 3));
        assert_eq!(date("2026-02-03"), expected);
        assert_eq!(date(" 3.2.2026"), expected);
        assert_eq!(date("03.02.2026 "), expected);
        for wrong in
            ["2026-02-30", "3.2.26", "3/2/2026", "", "1.1", "2026-2", "-1.2.2026", "+1.2.2026"]
        {
            assert_eq!(date(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn points_are_read_from_maps_and_from_people() {
        let expected = Some((52_123_400, 21_012_300));
        assert_eq!(point("52.1234, 21.0123"), expected);
        assert_eq!(point("52.1234,21.0123"), expected);
        assert_eq!(point("52,1234; 21,0123"), expected);
        assert_eq!(point("52.1234000009 21.012300000999"), expected);
        for wrong in ["", "52", "91.0, 10", "52.1x, 21.0", "52.1234567y, 21.0", "a, b"] {
            assert_eq!(point(wrong), None, "{wrong}");
        }
        assert!(in_poland((52_123_400, 21_012_300)));
        assert!(!in_poland((21_012_300, 52_123_400)));
    }

    #[test]
    fn an_upload_survives_as_a_value() {
        let upload = Upload {
            id: "b-1".to_owned(),
            media_type: "image/png".to_owned(),
            bytes: 12,
            name: "plan; dom.png".to_owned(),
        };
        assert_eq!(Upload::parse(&upload.to_value()), Some(upload));
        for wrong in ["", "x", "a;b;c;d", ";image/png;1;x"] {
            assert_eq!(Upload::parse(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn no_text_breaks_a_reader(typed in ".{0,40}") {
            if let Ok(value) = number(&typed, 1, Some("cm")) {
                prop_assert_eq!(number(&plain(value, 1), 1, None), Ok(value));
            }
            prop_assert!(date(&typed).is_none_or(|day| day.year() >= 0));
            prop_assert!(point(&typed).is_none_or(|(lat, lon)| lat.abs() <= 90_000_000 && lon.abs() <= 180_000_000));
            prop_assert!(Upload::parse(&typed).is_none_or(|upload| upload.to_value().len() <= typed.len()));
        }
    }
}
