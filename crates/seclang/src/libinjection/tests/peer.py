"""Answers with the verdicts of the C library libinjection, as libmodsecurity3 of Debian exports it.

A line in: one value in hexadecimal. A line out: the fingerprint of SQL (in hexadecimal, `-` when it is none) and 0 or 1
for HTML. Exit status 3: the library is not installed.
"""

import ctypes
import sys

try:
    library = ctypes.CDLL("libmodsecurity.so.3")
except OSError:
    sys.exit(3)

fingerprint = ctypes.create_string_buffer(9)
for line in sys.stdin:
    value = bytes.fromhex(line.strip())
    length = ctypes.c_size_t(len(value))
    is_sql = library.libinjection_sqli(value, length, fingerprint)
    sql = fingerprint.value.hex() if is_sql else "-"
    print(sql, 1 if library.libinjection_xss(value, length) else 0)
