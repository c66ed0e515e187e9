//! The WAF as a gateway file names it: rules read and compiled with it, exclusions held against them.

use model::Severity;

use super::world::{World, api, root};

const RULES: &str = "\
SecRule ARGS \"@contains attack\" \"id:1000,phase:2,deny,msg:'Attack',tag:'attack-all'\"
";

pub(super) fn files(world: &mut World) {
    world.file("rules/one.conf", RULES);
    world.file("rules/notes.txt", "no rules");
    world.file(
        "more.conf",
        &RULES.replace("1000", "2000").replace("@contains attack", "@pmFromFile words.data"),
    );
    world.file("words.data", "bad\nworse\n");
}

/// Every key of the section, with two values that differ in this key alone.
const KEYS: &[(&str, &str, &str)] = &[
    ("", "", "own_rules: false, rules: [more.conf]"),
    (".own_rules", "rules: [rules]", "rules: [rules], own_rules: false"),
    (".rules", "own_rules: true", "rules: [rules]"),
    (".exclude", "rules: [rules]", "rules: [rules], exclude: [{ rule: 1000 }]"),
    (".exclude.rule", "exclude: [{ rule: 9119010 }]", "exclude: [{ rule: 9119020 }]"),
    (".exclude.tag", "rules: [rules]", "rules: [rules], exclude: [{ tag: attack-all }]"),
    (".exclude.target", "exclude: [{ rule: 9119010 }]", "exclude: [{ rule: 9119010, target: ARGS }]"),
    (".exclude.because", "exclude: [{ rule: 9119010 }]", "exclude: [{ rule: 9119010, because: tried }]"),
    (".skip_proven", "own_rules: true", "skip_proven: false"),
    (".answers", "own_rules: true", "answers: true"),
    (".json_names", "own_rules: true", "json_names: plain"),
    (".body_bytes_max", "own_rules: true", "body_bytes_max: 9KiB"),
    (".arguments_max", "own_rules: true", "arguments_max: 9"),
    (".depth_max", "own_rules: true", "depth_max: 9"),
    (".work_max", "own_rules: true", "work_max: 99999"),
];

