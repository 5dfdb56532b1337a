//! The rules of the settings, on files in a temporary folder.

use std::path::Path;

use super::*;

struct Home {
    folder: tempfile::TempDir,
    variables: Vec<(&'static str, &'static str)>,
}

impl Home {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::create_dir(folder.path().join("project")).expect("a folder");
        Self { folder, variables: Vec::new() }
    }

    fn user(self, text: &str) -> Self {
        std::fs::write(self.folder.path().join("config.toml"), text).expect("a file");
        self
    }

    fn project(self, text: &str) -> Self {
        std::fs::write(self.folder.path().join("project/greenroom.toml"), text).expect("a file");
        self
    }

    fn variable(mut self, name: &'static str, value: &'static str) -> Self {
        self.variables.push((name, value));
        self
    }

    fn environment(&self) -> Environment {
        Environment {
            variables: self.variables.iter().map(|&(n, v)| (n.to_owned(), v.to_owned())).collect(),
            current_dir: self.folder.path().join("project"),
            config_dir: self.folder.path().to_owned(),
            data_dir: self.folder.path().join("data"),
        }
    }

    fn load(&self, flags: &Flags) -> Result<Settings, ConfigError> {
        Settings::load(&self.environment(), flags)
    }

    fn settings(&self) -> Settings {
        self.load(&Flags::default()).expect("settings without fault")
    }

    /// The error with the folder's name taken out.
    fn error(&self) -> String {
        let error = self.load(&Flags::default()).expect_err("a fault").to_string();
        error.replace(&format!("{}{}", self.folder.path().display(), std::path::MAIN_SEPARATOR), "")
    }
}

fn file(home: &Home, name: &str, line: usize) -> Source {
    Source::File { path: home.folder.path().join(name), line }
}

#[test]
fn a_flag_beats_the_environment_beats_the_project_beats_the_user_beats_the_default() {
    let home = Home::new()
        .user("level = \"mid\"\nstyle = \"tough\"\ntime = \"strict\"\nminutes = 45\n")
        .project("# ours\nlevel = \"staff\"\nstyle = \"friendly\"\ntime = \"soft\"\n")
        .variable("GREENROOM_LEVEL", "senior")
        .variable("GREENROOM_STYLE", "neutral");
    let flags = Flags { level: Some(SeniorityLevel::Mid), ..Flags::default() };
    let settings = home.load(&flags).expect("settings");

    assert_eq!(settings.level.source, Source::Flag("--level"));
    let from_variable = Sourced { value: Style::Neutral, source: Source::Variable("GREENROOM_STYLE") };
    assert_eq!(settings.style, from_variable);
    let from_project = file(&home, "project/greenroom.toml", 4);
    assert_eq!(settings.time, Sourced { value: TimeMode::Soft, source: from_project });
    let from_user = file(&home, "config.toml", 4);
    assert_eq!(settings.minutes, Sourced { value: Minutes::new(45), source: from_user });
    assert_eq!(settings.color, Sourced { value: ColorChoice::Auto, source: Source::Default });
}

#[test]
fn faults_name_file_line_column_and_the_nearest_key() {
    let rows = [
        ("levl = \"mid\"", "config.toml:1:1: there is no key `levl`; did you mean `level`?"),
        (
            "\n[profile.a]\nbase_url = \"http://h/v1\"\n  modle = \"m\"",
            "config.toml:4:3: there is no key `modle`; did you mean `model`?",
        ),
        (
            "level = \"seniour\"",
            "config.toml:1:1: `level`: `seniour` is none of mid, senior, staff; did you mean `senior`?",
        ),
        ("minutes = 0", "config.toml:1:1: `minutes`: `0` is no length; give whole minutes from 1 to 1440"),
        (
            "[profile.a]\nmodel = \"m\"",
            "config.toml:1:1: a profile needs a base_url, such as \"http://127.0.0.1:8080/v1\"",
        ),
        (
            "[profile.a]\nbase_url = \"localhost:1\"",
            "config.toml:2:1: `localhost:1` is no base URL; it begins with http:// or https://",
        ),
        (
            "[profile.a]\nbase_url = \"http://h/v1\"\napi_key = \"sk-1\"",
            "config.toml:3:1: there is no key `api_key`: keys are not kept in files; use api_key_env, api_key_command or api_key_keyring",
        ),
        (
            "[profile.a]\nbase_url = \"http://h/v1\"\napi_key_env = \"sk-abc\"",
            "config.toml:3:1: `api_key_env`: this is the name of a variable, not the key itself",
        ),
        ("level = ", "config.toml:1:9: string values must be quoted, expected literal string"),
        ("default_profile = \"nobody\"", "there is no profile `nobody` (config.toml:1)"),
    ];
    for (text, want) in rows {
        assert_eq!(Home::new().user(text).error(), want, "{text}");
    }
}

