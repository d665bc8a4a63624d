//! The `snapwise` program: see [`snapwise::app`].

use std::process::ExitCode;

fn main() -> ExitCode {
    match snapwise::app::main() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            #[allow(clippy::print_stderr, reason = "the last word of a command is for its caller")]
            {
                eprintln!("snapwise: {error:#}");
            }
            ExitCode::FAILURE
        }
    }
}
