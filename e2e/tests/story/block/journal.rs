//! What survives the gateway, and what is done without one.

use e2e::verb_in;

use super::{Stage, file, text};

#[test]
fn blocks_survive_kill_and_restart_and_lifted_ones_do_not_come_back() {
    let stage = Stage::set("kill");
    let alice = stage.issuer.token("alice", "orders-api", "orders.read");
    let issuer = stage.issuer.url.clone();
    stage.blocked(&["--subject", "alice", "--issuer", &issuer]);
    let gone = stage.blocked(&["--address", "127.0.0.1", "--wide"]);
    stage.lift(&gone);
    let before = stage.list();
    let stage = stage.killed_and_started();
    assert_eq!(stage.orders(&alice), "403 blocked");
    assert_eq!(stage.status(), 200);
    let after = stage.list();
    assert_eq!((after.len(), &after[0]["id"], &after[0]["end"]), (1, &before[0]["id"], &before[0]["end"]));
    assert!(stage.gateway.said().contains("1 blocks are in force"), "{}", stage.gateway.said());
}

#[test]
fn half_a_line_is_dropped_and_said() {
    let stage = Stage::set("torn");
    stage.blocked(&["--address", "127.0.0.1", "--wide"]);
    let path = stage.folder.join("state/blocks.journal");
    let whole = std::fs::read(&path).unwrap();
    let torn = [&whole[..], &whole[..40]].concat();
    std::fs::write(&path, torn).unwrap();
    let stage = stage.killed_and_started();
    assert_eq!(stage.status(), 403);
    assert!(stage.gateway.said().contains("half a line (40 bytes)"), "{}", stage.gateway.said());
    assert_eq!(std::fs::read(&path).unwrap(), whole);
}

#[test]
fn a_damaged_journal_stops_the_start_and_can_be_repaired() {
    let Stage { gateway, upstream, issuer, folder } = {
        let stage = Stage::set("damaged");
        stage.blocked(&["--client", "lost"]);
        stage.blocked(&["--address", "127.0.0.1", "--wide"]);
        stage
    };
    drop(gateway);
    let path = folder.join("state/blocks.journal");
    let text_before = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text_before.replace("\"lost\"", "\"last\"")).unwrap();
    let output = verb_in(&folder, &["serve"]);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output));
    for part in ["line 2", "bartizan block repair"] {
        assert!(text(&output).contains(part), "{}", text(&output));
    }
    let output = verb_in(&folder, &["block", "repair"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    assert!(text(&output).contains("line 2 was dropped: its checksum does not fit"), "{}", text(&output));
    let gateway = e2e::Gateway::start(&folder, &file(&upstream, &issuer));
    assert_eq!(gateway.client().get("/status").status, 403, "the other block is in force");
}

#[test]
fn an_emptied_journal_stops_the_start_too() {
    let Stage { gateway, upstream, issuer, folder } = Stage::set("emptied");
    drop(gateway);
    let gateway = e2e::Gateway::start(&folder, &file(&upstream, &issuer));
    drop(gateway);
    for bytes in [&[][..], &[0; 512][..]] {
        std::fs::write(folder.join("state/blocks.journal"), bytes).unwrap();
        let output = verb_in(&folder, &["serve"]);
        assert_eq!(output.status.code(), Some(2), "{}", text(&output));
        assert!(text(&output).contains("bartizan block repair"), "{}", text(&output));
        assert_eq!(verb_in(&folder, &["block", "repair"]).status.code(), Some(1));
    }
    let gateway = e2e::Gateway::start(&folder, &file(&upstream, &issuer));
    assert_eq!(gateway.client().get("/status").status, 200);
}

#[test]
fn a_deleted_journal_stops_the_start_too() {
    let Stage { gateway, upstream, issuer, folder } = {
        let stage = Stage::set("deleted");
        stage.blocked(&["--address", "127.0.0.1", "--wide"]);
        stage
    };
    drop(gateway);
    let path = folder.join("state/blocks.journal");
    let bytes = std::fs::read(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    for verb in [&["serve"][..], &["block", "list"]] {
        let output = verb_in(&folder, verb);
        assert_eq!(output.status.code(), Some(2), "{verb:?}: {}", text(&output));
        assert!(text(&output).contains("is gone"), "{}", text(&output));
    }
    std::fs::write(&path, bytes).unwrap();
    let gateway = e2e::Gateway::start(&folder, &file(&upstream, &issuer));
    assert_eq!(gateway.client().get("/status").status, 403);
    drop(gateway);
    std::fs::remove_file(&path).unwrap();
    let output = verb_in(&folder, &["block", "repair"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    let gateway = e2e::Gateway::start(&folder, &file(&upstream, &issuer));
    assert_eq!(gateway.client().get("/status").status, 200);
}

#[test]
fn a_block_is_kept_for_the_next_start_with_a_gateway_file_that_does_not_load() {
    let Stage { gateway, upstream, issuer, folder } = Stage::set("offline-broken");
    assert_eq!(gateway.stop(), Some(0));
    let good = file(&upstream, &issuer);
    let block = ["block", "--address", "127.0.0.1", "--reason", "r", "--for", "1h", "--offline"];
    // It parses and says where the state is, and makes no sense otherwise.
    std::fs::write(folder.join("bartizan.yaml"), format!("{good}\nstate_dir: state\nnonsense: true\n"))
        .unwrap();
    let output = verb_in(&folder, &block);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output));
    assert!(text(&output).contains("loopback"), "what is too wide still has to be meant: {}", text(&output));
    let client = ["block", "--client", "lost", "--reason", "r", "--for", "1h", "--offline"];
    let output = verb_in(&folder, &client);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    assert!(text(&output).contains("names are not compared"), "{}", text(&output));
    // It does not even parse.
    std::fs::write(folder.join("bartizan.yaml"), "listen: [").unwrap();
    let wide = [&block[..], &["--wide"]].concat();
    let output = verb_in(&folder, &wide);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output));
    assert!(text(&output).contains("--state-dir"), "{}", text(&output));
    let output = verb_in(&folder, &[&wide[..], &["--state-dir", "state"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    let gateway = e2e::Gateway::start(&folder, &good);
    assert_eq!(gateway.client().get("/status").status, 403);
    assert!(gateway.said().contains("2 blocks are in force"), "{}", gateway.said());
}

#[test]
fn without_a_gateway_a_block_is_refused_or_kept_for_the_next_start() {
    let Stage { gateway, upstream, issuer, folder } = Stage::set("offline");
    assert_eq!(gateway.stop(), Some(0));
    let block = ["block", "--address", "127.0.0.1", "--wide", "--reason", "r", "--for", "1h"];
    let output = verb_in(&folder, &block);
    assert_eq!(output.status.code(), Some(3), "{}", text(&output));
    assert!(text(&output).contains("no gateway is running"), "{}", text(&output));
    let output = verb_in(&folder, &[&block[..], &["--offline"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    assert!(text(&output).contains("kept for the next start"), "{}", text(&output));
    let output = verb_in(&folder, &["block", "list"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output).contains("127.0.0.1") && text(&output).contains("next start"), "{}", text(&output));
    let gateway = e2e::Gateway::start(&folder, &file(&upstream, &issuer));
    assert_eq!(gateway.client().get("/status").status, 403);
    let held = verb_in(&folder, &[&block[..], &["--offline"]].concat());
    assert_eq!(held.status.code(), Some(2), "the running gateway keeps the journal: {}", text(&held));
}
