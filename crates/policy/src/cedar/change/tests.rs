#![allow(clippy::unwrap_used, clippy::panic)]

use super::Bearing::{self, Narrows, Open, Widens};
use super::changes;

const SET: &str = r#"
@id("guard")
forbid (principal is User, action, resource) unless { resource.tenant == principal.tenant };
@id("own")
permit (principal, action in Action::"read", resource) when { resource has owner && resource.owner == principal.subject };
@id("approve")
permit (principal, action == Action::"approveOrder", resource is Order)
when { principal.roles.contains("approver") }
when { principal has auth_age_s && principal.auth_age_s < 300 };
"#;

fn told(old: (&str, &str), new: (&str, &str)) -> Vec<(Bearing, String)> {
    let set = |(file, text): (&str, &str)| vec![(file.into(), text.to_owned().into())];
    changes(&set(old), &set(new)).into_iter().map(|change| (change.bearing, change.sentence)).collect()
}

#[test]
fn each_change_of_a_policy_is_told_by_its_name_and_judged_where_its_shape_shows_it() {
    for (from, to, bearing, back, said) in [
        (
            "resource has owner && resource.owner == principal.subject",
            "true",
            Widens,
            Narrows,
            "policy `own` permits under",
        ),
        (
            "when { principal.roles.contains(\"approver\") }\n",
            "",
            Widens,
            Narrows,
            "policy `approve` permits under",
        ),
        ("< 300", "< 300000", Widens, Narrows, "policy `approve` permits up to a"),
        (
            "principal is User, action, ",
            "principal, action, ",
            Narrows,
            Widens,
            "policy `guard` forbids under",
        ),
        ("action in Action::\"read\"", "action", Widens, Narrows, "policy `own` permits under"),
        ("\"approver\"", "\"clerk\"", Open, Open, "what policy `approve` permits is another"),
        ("< 300", "<= 300", Open, Open, "what policy `approve` permits is another"),
        ("resource.tenant == principal.tenant", "true", Open, Open, "what policy `guard` forbids is another"),
        ("forbid (principal is User", "permit (principal is User", Widens, Narrows, "policy `guard` now"),
    ] {
        let other = SET.replace(from, to);
        assert_ne!(other, SET, "{from}");
        for (old, new, wanted) in [(SET, &*other, bearing), (&*other, SET, back)] {
            let told = told(("a.cedar", old), ("a.cedar", new));
            assert!(
                matches!(told.as_slice(), [(found, sentence)] if *found == wanted && sentence.contains(said)),
                "{from} -> {to}: {told:?}"
            );
        }
    }
}

#[test]
fn a_policy_that_comes_or_goes_widens_or_narrows_by_its_effect() {
    let more = |policy: &str| format!("{SET}{policy}");
    for (policy, comes, goes, said) in [
        ("@id(\"all\") permit (principal, action, resource);", Widens, Narrows, "policy `all`"),
        ("@id(\"none\") forbid (principal, action, resource);", Narrows, Widens, "policy `none`"),
        ("permit (principal, action, resource);", Widens, Narrows, "the policy in line 10 of `a.cedar`"),
    ] {
        for (old, new, wanted) in [(SET, &*more(policy), comes), (&*more(policy), SET, goes)] {
            let told = told(("x/a.cedar", old), ("y/a.cedar", new));
            assert!(
                matches!(told.as_slice(), [(found, sentence)] if *found == wanted && sentence.contains(said)),
                "{policy}: {told:?}"
            );
        }
    }
}

#[test]
fn where_policies_stand_and_how_they_are_set_out_is_no_difference() {
    let unnamed = SET.replace("@id(\"own\")\n", "");
    for set in [SET, &unnamed] {
        assert_eq!(told(("old/a.cedar", set), ("new/b.cedar", &format!("// Moved.\n\n{set}"))), []);
        assert_eq!(told(("a.cedar", set), ("a.cedar", &set.replace(" && ", "\n  && "))), []);
    }
}

#[test]
fn a_policy_without_a_name_is_told_by_its_line() {
    let unnamed = SET.replace("@id(\"own\")\n", "");
    let other = unnamed.replace("resource has owner && resource.owner == principal.subject", "true");
    let told = told(("old/a.cedar", &unnamed), ("new/a.cedar", &other));
    assert_eq!(
        told,
        [(Widens, "the policy in line 4 of `a.cedar` permits under fewer conditions".to_owned())]
    );
}
