//! Words of what is said at a door.

use super::words;
use crate::door::{Hearer, Moment, Saying};

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
