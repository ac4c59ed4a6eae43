//! Tests of a refusal: calls that are sent to see that they are refused.
//!
//! What shows it stands behind the call, and looks alike in all languages: a test insists on 401 or
//! 403. To handle them, `if (answer.status === 403) …`, is not to insist.

use super::model::{Call, Client};

/// What refusals are called.
const NUMBERS: [&str; 2] = ["401", "403"];
const NAMES: [&str; 2] = ["forbidden", "unauthorized"];

/// What is no success, beside the word `ok`.
const NOT_OK: [&str; 5] = ["!", "false", "False", "Falsy", "not "];

/// What insists that a promise fails, on its own line.
const FAILS: [&str; 3] = [".rejects.", "assert.rejects(", "assertRaises("];

/// What stands in a statement that insists on something.
const INSISTS: [&str; 9] = [
    "assert",
    "expect",
    "should",
    "to.have",
    "!=",
    "-ne ",
    "rejects",
    "raises",
    "validateStatus",
];

/// Whether a call is meant to be refused, or nobody minds if it is. `before` is the text of its line
/// before it, `after` all that follows up to the next call.
pub fn is_meant(call: &Call, before: &str, after: &str) -> bool {
    match call.client {
        Client::Curl | Client::Wget | Client::Awscurl => in_shell(before, after),
        _ => {
            let rest = after.lines().next().unwrap_or_default();
            let is_to_fail = |word: &str| before.contains(word) || rest.contains(word);
            FAILS.iter().any(|word| is_to_fail(word)) || insists(&format!("{before} {after}"))
        }
    }
}

/// Whether a test insists on a refusal.
pub fn insists(text: &str) -> bool {
    let mut names = NUMBERS.iter().chain(&NAMES);
    names.any(|name| is_insisted_on(text, name, |_| true))
        || is_insisted_on(text, "ok", |statement| {
            NOT_OK.iter().any(|word| statement.contains(word))
        })
}

/// A command that ends a script, or says that it failed.
fn gives_up(command: &str) -> bool {
    let mut words = command.split_whitespace().filter(|word| *word != "then");
    let word = words.next().unwrap_or_default();
    command.ends_with("exit 1")
        || command.ends_with("return 1")
        || ["fail", "die", "false"].contains(&word)
}

/// A script has no other use for these numbers.
fn in_shell(before: &str, after: &str) -> bool {
    let line = after.lines().next().unwrap_or_default();
    let is_ignored = ["|| true", "|| :"].iter().any(|end| line.contains(end));
    let before = before.trim();
    let is_negated = before == "!";
    // `if curl …; then echo "open to all"; exit 1; fi`.
    let is_alarm = before == "if" && {
        let ends = |line: &&str| {
            !["else", "elif", "fi"]
                .iter()
                .any(|end| line.starts_with(end))
        };
        let mut branch = after.split(['\n', ';']).map(str::trim).take_while(ends);
        branch.any(gives_up)
    };
    // `curl … && exit 1`.
    let success = line.split("||").next().unwrap_or_default().trim_start();
    let is_alarm = is_alarm
        || success
            .strip_prefix("&&")
            .is_some_and(|then| then.split([';', '{', '}']).map(str::trim).any(gives_up));
    let is_compared = NUMBERS
        .iter()
        .any(|number| places(after, number).next().is_some())
        || ["-ge 400", "-gt 399"]
            .iter()
            .any(|test| after.contains(test));
    is_ignored || is_negated || is_alarm || is_compared
}

fn is_insisted_on(text: &str, name: &str, says: impl Fn(&str) -> bool) -> bool {
    places(text, name).any(|at| {
        let statement = statement(text, at);
        INSISTS.iter().any(|word| statement.contains(word)) && says(statement)
    })
}

/// Where it stands as a word, in small letters or in capitals.
fn places<'t>(text: &'t str, name: &'t str) -> impl Iterator<Item = usize> + 't {
    let is_part = |byte: Option<&u8>| {
        byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || b"/-.".contains(byte))
    };
    // `HTTPStatus.FORBIDDEN`, `codes.forbidden`.
    let is_name = name.starts_with(|char: char| char.is_ascii_alphabetic());
    let bytes = text.as_bytes();
    let windows = bytes.windows(name.len()).enumerate();
    windows.filter_map(move |(at, word)| {
        let before = at.checked_sub(1).and_then(|at| bytes.get(at));
        let is_free = !is_part(before) || is_name && before == Some(&b'.');
        let is_free = is_free && !is_part(bytes.get(at + name.len()));
        (is_free && word.eq_ignore_ascii_case(name.as_bytes())).then_some(at)
    })
}

