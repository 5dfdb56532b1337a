//! Recordings: sent to a provider that writes them down, in as many pieces as it takes.

use std::io::Write;
use std::sync::Mutex;

use super::Context;
use crate::config::CoachKind;
use crate::error::{Exit, Failure};
use crate::model::{Cancel, HearingError, ModelError, OpenAi};
use crate::text::sanitise;
use crate::transcript::audio::{Limits, Recording};
use crate::transcript::{Parsed, ReadError, parse, recorded};

/// Largest recording that is read, in bytes.
pub(super) const LARGEST: usize = 2 << 30;
/// What OpenAI takes at once, and others after it; a server that takes less says so.
const USUAL: Limits = Limits { bytes: 25 << 20, seconds: f64::INFINITY };
/// Bytes that the rest of a request takes.
const ROOM: usize = 4 << 10;
/// The model asked for where the profile names none.
const USUAL_MODEL: &str = "whisper-1";
/// Pieces are not made smaller than this, whatever a server says.
const SMALLEST: Limits = Limits { bytes: 64 << 10, seconds: 10.0 };

/// Writes recordings down; may be used from several threads.
pub(super) struct Ear {
    server: OpenAi,
    name: String,
    limits: Mutex<Limits>,
    cancel: Cancel,
}

impl Ear {
    /// The model of `--audio-model`, else of the profile; says where the recordings are sent.
    pub fn choose(context: &mut Context<'_>, asked: Option<&str>, cancel: &Cancel) -> Result<Self, Failure> {
        let settings = &context.settings;
        if asked.is_none() && settings.coach.value == CoachKind::Embedded {
            return Err(Failure::user("a recording needs a model that writes it down; none is connected")
                .hint("name one with --audio-model [PROFILE:]NAME, connect one (`greenroom doctor --find`), or give a transcript"));
        }
        let mut choice = match asked {
            Some(asked) => settings.model_choice_for(asked)?,
            None => settings.model_choice()?,
        };
        if asked.is_none() {
            let own = choice.profile.audio_model.clone();
            choice.model = Some(own.unwrap_or_else(|| USUAL_MODEL.to_owned()));
        }
        let name = choice.name();
        context.note(&format!(
            "The recording is sent to {} ({name}), which writes it down.",
            choice.profile.host()
        ));
        let quiet = context.quiet;
        let server = OpenAi::new(choice, context.environment).with_notice(move |notice| {
            if !quiet {
                // Nobody may be reading.
                let _ = writeln!(std::io::stderr(), "{}", sanitise(notice));
            }
        });
        Ok(Self { server, name, limits: Mutex::new(USUAL), cancel: cancel.clone() })
    }

    /// What is said in a recording, with its times; `tell` hears of the pieces.
    pub fn hear(&self, bytes: &[u8], what: &str, tell: &mut dyn FnMut(&str)) -> Result<Parsed, Failure> {
        let Some(recording) = Recording::new(bytes) else {
            return Err(super::source::failed(
                what,
                &ReadError::Binary { what: "no recording that is known" },
            ));
        };
        let file_name = recording.container().file_name();
        'limits: loop {
            let limits = *self.limits();
            let room = Limits { bytes: limits.bytes.saturating_sub(ROOM), ..limits };
            let pieces = recording.pieces(room).map_err(|error| {
                Failure::user(format!("{what}: {error}")).hint(format!(
                    "make it smaller, for instance: ffmpeg -i {what} -vn -ac 1 -b:a 32k smaller.mp3"
                ))
            })?;
            let mut written = Vec::new();
            for (number, piece) in pieces.iter().enumerate() {
                if pieces.len() > 1 {
                    tell(&format!("{what}: piece {} of {}", number + 1, pieces.len()));
                }
                let sent = recording.bytes(piece);
                match self.server.transcribe(&sent, file_name, &self.cancel) {
                    Ok(answer) => match parse(&answer) {
                        Ok(parsed) => written.push((piece.at, parsed)),
                        // Nobody speaks in this piece.
                        Err(ReadError::Empty | ReadError::NoTurns | ReadError::NoCues) => {}
                        Err(error) => return Err(self.unreadable(what, &error)),
                    },
                    Err(HearingError::TooLarge { reason, seconds }) => {
                        let mut known = self.limits();
                        let smaller = Limits {
                            bytes: if seconds.is_some() { known.bytes } else { sent.len() / 2 },
                            // Room for frames that end a little later.
                            seconds: seconds.map_or(known.seconds, |most| known.seconds.min(0.95 * most)),
                        };
                        if smaller.bytes < SMALLEST.bytes
                            || smaller.seconds < SMALLEST.seconds
                            || *known == smaller
                        {
                            let failure = Failure::user(format!("{what} cannot be transcribed: {reason}"));
                            return Err(failure.exit(Exit::Provider).hint(self.hint()));
                        }
                        *known = smaller;
                        continue 'limits;
                    }
                    Err(HearingError::Model(error)) => return Err(self.failed(what, error)),
                }
            }
            let several = pieces.len() > 1;
            let parsed = recorded(written).ok_or_else(|| {
                Failure::user(format!("{what}: nobody speaks in it, says {}", self.name))
                    .hint("check that it is the right recording")
            })?;
            if several && parsed.utterances.iter().any(|utterance| utterance.name.is_some()) {
                tell(&format!(
                    "{what}: speakers were told apart in each piece on its own; check who is who."
                ));
            }
            return Ok(parsed);
        }
    }

    fn limits(&self) -> std::sync::MutexGuard<'_, Limits> {
        self.limits.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn hint(&self) -> String {
        format!("`{}` may take no recordings; --audio-model [PROFILE:]NAME names another", self.name)
    }

    fn unreadable(&self, what: &str, error: &ReadError) -> Failure {
        Failure::user(format!("{what}: what {} wrote down cannot be read", self.name))
            .because(error)
            .exit(Exit::Provider)
            .hint(self.hint())
    }

    fn failed(&self, what: &str, error: ModelError) -> Failure {
        let exit = match &error {
            ModelError::Cancelled { .. } => Exit::Interrupted,
            ModelError::Key(_) => Exit::User,
            _ => Exit::Provider,
        };
        let hint = match &error {
            ModelError::Refused {
                refusal:
                    crate::model::Refusal::Path | crate::model::Refusal::Request | crate::model::Refusal::Model,
                ..
            } => self.hint(),
            _ => error.hint(),
        };
        Failure::user(format!("{what} was not transcribed: {error}")).exit(exit).hint(hint)
    }
}
