//! Words of recordings.

use super::words;
use crate::recording::{IntervalSource, RecordingDue, RecordingMatch, RecordingState};

words!(RecordingState {
    Receiving => "has not come whole", "未传完";
    Kept => "kept", "已保存";
    Gone => "destroyed", "已销毁";
});

words!(IntervalSource {
    Index => "index file", "索引文件";
    Minutes => "stated length", "指定时长";
    Modified => "file time", "文件修改时间";
});

words!(RecordingMatch {
    Matched => "matches", "已匹配";
    Known => "was kept before", "已存在";
    Gone => "was destroyed before", "已销毁";
    UnknownRecorder => "no such recorder", "无此记录仪";
    NotAssigned => "nobody carried the recorder", "当日无人领用";
    NoVisit => "no visit at that time", "该时段无外访";
    NotFinished => "the visit has no check-out yet", "外访尚未签退";
    SeveralVisits => "several persons: cut it", "涉及多人，请剪切";
});

words!(RecordingDue {
    Pending => "recording awaited", "待补录音录像";
    Missing => "recording missing", "缺少录音录像";
    Found => "recording kept", "录音录像已保存";
    Excused => "no recording, with a reason", "无录音录像，已说明原因";
});
