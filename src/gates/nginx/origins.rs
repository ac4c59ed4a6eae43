//! The browser origins that a configuration speaks of, so that a probe can come from one.

use std::collections::{HashMap, HashSet};

use bstr::{BStr, BString, ByteSlice};

use super::directives::Key;
use super::model::*;
use super::sample;

/// An origin that no configuration names.
pub const STRANGER: &str = "https://app.example";

/// How the names of the headers of CORS begin (Fetch §3.3.3).
const CORS: &[u8] = b"Access-Control-Allow-";

/// The origins, and where each of them is spoken of.
pub struct Origins {
    /// In the order in which they stand in the configuration; a stranger last.
    all: Vec<String>,
    /// By the server in which they stand; `None` for what all servers share.
    places: HashMap<Option<usize>, Vec<usize>>,
    /// The levels that set any Access-Control-Allow header themselves.
    speakers: HashSet<LevelId>,
    /// Their servers; `None` for what all servers share.
    speaking_servers: HashSet<Option<usize>>,
}

impl Origins {
    /// Whether anything that a server answers may have a header of CORS.
    pub fn speaks_of_cors(&self, server: Option<usize>) -> bool {
        let servers = &self.speaking_servers;
        servers.contains(&server) || servers.contains(&None)
    }

    /// Whether a level sets a header of CORS itself.
    pub fn is_set_at(&self, level: LevelId) -> bool {
        self.speakers.contains(&level)
    }

    /// Every origin that the configuration compares `$http_origin` with or allows by name; a
    /// stranger last.
    pub fn all(&self) -> &[String] {
        &self.all
    }

    /// Those that can matter to a request which a server takes, for it never leaves that server:
    /// the server's own, then what all servers share, then a stranger.
    pub fn of_server(&self, server: Option<usize>) -> impl Iterator<Item = &String> {
        let of = |place| self.places.get(&place).into_iter().flatten();
        let own = of(server).filter(move |_| server.is_some());
        own.chain(of(None))
            .map(|at| &self.all[*at])
            .chain(self.all.last())
    }
}

pub fn origins(config: &Config) -> Origins {
    let mut found = Found::default();
    let mut maps: Vec<&Map> = config
        .maps
        .values()
        .filter(|map| map.source.raw == "$http_origin")
        .collect();
    maps.sort_by_key(|map| map.span);
    for map in maps {
        let mut keys: Vec<&BString> = map.exact.keys().collect();
        keys.sort();
        keys.into_iter().for_each(|key| found.add(None, key));
        map.regex
            .iter()
            .filter_map(|(regex, _)| sample::text(regex))
            .for_each(|text| found.add(None, &text));
    }
    for (id, level) in (0..).map(LevelId).zip(&config.levels) {
        let server = config.server_index(id);
        tests(&level.codes, &mut |test| match test {
            Test::Equal { left, right, .. } if left.raw == "$http_origin" => {
                found.add(server, &right.raw);
            }
            Test::Matches { left, regex, .. } if left.raw == "$http_origin" => {
                if let Some(text) = sample::text(regex) {
                    found.add(server, &text);
                }
            }
            _ => {}
        });
        if speaks_of_cors(level) {
            found.speakers.insert(id);
            found.speaking_servers.insert(server);
        }
        for header in level.own(Key::AddHeader) {
            if header.args[0]
                .raw
                .eq_ignore_ascii_case(b"Access-Control-Allow-Origin")
            {
                found.add(server, header.args[1].raw.trim());
            }
        }
    }
    let mut all = found.all;
    all.push(STRANGER.into());
    Origins {
        all,
        places: found.places,
        speakers: found.speakers,
        speaking_servers: found.speaking_servers,
    }
}

#[derive(Default)]
struct Found {
    all: Vec<String>,
    numbers: HashMap<String, usize>,
    places: HashMap<Option<usize>, Vec<usize>>,
    seen: HashSet<(Option<usize>, usize)>,
    speakers: HashSet<LevelId>,
    speaking_servers: HashSet<Option<usize>>,
}

impl Found {
    fn add(&mut self, server: Option<usize>, text: &[u8]) {
        let text = BStr::new(text).to_string();
        let is_origin = text
            .strip_prefix("https://")
            .or_else(|| text.strip_prefix("http://"))
            .is_some_and(|host| !host.is_empty() && !host.contains(['/', ' ', ',', '$', '*']));
        if !is_origin {
            return;
        }
        let number = *self.numbers.entry(text).or_insert_with_key(|text| {
            self.all.push(text.clone());
            self.all.len() - 1
        });
        if self.seen.insert((server, number)) {
            self.places.entry(server).or_default().push(number);
        }
    }
}

fn speaks_of_cors(level: &Level) -> bool {
    let added = level.own(Key::AddHeader).iter();
    let more = level.own(Key::MoreHeaders).iter();
    added.chain(more).any(|setting| {
        setting.args.iter().any(|arg| {
            let start = arg.raw.get(..CORS.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(CORS))
        })
    })
}

fn tests(codes: &[Code], visit: &mut dyn FnMut(&Test)) {
    for code in codes {
        if let Op::If { test, codes, .. } = &code.op {
            visit(test);
            tests(codes, visit);
        }
    }
}
