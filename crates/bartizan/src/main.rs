//! The `bartizan` program: one verb a file under `cli`.

mod cli;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    gateway::quiet_panics();
    cli::main()
}
