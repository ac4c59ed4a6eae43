//! Configurations made by chance, the same at each run.

use std::fmt::Write as _;

/// SplitMix64: small, and the same on every machine.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % bound as u64) as usize
    }

    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }
}

/// What stands once in a configuration that has the sites of [`site`].
pub const HEAD: &str = r#"    default_type application/octet-stream;
    log_format main '$remote_addr - $remote_user [$time_local] "$request" '
                    '$status $body_bytes_sent "$http_referer" "$http_user_agent"';
    sendfile on;
    keepalive_timeout 65;
    gzip on;
    gzip_types text/css application/javascript application/json image/svg+xml;
    limit_req_zone $binary_remote_addr zone=perip:10m rate=20r/s;
    set_real_ip_from 10.0.0.0/8;
    real_ip_header X-Forwarded-For;
    map $http_upgrade $connection_upgrade { default upgrade; "" close; }
"#;

/// Locations as public configurations have them, the frequent ones more than once.
const LOCATIONS: &[&str] = &[
    r#"
    location / {
        proxy_set_header Host $host;
        proxy_set_header X-Real-IP $remote_addr;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        proxy_set_header X-Forwarded-Proto $scheme;
        proxy_read_timeout 60s;
        proxy_pass http://app_NAME;
    }
"#,
    r#"
    location /static/ {
        alias /srv/NAME/static/;
        expires 30d;
        add_header Cache-Control "public, max-age=2592000";
        access_log off;
    }
"#,
    r#"
    location ~* \.(?:css|js|png|jpe?g|gif|ico|svg|woff2?)$ {
        root /srv/NAME/www;
        expires 7d;
        access_log off;
    }
"#,
    r#"
    location ~ /\.(?!well-known) {
        deny all;
    }
"#,
    r#"
    location /api/ {
        limit_req zone=perip burst=40 nodelay;
        if ($request_method = OPTIONS) {
            return 204;
        }
        add_header Access-Control-Allow-Origin https://NAME.example.com always;
        add_header Access-Control-Allow-Headers "Authorization, Content-Type" always;
        add_header Vary Origin always;
        proxy_set_header Host $host;
        proxy_set_header Authorization $http_authorization;
        proxy_pass http://app_NAME/v1/;
    }
"#,
    r#"
    location /admin/ {
        allow 10.0.0.0/8;
        allow 192.0.2.0/24;  # the office
        deny all;
        auth_basic "NAME";
        auth_basic_user_file /etc/nginx/htpasswd/NAME;
        proxy_set_header Host $host;
        proxy_pass http://app_NAME;
    }
"#,
    r#"
    location ~ \.php$ {
        include fastcgi_params;
        fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
        fastcgi_pass unix:/run/php/NAME.sock;
    }
"#,
    r#"
    location /ws {
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $connection_upgrade;
        proxy_set_header Host $host;
        proxy_pass http://app_NAME;
    }
"#,
    r#"
    location = /healthz {
        access_log off;
        return 200 "ok\n";
    }
"#,
    r#"
    location /blog {
        try_files $uri $uri/ /blog/index.php?$args;
        rewrite ^/blog/feed/?$ /blog/index.php?feed=rss2 last;
    }
"#,
];

/// One site: its group of upstreams, a redirect to HTTPS, and a server with some locations.
pub fn site(random: &mut Random, number: usize) -> String {
    let mut text = String::new();
    let (high, low) = (number / 200 % 200, number % 200);
    let _ = write!(
        text,
        r#"
# Site {number}.
upstream app_NAME {{
    server 10.{high}.{low}.1:8080 max_fails=3;
    server 10.{high}.{low}.2:8080 backup;
    keepalive 32;
}}
server {{
    listen 80;
    server_name NAME.example.com www.NAME.example.com;
    return 301 https://NAME.example.com$request_uri;
}}
server {{
    listen 443 ssl;
    server_name NAME.example.com {}NAME.example.com;
    root /srv/NAME/www;
    ssl_certificate /etc/ssl/NAME/fullchain.pem;
    ssl_certificate_key /etc/ssl/NAME/key.pem;
    access_log /var/log/nginx/NAME.log main;
    client_max_body_size {}m;
    add_header Strict-Transport-Security "max-age=31536000" always;
    error_page 500 502 503 504 /50x.html;
"#,
        random.pick(&["www.", "*."]),
        1 + random.below(64),
    );
    for location in LOCATIONS {
        if random.below(4) > 0 {
            text.push_str(location);
        }
    }
    text.push_str("}\n");
    text.replace("NAME", &format!("site{number}"))
}

/// A configuration in one file, of at least so many bytes.
pub fn one_file(bytes: usize) -> String {
    let mut random = Random::new(403);
    let mut text = format!("events {{}}\nhttp {{\n{HEAD}");
    for number in 0.. {
        if text.len() >= bytes {
            break;
        }
        text.push_str(&site(&mut random, number));
    }
    text.push_str("}\n");
    text
}
