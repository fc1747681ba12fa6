//! What just happened, told above the footer until it is read, and kept for those who were not looking.
//! Must not know: what it is about.

use std::collections::VecDeque;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::model::text::printable;
use crate::model::{Error, Severity};
use crate::workbench::canvas::{Canvas, Rect, line_of, span, wrap};
use crate::workbench::theme::Role;

/// Seconds that a notice stays, errors longer.
const STAYS: i64 = 6;
const ERROR_STAYS: i64 = 30;
/// How long a line takes to be read.
const READ: jiff::SignedDuration = jiff::SignedDuration::from_millis(1_500);
/// Lines that a notice may take of the screen.
const LINES: usize = 3;
/// Notices that can be read again.
const KEPT: usize = 200;

/// What just happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub severity: Severity,
    pub text: String,
    pub hint: Option<String>,
    until: Option<Timestamp>,
    /// It answers what a person just did, and goes with the next thing that they do.
    pub(in crate::workbench) answers: bool,
}

impl Notice {
    pub fn info(text: impl Into<String>) -> Self {
        Notice { severity: Severity::Info, text: text.into(), hint: None, until: None, answers: false }
    }

    pub fn warning(text: impl Into<String>) -> Self {
        Notice { severity: Severity::Warning, ..Notice::info(text) }
    }

    /// Something failed, and stays longer.
    pub fn failure(text: impl Into<String>) -> Self {
        Notice { severity: Severity::Blocking, ..Notice::info(text) }
    }

    pub fn error(error: &Error) -> Self {
        Notice { hint: error.hint_text().map(str::to_owned), ..Notice::failure(error.message()) }
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Begins to count.
    pub(in crate::workbench) fn at(mut self, now: Timestamp) -> Self {
        let stays = if self.severity == Severity::Blocking { ERROR_STAYS } else { STAYS };
        self.until = now.checked_add(jiff::SignedDuration::from_secs(stays)).ok();
        self
    }

    /// Good news that was in view for a moment gives way to what comes next.
    pub(in crate::workbench) fn was_read(&self, now: Timestamp) -> bool {
        let read = jiff::SignedDuration::from_secs(STAYS) - READ;
        self.severity == Severity::Info && self.until.is_some_and(|until| until.duration_since(now) <= read)
    }

    pub fn is_over(&self, now: Timestamp) -> bool {
        self.until.is_some_and(|until| until <= now)
    }

    /// Text and hint as one.
    pub fn sentence(&self) -> String {
        match &self.hint {
            Some(hint) => format!("{} · {hint}", self.text),
            None => self.text.clone(),
        }
    }
}

/// Lines that a notice needs at this width: no word of an error is cut off, as far as a few lines hold it.
pub fn notice_rows(notice: &Notice, columns: u16) -> u16 {
    wrap(&notice.sentence(), usize::from(columns).saturating_sub(4)).len().clamp(1, LINES) as u16
}

/// The newest notice.
pub fn draw_notice(notice: &Notice, area: Rect, canvas: &mut Canvas<'_>) {
    let (sign, role) = sign(notice.severity);
    canvas.clear(area);
    let inner = Rect { x: area.x + 3.min(area.width), width: area.width.saturating_sub(4), ..area };
    canvas.text(line_of(area, 0), &format!(" {sign} "), role);
    if area.height == 1 {
        let hint = notice.hint.as_deref().map(|hint| format!(" · {hint}")).unwrap_or_default();
        canvas.line(inner, &[span(&*notice.text, role), span(hint, Role::Dim)]);
    } else {
        canvas.paragraph(inner, &notice.sentence(), role);
    }
}

pub(super) fn sign(severity: Severity) -> (&'static str, Role) {
    match severity {
        Severity::Info => ("i", Role::Info),
        Severity::Warning => ("!", Role::Warning),
        Severity::Blocking => ("✗", Role::Bad),
    }
}

/// What was told lately.
#[derive(Debug, Default)]
pub struct Told {
    notices: VecDeque<(Timestamp, Notice)>,
    /// What the log has not seen yet.
    fresh: usize,
}

impl Told {
    pub fn push(&mut self, now: Timestamp, notice: Notice) {
        if self.notices.back().is_some_and(|(_, last)| (&last.text, &last.hint) == (&notice.text, &notice.hint)) {
            self.notices.pop_back();
            // The log saw it, or sees the new one in its place.
            self.fresh = self.fresh.saturating_sub(1);
        }
        if self.notices.len() == KEPT {
            self.notices.pop_front();
        }
        self.notices.push_back((now, notice));
        self.fresh += 1;
    }

    pub fn is_empty(&self) -> bool {
        self.notices.is_empty()
    }

    /// What was told since this was asked last.
    pub fn take_fresh(&mut self) -> impl Iterator<Item = &Notice> {
        let fresh = std::mem::take(&mut self.fresh);
        let known = self.notices.len().saturating_sub(fresh);
        self.notices.iter().skip(known).map(|(_, notice)| notice)
    }

    /// The newest first, in so many columns.
    pub fn lines(&self, zone: &TimeZone, columns: u16) -> Vec<String> {
        let room = usize::from(columns).saturating_sub(BEFORE.len()).max(20);
        let line = |(at, notice): &(Timestamp, Notice)| {
            let time = at.to_zoned(zone.clone()).strftime("%H:%M:%S").to_string();
            let mut lines = wrap(&printable(&notice.text), room);
            lines.extend(notice.hint.iter().flat_map(|hint| wrap(&printable(hint), room)));
            let first = format!("{time} {} ", sign(notice.severity).0);
            let begin = std::iter::once(first).chain(std::iter::repeat(BEFORE.to_owned()));
            begin.zip(lines).map(|(begin, line)| begin + &line).collect::<Vec<_>>()
        };
        self.notices.iter().rev().flat_map(line).collect()
    }
}

/// As wide as the time and the sign before a message.
const BEFORE: &str = "           ";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_sees_each_notice_once_also_where_one_is_repeated() {
        let mut told = Told::default();
        let mut push = |texts: &[&str]| {
            texts.iter().for_each(|text| told.push(Timestamp::UNIX_EPOCH, Notice::info(*text)));
            told.take_fresh().map(|notice| notice.text.clone()).collect::<Vec<_>>()
        };
        assert_eq!(push(&["old", "known"]), ["old", "known"]);
        assert_eq!(push(&["new", "new", "new"]), ["new"]);
        // It happened again since.
        assert_eq!(push(&["new"]), ["new"]);
        assert!(push(&[]).is_empty());
    }
}
