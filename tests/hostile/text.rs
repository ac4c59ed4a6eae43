//! What speaks to the terminal or to the build server.

use std::fs;
use std::os::unix::ffi::OsStrExt;

use crate::harness::*;

#[test]
fn text_from_a_configuration_is_shown_and_not_obeyed() {
    let evil = "\x1b[31m\x1b]0;t\x07\u{9b}2J\r::error::x\u{202e}";
    let inside = format!(
        "server_name \"{evil}\";\n# {evil}\n::error::a b;\n  ::set-output name=x::y;\n\
         location /o {{ auth_basic \"{evil}\"; auth_basic_user_file \"{evil}\";\n\
         add_header Access-Control-Allow-Origin \"{evil}\" always;\n\
         add_header Access-Control-Allow-Headers Authorization always;\n\
         proxy_pass http://127.0.0.1; }}\n\
         location \"/{evil}\" {{ deny all; # why403: ignore[{evil}] ##[group]\n}}\n\
         location / {{ set $a \"{evil}\"; return 403 $a; }}"
    );
    let folder = folder(server(&inside));
    every_way(folder.path()).says("<U+001B>");
    explained(folder.path());
    let url = "http://a.test/\u{1b}[31m";
    assert_eq!(why403(folder.path(), &["explain", url]).code, 2);
    let header = format!("X: {}", "\x1b[2J\r\n::error::x");
    why403(folder.path(), &["explain", "http://a.test/", "-H", &header]);
}

#[test]
fn names_of_files_are_shown_and_not_obeyed() {
    let config = server("listen 80 80;\nlocation / { include nowhere.conf; deny all; }\n}");
    let names: [&[u8]; 4] = [
        b"\x1b[31mred",
        b"::error::x",
        b"a\nb\r::set-output name=a::b",
        b"\xff\xfe\x80",
    ];
    for name in names {
        let outer = tempfile::tempdir().unwrap();
        let inner = outer.path().join(std::ffi::OsStr::from_bytes(name));
        fs::create_dir(&inner).unwrap();
        fs::write(inner.join("nginx.conf"), &config).unwrap();
        let mut file = name.to_vec();
        file.extend_from_slice(b".conf");
        fs::write(inner.join(std::ffi::OsStr::from_bytes(&file)), &config).unwrap();
        every_way(outer.path()).exits(2);
        explained(outer.path());
    }
}
