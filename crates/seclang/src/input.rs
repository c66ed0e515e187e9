//! The variables of one request and its response, as of one phase.

mod cookies;
mod credentials;
mod digits;
mod line;
mod pairs;
pub(crate) mod percent;
mod settings;
mod sink;

pub(crate) use digits::Digits;
pub(crate) use line::Line;
pub(crate) use pairs::Pairs;
pub use settings::{BodySettings, JsonNames};
pub(crate) use sink::Sink;

use bytes::Bytes;

use crate::body::{self, Body, Processor, Wanted};
use crate::request::Request;
use crate::response::Response;
use crate::variable::{Name, Selector, Variable};
use credentials::Credentials;

/// Everything that rules can look at, except what the transaction itself keeps.
///
/// It grows with the exchange: [`Input::new`] before the phase of request headers, [`Input::read_body`] before that of
/// the request's body, [`Input::respond`] and [`Input::read_response_body`] before those of the response.
#[derive(Debug, Default)]
pub struct Input {
    pub(crate) settings: BodySettings,
    pub(crate) request: Request,
    pub(crate) line: Line,
    /// ARGS_GET.
    pub(crate) query: Pairs,
    /// The query has a `%` that begins no escape.
    pub(crate) query_invalid: bool,
    pub(crate) cookies: Pairs,
    pub(crate) credentials: Option<Credentials>,
    /// What Content-Type asks for.
    processor: Option<Processor>,
    pub(crate) body: Body,
    pub(crate) response: Option<Response>,
    pub(crate) response_body: Option<Bytes>,
    /// The response's body was longer than is looked at.
    pub(crate) response_body_cut: bool,
    pub(crate) texts: Texts,
}

/// Numbers and addresses as text, so that they can be borrowed like everything else.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    pub(crate) remote_addr: String,
    pub(crate) remote_port: Digits,
    pub(crate) server_addr: String,
    pub(crate) server_port: Digits,
    pub(crate) args_combined_size: Digits,
    pub(crate) files_combined_size: Digits,
    pub(crate) file_sizes: Vec<Digits>,
    pub(crate) request_body_length: Digits,
    pub(crate) full_request: Vec<u8>,
    pub(crate) full_request_length: Digits,
    pub(crate) response_status: Digits,
    pub(crate) response_content_length: Digits,
    pub(crate) status_line: Vec<u8>,
    pub(crate) duration: Digits,
    pub(crate) time: crate::variable::time::Clock,
}

impl Input {
    pub fn new(request: Request, settings: &BodySettings) -> Self {
        let line = Line::new(&request.line);
        let mut input = Self { settings: settings.clone(), line, ..Self::default() };
        if let Some(query) = &input.line.query {
            let read = body::urlencoded::read(query, settings, 0, &mut input.query);
            input.query_invalid = read.invalid;
            input.body.fault = read.fault;
        }
        for value in request.header("cookie") {
            cookies::read(value, &mut input.cookies);
        }
        input.credentials = request.header("authorization").next().and_then(Credentials::read);
        input.processor = request.header("content-type").next().and_then(|value| Processor::of(value));
        if let Some(peers) = &request.peers {
            input.texts.remote_addr = peers.remote.ip().to_canonical().to_string();
            input.texts.remote_port = Digits::new(peers.remote.port().into());
            input.texts.server_addr = peers.server.ip().to_canonical().to_string();
            input.texts.server_port = Digits::new(peers.server.port().into());
        }
        input.texts.time = crate::variable::time::Clock::new(request.received);
        input.texts.args_combined_size = Digits::new(input.query.bytes() as u64);
        input.request = request;
        input
    }

    /// The body processor that Content-Type asks for, before any `ctl`. Once the body was read, the one that read it.
    pub fn processor(&self) -> Option<Processor> {
        self.body.processor.or(self.processor)
    }

