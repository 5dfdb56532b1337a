//! PURE. Days as people count them: in their own time zone, ending in the small hours.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What is practised after midnight belongs to the evening before, until four o'clock.
const BEGINS_AT_MS: i64 = 4 * 60 * 60 * 1000;

/// A day, by its number since 1970-01-01. Written as `2026-11-23`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i32);

impl Day {
    /// The day that people in `zone` call it `at_ms` milliseconds after 1970.
    pub fn of(at_ms: i64, zone: &TimeZone) -> Self {
        let at =
            Timestamp::from_millisecond(at_ms.saturating_sub(BEGINS_AT_MS)).unwrap_or(Timestamp::UNIX_EPOCH);
        Self::from_date(at.to_zoned(zone.clone()).date())
    }

    fn from_date(date: Date) -> Self {
        let since = date.since((jiff::Unit::Day, Date::constant(1970, 1, 1)));
        Self(since.map_or(0, |span: Span| span.get_days()))
    }

    /// The calendar's date.
    pub fn date(self) -> Date {
        Date::constant(1970, 1, 1).saturating_add(Span::new().days(self.0))
    }

    /// Whole days from `earlier` to this one; 0 if it is later.
    pub fn since(self, earlier: Self) -> u32 {
        u32::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0)
    }

    /// The day `days` later.
    #[must_use]
    pub fn plus(self, days: u32) -> Self {
        Self(self.0.saturating_add_unsigned(days))
    }

    /// The Monday of its week.
    #[must_use]
    pub fn monday(self) -> Self {
        // 1970-01-01 was a Thursday.
        Self(self.0 - (self.0 + 3).rem_euclid(7))
    }
}

impl std::fmt::Display for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.date().fmt(f)
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Date::deserialize(deserializer).map(Self::from_date)
    }
}
