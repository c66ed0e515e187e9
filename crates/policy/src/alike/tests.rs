use super::{alike, form_alike};

#[test]
fn names_of_the_same_letters_are_alike_however_they_are_cased_and_parted() {
    for other in
        ["user_id", "User_Id", "USER_ID", "userId", "UserID", "user-id", "user.id", " user_id", "uſer_id"]
    {
        assert!(alike("user_id", other) && alike(other, "user_id"), "{other}");
    }
    assert!(alike("link", "lin\u{212A}"), "the sign of Kelvin");
    assert!(alike("id", "_id") && alike("id", "\u{130}d"));
    for other in ["user_ids", "user", "users_id", "", "_", "user_ïd"] {
        assert!(!alike("user_id", other) && !alike(other, "user_id"), "{other}");
    }
    assert!(alike("$", "$") && !alike("$", "_"), "what has no letters is itself alone");
}

#[test]
fn a_field_of_a_form_stands_for_every_name_that_frameworks_bind_it_to() {
    for field in ["id", "ID", "id[]", "id[0]", "id.x", "Id[a][b]"] {
        assert!(form_alike(field, "id"), "{field}");
    }
    assert!(form_alike("order.id", "order_id") && form_alike("order[id", "order_id"));
    assert!(!form_alike("idea", "id") && !form_alike("ids", "id"));
    assert!(!form_alike("order[id]", "id"), "it is the order's");
}
