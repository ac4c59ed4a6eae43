//! The real nginx and ours, on texts that chance made.
//!
//! In `types { … }` nginx takes any directive without a block, and warns of an extension that it
//! has seen before. So a text that stands there twice makes nginx print the tokens it has read.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use why403::syntax::nginx::{Directive, Tree};

use crate::outline::{line_of, tree};
use crate::random::Random;

/// What nginx said of a file.
#[derive(Debug, PartialEq, Eq)]
struct Verdict {
    /// The tokens that it warned of, as it showed them.
    warnings: Vec<String>,
    /// Why it refused the file, and the line on which it did.
    refusal: Option<String>,
}

#[test]
fn token_soups_are_read_as_nginx_reads_them() {
    let tally = compare(
        1,
        1100,
        |random| {
            let mut soup: Vec<u8> = (0..=random.below(14)).flat_map(|_| piece(random)).collect();
            soup.extend(random.pick(&["", ";", " ;", "\n;"]).bytes());
            let twice = [&soup[..], b"\n", &soup[..]].concat();
            [b"events {}\nhttp {\ntypes {\n", &twice[..], b"\n}\n}\n"].concat()
        },
        expect_exactly,
    );
    assert!(tally.tokens > 500, "{tally:?}");
}

#[test]
fn long_tokens_are_refused_where_nginx_refuses_them() {
    compare(
        2,
        250,
        |random| {
            let long = "x".repeat(4086 + random.below(14));
            let before = "# before\n".repeat(random.below(1000));
            let open = random.pick(&["", "", "\"", "'", "#", "$"]);
            let close = random.pick(&["", "", "\"", "'", "\n"]);
            let after = random.pick(&[";", " ;", "\n", " y;", " \n;", "", "{", " {", "}", "z"]);
            format!(
                "events {{}}\nhttp {{\ntypes {{\n{before} a {open}{long}{close}{after}\n}}\n}}\n"
            )
            .into_bytes()
        },
        expect_exactly,
    );
}

#[test]
fn damaged_blocks_are_refused_where_nginx_refuses_them() {
    compare(
        3,
        450,
        |random| {
            let mut text = b"events {}\nhttp {\nserver {\n".to_vec();
            let mut depth = 2;
            for _ in 0..3 + random.below(8) {
                let (line, deeper) = random.pick(&LINES);
                if depth > 2 || deeper >= 0 {
                    text.extend(line.bytes());
                    depth += deeper;
                }
            }
            text.extend("}\n".repeat(depth as usize).bytes());
            for _ in 0..random.below(3) {
                let at = 10 + random.below(text.len() - 10);
                if random.below(2) == 0 {
                    text.remove(at);
                } else {
                    text.insert(at, random.pick(b"{};\"'\\#$\n "));
                }
            }
            text
        },
        expect_no_earlier_error,
    );
}

const LINES: [(&str, i32); 9] = [
    ("location ~ x {\n", 1),
    ("location ~ \"y{2}\" {", 1),
    ("if ($uri = \"z\") {\n", 1),
    ("}\n", -1),
    ("}", -1),
    ("add_header X \"y z\";\n", 0),
    ("set $a b}c;\n", 0),
    ("# } \" {\n", 0),
    ("return 200 '{ it\\'s }';\n", 0),
];

fn piece(random: &mut Random) -> Vec<u8> {
    const PIECES: [&str; 34] = [
        "a", "b", "c1", "text/x", "\"a b\"", "'c;d'", "\"", "'", "\\", "\\\"", "\\'", "\\n", "\\t",
        "\\r", "\\\\", "\\x", "#", "# e\n", "$", "${", "${f}", "$g", "{", "}", ")", "(", "=",
        "\r\n", "\"h\"", "''", "\"\\\"\"", "\"$\"", "\"${\"", "i",
    ];
    match random.below(12) {
        0..4 => vec![b' '],
        4 => b";".to_vec(),
        5 => b" l; j k ".to_vec(),
        6 => vec![random.pick(b"\t\n\r \x01\x7f\x80\xff~^*|+,.:?!&[]-`<@%")],
        _ => random.pick(&PIECES).as_bytes().to_vec(),
    }
}

/// What a comparison has seen, so that one which sees nothing cannot pass.
#[derive(Debug, Default)]
struct Tally {
    accepted: usize,
    refused: usize,
    tokens: usize,
    templates: usize,
}

