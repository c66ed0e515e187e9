//! How a connection of HTTP/1 hears that a newcomer has no place, and that whoever idles is to go.

use std::future::Future;
use std::pin::Pin;
use std::task::Context;

use tokio::sync::futures::Notified;

use super::Places;

/// Listens from the first idle wait on until it rings, also while requests are under way: to begin anew with each wait
/// takes a lock twice.
pub(super) struct Bell<'h> {
    places: &'h Places,
    listening: Option<Pin<Box<Notified<'h>>>>,
    /// What [`Places::rings`] said when it was last listened to.
    heard: usize,
}

impl<'h> Bell<'h> {
    pub(super) fn new(places: &'h Places) -> Self {
        Self { places, listening: None, heard: 0 }
    }

    /// Whether it rang for this connection, whose task is woken when it does.
    pub(super) fn rings(&mut self, context: &mut Context<'_>) -> bool {
        let rings = self.places.rings();
        if self.listening.is_some() && rings == Some(self.heard) {
            return false;
        }
        self.heard = rings.unwrap_or(self.heard);
        let notified = || Box::pin(self.places.crowded().notified());
        let rang = self.listening.get_or_insert_with(notified).as_mut().poll(context).is_ready();
        if rang {
            self.listening = None;
        }
        rang
    }

    /// Somebody else is to go: this connection has something to do.
    pub(super) fn pass_on(&self) {
        self.places.crowd();
    }

    /// To be asked whenever a connection waits that does not idle: passes on what was meant for one that does.
    pub(super) fn leave_to_others(&mut self, context: &mut Context<'_>) {
        if self.listening.is_some() && self.rings(context) {
            self.pass_on();
        }
    }

    /// No longer listens; what it may have heard goes to another.
    pub(super) fn rest(&mut self) {
        if let Some(listening) = self.listening.take() {
            self.places.ringing(|| drop(listening));
        }
    }
}

impl Drop for Bell<'_> {
    fn drop(&mut self) {
        self.rest();
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::task::Poll;

    use super::*;

    async fn rings(bell: &mut Bell<'_>) -> bool {
        poll_fn(|context| Poll::Ready(bell.rings(context))).await
    }

    async fn leave_to_others(bell: &mut Bell<'_>) {
        poll_fn(|context| {
            bell.leave_to_others(context);
            Poll::Ready(())
        })
        .await;
    }

    #[tokio::test]
    async fn a_bell_rings_for_one_that_listens_once_for_each_time() {
        let places = Places::new(9, 9);
        let (mut one, mut other) = (Bell::new(&places), Bell::new(&places));
        assert!(!rings(&mut one).await && !rings(&mut other).await);
        places.crowd();
        assert!(rings(&mut one).await && !rings(&mut other).await);
        assert!(!rings(&mut one).await);
        places.crowd();
        places.crowd();
        assert!(rings(&mut other).await && rings(&mut one).await);
        // Nobody listens: it is heard by who listens next.
        places.crowd();
        assert!(rings(&mut one).await && !rings(&mut other).await);
    }

    #[tokio::test]
    async fn who_has_something_to_do_leaves_it_to_others_and_is_not_asked_again() {
        let places = Places::new(9, 9);
        let (mut busy, mut idle) = (Bell::new(&places), Bell::new(&places));
        assert!(!rings(&mut busy).await && !rings(&mut idle).await);
        places.crowd();
        assert!(!rings(&mut idle).await);
        leave_to_others(&mut busy).await;
        assert!(rings(&mut idle).await);
        leave_to_others(&mut busy).await;
        assert!(!rings(&mut idle).await);
        // What was heard and not asked for goes on as well.
        assert!(!rings(&mut busy).await);
        places.crowd();
        places.crowd();
        idle.rest();
        assert!(rings(&mut busy).await && rings(&mut busy).await);
    }

    #[tokio::test]
    async fn what_one_heard_who_listens_no_longer_is_heard_by_another_who_has_looked_since() {
        for leaves in [true, false] {
            let places = Places::new(9, 9);
            let (mut one, mut other) = (Some(Bell::new(&places)), Bell::new(&places));
            assert!(!rings(one.as_mut().unwrap()).await && !rings(&mut other).await);
            places.crowd();
            assert!(!rings(&mut other).await);
            match leaves {
                true => drop(one.take()),
                false => one.as_mut().unwrap().rest(),
            }
            assert!(rings(&mut other).await);
        }
    }
}
