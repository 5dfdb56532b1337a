//! What users and servers meet, one file a subject. One binary, so that it links once.

#![allow(clippy::unwrap_used, reason = "a test that panics has failed, as it should")]

mod answer;
mod architecture;
mod batch;
mod browser;
mod calibrate;
mod checklist;
mod diagram;
mod drill;
#[cfg(target_os = "linux")]
mod full_disk;
mod grade;
mod hostile;
mod interview;
mod interview_grades;
mod interviewer;
mod llm;
mod material;
mod model;
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
mod review;
mod scale;
mod sessions;
mod support;
mod transcripts;
mod year;