/// Compares `count` texts, half of them in each of two threads.
fn compare(
    seed: u64,
    count: u64,
    make: impl Fn(&mut Random) -> Vec<u8> + Sync,
    check: impl Fn(&Tree, &Verdict) + Sync,
) -> Tally {
    let run = |half: u64| {
        let nginx = Nginx::new();
        let mut tally = Tally::default();
        for number in (half..count).step_by(2) {
            let text = make(&mut Random::new(seed * 1_000_000 + number));
            let tree = tree(&text);
            if tree.is_template {
                tally.templates += 1;
                continue;
            }
            let verdict = nginx.verdict(&text);
            check(&tree, &verdict);
            tally.tokens += verdict.warnings.len();
            match verdict.refusal {
                Some(_) => tally.refused += 1,
                None => tally.accepted += 1,
            }
        }
        tally
    };
    let (one, other) = std::thread::scope(|scope| {
        let one = scope.spawn(|| run(0));
        let other = run(1);
        (one.join().expect("half of the texts agree"), other)
    });
    let tally = Tally {
        accepted: one.accepted + other.accepted,
        refused: one.refused + other.refused,
        tokens: one.tokens + other.tokens,
        templates: one.templates + other.templates,
    };
    assert!(tally.templates < count as usize / 20, "{tally:?}");
    assert!(tally.accepted > count as usize / 10, "{tally:?}");
    assert!(tally.refused > count as usize / 10, "{tally:?}");
    tally
}

fn expect_exactly(tree: &Tree, verdict: &Verdict) {
    let ours = prediction(tree);
    let text = String::from_utf8_lossy(tree.text());
    assert!(
        &ours == verdict,
        "ours {ours:?}\nnginx {verdict:?}\n{text:?}"
    );
}

/// nginx knows what directives mean, we do not: it may stop earlier than at our first error. But
/// we must have every error that its lexer has, and no error before it stops.
fn expect_no_earlier_error(tree: &Tree, verdict: &Verdict) {
    let ours = first_error(tree);
    let text = String::from_utf8_lossy(tree.text());
    let line = |refusal: &str| -> usize {
        let number = refusal.rsplit(':').next().unwrap_or_default();
        number.parse().expect("a refusal ends with its line")
    };
    match &verdict.refusal {
        None => assert_eq!(ours, None, "nginx accepts\n{text}"),
        Some(theirs) if theirs.starts_with("unexpected ") && !theirs.contains("in condition") => {
            assert_eq!(ours.as_deref(), Some(theirs.as_str()), "{text}");
        }
        Some(theirs) => {
            let unterminated = |ours: &str| ours.contains("is not terminated");
            if let Some(ours) = ours.filter(|ours| !unterminated(ours)) {
                assert!(line(&ours) >= line(theirs), "{ours}, {theirs}\n{text}");
            }
        }
    }
}

/// What nginx should say of a file by our tree of it.
fn prediction(tree: &Tree) -> Verdict {
    let base = tree.span().start;
    let mut seen: HashMap<Vec<u8>, Vec<u8>> = HashMap::new();
    let mut warnings = Vec::new();
    // Where nginx has got to when it stops; it reads a quote as far as its partner, we may not.
    let error = tree.errors.first().map(|error| {
        let quote = error
            .opened
            .filter(|opened| b"\"'".contains(&tree.text()[(opened.start - base) as usize]));
        (quote.unwrap_or(error.span).start, first_error(tree))
    });
    for (directive, in_types) in statements(tree) {
        let last = directive
            .args()
            .last()
            .map_or(directive.name_span(), |token| token.span());
        let stop = match directive.is_block() {
            true => stop_after(tree, last.end),
            // What a brace or the end of the file cut off was not carried out.
            false if directive.span().end == last.end => break,
            false => directive.span().end - 1,
        };
        if error.as_ref().is_some_and(|(at, _)| *at < stop) {
            break;
        }
        let line = line_of(tree.text(), (stop - base) as usize);
        let name = directive.name();
        if !in_types {
            let refusal = format!("unknown directive \"{}\":{line}", shown(&name));
            return Verdict {
                warnings,
                refusal: Some(refusal),
            };
        }
        if directive.is_block() {
            return Verdict {
                warnings,
                refusal: Some(format!("unexpected \"{{\":{line}")),
            };
        }
        for token in directive.args() {
            let extension = token.value().to_ascii_lowercase();
            if let Some(previous) = seen.insert(extension.clone(), name.to_vec()) {
                warnings.push(format!(
                    "\"{}\", content type: \"{}\", previous content type: \"{}\":{line}",
                    shown(&extension),
                    shown(&name),
                    shown(&previous),
                ));
            }
        }
    }
    Verdict {
        warnings,
        refusal: error.and_then(|(_, error)| error),
    }
}

