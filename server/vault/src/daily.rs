//! Daily notes: the note of a day, by the pattern that is set in Obsidian.

use std::fmt::Write;

use jiff::civil::Date;

/// The pattern of names where none is set.
pub const DEFAULT: &str = "YYYY-MM-DD";

/// Parts of a pattern that say something of a day, the longer ones first.
const TOKENS: [(&str, Token); 32] = [
    ("YYYY", Token::Year),
    ("YY", Token::ShortYear),
    ("Qo", Token::Ordinal(Number::Quarter)),
    ("Q", Token::Padded(Number::Quarter, 1)),
    ("MMMM", Token::Month),
    ("MMM", Token::ShortMonth),
    ("MM", Token::Padded(Number::Month, 2)),
    ("Mo", Token::Ordinal(Number::Month)),
    ("M", Token::Padded(Number::Month, 1)),
    ("DDDD", Token::Padded(Number::DayOfYear, 3)),
    ("DDDo", Token::Ordinal(Number::DayOfYear)),
    ("DDD", Token::Padded(Number::DayOfYear, 1)),
    ("DD", Token::Padded(Number::Day, 2)),
    ("Do", Token::Ordinal(Number::Day)),
    ("D", Token::Padded(Number::Day, 1)),
    ("dddd", Token::Weekday(9)),
    ("ddd", Token::Weekday(3)),
    ("dd", Token::Weekday(2)),
    ("do", Token::Ordinal(Number::FromSunday)),
    ("d", Token::Padded(Number::FromSunday, 1)),
    ("e", Token::Padded(Number::FromSunday, 1)),
    ("E", Token::Padded(Number::FromMonday, 1)),
    ("wo", Token::Ordinal(Number::Week)),
    ("ww", Token::Padded(Number::Week, 2)),
    ("w", Token::Padded(Number::Week, 1)),
    ("Wo", Token::Ordinal(Number::IsoWeek)),
    ("WW", Token::Padded(Number::IsoWeek, 2)),
    ("W", Token::Padded(Number::IsoWeek, 1)),
    ("gggg", Token::Padded(Number::WeekYear, 4)),
    ("gg", Token::Padded(Number::ShortWeekYear, 2)),
    ("GGGG", Token::Padded(Number::IsoYear, 4)),
    ("GG", Token::Padded(Number::ShortIsoYear, 2)),
];
/// Letters of Moment that say something else, such as the hour.
const OTHERS: &str = "YyQMDdeEwWgGHhkmsSaAxXzZNLl\\";

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
/// The days of a week, from Monday on.
pub const WEEKDAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Number {
    Quarter,
    Month,
    Day,
    DayOfYear,
    FromSunday,
    FromMonday,
    Week,
    IsoWeek,
    WeekYear,
    ShortWeekYear,
    IsoYear,
    ShortIsoYear,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Year,
    ShortYear,
    Month,
    ShortMonth,
    /// The first letters of its name.
    Weekday(usize),
    /// With zeros to this width.
    Padded(Number, usize),
    Ordinal(Number),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Token(Token),
}

/// No file has a longer name, and the time to read a pattern grows with the square
/// of its length.
const MAX_PATTERN: usize = 255;
/// So much is said of a pattern that is too long.
const MAX_SHOWN: usize = 40;

/// A pattern of Moment, as far as it is about days: names in English, weeks
/// from Sunday but for `E`, `W` and `G`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(Vec<Part>);

impl Pattern {
    /// Reads a pattern of at most [`MAX_PATTERN`] bytes.
    ///
    /// # Errors
    /// The first part that means something which a day does not say; of a longer
    /// pattern its first letters.
    pub fn new(source: &str) -> Result<Self, String> {
        if source.len() > MAX_PATTERN {
            return Err(source.chars().take(MAX_SHOWN).chain(['…']).collect());
        }
        let mut parts = Vec::new();
        let mut text = String::new();
        let mut rest = source;
        while let Some(first) = rest.chars().next() {
            let literal = rest
                .strip_prefix('[')
                .and_then(|inside| inside.split_once(']'))
                .filter(|inside| !inside.0.contains('['));
            if let Some((inside, after)) = literal {
                text.push_str(inside);
                rest = after;
                continue;
            }
            let run = rest.len() - rest.trim_start_matches(first).len();
            let token = TOKENS.iter().find(|token| rest.starts_with(token.0));
            // Of a longer run of a letter Moment reads something else.
            let token = token.filter(|token| run <= token.0.trim_end_matches('o').len());
            if let Some((name, token)) = token {
                if !text.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut text)));
                }
                parts.push(Part::Token(*token));
                rest = &rest[name.len()..];
            } else if OTHERS.contains(first) {
                return Err(rest[..run].to_owned());
            } else {
                text.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
        if !text.is_empty() {
            parts.push(Part::Text(text));
        }
        Ok(Self(parts))
    }

    /// What the pattern says of a day.
    pub fn name(&self, day: Date) -> String {
        let mut name = String::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => name.push_str(text),
                Part::Token(token) => say(*token, day, &mut name),
            }
        }
        name
    }
}

