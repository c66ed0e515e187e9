use model::{Code, Mode, Owasp};

use super::{checks_markdown, codes_markdown, in_order, owasp_matrix};
use crate::checks;

#[test]
fn every_check_has_one_line_and_the_lines_stand_in_the_order_of_the_phases() {
    let page = checks_markdown();
    let (page, _) = page.split_once("\n## ").unwrap_or_default();
    for kind in checks::ALL {
        let begin = format!("| `{}` |", kind.about().name);
        assert_eq!(page.matches(&begin).count(), 1, "{begin}");
    }
    let phases: Vec<_> = in_order().iter().map(|about| about.phase).collect();
    assert!(phases.is_sorted());
}

#[test]
fn every_risk_names_the_checks_that_claim_it_and_one_without_any_says_none() {
    let matrix = owasp_matrix();
    for risk in Owasp::ALL {
        let line = matrix.lines().find(|line| line.contains(risk.title())).unwrap_or_default();
        assert!(!line.is_empty(), "{}", risk.title());
        let checks = line.split('|').nth(2).unwrap_or_default();
        for kind in checks::ALL {
            let about = kind.about();
            let named = checks.contains(&format!("`{}`", about.name));
            assert_eq!(named, about.owasp.contains(&risk), "{} in {line}", about.name);
            let watches = checks.contains(&format!("`{}` (watch)", about.name));
            assert_eq!(watches, named && about.default_mode == Mode::Watch, "{} in {line}", about.name);
        }
        assert_eq!(checks.trim() == "none", !checks.contains('`'), "{line}");
    }
}

#[test]
fn every_code_has_one_line_with_its_status() {
    let page = codes_markdown();
    for code in Code::ALL {
        let begin = format!("| `{}` | {} | API", code.slug(), code.status());
        assert_eq!(page.matches(&begin).count(), 1, "{begin}");
    }
}

#[test]
fn every_line_of_a_table_has_the_cells_of_its_head() {
    for page in [checks_markdown(), owasp_matrix(), codes_markdown()] {
        let mut cells = 0;
        for line in page.lines() {
            let here = line.replace("\\|", "").matches('|').count();
            assert!(cells == 0 || here == 0 || here == cells, "{line}");
            cells = here;
        }
    }
}
