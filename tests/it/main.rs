//! What users and servers meet, one file a subject. One binary, so that it links once.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed, as it should")]

mod answer;
mod architecture;
mod batch;
mod browser;
mod calibrate;
mod checklist;
mod clocks;
mod diagram;
#[cfg(unix)]
mod disk;
mod drill;
mod faults;
#[cfg(target_os = "linux")]
mod full_disk;
mod grade;
mod hostile;
mod interview;
mod interview_grades;
mod interviewer;
#[cfg(unix)]
mod kills;
mod llm;
mod material;
mod model;
mod network;
mod pack;
mod pages;
mod progress;
#[cfg(unix)]
mod pty;
mod questions;
mod readme;
#[cfg(unix)]
mod recorded;
mod recordings;
mod replays;
mod review;
mod scale;
#[cfg(unix)]
mod security;
mod sessions;
mod support;
mod transcripts;
mod year;
