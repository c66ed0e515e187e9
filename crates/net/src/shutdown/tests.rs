#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::time::Duration;

use tokio::time::timeout;

use super::Shutdown;

const LONG: Duration = Duration::from_secs(3_600);
const PATIENCE: Duration = Duration::from_secs(120);
const MOMENT: Duration = Duration::from_millis(30);

#[tokio::test]
async fn a_second_word_ends_a_drain_that_is_waited_for() {
    let (stop, heard) = Shutdown::channel();
    stop.begin(LONG);
    let waiting = tokio::spawn(async move { heard.drained().await });
    tokio::task::yield_now().await;
    stop.begin(Duration::ZERO);
    timeout(PATIENCE, waiting).await.unwrap().unwrap();
}

#[tokio::test]
async fn idle_connections_are_spared_when_there_is_a_successor_until_the_end_comes_nearer() {
    let (stop, heard) = Shutdown::channel();
    stop.leave(LONG);
    timeout(PATIENCE, heard.begun()).await.unwrap();
    assert!(timeout(MOMENT, heard.idle_over()).await.is_err());
    stop.begin(LONG);
    timeout(PATIENCE, heard.idle_over()).await.unwrap();
    assert!(timeout(MOMENT, heard.drained()).await.is_err());
    let (stop, heard) = Shutdown::channel();
    stop.leave(MOMENT);
    timeout(PATIENCE, heard.idle_over()).await.unwrap();
}
