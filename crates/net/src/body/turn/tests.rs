use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Wake, Waker};

use super::{TURN_BYTES, Turn};

#[derive(Default)]
struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn a_turn_ends_after_its_bytes_and_the_task_is_woken_for_the_next() {
    let woken = Arc::new(Woken::default());
    let waker = Waker::from(Arc::clone(&woken));
    let context = Context::from_waker(&waker);
    let mut turn = Turn::default();
    assert!(!turn.is_over(TURN_BYTES - 1, &context));
    assert_eq!(woken.0.load(Ordering::Relaxed), 0);
    assert!(turn.is_over(1, &context));
    assert_eq!(woken.0.load(Ordering::Relaxed), 1);
}
