//! Numbers as the page writes them: grouped, short, with units. Plain functions of plain numbers.

/// `11204` as `11,204`.
pub fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Bytes in decimal units, three digits at most: `38 kB`, `1.4 MB`.
pub fn bytes(value: u64) -> String {
    short(value as f64, &["bytes", "kB", "MB", "GB", "TB"])
}

/// A large count, three digits at most: `1.4 M`.
pub fn amount(value: u64) -> String {
    short(value as f64, &["", "k", "M", "G", "T"])
}

fn short(value: f64, units: &[&str]) -> String {
    let mut scaled = value;
    let mut unit = 0;
    while scaled >= 999.5 && unit + 1 < units.len() {
        scaled /= 1000.0;
        unit += 1;
    }
    let number = if unit == 0 || scaled >= 9.95 { format!("{scaled:.0}") } else { format!("{scaled:.1}") };
    if units[unit].is_empty() { number } else { format!("{number}\u{a0}{}", units[unit]) }
}

/// Seconds as a clock: `0:42`, `12:05`, `1:02:05`. What is not a time is a dash.
pub fn clock(seconds: f64) -> String {
    if !seconds.is_finite() || !(0.0..=3.6e6).contains(&seconds) {
        return "\u{2013}".to_owned();
    }
    let whole = seconds.round() as u64;
    let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{rest:02}") } else { format!("{minutes}:{rest:02}") }
}

/// A share of one as `12 %`; below one per cent with a digit.
pub fn percent(share: f64) -> String {
    let value = share * 100.0;
    if value > 0.0 && value < 1.0 { format!("{value:.1}\u{a0}%") } else { format!("{value:.0}\u{a0}%") }
}

/// A setting as typed: the shortest decimal that reads back as the same number.
pub fn plain(value: f64) -> String {
    format!("{value}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped() {
        assert_eq!([0, 999, 1000, 11_204, 1_234_567].map(grouped), ["0", "999", "1,000", "11,204", "1,234,567"]);
    }

    #[test]
    fn bytes_keep_three_digits_at_most() {
        assert_eq!([12, 38_400, 999_600, 1_350_000].map(bytes), ["12\u{a0}bytes", "38\u{a0}kB", "1.0\u{a0}MB", "1.4\u{a0}MB"]);
        assert_eq!(amount(1_350_400), "1.4\u{a0}M");
    }

    #[test]
    fn clocks_read_as_clocks() {
        assert_eq!([0.4, 42.0, 59.6, 725.0, 3725.0].map(clock), ["0:00", "0:42", "1:00", "12:05", "1:02:05"]);
        assert_eq!([f64::NAN, -1.0, f64::INFINITY].map(clock), ["–", "–", "–"]);
    }

    #[test]
    fn small_shares_do_not_vanish() {
        assert_eq!([0.0, 0.004, 0.126].map(percent), ["0\u{a0}%", "0.4\u{a0}%", "13\u{a0}%"]);
    }

    #[test]
    fn settings_read_back() {
        for value in [1e-6, 0.001, 0.3, 300.0, 1e-4] {
            assert_eq!(plain(value).parse::<f64>(), Ok(value));
        }
        assert_eq!(plain(0.00001), "0.00001");
    }
}
