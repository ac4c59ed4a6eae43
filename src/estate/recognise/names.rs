//! What a file's name says of it.

use std::path::Path;

pub enum Name {
    Nginx,
    Foreign,
    /// It may be called after a domain or after a language; a server in it has to say.
    Site,
    /// Its content has to say.
    Open,
}

pub fn judge(path: &Path) -> Name {
    let name = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .to_ascii_lowercase();
    if name.starts_with("dockerfile") {
        return Name::Foreign;
    }
    if name == "nginx.conf"
        || name.ends_with(".nginx")
        || name.ends_with(".nginx.conf")
        || FRAGMENTS.contains(&name.as_str())
    {
        return Name::Nginx;
    }
    if FOREIGN.contains(&name.as_str()) {
        return Name::Foreign;
    }
    match name.rsplit_once('.') {
        Some((_, extension)) if LANGUAGES.contains(&extension) => {
            let labels = domain_labels(&name);
            match labels > 2 || labels == 2 && in_home(path) {
                true => Name::Site,
                false => Name::Foreign,
            }
        }
        _ => Name::Open,
    }
}

/// How many labels the domain has after which a file with the extension of a language may be
/// called: `www.rust-lang.org`, `shop.example.sh`; none if it is no domain.
fn domain_labels(name: &str) -> usize {
    let mut labels = name.split('.');
    let is_label = |label: &str| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        !label.is_empty() && label.bytes().all(allowed)
    };
    let is_domain = labels.clone().all(is_label)
        && labels
            .next_back()
            .is_some_and(|top| TOP_LEVEL.contains(&top))
        && labels.next().is_some_and(|first| !FOREIGN.contains(&first));
    if is_domain {
        name.split('.').count()
    } else {
        0
    }
}

/// Whether a file stands where nginx is told to look, under a name that it takes there. What reads
/// like a configuration in such a place is one, however short.
pub fn is_at_home(path: &Path) -> bool {
    let has_name = path
        .extension()
        .is_none_or(|extension| extension.eq_ignore_ascii_case("conf"));
    has_name && in_home(path)
}

fn in_home(path: &Path) -> bool {
    let folders = path.parent().into_iter().flat_map(Path::components);
    folders
        .filter_map(|folder| folder.as_os_str().to_str())
        .map(str::to_ascii_lowercase)
        .any(|folder| folder.starts_with("sites-") || HOMES.contains(&folder.as_str()))
}

/// Folders that packages of nginx, and those who write for it, keep its files in.
const HOMES: &[&str] = &[
    "conf.d", "http.d", "nginx", "snippets", "vhost.d", "vhosts", "vhosts.d",
];

/// Those of [`LANGUAGES`] that are domains, too.
const TOP_LEVEL: &[&str] = &[
    "cc",
    "md",
    "mk",
    "mov",
    "org",
    "pl",
    "pm",
    "properties",
    "py",
    "rs",
    "sh",
    "so",
    "tf",
    "zip",
];

/// Files that come with nginx; they hold nothing but parameters.
const FRAGMENTS: &[&str] = &[
    "fastcgi.conf",
    "fastcgi_params",
    "koi-utf",
    "koi-win",
    "mime.types",
    "proxy_params",
    "scgi_params",
    "uwsgi_params",
    "win-utf",
];

const FOREIGN: &[&str] = &[
    "caddyfile",
    "changelog",
    "containerfile",
    "gemfile",
    "haproxy.cfg",
    "httpd.conf",
    "jenkinsfile",
    "license",
    "makefile",
    "named.conf",
    "procfile",
    "rakefile",
    "readme",
    "supervisord.conf",
    "vagrantfile",
    "varnish.vcl",
];

/// Extensions of files that hold something else, be it a program that writes an nginx
/// configuration. A name such as `app.conf.erb` ends in none of them.
const LANGUAGES: &[&str] = &[
    "7z",
    "adoc",
    "asciidoc",
    "avi",
    "bash",
    "bat",
    "bin",
    "bmp",
    "bz2",
    "c",
    "cc",
    "cfn",
    "cjs",
    "class",
    "clj",
    "cmake",
    "coffee",
    "cpp",
    "crt",
    "cs",
    "css",
    "csv",
    "dart",
    "der",
    "diff",
    "dll",
    "dockerfile",
    "ejs",
    "elm",
    "eot",
    "ex",
    "exs",
    "fish",
    "gif",
    "go",
    "gradle",
    "groovy",
    "gz",
    "h",
    "haml",
    "hbs",
    "hcl",
    "hpp",
    "htm",
    "html",
    "ico",
    "ini",
    "ipynb",
    "jar",
    "java",
    "jpeg",
    "jpg",
    "js",
    "json",
    "json5",
    "jsonc",
    "jsx",
    "key",
    "kt",
    "less",
    "lock",
    "lua",
    "m",
    "map",
    "markdown",
    "md",
    "mdx",
    "mjs",
    "mk",
    "mov",
    "mp3",
    "mp4",
    "nix",
    "o",
    "org",
    "otf",
    "patch",
    "pdf",
    "pem",
    "php",
    "pl",
    "pm",
    "png",
    "po",
    "pot",
    "pp",
    "properties",
    "proto",
    "ps1",
    "pug",
    "py",
    "pyc",
    "r",
    "rb",
    "rs",
    "rst",
    "sass",
    "scala",
    "scss",
    "service",
    "sh",
    "snap",
    "so",
    "sql",
    "svelte",
    "svg",
    "swift",
    "t",
    "tar",
    "tf",
    "tfvars",
    "tgz",
    "toml",
    "ts",
    "tsv",
    "tsx",
    "ttf",
    "vcl",
    "vue",
    "wasm",
    "webm",
    "webp",
    "whl",
    "woff",
    "woff2",
    "xml",
    "xz",
    "yaml",
    "yml",
    "zip",
    "zsh",
];
