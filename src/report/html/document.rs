//! PURE. The frame of every page: policy, style, title, navigation, landmarks.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use super::text::Line;

/// The style of every page; light, dark, narrow, wide and on paper.
const STYLE: &str = include_str!("style.css");

/// A part of a page with a heading.
pub(super) struct Section {
    /// Id on the page.
    pub id: &'static str,
    /// Heading, and its line in the navigation.
    pub title: &'static str,
    /// What stands under it.
    pub body: Markup,
}

/// Puts a page together. It may load nothing, run nothing, and style itself only with [`STYLE`].
pub(super) fn document(title: &str, head: &Markup, sections: &[Section], foot: &Markup) -> String {
    let digest = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    );
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                meta name="robots" content="noindex";
                meta name="generator" content={ "greenroom " (env!("CARGO_PKG_VERSION")) };
                title { (Line(title)) " \u{b7} greenroom" }
                link rel="icon" href="data:,";
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#main" { "To the content" }
                header.top { (head) }
                div.columns {
                    nav aria-label="Sections" {
                        ul { @for section in sections { li { a href={ "#" (section.id) } { (section.title) } } } }
                    }
                    main #main tabindex="-1" {
                        @for section in sections {
                            section id=(section.id) aria-labelledby={ (section.id) "-title" } {
                                h2 id={ (section.id) "-title" } { (section.title) }
                                (section.body)
                            }
                        }
                    }
                }
                footer.bottom { (foot) }
            }
        }
    };
    page.into_string() + "\n"
}