/// The line of a place, with those before that it goes on from.
fn statement(text: &str, at: usize) -> &str {
    let (text, at) = around(text, at);
    let mut start = line_start(text, at);
    while let Some(before) = start.checked_sub(1) {
        if !text[..before].trim_end().ends_with(['(', ',', '[']) {
            break;
        }
        start = line_start(text, before);
    }
    let end = text[at..].find('\n').map_or(text.len(), |end| at + end);
    &text[start..end]
}

/// What lies near a place, and the place in it: statements are short, and texts may be long.
fn around(text: &str, at: usize) -> (&str, usize) {
    const NEAR: usize = 400;
    let mut start = at.saturating_sub(NEAR);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    let mut end = text.len().min(at + NEAR);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    (&text[start..end], at - start)
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |end| end + 1)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::shell;
    use super::*;

    fn call(client: Client) -> Call {
        let kind = shell::Kind::of(Path::new("a.sh")).unwrap();
        let mut calls = shell::read(kind, 0, b"curl https://a.test/b");
        let mut call = calls.remove(0);
        call.client = client;
        call
    }

    /// `CALL` stands for the call.
    #[track_caller]
    fn table(client: Client, expected: bool, texts: &[&str]) {
        for text in texts {
            let (before, after) = text.split_once("CALL").unwrap();
            let before = before.rsplit('\n').next().unwrap();
            assert_eq!(is_meant(&call(client), before, after), expected, "{text}");
        }
    }

    #[test]
    fn a_test_insists_on_a_refusal() {
        table(
            Client::Fetch,
            true,
            &[
                "const res = await CALL\nexpect(res.status).toBe(403)",
                "expect((await CALL).status).toBe(401)",
                "const r = await CALL\nassert.equal(\n  r.status,\n  403,\n)",
                "const r = await CALL\nif (r.status !== 403) throw new Error('open')",
                "await assert.rejects(CALL, { status: 403 })",
                "await expect(CALL).rejects.toThrow()",
                "const r = await CALL\nexpect(r.ok).toBe(false)",
                "const r = await CALL\nassert(!r.ok)",
                "pm = CALL; expect(pm.code).to.equal(StatusCodes.FORBIDDEN)",
            ],
        );
        table(
            Client::Requests,
            true,
            &[
                "r = CALL\nassert r.status_code == 403",
                "r = CALL\nassert r.status_code in (401, 403)",
                "assert CALL.status_code == requests.codes.forbidden",
                "r = CALL\nself.assertEqual(403, r.status_code)",
                "r = CALL\nif r.status_code != 403:\n    sys.exit('open')",
                "r = CALL\nassert not r.ok",
                "self.assertRaises(HTTPError, lambda: CALL.raise_for_status())",
            ],
        );
        table(
            Client::Curl,
            true,
            &[
                "code=$(CALL)\n[ \"$code\" = 403 ] || exit 1",
                "test \"$(CALL)\" -eq 403",
                "CALL | grep -q 403",
                "code=$(CALL)\ncase $code in\n  401|403) ;;\n  *) exit 1 ;;\nesac",
                "  CALL || true",
                "! CALL",
                "if CALL; then echo open; exit 1; fi",
                "if CALL; then\n  echo open\n  exit 1\nfi",
                "if CALL; then fail 'is open'; fi",
                "CALL && exit 1",
                "CALL && { echo open; exit 1; }",
                "code=$(CALL)\n[ \"$code\" -ge 400 ]",
            ],
        );
    }

    #[test]
    fn to_handle_a_refusal_is_not_to_insist_on_it() {
        table(
            Client::Fetch,
            false,
            &[
                "const res = await CALL\nif (res.status === 403) showLogin()",
                "const res = await CALL\nexpect(res.status).toBe(200)",
                "const res = await CALL\nexpect(res.ok).toBe(true)",
                "const res = await CALL\nif (!res.ok) throw new Error('failed')",
                "// should work\nconst res = await CALL\nif (res.status === 401) logout()",
                "const res = await CALL\nassert.equal(res.status, 200) // not /errors/403",
                "const res = await CALL",
            ],
        );
        table(
            Client::Curl,
            false,
            &[
                "CALL",
                "if ! CALL; then exit 1; fi",
                "if CALL; then exit 0; fi",
                "CALL && echo up || exit 1",
                "CALL && deploy",
                "if CALL; then echo up; else\n exit 1; fi",
                "code=$(CALL)\n[ \"$code\" = 200 ]",
            ],
        );
    }

    #[test]
    fn any_text_is_taken() {
        table(Client::Curl, false, &["é CALL é", "CALL"]);
        table(Client::Fetch, false, &["é CALL é403é", "(\n(\nCALL\n(\n"]);
        let long = ["é 403,\n", "é 403 "].map(|text| text.repeat(100_000));
        assert!(long.iter().all(|text| !insists(text)));
    }
}
