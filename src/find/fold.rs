//! Texts as their words are compared: without case, accents and punctuation.

use unicode_normalization::char::decompose_compatible;
use unicode_normalization::char::is_combining_mark;

/// The most characters of a word that count; a snap name has no more.
const MAX_CHARS: usize = 40;

/// The words of a text, each once a place it stands in: letters and digits in lower case without accents, of words of
/// more than 40 characters the first 40. Each sign of a script that is written without blanks is a word.
pub fn words(text: &str) -> Vec<String> {
    split(&fold(text)).map(str::to_owned).collect()
}

/// The words of a folded text: what stands between ASCII that is no letter and no digit.
pub(super) fn split(folded: &str) -> impl Iterator<Item = &str> {
    let is_between = |byte: u8| byte.is_ascii() && !byte.is_ascii_alphanumeric();
    let mut rest = folded;
    std::iter::from_fn(move || {
        while !rest.is_empty() {
            // Byte by byte, for no byte of another letter is ASCII.
            let end = rest.bytes().position(is_between).unwrap_or(rest.len());
            let (word, behind) = rest.split_at(end);
            rest = behind.get(1..).unwrap_or_default();
            if !word.is_empty() {
                return Some(cut(word));
            }
        }
        None
    })
}

/// A word as far as it counts.
fn cut(word: &str) -> &str {
    // Nearly every word is shorter, whatever its letters.
    if word.len() <= MAX_CHARS {
        return word;
    }
    match word.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => word.split_at(end).0,
        None => word,
    }
}

/// The text with all in one case, without accents, and with ASCII between its words; see [`split`].
pub(super) fn fold(text: &str) -> String {
    // Most texts are ASCII, which is taken many letters at once.
    let mut folded = text.to_ascii_lowercase();
    let Some(first) = text.bytes().position(|byte| !byte.is_ascii()) else {
        return folded;
    };
    folded.truncate(first);
    for letter in text.split_at(first).1.chars() {
        if letter.is_ascii() {
            folded.push(letter.to_ascii_lowercase());
        } else {
            decompose_compatible(letter, |part| fold_part(&mut folded, part));
        }
    }
    folded
}

fn fold_part(folded: &mut String, letter: char) {
    match letter {
        // Accents. The marks of other scripts are vowels, which tell words apart.
        '\u{300}'..='\u{36f}' => {}
        'ß' | 'ẞ' => folded.push_str("ss"),
        'æ' | 'Æ' => folded.push_str("ae"),
        'œ' | 'Œ' => folded.push_str("oe"),
        'ø' | 'Ø' => folded.push('o'),
        'ł' | 'Ł' => folded.push('l'),
        'đ' | 'Đ' => folded.push('d'),
        'ı' => folded.push('i'),
        'ς' => folded.push('σ'),
        _ if is_written_without_blanks(letter) => {
            folded.push(' ');
            folded.push(letter);
        }
        _ if letter.is_alphanumeric() => folded.extend(letter.to_lowercase()),
        _ if is_combining_mark(letter) => folded.push(letter),
        _ => folded.push(' '),
    }
}

/// Kana and ideographs, of which a text between two blanks is a whole sentence.
fn is_written_without_blanks(letter: char) -> bool {
    let is_sign = matches!(letter, '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fa}');
    is_sign || matches!(letter, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn case_accents_and_punctuation_make_no_difference() {
        for (text, expected) in [
            ("Lumen Notes", "lumen notes"),
            ("  100% *off*-line! ", "100 off line"),
            ("Éditeur ÜBER naïf", "editeur uber naif"),
            ("Straße Łódź Ærø ΣΊΣΥΦΟΣ Σίσυφος", "strasse lodz aero σισυφοσ σισυφοσ"),
            ("ﬁle ２０２６ Ⅳ", "file 2026 iv"),
            ("Редактор", "редактор"),
            ("编辑器 v2", "编 辑 器 v2"),
            ("हिन्दी", "हिन्दी"),
            ("%_.*\\ ()[]", ""),
            (&"x".repeat(50), &"x".repeat(40)),
        ] {
            assert_eq!(words(text).join(" "), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_folded_stays_as_it_is(text in "\\PC{0,40}") {
            let once = words(&text);
            prop_assert_eq!(words(&once.join(" ")), once);
        }
    }
}
