//! Tidying of typed text: what a keyboard, a phone or a copied document adds without the writer's wish.

use super::super::definition::{Field, Format, Kind};
use super::{formats, values};

/// The form in which the value under a path of this question is checked and filed.
pub(super) fn tidy_for(field: &Field, path: &str, value: &str) -> String {
    match (field.kind, field.format) {
        (Kind::Longtext, _) => tidy_lines(value),
        (Kind::File, _) => value.to_owned(),
        (Kind::Number, _) => match values::number(value, field.decimals, field.unit.as_deref()) {
            Ok(number) => values::plain(number, field.decimals),
            Err(_) => tidy(value),
        },
        (Kind::Address, _) if path.ends_with(".postcode") => {
            formats::normalised(Format::Postcode, value)
        }
        (Kind::Parcel, _) if path.ends_with(".number") => {
            formats::normalised(Format::ParcelNumber, value)
        }
        (_, Some(format)) => formats::normalised(format, value),
        _ => tidy(value),
    }
}

/// One line: composed letters, single spaces, no invisible characters.
pub(super) fn tidy(value: &str) -> String {
    let visible: String = compose(value).chars().filter(|letter| !is_invisible(*letter)).collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Several lines: as [`tidy`] in each, and no more than one empty line in a row.
pub(super) fn tidy_lines(value: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in value.replace("\r\n", "\n").split(['\n', '\r']) {
        let line = tidy(line);
        if !(line.is_empty() && lines.last().is_none_or(String::is_empty)) {
            lines.push(line);
        }
    }
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines.join("\n")
}

/// Control characters, zero-width characters and soft hyphens; they make two equal words differ.
fn is_invisible(letter: char) -> bool {
    (letter.is_control() && !letter.is_whitespace())
        || matches!(letter, '\u{00AD}' | '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}' | '\u{202A}'..='\u{202E}')
}

/// Letters typed as a base and a mark become one letter.
///
/// Not full NFC: the marks of Polish, Ukrainian and the neighbours, which is what phones and PDF files produce
/// here; other combinations stay as they are.
fn compose(value: &str) -> String {
    let mut composed = String::with_capacity(value.len());
    for letter in value.chars() {
        match composed.chars().next_back().and_then(|base| pair(base, letter)) {
            Some(joined) => {
                composed.pop();
                composed.push(joined);
            }
            None => composed.push(letter),
        }
    }
    composed
}

fn pair(base: char, mark: char) -> Option<char> {
    let (bases, joined) = match mark {
        '\u{0301}' => ("aceilnorsuyzACEILNORSUYZ", "áćéíĺńóŕśúýźÁĆÉÍĹŃÓŔŚÚÝŹ"),
        '\u{0328}' => ("aeiuAEIU", "ąęįųĄĘĮŲ"),
        '\u{0307}' => ("zcegZCEG", "żċėġŻĊĖĠ"),
        '\u{0308}' => ("aeiouyAEIOUіеІЕ", "äëïöüÿÄËÏÖÜїёЇЁ"),
        '\u{030C}' => ("cdenrstzCDENRSTZ", "čďěňřšťžČĎĚŇŘŠŤŽ"),
        '\u{0306}' => ("иИagAG", "йЙăğĂĞ"),
        '\u{030A}' => ("auAU", "åůÅŮ"),
        '\u{0327}' => ("csCS", "çşÇŞ"),
        _ => return None,
    };
    let place = bases.chars().position(|letter| letter == base)?;
    joined.chars().nth(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decomposed_letters_are_composed() {
        let typed =
            "z\u{0307}o\u{0301}\u{0142}w, Z\u{0301}ro\u{0301}d\u{0142}o, и\u{0306}, і\u{0308}";
        assert_eq!(compose(typed), "żółw, Źródło, й, ї");
        assert_eq!(compose("q\u{0301}"), "q\u{0301}");
    }

    #[test]
    fn spaces_and_invisible_characters_go() {
        assert_eq!(tidy(" \u{FEFF}Jan\u{00A0} \tKo\u{00AD}wal \u{200B}ski "), "Jan Kowal ski");
        assert_eq!(tidy_lines("\r\n a  b\r\n\r\n\r\nc \n\n"), "a b\n\nc");
        assert_eq!(tidy("\u{0000}x\u{0007}"), "x");
    }
}
