//! Dates: the profile of ISO 8601 that the W3C noted (<https://www.w3.org/TR/NOTE-datetime>), or
//! seconds since 1970.

/// A moment, in nanoseconds since 1970.
pub fn parse(text: &str) -> Option<i128> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    // Four digits are a year.
    if is_number && text.len() != 4 {
        let seconds: i64 = text.parse().ok()?;
        return Some(i128::from(seconds) * SECOND);
    }
    let (date, time) = match text.split_once('T') {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let mut parts = date.split('-');
    let year = digits_of(parts.next()?, 4)?;
    let month = parts.next().map_or(Some(1), |part| digits_of(part, 2))?;
    let day = parts.next().map_or(Some(1), |part| digits_of(part, 2))?;
    let whole = date.len() == "2013-12-15".len();
    if parts.next().is_some()
        || !(1..=12).contains(&month)
        || !(1..=length(year, month)).contains(&day)
        || (time.is_some() && !whole)
    {
        return None;
    }
    let time = time.map_or(Some(0), moment)?;
    Some(i128::from(days(year, month, day)) * 86_400 * SECOND + time)
}

const SECOND: i128 = 1_000_000_000;

/// `12:00Z`, `12:00:00.5+01:00`: nanoseconds since midnight.
fn moment(text: &str) -> Option<i128> {
    let at = text.find(['Z', '+', '-'])?;
    let (clock, zone) = text.split_at(at);
    let mut parts = clock.split(':');
    let hour = digits_of(parts.next()?, 2)?;
    let minute = digits_of(parts.next()?, 2)?;
    let (second, fraction) = match parts.next() {
        Some(part) => part.split_once('.').unwrap_or((part, "0")),
        None => ("00", "0"),
    };
    let second = digits_of(second, 2)?;
    let nanos = digits_of(&format!("{fraction:0<9}"), 9)?;
    if parts.next().is_some() || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let ahead = match zone.strip_prefix('Z') {
        Some("") => 0,
        Some(_) => return None,
        None => {
            let (hours, minutes) = zone[1..].split_once(':')?;
            let ahead = digits_of(hours, 2)? * 60 + digits_of(minutes, 2)?;
            if zone.starts_with('-') { -ahead } else { ahead }
        }
    };
    let seconds = (hour * 60 + minute - ahead) * 60 + second;
    Some(i128::from(seconds) * SECOND + i128::from(nanos))
}

fn digits_of(text: &str, count: usize) -> Option<i64> {
    let good = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    good.then(|| text.parse().ok()).flatten()
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn length(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 to a date.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let before = year - 1;
    let leaps = |year: i64| year / 4 - year / 100 + year / 400;
    let years = (year - 1970) * 365 + leaps(before) - leaps(1969);
    years + (1..month).map(|month| length(year, month)).sum::<i64>() + day - 1
}