#[test]
fn a_projects_file_can_neither_run_a_command_nor_redirect_a_key() {
    let user = "[profile.work]\nbase_url = \"https://work.example/v1\"\napi_key_env = \"WORK_KEY\"\n";
    let rows = [
        "[profile.x]\nbase_url = \"https://evil.example/v1\"\napi_key_command = \"touch /tmp/x\"",
        "[profile.x]\nbase_url = \"https://evil.example/v1\"\napi_key_env = \"WORK_KEY\"",
        "[profile.x]\nbase_url = \"https://evil.example/v1\"\napi_key_keyring = \"work\"",
        "[profile.work]\nbase_url = \"https://evil.example/v1\"",
        "[profile.openai]\nbase_url = \"https://evil.example/v1\"",
        "data_dir = \"/tmp/elsewhere\"",
        "max_cost = 1000.0",
    ];
    for text in rows {
        let home = Home::new().user(user).project(text).variable("OPENAI_API_KEY", "sk-secret-1");
        let error = home.load(&Flags::default()).expect_err(text);
        assert!(matches!(error, ConfigError::Untrusted { .. }), "{text}: {error}");
    }

    let keyless = "default_profile = \"here\"\n[profile.here]\nbase_url = \"http://127.0.0.1:8080\"";
    let settings = Home::new().user(user).project(keyless).settings();
    let choice = settings.model_choice().expect("a profile");
    assert_eq!(
        (choice.profile.base_url.as_str(), choice.profile.key),
        ("http://127.0.0.1:8080/v1", KeySource::None)
    );
}

#[test]
fn a_projects_file_that_is_passed_by_name_is_trusted() {
    let home = Home::new().project("[profile.x]\nbase_url = \"https://x.example/v1\"\napi_key_env = \"X\"");
    let flags =
        Flags { config: Some(home.folder.path().join("project").join("greenroom.toml")), ..Flags::default() };
    let settings = home.load(&flags).expect("settings");
    assert_eq!(settings.profiles["x"].key, KeySource::Variable("X".to_owned()));
}

#[test]
fn with_no_configuration_a_key_in_the_environment_selects_the_llm_coach() {
    let settings = Home::new().settings();
    assert_eq!(settings.coach, Sourced { value: CoachKind::Embedded, source: Source::Default });
    assert!(matches!(settings.model_choice(), Err(ConfigError::NoModel)));

    let home = Home::new().variable("OPENAI_API_KEY", "sk-secret-1");
    let settings = home.settings();
    assert_eq!(settings.coach.value, CoachKind::Llm);
    let choice = settings.model_choice().expect("the profile of the environment");
    assert_eq!((choice.profile_name.as_str(), choice.profile.host()), ("openai", "https://api.openai.com"));

    let settings = home.variable("OPENAI_BASE_URL", "http://127.0.0.1:9/v1/").settings();
    let choice = settings.model_choice().expect("the profile of the environment");
    assert_eq!(choice.profile.base_url, "http://127.0.0.1:9/v1");
    assert_eq!(choice.model, None, "a foreign server is asked for its models");
}

