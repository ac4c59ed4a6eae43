//! path-to-regexp 0.1: a path is nearly a regular expression already.

use super::Options;

/// The regular expression of a path.
pub fn pattern(path: &str, options: Options) -> String {
    let mut out = String::from("^");
    let mut backtrack = String::new();
    let mut rest = path;
    while !rest.is_empty() {
        rest = step(rest, &mut out, &mut backtrack);
    }
    if !options.strict {
        out.push_str(if out.ends_with('/') { "?" } else { "/?" });
    }
    if options.end {
        out.push('$');
    } else if !out.ends_with('/') {
        out.push_str("(?=/|$)");
    }
    out
}

/// Writes what stands first, and gives what follows it. `backtrack` is what was written since the
/// last parameter: a parameter does not run over it.
fn step<'p>(rest: &'p str, out: &mut String, backtrack: &mut String) -> &'p str {
    if let Some(escaped) = rest.strip_prefix('\\') {
        let length = escaped.chars().next().map_or(0, char::len_utf8);
        out.push_str(&rest[..1 + length]);
        backtrack.push_str(&rest[..1 + length]);
        return &escaped[length..];
    }
    if let Some(parameter) = Parameter::at(rest) {
        if !parameter.slash.is_empty() || parameter.dot {
            backtrack.clear();
        }
        parameter.write(out, backtrack);
        backtrack.clear();
        return &rest[parameter.length..];
    }
    if let Some(rest) = rest.strip_prefix("/(") {
        out.push_str("/(?:");
        backtrack.push('/');
        return rest;
    }
    if let Some(rest) = rest.strip_prefix('.') {
        out.push_str("\\.");
        backtrack.push_str("\\.");
        return rest;
    }
    if let Some(rest) = rest.strip_prefix('*') {
        out.push_str("(.*)");
        backtrack.clear();
        return rest;
    }
    let length = rest.chars().next().map_or(rest.len(), char::len_utf8);
    out.push_str(&rest[..length]);
    backtrack.push_str(&rest[..length]);
    &rest[length..]
}

/// `/.:name(capture)*?`, of which only `:name` must be there.
struct Parameter<'p> {
    slash: &'p str,
    dot: bool,
    capture: Option<&'p str>,
    star: bool,
    optional: bool,
    length: usize,
}

impl<'p> Parameter<'p> {
    fn at(text: &'p str) -> Option<Parameter<'p>> {
        let (slash, rest) = match text.strip_prefix('/') {
            Some(rest) => ("/", rest),
            None => ("", text),
        };
        let (dot, rest) = match rest.strip_prefix('.') {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        let rest = rest.strip_prefix(':')?;
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let name = rest.bytes().take_while(|byte| is_word(*byte)).count();
        if name == 0 {
            return None;
        }
        let rest = &rest[name..];
        // To the first closing parenthesis, as `\(.*?\)` does.
        let capture = rest
            .starts_with('(')
            .then(|| rest.find(')').map(|end| &rest[..=end]))
            .flatten();
        let rest = &rest[capture.map_or(0, str::len)..];
        let (star, rest) = match rest.strip_prefix('*') {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        let (optional, rest) = match rest.strip_prefix('?') {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        Some(Parameter {
            slash,
            dot,
            capture,
            star,
            optional,
            length: text.len() - rest.len(),
        })
    }

    fn write(&self, out: &mut String, backtrack: &str) {
        let dot = if self.dot { "\\." } else { "" };
        out.push_str("(?:");
        out.push_str(dot);
        out.push_str(self.slash);
        match self.capture {
            Some(capture) => out.push_str(&star_in(capture)),
            None if backtrack.is_empty() => out.push_str(&format!("([^/{dot}]+?)")),
            None => out.push_str(&format!("((?:(?!/|{backtrack}).)+?)")),
        }
        if self.star {
            out.push_str(&format!("((?:[/{dot}].+?)?)"));
        }
        out.push(')');
        if self.optional {
            out.push('?');
        }
    }
}

/// A star within a capture stands for anything, unless it is escaped.
fn star_in(capture: &str) -> String {
    let mut out = String::new();
    let mut chars = capture.chars();
    while let Some(char) = chars.next() {
        match char {
            '\\' => {
                out.push(char);
                out.extend(chars.next());
            }
            '*' => out.push_str("(.*)"),
            _ => out.push(char),
        }
    }
    out
}
