//! Sizes and times as people write them.

use std::time::Duration;

const SIZES: &[(&str, u64)] = &[
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("KB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("K", 1 << 10),
    ("M", 1 << 20),
    ("G", 1 << 30),
    ("B", 1),
    ("", 1),
];

/// A number of bytes, such as `65536`, `64KiB` or `2G`.
pub fn size(text: &str) -> Result<u64, String> {
    let (number, unit) = split(text);
    let unit = SIZES.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit));
    unit.and_then(|(_, bytes)| number.parse::<u64>().ok()?.checked_mul(*bytes))
        .ok_or_else(|| "expected a size such as `65536`, `64KiB`, `64MiB` or `2GiB`".into())
}

/// A number of bytes for people, such as `64 KiB` or `1.5 MiB`.
pub fn shown(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if bytes < 1 << 10 {
        return if bytes == 1 { "1 byte".into() } else { format!("{bytes} bytes") };
    }
    let power = (bytes.ilog2() as usize / 10).min(UNITS.len());
    let tenths = (u128::from(bytes) * 10) >> (10 * power);
    let unit = UNITS[power - 1]; // From 1 on, as `bytes` are at least 2^10.
    match tenths % 10 {
        0 => format!("{} {unit}", tenths / 10),
        tenth => format!("{}.{tenth} {unit}", tenths / 10),
    }
}

/// A time, such as `1s`, `1.5s`, `500ms` or `2m`; a number alone is seconds.
pub fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = split(text);
    let seconds = match unit {
        "ns" => 1e-9,
        "us" => 1e-6,
        "ms" => 1e-3,
        "s" | "" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        _ => f64::NAN,
    };
    let number: f64 = number.parse().unwrap_or(f64::NAN);
    Duration::try_from_secs_f64(number * seconds)
        .map_err(|_| "expected a time such as `1s`, `1.5s`, `500ms` or `2m`".into())
}

/// A number and what follows it.
fn split(text: &str) -> (&str, &str) {
    let is_unit = |c: char| !(c.is_ascii_digit() || c == '.');
    let at = text.find(is_unit).unwrap_or(text.len());
    (&text[..at], text[at..].trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        for (text, bytes) in [("0", 0), ("64KiB", 65536), ("1k", 1024), ("2GB", 2_000_000_000)] {
            assert_eq!(size(text), Ok(bytes));
        }
        for text in ["", "KiB", "-1", "1.5G", "1 TiB", "99999999999G", "0x10"] {
            assert!(size(text).is_err(), "{text}");
        }
    }

    #[test]
    fn sizes_for_people() {
        let sizes = [(0, "0 bytes"), (1023, "1023 bytes"), (1024, "1 KiB"), (1 << 20, "1 MiB")];
        for (bytes, text) in sizes.into_iter().chain([(1600, "1.5 KiB"), (1 << 60, "1048576 TiB")])
        {
            assert_eq!(shown(bytes), text);
        }
    }

    #[test]
    fn durations() {
        for (text, millis) in [("1", 1000), ("1.5s", 1500), ("500ms", 500), ("2m", 120_000)] {
            assert_eq!(duration(text), Ok(Duration::from_millis(millis)));
        }
        for text in ["", "s", "-1s", "1 parsec", "inf", "1e999s", "99999999999999999999999h"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
