//! Numbers as people read them.
//! Must not know: what is counted.

/// `1 flow`, `3 flows`, `2 secrets`.
pub fn plural(n: u64, noun: &str) -> String {
    match (n, noun.strip_suffix('y')) {
        (1, _) => format!("1 {noun}"),
        (_, Some(stem)) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{} {stem}ies", count(n)),
        _ if noun == "media" => format!("{} media", count(n)),
        _ => format!("{} {noun}s", count(n)),
    }
}

/// Digits in groups of three: `1,234,567`.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// `512 B`, `1.5 KiB`, `3.2 GiB`.
pub fn bytes(n: u64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    if n < 1024 {
        return format!("{n} B");
    }
    let mut amount = n as f64 / 1024.0;
    let mut unit = 0;
    while amount >= 1023.95 && unit + 1 < UNITS.len() {
        amount /= 1024.0;
        unit += 1;
    }
    format!("{amount:.1} {}", UNITS[unit])
}

/// `0.4 s`, `12 s`, `3 min 20 s`.
pub fn seconds(n: f64) -> String {
    match n {
        n if n < 10.0 => format!("{n:.1} s"),
        n if n < 60.0 => format!("{n:.0} s"),
        n => format!("{} min {} s", n as u64 / 60, n as u64 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_read_well() {
        assert_eq!([0, 1, 999, 1000, 1234567].map(count), ["0", "1", "999", "1,000", "1,234,567"]);
        assert_eq!(
            [0, 1023, 1024, 1536, 1 << 20, u64::MAX].map(bytes),
            ["0 B", "1023 B", "1.0 KiB", "1.5 KiB", "1.0 MiB", "16384.0 PiB"]
        );
        assert_eq!([0.04, 12.4, 200.0].map(seconds), ["0.0 s", "12 s", "3 min 20 s"]);
        assert_eq!(plural(1, "entry"), "1 entry");
        assert_eq!(plural(2, "entry"), "2 entries");
        assert_eq!(plural(1200, "flow"), "1,200 flows");
        assert_eq!(plural(2, "media"), "2 media");
    }
}
