//! Input that means harm, or was never meant for this program: it may cost an error message, and
//! neither the machine, the terminal nor the reader's patience.

#![cfg(unix)]

mod endless;
mod files;
mod harness;
mod scripts;
mod size;
mod text;
