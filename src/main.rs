//! The binary: environment and arguments in, exit code out.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use clap::Parser;

use greenroom::assets::Assets;
use greenroom::cli::Cli;
use greenroom::commands::{self, Context, Terminal};
use greenroom::config::{ColorChoice, Environment, Flags, Settings};
use greenroom::error::{Exit, Failure};

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are results; a reader that has gone away is no failure.
            let _ = error.print();
            let exit = if error.use_stderr() { Exit::Usage } else { Exit::Done };
            return ExitCode::from(exit.code());
        }
    };
    let exit = run(&cli).unwrap_or_else(|failure| {
        if !failure.is_broken_pipe() {
            let _ = writeln!(std::io::stderr(), "{failure}");
        }
        failure.exit
    });
    ExitCode::from(exit.code())
}

fn run(cli: &Cli) -> Result<Exit, Failure> {
    let environment = Environment::of_process().ok_or_else(|| {
        Failure::user("this system names no home directory")
            .hint("set GREENROOM_HOME to a folder of your choice")
    })?;
    let flags = Flags {
        coach: cli.global.coach,
        model: cli.global.model.clone(),
        config: cli.global.config.clone(),
        data_dir: cli.global.data_dir.clone(),
        color: cli.global.color,
        ..cli.command.as_ref().map_or_else(Flags::default, greenroom::cli::Command::flags)
    };
    let settings = Settings::load(&environment, &flags)?;
    let (mut stdout, mut stderr) = (std::io::stdout(), std::io::stderr());
    let terminal = Terminal {
        input: std::io::stdin().is_terminal(),
        output: stdout.is_terminal(),
        error: stderr.is_terminal(),
        width: greenroom::terminal::width(&environment),
        color: match settings.color.value {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => stdout.is_terminal() && environment.variable("TERM") != Some("dumb"),
        },
    };
    let mut context = Context {
        environment: &environment,
        assets: Assets::with_user(&settings.config_dir),
        settings,
        format: cli.global.format,
        quiet: cli.global.quiet,
        verbose: cli.global.verbose,
        terminal,
        out: &mut stdout,
        err: &mut stderr,
    };
    let exit = commands::run(&mut context, cli.command.as_ref())?;
    context.out.flush()?;
    Ok(exit)
}
