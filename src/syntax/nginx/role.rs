//! What a template mark does, read from what stands inside of it.

use bstr::ByteSlice;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Construct {
    /// Of a language in which every end looks the same.
    Any,
    If,
    Unless,
    For,
    Case,
}

impl Construct {
    pub(super) const COUNT: usize = 5;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Text will stand in its place.
    Value,
    /// Leaves nothing behind: an assignment, a comment.
    Nothing,
    /// What follows may be left out, or repeated.
    Open(Construct),
    /// What follows stands there instead of what came before.
    Else,
    Close(Construct),
}

/// `{{ … }}`: a Go action, a Handlebars helper, or the value of any language.
pub(super) fn of_curly(content: &[u8]) -> Role {
    let content = content.trim_with(|c| c == '-' || c == '~' || c.is_ascii_whitespace());
    let (word, rest) = first_word(content);
    let has_subject = !rest.is_empty();
    match content.first() {
        Some(b'!') => return Role::Nothing,
        Some(b'/') if content.starts_with(b"/*") => return Role::Nothing,
        Some(b'#') => return Role::Open(Construct::Any),
        Some(b'^') if content.len() == 1 => return Role::Else,
        Some(b'^') => return Role::Open(Construct::Any),
        Some(b'/') => return Role::Close(Construct::Any),
        Some(b'$') if is_assignment(content) => return Role::Nothing,
        _ => {}
    }
    match word {
        // Without a subject it is a variable of that name: `allow {{ range }};`.
        b"if" | b"with" | b"range" | b"define" | b"block" if has_subject => {
            Role::Open(Construct::Any)
        }
        b"else" => Role::Else,
        b"end" if !has_subject => Role::Close(Construct::Any),
        b"break" | b"continue" if !has_subject => Role::Nothing,
        _ => Role::Value,
    }
}

/// `{% … %}`: Jinja, Liquid, Twig, Tornado.
pub(super) fn of_percent(content: &[u8]) -> Role {
    let content =
        content.trim_with(|c| c == '-' || c == '+' || c == '~' || c.is_ascii_whitespace());
    match first_word(content).0 {
        b"if" => Role::Open(Construct::If),
        b"unless" => Role::Open(Construct::Unless),
        b"for" => Role::Open(Construct::For),
        b"case" => Role::Open(Construct::Case),
        b"else" | b"elif" | b"elsif" | b"elseif" | b"when" => Role::Else,
        b"endif" => Role::Close(Construct::If),
        b"endunless" => Role::Close(Construct::Unless),
        b"endfor" => Role::Close(Construct::For),
        b"endcase" => Role::Close(Construct::Case),
        b"end" => Role::Close(Construct::Any),
        _ => Role::Nothing,
    }
}

/// `<% … %>`: Ruby with `end`, or Puppet and JavaScript with braces.
pub(super) fn of_angle(content: &[u8]) -> Role {
    match content.first() {
        Some(b'=') => return Role::Value,
        Some(b'#' | b'%') => return Role::Nothing,
        _ => {}
    }
    let code = content.trim_with(|c| c == '-' || c == '_' || c.is_ascii_whitespace());
    let mut open = 0i32;
    let mut first_opened = Construct::Any;
    let mut is_other_branch = false;
    for (number, statement) in code.split(|byte| matches!(byte, b'\n' | b';')).enumerate() {
        let statement = statement.trim();
        let (word, _) = first_word(statement.trim_start_with(|c| c == '}' || c == ' '));
        is_other_branch |= number == 0
            && matches!(
                word,
                b"else" | b"elsif" | b"elseif" | b"when" | b"in" | b"rescue"
            );
        if word == b"case" && open == 0 {
            first_opened = Construct::Case;
        }
        open += opened_by(statement);
    }
    match open {
        0 if is_other_branch => Role::Else,
        0 => Role::Nothing,
        1.. => Role::Open(first_opened),
        _ => Role::Close(Construct::Any),
    }
}

/// How many constructs a line of code opens, less those that it closes.
fn opened_by(statement: &[u8]) -> i32 {
    let (word, _) = first_word(statement);
    let without_parameters = match statement.strip_suffix(b"|") {
        Some(rest) => rest
            .rfind_byte(b'|')
            .map_or(rest, |bar| &rest[..bar])
            .trim_end(),
        None => statement,
    };
    let last = without_parameters
        .rsplit(|byte| !byte.is_ascii_alphanumeric())
        .next();
    let opens = matches!(
        word,
        b"if" | b"unless" | b"case" | b"while" | b"until" | b"for" | b"begin" | b"def"
    );
    let braced = without_parameters.ends_with(b"{");
    // A comment of the code is none of it.
    if statement.starts_with(b"#") {
        return 0;
    }
    // `if $x { … }` of a language with braces closes what it opens.
    let up = braced || last == Some(b"do") || (opens && !statement.ends_with(b"}"));
    let down = statement.starts_with(b"}") || word == b"end" || last == Some(b"end");
    i32::from(up) - i32::from(down)
}

fn first_word(text: &[u8]) -> (&[u8], &[u8]) {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.');
    let end = text
        .iter()
        .position(|byte| !is_part(byte))
        .unwrap_or(text.len());
    (&text[..end], text[end..].trim_start())
}

/// `$name := value` or `$name = value`.
fn is_assignment(content: &[u8]) -> bool {
    let (_, rest) = first_word(&content[1..]);
    rest.starts_with(b":=")
        || (rest.starts_with(b"=") && !rest.starts_with(b"=="))
        || rest.starts_with(b", $")
}
