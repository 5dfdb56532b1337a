//! PURE. A prompt that goes on telling the time while somebody types behind it.
//!
//! The line editor has measured the prompt it was given; what is drawn in its place must be as wide.

use unicode_width::UnicodeWidthStr;

/// `now`, made as wide as `measured`: filled before its end, or with the name before the clock cut.
pub(super) fn fitted(now: &str, measured: &str) -> String {
    let (wide, room) = (now.width(), measured.width());
    if wide <= room {
        let end = now.len() - now.len().min(2);
        let end = if now.is_char_boundary(end) { end } else { now.len() };
        return format!("{}{}{}", &now[..end], " ".repeat(room - wide), &now[end..]);
    }
    let Some(space) = now.rfind(']').and_then(|close| now[..close].rfind(' ')) else {
        return measured.to_owned();
    };
    let mut name = now[..space].to_owned();
    while name.width() > 1 && name.width() + 1 + now[space..].width() > room {
        name.pop();
    }
    let cut = format!("{name}…{}", &now[space..]);
    if cut.width() == room { cut } else { measured.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::fitted;

    #[test]
    fn a_prompt_keeps_its_width_and_its_clock() {
        let measured = "[Requirements 15:00] > ";
        assert_eq!(fitted(measured, measured), measured);
        assert_eq!(fitted("[Requirements 14:59] > ", measured), "[Requirements 14:59] > ");
        assert_eq!(fitted("[Requirements 9:59] > ", measured), "[Requirements 9:59]  > ");
        assert_eq!(fitted("[High-level design 30:00] > ", measured), "[High-level … 30:00] > ");
        assert_eq!(fitted("[Requirements -0:01] > ", measured), "[Requirements -0:01] > ");
        assert_eq!(fitted("[R 1:00:00 paused] > ", "> "), "> ", "no room for anything");
    }
}
