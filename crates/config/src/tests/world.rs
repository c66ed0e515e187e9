//! A machine of the test's making: files and variables in memory.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::path::{Component, Path, PathBuf};

use model::Finding;

use crate::{Configuration, Environment, Sources};

#[derive(Clone, Default)]
pub(crate) struct World {
    pub(crate) files: BTreeMap<PathBuf, Vec<u8>>,
    pub(crate) variables: BTreeMap<String, String>,
}

pub(crate) const ORDERS: &str = r#"openapi: 3.1.0
info: { title: Orders, version: "1" }
servers: [{ url: "https://api.example.com/v1" }]
paths:
  /orders:
    get:
      operationId: listOrders
      security: [{ bearerAuth: [orders.read] }]
      parameters:
        - { name: limit, in: query, schema: { type: integer, maximum: 100 } }
      responses: { "200": { description: ok } }
    post:
      operationId: createOrder
      security: [{ bearerAuth: [orders.write] }]
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              additionalProperties: false
              required: [item]
              properties: { item: { type: string, maxLength: 40 }, colour: { enum: [red, green] } }
      responses: { "201": { description: made } }
  /health:
    get:
      operationId: health
      security: []
      responses: { "200": { description: ok } }
components:
  securitySchemes:
    bearerAuth: { type: http, scheme: bearer }
    partnerKey: { type: apiKey, in: header, name: X-Api-Key }
"#;

pub(crate) const GOOD: &str = "\
version: 1
apis:
  orders:
    spec: orders.yaml
    upstream: http://127.0.0.1:3000
auth:
  bearerAuth: { issuer: https://login.example.com/, audience: orders-api }
";

pub(crate) const JWKS: &str =
    r#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"a","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;

impl World {
    /// The gateway file as `gateway.yaml` beside the description, and variables that hold good secrets.
    pub(crate) fn new(gateway: &str) -> Self {
        let mut world = Self::default();
        world.file("gateway.yaml", gateway);
        world.file("orders.yaml", ORDERS);
        world.file("keys.json", JWKS);
        world.secret("SECRET", "0123456789abcdef0123456789abcdef");
        world.secret("OTHER", "abcdef0123456789abcdef0123456789");
        world.secret("SHORT", "weak");
        world
    }

    pub(crate) fn file(&mut self, name: &str, text: &str) {
        self.files.insert(PathBuf::from(name), text.as_bytes().to_vec());
    }

    pub(crate) fn secret(&mut self, name: &str, value: &str) {
        self.variables.insert(name.to_owned(), value.to_owned());
    }

    pub(crate) fn read(&self) -> (Option<Configuration>, Vec<Finding>, Sources) {
        crate::read(Path::new("gateway.yaml"), self)
    }

    /// The configuration, which must be without errors.
    pub(crate) fn configuration(&self) -> Configuration {
        let (configuration, findings, sources) = self.read();
        let style = crate::render::Format::Text(crate::render::Style::Plain);
        configuration.unwrap_or_else(|| panic!("{}", crate::render::findings(&findings, &sources, style)))
    }
}

impl Environment for World {
    fn variable(&self, name: &str) -> Option<OsString> {
        self.variables.get(name).map(OsString::from)
    }

    fn look(&self, path: &Path) -> crate::Look {
        let length = u64::try_from(self.files.get(path)?.len()).ok()?;
        Some((std::time::SystemTime::UNIX_EPOCH, length))
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.files.get(path).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn list(&self, directory: &Path) -> io::Result<Vec<PathBuf>> {
        let held: Vec<_> =
            self.files.keys().filter(|path| path.parent() == Some(directory)).cloned().collect();
        if held.is_empty() { Err(io::ErrorKind::NotADirectory.into()) } else { Ok(held) }
    }

    fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        let mut parts = PathBuf::from("/srv");
        for component in path.components() {
            match component {
                Component::ParentDir => drop(parts.pop()),
                Component::CurDir => {}
                other => parts.push(other),
            }
        }
        Ok(parts)
    }
}

/// `GOOD` with more at the top.
pub(crate) fn root(more: &str) -> String {
    format!("{GOOD}{more}\n")
}

/// `GOOD` with more in its API.
pub(crate) fn api(more: &str) -> String {
    GOOD.replace("auth:\n", &format!("    {}\nauth:\n", more.replace('\n', "\n    ")))
}

/// `GOOD` with another authenticator.
pub(crate) fn auth(entry: &str) -> String {
    GOOD.replace("{ issuer: https://login.example.com/, audience: orders-api }", entry)
}

/// `GOOD` with another upstream.
pub(crate) fn upstream(entry: &str) -> String {
    GOOD.replace("http://127.0.0.1:3000", entry)
}

/// `GOOD` with an entry for the scheme of API keys.
pub(crate) fn key(entry: &str) -> String {
    format!("{GOOD}  partnerKey: {{ keys: [ {entry} ] }}\n")
}
