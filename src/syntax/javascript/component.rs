//! Files of other languages in which a script stands: components of Vue and Svelte, pages of HTML.

use bstr::ByteSlice;

use super::Dialect;

/// Whether a file is one, by its name.
pub fn is_component(name: &str) -> bool {
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    matches!(extension, Some("vue" | "svelte" | "html"))
}

/// The scripts of such a file, each byte at its own place and blanks for all that is between.
pub fn script_of(text: &[u8]) -> (Dialect, Vec<u8>) {
    let blank = |byte: &u8| match byte {
        b'\n' | b'\r' => *byte,
        _ => b' ',
    };
    let mut script: Vec<u8> = text.iter().map(blank).collect();
    let mut dialect = Dialect::JavaScript;
    let mut at = 0;
    while let Some(start) = text[at..].find("<script") {
        let start = at + start;
        let Some(open) = text[start..].find_byte(b'>').map(|open| start + open + 1) else {
            break;
        };
        let Some(end) = text[open..].find("</script").map(|end| open + end) else {
            break;
        };
        let head = &text[start..open];
        if head.find("lang=\"ts").is_some() || head.find("lang='ts").is_some() {
            dialect = Dialect::TypeScript;
        }
        // JSON for crawlers, templates.
        let is_script = head.find("type=").is_none()
            || head.find("javascript").is_some()
            || head.find("module").is_some();
        if is_script {
            script[open..end].copy_from_slice(&text[open..end]);
            // What comes before the first line of a script ends here.
            if end < script.len() {
                script[end] = b';';
            }
        }
        at = end;
    }
    (dialect, script)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_keeps_its_place() {
        let text = b"<template>a</template>\n<script setup lang=\"ts\">let a = 1</script>\n";
        let (dialect, script) = script_of(text);
        assert_eq!(dialect, Dialect::TypeScript);
        assert_eq!(script.len(), text.len());
        assert_eq!(script.find("let a = 1"), text.find("let a = 1"));
        assert!(script.find("template").is_none());
    }
}
