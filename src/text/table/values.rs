//! What a single cell says: a number, a date, the name of a part.

use crate::protocol::SplitPart;

/// Characters of a number; what is longer is text.
const MOST_CHARACTERS: usize = 40;

/// What commas in the numbers of a column are. `1,200` alone does not say; the other cells do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Commas {
    /// `2,5` is two and a half.
    #[default]
    Decimal,
    /// `1,200` is twelve hundred.
    Thousands,
}

impl Commas {
    /// Thousands where every number with commas could be written so: one to three digits without a leading zero, then groups of three. One `0,5` among
    /// them makes all commas decimal: numbers of one column are written in one way.
    pub(super) fn of<'a>(cells: impl Iterator<Item = &'a str>) -> Self {
        let mut found = Self::Decimal;
        for cell in cells.filter(|cell| cell.contains(',')) {
            if in_thousands(cell).is_some() {
                found = Self::Thousands;
            } else if number(cell, Self::Decimal).is_some() {
                return Self::Decimal;
            }
        }
        found
    }
}

/// The digits of a number, without blanks around them and without `%`.
fn bare(cell: &str) -> &str {
    let cell = cell.trim();
    cell.strip_suffix('%').map_or(cell, str::trim_end)
}

/// A number whose commas stand before groups of three digits (`1,200`, `-1,000,000.5`), without them.
fn in_thousands(cell: &str) -> Option<String> {
    let cell = bare(cell);
    let (whole, decimals) = cell.split_once('.').unwrap_or((cell, ""));
    let mut groups = whole.strip_prefix(['+', '-']).unwrap_or(whole).split(',');
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let first = groups.next().filter(|first| (1..=3).contains(&first.len()) && digits(first) && !first.starts_with('0'));
    let grouped = first.is_some() && whole.contains(',') && groups.all(|group| group.len() == 3 && digits(group));
    (grouped && digits(decimals) && cell.len() <= MOST_CHARACTERS).then(|| cell.replace(',', ""))
}

/// Whether a cell is a number, whatever its commas are.
pub(super) fn is_number(cell: &str) -> bool {
    number(cell, Commas::Decimal).is_some() || in_thousands(cell).is_some()
}

