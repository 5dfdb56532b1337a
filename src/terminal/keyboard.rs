//! How the terminal hands over keys, so that it can be given back as it was found.

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
