//! path-to-regexp 8: `:name`, `*name`, `{…}`, and nothing else of a regular expression.

use super::Options;

/// How many ways the optional groups of one path may combine (path-to-regexp, `combinations`).
const MAX_COMBINATIONS: usize = 256;

#[derive(Clone, Debug)]
enum Token {
    Text(String),
    Param(String),
    Wildcard(String),
    Group(Vec<Token>),
}

/// The regular expression of a path, or the message with which Express refuses to start.
pub fn pattern(path: &str, options: Options) -> Result<String, String> {
    // router's `loosen`.
    let path = match options.strict || path == "/" {
        true => path,
        false => path.trim_end_matches('/'),
    };
    let chars: Vec<char> = path.chars().collect();
    let mut parser = Parser {
        chars: &chars,
        index: 0,
    };
    let tokens = parser.tokens(None)?;
    let mut ways = Vec::new();
    flatten(&tokens, &[], Vec::new(), &mut ways)?;
    let sources: Vec<String> = ways
        .iter()
        .map(|way| source(way))
        .collect::<Result<_, _>>()?;
    let mut out = format!("^(?:{})", sources.join("|"));
    if !options.strict {
        out.push_str("(?:/$)?");
    }
    out.push_str(if options.end { "$" } else { "(?=/|$)" });
    Ok(out)
}

struct Parser<'p> {
    chars: &'p [char],
    index: usize,
}

impl Parser<'_> {
    fn tokens(&mut self, end: Option<char>) -> Result<Vec<Token>, String> {
        let mut tokens = Vec::new();
        let mut text = String::new();
        while let Some(&char) = self.chars.get(self.index) {
            self.index += 1;
            if Some(char) == end {
                write_text(&mut text, &mut tokens);
                return Ok(tokens);
            }
            match char {
                '\\' => match self.chars.get(self.index) {
                    Some(escaped) => {
                        text.push(*escaped);
                        self.index += 1;
                    }
                    None => return Err(format!("Unexpected end after \\ at index {}", self.index)),
                },
                ':' | '*' => {
                    let name = self.name()?;
                    write_text(&mut text, &mut tokens);
                    tokens.push(match char {
                        ':' => Token::Param(name),
                        _ => Token::Wildcard(name),
                    });
                }
                '{' => {
                    write_text(&mut text, &mut tokens);
                    tokens.push(Token::Group(self.tokens(Some('}'))?));
                }
                '}' | '(' | ')' | '[' | ']' | '+' | '?' | '!' => {
                    return Err(format!("Unexpected {char} at index {}", self.index - 1));
                }
                _ => text.push(char),
            }
        }
        if let Some(end) = end {
            return Err(format!(
                "Unexpected end at index {}, expected {end}",
                self.index
            ));
        }
        write_text(&mut text, &mut tokens);
        Ok(tokens)
    }

    fn name(&mut self) -> Result<String, String> {
        let mut name = String::new();
        let starts = |char: &char| char.is_alphabetic() || matches!(char, '$' | '_');
        let goes_on = |char: &char| char.is_alphanumeric() || matches!(char, '$' | '_');
        if self.chars.get(self.index).is_some_and(starts) {
            while let Some(char) = self.chars.get(self.index).filter(|char| goes_on(char)) {
                name.push(*char);
                self.index += 1;
            }
        } else if self.chars.get(self.index) == Some(&'"') {
            let rest = &self.chars[self.index + 1..];
            let Some(length) = rest.iter().position(|char| *char == '"') else {
                return Err(format!("Unterminated quote at index {}", self.index));
            };
            name.extend(&rest[..length]);
            self.index += length + 2;
        }
        match name.is_empty() {
            true => Err(format!("Missing parameter name at index {}", self.index)),
            false => Ok(name),
        }
    }
}

fn write_text(text: &mut String, tokens: &mut Vec<Token>) {
    if !text.is_empty() {
        tokens.push(Token::Text(std::mem::take(text)));
    }
}

