//! Dates as numbers of days, and back: weeks are counted with them.
//!
//! In: `2025-03-03`. Out: days since 1 January 1970, weeks that begin on Monday. After Hinnant, "chrono-compatible low-level date algorithms".

/// A day of the Gregorian calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Date {
    pub year: i64,
    /// `1..=12`
    pub month: u32,
    /// `1..=31`
    pub day: u32,
}

/// Days since 1 January 1970 of a date as ISO 8601 writes it; `None` for what is no date.
pub fn day_number(date: &str) -> Option<i64> {
    let mut parts = date.trim().split('-').map(str::parse::<i64>);
    let (year, month, day) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
    if parts.next().is_some() || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Years begin in March, so that a leap day is the last of its year.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    // The 31st of a month of 30 days is another date, and so none.
    (date_of(days).day == day as u32).then_some(days)
}

/// The date of a day.
pub fn date_of(days: i64) -> Date {
    let shifted = days + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = (of_year - (153 * shifted_month + 2) / 5 + 1) as u32;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 } as u32;
    Date { year: year_of_era + era * 400 + i64::from(month <= 2), month, day }
}

/// The Monday on or before a day.
pub fn monday(days: i64) -> i64 {
    // Day 0 was a Thursday.
    days - (days + 3).rem_euclid(7)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_days() {
        assert_eq!(day_number("1970-01-01"), Some(0));
        assert_eq!(day_number("2000-02-29"), Some(11_016));
        assert_eq!(day_number("2025-03-03"), Some(20_150));
        assert_eq!(date_of(20_150), Date { year: 2025, month: 3, day: 3 });
    }

    #[test]
    fn every_day_of_four_hundred_years_comes_back() {
        for day in -60_000..86_000 {
            let Date { year, month, day: of_month } = date_of(day);
            assert_eq!(day_number(&format!("{year:04}-{month:02}-{of_month:02}")), Some(day));
        }
    }

    #[test]
    fn weeks_begin_on_monday() {
        let first = day_number("2025-03-03").unwrap();
        assert_eq!((0..8).map(|day| monday(first + day) - first).collect::<Vec<_>>(), [0, 0, 0, 0, 0, 0, 0, 7]);
    }

    #[test]
    fn what_is_no_date_has_no_number() {
        assert!(
            ["", "2025", "2025-13-01", "2025-04-31", "2025-02-29", "3 March", "2025-03-03-1"].map(day_number).iter().all(Option::is_none)
        );
    }
}
