//! Lines of a configuration as they may be shown: what they write out as a credential is masked,
//! byte for byte, so that columns stay true.

use std::ops::Range;

use bstr::ByteSlice;

use super::{REDACTED, is_secret, is_token};

const MASK: u8 = b'*';

/// Directives whose first argument is the name of a header, or a parameter that becomes one.
const SETTERS: [&str; 7] = [
    "proxy_set_header",
    "grpc_set_header",
    "fastcgi_param",
    "uwsgi_param",
    "scgi_param",
    "add_header",
    "add_trailer",
];

/// Directives that take headers as `Name: value`.
const MORE_SETTERS: [&str; 2] = ["more_set_headers", "more_set_input_headers"];

/// What a text says, masked; the text before it tells which directive it belongs to.
pub fn masked(before: &[u8], text: &[u8]) -> Vec<u8> {
    let mut all = [before, text].concat();
    for secret in secrets(&all) {
        all[secret].fill(MASK);
    }
    all.split_off(before.len())
}

/// The same for a whole line.
pub fn masked_line(line: &str) -> String {
    String::from_utf8_lossy(&masked(b"", line.as_bytes())).into_owned()
}

enum State {
    Outside,
    /// The next word is the name of a header.
    Name,
    /// Among arguments that are headers.
    Headers,
}

fn secrets(text: &[u8]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut state = State::Outside;
    let mut at = 0;
    while let Some(word) = next_word(text, &mut at, &mut state) {
        let plain = text[word.clone()].to_str_lossy().into_owned();
        let plain = plain.trim_start_matches('#');
        match state {
            _ if SETTERS.contains(&plain) => state = State::Name,
            _ if MORE_SETTERS.contains(&plain) => state = State::Headers,
            State::Name => {
                state = State::Outside;
                if names_secret(plain) {
                    at = mask_value(text, word.end, None, &mut found);
                }
            }
            State::Headers if plain.strip_suffix(':').is_some_and(names_secret) => {
                let quote = quote_before(text, &word);
                at = mask_value(text, word.end, quote, &mut found);
            }
            _ if is_scheme_in_quotes(text, &word) => {
                let rest = &text[word.end..];
                let blanks = rest.len() - rest.trim_start_with(|char| char == ' ').len();
                let token = &rest[blanks..];
                let length = token.iter().take_while(|byte| is_token68(**byte)).count();
                if length >= 8 && token[..length].iter().any(u8::is_ascii_digit) {
                    let start = word.end + blanks;
                    found.push(start..start + length);
                    at = start + length;
                }
            }
            _ => {}
        }
    }
    found
}

/// The next word, without quotes; a statement that ends on the way is left.
fn next_word(text: &[u8], at: &mut usize, state: &mut State) -> Option<Range<usize>> {
    let ends = |byte: &u8| matches!(byte, b';' | b'{' | b'}');
    let parts = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'');
    while let Some(byte) = text.get(*at).filter(|byte| ends(byte) || parts(byte)) {
        if ends(byte) {
            *state = State::Outside;
        }
        *at += 1;
    }
    let rest = text.get(*at..)?;
    let length = rest
        .iter()
        .position(|byte| ends(byte) || parts(byte))
        .unwrap_or(rest.len());
    let word = *at..*at + length;
    *at = word.end;
    (length > 0).then_some(word)
}

/// `Authorization`, or `HTTP_AUTHORIZATION` for a program behind FastCGI.
fn names_secret(name: &str) -> bool {
    match name.strip_prefix("HTTP_") {
        Some(name) => is_secret(&name.replace('_', "-")),
        None => is_secret(name),
    }
}

fn quote_before(text: &[u8], word: &Range<usize>) -> Option<u8> {
    let before = text[..word.start].last().copied();
    before.filter(|byte| matches!(byte, b'"' | b'\''))
}

fn is_scheme_in_quotes(text: &[u8], word: &Range<usize>) -> bool {
    let scheme = &text[word.clone()];
    let quoted = quote_before(text, word).is_some();
    quoted && (scheme.eq_ignore_ascii_case(b"bearer") || scheme.eq_ignore_ascii_case(b"basic"))
}

fn is_token68(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte)
}

