//! The language of a text, as far as letters and a few frequent words tell.
//!
//! In: characters with their counts, and the text for its words. Out: one [`Language`]. Good enough to say "this base model has not
//! seen such text"; no attempt is made to tell Spanish from French.

use crate::protocol::Language;

/// Words that are frequent in English and rare elsewhere ("in", "on", "was" or "a" would count for half of Europe).
const ENGLISH_WORDS: &[&str] = &[
    "the", "and", "of", "to", "that", "it", "with", "for", "his", "her", "you", "not", "this", "have", "from", "they", "which", "but",
    "are", "were", "been", "he", "she", "my", "your", "is", "be", "as",
];
/// Share of all words that [`ENGLISH_WORDS`] must reach. English prose has 25 to 40 %, other languages in Latin letters at most 5 %.
const ENGLISH_SHARE: f64 = 0.10;
/// Words looked at, spread over the text.
const SAMPLED_WORDS: usize = 4_000;
/// Share of kana among East Asian characters from which a text is Japanese. Japanese prose has about half.
const KANA_SHARE: f64 = 0.05;
/// Letters without which nothing is said.
const MIN_LETTERS: u64 = 20;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Script {
    Latin,
    Han,
    Kana,
    Hangul,
    Cyrillic,
    Greek,
    Arabic,
    Hebrew,
    Devanagari,
    Other,
}

fn script(c: char) -> Option<Script> {
    Some(match c {
        'a'..='z' | 'A'..='Z' => Script::Latin,
        _ if c.is_ascii() || !c.is_alphabetic() => return None,
        '\u{AA}'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}' | '\u{FF21}'..='\u{FF5A}' => Script::Latin,
        '\u{370}'..='\u{3FF}' | '\u{1F00}'..='\u{1FFF}' => Script::Greek,
        '\u{400}'..='\u{52F}' => Script::Cyrillic,
        '\u{590}'..='\u{5FF}' | '\u{FB1D}'..='\u{FB4F}' => Script::Hebrew,
        '\u{600}'..='\u{77F}' | '\u{8A0}'..='\u{8FF}' | '\u{FB50}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFF}' => Script::Arabic,
        '\u{900}'..='\u{97F}' => Script::Devanagari,
        '\u{1100}'..='\u{11FF}' | '\u{3130}'..='\u{318F}' | '\u{AC00}'..='\u{D7AF}' => Script::Hangul,
        '\u{3040}'..='\u{30FF}' | '\u{31F0}'..='\u{31FF}' | '\u{FF66}'..='\u{FF9F}' => Script::Kana,
        '\u{3005}'..='\u{3007}'
        | '\u{3400}'..='\u{4DBF}'
        | '\u{4E00}'..='\u{9FFF}'
        | '\u{F900}'..='\u{FAFF}'
        | '\u{20000}'..='\u{323AF}' => Script::Han,
        _ => Script::Other,
    })
}

/// The language that most letters of a text belong to. `counts` are its different characters with how often each occurs.
///
/// A Han or Hangul character weighs as three letters: it stands for about as much text.
pub fn language(text: &str, counts: impl Iterator<Item = (char, u64)>) -> Language {
    let mut weights = [0_u64; 10];
    for (c, count) in counts {
        if let Some(script) = script(c) {
            let weight = if matches!(script, Script::Han | Script::Hangul) { 3 } else { 1 };
            weights[script as usize] += weight * count;
        }
    }
    let of = |script: Script| weights[script as usize];
    if weights.iter().sum::<u64>() < MIN_LETTERS {
        return Language::Other;
    }
    let (han, kana) = (of(Script::Han), of(Script::Kana));
    let east_asian = if kana as f64 >= KANA_SHARE * (han / 3 + kana) as f64 { Language::Japanese } else { Language::Chinese };
    let candidates = [
        (of(Script::Latin), None),
        (han + kana, Some(east_asian)),
        (of(Script::Hangul), Some(Language::Korean)),
        (of(Script::Cyrillic), Some(Language::Cyrillic)),
        (of(Script::Greek), Some(Language::Greek)),
        (of(Script::Arabic), Some(Language::Arabic)),
        (of(Script::Hebrew), Some(Language::Hebrew)),
        (of(Script::Devanagari), Some(Language::Devanagari)),
        (of(Script::Other), Some(Language::Other)),
    ];
    match candidates.into_iter().max_by_key(|(weight, _)| *weight) {
        Some((_, Some(language))) => language,
        _ if is_english(text) => Language::English,
        _ => Language::OtherLatin,
    }
}

fn is_english(text: &str) -> bool {
    let (mut words, mut english) = (0_usize, 0_usize);
    // Ten places, so that a foreign foreword does not decide.
    for tenth in 0..10 {
        let start = text.ceil_char_boundary(text.len() / 10 * tenth);
        let end = text.ceil_char_boundary(text.len() / 10 * (tenth + 1));
        let piece = text.get(start..end).unwrap_or_default();
        for word in piece.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()).take(SAMPLED_WORDS / 10) {
            words += 1;
            english += usize::from(ENGLISH_WORDS.iter().any(|known| known.eq_ignore_ascii_case(word)));
        }
    }
    english as f64 >= ENGLISH_SHARE * words as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Language {
        language(text, text.chars().map(|c| (c, 1)))
    }

    #[test]
    fn letters_and_words_decide() {
        for (text, expected) in [
            ("All human beings are born free and equal in dignity and rights.", Language::English),
            ("Alle Menschen sind frei und gleich an Würde und Rechten geboren.", Language::OtherLatin),
            ("Tous les êtres humains naissent libres et égaux en dignité et en droits.", Language::OtherLatin),
            ("Todos los seres humanos nacen libres e iguales en dignidad y derechos", Language::OtherLatin),
            ("人人生而自由，在尊严和权利上一律平等。他们赋有理性和良心。", Language::Chinese),
            ("すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。", Language::Japanese),
            ("모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다.", Language::Korean),
            ("Все люди рождаются свободными и равными в своем достоинстве.", Language::Cyrillic),
            ("Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι", Language::Greek),
            ("يولد جميع الناس أحراراً متساوين في الكرامة والحقوق", Language::Arabic),
            ("כל בני האדם נולדו בני חורין ושווים בערכם ובזכויותיהם", Language::Hebrew),
            ("सभी मनुष्यों को गौरव और अधिकारों के मामले में जन्मजात स्वतन्त्रता", Language::Devanagari),
            ("มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกัน", Language::Other),
            ("1234 5678", Language::Other),
        ] {
            assert_eq!(of(text), expected, "{text}");
        }
    }

    #[test]
    fn chinese_with_english_names_is_chinese() {
        assert_eq!(of("他用 WebGPU 和 Rust 写了一个小模型，在浏览器里训练。"), Language::Chinese);
    }
}
