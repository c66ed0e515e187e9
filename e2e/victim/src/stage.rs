//! The application, its issuer and, before it, the gateway: everything that a run needs.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::runtime::Runtime;

use crate::app::{App, Twin};
use crate::files;
use crate::gateway::Gateway;
use crate::issuer::{Issuer, Person};
use crate::server;
use crate::wire::{self, Answer, Request};

/// One place where the application is reached, with the back door to its state.
pub struct Site {
    pub address: SocketAddr,
    pub app: Arc<App>,
}

/// Both twins and their issuer, for as long as this lives.
pub struct Stage {
    pub issuer: Issuer,
    pub weak: Site,
    pub hardened: Site,
    folder: PathBuf,
    /// Drives the servers.
    _runtime: Runtime,
}

impl Stage {
    /// `folder`: for the gateway's files. `pause_us_max`: see [`crate::serve`]; of the weak twin.
    ///
    /// # Errors
    /// A sentence when something cannot be started.
    pub fn set(folder: &Path, pause_us_max: u64) -> Result<Self, String> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .map_err(|error| format!("no runtime: {error}"))?;
        let issuer = runtime.block_on(Issuer::start())?;
        let site = |twin, pause| {
            let app = Arc::new(App::new(twin));
            let address = runtime.block_on(server::serve(Arc::clone(&app), pause))?;
            Ok::<Site, String>(Site { address, app })
        };
        let weak = site(Twin::Weak, pause_us_max)?;
        let hardened = site(Twin::Hardened(issuer.trust()?), 0)?;
        Ok(Self { issuer, weak, hardened, folder: folder.to_owned(), _runtime: runtime })
    }

    /// The gateway before the weak twin.
    ///
    /// # Errors
    /// What the gateway said when it did not start.
    pub fn gateway(&self, program: &Path) -> Result<Gateway, String> {
        self.gateway_with(program, "", &[])
    }

    /// `more`: lines added to the API, four spaces deep; `changed`: files that differ, by name.
    ///
    /// # Errors
    /// What the gateway said when it did not start.
    pub fn gateway_with(
        &self,
        program: &Path,
        more: &str,
        changed: &[(&str, String)],
    ) -> Result<Gateway, String> {
        let state = self.folder.join("state");
        let text = files::gateway_file(self.weak.address, &self.issuer.url, &state, more);
        Gateway::start(program, &files::write(&self.folder, &text, changed)?)
    }

    /// The gateway's files for this application, written but not served; the gateway file's path.
    ///
    /// # Errors
    /// A sentence when a file cannot be written.
    pub fn write_files(&self) -> Result<PathBuf, String> {
        let state = self.folder.join("state");
        let text = files::gateway_file(self.weak.address, &self.issuer.url, &state, "");
        files::write(&self.folder, &text, &[])
    }

    /// Sends a request of somebody's.
    ///
    /// # Errors
    /// A sentence when there is no answer.
    pub fn ask(&self, at: SocketAddr, person: Option<&Person>, request: Request) -> Result<Answer, String> {
        let token = person.map_or(Ok(String::new()), |person| self.issuer.token(person))?;
        wire::send(at, &Request { token, ..request })
    }
}
