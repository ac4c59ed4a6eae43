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
