//! Comments in JSON, as many a program allows them.

/// The text with a blank in place of each byte of a comment, so that every other byte keeps its
/// place.
pub fn without_comments(text: &[u8]) -> Vec<u8> {
    let mut out = text.to_vec();
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let length = match rest {
            [b'"', ..] => {
                at += string(rest);
                continue;
            }
            [b'/', b'/', ..] => line(rest),
            [b'/', b'*', ..] => block(rest),
            _ => {
                at += 1;
                continue;
            }
        };
        for byte in &mut out[at..at + length] {
            if !matches!(byte, b'\n' | b'\r') {
                *byte = b' ';
            }
        }
        at += length;
    }
    out
}

/// How long a string is, with its quotes. One that is not closed ends with its line.
fn string(text: &[u8]) -> usize {
    let mut at = 1;
    while let Some(byte) = text.get(at) {
        match byte {
            b'\\' => at += 2,
            b'"' => return at + 1,
            b'\n' => return at,
            _ => at += 1,
        }
    }
    text.len()
}

fn line(text: &[u8]) -> usize {
    let end = text.iter().position(|byte| *byte == b'\n');
    end.unwrap_or(text.len())
}

fn block(text: &[u8]) -> usize {
    let end = text
        .windows(2)
        .enumerate()
        .skip(2)
        .find(|(_, pair)| pair == b"*/");
    end.map_or(text.len(), |(at, _)| at + 2)
}

#[cfg(test)]
mod tests {
    use super::without_comments;

    fn stripped(text: &str) -> String {
        String::from_utf8(without_comments(text.as_bytes())).unwrap()
    }

    #[test]
    fn every_other_byte_keeps_its_place() {
        assert_eq!(stripped("1 // é\n2"), "1      \n2");
        assert_eq!(stripped("1 /* a\n * b */ 2"), "1     \n        2");
    }

    #[test]
    fn a_string_holds_no_comment() {
        let text = r#"{"a": "http://x/*y*/", "b": "\"// z"} // c"#;
        assert_eq!(stripped(text), text.replace("// c", "    "));
    }

    #[test]
    fn what_is_not_closed_ends_with_the_text() {
        assert_eq!(stripped("/*/ 1"), "     ");
        assert_eq!(stripped("\"a\\"), "\"a\\");
        assert_eq!(stripped("/"), "/");
        assert_eq!(stripped("//"), "  ");
    }
}
