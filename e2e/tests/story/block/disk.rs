//! A disk without room: requests are served, and nothing is said to be kept that is not.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Stage, json, text};

/// A file system of its own, so small that it can be filled; unmounted when dropped.
struct Small(PathBuf);

impl Small {
    /// `None` where this user may not mount.
    fn mount(path: &Path) -> Option<Self> {
        std::fs::create_dir_all(path).unwrap();
        let arguments = ["-t", "tmpfs", "-o", "size=512k,mode=0700", "tmpfs"];
        let mounted = Command::new("mount").args(arguments).arg(path).output();
        match mounted {
            Ok(output) if output.status.success() => Some(Self(path.to_owned())),
            _ => {
                eprintln!("skipped: a small file system cannot be mounted here");
                None
            }
        }
    }

    fn fill(&self) {
        let mut size = 1 << 20;
        while size > 0 {
            let name = self.0.join(format!("filler-{size}"));
            if std::fs::write(&name, vec![0; size]).is_err() {
                let _ = std::fs::metadata(&name).is_ok_and(|found| found.len() < 512);
            }
            size /= 2;
        }
    }

    fn empty(&self) {
        for entry in std::fs::read_dir(&self.0).unwrap().flatten() {
            if entry.file_name().to_string_lossy().starts_with("filler-") {
                std::fs::remove_file(entry.path()).unwrap();
            }
        }
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_is_told_and_the_gateway_serves_on() {
    let folder = e2e::folder("block-full");
    let Some(small) = Small::mount(&folder.join("state")) else { return };
    let stage = Stage::set_in(folder);
    let kept = stage.blocked(&["--client", "kept"]);
    assert_eq!(stage.status(), 200);
    small.fill();
    let status = || json(&stage.gateway.verb(&["status", "--json"]))["status"].clone();
    e2e::eventually("records are lost, and that is counted", || {
        assert_eq!(stage.status(), 200, "requests are served");
        small.fill();
        status()["records"]["lost"].as_u64().unwrap() > 0
    });
    // What is left of the journal's last page takes a few lines more.
    let more = (0..100)
        .take_while(|number| stage.block(&["--client", &format!("more-{number}")]).status.code() == Some(0));
    let more = more.count();
    let output = stage.block(&["--address", "127.0.0.1", "--wide"]);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output));
    for part in ["no room", "NOTHING WAS BLOCKED", "--not-durable"] {
        assert!(text(&output).contains(part), "`{part}` is missing: {}", text(&output));
    }
    assert_eq!(stage.status(), 200, "not in force, as it says");
    let output = stage.block(&["--address", "127.0.0.1", "--wide", "--not-durable"]);
    assert_eq!((output.status.code(), stage.status()), (Some(0), 403), "{}", text(&output));
    assert!(text(&output).contains("NOT ON DISK"), "{}", text(&output));
    assert_eq!(status()["blocks"]["not_durable"], 1);
    small.empty();
    e2e::eventually("what was not durable is, when there is room", || status()["blocks"]["not_durable"] == 0);
    let stage = stage.killed_and_started();
    assert_eq!(stage.status(), 403, "it survives the restart now");
    assert_eq!(stage.list().len(), 2 + more);
    assert!(stage.list().iter().any(|block| block["id"] == kept.as_str()));
    drop(stage);
    drop(small);
}
