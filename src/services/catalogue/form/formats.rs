//! The named patterns of text answers: postal code, parcel, land register, e-delivery address, telephone, e-mail.
//!
//! Each gives the value in its usual spelling, or a sentence about what is wrong with this one.
//! Only ASCII digits are digits.

use super::super::definition::Format;
use super::super::message::Message;
use super::texts::tidy;

/// A value that does not have its form; warnings are shown and let through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    Wrong(Message),
    Doubtful(Message),
}

/// The usual spelling of a value, whether or not it is right.
pub(super) fn normalised(format: Format, typed: &str) -> String {
    let tidied = tidy(typed);
    let compact = || tidied.chars().filter(|letter| !letter.is_whitespace()).collect::<String>();
    match format {
        Format::PersonName | Format::Email => tidied,
        Format::Postcode => postcode_spelling(&compact()),
        Format::ParcelNumber => compact(),
        Format::ParcelId | Format::LandRegister | Format::Ade => compact().to_ascii_uppercase(),
        Format::Phone => phone_spelling(&tidied),
    }
}

/// Checks a value in its usual spelling.
pub(super) fn check(format: Format, value: &str) -> Result<(), Problem> {
    match format {
        Format::PersonName => person_name(value),
        Format::Postcode => postcode(value),
        Format::ParcelNumber => parcel_number(value),
        Format::ParcelId => parcel_id(value),
        Format::LandRegister => land_register(value),
        Format::Ade => ade(value),
        Format::Phone => phone(value),
        Format::Email => email(value),
    }
}

fn wrong(key: &'static str) -> Problem {
    Problem::Wrong(Message::new(key))
}

