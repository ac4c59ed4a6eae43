//! What is no configuration, or more of one than anybody writes.

use crate::harness::*;

#[test]
fn files_that_are_no_configurations() {
    every_way(folder("").path())
        .exits(2)
        .says("nothing to analyse");
    let noise: Vec<u8> = (0..100_000u32)
        .map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    every_way(folder(&noise).path()).exits(2);
    every_way(folder("a".repeat(1 << 20)).path())
        .exits(2)
        .is_shorter_than(5_000);
    let utf16: Vec<u8> = server("deny all;")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    every_way(folder([&b"\xff\xfe"[..], &utf16].concat()).path()).exits(2);
    every_way(folder(server("location /\0 { deny all; } # \0")).path());
}

#[test]
fn files_of_a_hundred_megabytes_are_refused_with_a_reason() {
    let line = b"add_header X-A 1234567890;\n";
    for byte in [&line[..], b"a", b"\0\x01\xfe"] {
        let huge = folder(byte.repeat(100_000_000 / byte.len()));
        let ran = why403(huge.path(), &["check", "nginx.conf"]);
        ran.exits(2)
            .says("larger than 64 MB")
            .is_shorter_than(1_000);
    }
}

#[test]
fn line_ends_and_marks_of_other_systems() {
    let config = server("location / { deny all; }");
    let ran = explained(folder(config.replace('\n', "\r\n")).path());
    ran.exits(1).says("answers 403");
    let marked = [&b"\xef\xbb\xbf"[..], config.as_bytes()].concat();
    every_way(folder(marked).path())
        .exits(2)
        .says("byte order mark");
}

#[test]
fn a_very_long_line() {
    let config = server(&format!(
        "add_header X {}; location / {{ deny all; }}",
        "b".repeat(2_000_000)
    ));
    let long = folder(config);
    every_way(long.path()).exits(2).is_shorter_than(5_000);
    explained(long.path())
        .says("answers 403")
        .is_shorter_than(5_000);
}

#[test]
fn blocks_in_blocks() {
    for unit in ["location /a {", "if ($a) {", "{", "server {", "map $a $b {"] {
        let deep = [unit.repeat(50_000), "}".repeat(50_000)].concat();
        let ran = every_way(folder(server(&deep)).path());
        ran.is_shorter_than(200_000);
    }
    every_way(folder("{".repeat(50_000)).path()).exits(2);
    every_way(folder("}".repeat(50_000)).path()).exits(2);
    let nested: String = (1..=400)
        .map(|depth| format!("location {} {{\n", "/a".repeat(depth)))
        .collect();
    let deny = [&nested, "deny all;", &"}".repeat(400)].concat();
    explained(folder(server(&deny)).path())
        .exits(2)
        .says("nested over 64 deep");
}

#[test]
fn many_of_everything() {
    let many =
        |count: usize, one: &dyn Fn(usize) -> String| (0..count).map(one).collect::<String>();
    let servers = many(2_000, &|at| {
        format!(
            "server {{ listen 80; server_name s{at}.test; location / {{ proxy_pass http://127.0.0.1; }} }}\n"
        )
    });
    every_way(folder(http(&servers, "")).path()).exits(0);
    let names = many(50_000, &|at| format!(" h{at}.test"));
    every_way(folder(server(&format!("server_name{names};"))).path());
    let patterns = many(1_000, &|at| {
        format!("location ~ ^/p{at}/(.*)$ {{ deny all; }}\n")
    });
    every_way(folder(server(&patterns)).path()).exits(0);
    let entries = many(100_000, &|at| format!("k{at} v{at};\n"));
    let map = format!("map $http_x $y {{ default 0;\n{entries} }}");
    let asks = "location / { if ($y = v7) { return 403; } }";
    every_way(folder(http(&map, asks)).path()).exits(0);
    let unsure = many(300, &|at| {
        format!("if ($unknown{at}) {{ return 403; }} if (-f /x{at}) {{ return 401; }}\n")
    });
    every_way(folder(server(&format!("location / {{ {unsure} }}"))).path());
}

#[test]
fn templates_without_an_end() {
    let marks = [
        "{{#if a}}",
        "{% if x %}",
        "<%",
        "${",
        "{{",
        "{% raw %}",
        "<%= a %>",
        "@A@",
    ];
    for mark in marks {
        let config = [
            &mark.repeat(5_000),
            &server("location {{ x }} { deny {{ y }}; }")[..],
            mark,
        ]
        .concat();
        every_way(folder(config).path()).is_shorter_than(20_000);
    }
}
