//! Files of a folder (`express.static`, serve-static).

use super::checks::Refusal;
use super::{Flow, Run};
use crate::gate::{Check, Effect, Unsure};
use crate::gates::express::stack::Function;

impl Run<'_> {
    /// Files of a folder: what is there is answered, what is not goes on, or is answered, too
    /// (serve-static, index.js).
    pub(super) fn files(&mut self, function: &Function, falls_through: bool) -> Flow {
        let span = function.span;
        if !matches!(self.request.method.as_str(), "GET" | "HEAD") {
            if falls_through {
                return Flow::Next;
            }
            let detail = format!("{} answers GET and HEAD", function.name);
            return Flow::End(self.refuse(span, Check::Method, 405, detail));
        }
        // The folder itself, asked for without the slash at its end.
        let is_folder = self.here == "/" && !self.request.path().ends_with(b"/");
        let folder = Unsure::IsDirectory(self.request.path().to_string());
        if is_folder && self.oracle.decide(folder, Some(span), true) {
            self.step(span, Effect::Answers { status: 301 });
            return Flow::End(self.answered(301, span));
        }
        let file = Unsure::IsFile(self.here.clone());
        if !self.oracle.decide(file, Some(span), false) {
            if falls_through {
                return Flow::Next;
            }
            let refusal = Refusal {
                check: Check::File,
                status: 404,
                detail: format!("{} has no such file", function.name),
            };
            return self.turn_away(span, refusal, true);
        }
        self.step(span, Effect::Answers { status: 200 });
        Flow::End(self.answered(200, span))
    }
}
