//! Which file is the source of an authorizer's function.

use std::collections::BTreeSet;

use crate::estate::{Answers, Authorizing, Estate};

/// Words that stand in the names of most functions and folders.
const COMMON: [&str; 8] = [
    "code", "function", "handler", "index", "lambda", "main", "package", "service",
];

pub struct Sources<'e> {
    files: &'e [Authorizing],
    /// The names of all functions that judge callers.
    functions: BTreeSet<&'e str>,
}

impl<'e> Sources<'e> {
    pub fn of(estate: &'e Estate) -> Sources<'e> {
        let rest = estate.aws.rest.iter();
        let rest = rest.flat_map(|gate| gate.api.authorizers.known().into_iter().flatten());
        let http = estate.aws.http.iter();
        let http = http.flat_map(|gate| gate.api.authorizers.known().into_iter().flatten());
        let uris = rest.filter_map(|one| one.uri.as_deref());
        let uris = uris.chain(http.filter_map(|one| one.uri.as_deref()));
        Sources {
            files: &estate.authorizing,
            functions: uris.filter_map(function).collect(),
        }
    }

    /// What the function of an authorizer answers with: by the file that shares most of its name
    /// with it, where no other function shares as much; or by the only file, where there is only
    /// one function.
    pub fn of_function(&self, uri: &str) -> Option<Answers> {
        let own = function(uri)?;
        let best = self.files.iter().map(|file| shared(file, own)).max()?;
        let mut files = self.files.iter().filter(|file| shared(file, own) == best);
        let (file, is_only) = (files.next()?, files.next().is_none());
        let mut others = self.functions.iter().filter(|other| **other != own);
        let is_own = match best {
            0 => self.functions.len() == 1,
            best => others.all(|other| shared(file, other) < best),
        };
        (is_only && is_own).then_some(file.answers)
    }
}

/// How many letters of a function's name stand as words in the path of a file.
fn shared(file: &Authorizing, function: &str) -> usize {
    let of_path = words(
        file.path
            .rsplit_once('.')
            .map_or(&*file.path, |(stem, _)| stem),
    );
    let own = words(function);
    let both = own.intersection(&of_path);
    both.map(String::len).sum()
}

fn words(text: &str) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    let mut word = String::new();
    let mut was_lower = false;
    for char in text.chars().chain([' ']) {
        // `tokenAuthorizer` is two words.
        let ends = !char.is_ascii_alphanumeric() || (was_lower && char.is_ascii_uppercase());
        if ends && !word.is_empty() {
            let whole = std::mem::take(&mut word);
            let one = whole.strip_suffix('s').unwrap_or(&whole);
            words.insert(one.to_owned());
        }
        if char.is_ascii_alphanumeric() {
            word.push(char.to_ascii_lowercase());
        }
        was_lower = char.is_ascii_lowercase() || char.is_ascii_digit();
    }
    words.retain(|word| word.len() > 3 && !COMMON.contains(&word.as_str()));
    words
}

/// The name of the function that an authorizer calls.
fn function(uri: &str) -> Option<&str> {
    let (_, name) = uri.rsplit_once(":function:")?;
    name.split(['/', ':']).next()
}
