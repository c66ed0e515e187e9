//! Macros, filled when a rule runs.

use crate::trial::get;

fn data(rule: &str, target: &str) -> String {
    get(rule, target).0.matches().last().map(|found| found.data.clone()).unwrap_or_default()
}

#[test]
fn fills_variables_members_and_the_rule_itself() {
    let rule = "SecRule ARGS \"@rx b(.)\" \"id:7,phase:2,severity:CRITICAL,capture,\
        logdata:'%{TX.0} %{tx.1} %{MATCHED_VAR_NAME}=%{MATCHED_VAR} %{ARGS.k} %{REQUEST_HEADERS.host} %{rule.id} \
        %{rule.severity} %{REQUEST_METHOD} [%{tx.none}] 100% %{'\"";
    let expected = "bc bc ARGS:k=abcd abcd shop.test 7 2 GET [] 100% %{".replacen("bc bc", "bc c", 1);
    assert_eq!(data(rule, "/?k=abcd"), expected);
}

#[test]
fn fills_names_and_values_of_variables_and_arguments_of_operators() {
    let rules = "SecRule ARGS \"@rx .\" \"id:1,phase:1,nolog,setvar:'tx.count_%{MATCHED_VAR_NAME}=+1',\
        setvar:tx.sum=+%{MATCHED_VAR}\"\n\
        SecRule TX:/^count_/ \"@ge 2\" \"id:2,logdata:'%{MATCHED_VAR_NAME}'\"\n\
        SecRule ARGS:b \"@streq %{tx.sum}\" \"id:3\"";
    let (done, _) = get(rules, "/?a=1&a=2&b=6");
    let told: Vec<(u64, &str)> =
        done.matches().iter().map(|found| (found.rule_id, found.data.as_str())).collect();
    assert_eq!(told, [(2, "TX:count_args:a")]);
    assert_eq!(done.tx("SUM"), Some(&b"9"[..]));
    let (done, _) = get(rules, "/?a=-3&b=0&c=3");
    assert_eq!(done.matches().last().map(|found| found.rule_id), Some(3));
}

#[test]
fn an_empty_macro_is_an_empty_argument() {
    let rules = "SecRule ARGS:a \"@streq %{tx.none}\" \"id:1\"";
    assert_eq!(get(rules, "/?a=").0.matches().len(), 1);
    assert_eq!(get(rules, "/?a=x").0.matches().len(), 0);
}