fn say(token: Token, day: Date, name: &mut String) {
    let month = || {
        let index = usize::try_from(day.month() - 1).unwrap_or_default();
        MONTHS.get(index).copied().unwrap_or_default()
    };
    // Writing into a string cannot fail.
    let _ = match token {
        Token::Year => write!(name, "{:04}", day.year()),
        Token::ShortYear => write!(name, "{:02}", day.year().rem_euclid(100)),
        Token::Month => name.write_str(month()),
        Token::ShortMonth => name.write_str(&month()[..3]),
        Token::Weekday(letters) => {
            let own = weekday(day);
            name.write_str(&own[..letters.min(own.len())])
        }
        Token::Padded(number, width) => write!(name, "{:0width$}", value(number, day)),
        Token::Ordinal(number) => {
            let value = value(number, day);
            write!(name, "{value}{}", suffix(value))
        }
    };
}

/// The name of the day of the week.
pub fn weekday(day: Date) -> &'static str {
    let index = usize::try_from(day.weekday().to_monday_zero_offset()).unwrap_or_default();
    WEEKDAYS.get(index).copied().unwrap_or_default()
}

fn value(number: Number, day: Date) -> i32 {
    let iso = day.iso_week_date();
    let value = match number {
        Number::Quarter => i16::from((day.month() - 1) / 3 + 1),
        Number::Month => day.month().into(),
        Number::Day => day.day().into(),
        Number::DayOfYear => day.day_of_year(),
        Number::FromSunday => day.weekday().to_sunday_zero_offset().into(),
        Number::FromMonday => day.weekday().to_monday_one_offset().into(),
        Number::Week => week(day).1,
        Number::WeekYear => week(day).0,
        Number::ShortWeekYear => week(day).0.rem_euclid(100),
        Number::IsoWeek => iso.week().into(),
        Number::IsoYear => iso.year(),
        Number::ShortIsoYear => iso.year().rem_euclid(100),
    };
    value.into()
}

/// Year and number of the week from Sunday to Saturday. That of the first of
/// January is the first one.
fn week(day: Date) -> (i16, i16) {
    let before = i16::from(day.weekday().to_sunday_zero_offset());
    let last = day.day_of_year() - before + 6;
    if last > day.days_in_year() {
        return (day.year() + 1, 1);
    }
    (day.year(), (last - 1) / 7 + 1)
}

fn suffix(value: i32) -> &'static str {
    match (value % 100, value % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    }
}

/// Where the daily notes of a vault are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Daily {
    /// Their folder from the root of the opened folder, without a final `/`;
    /// empty for the root.
    pub folder: String,
    /// Their names, and the folders in that one.
    pub pattern: Pattern,
    /// Whether it is set that they exist. Otherwise those are known that do.
    pub is_set: bool,
}

impl Daily {
    /// The path of the note of a day, from the root of the opened folder.
    pub fn path(&self, day: Date) -> String {
        let slash = if self.folder.is_empty() { "" } else { "/" };
        format!("{}{slash}{}.md", self.folder, self.pattern.name(day))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn name(pattern: &str, day: Date) -> String {
        Pattern::new(pattern).unwrap().name(day)
    }

    #[test]
    fn every_part_says_what_moment_says() {
        let day = date(2024, 2, 3);
        for (pattern, expected) in [
            ("YYYY-MM-DD", "2024-02-03"),
            (
                "YYYY/MM-MMMM/YYYY-MM-DD-dddd",
                "2024/02-February/2024-02-03-Saturday",
            ),
            ("YY M D Q Qo", "24 2 3 1 1st"),
            ("MMM Mo Do", "Feb 2nd 3rd"),
            ("DDD DDDo DDDD", "34 34th 034"),
            ("d do dd ddd dddd e E", "6 6th Sa Sat Saturday 6 6"),
            ("w ww wo W WW Wo", "5 05 5th 5 05 5th"),
            ("gg gggg GG GGGG", "24 2024 24 2024"),
            ("[Day] YYYY[W]WW", "Day 2024W05"),
            ("[YYYY] (Tbo)", "YYYY (Tbo)"),
            ("é大", "é大"),
        ] {
            assert_eq!(name(pattern, day), expected, "{pattern}");
        }
        assert_eq!(name("Do Do", date(2024, 1, 11)), "11th 11th");
    }

    #[test]
    fn weeks_at_the_turn_of_a_year() {
        for (day, expected) in [
            (date(2021, 1, 1), "2021-01 2020-53"),
            (date(2022, 12, 31), "2022-53 2022-52"),
            (date(2023, 12, 31), "2024-01 2023-52"),
            (date(2024, 12, 29), "2025-01 2024-52"),
            (date(2024, 12, 30), "2025-01 2025-01"),
        ] {
            assert_eq!(name("gggg-ww GGGG-WW", day), expected, "{day}");
        }
    }

    #[test]
    fn a_pattern_may_be_as_long_as_a_name() {
        assert!(Pattern::new(&"-".repeat(MAX_PATTERN)).is_ok());
        let refused = Pattern::new(&"[".repeat(MAX_PATTERN + 1)).unwrap_err();
        assert_eq!(refused.chars().count(), MAX_SHOWN + 1);
    }

    #[test]
    fn what_no_day_says_is_named() {
        for (pattern, part) in [
            ("YYYY-MM-DD HH:mm", "HH"),
            ("YYYYY", "YYYYY"),
            ("dddddd", "dddddd"),
            ("L", "L"),
            ("\\Y", "\\"),
        ] {
            assert_eq!(Pattern::new(pattern), Err(part.to_owned()), "{pattern}");
        }
    }
}
