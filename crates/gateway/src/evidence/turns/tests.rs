use super::*;

#[tokio::test]
async fn one_list_has_one_reader_and_another_list_does_not_wait() {
    let turns = Turns::default();
    let first = turns.wait([1; 32]).await;
    let _other = turns.wait([2; 32]).await;
    assert!(turns.of([1; 32]).try_lock().is_err());
    drop(first);
    assert!(turns.of([1; 32]).try_lock().is_ok());
}

#[tokio::test]
async fn lists_that_nobody_reads_are_forgotten() {
    let turns = Turns::default();
    let held = turns.wait([0xff; 32]).await;
    for number in 0..u32::try_from(2 * LISTS_MAX).unwrap() {
        let mut key = [0; 32];
        key[..4].copy_from_slice(&number.to_be_bytes());
        drop(turns.wait(key).await);
    }
    assert!(turns.lists.lock().unwrap().len() <= LISTS_MAX);
    assert!(turns.of([0xff; 32]).try_lock().is_err());
    drop(held);
}
