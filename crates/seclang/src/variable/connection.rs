//! Who is at the two ends of the connection.

use super::Variable;
use crate::input::{Input, Sink};

pub(super) fn each<'a>(input: &'a Input, sink: &mut Sink<'a, '_>) {
    let (request, texts) = (&input.request, &input.texts);
    match sink.variable {
        Variable::UniqueId => sink.scalar(&request.id),
        Variable::ServerName => sink.scalar(&request.server_name),
        Variable::UserId => request.user.iter().for_each(|user| sink.scalar(user)),
        Variable::RemoteUser => {
            let claimed = input.credentials.as_ref().and_then(|credentials| credentials.user.as_deref());
            request.user.as_deref().or(claimed).into_iter().for_each(|user| sink.scalar(user));
        }
        Variable::AuthType => {
            input.credentials.iter().for_each(|credentials| sink.scalar(&credentials.scheme))
        }
        _ if request.peers.is_none() => {}
        // Names are not looked up: the host is its address.
        Variable::RemoteAddr | Variable::RemoteHost => sink.scalar(texts.remote_addr.as_bytes()),
        Variable::RemotePort => sink.scalar(texts.remote_port.as_bytes()),
        Variable::ServerAddr => sink.scalar(texts.server_addr.as_bytes()),
        Variable::ServerPort => sink.scalar(texts.server_port.as_bytes()),
        _ => {}
    }
}