/// Masks a value but for its scheme, variables and marks of templates; says where it ends.
fn mask_value(
    text: &[u8],
    from: usize,
    mut quote: Option<u8>,
    found: &mut Vec<Range<usize>>,
) -> usize {
    let mut at = from;
    let mut is_first = true;
    while let Some(byte) = text.get(at) {
        match (byte, quote) {
            (b'\n', _) if !is_first => break,
            (b';' | b'{' | b'}', None) if !text[at..].starts_with(b"{{") => break,
            (b'"' | b'\'', None) => quote = Some(*byte),
            (byte, Some(open)) if *byte == open => {
                // `add_header` has more arguments, and they are no secrets.
                at += 1;
                break;
            }
            (byte, _) if byte.is_ascii_whitespace() => {}
            _ => {
                let end = at + length_of_word(&text[at..]);
                let word = &text[at..end];
                let more = text[end..].trim_start_with(|char| char == ' ');
                let goes_on = more.len() < text.len() - end
                    && !more.is_empty()
                    && !b"\"';\n".contains(&more[0]);
                let is_scheme = is_first && quote.is_some() && goes_on && word.len() <= 20;
                let is_open = word.starts_with(b"$") || word.starts_with(b"{{");
                let is_shown = is_open || word == REDACTED.as_bytes();
                let is_scheme = is_scheme && is_token(word);
                if !is_shown && !is_scheme {
                    found.push(at..end);
                }
                is_first = false;
                at = end;
                if quote.is_none() {
                    break;
                }
                continue;
            }
        }
        at += 1;
    }
    at
}

/// To the next blank, quote or `;`, or to where a variable begins or ends.
fn length_of_word(text: &[u8]) -> usize {
    if text.starts_with(b"{{") {
        return text.find(b"}}").map_or(text.len(), |end| end + 2);
    }
    if text.starts_with(b"${") {
        return text.find_byte(b'}').map_or(text.len(), |end| end + 1);
    }
    let of_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    if let Some(name) = text.strip_prefix(b"$") {
        return 1 + name.iter().take_while(|byte| of_name(byte)).count();
    }
    let stops = |byte: u8| byte.is_ascii_whitespace() || b"\"';$".contains(&byte);
    let end = text.iter().position(|byte| stops(*byte));
    let end = end.unwrap_or(text.len());
    text[..end].find(b"{{").unwrap_or(end).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_out_is_masked_and_nothing_moves() {
        for (line, shown) in [
            (
                r#"proxy_set_header Authorization "Bearer eyJhbGci.eyJzdWIi.sig";"#,
                r#"proxy_set_header Authorization "Bearer *********************";"#,
            ),
            (
                "  # proxy_set_header Authorization 'Basic c2VjcmV0'; # staff",
                "  # proxy_set_header Authorization 'Basic ********'; # staff",
            ),
            (
                "fastcgi_param HTTP_X_API_KEY k3y; fastcgi_param SCRIPT_NAME /a;",
                "fastcgi_param HTTP_X_API_KEY ***; fastcgi_param SCRIPT_NAME /a;",
            ),
            (
                r#"more_set_input_headers -t a "X-A: b" "Authorization: Bearer abc";"#,
                r#"more_set_input_headers -t a "X-A: b" "Authorization: Bearer ***";"#,
            ),
            (
                r#"set $token "Bearer eyJ0eXAi1234";"#,
                r#"set $token "Bearer ************";"#,
            ),
            (
                "add_header Set-Cookie \"a=1; Path=/\" always;",
                "add_header Set-Cookie \"**** ******\" always;",
            ),
        ] {
            let masked = masked_line(line);
            assert_eq!(masked, shown);
        }
    }

    #[test]
    fn what_is_no_secret_stays() {
        for line in [
            r#"proxy_set_header Authorization $http_authorization;"#,
            r#"proxy_set_header Authorization "Bearer $token";"#,
            r#"proxy_set_header Authorization "Bearer {{ token }}";"#,
            r#"proxy_set_header Authorization "";"#,
            r#"proxy_set_header Authorization "Bearer <redacted>";"#,
            r#"add_header Access-Control-Allow-Headers Authorization always;"#,
            r#"auth_basic "Basic authentication";"#,
            r#"proxy_set_header Host shop.test;"#,
        ] {
            assert_eq!(masked_line(line), line);
        }
    }

    #[test]
    fn the_line_before_tells_the_directive() {
        let masked = masked(b"proxy_set_header Authorization\n", b"  'Bearer abc';");
        assert_eq!(masked.as_bstr(), "  'Bearer ***';");
    }

    #[test]
    fn any_text_keeps_its_length() {
        const PARTS: [&[u8]; 16] = [
            b"proxy_set_header ",
            b"more_set_headers ",
            b"Authorization",
            b": ",
            b"\"",
            b"'",
            b";",
            b"{{",
            b"}",
            b"$",
            b"${",
            b"Bearer ",
            b"a1b2c3d4e5",
            b"\n",
            b"\xff\xc3",
            b" ",
        ];
        let mut number = 403u32;
        for _ in 0..20_000 {
            let mut text = Vec::new();
            for _ in 0..10 {
                number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                text.extend_from_slice(PARTS[(number >> 28) as usize]);
            }
            let (before, rest) = text.split_at(text.len() / 3);
            assert_eq!(masked(before, rest).len(), rest.len());
        }
    }
}