/// The directives that chance made, in their order, and whether they stand right in the first
/// `types` block.
fn statements(tree: &Tree) -> Vec<(Directive<'_>, bool)> {
    let mut statements = Vec::new();
    for (number, top) in tree.directives().enumerate() {
        match number {
            0 => {}
            1 => {
                for (number, inner) in top.children().enumerate() {
                    match number {
                        0 => statements.extend(inner.children().map(|each| (each, true))),
                        _ => statements.push((inner, false)),
                    }
                }
            }
            _ => statements.push((top, false)),
        }
    }
    statements
}

/// Where the brace after a block's head is; comments may stand before it.
fn stop_after(tree: &Tree, head: u32) -> u32 {
    let text = tree.text();
    let mut at = (head - tree.span().start) as usize;
    let mut in_comment = false;
    while in_comment || text[at] != b'{' {
        in_comment = text[at] == b'#' || in_comment && text[at] != b'\n';
        at += 1;
    }
    tree.span().start + at as u32
}

fn first_error(tree: &Tree) -> Option<String> {
    let error = tree.errors.first()?;
    let at = (error.span.start - tree.span().start) as usize;
    Some(format!("{}:{}", error.message, line_of(tree.text(), at)))
}

/// Bytes as our messages show them, to compare what nginx prints as it is.
fn shown(bytes: &[u8]) -> String {
    let mut shown = String::new();
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c.is_control() {
                true => shown.extend(c.escape_default()),
                false => shown.push(c),
            }
        }
        shown.extend(chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}")));
    }
    shown
}

struct Nginx {
    _dir: tempfile::TempDir,
    prefix: PathBuf,
    config: PathBuf,
}

impl Nginx {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let prefix = dir.path().to_owned();
        fs::create_dir(prefix.join("logs")).expect("a directory for logs");
        Nginx {
            config: prefix.join("nginx.conf"),
            prefix,
            _dir: dir,
        }
    }

    fn verdict(&self, text: &[u8]) -> Verdict {
        fs::write(&self.config, text).expect("a configuration");
        let pid = format!("pid {}/nginx.pid;", self.prefix.display());
        let output = Command::new("nginx")
            .args(["-t", "-e", "stderr", "-g", &pid, "-p"])
            .arg(&self.prefix)
            .arg("-c")
            .arg(&self.config)
            .stdin(Stdio::null())
            .output()
            .expect("nginx runs; install it (`apt-get install nginx`, `brew install nginx`)");
        // What nginx says while it reads ends with the place.
        let place = format!(" in {}:", self.config.display());
        let said = output.stderr;
        let messages = Messages {
            rest: &said,
            place: place.as_bytes(),
        };
        let mut verdict = Verdict {
            warnings: Vec::new(),
            refusal: None,
        };
        for message in messages {
            if let Some(warning) = message.strip_prefix("[warn] duplicate extension ") {
                verdict.warnings.push(warning.to_owned());
            } else if let Some(refusal) = message.strip_prefix("[emerg] ") {
                verdict.refusal = Some(refusal.to_owned());
            }
        }
        // What it finds at the end of `http`, such as an unknown variable, has none.
        if verdict.refusal.is_none() && !output.status.success() {
            verdict.refusal = Some("not for its syntax:0".to_owned());
        }
        verdict
    }
}

/// The messages in the output of nginx, as `[level] text:line`.
struct Messages<'a> {
    rest: &'a [u8],
    place: &'a [u8],
}

impl Iterator for Messages<'_> {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        let end = find(self.rest, self.place)?;
        let (message, after) = self.rest.split_at(end);
        let after = &after[self.place.len()..];
        let digits = after
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        self.rest = &after[digits..];
        let level = find(message, b"[warn]").or_else(|| find(message, b"[emerg]"))?;
        let message = &message[level..];
        let (level, message) = message.split_at(find(message, b" ")?);
        let text = &message[find(message, b": ")? + 2..];
        let line = String::from_utf8_lossy(&after[..digits]);
        Some(format!(
            "{} {}:{line}",
            String::from_utf8_lossy(level),
            shown(text)
        ))
    }
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len())
        .position(|window| window == wanted)
}
