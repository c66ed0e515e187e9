//! One thread a core, each with connections of its own: what belongs to a connection stays on the thread that accepted
//! it for, and threads neither wake each other nor wait for each other's locks.

use std::cell::Cell;
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::runtime::{Builder, Handle};
use tokio::sync::watch;
use tokio::task::JoinSet;

thread_local! {
    static NUMBER: Cell<usize> = const { Cell::new(0) };
}

/// Threads that drive connections. They end when the last clone is gone.
#[derive(Debug, Clone)]
pub struct Workers(Arc<Crew>);

#[derive(Debug)]
struct Crew {
    workers: Vec<Worker>,
    /// Its end is what ends the threads.
    _ends: watch::Sender<()>,
}

#[derive(Debug)]
struct Worker {
    runtime: Handle,
    /// Connections that it drives.
    busy: Arc<AtomicUsize>,
}

/// One connection of a worker; it counts until it is dropped.
pub(crate) struct Seat(Arc<AtomicUsize>);

impl Workers {
    /// Starts as many threads as there are cores that this process may use, or `count` of them.
    ///
    /// Errors: a thread or its reactor cannot be had.
    pub fn start(count: Option<usize>) -> io::Result<Self> {
        let count = count.unwrap_or_else(cores).max(1);
        let (ends, ended) = watch::channel(());
        let workers =
            (0..count).map(|number| Worker::start(number, ended.clone())).collect::<io::Result<_>>()?;
        Ok(Self(Arc::new(Crew { workers, _ends: ends })))
    }

    /// Runs a connection on the worker that has the fewest. The task holds its seat while it lasts.
    pub(crate) fn spawn<F>(&self, tasks: &mut JoinSet<()>, task: impl FnOnce(Seat) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let Some(worker) = self.0.workers.iter().min_by_key(|worker| worker.busy.load(Ordering::Relaxed))
        else {
            return;
        };
        worker.busy.fetch_add(1, Ordering::Relaxed);
        tasks.spawn_on(task(Seat(Arc::clone(&worker.busy))), &worker.runtime);
    }
}

impl Worker {
    fn start(number: usize, mut ended: watch::Receiver<()>) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        std::thread::Builder::new().name(format!("worker-{number}")).spawn(move || {
            NUMBER.set(number);
            // Until the sender is gone.
            runtime.block_on(async { while ended.changed().await.is_ok() {} });
        })?;
        Ok(Self { runtime: handle, busy: Arc::default() })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The worker that this thread is; 0 for a thread that is none.
pub(crate) fn number() -> usize {
    NUMBER.get()
}

/// Cores that this process may use.
pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
