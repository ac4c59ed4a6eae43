//! What a file's name says of it.

use std::path::Path;

pub enum Name {
    Nginx,
    Foreign,
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
        Some((_, extension)) if LANGUAGES.contains(&extension) => Name::Foreign,
        _ => Name::Open,
    }
}

/// Whether a file stands where nginx is told to look, under a name that it takes there. What reads
/// like a configuration in such a place is one, however short.
pub fn is_at_home(path: &Path) -> bool {
    let has_name = path
        .extension()
        .is_none_or(|extension| extension.eq_ignore_ascii_case("conf"));
    let folders = path.parent().into_iter().flat_map(Path::components);
    has_name
        && folders
            .filter_map(|folder| folder.as_os_str().to_str())
            .any(|folder| HOMES.iter().any(|home| folder.eq_ignore_ascii_case(home)))
}

/// Folders that packages of nginx, and those who write for it, keep its files in.
const HOMES: &[&str] = &[
    "conf.d",
    "http.d",
    "nginx",
    "sites-available",
    "sites-enabled",
    "snippets",
    "vhosts",
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
