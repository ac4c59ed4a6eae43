//! Points in time as people write them, in UTC.

/// Seconds since 1970 as RFC 3339 has them: `2026-01-31T12:00:00Z`.
pub fn shown(seconds: i64) -> String {
    let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // Days are counted from the first of March of year 0, so that leap days come last
    // (Hinnant, chrono-Compatible Low-Level Date Algorithms).
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (rest / 3_600, rest / 60 % 60, rest % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// The same, or plain seconds; `None` for anything else.
pub fn read(text: &str) -> Option<u64> {
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(seconds);
    }
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let date: Vec<i64> = numbers(date, '-', &[4, 2, 2])?;
    let time: Vec<i64> = numbers(time, ':', &[2, 2, 2])?;
    let ([year, month, day], [hour, minute, second]) = (date.as_slice(), time.as_slice()) else {
        return None;
    };
    let year_of_march = year - i64::from(*month <= 2);
    let (era, of_era) = (year_of_march.div_euclid(400), year_of_march.rem_euclid(400));
    let month_of_march = (month + 9) % 12;
    let of_year = (153 * month_of_march + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second;
    // What is no date, such as the 31st of February, would be shown as another one.
    (shown(seconds) == text).then(|| u64::try_from(seconds).ok())?
}

fn numbers(text: &str, between: char, widths: &[usize]) -> Option<Vec<i64>> {
    let parts: Vec<&str> = text.split(between).collect();
    let fits = parts.len() == widths.len()
        && parts.iter().zip(widths).all(|(part, width)| {
            part.len() == *width && part.bytes().all(|byte| byte.is_ascii_digit())
        });
    if !fits {
        return None;
    }
    parts.into_iter().map(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_767_225_599, "2025-12-31T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(shown(seconds), text);
            assert_eq!(read(text), Some(seconds as u64));
        }
        assert_eq!(read("1767225599"), Some(1_767_225_599));
        for text in [
            "2026-02-31T00:00:00Z",
            "2026-1-1T00:00:00Z",
            "today",
            "",
            "-1",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
