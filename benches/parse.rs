//! How fast a configuration is parsed: `cargo bench --bench parse [file]`.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use why403::syntax::nginx::parse;

const SITE: &str = r#"
# One of many sites.
upstream app_NAME {
    server 10.0.0.1:8080 weight=5 max_fails=3;
    server 10.0.0.2:8080;
    keepalive 32;
}
map $http_origin $cors_NAME {
    default "";
    "~^https://([a-z0-9-]{2,30}\.)?example\.(com|org)$" $http_origin;
}
server {
    listen 443 ssl http2;
    server_name NAME.example.com www.NAME.example.com;
    ssl_certificate /etc/ssl/NAME/fullchain.pem;
    add_header Content-Security-Policy "default-src 'self'; img-src *; script-src 'self'" always;
    location / {
        allow 10.0.0.0/8;  # the office
        deny all;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        proxy_set_header Host $host;
        proxy_pass http://app_NAME;
    }
    location ~* "\.(?:js|css|png)$" {
        expires 30d;
        if ($request_method = "OPTIONS") { return 204; }
        access_by_lua_block { if ngx.var.a == "}" then ngx.exit(403) end }
    }
}
"#;

fn main() {
    let file = std::env::args()
        .skip(1)
        .find(|argument| !argument.starts_with('-'));
    let text: Arc<[u8]> = match file {
        Some(path) => std::fs::read(path).expect("a file to parse").into(),
        None => {
            let sites = (0..8000).map(|number| SITE.replace("NAME", &format!("site{number}")));
            sites.collect::<String>().into_bytes().into()
        }
    };
    let rounds = 20;
    let mut best = f64::INFINITY;
    for _ in 0..rounds {
        let begun = Instant::now();
        black_box(parse(0, Arc::clone(&text)));
        best = best.min(begun.elapsed().as_secs_f64());
    }
    let megabytes = text.len() as f64 / 1e6;
    println!("{megabytes:.1} MB at {:.0} MB/s", megabytes / best);
}