/// A number as people write it: `3`, `-1.5`, `1e-3`, `2,5` (decimal comma), `12 %` is 12; `1,200` as `commas` says. `None` for anything else, infinities
/// too.
pub(super) fn number(cell: &str, commas: Commas) -> Option<f64> {
    let cell = bare(cell);
    let starts = cell.bytes().next().is_some_and(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.'));
    if !starts || cell.len() > MOST_CHARACTERS {
        // "inf", "nan" and "e5" are words here.
        return None;
    }
    let value: Option<f64> = cell.parse().ok().or_else(|| match commas {
        Commas::Thousands => in_thousands(cell)?.parse().ok(),
        Commas::Decimal if cell.matches(',').count() == 1 && !cell.contains('.') => cell.replace(',', ".").parse().ok(),
        Commas::Decimal => None,
    });
    value.filter(|value| value.is_finite())
}

/// A whole number without decimals.
pub(super) fn is_whole(cell: &str) -> bool {
    let cell = cell.trim();
    let digits = cell.strip_prefix('-').unwrap_or(cell);
    !digits.is_empty() && digits.len() < 19 && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// A whole number, perhaps with the `.0` that pandas writes as soon as another cell of the column is empty.
pub(super) fn is_integer(cell: &str) -> bool {
    let cell = cell.trim();
    is_whole(cell.strip_suffix(".0").unwrap_or(cell))
}

/// What a cell of a column of yes and no says; nothing in it is a no. `None` for anything else.
pub(super) fn flag(cell: &str) -> Option<bool> {
    let cell = cell.trim();
    let is = |words: &[&str]| words.iter().any(|word| cell.eq_ignore_ascii_case(word));
    if cell.is_empty() || is(&["false", "no"]) || number(cell, Commas::Decimal) == Some(0.0) {
        return Some(false);
    }
    (is(&["true", "yes", "x"]) || number(cell, Commas::Decimal) == Some(1.0)).then_some(true)
}

/// Whether a cell is a date: three groups of digits with `-`, `/`, `.` or 年月日 between, year first or last, perhaps a time after.
pub(super) fn is_date(cell: &str) -> bool {
    let cell = cell.trim();
    let day = cell.split(['T', ' ']).next().unwrap_or("");
    if day.len() < 8 || day.chars().count() > 12 {
        return false;
    }
    let mut between = Vec::new();
    let mut groups: Vec<u32> = vec![0];
    let mut digits = 0;
    for c in day.chars() {
        match c.to_digit(10) {
            Some(digit) if digits < 4 => {
                if let Some(last) = groups.last_mut() {
                    *last = *last * 10 + digit;
                }
                digits += 1;
            }
            None if digits > 0 && matches!(c, '-' | '/' | '.' | '年' | '月' | '日') => {
                between.push(c);
                if c != '日' {
                    groups.push(0);
                    digits = 0;
                }
            }
            _ => return false,
        }
    }
    let same = between.windows(2).all(|pair| pair[0] == pair[1]) || between.contains(&'年');
    let [first, middle, last] = groups[..] else { return false };
    let year = |n: u32| (1000..=2999).contains(&n);
    let (month_or_day, other) = if year(first) {
        (middle, last)
    } else if year(last) {
        (first, middle)
    } else {
        return false;
    };
    same && (1..=31).contains(&month_or_day) && (1..=31).contains(&other) && month_or_day.min(other) <= 12
}

/// The part that a word names, as data sets name them.
pub(super) fn part(word: &str) -> Option<SplitPart> {
    let word = word.trim().to_lowercase();
    match word.as_str() {
        "train" | "training" | "trn" | "训练" | "训练集" | "訓練" => Some(SplitPart::Training),
        "valid" | "validation" | "val" | "dev" | "development" | "eval" | "验证" | "验证集" | "驗證" => Some(SplitPart::Validation),
        "test" | "testing" | "tst" | "测试" | "测试集" | "測試" => Some(SplitPart::Test),
        _ => None,
    }
}

/// The word for a part in a column that is made from file names.
pub(super) fn part_word(part: SplitPart) -> &'static str {
    match part {
        SplitPart::Training | SplitPart::LeftOut => "train",
        SplitPart::Validation => "validation",
        SplitPart::Test => "test",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_people_write_them() {
        for (cell, value) in [("3", 3.0), (" -1.5 ", -1.5), ("2,5", 2.5), ("1e-3", 1e-3), ("12 %", 12.0), (".5", 0.5)] {
            assert_eq!(number(cell, Commas::Decimal), Some(value), "{cell}");
        }
        for cell in ["", "nan", "inf", "e5", "1,000,000", "3 stars", "1.2.3", "-", "1e999"] {
            assert_eq!(number(cell, Commas::Decimal), None, "{cell}");
        }
        assert!(is_whole("-12") && !is_whole("1.0") && !is_whole("-"));
        assert!(is_integer("-12") && is_integer("1.0") && !is_integer("4.5") && !is_integer("1.00") && !is_integer(".0"));
    }

    #[test]
    fn yes_and_no() {
        for (cell, says) in
            [("1", true), ("1.0", true), ("TRUE", true), (" yes ", true), ("x", true), ("0.0", false), ("No", false), ("", false)]
        {
            assert_eq!(flag(cell), Some(says), "{cell}");
        }
        for cell in ["-1", "2", "0.5", "nan", "maybe"] {
            assert_eq!(flag(cell), None, "{cell}");
        }
    }

    #[test]
    fn a_column_says_what_its_commas_are() {
        let of = |cells: &[&str]| Commas::of(cells.iter().copied());
        assert_eq!(of(&["1,200", "850", " 12,000 % ", "a, b"]), Commas::Thousands);
        assert_eq!(of(&["-1,000,000.5", "1.5"]), Commas::Thousands);
        for decimal in ["0,5", "0,500", "1234,500", "2,50"] {
            assert_eq!(of(&["1,200", decimal, "3,400"]), Commas::Decimal, "{decimal}");
        }
        assert_eq!(of(&["1.5", "2", "n/a"]), Commas::Decimal);
        for (cell, value) in [("1,200", 1_200.0), ("-1,000,000.5", -1_000_000.5), ("12,000 %", 12_000.0), ("2.5", 2.5), ("7", 7.0)] {
            assert_eq!(number(cell, Commas::Thousands), Some(value), "{cell}");
        }
        for cell in ["2,5", "0,500", "1,20,000", "1,2000", "a,200", ",200", "1,200,"] {
            assert_eq!(number(cell, Commas::Thousands), None, "{cell}");
        }
        assert_eq!(number("1,200", Commas::Decimal), Some(1.2));
        assert!(is_number("1,000,000") && is_number("2,5") && !is_number("1,00,0"));
    }

    #[test]
    fn dates_of_several_places() {
        for cell in ["2024-03-01", "2024/3/1 12:30", "01.03.2024", "2024-03-01T00:00:00Z", "2024年3月1日", "3/25/2024"] {
            assert!(is_date(cell), "{cell}");
        }
        for cell in ["2024", "1.2.3", "12-34", "2024-13-40", "call 2024-03-01", "192.168.0.1"] {
            assert!(!is_date(cell), "{cell}");
        }
    }

    #[test]
    fn parts_by_their_names() {
        assert_eq!(part(" Dev "), Some(SplitPart::Validation));
        assert_eq!(part("training"), Some(SplitPart::Training));
        assert_eq!(part("测试集"), Some(SplitPart::Test));
        assert_eq!(part("contest"), None);
        for of in [SplitPart::Training, SplitPart::Validation, SplitPart::Test] {
            assert_eq!(part(part_word(of)), Some(of));
        }
    }
}
