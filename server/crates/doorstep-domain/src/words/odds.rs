//! Words of chances and of what a visit is worth.

use super::words;
use crate::odds::{AmountBand, DayClass, HourBand, OddsFactor, OddsGroup, OddsOf, Reached};
use crate::worth::WorthItem;

words!(OddsOf {
    Meeting => "meeting somebody", "见到人";
    Agreement => "an agreement once met", "见面后达成约定";
});

words!(DayClass {
    Workday => "Monday to Friday", "周一至周五";
    Saturday => "Saturday", "周六";
    Sunday => "Sunday", "周日";
});

words!(HourBand {
    Before8 => "before 8:00", "8:00 之前";
    From8 => "8:00–10:00", "8:00–10:00";
    From10 => "10:00–12:00", "10:00–12:00";
    From12 => "12:00–14:00", "12:00–14:00";
    From14 => "14:00–16:00", "14:00–16:00";
    From16 => "16:00–18:00", "16:00–18:00";
    From18 => "18:00–20:00", "18:00–20:00";
    From20 => "from 20:00", "20:00 之后";
});

words!(AmountBand {
    Under500 => "less than 500", "不足 500";
    Under2000 => "500 to 2,000", "500 至 2,000";
    Under10000 => "2,000 to 10,000", "2,000 至 10,000";
    Under50000 => "10,000 to 50,000", "10,000 至 50,000";
    From50000 => "50,000 and more", "50,000 及以上";
});

words!(Reached {
    Untried => "no other channel tried", "未用其他渠道";
    Unanswered => "not reached by other channels", "其他渠道未联系上";
    Reached => "reached by another channel", "其他渠道已联系上";
});

words!(OddsFactor {
    Prior => "assumed before any visit", "无外访时的假定";
    All => "all visits", "全部外访";
    Place => "kind of place", "地点类型";
    Day => "class of day", "日期类型";
    Hours => "hours", "时段";
    Area => "country", "国家或地区";
    Stage => "stage", "逾期阶段";
    Amount => "amount owed", "欠款金额";
    Reached => "other channels", "其他渠道";
});

words!(OddsGroup {
    Portfolio => "portfolio", "产品";
    Team => "team and its territory", "团队及其辖区";
    Place => "kind of place", "地点类型";
});

words!(WorthItem {
    Meeting => "good of meeting somebody", "见面的益处";
    Agreement => "good of an agreement", "达成约定的益处";
    Labour => "the crew's time", "人工";
    Travel => "the way", "路程";
    Harm => "harm to the person", "对当事人的打扰";
    Complaint => "risk of a complaint", "投诉风险";
    Letter => "good of a letter", "信函的益处";
    Postage => "cost of a letter", "信函成本";
    Waiting => "cost of waiting", "等待的成本";
});
