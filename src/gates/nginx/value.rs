//! Parameters with variables in them, as ngx_http_script_compile reads them.

use bstr::{BStr, BString, ByteSlice};

use crate::request::Reason;
use crate::source::Span;
use crate::syntax::nginx::Token;

/// One parameter of a directive.
#[derive(Clone, Debug)]
pub struct Value {
    /// The parameter without quotes and escapes.
    pub raw: BString,
    pub span: Span,
    /// `None` for a parameter without variables.
    parts: Option<Box<[Part]>>,
    /// A template language will write it, so its text is not what nginx reads.
    pub template: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    Literal(BString),
    /// `$name`, lower-cased: nginx compares variable names without case.
    Variable(BString),
    /// `$1` … `$9`.
    Capture(usize),
}

impl Value {
    pub fn read(token: Token<'_>) -> Value {
        let raw: BString = token.value().into_owned().into();
        Value {
            parts: compile(&raw),
            template: token.is_template(),
            span: token.span(),
            raw,
        }
    }

    /// The same place with another text: what is left of a parameter that also holds syntax.
    pub fn with_raw(&self, raw: BString) -> Value {
        Value {
            parts: compile(&raw),
            raw,
            span: self.span,
            template: self.template,
        }
    }

    /// A value that stands nowhere in the configuration: one of nginx's defaults.
    pub fn builtin(text: &str) -> Value {
        Value {
            raw: text.into(),
            span: Span::new(0, 0),
            parts: compile(text.as_bytes()),
            template: false,
        }
    }

    /// Its text, if no variable and no template has a say in it.
    pub fn literal(&self) -> Option<&BStr> {
        (self.parts.is_none() && !self.template).then(|| self.raw.as_bstr())
    }

    pub fn parts(&self) -> Option<&[Part]> {
        self.parts.as_deref()
    }

    pub fn has_variables(&self) -> bool {
        self.parts.is_some()
    }

    /// The variables that it names.
    pub fn variables(&self) -> impl Iterator<Item = &BStr> {
        self.parts
            .iter()
            .flat_map(|parts| parts.iter())
            .filter_map(|part| match part {
                Part::Variable(name) => Some(name.as_bstr()),
                _ => None,
            })
    }

    /// Whether it is one variable and nothing else.
    pub fn sole_variable(&self) -> Option<&BStr> {
        match self.parts.as_deref() {
            Some([Part::Variable(name)]) => Some(name.as_bstr()),
            _ => None,
        }
    }

    pub fn unknown(&self) -> Reason {
        Reason::new(format!("{} is filled in by a template", self.raw))
    }
}

/// `None` if there is no variable in it. A `$` that starts no name stays as it is: nginx refuses
/// such a parameter, or takes it literally where the directive knows no variables.
fn compile(raw: &[u8]) -> Option<Box<[Part]>> {
    raw.find_byte(b'$')?;
    let mut parts = Vec::new();
    let mut literal = BString::default();
    let mut rest = raw;
    while let Some((&byte, tail)) = rest.split_first() {
        let Some((part, after)) = (byte == b'$').then(|| variable(tail)).flatten() else {
            literal.push(byte);
            rest = tail;
            continue;
        };
        if !literal.is_empty() {
            parts.push(Part::Literal(std::mem::take(&mut literal)));
        }
        parts.push(part);
        rest = after;
    }
    if !parts.iter().any(|part| !matches!(part, Part::Literal(_))) {
        return None;
    }
    if !literal.is_empty() {
        parts.push(Part::Literal(literal));
    }
    Some(parts.into())
}

/// What stands after a `$`, and the rest.
fn variable(tail: &[u8]) -> Option<(Part, &[u8])> {
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    if let [digit @ b'1'..=b'9', rest @ ..] = tail {
        return Some((Part::Capture((digit - b'0') as usize), rest));
    }
    if let Some(braced) = tail.strip_prefix(b"{") {
        let length = braced.iter().take_while(|byte| is_name(byte)).count();
        let rest = braced[length..].strip_prefix(b"}")?;
        return (length > 0).then(|| (name(&braced[..length]), rest));
    }
    let length = tail.iter().take_while(|byte| is_name(byte)).count();
    (length > 0).then(|| (name(&tail[..length]), &tail[length..]))
}

fn name(text: &[u8]) -> Part {
    Part::Variable(text.to_ascii_lowercase().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Option<Vec<Part>> {
        compile(text.as_bytes()).map(|parts| parts.into())
    }

    #[test]
    fn variables_captures_and_text() {
        use Part::*;
        assert_eq!(parts("plain"), None);
        assert_eq!(
            parts("a$1b${Host}c$uri"),
            Some(vec![
                Literal("a".into()),
                Capture(1),
                Literal("b".into()),
                Variable("host".into()),
                Literal("c".into()),
                Variable("uri".into()),
            ])
        );
        assert_eq!(parts("$12"), Some(vec![Capture(1), Literal("2".into())]));
        assert_eq!(parts("cost: 5$"), None);
    }
}
