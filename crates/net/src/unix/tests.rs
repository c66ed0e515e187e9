#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use super::*;
use crate::tests::LONG;

struct Counting;

impl LineHandler for Counting {
    fn answer(
        self: Arc<Self>,
        question: String,
        mut answers: Answers,
    ) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(async move {
            if question == "wait" {
                answers.closed().await;
                return;
            }
            assert_eq!(answers.send("two\nlines").await.unwrap_err().kind(), io::ErrorKind::InvalidInput);
            for number in 0..3 {
                answers.send(&format!("{question}{number}")).await.unwrap();
            }
        })
    }
}

/// A directory of this test's own, removed afterwards.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("bartizan-net-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[tokio::test]
async fn a_line_asks_and_lines_answer_until_the_shutdown() {
    let place = Place::new("lines");
    let path = place.0.join("admin.sock");
    let listener = LineListener::bind(&path).await.unwrap();
    let metadata = std::fs::metadata(&path).unwrap();
    assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
    assert_eq!(std::fs::read_dir(&place.0).unwrap().count(), 1);
    let (stop, shutdown) = Shutdown::channel();
    let serving = tokio::spawn(serve(listener, Arc::new(Counting), shutdown));
    for question in ["a", "{\"b\":1}"] {
        let mut asked = ask(&path, question).await.unwrap();
        for number in 0..3 {
            assert_eq!(asked.next_line().await.unwrap(), Some(format!("{question}{number}")));
        }
        assert_eq!(asked.next_line().await.unwrap(), None);
    }
    // One that waits for its asker ends with the asker; one that does not ends with the drain.
    drop(ask(&path, "wait").await.unwrap());
    let _kept = ask(&path, "wait").await.unwrap();
    stop.begin(Duration::from_millis(200));
    tokio::time::timeout(LONG, serving).await.unwrap().unwrap();
    assert!(!path.exists());
}

#[tokio::test]
async fn binds_over_a_dead_socket_and_over_nothing_else() {
    let place = Place::new("bind");
    let path = place.0.join("admin.sock");
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    assert!(path.exists());
    let listener = LineListener::bind(&path).await.unwrap();
    assert_eq!(LineListener::bind(&path).await.unwrap_err().kind(), io::ErrorKind::AddrInUse);
    drop(listener);
    std::fs::write(&path, "precious").unwrap();
    assert_eq!(LineListener::bind(&path).await.unwrap_err().kind(), io::ErrorKind::AlreadyExists);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "precious");
}

#[tokio::test]
async fn a_line_without_end_is_not_gathered_for_ever() {
    let (near, far) = UnixStream::pair().unwrap();
    let writing = tokio::spawn(async move {
        let (_reader, mut writer) = far.into_split();
        let piece = vec![b'a'; 1 << 20];
        let mut written = 0;
        while written < 64 << 20 && writer.write_all(&piece).await.is_ok() {
            written += piece.len();
        }
        written
    });
    let (reader, _writer) = near.into_split();
    let mut reader = BufReader::new(reader);
    assert_eq!(read_line(&mut reader).await.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    drop((reader, _writer));
    assert!(writing.await.unwrap() < 16 << 20);
}

#[test]
fn only_our_own_user_and_root_may_speak() {
    for (peer, own, welcome) in [(1000, 1000, true), (0, 1000, true), (1001, 1000, false), (1000, 0, false)] {
        assert_eq!(may_speak(peer, own), welcome, "{peer} to {own}");
    }
}
