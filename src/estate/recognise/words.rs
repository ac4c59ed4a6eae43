//! What one line of a file says of its language.

use bstr::ByteSlice;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// A directive that no other language has.
    Distinctive,
    /// A directive whose name other languages use, too.
    Common,
    /// It could stand in nginx as well as elsewhere.
    Neutral,
    /// It ends neither a directive nor a block.
    Loose,
    /// Nginx has no such line.
    Foreign,
}

/// Weighs a line without its comment; `ends` says that `;`, `{` or `}` ends it.
pub fn weigh(line: &[u8], ends: bool) -> Weight {
    let length = line
        .iter()
        .position(|byte| !(byte.is_ascii_alphanumeric() || *byte == b'_'))
        .unwrap_or(line.len());
    let (word, rest) = line.split_at(length);
    if ends && is_directive_end(rest) && !assigns(rest) {
        if is_distinctive(word, rest) {
            return Weight::Distinctive;
        }
        if COMMON.contains(&word.to_str().unwrap_or_default()) {
            return Weight::Common;
        }
    }
    if is_foreign(line, rest) {
        Weight::Foreign
    } else if ends {
        Weight::Neutral
    } else {
        Weight::Loose
    }
}

/// Nothing but a mark of a template language, such as `{% if tls %}` or `<% end %>`.
pub fn is_template_mark(line: &[u8]) -> bool {
    [
        (&b"{%"[..], &b"%}"[..]),
        (b"{{", b"}}"),
        (b"{#", b"#}"),
        (b"<%", b"%>"),
        (b"<?", b"?>"),
        (b"[%", b"%]"),
        (b"@", b"@"),
        (b"${", b"}"),
        (b"%", b""), // Mako, ERB's trim mode
    ]
    .iter()
    .any(|(open, close)| line.starts_with(open) && line.ends_with(close))
}

/// After the name of a directive comes a blank, `;` or `{`.
fn is_directive_end(rest: &[u8]) -> bool {
    rest.first()
        .is_some_and(|byte| byte.is_ascii_whitespace() || matches!(byte, b';' | b'{'))
}

/// `root = "/srv"`, `server => {`
fn assigns(rest: &[u8]) -> bool {
    let rest = rest.trim_ascii_start();
    (rest.starts_with(b"=") && !rest.starts_with(b"= /") && !rest.starts_with(b"=/"))
        || rest.starts_with(b":")
        || rest.starts_with(b"+=")
}

fn is_distinctive(word: &[u8], rest: &[u8]) -> bool {
    match word {
        b"location" => rest.ends_with(b"{") || rest.ends_with(b"}"),
        // BIND's and dhcpd's `server` and others' `listen` take other things.
        b"listen" => rest.iter().any(u8::is_ascii_digit) || rest.contains_str("unix:"),
        b"upstream" => rest.trim_ascii_start().first() != Some(&b'{'),
        _ => {
            let Ok(word) = word.to_str() else {
                return false;
            };
            DISTINCTIVE.contains(&word) || MODULES.iter().any(|module| word.starts_with(module))
        }
    }
}

fn is_foreign(line: &[u8], rest: &[u8]) -> bool {
    let quoted = matches!(line.first(), Some(b'"' | b'\''));
    assigns(rest)
        || rest.starts_with(b"(")
        || rest.starts_with(b".") && rest.contains(&b'=')
        || (line.starts_with(b"<") && !line.starts_with(b"<%"))
        || (line.starts_with(b"[") && line.ends_with(b"]"))
        || line.ends_with(b",")
        || line.ends_with(b":")
        || line.ends_with(b");") && !line.starts_with(b"if") && rest.starts_with(b"(")
        || [
            &b"- "[..],
            b"* ",
            b"//",
            b"/*",
            b"$ ",
            b"```",
            b"==",
            b"->",
            b"@",
            b"});",
        ]
        .iter()
        .any(|start| line.starts_with(start))
        || (!quoted && line.contains_str(" => "))
}

/// Starts of the names of directives that come in families.
const MODULES: &[&str] = &[
    "ajp_",
    "auth_jwt",
    "auth_request",
    "auth_basic",
    "brotli",
    "client_",
    "fastcgi_",
    "geoip",
    "grpc_",
    "gunzip",
    "gzip_",
    "http2_",
    "js_",
    "keepalive_",
    "large_client_header",
    "limit_",
    "lua_",
    "more_set_",
    "more_clear_",
    "open_file_cache",
    "passenger_",
    "perl_",
    "proxy_",
    "real_ip_",
    "rewrite_by_lua",
    "access_by_lua",
    "content_by_lua",
    "scgi_",
    "secure_link",
    "sub_filter",
    "ssl_",
    "uwsgi_",
    "vhost_traffic_",
    "worker_",
    "zstd",
];

const DISTINCTIVE: &[&str] = &[
    "absolute_redirect",
    "access_log",
    "add_header",
    "add_trailer",
    "autoindex",
    "chunked_transfer_encoding",
    "default_type",
    "error_log",
    "error_page",
    "expires",
    "ip_hash",
    "least_conn",
    "load_module",
    "log_format",
    "log_not_found",
    "memcached_pass",
    "merge_slashes",
    "port_in_redirect",
    "reset_timedout_connection",
    "resolver_timeout",
    "satisfy",
    "sendfile",
    "server_name",
    "server_name_in_redirect",
    "server_names_hash_bucket_size",
    "server_names_hash_max_size",
    "server_tokens",
    "set_by_lua_block",
    "set_real_ip_from",
    "split_clients",
    "ssi",
    "stub_status",
    "tcp_nodelay",
    "tcp_nopush",
    "try_files",
    "types_hash_max_size",
    "underscores_in_headers",
    "variables_hash_max_size",
    "map_hash_bucket_size",
    "map_hash_max_size",
];

const COMMON: &[&str] = &[
    "alias", "allow", "break", "charset", "default", "deny", "env", "etag", "events", "geo",
    "gzip", "hash", "http", "if", "include", "index", "internal", "mail", "map", "pid", "resolver",
    "return", "rewrite", "root", "server", "set", "stream", "types", "use", "user", "zone",
];
