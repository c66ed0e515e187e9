#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::process::Command;

const CHILD: &str = "BARTIZAN_TEST_PANICS";

/// Panics under the hook when it is run as the child of the test below, and does nothing otherwise.
#[test]
#[allow(clippy::string_slice, reason = "the panic is what is wanted")]
fn child() {
    if std::env::var_os(CHILD).is_none() {
        return;
    }
    super::quiet_panics();
    let text = String::from("s3cr3t-\u{e9}");
    let inside = text.len() - 1;
    let _ = std::panic::catch_unwind(|| std::hint::black_box(&text[..inside]).len());
    let _ = std::thread::Builder::new().name("worker".to_owned()).spawn(|| panic!("s3cr3t")).unwrap().join();
}

#[test]
fn a_panic_says_where_and_not_what() {
    let program = std::env::current_exe().unwrap();
    let run = |is_quiet: bool| {
        let mut command = Command::new(&program);
        command.args(["--exact", "panics::tests::child", "--nocapture"]).env("RUST_BACKTRACE", "1");
        if is_quiet {
            command.env(CHILD, "1");
        }
        let output = command.output().unwrap();
        assert!(output.status.success());
        format!("{}{}", String::from_utf8_lossy(&output.stderr), String::from_utf8_lossy(&output.stdout))
    };
    let said = run(true);
    let panics: Vec<&str> = said.lines().filter(|line| line.contains("panic at ")).collect();
    assert_eq!(panics.len(), 2, "{said}");
    assert!(panics.iter().all(|line| line.contains("panics/tests.rs:")), "{said}");
    assert!(panics.iter().any(|line| line.contains("in thread `worker`")), "{said}");
    assert!(!said.contains("s3cr3t"), "{said}");
    assert!(!run(false).contains("panic at "));
}
