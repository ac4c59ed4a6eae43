//! Parameters with which nginx takes each directive, where its place is right.

/// What stands for a parameter that is one too many.
pub const FILLER: &str = "extra";

/// What rate limits refer to, and folders in which nginx may write.
const ZONES: &str = "limit_req_zone $uri zone=z:1m rate=1r/s; limit_req_zone $uri zone=y:1m rate=1r/s; \
    limit_conn_zone $uri zone=c:1m; \
    client_body_temp_path t; proxy_temp_path t; fastcgi_temp_path t; uwsgi_temp_path t; \
    scgi_temp_path t;";

/// A server that `nginx -t` can open without being in anybody's way.
const SOCKET: &str = "listen unix:nginx.sock; set $memcached_key a;";

/// The configuration with what every one needs.
pub fn fill(text: &str) -> String {
    text.replace("ZONES", ZONES).replace("SOCKET", SOCKET)
}

pub fn args(name: &str) -> &'static [&'static str] {
    match name {
        "server" | "break" | "stub_status" | "empty_gif" | "internal" => &[],
        "location" => &["/l/a/"],
        "if" => &["($arg_a)"],
        "limit_except" => &["GET"],
        "map" => &["$uri", "$mapped"],
        "geo" => &["$located"],
        "split_clients" => &["$uri", "$drawn"],
        "upstream" => &["group"],
        "listen" => &["unix:other.sock"],
        "server_name" => &["shop.test"],
        "set" => &["$a", "b"],
        "return" => &["403"],
        "rewrite" => &["^/a$", "/b"],
        "allow" | "deny" | "set_real_ip_from" => &["192.0.2.0/24"],
        "satisfy" => &["any"],
        "auth_request_set" => &["$user", "$upstream_http_user"],
        "add_header" => &["X-A", "b", "always"],
        "proxy_pass" => &["http://127.0.0.1:1"],
        "fastcgi_pass" | "uwsgi_pass" | "scgi_pass" | "memcached_pass" => &["127.0.0.1:1"],
        "grpc_pass" => &["grpc://127.0.0.1:1"],
        "proxy_set_header" | "grpc_set_header" => &["X-A", "b"],
        "fastcgi_param" | "uwsgi_param" | "scgi_param" => &["A", "b", "if_not_empty"],
        "proxy_http_version" => &["1.1"],
        "fastcgi_split_path_info" => &["^(.+)(/.+)$"],
        "try_files" => &["$uri", "=404"],
        "error_page" => &["403", "/403.html"],
        "client_max_body_size" => &["1m"],
        "limit_req" => &["zone=z", "burst=2", "nodelay"],
        "limit_conn" => &["c", "1"],
        "limit_req_status" | "limit_conn_status" => &["429"],
        "valid_referers" => &["shop.test"],
        "ssl_verify_client" => &["off"],
        name if is_flag(name) => &["on"],
        _ => &["word"],
    }
}

fn is_flag(name: &str) -> bool {
    why403::gates::nginx::directives::spec(name.as_bytes()).is_some_and(|spec| spec.flag)
}

/// What stands in a block.
pub fn body(name: &str) -> &'static str {
    match name {
        "upstream" => " { server 127.0.0.1:1; }",
        "split_clients" => " { * \"\"; }",
        _ => " {}",
    }
}
