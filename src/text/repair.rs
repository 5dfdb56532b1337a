//! PURE. Repairs text that was written as UTF-8 and read as windows-1252 or windows-1254.
//!
//! Works sequence by sequence, so that sound text beside damaged text stays as it is; what could
//! be sound typography ("qualité »") is only touched on a line that is surely damaged.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::damage::{self, Kind};

/// How often text may have been damaged on top of damage.
const MOST_LAYERS: usize = 3;

/// What was repaired in a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Repairs {
    /// Characters restored.
    pub characters: usize,
    /// Of these, the ones whose bytes were not all there: the most frequent candidate was taken.
    pub guessed: usize,
    /// Lines touched.
    pub lines: usize,
    /// How many times over the text had been damaged, 0 to 3.
    pub layers: usize,
}

impl Repairs {
    /// Nothing had to be repaired.
    pub fn is_empty(&self) -> bool {
        self.characters == 0
    }
}

/// Restores what was damaged in `text`; sound text comes back as it went in.
pub fn repair(mut text: String) -> (String, Repairs) {
    let mut repairs = Repairs::default();
    let mut lines = std::collections::BTreeSet::new();
    for layer in 1..=MOST_LAYERS {
        let found = accepted(&text);
        if found.is_empty() {
            break;
        }
        repairs.layers = layer;
        // What an outer layer restores is damage still; the innermost layer counts.
        repairs.characters = repairs.characters.max(found.len());
        repairs.guessed += found.iter().filter(|found| found.guessed).count();
        text = rebuild(&text, &found, &mut lines);
    }
    repairs.guessed = repairs.guessed.min(repairs.characters);
    repairs.lines = lines.len();
    (text, repairs)
}

/// A damaged sequence and what it stood for.
#[derive(Clone, Copy, Debug)]
struct Found {
    from: usize,
    to: usize,
    character: char,
    kind: Kind,
    certain: bool,
    guessed: bool,
}

/// The sequences to replace: the certain ones, and on their lines the doubtful ones too.
fn accepted(text: &str) -> Vec<Found> {
    let mut found = scan(text);
    // One Chinese or Greek character alone may be sound typography; two in a row are not.
    for second in 1..found.len() {
        let (one, two) = (found[second - 1], found[second]);
        if one.to == two.from && one.kind == two.kind && two.kind == Kind::OtherScript {
            found[second - 1].certain = true;
            found[second].certain = true;
        }
    }
    let mut line = 0;
    let mut from = 0;
    let mut lines = Vec::with_capacity(found.len());
    for one in &found {
        line += text[from..one.from].bytes().filter(|&byte| byte == b'\n').count();
        from = one.from;
        lines.push(line);
    }
    let certain: std::collections::HashSet<usize> =
        found.iter().zip(&lines).filter(|(one, _)| one.certain).map(|(_, &line)| line).collect();
    let mut lines = lines.iter();
    found.retain(|one| lines.next().is_some_and(|line| one.certain || certain.contains(line)));
    choose_corners(&mut found);
    found
}

fn rebuild(text: &str, found: &[Found], lines: &mut std::collections::BTreeSet<usize>) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut from, mut line) = (0, 0);
    for one in found {
        let before = &text[from..one.from];
        line += before.bytes().filter(|&byte| byte == b'\n').count();
        lines.insert(line);
        out.push_str(before);
        // A byte order mark that was read as text means nothing inside one.
        if one.character != '\u{feff}' {
            out.push(one.character);
        }
        from = one.to;
    }
    out.push_str(&text[from..]);
    out
}

fn scan(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    // The character before, as it reads after repair, and where it ends.
    let mut before: Option<(char, usize)> = None;
    while at < bytes.len() {
        if bytes[at].is_ascii() {
            at += 1;
            continue;
        }
        let Some(lead) = text[at..].chars().next() else { break };
        let previous = match before {
            Some((character, end)) if end == at => Some(character),
            _ => text[..at].chars().next_back(),
        };
        match sequence(&text[at..], lead, previous) {
            Some((length, character, kind, certain, guessed)) => {
                found.push(Found { from: at, to: at + length, character, kind, certain, guessed });
                at += length;
                before = Some((character, at));
            }
            None => at += lead.len_utf8(),
        }
    }
    found
}

type Sequence = (usize, char, Kind, bool, bool);

