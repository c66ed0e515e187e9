//! The `bartizan` program: one verb a file under `cli`, the running gateway wired together in `wire`.

mod cli;
mod reload;
mod shutdown;
mod socket;
mod talk;
mod wire;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    gateway::quiet_panics();
    cli::main()
}