fn digits(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Letters of any script, with the marks that stand in names.
fn person_name(value: &str) -> Result<(), Problem> {
    let allowed = |letter: char| {
        letter.is_alphabetic() || matches!(letter, ' ' | '-' | '\'' | '’' | 'ʼ' | '.')
    };
    match value.chars().find(|letter| !allowed(*letter)) {
        Some(letter) => {
            Err(Problem::Wrong(Message::new("form-name-letter").text("letter", letter.to_string())))
        }
        None if value.chars().any(char::is_alphabetic) => Ok(()),
        None => Err(wrong("form-name-empty")),
    }
}

fn postcode_spelling(compact: &str) -> String {
    match (compact.get(..2), compact.get(2..)) {
        (Some(area), Some(rest)) if digits(compact, 5) => format!("{area}-{rest}"),
        _ => compact.to_owned(),
    }
}

fn postcode(value: &str) -> Result<(), Problem> {
    match value.split_once('-') {
        Some((area, rest)) if digits(area, 2) && digits(rest, 3) => Ok(()),
        _ => {
            let count = value.bytes().filter(u8::is_ascii_digit).count();
            Err(Problem::Wrong(
                Message::new("form-postcode")
                    .number("digits", i64::try_from(count).unwrap_or_default()),
            ))
        }
    }
}

/// A number from 1 without leading zeros.
fn counting(text: &str) -> bool {
    !text.is_empty() && !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_parcel_number(value: &str) -> bool {
    match value.split_once('/') {
        Some((number, part)) => counting(number) && counting(part),
        None => counting(value),
    }
}

fn parcel_number(value: &str) -> Result<(), Problem> {
    if is_parcel_number(value) { Ok(()) } else { Err(wrong("form-parcel-number")) }
}

/// `WWPPGG_R.OOOO.[AR_n.]number`
fn parcel_id(value: &str) -> Result<(), Problem> {
    let right = || {
        let (commune, rest) = value.split_once('.')?;
        let (teryt, kind) = commune.split_once('_')?;
        let (district, rest) = rest.split_once('.')?;
        let number = match rest.strip_prefix("AR_") {
            Some(sheet) => {
                let (sheet, number) = sheet.split_once('.')?;
                (!sheet.is_empty() && sheet.bytes().all(|byte| byte.is_ascii_digit()))
                    .then_some(number)?
            }
            None => rest,
        };
        let right = digits(teryt, 6) && digits(kind, 1) && kind != "0" && digits(district, 4);
        (right && is_parcel_number(number)).then_some(())
    };
    right().ok_or_else(|| wrong("form-parcel-id"))
}

/// The letters of a land register number in the order of their values.
const KW_VALUES: &str = "0123456789XABCDEFGHIJKLMNOPRSTUWYZ";

/// `WWWW/NNNNNNNN/C` with a check digit; the list of court codes is not checked here.
fn land_register(value: &str) -> Result<(), Problem> {
    let parts: Vec<&str> = value.split('/').collect();
    let [court, number, control] = parts.as_slice() else {
        return Err(wrong("form-kw-parts"));
    };
    let letter = |place: usize| court.as_bytes().get(place).is_some_and(u8::is_ascii_uppercase);
    let digit = |place: usize| court.as_bytes().get(place).is_some_and(u8::is_ascii_digit);
    if court.len() != 4 || !(letter(0) && letter(1) && digit(2) && letter(3)) {
        return Err(wrong("form-kw-court"));
    }
    if !digits(number, 8) {
        let count = number.bytes().filter(u8::is_ascii_digit).count();
        let message = Message::new("form-kw-number")
            .number("digits", i64::try_from(count).unwrap_or_default());
        return Err(Problem::Wrong(message));
    }
    if !digits(control, 1) {
        return Err(wrong("form-kw-parts"));
    }
    let mut sum = 0;
    for (letter, weight) in court.chars().chain(number.chars()).zip([1, 3, 7].into_iter().cycle()) {
        match KW_VALUES.chars().position(|known| known == letter) {
            Some(value) => sum += value * weight,
            None => return Err(wrong("form-kw-court")),
        }
    }
    if control.parse() == Ok(sum % 10) { Ok(()) } else { Err(wrong("form-kw-check")) }
}

/// `AE:PL-NNNNN-NNNNN-LLLLL-NN`; the check value is only a warning, because one published address fails it.
fn ade(value: &str) -> Result<(), Problem> {
    let right = || {
        let rest = value.strip_prefix("AE:PL-")?;
        let parts: Vec<&str> = rest.split('-').collect();
        let [first, second, letters, check] = parts.as_slice() else { return None };
        let word = letters.len() == 5 && letters.bytes().all(|byte| byte.is_ascii_uppercase());
        if !(digits(first, 5) && digits(second, 5) && word && digits(check, 2)) {
            return None;
        }
        let sum: i64 = letters.bytes().map(i64::from).sum();
        let groups = first.parse::<i64>().ok()? + second.parse::<i64>().ok()?;
        let mut rest = (sum - groups).abs();
        let mut digit_sum = 0;
        while rest > 0 {
            digit_sum += rest % 10;
            rest /= 10;
        }
        Some(check.parse::<i64>().ok()? == digit_sum)
    };
    match right() {
        Some(true) => Ok(()),
        Some(false) => Err(Problem::Doubtful(Message::new("form-ade-check"))),
        None => Err(wrong("form-ade")),
    }
}

/// Polish numbers get +48; anything else keeps its digits.
fn phone_spelling(tidied: &str) -> String {
    let kept: String = tidied
        .chars()
        .filter(|letter| !matches!(letter, ' ' | '-' | '(' | ')' | '.' | '/'))
        .collect();
    let kept = kept.strip_prefix("00").map(|rest| format!("+{rest}")).unwrap_or(kept);
    if digits(&kept, 9) { format!("+48{kept}") } else { kept }
}

fn phone(value: &str) -> Result<(), Problem> {
    let Some(rest) = value.strip_prefix('+') else {
        return Err(phone_digits(value));
    };
    if !rest.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(phone_digits(value));
    }
    match rest.strip_prefix("48") {
        Some(national) if national.len() != 9 => Err(phone_digits(national)),
        // E.164 allows 15 digits; fewer than 8 with a country code is no telephone.
        None if !(8..=15).contains(&rest.len()) => Err(wrong("form-phone-foreign")),
        _ => Ok(()),
    }
}

fn phone_digits(value: &str) -> Problem {
    if let Some(letter) = value.chars().find(|letter| !letter.is_ascii_digit() && *letter != '+') {
        return Problem::Wrong(
            Message::new("form-phone-letter").text("letter", letter.to_string()),
        );
    }
    let count = value.bytes().filter(u8::is_ascii_digit).count();
    Problem::Wrong(
        Message::new("form-phone").number("digits", i64::try_from(count).unwrap_or_default()),
    )
}

/// The shape only; whether the mailbox exists is shown by a letter to it.
fn email(value: &str) -> Result<(), Problem> {
    let parts: Vec<&str> = value.split('@').collect();
    let [local, domain] = parts.as_slice() else {
        return Err(wrong(if parts.len() == 1 { "form-email-at" } else { "form-email-two" }));
    };
    let local_right = !local.is_empty()
        && local.len() <= 64
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && local
            .chars()
            .all(|letter| letter.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(letter));
    let labels: Vec<&str> = domain.split('.').collect();
    let label_right = |label: &&str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|letter| letter.is_alphanumeric() || letter == '-')
    };
    if !local_right || value.len() > 254 {
        return Err(wrong("form-email-local"));
    }
    if labels.len() < 2 || !labels.iter().all(label_right) {
        return Err(wrong("form-email-domain"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(format: Format, typed: &str) -> &'static str {
        match check(format, &normalised(format, typed)) {
            Ok(()) => "ok",
            Err(Problem::Wrong(message)) => message.key,
            Err(Problem::Doubtful(message)) => {
                assert_eq!(message.key, "form-ade-check");
                "warn"
            }
        }
    }

    #[test]
    fn land_register_numbers() {
        for (typed, expected) in [
            ("LU1B/00012345/8", "ok"),
            ("OL1B/00012345/7", "ok"),
            ("SI1G/00012345/6", "ok"),
            ("KZ1J/00012345/4", "ok"),
            ("GD1W/00090409/1", "ok"),
            ("WA1G/00000001/5", "ok"),
            ("SI1G/00054321/8", "ok"),
            ("RA2G/00100000/2", "ok"),
            ("BI1P/00099999/1", "ok"),
            ("OP1G/12345678/7", "ok"),
            (" lu1b / 00012345 / 8 ", "ok"),
            ("LU1B/00012345/7", "form-kw-check"),
            ("LU1B/12345/8", "form-kw-number"),
            ("LV1B/00012345/8", "form-kw-court"),
            ("LU1B/00012345", "form-kw-parts"),
            ("LU1B/00012345/8/1", "form-kw-parts"),
            ("1U1B/00012345/8", "form-kw-court"),
            ("LU1B/0001234５/8", "form-kw-number"),
            ("LU1B/00012345/x", "form-kw-parts"),
        ] {
            assert_eq!(key(Format::LandRegister, typed), expected, "{typed}");
        }
    }

    #[test]
    fn electronic_delivery_addresses() {
        for (typed, expected) in [
            ("AE:PL-50419-15057-VDGUG-25", "ok"),
            ("AE:PL-90075-94799-GARAS-26", "ok"),
            ("AE:PL-72422-98772-ATIDW-24", "ok"),
            ("AE:PL-84192-40504-UIWTR-22", "ok"),
            ("AE:PL-66081-65851-BHGEH-20", "ok"),
            ("AE:PL-28080-40239-TUSBF-26", "ok"),
            ("AE:PL-43563-82585-JHWCF-30", "ok"),
            ("AE:PL-45928-68514-CHARA-16", "ok"),
            ("AE:PL-55004-94640-IGCES-27", "warn"),
            ("AE:PL-12345-67890-ABCDE-25", "ok"),
            ("AE:PL-10000-20000-GMINA-26", "ok"),
            ("AE:PL-99999-99999-ZZZZZ-36", "ok"),
            ("AE:PL-00000-00000-AAAAA-10", "ok"),
            ("AE:PL-00001-00002-HUGHE-15", "ok"),
            ("AE:PL-12345-67890-ABCDE-26", "warn"),
            ("AE:PL-1234-67890-ABCDE-25", "form-ade"),
            ("AE:DE-12345-67890-ABCDE-25", "form-ade"),
            ("ae:pl-12345-67890-abcde-25", "ok"),
        ] {
            assert_eq!(key(Format::Ade, typed), expected, "{typed}");
        }
    }

    #[test]
    fn parcels() {
        for (typed, expected) in [
            ("141201_1.0001.6509", "ok"),
            ("221509_2.0010.707/2", "ok"),
            ("146501_8.0101.AR_3.12/4", "ok"),
            ("146501_8.0101.ar_3.12/4", "ok"),
            ("141201_1.0001.0", "form-parcel-id"),
            ("141201.0001.12", "form-parcel-id"),
            ("141201_1.001.12", "form-parcel-id"),
            ("141201_1.0001.12/", "form-parcel-id"),
            ("141201_0.0001.12", "form-parcel-id"),
            ("141201_1.0001.AR_.12", "form-parcel-id"),
        ] {
            assert_eq!(key(Format::ParcelId, typed), expected, "{typed}");
        }
        for (typed, expected) in [
            ("12", "ok"),
            ("12 / 4", "ok"),
            ("12/", "form-parcel-number"),
            ("0", "form-parcel-number"),
            ("12a", "form-parcel-number"),
            ("12/4/1", "form-parcel-number"),
            ("²", "form-parcel-number"),
        ] {
            assert_eq!(key(Format::ParcelNumber, typed), expected, "{typed}");
        }
    }

    #[test]
    fn postal_codes() {
        for (typed, expected) in [
            ("00-950", "ok"),
            ("00950", "ok"),
            ("00 950", "ok"),
            ("0-9500", "form-postcode"),
            ("00-95", "form-postcode"),
            ("abc", "form-postcode"),
        ] {
            assert_eq!(key(Format::Postcode, typed), expected, "{typed}");
        }
        assert_eq!(normalised(Format::Postcode, " 00950 "), "00-950");
        assert_eq!(
            check(Format::Postcode, "00-95"),
            Err(Problem::Wrong(Message::new("form-postcode").number("digits", 4)))
        );
    }

    #[test]
    fn telephones() {
        for (typed, expected) in [
            ("601 234 567", "ok"),
            ("+48 601-234-567", "ok"),
            ("0048601234567", "ok"),
            ("(22) 123 45 67", "ok"),
            ("+380 44 123 45 67", "ok"),
            ("60123456", "form-phone"),
            ("+48 60123456", "form-phone"),
            ("+1", "form-phone-foreign"),
            ("601 234 56A", "form-phone-letter"),
            ("٦٠١٢٣٤٥٦٧", "form-phone-letter"),
        ] {
            assert_eq!(key(Format::Phone, typed), expected, "{typed}");
        }
        assert_eq!(normalised(Format::Phone, "601 234 567"), "+48601234567");
    }

    #[test]
    fn mail_addresses() {
        for (typed, expected) in [
            ("jan.kowalski@example.pl", "ok"),
            ("j+drzewa@poczta.example.com.pl", "ok"),
            ("żółw@gmina.example", "ok"),
            ("jan", "form-email-at"),
            ("jan@kowalski@example.pl", "form-email-two"),
            ("@example.pl", "form-email-local"),
            ("jan..k@example.pl", "form-email-local"),
            ("jan,k@example.pl", "form-email-local"),
            ("jan@example", "form-email-domain"),
            ("jan@-example.pl", "form-email-domain"),
            ("jan@example..pl", "form-email-domain"),
        ] {
            assert_eq!(key(Format::Email, typed), expected, "{typed}");
        }
    }

    #[test]
    fn names_are_letters() {
        for (typed, expected) in [
            ("Anna", "ok"),
            ("Anna-Maria O'Hara", "ok"),
            ("Дмитро Шевченкоʼ", "ok"),
            ("Anna1", "form-name-letter"),
            ("<b>", "form-name-letter"),
            ("-", "form-name-empty"),
        ] {
            assert_eq!(key(Format::PersonName, typed), expected, "{typed}");
        }
    }

    const ALL: [Format; 8] = [
        Format::PersonName,
        Format::Postcode,
        Format::ParcelNumber,
        Format::ParcelId,
        Format::LandRegister,
        Format::Ade,
        Format::Phone,
        Format::Email,
    ];

    proptest! {
        #[test]
        fn spelling_is_stable_and_nothing_breaks(typed in ".{0,60}") {
            for format in ALL {
                let once = normalised(format, &typed);
                prop_assert_eq!(&normalised(format, &once), &once);
                check(format, &once).ok();
            }
        }

        #[test]
        fn one_wrong_digit_in_a_land_register_number_is_found(place in 5_usize..13, digit in 0_u8..10) {
            let right = "LU1B/00012345/8";
            let mut changed = right.as_bytes().to_vec();
            changed[place] = b'0' + digit;
            let changed = String::from_utf8(changed).unwrap();
            let expected = if changed == right { "ok" } else { "form-kw-check" };
            prop_assert_eq!(key(Format::LandRegister, &changed), expected);
        }
    }
}
