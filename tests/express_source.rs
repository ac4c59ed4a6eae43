//! A whole project on disk: from its files to its application.

use std::path::Path;

use why403::estate::scripts::applications;
use why403::gates::express::model::Major;
use why403::gates::express::read::source::outline;
use why403::source::{Root, SourceMap};

#[test]
fn a_project_is_read_from_where_it_is_started() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/shopfront");
    let root = Root::around(&[folder]).unwrap();
    let files = root.walk(Path::new("")).files;
    let mut sources = SourceMap::default();
    let found = applications(&root, &files, &mut sources, false);
    assert_eq!(found.problems, []);
    let [app] = found.apps.as_slice() else {
        panic!("{:#?}", found.apps);
    };
    assert_eq!(
        (app.name.as_str(), app.version),
        ("src/app.ts", Major::Five)
    );
    let listens: Vec<_> = app
        .listens
        .iter()
        .map(|one| (one.port, one.host.as_deref()))
        .collect();
    assert_eq!(listens, [(Some(4000), Some("0.0.0.0"))]);
    assert_eq!(
        outline(app),
        "use / express-rate-limit.rateLimit when process.env.NODE_ENV === 'production'\n\
         use / cors\n\
         router /orders\n  \
           use / ./src/auth.ts#requireToken [wants token Exact: 401]\n  \
           GET /open handler [answers]\n  \
           GET /done handler [answers]\n  \
           DELETE /:id handler [answers]\n"
    );
    let last = app.stack.last().unwrap();
    assert_eq!(sources.first_line(last.span), "app.use('/orders', orders)");
    assert_eq!(sources.position(last.span).line, 13);
}

#[test]
fn who_names_the_entry_means_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| std::fs::write(folder.path().join(path), text).unwrap();
    write("index.js", "require('./app').listen(3000);\n");
    write(
        "app.js",
        "const app = require('express')();\nmodule.exports = app;\n\
         app.get('/a', (req, res) => res.end());\n",
    );
    let estate = why403::estate::Estate::read(
        &[why403::estate::Input::Path(folder.path().join("index.js"))],
        &[],
    );
    let estate = estate.unwrap();
    // Beside it nothing is read that it does not import.
    let apps: Vec<_> = estate.express.iter().map(|app| app.app()).collect();
    assert_eq!(estate.problems, []);
    assert!(
        matches!(apps.as_slice(), [app] if app.name.ends_with("app.js")
        && app.listens[0].port == Some(3000))
    );
}
