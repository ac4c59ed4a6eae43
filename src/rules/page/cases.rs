//! The examples of a page: small projects, each of one or more fenced files.

use std::ops::Range;

use super::PageError;

/// One project, and what the program has to say about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case<'p> {
    /// Its `### ` heading or `case=` word; else its number.
    pub name: String,
    pub files: Vec<CaseFile<'p>>,
    /// What the terminal prints; of a bad case only.
    pub report: Option<Report<'p>>,
    /// Notes may be printed with `--strict`.
    pub notes: bool,
    /// Other rules that have something to say here, too.
    pub also: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseFile<'p> {
    /// Relative, with `/`.
    pub path: String,
    pub text: &'p str,
}

/// A fenced `report`, and where its text stands on the page, so that it can be written anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report<'p> {
    pub text: &'p str,
    pub place: Range<usize>,
}

/// The cases of `## Bad`: each ends with its report.
pub(super) fn bad(section: &str, at: usize) -> Result<Vec<Case<'_>>, PageError> {
    let mut cases = Vec::new();
    let mut open: Option<Case> = None;
    for fence in fences(section) {
        if fence.language == "report" {
            let Some(mut case) = open.take() else {
                return Err(PageError(
                    "a report in `## Bad` has no file above it".into(),
                ));
            };
            let start = at + fence.place.start;
            case.report = Some(Report {
                text: fence.text,
                place: start..start + fence.text.len(),
            });
            cases.push(case);
            continue;
        }
        let number = cases.len() + 1;
        add(open.get_or_insert_with(|| Case::named(number)), &fence)?;
    }
    match open {
        Some(_) => Err(PageError(
            "a file in `## Bad` has no report below it".into(),
        )),
        None if cases.is_empty() => Err(PageError("`## Bad` shows no file".into())),
        None => Ok(cases),
    }
}

/// The cases of `## Good`: files under one `### ` heading or with one `case=` word belong
/// together, any other file stands alone.
pub(super) fn good(section: &str) -> Result<Vec<Case<'_>>, PageError> {
    let mut cases: Vec<Case> = Vec::new();
    for fence in fences(section) {
        if fence.language == "report" {
            return Err(PageError(
                "`## Good` has a report: nothing may be printed".into(),
            ));
        }
        let name = fence.word("case").or(fence.heading);
        let known = cases
            .iter()
            .position(|case| name.is_some_and(|name| case.name == name));
        let at = known.unwrap_or_else(|| {
            let mut case = Case::named(cases.len() + 1);
            if let Some(name) = name {
                case.name = name.to_owned();
            }
            cases.push(case);
            cases.len() - 1
        });
        add(&mut cases[at], &fence)?;
    }
    if cases.is_empty() {
        return Err(PageError("`## Good` shows no file".into()));
    }
    Ok(cases)
}

impl Case<'_> {
    fn named(number: usize) -> Self {
        Case {
            name: number.to_string(),
            files: Vec::new(),
            report: None,
            notes: false,
            also: Vec::new(),
        }
    }
}

fn add<'p>(case: &mut Case<'p>, fence: &Fence<'p>) -> Result<(), PageError> {
    let path = match (fence.word("file"), fence.language) {
        (Some(path), _) => path,
        (None, "nginx") => "nginx.conf",
        (None, language) => {
            return Err(PageError(format!("a block of `{language}` has no `file=`")));
        }
    };
    let stays_inside = !path.starts_with('/') && path.split('/').all(|part| part != "..");
    if !stays_inside {
        return Err(PageError(format!(
            "`{path}` is not below the page's folder"
        )));
    }
    if case.files.iter().any(|file| file.path == path) {
        return Err(PageError(format!("`{path}` stands twice in one case")));
    }
    case.notes |= fence.words().any(|word| word == "notes");
    if let Some(rules) = fence.word("also") {
        case.also.extend(rules.split(',').map(str::to_owned));
    }
    case.files.push(CaseFile {
        path: path.to_owned(),
        text: fence.text,
    });
    Ok(())
}

/// A fenced block.
struct Fence<'p> {
    language: &'p str,
    info: &'p str,
    text: &'p str,
    /// Where the text stands in the section.
    place: Range<usize>,
    /// The `### ` heading that it stands under.
    heading: Option<&'p str>,
}

impl<'p> Fence<'p> {
    fn words(&self) -> impl Iterator<Item = &'p str> {
        self.info.split_whitespace()
    }

    fn word(&self, key: &str) -> Option<&'p str> {
        self.words()
            .find_map(|word| word.strip_prefix(key)?.strip_prefix('='))
    }
}

fn fences(section: &str) -> Vec<Fence<'_>> {
    let mut fences = Vec::new();
    let mut heading = None;
    let mut open: Option<(&str, usize)> = None;
    let mut offset = 0;
    for line in section.split_inclusive('\n') {
        match (open, line.strip_prefix("```")) {
            (None, Some(info)) => open = Some((info.trim(), offset + line.len())),
            (Some((info, start)), Some(_)) => {
                fences.push(Fence {
                    language: info.split_whitespace().next().unwrap_or_default(),
                    info,
                    text: &section[start..offset],
                    place: start..offset,
                    heading,
                });
                open = None;
            }
            (None, None) => {
                if let Some(title) = line.strip_prefix("### ") {
                    heading = Some(title.trim());
                }
            }
            (Some(_), None) => {}
        }
        offset += line.len();
    }
    fences
}
