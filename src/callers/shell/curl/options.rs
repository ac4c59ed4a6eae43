//! Which options take a value, and what the letters of curl stand for.

use crate::callers::model::Client;

/// Commands that name others and do not run them.
pub const SPEAKERS: [&str; 17] = [
    "build", "pull", "push", "tag", "remove", "update", "upgrade", "echo", "printf", "install",
    "add", "which", "type", "alias", "man", "-v", "-S",
];

/// Options of curl that take a value (curl.1), by their letters and by their names.
pub const LETTERS: &str = "AbcCdDeEFhHKmoPQrtTuUwxXyYz";
const NAMES: [&str; 62] = [
    "aws-sigv4",
    "cacert",
    "capath",
    "cert",
    "cert-type",
    "ciphers",
    "config",
    "connect-timeout",
    "connect-to",
    "cookie",
    "cookie-jar",
    "data",
    "data-ascii",
    "data-binary",
    "data-raw",
    "data-urlencode",
    "dns-servers",
    "dump-header",
    "expect100-timeout",
    "form",
    "form-string",
    "happy-eyeballs-timeout-ms",
    "header",
    "interface",
    "json",
    "keepalive-time",
    "key",
    "key-type",
    "limit-rate",
    "local-port",
    "max-filesize",
    "max-redirs",
    "max-time",
    "netrc-file",
    "noproxy",
    "oauth2-bearer",
    "output",
    "output-dir",
    "pass",
    "pinnedpubkey",
    "proto",
    "proto-default",
    "proto-redir",
    "proxy",
    "proxy-header",
    "proxy-user",
    "range",
    "rate",
    "referer",
    "request",
    "request-target",
    "resolve",
    "retry",
    "retry-delay",
    "retry-max-time",
    "stderr",
    "tls-max",
    "unix-socket",
    "upload-file",
    "url",
    "user",
    "user-agent",
];
const MORE_NAMES: [&str; 14] = [
    "abstract-unix-socket",
    "preproxy",
    "proxy1.0",
    "socks4",
    "socks4a",
    "socks5",
    "socks5-hostname",
    "write-out",
    "trace",
    "trace-ascii",
    "url-query",
    "variable",
    "speed-limit",
    "speed-time",
];
const OF_AWSCURL: [&str; 8] = [
    "service",
    "region",
    "profile",
    "access_key",
    "secret_key",
    "session_token",
    "security_token",
    "request",
];
const OF_WGET: [&str; 14] = [
    "method",
    "body-data",
    "body-file",
    "post-data",
    "post-file",
    "header",
    "user",
    "password",
    "output-document",
    "timeout",
    "tries",
    "output-file",
    "user-agent",
    "directory-prefix",
];

/// Who gets the request then is somebody else, who may sign what he hands on.
pub const DIVERTING: [&str; 6] = [
    "abstract-unix-socket",
    "connect-to",
    "preproxy",
    "proxy",
    "resolve",
    "unix-socket",
];

/// Whether the next word belongs to an option.
pub fn takes_value(client: Client, name: &str) -> bool {
    let is_of_curl = NAMES.contains(&name) || MORE_NAMES.contains(&name);
    match client {
        Client::Wget => OF_WGET.contains(&name),
        Client::Awscurl => OF_AWSCURL.contains(&name) || is_of_curl,
        _ => is_of_curl,
    }
}

/// The long name of a letter, if it decides something here.
pub fn name_of(letter: char) -> &'static str {
    match letter {
        'X' => "request",
        'H' => "header",
        'd' => "data",
        'F' => "form",
        'T' => "upload-file",
        'u' => "user",
        'I' => "head",
        'G' => "get",
        'K' => "config",
        'x' => "proxy",
        _ => "",
    }
}