#[test]
fn a_model_flag_selects_the_llm_coach_and_a_known_profile() {
    let home = Home::new().user(
        "coach = \"embedded\"\ndefault_profile = \"local\"\n[profile.local]\nbase_url = \"http://127.0.0.1:1/v1\"\n[profile.big]\nbase_url = \"https://big.example/v1\"\nmodel = \"large\"\n",
    );
    let rows = [
        ("big:small", "big", "small"),
        ("big:", "big", "large"),
        ("llama3:8b", "local", "llama3:8b"),
        ("m", "local", "m"),
    ];
    for (said, profile, model) in rows {
        let flags = Flags { model: Some(said.to_owned()), ..Flags::default() };
        let settings = home.load(&flags).expect("settings");
        let choice = settings.model_choice().expect("a choice");
        assert_eq!(settings.coach.value, CoachKind::Llm, "{said}");
        assert_eq!((choice.profile_name.as_str(), choice.model.as_deref()), (profile, Some(model)), "{said}");
    }
    assert_eq!(home.settings().coach.value, CoachKind::Embedded);
}

#[test]
fn a_base_url_is_taken_as_people_paste_it() {
    let rows = [
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/v1"),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080/v1"),
        (" https://api.openai.com/v1/ ", "https://api.openai.com/v1"),
        ("https://x.example/v1/chat/completions", "https://x.example/v1"),
        ("https://g.example/v1beta/openai/", "https://g.example/v1beta/openai"),
        (
            "https://a.example/openai/deployments/d?api-version=1",
            "https://a.example/openai/deployments/d?api-version=1",
        ),
    ];
    for (pasted, want) in rows {
        assert_eq!(profile::normalise_base_url(pasted), want, "{pasted}");
    }
    assert!(!profile::is_openai("https://api.openai.com.evil.example/v1"));
}

#[test]
fn no_key_is_shown_by_debug_or_by_the_list_of_settings() {
    let home = Home::new().variable("OPENAI_API_KEY", "sk-secret-1");
    let settings = home.settings();
    let key = settings.profiles["openai"].api_key(&home.environment()).expect("a key").expect("a key");
    assert_eq!(key.expose(), "sk-secret-1");
    let shown = format!("{key:?} {settings:?} {:?} {:?}", settings.rows(), home.environment());
    assert!(!shown.contains("sk-secret-1"), "{shown}");
    assert_eq!(key.redact("bad key sk-secret-1 given"), "bad key [key] given");
}

#[cfg(unix)]
#[test]
fn a_key_command_gives_its_first_line_and_runs_only_when_asked() {
    let environment = Environment::default();
    let key = KeySource::Command("printf 'k-123456\\nrest'".to_owned()).resolve(&environment);
    assert_eq!(key.expect("a key").expect("a key").expose(), "k-123456");
    let error = KeySource::Command("exit 3".to_owned()).resolve(&environment).expect_err("no key");
    assert_eq!(error.to_string(), "no API key from the command `exit 3`: it ended with exit status: 3");
}

#[test]
fn set_keeps_comments_and_writes_nothing_that_is_wrong() {
    let home = Home::new().user("# mine\nlevel = \"mid\" # for now\n");
    let path = home.folder.path().join("config.toml");
    set(&path, "level", "staff").expect("a valid level");
    set(&path, "profile.local.base_url", "http://127.0.0.1:1/v1").expect("a new profile");
    set(&path, "profile.local.context_window", "8192").expect("a number");
    let want = "# mine\nlevel = \"staff\" # for now\n\n[profile.local]\nbase_url = \"http://127.0.0.1:1/v1\"\ncontext_window = 8192\n";
    assert_eq!(read(&path), want);
    for (key, value) in
        [("level", "boss"), ("levle", "mid"), ("profile.local.api_key", "sk-1"), ("profile", "x")]
    {
        set(&path, key, value).expect_err(key);
        assert_eq!(read(&path), want, "{key}");
    }
}

#[test]
fn costs_follow_the_prices_of_a_profile() {
    let mut profile = Profile::new("http://127.0.0.1:1", Source::Default);
    assert_eq!(profile.prices(), None);
    (profile.price_input, profile.price_output, profile.price_cached) = (Some(2.0), Some(8.0), Some(0.5));
    let prices = profile.prices().expect("prices");
    assert_eq!(prices.cost(1_000_000, 400_000, 100_000), 1.2 + 0.2 + 0.8);
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).expect("a file")
}