/// Reads the damaged sequence at the start of `text`, if there is one.
fn sequence(text: &str, lead: char, previous: Option<char>) -> Option<Sequence> {
    let first = damage::byte(lead)?;
    let length = match first {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return None,
    };
    let mut rest: Vec<(char, u8)> = Vec::with_capacity(3);
    let mut end = lead.len_utf8();
    for character in text[end..].chars().take(length - 1) {
        // A byte that the wrong encoding does not know may have become U+FFFD.
        let byte = if character == '\u{fffd}' { Some(0) } else { damage::byte(character) };
        match byte {
            Some(byte @ (0x80..=0xbf | 0)) => rest.push((character, byte)),
            _ => break,
        }
        end += character.len_utf8();
    }
    let whole = decode(first, &rest).filter(|_| rest.len() == length - 1);
    let whole = whole.map(|character| (character, damage::kind(character, &rest)));
    if let Some((character, kind)) = whole
        && kind != Kind::Rare
    {
        let certain = is_certain(lead, &rest, kind, previous, text[end..].chars().next());
        return Some((end, character, kind, certain, false));
    }
    guess(text, lead, first, &rest, previous)
}

fn decode(first: u8, rest: &[(char, u8)]) -> Option<char> {
    let mut bytes = vec![first];
    bytes.extend(rest.iter().map(|&(_, byte)| byte));
    std::str::from_utf8(&bytes).ok().and_then(|text| text.chars().next())
}

/// Whether the sequence cannot be sound text: a letter followed by what may follow a word.
fn is_certain(
    lead: char,
    rest: &[(char, u8)],
    kind: Kind,
    previous: Option<char>,
    next: Option<char>,
) -> bool {
    let Some(&(last, _)) = rest.last() else { return false };
    let after_letter = previous.is_some_and(char::is_alphabetic);
    let before_letter = next.is_some_and(char::is_alphabetic);
    let quoted = previous.is_some_and(|c| matches!(c, '“' | '‘' | '«' | '„' | '"' | '\''));
    // Single Greek letters are frequent in technical notes; other scripts come in words.
    if kind == Kind::OtherScript && !matches!(lead, 'Î' | 'Ï') {
        return rest.iter().any(|&(c, _)| damage::is_control(c) || c == '\u{fffd}');
    }
    if matches!(lead, 'ð' | 'ğ') || rest.iter().any(|&(c, _)| !damage::may_follow_word(c)) {
        return true;
    }
    if lead.is_uppercase() && previous.is_some_and(char::is_lowercase) {
        return true;
    }
    let closes = matches!(last, '”' | '’' | '»' | '…' | '–' | '—');
    if before_letter && !matches!(last, '’' | '–' | '—' | '·') {
        return true;
    }
    match lead {
        // None of these letters is a word in any language that we know of.
        'Â' => !(closes && (after_letter || quoted)),
        'Ã' | 'Î' | 'Ï' => !(after_letter || closes && quoted),
        // Welsh has the word, and words that end in it.
        'â' => match rest {
            &[(one, _), (two, _)] => !damage::may_stand_together(one, two),
            _ => matches!(previous, None | Some('\n')) || !(after_letter || closes),
        },
        _ => false,
    }
}

/// Sequences of frequent characters by what is left of them when the bytes that the wrong
/// encoding does not know were dropped, or stand as U+FFFD (here 0).
static REMAINS: LazyLock<HashMap<Vec<u8>, char>> = LazyLock::new(|| {
    let mut remains = HashMap::new();
    for character in damage::FREQUENT.chars() {
        let mut utf8 = [0; 4];
        let bytes = character.encode_utf8(&mut utf8).as_bytes();
        for unknown in [damage::UNKNOWN_1252.as_slice(), damage::UNKNOWN_1254.as_slice()] {
            let kept: Vec<u8> = bytes.iter().copied().filter(|byte| !unknown.contains(byte)).collect();
            let marked = bytes.iter().map(|byte| if unknown.contains(byte) { 0 } else { *byte }).collect();
            if kept.len() < bytes.len() && kept.len() >= 2 {
                remains.entry(kept).or_insert(character);
                remains.entry(marked).or_insert(character);
            }
        }
    }
    remains
});

/// Takes the most frequent character of which these may be the remains.
fn guess(text: &str, lead: char, first: u8, rest: &[(char, u8)], previous: Option<char>) -> Option<Sequence> {
    if let Some(lost_space) = lost_space(text, lead, rest, previous) {
        return Some(lost_space);
    }
    for count in (1..=rest.len()).rev() {
        let mut key = vec![first];
        key.extend(rest[..count].iter().map(|&(_, byte)| byte));
        if let Some(&character) = REMAINS.get(&key) {
            let length = lead.len_utf8()
                + rest[..count].iter().map(|(character, _)| character.len_utf8()).sum::<usize>();
            let next = text[length..].chars().next();
            let certain = is_certain(lead, &rest[..count], Kind::Symbol, previous, next);
            return Some((length, character, Kind::Symbol, certain, true));
        }
    }
    None
}