/// Each way to have or to leave out the optional groups. `after` is what follows the tokens, level
/// by level.
fn flatten(
    tokens: &[Token],
    after: &[&[Token]],
    so_far: Vec<Token>,
    ways: &mut Vec<Vec<Token>>,
) -> Result<(), String> {
    let mut way = so_far;
    for (at, token) in tokens.iter().enumerate() {
        let Token::Group(inner) = token else {
            way.push(token.clone());
            continue;
        };
        let rest = &tokens[at + 1..];
        let mut then = vec![rest];
        then.extend(after);
        flatten(inner, &then, way.clone(), ways)?;
        // And without it.
        return flatten(rest, after, way, ways);
    }
    match after.split_first() {
        Some((next, after)) => flatten(next, after, way, ways),
        None if ways.len() >= MAX_COMBINATIONS => Err("Too many path combinations".into()),
        None => {
            ways.push(way);
            Ok(())
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Capture {
    Param,
    Wildcard,
}

fn source(tokens: &[Token]) -> Result<String, String> {
    let mut out = String::new();
    let mut backtrack = String::new();
    let mut wildcard_backtrack = String::new();
    let mut previous = None;
    // What was captured since the last slash.
    let (mut has_param, mut has_wildcard) = (false, false);
    for (at, token) in tokens.iter().enumerate() {
        let after = &tokens[at + 1..];
        let name = match token {
            Token::Text(text) => {
                out.push_str(&escape(text));
                backtrack.push_str(text);
                if previous == Some(Capture::Wildcard) {
                    wildcard_backtrack.push_str(text);
                }
                if text.contains('/') {
                    (has_param, has_wildcard) = (false, false);
                }
                continue;
            }
            Token::Param(name) | Token::Wildcard(name) => name,
            Token::Group(_) => continue,
        };
        if previous.is_some() && backtrack.is_empty() {
            return Err(format!("Missing text before \"{name}\""));
        }
        if let Token::Param(_) = token {
            out.push_str(&match () {
                _ if has_wildcard => format!("({}+)", negate("/", &backtrack)),
                _ if wildcard_follows(after) => format!("({}+)", negate("/", &text_of(after))),
                _ if has_param => {
                    format!("({}+|{})", negate("/", &backtrack), escape(&backtrack))
                }
                _ => format!("({}+)", negate("/", "")),
            });
            has_param = true;
            previous = Some(Capture::Param);
        } else {
            out.push_str(&match () {
                _ if has_wildcard => format!("({}+)", negate(&backtrack, "")),
                _ if !wildcard_backtrack.is_empty() => format!(
                    "({}+|{}+)",
                    negate(&wildcard_backtrack, ""),
                    negate("/", "")
                ),
                _ => "([^]+)".to_owned(),
            });
            wildcard_backtrack.clear();
            has_wildcard = true;
            previous = Some(Capture::Wildcard);
        }
        backtrack.clear();
    }
    Ok(out)
}

fn wildcard_follows(tokens: &[Token]) -> bool {
    for token in tokens {
        match token {
            Token::Wildcard(_) => return true,
            Token::Text(text) if text.contains('/') => return false,
            _ => {}
        }
    }
    false
}

/// The text that follows at once.
fn text_of(tokens: &[Token]) -> String {
    let texts = tokens.iter().map_while(|token| match token {
        Token::Text(text) => Some(text.as_str()),
        _ => None,
    });
    texts.collect()
}

/// One character that starts neither of the two.
fn negate(a: &str, b: &str) -> String {
    let (a, b) = if b.chars().count() > a.chars().count() {
        (b, a)
    } else {
        (a, b)
    };
    let b = if a == b { "" } else { b };
    match (a.chars().count(), b.chars().count()) {
        (_, 2..) => format!("(?:(?!{}|{})[^])", escape(a), escape(b)),
        // An empty class is written `[^]`, as JavaScript has it.
        (2.., 0) => format!("(?:(?!{})[^])", escape(a)),
        (2.., _) => format!("(?:(?!{})[^{}])", escape(a), escape(b)),
        _ => format!("[^{}]", escape(&format!("{a}{b}"))),
    }
}

fn escape(text: &str) -> String {
    let mut out = String::new();
    for char in text.chars() {
        if ".+*?^${}()[]|\\".contains(char) {
            out.push('\\');
        }
        out.push(char);
    }
    out
}