    /// Takes the request's body apart; empty when there is none. A body that cannot be read is no error of this
    /// function but one that rules see (REQBODY_ERROR).
    pub fn read_body(&mut self, raw: Bytes, wanted: &Wanted) {
        let processor = wanted.processor.or(self.processor);
        let fault = self.body.fault.take();
        self.body = Body::read(raw, processor, wanted, self);
        if fault.is_some() {
            self.body.fault = fault;
        }
        let texts = &mut self.texts;
        texts.args_combined_size = Digits::new((self.query.bytes() + self.body.arguments.bytes()) as u64);
        texts.request_body_length = Digits::new(self.body.raw.len() as u64);
        let files = self.body.multipart.iter().flat_map(|multipart| &multipart.files);
        texts.file_sizes = files.map(|file| Digits::new(file.content.len() as u64)).collect();
        let size: usize =
            self.body.multipart.iter().flat_map(|m| &m.files).map(|file| file.content.len()).sum();
        texts.files_combined_size = Digits::new(size as u64);
    }

    /// Why the body could not be read whole, in words that repeat nothing of it; `None` when it could.
    pub fn body_fault(&self) -> Option<&'static str> {
        self.body.fault
    }

    /// The name of the limit beyond which the query or the body was not read; `None` when rules see all of it, or when
    /// it is malformed.
    pub fn beyond_limit(&self) -> Option<&'static str> {
        self.body.fault.and_then(body::beyond::limit)
    }

    /// Whether the answer's body is longer than what rules were shown of it.
    pub fn is_response_cut(&self) -> bool {
        self.response_body_cut
    }

    /// Writes FULL_REQUEST, which costs a copy of the request and is rarely looked at.
    pub fn compose_full_request(&mut self) {
        let mut full = self.request.line.to_vec();
        full.extend_from_slice(b"\n");
        for header in &self.request.headers {
            full.extend_from_slice(&header.name);
            full.extend_from_slice(b": ");
            full.extend_from_slice(&header.value);
            full.extend_from_slice(b"\n");
        }
        full.extend_from_slice(b"\n");
        full.extend_from_slice(&self.body.raw);
        self.texts.full_request_length = Digits::new(full.len() as u64);
        self.texts.full_request = full;
    }

    /// The time that the transaction has taken, which only the caller knows.
    pub fn set_duration_us(&mut self, duration_us: u64) {
        self.texts.duration = Digits::new(duration_us);
    }

    pub fn respond(&mut self, response: Response) {
        self.texts.response_status = Digits::new(response.status.into());
        let mut line = response.protocol.to_vec();
        line.push(b' ');
        line.extend_from_slice(self.texts.response_status.as_bytes());
        self.texts.status_line = line;
        self.response = Some(response);
    }

    /// Takes the response's body: its beginning, when it is longer than the limit (OUTBOUND_DATA_ERROR tells).
    pub fn read_response_body(&mut self, raw: &Bytes) {
        let limit = self.settings.response_body_bytes_max.min(raw.len());
        self.response_body_cut = limit < raw.len();
        self.texts.response_content_length = Digits::new(raw.len() as u64);
        self.response_body = Some(raw.slice(..limit));
    }

    /// Calls `f` with every value of `variable` that `selector` takes, in the order in which they were received.
    /// Numbers are given as decimal text. A scalar that is absent is not given at all.
    pub fn each<'a>(
        &'a self,
        variable: Variable,
        selector: &Selector,
        f: &mut dyn FnMut(Name<'a>, &'a [u8]),
    ) {
        Variable::each(self, &mut Sink { variable, selector, inspected: false, take: f });
    }

    /// The same without arguments that were proven, which rules count and do not look at.
    pub fn each_inspected<'a>(
        &'a self,
        variable: Variable,
        selector: &Selector,
        f: &mut dyn FnMut(Name<'a>, &'a [u8]),
    ) {
        Variable::each(self, &mut Sink { variable, selector, inspected: true, take: f });
    }

    /// Says which arguments of the query, by name and value, are known to hold nothing but a number, a date or the
    /// like.
    pub fn prove_query(&mut self, is_proven: &dyn Fn(&[u8], &[u8]) -> bool) {
        self.query.prove(is_proven);
    }

    /// The same of the body's arguments, by their names: `json.items.array_0.count`. To be called once it was read.
    pub fn prove_body(&mut self, is_proven: &dyn Fn(&[u8], &[u8]) -> bool) {
        self.body.arguments.prove(is_proven);
    }
}

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod tests;
