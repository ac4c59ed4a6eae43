//! JavaScript and manifests that mean harm.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::harness::*;

/// An application whose file is this, and begins with the usual lines.
fn app(rest: &str) -> TempDir {
    holding(&[("app.js", &format!("{START}{rest}\napp.listen(80);\n"))])
}

const START: &str = "const express = require('express'); const app = express();\n";

fn holding(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn every_way_and_printed(folder: &Path) -> Ran {
    why403(folder, &["manifest"]);
    every_way(folder)
}

#[test]
fn scripts_that_are_none() {
    for text in ["", "\0\0\0", "express(", "\u{feff}", "const express = `"] {
        every_way_and_printed(holding(&[("app.js", text)]).path()).exits(2);
    }
    let marked = format!("\u{feff}{START}app.get('/a', (q, s) => s.end());\r\napp.listen(80);\r\n");
    every_way_and_printed(holding(&[("app.js", &marked)]).path()).exits(0);
}

#[test]
fn programs_without_an_end() {
    let endless = [
        "while (true) app.get('/a' + Math.random(), (q, s) => s.end());",
        "for (let i = 0; ; i++) app.use('/a' + i, express.Router());",
        "for (let i = 0; i < 1e9; i++) app.get('/a' + i, (q, s) => s.end());",
        "function f(a) { app.use(a); f(a); f(a); } f((q, s, n) => n());",
        "const f = (g) => g(g); f(f);",
        "app.use('/a', app); const r = express.Router(); r.use(r); app.use(r);",
        "let a = ['x']; for (const b of a) { a.push(b + b); app.get('/' + b, () => {}); }",
        "let s = '/x'; for (let i = 0; i < 100; i++) s += s; app.get(s, () => {});",
        "const o = {}; o.o = o; app.use(require('cors')(o)); app.use({ ...o, ...o });",
        "let a = []; for (let i = 0; i < 60; i++) a = [a, a]; app.use(a, (q, s, n) => n());",
        "class A extends A { constructor() { super(); new A(); } } new A();",
        "const p = new Proxy({}, {}); p.p = p; app.use(p); label: while (1) { continue label; }",
    ];
    for program in endless {
        every_way_and_printed(app(program).path()).is_shorter_than(200_000);
    }
}

#[test]
fn what_nests_deep() {
    for (open, close) in [
        ("(", ")"),
        ("[", "]"),
        ("{a:", "}"),
        ("f(", ")"),
        ("`${", "}`"),
    ] {
        let deep = format!("app.use({}1{});", open.repeat(20_000), close.repeat(20_000));
        every_way_and_printed(app(&deep).path()).is_shorter_than(20_000);
    }
    for unit in [
        "if (a) ",
        "a => ",
        "!",
        "a ? b : ",
        "a.",
        "{",
        "function f() {",
    ] {
        let deep = unit.repeat(20_000);
        every_way_and_printed(app(&deep).path()).is_shorter_than(20_000);
    }
    let chain = format!("app{};", ".use((q, s, n) => n())".repeat(5_000));
    every_way_and_printed(app(&chain).path()).is_shorter_than(20_000);
    let mounts: String = (0..300)
        .map(|at| {
            format!(
                "const r{at} = express.Router(); r{at}.use('/a', r{});\n",
                at + 1
            )
        })
        .collect();
    every_way_and_printed(app(&format!("{mounts}app.use(r0);")).path());
}

#[test]
fn imports_that_go_round_or_out() {
    let round = holding(&[
        (
            "app.js",
            "module.exports = require('./b'); require('express')().listen(80);",
        ),
        ("b.js", "module.exports = require('./app'); require('./b');"),
    ]);
    every_way_and_printed(round.path());
    let outside = tempfile::tempdir().unwrap();
    fs::write(
        outside.path().join("secret.js"),
        "module.exports = '/hush-hush';",
    )
    .unwrap();
    let name = outside.path().display();
    let curious = app(&format!(
        "app.get(require('{name}/secret.js'), () => {{}}); require('../../../../etc/passwd');\n\
         require('fs').readdirSync('/etc').forEach(f => app.use('/' + f, require('/etc/' + f)));"
    ));
    let ran = every_way_and_printed(curious.path());
    assert!(!ran.stdout.contains("hush-hush"), "{}", ran.start());
    let manifest = why403(curious.path(), &["manifest"]);
    assert!(!manifest.stdout.contains("hush-hush") && !manifest.stdout.contains("passwd"));
}

#[test]
fn text_from_a_script_is_shown_and_not_obeyed() {
    let evil = "\\x1b[31m\\x1b]0;t\\x07\\u009b2J\\r\\n::error::x\\u202e";
    let raw = "\x1b[31m\u{9b}2J\u{202e}";
    let folder = app(&format!(
        "app.use(require('cors')({{ origin: 'https://a.test/{evil}' }}));\n\
         app.use('/{evil}', require('express-basic-auth')({{}})); // {raw} ##[group]\n\
         app.get('/{raw}/(', (q, s) => s.end());\n::error::x\n"
    ));
    every_way_and_printed(folder.path());
    let manifest = format!(
        "kind: manifest\nschema: express/v1\nstack:\n  - use: cors\n    at: \"/{evil}\"\n  - {raw}: 1\n"
    );
    let folder = holding(&[("express.yaml", &manifest)]);
    every_way(folder.path());
}

#[test]
fn manifests_that_are_bombs() {
    let bomb: String = (1..40)
        .map(|at| format!("a{at}: &a{at} [*a{0}, *a{0}]\n", at - 1))
        .collect();
    let bomb = format!("# express/v1 manifest\na0: &a0 [x]\n{bomb}stack: *a39\n");
    let deep = format!("# express/v1 manifest\nstack: {}", "[".repeat(50_000));
    let own = "# express/v1 manifest\nstack: &a [*a]\n".to_owned();
    for text in [bomb, deep, own] {
        every_way(holding(&[("express.yaml", &text)]).path()).is_shorter_than(20_000);
        every_way(
            holding(&[(
                "gateway.config.yml",
                &format!("{text}\napiEndpoints: 1\npipelines: 2\n"),
            )])
            .path(),
        )
        .is_shorter_than(20_000);
    }
    let many: String = (0..20_000)
        .map(|at| format!("  - route: /p{at}\n    methods: [GET]\n    chain: [handler]\n"))
        .collect();
    every_way(
        holding(&[(
            "express.yaml",
            &format!("# express/v1 manifest\nstack:\n{many}"),
        )])
        .path(),
    );
}

#[test]
fn a_manifest_that_cannot_be_read_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = fs::File::create(folder.path().join("middleware.json")).unwrap();
    file.set_len(100_000_000).unwrap();
    every_way(folder.path())
        .exits(2)
        .says("middleware.json: it is larger than 64 MB");
}