/// Path, and two files.
pub(super) fn cases() -> Vec<(&'static str, String, String)> {
    let mut cases: Vec<(&'static str, String, String)> = Vec::new();
    for (path, before, after) in KEYS {
        let written = |keys: &str| format!("waf: {{ {keys} }}");
        cases.push((format!("waf{path}").leak(), root(&written(before)), root(&written(after))));
        cases.push((format!("apis.*.waf{path}").leak(), api(&written(before)), api(&written(after))));
    }
    let here = |keys: &str| api(&format!("operations: {{ health: {{ waf: {{ {keys} }} }} }}"));
    for (path, before, after) in KEYS.iter().filter(|(path, ..)| path.starts_with(".exclude.")) {
        let known = |text: &str| {
            text.replace("rules: [rules]", "exclude: []").replace("exclude: [], exclude:", "exclude:")
        };
        let known = |text: &str| known(text).replace("attack-all", "bartizan-rules");
        cases.push((
            format!("apis.*.operations.*.waf{path}").leak(),
            here(&known(before)),
            here(&known(after)),
        ));
    }
    let one = "exclude: [{ rule: 9119010 }]";
    for path in ["apis.*.operations.*.waf", "apis.*.operations.*.waf.exclude"] {
        cases.push((path, api("sanitise: false"), here(one)));
    }
    cases
}

fn read(gateway: &str) -> (Option<crate::Configuration>, Vec<model::Finding>) {
    let mut world = World::new(gateway);
    files(&mut world);
    let (configuration, findings, _) = world.read();
    (configuration, findings)
}

fn found(gateway: &str, code: &str) -> bool {
    let (_, findings) = read(gateway);
    findings.iter().any(|finding| finding.code == code)
}

#[test]
fn without_a_word_our_own_rules_run_and_nothing_else() {
    let (configuration, _) = read(&root("limits: []"));
    let configuration = configuration.unwrap();
    let waf = configuration.settings.apis[0].waf.clone().unwrap();
    assert_eq!(waf.sets.iter().map(|set| set.name).collect::<Vec<_>>(), ["bartizan"]);
    let (said, _) = read(&root("waf: {}"));
    let said = said.unwrap().settings.apis[0].waf.clone().unwrap();
    assert_eq!(format!("{waf:?}"), format!("{said:?}"), "the defaults of the keys are those without keys");
}

#[test]
fn a_directory_is_its_conf_files_and_data_files_stand_beside_the_rules() {
    let (configuration, _) = read(&root("waf: { rules: [rules, more.conf], own_rules: false }"));
    let waf = configuration.unwrap().settings.apis[0].waf.clone().unwrap();
    let ids: Vec<_> = waf.sets[0].rules.rules().iter().map(|rule| rule.id).collect();
    assert_eq!(
        ids,
        [9_119_900, 9_119_910, 9_119_920, 9_119_930, 1000, 2000],
        "in front, how bodies are read"
    );
}

#[test]
fn an_api_s_own_waf_stands_in_place_of_the_file_s() {
    let both = format!("{}waf: {{ own_rules: false, rules: [rules] }}\n", api("waf: { own_rules: true }"));
    let waf = read(&both).0.unwrap().settings.apis[0].waf.clone().unwrap();
    assert_eq!(waf.sets.iter().map(|set| set.name).collect::<Vec<_>>(), ["bartizan"]);
}

#[test]
fn what_cannot_be_read_is_told_with_its_place() {
    for (gateway, code) in [
        (root("waf: { rules: [none.conf] }"), "B2007"),
        (root("waf: { rules: [words.data] }"), seclang::codes::DIRECTIVE),
        (root("waf: { exclude: [{ target: ARGS }] }"), "B5103"),
        (root("waf: { exclude: [{ rule: 1, tag: a }] }"), "B5103"),
        (root("waf: { exclude: [{ rule: 9119010, target: ARGZ }] }"), "B5103"),
    ] {
        let (configuration, findings) = read(&gateway);
        assert!(configuration.is_none(), "{gateway}");
        let finding = findings.iter().find(|finding| finding.code == code);
        let finding = finding.unwrap_or_else(|| panic!("{gateway}: {findings:?}"));
        assert_eq!(finding.severity, Severity::Error);
        assert!(finding.place.is_some(), "{gateway}");
    }
}

#[test]
fn what_has_no_effect_is_warned_of() {
    assert!(found(&root("waf: { exclude: [{ rule: 77 }] }"), "B5102"));
    assert!(!found(&root("waf: { rules: [rules], exclude: [{ rule: 1000 }] }"), "B5102"));
    assert!(found(&root("waf: { own_rules: false }"), "B5104"));
    let mut world = World::new(&root("waf: { rules: [off.conf] }"));
    files(&mut world);
    world.file("off.conf", &format!("SecRuleEngine DetectionOnly\n{RULES}"));
    assert!(world.read().1.iter().any(|finding| finding.code == "B5101"));
}

#[test]
fn directives_in_whose_place_the_gateway_file_decides_are_told_one_by_one() {
    let told = |directives: &str| {
        let mut world = World::new(&root("waf: { rules: [limits.conf] }"));
        files(&mut world);
        world.file("limits.conf", &format!("{directives}\n{RULES}"));
        let (configuration, findings, _) = world.read();
        assert!(configuration.is_some(), "{directives}: {findings:?}");
        let found = findings.into_iter().filter(|finding| finding.code == "B5105");
        found.map(|one| (one.sentence, one.advice.unwrap_or_default())).collect::<Vec<_>>()
    };
    for (directive, key) in [
        ("SecArgumentsLimit 1000", "arguments_max"),
        ("SecRequestBodyNoFilesLimit 131072", "body_bytes_max"),
        ("secRequestBodyJsonDepthLimit 512", "depth_max"),
        ("SecRequestBodyLimitAction ProcessPartial", "refused"),
        ("SecResponseBodyAccess On", "answers"),
        ("SecResponseBodyLimit 524288", "body_bytes_max"),
        ("SecResponseBodyLimitAction ProcessPartial", "refused"),
        ("SecResponseBodyMimeType text/html", "answers"),
        ("SecResponseBodyMimeTypesClear", "answers"),
    ] {
        let found = told(directive);
        assert_eq!(found.len(), 1, "{directive}: {found:?}");
        let name = directive.split(' ').next().unwrap().to_ascii_lowercase();
        assert!(found[0].0.to_ascii_lowercase().contains(&name) && found[0].1.contains(key), "{found:?}");
    }
    assert_eq!(told("SecRequestBodyLimit 1000000\nSecUploadFileLimit 5\nSecRequestBodyAccess On"), []);
}

#[test]
fn what_a_description_excludes_is_held_against_the_rules() {
    let told = |exclude: &str| {
        let mut world = World::new(&root("waf: { rules: [rules] }"));
        files(&mut world);
        let described =
            format!("operationId: health\n      x-bartizan: {{ waf: {{ exclude: [{exclude}] }} }}");
        world.file("orders.yaml", &super::world::ORDERS.replace("operationId: health", &described));
        let (configuration, findings, _) = world.read();
        let codes = findings.into_iter().map(|finding| finding.code).filter(|code| code.starts_with("B51"));
        (configuration.is_some(), codes.collect::<Vec<_>>())
    };
    assert_eq!(told("{ rule: 1000 }"), (true, vec![]));
    assert_eq!(told("{ rule: 77 }"), (true, vec!["B5102".to_owned()]));
    assert_eq!(told("{ rule: 1000, target: ARGZ }"), (false, vec!["B5103".to_owned()]));
}

#[test]
fn the_rules_of_an_api_are_chosen_by_its_name() {
    use crate::waf::{Chosen, rules};
    let other = "  more:\n    spec: orders.yaml\n    base_path: /v9\n    upstream: http://127.0.0.1:3000\n    waf: { own_rules: false, rules: [more.conf] }\nauth:\n";
    let (two, _) = read(&api("waf: { own_rules: false, rules: [rules] }").replace("auth:\n", other));
    let settings = two.unwrap().settings;
    let listed = |name: Option<&str>| -> Result<Vec<u64>, String> {
        let (document, text) = rules(&Chosen::of_api(&settings, name)?);
        assert!(text.contains("Attack"), "{text}");
        Ok(document["rules"].as_array().unwrap().iter().filter_map(|rule| rule["rule"].as_u64()).collect())
    };
    assert_eq!(listed(Some("orders")), Ok(vec![9_119_900, 9_119_910, 9_119_920, 9_119_930, 1000]));
    assert_eq!(listed(Some("more")), Ok(vec![9_119_900, 9_119_910, 9_119_920, 9_119_930, 2000]));
    assert!(listed(Some("none")).unwrap_err().contains("no API `none`"));
    assert!(listed(None).unwrap_err().contains("--api"));
}

#[test]
fn data_files_elsewhere_are_not_read() {
    let mut world = World::new(&root("waf: { rules: [rules/two.conf] }"));
    files(&mut world);
    for name in ["../words.data", "/words.data"] {
        world.file(
            "rules/two.conf",
            &format!("SecRule ARGS \"@pmFromFile {name}\" \"id:3000,phase:2,deny\"\n"),
        );
        let (configuration, findings, _) = world.read();
        assert!(configuration.is_none(), "{name}");
        assert!(findings.iter().any(|finding| finding.sentence.contains("beside the rules")), "{findings:?}");
    }
}

#[test]
fn changes_of_the_waf_are_told_by_what_they_mean() {
    let told = |old: &str, new: &str| -> Vec<(String, String)> {
        let (old, new) = (read(&root(old)).0.unwrap(), read(&root(new)).0.unwrap());
        let changes = crate::diff::changes(&old, &new);
        changes.into_iter().map(|change| (change.direction.name().to_owned(), change.sentence)).collect()
    };
    for (loose, strict, word) in [
        ("waf: { own_rules: false, rules: [rules] }", "waf: { rules: [rules] }", "rules"),
        ("waf: { exclude: [{ rule: 9119010 }] }", "waf: {}", "9119010"),
        ("waf: {}", "waf: { skip_proven: false }", "proves"),
        ("waf: {}", "waf: { answers: true }", "answers"),
    ] {
        for (old, new, direction) in [(strict, loose, "weaker"), (loose, strict, "stronger")] {
            let told = told(old, new);
            assert!(
                told.iter().any(|(is, said)| is == direction && said.contains(word)),
                "{old} -> {new}: {told:?}"
            );
        }
    }
}

#[test]
fn rules_that_keep_their_ids_and_say_something_else_cannot_be_judged() {
    const SET: &str = "# Ours.\nSecRule ARGS \"@pmFromFile words.data\" \\\n  \"id:3000,phase:2,deny\"\n";
    let told = |folder: &str, rules: &str, words: &str| -> Vec<(String, String)> {
        let of = |folder: &str, rules: &str, words: &str| {
            let mut world = World::new(&root(&format!("waf: {{ rules: [{folder}] }}")));
            world.file(&format!("{folder}/one.conf"), rules);
            world.file(&format!("{folder}/words.data"), words);
            world.configuration()
        };
        let changes = crate::diff::changes(&of("rules", SET, "evil\n"), &of(folder, rules, words));
        changes.into_iter().map(|change| (change.direction.name().to_owned(), change.sentence)).collect()
    };
    let another = vec![("unknown".to_owned(), "what stands in the files of WAF rules is another".to_owned())];
    assert_eq!(told("rules", &SET.replace("deny", "pass"), "evil\n"), another);
    assert_eq!(told("rules", &SET.replace("ARGS", "ARGS_GET"), "evil\n"), another);
    assert_eq!(told("rules", SET, "good\n"), another);
    assert_eq!(told("others", SET, "evil\n"), []);
    assert_eq!(told("rules", &SET.replace("# Ours.", "# Theirs.\n"), "evil\n"), []);
}

#[test]
fn a_request_that_no_rule_can_read_meets_no_expectation() {
    let output = "output: { log: { no_expect_ids: [5] } }";
    let test =
        |request: &str| format!("rule_id: 1\ntests: [{{ stages: [{{ input: {request}, {output} }}] }}]\n");
    let mut world = World::default();
    world.file("empty/a.yaml", &test("{ encoded_request: DQo= }"));
    world.file("plain/a.yaml", &test("{ uri: /a }"));
    let chosen = crate::waf::Chosen::own().unwrap();
    for (folder, good) in [("empty", false), ("plain", true)] {
        let mut tested = crate::waf::Tested::default();
        tested.run_below(&chosen, folder.as_ref(), &world).unwrap();
        assert_eq!(tested.is_good(), good, "{}", tested.text());
        assert_eq!(tested.text().contains("no HTTP request"), !good, "{}", tested.text());
    }
    assert!(crate::waf::Tested::default().run_below(&chosen, "nowhere".as_ref(), &world).is_err());
}

#[test]
fn tests_whose_bodies_no_rule_of_files_sees_are_told_apart() {
    let mut world = World::default();
    world.file("rules/a.conf", "SecRule REQBODY_ERROR \"!@eq 0\" \"id:1,phase:2,pass,log\"\n");
    let broken = "rule_id: 1\ntests:\n  - test_id: 1\n    stages:\n      - input: { uri: /a, method: POST, \
                  headers: { Host: a, Content-Type: application/json }, data: '{\"a\"' }\n        \
                  output: { log: { expect_ids: [ID] } }\n";
    world.file("met.yaml", &broken.replace("ID", "9119920"));
    world.file("unmet.yaml", &broken.replace("ID", "1"));
    let chosen =
        crate::waf::of_files(&["rules/a.conf".into()], &world, &mut crate::Sources::default()).unwrap();
    for (file, told) in [("met.yaml", false), ("unmet.yaml", true)] {
        let mut tested = crate::waf::Tested::default();
        tested.run_below(&chosen, file.as_ref(), &world).unwrap();
        assert_eq!(tested.tally().contains("--own"), told, "{}", tested.tally());
    }
}

#[test]
fn requests_of_files_meet_the_bounds_and_exclusions_of_the_api() {
    let attack = "GET /a?q=1%27%20union%20select%202 HTTP/1.1\r\nHost: a\r\n\r\n";
    let many = "POST /a HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 19\r\n\r\n{\"a\":1,\"b\":2,\"c\":3}";
    for (keys, request, good) in [
        ("waf: {}", attack, false),
        ("waf: { exclude: [{ tag: attack-sql }] }", attack, true),
        ("waf: {}", many, true),
        ("waf: { arguments_max: 2 }", many, false),
    ] {
        let settings = read(&api(keys)).0.unwrap().settings;
        let chosen = crate::waf::Chosen::of_api(&settings, None).unwrap();
        let mut world = World::default();
        world.file("sent.txt", request);
        let mut tested = crate::waf::Tested::default();
        tested.run_below(&chosen, "sent.txt".as_ref(), &world).unwrap();
        assert_eq!(tested.is_good(), good, "{keys}: {}", tested.text());
    }
}
