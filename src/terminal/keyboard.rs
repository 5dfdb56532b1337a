//! How the terminal hands over keys, so that it can be given back as it was found.

/// Switches bracketed paste off and on.
pub(super) const PASTE_OFF: &str = "\u{1b}[?2004l";
#[cfg(unix)]
const PASTE_ON: &str = "\u{1b}[?2004h";

/// The terminal's settings at one moment.
#[derive(Clone, Debug)]
pub(super) struct Mode {
    #[cfg(unix)]
    settings: Option<rustix::termios::Termios>,
}

impl Mode {
    /// The settings now; where there is no terminal, nothing.
    pub(super) fn now() -> Self {
        Self {
            #[cfg(unix)]
            settings: rustix::termios::tcgetattr(std::io::stdin()).ok(),
        }
    }

    /// Gives the terminal back, stops this process as a job, and takes the terminal again when it goes on.
    ///
    /// The signal is raised on this thread: sent to the process, the work here would go on for a moment, and take
    /// the terminal again before the process has stopped.
    pub(super) fn suspend(&self) {
        #[cfg(unix)]
        {
            use std::io::Write;
            let (typing, mut out) = (Self::now(), std::io::stdout());
            let _ = writeln!(out, "{PASTE_OFF}");
            let _ = out.flush();
            self.restore();
            // Where it cannot be stopped, nothing happens.
            let _ = signal_hook::low_level::raise(signal_hook::consts::SIGTSTP);
            typing.restore();
            let _ = write!(out, "{PASTE_ON}");
            let _ = out.flush();
        }
    }

    /// Brings the settings back.
    pub(super) fn restore(&self) {
        #[cfg(unix)]
        if let Some(settings) = &self.settings {
            let at_once = rustix::termios::OptionalActions::Now;
            // A terminal that has gone needs nothing.
            let _ = rustix::termios::tcsetattr(std::io::stdin(), at_once, settings);
        }
    }
}
