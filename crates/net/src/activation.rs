//! Sockets that were open when the process began, as the service manager says (sd_listen_fds(3)).

use crate::Socket;

/// The listening TCP sockets that were passed to this process; others are closed. Gives them once.
pub fn activated() -> Vec<Socket> {
    let mut passed = listenfd::ListenFd::from_env();
    let sockets = (0..passed.len()).filter_map(|index| passed.take_tcp_listener(index).ok().flatten());
    sockets.filter_map(|socket| Socket::inherited(socket.into()).ok()).collect()
}
