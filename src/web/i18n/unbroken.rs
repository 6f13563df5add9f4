//! What belongs together stays on one line: a number and the word it counts, "art." and its number,
//! the groups of a telephone number. For what is shown, never for what is stored or compared.

use std::borrow::Cow;

const SPACE: char = '\u{a0}';

/// Abbreviations that mean nothing without what follows them.
const NAMING: [&str; 13] =
    ["art.", "ust.", "pkt", "lit.", "nr", "poz.", "§", "wys.", "No.", "ст.", "ч.", "п.", "№"];

/// Words of one letter that follow a number as its unit; the others ("2 z 5") begin something else.
const UNITS: [char; 9] = ['m', 'g', 'h', 'l', 'r', 'м', 'г', 'л', 'р'];

/// Stands behind a number in a sentence until [`joined`] has seen what follows it. For private use
/// in Unicode, so no text has it.
pub(super) const NUMBER_ENDS: char = '\u{e000}';

/// The text with unbreakable spaces where a line must not end. A brace counts as a number, so that
/// this serves the sources of sentences as well.
pub fn unbroken(text: &str) -> Cow<'_, str> {
    let mut words = text.split(' ');
    let mut before = words.next().unwrap_or_default();
    let mut out = String::with_capacity(text.len() + 8);
    out.push_str(before);
    for word in words {
        out.push(if belongs_together(before, word) { SPACE } else { ' ' });
        out.push_str(word);
        before = word;
    }
    if out.len() == text.len() { Cow::Borrowed(text) } else { Cow::Owned(out) }
}

fn belongs_together(before: &str, word: &str) -> bool {
    let before = before.rsplit(|c: char| c.is_whitespace() || c == '(').next().unwrap_or_default();
    if is_naming(before) {
        return word.starts_with(|c: char| c.is_alphanumeric() || c == '{');
    }
    before.ends_with(|c: char| c.is_ascii_digit()) && is_counted(word) && !is_naming(word)
}

fn is_naming(word: &str) -> bool {
    NAMING.iter().any(|name| word.eq_ignore_ascii_case(name))
}

/// Whether a word continues the number before it.
fn is_counted(word: &str) -> bool {
    let mut letters = word.chars().take_while(|c| c.is_alphabetic());
    match (letters.next(), letters.next()) {
        (Some(_), Some(_)) => true,
        (Some(only), None) => UNITS.contains(&only),
        (None, _) => false,
    }
}

/// A sentence whose numbers are marked with [`NUMBER_ENDS`], in its final form.
pub(super) fn joined(sentence: Cow<'_, str>) -> String {
    let mut parts = sentence.split(NUMBER_ENDS);
    let mut out = String::with_capacity(sentence.len());
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        match part.strip_prefix(' ').filter(|word| is_counted(word)) {
            Some(rest) => {
                out.push(SPACE);
                out.push_str(rest);
            }
            None => out.push_str(part),
        }
    }
    out
}

/// A line of somebody's answers or of what is known of them: a Polish telephone number in groups of
/// three, other text [`unbroken`].
pub fn laid_out(line: &str) -> Cow<'_, str> {
    match line.strip_prefix("+48").map(|number| (number, number.len())) {
        Some((number, 9)) if number.bytes().all(|byte| byte.is_ascii_digit()) => {
            Cow::Owned(format!("+48{SPACE}{}", super::group_digits(number, SPACE)))
        }
        _ => unbroken(line),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_stays_with_its_word_and_art_with_its_number() {
        for (text, expected) in [
            ("12 cm", "12~cm"),
            (
                "Odpowiemy w 7 dni od 21 listopada 2026 r.",
                "Odpowiemy w 7~dni od 21~listopada 2026~r.",
            ),
            ("(art. 83f ust. 4 pkt 2 lit. c)", "(art.~83f ust.~4 pkt~2 lit.~c)"),
            ("Art. { $n }", "Art.~{ $n }"),
            ("Krok 2 z 5: 3 drzewa", "Krok 2 z 5: 3~drzewa"),
            ("10 m i 5 o tym", "10~m i 5 o tym"),
            (
                "key-1 = 2\n    [0] termin\n   *[many] 14 днів",
                "key-1 = 2\n    [0] termin\n   *[many] 14~днів",
            ),
            ("12/4", "12/4"),
            ("", ""),
            (" 7 ", " 7 "),
        ] {
            assert_eq!(unbroken(text).replace(SPACE, "~"), expected);
        }
        assert!(matches!(unbroken("bez liczb"), Cow::Borrowed(_)));
    }

    #[test]
    fn a_polish_telephone_number_is_read_in_groups() {
        for (line, expected) in [
            ("+48600100200", "+48~600~100~200"),
            ("+4860010020", "+4860010020"),
            ("+486001002000", "+486001002000"),
            ("+48 600 100 200", "+48 600 100 200"),
            ("+380501234567", "+380501234567"),
            ("600100200", "600100200"),
            ("91,5 cm", "91,5~cm"),
        ] {
            assert_eq!(laid_out(line).replace(SPACE, "~"), expected);
        }
    }
}
