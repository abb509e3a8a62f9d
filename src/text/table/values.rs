//! What a single cell says: a number, a date, the name of a part.

use crate::protocol::SplitPart;

/// A number as people write it: `3`, `-1.5`, `1e-3`, `2,5` (decimal comma), `12 %` is 12. `None` for anything else, infinities too.
pub(super) fn number(cell: &str) -> Option<f64> {
    let cell = cell.trim();
    let cell = cell.strip_suffix('%').map_or(cell, str::trim_end);
    let starts = cell.bytes().next().is_some_and(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.'));
    if !starts || cell.len() > 40 {
        // "inf", "nan" and "e5" are words here.
        return None;
    }
    let value: Option<f64> = cell.parse().ok().or_else(|| {
        let one_comma = cell.matches(',').count() == 1 && !cell.contains('.');
        if one_comma { cell.replace(',', ".").parse().ok() } else { None }
    });
    value.filter(|value| value.is_finite())
}

/// A whole number without decimals.
pub(super) fn is_whole(cell: &str) -> bool {
    let cell = cell.trim();
    let digits = cell.strip_prefix('-').unwrap_or(cell);
    !digits.is_empty() && digits.len() < 19 && digits.bytes().all(|byte| byte.is_ascii_digit())
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
            assert_eq!(number(cell), Some(value), "{cell}");
        }
        for cell in ["", "nan", "inf", "e5", "1,000,000", "3 stars", "1.2.3", "-", "1e999"] {
            assert_eq!(number(cell), None, "{cell}");
        }
        assert!(is_whole("-12") && !is_whole("1.0") && !is_whole("-"));
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