/// Sequences that end in a no-break space which has become a plain one.
fn lost_space(text: &str, lead: char, rest: &[(char, u8)], previous: Option<char>) -> Option<Sequence> {
    let shown = lead.len_utf8() + rest.iter().map(|(character, _)| character.len_utf8()).sum::<usize>();
    let after = text[shown..].strip_prefix(' ')?;
    let lower = previous.is_some_and(char::is_lowercase);
    let bytes: Vec<u8> = rest.iter().map(|&(_, byte)| byte).collect();
    match (lead, bytes.as_slice()) {
        // "fooÂ bar": the space that is there is the whole character.
        ('Â', []) => Some((shown + 1, ' ', Kind::Latin, lower, true)),
        ('Ã', []) if !previous.is_some_and(char::is_uppercase) => {
            // With one space only, the two that were there have been drawn together: it stays.
            let length = if after.starts_with(' ') { shown + 1 } else { shown };
            Some((length, 'à', Kind::Latin, lower, true))
        }
        // Inside a second layer: what is left of "→" when its dagger ended in the lost space.
        ('â', [0x80]) if previous == Some('â') => Some((shown + 1, '†', Kind::Symbol, true, true)),
        ('â', [0x9a]) if after.starts_with("ï¸") => Some((shown + 1, '⚠', Kind::Symbol, true, true)),
        _ => None,
    }
}

/// Box drawing where several corners and lines leave the same remains: the neighbours decide.
fn choose_corners(found: &mut [Found]) {
    let mut from = 0;
    while from < found.len() {
        let mut to = from + 1;
        while to < found.len() && found[to].from == found[to - 1].to {
            to += 1;
        }
        choose_in_run(&mut found[from..to]);
        from = to;
    }
}

