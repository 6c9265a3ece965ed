//! Words of what is said at a door.

use super::words;
use crate::door::{Hearer, Moment, Saying};
use crate::receipt::NextStep;

words!(Moment {
    Greeting => "the door opens", "开门时";
    Identify => "who is this", "核实身份时";
    OtherPerson => "somebody else opens", "他人开门时";
    Child => "a child opens", "孩子开门时";
    Recording => "a recording begins", "开始录音录像时";
    Matter => "the talk", "谈话时";
    Payment => "paying comes up", "谈到付款时";
    AskedToLeave => "asked to leave", "被要求离开时";
    Distress => "somebody in distress", "对方情绪异常时";
    Danger => "you are not safe", "感到不安全时";
    HandOver => "handing over", "交付材料时";
    Farewell => "leaving", "告辞时";
});

words!(Hearer {
    Anybody => "anybody", "任何人";
    Related => "somebody concerned", "相关人";
    Identified => "the person, once recognised", "已核实的本人";
});

words!(Saying {
    Say => "say", "可以说";
    Never => "never", "不得说";
});

words!(NextStep {
    Office => "The office decides what follows; you can object at any time.", "后续由机构决定，您随时可以提出异议。";
    Answer => "What you said is written down and answered; nobody comes before that.", "您所说的已记录并将得到答复，答复之前不会有人上门。";
    Pause => "Nobody comes until somebody at the office has looked at what you said.", "在机构看过您的意见之前，不会有人上门。";
    AnotherTime => "Another time is looked for; you can name one, or none.", "将另约时间，您可以指定时间，也可以不约。";
});
