//! Texts with wildcards and variables, and what they fit.

use super::context::{Context, Value};
use super::truth::Truth;

/// One character of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token {
    Char(char),
    /// `?`
    One,
    /// `*`
    Many,
}

/// A pattern after its variables were replaced.
pub enum Resolved {
    Tokens(Vec<Token>),
    /// A variable has no value, and no default. The documentation says that this might make the
    /// whole statement invalid; that nothing fits it is certain
    /// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>).
    Invalid(String),
    Unknown(String),
}

/// What has a meaning in a text.
#[derive(Clone, Copy)]
pub struct Reading<'c> {
    /// `None` where `${…}` is text as any other.
    pub variables: Option<&'c Context>,
    pub wildcards: bool,
}

impl Reading<'_> {
    pub fn resolve(self, text: &str) -> Resolved {
        let mut tokens = Vec::with_capacity(text.len());
        let mut rest = text;
        while let Some(char) = rest.chars().next() {
            if let Some((context, inner)) = self.variables.zip(variable(rest)) {
                match value(context, inner) {
                    Ok(value) => tokens.extend(value.chars().map(Token::Char)),
                    Err(unresolved) => return unresolved,
                }
                rest = &rest[inner.len() + "${}".len()..];
                continue;
            }
            tokens.push(match char {
                '*' if self.wildcards => Token::Many,
                '?' if self.wildcards => Token::One,
                _ => Token::Char(char),
            });
            rest = &rest[char.len_utf8()..];
        }
        Resolved::Tokens(tokens)
    }
}

/// What stands between the braces, when a text begins with a variable.
fn variable(text: &str) -> Option<&str> {
    text.strip_prefix("${")?
        .split_once('}')
        .map(|(inner, _)| inner)
}

/// The value of a variable: `aws:username`, `aws:username, 'nobody'`, or a character that would
/// mean something else (`*`, `?`, `$`).
fn value(context: &Context, inner: &str) -> Result<String, Resolved> {
    if matches!(inner, "*" | "?" | "$") {
        return Ok(inner.to_owned());
    }
    let (key, default) = match inner.split_once(',') {
        None => (inner, None),
        Some((key, default)) => {
            let default = default.trim().strip_prefix('\'');
            let default = default.and_then(|default| default.strip_suffix('\''));
            (key, default)
        }
    };
    let key = key.trim();
    match (context.get(key), default) {
        (Value::One(value), _) => Ok(value.clone()),
        (Value::Absent, Some(default)) => Ok(default.to_owned()),
        (Value::Absent, None) => Err(Resolved::Invalid(format!(
            "`${{{key}}}` has no value in this request"
        ))),
        // A key with several values cannot be a variable
        // (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html>).
        (Value::Many(_), _) => Err(Resolved::Invalid(format!(
            "`{key}` may have several values, and cannot be a variable"
        ))),
        (Value::Unknown(reason) | Value::Hidden(reason), _) => {
            Err(Resolved::Unknown(format!("`{key}` is not known: {reason}")))
        }
    }
}

/// Whether a text fits, with wildcards that stand for anything.
pub fn fits(tokens: &[Token], text: &str) -> bool {
    matches(tokens, text, |_| true)
}

/// Whether the ARN of a resource fits.
///
/// A `*` at the end of a segment may reach beyond its colon
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html>);
/// of wildcards elsewhere the page says only that they stand within a segment.
pub fn fits_resource(tokens: &[Token], arn: &str) -> Truth {
    let at_end = |at: usize| {
        tokens.get(at) == Some(&Token::Many)
            && matches!(
                tokens.get(at + 1),
                None | Some(Token::Char(':') | Token::Many)
            )
    };
    if !fits(tokens, arn) {
        Truth::No
    } else if matches(tokens, arn, at_end) {
        Truth::Yes(())
    } else {
        Truth::unknown(
            "it fits only when a wildcard amid a segment reaches over a colon, of which the documentation says nothing",
            None,
        )
    }
}

/// Whether an ARN fits that is compared by an Arn operator: each of its six segments by itself
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN>).
pub fn fits_arn(tokens: &[Token], arn: &str) -> Truth {
    let segments: Vec<&[Token]> = tokens
        .splitn(6, |token| *token == Token::Char(':'))
        .collect();
    if segments.len() < 6 {
        return Truth::unknown("the pattern is no whole ARN of six segments", None);
    }
    let texts: Vec<&str> = arn.splitn(6, ':').collect();
    let same = texts.len() == segments.len();
    (same
        && segments
            .iter()
            .zip(texts)
            .all(|(tokens, text)| fits(tokens, text)))
    .into()
}

/// `crosses` says whether the wildcard at a place may stand for a colon.
///
/// All ways to match are followed at once, so no pattern costs more than its length times that of
/// the text.
fn matches(tokens: &[Token], text: &str, crosses: impl Fn(usize) -> bool) -> bool {
    let mut reached = Vec::new();
    let mut next = vec![0];
    for char in text.chars() {
        skip(tokens, &next, &mut reached);
        next.clear();
        for at in &reached {
            let may_be = char != ':' || crosses(*at);
            match tokens.get(*at) {
                Some(Token::Char(own)) if *own == char => push(&mut next, at + 1),
                Some(Token::One) if may_be => push(&mut next, at + 1),
                Some(Token::Many) if may_be => push(&mut next, *at),
                _ => {}
            }
        }
        if next.is_empty() {
            return false;
        }
    }
    skip(tokens, &next, &mut reached);
    reached.last() == Some(&tokens.len())
}

/// A `*` may also stand for nothing: what is reached then, too.
fn skip(tokens: &[Token], places: &[usize], reached: &mut Vec<usize>) {
    reached.clear();
    for place in places {
        let mut at = *place;
        // What is behind the last one was walked over from an earlier place.
        if reached.last().is_some_and(|last| *last >= at) {
            continue;
        }
        reached.push(at);
        while tokens.get(at) == Some(&Token::Many) {
            at += 1;
            reached.push(at);
        }
    }
}

/// Places come in ascending order, and one may come twice.
fn push(places: &mut Vec<usize>, place: usize) {
    if places.last() != Some(&place) {
        places.push(place);
    }
}
