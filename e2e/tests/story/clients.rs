//! Clients and servers of others: curl over HTTP/1.1 and HTTP/2, nginx as the service.

use std::process::Command;

use crate::Stage;

fn curl(arguments: &[&str]) -> Option<String> {
    let output = Command::new("curl").args(["-s", "--max-time", "10"]).args(arguments).output();
    match output {
        Ok(output) => Some(String::from_utf8_lossy(&output.stdout).into_owned()),
        Err(_) => {
            eprintln!("skipped: curl is not installed");
            None
        }
    }
}

#[test]
fn curl_is_served_over_both_versions() {
    let stage = Stage::set("curl", "");
    let url = format!("http://{}/orders/1", stage.gateway.address);
    let bearer = format!("Authorization: Bearer {}", stage.token());
    for version in ["--http1.1", "--http2-prior-knowledge"] {
        let Some(said) = curl(&[version, "-w", " %{http_version} %{http_code}", "-H", &bearer, &url]) else {
            return;
        };
        let expected = if version == "--http1.1" { " 1.1 200" } else { " 2 200" };
        assert!(said.ends_with(expected), "{version}: {said}");
    }
}

#[test]
fn a_problem_is_the_same_over_http2() {
    let stage = Stage::set("curl-problem", "");
    let url = format!("http://{}/orders/0", stage.gateway.address);
    let bearer = format!("Authorization: Bearer {}", stage.token());
    let Some(said) = curl(&["--http2-prior-knowledge", "-H", &bearer, &url]) else { return };
    let problem: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(problem["code"], "parameter_invalid");
}
