//! Keys of a listener.

/// Of a listener: `tls` has one certificate.
pub(super) fn of_tls(tls: &str) -> Vec<(&'static str, String, String)> {
    let with = |more: &str| tls.replace("tls: {", &format!("tls: {{ {more},"));
    let more = with("certificates: [{ certificate: keys.json, key: \"${env:SECRET}\" }]");
    let acme = with("acme: { names: [a.example], terms_agreed: true }");
    let hsts = with("hsts: { max_age: 1y, include_subdomains: true }");
    let clear = |more: &str| format!("listen: {{ address: 127.0.0.1:9, {more} }}");
    let mut cases = Vec::new();
    let mut add = |path, old: &str, new: String| cases.push((path, old.to_owned(), new));
    add("listen.tls.certificates", tls, more.clone());
    add(
        "listen.tls.certificates.certificate",
        &more,
        more.replace("[{ certificate: keys.json", "[{ certificate: orders.yaml"),
    );
    add("listen.tls.certificates.key", tls, more.clone());
    add("listen.tls.min_version", tls, with("min_version: 1.3"));
    add("listen.tls.hsts", tls, with("hsts: 1y"));
    add("listen.tls.hsts.max_age", tls, with("hsts: { max_age: 1y }"));
    add("listen.tls.hsts.include_subdomains", tls, hsts.clone());
    add("listen.tls.hsts.preload", &hsts, hsts.replace("true }", "true, preload: true }"));
    add("listen.tls.acme", tls, acme.clone());
    add("listen.tls.acme.names", &acme, acme.replace("a.example", "b.example"));
    for (path, written) in [
        ("listen.tls.acme.contact", "contact: [\"mailto:a@a.example\"]"),
        ("listen.tls.acme.directory", "directory: https://acme.example/dir"),
        ("listen.tls.acme.ca", "ca: keys.json"),
        ("listen.tls.acme.challenge", "challenge: http-01"),
    ] {
        add(path, &acme, acme.replace("names:", &format!("{written}, names:")));
    }
    add(
        "listen.tls.acme.terms_agreed",
        &acme.replace("terms_agreed: true", "terms_agreed: false"),
        acme.clone(),
    );
    add("listen.http", &clear("http: serve"), clear("http: redirect"));
    add("listen.https_port", &clear("http: redirect"), clear("http: redirect, https_port: 8443"));
    cases
}
