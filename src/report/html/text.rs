//! PURE. The one way by which text from outside reaches a page: sanitised, then escaped.
//!
//! The escaping is maud's; what steers a reader's eyes or a terminal (control characters, overrides of
//! direction, invisible letters) is taken out before.

use maud::Render;

use crate::report::words::one_line;
use crate::text::sanitise;

/// Text from outside, on one line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'a>(pub &'a str);

impl Render for Line<'_> {
    fn render_to(&self, out: &mut String) {
        one_line(self.0).render_to(out);
    }
}

/// Text from outside with its line ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lines<'a>(pub &'a str);

impl Render for Lines<'_> {
    fn render_to(&self, out: &mut String) {
        sanitise(self.0).render_to(out);
    }
}
