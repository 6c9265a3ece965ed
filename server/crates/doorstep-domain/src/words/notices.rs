//! What the codes of notices are called.

use super::words;
use crate::notice::{NoticeChannel, NoticeState, NoticeWaiver};

words!(NoticeChannel {
    Letter => "letter", "信函";
    Message => "message", "短信";
});

words!(NoticeState {
    Queued => "waiting", "待发出";
    HandedOver => "handed over", "已交付寄送";
    Delivered => "delivered", "已送达";
    Returned => "returned", "被退回";
    Withdrawn => "withdrawn", "已撤回";
});

words!(NoticeWaiver {
    PersonAsked => "the person asked for the visit", "本人要求上门";
    Unreachable => "neither post nor phone reaches the person", "信函和电话均无法联系";
    Demonstration => "demonstration, nobody real is visited", "演示，不涉及真实个人";
});
