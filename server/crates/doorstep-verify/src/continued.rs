//! Logs that were continued, in words: what their operator says was lost, and how to say that one takes it.

use doorstep_log::verify::{ContinuedReport, Report};

use crate::Lang;
use crate::text::clean;

/// The first line of a report about logs of which one was continued and in which nothing else is wrong.
pub(crate) fn continued_title(lang: Lang, report: &Report) -> String {
    let (lost, taken) = (report.leaves_lost(), report.ok);
    let english = match (taken, lost) {
        (false, 0) => {
            "NOT ALL VERIFIED: what is here was not altered, but a log was closed and goes on as a new one".to_owned()
        }
        (false, _) => format!("NOT ALL VERIFIED: what is here was not altered, but {lost} signed leaves are lost"),
        (true, 0) => "verified: nothing here was altered; you take it that a log was closed and goes on".to_owned(),
        (true, _) => format!("verified: nothing here was altered; you take it that {lost} signed leaves are lost"),
    };
    let chinese = match (taken, lost) {
        (false, 0) => "未全部验证：现有内容未发现改动，但有日志已被关闭并以新日志继续".to_owned(),
        (false, _) => format!("未全部验证：现有内容未发现改动，但有 {lost} 条已签名的条目丢失"),
        (true, 0) => "已验证：现有内容未发现改动；您已接受有日志被关闭并继续".to_owned(),
        (true, _) => format!("已验证：现有内容未发现改动；您已接受 {lost} 条已签名的条目丢失"),
    };
    lang.pick(&english, &chinese).to_owned()
}

/// What is said of one continuation.
pub(crate) fn continued_said(lang: Lang, continued: &ContinuedReport) -> Vec<String> {
    let ContinuedReport {
        known_size,
        left_size,
        lost,
        ..
    } = continued;
    let (origin, next) = (clean(&continued.origin), clean(&continued.next));
    let english = format!(
        "{origin} was closed and goes on as {next}; by the operator's word {known_size} leaves were signed, {left_size} are \
         left, {lost} are lost"
    );
    let chinese = format!(
        "{origin} 已被关闭并以 {next} 继续；据运营方所述，已签名 {known_size} 条，留存 {left_size} 条，丢失 {lost} 条"
    );
    let mut lines = vec![lang.pick(&english, &chinese).to_owned()];
    if !continued.accepted {
        let remedy = lang.pick(
            "find out what happened, and whether anybody holds what is lost; if you take it, verify again with",
            "请查明原因，并确认是否有人持有丢失部分；若可接受，请再次验证并加上",
        );
        lines.push(format!("    {remedy} --accept-continued {origin}"));
    }
    lines
}
