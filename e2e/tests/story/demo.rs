//! The README's first command ends well when every row goes as it is labelled.

#[test]
fn every_row_of_the_demo_goes_as_it_is_labelled() {
    let folder = e2e::folder("demo");
    let output = e2e::verb_in(&folder, &["demo", "--exit", "--json"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{said}{}", String::from_utf8_lossy(&output.stdout));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let rows = report["rows"].as_array().unwrap();
    assert!(rows.iter().filter(|row| row["honest"] == true).count() >= 5);
    assert!(rows.iter().filter(|row| row["honest"] == false).count() >= 20);
}
