//! The table a person reads, and the same as JSON.

use crate::Row;

/// One line a request: what it was, what was expected, what happened.
pub(crate) fn print(rows: &[Row]) {
    let width = rows.iter().map(|row| row.case.about.len()).max().unwrap_or(0);
    println!("{:<8} {:<width$} {:>6}  why", "label", "request", "status");
    for row in rows {
        let label = if row.case.honest { "honest" } else { "hostile" };
        let why = if row.code.is_empty() { "let through" } else { row.code.as_str() };
        let fault =
            if row.as_labelled { String::new() } else { format!("   << expected {}", row.case.expected()) };
        println!("{label:<8} {:<width$} {:>6}  {why}{fault}", row.case.about, row.status);
    }
    let right = rows.iter().filter(|row| row.as_labelled).count();
    println!("\n{right} of {} requests went as they are labelled", rows.len());
}

pub(crate) fn json(rows: &[Row]) -> serde_json::Value {
    let rows: Vec<_> = rows
        .iter()
        .map(|row| {
            serde_json::json!({
                "request": row.case.about,
                "honest": row.case.honest,
                "expected": row.case.expected(),
                "status": row.status,
                "code": row.code,
                "request_id": row.request_id,
                "as_labelled": row.as_labelled,
            })
        })
        .collect();
    serde_json::json!({ "version": 1, "rows": rows })
}
