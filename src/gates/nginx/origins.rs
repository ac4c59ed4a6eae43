//! The browser origins that a configuration speaks of, so that a probe can come from one.

use bstr::{BString, ByteSlice};

use super::directives::Key;
use super::model::*;
use super::sample;

/// An origin that no configuration names.
pub const STRANGER: &str = "https://app.example";

/// Every origin that the configuration compares `$http_origin` with or allows by name; a stranger
/// last.
pub fn origins(config: &Config) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut add = |text: BString| {
        let text = text.to_string();
        let is_origin = text
            .strip_prefix("https://")
            .or_else(|| text.strip_prefix("http://"))
            .is_some_and(|host| !host.is_empty() && !host.contains(['/', ' ', ',', '$', '*']));
        if is_origin && !found.contains(&text) {
            found.push(text);
        }
    };
    let mut maps: Vec<&Map> = config
        .maps
        .values()
        .filter(|map| map.source.raw == "$http_origin")
        .collect();
    maps.sort_by_key(|map| map.span);
    for map in maps {
        let mut keys: Vec<&BString> = map.exact.keys().collect();
        keys.sort();
        keys.into_iter().for_each(|key| add(key.clone()));
        map.regex
            .iter()
            .filter_map(|(regex, _)| sample::text(regex))
            .for_each(&mut add);
    }
    for level in &config.levels {
        tests(&level.codes, &mut |test| match test {
            Test::Equal { left, right, .. } if left.raw == "$http_origin" => add(right.raw.clone()),
            Test::Matches { left, regex, .. } if left.raw == "$http_origin" => {
                sample::text(regex).into_iter().for_each(&mut add);
            }
            _ => {}
        });
        for header in level.own(Key::AddHeader) {
            if header.args[0]
                .raw
                .eq_ignore_ascii_case(b"Access-Control-Allow-Origin")
            {
                add(header.args[1].raw.trim().into());
            }
        }
    }
    found.push(STRANGER.into());
    found
}

fn tests(codes: &[Code], visit: &mut dyn FnMut(&Test)) {
    for code in codes {
        if let Op::If { test, codes, .. } = &code.op {
            visit(test);
            tests(codes, visit);
        }
    }
}