fn choose_in_run(run: &mut [Found]) {
    let last = run.len() - 1;
    if run[last].guessed && run[last].character == '═' && run.iter().any(|one| one.character == '╚') {
        run[last].character = '╝';
    }
    let is_remains = |one: &Found| one.guessed && one.character == '┐';
    let doubled: Vec<bool> = (0..run.len())
        .map(|at| {
            is_remains(&run[at])
                && ((at > 0 && is_remains(&run[at - 1])) || (at < last && is_remains(&run[at + 1])))
        })
        .collect();
    for at in (0..run.len()).filter(|&at| doubled[at]) {
        let opens = at == 0 || !matches!(run[at - 1].character, '┏' | '━' | '┗' | '┣' | '┳' | '┻' | '╋');
        run[at].character = if opens { '┏' } else { '━' };
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Writes as UTF-8 and reads as windows-1252, bytes it does not know as C1 controls.
    fn damaged(text: &str) -> String {
        encoding_rs::WINDOWS_1252.decode_without_bom_handling(text.as_bytes()).0.into_owned()
    }

    fn without_controls(text: &str) -> String {
        text.chars().filter(|&c| !damage::is_control(c) || c == '\n').collect()
    }

    fn fixed(text: &str) -> String {
        repair(text.to_owned()).0
    }

    #[test]
    fn damaged_text_comes_back() {
        let rows = [
            ("arrow", "IP â†’ server", "IP → server"),
            ("degrees", "30Â°-60Â°", "30°-60°"),
            ("accents", "cafÃ© naÃ¯ve Ã‰cole FRANÃ‡AIS Ãœber", "café naïve École FRANÇAIS Über"),
            ("quotes", "â€œitâ€™sâ€\u{9d} â€“ ok", "“it’s” – ok"),
            ("a quote without its last byte", "â€œitâ€™sâ€ done", "“it’s” done"),
            ("emoji by windows-1252", "ðŸš€ go", "🚀 go"),
            ("emoji by windows-1254", "ğŸ“š books", "📚 books"),
            ("emoji without its last byte", "ğŸ“ notes", "📝 notes"),
            ("a cross without its middle byte", "âŒ no", "❌ no"),
            ("a cross with it", "â\u{9d}Œ no", "❌ no"),
            ("a cross with a replacement", "â\u{fffd}Œ no", "❌ no"),
            ("box", "â”Œâ”€â”€â”\nâ”‚ x\nâ””â”¬â”€â”˜", "┌──┐\n│ x\n└┬─┘"),
            ("double box", "â•”â•â•â•—\nâ•šâ•â•â•", "╔══╗\n╚══╝"),
            ("heavy box", "â”â”â”â”“\nâ”—â”â”â”›", "┏━━┓\n┗━━┛"),
            ("a warning with a lost space", "âš ï¸ hot", "⚠\u{fe0f} hot"),
            ("lost no-break spaces", "helloÂ world, cafÃ© Ã  la carte", "hello world, café à la carte"),
            ("twice", "IP Ã¢â€\u{a0}â€™ server", "IP → server"),
            ("twice, with a lost space", "IP Ã¢â€ â€™ server", "IP → server"),
            ("byte order mark", "ï»¿# Title", "# Title"),
            ("Vietnamese", "Tiáº¿ng Viá»‡t", "Tiếng Việt"),
            ("Russian", "Ð¿Ð¾Ð»Ðµ", "поле"),
            ("units and notes", "10Î¼s, Î» calculus â™«", "10μs, λ calculus ♫"),
            ("Polish", "zaÅ¼Ã³Å‚Ä‡", "zażółć"),
            ("read as Latin-1", "itâ\u{80}\u{99}s", "it’s"),
            ("beside sound text", "sound café → damaged cafÃ© â†’", "sound café → damaged café →"),
        ];
        for (name, text, want) in rows {
            assert_eq!(fixed(text), want, "{name}");
        }
    }

    #[test]
    fn sound_text_stays_as_it_is() {
        let rows = [
            "La « qualité\u{a0}» d’à\u{a0}» côté, voilà… CAFÉ… “É” Île",
            "IRMÃ… “IRMÔ MAÇÃ» «PÂ» IRMÃ² NÃO À”",
            "Brontë…” said ‘ë’ Ærøskøbing på Å’s PÅ’",
            "„Ä“ und „Ö“ heißt ß“",
            "Türkçe: ğ, ağaç, dağ… İstanbul’da ıŞık",
            "mynd â” “da â’ â—",
            "Ceci coûte 3 € à… Zoë’s naïveté",
            "ВСЁ «сё» № Рё",
            "日本語（テスト）한국어 → ┌─┐ ✅ ❌ 30° ½ © ® ™",
            "\u{feff}kept where it stands? Ñandú ESPAÑ” año…",
        ];
        for text in rows {
            let (out, repairs) = repair(text.to_owned());
            assert_eq!((out.as_str(), repairs), (text, Repairs::default()));
        }
    }

    #[test]
    fn the_count_says_what_was_done() {
        let (_, repairs) = repair("sound\nâ†’ âŒ\nsound\nÂ°C".to_owned());
        assert_eq!(repairs, Repairs { characters: 3, guessed: 1, lines: 2, layers: 1 });
        let (_, repairs) = repair(damaged(&damaged("→")));
        assert_eq!(repairs.layers, 2);
    }

    fn sound_words() -> impl Strategy<Value = String> {
        let words = prop::sample::select(vec![
            "cache",
            "café",
            "qualité",
            "naïve",
            "Über",
            "straße",
            "año",
            "coração",
            "zażółć",
            "ağaç",
            "İz",
            "Việt",
            "поле",
            "Ελλάδα",
            "日本語",
            "テスト",
            "한국어",
            "→",
            "✅",
            "❌",
            "┌──┐",
            "│",
            "└┬┘",
            "╔══╗",
            "🚀",
            "📝",
            "30°",
            "½",
            "“quoted”",
            "it’s",
            "–",
            "—",
            "…",
            "«\u{a0}mot\u{a0}»",
            "3 €",
            "100 %",
            "Ærø",
            "©",
            "shard_id",
            "`code`",
            "| cell |",
        ]);
        prop::collection::vec(words, 1..12).prop_map(|words| words.join(" "))
    }

    proptest! {
        #[test]
        fn sound_words_are_never_touched(text in sound_words()) {
            prop_assert_eq!(fixed(&text), text);
        }

        #[test]
        fn damage_is_undone_however_often(text in sound_words(), times in 1_usize..=3) {
            let broken = (0..times).fold(text.clone(), |text, _| damaged(&text));
            prop_assert_eq!(fixed(&broken), text);
        }

        #[test]
        fn repair_is_done_once_and_for_all(text in "\\PC{0,40}") {
            let once = fixed(&damaged(&text));
            prop_assert_eq!(fixed(&once), once);
        }

        #[test]
        fn dropped_bytes_leave_no_ruin_in_drawings(inner in 1_usize..6) {
            let text = format!("┌{0}┐\n│ x → y ❌ │\n└{0}┘", "─".repeat(inner));
            prop_assert_eq!(fixed(&without_controls(&damaged(&text))), text);
        }
    }
}
