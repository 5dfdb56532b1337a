//! API keys: where they come from, and a value that no print, log or error can show.

use std::fmt;
use std::process::{Command, Stdio};

use super::Environment;

/// A secret. `Debug` shows nothing, and there is neither `Display` nor `Serialize`.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey(String);

impl ApiKey {
    /// Takes a key; white space around it is dropped. `None` if nothing is left.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty()).then(|| Self(text.to_owned()))
    }

    /// The secret itself, for the header it is sent in and for nothing else.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// `text` without the key, should a server have echoed it.
    pub fn redact(&self, text: &str) -> String {
        if self.0.len() < 6 { text.to_owned() } else { text.replace(&self.0, "[key]") }
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey([redacted])")
    }
}

/// Where a key comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum KeySource {
    /// No key is sent.
    #[default]
    None,
    /// A variable of the environment.
    Variable(String),
    /// The first line that a shell command prints.
    Command(String),
    /// The operating system's keyring, under the service `greenroom` and this account.
    Keyring(String),
}

impl fmt::Display for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Variable(name) => write!(f, "the variable {name}"),
            Self::Command(command) => write!(f, "the command `{command}`"),
            Self::Keyring(account) => write!(f, "the keyring, account `{account}`"),
        }
    }
}

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The variable is not set.
    #[error("the variable {0}, which should hold the API key, is not set")]
    NotSet(String),
    /// The command or the keyring's tool did not deliver.
    #[error("no API key from {from}: {why}")]
    Failed {
        /// The source.
        from: KeySource,
        /// What went wrong.
        why: String,
    },
}

impl KeyError {
    /// What to try next.
    pub fn hint(&self) -> String {
        match self {
            Self::NotSet(name) => format!("export {name}=..., or add --coach embedded"),
            Self::Failed { from: KeySource::Keyring(account), .. } => store_in_keyring(account),
            Self::Failed { .. } => "run the command by hand and see what it prints".to_owned(),
        }
    }
}

impl KeySource {
    /// Gets the key; this may run a command, so it is done only when a request is to be made.
    ///
    /// # Errors
    ///
    /// [`KeyError`]; never holds a key.
    pub fn resolve(&self, environment: &Environment) -> Result<Option<ApiKey>, KeyError> {
        match self {
            Self::None => Ok(None),
            Self::Variable(name) => {
                let key = environment.variable(name).and_then(ApiKey::new);
                key.map(Some).ok_or_else(|| KeyError::NotSet(name.clone()))
            }
            Self::Command(command) => self.ask(shell(command)),
            Self::Keyring(account) => match keyring(account) {
                Some(command) => self.ask(command),
                None => Err(self.failed("this system has no keyring tool that greenroom knows")),
            },
        }
    }

    /// Takes the first line of what `command` prints; what it says on standard error is the user's to see.
    fn ask(&self, mut command: Command) -> Result<Option<ApiKey>, KeyError> {
        let output = command
            .stdin(Stdio::inherit())
            .stderr(Stdio::inherit())
            .output()
            .map_err(|error| self.failed(error.to_string()))?;
        if !output.status.success() {
            return Err(self.failed(format!("it ended with {}", output.status)));
        }
        let text = String::from_utf8_lossy(&output.stdout);
        let key = text.lines().next().and_then(ApiKey::new);
        key.map(Some).ok_or_else(|| self.failed("it printed nothing"))
    }

    fn failed(&self, why: impl Into<String>) -> KeyError {
        KeyError::Failed { from: self.clone(), why: why.into() }
    }
}

fn shell(command: &str) -> Command {
    let (program, flag) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
    let mut process = Command::new(program);
    process.args([flag, command]);
    process
}

/// The platform's own tool for its keyring: a crate would bring D-Bus and 65 more with it.
fn keyring(account: &str) -> Option<Command> {
    if cfg!(target_os = "macos") {
        let mut process = Command::new("security");
        process.args(["find-generic-password", "-s", "greenroom", "-a", account, "-w"]);
        Some(process)
    } else if cfg!(windows) {
        None
    } else {
        let mut process = Command::new("secret-tool");
        process.args(["lookup", "service", "greenroom", "account", account]);
        Some(process)
    }
}

/// How to put a key into the keyring under which [`KeySource::Keyring`] looks.
fn store_in_keyring(account: &str) -> String {
    if cfg!(target_os = "macos") {
        format!("store it with `security add-generic-password -s greenroom -a {account} -w`")
    } else if cfg!(windows) {
        "use api_key_env or api_key_command on this system".to_owned()
    } else {
        format!(
            "store it with `secret-tool store --label=greenroom service greenroom account {account}` (package libsecret-tools)"
        )
    }
}
